"""Several files to one: columns in types that hold the values of each file exactly, or an error that names the column."""

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import ipc, parquet

from mgrad_cli.data.column_types import merged_schema, widened
from mgrad_cli.errors import InputError
from tests.conftest import Run

DAY = datetime.date(2026, 1, 2)
NOON = datetime.datetime(2026, 1, 2, 12, 0, 0)
CODES = pyarrow.dictionary(pyarrow.int8(), pyarrow.string())
WIDENED: list[tuple[Any, list[Any], Any, list[Any], Any]] = [
    (pyarrow.int32(), [1, None], pyarrow.int64(), [2**40], pyarrow.int64()),
    (pyarrow.int64(), [2**40], pyarrow.int32(), [1], pyarrow.int64()),
    (pyarrow.uint8(), [255], pyarrow.int8(), [-1], pyarrow.int16()),
    (pyarrow.uint64(), [2**63 - 1], pyarrow.int64(), [-1], pyarrow.int64()),
    (pyarrow.int64(), [2**53], pyarrow.float64(), [0.5, None], pyarrow.float64()),
    (pyarrow.float32(), [0.5], pyarrow.int64(), [2**53 - 1], pyarrow.float64()),
    (pyarrow.float32(), [0.1], pyarrow.float64(), [0.1], pyarrow.float64()),
    (pyarrow.null(), [None, None], pyarrow.string(), ["a"], pyarrow.string()),
    (pyarrow.string(), ["a"], pyarrow.null(), [None], pyarrow.string()),
    (pyarrow.null(), [None], pyarrow.int64(), [2**60], pyarrow.int64()),
    (pyarrow.null(), [None], CODES, ["a"], pyarrow.string()),
    (CODES, ["a", "b", None], pyarrow.string(), ["c"], pyarrow.string()),
    (CODES, ["a"], pyarrow.dictionary(pyarrow.int32(), pyarrow.string()), ["b"], pyarrow.string()),
    (pyarrow.dictionary(pyarrow.int8(), pyarrow.int32()), [7], pyarrow.int64(), [8], pyarrow.int64()),
    (pyarrow.string(), ["a"], pyarrow.large_string(), ["b"], pyarrow.large_string()),
    (pyarrow.binary(), [b"a"], pyarrow.large_binary(), [b"b"], pyarrow.large_binary()),
    (pyarrow.timestamp("ms"), [NOON], pyarrow.timestamp("us"), [NOON], pyarrow.timestamp("us")),
    (pyarrow.timestamp("ns"), [NOON], pyarrow.timestamp("ms"), [NOON, None], pyarrow.timestamp("ns")),
    (pyarrow.decimal128(5, 2), [Decimal("1.25")], pyarrow.decimal128(9, 4), [Decimal("1.0625")], pyarrow.decimal128(9, 4)),
    (pyarrow.decimal128(5, 2), [Decimal("1.25")], pyarrow.int64(), [2**62], pyarrow.decimal128(22, 2)),
    (pyarrow.list_(pyarrow.int32()), [[1], None], pyarrow.list_(pyarrow.int64()), [[2**40]], pyarrow.list_(pyarrow.int64())),
    (pyarrow.struct({"a": pyarrow.int32()}), [{"a": 1}], pyarrow.struct({"a": pyarrow.float64()}), [{"a": 0.5}],
     pyarrow.struct({"a": pyarrow.float64()})),
]  # fmt: skip
REFUSED: list[tuple[Any, list[Any], Any, list[Any]]] = [
    (pyarrow.int64(), [1], pyarrow.string(), ["a"]),
    (pyarrow.string(), ["1"], pyarrow.int64(), [1]),
    (pyarrow.int64(), [2**53 + 1], pyarrow.float64(), [0.5]),
    (pyarrow.float64(), [0.5], pyarrow.int64(), [-(2**53) - 1]),
    (pyarrow.uint64(), [2**63], pyarrow.int64(), [-1]),
    (pyarrow.float64(), [0.5], pyarrow.decimal128(5, 2), [Decimal("1.25")]),
    (pyarrow.list_(pyarrow.float64()), [[0.5]], pyarrow.list_(pyarrow.decimal128(5, 2)), [[Decimal("1.25")]]),
    (pyarrow.bool_(), [True], pyarrow.int64(), [1]),
    (pyarrow.string(), ["a"], pyarrow.binary(), [b"a"]),
    (pyarrow.date32(), [DAY], pyarrow.timestamp("us"), [NOON]),
    (pyarrow.timestamp("us"), [NOON], pyarrow.timestamp("us", "UTC"), [NOON]),
    (pyarrow.timestamp("us", "UTC"), [NOON], pyarrow.timestamp("us", "Europe/Paris"), [NOON]),
    (pyarrow.timestamp("s"), [datetime.datetime(9000, 1, 1)], pyarrow.timestamp("ns"), [NOON]),
    (pyarrow.list_(pyarrow.int64()), [[1]], pyarrow.int64(), [1]),
    (CODES, ["a"], pyarrow.int64(), [1]),
]


def table_of(kind: Any, values: list[Any]) -> Any:
    return pyarrow.table({"id": pyarrow.array(values, kind), "x": [float(index) for index in range(len(values))]})


def write_file(path: Path, kind: Any, values: list[Any]) -> None:
    table = table_of(kind, values)
    if path.suffix == ".parquet":
        parquet.write_table(table, path, store_schema=True)
    else:
        with ipc.new_file(path, table.schema) as writer:
            writer.write_table(table)


def read_file(path: Path) -> Any:
    return parquet.read_table(path) if path.suffix == ".parquet" else ipc.open_file(path).read_all()


@pytest.mark.parametrize(("one", "first", "other", "second", "wide"), WIDENED, ids=lambda value: f"{value!s:.30}")
def test_a_type_that_holds_both_exactly(one: Any, first: list[Any], other: Any, second: list[Any], wide: Any) -> None:
    tables = [table_of(one, first), table_of(other, second)]
    schemas = [merged_schema(tables[a].schema, tables[b].schema, "b") for a, b in ((0, 1), (1, 0))]
    for schema in schemas:
        assert schema.field("id").type == wide
        for table in tables:
            column = widened(table, schema, "a")["id"]
            assert column.type == wide
            assert column.to_pylist() == table["id"].to_pylist()


@pytest.mark.parametrize(("one", "first", "other", "second"), REFUSED, ids=lambda value: f"{value!s:.30}")
def test_no_type_that_holds_both_exactly(one: Any, first: list[Any], other: Any, second: list[Any]) -> None:
    tables = [table_of(one, first), table_of(other, second)]
    for here, there in (tables, tables[::-1]):
        with pytest.raises(InputError, match=r"^[ab]: column 'id'"):  # noqa: PT012
            schema = merged_schema(here.schema, there.schema, "b")
            for table in (here, there):
                widened(table, schema, "a")


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["parquet", "arrow"])
@pytest.mark.parametrize("case", [0, 4, 7, 11, 16, 19])
def test_columns_are_widened_where_that_is_exact(mgrad: Run, case: int, ending: str, tmp_path: Path) -> None:
    one, first, other, second, wide = WIDENED[case]
    write_file(tmp_path / f"a.{ending}", one, first)
    write_file(tmp_path / f"b.{ending}", other, second)
    ran = mgrad("map", "x", f"a.{ending}", f"b.{ending}", "-o", f"out.{ending}", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
    column = read_file(tmp_path / f"out.{ending}")["id"]
    assert (column.type, column.to_pylist()) == (wide, [*first, *second])


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["parquet", "arrow"])
@pytest.mark.parametrize("case", [0, 2, 10])
def test_columns_that_no_type_holds_exactly_are_refused(mgrad: Run, case: int, ending: str, tmp_path: Path) -> None:
    one, first, other, second = REFUSED[case]
    write_file(tmp_path / f"a.{ending}", one, first)
    write_file(tmp_path / f"b.{ending}", other, second)
    (tmp_path / f"out.{ending}").write_bytes(b"old")
    ran = mgrad("map", "x", f"a.{ending}", f"b.{ending}", "-o", f"out.{ending}", cwd=tmp_path)
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (4, "", 1), ran.stderr
    assert ran.stderr.startswith(("error: a.", "error: b."))
    assert "column 'id'" in ran.stderr
    assert (tmp_path / f"out.{ending}").read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 3
    words = ["map", "x", f"a.{ending}", f"b.{ending}", "--keep", "x", "-o", "all.parquet"]
    assert mgrad(*words, cwd=tmp_path).returncode == 0
    assert read_file(tmp_path / "all.parquet").column_names == ["x", "value", "d_x"]


def test_types_are_decided_over_all_files_and_formats(mgrad: Run, tmp_path: Path) -> None:
    write_file(tmp_path / "a.parquet", pyarrow.null(), [None])
    write_file(tmp_path / "b.arrow", pyarrow.int8(), [1])
    write_file(tmp_path / "c.parquet", pyarrow.int64(), [2**40])
    write_file(tmp_path / "d.arrow", pyarrow.float32(), [0.5])
    files = ["a.parquet", "b.arrow", "c.parquet", "d.arrow"]
    ran = mgrad("map", "x", *files, "-o", "out.parquet", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert read_file(tmp_path / "out.parquet")["id"].to_pylist() == [None, 1.0, 2.0**40, 0.5]
    (tmp_path / "e.csv").write_text("id,x\nword,1\n")
    ran = mgrad("map", "x", "a.parquet", "e.csv", "-o", "text.parquet", cwd=tmp_path)
    assert read_file(tmp_path / "text.parquet")["id"].to_pylist() == [None, "word"]
    ran = mgrad("map", "x", *files, "e.csv", "-o", "out.arrow", cwd=tmp_path)
    assert (ran.returncode, "e.csv: column 'id'" in ran.stderr) == (4, True)


def test_a_variable_s_column_is_widened_where_it_is_kept(mgrad: Run, tmp_path: Path) -> None:
    for name, kind, values in (
        ("a", pyarrow.int32(), [1]),
        ("b", pyarrow.float32(), [0.5]),
        ("c", pyarrow.null(), [None]),
    ):
        parquet.write_table(pyarrow.table({"x": pyarrow.array(values, kind)}), tmp_path / f"{name}.parquet")
    ran = mgrad("map", "2*x", "a.parquet", "b.parquet", "c.parquet", "-o", "out.parquet", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    found = read_file(tmp_path / "out.parquet").to_pydict()
    assert found == {"x": [1.0, 0.5, None], "value": [2.0, 1.0, None], "d_x": [2.0, 2.0, None]}


def test_a_stream_keeps_the_types_that_it_began_with(tmp_path: Path, mgrad: Run) -> None:
    """Standard input cannot be looked at before: what it has is held against what is there."""
    write_file(tmp_path / "a.parquet", pyarrow.int64(), [1])
    write_file(tmp_path / "b.parquet", pyarrow.int32(), [2])
    stdin = (tmp_path / "b.parquet").read_bytes()
    ran = mgrad("map", "x", "a.parquet", "-", "-o", "out.parquet", cwd=tmp_path, stdin=stdin)
    assert (ran.returncode, read_file(tmp_path / "out.parquet")["id"].to_pylist()) == (0, [1, 2])
    write_file(tmp_path / "b.parquet", pyarrow.string(), ["a"])
    stdin = (tmp_path / "b.parquet").read_bytes()
    ran = mgrad("map", "x", "a.parquet", "-", "-o", "out.parquet", cwd=tmp_path, stdin=stdin)
    assert (ran.returncode, ran.stderr.count("\n")) == (4, 1)
    assert "standard input: column 'id' is of type string" in ran.stderr


@pytest.mark.sampled(3)
@pytest.mark.parametrize("form", ["parquet", "arrow"])
@pytest.mark.parametrize("kinds", [("int32", "string"), ("int32", "int64"), ("string", "string")])
def test_parts_that_differ_in_types_are_told(mgrad: Run, tmp_path: Path, form: str, kinds: tuple[str, str]) -> None:
    for index, kind in enumerate(kinds):
        table = pyarrow.table({"id": pyarrow.array([1]).cast(kind), "x": [1.0]})
        parquet.write_table(table, tmp_path / f"{index}.parquet")
    ran = mgrad("map", "x*2", "0.parquet", "1.parquet", "-o", "o/", "--format", form, cwd=tmp_path)
    told = f"warning: column 'id' has the types {', '.join(kinds)} in different parts" in ran.stderr
    assert (ran.returncode, told) == (0, kinds[0] != kinds[1])
