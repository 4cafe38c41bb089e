"""Long and hostile formulas in the verbs that compute with them: a result, or a limit that says what to use instead."""

from pathlib import Path

import numpy
import pytest

from mgrad_cli.errors import LimitError
from mgrad_cli.kernels import numpy_kernel
from mgrad_cli.kernels.numpy_kernel import NumpyKernel
from mgrad_cli.language.lowering import read
from mgrad_cli.program import ApplyNode, Program, differentiate, expand, replay, trace
from tests.conftest import Run

ROWS = "x\n0.5\n1.25\n"
NAMES = [f"x{k}" for k in range(3000)]


def with_derivative(text: str) -> Program:
    names = [name for name in read(text).names if name.isalpha()]
    return differentiate(trace(read(text), names), names)


@pytest.mark.parametrize(
    "text",
    ["**".join(["x"] * 400), "x" + ".gelu().mish()" * 50, "x" + ".elu(0.5).leaky_relu().clip(-y, y)" * 50,
     "x" + ".hypot(y).erfc().cbrt()" * 50, "x" + ".pow(0.5).pow(y).pow(3)" * 50],
)  # fmt: skip
def test_rows_that_are_expanded_once_and_copied_give_the_same_bits(text: str) -> None:
    program = with_derivative(text)
    expanded = expand(program)
    assert all(node.operation.body is None for node in expanded.nodes if isinstance(node, ApplyNode))
    point = {name: numpy.array([0.3, 1.25, -0.75, 0.0, numpy.inf]) for name in program.inputs}
    results = [numpy.empty(5) for _ in program.outputs]
    NumpyKernel(program)([point[name] for name in program.inputs], results)
    for place in range(5):
        at = {name: float(column[place]) for name, column in point.items()}
        registers = replay(expanded, at)
        assert [float(column[place]) for column in results] == pytest.approx(
            [registers[output] for output in expanded.outputs], rel=1e-13, nan_ok=True
        )


@pytest.mark.parametrize("step", [".gelu()", ".mish()", ".hypot(y)", ".pow(y)", ".clip(-y, y)", ".erfc()"])
def test_the_primitives_of_a_chain_are_in_proportion_to_it(step: str) -> None:
    def length(count: int) -> int:
        return len(expand(with_derivative("x + y" + step * count)))

    assert length(80) < 2.5 * length(40)


def test_too_many_operations_for_columns_are_told_with_what_takes_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    program = with_derivative("x" + ".gelu()" * 20)
    NumpyKernel(program)
    for limit in (len(program) + 1, len(program) - 1):
        monkeypatch.setattr(numpy_kernel, "MAX_OPERATIONS", limit)
        with pytest.raises(LimitError, match=r"operations; --wrt for fewer variables, --wrt none for the value"):
            NumpyKernel(program)


@pytest.mark.slow
@pytest.mark.parametrize("text", ["**".join(["x"] * 3000), "x" + ".gelu()" * 600, "x" + ".clip(-1, x)*x" * 2000])
def test_columns_of_a_long_formula_are_computed(mgrad: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "f.mg").write_text(text)
    ran = mgrad("map", "--file", str(tmp_path / "f.mg"), "-", "--kernel", "numpy", stdin=ROWS)
    assert (ran.returncode, ran.stdout.count("\n")) == (0, 3), ran.stderr


@pytest.mark.slow
def test_columns_of_a_tower_of_powers_that_is_too_high_are_refused(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "f.mg").write_text("**".join(["x"] * 33_000))
    ran = mgrad("map", "--file", str(tmp_path / "f.mg"), "-", stdin=ROWS)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "more than 500,000 operations; --wrt for fewer variables" in ran.stderr
    alone = mgrad("map", "--file", str(tmp_path / "f.mg"), "-", "--wrt", "none", stdin=ROWS)
    assert (alone.returncode, alone.stdout.count("\n")) == (0, 3), alone.stderr


def test_thousands_of_bound_variables_are_looked_up(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "f.mg").write_text("+".join(["x", *NAMES]))
    bindings = [word for name in NAMES for word in ("-v", f"{name}=1")]
    ran = mgrad("map", "--file", str(tmp_path / "f.mg"), "-", *bindings, stdin=ROWS)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[1] == ",".join(["0.5", "3000.5", *["1.0"] * 3001])


@pytest.mark.parametrize(
    "text", ["+".join(f"x**-{k}" for k in range(580, 700)), "*".join(["1e300*x"] * 3), "1e308*x - 1e308*x**2 + 1e308"]
)
def test_rounding_bounds_beyond_the_largest_double_are_no_fault(mgrad: Run, text: str) -> None:
    ran = mgrad("check", text, "--x", "0.3")
    assert ran.returncode in {0, 6, 7}, ran.stderr


def test_a_table_of_too_many_nodes_is_refused_with_the_format_that_has_them(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "f.mg").write_text("x" + "+-" * 26_000 + "x")
    ran = mgrad("eval", "--file", str(tmp_path / "f.mg"), "--x", "1", "--all-nodes")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "too many for a table" in ran.stderr
    csv = mgrad("eval", "--file", str(tmp_path / "f.mg"), "--x", "1", "--format", "csv")
    assert (csv.returncode, csv.stdout.count("\n") > 25_000) == (0, True)
