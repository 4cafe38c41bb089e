"""Products without a sign, under `--implicit`: read where nothing else can be meant, and refused where it can."""

import json
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from mgrad_cli import Expression
from mgrad_cli.errors import ExpressionError
from mgrad_cli.language.lexer import Limits
from mgrad_cli.language.lowering import read
from mgrad_cli.language.parser import parse
from mgrad_cli.language.printing import unparse
from mgrad_cli.language.syntax import Call
from mgrad_cli.operations import FUNCTION_NAMES
from tests.conftest import Run

IMPLICIT = Limits(implicit=True)
PRODUCTS = {
    "2x": "2*x",
    "2 x": "2*x",
    "2(x+1)": "2*(x+1)",
    "(a)(b)": "a*b",
    "x y": "x*y",
    "x(y+1)": "x*(y+1)",
    "x(y+1)(z)": "x*(y+1)*z",
    "k_1(x+1)": "k_1*(x+1)",
    "pi(x+1)": "pi*(x+1)",
    "2pi": "2*pi",
    "2sin(x)": "2*sin(x)",
    "x sin(y)": "x*sin(y)",
    "sin(x)cos(x)": "sin(x)*cos(x)",
    "x.sin()y": "sin(x)*y",
    "2x.sin()": "2*sin(x)",
    "2x^2": "2*x**2",
    "x^2 y": "x**2*y",
    "x²y": "x**2*y",
    "πr²": "πr**2",
    "π r²": "π*r**2",
    "2e3": "2000",
    "2e3x": "2000*x",
    "2e x": "2*e*x",
    "2xy": "2*xy",
    "x2": "x2",
    "-2x": "-2*x",
    "a-2x": "a-2*x",
    "2x/3": "2*x/3",
    "1/x*2y": "1/x*2*y",
    "3x+4y(z-1)": "3*x+4*y*(z-1)",
    "max(2x,3y)": "max(2*x,3*y)",
    "2`a b`": "2*`a b`",
    "2y1(x)": "2*y1(x)",
    "x gamma": "x*gamma",
    "a = 2x; a y": "a*y",
    "f(x) = 2x; f(3)x": "f(3)*x",
    "2x < 3y and z": "2*x < 3*y and z",
}
REFUSED = {
    "1/2x": "write 1/(2*x) or (1/2)*x, whichever is meant",
    "1/2 x": "write 1/(2*x) or (1/2)*x, whichever is meant",
    "1÷2x": "write 1/(2*x) or (1/2)*x, whichever is meant",
    "2x/3y": "write 2x/(3*y) or (2x/3)*y, whichever is meant",
    "1/-2x": "write 1/(-2*x) or (1/-2)*x, whichever is meant",
    "1/(a+1)(b+1)": "write 1/((...)*(...)) or (1/(...))*(...), whichever is meant",
    "1/sin(x)y": "write 1/(sin(...)*y) or (1/sin(...))*y, whichever is meant",
    "x^2y": "write x^(2*y) or (x^2)*y, whichever is meant",
    "e^2x": "write e^(2*x) or (e^2)*x, whichever is meant",
    "2**-3x": "write 2**(-3*x) or (2**-3)*x, whichever is meant",
    "x 2": "write x*2, or x**2 for a power",
    "(x+1)2": "write (...)*2, or (...)**2 for a power",
    "2 3": "two numbers side by side",
    "sin x": "write sin(x)",
    "2sin x": "write sin(x)",
    "2 ln x": "write ln(x)",
    "sin^2(x)": "written after the call: sin(...)**2",
    "a mod b": "write mod(a, b)",
    "30 deg": "write radians(30)",
    "0x10": "write 16",
    "1_000": "write 1000",
    "1d-3": "write 1e-3 for a number",
    "3j": "write 3*j for a product",
    "return x": "write the expression alone",
    "f(x)": "for a product write f*(x)",
    "tahn(x)": "did you mean 'tanh'?",
    "velocity(t)": "unknown function 'velocity'",
    "5!": "write gamma(5+1)",
}


@pytest.mark.parametrize(("text", "want"), PRODUCTS.items())
def test_a_product_needs_no_sign(text: str, want: str) -> None:
    tree = parse(text, IMPLICIT, FUNCTION_NAMES).statements[-1].expression
    assert unparse(tree) == unparse(parse(want).statements[-1].expression)
    read(text, IMPLICIT)


@pytest.mark.parametrize(("text", "want"), REFUSED.items())
def test_what_has_another_meaning_is_refused(text: str, want: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        read(text, IMPLICIT)
    assert want in caught.value.message


def test_what_has_its_signs_reads_the_same() -> None:
    random = Random(5)
    parts = ["x", "2", "sin(x)", "(x + y)", "x²", "1e3", "pi", "where(x > 0, 1, y)", "x.tanh()", "-y", "not x"]
    for _ in range(500):
        text = random.choice([" ", ""]).join(
            f"{random.choice(parts)}{random.choice([' + ', '*', '/', ' - ', '**', ' < ', ' and '])}" for _ in range(5)
        )
        text += "y"
        try:
            want = parse(text)
        except ExpressionError:
            continue
        assert parse(text, IMPLICIT, FUNCTION_NAMES) == want


def test_places_are_those_of_the_text() -> None:
    program = parse("2x + 3(y)", IMPLICIT, FUNCTION_NAMES)
    tree = program.statements[-1].expression
    assert isinstance(tree, Call)
    assert [program.text[part.span.start : part.span.end] for part in tree.operands if part.span] == ["2x", "3(y)"]


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    "text",
    [
        "2" * 50_000 + "x" * 50_000,
        "(x)" * 30_000,
        "x " * 60_000,
        "(" * 9_000 + "2x" + ")" * 9_000,
        "(" * 9_000 + "x" + ")y" * 9_000,
    ],
)
def test_long_products_end(text: str) -> None:
    with suppress(ExpressionError):
        assert parse(text, IMPLICIT, FUNCTION_NAMES).text == text


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("arguments", "want"),
    [
        (["eval", "2x(y+1)", "--x", "3", "--y", "4", "--json"], '"value": 30.0'),
        (["eval", "x", "--x", "2pi", "--json"], '"value": 6.283185307179586'),
        (["diff", "3x^2"], "6*x"),
        (["diff", "2x y", "--code", "python"], "d_x = y * 2.0"),
        (["explain", "2x", "--x", "3"], "2*x"),
        (["graph", "2x", "--x", "3"], "2*x"),
        (["check", "2x", "--x", "3"], "pass"),
        (["solve", "x^2 - 2x - 3", "--for", "x=5"], "3"),
        (["minimize", "(x - 1)(x - 3)", "--x", "0"], "2"),
        (["taylor", "2x^3", "--x", "0"], "2"),
        (["map", "2x", "--x", "1:2:1", "--format", "csv", "--quiet"], "4.0"),
    ],
)
def test_every_verb_reads_them(mgrad: Run, arguments: list[str], want: str) -> None:
    ran = mgrad(*arguments, "--implicit")
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stderr
    assert want in ran.stdout
    assert mgrad(*arguments).returncode in {2, 3}


def test_batch_reads_them(mgrad: Run, tmp_path: Path) -> None:
    lines = tmp_path / "lines.jsonl"
    lines.write_text('{"expr": "2x", "vars": {"x": 3}}\n{"expr": "1/2x", "vars": {"x": 3}}\n')
    ran = mgrad("batch", str(lines), "--implicit", "--on-error", "null", "--quiet")
    one, other = map(json.loads, ran.stdout.splitlines())
    assert one["value"] == 6.0
    assert "whichever is meant" in other["error"]["message"]


def test_an_expression_keeps_its_setting() -> None:
    f = Expression("2x(y + 1)", implicit=True)
    assert f(x=3, y=4).grads == {"x": 10.0, "y": 6.0}
    assert f.diff("x")(y=4).value == 10.0
    with pytest.raises(ExpressionError):
        Expression("2x")


def test_the_prompt_has_a_setting(mgrad: Run) -> None:
    typed = "x = 3\n2x\n:implicit on\ny = 2x\ny + 1\n:implicit off\ny x\ny*x\n:implicit maybe\n"
    ran = mgrad("repl", stdin=typed)
    assert "2x and x(y+1) are products\n" in ran.stdout
    assert "7" in ran.stdout
    assert "18" in ran.stdout
    assert ran.stderr.count("missing operator") == 2
    assert ":implicit takes on or off, not 'maybe'" in ran.stderr
