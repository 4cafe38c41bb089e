"""`--accuracy`: how many digits are right, beside the figures of `eval`, `batch` and `map`."""

import csv
import io
import json
from pathlib import Path

import jsonschema
import pytest

from tests.conftest import Run, shared

POINT = {"x": "28939328.677188694", "y": "-2.2003914538032663e-06"}
WORDS = ["x/(x+y)", *[f"--{name}={value}" for name, value in POINT.items()]]
DIGITS = {"value": 15.8, "grads": {"x": 2.3, "y": 15.5}}


def test_eval_says_it_in_json_after_the_schema(mgrad: Run) -> None:
    ran = mgrad("eval", *WORDS, "--accuracy", "--json")
    record = json.loads(ran.stdout)
    assert record["accuracy"] == DIGITS
    assert json.loads(mgrad("eval", *WORDS, "--json").stdout) == {k: v for k, v in record.items() if k != "accuracy"}
    jsonschema.validate(record, json.loads(shared("result.schema.json").read_text()))


def test_eval_says_it_in_a_column(mgrad: Run) -> None:
    lines = mgrad("eval", *WORDS, "--accuracy").stdout.splitlines()
    assert lines[1].endswith("digits │")
    last = {line.split("│")[2].strip(): line.split("│")[-2].strip() for line in lines if line.startswith("│")}
    assert (last["x"], last["y"], last["x+y"], last["x/(x+y) ◀"]) == ("2.3", "15.5", "", "15.8")
    rows = list(csv.DictReader(io.StringIO(mgrad("eval", *WORDS, "--accuracy", "--format", "csv").stdout)))
    assert [row["digits"] for row in rows] == ["2.3", "15.5", "", "15.8"]


@pytest.mark.slow
def test_eval_estimates_long_formulas_when_asked(mgrad: Run) -> None:
    expr = f"(x+1e20)-1e20+{'+'.join(['x'] * 60_000)}"
    ran = mgrad("eval", "-", "--x", "3", "--accuracy", "--json", stdin=expr)
    assert json.loads(ran.stdout)["accuracy"]["grads"]["x"] > 10


def test_batch_says_it_in_every_format(mgrad: Run) -> None:
    lines = "x=1e-5; 1-cos(x)\n1+1\n1+\n"
    words = ["batch", "-", "--accuracy", "--on-error", "null", "--quiet"]
    records = [json.loads(line) for line in mgrad(*words, stdin=lines).stdout.splitlines()]
    assert [record.get("accuracy") for record in records] == [
        {"value": 5.0, "grads": {"x": 15.3}},
        {"value": 16.0, "grads": {}},
        None,
    ]
    rows = list(csv.DictReader(io.StringIO(mgrad(*words, "--format", "csv", stdin=lines).stdout)))
    assert [(row["digits_value"], row["digits_grad"]) for row in rows] == [("5.0", "15.3"), ("16.0", ""), ("", "")]
    table = mgrad(*words, "--format", "table", stdin=lines).stdout
    assert "digits" in table.splitlines()[0]
    assert "5.0" in table


def test_batch_does_not_warn_and_says_nothing_unasked(mgrad: Run) -> None:
    ran = mgrad("batch", "-", "--quiet", stdin="x=1e-5; 1-cos(x)\n")
    assert ran.stderr == ""
    assert "accuracy" not in json.loads(ran.stdout)


@pytest.mark.parametrize("kernel", ["numpy", "native"])
def test_map_has_columns_of_digits(mgrad: Run, tmp_path: Path, kernel: str) -> None:
    if kernel == "native":
        pytest.importorskip("llvmlite", reason="machine code needs llvmlite (extra `native`)")
    path = tmp_path / "points.csv"
    path.write_text(f"x,y\n{POINT['x']},{POINT['y']}\n1,2\n,3\n")
    words = ["map", "x/(x+y) + sin(pi*k)", str(path), "--k", "0", "--wrt", "x,y", "--keep", "none", "--kernel", kernel]
    rows = list(csv.DictReader(io.StringIO(mgrad(*words, "--accuracy").stdout)))
    plain = list(csv.DictReader(io.StringIO(mgrad(*words).stdout)))
    assert list(rows[0]) == ["value", "d_x", "d_y", "digits_value", "digits_d_x", "digits_d_y"]
    assert [{name: row[name] for name in plain[0]} for row in rows] == plain
    assert [float(rows[0][f"digits_{name}"]) for name in ("value", "d_x", "d_y")] == pytest.approx(
        [15.8, 2.3, 15.5], abs=0.4
    )
    assert float(rows[1]["digits_d_x"]) > 15
    assert set(rows[2].values()) == {""}


def test_map_takes_pi_as_rounded(mgrad: Run) -> None:
    ran = mgrad("map", "sin(pi*x)", "--x", "1:2:1", "--accuracy", "--format", "jsonl")
    assert [json.loads(line)["digits_value"] for line in ran.stdout.splitlines()] == [0.0, 0.0]


def test_map_in_parts_has_the_same_columns(mgrad: Run, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text("x\n1e-5\n")
    words = ["map", "1-cos(x)", str(tmp_path / "a.csv"), str(tmp_path / "b.csv"), "--accuracy", "--quiet"]
    ran = mgrad(*words, "--output", f"{tmp_path}/out/", "--format", "csv")
    assert ran.returncode == 0, ran.stderr
    whole = mgrad(*words).stdout.splitlines()
    parts = sorted((tmp_path / "out").glob("*.csv"))
    assert [part.read_text().splitlines() for part in parts] == [whole[:2], [whole[0], whole[2]]]
    assert whole[0] == "x,value,d_x,digits_value,digits_d_x"


def test_what_accuracy_cannot_do_is_said(mgrad: Run, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("x\n1\n")
    ran = mgrad("map", "x*x", str(path), "--accuracy", "--reduce", "sum")
    assert (ran.returncode, "--reduce and --accuracy cannot be combined" in ran.stderr) == (2, True)
    names = [f"x{index}" for index in range(400)]
    ran = mgrad("map", "*".join(names), "--x0", "1:2:1", *[f"--{name}=1" for name in names[1:]], "--accuracy")
    assert (ran.returncode, "choose fewer variables with --wrt" in ran.stderr) == (3, True)
