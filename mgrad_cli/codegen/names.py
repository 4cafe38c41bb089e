"""What variables are called in another language: their own names, unless those are reserved there or no names."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import NamedTuple


class Identifiers(NamedTuple):
    """The names that a language takes for variables.

    reserved    its keywords, and the names of its libraries
    families    a pattern of further names of its libraries, none of which ends in an underscore: the macros `M_PI`, ...
    private     what the names begin with that it keeps for itself
    is_ascii    whether the letters are those of ASCII
    """

    reserved: frozenset[str]
    families: re.Pattern[str]
    private: str
    is_ascii: bool

    def choose(self, names: Iterable[str], taken: Collection[str] = ()) -> dict[str, str]:
        """A name in the language for each of the names, in their order: no two alike, and none reserved or taken.

        A name that is fine as it is stays, whatever others turn into.
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
        return name in self.reserved or (not name.endswith("_") and self.families.fullmatch(name) is not None)

    def spell(self, name: str) -> str:
        """A name of letters of the language, digits and underscores, which begins with a letter or one underscore."""
        text = transliterated(name, self.is_ascii)
        return f"x{text}" if text.startswith(self.private) or not text[:1].isidentifier() else text


def transliterated(name: str, is_ascii: bool = True) -> str:
    """A name of portable letters, or of ASCII: `theta` for θ, and for other characters their numbers."""
    return "".join(char if is_portable(char, is_ascii) else spelled_out(char) for char in name)


def is_portable(char: str, is_ascii: bool) -> bool:
    """Whether every version of every language has the character in names, as it is: the letters of Unicode 3.2."""
    if char.isascii():
        return char.isalnum() or char == "_"
    is_letter = unicodedata.ucd_3_2_0.category(char).startswith("L") and char.isidentifier()
    return not is_ascii and is_letter and unicodedata.normalize("NFKC", char) == char


def spelled_out(char: str) -> str:
    known = re.fullmatch(r"GREEK (?:SMALL|CAPITAL) LETTER (\w+)", unicodedata.name(char, ""))
    if known is None:
        return f"u{ord(char):x}"
    return known[1].lower() if char.islower() else known[1].capitalize()
