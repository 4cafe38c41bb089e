"""What variables are called in another language: their own names, unless those are reserved there or no names."""

import re
import unicodedata
from collections.abc import Collection, Iterable


def chosen_names(names: Iterable[str], reserved: Collection[str], is_ascii: bool) -> dict[str, str]:
    """A name in the language for each of the names, no two alike and none of them reserved."""
    chosen: dict[str, str] = {}
    for name in dict.fromkeys(names):
        plain = transliterated(name) if is_ascii or unicodedata.normalize("NFKC", name) != name else name
        first = "_" if is_ascii else "__"  # what names of the language's own begin with
        while plain in reserved or plain in chosen.values() or plain.startswith(first):
            plain = f"{plain.lstrip('_') or 'x'}_"
        chosen[name] = plain
    return chosen


def transliterated(name: str) -> str:
    """A name in ASCII: `theta` for θ, and for other letters their numbers."""
    pieces = []
    for char in name:
        known = re.fullmatch(r"GREEK (?:SMALL|CAPITAL) LETTER (\w+)", unicodedata.name(char, ""))
        greek = (known[1].lower() if char.islower() else known[1].capitalize()) if known else f"u{ord(char):x}"
        pieces.append(char if char.isascii() else greek)
    return "".join(pieces)
