"""`mgrad map` on files that name the same columns in another order, or only after some bad rows."""

import csv
import json
from pathlib import Path

import pytest

from tests.conftest import Run

CONTENTS = {
    "csv": ("id,x\n1,2\n", 'x,id\n5,"7"\n'),
    "tsv": ("id\tx\n1\t2\n", "x\tid\n5\t7\n"),
    "jsonl": ('{"id":1,"x":2}\n', '{"x":5,"id":7}\n'),
}


def two_files(folder: Path, form: str, other: str) -> list[str]:
    (folder / f"a.{form}").write_text(CONTENTS[form][0])
    (folder / f"b.{other}").write_text(CONTENTS[other][1])
    return [f"a.{form}", f"b.{other}"]


@pytest.mark.parametrize("other", ["csv", "jsonl"])
@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("words", [[], ["--keep", "x,id"], ["--csv-safe"]], ids=" ".join)
def test_columns_in_another_order_are_matched_by_name(
    mgrad: Run, tmp_path: Path, form: str, other: str, words: list[str]
) -> None:
    files = two_files(tmp_path, form, other)
    ran = mgrad("map", "x*2", *files, *words, "--format", "csv", cwd=tmp_path)
    rows = [(row["id"], row["x"], row["value"]) for row in csv.DictReader(ran.stdout.splitlines())]
    assert (ran.returncode, rows) == (0, [("1", "2", "4.0"), ("7", "5", "10.0")])


def test_columns_are_matched_by_name_in_sums_folders_and_typed_files(mgrad: Run, tmp_path: Path) -> None:
    files = two_files(tmp_path, "csv", "tsv")
    assert json.loads(mgrad("map", "x*2", *files, "--reduce", "sum", cwd=tmp_path).stdout)["value"] == 14
    for words in (["-o", "o/"], ["-o", "z.parquet"]):
        ran = mgrad("map", "x*2", *files, *words, cwd=tmp_path)
        assert (ran.returncode, ran.stderr) == (0, "2 rows\n")
    assert [path.read_text() for path in sorted((tmp_path / "o").glob("part-*"))] == [
        "id,x,value,d_x\n1,2,4.0,2.0\n", "id,x,value,d_x\n7,5,10.0,2.0\n",
    ]  # fmt: skip
    back = mgrad("map", "x*1", "z.parquet", "--value-name", "v", "--wrt", "none", cwd=tmp_path)
    assert back.stdout == "id,x,value,d_x,v\n1,2.0,4.0,2.0,2.0\n7,5.0,10.0,2.0,5.0\n"
    (tmp_path / "c.csv").write_text("id,y\n1,2\n")
    assert mgrad("map", "x*2", "a.csv", "c.csv", cwd=tmp_path).returncode == 4


@pytest.mark.sampled(3)
@pytest.mark.parametrize("first", ['{"id":10,"x":NaN}', "{}", '{"y":1}', "not JSON", '{"x":"a"}', "\n{}\n\n{}"])
@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_bad_records_before_the_one_that_names_the_columns(mgrad: Run, first: str, form: str) -> None:
    data = f'{first}\n{{"id":1,"x":2}}\n{{"x":3,"id":4}}\n'
    bad = len([line for line in first.split("\n") if line])
    for on_error in ("null", "skip"):
        words = [] if form == "jsonl" else ["--keep", "x", "--format", "csv"]
        ran = mgrad("map", "x*2", "-", "--on-error", on_error, "--input-format", "jsonl", *words, stdin=data)
        assert (ran.returncode, f"{bad} of {bad + 2} rows failed" in ran.stderr) == (1, True)
        assert ran.stdout.splitlines()[-1].startswith('{"x":3,"id":4' if form == "jsonl" else "3,6.0")
    stopped = mgrad("map", "x*2", "-", "--input-format", "jsonl", stdin=data)
    assert (stopped.returncode in {2, 4}, stopped.stdout) == (True, "")


def test_where_no_record_is_good_the_first_one_says_what_is_wrong(mgrad: Run) -> None:
    ran = mgrad("map", "x", "-", "--on-error", "null", "--input-format", "jsonl", stdin="no\n[1]\n")
    assert (ran.returncode, "standard input, line 1, column 1: invalid JSON" in ran.stderr) == (4, True)
    ran = mgrad("map", "x", "-", "--on-error", "null", "--input-format", "jsonl", stdin="\n\n")
    assert (ran.returncode, ran.stderr) == (4, "error: standard input is empty\n")
