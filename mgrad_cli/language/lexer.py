"""Split text into tokens by the terminals of the grammar. Newlines in parentheses are blanks; limits are enforced."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lark import Token
from lark.lexer import Lexer

from mgrad_cli.errors import ExpressionError, LimitError, Span
from mgrad_cli.language import characters

VERTICAL_TILDE = "\u2e2f"
"""The only letter that Unicode reserves for pattern syntax. It is not valid in names."""


class Limits(NamedTuple):
    """The most characters and tokens in an expression, and the deepest nesting of parentheses."""

    chars: int = 1 << 20
    tokens: int = 200_000
    depth: int = 10_000


@dataclass(slots=True, eq=False, repr=False)
class LexerState:
    """The state of lexing one text: its limits, the last token, and the open parentheses."""

    text: str
    limits: Limits
    functions: frozenset[str]
    previous: Token | None = None
    opened: list[int] = field(default_factory=list)


class Lexeme(Token):
    """A token of Lark with only the positions that this parser uses: start and end in the text."""

    __slots__ = ()
    line = column = end_line = end_column = None


class GrammarLexer(Lexer):
    """A lexer that matches the terminals of the grammar as one regular expression."""

    __future_interface__ = 2

    def __init__(self, lexer_conf: Any) -> None:
        patterns = [t for t in lexer_conf.terminals if t.pattern.type == "re" and t.name != "SUPERSCRIPT"]
        raised = next(t for t in lexer_conf.terminals if t.name == "SUPERSCRIPT")
        fixed = {t.pattern.value: t.name for t in lexer_conf.terminals if t.pattern.type == "str"}
        self.ignored = frozenset(lexer_conf.ignore)
        self.words = {text: name for text, name in fixed.items() if text.isidentifier()}
        self.symbols = {text: name for text, name in fixed.items() if not text.isidentifier()}
        longest_first = sorted(self.symbols, key=len, reverse=True)
        groups = [f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in patterns]
        groups.append(f"(?P<symbol>{'|'.join(map(re.escape, longest_first))})")
        # Only superscripts with a sign: those without match \w, and are split from names later.
        groups.append(f"(?P<SUPERSCRIPT>{raised.pattern.to_regexp()})")
        groups.append("(?P<invalid>.)")
        self.tokens = re.compile("|".join(groups), re.DOTALL).finditer

    def lex(self, lexer_state: Any, parser_state: Any) -> Iterator[Token]:
        """Yield the tokens of a `LexerState`, which records the last one for error messages.

        Raises: ExpressionError for an invalid character; LimitError for too many tokens or nested parentheses.
        """
        state: LexerState = lexer_state.text
        ignored, words, symbols, opened = self.ignored, self.words, self.symbols, state.opened
        most_tokens, most_depth = state.limits.tokens, state.limits.depth
        count = 0
        for match in self.tokens(state.text):
            kind = match.lastgroup
            if kind in ignored:
                continue
            value = match.group()
            start = match.start()
            if kind == "NAME":
                kind = words.get(value, kind)
                if not value.isascii():
                    if any(char in characters.RAISED for char in value):
                        for token in raised_tokens(state, value, start, words):
                            count += 1
                            yield token
                            state.previous = token
                        continue
                    check_letters(state, value, start)
            elif kind == "symbol":
                kind = symbols[value]
                if value == "(":
                    opened.append(start)
                    if len(opened) > most_depth:
                        raise LimitError(
                            f"parentheses nested deeper than {most_depth} (--max-depth)",
                            state.text,
                            Span(start, start + 1),
                        )
                elif value == ")" and opened:
                    opened.pop()
            elif kind == "SEPARATOR":
                if opened and value == "\n":
                    continue
            elif kind == "invalid":
                if value not in characters.READ_AS:
                    raise ExpressionError(*characters.invalid(state.text, start, state.functions))
                value = characters.READ_AS[value]
                kind = symbols[value]
            count += 1
            if count > most_tokens:
                raise LimitError(
                    f"more than {most_tokens} tokens (--max-tokens)", state.text, Span(start, start + len(value))
                )
            token = str.__new__(Lexeme, value)
            token.type = kind or ""
            token.value = value
            token.start_pos = start
            token.end_pos = match.end()
            yield token
            state.previous = token


def raised_tokens(state: LexerState, word: str, start: int, words: dict[str, str]) -> Iterator[Token]:
    """Yield the tokens of a word with superscript digits, such as `x²`: names and exponents.

    Raises: ExpressionError for a character that is not valid in a name.
    """
    for kind, piece, index in characters.split_raised(word, start):
        if kind == "NAME":
            check_letters(state, piece, index)
        token = str.__new__(Lexeme, piece)
        token.type = words.get(piece, kind)
        token.value = piece
        token.start_pos = index
        token.end_pos = index + len(piece)
        yield token


def check_letters(state: LexerState, name: str, start: int) -> None:
    r"""Check that a name has only letters and digits of the language; `\w` matches more.

    Raises: ExpressionError at the first invalid character.
    """
    for index, char in enumerate(name):
        if not characters.is_letter(char, is_first=index == 0):
            raise ExpressionError(*characters.invalid(state.text, start + index, state.functions))
