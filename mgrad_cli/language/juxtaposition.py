"""Error messages for two operands side by side, such as `2a`, `ln x`, `sin^2 x` or `1/2x`."""

import re
from collections.abc import Collection, Container

from mgrad_cli.errors import Span
from mgrad_cli.language.characters import OPERAND_AT_END
from mgrad_cli.language.tokens import Token

NUMERIC_LITERALS = {"x": 16, "X": 16, "o": 8, "O": 8, "b": 2, "B": 2}
WORD_OPERATORS = {
    "mod": "mod(a, b)",
    "rem": "a - b*trunc(a/b)",
    "div": "floor(a/b)",
    "times": "a*b",
    "plus": "a + b",
    "minus": "a - b",
    "over": "a/b",
    "and": "'and' in lower case",
    "or": "'or' in lower case",
    "not": "'not' in lower case",
    "xor": "(a != 0) != (b != 0)",
    "then": "where(c, a, b)",
    "elseif": "where(c, a, b)",
    "when": "where(c, a, b)",
    "is": "a == b",
}
DEGREES = frozenset({"deg", "degree", "degrees", "º"})
FUNCTION_DECLARATIONS = frozenset({"def", "fn", "function", "lambda"})
DECLARATIONS = frozenset({
    "auto", "const", "double", "float", "int", "let", "local", "print", "return", "var",
})  # fmt: skip
INVERSES = {
    **{name: f"a{name}" for name in ("sin", "cos", "tan", "sec", "csc", "cot")},
    **{name: f"a{name}" for name in ("sinh", "cosh", "tanh", "sech", "csch", "coth")},
    "exp": "log", "log": "exp", "ln": "exp", "log2": "exp2", "exp2": "log2", "expm1": "log1p", "log1p": "expm1",
    "erf": "erfinv", "normcdf": "norminv",
}  # fmt: skip
MAX_BEFORE = MAX_NAME = 60
POWER = re.compile(r"([^\W\d]\w*)\s*(?:\^|\*\*)\s*\(?\s*([-−+]?\s*(?:\w+\.?\w*|\.\w+))\s*\)?\s*$")
RAISED_NAME = re.compile(r"([^\W\d⁰¹²³⁴⁵⁶⁷⁸⁹][^\W⁰¹²³⁴⁵⁶⁷⁸⁹]*)\s*([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)\s*$")
BINDING_BEFORE = re.compile(r"(?:([\w.]+|\))\s*)?(/|÷|\*\*|\^)\s*([-+−]?)\s*$")
NAME_AT_END = re.compile(r"[^\W\d]\w*$")
ARGUMENT_END = re.compile(r"[-−+,;)\n=<>#]|$")


def juxtaposition(text: str, previous: Token, token: Token, functions: Container[str]) -> tuple[str, str, Span]:
    """Return the message, source and span for two adjacent operands. `functions` are the names of functions."""
    start, end = previous.start_pos, token.end_pos
    span = Span(start, end)
    glued = previous.end_pos == token.start_pos
    literal = numeric_literal(text, previous, token) if glued else None
    if literal is not None:
        return literal
    word = word_between(previous, token)
    if word is not None:
        return word, text, Span(token.start_pos, end) if str(token).lower() in WORDS else span
    if previous.type == "NUMBER" and token.type == "NUMBER":
        return f"two numbers side by side: {previous} and {token}", text, span
    if previous.type == "NUMBER" and str(token) in DEGREES:
        return f"angles are in radians; write radians({previous})", text, span
    power = power_of_function(text[max(0, start - MAX_BEFORE) : previous.end_pos], functions)
    if power is not None:
        return power, text, span
    name = str(previous)
    if previous.type == "NAME" and token.type != "LPAR" and (name in functions or name.lower() in functions):
        name = name if name in functions else name.lower()
        argument = text[token.start_pos : ARGUMENT_END.search(text, token.start_pos).start()].strip()  # type: ignore[union-attr]
        shown = str(token) if argument == token else "..."
        return f"missing parentheses; write {name}({shown})", text, span
    return missing_operator(text, previous, token, functions), text, span


WORDS = frozenset({"if", "else", *WORD_OPERATORS})


def word_between(previous: Token, token: Token) -> str | None:
    """Return the message for a word that other languages write between operands or before an expression."""
    if {str(previous), str(token)} & {"if", "else"}:
        return "a choice is written where(c, a, b)"
    if token.type == "NAME" and (spelled := WORD_OPERATORS.get(str(token).lower())):
        return f"unexpected '{token}'; write {spelled}"
    if previous.type == "NAME" and str(previous) in FUNCTION_DECLARATIONS and token.type == "NAME":
        return f"unexpected '{previous}'; a function is defined as f(x) = ..., before it is called"
    if previous.type == "NAME" and str(previous) in DECLARATIONS and token.type == "NAME":
        return f"unexpected '{previous}'; write the expression alone"
    return None


def numeric_literal(text: str, previous: Token, token: Token) -> tuple[str, str, Span] | None:
    """Return the message for a number of another language: `0x1F`, `1_000`, `1d-3`, `2.0f`, `2j`; or `None`."""
    start = previous.start_pos
    if previous == "0" and (literal := re.match(r"0([xXoObB])([0-9a-fA-F]+)\b", text[start:])):
        try:
            advice = f"; write {int(literal[2], NUMERIC_LITERALS[literal[1]])}"
        except ValueError:
            advice = ""
        return f"'{literal[0]}': numbers are decimal{advice}", text, Span(start, start + literal.end())
    if previous.type != "NUMBER":
        return None
    if digits := re.match(r"[0-9.]+(?:_[0-9]+)+", text[start:]):
        message = f"digits cannot be grouped with '_'; write {digits[0].replace('_', '')}"
        return message, text, Span(start, start + digits.end())
    if fortran := re.match(r"([0-9.]+)[dD]([-+]?[0-9]+)\b", text[start:]):
        product = f"{fortran[1]}*{fortran[0][len(fortran[1]) :]}"
        message = f"write {fortran[1]}e{fortran[2]} for a number, {product} for a product"
        return message, text, Span(start, start + fortran.end())
    span = Span(start, token.end_pos)
    if str(token) in {"f", "F", "L"} and "." in previous:
        return f"numbers have no suffix; write {previous}, or {previous}*{token} for a product", text, span
    if str(token) in {"i", "j"}:
        return f"numbers are real; write {previous}*{token} for a product with a variable", text, span
    return None


def power_of_function(before: str, functions: Container[str]) -> str | None:
    """Return the message for a function raised to a power before its argument: `sin^2(x)`, `sin²x`, `sin^-1(x)`."""
    power = POWER.search(before) or RAISED_NAME.search(before)
    if power is None or power[1] not in functions:
        return None
    name, exponent = power[1], "".join(power[2].translate(EXPONENT).split())
    if exponent == "-1":
        inverse = INVERSES.get(name, "")
        either = f"{inverse}(...) for the inverse function, " if inverse in functions else ""
        return f"a power of a function is written after the call: {either}{name}(...)**-1 for the reciprocal"
    return f"a power of a function is written after the call: {name}(...)**{exponent}"


EXPONENT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻−", "0123456789+--")


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
    """Return a text as a product of names that it consists of, or nothing where there is none."""
    if len(text) > MAX_NAME:
        return ""
    products = {0: ""}
    for place in range(len(text)):
        for name in names if place in products else ():
            if text.startswith(name, place):
                products.setdefault(place + len(name), f"{products[place]}{'*' if place else ''}{name}")
    return products.get(len(text), "")
