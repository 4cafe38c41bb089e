"""Text to tokens, by the grammar's own terminals: newlines inside parentheses are blanks, and limits are counted."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lark import Token
from lark.lexer import Lexer

from mgrad_cli.errors import ExpressionError, LimitError, Span
from mgrad_cli.language import characters

VERTICAL_TILDE = "\u2e2f"
"""The one character that Unicode calls a letter and keeps for the syntax of patterns, which no name has."""


class Limits(NamedTuple):
    """How long an expression may be, in characters and tokens, and how deep its parentheses may nest."""

    chars: int = 1 << 20
    tokens: int = 200_000
    depth: int = 10_000


@dataclass(slots=True, eq=False, repr=False)
class LexerState:
    """One text being read: its limits, the token that came last, and the parentheses open around it."""

    text: str
    limits: Limits
    functions: frozenset[str]
    previous: Token | None = None
    opened: list[int] = field(default_factory=list)


class Lexeme(Token):
    """Lark's token with only the places this parser uses: where it starts and ends in the text."""

    __slots__ = ()
    line = column = end_line = end_column = None


class GrammarLexer(Lexer):
    """The grammar's terminals as one regular expression, tried at each place of the text in turn."""

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
        groups.append(
            f"(?P<SUPERSCRIPT>{raised.pattern.to_regexp()})"
        )  # with a sign; without, \\w takes them for names
        groups.append("(?P<invalid>.)")
        self.tokens = re.compile("|".join(groups), re.DOTALL).finditer

    def lex(self, lexer_state: Any, parser_state: Any) -> Iterator[Token]:
        """The tokens of a `Reading`, which remembers the last one for the sake of error messages."""
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
    """The tokens of a word with raised digits in it, `x²`: names and exponents.

    Raises: ExpressionError at a character that belongs in no name.
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
    r"""Refuses what `\w` takes for a letter or a digit and the language does not.

    Raises: ExpressionError at the character.
    """
    for index, char in enumerate(name):
        if not characters.is_letter(char, is_first=index == 0):
            raise ExpressionError(*characters.invalid(state.text, start + index, state.functions))
