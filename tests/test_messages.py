"""What is said on standard error cannot do anything to a terminal, whoever the text came from."""

import json
import os
import unicodedata
from pathlib import Path

import pytest

from mgrad_cli.text import UNPRINTABLE
from tests.conftest import Run

HOSTILE = {
    "escape": "\x1b[31mred\x1b[0m",
    "title": "\x1b]0;owned\x07",
    "link": "\x1b]8;;http://example.com\x1b\\here\x1b]8;;\x1b\\",
    "8-bit": "\x9b31m\x9d0;owned\x9c",
    "bidi": "\u202eabc\u2066\u200f",
    "back": "abc\b\b\b\rxyz",
    "bell": "\x07\x7f\x00",
}


def check_harmless(text: str) -> None:
    assert text
    for line in text.removesuffix("\n").split("\n"):
        assert not [char for char in line if unicodedata.category(char) in UNPRINTABLE]


@pytest.mark.slow
@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("on_error", ["stop", "null", "skip"])
def test_bad_rows_are_told_without_control_characters(mgrad: Run, on_error: str, hostile: str, tmp_path: Path) -> None:
    cell = hostile.replace("\r", "")  # which would end the line
    data = f'x,"y{cell}"\n{cell},1\n1,{cell}\n"{cell}\n",2\n3,4,5\n'.encode()
    ran = mgrad("map", "x", "-", "--on-error", on_error, stdin=data)
    assert ran.returncode in ({4} if on_error == "stop" else {1})
    check_harmless(ran.stderr)


@pytest.mark.slow
@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("on_error", ["stop", "null", "skip"])
def test_bad_records_are_told_without_control_characters(mgrad: Run, on_error: str, hostile: str) -> None:
    records = [{"x": 1, hostile: 2}, {"x": hostile}, {hostile: 1}, {"x": {hostile: hostile}}]
    lines = "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records)
    ran = mgrad("map", "x", "-", "--on-error", on_error, stdin=lines)
    check_harmless(ran.stderr)
    ran = mgrad("batch", "-", "--on-error", on_error, stdin=f"1+{hostile}\n{json.dumps({'expr': hostile})}\n")
    check_harmless(ran.stderr)


@pytest.mark.slow
@pytest.mark.parametrize("hostile", [text for text in HOSTILE.values() if "/" not in text and "\0" not in text])
def test_names_are_told_without_control_characters(mgrad: Run, hostile: str, tmp_path: Path) -> None:
    for name in (f"{hostile}.csv", f"{hostile}.jsonl", f"{hostile}.parquet", f"{hostile}.arrow"):
        (tmp_path / name).write_text("x\n1\nword\n")
        for more in ([], ["--on-error", "null", "-o", "out.csv"], ["--debug"], ["-o", f"{hostile}/missing/out.csv"]):
            ran = mgrad("map", "x", name, *more, cwd=tmp_path)
            check_harmless(ran.stderr)
    ran = mgrad("map", "x", "missing.csv", "-o", f"{hostile}.csv", cwd=tmp_path)
    check_harmless(ran.stderr)
    for words in (
        ["eval", f"x + {hostile}"],
        ["eval", "x", f"--{hostile}", "1"],
        [hostile],
        ["check", "--file", hostile],
    ):
        check_harmless(mgrad(*words, cwd=tmp_path).stderr)


def test_failures_of_parts_are_told_without_control_characters(mgrad: Run, tmp_path: Path) -> None:
    for number in range(2):
        (tmp_path / f"{number}.csv").write_text(f"x,y\n{HOSTILE['title']}{os.linesep}1,2\n")
    ran = mgrad("map", "x", "0.csv", "1.csv", "-o", "out/", "--on-error", "null", "--jobs", "2", cwd=tmp_path)
    assert ran.returncode == 1
    check_harmless(ran.stderr)


def test_a_message_is_one_line_however_many_its_text_had(mgrad: Run) -> None:
    ran = mgrad("map", "x", "-", "--on-error", "skip", stdin='x\n"1\nerror: all is lost"\n2\n')
    assert [line.split(":")[0] for line in ran.stderr.splitlines()] == ["warning", "1 of 2 rows failed"]


BYTES = os.fsdecode(b"v\xff")


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet", "arrow"])
@pytest.mark.parametrize("option", ["--value-name", "--grad-prefix"])
def test_names_of_results_that_are_not_utf_8_are_refused(mgrad: Run, option: str, ending: str, tmp_path: Path) -> None:
    ran = mgrad("map", "x", "-", option, BYTES, "-o", f"out.{ending}", stdin="x\n1\n", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == f"error: the value of {option}, 'v\N{REPLACEMENT CHARACTER}', is not UTF-8\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words",
    [
        ["map", "x", "a.csv", "--reduce", "sum", "--value-name", BYTES], ["map", "x", "a.csv", "--params", f"{BYTES}=1"],
        ["map", "x", "a.csv", "--keep", BYTES], ["map", "x", "a.csv", "--col", f"x={BYTES}"], ["diff", "x", "--wrt", BYTES],
        ["eval", "x", "--x", "1", "--title", BYTES], ["eval", f"x + {BYTES}", "--x", "1"], ["eval", "x", "--x", BYTES],
        ["eval", "x", f"--{BYTES}", "1"], ["eval", "x", "--file", BYTES], ["plot", "x", "--x", "0:1", "--title", BYTES],
    ],
)  # fmt: skip
def test_words_that_are_not_utf_8_are_an_error_of_one_sentence(mgrad: Run, words: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n1\n")
    ran = mgrad(*words, cwd=tmp_path)
    assert ran.returncode in {2, 3}
    assert ran.stderr.startswith("error: ")
    check_harmless(ran.stderr)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "arrow"])
def test_the_name_of_a_file_may_be_any_bytes(mgrad: Run, ending: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n1\n")
    name = f"{BYTES}.{ending}"
    assert mgrad("map", "x", "a.csv", "-o", name, cwd=tmp_path).returncode == 0
    ran = mgrad("map", "2*x", name, "--keep", "none", "--format", "jsonl", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (0, '{"value": 2.0, "d_x": 2.0}\n'), ran.stderr
    ran = mgrad("map", "2*x", name, name, "-o", f"{BYTES}/", "--format", "csv", "--keep", "none", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    ran = mgrad("map", "2*y", name, cwd=tmp_path)
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
