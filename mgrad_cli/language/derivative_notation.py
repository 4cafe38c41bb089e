"""Derivatives as mathematics writes them, such as `d/dx x^2` or `d(x^2)/dx`: the spelling here is `diff(f, x)`."""

import re

ORDER = r"(?:\s*(?:\^|\*\*)?\s*([0-9²³⁴-⁹]+))?"
OPERATOR = re.compile(rf"(?<!\w)[dD]{ORDER}\s*/\s*d\s*([^\W\d_])\w*(?:\s*(?:\^|\*\*)\s*[0-9]+|[²³⁴-⁹]+)?\s*$")
QUOTIENT = re.compile(rf"{ORDER}\s*/\s*d\s*([^\W\d_]\w*)")
RAISED_D = re.compile(r"(?<!\w)[dD]\s*(?:(?:\^|\*\*)\s*)?([0-9²³⁴-⁹]+)\s*$")
NUMERATOR = re.compile(r"([^\W\d]\w*)\s*/\s*d\s*([^\W\d_])(?![a-zA-Z])")
MAX_OPERATOR = 40
PLAIN = str.maketrans("²³⁴⁵⁶⁷⁸⁹", "23456789")


def derivative_before(text: str, index: int) -> str:
    """Return the message for an operator such as `d/dx` that ends at an index, or an empty text."""
    found = OPERATOR.search(text[max(0, index - MAX_OPERATOR) : index])
    return spelled(found[1], found[0].rpartition("d")[2]) if found else ""


def derivative_of(text: str, index: int) -> str:
    """Return the message for a name at an index in a derivative such as `d^2y/dx^2`, or an empty text."""
    raised = RAISED_D.search(text[max(0, index - MAX_OPERATOR) : index])
    numerator = NUMERATOR.match(text, index, index + MAX_OPERATOR) if raised else None
    if raised is None or numerator is None:
        return ""
    return f"a derivative in a formula is written diff({numerator[1]}, {numerator[2]}, {raised[1].translate(PLAIN)})"


def derivative_around(text: str, name: str, end: int) -> str:
    """Return the message for a call such as `d(x^2)` that ends at an index with `/dx` after it, or an empty text."""
    found = QUOTIENT.match(text, end, end + MAX_OPERATOR) if name in {"d", "D"} else None
    return spelled(found[1], found[2]) if found else ""


def spelled(order: str | None, variable: str) -> str:
    """Return the message for a derivative of an order by a variable."""
    name = re.match(r"\s*([^\W\d]\w*?)(?:[²³⁴-⁹]|\s|\^|\*|$)", variable)
    by = name[1] if name else "x"
    number = (order or "").translate(PLAIN)
    arguments = f"f, {by}" if number in {"", "1"} else f"f, {by}, {number}"
    return f"a derivative in a formula is written diff({arguments})"
