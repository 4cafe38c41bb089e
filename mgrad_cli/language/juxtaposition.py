"""Error messages for two operands side by side, such as `2a`, `ln x`, `sin^2 x` or `1/2x`."""

import re
from collections.abc import Collection, Container
from functools import lru_cache

from mgrad_cli.errors import Span
from mgrad_cli.language.derivative_notation import derivative_before, derivative_of
from mgrad_cli.language.foreign_numbers import foreign_number, number_advice
from mgrad_cli.language.function_powers import power_of_function
from mgrad_cli.language.sign_context import OPERAND_AT_END
from mgrad_cli.language.tokens import Token
from mgrad_cli.language.words import word_between
from mgrad_cli.operations import other_systems

DEGREES = frozenset({"deg", "degree", "degrees", "º"})
PREFIXES = {"k": 3, "K": 3, "M": 6, "G": 9, "T": 12, "µ": -6, "μ": -6, "u": -6, "n": -9, "p": -12}
"""The exponents of prefixes that other systems read after a number."""
MAX_BEFORE = MAX_NAME = 60
BINDING_BEFORE = re.compile(r"(?:([\w.]+|\))\s*)?(/|÷|\*\*|\^)\s*([-+−]?)\s*$")
CHOICE = re.compile(r"\b(?:if|while|unless|elif)\s*$")
CAST = re.compile(r"\(\s*(?:unsigned |long |short )?(?:double|float|int|long|real)\s*\)")
NAME_AT_END = re.compile(r"[^\W\d]\w*$")
ARGUMENT_END = re.compile(r"[-−+,;)\n=<>#]|$")


def juxtaposition(text: str, previous: Token, token: Token, functions: Container[str]) -> tuple[str, str, Span]:
    """Return the message, source and span for two adjacent operands. `functions` are the names of functions."""
    start, end = previous.start_pos, token.end_pos
    span = Span(start, end)
    literal = foreign_number(text, previous, token)
    if literal is not None:
        return literal
    said = word_between(previous, token, functions)
    if said is not None:
        return said[0], text, Span(token.start_pos, end) if said[1] else span
    if derivative := derivative_before(text, token.start_pos) or derivative_of(text, token.start_pos):
        return derivative, text, span
    if found := number_advice(text, previous):
        return found[0], text, found[1]
    if previous.type == "NUMBER" and token.type == "NUMBER":
        return f"two numbers side by side: {previous} and {token}", text, span
    if previous.type == "RPAR" and (advice := after_parenthesis(text, opening_parenthesis(text, start), start)):
        return advice, text, span
    if token.lower() in DEGREES:
        shown = "..." if previous.type in {"RPAR", "SUPERSCRIPT"} else str(previous)
        return f"angles are in radians; write radians({shown})", text, span
    power = power_of_function(text[max(0, start - MAX_BEFORE) : previous.end_pos], functions)
    if power is not None:
        return power, text, span
    name = str(previous)
    if previous.type == "NAME" and token.type != "LPAR" and (name in functions or name.lower() in functions):
        name = name if name in functions else name.lower()
        argument = text[token.start_pos : ARGUMENT_END.search(text, token.start_pos).start()].strip()  # type: ignore[union-attr]
        shown = str(token) if argument == token else "..."
        return f"missing parentheses; write {name}({shown})", text, span
    if previous.type == "NAME" and token.type != "LPAR" and (spelled := function_elsewhere(name)):
        return f"missing parentheses; write {spelled}", text, span
    return missing_operator(text, previous, token, functions), text, span


def after_parenthesis(text: str, opening: int, closing: int) -> str:
    """Return the message for an operand after the parentheses of a choice or a cast, as in `(int)x`; or nothing."""
    if CHOICE.search(text, max(0, opening - MAX_BEFORE), opening):
        return "a choice is written where(c, a, b)"
    cast = CAST.fullmatch(text, opening, closing + 1) if closing - opening < MAX_BEFORE else None
    return f"numbers have no type; write {'trunc(x)' if 'int' in cast[0] else 'x'}" if cast else ""


@lru_cache(maxsize=256)
def function_elsewhere(name: str) -> str:
    """Return the call that the name of another system's function stands for, such as `log_2`; or nothing."""
    spelled = other_systems.equivalent(name) if len(name) > 1 else None
    return spelled if spelled and re.match(r"[a-z]\w*\(", spelled) else ""


def missing_operator(text: str, previous: Token, token: Token, functions: Container[str]) -> str:
    """Return the message for a product without `*`, with both meanings if it follows `/` or `^`."""
    left, right = text[previous.start_pos : previous.end_pos], "(...)" if token.type == "LPAR" else str(token)
    is_call = token.type == "NAME" and text[token.end_pos :][:1] == "("
    if is_call or (token.type == "NAME" and right in functions):
        right += "(...)"
    start = previous.start_pos
    if previous.type == "SUPERSCRIPT":
        raised = OPERAND_AT_END.search(text[max(0, start - MAX_BEFORE) : start])
        return f"missing operator; write {raised[1] if raised else '...'}{left}*{right}"
    if previous.type == "RPAR":
        left, start = "(...)", opening_parenthesis(text, start)
        function = NAME_AT_END.search(text, max(0, start - MAX_BEFORE), start)
        if function is not None and function[0] in functions:
            left, start = f"{function[0]}(...)", function.start()
    binding = BINDING_BEFORE.search(text, max(0, start - MAX_BEFORE), start)
    if binding is None and token.type == "NUMBER":
        return f"missing operator; write {left}*{right}, or {left}**{right} for a power"
    exponent = PREFIXES.get(right) if previous.type == "NUMBER" and previous.end_pos == token.start_pos else None
    if binding is None and exponent and "e" not in left.lower():
        return f"missing operator; write {left}*{right}, or {left}e{exponent} for the prefix {right}"
    if binding is None:
        return f"missing operator; write {left}*{right}"
    left = binding[3] + left
    base = "(...)" if binding[1] == ")" else binding[1] or "..."
    sign = binding[2].replace("÷", "/")
    return f"missing operator; write {base}{sign}({left}*{right}) or ({base}{sign}{left})*{right}, whichever is meant"


def opening_parenthesis(text: str, closing: int) -> int:
    """Return the index of the parenthesis that the one at `closing` closes."""
    depth = 0
    for index in range(closing, -1, -1):
        depth += (text[index] == ")") - (text[index] == "(")
        if depth == 0:
            return index
    return closing


def separated(name: str, variables: Collection[str], functions: Collection[str] = ()) -> str:
    """Return what a name means if it is other names side by side: `x*y` for `xy`, `sin(x)` for `sinx`; or nothing."""
    product = product_of(name, variables)
    for function in () if product else functions:
        argument = product_of(name.removeprefix(function), variables) if name.startswith(function) else ""
        if argument:
            return f"{function}({argument})"
    return product


def product_of(text: str, names: Collection[str]) -> str:
    """Return a text as the product of the names that it consists of, or an empty text if it is not one."""
    if len(text) > MAX_NAME:
        return ""
    products = {0: ""}
    for place in range(len(text)):
        for name in names if place in products else ():
            if text.startswith(name, place):
                products.setdefault(place + len(name), f"{products[place]}{'*' if place else ''}{name}")
    return products.get(len(text), "")
