"""Tokens in a place of other systems: a comment, the equals sign of a spreadsheet, or an exponent before a root."""

import re

from mgrad_cli.errors import Span
from mgrad_cli.language.characters import RAISED_DIGITS
from mgrad_cli.language.tokens import Token

NEGATIVE_POWER = re.compile(r"[=(,;*/+<>^&-]\s*-\s*[\w.$]+\s*\^")
POWER_OF_POWER = re.compile(r"\^\s*[\w.$]+\s*\^")


def comment_at(text: str, previous: Token | None, span: Span) -> tuple[str, str, Span] | None:
    """Return the message for a comment of another language at a token, or for Python's `//`; or `None`."""
    before = str(previous) if previous is not None and previous.end_pos == span.start else ""
    opening, start = before + text[span.start], span.start - 1
    if not before:
        opening, start = text[span.start : span.end + 1], span.start
    if opening not in {"//", "/*", "(*"}:
        return None
    is_first = start == 0 or text[:start].rstrip(" \t")[-1:] in {"", ";", "\n"}
    other = "write floor(a/b); " if opening == "//" and not is_first else ""
    return f"unexpected '{opening}'; {other}comments begin with '#'", text, Span(start, start + 2)


def spreadsheet_powers(text: str) -> str:
    """Return what a formula of a spreadsheet means otherwise here: `-x^2`, and `a^b^c`."""
    if NEGATIVE_POWER.search(text):
        return "; -x^2 is -(x^2) here, but (-x)^2 in spreadsheets"
    return "; a^b^c is a^(b^c) here, but (a^b)^c in spreadsheets" if POWER_OF_POWER.search(text) else ""


def raised_advice(text: str, token: Token, before: str) -> str:
    """Return the message for an exponent that is the degree of a root, as `³√x`, or that follows `^`."""
    degree = str(token).translate(RAISED_DIGITS)
    if text[token.end_pos :].lstrip(" (").startswith("√"):
        return f"unexpected '{token}'; write {'cbrt(x)' if degree == '3' else f'x**(1/{degree})'}"
    return f"unexpected '{token}' after '{before}'; write {before}{degree}" if before in {"^", "**"} else ""
