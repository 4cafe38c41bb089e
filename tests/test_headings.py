"""Headings made from a program: it stands on one line, without its comments."""

import json
from pathlib import Path

import pytest

from mgrad_cli.language.names import one_line
from tests.conftest import Run

PROGRAM = "# a comment in front\nk = 2  # stiffness\nk*hypot(x,\n  1)**2  # energy\n"
LINE = "k = 2; k*hypot(x, 1)**2"


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("x", "x"),
        ("", ""),
        ("# only a comment", ""),
        (PROGRAM, LINE),
        ("a = 1;\n\n; a*x", "a = 1; a*x"),
        ("`#1` + `a(` # b\n", "`#1` + `a(`"),
        ("f(x) = x\nf(2)", "f(x) = x; f(2)"),
        ("(x # one\n+ y # two\n)", "(x + y )"),
        ("x)\ny", "x); y"),
        ("`x", "`x"),
    ],
)
def test_a_program_on_one_line(text: str, want: str) -> None:
    assert one_line(text) == want


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["plot", "--x", "0:1"], id="a plot in the terminal"),
        pytest.param(["explain", "--symbolic", "--wrt", "x"], id="rules"),
        pytest.param(["explain", "--x", "1", "--markdown"], id="an explanation in Markdown"),
        pytest.param(["graph", "--x", "1", "--html"], id="a page"),
        pytest.param(["graph", "--x", "1", "--svg"], id="a picture"),
        pytest.param(["diff", "--code", "python"], id="code"),
    ],
)
def test_headings_show_a_program_on_one_line(mgrad: Run, tmp_path: Path, words: list[str]) -> None:
    path = tmp_path / "energy.mg"
    path.write_text(PROGRAM)
    ran = mgrad(*words, "--file", str(path))
    assert ran.returncode == 0, ran.stderr
    heads = [line for line in ran.stdout.splitlines() if LINE in line]
    assert heads
    assert not any("#" in line.partition(LINE)[2] or "comment" in line for line in heads)


@pytest.mark.parametrize(
    ("expression", "shown"),
    [("a = 2\n# half\na*x", "a = 2; a*x"), ("a = 2; a*x  # named", "a = 2; a*x # named")],
)
def test_a_batch_table_shows_a_record_on_one_line(mgrad: Run, expression: str, shown: str) -> None:
    ran = mgrad("batch", "-", "--format", "table", stdin=json.dumps({"expr": expression, "vars": {"x": 1}}))
    assert ran.returncode == 0, ran.stderr
    assert f" {shown} " in ran.stdout


def test_the_table_of_a_fit_shows_its_model_on_one_line(mgrad: Run) -> None:
    model = "k = 2  # not fitted\na*k*x  # a line"
    ran = mgrad("fit", model, "-", "--y", "y", "--params", "a=1", stdin="x,y\n1,2\n2,4.1\n3,6\n")
    assert ran.stdout.splitlines()[0] == "y ~ k = 2; a*k*x"
