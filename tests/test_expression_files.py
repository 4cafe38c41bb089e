"""Files of expressions: gzip is read, and what is no text is named together with what converts it."""

import bz2
import gzip
import lzma
from pathlib import Path

import pytest

from tests.conftest import Run

TEXT = b"a = 2; a*3\n"
VALUE = '"value": 6.0'


def words_for(command: str, path: str) -> list[str]:
    return ["batch", path] if command == "batch" else ["eval", "--json", *(["-"] if path == "-" else ["--file", path])]


@pytest.mark.parametrize("command", ["batch", "eval"])
@pytest.mark.parametrize(
    ("content", "what", "remedy"),
    [
        (bz2.compress(lzma.compress(TEXT)), "compressed twice", "xz -dc FILE | mgrad {} -"),
        (gzip.compress(gzip.compress(TEXT)), "compressed twice", "gzip -dc FILE | mgrad {} -"),
        (b"PK\x03\x04zip", "a ZIP archive", "unzip -p FILE | mgrad {} -"),
        (TEXT.decode().encode("utf-16-le"), "text in UTF-16", "give --encoding utf-16-le"),
        (b"PAR1\x15\x04", "Parquet", "mgrad map reads it"),
    ],
    ids=["xz in bzip2", "gzip twice", "zip", "UTF-16", "Parquet"],
)
def test_what_is_no_text_is_named(
    mgrad: Run, tmp_path: Path, command: str, content: bytes, what: str, remedy: str
) -> None:
    (tmp_path / "f.mg").write_bytes(content)
    for path, name, file in (("f.mg", "f.mg", "f.mg"), ("-", "standard input", "FILE")):
        ran = mgrad(*words_for(command, path), cwd=tmp_path, stdin=content if path == "-" else None)
        assert (ran.returncode, ran.stdout) == (4, "")
        assert ran.stderr.startswith(f"error: {name} is {what}")
        assert remedy.format(command).replace("FILE", file) in ran.stderr


@pytest.mark.parametrize("command", ["batch", "eval"])
def test_what_gzip_compressed_is_read(mgrad: Run, tmp_path: Path, command: str) -> None:
    (tmp_path / "f").write_bytes(gzip.compress(b"\xef\xbb\xbf" + TEXT))
    for path, stdin in (("f", None), ("-", gzip.compress(TEXT))):
        assert VALUE in mgrad(*words_for(command, path), cwd=tmp_path, stdin=stdin).stdout


def test_a_json_array_of_records_is_lines(mgrad: Run) -> None:
    for on_error in ("stop", "null", "skip"):
        ran = mgrad("batch", "-", "--on-error", on_error, stdin='[\n{"expr": "1"}]\n')
        assert (ran.returncode, '"value": 1.0' in ran.stdout) == (0, True)


@pytest.mark.parametrize("line", ["PAR1 = 2\nPAR1*3", "OR = 6\nOR", "# [1]\n2*3", " 6"])
def test_expressions_that_begin_like_data_are_read(mgrad: Run, line: str) -> None:
    assert VALUE in mgrad("eval", "-", "--json", stdin=line).stdout


@pytest.mark.parametrize(
    ("words", "name"),
    [("batch {}", "f.mg"), ("eval --json --file {}", "f.mg"), ("batch f.mg --output {}", "o"),
     ("graph x*y --x 1 --y 2 --output {}", "o.dot"), ("plot x*y --x 0:1 --y 2 --output {}", "o.svg")],
)  # fmt: skip
def test_file_addresses_are_local_paths_everywhere(mgrad: Run, tmp_path: Path, words: str, name: str) -> None:
    (tmp_path / "f.mg").write_bytes(TEXT)
    ran = mgrad(*words.format((tmp_path / name).as_uri()).split(), cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert VALUE in ran.stdout or (tmp_path / name).stat().st_size


@pytest.mark.parametrize("words", [["batch", "{}"], ["batch", "f.mg", "-o", "{}"], ["map", "x", "{}"]])
def test_an_address_of_another_kind_says_which_there_are(mgrad: Run, tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "f.mg").write_bytes(TEXT)
    ran = mgrad(*(word.format("https://example.org/d") for word in words), cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "cannot open the address 'https://example.org/d': addresses start with s3://" in ran.stderr


@pytest.mark.parametrize("command", ["eval", "check", "diff", "graph", "explain", "plot"])
@pytest.mark.parametrize(
    ("name", "remedy"),
    [("d.csv", "for its rows: mgrad map EXPRESSION d.csv"), ("d.mg", "to read the expression from it: --file d.mg")],
)
def test_a_file_in_the_place_of_an_expression(mgrad: Run, tmp_path: Path, command: str, name: str, remedy: str) -> None:
    (tmp_path / name).write_bytes(TEXT)
    ran = mgrad(command, name, cwd=tmp_path)
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", f"error: '{name}' is a file; {remedy}\n")


@pytest.mark.parametrize(
    ("file", "code", "message"),
    [
        ("x*y", 2, "there is no file 'x*y'; to evaluate one expression: mgrad eval \"x*y\""),
        ("none", 4, "cannot read 'none': No such file or directory"),
        ("none.mg", 4, "cannot read 'none.mg': No such file or directory"),
    ],
)
def test_an_expression_in_the_place_of_a_file(mgrad: Run, file: str, code: int, message: str) -> None:
    ran = mgrad("batch", file, "--x", "1")
    assert (ran.returncode, ran.stderr) == (code, f"error: {message}\n")


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ('{"expression": "1"}', "the record has no text 'expr'; rename 'expression' to 'expr'"),
        ('{"id": "7", "a": "1", "b": "2"}', "the record has no text 'expr'"),
        ('{"expr": "x*y", "x": 2, "vars": {"y": 1}}', "missing value for 'x'; values of variables stand in 'vars' of the record"),
    ],
)  # fmt: skip
def test_records_of_another_shape(mgrad: Run, record: str, message: str) -> None:
    ran = mgrad("batch", "-", stdin=f"{record}\n")
    assert (ran.returncode, ran.stderr.splitlines()[0].endswith(f": {message}")) == (4, True)
