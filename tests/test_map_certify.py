"""`map --certify`: the rows of which doubles may have lost digits are proven, and the closing line counts them."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from mgrad_cli.exact.certifying import certified
from mgrad_cli.language.lowering import read
from tests.conftest import Run

ROWS = "id,x,y\n1,1e-9,2\n2,1,3\n3,,1\n4,1e-5,1e200\n5,nan,1\n"
FORMULA = "(1-cos(x))*y"


@pytest.fixture
def rows(tmp_path: Path) -> str:
    path = tmp_path / "rows.csv"
    path.write_text(ROWS)
    return str(path)


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("kernel", ["numpy", "native"])
def test_suspect_rows_are_proven_and_counted(mgrad: Run, rows: str, kernel: str) -> None:
    plain = table(mgrad("map", FORMULA, rows, "--kernel", kernel).stdout)
    ran = mgrad("map", FORMULA, rows, "--certify", "--kernel", kernel)
    proven = table(ran.stdout)
    assert ran.stderr == "5 rows, 1 null, 1 not finite, 2 computed in exact arithmetic\n"
    for index in (0, 3):
        point = {name: float(proven[index][name]) for name in ("x", "y")}
        want = certified(read(FORMULA), point)
        assert [float(proven[index][each]) for each in ("value", "d_x", "d_y")] == [want.value, *want.grads.values()]
    assert [proven[index] for index in (1, 2, 4)] == [plain[index] for index in (1, 2, 4)]


def test_an_overflow_on_the_way_is_computed(mgrad: Run) -> None:
    ran = mgrad("map", "sqrt(x*x+y*y)", "--x", "3e200:6e200:3e200", "--y", "4e200", "--certify", "--format", "jsonl")
    first, second = map(json.loads, ran.stdout.splitlines())
    assert (first["value"], first["d_x"]) == (4.9999999999999995e200, 0.6)
    assert second["value"] == 7.211102550927979e200


def test_declared_inputs_and_constants_are_exact(mgrad: Run) -> None:
    ran = mgrad("map", "a = pi/4; x*tan(a) - x", "--x", "1:2:1", "--certify", "--format", "csv")
    assert [(row["value"], row["d_a"], row["d_x"]) for row in table(ran.stdout)] == [
        ("0.0", "2.0", "0.0"),
        ("0.0", "4.0", "0.0"),
    ]


def test_what_stays_open_is_nan_and_counted(mgrad: Run) -> None:
    ran = mgrad("map", "where(sin(x)**2+cos(x)**2==1,x,1)", "--x", "0:2:1", "--certify", "--format", "csv")
    assert [row["value"] for row in table(ran.stdout)] == ["0.0", "nan", "nan"]
    assert ran.stderr == "3 rows, 2 not finite, 2 undecided\n"


def test_a_sum_is_of_proven_figures(mgrad: Run, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("x\n" + "1e-9\n" * 4)
    ran = mgrad("map", "1-cos(x)", str(path), "--certify", "--reduce", "sum")
    assert json.loads(ran.stdout)["value"] == 2e-18


def test_parts_are_certified_too(mgrad: Run, rows: str, tmp_path: Path) -> None:
    whole = table(mgrad("map", FORMULA, rows, "--certify").stdout)
    ran = mgrad("map", FORMULA, rows, "--certify", "-o", str(tmp_path / "out") + "/", "--jobs", "2")
    assert "2 computed in exact arithmetic" in ran.stderr
    (part,) = (tmp_path / "out").glob("*.csv")
    assert table(part.read_text()) == whole


def test_without_the_extra_one_line_says_what_to_install(rows: str) -> None:
    script = (
        "import sys; sys.modules['flint'] = None; "
        "from mgrad_cli.cli.main import run; sys.exit(run(sys.argv[1:]))"
    )  # fmt: skip
    words = ["map", FORMULA, rows, "--certify"]
    ran = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True)
    assert ran.returncode == 2
    assert ran.stderr.startswith("error: --certify needs python-flint: pip install")
