"""Rows that can be read but not computed: `--on-error` for them, with the place of each in every format."""

from pathlib import Path
from typing import Any

import numpy
import polars
import pytest
from pyarrow import ipc, parquet

from mgrad_cli.data.bad_rows import BadRows, fail_rows
from mgrad_cli.data.blocks import MAX_RESULTS, Block, RowRequest
from mgrad_cli.data.formats import ReadOptions
from mgrad_cli.data.opening import open_source
from mgrad_cli.data.ranges import GridSource, Range

FRAME = polars.DataFrame({"x": [1.0, -2.0, 3.0, -4.0, 5.0], "id": ["a", "b", "c", "d", "e"]})
QUOTED = b'x,id\n1,a\n"-2","b\nb"\n3,c\n\n-4,d\n5,e\n'
PLACES = {
    "csv": ["line 4", "line 6"], "quoted.csv": ["line 3", "line 7"], "whole.csv": ["line 3", "line 5"],
    "cells.csv": ["line 3", "line 6"], "jsonl": ["line 2", "line 4"],
    "parquet": ["row 2", "row 4"], "arrow": ["row 2", "row 4"], "grid": ["row 2", "row 4"],
}  # fmt: skip


def source_of(kind: str, folder: Path, plain_bytes: int) -> Any:
    """Return a source of five rows, the second and fourth of them negative; those of a grid are counted only."""
    path = folder / f"rows.{kind}"
    if kind == "grid":
        return GridSource({"x": Range(1.0, 1.0, 5)})
    if kind == "csv":
        FRAME.write_csv(path)
        path.write_text(path.read_text().replace("1.0,a\n", "1.0,a\n\n", 1))  # read row by row
    elif kind == "quoted.csv":
        path.write_bytes(QUOTED)
    elif kind == "whole.csv":
        FRAME.write_csv(path)
    elif kind == "cells.csv":
        path.write_bytes(QUOTED.replace(b"\n\n", b"\n"))
    elif kind == "jsonl":
        FRAME.write_ndjson(path)
    elif kind == "parquet":
        parquet.write_table(FRAME.to_arrow(), path, row_group_size=3)
    else:
        with ipc.new_file(path, FRAME.to_arrow().schema) as writer:
            writer.write_table(FRAME.to_arrow())
    return open_source(str(path), ReadOptions(plain_bytes=plain_bytes))


def block_of(kind: str, folder: Path, on_error: str, as_lines: bool = False, plain_bytes: int = 0) -> Block:
    """Return the rows of a source in a block."""
    source = source_of(kind, folder, plain_bytes)
    keep = () if kind == "grid" else ("id",)
    request = RowRequest({"x": "x"}, keep, as_lines=as_lines, typed=False, on_error=on_error, keeps_all=as_lines)
    blocks = [source.block(chunk, request) for chunk in source.chunks(request)]
    source.close()
    block: Block = blocks[0]
    if kind == "grid":
        block.columns["x"] = FRAME["x"].to_numpy()
    return block


def negative(block: Block) -> BadRows:
    values = block.columns["x"].copy()
    return BadRows(values < 0, lambda row: f"{values[row]:g} is negative")


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("on_error", ["stop", "null", "skip"])
@pytest.mark.parametrize("plain_bytes", [0, 100])
def test_rows_that_cannot_be_computed_fail_as_on_error_says(
    kind: str, on_error: str, plain_bytes: int, tmp_path: Path
) -> None:
    block = block_of(kind, tmp_path, on_error, plain_bytes=plain_bytes)
    fail_rows(block, negative(block), on_error)
    messages = [f"{place}: -{number} is negative" for place, number in zip(PLACES[kind], (2, 4), strict=True)]
    found = [str(failure) for failure in block.failures]
    expected = messages[:1] if on_error == "stop" else messages
    assert [message.partition(", ")[2] for message in found] == expected
    assert block.failed == len(expected)
    kept = {"stop": [1], "null": [1, -2, 3, -4, 5], "skip": [1, 3, 5]}[on_error]
    assert block.columns["x"].tolist() == kept
    assert block.rows == len(kept)
    if on_error == "null":
        assert block.nulls.tolist() == [False, True, False, True, False]
        assert block.failed_nulls == 2
    if kind != "grid":
        ids = block.table["id"] if block.is_plain else block.table["id"].to_pylist()
        assert [each[0] for each in ids] == {"stop": ["a"], "null": list("abcde"), "skip": list("ace")}[on_error]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize("plain_bytes", [0, 100])
def test_the_text_of_rows_and_their_places_follow_the_selection(kind: str, plain_bytes: int, tmp_path: Path) -> None:
    block = block_of(kind, tmp_path, "skip", as_lines=True, plain_bytes=plain_bytes)
    block.surplus, block.nonfinite = {1: "more", 2: "c"}, {2: {"y": "nan"}}
    fail_rows(block, negative(block), "skip")
    fail_rows(block, BadRows(block.columns["x"] == 3, lambda row: "is three"), "skip")
    assert ["a" in block.lines[0], "e" in block.lines[1]] == [True, True]
    assert (block.surplus, block.nonfinite) == ({}, {})
    wanted = {"csv": "line 5", "jsonl": "line 3"}[kind]
    assert f"{wanted}: is three" in " ".join(map(str, block.failures))
    assert [failure.place for failure in block.failures] == sorted(failure.place for failure in block.failures)


def test_failures_of_many_rows_are_counted_and_the_first_and_last_reported(tmp_path: Path) -> None:
    block = Block(1000, {"x": numpy.arange(1000.0)}, error=GridSource({"x": Range(0.0, 1.0, 1000)}).block(
        range(1000), RowRequest({"x": "x"}, (), as_lines=False, typed=True)).error)  # fmt: skip
    fail_rows(block, BadRows(numpy.ones(1000, dtype=bool), str), "null")
    assert (block.failed, block.failed_nulls, len(block.failures)) == (1000, 1000, 20)
    assert str(block.failures[0]) == "the grid, row 1: 0"
    assert str(block.failures[-1]) == "the grid, row 1000: 999"


def test_rows_of_a_part_are_counted_in_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    parquet.write_table(FRAME.to_arrow(), path, row_group_size=2)
    source = open_source(str(path), ReadOptions(), range(1, 3))
    request = RowRequest({"x": "x"}, (), as_lines=False, typed=True, on_error="null")
    found = []
    for chunk in source.chunks(request):
        block = source.block(chunk, request)
        fail_rows(block, negative(block), "null")
        found += block.failures
    source.close()
    assert [str(failure).partition(", ")[2] for failure in found] == ["row 4: -4 is negative"]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("kind", PLACES)
def test_blocks_have_few_rows_where_a_row_has_many_results(kind: str, tmp_path: Path) -> None:
    results = tuple(map(str, range(MAX_RESULTS // 2)))
    source = source_of(kind, tmp_path, plain_bytes=0)
    request = RowRequest({"x": "x"}, (), as_lines=False, typed=False, on_error="null", results=results)
    blocks = [source.block(chunk, request) for chunk in source.chunks(request)]
    source.close()
    assert request.max_rows == 2
    assert sum(block.rows for block in blocks) == 5
    assert max(block.rows for block in blocks) <= 3  # a blank line counts as a row of text
