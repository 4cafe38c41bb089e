"""What people type and this language spells otherwise: for each, the sentence that shows the spelling."""

import re
import unicodedata
from collections.abc import Container

from lark import Token

from mgrad_cli import elsewhere
from mgrad_cli.errors import Span, printable

STRANGERS = {
    **dict.fromkeys("−–—‐‑‒", "use '-'"),
    **dict.fromkeys("×·⋅∙∗•", "use '*'"),
    **dict.fromkeys("÷∕⁄", "use '/'"),
    **dict.fromkeys("“”‘’\"'`", "there is no text in a formula"),
    **dict.fromkeys("[]{}（）", "use '(' and ')'"),
    **dict.fromkeys("$@\\", "it has no meaning here"),
    "%": "write mod(a, b)",
    "!": "write gamma(x+1)",
    "?": "write where(c, a, b)",
    ":": "write where(c, a, b) for a choice, and '=' for a name",
    "&": "write 'and'",
    "|": "write 'or', or abs(x)",
    "~": "write 'not'",
    "≤": "use '<='",
    "≥": "use '>='",
    "≠": "use '!='",
    "√": "write sqrt(x)",
    "∛": "write cbrt(x)",
    "∞": "write inf",
    "，": "use ','",
    "；": "use ';'",
    "∧": "write 'and'",
    "∨": "write 'or'",
    "¬": "write 'not'",
}
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
NUMERIC_LITERALS = {"x": 16, "X": 16, "o": 8, "O": 8, "b": 2, "B": 2}
TWO_TOKENS = {"=<": "<=", "=>": ">=", "<>": "!=", "===": "==", "->": "where(c, a, b)"}
MAX_DOTTED = 200
DOTTED_BEFORE = re.compile(r"(?:[^\W\d]\w*\s*\.\s*)+$")
DOTTED_AFTER = re.compile(r"((?:\s*\.\s*[^\W\d]\w*)*)\s*(\(?)")
NO_OPERAND_BEFORE = {"(", ",", "=", ";", "\n"}


def shown(char: str) -> str:
    """A character as a message names it: itself in quotes where that can be seen, and its code point."""
    name = unicodedata.name(char, "")
    point = f"U+{ord(char):04X}"
    if printable(char) != char or char.isspace() or unicodedata.combining(char):
        return f"{point} {name}".strip()
    return f"'{char}'" if char.isascii() else f"'{char}' ({point})"


def stranger(text: str, place: int) -> tuple[str, str, Span]:
    """The message, source and span for a character that begins no token."""
    char = text[place]
    span = Span(place, place + 1)
    if char == "!" and not ends_operand_text(text[:place].rstrip()[-1:]):
        advice = "write 'not'"
    elif char in STRANGERS:
        advice = STRANGERS[char]
    elif char in SUPERSCRIPTS:
        advice = f"write **{SUPERSCRIPTS.index(char)}"
    elif unicodedata.category(char) == "Nd":
        advice = f"digits are 0 to 9; write {unicodedata.digit(char)}"
    elif char.isspace():
        advice = "use a plain space"
    else:
        return f"unexpected character {shown(char)}", text, span
    return f"unexpected character {shown(char)}; {advice}", text, span


def unexpected(
    text: str, previous: Token | None, token: Token, opened: list[int], functions: Container[str]
) -> tuple[str, str, Span]:
    """The message, source and span for a token that cannot stand where it does.

    `previous` is the token before it, `opened` the places of the parentheses open around it, and `functions`
    the names that a call may have.
    """
    if token.type == "$END":
        return ending(text, previous, opened, functions)
    span = Span(token.start_pos or 0, token.end_pos or 0)
    before = "" if previous is None else str(previous)
    if previous is not None and token.type in {"NAME", "NUMBER", "LPAR"} and ends_operand(previous):
        return juxtaposition(text, previous, token, functions)
    if before == "/" and token == "/":
        advice = "unexpected '//'; write floor(a/b)"
        return advice, text, Span(span.start - 1, span.end)
    if (two := TWO_TOKENS.get(before + str(token))) and previous is not None and previous.end_pos == span.start:
        return f"unexpected '{before}{token}'; use '{two}'", text, Span(previous.start_pos or 0, span.end)
    if token == ")" and not opened and ends_operand_text(before):
        return "')' closes nothing", text, span
    if token == "=":
        if opened:
            return "unexpected '=' in a call; arguments are given in order, without names", text, span
        return "unexpected '='; only a single name can stand before it, and '==' compares", text, span
    if token == "," and not opened:
        advice = "; numbers have a decimal point" if previous is not None and previous.type == "NUMBER" else ""
        return f"unexpected ','{advice}", text, span
    if token in {";", "\n"}:
        return ending(text, previous, opened, functions)
    if before == ".":
        return f"expected the name of a function after '.', not '{token}'", text, span
    if previous is not None and previous.type == "NAME" and text[: previous.start_pos].rstrip().endswith("."):
        return attribute(text, previous, functions)
    if before in {"if", "else"} or token in {"if", "else"}:
        return "a choice is written where(c, a, b)", text, span
    if previous is not None and is_operator(previous) and token != ")":
        return f"expected a value after '{before}', not '{token}'", text, span
    if previous is None or before in NO_OPERAND_BEFORE:
        return f"expected a value before '{token}'", text, span
    if previous is not None and is_operator(previous):
        return f"expected a value after '{before}'", text, Span(previous.start_pos or 0, previous.end_pos or 0)
    return f"unexpected '{printable(str(token))}'", text, span


def ending(text: str, previous: Token | None, opened: list[int], functions: Container[str]) -> tuple[str, str, Span]:
    """The message, source and span for a statement that ends too early."""
    if previous is None or str(previous) in {";", "\n"}:
        return "empty expression", text, Span(0, 1)
    after = Span(previous.start_pos or 0, previous.end_pos or 0)
    if is_operator(previous) or str(previous) in {"=", ","}:
        return f"expected a value after '{previous}'", text, after
    if str(previous) == ".":
        return "expected the name of a function after '.'", text, after
    if previous.type == "NAME" and text[: previous.start_pos].rstrip().endswith("."):
        return attribute(text, previous, functions)
    if opened:
        return "'(' is never closed", text, Span(opened[-1], opened[-1] + 1)
    return "the expression ends too early", text, after


def attribute(text: str, name: Token, functions: Container[str]) -> tuple[str, str, Span]:
    """The message, source and span for `x.name` without a call, and for a module inside a module: `np.linalg.norm`."""
    start, end = name.start_pos or 0, name.end_pos or 0
    head = DOTTED_BEFORE.search(text, max(0, start - MAX_DOTTED), start)
    tail = DOTTED_AFTER.match(text, end, end + MAX_DOTTED)
    chain = "".join(f"{head[0] if head else ''}{name}{tail[1] if tail else ''}".split()).split(".")
    *modules, last = chain
    if modules and modules[0] in elsewhere.MAY_BE_MODULES:
        span = Span(head.start() if head else start, tail.end(1) if tail else end)
        if tail and tail[2]:
            return elsewhere.without_module(".".join(modules), last, last in functions), text, span
        constant = elsewhere.constant(last, with_own=True)
        advice = f"constants stand alone here; write {constant}" if constant else f"unknown name '{'.'.join(chain)}'"
        return advice, text, span
    advice = f"expected '(' after '.{name}'; write .{name}()"
    if str(name) not in functions:
        advice = f"'.{name}' is not a function; a dot stands only before a call, as in x.sin()"
    return advice, text, Span(start, end)


def juxtaposition(text: str, previous: Token, token: Token, functions: Container[str]) -> tuple[str, str, Span]:
    """The message, source and span for two operands side by side: `2a`, `ln x`, `0x10`, `1_000`, `a if c else b`."""
    start, end = previous.start_pos or 0, token.end_pos or 0
    span = Span(start, end)
    left, right = str(previous), "(...)" if token.type == "LPAR" else str(token)
    glued = previous.end_pos == token.start_pos
    if token == "if" or previous == "if" or token == "else" or previous == "else":
        return "a choice is written where(c, a, b)", text, Span(token.start_pos or 0, end)
    if glued and left == "0" and (literal := re.match(r"0([xXoObB])([0-9a-fA-F]+)\b", text[start:])):
        base = NUMERIC_LITERALS[literal[1]]
        whole = Span(start, start + literal.end())
        try:
            advice = f"; write {int(literal[2], base)}"
        except ValueError:
            advice = ""
        return f"'{literal[0]}': numbers are decimal{advice}", text, whole
    if glued and previous.type == "NUMBER" and (digits := re.match(r"[0-9.]+(?:_[0-9]+)+", text[start:])):
        whole = Span(start, start + digits.end())
        return f"digits are not grouped with '_'; write {digits[0].replace('_', '')}", text, whole
    if previous.type == "NUMBER" and token.type == "NUMBER":
        return f"two numbers side by side: {left} and {right}", text, span
    if previous.type == "NAME" and left in functions and token.type != "LPAR":
        return f"missing parentheses; write {left}({right})", text, span
    power = re.search(r"([^\W\d]\w*)\s*(?:\^|\*\*)\s*$", text[max(0, start - 60) : start])
    if token.type == "LPAR" and power is not None and power[1] in functions:
        return f"a power of a function is written after the call: {power[1]}(...)**{left}", text, span
    if previous.type == "RPAR":
        left = "(...)"
    return f"missing operator; write {left}*{right}", text, span


def ends_operand(token: Token) -> bool:
    return token.type in {"NAME", "NUMBER", "RPAR"}


def ends_operand_text(text: str) -> bool:
    return bool(text) and (text[-1].isalnum() or text[-1] in "_).")


def is_operator(token: Token) -> bool:
    return token.type == "COMPARISON" or str(token) in {"+", "-", "*", "/", "**", "^", "and", "or", "not"}
