"""Names of variables in other languages: their own, unless those are reserved or not valid there."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import NamedTuple

MAX_LETTERS = 60
"""The most letters that are taken of a name with blanks or signs."""


class Identifiers(NamedTuple):
    """The rules of a language for names of variables.

    reserved    its keywords and the names in its libraries
    families    a pattern of further names in its libraries, such as the macros `M_PI`; none ends in an underscore
    private     the prefix of names that the language reserves
    is_ascii    whether letters must be ASCII
    """

    reserved: frozenset[str]
    families: re.Pattern[str]
    private: str
    is_ascii: bool

    def choose(self, names: Iterable[str], taken: Collection[str] = ()) -> dict[str, str]:
        """Return a distinct valid name for each of the names, in their order. None is reserved or `taken`.

        A name that is valid stays unchanged, whatever the others become.
        """
        spelled = {name: self.spell(name) for name in names}
        chosen: dict[str, str] = {}
        used = set(taken)
        for name in sorted(spelled, key=lambda name: spelled[name] != name):
            text = spelled[name]
            while text in used or self.is_reserved(text):
                text = f"{text}_"
            used.add(text)
            chosen[name] = text
        return {name: chosen[name] for name in spelled}

    def is_reserved(self, name: str) -> bool:
        """Return whether the language or its libraries use a name."""
        return name in self.reserved or (not name.endswith("_") and self.families.fullmatch(name) is not None)

    def spell(self, name: str) -> str:
        """Return a name in letters of the language, digits and underscores; it starts with a letter or `_`."""
        text = transliterated(name, self.is_ascii)
        return f"x{text}" if text.startswith(self.private) or not text[:1].isidentifier() else text


def transliterated(name: str, is_ascii: bool) -> str:
    """Return a name in portable or ASCII letters: `theta` for θ, and code points for other characters.

    Blanks and signs of a name between backquotes become underscores, and a long one is cut.
    """
    plain = re.sub(r"[\x00-/:-@\[-^`{-~]+", "_", name)
    if plain != name:
        name = plain.strip("_")[:MAX_LETTERS] or "x"
    return "".join(char if is_portable(char, is_ascii) else spelled_out(char) for char in name)


def is_portable(char: str, is_ascii: bool) -> bool:
    """Return whether every language version accepts the character in names: letters of Unicode 3.2."""
    if char.isascii():
        return char.isalnum() or char == "_"
    is_letter = unicodedata.ucd_3_2_0.category(char).startswith("L") and char.isidentifier()
    return not is_ascii and is_letter and unicodedata.normalize("NFKC", char) == char


def spelled_out(char: str) -> str:
    """Return the name of a Greek letter, or the code point of another character."""
    known = re.fullmatch(r"GREEK (?:SMALL|CAPITAL) LETTER (\w+)", unicodedata.name(char, ""))
    if known is None:
        return f"u{ord(char):x}"
    return known[1].lower() if char.islower() else known[1].capitalize()
