"""Evaluate lines in blocks, in one process or several, in order and in bounded memory."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from time import process_time
from typing import TYPE_CHECKING, Any, NamedTuple

from mgrad_cli.batch.formulas import FORMULAS, BatchFormula
from mgrad_cli.batch.records import (
    InputBlock,
    InputLine,
    decode,
    input_blocks,
    is_certified,
    new,
    place_in_record,
    read_record,
    read_vars,
)
from mgrad_cli.batch.uncertainties import propagated, record_correlations, record_uncertainties
from mgrad_cli.data.expressions import LineBlocks
from mgrad_cli.errors import FEWER_VARIABLES, MgradError, MissingValueError, UsageError
from mgrad_cli.evaluation.results import Result
from mgrad_cli.exact.figures import require_flint
from mgrad_cli.language.parser import Limits
from mgrad_cli.renderers import BATCH_FORMATS, Page, View

if TYPE_CHECKING:
    from mgrad_cli.analysis.propagation import PropagationOptions

TABLES = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
"""The endings of data files, which are mistaken for files of expressions."""
PROPAGATED = "±"
"""Among the names of bindings used: whether a line has an uncertainty."""
FURTHER_MEMBERS = frozenset({"certify", "corr"})
"""The members of a record that may ask for more than its value and gradients."""
NOTHING: Mapping[str, Any] = {}
MIN_BYTES, MAX_BYTES = 1 << 12, 1 << 18
"""The size of the first block, and of the largest ones."""
GROUP_LINES = 32
"""The most lines that are parsed together."""
SHORT_TIME = 0.02
"""The next blocks are larger than one that took less than so many seconds."""


class BatchOptions(NamedTuple):
    """The options of a run.

    `on_error` is `stop`, `null` (write a record with the error) or `skip`. `certify` is whether to prove the figures.
    `vector` is multiplied by the Hessian.
    `encoding` is that of the text, empty for UTF-8.
    `uncertainties` are those of `bindings`, and `propagation` says what else is known about uncertainties.
    """

    file_format: str
    view: View
    bindings: dict[str, float]
    limits: Limits
    max_line: int
    on_error: str
    certify: bool = False
    with_digits: bool = False
    vector: dict[str, float] | None = None
    uncertainties: Mapping[str, float] = {}
    propagation: "PropagationOptions | None" = None
    encoding: str = ""

    def on_page(self, page: Page) -> "BatchOptions":
        """Return the options for results that are shown on a page."""
        return self._replace(view=self.view._replace(page=page))

    @property
    def is_first_order(self) -> bool:
        """Whether lines have no more than a value and gradients, in doubles, unless their own record asks for it."""
        return not (self.certify or self.with_digits or self.is_second_order or self.propagation is not None)

    @property
    def is_second_order(self) -> bool:
        """Whether second derivatives are computed."""
        return self.view.order > 1 or self.vector is not None


@dataclass(slots=True)
class LineBatch:
    """The results of some lines: text to write, counts by status, and the names of the bindings used."""

    text: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    used: set[str] = field(default_factory=set)
    messages: list[str] = field(default_factory=list)
    failure: str | None = None
    read_bytes: int = 0
    seconds: float = 0.0


def run_block(block: InputBlock, settings: BatchOptions, first: bool) -> LineBatch:
    """Return the results of some lines. `first` is whether they begin the output."""
    start = process_time()
    batch = LineBatch(read_bytes=len(block.content))
    results: list[Result | str] = []
    is_first_order = settings.is_first_order
    finite = 0
    for request in chain.from_iterable(request_groups(block, settings)):
        result = run_line(request, settings, batch.used, is_first_order)
        if isinstance(result, str) or not result.has_nonfinite:
            results.append(result)
            finite += 1
            continue
        error = result.error
        if error is not None and settings.on_error == "stop":
            batch.failure = str(error)
            break
        batch.counts["failed" if error else "nonfinite"] += 1
        batch.counts["strictly failed"] += not result.is_finite
        if error is not None:
            batch.messages.append(str(error).partition("\n")[0])
        if error is None or settings.on_error == "null":
            results.append(result)
    batch.counts["ok"] += finite
    batch.text = "".join(BATCH_FORMATS[settings.file_format].render(results, settings.view._replace(first=first)))
    batch.seconds = process_time() - start
    return batch


class LineRequest(NamedTuple):
    """A line that was read: the text of the expression, the JSON record if it is one, or the error in their place."""

    line: InputLine
    text: str
    whole: str = ""
    record: Mapping[str, Any] = NOTHING
    error: MgradError | None = None


def request_groups(block: InputBlock, settings: BatchOptions) -> Iterator[list[LineRequest]]:
    """Yield the records of a block by groups, whose expressions are parsed together."""
    lines = block.records()
    while group := [read_line(line, settings) for line in islice(lines, GROUP_LINES)]:
        FORMULAS.prepare([request.text for request in group], settings.limits)
        yield group


WITHOUT_CHOICE = "write numbers in place of some variables, or use eval, which has --wrt"
"""What can be done here about too many variables."""


def read_line(line: InputLine, settings: BatchOptions) -> LineRequest:
    """Return a line as text or record, or with the error of reading it."""
    whole = ""
    try:
        whole = decode(line, settings.max_line)
        if whole.lstrip().startswith("{"):
            record = read_record(whole)
            request: LineRequest = new(LineRequest, (line, record["expr"], whole, record, None))
            return request
    except MgradError as error:
        return LineRequest(line, whole, whole, NOTHING, error)
    return LineRequest(line, whole, whole)


def run_line(request: LineRequest, settings: BatchOptions, used: set[str], is_first_order: bool) -> Result | str:
    """Return the result of a line, with the error if there is one, or the line to write for it.

    `is_first_order` is whether the options ask for no more than a value and gradients.
    """
    line, text, whole, record, failure = request
    try:
        if failure is not None:
            raise failure
        formula = FORMULAS.read(text, settings.limits)
        given = record.get("vars", NOTHING)
        if is_first_order and FURTHER_MEMBERS.isdisjoint(record) and str not in map(type, given.values()):
            values = read_vars(given, settings.limits)
            if settings.bindings:
                values = bound_values(formula, values, settings, used)
            result = formula.line(values, settings.file_format, line.position, record)
            if isinstance(result, str):
                return result
        else:
            result = evaluate(formula, record, settings, used)
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
        from mgrad_cli.evaluation.second_order import add_second_order

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


def run(paths: Iterable[str], settings: BatchOptions, jobs: int = 1, by_line: bool = False) -> Iterator[LineBatch]:
    """Yield the results of the lines of files by blocks, in order, computed in this process or in `jobs` others.

    Only a few blocks are in progress at a time, however long the input. With `by_line` each line is a block.

    Raises: WorkerError if a worker dies; InputError for a file that cannot be read.
    """
    reader = LineBlocks(settings.max_line, "mgrad batch -", MIN_BYTES, by_line, settings.encoding)
    for batch in evaluated(input_blocks(paths, reader), settings, jobs):
        if batch.seconds < SHORT_TIME:
            reader.size = min(2 * reader.size, MAX_BYTES)
        yield batch


def evaluated(blocks: Iterable[InputBlock], settings: BatchOptions, jobs: int) -> Iterator[LineBatch]:
    """Return the results of blocks in order."""
    if jobs > 1:
        from mgrad_cli.batch.workers import run_in_workers

        return run_in_workers(blocks, settings, jobs)
    return (run_block(block, settings, position == 0) for position, block in enumerate(blocks))
