"""Data in many files: folders below, partitions, other columns; and columns without a name of their own."""

import json
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from mgrad_cli.data.extended import partitions_of
from mgrad_cli.data.opening import data_files
from mgrad_cli.errors import UsageError
from tests.conftest import Run


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def partitions(tmp_path: Path) -> Path:
    """Rows in folders by year and month, one month without a value."""
    for year in (2023, 2024):
        for month in ("01", "__HIVE_DEFAULT_PARTITION__"):
            write(tmp_path / "data" / f"year={year}" / f"month={month}" / "a.csv", 'x,t\n1,a\n2,"b,c"\n')
    write(tmp_path / "data" / "_tmp" / "x.csv", "other\n1\n")
    write(tmp_path / "data" / ".hidden" / "x.csv", "other\n1\n")
    return tmp_path


def test_partitions_are_columns(mgrad: Run, partitions: Path) -> None:
    ran = mgrad("map", "x*year", "data", "--recursive", cwd=partitions)
    assert (ran.returncode, ran.stderr) == (0, "8 rows\n")
    assert ran.stdout.splitlines()[:4] == [
        "x,t,year,month,value,d_x,d_year",
        "1,a,2023,01,2023.0,2023.0,1.0",
        '2,"b,c",2023,01,4046.0,2023.0,2.0',
        "1,a,2023,,2023.0,2023.0,1.0",
    ]
    lines = mgrad("map", "x*month", "data", "--recursive", "--format", "jsonl", cwd=partitions).stdout.splitlines()
    assert json.loads(lines[1]) == {
        "x": 2, "t": "b,c", "year": 2023, "month": 1, "value": 2.0, "d_x": 1.0, "d_month": 2.0
    } | {"month": "01"}  # fmt: skip
    assert json.loads(lines[2])["value"] is None
    assert json.loads(lines[2])["month"] is None


@pytest.mark.parametrize(
    "words", [["data/year=2024/month=01"], ["data/year=2024/*/a.csv"], ["data/year=2024/month=01/a.csv"]]
)
def test_partitions_of_any_path(mgrad: Run, partitions: Path, words: list[str]) -> None:
    ran = mgrad("map", "year", *words, "--keep", "year", cwd=partitions)
    assert set(ran.stdout.splitlines()[1:]) == {"2024,2024.0,1.0"}


@pytest.mark.sampled(2)
@pytest.mark.parametrize("more", [["--jobs", "2"], ["--jobs", "1"]])
def test_partitions_in_parts_and_typed_output(mgrad: Run, partitions: Path, more: list[str]) -> None:
    words = ["map", "x*year", "data", "--recursive", "--format", "parquet"]
    assert mgrad(*words, "-o", "out/", *more, cwd=partitions).returncode == 0
    assert mgrad(*words, "-o", "out.parquet", cwd=partitions).returncode == 0
    whole = parquet.read_table(partitions / "out.parquet")
    assert whole["year"].to_pylist() == [2023.0] * 4 + [2024.0] * 4
    assert whole["month"].to_pylist() == ["01", "01", None, None] * 2
    first = parquet.read_table(partitions / "out" / "part-00000.parquet")
    assert first.to_pylist() == whole.to_pylist()[:2]


def test_a_partition_that_is_no_number(mgrad: Run, tmp_path: Path) -> None:
    write(tmp_path / "k=z" / "a.csv", "x\n1\n")
    ran = mgrad("map", "x*k", "k=z/a.csv", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (4, "")
    assert "k=z/a.csv: 'z' in column 'k', from its folder, is not a number" in ran.stderr
    assert mgrad("map", "x", "k=z/a.csv", cwd=tmp_path).stdout == "x,k,value,d_x\n1,z,1.0,1.0\n"


def test_partitions_of_records(mgrad: Run, tmp_path: Path) -> None:
    write(tmp_path / "k=7" / "a.jsonl", '{"x": 1, "s": {"a": [1]}}\n{ }\n{"x": 2}\n')
    ran = mgrad("map", "x*k", "k=7/a.jsonl", "--on-error", "null", cwd=tmp_path)
    records = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [(each["k"], each["value"]) for each in records] == [(7, 7.0), (7, None), (7, 14.0)]
    assert records[0]["s"] == {"a": [1]}
    write(tmp_path / "k=7" / "a.jsonl", '{"x": 1, "s": {"a": [1]}}\n' * 70_000)
    large = mgrad("map", "x*k", "k=7/a.jsonl", cwd=tmp_path)
    assert set(large.stdout.splitlines()) == {'{"x": 1, "s": {"a": [1]}, "k": 7, "value": 7.0, "d_x": 7.0, "d_k": 1.0}'}


def test_names_in_paths() -> None:
    assert partitions_of("s3://b/year=2024/a%20b=c%2Fd/x.csv?region=eu") == {"year": "2024", "a b": "c/d"}
    assert partitions_of("a=b.csv") == {}


def test_folders_below(mgrad: Run, tmp_path: Path) -> None:
    for name in ("b.csv", "a/c.csv", "a/d/e.csv", "a/d/f.txt", "_x/g.csv"):
        write(tmp_path / "data" / name, "x\n1\n")
    (tmp_path / "data" / "a" / "loop").symlink_to(tmp_path / "data")
    root = str(tmp_path / "data")
    assert data_files([root]) == (f"{root}/b.csv",)
    found = data_files([root], is_recursive=True)
    assert [name for name in found if "loop" not in name] == [f"{root}/a/c.csv", f"{root}/a/d/e.csv", f"{root}/b.csv"]
    assert len(found) < 10
    (tmp_path / "data" / "b.csv").unlink()
    with pytest.raises(UsageError, match=r"no data files in .*; --recursive reads the folders in it"):
        data_files([root])
    (tmp_path / "data" / "z.csv").mkdir()
    with pytest.raises(UsageError, match=r"z.csv' is a folder inside a folder of data; --recursive reads"):
        data_files([root])


@pytest.fixture
def others(tmp_path: Path) -> Path:
    """Three files with other columns."""
    for name, text in {"a.csv": "x,y\n1,2\n", "b.csv": "y,x,z\n3,4,5\n", "c.csv": "x\n7\n"}.items():
        write(tmp_path / name, text)
    return tmp_path


UNION = ["map", "x*y", "a.csv", "b.csv", "c.csv", "--union"]


def test_a_union_has_the_columns_of_all(mgrad: Run, others: Path) -> None:
    ran = mgrad(*UNION, cwd=others)
    assert (ran.returncode, ran.stderr) == (0, "3 rows, 1 null\n")
    assert ran.stdout == "x,y,z,value,d_x,d_y\n1,2,,2.0,2.0,1.0\n4,3,5,12.0,3.0,4.0\n7,,,,,\n"
    assert "--union takes what a file lacks as missing values" in mgrad(*UNION[:-1], cwd=others).stderr
    mgrad(*UNION, "-o", "out.parquet", cwd=others)
    table = parquet.read_table(others / "out.parquet").select(["x", "y", "z", "value"])
    assert [list(row.values()) for row in table.to_pylist()] == [
        [1, 2, None, 2],
        [4, 3, "5", 12],
        [7, None, None, None],
    ]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_union_in_parts(mgrad: Run, others: Path, jobs: str) -> None:
    assert mgrad(*UNION, "-o", "out/", "--jobs", jobs, "--format", "csv", cwd=others).returncode == 0
    assert (others / "out" / "part-00002.csv").read_text() == "x,y,z,value,d_x,d_y\n7,,,,,\n"


def test_a_union_of_records_keeps_members_that_come_later(mgrad: Run, tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", '{"y": 1, "x": 3, "q": 1}\n')
    write(tmp_path / "b.jsonl", '{"x": 1}\n{"x": 2, "y": 3}\n')
    words = ["map", "x*y", "a.jsonl", "b.jsonl", "--union"]
    ran = mgrad(*words, cwd=tmp_path)
    assert [json.loads(line)["value"] for line in ran.stdout.splitlines()] == [3.0, None, 6.0]
    ran = mgrad(*words, "--format", "csv", cwd=tmp_path)
    assert ran.stdout == "y,x,q,value,d_x,d_y\n1,3,1,3.0,1.0,3.0\n,1,,,,\n3,2,,6.0,3.0,2.0\n"


def test_a_union_of_typed_files(mgrad: Run, tmp_path: Path) -> None:
    parquet.write_table(pyarrow.table({"x": [1.0, None], "y": [2, 3]}), tmp_path / "a.parquet")
    parquet.write_table(pyarrow.table({"y": [5], "t": ["k"]}), tmp_path / "b.parquet")
    assert mgrad("map", "x*y", "a.parquet", "b.parquet", "--union", "-o", "o.parquet", cwd=tmp_path).returncode == 0
    assert parquet.read_table(tmp_path / "o.parquet").select(["x", "y", "t", "value"]).to_pylist() == [
        {"x": 1.0, "y": 2, "t": None, "value": 2.0},
        {"x": None, "y": 3, "t": None, "value": None},
        {"x": None, "y": 5, "t": "k", "value": None},
    ]


def test_a_union_needs_files(mgrad: Run, others: Path) -> None:
    ran = mgrad("map", "x", "a.csv", "-", "--union", stdin="x\n1\n", cwd=others)
    assert (ran.returncode, "--union reads files twice, which '-' does not allow" in ran.stderr) == (2, True)


def test_a_fit_reads_folders_and_unions(mgrad: Run, tmp_path: Path) -> None:
    for index in range(4):
        write(tmp_path / "d" / f"k={index}" / "a.csv", f"x,y\n1,{2 + index}\n3,{6 + index}\n")
    write(tmp_path / "d" / "k=9" / "b.csv", "x\n1\n")
    words = ["a*x + b*k", "d", "--recursive", "--union", "--y", "y", "--params", "a,b", "--on-error", "skip", "--json"]
    ran = mgrad("fit", *words, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert abs(json.loads(ran.stdout)["params"]["a"]["estimate"] - 2) < 1e-9


HEADER = "x,y,x,,\n1,2,3,,\n"


def test_columns_of_one_name_are_refused_only_where_they_are_used(mgrad: Run) -> None:
    ran = mgrad("map", "y", "-", stdin=HEADER)
    assert (ran.returncode, ran.stdout) == (0, "x,y,x,,,value,d_y\n1,2,3,,,2.0,1.0\n")
    assert mgrad("map", "y", "-", "--format", "jsonl", stdin=HEADER).stdout == (
        '{"x": 1, "y": 2, "x_2": 3, "": null, "c5": null, "value": 2.0, "d_y": 1.0}\n'
    )
    ran = mgrad("map", "x*y", "-", stdin=HEADER)
    assert (ran.returncode, ran.stdout) == (4, "")
    assert "duplicate column 'x', at 1 and 3; with --no-header --skip 1 these are c1 and c3" in ran.stderr
    ran = mgrad("map", "c1*c2*c3", "-", "--no-header", "--skip", "1", "--keep", "none", stdin=HEADER)
    assert ran.stdout.splitlines()[1].startswith("6.0,")


def test_a_column_without_a_name_is_named_by_col(mgrad: Run) -> None:
    assert mgrad("map", "n", "-", "--col", "n=", stdin=",t\n5,a\n").stdout == ",t,value,d_n\n5,a,5.0,1.0\n"


def test_predictions_stand_beside_the_rows_of_every_file(mgrad: Run, tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "x,y\n1,2\n2,4\n")
    write(tmp_path / "b.csv", "y,x\n8,4\n")
    write(tmp_path / "c.csv", "x;y\n5;10\n")
    words = ["a*x", "a.csv", "b.csv", "c.csv", "--y", "y", "--params", "a", "--predict", "p", "--quiet", "-o", "p.csv"]
    ran = mgrad("fit", *words, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    rows = [line.split(",")[:3] for line in (tmp_path / "p.csv").read_text().splitlines()]
    assert rows == [["x", "y", "p"], ["1", "2", "2.0"], ["2", "4", "4.0"], ["4", "8", "8.0"], ["5", "10", "10.0"]]
