"""Parse text to a syntax tree. Only this part of the package imports lark."""

import unicodedata
from functools import cache

from lark import Lark
from lark.exceptions import UnexpectedToken

from mgrad_cli.errors import ExpressionError, LimitError, Span
from mgrad_cli.language import messages
from mgrad_cli.language.lexer import LexerState, Limits
from mgrad_cli.language.syntax import SyntaxTree
from mgrad_cli.language.tables import load_parser

__all__ = ["Limits", "parse"]

DEFAULT_LIMITS = Limits()


@cache
def parser() -> Lark:
    """Return the parser, loaded once."""
    return load_parser()


def parse(text: str, limits: Limits = DEFAULT_LIMITS, functions: frozenset[str] = frozenset()) -> SyntaxTree:
    """Parse a text, NFC-normalised, to a syntax tree. Spans are positions in the `text` of the result.

    `functions` are names that messages treat as functions, so that the one for `ln x` suggests `ln(x)`.

    Raises: ExpressionError, with a span, for an invalid expression; LimitError beyond a limit.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if len(text) > limits.chars:
        raise LimitError(f"the expression is longer than {limits.chars} characters (--max-chars)")
    if "<- " in text and (arrow := messages.check_arrows(text)):
        raise ExpressionError(*arrow)
    state = LexerState(text, limits, functions)
    try:
        program: SyntaxTree = parser().parse(state)  # type: ignore[assignment]
    except UnexpectedToken as error:
        index = messages.unexpected(text, state.previous, error.token, state.opened, functions)
        raise ExpressionError(*index) from None
    except ExpressionError as error:
        error.source = text
        raise
    return SyntaxTree(program.statements, text, program.outputs)


def name_span(text: str, call: Span, function: str, first_operand: Span | None) -> Span:
    """Return the span of a function's name in its call: before its first operand, or after a dot."""
    start = call.start
    if not text.startswith(function, start) or (first_operand is not None and first_operand.start == start):
        start = text.index(function, first_operand.end if first_operand else start)
    return Span(start, start + len(function))
