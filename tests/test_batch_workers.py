"""The workers of `mgrad batch --jobs`: what they raise, and that their end is noticed."""

from collections.abc import Iterator
from multiprocessing.connection import wait
from typing import Any

import pytest

from mgrad_cli.batch.pipeline import BatchOptions, run_block
from mgrad_cli.batch.records import InputBlock
from mgrad_cli.batch.workers import MAX_AHEAD, BlockWorker, run_in_workers
from mgrad_cli.errors import WorkerError
from mgrad_cli.language.parser import DEFAULT_LIMITS
from mgrad_cli.processes import worker_context
from mgrad_cli.renderers import Page, View

SETTINGS = BatchOptions("json", View(Page()), {}, DEFAULT_LIMITS, 1 << 24, "null")


def blocks(counts: list[int]) -> Iterator[InputBlock]:
    """Blocks with these numbers of lines."""
    number = 1
    for count in counts:
        yield InputBlock(b"x = 2; x*x\n" * count, "f", number, number - 1)
        number += count


@pytest.fixture
def worker() -> Iterator[BlockWorker]:
    worker = BlockWorker(SETTINGS, worker_context())
    yield worker
    worker.process.kill()
    worker.process.join()


def test_a_worker_killed_in_the_middle_of_a_result_is_noticed(worker: BlockWorker) -> None:
    (block,) = blocks([20_000])  # whose result is larger than a pipe
    worker.send(block, True)
    wait([worker.results])
    worker.process.kill()
    with pytest.raises(WorkerError, match="killed"):
        worker.receive()


def test_a_worker_that_is_gone_is_noticed(worker: BlockWorker) -> None:
    worker.process.kill()
    worker.process.join()
    (block,) = blocks([20_000])
    with pytest.raises(WorkerError, match="killed"):
        worker.send(block, True)
    with pytest.raises(WorkerError, match="killed"):
        worker.receive()


def test_what_a_block_raises_is_raised_with_its_traceback(worker: BlockWorker) -> None:
    nothing: Any = None
    worker.send(nothing, True)
    with pytest.raises(AttributeError) as raised:
        worker.receive()
    assert "in run_block" in raised.value.__notes__[0]


@pytest.mark.parametrize("counts", [[], [3], [2_000, *[1] * 20], [1] * 9 + [2_000] + [1] * 9], ids=str)
def test_results_come_in_order_however_long_blocks_take(counts: list[int]) -> None:
    expected = [run_block(block, SETTINGS, index == 0).text for index, block in enumerate(blocks(counts))]
    assert [batch.text for batch in run_in_workers(blocks(counts), SETTINGS, 2)] == expected


def test_few_blocks_are_read_before_their_results_are_asked_for() -> None:
    read = []

    def counted() -> Iterator[InputBlock]:
        for block in blocks([1] * 100):
            read.append(block)
            yield block

    results = run_in_workers(counted(), SETTINGS, 2)
    for index in range(10):
        next(results)
        assert len(read) <= index + 2 * MAX_AHEAD + 1
    results.close()  # type: ignore[attr-defined]
    assert len(read) < 100
