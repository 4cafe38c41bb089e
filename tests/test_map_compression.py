"""Parquet and Arrow output is compressed as asked, small where values repeat, and holds every value of every type."""

import datetime
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import ipc, parquet

from mgrad_cli.data.parquet_columns import paths_of, repetitive_columns
from tests.conftest import Run

NOON = datetime.datetime(2026, 1, 2, 12)
TYPES: dict[str, tuple[Any, list[Any]]] = {
    "bool": (pyarrow.bool_(), [True, None]),
    "int8": (pyarrow.int8(), [1, -128, None]),
    "uint64": (pyarrow.uint64(), [2**64 - 1, 0]),
    "float": (pyarrow.float32(), [0.1, None, float("inf")]),
    "double": (pyarrow.float64(), [0.1, -0.0, float("nan"), 5e-324, None]),
    "text": (pyarrow.string(), ["a", "", None, "é"]),
    "large_text": (pyarrow.large_string(), ["a", None]),
    "bytes": (pyarrow.binary(), [b"\xff", None]),
    "fixed": (pyarrow.binary(2), [b"ab", None]),
    "decimal": (pyarrow.decimal128(5, 2), [Decimal("1.25"), None]),
    "date": (pyarrow.date32(), [NOON.date(), None]),
    "time": (pyarrow.time64("us"), [NOON.time(), None]),
    "moment": (pyarrow.timestamp("us", "UTC"), [NOON.replace(tzinfo=datetime.UTC), None]),
    "duration": (pyarrow.duration("ms"), [datetime.timedelta(seconds=1), None]),
    "codes": (pyarrow.dictionary(pyarrow.int8(), pyarrow.string()), ["a", "b", None]),
    "list": (pyarrow.list_(pyarrow.float64()), [[1.5, None], [], None]),
    "large_list": (pyarrow.large_list(pyarrow.int32()), [[1], None]),
    "structure": (pyarrow.struct({"a": pyarrow.int32(), "b": pyarrow.list_(pyarrow.string())}), [{"a": 1, "b": ["c"]}]),
    "map": (pyarrow.map_(pyarrow.string(), pyarrow.int64()), [[("k", 1)], None]),
    "nothing": (pyarrow.null(), [None]),
}
COMPRESSIONS = {"parquet": [None, "snappy", "zstd", "none"], "arrow": [None, "zstd", "none"]}


def every_type(rows: int) -> Any:
    """A table with a column of each type, and one of numbers."""
    columns = {
        name: pyarrow.array([values[row % len(values)] for row in range(rows)], kind)
        for name, (kind, values) in TYPES.items()
    }
    return pyarrow.table({"x": pyarrow.array([float(row) for row in range(rows)], pyarrow.float64()), **columns})


def plain(table: Any) -> Any:
    """The rows of a table, whose nan equal each other."""
    return repr(table.to_pylist())


def compression_of(path: Path) -> set[str]:
    """How the columns of a Parquet file are compressed."""
    metadata = parquet.ParquetFile(path).metadata
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    return {group.column(index).compression for group in groups for index in range(metadata.num_columns)}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("rows", [0, 1, 100])
@pytest.mark.parametrize(
    ("form", "compression"), [(form, each) for form, several in COMPRESSIONS.items() for each in several]
)
def test_every_type_is_read_back(mgrad: Run, tmp_path: Path, form: str, compression: str | None, rows: int) -> None:
    table = every_type(rows)
    parquet.write_table(table, tmp_path / "in.parquet")
    words = [] if compression is None else ["--compression", compression]
    ran = mgrad("map", "x**2", "in.parquet", "-o", f"out.{form}", *words, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    out = tmp_path / f"out.{form}"
    back = parquet.read_table(out) if form == "parquet" else ipc.open_file(out).read_all()
    assert plain(back.select(table.column_names)) == plain(table)
    assert back["value"].to_pylist() == [float(row) ** 2 for row in range(rows)]
    if form == "parquet" and rows:
        assert compression_of(out) == {
            {None: "SNAPPY", "none": "UNCOMPRESSED"}.get(compression, str(compression).upper())
        }


def test_columns_that_repeat_values_have_a_dictionary(mgrad: Run, tmp_path: Path) -> None:
    generator = random.Random(1)
    rows = 50_000
    table = pyarrow.table(
        {
            "x": [generator.choice([0.25, 0.5, 0.75]) for _ in range(rows)],
            "u": [generator.random() for _ in range(rows)],
            "key": [f"k{row % 7}" for row in range(rows)],
            "name": [f"n{row}" for row in range(rows)],
            "steps": [float(row // 10) for row in range(rows)],
        }
    )
    parquet.write_table(table, tmp_path / "in.parquet", use_dictionary=False)
    ran = mgrad("map", "exp(x)", "in.parquet", "-o", "out.parquet", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    group = parquet.ParquetFile(tmp_path / "out.parquet").metadata.row_group(0)
    columns = [group.column(index) for index in range(group.num_columns)]
    assert {each.path_in_schema for each in columns if each.has_dictionary_page} == {
        "x",
        "key",
        "steps",
        "value",
        "d_x",
    }


def test_nested_columns_have_dictionaries() -> None:
    table = every_type(10)
    found = repetitive_columns(table)
    assert {"list.list.element", "structure.a", "structure.b.list.element", "map.key_value.key"} <= set(found)
    sink = pyarrow.BufferOutputStream()
    parquet.write_table(table, sink)
    schema = parquet.ParquetFile(pyarrow.BufferReader(sink.getvalue())).schema
    names = [schema.column(index).path for index in range(len(schema.names))]
    assert sorted(path for field in table.schema for path in paths_of(field)) == sorted(names)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-o", "out.csv"], "--compression applies only to Parquet and Arrow output; pipe text through gzip or zstd"),
        (["--format", "jsonl"], "--compression applies only to Parquet and Arrow output"),
        (["--format", "table"], "--compression applies only to Parquet and Arrow output"),
        (["-o", "out.arrow"], "Arrow IPC has no snappy; give one of none, zstd"),
    ],
)
def test_formats_without_a_compression_refuse_it(mgrad: Run, tmp_path: Path, words: list[str], message: str) -> None:
    (tmp_path / "in.csv").write_text("x\n1\n")
    ran = mgrad("map", "x", "in.csv", *words, "--compression", "snappy", cwd=tmp_path)
    assert ran.returncode == 2
    assert message in ran.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv"]


def test_a_folder_is_compressed_and_resumed_with_the_same_compression(mgrad: Run, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text("x\n1\n2\n")
    command = ["map", "x**2", "a.csv", "b.csv", "-o", "out/", "--format", "parquet"]
    assert mgrad(*command, "--compression", "zstd", cwd=tmp_path).returncode == 0
    parts = sorted((tmp_path / "out").glob("*.parquet"))
    assert [compression_of(part) for part in parts] == [{"ZSTD"}] * 2
    before = [part.read_bytes() for part in parts]
    parts[1].unlink()
    refused = mgrad(*command, "--resume", cwd=tmp_path)
    assert refused.returncode == 2, refused.stderr
    assert mgrad(*command, "--compression", "zstd", "--resume", cwd=tmp_path).returncode == 0
    assert [part.read_bytes() for part in parts] == before
