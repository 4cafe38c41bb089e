"""Choices: an operand that is not chosen receives exactly nothing, in every reading, and what decides is named."""

import ctypes
import json
import math
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy
import pytest

from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.evaluation.graph import evaluate
from mgrad_cli.evaluation.tape import record
from mgrad_cli.kernels import kernel_for
from mgrad_cli.language.lowering import read
from mgrad_cli.program import differentiate as differentiated
from mgrad_cli.program import replay, trace
from tests.conftest import Run
from tests.test_diff import code_of, formulas

FLAT = [
    ("sqrt(relu(x))", -1.0, 0.0),
    ("log(relu(x))", -1.0, -math.inf),
    ("relu(x)**0.5", -2.0, 0.0),
    ("sqrt(max(x, 0))", -1.0, 0.0),
    ("sqrt(max(-1, x, 0))", -1.5, 0.0),
    ("max(x, 0)**0.5", -1.0, 0.0),
    ("max(x, 0)**(-1)", -1.0, math.inf),
    ("sqrt(-min(x, 0))", 2.0, 0.0),
    ("acosh(max(x, 1))", 0.5, 0.0),
    ("atanh(min(x, 1))", 3.0, math.inf),
    ("acos(clip(x, -1, 1))", 1.5, 0.0),
    ("asin(clip(x, -1, 1))", -3.0, -math.pi / 2),
    ("sqrt(clip(x, 0, 4))", -2.0, 0.0),
    ("sqrt(4 - clip(1, x, 4))*sqrt(clip(1, x, 4) - 1)", -2.0, 0.0),
    ("sqrt(clip(1, 0, x) - 1)", 5.0, 0.0),
    ("sqrt(relu6(x))", -1.0, 0.0),
    ("sqrt(6 - relu6(x))", 7.0, 0.0),
    ("acos(hardtanh(x))", 2.0, 0.0),
    ("acos(-hardtanh(x))", -2.0, 0.0),
    ("sqrt(leaky_relu(1, x) - 1)", 0.3, 0.0),
    ("sqrt(elu(2, x) - 2)", 0.3, 0.0),
    ("sqrt(where(x > 0, x, 0))", -1.0, 0.0),
    ("sqrt(relu(log(x)))", 0.5, 0.0),
    ("sqrt(relu(x - 1)) + sqrt(relu(x - 2))", 0.5, 0.0),
    ("t = sqrt(x); where(x > 0, t, 0) + where(x > 1, t**2, 0)", -1.0, 0.0),
]
"""Functions that are constant around a point, whose chain rule meets an infinite derivative on the way."""
TEXTS = [text for text, _, _ in FLAT]
CASES = pytest.mark.parametrize(("text", "x", "value"), FLAT, ids=TEXTS)


@CASES
def test_the_graph(text: str, x: float, value: float) -> None:
    result = differentiate(read(text), {"x": x})
    assert (result.value, result.grads) == (value, {"x": 0.0})


@CASES
def test_the_second_order_of_the_graph(text: str, x: float, value: float) -> None:
    graph = evaluate(read(text), {"x": x})
    graph.output.backward(create_graph=True)
    first = graph.inputs["x"].grad
    assert first.data == 0
    first.backward()
    assert graph.inputs["x"].grad in (0.0, first)  # nothing comes back, so that the gradient stays as it was


@pytest.mark.parametrize("kind", ["floats", "numpy", "native"])
@CASES
def test_programs_of_both_orders(text: str, x: float, value: float, kind: str) -> None:
    once = differentiated(trace(read(text), ["x"]), ["x"])
    program = differentiated(once, ["x"])
    if kind == "floats":
        registers = replay(program, {"x": x})
        figures = [registers[output] for output in program.outputs]
    else:
        if kind == "native":
            pytest.importorskip("llvmlite", reason="the native kernel needs llvmlite (extra `native`)")
        columns = [numpy.empty(9) for _ in program.outputs]
        kernel_for(program, kind)([numpy.full(9, x)], columns)
        figures = [float(column[0]) for column in columns]
    assert figures == [pytest.approx(value, rel=1e-15), 0.0, 0.0, 0.0]


@pytest.mark.parametrize(("is_exact", "order"), [(False, 1), (False, 2), (True, 1), (True, 2)])
@CASES
def test_formulas(text: str, x: float, value: float, is_exact: bool, order: int) -> None:
    unit = read("\n".join(formulas(text, ["x"], order, is_exact).program(0)))
    assert differentiate(unit, {"x": x} if "x" in unit.names else {}).value == 0


@CASES
def test_the_tape(text: str, x: float, value: float) -> None:
    tape = record(read(text), {"x": x})
    assert [node.grad for node in tape.inputs] == [0.0]
    nothing = {contribution.nothing for node in tape.nodes for contribution in node.contributions}
    assert nothing & {"the operand not chosen", "the branch not taken"}


@CASES
def test_generated_python(text: str, x: float, value: float) -> None:
    for language in ("python", "numpy"):
        scope: dict[str, Any] = {}
        exec(code_of(text, language), scope)
        function = [thing for thing in scope.values() if callable(thing)][-1]
        assert float(function(x)[1]["x"]) == 0


def test_generated_c(tmp_path: Path) -> None:
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    for index, (text, _, _) in enumerate(FLAT):
        code = re.sub(r"^double \w+\(", f"double formula{index}(", code_of(text, "c"), flags=re.MULTILINE)
        (tmp_path / f"{index}.c").write_text(code)
    library = tmp_path / "formulas.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, *tmp_path.glob("*.c"), "-lm"], check=True)
    loaded = ctypes.CDLL(str(library))
    for index, (text, x, value) in enumerate(FLAT):
        function = loaded[f"formula{index}"]
        function.restype = ctypes.c_double
        gradient = (ctypes.c_double * 1)(7.0)
        assert function(ctypes.c_double(x), gradient) == pytest.approx(value, rel=1e-15)
        assert gradient[0] == 0, text


def test_generated_javascript() -> None:
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    blocks = [f"(() => {{\n{code_of(text, 'js')}\nreturn f({x!r}).gradient.x; }})()" for text, x, _ in FLAT]
    script = f"console.log(JSON.stringify([{', '.join(blocks)}].map(String)))"
    ran = subprocess.run(["node", "-"], input=script, capture_output=True, text=True, check=True)
    assert dict(zip(TEXTS, json.loads(ran.stdout), strict=True)) == dict.fromkeys(TEXTS, "0")


@pytest.mark.parametrize(
    ("text", "x", "grad"),
    [
        ("relu(x)", 2.0, 1.0),
        ("max(x, 1)", 1.0, 0.5),
        ("max(x, 1, 1)", 1.0, 1 / 3),
        ("min(x, x)", 4.0, 1.0),
        ("clip(x, 0, 1)", 1.0, 1.0),
        ("relu6(x)", 6.0, 0.0),
        ("sqrt(max(x, 0))", 0.0, math.inf),
        ("leaky_relu(x)", -2.0, 0.01),
    ],
)
def test_an_operand_that_is_chosen_receives_its_share(text: str, x: float, grad: float) -> None:
    assert differentiate(read(text), {"x": x}).grads == {"x": grad}


@pytest.mark.parametrize("name", ["relu", "relu6", "hardtanh", "leaky_relu", "elu", "max", "min", "clip"])
def test_a_nan_comes_back_as_nan(name: str) -> None:
    others = {"max": ["y"], "min": ["y", "2"], "clip": ["-1", "y"]}.get(name, [])
    text = f"{name}({', '.join(['x', *others])})"
    point = {"x": math.nan, "y": 1.0} if "y" in others else {"x": math.nan}
    assert all(math.isnan(grad) for grad in (differentiate(read(text), point).grads or {}).values())
    program = differentiated(trace(read(text), list(point)), list(point))
    registers = replay(program, point)
    assert all(math.isnan(registers[output]) for output in program.outputs)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("where(x == 0, 0, x)", {"x": 0.0}),
        ("where(x != 0, x, 0)", {"x": 0.0}),
        ("where(x > 0, x**2, x)", {"x": 0.0}),
        ("where(x <= y, x, 2*y)", {"x": 3.0, "y": 3.0}),
        ("where(not x > 0, x, 2*x)", {"x": 0.0}),
        ("where(x == 0 and y > 0, 0, x)", {"x": 0.0, "y": 1.0}),
        ("where(x == 0 or y > 0, 0, x)", {"x": 0.0, "y": -1.0}),
        ("where(x, 1, 2*x + 1)", {"x": 0.0}),
        ("where(floor(x) == 2, x, 1)", {"x": 2.0}),
        ("where(relu(x) == 0, x, 1)", {"x": 0.0}),
        ("where(where(x > 0, x, 0) == 0, x, 1)", {"x": 0.0}),
    ],
)
def test_a_condition_that_changes_at_the_point_is_named(text: str, point: dict[str, float]) -> None:
    assert differentiate(read(text), point).conventions == ["where(c, a, b) where c changes"]


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("where(x == 0, 0, x)", {"x": 1e-300}),
        ("where(x == 0 or y > 0, 0, x)", {"x": 0.0, "y": 1.0}),
        ("where(x == 0 and y > 0, 0, x)", {"x": 0.0, "y": -1.0}),
        ("where(floor(x) == 2, x, 1)", {"x": 2.5}),
        ("where(relu(x) == 0, x, 1)", {"x": -1.0}),
        ("where(2 == 2, x, 1)", {"x": 0.0}),
        ("where(x == 0, 0, x)*0 + x", {"x": 0.0}),
        ("where(y > 0, where(x == 0, 0, x), 1)", {"x": 0.0, "y": -1.0}),
        ("sqrt(relu(x))", {"x": -1.0}),
        ("relu(x)", {"x": 1.0}),
    ],
)
def test_what_does_not_decide_is_not_named(text: str, point: dict[str, float]) -> None:
    assert differentiate(read(text), point).conventions == []


def test_a_comparison_that_counts_is_named_at_its_step() -> None:
    assert differentiate(read("(x > 0)*(x + 1)"), {"x": 0.0}).conventions == ["a > b at a = b"]


def test_the_commands_say_so(mgrad: Run) -> None:
    assert "by convention: where(c, a, b) where c changes" in mgrad("eval", "where(x==0, 0, x)", "--x", "0").stdout
    ran = mgrad("explain", "sqrt(relu(x))", "--x", "-1")
    assert "nothing: the operand not chosen" in ran.stdout
    assert "by convention" not in ran.stdout
    ran = mgrad("map", "sqrt(max(x,0))", "--x", "-1:2:1", "--format", "csv")
    assert ran.stdout.splitlines()[1:3] == ["-1.0,0.0,0.0", "0.0,0.0,inf"]
