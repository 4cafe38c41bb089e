"""`--solve`: a column of roots, which make the expression zero in each row, found before the program of a job runs."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from mgrad_cli.analysis.equations import as_differences
from mgrad_cli.analysis.row_roots import find_roots
from mgrad_cli.analysis.row_search import CLOSE, MESSAGES, Ending
from mgrad_cli.data.bad_rows import BadRows
from mgrad_cli.data.blocks import Block
from mgrad_cli.errors import ExpressionError, UsageError
from mgrad_cli.evaluation.value_text import parse_value
from mgrad_cli.kernels import Kernel
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.names import name_and_value
from mgrad_cli.language.outputs import check_one_output
from mgrad_cli.language.parser import Limits
from mgrad_cli.mapping.computation import Prepare
from mgrad_cli.mapping.figures import PropagationPlan
from mgrad_cli.operations.rounding import UNIT
from mgrad_cli.program import Program, differentiate, replay, substitute, trace
from mgrad_cli.program.recorder import Recorder
from mgrad_cli.suggestions import nearest

MARK = "`"
"""The prefix of the columns that searches start from, among those of a block. No variable's name contains it."""
VAGUE = 1e-4
"""The relative error of a root from which it counts as not determined."""


class Root(NamedTuple):
    """What `--solve` asks for: the unknown, and a start or the two ends of a bracket, each a number or a column."""

    unknown: str
    ends: tuple[float | str, ...]

    @property
    def columns(self) -> dict[str, str]:
        """The columns that the search starts from, by their names in a block."""
        return {f"{MARK}{column}": column for column in self.ends if isinstance(column, str)}


def root_of(text: str, columns: Collection[str], limits: Limits) -> Root:
    """Return what a text such as `vol=0.2`, `vol=start_column` or `vol=0.01:5` asks for.

    Raises: UsageError if it does not name an unknown, or an end is neither a number nor a column.

    >>> from mgrad_cli.language.parser import DEFAULT_LIMITS
    >>> root_of("vol=low:5", ["low"], DEFAULT_LIMITS)
    Root(unknown='vol', ends=('low', 5.0))
    """
    name, equals, value = name_and_value(text)
    value = value.strip()
    if not (name and equals and value):
        raise UsageError(f"--solve needs NAME=START or NAME=LOW:HIGH, not '{text}'")
    if name in columns:
        raise UsageError(f"'{name}' is the unknown of --solve and a column of the data; rename it in the expression")
    if value in columns:
        return Root(name, (value,))
    ends: list[float | str] = []
    for end in value.split(":", 1):
        try:
            ends.append(end.strip() if end.strip() in columns else parse_value(end, limits))
        except ExpressionError:
            raise UsageError(
                f"'{end.strip()}', where --solve starts, is neither a number nor a column{nearest(end, columns)}"
            ) from None
    return Root(name, tuple(ends))


@dataclass(frozen=True, slots=True)
class RootColumn:
    """Adds the column of the unknown to a block, and finds the rows without a root.

    equation    the program of the equation and its derivative by the unknown
    finish      the program of the last step of Newton's method, and of how far the root moves if each input moves by
                its own size
    """

    root: Root
    equation: Program
    finish: Program

    def ready(self, make_kernel: Callable[[Program], Kernel]) -> Prepare:
        """Return the function that adds the column to a block."""
        equation, finish = make_kernel(self.equation), make_kernel(self.finish)
        return lambda block: self.add_column(block, equation, finish)

    def add_column(self, block: Block, equation: Kernel, finish: Kernel) -> BadRows | None:
        """Add the column to a block; return the rows where it has no number."""
        import numpy

        unknown = self.root.unknown
        names = [name for name in self.equation.inputs if name != unknown]
        place = self.equation.inputs.index(unknown)

        def evaluate(kernel: Kernel, x: Any, columns: Sequence[Any]) -> tuple[Any, Any]:
            outputs = numpy.empty((2, len(x)))
            if len(x):
                kernel([*columns[:place], x, *columns[place:]], list(outputs))
            return outputs[0], outputs[1]

        columns = [block.columns[name] for name in names]
        ends = [
            block.columns[f"{MARK}{end}"] if isinstance(end, str) else numpy.full(block.rows, end)
            for end in self.root.ends
        ]
        low, high = (numpy.minimum(*ends), numpy.maximum(*ends)) if len(ends) > 1 else (None, None)
        start = ends[0] if len(ends) == 1 else (ends[0] + ends[1]) / 2
        roots, endings = find_roots(lambda x, others: evaluate(equation, x, others), columns, start, low, high)
        step, reach = evaluate(finish, roots, columns)
        with numpy.errstate(all="ignore"):
            size = numpy.abs(roots)
            is_determined = (numpy.abs(step) <= VAGUE * size) & (reach * UNIT <= VAGUE * size)
            endings[(endings == Ending.FOUND) & ~is_determined] = Ending.UNDETERMINED
            roots = numpy.where(numpy.abs(step) <= CLOSE * size, roots - step, roots)
        is_bad = endings != Ending.FOUND
        roots[is_bad] = numpy.nan
        block.columns[unknown] = roots
        if block.nulls is not None:
            is_bad &= ~block.nulls
        return BadRows(is_bad, lambda row: f"'{unknown}' is not solved for: {MESSAGES[Ending(int(endings[row]))]}")


class RootPrograms(NamedTuple):
    """The preparation that finds the roots of rows, and the program of the root, its uncertainty and derivatives."""

    preparation: RootColumn
    program: Program


def root_programs(
    script: Script,
    root: Root,
    names: Sequence[str],
    numbers: Mapping[str, float],
    wrt: Sequence[str],
    propagation: PropagationPlan | None = None,
    coverage: float | None = None,
) -> RootPrograms:
    """Return the programs that find the roots of rows.

    `names` are the variables of the script beside the unknown, and `numbers` the values of some. By the implicit
    function theorem, the derivative of a root x of F(x, p) = 0 is -F_p/F_x. The uncertainty of the root, and its
    product with the coverage factor, follow the root if there is a propagation.

    Raises: ExpressionError for several outputs, or an inequality.
    """
    check_one_output(script, "--solve")
    full = differentiate(trace(as_differences(script), [*names, root.unknown]), [root.unknown, *names])
    recorder = Recorder()
    inputs = {name: recorder.input(name) for name in full.inputs}
    registers = replay(full, inputs, recorder.constant)
    value, slope, *partials = (registers[output] for output in full.outputs)
    moves = {name: partial / slope for name, partial in zip(names, partials, strict=True)}
    reach: Any = 0.0
    for name in names:
        reach = reach + abs(moves[name] * inputs[name])
    equation = recorder.program([value, slope])
    finish = recorder.program([value / slope, reach])
    uncertainties: list[Any] = []
    if propagation is not None:
        from mgrad_cli.program.uncertainty import standard_uncertainty

        widths = {name: recorder.input(width) for name, width in propagation.widths.items()}
        slopes = {name: -moves[name] for name in widths}
        width = standard_uncertainty(slopes, widths, propagation.factor, recorder)
        uncertainties = [width] if coverage is None else [width, coverage * width]
    program = recorder.program([inputs[root.unknown], *uncertainties, *(-moves[name] for name in wrt)])
    preparation = RootColumn(root, substitute(equation, numbers), substitute(finish, numbers))
    return RootPrograms(preparation, substitute(program, numbers))
