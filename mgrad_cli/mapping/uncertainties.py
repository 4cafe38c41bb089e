"""Uncertainties of variables, by row or the same in every row, and the rows in which one cannot be used."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from mgrad_cli.data.bad_rows import BadRows
from mgrad_cli.data.blocks import Block
from mgrad_cli.errors import UsageError
from mgrad_cli.kernels import Kernel
from mgrad_cli.mapping.computation import Preparation, Prepare
from mgrad_cli.mapping.figures import PropagationPlan
from mgrad_cli.program import Program


def width_of(name: str) -> str:
    """Return the input of a program that holds the standard uncertainty of a variable. No variable is called so."""
    return f"u({name})"


class Uncertainties(NamedTuple):
    """The standard uncertainties of variables, as `MapTask` holds them.

    columns       the column of the uncertainty of each variable that has one
    values        the numbers of others, in hexadecimal
    relative      what the values of others are multiplied by, in hexadecimal
    correlations  two variables and their correlation coefficient, in hexadecimal
    """

    columns: dict[str, str]
    values: dict[str, str]
    relative: dict[str, str]
    correlations: list[list[str]]

    @property
    def names(self) -> list[str]:
        """The uncertain variables."""
        return [*self.columns, *self.values, *self.relative]

    @property
    def inputs(self) -> dict[str, str]:
        """The column of each input of the program that holds an uncertainty."""
        return {width_of(name): column for name, column in self.columns.items()}

    def numbers(self, bound: Mapping[str, float]) -> dict[str, float]:
        """Return the numbers of inputs that hold an uncertainty and have no column. `bound` are those of variables."""
        found = {width_of(name): float.fromhex(bits) for name, bits in self.values.items()}
        relative = {name: float.fromhex(bits) for name, bits in self.relative.items() if name in bound}
        return found | {width_of(name): abs(bound[name]) * factor for name, factor in relative.items()}

    def propagation(self, variables: Sequence[str]) -> PropagationPlan:
        """Return how the uncertainties pass to the values. Contributions are added in the order of `variables`.

        Raises: UsageError for a correlation of a variable without an uncertainty, or correlations that cannot be.
        """
        from mgrad_cli.analysis.correlations import Correlations

        pairs = {(one, other): float.fromhex(bits) for one, other, bits in self.correlations}
        for name in (name for pair in pairs for name in pair):
            if name not in self.names:
                raise UsageError(f"--corr names '{name}', which has no uncertainty; give one with --u {name}=COLUMN")
        widths = {name: width_of(name) for name in variables if name in self.names}
        return PropagationPlan(widths, Correlations.of(pairs).factor)

    def preparations(self, variables: Mapping[str, str]) -> tuple[Preparation, ...]:
        """Return what is done to a block for its uncertainties. `variables` are those that have a column."""
        checks = [UncertaintyCheck(name, column, name in variables) for name, column in self.columns.items()]
        relative = [RelativeWidth(name, float.fromhex(bits)) for name, bits in self.relative.items()]
        return (*checks, *(each for each in relative if each.variable in variables))


@dataclass(frozen=True)
class RelativeWidth:
    """Adds the column of an uncertainty that is proportional to its variable."""

    variable: str
    factor: float

    def ready(self, make_kernel: Callable[[Program], Kernel]) -> Prepare:
        return self.add

    def add(self, block: Block) -> BadRows | None:
        block.columns[width_of(self.variable)] = abs(block.columns[self.variable]) * self.factor
        return None


@dataclass(frozen=True)
class UncertaintyCheck:
    """Finds the rows in which the uncertainty of a variable is negative, or missing while the variable has a value."""

    variable: str
    column: str
    is_column: bool

    def ready(self, make_kernel: Callable[[Program], Kernel]) -> Prepare:
        return self.bad_rows

    def bad_rows(self, block: Block) -> BadRows | None:
        import numpy

        widths = block.columns[width_of(self.variable)]
        bad = ~(widths >= 0)
        if not bad.any():
            return None
        if self.is_column:
            bad &= ~(numpy.isnan(widths) & numpy.isnan(block.columns[self.variable]))
        return BadRows(bad, lambda row: self.message(widths[row]))

    def message(self, width: Any) -> str:
        if width < 0:
            return f"the uncertainty of '{self.variable}', {float(width)!r} in column '{self.column}', is negative"
        return f"no uncertainty of '{self.variable}' in column '{self.column}'"
