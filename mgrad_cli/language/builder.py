"""Build syntax trees: a method for each rule of the grammar, which the parser calls as it reduces.

The value of a rule is an expression with its extent in the text, parentheses included: `(node, start, end)`.
"""

from typing import Any, TypeAlias

from mgrad_cli.errors import ExpressionError, Span
from mgrad_cli.language.characters import RAISED_DIGITS
from mgrad_cli.language.syntax import Call, Expression, Name, Number, Statement, SyntaxTree

Placed: TypeAlias = tuple[Expression, int, int]


class TreeBuilder:
    """Builds the syntax tree, with one method for each alias of the grammar."""

    def number(self, children: Any) -> Placed:
        (token,) = children
        try:
            value = float(token)
        except ValueError:  # the exponent has a minus sign, U+2212
            value = float(token.replace("−", "-"))
        start, end = token.start_pos, token.end_pos
        if value == float("inf"):
            raise ExpressionError("the number overflows a double; write inf", "", Span(start, end))
        return Number(value, Span(start, end)), start, end

    def name(self, children: Any) -> Placed:
        (token,) = children
        start, end = token.start_pos, token.end_pos
        return Name(token.value, Span(start, end)), start, end

    def group(self, children: Any) -> Placed:
        opening, (node, _, _), closing = children
        return node, opening.start_pos, closing.end_pos

    def positive(self, children: Any) -> Placed:
        sign, (node, _, end) = children
        return node, sign.start_pos, end

    def call(self, children: Any) -> Placed:
        token, start, end = children[0], children[0].start_pos, children[-1].end_pos
        operands = children[2] if len(children) > 3 else []
        return Call(token.value, tuple(operands), Span(start, end)), start, end

    def method(self, children: Any) -> Placed:
        (receiver, start, _), token, end = children[0], children[2], children[-1].end_pos
        operands = children[4] if len(children) > 5 else []
        return Call(token.value, (receiver, *operands), Span(start, end)), start, end

    def raised(self, children: Any) -> Placed:
        """Return `x**2` for `x²`."""
        (base, start, _), token = children
        exponent, span = float(token.translate(RAISED_DIGITS)), Span(token.start_pos, token.end_pos)
        if abs(exponent) == float("inf"):
            raise ExpressionError("the number overflows a double; write **inf", "", span)
        raised: Expression = Number(abs(exponent), span)
        if exponent < 0:
            raised = Call("negative", (raised,), span)
        return Call("pow", (base, raised), Span(start, token.end_pos)), start, token.end_pos

    def first_argument(self, children: Any) -> list[Expression]:
        return [children[0][0]]

    def further_argument(self, children: Any) -> list[Expression]:
        arguments: list[Expression] = children[0]
        arguments.append(children[2][0])
        return arguments

    def comparison(self, children: Any) -> list[Any]:
        return list(children)

    def further_comparison(self, children: Any) -> list[Any]:
        chain: list[Any] = children[0]
        chain.extend(children[1:])
        return chain

    def comparisons(self, children: Any) -> Placed:
        """Return `a < b and b < c` for `a < b < c`, with one node for both occurrences of `b`."""
        (chain,) = children
        whole: Placed | None = None
        for left, token, right in zip(chain[0::2], chain[1::2], chain[2::2], strict=False):
            link = binary(COMPARISONS[token.value], left, right)
            whole = link if whole is None else binary("logical_and", whole, link)
        assert whole is not None
        return whole

    def negative(self, children: Any) -> Placed:
        return prefix("negative", children)

    def logical_not(self, children: Any) -> Placed:
        return prefix("logical_not", children)

    def assignment(self, children: Any) -> Statement:
        token, _, (node, _, end) = children
        return Statement(token.value, node, Span(token.start_pos, end))

    def result(self, children: Any) -> Statement:
        ((node, start, end),) = children
        return Statement(None, node, Span(start, end))

    def first_outputs(self, children: Any) -> list[Statement]:
        first, _, second = children
        return [self.result([first]), self.result([second])]

    def further_output(self, children: Any) -> list[Statement]:
        outputs: list[Statement] = children[0]
        outputs.append(self.result([children[2]]))
        return outputs

    def program(self, children: Any) -> SyntaxTree:
        statements: list[Statement] = []
        outputs = 1
        for child in children:
            if child.__class__ is Statement:
                statements.append(child)
                outputs = 1
            elif child.__class__ is list:
                statements += child
                outputs = len(child)
        return SyntaxTree(tuple(statements), outputs=outputs)


COMPARISONS = {
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
    "==": "equal",
    "!=": "not_equal",
}


def binary(function: str, left: Placed, right: Placed) -> Placed:
    """Return the call of a binary operator."""
    (a, start, _), (b, _, end) = left, right
    return Call(function, (a, b), Span(start, end)), start, end


def prefix(function: str, children: Any) -> Placed:
    """Return the call of a prefix operator."""
    token, (node, _, end) = children
    start = token.start_pos
    return Call(function, (node,), Span(start, end)), start, end


def infix(function: str) -> Any:
    """Return the method for the rule `left operator right`."""

    def reduce(self: TreeBuilder, children: Any) -> Placed:
        (a, start, _), _, (b, _, end) = children
        return Call(function, (a, b), Span(start, end)), start, end

    return reduce


for alias in ("logical_or", "logical_and", "add", "subtract", "multiply", "divide", "pow"):
    setattr(TreeBuilder, alias, infix(alias))
