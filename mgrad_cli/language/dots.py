"""Error messages for what follows a dot: a name without a call, a module, or an operator of Fortran."""

import re
from collections.abc import Container

from mgrad_cli.errors import Span
from mgrad_cli.language.tokens import Token
from mgrad_cli.operations import other_systems
from mgrad_cli.operations.module_names import POSSIBLE_MODULES

FORTRAN = {
    "gt": ">",
    "lt": "<",
    "ge": ">=",
    "le": "<=",
    "eq": "==",
    "ne": "!=",
    "and": "and",
    "or": "or",
    "not": "not",
    "true": "1",
    "false": "0",
}
"""Fortran's operators and constants between dots, as in `x .gt. y`."""
MAX_DOTTED, MAX_SEARCHED = 200, 10_000
CALLED = re.compile(r"([^\W\d]\w*)\s*$")
DOTTED_BEFORE = re.compile(r"(?:[^\W\d]\w*\s*\.\s*)+$")
DOTTED_AFTER = re.compile(r"((?:\s*\.\s*[^\W\d]\w*)*)\s*(\(?)")
BETWEEN_DOTS = re.compile(r"\.([A-Za-z]+)\.")
NUMBER_BEFORE = re.compile(r"([0-9]+)\.$")
EXPONENT = re.compile(r"[dD]([-+]?[0-9]+)\b")


def is_attribute(text: str, token: Token) -> bool:
    """Return whether a token is the name after a dot."""
    start = token.start_pos or 0
    return token.type == "NAME" and text[max(0, start - MAX_SEARCHED) : start].rstrip().endswith(".")


def after_dot(text: str, dot: Token, token: Token) -> tuple[str, str, Span]:
    """Return the message, source and span for a token after a dot: Julia's `exp.(x)`, Fortran's `a .and. b`."""
    if token == "(" and (called := CALLED.search(text, max(0, dot.start_pos - MAX_DOTTED), dot.start_pos)):
        return f"unexpected '.('; write {called[1]}(...)", text, Span(dot.start_pos, token.end_pos)
    if is_between_dots(text, token):
        return fortran_advice(token), text, Span(token.start_pos, token.end_pos)
    return f"expected a function name after '.', not '{token}'", text, Span(token.start_pos, token.end_pos)


def operator_between_dots(text: str, dot: int) -> tuple[str, str, Span] | None:
    """Return the message, source and span for Fortran's `.not.` that begins at a dot, or `None`."""
    word = BETWEEN_DOTS.match(text, dot)
    if word is None or word[1].lower() not in FORTRAN:
        return None
    return fortran_advice(word[1]), text, Span(*word.span())


def is_between_dots(text: str, word: Token) -> bool:
    """Return whether a word after a dot is one of Fortran's, with another dot after it."""
    return word.lower() in FORTRAN and text[word.end_pos :].lstrip().startswith(".")


def fortran_advice(word: str) -> str:
    """Return the message for one of Fortran's words between dots."""
    return f"unexpected '.{word}.'; use '{FORTRAN[word.lower()]}'"


def attribute(text: str, name: Token, functions: Container[str]) -> tuple[str, str, Span]:
    """Return the message, source and span for `x.name` without a call, or a nested module as in `np.linalg.norm`."""
    start, end = name.start_pos, name.end_pos
    head = DOTTED_BEFORE.search(text, max(0, start - MAX_DOTTED), start)
    tail = DOTTED_AFTER.match(text, end, end + MAX_DOTTED)
    chain = "".join(f"{head[0] if head else ''}{name}{tail[1] if tail else ''}".split()).split(".")
    *modules, last = chain
    if is_between_dots(text, name):
        return fortran_advice(name), text, Span(start, end)
    if modules and modules[0] in POSSIBLE_MODULES:
        span = Span(head.start() if head else start, tail.end(1) if tail else end)
        if tail and tail[2]:
            return other_systems.module_function_advice(".".join(modules), last, last in functions), text, span
        constant = other_systems.constant(last, with_own=True)
        advice = f"constants have no prefix here; write {constant}" if constant else f"unknown name '{'.'.join(chain)}'"
        return advice, text, span
    if str(name) in functions:
        return f"expected '(' after '.{name}'; write .{name}()", text, Span(start, end)
    number = NUMBER_BEFORE.search(text, max(0, start - MAX_DOTTED), start)
    if number is not None and (exponent := EXPONENT.match(text, start)):
        product = f"{number[1]}.*{exponent[0]}"
        message = f"write {number[1]}.e{exponent[1]} for a number, {product} for a product"
        return message, text, Span(number.start(), exponent.end())
    if number is not None and name.lower() in {"f", "d", "l"}:
        return (
            f"numbers have no suffix; write {number[1]}.0, or {number[1]}*{name} for a product",
            text,
            Span(start, end),
        )
    advice = f"'.{name}' is not a function; a dot must be followed by a call, as in x.sin()"
    quoted = f", and a name with a dot is written `{'.'.join(chain)}`" if modules else ""
    return f"{advice}{quoted}", text, Span(start, end)
