"""`--digits-shown`: figures rounded in tables for people, and in nothing else."""

import re

import pytest

from mgrad_cli.renderers.rounding import rounded
from tests.conftest import Run

TABLES = [
    ["eval", "a/b*sin(c)", "--a", "1", "--b", "3", "--c", "2"],
    ["eval", "a/b, sin(c)", "--a", "1", "--b", "3", "--c", "2", "--order", "2"],
    ["eval", "a/b, sin(c)", "--a", "1", "--b", "3", "--c", "2", "--accuracy"],
    ["eval", "sin(x)/x", "--x", "1/3", "--sides"],
    ["eval", "1/x", "--x", "3", "--certify"],
    ["check", "a/b", "--a", "1", "--b", "3"],
    ["explain", "a/b*sin(c)", "--a", "1", "--b", "3", "--c", "2"],
    ["taylor", "sin(x)", "--x", "1"],
    ["solve", "x**2 - a", "--for", "x=1", "--a", "3"],
    ["minimize", "(x - 1/3)**2", "--x", "1"],
    ["batch", "-", "--format", "table", "--x", "1/3"],
]
FIGURE = re.compile(r"(?<![\w.])-?\d+\.\d+(?:e[-+]\d+)?")


def significant(figure: str) -> int:
    return len(figure.partition("e")[0].replace("-", "").replace(".", "").lstrip("0"))


@pytest.mark.slow
@pytest.mark.parametrize("words", TABLES, ids=lambda words: " ".join(words[:2]))
@pytest.mark.parametrize("digits", [1, 3, 17])
def test_figures_have_so_many_digits(mgrad: Run, words: list[str], digits: int) -> None:
    stdin = "sin(x)*x\nexp(x)\n" if words[0] == "batch" else ""
    whole = mgrad(*words, stdin=stdin)
    ran = mgrad(*words, "--digits-shown", str(digits), stdin=stdin)
    assert (ran.returncode, ran.stderr) == (whole.returncode, whole.stderr)
    if digits == 17 and words[0] != "explain":
        assert ran.stdout == whole.stdout
        return
    kept = re.split(r"\n(?:residual|f ≈|trust|Hessian)", ran.stdout)[0]
    kept = "\n".join(line for line in kept.splitlines() if "value at x =" not in line)
    if words[0] == "minimize" or "--accuracy" in words:  # the start, and the count of right digits, are no results
        kept = "\n".join(line.rpartition("│ ")[0].rpartition("│ ")[0] for line in kept.splitlines())
    if words[0] in {"check", "minimize"}:
        kept = re.sub(r"\S+e-\d+|0\.444444", "", kept)
    assert all(significant(figure) <= max(digits, 1) for figure in FIGURE.findall(kept)), kept


def test_what_is_for_programs_stays_whole(mgrad: Run) -> None:
    for output_format in ("json", "csv", "tsv"):
        ran = mgrad("eval", "1/x", "--x", "3", "--format", output_format, "--digits-shown", "3")
        assert (ran.returncode, ran.stdout) == (2, "")
        assert (
            ran.stderr == f"error: --digits-shown rounds figures for people; --format {output_format} has them whole\n"
        )
    ran = mgrad("eval", "1/x", "--x", "3", "--digits", "30", "--digits-shown", "3")
    assert (ran.returncode, ran.stdout) == (2, "")
    ran = mgrad("eval", "1/x", "--x", "3±0.1", "--digits-shown", "3")
    assert ran.stderr == "error: --digits-shown cannot be combined with uncertainties\n"
    assert mgrad("eval", "x", "--x", "3", "--digits-shown", "0").returncode == 2


@pytest.mark.parametrize("value", [1e300 / 3, -2 / 3, 5e-324, float("inf"), 123456.0, 1e22, -0.0, 0.1])
def test_rounding(value: float) -> None:
    assert repr(rounded(value, 17)) == repr(value)
    assert value == float("inf") or abs(rounded(value, 3) - value) <= 5e-3 * abs(value)
    assert rounded(float("nan"), 3) != rounded(float("nan"), 3)
