"""One line at a time, with all that its record or the options may ask for."""

from collections.abc import Callable, Mapping
from typing import Any

from mgrad_cli.batch.formulas import FORMULAS, BatchFormula
from mgrad_cli.batch.options import BatchOptions
from mgrad_cli.batch.records import NOTHING, LineRequest, is_certified, place_in_record, read_vars
from mgrad_cli.batch.uncertainties import propagated, record_correlations, record_uncertainties
from mgrad_cli.errors import FEWER_VARIABLES, MgradError, MissingValueError, UsageError
from mgrad_cli.evaluation.results import Result
from mgrad_cli.exact.figures import require_flint

TABLES = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
"""The endings of data files, which are mistaken for files of expressions."""
PROPAGATED = "±"
"""Among the names of bindings used: whether a line has an uncertainty."""
WITHOUT_CHOICE = "write numbers in place of some variables, or use eval, which has --wrt"
"""What can be done here about too many variables."""


def run_line(request: LineRequest, settings: BatchOptions, used: set[str]) -> Result:
    """Return the result of a line, with the error if there is one."""
    line, text, whole, record, failure = request
    try:
        if failure is not None:
            raise failure
        result = evaluate(FORMULAS.read(text, settings.limits), record, settings, used)
    except MgradError as error:
        error.file, error.line = line.file, line.number
        if isinstance(error, MissingValueError) and not record.keys().isdisjoint(error.names):
            error.message += "; values of variables stand in 'vars' of the record"
        if line.number == 1 and (line.file or "").endswith(TABLES):
            error.message += "; the rows of a data file are for mgrad map"
        error.message = error.message.replace(FEWER_VARIABLES, WITHOUT_CHOICE)
        if record and error.span is not None:
            error.source, error.span = whole, place_in_record(whole, error.span)
        result = Result(text, error=error)
    result.index = line.position
    if "id" in record:
        result.id, result.has_id = record["id"], True
    return result


def bound_values(
    formula: BatchFormula, values: dict[str, float], settings: BatchOptions, used: set[str]
) -> dict[str, float]:
    """Return the values in a record, with those in the options for the other variables of its formula."""
    bindings = {name: settings.bindings[name] for name in formula.script.names if name in settings.bindings}
    used.update(bindings)
    return bindings | values


def evaluate(formula: BatchFormula, record: Mapping[str, Any], settings: BatchOptions, used: set[str]) -> Result:
    """Return the result of a formula for the values in its record and in the options.

    Raises: MgradError for values that are missing, of no variable, or not numbers.
    """
    script = formula.script
    given: Mapping[str, Any] = record.get("vars", NOTHING)
    own: dict[str, float] = {}
    if str in map(type, given.values()):
        given, own = record_uncertainties(given, settings.limits)
    values = read_vars(given, settings.limits)
    bindings = bound_values(formula, values, settings, used)
    is_proven = settings.certify or is_certified(record)
    result = evaluation(is_proven, settings.with_digits, settings.view.order)(formula, bindings)
    if settings.vector is not None and is_proven:
        raise UsageError("the product with a vector of --hvp cannot be certified")
    if settings.is_second_order and not is_proven:
        from mgrad_cli.evaluation.second_results import add_second_order

        add_second_order(
            result, script, settings.view.order, settings.vector, explain=False, with_digits=settings.with_digits
        )
        result.check_size()
    if own or settings.propagation is not None or "corr" in record:
        widths = {name: width for name, width in settings.uncertainties.items() if name not in values} | own
        correlations = record_correlations(record)
        result.uncertainty = propagated(script, bindings, widths, correlations, settings.propagation)
        check_shown(result, settings)
        if settings.propagation is not None:
            used.update(name for name in settings.propagation.names if name in script.names)
        if result.uncertainty is not None:
            used.add(PROPAGATED)
    return result


def check_shown(result: Result, settings: BatchOptions) -> None:
    """Raise UsageError for a result with uncertainties where they cannot be shown."""
    if result.uncertainty is None:
        return
    if result.bits:
        raise UsageError("certified figures cannot be combined with uncertainties")
    if settings.file_format in {"csv", "tsv"} and not settings.view.uncertainty:
        raise UsageError("uncertainties have columns of their own; add --uncertainty")


def evaluation(certify: bool, with_digits: bool = False, order: int = 1) -> Callable[..., Result]:
    """Return the function that evaluates a formula, in the first order if it does not certify.

    Raises: MissingExtraError if it cannot certify.
    """
    if not certify:
        return BatchFormula.with_digits if with_digits else BatchFormula.at
    require_flint("certify")
    from mgrad_cli.exact.results import certify_result

    return lambda formula, bindings: certify_result(formula.script, bindings, explain=False, order=order)
