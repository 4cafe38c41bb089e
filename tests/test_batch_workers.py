"""The workers of `mgrad batch --jobs`: what they raise, and that their end is noticed."""

from collections.abc import Iterator
from multiprocessing.connection import wait
from typing import Any

import pytest

from mgrad_cli.batch.blocks import InputBlock
from mgrad_cli.batch.options import BatchOptions
from mgrad_cli.batch.pipeline import LineBatch, run_block
from mgrad_cli.batch.workers import MAX_AHEAD, PIPE_BYTES, BlockWorker, run_in_workers
from mgrad_cli.errors import InputError, WorkerError
from mgrad_cli.language.parser import DEFAULT_LIMITS
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
    worker = BlockWorker(SETTINGS)
    yield worker
    worker.process.kill()
    worker.process.join()


def test_a_worker_killed_in_the_middle_of_a_result_is_noticed(worker: BlockWorker) -> None:
    (block,) = blocks([20_000])  # whose result is larger than a pipe
    worker.send(0, block)
    wait([worker.results])
    worker.process.kill()
    with pytest.raises(WorkerError, match="killed"):
        worker.receive()


def test_a_worker_that_is_gone_is_noticed(worker: BlockWorker) -> None:
    worker.process.kill()
    worker.process.join()
    (block,) = blocks([20_000])
    with pytest.raises(WorkerError, match="killed"):
        worker.send(0, block)
    with pytest.raises(WorkerError, match="killed"):
        worker.receive()


def test_what_a_block_raises_is_raised_with_its_traceback(worker: BlockWorker) -> None:
    nothing: Any = None
    worker.send(0, nothing)
    with pytest.raises(AttributeError) as raised:
        worker.receive()
    assert "in run_block" in raised.value.__notes__[0]


@pytest.mark.parametrize("jobs", [2, 3])
@pytest.mark.parametrize("counts", [[], [3], [2_000, *[1] * 20], [1] * 9 + [2_000] + [1] * 9], ids=str)
def test_results_come_in_order_however_long_blocks_take(counts: list[int], jobs: int) -> None:
    assert_same_results([*blocks(counts)], jobs)


def assert_same_results(given: list[InputBlock], jobs: int) -> None:
    expected = [run_block(block, SETTINGS, index == 0).text for index, block in enumerate(given)]
    assert [batch.text for batch in run_in_workers(given, SETTINGS, jobs)] == expected


def test_blocks_and_results_may_be_larger_than_a_pipe() -> None:
    (many,) = blocks([15_000])
    line = InputBlock(b"1 #" + b"x" * 2 * PIPE_BYTES, "f", 1, 0)
    assert len(run_block(many, SETTINGS, True).text) > PIPE_BYTES
    assert_same_results([many, line, many, line, line, many], 2)


def test_results_before_a_block_that_cannot_be_read_are_kept() -> None:
    def broken() -> Iterator[InputBlock]:
        yield from blocks([5, 2_000, 5])
        raise InputError("cannot read it")

    results = run_in_workers(broken(), SETTINGS, 2)
    assert [next(results).counts["ok"] for _ in range(3)] == [5, 2_000, 5]
    with pytest.raises(InputError, match="cannot read it"):
        next(results)


def test_only_blocks_that_a_pipe_has_room_for_are_sent_ahead(worker: BlockWorker) -> None:
    sizes = (0, worker.room, worker.room + 1, 2 * PIPE_BYTES)
    waiting = [InputBlock(b"1" * size, "f", 1, 0) for size in sizes]
    assert [worker.can_take(block) for block in waiting] == [True] * 4
    worker.in_progress.append(0)
    assert [worker.can_take(block) for block in waiting] == [True, True, False, False]
    worker.in_progress.append(1)
    assert not any(map(worker.can_take, waiting))


def test_no_more_workers_start_than_there_are_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[BlockWorker] = []

    class Counted(BlockWorker):
        def __init__(self, settings: BatchOptions) -> None:
            super().__init__(settings)
            started.append(self)

    monkeypatch.setattr("mgrad_cli.batch.workers.BlockWorker", Counted)
    assert_same_results([*blocks([3, 3])], 100_000)
    assert 1 <= len(started) <= 2
    assert not any(worker.process.is_alive() for worker in started)


def test_the_process_that_sends_blocks_evaluates_those_that_no_worker_can_take(monkeypatch: pytest.MonkeyPatch) -> None:
    own = []

    def run_own(block: InputBlock, settings: BatchOptions, first: bool) -> LineBatch:
        own.append(block.position)
        return run_block(block, settings, first)

    monkeypatch.setattr("mgrad_cli.batch.workers.run_block", run_own)
    monkeypatch.setattr("mgrad_cli.batch.workers.wait", lambda pipes, seconds: [] if seconds == 0 else wait(pipes))
    assert_same_results([*blocks([1] * 30)], 2)
    assert own[: 2 * MAX_AHEAD - 2] == [*range(2, 2 * MAX_AHEAD)]


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
