"""What people type from habit: read as what it shows, or refused with a spelling that means the same."""

import json
import math
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mgrad_cli.errors import ExpressionError
from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.evaluation.value_text import parse_value
from mgrad_cli.language.characters import READ_AS
from mgrad_cli.language.lexer import Limits
from mgrad_cli.language.lowering import read
from mgrad_cli.language.parser import parse
from mgrad_cli.language.printing import unparse
from tests.conftest import Run


def message(text: str) -> str:
    with pytest.raises(ExpressionError) as caught:
        read(text)
    return caught.value.message


HABITS = [
    json.loads(line) for line in (Path(__file__).parent / "data" / "habits.jsonl").read_text("utf-8").splitlines()
]
"""What people type, with the systems that it is from: what it `reads` as and its `value`, or what the refusal `says`."""


def habits(key: str) -> pytest.MarkDecorator:
    """Return the mark that runs a test for the habits of each system that have a key."""
    found: dict[str, list[dict[str, Any]]] = {}
    for habit in HABITS:
        if key in habit:
            found.setdefault(habit["from"], []).append(habit)
    return pytest.mark.parametrize("habits", found.values(), ids=found)


ALIASES = {
    "arcsin(x) + arctan2(y, x)": "asin(x) + atan2(y, x)",
    "fabs(x)": "abs(x)",
    "power(x, 2)": "x**2",
    "maximum(a, b)": "max(a, b)",
    "gammaln(x)": "lgamma(x)",
    "probit(p)": "norminv(p)",
    "expit(x)": "sigmoid(x)",
}


@pytest.mark.parametrize(("text", "want"), ALIASES.items())
def test_functions_have_the_names_of_other_systems(text: str, want: str) -> None:
    one, other = (
        [(step.operation, step.name, step.number) for step in read(each).blocks[0].steps] for each in (text, want)
    )
    assert one == other


@habits("reads")
def test_what_is_read_means_what_it_shows(habits: list[dict[str, Any]]) -> None:
    for habit in habits:
        one, other = (unparse(parse(habit[key]).statements[-1].expression) for key in ("text", "reads"))
        assert one == other


@habits("value")
def test_what_is_read_has_the_value_of_other_systems(habits: list[dict[str, Any]]) -> None:
    for habit in habits:
        for limits in (Limits(), Limits(implicit=True)):
            found = differentiate(read(habit["text"], limits), habit["at"]).value
            assert found == pytest.approx(habit["value"], rel=1e-14, abs=1e-15), habit


@given(st.text(alphabet=[*READ_AS, *"²⁻¹ab1 +(", ")"], max_size=12))
def test_signs_of_mathematics_are_read_as_those_of_the_keyboard(text: str) -> None:
    plain = text
    for sign, operator in READ_AS.items():
        plain = plain.replace(sign, f" {operator} ")  # two signs of multiplication are no power
    try:
        want = unparse(parse(plain).statements[-1].expression)
    except ExpressionError:
        want = None
    try:
        got = unparse(parse(text).statements[-1].expression)
    except ExpressionError:
        got = None
    assert got == want


@habits("says")
def test_what_is_refused_shows_a_spelling(habits: list[dict[str, Any]]) -> None:
    said = {habit["text"]: message(habit["text"]) for habit in habits}
    assert {habit["text"]: said[habit["text"]] for habit in habits if habit["says"] not in said[habit["text"]]} == {}


PRODUCT = re.compile(
    r"(missing operator; )?write \S+\*\S+(, or \S+ for the prefix .)?$|'.*' is not a function; for a product"
)
"""What is said of a product without a sign, which `--implicit` reads."""


@habits("says")
def test_what_is_no_product_is_refused_where_products_need_no_sign(habits: list[dict[str, Any]]) -> None:
    for habit in habits:
        if PRODUCT.match(message(habit["text"])) is None and habit["text"] != "2**x y":
            with pytest.raises(ExpressionError):
                read(habit["text"], Limits(implicit=True))


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Pi*x", "did you mean the constant 'pi'?"),
        ("E^x", "did you mean the constant 'e'?"),
        ("x*True", "'True' is written 1"),
        ("x < Inf", "did you mean the constant 'inf'?"),
        ("x*NaN", "did you mean the constant 'nan'?"),
    ],
)
def test_constants_of_other_systems_are_variables_and_say_so(mgrad: Run, text: str, want: str) -> None:
    ran = mgrad("eval", text, "--x", "1")
    assert ran.returncode == 2
    assert want in ran.stderr


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("E^x", "'E' is a variable here; the constant is written e"),
        ("Pi*r**2", "'Pi' is a variable here; the constant is written pi"),
        ("x*True", "'True' is a variable here; the constant is written 1"),
        ("sinx + 1", "'sinx' is a variable here; write sin(x)"),
        ("sin2x", "'sin2x' is a variable here; write sin(2*x)"),
        ("exp -x", "'exp' is a variable here; a function is called, as in exp(x)"),
        ("2*πr", "'πr' is a variable here; write π*r"),
        ("xⁿ", "'xⁿ' is a variable here; write x**n"),
        ("dy/dx", "dy/dx is a quotient of variables; a derivative is diff(y, x)"),
        ("log(e, x)", "log(e, x) is the logarithm of e to base x; for that base write log(x, e)"),
        ("log(10, x)", "log(10, x) is the logarithm of 10 to base x; for that base write log(x, 10)"),
    ],
)
def test_a_derivative_that_others_read_otherwise_warns(mgrad: Run, text: str, want: str) -> None:
    ran = mgrad("diff", text)
    assert (ran.returncode, ran.stderr) == (0, f"warning: {want}\n")


@pytest.mark.parametrize(
    "text",
    ["E*x", "e**x", "cost*t", "gamma*x", "log(x, 10)", "log(3, x)", "expo*x", "Δx", "x_ᵢ", "d/x", "dy*dx", "dy/x"],
)
def test_a_derivative_of_plain_names_does_not_warn(mgrad: Run, text: str) -> None:
    assert mgrad("diff", text).stderr == ""


@pytest.mark.parametrize("text", ["sin(30)", "2*cos(90)", "tan(45) + x"])
def test_a_number_that_looks_like_degrees_warns(mgrad: Run, text: str) -> None:
    ran = mgrad("eval", text, "--json", *(["--x", "1"] if "x" in text else []))
    number = re.findall("[0-9]+(?=\\))", text)[0]
    assert "angles are in radians; for degrees write" in ran.stderr
    assert f"(radians({number}))" in ran.stderr
    assert ran.returncode == 0


@pytest.mark.parametrize("text", ["sin(3)", "cos(pi/4)", "sin(radians(30))", "sin(30*x)", "exp(30)", "a = 30; sin(a)"])
def test_other_angles_do_not_warn(mgrad: Run, text: str) -> None:
    assert mgrad("eval", text, "--json", *(["--x", "1"] if "x)" in text and "*" in text else [])).stderr == ""


def test_names_with_a_value_do_not_warn(mgrad: Run) -> None:
    assert mgrad("diff", "Pi*x", "--Pi", "3").stderr == ""
    assert mgrad("map", "Pi*x", "-", stdin="Pi,x\n1,2\n").stderr == "1 row\n"


def test_there_are_hundreds_of_habits_each_once() -> None:
    texts = [habit["text"] for habit in HABITS]
    assert len(set(texts)) == len(texts) >= 1000
    assert len({habit["from"] for habit in HABITS}) >= 10


def test_a_raised_number_that_overflows_is_an_error() -> None:
    assert message(f"x{'²' * 400}") == "the number overflows a double; write **inf"


@pytest.mark.parametrize("text", ["x!!", "dawsn(x)", "zeta(x)", "x…"])
def test_what_has_no_spelling_is_offered_none(text: str) -> None:
    assert "write" not in message(text)
    assert "did you mean" not in message(text)


@pytest.mark.parametrize("char", ["ⸯ", "ͺ", "ㅤ", "ﾠ", "ᅟ", "ﹰ", "٣", "₁", "½", "Ⅷ", "\u200d"])
@pytest.mark.parametrize("before", ["", "a"])
def test_what_is_no_letter_is_in_no_name(char: str, before: str) -> None:
    assert "unexpected character" in message(f"{before}{char} + 1")


@given(st.characters(categories=["L"]))
def test_a_letter_stands_alone_as_a_name_of_python_or_is_refused(char: str) -> None:
    normal = unicodedata.normalize("NFC", char)
    try:
        names = read(f"2*{char}").names
    except ExpressionError:
        has_marks = any(not unicodedata.category(each).startswith("L") for each in normal)
        assert not normal.isidentifier() or normal in "\u115f\u1160\u3164\uffa0" or has_marks
    else:
        assert names == (normal,)
        assert normal.isidentifier()


def test_values_of_variables_are_read_alike(mgrad: Run) -> None:
    assert parse_value("−3") == -3
    assert parse_value("2·10⁻³") == 0.002
    assert math.isclose(parse_value("π²"), math.pi**2)
    ran = mgrad("eval", "x²", "--x", "−3", "--json")
    assert '"value": 9.0' in ran.stdout


def test_places_in_what_is_read_are_those_of_the_text(mgrad: Run) -> None:
    ran = mgrad("eval", "a×b² + log(c − 1)", "--a", "1", "--b", "2", "--c", "1")
    assert "1 | a×b² + log(c − 1)\n    |        ^^^^^^^^^^" in ran.stderr
