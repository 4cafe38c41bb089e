"""What `mgrad map` says of data that it cannot read: what was found, and what helps."""

import gzip
import shlex
import zipfile
from io import BytesIO
from pathlib import Path

import pyarrow
import pytest
from pyarrow import ipc, parquet

from mgrad_cli.data.columns import missing_column_advice
from mgrad_cli.data.formats import ReadOptions
from mgrad_cli.data.opening import data_files, open_source
from mgrad_cli.errors import MgradError, UsageError
from tests.conftest import Run

CSV = "x,y\n1,2\n3,4\n"


def packed(kind: str) -> bytes:
    buffer = BytesIO()
    match kind:
        case "zip":
            with zipfile.ZipFile(buffer, "w") as archive:
                archive.writestr("d.csv", CSV)
        case "parquet":
            parquet.write_table(pyarrow.table({"x": [1.0]}), buffer)
        case "arrow":
            table = pyarrow.table({"x": [1.0]})
            with ipc.new_file(buffer, table.schema) as writer:
                writer.write_table(table)
    return buffer.getvalue()


CONTENTS = {
    "zip": (packed("zip"), "is a ZIP archive, as .xlsx files are, not", "save the sheet as CSV"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "is an Excel file (.xls), not", "save the sheet as CSV"),
    "sqlite": (b"SQLite format 3\0" + bytes(80), "is an SQLite database, not", "sqlite3 -csv -header"),
    "parquet": (packed("parquet"), "is Parquet, not", "give --input-format parquet"),
    "arrow": (packed("arrow"), "is Arrow IPC, not", "give --input-format arrow"),
    "UTF-16LE": (CSV.encode("utf-16-le"), "is text in UTF-16, not", "give --encoding utf-16-le"),
    "UTF-16BE": (CSV.encode("utf-16-be"), "is text in UTF-16, not", "give --encoding utf-16-be"),
    "JSON array": (b'[\n  {"x": 1},\n  {"x": 2}\n]\n', "is a JSON array, not", "give --input-format jsonl"),
    "HTML": (b"<!DOCTYPE html>\n<html></html>", "is an HTML or XML page, not", "download the data itself"),
}


def message_of(path: str, form: str | None = None) -> str:
    with pytest.raises(MgradError) as caught:
        open_source(path, ReadOptions(form)).close()
    assert caught.value.exit_code == 4
    return caught.value.message


@pytest.mark.parametrize("kind", CONTENTS)
@pytest.mark.parametrize("name", ["d.csv", "d.tsv", "d.jsonl", "d.parquet", "d.arrow", "d", "d.json"])
def test_content_under_a_wrong_name_is_named(tmp_path: Path, kind: str, name: str) -> None:
    content, found, remedy = CONTENTS[kind]
    path = tmp_path / name
    path.write_bytes(content)
    own = {
        "parquet": {"d.parquet", "d", "d.json"},
        "arrow": {"d.arrow", "d", "d.json"},
        "JSON array": {"d.jsonl", "d", "d.json"},
    }
    if name in own.get(kind, ()):
        open_source(str(path), ReadOptions()).close()
        return
    said = message_of(str(path))
    assert said.startswith(f"{path} {found}")
    assert remedy in said


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_text_under_a_binary_name_is_named(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"d.{form}"
    path.write_text(CSV)
    assert "give --input-format csv, tsv or jsonl" in message_of(str(path))


@pytest.mark.parametrize(
    ("content", "form", "message"),
    [
        (b"\nx,y\n1,2\n", "csv", "line 1: blank, where the names of the columns should be; --skip 1 skips"),
        (b"  \r\nx,y\n", "csv", "line 1: blank"),
        (b"\n\n\n", "csv", "line 1: blank"),
        (b"\n \n\nx,y\n", "csv", "; --skip 3 skips the lines before them"),
        (
            "x,größe\n1,2\n".encode("latin-1"),
            "csv",
            "line 1, column 5: not UTF-8; give the encoding of the file, as --encoding latin-1",
        ),
        (b'{\n  "x": 1\n}\n', "jsonl", "if the object goes on in the next line, make it one line: jq -c . FILE"),
        (b"5\n", "jsonl", "line 1: not a JSON object"),
        (b'"x,y\n1,2\n', "csv", "line 1, column 1: a quote inside a cell, or one that is never closed"),
    ],
)
def test_the_first_line_is_told_what_is_wrong_with_it(tmp_path: Path, content: bytes, form: str, message: str) -> None:
    path = tmp_path / "d"
    path.write_bytes(content)
    assert message in message_of(str(path), form)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_byte_order_mark_before_a_quoted_name_of_two_lines(mgrad: Run, line_end: str, mark: str) -> None:
    ran = mgrad("map", "x", "-", stdin=f'{mark}"a{line_end}b",x{line_end}7,1{line_end}')
    assert (ran.returncode, ran.stdout) == (0, f'"a{line_end}b",x,value,d_x{line_end}7,1,1.0,1.0{line_end}')


@pytest.mark.parametrize(
    ("name", "columns", "advice"),
    [
        ("L", ["sL", "L (m)"], '; use --col "L=L (m)"'),
        ("L", ["sL", "L [m]"], '; use --col "L=L [m]"'),
        ("T", ["time", "T/K"], "; use --col T=T/K"),
        ("T", ["T, K", "t"], '; use --col "T=T, K"'),
        ("T", ["T K"], '; use --col "T=T K"'),
        ("x", ["id", " x"], '; use --col "x= x"'),
        ("x", ["id", "x "], '; use --col "x=x "'),
        ("cost", ["cost ($)"], "; use --col 'cost=cost ($)'"),
        ("x", ["# made by hand"], "; the first line is a comment: give --comment '#'"),
        ("x", ["1", "2.5"], "; the first line has numbers: give --no-header, and the columns are c1, c2, ..."),
        ("mass", ["Mass", "speed"], "; did you mean 'Mass'?"),
        ("xy", ["id", "x", "y"], "; write 'xy' as x*y"),
        ("mass", ["m", "a", "s", "Mass"], "; did you mean 'Mass'?"),
        ("x", ["first", "second"], ""),
    ],
)
def test_a_column_that_is_not_there(name: str, columns: list[str], advice: str) -> None:
    assert missing_column_advice(name, columns) == advice


@pytest.mark.parametrize(
    ("name", "header", "message"),
    [
        ("d.tsv", "id,x", "d.tsv is read as TSV and has one column, 'id,x'; give --delimiter ,"),
        ("d.csv", "id\tx", "d.csv is read as CSV and has one column, 'id\\tx'; give --delimiter tab"),
        ("d.csv", "id;x", "one column, 'id;x'; give --delimiter ';'"),
        ("d e.tsv", "id|x", "one column, 'id|x'; give --delimiter '|'"),
        ("-", "id\tx", "standard input is read as CSV and has one column, 'id\\tx'; give --delimiter tab"),
        ("d.csv", '"id:x"', "no column 'x'; columns: id:x; --x VALUE gives it one value"),
        ("d.csv", '"id,x"', "no column 'x'; columns: id,x; --x VALUE gives it one value"),
        ("d.csv", "id", "no column 'x'; columns: id; --x VALUE gives it one value"),
    ],
)
def test_a_file_with_another_separator_than_its_name_says(
    mgrad: Run, tmp_path: Path, name: str, header: str, message: str
) -> None:
    text = f"{header}\n1:2\n"
    if name != "-":
        (tmp_path / name).write_text(text)
    ran = mgrad("map", "x*2", name, cwd=tmp_path, stdin=text if name == "-" else None)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.endswith(f"{message}\n")


@pytest.mark.parametrize("output", [[], ["-o", "out/"], ["-o", "out.parquet"]])
def test_a_later_file_with_another_separator(mgrad: Run, tmp_path: Path, output: list[str]) -> None:
    (tmp_path / "a.csv").write_text("id,x\n1,2\n")
    for name, header, remedy in (
        ("b.tsv", "id,x", "'id,x'; give --delimiter , if all files have it, or convert it"),
        ("c.csv", "id;x", "'id;x'; give --delimiter ';' if all files have it, or convert it"),
        ("d.csv", "id,y", "d.csv has other columns"),
    ):
        (tmp_path / name).write_text(f"{header}\n1:2\n")
        ran = mgrad(
            "map", "x", "a.csv", name, *output, "--quiet", *(["--overwrite"] if "out/" in output else []), cwd=tmp_path
        )
        assert ran.returncode == 4
        assert remedy in ran.stderr


def test_columns_that_blanks_separate(mgrad: Run) -> None:
    ran = mgrad("map", "x*y", "-", stdin="x   y\n1   2\n")
    assert ran.stderr.endswith("give --delimiter ws\n")
    ran = mgrad("map", "x", "-", stdin="x K\n1\n")
    assert ran.stderr.endswith('; use --col "x=x K"\n')


@pytest.mark.parametrize("word", ["NA", "n/a", "#N/A", "null", " None ", "-", "?"])
def test_a_word_for_a_missing_value_says_how_it_is_read(mgrad: Run, word: str) -> None:
    ran = mgrad("map", "x", "-", stdin=f"x,y\n{word},1\n")
    option = f"--null {shlex.quote(word.strip())}"
    assert (ran.returncode, ran.stderr.endswith(f"is not a number; for missing values, give {option}\n")) == (4, True)
    ran = mgrad("map", "x", "-", "--null", word, stdin=f"x,y\n{word},1\n")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"x,y,value,d_x\n{word},1,,\n", "1 row, 1 null\n")
    assert mgrad("map", "x", "-", "--on-error", "null", stdin=f"x,y\n{word},1\n").stdout.endswith(f"{word},1,,\n")


@pytest.mark.parametrize("on_error", ["stop", "null", "skip"])
@pytest.mark.parametrize(("form", "text"), [("csv", "x,{}\n1,2\n"), ("jsonl", '{{"x": 1, "t": "{}"}}\n{{"x": 2}}\n')])
def test_a_first_record_that_is_too_long_ends_the_run(mgrad: Run, on_error: str, form: str, text: str) -> None:
    words = ["--max-line", "100", "--on-error", on_error, "--input-format", form]
    ran = mgrad("map", "x", "-", *words, stdin=text.format("y" * 200))
    assert (ran.returncode, ran.stdout) == (4, "")
    want = "line 1: longer than 100 bytes (--max-line); raise the limit, as with --max-line 200"
    assert ran.stderr == f"error: standard input, {want}\n"


def test_the_advice_works_as_it_is_written(mgrad: Run, tmp_path: Path) -> None:
    ran = mgrad("map", "L*2", "-", stdin="L (m),sL\n3,0.1\n")
    assert ran.returncode == 2
    assert '; use --col "L=L (m)"' in ran.stderr
    ran = mgrad("map", "L*2", "-", "--col", "L=L (m)", "--keep", "none", stdin="L (m),sL\n3,0.1\n")
    assert ran.stdout == "value,d_L\n6.0,2.0\n"
    ran = mgrad("map", "x*2", "-", stdin="id\tx\n1:2\n")
    assert (ran.returncode, "give --delimiter tab" in ran.stderr) == (2, True)


def test_a_folder_with_the_name_of_a_data_file(tmp_path: Path) -> None:
    (tmp_path / "sub.csv").mkdir()
    (tmp_path / "sub.csv" / "d.csv").write_text(CSV)
    assert data_files([str(tmp_path / "sub.csv")]) == (str(tmp_path / "sub.csv" / "d.csv"),)
    with pytest.raises(UsageError, match="is a folder inside a folder of data; --recursive reads what is in it"):
        data_files([str(tmp_path)])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--reduce", "sum", "--value-name", "d_w"], "the output column 'd_w' is the name of two results"),
        (["--reduce", "mean", "--value-name", "rows"], "the output column 'rows' is also the number of rows"),
        (["--reduce", "sum", "--value-name", "nonfinite"], "'nonfinite' is the name of what is not finite"),
        (["--json", "--value-name", "nonfinite"], "'nonfinite' is the name of what is not finite"),
        (["--json", "--grad-prefix", "", "--value-name", "w"], "the output column 'w' is the name of two results"),
        (["--value-name", "x"], "the output column 'x' is also a column of the input"),
    ],
)
def test_two_results_of_one_name_are_refused(mgrad: Run, words: list[str], message: str) -> None:
    ran = mgrad("map", "x*w", "-", "--w", "2", *words, stdin="x\n1\n")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert message in ran.stderr


@pytest.mark.parametrize("name", ["d.csv.gz", "d.csv", "d.jsonl.gz"])
def test_what_is_compressed_twice_is_named(mgrad: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(gzip.compress(gzip.compress(b"x\n1\n")))
    ran = mgrad("map", "x", name, cwd=tmp_path)
    assert (ran.returncode, f"{name} is compressed twice; unpack it once: gzip -dc {name} |" in ran.stderr) == (4, True)


@pytest.mark.parametrize("name", ["d.arrow", "d.parquet", "d.csv", "d.jsonl"])
def test_a_file_without_bytes_is_empty(mgrad: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    ran = mgrad("map", "x", name, cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (4, f"error: {name} is empty\n")
