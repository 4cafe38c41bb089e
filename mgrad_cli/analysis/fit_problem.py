"""What to fit and how, and what can be said against it before the search."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from mgrad_cli.analysis.losses import LOSSES
from mgrad_cli.analysis.residuals import ModelScripts, RowFunction, inputs_of, residual_program, row_function
from mgrad_cli.errors import BindingError, InputError, UsageError
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.outputs import check_one_output
from mgrad_cli.program import trace
from mgrad_cli.suggestions import nearest
from mgrad_cli.text import counted

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[numpy.float64]

MAX_CELLS = 4
"""How many values of a row are shown in a message."""
LARGEST = 1e140
"""The largest residual whose squares can be summed, and the inverse of the smallest."""
OTHER_STARTS = "try other starts in --params"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FitProblem:
    """What to fit.

    scripts     the model, the response and sigma
    starts      the start of each parameter, by name
    fixed       the parameters that are held at their start
    bounds      the lower and the upper bound of parameters that have them
    numbers     the values of other names
    columns     the values of each variable: contiguous arrays of doubles of shape (rows,), all finite
    rows        the number of rows
    skipped     the number of rows left out before
    at_row      returns a message about a row, by its index among `rows`, with its place in the input
    """

    scripts: ModelScripts
    starts: Mapping[str, float]
    columns: "Mapping[str, Array]"
    rows: int
    fixed: Collection[str] = ()
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    skipped: int = 0
    at_row: Callable[[int, str], str] = lambda index, text: f"row {index + 1}: {text}"

    @property
    def free(self) -> list[str]:
        """The parameters to fit."""
        return [name for name in self.starts if name not in self.fixed]

    @property
    def known(self) -> set[str]:
        """Every name that has a value."""
        return {*self.starts, *self.numbers, *self.columns}


@dataclass(frozen=True, slots=True, kw_only=True)
class FitOptions:
    """How to fit.

    loss            a name of `LOSSES`
    loss_scale      the residual from which on a loss counts a row as an outlier
    is_absolute     whether sigma is taken as it is, so that standard errors are not scaled by the residual deviation
    certify         whether to prove the solution in ball arithmetic
    """

    loss: str = "linear"
    loss_scale: float = 1.0
    is_absolute: bool = False
    certify: bool = False
    on_pass: Callable[[], None] = lambda: None


def ends(low: float, high: float) -> str:
    """Return a bound as `--bound` takes it."""
    return ":".join(f"{end:g}" if math.isfinite(end) else "" for end in (low, high))


def residual_function(problem: FitProblem) -> RowFunction:
    """Return the residuals as a function of the free parameters."""
    program = residual_program(problem.scripts, problem.known)
    return row_function(program, problem.free, held_numbers(problem), problem.columns, problem.rows)


def held_numbers(problem: FitProblem) -> dict[str, float]:
    """Return the numbers of a problem, with the parameters that are held."""
    return {**problem.numbers, **{name: problem.starts[name] for name in problem.fixed}}


def column_values(problem: FitProblem, script: Script) -> "Array":
    """Return a script of columns and numbers for every row."""
    program = trace(script, inputs_of(script, problem.known))
    return row_function(program, [], problem.numbers, problem.columns, problem.rows).values([])


def check_problem(problem: FitProblem, options: FitOptions) -> None:
    """Check what can be checked without computing."""
    for script, what in zip(problem.scripts, ("a fit", "the response", "sigma"), strict=True):
        if script is not None:
            check_one_output(script, what)
    for kind, names in (("--fix", problem.fixed), ("--bound", problem.bounds)):
        for name in names:
            if name not in problem.starts:
                raise BindingError(f"{kind} {name}: no parameter '{name}'{nearest(name, problem.starts)}")
    for name, (low, high) in problem.bounds.items():
        start = problem.starts[name]
        if not low < high:
            raise UsageError(f"the bound of '{name}', {low:g}:{high:g}, is empty; to hold a parameter use --fix {name}")
        if name in problem.fixed:
            raise UsageError(f"'{name}' is held by --fix and has a bound as well")
        if not low <= start <= high:
            raise BindingError(f"'{name}' starts at {start:g}, outside of its bound {ends(low, high)}")
    for name, start in problem.starts.items():
        if not math.isfinite(start):
            raise BindingError(f"'{name}' starts at {start:g}, which is not finite")
    if not problem.free:
        raise UsageError("no parameter is left to fit")
    if options.loss not in LOSSES:
        raise UsageError(f"no loss '{options.loss}'; there are {', '.join(LOSSES)}{nearest(options.loss, LOSSES)}")
    if not 0 < options.loss_scale < math.inf:
        raise UsageError("the loss scale must be a positive number")
    if options.is_absolute and problem.scripts.sigma is None:
        raise UsageError("--absolute-sigma needs --sigma")
    if options.certify:
        from mgrad_cli.exact.figures import require_flint

        require_flint("--certify")
        if options.loss != "linear":
            raise UsageError(f"--certify proves least squares, not --loss {options.loss}")
    if problem.rows < len(problem.free):
        rows, parameters = counted(problem.rows, "row"), counted(len(problem.free), "parameter")
        raise InputError(f"{rows} cannot determine {parameters}; hold some with --fix, or add data")


def check_start(problem: FitProblem, residuals: RowFunction, start: Sequence[float]) -> None:
    """Check that response, sigma and model are finite in every row at the start.

    Raises: InputError for response or sigma, BindingError for the model, with the first row where it is not so.
    """
    import numpy

    def first(is_good: Any) -> int | None:
        bad = numpy.flatnonzero(~is_good)
        return int(bad[0]) if len(bad) else None

    model, response, sigma = problem.scripts
    values = column_values(problem, response)
    row = first(numpy.isfinite(values))
    if row is not None:
        where = cells(problem, response, row)
        raise InputError(problem.at_row(row, f"the response '{response.text}' is {values[row]:g}{where}"))
    if sigma is not None:
        errors = column_values(problem, sigma)
        row = first(numpy.isfinite(errors) & (errors > 0))
        if row is not None:
            text = f"sigma is {errors[row]:g}{cells(problem, sigma, row)}; a standard deviation must be positive"
            raise InputError(problem.at_row(row, text))
    row = first(numpy.isfinite(residuals.values(start)))
    if row is not None:
        text = f"the model is not finite at the start{cells(problem, model, row)}; {OTHER_STARTS}"
        raise BindingError(problem.at_row(row, text))
    largest = float(numpy.abs(residuals.values(start)).max(initial=0.0))
    if largest > LARGEST or 0 < float(numpy.abs(values).max(initial=0.0)) < 1 / LARGEST:
        raise InputError(f"residuals of {largest:g} have squares beyond the doubles; change the unit of the response")
    for name, partial in zip(residuals.names, residuals.jacobian(start), strict=True):
        row = first(numpy.isfinite(partial))
        if row is not None:
            what = f"the derivative by '{name}' is {partial[row]:g} at the start"
            raise BindingError(problem.at_row(row, f"{what}{cells(problem, model, row)}; {OTHER_STARTS}"))


def cells(problem: FitProblem, script: Script, row: int) -> str:
    """Return the values of a script's variables in a row, for a message."""
    names = [name for name in script.names if name in problem.columns]
    shown = ", ".join(f"{name}={problem.columns[name][row]:g}" for name in names[:MAX_CELLS])
    return f" ({shown})" if shown else ""
