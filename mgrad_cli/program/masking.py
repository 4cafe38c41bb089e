"""Derivatives with masks: what the chain rule passes from register to register, in either direction.

A mask keeps what is not selected out of a derivative, whatever its value is, and travels with it through the program.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from mgrad_cli.operations import TABLE, Operation
from mgrad_cli.operations.operation import Rule, mask_at

(WHERE,), (AND,), (OR,) = TABLE["where"], TABLE["logical_and"], TABLE["logical_or"]


Register: TypeAlias = Any
"""An operand of the recorder's class."""


LocalRules: TypeAlias = Iterable[tuple[int, Rule | Register, Rule | Register | None]]
"""Operands with their partials and masks, each a rule or a value of one."""


class MaskedDerivative(NamedTuple):
    """A derivative, and the boolean register that masks it.

    It is an adjoint, the derivative of an output with respect to a register, or a tangent, the derivative of a register
    along a direction of the inputs. Where the mask is 0 nothing has arrived, which differs from a derivative of zero.
    Without a mask, something always has.

    is_cleared  whether the value is minus zero, which adds nothing, wherever the mask is 0
    """

    value: Register
    mask: Register | None = None
    is_cleared: bool = False


class Masking(Protocol):
    """Which partials the chain rule uses, how they are masked, and how contributions to one register are combined.

    `add_contribution` returns a value of the implementation's own type. `total` converts it to the derivative that is
    passed on, and `finalize` to a result.
    """

    def local_rules(self, operation: Operation, operands: Sequence[int], arguments: Sequence[Register]) -> LocalRules:
        """Return each operand with its partial and its mask."""

    def restrict(self, mask: Any, operation: Operation, rule: Rule | Register, arguments: Sequence[Register]) -> Any:
        """Return the conjunction of a mask with a rule of an operation, or `NOWHERE`."""

    def add_contribution(self, before: Any, amount: MaskedDerivative) -> Any: ...

    def total(self, amounts: Any) -> MaskedDerivative: ...

    def finalize(self, amounts: Any) -> Register: ...


NOWHERE = object()
"""The mask that is 0 everywhere."""


class ExactMasking:
    """The partials, masks and sums of evaluation, exact to the last bit."""

    def local_rules(self, operation: Operation, operands: Sequence[int], arguments: Sequence[Register]) -> LocalRules:
        return operation.local_rules(operands, arguments)

    def restrict(self, mask: Any, operation: Operation, rule: Rule | Register, arguments: Sequence[Register]) -> Any:
        reaches = conjunction(mask, mask_at(rule, *arguments))
        return NOWHERE if reaches is not None and reaches.number == 0 else reaches

    def add_contribution(self, before: MaskedDerivative | None, amount: MaskedDerivative) -> MaskedDerivative:
        return amount if before is None else add_contribution(before, amount)

    def total(self, amounts: MaskedDerivative) -> MaskedDerivative:
        return amounts

    def finalize(self, amounts: MaskedDerivative | None) -> Register:
        return finalize(amounts)


EXACT = ExactMasking()


def chained(
    derivative: MaskedDerivative,
    operation: Operation,
    rule: Rule | Register,
    mask: Rule | Register | None,
    arguments: Sequence[Register],
    masking: Masking = EXACT,
) -> tuple[Register, MaskedDerivative] | None:
    """Take one step of the chain rule, forward or in reverse, through an operation and one of its operands.

    `rule` and `mask` belong to the operand, and `arguments` are the operands and the result. Return the local
    derivative, and the contribution; `None` if nothing passes, whatever the values are.
    """
    reaches = derivative.mask if mask is None else masking.restrict(derivative.mask, operation, mask, arguments)
    if reaches is NOWHERE:
        return None
    partial = rule(*arguments) if callable(rule) else rule
    amount = derivative.value if partial == 1.0 else derivative.value * partial  # most partials of sums are 1
    return partial, MaskedDerivative(amount, reaches)


def conjunction(mask: Register | None, other: Register) -> Register | None:
    """Return where both masks are 1; `None` if that is everywhere."""
    if other.number is not None and other.number != 0:
        return mask
    return other if mask is None else AND(mask, other)


def add_contribution(one: MaskedDerivative, other: MaskedDerivative) -> MaskedDerivative:
    """Return the sum of two derivatives, of which only one may have arrived. Minus zero adds nothing."""
    if one.mask is None and other.mask is None:
        return MaskedDerivative(one.value + other.value)
    if one.mask is not None and other.mask is not None:
        if one.mask.index == other.mask.index:
            return MaskedDerivative(one.value + other.value, one.mask)
        mask = OR(one.mask, other.mask)
        return MaskedDerivative(masked_value(one) + masked_value(other), None if mask.number else mask, is_cleared=True)
    return MaskedDerivative(masked_value(one) + masked_value(other))


def masked_value(derivative: MaskedDerivative) -> Register:
    """Return the value of a derivative, or minus zero where nothing has arrived."""
    if derivative.mask is None or derivative.is_cleared:
        return derivative.value
    return WHERE(derivative.mask, derivative.value, -0.0)


def finalize(derivative: MaskedDerivative | None) -> Register:
    """Return a derivative as a number: zero where nothing has arrived."""
    if derivative is None:
        return 0.0
    return derivative.value if derivative.mask is None else WHERE(derivative.mask, derivative.value, 0.0)
