"""Print syntax trees as text that parses back to them. Rules applied to trees give derivatives as formulas."""

import math
import re
from collections.abc import Sequence
from typing import Any

from mgrad_cli.language.syntax import Call, Expression, Name, Number
from mgrad_cli.operations import TABLE, Operand, Operation, call_name
from mgrad_cli.operations.operation import SYMBOLS, Partial

(WHERE,) = TABLE["where"]

LEVELS = {
    "logical_or": 1, "logical_and": 2, "logical_not": 3,
    "less": 4, "less_equal": 4, "greater": 4, "greater_equal": 4, "equal": 4, "not_equal": 4,
    "add": 5, "subtract": 5, "multiply": 6, "divide": 6, "negative": 7, "pow": 8,
}  # fmt: skip
"""The precedence of operators, as in the grammar. Everything else has the precedence `ATOM`."""
ATOM = 9
SPACED = {"logical_or", "logical_and", "less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "add",
          "subtract"}  # fmt: skip


RESERVED = frozenset({"and", "or", "not"})
WORD = re.compile(r"[^\W\d]\w*")


def binary_layout(function: str) -> tuple[int, str, int]:
    """Return the text between the operands of an operator, and the precedence below which each needs parentheses."""
    own, symbol = LEVELS[function], SYMBOLS[function]
    if function == "pow":
        return ATOM, symbol, LEVELS["negative"]
    return own + (own == LEVELS["less"]), f" {symbol} " if function in SPACED else symbol, own + 1


BINARY = {function: binary_layout(function) for function in LEVELS if function not in {"logical_not", "negative"}}


class Formula(Operand):
    """A syntax tree as an operand: `tanh(Formula(x))` is the tree of `tanh(x)`."""

    __slots__ = ("tree",)

    def __init__(self, tree: Expression) -> None:
        self.tree = tree

    @staticmethod
    def apply(operation: Operation, *operands: Any) -> Any:
        """Return the formula of an operation. An internal operation is replaced by its expansion."""
        if operation.expansion is not None:
            return operation.expansion(*operands)
        trees = tuple(operand.tree if isinstance(operand, Formula) else constant(operand) for operand in operands)
        return simplified(operation, trees)

    def __str__(self) -> str:
        return unparse(self.tree)


def constant(value: float) -> Expression:
    """Return the tree of a number. A minus sign is an operation."""
    value = float(value)
    if value != value or value in {float("inf"), -float("inf")}:
        tree: Expression = Name("nan" if value != value else "inf")
    else:
        tree = Number(abs(value))
    return Call("negative", (tree,)) if math.copysign(1.0, value) < 0 and value == value else tree


ONE, ZERO = Number(1.0), Number(0.0)


def simplified(operation: Operation, trees: tuple[Expression, ...]) -> Formula:
    """Return a call, simplified for a reader.

    Operands that are a literal 1 and conditions that only nan fails are removed, and differences of two numbers are
    computed, as in the exponent of a power's derivative.
    """
    match operation.name, trees:
        case "multiply", (a, b) if ONE in trees:
            return Formula(b if a == ONE else a)
        case "divide" | "pow", (a, b) if b == ONE:
            return Formula(a)
        case "subtract", (Number(a), Number(b)):
            return Formula(constant(a - b))
        case "where", (condition, a, _) if condition == ONE:
            return Formula(a)
        case "equal", (a, b) if a is b:
            return Formula(ONE)
        case "logical_or", (condition, Call("logical_not", (guard,))) if guard == ONE:
            return Formula(condition)
        case "where", (condition, a, b) if (a, b) == (ONE, ZERO):
            return Formula(condition)
        case "where", (Call("logical_not", (condition,)), a, b):
            return Formula(Call("where", (condition, b, a)))
    return Formula(Call(call_name(operation), trees))


def derivatives(operation: Operation) -> list[str]:
    """Return the partial derivatives of a row as formulas in the names of its operands."""
    if operation.derivative_text:
        return list(operation.derivative_text)
    return [str(formula) for formula in partial_formulas(operation, operation.operands, operation.partials)]


def partial_formulas(operation: Operation, names: Sequence[str], partials: Sequence[Partial]) -> list[Formula]:
    """Return partial derivatives of a row as formulas in these names of its operands."""
    operands = [Formula(Name(name)) for name in names]
    arguments = (*operands, Formula(Call(call_name(operation), tuple(operand.tree for operand in operands))))
    formulas = []
    for partial, mask in zip(partials, operation.masks, strict=True):
        formula = partial(*arguments) if callable(partial) else Formula(constant(partial or 0.0))
        if mask is not None and operation.is_selection:
            formula = WHERE(mask(*arguments), formula, 0.0)
        formulas.append(formula if isinstance(formula, Formula) else Formula(constant(formula)))
    return formulas


def unparse(tree: Expression) -> str:
    """Return the shortest usual text of a tree, which parses back to the same tree."""
    pieces: list[str] = []
    stack: list[tuple[Expression, int] | str] = [(tree, 0)]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            pieces.append(item)
            continue
        node, least = item
        while isinstance(node, Call) and node.function in BINARY and len(node.operands) == 2:
            left_least, between, right_least = BINARY[node.function]
            if LEVELS[node.function] < least:
                pieces.append("(")
                stack.append(")")
            stack += (node.operands[1], right_least), between
            node, least = node.operands[0], left_least
        if isinstance(node, Name):
            pieces.append(spelled_name(node.name))
        elif isinstance(node, Number):
            pieces.append(literal(node.value))
        elif level(node) < least:
            stack += ")", (node, 0), "("
        else:
            stack.extend(reversed(layout(node)))
    return "".join(pieces)


def level(tree: Expression) -> int:
    """Return the precedence of the outermost operation of a tree."""
    return LEVELS.get(tree.function, ATOM) if isinstance(tree, Call) else ATOM


def layout(node: Call) -> list[tuple[Expression, int] | str]:
    """Return the parts of a call in order, each operand with the precedence below which it needs parentheses."""
    symbol = SYMBOLS.get(node.function, "")
    if len(node.operands) == 1 and symbol:
        return [f"{symbol} " if symbol == "not" else symbol, (node.operands[0], level(node))]
    pieces: list[tuple[Expression, int] | str] = [f"{node.function}("]
    for index, operand in enumerate(node.operands):
        pieces += [", "] if index else []
        pieces.append((operand, 0))
    return [*pieces, ")"]


def spelled_name(name: str) -> str:
    """Return a name as the language writes it: between backquotes unless it is a plain one.

    >>> spelled_name("x1"), spelled_name("Temp (°C)")
    ('x1', '`Temp (°C)`')
    """
    if name.isascii():
        is_plain = name.isidentifier() and name not in RESERVED
    else:
        from mgrad_cli.language.characters import is_letter

        is_plain = WORD.fullmatch(name) is not None and all(
            is_letter(char, is_first=index == 0) for index, char in enumerate(name)
        )
    return name if is_plain else f"`{name}`"


def literal(value: float) -> str:
    """Return the shortest text that reads back to the same double, as people write it: `21`, `1e-7`."""
    text = repr(float(value))
    if text.endswith(".0"):
        return text[:-2]
    return text.replace("e-0", "e-").replace("e+", "e")
