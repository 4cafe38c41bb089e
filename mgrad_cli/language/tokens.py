"""What the lexer makes of a text: tokens, as parallel lists for the parser, and as objects for messages."""

from typing import NamedTuple

from mgrad_cli.errors import ExpressionError


class Token(str):
    """A token for a message: its text, the name of its terminal, and its start and end in the source."""

    __slots__ = ("end_pos", "start_pos", "type")
    type: str
    start_pos: int
    end_pos: int

    def __new__(cls, text: str, kind: str, start: int, end: int) -> "Token":
        token = super().__new__(cls, text)
        token.type = kind
        token.start_pos = start
        token.end_pos = end
        return token


class TokenList(NamedTuple):
    """The tokens of a text in parallel lists, with the end of the text as the last one.

    kinds       the number of each token's terminal; `INVALID` for what is no token
    words       the text of each token
    starts      the index of its first character
    failure     the error to raise where the kind is `INVALID`
    text        the text that they are from
    """

    kinds: list[int]
    words: list[str]
    starts: list[int]
    failure: ExpressionError | None
    text: str = ""


END, INVALID = 0, -1
"""The kinds of the end of the text, and of what is no token."""
