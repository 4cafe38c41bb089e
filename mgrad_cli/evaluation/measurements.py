"""Read a value with its standard uncertainty, as in `1.2±0.002` or `1.2(2)`."""

import math
import re
from typing import NamedTuple

from mgrad_cli.errors import ExpressionError, Span
from mgrad_cli.evaluation.value_text import LAST_DIGITS, SIGN, UNSIGNED, parse_value
from mgrad_cli.language.parser import DEFAULT_LIMITS, Limits

DECIMAL = re.compile(rf"[+-]?(?:{UNSIGNED})", re.ASCII)
EXPONENT = re.compile(r"e[+-]?[0-9]+", re.IGNORECASE | re.ASCII)
SCALES = ("*", "/", "×", "·", "⋅", "÷")


class Measurement(NamedTuple):
    """A value and its standard uncertainty, 0 for an exact value."""

    value: float
    uncertainty: float


def parse_measurement(text: str, limits: Limits = DEFAULT_LIMITS) -> Measurement:
    """Return the value and the standard uncertainty that a text spells; without one, the uncertainty is 0.

    Both sides of ± are constant expressions. An uncertainty can be relative, `1.2±5%`. One exponent or factor can stand
    behind both in parentheses, `(1.2±0.1)e-3`. In `1.20(15)` the digits in parentheses stand for the last digits of the
    value; with a decimal point, as in `1.20(0.15)`, they are the uncertainty itself.

    Raises: ExpressionError for anything else, and for an uncertainty that is negative or not finite.

    >>> parse_measurement("1.20(15)e-3")
    Measurement(value=0.0012, uncertainty=0.00015)
    >>> parse_measurement("pi/4 ± 2%").uncertainty
    0.015707963267948967
    """
    if digits := re.fullmatch(LAST_DIGITS, text):
        return last_digits(*digits.groups(default=""))
    if re.search(SIGN, text) is None:
        return Measurement(parse_value(text, limits), 0.0)
    inner, suffix = split_suffix(text.strip())
    parts = re.split(SIGN, inner)
    if len(parts) > 2 or any(re.fullmatch(LAST_DIGITS, part) for part in parts):
        raise ExpressionError("there is more than one uncertainty")
    value, width = (part.strip() for part in parts)
    for part, which in ((value, "value before"), (width, "uncertainty after")):
        if not part:
            raise ExpressionError(f"there is no {which} '±'")
    if value.count("(") != value.count(")"):
        raise ExpressionError("'±' stands in parentheses that do not enclose both sides, as in (1.2±0.1)e-3")
    number = scaled(value, suffix, limits)
    if width.endswith("%"):
        uncertainty = abs(number) * (parse_value(width.removesuffix("%"), limits) / 100)
    else:
        uncertainty = scaled(width, suffix, limits)
        if suffix.startswith(SCALES) and parse_value(f"1{suffix}", limits) < 0:
            uncertainty = -uncertainty
    return Measurement(number, checked_uncertainty(uncertainty, width))


def split_suffix(text: str) -> tuple[str, str]:
    """Return what is in parentheses, if a text begins with one around a ±, and the exponent or factor behind them."""
    if not text.startswith("("):
        return text, ""
    end = closing(text)
    rest = text[end + 1 :].strip()
    if re.search(SIGN, text[:end]) is None:
        return text, ""
    if end == len(text):
        raise ExpressionError("'(' is never closed", text, Span(0, 1))
    if rest and not EXPONENT.fullmatch(rest) and (not rest.startswith(SCALES) or rest.startswith("**")):
        raise ExpressionError("only an exponent or a factor can follow the parentheses, as in (1.2±0.1)e-3")
    return text[1:end], rest


def scaled(text: str, suffix: str, limits: Limits) -> float:
    """Return the number of a text times an exponent or a factor. A decimal with an exponent is rounded once."""
    if not suffix.startswith(SCALES):
        if not suffix or DECIMAL.fullmatch(text):
            return parse_value(f"{text}{suffix}", limits)
        suffix = f"*1{suffix}"
    return parse_value(text, limits) * parse_value(f"1{suffix}", limits)


def closing(text: str) -> int:
    """Return the index of the parenthesis that closes the first one, or the length of the text."""
    depth = 0
    for index, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return index
    return len(text)


def last_digits(sign: str, number: str, width: str, exponent: str) -> Measurement:
    """Return the measurement of a number with its uncertainty in parentheses, and an exponent for both."""
    decimals = 0 if "." in width else len(number.partition(".")[2])
    value = parse_value(f"{sign}{number}{exponent}")
    return Measurement(value, parse_value(f"{width}e{int(exponent[1:] or '0') - decimals}"))


def checked_uncertainty(uncertainty: float, text: str) -> float:
    """Return an uncertainty. Raises: ExpressionError if it is negative or not finite."""
    if uncertainty < 0:
        raise ExpressionError(f"the uncertainty, {text}, is negative")
    if not math.isfinite(uncertainty):
        raise ExpressionError(f"the uncertainty, {text}, is not a finite number")
    return abs(uncertainty)
