"""Values with a standard uncertainty, as they are written."""

import pytest

from mgrad_cli import BindingError, Expression, ExpressionError
from mgrad_cli.analysis.rounding import last_place, rounded
from mgrad_cli.evaluation.measurements import parse_measurement
from mgrad_cli.evaluation.value_text import is_uncertain, parse_value


@pytest.mark.parametrize(
    ("text", "value", "uncertainty"),
    [
        ("1.2±0.002", 1.2, 0.002),
        ("1.2+/-0.002", 1.2, 0.002),
        ("1.2+-0.002", 1.2, 0.002),
        (" 1.2 +- 0.002 ", 1.2, 0.002),
        ("1.2+−0.002", 1.2, 0.002),
        ("-1.2±0.002", -1.2, 0.002),
        ("1.2(2)", 1.2, 0.2),
        ("1.20(15)", 1.2, 0.15),
        ("1.20(0.15)", 1.2, 0.15),
        ("-1234(56)", -1234.0, 56.0),
        ("12.3(4.5)", 12.3, 4.5),
        ("8(1)", 8.0, 1.0),
        ("-0.01(0.01)", -0.01, 0.01),
        ("12.3456(78)e-6", 12.3456e-6, 0.0078e-6),
        ("1.234e10±2.3e9", 1.234e10, 2.3e9),
        ("(-3.1 +/- 0.3)e10", -3.1e10, 0.3e10),
        ("1.2(2)e-3", 1.2e-3, 2e-4),
        ("6.62607015(81)E-34", 6.62607015e-34, 8.1e-41),
        ("1.2±0.1e-3", 1.2, 1e-4),
        ("(1.2±0.1)e-3", 1.2e-3, 1e-4),
        ("(1.2±0.1)*10**-3", 1.2e-3, 1e-4),
        ("(1.2±0.1)/-2", -0.6, 0.05),
        ("(1.2±0.1)", 1.2, 0.1),
        ("pi/4±0.01", 0.7853981633974483, 0.01),
        ("sqrt(2) ± sqrt(3)/10", 1.4142135623730951, 0.17320508075688773),
        ("(1+2)*2±0.1", 6.0, 0.1),
        ("1.2±5%", 1.2, 0.06),
        ("-200±1.5%", -200.0, 3.0),
        ("(200±1%)e3", 200e3, 2e3),
        ("2±0", 2.0, 0.0),
        ("1e-3", 1e-3, 0.0),
        ("2*+-1", -2.0, 0.0),
        ("-(+-3)", 3.0, 0.0),
    ],
)
def test_a_value_and_its_uncertainty(text: str, value: float, uncertainty: float) -> None:
    measured = parse_measurement(text)
    assert measured.value == value
    assert measured.uncertainty == pytest.approx(uncertainty, rel=1e-15)
    assert is_uncertain(text) == (text not in {"1e-3", "2*+-1", "-(+-3)"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2±-1", "the uncertainty, -1, is negative"),
        ("2+--1", "the uncertainty, -1, is negative"),
        ("2±-1%", "the uncertainty, -1%, is negative"),
        ("2±nan", "the uncertainty, nan, is not a finite number"),
        ("2±1/0", "the uncertainty, 1/0, is not a finite number"),
        ("2±", "there is no uncertainty after '±'"),
        ("±2", "there is no value before '±'"),
        ("1±2±3", "there is more than one uncertainty"),
        ("2±x", "'x' is not a constant"),
        ("(1±2)x", "only an exponent or a factor can follow the parentheses"),
        ("(1±2", "'(' is never closed"),
        ("-(1±2)", "'±' stands in parentheses that do not enclose both sides"),
        ("1±0.1(2)", "there is more than one uncertainty"),
        ("1(2)e400", "1e400 overflows a double"),
    ],
)
def test_what_is_wrong_is_said(text: str, message: str) -> None:
    assert is_uncertain(text)
    with pytest.raises(ExpressionError) as error:
        parse_measurement(text)
    assert message in error.value.message
    with pytest.raises(BindingError, match="the value of 'x', '"):
        Expression("x").propagate({"x": text})


@pytest.mark.parametrize("text", ["2±0.1", "1.2(2)", "1+/-1", "1+-1"])
def test_a_plain_value_has_none(text: str) -> None:
    with pytest.raises(ExpressionError, match="uncertainties are read by mgrad eval, mgrad batch and mgrad map"):
        parse_value(text)


@pytest.mark.parametrize("text", ["x*1.2±0.1", "x*1.2+/-0.1"])
def test_a_formula_has_none(text: str) -> None:
    with pytest.raises(ExpressionError, match="an uncertainty belongs to the value of a variable"):
        Expression(text)


@pytest.mark.parametrize(
    ("value", "uncertainty", "text"),
    [
        (9.80665123, 0.0362, "9.807 ± 0.036"),
        (9.80665123, 0.0994, "9.807 ± 0.099"),
        (9.80665123, 0.0996, "9.81 ± 0.10"),
        (0.0, 1.0, "0.0 ± 1.0"),
        (-0.0001, 1.0, "0.0 ± 1.0"),
        (12345.6, 996.1, "12300 ± 1000"),
        (123456.0, 2.0, "123456.0 ± 2.0"),
        (1234567.0, 2300.0, "(1.2346 ± 0.0023)e6"),
        (1e-7, 2e-9, "(1.000 ± 0.020)e-7"),
        (3.0, 1e9, "(0.0 ± 1.0)e9"),
        (1.5, 0.0, "1.5 ± 0"),
        (float("nan"), 0.1, "nan ± 0.1"),
        (2.0, float("inf"), "2 ± inf"),
        (2.5, 0.5, "2.50 ± 0.50"),
    ],
)
def test_people_see_two_digits_of_the_uncertainty(value: float, uncertainty: float, text: str) -> None:
    assert str(rounded(value, uncertainty)) == text


def test_what_people_see_reads_back() -> None:
    for value, uncertainty in [(9.80665123, 0.0362), (6.62607015e-34, 8.1e-42), (12345.6, 996.1), (-5e12, 3e3)]:
        read = parse_measurement(str(rounded(value, uncertainty)))
        assert read.value == pytest.approx(value, abs=uncertainty / 15)
        assert read.uncertainty == pytest.approx(uncertainty, rel=0.05)


@pytest.mark.parametrize(("number", "place"), [(0.0362, 0.001), (9.96, 1.0), (2.0, 0.1), (0.0, 0.0)])
def test_the_last_place_of_two_digits(number: float, place: float) -> None:
    assert last_place(number, 2) == place
