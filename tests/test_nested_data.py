"""JSON arrays, members of objects and structs, booleans, and numbers in texts."""

import json
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import ipc, parquet

from mgrad_cli.data.json_arrays import ArrayLines
from mgrad_cli.data.streams import Rewound
from mgrad_cli.errors import InputError
from tests.conftest import Run

RECORDS: list[Any] = [
    {"x": 1, "s": {"a": 2.5, "t": {"b": 3}}, "f": True, "n": "7"},
    {"x": 2, "s": None, "f": False, "n": "8.5"},
    {"x": 3, "s": {"a": None, "t": None}, "f": None, "n": "NA"},
]


class Pieces:
    """A stream that gives few bytes at a time."""

    def __init__(self, content: bytes, size: int) -> None:
        self.content = content
        self.size = size

    def read1(self, size: int) -> bytes:
        piece, self.content = self.content[: self.size], self.content[self.size :]
        return piece


def lines_in(content: bytes, size: int, max_line: int = 1 << 20) -> list[bytes]:
    lines = ArrayLines(Rewound(b"", Pieces(content, size)), "d", max_line)
    return lines.read(1 << 20).splitlines()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("indent", [None, 0, 2])
def test_an_array_is_lines_however_it_arrives(size: int, indent: int | None) -> None:
    records = [*RECORDS, {"t": '},{"\\', "u": [1, [2, {"v": ","}], "]"]}, {}, [], 5, "a,b]", None, {"\\": "\\\\"}]
    content = b" \n" + json.dumps(records, indent=indent).encode() + b"\r\n"
    assert [json.loads(line) for line in lines_in(content, size)] == records


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'[{"x": 1}', "the JSON array has no end"),
        (b'[{"x": 1},', "the JSON array has no end"),
        (b'[{"x": "1}]', "the JSON array has no end"),
        (b'[{"x": 1}] 2', "has more text after the end of the JSON array"),
        (b'[{"x": "' + b"1" * 2000 + b'"}]', "an element of the JSON array is longer than 1000 bytes"),
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_an_array_that_is_broken(content: bytes, message: str, size: int) -> None:
    with pytest.raises(InputError, match=message):
        lines_in(content, size, 1000)


def test_an_array_of_records_is_read_like_lines(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(RECORDS))
    (tmp_path / "l.jsonl").write_text("".join(f"{json.dumps(record)}\n" for record in RECORDS))
    array, lines = (mgrad("map", "x**2", name, cwd=tmp_path) for name in ("a.json", "l.jsonl"))
    assert (array.returncode, array.stdout) == (0, lines.stdout)


def test_a_bad_record_of_an_array_has_its_number(mgrad: Run) -> None:
    text = '[{"x": 1}, 5, {"x": "k"},\n [], {"x": 2, "x": 3}, {"y": 1}]'
    ran = mgrad("map", "x", "-", "--on-error", "null", stdin=text)
    assert ran.returncode == 1
    for number, what in (
        (2, "not a JSON object"),
        (3, "\"k\" in 'x' is not"),
        (4, "not a JSON object"),
        (5, "duplicate"),
    ):
        assert f"standard input, record {number}: {what}" in ran.stderr


def test_a_batch_of_an_array(mgrad: Run) -> None:
    ran = mgrad("batch", "-", stdin='[{"expr": "a*2", "vars": {"a": 3}},\n {"expr": "a+1", "vars": {"a": 1}}]')
    assert [json.loads(line)["value"] for line in ran.stdout.splitlines()] == [6.0, 2.0]


@pytest.fixture(params=["json", "jsonl", "parquet", "arrow"])
def data(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The records in a format."""
    path = tmp_path / f"d.{request.param}"
    match request.param:
        case "json":
            path.write_text(json.dumps(RECORDS))
        case "jsonl":
            path.write_text("".join(f"{json.dumps(record)}\n" for record in RECORDS))
        case "parquet":
            parquet.write_table(pyarrow.Table.from_pylist(RECORDS), path)
        case "arrow":
            table = pyarrow.Table.from_pylist(RECORDS)
            with ipc.new_file(path, table.schema) as writer:
                writer.write_table(table)
    return str(path)


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("column", "options", "values"),
    [
        ("s.a", [], [2.5, None, None]),
        ("s.t.b", [], [3.0, None, None]),
        ("f", ["--cast"], [1.0, 0.0, None]),
        ("n", ["--cast", "--null", "NA"], [7.0, 8.5, None]),
    ],
)
def test_what_else_is_a_number(mgrad: Run, data: str, column: str, options: list[str], values: list[Any]) -> None:
    ran = mgrad("map", "q*x", data, "--col", f"q={column}", "--keep", "none", "--format", "jsonl", *options)
    assert ran.returncode == 0, ran.stderr
    assert [json.loads(line)["d_x"] for line in ran.stdout.splitlines()] == values


@pytest.mark.sampled(3)
@pytest.mark.parametrize("on_error", ["stop", "null", "skip"])
def test_a_text_that_is_no_number(mgrad: Run, data: str, on_error: str) -> None:
    words = ["--col", "q=n", "--keep", "none", "--format", "jsonl", "--cast", "--on-error", on_error]
    ran = mgrad("map", "q", data, *words)
    values = [json.loads(line)["value"] for line in ran.stdout.splitlines()]
    assert (ran.returncode, values) == {
        "stop": (4, [7.0, 8.5]), "null": (1, [7.0, 8.5, None]), "skip": (1, [7.0, 8.5])
    }[on_error]  # fmt: skip
    assert "NA" in ran.stderr
    assert "--null NA" in ran.stderr


@pytest.mark.sampled(2)
def test_what_is_no_number_names_the_option(mgrad: Run, data: str) -> None:
    assert "--cast reads the numbers in texts" in mgrad("map", "n", data).stderr
    assert "--cast reads true and false as 1 and 0" in mgrad("map", "f", data).stderr
    assert "did you mean 's.t.b'?" in mgrad("map", "q", data, "--col", "q=s.t.c").stderr


def test_truths_in_cells_are_cast(mgrad: Run) -> None:
    text = "x,f\n1,TRUE\n2,false\n3,\n"
    assert "--cast reads true and false as 1 and 0" in mgrad("map", "f", "-", stdin=text).stderr
    ran = mgrad("map", "f*x", "-", "--cast", "--keep", "none", stdin=text)
    assert (ran.returncode, ran.stdout) == (0, "value,d_f,d_x\n1.0,1.0,1.0\n0.0,2.0,0.0\n,,\n")


def test_a_member_whose_own_name_has_a_point_comes_first(mgrad: Run) -> None:
    ran = mgrad("map", "q", "-", "--col", "q=s.a", "--keep", "none", stdin='{"s.a": 1, "s": {"a": 2}}\n')
    assert json.loads(ran.stdout)["value"] == 1.0


@pytest.mark.sampled(2)
def test_members_in_parts(mgrad: Run, data: str, tmp_path: Path) -> None:
    ran = mgrad("map", "q", data, "--col", "q=s.a", "-o", f"{tmp_path}/out/", "--format", "jsonl", "--jobs", "2")
    assert ran.returncode == 0, ran.stderr
    (part,) = (tmp_path / "out").glob("part-*")
    assert [json.loads(line)["value"] for line in part.read_text().splitlines()] == [2.5, None, None]


def write_nested(path: Path, records: list[Any]) -> None:
    """Write records in the format of the path."""
    if path.suffix == ".json":
        path.write_text(json.dumps(records))
    elif path.suffix == ".jsonl":
        path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    elif path.suffix == ".parquet":
        parquet.write_table(pyarrow.Table.from_pylist(records), path)
    else:
        table = pyarrow.Table.from_pylist(records)
        with ipc.new_file(path, table.schema) as writer:
            writer.write_table(table)


KEPT = [
    {"i,1": "k", "x": 1, "s": {"a": 2.5, "t": {"b": 3}, "n": "q,1"}},
    {"i,1": "l", "x": 2, "s": None},
    {"i,1": "m", "x": 3, "s": {"a": None, "t": None, "n": None}},
]


@pytest.mark.sampled(4)
@pytest.mark.parametrize("ending", ["json", "jsonl", "parquet", "arrow"])
def test_members_and_quoted_names_are_kept(mgrad: Run, tmp_path: Path, ending: str) -> None:
    write_nested(tmp_path / f"d.{ending}", KEPT)
    words = ["map", "10*x", f"d.{ending}", "--keep", "`i,1`,s.a,s.n,`s.t.b`", "--wrt", "x"]
    assert mgrad(*words, "--format", "csv", cwd=tmp_path).stdout == (
        '"i,1",s.a,s.n,s.t.b,value,d_x\nk,2.5,"q,1",3,10.0,10.0\nl,,,,20.0,10.0\nm,,,,30.0,10.0\n'
    )
    want: list[dict[str, Any]] = [
        {"i,1": "k", "s.a": 2.5, "s.n": "q,1", "s.t.b": 3, "value": 10.0, "d_x": 10.0},
        {"i,1": "l", "s.a": None, "s.n": None, "s.t.b": None, "value": 20.0, "d_x": 10.0},
        {"i,1": "m", "s.a": None, "s.n": None, "s.t.b": None, "value": 30.0, "d_x": 10.0},
    ]
    lines = mgrad(*words, "--format", "jsonl", cwd=tmp_path).stdout.splitlines()
    assert [json.loads(line) for line in lines] == want
    mgrad(*words, "-o", "out.parquet", cwd=tmp_path)
    table = parquet.read_table(tmp_path / "out.parquet")
    assert table.column_names == ["i,1", "s.a", "s.n", "s.t.b", "value", "d_x"]
    assert table.column("s.a").to_pylist() == (
        [2.5, None, None] if ending in {"parquet", "arrow"} else ["2.5", None, None]
    )
    refused = mgrad("map", "x", f"d.{ending}", "--keep", "s.z", "--format", "csv", cwd=tmp_path)
    assert "no column 's.z' to keep" in refused.stderr


def test_what_is_not_finite_in_a_kept_member_has_its_word(mgrad: Run) -> None:
    line = '{"x": 1, "s": {"a": null, "b": 1}, "nonfinite": {"s/a": "inf"}}\n'
    kept = mgrad("map", "x", "-", "--keep", "s.a", stdin=line)
    assert json.loads(kept.stdout)["nonfinite"] == {"s.a": "inf"}
    assert (
        mgrad("map", "x", "-", "--keep", "s.a", "--format", "csv", stdin=line).stdout.splitlines()[1] == "inf,1.0,1.0"
    )
    twice = mgrad("map", "x", "-", "--keep", "s.a", "--format", "csv", stdin='{"x": 1, "s": {"a": 1, "a": 2}}\n')
    assert "duplicate key 's.a'" in twice.stderr


@pytest.mark.parametrize("ending", ["parquet", "arrow", "stream"])
def test_arrow_columns_of_one_name_are_refused_only_where_they_are_used(
    mgrad: Run, tmp_path: Path, ending: str
) -> None:
    arrays = [pyarrow.array(each) for each in ([1.0, 2.0], [3.0, 4.0], [5.0, 6.0])]
    table = pyarrow.table(arrays, names=["x", "y", "x"])
    path = tmp_path / ("d.parquet" if ending == "parquet" else "d.arrow")
    if ending == "parquet":
        parquet.write_table(table, path)
    else:
        with (ipc.new_file if ending == "arrow" else ipc.new_stream)(path, table.schema) as writer:
            writer.write_table(table)
    found = mgrad("map", "2*y", str(path), "--format", "csv")
    assert found.stdout == "x,y,x_2,value,d_y\n1.0,3.0,5.0,6.0,2.0\n2.0,4.0,6.0,8.0,2.0\n"
    found = mgrad("map", "x_2", str(path), "--format", "csv", "--keep", "y")
    assert found.stdout == "y,value,d_x_2\n3.0,5.0,1.0\n4.0,6.0,1.0\n"
    refused = mgrad("map", "x*y", str(path), "--format", "csv")
    assert (refused.returncode, refused.stdout) == (4, "")
    assert refused.stderr == f"error: {path}: duplicate column 'x', at 1 and 3\n"
