"""The behaviour of a function on one side of a point: a series, growth beyond every power, or unknown."""

from collections.abc import Callable
from typing import Any

from mgrad_cli.operations import Operand, Operation


class UnresolvedError(ArithmeticError):
    """A series that is not known.

    `needs_order` is whether more terms might help, `is_undefined` whether the function has no real value on this side.
    """

    def __init__(self, reason: str, needs_order: bool = False, is_undefined: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.needs_order = needs_order
        self.is_undefined = is_undefined


class Expansion:
    """The shared state of one computation: the order of its series, its budget, and cached results.

    order        the number of powers of t to keep after the leading one
    is_assumed   whether a leading term was found after one that may be zero within rounding
    """

    def __init__(self, order: int, budget: int) -> None:
        self.order = order
        self.budget = budget
        self.is_assumed = False
        self.known: dict[Any, Any] = {}

    def spend(self, products: int) -> None:
        """Count work.

        Raises: UnresolvedError if the computation gets too long.
        """
        self.budget -= products
        if self.budget < 0:
            raise UnresolvedError("the series takes too long")


class Germ(Operand):
    """The behaviour of a function as t goes down to zero: a `Series`, growth beyond every power, or unknown."""

    __slots__ = ("expansion",)
    expansion: Expansion
    rules: Callable[..., "Germ"]
    """The function that applies an operation, set by `chain`."""

    @staticmethod
    def apply(operation: Operation, *operands: Any) -> "Germ":
        expansion = next(operand.expansion for operand in operands if isinstance(operand, Germ))
        try:
            return Germ.rules(expansion, operation, operands)
        except UnresolvedError as reason:
            if reason.is_undefined and operation.is_typed and not any(isinstance(each, Unknown) for each in operands):
                reason = UnresolvedError(
                    f"outside the domain of {operation.name}, {operation.domain}", is_undefined=True
                )
            return Unknown(expansion, reason)
        except ArithmeticError:
            return Unknown(expansion, UnresolvedError("overflow"))


class Unknown(Germ):
    """A germ without a known series, with the reason."""

    __slots__ = ("reason",)

    def __init__(self, expansion: Expansion, reason: UnresolvedError) -> None:
        self.expansion = expansion
        self.reason = reason


class Unbounded(Germ):
    """A germ that is infinite or grows beyond every power of 1/t, as exp(1/t) does, with its sign."""

    __slots__ = ("sign",)

    def __init__(self, expansion: Expansion, sign: int) -> None:
        self.expansion = expansion
        self.sign = sign
