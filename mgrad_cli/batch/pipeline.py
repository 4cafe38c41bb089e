"""Evaluate lines in blocks, in one process or several, in order and in bounded memory."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from time import process_time

from mgrad_cli.batch.blocks import InputBlock, input_blocks
from mgrad_cli.batch.formulas import FORMULAS
from mgrad_cli.batch.lines import run_line
from mgrad_cli.batch.options import BatchOptions
from mgrad_cli.batch.points import finite_lines
from mgrad_cli.batch.records import read_line
from mgrad_cli.data.expressions import LineBlocks
from mgrad_cli.evaluation.results import Result
from mgrad_cli.renderers import BATCH_FORMATS

MIN_BYTES, MAX_BYTES = 1 << 12, 1 << 18
"""The size of the first block, and of the largest ones."""
GROUP_LINES = 64
"""The most lines that are parsed, and evaluated, together."""
SHORT_TIME = 0.02
"""The next blocks are larger than one that took less than so many seconds."""


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
    finite = 0
    for result in block_results(block, settings, batch.used):
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


def block_results(block: InputBlock, settings: BatchOptions, used: set[str]) -> Iterator[Result | str]:
    """Yield the results of the records of a block, or the lines to write for them, and add the bindings `used`."""
    records = block.records()
    while requests := [read_line(line, settings.max_line) for line in islice(records, GROUP_LINES)]:
        FORMULAS.prepare([request.text for request in requests], settings.limits)
        for line, request in zip(finite_lines(requests, settings, used), requests, strict=True):
            yield run_line(request, settings, used) if line is None else line


def run(paths: Iterable[str], settings: BatchOptions, jobs: int = 1, by_line: bool = False) -> Iterator[LineBatch]:
    """Yield the results of the lines of files by blocks, in order, computed in `jobs` processes.

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
