"""Functions that a text defines, and sums and products: what they mean, and the messages of those that are wrong."""

import json
import math
import re
from pathlib import Path

import pytest

from mgrad_cli.errors import ExpressionError, LimitError, MissingValueError
from mgrad_cli.evaluation.calls import MAX_DEPTH
from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.evaluation.graph import evaluate
from mgrad_cli.language.lowering import read
from mgrad_cli.language.parser import Limits, parse
from mgrad_cli.language.printing import unparse
from mgrad_cli.library.expression import Expression
from tests.conftest import Run

DEEP = Limits(1 << 30, 1 << 30, 1 << 30)

SAME = [
    ("f(x, y) = x*y + sin(x); f(a, 2)", "a*2 + sin(a)"),
    ("f(x, y) = x*y + sin(x); a.f(2)", "a*2 + sin(a)"),
    ("f(x) = x; f(a)", "a"),
    ("f(x, y) = x; f(a, b)", "a"),
    ("f(x) = x*b; f(a) + f(b)", "a*b + b*b"),
    ("b = a*a; f(x) = x*b; f(b)", "b = a*a; b*b"),
    ("f(b) = b*a; f(b + 1)", "(b + 1)*a"),
    ("f(a) = a*a; g(b) = f(b + a); g(2*b)", "c = 2*b + a; c*c"),
    ("f(x) = x + 1; g(x) = f(f(x)); g(g(a))", "a + 1 + 1 + 1 + 1"),
    ("f(f) = f*f; f(a + b)", "t = a + b; t*t"),
    ("f = a + 1; f(x) = x*f; f(f)", "f = a + 1; f*f"),
    ("pi2(pi) = pi*2; pi2(a) + pi", "a*2 + pi"),
    ("f(x) = where(x > 0, x, 2*x); f(a - 3)", "t = a - 3; where(t > 0, t, 2*t)"),
    ("f(x) = x*x # twice\nf(\n a)", "a*a"),
    ("u = a*b; f(x) = u*x; v = f(2); u, v", "u = a*b; v = u*2; u, v"),
    ("sum(k, 1, 3, k*a)", "1*a + 2*a + 3*a"),
    ("prod(k, 0, 2, a + k)", "(a + 0)*(a + 1)*(a + 2)"),
    ("sum(k, 3, 2, a) + b", "0 + b"),
    ("prod(k, 3, 2, a)*b", "1*b"),
    ("sum(k, -1, 1, a**k)", "a**(-1) + a**0 + a**1"),
    ("sum(i, 1, 3, sum(j, 1, i, a**j))", "a**1 + (a**1 + a**2) + (a**1 + a**2 + a**3)"),
    ("sum(k, 1, 2, k*a) + k", "1*a + 2*a + k"),
    ("sum(a, 1, 2, a*b) + a", "1*b + 2*b + a"),
    ("f(n, x) = sum(k, 0, n, x**k); f(2, a)", "a**0 + a**1 + a**2"),
    ("f(x) = sum(k, 1, 2, k*x*a); f(b)", "1*b*a + 2*b*a"),
    ("f(k) = sum(j, 1, k, a); g(x) = f(2)*x; g(b)", "(a + a)*b"),
    ("n(x) = x + 1; sum(k, n(0), n(1), k*a)", "1*a + 2*a"),
    ("sum(k, 1, 2**2 - 1, a)", "a + a + a"),
    ("k.sum(1, 2, k*a)", "1*a + 2*a"),
]


def point(text: str) -> dict[str, float]:
    script = read(text)
    values = {"a": 1.25, "b": -0.75, "k": 0.5}
    return {name: values[name] for name in script.names if name in values and name not in script.assigned}


@pytest.mark.parametrize(("text", "expanded"), SAME)
def test_a_call_means_what_it_is_expanded_to(text: str, expanded: str) -> None:
    found, want = (differentiate(read(each), point(each)) for each in (text, expanded))
    for ours, theirs in zip(found.parts, want.parts, strict=True):
        assert ours.value == theirs.value
        grads = dict(ours.grads or {})
        unused = {name: 0.0 for name in grads if name not in (theirs.grads or {})}
        assert grads == {**(theirs.grads or {}), **unused}


def test_arguments_are_evaluated_once() -> None:
    graph = evaluate(read("f(x) = x*x + x; f(sin(a))"), {"a": 2.0})
    assert [node._op for node in graph.nodes].count("sin") == 1
    text = "f(x) = x + x;" + "f(" * 10_000 + "a" + ")" * 10_000
    assert len(read(text).blocks[0].steps) == 10_001


def test_a_call_is_labelled_as_it_is_written() -> None:
    labels = [
        node.label for node in differentiate(read("f(x) = x*x + 1; f(a + 2)"), {"a": 2.0}, with_nodes=True).nodes or ()
    ]
    assert labels == ["a", "2", "a + 2", "(a + 2)*(a + 2)", "1", "f(a + 2)"]


MESSAGES = [
    ("f(a); f(x) = x; f(a)", "the value of this statement is not used; assign it to a name, as in 'y = ...'", "f(a)"),
    ("y = f(a); f(x) = x; y", "the function 'f' is called before its definition", "f"),
    ("f(x) = g(x); g(x) = x; f(a)", "the function 'g' is called before its definition", "g"),
    ("f(x) = x*f(x - 1); f(3)", "the function 'f' calls itself; functions cannot be recursive", "f"),
    ("f(x) = x; f(x) = 2*x; f(a)", "the function 'f' is defined twice", "f"),
    ("sin(x) = x; sin(a)", "'sin' is a function of the language and cannot be defined", "sin"),
    ("ln(x) = x; ln(a)", "'ln' is a function of the language and cannot be defined", "ln"),
    ("sum(x, y) = x; sum(1, 2)", "'sum' is a function of the language and cannot be defined", "sum"),
    ("f(x, y) = x*y; f(a)", "f is defined as f(x, y), not with 1 argument", "f"),
    ("f(x) = x; a.f(2)", "f is defined as f(x), not with 2 arguments; x.f(...) is f(x, ...)", "f"),
    ("f(x) = x; f()", "f is defined as f(x), not with 0 arguments", "f"),
    ("f(x, y, x) = x; f(1, 2, 3)", "'x' is a parameter of f twice", "x"),
    ("f(2) = 3; f(2)", "a parameter is a name, as in f(x) = ...; to compare, write ==", "2"),
    ("f(inf) = 3; f(2)", "'inf' is a constant and cannot be a parameter", "inf"),
    ("f() = 3; f()", "a function has a parameter, as in f(x) = ...; without one, write f = ...", "="),
    ("f(x) = x*x", "the last statement defines a function; call it after that, as in f(x) = ...; f(x)", "f(x) = x*x"),
    ("y = 2; f(x) = x", "the last statement defines a function; call it after that, as in f(x) = ...; f(x)", "f(x) = x"),
    ("f(x) = x*c; c = a; f(2)", "'c' is used before its statement", "c"),
    ("y = sum(k, 1, 0, c); c = a; y", "'c' is used before its statement", "c"),
    ("f(x) = tahn(x); a", "unknown function 'tahn'; did you mean 'tanh'?", "tahn"),
    ("f(x) = sin(x, 2); a", "sin takes sin(x), not 2 arguments", "sin"),
    ("sum(a, b, c)", "write sum(k, 1, 10, ...) with a name, its first and its last value, and a term; of some values, a + b + c", "sum(a, b, c)"),
    ("sum(1, 2, 3, 4)", "write sum(k, 1, 10, ...) with a name, its first and its last value, and a term; of some values, a + b + c", "sum(1, 2, 3, 4)"),
    ("prod(a)", "write prod(k, 1, 10, ...) with a name, its first and its last value, and a term; of some values, a*b*c", "prod(a)"),
    ("sum(k, 1, n, k)", "a limit of sum is a whole number in the text, and 'n' is none; write the number, or s(n) = sum(k, 1, n, ...) and s(10)", "n"),
    ("n = 3; sum(k, 1, n, k*a)", "a limit of sum is a whole number in the text, and 'n' is none; write the number, or s(n) = sum(k, 1, n, ...) and s(10)", "n"),
    ("f(n) = sum(k, 1, n, k); f(a)", "a limit of sum is a whole number in the text, and 'a' is none; write the number, or s(n) = sum(k, 1, n, ...) and s(10)", "n"),
    ("sum(k, 1, 2.5, k)", "a limit of sum is a whole number, not 2.5", "2.5"),
    ("sum(k, 1, 1/0, k)", "a limit of sum is a whole number, not inf", "1/0"),
    ("sum(k, 1, k, k)", "a limit of sum is a whole number in the text, and 'k' is none; write the number, or s(n) = sum(k, 1, n, ...) and s(10)", "k"),
    ("sum(inf, 1, 3, 2)", "'inf' is a constant and cannot be an index", "inf"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message", "place"), MESSAGES, ids=[text for text, _, _ in MESSAGES])
def test_messages_show_the_place_and_the_spelling(text: str, message: str, place: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        read(text)
    assert caught.value.message == message
    assert caught.value.span is not None
    assert text[slice(*caught.value.span)] == place


DOUBLING = "f0(x) = x + x;" + "".join(f"f{n}(x) = f{n - 1}(f{n - 1}(x));" for n in range(1, 31))
TOO_LARGE = [
    (DOUBLING + "f30(a)", "more than 1,000,000 operations"),
    (DOUBLING + "a", "more than 1,000,000 operations"),
    (DOUBLING.replace("x + x", "x") + "f30(a)", "more than 1,000,000 operations"),
    ("sum(k, 1, 1000000000, a)", "more than 100,000 terms"),
    ("sum(k, 1, 1e300, a)", "more than 100,000 terms"),
    ("prod(k, -1e18, 1e18, a)", "more than 100,000 terms"),
    ("sum(i, 1, 1000, sum(j, 1, 1000, a))", "more than 100,000 terms"),
    ("sum(i, 1, 1000, sum(j, i, 1000, a))", "more than 100,000 terms"),
    ("sum(i, 1, 60000, a) + sum(i, 1, 60000, a)", "more than 100,000 terms"),
    ("u = sum(i, 1, 60000, a); u + sum(i, 1, 60000, a)", "more than 100,000 terms"),
    ("f(x) = sum(i, 1, 60000, x); f(a) + f(b)", "more than 100,000 terms"),
    ("f(n) = sum(i, 1, n, a); f(60000) + f(60000)", "more than 100,000 terms"),
    (f"sum(i, 1, 50000, {'+'.join(['a'] * 100)})", "more than 1,000,000 operations"),
]


@pytest.mark.parametrize(("text", "message"), TOO_LARGE, ids=[text[-60:] for text, _ in TOO_LARGE])
def test_what_would_be_expanded_to_too_much_is_an_error_at_once(text: str, message: str) -> None:
    with pytest.raises(LimitError, match=message):
        read(text)


@pytest.mark.slow
def test_sums_of_many_terms_and_long_chains_of_functions_are_expanded() -> None:
    assert differentiate(read("sum(k, 1, 100000, k*a)"), {"a": 1.0}, explain=False).grads == {"a": 5_000_050_000.0}
    chain = "f0(x) = -x;" + "".join(f"f{n}(x) = f{n - 1}(x);" for n in range(1, 20_000))
    assert differentiate(read(f"{chain}f19999(a)", DEEP), {"a": 2.0}).grads == {"a": -1.0}


def test_a_function_without_a_call_is_told_from_a_variable() -> None:
    with pytest.raises(MissingValueError, match="f is a function: write f"):
        differentiate(read("f(x) = x; f*2"), {})


UNKNOWN_NAMES = [
    ("f(x)=x²; f²", ("--x", "3"), "f is a function: write f(x)"),
    ("f(x, y)=x*y; f + 1", ("--x", "3"), "f is a function: write f(x, y)"),
    ("f(y)=diff(x*y,x); f(x)", ("--x", "3", "--y", "1"), "y is a parameter of f"),
    ("g(t)=t; f(`a b`)=`a b`; f(x)", ("--x", "3", "--var", "a b=1"), "a b is a parameter of f"),
    ("x.sum(1,3,x)", ("--x", "2"), "x is the index of the sum"),
    ("prod(y, 1, 3, x*y)", ("--x", "2", "--y", "2"), "y is the index of the product"),
    ("f(x) = sum(k, 1, 3, k*x); f(a)", ("--a", "2", "--k", "2"), "k is the index of the sum"),
]


@pytest.mark.parametrize(("text", "words", "advice"), UNKNOWN_NAMES)
def test_a_value_for_a_name_that_is_no_variable_is_explained(
    mgrad: Run, text: str, words: tuple[str, ...], advice: str
) -> None:
    found = mgrad("eval", text, *words)
    name = words[-1].partition("=")[0] if "--var" in words else words[-2][2:]
    assert found.returncode == 2
    assert found.stderr == f"error: no variable '{name}' in the expression; {advice}\n"


def test_a_parameter_or_index_that_is_a_variable_too_has_a_value(mgrad: Run) -> None:
    found = mgrad("eval", "f(y) = 2*y; f(y) + sum(x, 1, 2, x) + x", "--x", "1", "--y", "3", "--json")
    assert json.loads(found.stdout)["value"] == 10.0


def test_names_that_are_expanded_to_nothing_are_variables() -> None:
    assert differentiate(read("sum(k, 1, 0, a*k) + b"), {"a": 2.0, "b": 3.0}).grads == {"b": 1.0, "a": 0.0}
    assert differentiate(read("f(x, y) = x; f(a, b)"), {"a": 2.0, "b": 3.0}).grads == {"a": 1.0, "b": 0.0}


def test_sums_share_what_is_bound_outside() -> None:
    script = read("f(x) = sum(k, 1, 100, k*x); f(sin(a))")
    assert [step.operation.name for step in script.blocks[0].steps if step.operation].count("sin") == 1


def test_the_exponential_series_has_the_exponential_as_its_limit() -> None:
    text = "factorial(n) = prod(k, 1, n, k); series(n, x) = sum(k, 0, n, x**k/factorial(k)); series(25, a)"
    result = differentiate(read(text), {"a": 1.5})
    assert result.value == pytest.approx(math.exp(1.5), rel=1e-14)
    assert (result.grads or {})["a"] == pytest.approx(math.exp(1.5), rel=1e-14)


def test_a_definition_is_printed_as_it_is_parsed() -> None:
    (definition,) = parse("f(x, y) = x*y + sum(k, 1, 3, k*f2(x)); 1").definitions
    assert (definition.name, definition.parameters, definition.position) == ("f", ("x", "y"), 0)
    assert unparse(definition.expression) == "x*y + sum(k, 1, 3, k*f2(x))"


def test_definitions_sums_and_calls_are_written_in_latex() -> None:
    text = "area(r, h_1) = 2*r*h_1; y = area(x, 2); y + sum(k, 1, 3, k*x + 1)*prod(j, 1, 2, j)"
    assert Expression(text).latex().splitlines()[1:-1] == [
        r"\mathrm{area}\left(r, h_{1}\right) &= 2 \, r \, h_{1} \\",
        r"y &= \mathrm{area}\left(x, 2\right) \\",
        r"f &= y + \left(\sum_{k=1}^{3} \left(k \, x + 1\right)\right) \, \left(\prod_{j=1}^{2} j\right)",
    ]


NESTED = "f(x, y) = x*y + sin(x); h(t) = f(t, t)*2; h(a + 1) + sum(k, 1, 2, k*a)"


def test_an_explanation_shows_each_call_and_then_its_inside(mgrad: Run) -> None:
    lines = mgrad("explain", NESTED, "--a", "2").stdout.splitlines()
    forward = lines[lines.index("forward pass") + 1 : lines.index("backward pass") - 1]
    assert [line.partition(" = ")[0].rstrip() for line in forward] == [
        "  a",
        "  v1",
        "  h(a + 1), where h(t)",
        "    f(t, t), where f(x, y)",
        "      v2",
        "      v3",
        "      v4",
        "    v5",
        "  sum(k, 1, 2, k*a):",
        "    v6",
        "    v7",
        "    v8",
        "  L",
    ]
    table = mgrad("explain", NESTED, "--a", "2", "--markdown").stdout
    assert "| *`f(t, t)`* | `f(x, y) = x*y + sin(x)` |  |  |" in table
    record = json.loads(mgrad("explain", NESTED, "--a", "2", "--json").stdout)
    assert [call["call"] for call in record["calls"]] == ["h(a + 1)", "f(t, t)", "sum(k, 1, 2, k*a)"]
    assert [node.get("call") for node in record["nodes"]] == [None, None, None, 1, 1, 1, 0, 0, 2, 2, 2, None]


def test_a_graph_draws_a_box_around_each_call(mgrad: Run, tmp_path: Path) -> None:
    text = mgrad("graph", NESTED, "--a", "2", "--dot").stdout
    boxes = re.findall(r'subgraph cluster\d+ \{\n  graph \[label="(.*?)\\l"', text)
    assert boxes == ["h(a + 1)", "f(t, t)", "sum(k, 1, 2, k*a)"]
    assert text.count("{") == text.count("}")
    mermaid = mgrad("graph", NESTED, "--a", "2", "--mermaid").stdout
    assert len(re.findall(r"^  subgraph c\d", mermaid, re.MULTILINE)) == mermaid.count("\n  end\n") == 3
    assert "v5 = h(a + 1) = v4*2" in mgrad("graph", NESTED, "--a", "2").stdout


def test_calls_in_calls_are_told_apart_to_some_depth(mgrad: Run) -> None:
    text = "f0(x) = -x;" + "".join(f"f{n}(x) = -f{n - 1}(x);" for n in range(1, 200)) + "f199(a)"
    record = json.loads(mgrad("explain", text, "--a", "2", "--json").stdout)
    assert len(record["calls"]) == MAX_DEPTH
    assert {node.get("call") for node in record["nodes"]} == {None, *range(MAX_DEPTH)}
