"""`mgrad map`: every row its value and gradients, whatever the format, and of bad data the place."""

import csv
import gzip
import json
import math
import os
import signal
import subprocess
import sys
import threading
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy
import polars
import pyarrow
import pytest
from pyarrow import ipc, parquet

from mgrad_cli.data import chunks
from mgrad_cli.data.chunks import Cutter
from mgrad_cli.data.formats import LIBRARIES
from mgrad_cli.data.polars_series import series_from
from mgrad_cli.data.ranges import parse_range
from mgrad_cli.data.scanner import RecordScanner
from mgrad_cli.data.streams import ByteStream
from mgrad_cli.errors import UsageError
from tests.conftest import Run, environment, run_mgrad, shared
from tests.processes import HANG_SECONDS, wait_for
from tests.test_eval import check_hostile, hostile_cases

POINTS = "id,x,y\n001,1.50,2\n002,3,0.5\n"


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def records(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def written(path: Path, content: str | bytes) -> str:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


@pytest.mark.parametrize("case", hostile_cases({"map"}))
def test_hostile_input(mgrad: Run, case: dict[str, Any], tmp_path: Path) -> None:
    check_hostile(mgrad, case, tmp_path)


def test_results_stand_beside_the_rows_as_they_were(mgrad: Run) -> None:
    ran = mgrad("map", "x**2*y", "-", stdin=POINTS)
    assert (ran.returncode, ran.stderr) == (0, "2 rows\n")
    assert ran.stdout == "id,x,y,value,d_x,d_y\n001,1.50,2,4.5,6.0,2.25\n002,3,0.5,4.5,3.0,9.0\n"


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_text_passes_through_byte_for_byte(mgrad: Run, line_end: str) -> None:
    lines = ["name,x,note", '"a ""b"", c",1.50,00123', '"two\nlines",2,  blanks ', "é,3,", '"",4,""', "-1,5,=1+1"]
    ran = mgrad("map", "x", "-", "--quiet", stdin=line_end.join(lines) + line_end)
    results = ["value,d_x", "1.5,1.0", "2.0,1.0", "3.0,1.0", "4.0,1.0", "5.0,1.0"]
    assert ran.stdout == "".join(f"{line},{result}{line_end}" for line, result in zip(lines, results, strict=True))


@pytest.mark.sampled(3)
@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet", "arrow"])
@pytest.mark.parametrize("out", ["csv", "tsv", "jsonl", "parquet", "arrow"])
def test_every_format_to_every_other(mgrad: Run, tmp_path: Path, ending: str, out: str) -> None:
    source = tmp_path / f"in.{ending}"
    frame = polars.DataFrame({"id": ["a", "b, c", None], "x": [1.5, None, -0.0], "y": [2.0, 3.0, 1e-7]})
    match ending:
        case "csv" | "tsv":
            frame.write_csv(source, separator="," if ending == "csv" else "\t")
        case "jsonl":
            frame.write_ndjson(source)
        case "parquet":
            frame.write_parquet(source)
        case "arrow":
            frame.write_ipc(source)
    target = tmp_path / f"out.{out}"
    ran = mgrad("map", "x*y", str(source), "-o", str(target))
    assert (ran.returncode, ran.stderr) == (0, "3 rows, 1 null\n")
    match out:
        case "csv" | "tsv":
            back = polars.read_csv(target, separator="," if out == "csv" else "\t")
        case "jsonl":
            back = polars.read_ndjson(target)
        case "parquet":
            back = polars.read_parquet(target)
        case "arrow":
            back = polars.read_ipc(target)
    assert back.columns == ["id", "x", "y", "value", "d_x", "d_y"]
    assert back["id"].to_list() == ["a", "b, c", None]
    assert back["value"].cast(polars.Float64).to_list() == [3.0, None, -0.0]
    assert math.copysign(1, float(back["value"][2])) == -1
    assert back["d_x"].cast(polars.Float64).to_list() == [2.0, None, 1e-7]


def test_results_equal_eval_s(mgrad: Run, tmp_path: Path) -> None:
    formula = "where(x > 0, log(x)*y, sqrt(y)) + tanh(x/y)**3"
    values = [(0.5, 2.0), (-1.0, 3.0), (0.0, 1e-300), (1e300, -2.0), (math.inf, 1.0), (2.0, 0.0)]
    data = written(tmp_path / "d.csv", "x,y\n" + "".join(f"{x!r},{y!r}\n" for x, y in values))
    for kernel in ("numpy", "native"):
        ran = mgrad("map", formula, data, "--kernel", kernel, "--format", "jsonl")
        for record, (x, y) in zip(records(ran.stdout), values, strict=True):
            single = json.loads(mgrad("eval", formula, f"--x={x!r}", f"--y={y!r}", "--json").stdout)
            for name, want in (("value", single["value"]), *((f"d_{n}", g) for n, g in single["grads"].items())):
                assert record[name] == (want if want is None else pytest.approx(want, rel=1e-14)), (kernel, x, y, name)
            there = {key.rpartition("/")[2]: word for key, word in single.get("nonfinite", {}).items()}
            assert record.get("nonfinite", {}).get("value") == there.get("value")


def test_keep_rename_and_names(mgrad: Run) -> None:
    ran = mgrad(
        "map", "a*y", "-", "--col", "a=x", "--keep", "id", "--value-name", "v", "--grad-prefix", "", stdin=POINTS
    )
    assert ran.stdout == "id,v,a,y\n001,3.0,2.0,1.5\n002,1.5,0.5,3.0\n"
    none = mgrad("map", "x", "-", "--keep", "none", stdin=POINTS)
    assert none.stdout == "value,d_x\n1.5,1.0\n3.0,1.0\n"
    only = mgrad("map", "x*y", "-", "--keep", "none", "--wrt", "y", stdin=POINTS)
    assert only.stdout == "value,d_y\n3.0,1.5\n1.5,3.0\n"
    json_lines = mgrad("map", "x", "-", "--keep", "none", "--json", stdin=POINTS)
    assert json_lines.stdout.splitlines()[0] == '{"value": 1.5, "d_x": 1.0}'


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["x*z"], "no column 'z'; columns: id, x, y; --z VALUE gives it one value"),
        (["x", "--keep", "q"], "no column 'q' to keep; columns: id, x, y"),
        (["x", "--value-name", "y"], "the output column 'y' is also a column of the input"),
        (["x", "--wrt", "q"], "no variable 'q' in the expression"),
        (["x", "--q", "1"], "no option or variable '--q'; the variable is x"),
        (["x", "--col", "x=q"], "no column 'q'; columns: id, x, y"),
        (["x", "--col", "q=x"], "no variable 'q' in the expression"),
        (["x", "--y", "1"], "no option or variable '--y'"),
        (["x*y", "--y", "1"], "'y' has a value (--y) and a column in the data; leave out"),
        (["x", "-o", "o.xlsx"], "cannot tell the format from the ending '.xlsx'; give one with --format"),
        (["x", "-o", "o.xlsx.gz"], "cannot tell the format from the ending '.xlsx'; give one with --format"),
        (["x*q", "--q", "1#2"], "'1#2', for q, is not a range"),
        (
            ["x", "--reduce", "sum", "--keep", "y"],
            "--reduce gives one record and cannot be combined with --keep, --csv-safe or an output folder",
        ),
        (["x", "--keep", "y,y"], "--keep names a column twice"),
        (["x", "--format", "csv", "-o", "o.parquet"], "--format csv conflicts with the output name 'o.parquet'"),
        (["x", "--wrt", "x,x"], "--wrt names 'x' twice"),
        (["x", "--col", "x=y", "--x", "1"], "'x' is bound, and --col gives it a column as well"),
        (["x", "--x", "0:1:0.5"], "give DATA or ranges, not both"),
        (["x", "--params", "w"], "--params has no value for 'w'"),
        (["x", "--format", "xlsx"], "'xlsx' is not one of"),
    ],
)
def test_usage(mgrad: Run, words: list[str], message: str) -> None:
    ran = mgrad("map", words[0], "-", *words[1:], stdin=POINTS)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert message in ran.stderr


def test_cells_that_are_numbers_are_numbers_in_json_digit_for_digit(mgrad: Run) -> None:
    data = 'id,x,t,z\n00123,1.50,"a ""q""",-2e5\nb,3,,.5\n'
    ran = mgrad("map", "x", "-", "--json", stdin=data)
    assert ran.stdout == (
        '{"id": "00123", "x": 1.50, "t": "a \\"q\\"", "z": -2e5, "value": 1.5, "d_x": 1.0}\n'
        '{"id": "b", "x": 3, "t": null, "z": ".5", "value": 3.0, "d_x": 1.0}\n'
    )


def test_texts_of_a_typed_column_stay_texts(mgrad: Run, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    parquet.write_table(pyarrow.table({"zip": ["90210"], "x": [1]}), path)
    assert mgrad("map", "x", str(path), "--json").stdout == '{"zip": "90210", "x": 1, "value": 1.0, "d_x": 1.0}\n'


def test_gradients_can_be_left_out(mgrad: Run) -> None:
    assert (
        mgrad("map", "x*y", "-", "--wrt", "none", "--keep", "id", stdin=POINTS).stdout == "id,value\n001,3.0\n002,1.5\n"
    )


def test_a_variable_that_a_grid_lacks(mgrad: Run) -> None:
    ran = mgrad("map", "x*y", "--x", "0:1:1")
    assert (ran.returncode, ran.stderr) == (
        2, "error: missing value for 'y'; bind it with --y VALUE, or a range\n",
    )  # fmt: skip


def test_rows_that_cannot_be_read_keep_the_cells_that_can(mgrad: Run) -> None:
    data = '{"id": 1, "x": 2}\n{"id": 2, "x": "no"}\n{"id": 3, "x": 1, "more": 5}\n'
    ran = mgrad("map", "x", "-", "--format", "csv", "--on-error", "null", stdin=data)
    assert ran.stdout == "id,x,value,d_x\n1,2,2.0,1.0\n2,no,,\n3,1,1.0,1.0\n"
    assert ran.stderr.splitlines()[-1] == "2 of 3 rows failed"


def test_a_wide_table_rounds_its_figures_and_says_so(mgrad: Run) -> None:
    ran = mgrad("map", "x/y*z", "--x", "1:2:1", "--y", "3:3:1", "--z", "7:7:1", "--format", "table")
    assert "│ 2.33333 │ 2.33333 │ -0.777778 │ 0.333333 │" in ran.stdout
    assert "figures rounded to 6 digits; --format csv has them whole\n" in ran.stdout
    assert max(map(len, ran.stdout.splitlines())) <= 80


def test_data_before_the_expression_is_told_apart(mgrad: Run, tmp_path: Path) -> None:
    path = written(tmp_path / "d.csv", POINTS)
    ran = mgrad("map", path, "x*y")
    assert ran.returncode == 2
    assert ran.stderr == f"error: '{path}' is a file; put the expression first, or read it from a file with --file\n"


def test_variables_of_the_command_line_have_gradients_too(mgrad: Run) -> None:
    ran = mgrad("map", "k = 2; k*m*x", "-", "--m", "pi/4", "--keep", "none", stdin=POINTS)
    first = rows(ran.stdout)[0]
    assert {name: float(cell) for name, cell in first.items()} == {
        "value": 2 * math.pi / 4 * 1.5, "d_k": math.pi / 4 * 1.5, "d_m": 3.0, "d_x": 2 * math.pi / 4,
    }  # fmt: skip


def test_a_column_wins_over_a_constant_and_a_default(mgrad: Run) -> None:
    ran = mgrad("map", "w = 1; e*w", "-", "--keep", "none", stdin="e,w\n2,3\n")
    assert rows(ran.stdout) == [{"value": "6.0", "d_w": "2.0", "d_e": "3.0"}]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "words", "message"),
    [
        ("x\n1\nabc\n", (), "line 3, column 1: 'abc' in column 'x' is not a number"),
        ("a,x\n1,2\n3,4,5\n", (), "line 3: 3 cells, where the header has 2"),
        ("a,x\nu,1e400\n", (), "line 2, column 3: '1e400' in column 'x' overflows a double"),
        ('a,x\n"u\nv",1\nw,0x10\n', (), "line 4, column 3: '0x10' in column 'x' is not a number"),
        ('a,x\n5",1\n6",2\n', (), "a quote inside a cell"),
        ('a,x\n1,2\n"u,3\n', (), "line 3"),
        ("", (), "is empty"),
        ("x\n" + "1" * 300 + "\n", ("--max-line", "200"), "line 2: longer than 200 bytes"),
        ('{"x": 1}\n{"y": 2}\n', (), "line 2: no 'x' in the record"),
        ('{"x": 1}\n[1]\n', (), "line 2: not a JSON object"),
        ('{"x": 1}\n{"x": "2"}\n', (), "line 2: \"2\" in 'x' is not a number"),
        ('{"x": 1}\n{"x": 1, "x": 2}\n', (), "line 2: duplicate key 'x'"),
        ('{"x": 1}\n{"x": 1e999}\n', (), "line 2: 1e999 in 'x' overflows a double"),
        ('{"x": 1}\n{"x": 1', (), "line 2, column 8: invalid JSON"),
        ('{"x": 1}\n{"x": 1}{"x": 2}\n', (), "line 2, column 9: invalid JSON: Extra data"),
    ],
)
def test_bad_data_is_named_with_its_place(mgrad: Run, data: str, words: tuple[str, ...], message: str) -> None:
    ran = mgrad("map", "x", "-", *words, stdin=data)
    assert ran.returncode == 4, ran.stderr
    assert ran.stderr.startswith("error: standard input")
    assert message in ran.stderr


def test_bad_rows_can_be_null_or_skipped(mgrad: Run) -> None:
    data = "a,x\nu,1\nv,no\nw\nz,3\n"
    null = mgrad("map", "x", "-", "--on-error", "null", stdin=data)
    assert (null.returncode, null.stdout) == (1, "a,x,value,d_x\nu,1,1.0,1.0\nv,no,,\nw,,,\nz,3,3.0,1.0\n")
    assert null.stderr.splitlines() == [
        "warning: standard input, line 3, column 3: 'no' in column 'x' is not a number",
        "warning: standard input, line 4: 1 cell, where the header has 2",
        "2 of 4 rows failed",
    ]
    skip = mgrad("map", "x", "-", "--on-error", "skip", stdin=data)
    assert (skip.returncode, skip.stdout) == (1, "a,x,value,d_x\nu,1,1.0,1.0\nz,3,3.0,1.0\n")
    assert skip.stderr.splitlines()[-1] == "2 of 4 rows failed"


def test_a_stray_quote_costs_its_own_row_alone(mgrad: Run) -> None:
    data = 'x,y\n1,5" pipe\n2,a\n3,"b\nc"\n4,6" pipe\n5,"never closed\n6,c\n'
    ran = mgrad("map", "x", "-", "--keep", "none", "--on-error", "skip", stdin=data)
    assert ran.stdout.splitlines() == ["value,d_x", *(f"{value}.0,1.0" for value in (2, 3, 6))]
    assert ran.stderr.splitlines()[-1] == "3 of 6 rows failed"
    assert [line.split(":")[1] for line in ran.stderr.splitlines()[:-1]] == [
        " standard input, line 2, column 4", " standard input, line 6, column 4", " standard input, line 7, column 3",
    ]  # fmt: skip


def test_a_quote_that_is_never_closed_is_found_at_once(mgrad: Run) -> None:
    ran = mgrad("map", "x", "-", "--quiet", stdin='x,y\n1,5" pipe\n2,"a\n' + "3,b\n" * 1_000_000)
    assert ran.returncode == 4
    assert "line 2, column 4: a quote inside a cell, or one that is never closed" in ran.stderr
    header = mgrad("map", "x", "-", stdin='"x,y\n' + "3,b\n" * 1_000_000)
    assert header.returncode in {2, 4}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("source", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("out", ["parquet", "arrow", "csv", "jsonl"])
def test_no_rows_make_a_file_with_columns_and_no_rows(mgrad: Run, tmp_path: Path, source: str, out: str) -> None:
    path = tmp_path / f"d.{source}"
    match source:
        case "csv":
            path.write_text("t,x\n")
        case "jsonl":
            path.write_text('{"t": "a", "x": "no"}\n')
        case "parquet":
            parquet.write_table(pyarrow.table({"t": ["a"], "x": [1]}).slice(1), path)
    target = tmp_path / f"o.{out}"
    ran = mgrad("map", "x", str(path), "-o", str(target), "--on-error", "skip")
    assert ran.returncode == (1 if source == "jsonl" else 0), ran.stderr
    if out in {"parquet", "arrow"}:
        back = polars.read_parquet(target) if out == "parquet" else polars.read_ipc(target)
        assert (back.columns, back.height) == (["t", "x", "value", "d_x"], 0)
        assert mgrad("map", "x", str(target), "--keep", "t").stdout == "t,value,d_x\n"
    else:
        assert target.read_text() == ("t,x,value,d_x\n" if out == "csv" else "")


def test_json_members_pass_through_as_they_are(mgrad: Run) -> None:
    data = '\n{"x": 1, "n": 1.10, "t": true, "z": [1, {"q": 2.50}], "s": "\\u00e9"}\n{"x":2, "more": null}\n'
    whole = mgrad("map", "x", "-", stdin=data)
    assert whole.stdout == (
        '{"x": 1, "n": 1.10, "t": true, "z": [1, {"q": 2.50}], "s": "\\u00e9", "value": 1.0, "d_x": 1.0}\n'
        '{"x":2, "more": null, "value": 2.0, "d_x": 1.0}\n'
    )
    some = mgrad("map", "x", "-", "--keep", "z,t,n", stdin=data)
    assert some.stdout.splitlines()[0] == '{"z": [1, {"q": 2.50}], "t": true, "n": 1.10, "value": 1.0, "d_x": 1.0}'
    assert some.stdout.splitlines()[1] == '{"value": 2.0, "d_x": 1.0}'
    taken = mgrad("map", "x", "-", "--on-error", "skip", stdin='{"x":1}\n{"x":1,"value":5}\n{"x":1,"nonfinite":5}\n')
    assert taken.stdout == '{"x":1, "value": 1.0, "d_x": 1.0}\n'
    assert "the record has a member 'value', which is the name of a result" in taken.stderr
    half = mgrad("map", "x", "-", "--format", "csv", stdin='{"x": 1, "y": "\\ud800"}\n')
    assert (half.returncode, half.stderr) == (
        4, "error: standard input, line 1: half of a surrogate pair, which is no character\n",
    )  # fmt: skip


def test_what_is_kept_does_not_depend_on_the_rows_around(mgrad: Run) -> None:
    for words in (("--format", "jsonl"), ("--keep", "y"), ("--csv-safe",)):
        plain = mgrad("map", "x", "-", *words, stdin='x,y\n1,\n2,""\n3,"a"\n')
        beside = mgrad("map", "x", "-", *words, "--on-error", "skip", stdin='x,y\n1,\n2,""\n3,"a"\nno,b\n')
        assert plain.stdout == beside.stdout


def test_infinities_in_text_are_read_at_once(mgrad: Run) -> None:
    ran = mgrad("map", "x*y", "-", "--reduce", "sum", stdin="x,y\n" + "1.5,inf\n-1,2\n" * 300_000)
    assert json.loads(ran.stdout)["nonfinite"] == {"value": "inf"}
    assert mgrad("map", "x", "-", stdin="x\ninf\n1e999\n").returncode == 4


def test_a_file_of_many_columns(mgrad: Run) -> None:
    header, row = ",".join(f"x{i}" for i in range(20_000)), ",".join(["1"] * 20_000)
    ran = mgrad("map", "x0 + x19999", "-", "--keep", "none", stdin=f"{header}\n{row}\n{row}\n")
    assert ran.stdout == "value,d_x0,d_x19999\n2.0,1.0,1.0\n2.0,1.0,1.0\n"


def test_columns_without_a_form_as_text_are_named(mgrad: Run, tmp_path: Path) -> None:
    table = pyarrow.table({"x": [1.5], "l": [[1, 2]], "b": [b"bytes"], "s": [{"q": 1}]})
    path = str(tmp_path / "t.parquet")
    parquet.write_table(table, path)
    for column, form in (("l", "csv"), ("b", "jsonl"), ("s", "tsv"), ("b", "table")):
        ran = mgrad("map", "x", path, "--keep", column, "--format", form)
        assert (ran.returncode, ran.stdout) == (2, "")
        assert (
            f"{ {'jsonl': 'JSON', 'table': 'a table'}.get(form, form.upper()) } cannot hold column '{column}' ("
            in ran.stderr
        )
        assert "leave out with --keep none" in ran.stderr
    nested = mgrad("map", "x", path, "--keep", "l,s", "--json")
    assert nested.stdout == '{"l": [1,2], "s": {"q":1}, "value": 1.5, "d_x": 1.0}\n'
    again = tmp_path / "again.parquet"
    assert mgrad("map", "x", path, "-o", str(again)).returncode == 0
    assert parquet.read_table(again).column("l").to_pylist() == [[1, 2]]


def test_two_spellings_of_a_name_are_not_guessed_between(mgrad: Run) -> None:
    data = "e\u0301,\u00e9\n1,2\n"
    ran = mgrad("map", "\u00e9", "-", stdin=data)
    assert ran.returncode == 2
    assert "two columns are called" in ran.stderr
    assert mgrad("map", "\u00e9", "-", stdin="e\u0301\n7\n").stdout.endswith("\n7,7.0,1.0\n")


def test_line_ends_that_are_no_newlines_are_named(mgrad: Run) -> None:
    ran = mgrad("map", "x", "-", stdin="x,y\r1,2\r3,4\r")
    assert (ran.returncode, ran.stdout) == (4, "")
    assert "a carriage return in the header" in ran.stderr


def test_a_damaged_archive_is_bad_input(mgrad: Run, tmp_path: Path) -> None:
    whole = gzip.compress(b"x\n" + b"1.25\n" * 100_000)
    for content in (whole[:-100], whole[:40] + b"\0\0\0\0" + whole[44:], b"\x1f\x8bnonsense"):
        ran = mgrad("map", "x", written(tmp_path / "d.csv.gz", content), "--quiet")
        assert (ran.returncode, "cannot read" in ran.stderr) == (4, True), ran.stderr


def test_standard_output_may_not_be_the_input(tmp_path: Path) -> None:
    path = written(tmp_path / "d.csv", "x\n1\n")
    ran = subprocess.run(f"mgrad map x {path} >> {path}", shell=True, env=environment(), capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (2, "error: standard output is also the input\n")


def test_a_folder_of_which_no_part_can_be_done_is_not_there(mgrad: Run, tmp_path: Path) -> None:
    good, bad = written(tmp_path / "a.csv", "x\n1\n"), written(tmp_path / "b.csv", "x\nno\n")
    out = tmp_path / "out"
    assert mgrad("map", "x", bad, good, "-o", f"{out}/").returncode == 4
    assert not out.exists()
    out.mkdir()
    assert mgrad("map", "x", bad, good, "-o", f"{out}/").returncode == 4
    assert os.listdir(out) == []
    ran = mgrad("map", "x", good, "-o", f"{good}/")
    assert (ran.returncode, ran.stderr.startswith(f"error: cannot write '{good}'")) == (5, True), ran.stderr


def test_blank_lines_are_passed_over_and_counted(mgrad: Run) -> None:
    ran = mgrad("map", "x", "-", stdin="a,x\nu,1\n\nv,2\n\n")
    assert ran.stdout == "a,x,value,d_x\nu,1,1.0,1.0\nv,2,2.0,1.0\n"
    assert ran.stderr == "2 rows, 2 blank lines skipped\n"
    one_column = mgrad("map", "x", "-", stdin="x\n1\n\n2\n")
    assert one_column.stderr == "3 rows, 1 null\n"


def test_nan_in_json_where_it_is_allowed(mgrad: Run) -> None:
    data = '{"x": NaN}\n{"x": -Infinity}\n{"x": -0}\n{"x": 12345678901234567890}\n'
    ran = mgrad("map", "x", "-", "--allow-nan-input", "--keep", "none", stdin=data)
    assert [record["value"] for record in records(ran.stdout)] == [None, None, 0.0, 12345678901234567890.0]
    assert records(ran.stdout)[1]["nonfinite"] == {"value": "-inf"}
    assert ran.stdout.splitlines()[2] == '{"value": -0.0, "d_x": 1.0}'


def test_numbers_in_json_and_text_are_nearest_and_shortest(mgrad: Run) -> None:
    texts = ["0.1", "1e-320", "1.7976931348623157e308", "9007199254740993", "123456789.123456789123456789", "5e-324"]
    ran = mgrad("map", "x", "-", "--keep", "none", stdin="x\n" + "\n".join(texts))
    for text, row in zip(texts, rows(ran.stdout), strict=True):
        assert float(row["value"]) == float(text)
        assert len(row["value"].replace("e+", "e")) <= len(repr(float(text)))


def test_cells_that_a_spreadsheet_would_run(mgrad: Run) -> None:
    data = 'name,x\n=1+1,-2\n@a,3\n-b,4\n-5,+6\n"a,b",7\n'
    ran = mgrad("map", "x", "-", "--csv-safe", stdin=data)
    cells = [line.rpartition(",value")[0] or line for line in ran.stdout.splitlines()]
    assert cells[1:] == ["'=1+1,-2,-2.0,1.0", "'@a,3,3.0,1.0", "'-b,4,4.0,1.0", "-5,+6,6.0,1.0", '"a,b",7,7.0,1.0']


@pytest.mark.parametrize("chunks", [0, 1, 2])
def test_numbers_in_a_dictionary_are_numbers_in_any_number_of_chunks(chunks: int) -> None:
    values = pyarrow.array([5, None]).dictionary_encode()
    series = series_from(pyarrow.chunked_array([values] * chunks, values.type), "d")
    assert (series.name, str(series.dtype), series.to_list()) == ("d", "Int64", [5, None] * chunks)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("form", ["csv", "tsv"])
@pytest.mark.parametrize("kind", ["string", "large_string", "string_view", "dictionary"])
def test_text_of_any_arrow_type_is_safe_and_quoted(mgrad: Run, tmp_path: Path, form: str, kind: str) -> None:
    words = ["=1+1", "＝2", "\n=3", "a\tb", "-4", "plain"]
    texts = pyarrow.array(words)
    column = texts.dictionary_encode() if kind == "dictionary" else texts.cast(getattr(pyarrow, kind)())
    table = pyarrow.table({"x": [1.0] * len(words), "s": column})
    with ipc.new_file(tmp_path / "d.arrow", table.schema) as writer:
        writer.write_table(table)
    ran = mgrad("map", "x", "d.arrow", "--keep", "s", "--wrt", "none", "--format", form, "--csv-safe", cwd=tmp_path)
    found = csv.reader(StringIO(ran.stdout, newline=""), delimiter="," if form == "csv" else "\t")
    assert [row[0] for row in found] == ["s", "'=1+1", "'＝2", "'\n=3", "a\tb", "-4", "plain"]


def test_arrow_types(mgrad: Run, tmp_path: Path) -> None:
    table = pyarrow.table(
        {
            "i": pyarrow.array([1, None, 2**62], pyarrow.int64()),
            "u": pyarrow.array([2**64 - 1, 1, 2], pyarrow.uint64()),
            "f": pyarrow.array([0.1, 2.0, 3.0], pyarrow.float32()),
            "d": pyarrow.array(["0.30", "1.00", "2.50"]).cast(pyarrow.decimal128(18, 2)),
            "c": pyarrow.array([1.5, 1.5, None]).dictionary_encode(),
            "n": pyarrow.nulls(3),
            "t": pyarrow.array(["p", "q", "r"]).dictionary_encode(),
            "b": pyarrow.array([True, False, None]),
        }
    )
    path = str(tmp_path / "t.parquet")
    parquet.write_table(table, path)
    ran = mgrad("map", "i + u + f + d + c", path, "--keep", "t", "--format", "jsonl")
    assert ran.stderr == "3 rows, 2 null\n"
    first = records(ran.stdout)[0]
    assert first == {
        "t": "p",
        "value": 1.0 + (2.0**64) + 0.0,
        "d_i": 1.0,
        "d_u": 1.0,
        "d_f": 1.0,
        "d_d": 1.0,
        "d_c": 1.0,
    }
    assert records(mgrad("map", "f", path, "--keep", "none", "--json").stdout)[0]["value"] == float(numpy.float32(0.1))
    for column in ("t", "b"):
        wrong = mgrad("map", column, path)
        assert (wrong.returncode, wrong.stdout) == (4, "")
        assert f"column '{column}' is of type" in wrong.stderr


def test_formats_are_known_by_their_first_bytes(mgrad: Run, tmp_path: Path) -> None:
    table = pyarrow.table({"x": [1.0, 2.0]})
    for form in ("parquet", "file", "stream"):
        buffer = BytesIO()
        if form == "parquet":
            parquet.write_table(table, buffer)
        else:
            with (ipc.new_file if form == "file" else ipc.new_stream)(buffer, table.schema) as writer:
                writer.write_table(table)
        ran = mgrad("map", "x", "-", stdin=buffer.getvalue())
        assert ran.stdout == "x,value,d_x\n1.0,1.0,1.0\n2.0,2.0,1.0\n", form
    assert mgrad("map", "x", "-", stdin='  {"x": 1}\n').stdout.count("value") == 1
    compressed = written(tmp_path / "d.csv.gz", gzip.compress(POINTS.encode()))
    assert mgrad("map", "x", compressed).stdout.startswith("id,x,y,value,d_x\n001,1.50,2,1.5,1.0\n")
    assert mgrad("map", "x", "-", stdin="\ufeffx\n1\n").stdout == "x,value,d_x\n1,1.0,1.0\n"
    tabs = mgrad("map", "x", "-", "--input-format", "tsv", stdin="a\tx\n1,2\t3\n")
    assert tabs.stdout == "a\tx\tvalue\td_x\n1,2\t3\t3.0\t1.0\n"


def test_many_files(mgrad: Run, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for index in range(3):
        written(folder / f"{index}.csv", f"x,y\n{index},1\n")
    written(folder / "_SUCCESS", "")
    together = mgrad("map", "x*y", str(folder), "--keep", "x")
    assert together.stdout == "x,value,d_x,d_y\n0,0.0,1.0,0.0\n1,1.0,1.0,1.0\n2,2.0,1.0,2.0\n"
    assert mgrad("map", "x*y", str(folder / "[01].csv"), "--keep", "x").stdout.count("\n") == 3
    out = tmp_path / "out"
    ran = mgrad("map", "x*y", str(folder), "-o", f"{out}/", "--format", "parquet")
    assert (ran.returncode, ran.stderr) == (0, "3 rows\n")
    assert sorted(os.listdir(out)) == ["_SUCCESS", "part-00000.parquet", "part-00001.parquet", "part-00002.parquet"]
    record = json.loads((out / "_SUCCESS").read_text())
    assert (record["parts"], record["rows"]) == (3, 3)
    again = mgrad("map", "x*y", str(folder), "-o", f"{out}/")
    assert (again.returncode, "is not empty" in again.stderr) == (2, True)
    written(folder / "9.csv", "x,z\n1,2\n")
    other = mgrad("map", "x*y", str(folder))
    assert other.returncode == 4
    assert "has other columns than" in other.stderr


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0:1:0.5", [0.0, 0.5, 1.0]),
        ("0:0.3:0.1", [0.0, 0.1, 0.2, 0.3]),
        ("0:1:0.3", [0.0, 0.3, 0.6, 0.9]),
        ("1:-1:-1", [1.0, 0.0, -1.0]),
        ("2:2:1", [2.0]),
        ("0:1#3", [0.0, 0.5, 1.0]),
        ("0:9#1", [0.0]),
        ("0:1#11", [index / 10 for index in range(11)]),
        ("-1e308:7e307:1e308", [-1e308, 0.0]),
        ("0:pi:pi/2", [0.0, math.pi / 2, math.pi]),
    ],
)
def test_ranges(text: str, values: list[float]) -> None:
    from mgrad_cli.evaluation.value_text import parse_value

    each = parse_range("x", text, parse_value)
    assert each.values(numpy.arange(each.count)).tolist() == values


@pytest.mark.parametrize(
    "text",
    [
        "0:1",
        "0::1",
        "::",
        "0:1:1e-300",
        "0:1#99999999999999999999",
        "-1.7e308:1.7e308#3",
        "0:1:0",
        "0:1:-1",
        "0:1#0",
        "0:1#x",
        "0:inf:1",
        "0:1:1:1",
        "0:1:0.1#3",
        "0:0.1:1",
        "1:-0.5:-2",
    ],
)
def test_what_is_no_range(text: str) -> None:
    from mgrad_cli.evaluation.value_text import parse_value

    with pytest.raises(UsageError):
        parse_range("x", text, parse_value)


def test_a_grid_runs_the_last_variable_fastest(mgrad: Run) -> None:
    ran = mgrad("map", "x - y*k", "--x", "0:1:1", "--y", "0:1#2", "--k", "10")
    assert ran.stdout == (
        "x,y,value,d_x,d_y,d_k\n0.0,0.0,0.0,1.0,-10.0,-0.0\n0.0,1.0,-10.0,1.0,-10.0,-1.0\n"
        "1.0,0.0,1.0,1.0,-10.0,-0.0\n1.0,1.0,-9.0,1.0,-10.0,-1.0\n"
    )


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200,000 rows, some with texts that need quotes."""
    path = tmp_path_factory.mktemp("many") / "many.csv"
    random = numpy.random.default_rng(5)
    x, y = random.normal(size=200_000), random.lognormal(size=200_000)
    names = ['"a, ""b""\nc"' if index % 1000 == 0 else f"name {index}" for index in range(len(x))]
    path.write_text(
        "name,x,y\n" + "".join(f"{n},{a!r},{b!r}\n" for n, a, b in zip(names, x.tolist(), y.tolist(), strict=True))
    )
    return path


@pytest.mark.slow
@pytest.mark.parametrize("kernel", ["numpy", "native"])
def test_results_are_the_same_bit_for_bit_for_any_threads_and_blocks(mgrad: Run, many: Path, kernel: str) -> None:
    formula = "tanh(x)*log(y) + erf(x*y)"
    ran = [
        mgrad("map", formula, str(many), "--kernel", kernel, "--threads", threads, "--block-rows", block)
        for threads, block in (("1", "4096"), ("3", "1000"), ("2", "64"))
    ]
    assert ran[0].stderr == "200,000 rows\n"
    assert ran[0].stdout == ran[1].stdout == ran[2].stdout
    assert len(rows(ran[0].stdout.replace('""\nc', '""c'))) == 200_000


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sum", "mean"])
def test_reductions_are_exact_and_the_same_whatever_computes(mgrad: Run, many: Path, kind: str) -> None:
    formula = "(w*x + b - y)**2"
    words = ("map", formula, "--params", "w=0.5,b=-1", "--reduce", kind, "--kernel", "numpy")
    ran = [
        mgrad(*words, str(many), "--threads", threads, "--block-rows", block)
        for threads, block in (("1", "8192"), ("4", "777"))
    ]
    assert ran[0].stdout == ran[1].stdout
    record = json.loads(ran[0].stdout)
    assert list(record) == ["rows", "value", "d_w", "d_b"]
    mapped = mgrad(
        "map", formula, str(many), "--w", "0.5", "--b", "-1", "--keep", "none", "--wrt", "w,b", "--kernel", "numpy"
    )
    values = [[float(row[name]) for row in rows(mapped.stdout)] for name in ("value", "d_w", "d_b")]
    divisor = 1 if kind == "sum" else 200_000
    assert [record[name] for name in ("value", "d_w", "d_b")] == [
        pytest.approx(math.fsum(column) / divisor, rel=1e-15) for column in values
    ]


def test_rows_without_a_result_count_for_nothing_in_a_reduction(mgrad: Run) -> None:
    ran = mgrad("map", "w*x", "-", "--params", "w,v=2", "--reduce", "mean", stdin="x,v\n1,1\n,1\n3,1\n")
    assert ran.returncode == 2  # v is no variable
    ran = mgrad("map", "w*x", "-", "--params", "w=2", "--reduce", "mean", stdin="x\n1\n\n3\n")
    assert json.loads(ran.stdout) == {"rows": 2, "value": 4.0, "d_w": 2.0}
    assert ran.stderr == "3 rows, 1 null\n"


def test_a_table_shows_the_first_rows_and_says_how_many_more(mgrad: Run) -> None:
    ran = mgrad("map", "x**2", "--x", "1:100:1", "--format", "table")
    assert "│  1 │     1 │   2 │" in ran.stdout
    assert "... 60 more rows; --format csv shows them all\n" in ran.stdout


def test_an_output_file_is_whole_or_not_there(mgrad: Run, tmp_path: Path) -> None:
    data = written(tmp_path / "d.csv", "x\n" + "1\n" * 1000 + "no\n")
    target = tmp_path / "out.csv"
    target.write_text("old")
    ran = mgrad("map", "x", data, "-o", str(target))
    assert ran.returncode == 4
    assert target.read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == ["d.csv", "out.csv"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_nothing_behind(tmp_path: Path, number: int) -> None:
    target = tmp_path / "out.csv"
    process = subprocess.Popen(
        ["mgrad", "map", "x", "--x", "0:1e9:1", "-o", str(target)], env=environment(), stderr=subprocess.DEVNULL
    )
    wait_for(lambda: any(path.stat().st_size for path in tmp_path.iterdir()), process)
    process.send_signal(number)
    assert process.wait(HANG_SECONDS) == 128 + number
    assert os.listdir(tmp_path) == []


def test_a_reader_that_goes_ends_the_run(tmp_path: Path) -> None:
    command = "set -o pipefail; mgrad map x --x 0:1e9:1 | head -2"
    ran = subprocess.run(["bash", "-c", command], env=environment(), capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout, ran.stderr) == (141, "x,value,d_x\n0.0,0.0,1.0\n", "")


def test_rows_come_out_as_they_go_in_when_unbuffered() -> None:
    process = subprocess.Popen(
        ["mgrad", "map", "x**2", "-", "--unbuffered"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    watch = threading.Timer(HANG_SECONDS, process.kill)
    watch.start()
    process.stdin.write(b"x\n2\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"x,value,d_x\n"
    assert process.stdout.readline() == b"2,4.0,4.0\n"
    process.stdin.write(b"3\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"3,9.0,6.0\n"
    process.communicate()
    watch.cancel()
    assert process.returncode == 0


def test_an_interrupt_ends_a_run_that_waits_for_rows() -> None:
    process = subprocess.Popen(
        ["mgrad", "map", "x", "-", "--unbuffered"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"x\n1\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"x,value,d_x\n"
    assert process.stdout.readline() == b"1,1.0,1.0\n"
    process.send_signal(signal.SIGINT)
    assert process.wait(HANG_SECONDS) == 130
    process.stdin.close()
    process.stdout.close()


@pytest.mark.parametrize("count", [2, 50, 99, 1999])
def test_a_counted_range_ends_at_its_stop(count: int) -> None:
    from mgrad_cli.evaluation.value_text import parse_value

    assert parse_range("x", f"0:1#{count}", parse_value).values(numpy.arange(count))[-1] == 1.0


def peak_memory(command: list[str], stdin: Any = None) -> int:
    """The largest resident size of a command, in MiB."""
    script = (
        "import resource, subprocess, sys; code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode; "
        "print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, *command], stdin=stdin, capture_output=True, text=True, env=environment()
    )
    code, size = ran.stdout.split()
    assert code == "0", ran.stderr
    return int(size)


@pytest.mark.slow
def test_memory_is_bounded_by_the_block_and_not_by_the_input(tmp_path: Path) -> None:
    path = tmp_path / "many.parquet"
    batch = pyarrow.table({"x": numpy.full(5_000_000, 1.5), "y": numpy.full(5_000_000, 2.0)})
    parquet.write_table(batch, path, row_group_size=5_000_000)
    assert path.stat().st_size < 1_000_000
    assert peak_memory(["mgrad", "map", "x*y", str(path), "--keep", "none", "--format", "csv", "--threads", "2"]) < 400
    with subprocess.Popen(
        [sys.executable, "-c", "for _ in range(40): print('x,y\\n' * (_ == 0) + '1.25,2.5\\n' * 100_000, end='')"],
        stdout=subprocess.PIPE,
    ) as feeder:
        assert peak_memory(["mgrad", "map", "x*y", "-", "--threads", "2"], stdin=feeder.stdout) < 400


@pytest.mark.parametrize("size", [7, 16, 64])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_chunks_hold_whole_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, line_end: bytes) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", size)
    records = [b"a,b", b'"x\ny, ""z""",1', b"", b'2,"\n\n"', b"3,4", b'"",5']
    whole = line_end.join(records)
    stream = ByteStream(written(tmp_path / "d.csv", whole))
    cutter = Cutter(stream, 1000, RecordScanner(","))
    cutter.size = size
    assert cutter.first().rstrip(b"\r") == b"a,b"
    pieces = list(cutter.chunks())
    stream.close()
    assert b"".join(piece.data for piece in pieces) == whole[len(b"a,b" + line_end) :] + b"\n"
    line = 2
    for piece in pieces:
        assert piece.line == line
        assert piece.data.count(b'"') % 2 == 0
        line += piece.data.count(b"\n")


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_chunks_of_any_size_give_the_same_rows(mgrad: Run, tmp_path: Path, form: str) -> None:
    texts = ['"q,\n1"', "é", "", '""', "plain"]
    if form == "csv":
        data = "t,x\n" + "".join(f"{texts[i % 5]},{'' if i % 7 == 0 else i}\n" for i in range(500))
    else:
        data = "".join(json.dumps({"t": texts[i % 5], "x": None if i % 7 == 0 else i}) + "\n" for i in range(500))
    path = written(tmp_path / f"d.{form}", data)
    script = (
        "import sys; from mgrad_cli.data import chunks; chunks.MIN_BYTES = chunks.CHUNK_BYTES = int(sys.argv.pop(1)); "
        "from mgrad_cli.cli.main import run; sys.exit(run(sys.argv[1:]))"
    )
    answers = []
    for size in ("50", "333", "100000"):
        command = [sys.executable, "-c", script, size, "map", "x**2", path]
        answers.append(subprocess.run(command, capture_output=True, text=True, env=environment()))
    assert answers[0].returncode == 0, answers[0].stderr
    assert "500 rows, 72 null" in answers[0].stderr
    assert answers[0].stdout == answers[1].stdout == answers[2].stdout


DATA_HINT = "pip install 'mgrad-cli[data]' (in a checkout: pip install '.[data]')\n"


def test_without_the_extra_text_and_ranges_work_and_one_line_says_what_the_rest_needs(tmp_path: Path) -> None:
    data = written(tmp_path / "d.csv", "x\n1\n")
    binary = written(tmp_path / "d.parquet", b"PAR1")
    out = tmp_path / "out"
    script = (
        "import sys; sys.modules['polars'] = sys.modules['pyarrow'] = sys.modules['llvmlite'] = None; "
        "from mgrad_cli.cli.main import run; sys.exit(run(sys.argv[1:]))"
    )
    for words, message in (
        (["map", "x", data, "--quiet"], ""),
        (["map", "x", data, "--quiet", "--json"], ""),
        (["map", "x", data, "--quiet", "-o", f"{out}/"], ""),
        (["map", "x", "--x", "0:1:.5", "--quiet"], ""),
        (["map", "x", "--x", "0:1#3", "--reduce", "sum", "--quiet"], ""),
        (["map", "x", "--x", "0:1:.5", "--format", "table", "--quiet"], ""),
        (
            ["map", "x", "--x", "0:1:1e-5", "--format", "table"],
            f"note: fast reading of many rows needs {LIBRARIES}: {DATA_HINT}100,001 rows\n",
        ),
        (["map", "x", binary], f"error: Parquet needs {LIBRARIES}: {DATA_HINT}"),
        (["map", "x", "-", "--input-format", "arrow"], f"error: Arrow IPC needs {LIBRARIES}: {DATA_HINT}"),
        (["map", "x", data, "-o", str(tmp_path / "e.parquet")], f"error: Parquet needs {LIBRARIES}: {DATA_HINT}"),
        (  # before the fit, which would fail
            ["fit", "x/a", data, "--y", "x", "--params", "a=0", "--predict", "m", "-o", str(tmp_path / "e.parquet")],
            f"error: Parquet needs {LIBRARIES}: {DATA_HINT}",
        ),
        (["map", "x", "s3://bucket/d.csv"], f"error: this command needs pyarrow: {DATA_HINT}"),
        (["eval", "2*3", "--json"], ""),
    ):
        ran = subprocess.run(
            [sys.executable, "-c", script, *words],
            capture_output=True,
            text=True,
            env=environment(),
            input="ARROW1\0\0",
        )
        assert (ran.returncode, ran.stderr) == (2 if message.startswith("error") else 0, message)
    assert [path.read_text() for path in out.glob("*.csv")] == ["x,value,d_x\n1,1.0,1.0\n"]
    script = script.replace("sys.modules['polars'] = sys.modules['pyarrow'] = ", "")
    command = [sys.executable, "-c", script, "map", "x", data, "--kernel"]
    ran = subprocess.run([*command, "native"], capture_output=True, text=True, env=environment())
    assert (ran.returncode, ran.stderr) == (
        2, "error: the native kernel needs llvmlite: pip install 'mgrad-cli[native]' (in a checkout: pip install '.[native]')\n",
    )  # fmt: skip
    assert subprocess.run([*command, "auto"], capture_output=True, env=environment()).returncode == 0


def test_the_cases_of_shared_formulas(tmp_path: Path) -> None:
    for line in shared("feynman.jsonl").read_text().splitlines()[::10]:
        case = json.loads(line)
        header, values = ",".join(case["vars"]), ",".join(map(repr, case["vars"].values()))
        ran = run_mgrad("map", case["expr"], "-", "--keep", "none", "--json", "--quiet", stdin=f"{header}\n{values}\n")
        record = json.loads(ran.stdout)
        assert record["value"] == pytest.approx(case["value"], rel=1e-12)
        for name, grad in case["grads"].items():
            assert record[f"d_{name}"] == pytest.approx(grad, rel=1e-11, abs=1e-300)
