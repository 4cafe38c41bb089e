"""Python's protocols for a node that holds a number: float, format, comparison, copy and pickle."""

from typing import Any, NoReturn


class NumberLike:
    """A node with its number in `data`, its gradient in `grad`, and its operands in `_prev`.

    It has no truth value and no order: code that asks for them would silently leave the graph. Equality is identity,
    so that nodes can be members of sets, keys of dictionaries, and found in lists.
    """

    __slots__ = ()

    data: float
    grad: Any
    _prev: tuple[Any, ...]

    def __float__(self) -> float:
        return self.data

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    def __bool__(self) -> bool:
        raise TypeError("a Value has no truth value; test its number, as in 'if x.data > 0', or use x.where(a, b)")

    def __lt__(self, other: Any) -> bool:
        raise_on_comparison("<", "less")

    def __le__(self, other: Any) -> bool:
        raise_on_comparison("<=", "less_equal")

    def __gt__(self, other: Any) -> bool:
        raise_on_comparison(">", "greater")

    def __ge__(self, other: Any) -> bool:
        raise_on_comparison(">=", "greater_equal")

    def __copy__(self) -> Any:
        """Return a node with the same operands."""
        twin = object.__new__(type(self))
        state: Any = object.__getstate__(self)
        attributes, slots = state
        for name, value in {**slots, **(attributes or {})}.items():
            setattr(twin, name, value)
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """Return a copy of the whole graph that this node was computed from, without recursion."""
        found: list[Any] = [self]
        for node in found:  # grows during the loop
            if id(node) not in memo:
                memo[id(node)] = node.__copy__()
                found += node._prev
                if isinstance(node.grad, NumberLike):
                    found.append(node.grad)
        for node in found:
            twin = memo[id(node)]
            twin._prev = tuple([memo[id(operand)] for operand in node._prev])
            if isinstance(node.grad, NumberLike):
                twin.grad = memo[id(node.grad)]
        return memo[id(self)]

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Raise TypeError for a computed node, which would not share its operands with other pickled nodes."""
        if self._prev:
            raise TypeError("a computed Value cannot be pickled; pickle the inputs, or float(x) for its number")
        return super().__reduce_ex__(max(protocol, 2))  # the first with slots


def raise_on_comparison(symbol: str, method: str) -> NoReturn:
    """Raise TypeError with the two expressions that a comparison can mean."""
    node = f"x.{method}(y) for a node that is 1 or 0"
    raise TypeError(f"'{symbol}' does not compare Values; write x.data {symbol} y.data for numbers, or {node}")
