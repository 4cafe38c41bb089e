"""Parse text to a syntax tree, by the tables that lark makes of the grammar."""

from mgrad_cli.errors import ExpressionError, LimitError
from mgrad_cli.language.builder import TreeBuilder
from mgrad_cli.language.driver import Driver, UnexpectedTokenError
from mgrad_cli.language.lexer import GrammarLexer, Limits
from mgrad_cli.language.syntax import SyntaxTree
from mgrad_cli.language.tables import load_tables
from mgrad_cli.language.tokens import INVALID, Token, TokenList
from mgrad_cli.text import normalised

__all__ = ["Limits", "parse"]

DEFAULT_LIMITS = Limits()
TABLES = load_tables()
LEXER, DRIVER = GrammarLexer(TABLES), Driver(TABLES, TreeBuilder)


def parse(text: str, limits: Limits = DEFAULT_LIMITS, functions: frozenset[str] = frozenset()) -> SyntaxTree:
    """Parse a text, NFC-normalised, to a syntax tree. Spans are positions in the `text` of the result.

    `functions` are names that messages treat as functions, so that the one for `ln x` suggests `ln(x)`.

    Raises: ExpressionError, with a span, for an invalid expression; LimitError beyond a limit.
    """
    return tree_of(scan(text, limits, functions), functions)


def scan(text: str, limits: Limits, functions: frozenset[str]) -> TokenList:
    """Return the tokens of a text, NFC-normalised. Raises: as `parse` does."""
    if not isinstance(text, str):
        raise TypeError(f"an expression is text, not {type(text).__name__}")
    text = normalised(text)
    if len(text) > limits.chars:
        raise LimitError(f"the expression is longer than {limits.chars} characters (--max-chars)")
    if "<- " in text:
        from mgrad_cli.language.messages import check_arrows

        check_arrows(text)
    tokens = LEXER.tokens(text, limits, functions)
    if limits.implicit:
        from mgrad_cli.language.implicit import with_products

        return with_products(text, tokens, TABLES["terminals"], LEXER.fixed["*"], functions)
    return tokens


def tree_of(tokens: TokenList, functions: frozenset[str]) -> SyntaxTree:
    """Return the syntax tree of the tokens of a text. Raises: as `parse` does."""
    try:
        program: SyntaxTree = DRIVER.run(tokens)
    except UnexpectedTokenError as error:
        raise unexpected(tokens.text, tokens, error.index, functions) from None
    except ExpressionError as error:
        error.source = tokens.text
        raise
    return SyntaxTree(program.statements, program.outputs, program.definitions, tokens.text)


def unexpected(text: str, tokens: TokenList, index: int, functions: frozenset[str]) -> ExpressionError:
    """Return the error for a token that is not valid where it is, or is none."""
    if tokens.kinds[index] == INVALID and tokens.failure is not None:
        return tokens.failure
    from mgrad_cli.language.messages import unexpected_token

    opened: list[int] = []
    for word, start in zip(tokens.words[:index], tokens.starts[:index], strict=True):
        if word == "(":
            opened.append(start)
        elif word == ")" and opened:
            opened.pop()
    if tokens.words[index] == "(":
        opened.append(tokens.starts[index])
    previous = token_at(tokens, index - 1) if index else None
    return ExpressionError(*unexpected_token(text, previous, token_at(tokens, index), opened, functions))


def token_at(tokens: TokenList, index: int) -> Token:
    """Return a token as messages need it."""
    word, start = tokens.words[index], tokens.starts[index]
    return Token(word, TABLES["terminals"][tokens.kinds[index]], start, start + len(word))
