"""Split text into tokens by the terminals of the grammar. Newlines in parentheses are blanks; limits are enforced."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from mgrad_cli.errors import ExpressionError, LimitError, Span
from mgrad_cli.language.tokens import END, INVALID, TokenList


class Limits(NamedTuple):
    """The most characters and tokens in an expression, and the deepest nesting of parentheses.

    `implicit` is whether products need no sign, as in `2x`.
    """

    chars: int = 1 << 20
    tokens: int = 200_000
    depth: int = 10_000
    implicit: bool = False


class GrammarLexer:
    """A lexer that splits a text by one regular expression, and tells the kind of a word from its text."""

    def __init__(self, tables: dict[str, Any]) -> None:
        number = {name: index for index, name in enumerate(tables["terminals"])}
        patterns = tables["patterns"]
        # Superscripts without a sign match \w: they are split from names later.
        names = ("NUMBER", "NAME", "COMPARISON", *tables["ignored"], "SUPERSCRIPT", "QUOTED")
        longer = sorted((text for text in tables["fixed"] if len(text) > 1 and not text.isidentifier()), key=len)
        alternatives = [*(patterns[name] for name in names), *map(re.escape, reversed(longer)), "."]
        self.split = re.compile("|".join(alternatives), re.DOTALL).findall
        self.fixed: dict[str, int] = dict(tables["fixed"])
        self.fixed |= dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), number["COMPARISON"])
        self.fixed |= dict.fromkeys((";", "\n"), number["SEPARATOR"])
        self.number, self.name, self.quoted = number["NUMBER"], number["NAME"], number["QUOTED"]
        self.raised, self.separator = number["SUPERSCRIPT"], number["SEPARATOR"]
        self.opening, self.closing = self.fixed["("], self.fixed[")"]

    def tokens(self, text: str, limits: Limits, functions: frozenset[str]) -> TokenList:
        """Return the tokens of a text, up to the first invalid one. `functions` are names for its message."""
        kinds: list[int] = []
        words: list[str] = []
        starts: list[int] = []
        failure: ExpressionError | None = None
        fixed, separator = self.fixed, self.separator
        depth = start = 0
        deepest, most = limits.depth, limits.tokens
        try:
            for word in self.split(text):
                kind = fixed.get(word)
                if kind is None:
                    first = word[0]
                    if first in DIGITS:
                        kind = self.number
                    elif first in BLANKS:
                        start += len(word)
                        continue
                    elif word.isascii() and (first.isalpha() or first == "_"):
                        kind = self.name
                    elif first == "." and len(word) > 1:
                        kind = self.number
                    else:
                        for piece_kind, piece, index in self.others(text, word, start, functions):
                            kinds.append(piece_kind)
                            words.append(piece)
                            starts.append(index)
                        start += len(word)
                        continue
                elif kind == self.opening:
                    depth += 1
                    if depth > deepest:
                        message = f"parentheses nested deeper than {deepest} (--max-depth)"
                        raise LimitError(message, text, Span(start, start + 1))
                elif kind == self.closing:
                    depth -= depth > 0
                elif kind == separator and depth and word == "\n":
                    start += 1
                    continue
                kinds.append(kind)
                words.append(word)
                starts.append(start)
                start += len(word)
        except ExpressionError as error:
            failure = error
        if len(kinds) > most:
            end = starts[most] + len(words[most])
            failure = LimitError(f"more than {most} tokens (--max-tokens)", text, Span(starts[most], end))
            del kinds[most:], words[most:], starts[most:]
        kinds.append(END if failure is None else INVALID)
        words.append("")
        starts.append(len(text))
        return TokenList(kinds, words, starts, failure, text)

    def others(self, text: str, word: str, start: int, functions: frozenset[str]) -> Iterable[tuple[int, str, int]]:
        """Return the tokens of a word in backquotes, or one that is not ASCII: its kind, text and start.

        Raises: ExpressionError for an invalid character.
        """
        if word[0] == "`" and len(word) > 1:
            return [(self.quoted, word, start)]
        from mgrad_cli.language import characters

        if word[0] in characters.READ_AS:
            operator = characters.READ_AS[word[0]]
            return [(self.fixed[operator], operator, start)]
        if word[0] in "⁺⁻" and len(word) > 1:
            return [(self.raised, word, start)]
        if not word[0].isalpha() and word[0] not in characters.RAISED and word[0] != "_":
            raise ExpressionError(*characters.invalid(text, start, functions))
        found = []
        for kind, piece, index in characters.split_raised(word, start):
            if kind == "NAME":
                check_letters(text, piece, index, functions)
                found.append((self.fixed.get(piece, self.name), piece, index))
            else:
                found.append((self.raised, piece, index))
        return found


DIGITS = frozenset("0123456789")
BLANKS = frozenset(" \t\r\f#")


def check_letters(text: str, name: str, start: int, functions: frozenset[str]) -> None:
    r"""Check that a name has only letters and digits of the language; `\w` matches more.

    Raises: ExpressionError at the first invalid character.
    """
    from mgrad_cli.language import characters

    for index, char in enumerate(name):
        if not characters.is_letter(char, is_first=index == 0):
            raise ExpressionError(*characters.invalid(text, start + index, functions))
