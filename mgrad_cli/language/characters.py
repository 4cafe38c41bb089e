"""Characters outside the language: those read as another character, and advice for the others."""

import re
import unicodedata
from collections.abc import Container, Iterator

from mgrad_cli.errors import Span
from mgrad_cli.language.latex import command_at, latex_advice
from mgrad_cli.language.signs import sign_advice
from mgrad_cli.text import printable

READ_AS = {"−": "-", "×": "*", "·": "*", "⋅": "*", "÷": "/"}
"""Signs of arithmetic outside ASCII, with the operator that each is read as."""
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
RAISED_DIGITS = str.maketrans(f"{RAISED}⁺⁻", "0123456789+-")
RAISED_RUN = re.compile(f"[{RAISED}]+|[^{RAISED}]+")
INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0")
"""Characters of letter categories that are invisible."""
DIGITS = re.compile(r"\d+([.．٫]\d+)?")
DIGITS_BEFORE = re.compile(r"(?<![\w.])[\d.]+$")
POINTS = str.maketrans("．٫", "..")

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
    if char == "\\" and (word := command_at(after)):
        advice = latex_advice(word, after[len(word) :], functions)
        return f"'\\{word}' is LaTeX; {advice}", text, Span(index, index + 1 + len(word))
    if unicodedata.category(char) == "Nd":
        return foreign_digits(text, index)
    advice = sign_advice(char, before, after, functions) or unicode_advice(char)
    return f"unexpected character {describe(char)}{f'; {advice}' if advice else ''}", text, Span(index, index + 1)


def foreign_digits(text: str, index: int) -> tuple[str, str, Span]:
    """Return the message, source and span for a digit of another script: how the number around it is written."""
    run = DIGITS.match(text, index)
    assert run is not None
    before = DIGITS_BEFORE.search(text[max(0, index - MAX_OPERAND) : index])
    number = f"{before[0] if before else ''}{run[0]}".translate(POINTS)
    written = "".join(each if each == "." else str(unicodedata.digit(each)) for each in number)
    message = f"unexpected character {describe(text[index])}; digits are 0 to 9; write {written}"
    return message, text, Span(index, run.end())


def unicode_advice(char: str) -> str:
    """Return what to write for a character that is compatible with one of the language, or with a number."""
    if char.isspace():
        return "use a plain space"
    plain = unicodedata.normalize("NFKC", char).replace("⁄", "/").replace("−", "-")
    if unicodedata.category(char) == "Cf":
        return "remove it"
    if plain == char or not plain.isascii() or not (plain.isalnum() or "/" in plain or len(plain) == 1):
        return ""
    return f"write ({plain})" if "/" in plain and len(plain) > 1 else f"write {plain}"
