"""Characters outside the language: those read as another character, and advice for the others."""

import re
import unicodedata
from collections.abc import Container, Iterator

from mgrad_cli.errors import Span
from mgrad_cli.operations import other_systems
from mgrad_cli.text import printable

READ_AS = {"−": "-", "×": "*", "·": "*", "⋅": "*", "÷": "/"}
"""Signs of arithmetic outside ASCII, with the operator that each is read as."""
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
RAISED_DIGITS = str.maketrans(f"{RAISED}⁺⁻", "0123456789+-")
RAISED_RUN = re.compile(f"[{RAISED}]+|[^{RAISED}]+")
INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0")
"""Characters of letter categories that are invisible."""

ADVICE = {
    **dict.fromkeys("–—‐‑‒", "use '-'"),
    **dict.fromkeys("∙∗•", "use '*'"),
    **dict.fromkeys("∕⁄", "use '/'"),
    **dict.fromkeys("“”‘’\"'`", "a formula cannot contain text"),
    **dict.fromkeys("[]{}（）", "use '(' and ')'"),
    **dict.fromkeys("$@\\", "it has no meaning here"),
    "%": "write mod(a, b)",
    "!": "write gamma(x+1)",
    "?": "write where(c, a, b)",
    ":": "write where(c, a, b) for a choice, and '=' for a name",
    "&": "write 'and'",
    "|": "write 'or', or abs(x)",
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
    "∂": "write diff(f, x) for a derivative",
    **dict.fromkeys("⌊⌋", "write floor(x)"),
    **dict.fromkeys("⌈⌉", "write ceil(x)"),
    "‖": "write hypot(x, y)",
    "∑": "write sum(k, 1, 10, ...)",
    "∏": "write prod(k, 1, 10, ...)",
    "∈": "write a <= x <= b for an interval",
    "∫": "integrals are not supported",
    "±": "an uncertainty belongs to the value of a variable, as in mgrad eval x**2 --x 1.2±0.1",
}
LATEX = {
    **dict.fromkeys(("frac", "dfrac", "tfrac"), "write (a)/(b)"),
    **dict.fromkeys(("cdot", "times", "ast"), "use '*'"),
    **dict.fromkeys(("left", "right", "big", "Big", "displaystyle", "mathrm", "operatorname", "text"), "remove it"),
    **dict.fromkeys(("le", "leq"), "use '<='"),
    **dict.fromkeys(("ge", "geq"), "use '>='"),
    **dict.fromkeys(("ne", "neq"), "use '!='"),
    "div": "use '/'",
    "sqrt": "write sqrt(x), or x**(1/n)",
    "infty": "write inf",
    "sum": "write sum(k, 1, 10, ...)",
    "prod": "write prod(k, 1, 10, ...)",
    "int": "integrals are not supported",
    **dict.fromkeys(("partial", "prime"), "write diff(f, x) for a derivative"),
    **dict.fromkeys(("lfloor", "rfloor"), "write floor(x)"),
    **dict.fromkeys(("lceil", "rceil"), "write ceil(x)"),
    **dict.fromkeys(("land", "wedge"), "write 'and'"),
    **dict.fromkeys(("lor", "vee"), "write 'or'"),
    **dict.fromkeys(("neg", "lnot"), "write (not a)"),
    "lvert": "write abs(x)",
    "begin": "write where(c, a, b) for cases",
}
BRACKETED = {
    "Log": "log(x), or log(x, base) with the base last", "ArcTan": "atan(x), or atan2(y, x) with y first",
    "D": "diff(f, x)", "Sum": "sum(k, 1, 10, ...)", "Product": "prod(k, 1, 10, ...)", "ProductLog": "lambertw(x)",
    "InverseErf": "erfinv(x)", "Factorial": "gamma(x + 1)", "Power": "a**b", "Times": "a*b", "Plus": "a + b",
}  # fmt: skip
"""Functions of Mathematica that are spelled otherwise here, or whose arguments are in a different order."""
R_OPERATOR = re.compile(r"(/|\*|)%")
R_OPERATORS = {"": "write mod(a, b)", "/": "write floor(a/b)", "*": "matrices are not supported"}
OPERAND_AT_END = re.compile(r"([^\W\d]\w*|[0-9]*\.?[0-9]+|[0-9]+\.)\s*$")
WORD = re.compile(r"[A-Za-z]+")
MAX_OPERAND = 60


def split_raised(word: str, start: int) -> Iterator[tuple[str, str, int]]:
    """Yield the names and exponents in a word with superscript digits: kind, text and position of each."""
    for piece in RAISED_RUN.finditer(word):
        yield "SUPERSCRIPT" if piece[0][0] in RAISED else "NAME", piece[0], start + piece.start()


def is_letter(char: str, is_first: bool) -> bool:
    """Return whether a character in a name is a visible letter that is valid in other languages' names too."""
    if char.isascii():
        return True
    if not unicodedata.category(char).startswith("L") or char in INVISIBLE:
        return False
    return (char if is_first else f"a{char}").isidentifier()


def describe(char: str) -> str:
    """Return a character as a message names it: in quotes if it is visible, with its code point."""
    name = unicodedata.name(char, "")
    point = f"U+{ord(char):04X}"
    if printable(char) != char or char.isspace() or unicodedata.combining(char) or char in INVISIBLE:
        return f"{point} {name}".strip()
    return f"'{char}'" if char.isascii() else f"'{char}' ({point})"


def invalid(text: str, index: int, functions: Container[str]) -> tuple[str, str, Span]:
    """Return the message, source and span for a character that starts no token or is not valid in a name."""
    char = text[index]
    before, after = text[max(0, index - MAX_OPERAND) : index], text[index + 1 : index + 1 + MAX_OPERAND]
    if char == "\\" and (word := WORD.match(after)) and len(word[0]) > 1:
        what = f"\\{word[0]}"
        return f"'{what}' is LaTeX; {latex_advice(word[0], functions)}", text, Span(index, index + len(what))
    advice = advice_at(char, before, after, functions)
    return f"unexpected character {describe(char)}{f'; {advice}' if advice else ''}", text, Span(index, index + 1)


def advice_at(char: str, before: str, after: str, functions: Container[str]) -> str:
    """Return what to write instead of a character between these texts, or an empty text."""
    operand = OPERAND_AT_END.search(before)
    if char == "!" and operand is None and not before.rstrip().endswith(")"):
        return "write (not a)"
    if char in "!?" and after.startswith(char):
        return ""
    if char == "~" and after.startswith("="):
        return "use '!='"
    if char == ":" and after.startswith("="):
        return "use '='"
    if char == "%" and (operator := R_OPERATOR.match(after)):
        return R_OPERATORS[operator[1]]
    if char == "%" and not after.lstrip().startswith("=") and ends_percent(after):
        return f"write {operand[1] if operand else 'x'}/100 for percent, mod(a, b) for a remainder"
    if char == "`":
        closed = after.partition("\n")[0].find("`")
        return "a name between backquotes is empty" if closed == 0 else "a name between backquotes ends in its line"
    if char == "°":
        return f"write radians({operand[1] if operand else '...'})"
    if char == "'" and operand and operand[1][0].isdigit() and after[:1].isdigit():
        return "digits cannot be grouped"
    if char == "'" and (operand or before.rstrip().endswith(")")):
        return "write diff(f, x) for a derivative"
    if char == "[" and operand and not operand[1][0].isdigit():
        return bracket_advice(operand[1], functions)
    if char == "{" and before.endswith(("_", "^_")):
        return "write the index without braces"
    if char in ADVICE:
        return ADVICE[char]
    return unicode_advice(char)


def ends_percent(after: str) -> bool:
    """Return whether the text after a percent sign shows that it means percent, not a remainder."""
    following = after.lstrip()
    return not following or following[0] in "+-*/^),;\n=<>"


def bracket_advice(name: str, functions: Container[str]) -> str:
    """Return what to write for a name followed by a square bracket."""
    if name in BRACKETED:
        return f"write {BRACKETED[name]}"
    for known in (name, name.lower()):
        if known in functions:
            return f"write {known}(...)"
    spelled = other_systems.equivalent(name)
    return f"write {spelled}" if spelled else "lists are not supported; a name can end in digits, as in x1"


def latex_advice(word: str, functions: Container[str]) -> str:
    """Return what to write for a LaTeX command."""
    if word in LATEX:
        return LATEX[word]
    known = word.removeprefix("var")
    return f"write {known}(...)" if known in functions else f"write {known}"


def unicode_advice(char: str) -> str:
    """Return what to write for a character that is compatible with one of the language, or with a number."""
    if char.isspace():
        return "use a plain space"
    plain = unicodedata.normalize("NFKC", char).replace("⁄", "/").replace("−", "-")
    if unicodedata.category(char) == "Nd":
        return f"digits are 0 to 9; write {unicodedata.digit(char)}"
    if char in "⁺⁻":
        return "write ** and an exponent"
    if plain == char or not plain.isascii() or not (plain.isalnum() or "/" in plain or len(plain) == 1):
        return ""
    return f"write ({plain})" if "/" in plain and len(plain) > 1 else f"write {plain}"
