"""Error messages for unexpected tokens: each shows the correct spelling of what is probably meant."""

import re
from collections.abc import Container

from mgrad_cli.errors import ExpressionError, Span
from mgrad_cli.language.dots import (
    CALLED,
    MAX_DOTTED,
    MAX_SEARCHED,
    after_dot,
    attribute,
    is_attribute,
    operator_between_dots,
)
from mgrad_cli.language.foreign_numbers import comma_advice
from mgrad_cli.language.juxtaposition import juxtaposition
from mgrad_cli.language.misplaced import comment_at, raised_advice, spreadsheet_powers
from mgrad_cli.language.tokens import Token
from mgrad_cli.language.words import REQUESTS
from mgrad_cli.operations import other_systems
from mgrad_cli.text import printable

TWO_TOKENS = {
    "=<": "use '<='",
    "=>": "use '>=' to compare; write the formula alone",
    "*^": "write 2e5 for a power of ten, 2*x for a product",
    "<=>": "use '=='",
    "++": "a name is assigned once; write y = x + 1",
    "--": "a name is assigned once; write y = x - 1",
    "/.": "write x = 3; before the formula for a value",
    "->": "write the formula alone",
    "<>": "use '!='",
    "===": "use '=='",
    "!==": "use '!='",
    ".*": "use '*'",
    "./": "use '/'",
    ".^": "use '^'",
    ".**": "use '**'",
    "=/": "use '!='",
    "..": "a formula cannot contain a range",
    "<<": "write x*2**n",
    ">>": "write floor(x/2**n)",
    "/=": "use '!=' to compare; a name is assigned once, so write another name for a new value",
    **dict.fromkeys(("+=", "-=", "*=", "^=", "**="), "a name is assigned once; write another name for the new value"),
}
BACKQUOTED = re.compile(r"`[^`\n]+`")
ARROW = re.compile(r"(?:^|[;\n])[ \t]*([^\W\d]\w*)[ \t]*(<-)[ \t]")
EMPTY_CALL = re.compile(r"(?:^|[;\n])\s*[^\W\d]\w*\s*\(\s*\)\s*$")
OPERAND_ENDS = frozenset({"NAME", "QUOTED", "NUMBER", "RPAR", "SUPERSCRIPT"})
NO_OPERAND_BEFORE = {"(", ",", "=", ";", "\n"}


def unexpected_token(
    text: str, previous: Token | None, token: Token, opened: list[int], functions: Container[str]
) -> tuple[str, str, Span]:
    """Return the message, source and span for a token that is not valid where it is.

    `previous` is the token before it, `opened` are the positions of the open parentheses, and `functions` are the names
    of functions.
    """
    if token.type == "$END":
        return unexpected_end(text, previous, opened, functions)
    span = Span(token.start_pos, token.end_pos)
    before = "" if previous is None else str(previous)
    if previous is not None and token.type in {"NAME", "QUOTED", "NUMBER", "LPAR"} and previous.type in OPERAND_ENDS:
        return juxtaposition(text, previous, token, functions)
    if (comment := comment_at(text, previous, span)) is not None:
        return comment
    if before == "+" and token == "/" and text[span.end : span.end + 1] == "-":
        advice = "unexpected '+/-'; an uncertainty belongs to the value of a variable, as in --x 1.2+/-0.1"
        return advice, text, Span(span.start - 1, span.end + 1)
    if (two := TWO_TOKENS.get(before + str(token))) and previous is not None and previous.end_pos == span.start:
        return f"unexpected '{before}{token}'; {two}", text, Span(previous.start_pos, span.end)
    if token == ")" and not opened and ends_operand_text(before):
        return "unmatched ')'", text, span
    if token == "=":
        if previous is None:
            return f"unexpected '='; remove it{spreadsheet_powers(text)}", text, span
        if text.startswith("=>", span.start):
            return "unexpected '=>'; write the formula alone", text, Span(span.start, span.end + 1)
        if not text[span.end : span.end + MAX_DOTTED].strip(" ?\n"):
            return "unexpected '='; remove it", text, span
        if opened:
            return f"unexpected '=' in a call; {named_argument(text, opened[-1])}", text, span
        if EMPTY_CALL.search(text, max(0, span.start - MAX_DOTTED), span.start):
            return "a function has a parameter, as in f(x) = ...; without one, write f = ...", text, span
        return "unexpected '='; only a single name can be assigned, and '==' compares", text, span
    if token == "," and previous is not None and previous.type in OPERAND_ENDS and not is_attribute(text, previous):
        return unexpected_comma(text, previous, span, opened), text, span
    if token == ";" and opened and is_closed(text, span.end):
        comma = " and numbers have a decimal point" if re.search(r"\d,\d", text[opened[-1] :]) else ""
        return f"unexpected ';' in parentheses; arguments are separated by ','{comma}", text, span
    if token in {";", "\n"}:
        return unexpected_end(text, previous, opened, functions)
    if token.type == "SUPERSCRIPT" and (raised := raised_advice(text, token, before)):
        return raised, text, span
    if previous is not None and before == ".":
        return after_dot(text, previous, token)
    if token == "." and (operator := operator_between_dots(text, span.start)):
        return operator
    if previous is not None and is_attribute(text, previous):
        return attribute(text, previous, functions)
    if before in {"if", "else"} or token in {"if", "else"}:
        return "a choice is written where(c, a, b)", text, span
    if previous is not None and is_operator(previous) and token != ")":
        return f"expected a value after '{before}', not '{token}'", text, span
    if token in {"and", "or"} and text[span.end : span.end + 1] == "(":
        return f"unexpected '{token}'; write a {token} b", text, span
    if previous is None or before in NO_OPERAND_BEFORE:
        return f"expected a value before '{token}'", text, span
    if previous is not None and is_operator(previous):
        return f"expected a value after '{before}'", text, Span(previous.start_pos, previous.end_pos)
    return f"unexpected '{printable(str(token))}'", text, span


def named_argument(text: str, opening: int) -> str:
    """Return what to write instead of `k=1` in the call whose parenthesis opens at an index."""
    called = CALLED.search(text, max(0, opening - MAX_DOTTED), opening)
    name = called[1].lower() if called else ""
    if name in {"sum", "nsum", "prod", "product"}:
        return f"write {'sum' if 'sum' in name else 'prod'}(k, 1, 10, ...)"
    if name in {"subs", "eval", "at"}:
        return "write x = 3; before the formula for a value"
    if name in REQUESTS:
        return REQUESTS[name]
    return "arguments are given in order, without names"


def unexpected_comma(text: str, previous: Token, comma: Span, opened: list[int]) -> str:
    """Return the message for a comma after a complete operand: in an assignment, or in parentheses without a call."""
    if previous.type == "NUMBER" and previous.end_pos == comma.start and text[comma.end : comma.end + 1].isdigit():
        spelled = comma_advice(text, comma.start)
        return f"unexpected ','; numbers have a decimal point{f': {spelled}' if spelled else ''}"
    if not opened:
        return "unexpected ','; a name is assigned one value, and outputs are listed at the end: u = ...; v = ...; u, v"
    before = text[max(0, opened[0] - MAX_SEARCHED) : opened[0]].rstrip(" \t\r\f")
    if len(opened) == 1 and (not before or before[-1] in ";\n"):
        return "unexpected ',' in parentheses; several outputs are written without them: u, v"
    return f"unexpected ',' in parentheses{tuple_advice(text, opened)}"


def tuple_advice(text: str, opened: list[int]) -> str:
    """Return what to write for a call of SymPy with a tuple, as `Sum(k, (k, 1, 3))`, or an empty text."""
    called = CALLED.search(text, max(0, opened[-2] - MAX_DOTTED), opened[-2]) if len(opened) > 1 else None
    if called is None:
        return ""
    if request := REQUESTS.get(called[1].lower()):
        return f"; {request}"
    spelled = other_systems.equivalent(called[1])
    return f"; write {spelled}" if spelled else ""


def check_arrows(text: str) -> None:
    """Raise ExpressionError for R's assignment `y <- x`, which would compare `y` with `-x`."""
    arrow = ARROW.search(BACKQUOTED.sub(lambda name: "_" * len(name[0]), text))
    if arrow is not None and "#" not in text[text.rfind("\n", 0, arrow.start(2)) + 1 : arrow.start(2)]:
        message = f"write {arrow[1]} = ... to assign, or {arrow[1]} < -... to compare"
        raise ExpressionError(message, text, Span(*arrow.span(2)))


def is_closed(text: str, index: int) -> bool:
    """Return whether a parenthesis that is open at an index is closed after it."""
    depth = 1
    for char in text[index : index + MAX_SEARCHED]:
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return True
    return False


def unexpected_end(
    text: str, previous: Token | None, opened: list[int], functions: Container[str]
) -> tuple[str, str, Span]:
    """Return the message, source and span for a statement that ends too early."""
    if previous is None or str(previous) in {";", "\n"}:
        advice = "; what follows '#' is a comment" if text.lstrip().startswith("#") else ""
        return f"empty expression{advice}", text, Span(0, 1)
    after = Span(previous.start_pos, previous.end_pos)
    written = text[max(0, previous.start_pos - 1) : previous.end_pos]
    if written in {"++", "--"}:
        return f"unexpected '{written}'; {TWO_TOKENS[written]}", text, Span(previous.start_pos - 1, previous.end_pos)
    if is_operator(previous) or str(previous) in {"=", ","}:
        return f"expected a value after '{previous}'", text, after
    if str(previous) == ".":
        return "expected a function name after '.'", text, after
    if is_attribute(text, previous):
        return attribute(text, previous, functions)
    if opened:
        return "'(' is never closed", text, Span(opened[-1], opened[-1] + 1)
    return "the expression ends too early", text, after


def ends_operand_text(text: str) -> bool:
    """Return whether a text ends like an operand."""
    return bool(text) and (text[-1].isalnum() or text[-1] in "_).")


def is_operator(token: Token) -> bool:
    """Return whether a token is an operator."""
    return token.type == "COMPARISON" or str(token) in {"+", "-", "*", "/", "**", "^", "and", "or", "not"}
