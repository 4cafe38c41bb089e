"""Suggest the name that a word was probably meant to be."""

from collections.abc import Iterable


def nearest(word: str, names: Iterable[str], likeness: float = 0.6) -> str:
    """Return `; did you mean 'NAME'?` for the most similar name, or an empty text if none is similar."""
    name = nearest_name(word, names, likeness)
    return f"; did you mean '{name}'?" if name else ""


def nearest_listed(word: str, names: Iterable[str]) -> str:
    """Return what `nearest` does for a word of a list, or that several names between blanks are separated by commas.

    >>> nearest_listed("counts x", ["x", "counts"])
    '; names are separated by commas: counts,x'
    """
    names = list(names)
    parts = word.split()
    if len(parts) > 1 and set(parts) <= set(names):
        return f"; names are separated by commas: {','.join(dict.fromkeys(parts))}"
    return nearest(word, names)


def nearest_name(word: str, names: Iterable[str], likeness: float = 0.6) -> str:
    """Return the name most similar to the word, or an empty text if none is similar."""
    from difflib import get_close_matches

    names = list(names)
    matches = [name for name in names if name.lower() == word.lower()]
    matches += get_close_matches(word[:100], names, n=5, cutoff=likeness)
    matches.sort(key=lambda match: sorted(match.lower()) != sorted(word.lower()))  # the same letters come first
    return matches[0] if matches else ""
