"""`Expression`: a formula as a Python object, the same answers and errors as the command line gives."""

import copy
import json
import math
import pickle
import shutil
import subprocess
import sys
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree

import numpy
import pytest

import mgrad_cli
import mgrad_cli.errors
from mgrad_cli import BindingError, Expression, ExpressionError, MgradError, UnknownFunctionError, UsageError, Value
from mgrad_cli.library.display import drawing_of
from mgrad_cli.operations import TABLE
from mgrad_cli.renderers.formulas import CODE_FORMATS
from tests.conftest import Run

FORMULAS: list[tuple[str, dict[str, float]]] = [
    ("a*b*(a+b)", {"a": 2.0, "b": 3.0}),
    ("(x*x+2).tanh()", {"x": 0.5}),
    ("r = hypot(x, y); log(r)", {"x": 3.0, "y": 4.0}),
    ("k = 2; k*sin(x)**2", {"x": 0.3}),
    ("where(x > 0, sqrt(x), x**3)", {"x": 2.0}),
    ("E = m*c**2", {"m": 2.0, "c": 3.0}),
    ("σ*exp(-θ**2)", {"σ": 2.0, "θ": 0.5}),
    ("max(x, y, 2)", {"x": 2.0, "y": 2.0}),
    ("pi*r**2", {"r": 2.0}),
    ("2 + 3", {}),
]
EACH = pytest.mark.parametrize(("text", "values"), FORMULAS, ids=[text for text, _ in FORMULAS])


def bindings(values: dict[str, float]) -> list[str]:
    return [f"--{name}={value}" for name, value in values.items()]


@EACH
def test_a_call_gives_what_eval_gives(mgrad: Run, text: str, values: dict[str, float]) -> None:
    said = json.loads(mgrad("eval", text, *bindings(values), "--json", "--nodes").stdout)
    result = Expression(text)(values)
    assert (result.value, result.grads) == (said["value"], said["grads"])
    assert list(result.grads) == list(said["grads"])
    nodes = result.nodes
    assert [(node.label, node.data, node.grad) for node in nodes] == [
        (node["label"], node["data"], node["grad"]) for node in said["nodes"]
    ]
    assert Expression(text)(**values).grads == result.grads


@EACH
def test_a_derivative_is_what_diff_says_and_what_the_gradient_is(
    mgrad: Run, text: str, values: dict[str, float]
) -> None:
    f = Expression(text)
    for name in f.variables:
        derivative = f.diff(name)
        assert derivative.text == "; ".join(mgrad("diff", text, "--wrt", name).stdout.splitlines())
        assert derivative.variables == f.variables
        assert derivative(values).value == pytest.approx(f(values).grads[name], rel=1e-14)


@pytest.mark.slow
@EACH
@pytest.mark.parametrize("language", list(CODE_FORMATS))
def test_code_is_what_diff_writes(mgrad: Run, text: str, values: dict[str, float], language: str) -> None:
    f = Expression(text)
    if f.variables:
        assert f.code(language) == mgrad("diff", text, "--code", language).stdout


@pytest.mark.slow
@EACH
def test_explanations_and_graphs_are_those_of_the_verbs(mgrad: Run, text: str, values: dict[str, float]) -> None:
    explanation, drawing = Expression(text).explain(values), Expression(text).graph(values)
    said = mgrad("explain", text, *bindings(values)).stdout
    assert str(explanation) == said.rstrip("\n")
    assert explanation.markdown == mgrad("explain", text, *bindings(values), "--markdown").stdout
    assert json.loads(explanation.json) == json.loads(mgrad("explain", text, *bindings(values), "--json").stdout)
    assert drawing.tree == mgrad("graph", text, *bindings(values)).stdout
    assert drawing.dot == mgrad("graph", text, *bindings(values), "--dot").stdout
    assert drawing.mermaid == mgrad("graph", text, *bindings(values), "--mermaid").stdout


@EACH
def test_checks_and_compiled_functions_agree_with_the_call(text: str, values: dict[str, float]) -> None:
    f = Expression(text)
    result = f(values)
    checks = f.check(values)
    assert [check.name for check in checks] == list(result.grads)
    assert all(check.verdict != "fail" for check in checks)
    columns = f.compile()(**{name: numpy.array([value, value]) for name, value in values.items()})
    assert columns.value.reshape(-1)[0] == pytest.approx(result.value, rel=1e-14)
    assert list(columns.grads) == list(f.variables)
    for name, grad in columns.grads.items():
        assert grad.reshape(-1)[0] == pytest.approx(result.grads[name], rel=1e-14)


@pytest.mark.parametrize(
    "text", ["x*", "tahn(x)", "2a", "", "(x", "y = 1; y = 2; y", "a b", "x!", "f(x", "1e999", "x = x; x", "×"]
)
def test_a_text_that_is_no_expression_is_the_error_of_eval(mgrad: Run, text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        Expression(text)
    assert f"error: {caught.value}\n" == mgrad("eval", text).stderr
    assert isinstance(caught.value, MgradError)


def test_errors_carry_their_place() -> None:
    with pytest.raises(UnknownFunctionError) as caught:
        Expression("y = 1\n(x*x+2).tahn()")
    assert (caught.value.column, caught.value.span) == (9, (14, 18))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda f: f(a=2), BindingError, "missing value for 'b'"),
        (lambda f: f(a=2, b=3, c=4), BindingError, "no variable 'c'"),
        (lambda f: f({"a": 2, "b": 3}, a=2), BindingError, "'a' has two values"),
        (lambda f: f(a="2", b=3), BindingError, "the value of 'a' is not a number: .* str"),
        (lambda f: f(a=None, b=3), BindingError, "the value of 'a' is not a number: .* NoneType"),
        (lambda f: f(a=2j, b=3), BindingError, "the value of 'a' is not a number: .* complex"),
        (lambda f: f(a=Value(2.0), b=3), BindingError, "the value of 'a' is not a number: .* Value"),
        (lambda f: f(a=[1, 2], b=3), BindingError, r"compile\(\) takes arrays"),
        (lambda f: f(a=numpy.array([1.0, 2.0]), b=3), BindingError, r"compile\(\) takes arrays"),
        (lambda f: f(2), TypeError, r"by name, as in f\(a=2, b=3\), or in one mapping"),
        (lambda f: f(2, 3), TypeError, r"by name, as in f\(a=2, b=3\)"),
        (lambda f: f({"a": 2}, {"b": 3}), TypeError, "or in one mapping"),
        (lambda f: f.explain(2, 3), TypeError, "by name"),
        (lambda f: f.check(2, 3), TypeError, "by name"),
        (lambda f: type(f)("2")(1), TypeError, r"as in f\(x=2\)"),
        (lambda f: f.diff(), BindingError, "name the variable to differentiate by; there are a, b"),
        (lambda f: f.diff("aa"), BindingError, "no variable 'aa' in the expression"),
        (lambda f: f.diff("a", "c"), BindingError, "no variable 'c'"),
        (lambda f: f.code("java"), UsageError, "no language 'java'; there are python"),
        (lambda f: f.explain(a=2), BindingError, "missing value for 'b'"),
        (lambda f: f.graph(a=2), BindingError, "missing value for 'b'"),
        (lambda f: f.check(a=2), BindingError, "missing value for 'b'"),
        (lambda f: f.compile(wrt=["c"]), BindingError, "no variable 'c'"),
        (lambda f: f.compile(kernel="c"), UsageError, "unknown kernel 'c'"),
        (lambda f: f.compile()(a=2), BindingError, "missing value for 'b'"),
        (lambda f: type(f)(2), TypeError, "an expression is text, not int"),
        (lambda f: Expression(f), TypeError, "an expression is text, not Expression"),
        (lambda f: mgrad_cli.compile(f), TypeError, "an expression is text, not Expression"),
        (lambda f: mgrad_cli.compile(f.text.encode()), TypeError, "an expression is text, not bytes"),
        (lambda f: Expression("2").diff(), BindingError, "no variables to differentiate by"),
        (lambda f: f(a=10**400, b=3), BindingError, "the value of 'a' is not a number: int too large"),
        (lambda f: f.diff(["a"]), TypeError, "the name of a variable is text, not list"),
        (lambda f: f.compile(wrt=[1]), TypeError, "the name of a variable is text, not int"),
        (lambda f: f.hvp([1, 2], a=2, b=3), TypeError, "the vector is a mapping of names to numbers, not list"),
        (lambda f: f.evaluate([2, 3]), TypeError, "the point is a mapping of names to numbers, not list"),
        (lambda f: f.propagate([2, 3]), TypeError, "is a mapping of names to numbers, not list"),
        (lambda f: f.evaluate({"a": 2, "b": 3}, order=3), UsageError, "the order must be 1 or 2, not 3"),
        (lambda f: f.check(a=2, b=3, order=0), UsageError, "the order must be 1 or 2, not 0"),
        (lambda f: f.check(a=2, b=3, tolerance=0), UsageError, "the tolerance must be positive, not 0"),
        (lambda f: f.check(a=2, b=3, tolerance=math.nan), UsageError, "the tolerance must be positive, not nan"),
    ],
)
def test_what_is_wrong_is_said(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(Expression("a*b*(a+b)"))


@pytest.mark.parametrize("number", [2, 2.0, True, Fraction(1, 3), numpy.float32(0.5), numpy.int8(3), numpy.array(2.0)])
def test_values_are_real_numbers_of_any_kind(number: Any) -> None:
    assert Expression("2*x")(x=number).value == 2 * float(number)


def test_a_derivative_takes_the_values_of_variables_that_it_has_lost() -> None:
    f = Expression("a*x + b")
    slope = f.diff("x")
    assert (slope.text, slope.variables) == ("a", ("a", "x", "b"))
    assert slope(a=2, x=3, b=4).grads == {"a": 1.0, "x": 0.0, "b": 0.0}
    assert slope(a=2).value == 2.0
    assert slope.diff("b")(a=2).value == 0.0
    assert slope.compile()(a=[1.0, 2.0], x=3.0, b=0.0).value.tolist() == [1.0, 2.0]
    with pytest.raises(BindingError, match="no variable 'y'"):
        slope(a=2, y=3)


def test_second_derivatives() -> None:
    f = Expression("x**3*y")
    assert f.diff("x", "y") == f.diff("x").diff("y")
    assert f.diff("x", "y")(x=2, y=5).value == 12.0
    assert f.diff("y", "y").text == "0"


def test_names_that_python_cannot_spell_or_that_methods_use_are_variables_like_others() -> None:
    f = Expression("self*values + tolerance/wrt")
    assert f(self=1, values=2, tolerance=3, wrt=4).value == 2.75
    assert [check.verdict for check in f.check({"self": 1, "values": 2, "tolerance": 3, "wrt": 4})] == ["pass"] * 4


def test_a_constant_that_is_given_a_value_is_a_variable() -> None:
    assert Expression("e*x")(x=1).value == math.e
    assert Expression("e*x")(x=1, e=2).grads == {"x": 2.0, "e": 1.0}


def test_a_value_that_is_not_finite_says_where_it_arose() -> None:
    result = Expression("1/x + y")(x=0, y=1)
    assert (result.value, [finding.message for finding in result.findings]) == (
        math.inf, ["1/x is inf: division by zero"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("sqrt(x)/y", r"\frac{\sqrt{x}}{y}"),
        ("E = m*c**2", r"E = m \, c^{2}"),
        ("2 + x*x", r"2 + x \, x"),
        ("2 + 3", "2 + 3"),
    ],
)
def test_latex(text: str, latex: str) -> None:
    assert Expression(text).latex() == latex
    assert Expression(text)._repr_latex_() == f"$\\displaystyle {latex}$"


def test_latex_of_several_statements_is_one_block() -> None:
    assert Expression("u = 2*x; v = u**2; u*v + f").latex().splitlines() == [
        r"\begin{aligned}",
        r"u &= 2 \, x \\",
        r"v &= u^{2} \\",
        r"g &= u \, v + f",
        r"\end{aligned}",
    ]


COPIES = pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])


@COPIES
def test_expressions_are_equal_by_their_text_and_copied_and_pickled(copied: Any) -> None:
    f = Expression("a*b + c").diff("a")
    twin = copied(f)
    assert (twin == f, hash(twin) == hash(f), repr(twin), str(twin)) == (True, True, "Expression('b')", "b")
    assert (f == Expression("b"), f == "b", twin.variables) == (False, False, ("a", "b", "c"))


@COPIES
@pytest.mark.parametrize(
    "text", ["x**2*sin(y)", "x*y, x + y", "f(t) = where(t > 0, t, t**3); f(x)*f(y)", "a = 2; a*x*y"]
)
def test_results_and_compiled_functions_are_copied_and_pickled(copied: Any, text: str) -> None:
    f = Expression(text)
    result, compiled = f({"x": 2, "y": 3}), f.compile(wrt=["y", "x"])
    assert repr(copied(result)) == repr(result)
    assert [check.verdict for check in copied(result).check()] == [check.verdict for check in result.check()]
    assert repr(copied(compiled)) == repr(compiled)
    want, found = (each.values_and_jacobian([3.0, 2.0]) for each in (compiled, copied(compiled)))
    assert [each.tolist() for each in found] == [each.tolist() for each in want]


@COPIES
def test_rows_of_the_table_are_the_same_in_a_copy(copied: Any) -> None:
    assert all(copied(row) is row for found in TABLE.values() for row in found)


@COPIES
@pytest.mark.parametrize(
    "attempt",
    [
        lambda: Expression("x*"),
        lambda: Expression("x")(),
        lambda: Expression("x")(y=1),
        lambda: Expression("x**2 + 1").solve({"x": 1}),
        lambda: mgrad_cli.compile("x, y").value_and_gradient([1, 2]),
    ],
)
def test_errors_are_copied_and_pickled(copied: Any, attempt: Any) -> None:
    with pytest.raises(MgradError) as caught:
        attempt()
    twin = copied(caught.value)
    assert (type(twin), str(twin), vars(twin)) == (type(caught.value), str(caught.value), vars(caught.value))


def test_objects_say_what_they_are() -> None:
    f = Expression("a*b")
    assert repr(f(a=2, b=3)) == "Evaluation(value=6.0, grads={'a': 3.0, 'b': 2.0})"
    assert repr(f.compile(wrt=["a"], kernel="numpy")) == "Compiled('a*b', wrt=('a',), kernel='numpy')"
    assert repr(f.graph(a=2, b=3)) == "<GraphDrawing of 3 nodes>"
    assert repr(f.explain(a=2, b=3)) == "<Explanation of 1 step>"


SHOWN: list[Any] = [
    Expression("a*b*(a+b)").graph(a=2, b=3),
    Expression("a*b*(a+b)").diff("a").graph(a=2, b=3),
    Value(2.0, "<a>") * Value(3.0) + Value(1.0, "a & b"),
    Value(2.0),
    (Value(0.0, "x")).log(),
]


@pytest.mark.parametrize("shown", SHOWN, ids=repr)
def test_graphs_and_values_are_pictures_in_a_notebook(shown: Any) -> None:
    if shutil.which("dot") is None:
        pytest.skip("dot (Graphviz) is not installed")
    assert "svg" in ElementTree.fromstring(shown._repr_svg_()).tag
    assert shown._repr_html_() is None


def test_a_graph_is_a_picture_and_a_page_for_those_who_ask() -> None:
    if shutil.which("dot") is None:
        pytest.skip("dot (Graphviz) is not installed")
    drawing = Expression("a*b*(a+b)").graph(a=2, b=3)
    assert drawing.png.startswith(b"\x89PNG")
    assert "svg" in ElementTree.fromstring(drawing.svg).tag
    assert drawing.html.lower().startswith("<!doctype html>")


def test_without_graphviz_a_picture_that_is_asked_for_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = Expression("a*b").graph(a=2, b=3)
    monkeypatch.setenv("PATH", "")
    for picture in ("svg", "png", "html"):
        with pytest.raises(MgradError, match="Graphviz"):
            getattr(drawing, picture)
    assert drawing.dot.startswith("digraph")


@pytest.mark.parametrize("shown", SHOWN, ids=repr)
def test_without_graphviz_they_are_trees(shown: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert shown._repr_svg_() is None
    assert ElementTree.fromstring(shown._repr_html_()).tag == "pre"


def test_a_picture_of_a_value_shows_its_gradients_and_leaves_it_as_it_is() -> None:
    a, b = Value(2.0, "a"), Value(3.0)
    c = a * b * (a + b)
    c.backward()
    tree = drawing_of(c).tree
    assert [word in tree for word in ("v1 = a*x1", "v2 = a + x1", "21", "16")] == [True] * 4
    assert (b.label, a.grad, b.grad) == ("", 21.0, 16.0)


def test_large_graphs_are_not_drawn_unasked() -> None:
    x: Any = Value(1.0)
    for _ in range(100_000):
        x = x * 1.0
    assert x._repr_svg_() is x._repr_html_() is None
    several = Expression(" + ".join(f"x*{index}" for index in range(300))).graph(x=1)
    assert several._repr_svg_() is None


def test_values_with_a_graph_of_gradients_are_drawn_too() -> None:
    x: Any = Value(3.0)
    y = x**3
    y.backward(create_graph=True)
    for value in (y, x.grad):
        assert (value._repr_svg_() or value._repr_html_()) is not None


def test_a_result_is_a_table_in_a_notebook() -> None:
    result = Expression("c = a*b; where(c < 10, c, 0)")(a=2, b=3)
    table = ElementTree.fromstring(result._repr_html_())
    rows = [[cell.text for cell in row] for row in table]
    assert rows[0] == ["#", "node", "operation", "data", "grad"]
    assert rows[1] == ["0", "a", "input", "2", "3"]
    assert any("c < 10" in row for row in rows)
    infinite = Expression("1/x")(x=0)._repr_html_()
    assert "<b>inf</b>" in infinite
    assert "division by zero" in infinite
    long = Expression(" + ".join(f"x*{index}" for index in range(300)))(x=1)._repr_html_()
    assert "nodes left out" in long


def test_the_package_gives_values_without_loading_the_parser() -> None:
    script = "import sys; from mgrad_cli import Value; Value(2.0).tanh(); print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"mgrad_cli.language.parser", "mgrad_cli.renderers", "numpy", "rich"} & set(ran.stdout.split())


def test_public_names_are_listed_typed_and_there() -> None:
    assert {"Expression", "MgradError", "ExpressionError", "BindingError", "Value"} <= set(mgrad_cli.__all__)
    assert set(mgrad_cli.__all__) == set(mgrad_cli.HOMES) <= set(dir(mgrad_cli))


@pytest.mark.parametrize(
    ("attempt", "kind", "names"),
    [
        (lambda: Expression("a*b*c")(b=2), mgrad_cli.MissingValueError, ["a", "c"]),
        (lambda: mgrad_cli.compile("a*b*c")(b=2), mgrad_cli.MissingValueError, ["a", "c"]),
        (lambda: Expression("a*b")(a=1, b=2, bb=2), mgrad_cli.UnknownVariableError, "bb"),
        (lambda: mgrad_cli.compile("a*b")(a=1, b=2, bb=2), mgrad_cli.UnknownVariableError, "bb"),
    ],
)
def test_errors_name_the_variables_that_they_are_about(attempt: Any, kind: Any, names: Any) -> None:
    with pytest.raises(kind) as caught:
        attempt()
    assert (caught.value.names if isinstance(names, list) else caught.value.name) == names
    assert isinstance(caught.value, BindingError)


def test_every_error_of_the_library_is_public_or_of_the_command_line_alone() -> None:
    inner = {"StoppedError", "StoppedRunError", "EngineError", "LostWorkError", "WorkerError"}
    kinds = {
        name for name, kind in vars(mgrad_cli.errors).items() if isinstance(kind, type) and issubclass(kind, MgradError)
    }
    assert kinds - inner == {name for name in mgrad_cli.__all__ if name.endswith("Error")}
