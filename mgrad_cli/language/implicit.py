"""Products without a sign, such as `2x`: a `*` is put between operands side by side where nothing else can be meant.

What has a second meaning stays two operands side by side, for which the parser has a message: `1/2x`, `sin x`, `x 2`.
"""

import re

from mgrad_cli.language.derivative_notation import derivative_around, derivative_before, derivative_of
from mgrad_cli.language.foreign_numbers import foreign_number
from mgrad_cli.language.function_powers import power_of_function
from mgrad_cli.language.juxtaposition import DEGREES, after_parenthesis, function_elsewhere
from mgrad_cli.language.tokens import END, Token, TokenList
from mgrad_cli.language.words import word_between
from mgrad_cli.operations import FUNCTION_NAMES

CONSTANTS = frozenset({"pi", "π", "tau", "τ", "e"})
VARIABLE = re.compile(r"[^\W\d_](?:\d+|_\w+)?")
"""A name that is a variable before a parenthesis, as in `x(y + 1)`, unless it is the name of a function."""
FUNCTION_LETTERS = frozenset("fgh")
"""Letters that stand for functions in mathematics."""
MAX_BEFORE = 60


class ProductFinder:
    """Finds the products without a sign in the tokens of a text. `terminals` are the names of the tokens' kinds."""

    def __init__(self, text: str, tokens: TokenList, terminals: list[str], functions: frozenset[str]) -> None:
        self.text = text
        self.tokens = tokens
        self.terminals = terminals
        self.opening = matching(tokens.words)
        self.has_quotients = "/" in text
        self.closing = {opened: closed for closed, opened in self.opening.items()}
        self.functions = functions | FUNCTION_NAMES | self.defined()

    def defined(self) -> frozenset[str]:
        """Return the names of functions that the text defines, as in `u(x) = x**2`."""
        words = self.tokens.words
        return frozenset(
            words[opened - 1] for closed, opened in self.opening.items() if opened and words[closed + 1] == "="
        )

    def token(self, index: int) -> Token:
        word, start = self.tokens.words[index], self.tokens.starts[index]
        kind = self.tokens.kinds[index]
        return Token(word, self.terminals[kind] if kind > END else "", start, start + len(word))

    def is_product(self, index: int) -> bool:
        """Return whether the token at an index begins an operand that the one before it ends a factor of."""
        words = self.tokens.words
        previous, token = self.token(index - 1), self.token(index)
        if previous.type not in {"NUMBER", "NAME", "QUOTED", "SUPERSCRIPT", "RPAR"}:
            return False
        if token.type not in {"NAME", "QUOTED", "LPAR"}:
            return False
        is_name = previous.type == "NAME"
        if is_name and token.type == "LPAR":
            is_free = (index < 2 or words[index - 2] != ".") and self.is_variable(previous)
            return is_free and not self.is_derivative(index) and not self.is_power(previous)
        if is_name and (previous in self.functions or previous.lower() in self.functions):
            return False
        return not self.is_otherwise(index, previous, token) and not self.is_ambiguous(index)

    def is_derivative(self, index: int) -> bool:
        """Return whether a parenthesis at an index is that of a derivative such as `d(x^2)/dx`."""
        closed = self.closing.get(index)
        return closed is not None and bool(
            derivative_around(self.text, self.tokens.words[index - 1], self.tokens.starts[closed] + 1)
        )

    def is_variable(self, name: str) -> bool:
        """Return whether a name before a parenthesis is a factor."""
        if name in CONSTANTS:
            return True
        is_free = self.functions.isdisjoint((name, name.lower())) and name not in FUNCTION_LETTERS
        return is_free and VARIABLE.fullmatch(name) is not None

    def is_otherwise(self, index: int, previous: Token, token: Token) -> bool:
        """Return whether two operands are another system's spelling: `0x1F`, `a mod b`, `30 deg`, `sin^2 (x)`."""
        return bool(
            foreign_number(self.text, previous, token)
            or word_between(previous, token, self.functions)
            or token.lower() in DEGREES
            or self.is_power(previous)
            or (self.has_quotients and self.is_differentiated(token.start_pos))
            or (previous.type == "NAME" and function_elsewhere(previous))
            or (previous.type == "RPAR" and self.is_elsewhere(index - 1))
        )

    def is_differentiated(self, start: int) -> bool:
        """Return whether what begins at an index of the text is in a derivative such as `d/dx x^2`."""
        return bool(derivative_before(self.text, start) or derivative_of(self.text, start))

    def is_elsewhere(self, index: int) -> bool:
        """Return whether the parenthesis that a token closes is that of a choice or a cast, as in `(int)x`."""
        starts, opened = self.tokens.starts, self.opening.get(index)
        return opened is not None and bool(after_parenthesis(self.text, starts[opened], starts[index]))

    def is_power(self, previous: Token) -> bool:
        """Return whether a token ends the power of a function, such as `sin^n` in `sin^n(x)`."""
        before = self.text[max(0, previous.start_pos - MAX_BEFORE) : previous.end_pos]
        return power_of_function(before, self.functions) is not None

    def is_ambiguous(self, index: int) -> bool:
        """Return whether the operand before an index is a divisor, or an exponent that the next one touches."""
        words, starts = self.tokens.words, self.tokens.starts
        before = self.operand_start(index - 1) - 1
        while before > 0 and words[before] in {"+", "-"} and words[before - 1] in {"/", "*", "^", "**"}:
            before -= 1
        if before < 0 or words[before] not in {"/", "^", "**"}:
            return False
        return words[before] == "/" or starts[index - 1] + len(words[index - 1]) == starts[index]

    def operand_start(self, index: int) -> int:
        """Return the index of the first token of the operand that ends at an index."""
        words = self.tokens.words
        while True:
            if self.token(index).type == "SUPERSCRIPT":
                index -= 1
                continue
            if words[index] != ")":
                return index
            index = self.opening.get(index, index)
            if index and self.token(index - 1).type == "NAME" and not self.is_variable(words[index - 1]):
                index -= 1
                if index > 1 and words[index - 1] == ".":
                    index -= 2
                    continue
            return index


def matching(words: list[str]) -> dict[int, int]:
    """Return the index of the opening parenthesis for that of each closing one."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for index, word in enumerate(words):
        if word == "(":
            opened.append(index)
        elif word == ")" and opened:
            found[index] = opened.pop()
    return found


def with_products(
    text: str, tokens: TokenList, terminals: list[str], times: int, functions: frozenset[str]
) -> TokenList:
    """Return the tokens with a `*`, whose kind is `times` and which takes no place, for each product without a sign."""
    finder = ProductFinder(text, tokens, terminals, functions)
    kinds: list[int] = []
    words: list[str] = []
    starts: list[int] = []
    for index, (kind, word, start) in enumerate(zip(*tokens[:3], strict=True)):
        if index and kind > END and finder.is_product(index):
            kinds.append(times)
            words.append("")
            starts.append(start)
        kinds.append(kind)
        words.append(word)
        starts.append(start)
    return TokenList(kinds, words, starts, tokens.failure, text)
