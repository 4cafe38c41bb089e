"""Signs outside the language: what to write instead, by the text before and after each."""

import re
from collections.abc import Callable, Container
from functools import partial

from mgrad_cli.language.brackets import DEFINITION, brace, bracket
from mgrad_cli.language.sign_context import OPERAND_AT_END, SignContext

ADVICE = {
    **dict.fromkeys("–—‐‑‒", "use '-'"),
    **dict.fromkeys("∙∗•⨯✕✖⊗∘⊙", "use '*'"),
    **dict.fromkeys("∕⁄", "use '/'"),
    **dict.fromkeys("“”‘’\"'`", "a formula cannot contain text"),
    **dict.fromkeys("[]{}（）", "use '(' and ')'"),
    "\\": "write b/a for a left division",
    "%": "write mod(a, b)",
    "?": "write where(c, a, b)",
    ":": "a formula cannot contain a range; use '/' for a quotient, '=' for a name",
    "&": "write 'and'",
    "~": "write (not a)",
    "≤": "use '<='",
    "≥": "use '>='",
    "≠": "use '!='",
    "√": "write sqrt(x)",
    "∛": "write cbrt(x)",
    "∜": "write x**(1/4)",
    "∞": "write inf",
    "，": "use ','",
    "；": "use ';'",
    "∧": "write 'and'",
    "∨": "write 'or'",
    "¬": "write (not a)",
    **dict.fromkeys("∂∇′", "write diff(f, x) for a derivative"),
    "″": "write diff(f, x, 2) for a second derivative",
    **dict.fromkeys("≈≡≟", "use '=='"),
    **dict.fromkeys("⟨⟩«»", "use '(' and ')'"),
    **dict.fromkeys("←⟵", "write y = ... to name a result"),
    **dict.fromkeys("→⟶↦", "write the formula alone, or y = ... to name a result"),
    "∆": "write Δ, which is a letter",
    **dict.fromkeys("€£¥¢", "numbers have no units"),
    "\u2062": "use '*'",
    **dict.fromkeys("⊤†", "matrices are not supported"),
    **dict.fromkeys("⌊⌋", "write floor(x)"),
    **dict.fromkeys("⌈⌉", "write ceil(x)"),
    "‖": "write hypot(x, y)",
    "∑": "write sum(k, 1, 10, ...)",
    "∏": "write prod(k, 1, 10, ...)",
    "∈": "write a <= x <= b for an interval",
    "∫": "integrals are not supported",
    "±": "an uncertainty belongs to the value of a variable, as in mgrad eval x**2 --x 1.2±0.1",
}
"""Advice that does not depend on the text around a sign."""
CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]+)")
COMMENT = re.compile(r"\s+[^\W\d]\w+(?:\s+[^\W\d_]\w*|\s*$)")
GROUP = re.compile(r"([^\W\d]\w*)?\(([^()<>=!]+)\)\s*$")
PIPE = re.compile(r">\s*([^\W\d]\w*)")
ABSOLUTE = re.compile(r"([^|\n]+)\|(?!\s*[\w(|])")
CALL = re.compile(r"\s*([^\W\d]\w*)\s*\(")
NAME = re.compile(r"[^\W\d]\w*")
SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
OPENING = "'\"“‘"


def sign_advice(char: str, before: str, after: str, functions: Container[str]) -> str:
    """Return what to write instead of a sign between these texts, or an empty text."""
    found = OPERAND_AT_END.search(before)
    context = SignContext(found[1] if found else "", before, after, functions)
    said = BY_CONTEXT[char](context) if char in BY_CONTEXT else None
    return ADVICE.get(char, "") if said is None else said


def exclamation(context: SignContext) -> str:
    """Advise on `!a`, `Sheet1!A1`, `(a+b)!`; a double factorial has no spelling."""
    if not context.follows_value():
        return "write (not a)"
    if context.after.startswith("!"):
        return ""
    if cell := CELL.match(context.after):
        return f"write {cell[1]}{cell[2]}"
    return f"write gamma({context.operand or group_before(context) or '...'}+1)"


def group_before(context: SignContext) -> str:
    """Return what ends in a parenthesis before the sign, to be part of a sum: a call, or a group without its own."""
    group = GROUP.search(context.before)
    if group is None or re.search(r"\w\s+\w", group[2]):
        return ""
    return f"{group[1]}({group[2]})" if group[1] else group[2].strip()


def question(context: SignContext) -> str | None:
    """Advise on `c ? a : b`, or the end of a question."""
    if context.after.startswith("?"):
        return ""
    return "remove it" if not context.after.strip() else None


def tilde(context: SignContext) -> str | None:
    """Advise on `a ~= b`, a model of R `y ~ x`, or `~a`."""
    if context.after.startswith("="):
        return "use '!='"
    return f"write {context.operand or 'y'} = ... for a model, (not a) to negate" if context.follows_value() else None


def colon(context: SignContext) -> str | None:
    """Advise on `x := 3`, `std::sin(x)`, `x::float`, or a range."""
    if context.after.startswith("="):
        return "use '='"
    if context.after.startswith(":"):
        called = CALL.match(context.after[1:])
        return f"write {called[1]}(...) without '{context.operand}::'" if called else "numbers have no type"
    return "remove it" if not context.after.strip() else None


def bar(context: SignContext) -> str:
    """Advise on an absolute value `|x|`, `a || b`, `x |> f`, or `a | b`."""
    if context.follows_value():
        if pipe := PIPE.match(context.after):
            return f"write {pipe[1]}({context.operand or '...'})"
        return "write 'or'" if context.after.startswith("|") else "write 'or', or abs(x)"
    value = ABSOLUTE.match(context.after)
    return f"write abs({value[1].strip()})" if value else "write abs(x)"


def percent(context: SignContext) -> str | None:
    """Advise on R's `%%`, `%/%` and `%in%`, Maxima's `%pi`, a comment, `5%`, or a remainder."""
    if operator := re.match(r"(/|\*|)%", context.after):
        return {"": "write mod(a, b)", "/": "write floor(a/b)", "*": "matrices are not supported"}[operator[1]]
    if constant := re.match(r"(pi|e)\b", context.after):
        return f"write {constant[1]}"
    if re.match(r"i\b", context.after):
        return "numbers are real"
    if re.match(r"in%", context.after):
        return ADVICE["∈"]
    is_first = not context.follows_value() and bool(context.after.strip())
    if is_first or (COMMENT.match(context.after) and not context.after.lstrip().startswith("of ")):
        return "comments begin with '#'" if is_first else "write mod(a, b); comments begin with '#'"
    if re.match(r"(?!\s*=)\s*(?:[-+*/^),;\n=<>]|of\b|$)", context.after):
        share = f"{context.operand or 'x'}/100"
        return f"write {share} for percent{share_of(context, share)}, mod(a, b) for a remainder"
    return None


def share_of(context: SignContext, share: str) -> str:
    """Return how a share is added, as calculators read `50 + 10%`; or nothing where none is."""
    added = re.search(rf"\S\s*([-+])\s*{re.escape(context.operand)}\s*$", context.before)
    if not context.operand or added is None:
        return ""
    return f" (x*(1 {added[1]} {share}) to {'add' if added[1] == '+' else 'take off'} a share of x)"


def backquote(context: SignContext) -> str:
    """Advise on a name between backquotes that is not closed, or empty."""
    closed = context.after.partition("\n")[0].find("`")
    return "a name between backquotes is empty" if closed == 0 else "a name between backquotes ends in its line"


def degree(context: SignContext) -> str:
    """Advise on `30°`."""
    return f"write radians({context.operand or '...'})"


def quote(context: SignContext) -> str | None:
    """Advise on quotes around the whole text, or around `inf`."""
    if constant := re.match(r"\s*[-+]?(inf|nan)\w*\s*['\"]", context.after, re.IGNORECASE):
        return f"write {constant[1].lower()}"
    is_whole = re.fullmatch(r"\s*[rfbu]?", context.before) and re.fullmatch(r"[^'\"“”‘’]+['\"”’]\s*", context.after)
    return "remove the quotes" if is_whole else None


def apostrophe(context: SignContext) -> str | None:
    """Advise on `1'000`, a derivative `f'(x)`, or text."""
    if context.operand[:1].isdigit() and context.after[:1].isdigit():
        return "digits cannot be grouped"
    if not context.follows_value() or quote(context):
        return quote(context)
    order = len(context.after) - len(context.after.lstrip("'")) + 1
    return "write diff(f, x) for a derivative" if order == 1 else f"write diff(f, x, {order}) for a derivative"


def at(context: SignContext) -> str:
    """Advise on MATLAB's `@(x) x.^2`, a variable `@x`, a product of matrices, or Mathematica's `Sin@x`."""
    if context.operand.lower() in context.functions:
        return f"write {context.operand.lower()}(...)"
    if context.follows_value():
        return "matrices are not supported; write x*y for numbers"
    name = NAME.match(context.after)
    return f"write {name[0]}" if name else f"write the formula alone; {DEFINITION}"


def dollar(context: SignContext) -> str:
    """Advise on a cell `$A$1`, a variable `$x`, an amount `$5`, an order `x$2`, or the end of a formula."""
    if context.operand and context.after[:1].isdigit() and not CELL.fullmatch(context.operand + context.after[:3]):
        return "write diff(f, x, 2) for a second derivative"
    if context.operand == "" and context.after.rstrip().endswith("$"):
        return "remove it"
    cell = CELL.match(context.after) or CELL.match(context.operand + context.after)
    if cell:
        return f"write {cell[1]}{cell[2]}"
    name = NAME.match(context.after)
    return f"write {name[0]}" if name and "$" not in context.after else "remove it"


def root(context: SignContext) -> str | None:
    """Advise on a root of another degree, as `4√x`."""
    return "write y**(1/x) for the root of degree x" if context.operand else None


def subscript(context: SignContext, char: str) -> str | None:
    """Advise on the base of a logarithm, as `log₂(x)`."""
    if context.operand != "log":
        return None
    digits = re.match("[₀-₉]*", context.after)
    base = (char + (digits[0] if digits else "")).translate(SUBSCRIPTS)
    return f"write log{base}(...)" if base in {"2", "10"} else f"write log(..., {base})"


def raised_sign(context: SignContext, char: str) -> str:
    """Advise on a sign above the line: of an exponent, or the sign of a number as calculators show it."""
    if not context.follows_value() and context.after[:1].isdigit():
        return "use '-'" if char == "⁻" else "remove it"
    return "write ** and an exponent"


BY_CONTEXT: dict[str, Callable[[SignContext], str | None]] = {
    "!": exclamation,
    "?": question,
    "~": tilde,
    ":": colon,
    "|": bar,
    "%": percent,
    "`": backquote,
    "°": degree,
    **dict.fromkeys(OPENING, quote),
    "'": apostrophe,
    "[": bracket,
    "{": brace,
    "@": at,
    "$": dollar,
    "√": root,
    **{char: partial(subscript, char=char) for char in "₀₁₂₃₄₅₆₇₈₉"},
    **{char: partial(raised_sign, char=char) for char in "⁺⁻"},
}
"""For each sign whose meaning depends on the text around it, its advice; `None` for that of `ADVICE`."""
