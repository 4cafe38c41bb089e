"""Build syntax trees: a method for each rule of the grammar, which the parser calls as it reduces."""

from itertools import chain
from math import inf as INFINITY  # noqa: N812
from typing import Any, NamedTuple

from mgrad_cli.errors import ExpressionError, Span
from mgrad_cli.language.syntax import Call, Expression, FunctionDefinition, Name, Number, Statement, SyntaxTree

new = tuple.__new__
"""Makes a named tuple in half the time of a call of its class."""


class Chain(NamedTuple):
    """Comparisons in a row: all of them, the last operand, and where that starts."""

    whole: Expression
    last: Expression
    start: int


class Outputs(list[Statement]):
    """The outputs of a program that has several."""


class TreeBuilder:
    """Makes the value of each rule of the grammar: a method for each alias.

    A method gets the stacks of values and of their start indices, the index at which those of the rule's symbols begin,
    and the end of its text. A parenthesised expression starts at its parenthesis, though its node does not.
    """

    @staticmethod
    def number(values: list[Any], starts: list[int], base: int, end: int) -> Number:
        text = values[base]
        try:
            value = float(text)
        except ValueError:  # the exponent has a minus sign, U+2212
            value = float(text.replace("−", "-"))
        if value == INFINITY:
            raise ExpressionError("the number overflows a double; write inf", "", new(Span, (starts[base], end)))
        return new(Number, (value, new(Span, (starts[base], end))))

    @staticmethod
    def name(values: list[Any], starts: list[int], base: int, end: int) -> Name:
        return new(Name, (values[base], new(Span, (starts[base], end))))

    @staticmethod
    def quoted(values: list[Any], starts: list[int], base: int, end: int) -> Name:
        return Name(values[base][1:-1], Span(starts[base], end))

    @staticmethod
    def group(values: list[Any], starts: list[int], base: int, end: int) -> Expression:
        node: Expression = values[base + 1]
        return node

    positive = group

    @staticmethod
    def call(values: list[Any], starts: list[int], base: int, end: int) -> Call:
        operands = values[base + 2] if len(values) - base > 3 else []
        return new(Call, (values[base], tuple(operands), new(Span, (starts[base], end))))

    @staticmethod
    def method(values: list[Any], starts: list[int], base: int, end: int) -> Call:
        operands = values[base + 4] if len(values) - base > 5 else []
        return new(Call, (values[base + 2], (values[base], *operands), new(Span, (starts[base], end))))

    @staticmethod
    def raised(values: list[Any], starts: list[int], base: int, end: int) -> Call:
        """Return `x**2` for `x²`."""
        from mgrad_cli.language.characters import RAISED_DIGITS

        exponent, span = float(values[base + 1].translate(RAISED_DIGITS)), Span(starts[base + 1], end)
        if abs(exponent) == INFINITY:
            raise ExpressionError("the number overflows a double; write **inf", "", span)
        raised: Expression = Number(abs(exponent), span)
        if exponent < 0:
            raised = Call("negative", (raised,), span)
        return Call("pow", (values[base], raised), new(Span, (starts[base], end)))

    @staticmethod
    def first_argument(values: list[Any], starts: list[int], base: int, end: int) -> list[Expression]:
        return [values[base]]

    @staticmethod
    def further_argument(values: list[Any], starts: list[int], base: int, end: int) -> list[Expression]:
        arguments: list[Expression] = values[base]
        arguments.append(values[base + 2])
        return arguments

    @staticmethod
    def comparison(values: list[Any], starts: list[int], base: int, end: int) -> Chain:
        left, sign, right = values[base:]
        return Chain(Call(COMPARISONS[sign], (left, right), new(Span, (starts[base], end))), right, starts[base + 2])

    @staticmethod
    def further_comparison(values: list[Any], starts: list[int], base: int, end: int) -> Chain:
        """Return `a < b and b < c` for `a < b < c`, with one node for both occurrences of `b`."""
        (before, left, start), sign, right = values[base:]
        link = Call(COMPARISONS[sign], (left, right), Span(start, end))
        return Chain(Call("logical_and", (before, link), new(Span, (starts[base], end))), right, starts[base + 2])

    @staticmethod
    def comparisons(values: list[Any], starts: list[int], base: int, end: int) -> Expression:
        whole: Expression = values[base].whole
        return whole

    @staticmethod
    def negative(values: list[Any], starts: list[int], base: int, end: int) -> Call:
        return new(Call, ("negative", (values[base + 1],), new(Span, (starts[base], end))))

    @staticmethod
    def logical_not(values: list[Any], starts: list[int], base: int, end: int) -> Call:
        return Call("logical_not", (values[base + 1],), new(Span, (starts[base], end)))

    @staticmethod
    def assignment(values: list[Any], starts: list[int], base: int, end: int) -> Statement:
        return new(Statement, (values[base], values[base + 2], new(Span, (starts[base], end))))

    @staticmethod
    def quoted_assignment(values: list[Any], starts: list[int], base: int, end: int) -> Statement:
        return Statement(values[base][1:-1], values[base + 2], Span(starts[base], end))

    @staticmethod
    def definition(values: list[Any], starts: list[int], base: int, end: int) -> FunctionDefinition:
        """Return a definition. Raises: ExpressionError for a parameter that is not a name, or occurs twice."""
        from mgrad_cli.language.definition_errors import parameter_names

        name, _, arguments, *_, expression = values[base:]
        parameters = parameter_names(name, arguments, Span(starts[base], end))
        return FunctionDefinition(name, parameters, expression, 0, Span(starts[base], end))

    @staticmethod
    def result(values: list[Any], starts: list[int], base: int, end: int) -> Statement:
        return new(Statement, (None, values[base], new(Span, (starts[base], end))))

    @staticmethod
    def first_outputs(values: list[Any], starts: list[int], base: int, end: int) -> Outputs:
        return Outputs([values[base], values[base + 2]])

    @staticmethod
    def further_output(values: list[Any], starts: list[int], base: int, end: int) -> Outputs:
        outputs: Outputs = values[base]
        outputs.append(values[base + 2])
        return outputs

    @staticmethod
    def repetition(values: list[Any], starts: list[int], base: int, end: int) -> list[Any]:
        found: list[Any] = values[base] if values[base].__class__ is list else [values[base]]
        found.extend(values[base + 1 :])
        return found

    @staticmethod
    def program(values: list[Any], starts: list[int], base: int, end: int) -> SyntaxTree:
        parts = chain.from_iterable(each if each.__class__ is list else (each,) for each in values[base:])
        statements: list[Statement] = []
        definitions: list[FunctionDefinition] = []
        outputs = 1
        for part in parts:
            if isinstance(part, Statement):
                statements.append(part)
                outputs = 1
            elif isinstance(part, Outputs):
                statements += part
                outputs = len(part)
            elif isinstance(part, FunctionDefinition):
                definitions.append(part._replace(position=len(statements)))
        return SyntaxTree(tuple(statements), outputs, tuple(definitions))


COMPARISONS = {
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
    "==": "equal",
    "!=": "not_equal",
}


def infix(function: str) -> Any:
    """Return the method for the rule `left operator right`."""

    def reduce(values: list[Any], starts: list[int], base: int, end: int) -> Call:
        return new(Call, (function, (values[base], values[base + 2]), new(Span, (starts[base], end))))

    return staticmethod(reduce)


for alias in ("logical_or", "logical_and", "add", "subtract", "multiply", "divide", "pow"):
    setattr(TreeBuilder, alias, infix(alias))
