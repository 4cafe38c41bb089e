"""`diff`: derivatives as formulas that read back and evaluate to the gradient, and as code that runs."""

import ctypes
import json
import math
import shutil
import subprocess
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import given, settings

from mgrad_cli.codegen.layouts import LAYOUTS, layout
from mgrad_cli.codegen.writer import DEFINABLE
from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.evaluation.graph import evaluate, input_names
from mgrad_cli.language.lowering import read
from mgrad_cli.library.derivation import formulas_of
from mgrad_cli.operations import TABLE, Operation, call_name, rows
from mgrad_cli.program import replay, trace
from mgrad_cli.renderers import Page, View
from mgrad_cli.renderers.equations import equations
from mgrad_cli.renderers.formulas import CODE_FORMATS, FORMULA_FORMATS, Formulas
from tests import reference
from tests.conftest import Run
from tests.generated_code import c_functions, javascript_results, python_function
from tests.test_operations import SAMPLES, named, with_scipy
from tests.test_properties import KINKED, POINTS, QUIET, SMOOTH, magnitude, programs

VIEW = View(Page())
NAMES = ("x", "y", "z")
FUNCTIONS = (*SMOOTH, *KINKED, "cbrt", "relu", "expm1", "asin")
PUBLIC = [row for group in rows().values() for row in group if not row.is_internal]


def formulas(
    text: str, wrt: list[str] | None = None, order: int = 1, is_exact: bool = False, with_first: bool = False
) -> Formulas:
    unit = read(text)
    return formulas_of(unit, wrt or input_names(unit, ())[0], order, is_exact=is_exact, with_first=with_first)


def accuracies(text: str, order: int = 1) -> list[str]:
    unit = read(text)
    found = formulas_of(unit, order=order, with_accuracy=True)
    return ["full" if is_accurate else "reduced" for is_accurate in found.accurate]


def derivative(text: str, wrt: str = "x", order: int = 1) -> str:
    return "; ".join(formulas(text, [wrt], order).program(0))


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("a*x", "a"),
        ("x**2*sin(x)", "2*x*sin(x) + x**2*cos(x)"),
        ("x*(1 - x)", "1 - 2*x"),
        ("x*x*x/3", "x**2"),
        ("0.5*x**2/2.5", "0.4*x"),
        ("x/x", "0"),
        ("-x**3/y**2", "-3*x**2/y**2"),
        ("sqrt(x**2 + y**2)", "x/sqrt(x**2 + y**2)"),
        ("G*m*M/x**2", "-2*G*m*M/x**3"),
        ("x**(1/3)", "1/(3*x**(2/3))"),
        ("x**x", "x**x*(1 + log(x))"),
        ("x*x**y", "(y + 1)*x**y"),
        ("2**x", "2**x*log(2)"),
        ("e**x", "e**x"),
        ("exp(-x**2/2)/sqrt(2*pi)", "-x*exp(-x**2/2)/sqrt(2*pi)"),
        ("sin(pi*x)", "pi*cos(pi*x)"),
        ("sin(-x)", "-cos(x)"),
        ("sinc(-2*x)", "(cos(2*x) - sinc(2*x))/x"),
        ("logit(x)", "1/(x*(1 - x))"),
        ("erf(x)", "2*exp(-x**2)/sqrt(pi)"),
        ("log2(x)", "1/(x*log(2))"),
        ("log(x, 3)", "1/(x*log(3))"),
        ("sin(x)**2 + cos(x)**2", "0"),
        ("abs(x)*x", "2*abs(x)"),
        ("tanh(x*x + 2)", "2*x*(1 - tanh(x**2 + 2)**2)"),
        ("where(x > 0, x**2, -x)", "where(x > 0, 2*x, -1)"),
        ("where(x, log(x), 0)", "where(x == 0, 0, 1/x)"),
        ("max(x, 0)", "x > 0"),
        ("relu(x)", "x > 0"),
        ("0**x", "0"),
        ("(a*x + b)/(c*x + d)", "(a*d - b*c)/(c*x + d)**2"),
        ("x*y/(x + y)", "y**2/(x + y)**2"),
        ("x/(1 - x)", "1/(1 - x)**2"),
        ("(x**2 + 1)/(x**2 - 1)", "-4*x/(x**2 - 1)**2"),
        ("-x*log(x) - (1 - x)*log(1 - x)", "log(1 - x) - log(x)"),
        ("exp(x)/(exp(x) + exp(y))", "exp(x + y)/(exp(x) + exp(y))**2"),
        ("x**2*exp(-x)", "x*(2 - x)*exp(-x)"),
        ("log(x + sqrt(x**2 + a**2))", "1/sqrt(x**2 + a**2)"),
        ("x**6/3 - 2.1*x**4 + 4*x**2", "2*x**5 - 8.4*x**3 + 8*x"),
        ("cos(x) + a*sin(b*x)", "a*b*cos(b*x) - sin(x)"),
        ("log(abs(cos(x)))", "-sin(x)/cos(x)"),
        ("exp(2*log(x))", "2*x"),
        ("F/(1 + x)**n", "-F*n/(x + 1)**(n + 1)"),
        ("max(x - K, 0)", "x - K > 0"),
        ("mod(x, y)", "1"),
        ("a = 2; a*x**2", "a = 2; 2*a*x"),
        ("floor(x)", "0"),
        ("inf*x", "inf"),
        ("1e200*x*1e200", "inf"),
    ],
)  # fmt: skip
def test_formulas_are_as_people_write_them(text: str, want: str) -> None:
    assert derivative(text) == want


def test_second_derivatives() -> None:
    assert derivative("x**3*y", order=2) == "6*x*y"
    found = formulas("log(x)*y**3", order=2)
    assert found.derivatives.by == (("x", "x"), ("x", "y"), ("y", "y"))
    assert ["; ".join(found.program(index)) for index in range(3)] == ["-y**3/x**2", "3*y**2/x", "6*y*log(x)"]


@pytest.mark.parametrize(("is_exact", "points"), [(False, (3.0, -7.5)), (True, (0.0, 1e-9, 3.0))])
def test_the_derivatives_of_sinc_read_back_and_exact_ones_have_values_at_0(
    is_exact: bool, points: tuple[float, ...]
) -> None:
    for x in points:
        first, second = (formulas("sinc(x)", None, order, is_exact).program(0) for order in (1, 2))
        assert value_of("; ".join(first), {"x": x}) == pytest.approx(
            float(reference.value("sinc_derivative", [x])), rel=1e-14
        )
        assert value_of("; ".join(second), {"x": x}) == pytest.approx(
            float(reference.value("sinc_second_derivative", [x])), rel=1e-14
        )


def value_of(text: str, point: Mapping[str, float]) -> float:
    unit = read(text)
    names, declared = input_names(unit, ())
    return evaluate(unit, {name: point[name] for name in names if name not in declared}).output.data


def assert_evaluates_to_the_gradient(text: str, point: Mapping[str, float], is_exact: bool, tolerance: float) -> None:
    unit = read(text)
    grads = differentiate(unit, point).grads or {}
    scale = 0.0 if is_exact else 1e-12 * magnitude(unit, dict(point))
    found = formulas(text, list(grads), is_exact=is_exact)
    for index, (name,) in enumerate(found.derivatives.by):
        got = value_of("\n".join(found.program(index)), point)
        want = grads[name]
        same = got == want or (got != got and want != want)
        assert same or abs(got - want) <= max(tolerance * abs(want), scale), (text, name, found.program(index))


def is_reduced(row: Operation, sample: tuple[float, ...]) -> bool:
    """Whether the formula of a textbook has no value or few digits here: sin(x)/x near 0, floor(1/0.1)."""
    return (row.name.startswith(("sinc", "j1")) and abs(sample[0]) < 1) or (row.name, sample) == ("mod", (1.0, 0.1))


@pytest.mark.sampled(5)
@pytest.mark.parametrize("is_exact", [False, True], ids=["simplified", "exact"])
@pytest.mark.parametrize(("row", "sample"), SAMPLES, ids=named)
def test_every_function_of_the_table_reads_back_and_evaluates_to_the_gradient(
    row: Operation, sample: tuple[float, ...], is_exact: bool
) -> None:
    with_scipy(row)
    if not is_exact and is_reduced(row, sample):
        assert "reduced" in accuracies(f"{row.name}({', '.join(NAMES[: len(sample)])})")
        return
    names = [f"x{index}" for index in range(len(sample))]
    text = f"{call_name(row)}({', '.join(names)})*w"
    point = dict(zip(names, sample, strict=True)) | {"w": 1.5}
    assert_evaluates_to_the_gradient(text, point, is_exact, 1e-9)


@settings(QUIET, max_examples=200)
@given(programs(FUNCTIONS), POINTS, POINTS)
def test_random_programs_read_back_and_evaluate_to_the_gradient(text: str, x: float, y: float) -> None:
    unit = read(text)
    point = {name: value for name, value in (("x", x), ("y", y)) if name in unit.names}
    result = differentiate(unit, point)
    if point and result.is_finite and magnitude(unit, point) < 1e12:
        assert_evaluates_to_the_gradient(text, point, False, 1e-9)
        assert_evaluates_to_the_gradient(text, point, True, 1e-13)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("x**y", {"x": 0.0, "y": 0.0}),
        ("x**y", {"x": 0.0, "y": 2.0}),
        ("hypot(x, y)", {"x": 0.0, "y": 0.0}),
        ("where(x > 0, sqrt(x), 0)", {"x": 0.0}),
        ("xlogy(x, y)", {"x": 0.0, "y": 0.0}),
        ("asin(x)", {"x": 1 - 1e-15}),
        ("max(x, y)", {"x": 1.0, "y": 1.0}),
        ("tanh(x)", {"x": 300.0}),
    ],
)
def test_exact_formulas_hold_at_edges_to_the_last_bit(text: str, point: dict[str, float]) -> None:
    assert_evaluates_to_the_gradient(text, point, True, 0.0)


def test_sizes_grow_linearly_in_shared_subexpressions() -> None:
    def size(levels: int) -> int:
        steps = [f"t{level + 1} = t{level}*t{level} + sin(t{level})" for level in range(levels)]
        return len("\n".join(formulas("; ".join(["t0 = x + 0*x", *steps, f"t{levels}"]), ["x"]).program(0)))

    assert size(40) < 2.5 * size(20)
    assert size(80) < 2.5 * size(40)


def test_long_chains_and_sums_are_only_data() -> None:
    chain = "\n".join(formulas("x" + ".sin()" * 3000, ["x"]).program(0))
    assert math.isfinite(value_of(chain, {"x": 0.5}))
    total = formulas("+".join(f"x*y{index}" for index in range(1000)), ["x"]).program(0)
    assert "\n".join(total).count("+") == 999


def test_the_second_derivative_is_that_of_the_graph() -> None:
    text = "h = tanh(w*x + b); (h - y)**2 + w**3"
    point = {"w": 0.3, "x": -1.2, "b": 0.1, "y": 0.7}
    graph = evaluate(read(text), point)
    graph.output.backward(create_graph=True)
    slope = graph.inputs["w"].grad
    graph.output.zero_grad()
    slope.backward()
    found = formulas(text, ["w", "x"], order=2)
    for index, (a, b) in enumerate(found.derivatives.by):
        if a == "w":
            want = graph.inputs[b].grad
            assert value_of("\n".join(found.program(index)), point) == pytest.approx(want, rel=1e-12)


# LaTeX


def parses(line: str) -> None:
    from matplotlib.mathtext import MathTextParser

    MathTextParser("path").parse(f"${line}$")


@pytest.mark.slow
@pytest.mark.parametrize("row", PUBLIC, ids=lambda row: row.name)
def test_latex_of_every_function_is_typeset(row: Operation) -> None:
    pytest.importorskip("matplotlib", reason="its mathtext typesets the formulas (extra `plot`)")
    count = len(row.samples[0])
    text = f"{call_name(row)}({', '.join(f'x{index}' for index in range(count))})**2"
    found = formulas(text)
    for index in range(len(found.derivatives.by)):
        for line in equations(found, index):
            parses(line)
    for line in "".join(CODE_FORMATS["latex"](found, VIEW)).splitlines():
        parses(line)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("a*exp(-b*x)", r"\frac{\partial f}{\partial x} = -a \, b \, e^{-b \, x}"),
        ("x**2/3", r"\frac{d f}{d x} = \frac{2 \, x}{3}"),
        ("sqrt(x)", r"\frac{d f}{d x} = \frac{1}{2 \, \sqrt{x}}"),
        ("x*theta_1", r"\frac{\partial f}{\partial x} = \theta_{1}"),
        ("x*σ2*speed_max", r"\frac{\partial f}{\partial x} = \sigma_{2} \, \mathrm{speed}_{\mathrm{max}}"),
        ("relu(x)", r"\frac{d f}{d x} = \left[x > 0\right]"),
        ("1e-9*x", r"\frac{d f}{d x} = 10^{-9}"),
        ("2.5e20*x", r"\frac{d f}{d x} = 2.5 \cdot 10^{20}"),
        ("x*(a-(b-c))", r"\frac{\partial f}{\partial x} = a - \left(b - c\right)"),
    ],
)
def test_latex(text: str, want: str) -> None:
    assert equations(formulas(text, ["x"]), 0) == [want]


# Code


CODED = [
    *(f"{row.name}({', '.join(f'x{index}' for index in range(len(row.samples[0])))})*w" for row in PUBLIC if row.name != "log_base"),
    "a = 2; lambda*a + lambda**2",
    "double*value + gradient*math + numpy*new",
    "θ*σ + sin(θ)",
    "h1 = tanh(w1*x1 + b); h2 = h1*h1 + h1; (h2 - h1)**2*h2",
    "x" + ".sin()" * 60,
    "+".join(f"x{index}" for index in range(60)) + " + x0*x1",
    "where(x > 0 and y > 0, log(x)*y, where(not (x < y), x*y, asin(x)))",
    "2 + 3*x*0",
    "f*g",
    "_*__",
    "_Bool*_Complex*float*__proto__",
    "1/(x*-0.0)",
    "log(x, 10) + log(x, 2) + log(x, y)",
]  # fmt: skip


def code_of(text: str, language: str, order: int = 1) -> str:
    return "".join(CODE_FORMATS[language](formulas(text, None, order, is_exact=True, with_first=True), VIEW))


def points(text: str) -> list[dict[str, float]]:
    names, _ = input_names(read(text), ())
    return [
        {name: 0.31 + 0.17 * index for index, name in enumerate(names)},
        dict.fromkeys(names, 2.0),
        {name: -1.5 + 0.5 * index for index, name in enumerate(names)},
        dict.fromkeys(names, 0.0),
    ]


def assert_same(text: str, point: dict[str, float], value: float, grads: Mapping[str, float]) -> None:
    unit = read(text)
    want = differentiate(unit, point)
    scale = 1e-13 * magnitude(unit, point)
    for got, number in ((value, want.value), *((grads[name], grad) for name, grad in (want.grads or {}).items())):
        assert number is not None
        same = got == number or (got != got and number != number)
        assert same or abs(got - number) <= max(1e-11 * abs(number), scale), (text, point, value, grads, want.grads)


@pytest.mark.parametrize("text", CODED)
def test_python_code_gives_value_and_gradient(text: str) -> None:
    if any(name in text for name in ("gamma", "psi")):
        pytest.importorskip("scipy", reason="the gamma family needs SciPy (extra `special`)")
    for language in ("python", "numpy"):
        function = python_function(code_of(text, language))
        for point in points(text):
            value, grads = function(*(point[name] for name in python_order(text)))
            assert_same(text, point, float(value), {name: float(grad) for name, grad in grads.items()})


def python_order(text: str) -> list[str]:
    """The inputs as a Python function takes them: those with a default last."""
    names, declared = input_names(read(text), ())
    return sorted(names, key=lambda name: name in declared)


def test_numpy_code_broadcasts() -> None:
    function = python_function(code_of("a*sin(x) + 3*y", "numpy"))
    value, grads = function(2.0, numpy.linspace(0, 1, 4), numpy.ones((3, 1)))
    assert value.shape == grads["a"].shape == grads["y"].shape == (3, 4)
    assert (grads["y"] == 3).all()


@pytest.mark.slow
def test_c_code_gives_value_and_gradient(tmp_path: Path) -> None:
    functions = c_functions([code_of(text, "c") for text in CODED], tmp_path)
    for text, function in zip(CODED, functions, strict=True):
        function.restype = ctypes.c_double
        names, _ = input_names(read(text), ())
        for point in points(text):
            gradient = (ctypes.c_double * max(1, len(names)))()
            value = function(*(ctypes.c_double(point[name]) for name in names), gradient)
            assert_same(text, point, value, dict(zip(names, gradient, strict=False)))


def test_javascript_code_gives_value_and_gradient(tmp_path: Path) -> None:
    codes = [(code_of(text, "js"), [list(point.values()) for point in points(text)]) for text in CODED]
    for text, results in zip(CODED, javascript_results(codes, tmp_path), strict=True):
        for point, result in zip(points(text), results, strict=True):
            assert_same(text, point, float(result["value"]), {k: float(v) for k, v in result["gradient"].items()})


NO_NUMBERS: list[Any] = ["2", b"2", None, 1j, 2 + 0j, {}, object(), [1.0, "2"], [1.0, None], numpy.array(["2"])]
NUMBERS: list[Any] = [2, 2.0, True, Fraction(1, 3), Decimal("0.1"), numpy.float32(0.5), numpy.int8(3), numpy.array(2.5)]


@pytest.mark.parametrize("text", ["x*y", "x + y", "where(x > y, x, y)", "sin(x)*y"])
def test_python_code_refuses_what_is_no_number(text: str) -> None:
    functions = {}
    for language in ("python", "numpy"):
        scope: dict[str, Any] = {}
        exec(code_of(text, language), scope)
        functions[language] = scope["f"]
    for wrong in NO_NUMBERS:
        for operands in ((wrong, 2.0), (2.0, wrong), (wrong, wrong)):
            for function in functions.values():
                with pytest.raises(TypeError):
                    function(*operands)
    with pytest.raises(TypeError):
        functions["python"](numpy.ones(3), 2.0)
    for number in NUMBERS:
        value, gradient = functions["python"](number, 2)
        assert {type(value), *map(type, gradient.values())} == {float}
        if not isinstance(number, Fraction | Decimal):
            assert functions["numpy"](number, 2)[0] == value


def test_javascript_code_refuses_what_is_no_number(tmp_path: Path) -> None:
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    path = tmp_path / "formula.js"
    tried = """
const answers = ["2", "", null, undefined, true, 2n, [], [2], {}, new Number(2), () => 2].map((wrong) => {
  try { return f(wrong, 2).value; } catch (error) { return error instanceof TypeError; }
});
console.log(JSON.stringify([answers, f(1, 2).value, String(f(NaN, 2).value)]));
"""
    path.write_text(code_of("x + y", "js") + tried)
    ran = subprocess.run(["node", str(path)], capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout) == [[True] * 11, 3, "NaN"]


def test_no_definition_has_the_name_of_a_function_of_the_table() -> None:
    for name in LAYOUTS:
        language = layout(name).language
        assert not DEFINABLE & set(language.support), name
        assert not {
            row
            for row in DEFINABLE
            if row in language.identifiers.reserved - DEFINABLE and row in TABLE and not TABLE[row][0].body
        }


def test_comments_of_the_user_do_not_reach_code() -> None:
    text = 'x*2 # """ */ \\'
    for language in LAYOUTS:
        code = code_of(text, language)
        assert "*/" not in code
        assert '# """' not in code


# The command


def test_one_derivative_goes_through_a_pipe(mgrad: Run) -> None:
    ran = mgrad("diff", "x**2*sin(x)")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "2*x*sin(x) + x**2*cos(x)\n", "")
    again = mgrad("eval", "-", "--x", "3", "--json", stdin=ran.stdout)
    first = mgrad("eval", "x**2*sin(x)", "--x", "3", "--json")
    assert json.loads(again.stdout)["value"] == pytest.approx(json.loads(first.stdout)["grads"]["x"], rel=1e-14)


def test_several_derivatives_are_one_program(mgrad: Run) -> None:
    ran = mgrad("diff", "a*exp(-b*t)", "--wrt", "a,b")
    assert ran.stdout == "d_a = exp(-b*t)\nd_b = -a*t*exp(-b*t)\nd_a, d_b\n"
    script = read(ran.stdout)
    assert script.outputs == ("d_a", "d_b")


def test_shared_statements_of_several_derivatives_occur_once(mgrad: Run) -> None:
    text = "v = exp(x*y)/(1 + x**2 + y**2); v*sin(v)*log(v + 2)"
    ran = mgrad("diff", text, "--order", "2")
    *lines, last = ran.stdout.splitlines()
    assert last == "d_x_x, d_x_y, d_y_y"
    assert len({line.partition(" = ")[0] for line in lines}) == len(lines)
    assert ran.stdout.count("x**2 + 1 + y**2") == 1
    script = read(ran.stdout)
    got = replay(trace(script, ["x", "y"]), {"x": 0.5, "y": 0.75})
    program = trace(script, ["x", "y"])
    values = [got[output] for output in program.outputs]
    record = json.loads(mgrad("diff", text, "--order", "2", "--json").stdout)["hessian"]
    for (a, b), value in zip((("x", "x"), ("x", "y"), ("y", "y")), values, strict=True):
        alone = trace(read(record[a][b]), ["x", "y"])
        assert replay(alone, {"x": 0.5, "y": 0.75})[alone.outputs[0]] == pytest.approx(value, rel=1e-13)


def test_names_of_several_derivatives_differ(mgrad: Run) -> None:
    ran = mgrad("diff", "a_b*c_d + a*b_c_d**2", "--order", "2", "--wrt", "a,b_c_d,a_b,c_d")
    names = ran.stdout.splitlines()[-1].split(", ")
    assert names == ["d_a_a", "d_a_b_c_d", "d_a_a_b", "d_a_c_d", "d_b_c_d_b_c_d", "d_b_c_d_a_b", "d_b_c_d_c_d",
                     "d_a_b_a_b", "dd_a_b_c_d", "d_c_d_c_d"]  # fmt: skip


def test_lines_are_a_program_each_for_batch(mgrad: Run) -> None:
    ran = mgrad("diff", "a*exp(-b*t)", "--wrt", "a,b", "--lines")
    assert ran.stdout == "d_a = exp(-b*t)\nd_b = -a*t*exp(-b*t)\n"
    results = mgrad("batch", "-", "--a", "2", "--b", "1", "--t", "0.5", stdin=ran.stdout)
    want = json.loads(mgrad("eval", "a*exp(-b*t)", "--a", "2", "--b", "1", "--t", "0.5", "--json").stdout)["grads"]
    got = [json.loads(line)["value"] for line in results.stdout.splitlines()]
    assert got == pytest.approx([want["a"], want["b"]], rel=1e-14)


def test_a_bound_variable_is_a_number(mgrad: Run) -> None:
    assert mgrad("diff", "a*x**n", "--n", "3").stdout == "d_a = x**3\nd_x = 3*a*x**2\nd_a, d_x\n"
    assert mgrad("diff", "a*x**n", "--n", "3", "--a", "2").stdout == "6*x**2\n"


def test_json(mgrad: Run) -> None:
    record = json.loads(mgrad("diff", "E = m*c**2", "--json").stdout)
    assert (record["output"], record["derivatives"]) == ("E", {"m": "c**2", "c": "2*m*c"})
    assert record["latex"]["m"] == ["\\frac{\\partial E}{\\partial m} = c^{2}"]
    record = json.loads(mgrad("diff", "x*y**2", "--order", "2", "--json").stdout)
    assert record["hessian"] == {"x": {"x": "0", "y": "2*y"}, "y": {"x": "2*y", "y": "2*x"}}


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["2 + 3"], 2, "the expression has no variables to differentiate by"),
        (["x*y", "--wrt", "z"], 2, "no variable 'z' in the expression"),
        (["x*y", "--wrt", "x", "--x", "3"], 2, "'x' has a value here, and nothing is differentiated by it"),
        (["x*y", "--code", "c", "--json"], 2, "--code cannot be combined with --json"),
        (["x*y", "--lines", "--json"], 2, "--lines cannot be combined with --json"),
        (["x*y", "--latex", "--json"], 2, "--latex and --json cannot be combined"),
        (["x*y", "--code", "fortran"], 2, "invalid value for '--code'"),
        (["x*y", "--order", "0"], 2, "invalid value for '--order'"),
        (["tahn(x)"], 3, "did you mean 'tanh'?"),
        (["x*y", "--q", "3"], 2, "no option or variable '--q'; the variables are x, y"),
    ],
)
def test_mistakes_are_one_sentence(mgrad: Run, words: list[str], code: int, message: str) -> None:
    ran = mgrad("diff", *words)
    assert (ran.returncode, ran.stdout) == (code, "")
    assert message in ran.stderr
    assert "Traceback" not in ran.stderr


def test_every_format_is_in_one_of_the_dictionaries() -> None:
    assert set(FORMULA_FORMATS) == {"text", "lines", "latex", "json"}
    assert set(CODE_FORMATS) == {*LAYOUTS, "latex"}
