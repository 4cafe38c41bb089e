"""Read the value of a variable from text: a number or a constant expression."""

import math
import re

from mgrad_cli.errors import ExpressionError
from mgrad_cli.evaluation.graph import constant_value
from mgrad_cli.language.lowering import CONSTANTS, read
from mgrad_cli.language.outputs import check_one_output
from mgrad_cli.language.parser import DEFAULT_LIMITS, Limits

SIGN = r"±|\+/-|(?<=[\w).%])\s*\+[-−]"
"""The signs between a value and its uncertainty. After an operator, `+-` is two signs of a number."""
UNSIGNED = r"[0-9]+\.?[0-9]*|\.[0-9]+"
LAST_DIGITS = rf"(?ai)\s*([+-]?)({UNSIGNED})\(({UNSIGNED})\)(e[+-]?[0-9]+)?\s*"
"""A value with the uncertainty of its last digits in parentheses, as `1.20(15)e-3`."""


def is_numeral(text: str) -> bool:
    """Return whether a text is a number as data files write it; `nan` and `inf` in any letter case."""
    if "_" in text or not text.isascii():  # which `float` reads too
        return False
    try:
        float(text)
    except ValueError:
        return False
    return True


def parse_value(text: str, limits: Limits = DEFAULT_LIMITS) -> float:
    """Return the number that a text spells: a literal, `nan` or `inf` in any letter case, or a constant expression.

    Raises: ExpressionError for anything else.
    """
    if is_numeral(text):
        value = float(text)
        if math.isinf(value) and "n" not in text.lower():
            raise ExpressionError(f"{text} overflows a double; write inf")
        return value
    refuse_uncertainty(text)
    if "#" in text:
        raise ExpressionError("a value cannot contain a comment")
    script = read(text, limits)
    block = script.blocks[-1]
    check_one_output(script, "a value")
    if len(script.blocks) > 1 or block.name is not None:
        raise ExpressionError("a value must be a single expression")
    for name in block.names:
        if name not in CONSTANTS:
            raise ExpressionError(f"'{name}' is not a constant, and a value cannot contain variables")
    return constant_value(block)


def refuse_uncertainty(text: str) -> None:
    """Raise ExpressionError for a value with an uncertainty, which only some commands read."""
    if is_uncertain(text):
        raise ExpressionError("uncertainties are read by mgrad eval, mgrad batch and mgrad map")


def is_uncertain(text: str) -> bool:
    """Return whether the text of a value has an uncertainty, valid or not.

    >>> [is_uncertain(text) for text in ("1±0.1", "1 +/- 0.1", "1+-0.1", "1.2(2)e-3", "2*+-1", "sin(2)", "1e-3")]
    [True, True, True, True, False, False, False]
    """
    if not ("±" in text or "+" in text or "(" in text):
        return False
    return re.search(SIGN, text) is not None or re.fullmatch(LAST_DIGITS, text) is not None
