"""The base class of everything that operations apply to: operators and methods over one `apply`."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any


class Operand:
    """The base class of operands: operators and functions, all of which call `apply`.

    A subclass defines `apply(operation, *operands)`; plain numbers among the operands are constants. The functions of
    the table are methods too, as in `x.tanh()`. They are added once the table is complete.

    Dual numbers, for example: `operation(*numbers)` is the value, and `local_rules` pairs each operand with its partial
    derivative and its mask.

    >>> from mgrad_cli.language.lowering import read
    >>> from mgrad_cli.operations.operation import at, mask_at
    >>> from mgrad_cli.program import replay, trace
    >>> class Dual(Operand):
    ...     def __init__(self, value, slope=0.0):
    ...         self.value, self.slope = value, slope
    ...     @classmethod
    ...     def apply(cls, operation, *operands):
    ...         duals = [each if isinstance(each, cls) else cls(each) for each in operands]
    ...         numbers = [each.value for each in duals]
    ...         numbers.append(operation(*numbers))
    ...         slope = 0.0
    ...         for dual, partial, mask in operation.local_rules(duals, numbers):
    ...             if partial is not None and (mask is None or mask_at(mask, *numbers)):
    ...                 slope += dual.slope * (at(partial, *numbers) if callable(partial) else partial)
    ...         return cls(numbers[-1], slope)
    >>> program = trace(read("x**2*max(x, 1) + x"), ["x"])
    >>> result = replay(program, {"x": Dual(3.0, 1.0)}, Dual)[program.outputs[0]]
    >>> result.value, result.slope
    (30.0, 28.0)
    """

    __slots__ = ()

    @classmethod
    def apply(cls, operation: Any, *operands: Any) -> Any:
        """Apply an operation to operands, at least one of which is of this class.

        Raises: TypeError unless a subclass overrides it.
        """
        raise TypeError(f"{cls.__name__} does not define apply")

    if TYPE_CHECKING:

        def __add__(self, other: Any) -> Any: ...
        def __radd__(self, other: Any) -> Any: ...
        def __sub__(self, other: Any) -> Any: ...
        def __rsub__(self, other: Any) -> Any: ...
        def __mul__(self, other: Any) -> Any: ...
        def __rmul__(self, other: Any) -> Any: ...
        def __truediv__(self, other: Any) -> Any: ...
        def __rtruediv__(self, other: Any) -> Any: ...
        def __pow__(self, other: Any) -> Any: ...
        def __rpow__(self, other: Any) -> Any: ...
        def __neg__(self) -> Any: ...
        def __abs__(self) -> Any: ...

    def __pos__(self) -> Any:
        return self


class Real(float, Operand):
    """A float that follows IEEE 754 where Python raises or returns a complex number: `Real(1.0) / 0.0` is inf."""

    @classmethod
    def apply(cls, operation: Any, *operands: Any) -> "Real":
        return cls(operation.evaluate(*map(float, operands)))


class FixedNumber(float):
    """A number that is the same at every point, in a rule that is evaluated on floats. In arithmetic it is a float."""

    __slots__ = ()

    @property
    def number(self) -> float:
        """The number itself, under the name that registers of a program have for it."""
        return float(self)


class ClosedForm(FixedNumber):
    """A constant of a rule: the double nearest to what a formula of the language stands for, and the formula.

    In arithmetic it is a float like any other; a kind of operand that is more exact than doubles reads the formula.
    """

    __slots__ = ("formula",)

    formula: str

    def __new__(cls, value: float, formula: str) -> "ClosedForm":
        number = super().__new__(cls, value)
        number.formula = formula
        return number

    def __getnewargs__(self) -> Any:
        return float(self), self.formula


def closed_formula(number: float) -> str:
    """Return the formula of a constant with a closed form; for another number, nothing."""
    return number.formula if isinstance(number, ClosedForm) else ""


def as_float(number: Any) -> float:
    """Convert a real number to a float: a Python number, `Fraction`, `Decimal`, or array without dimensions.

    Raises: TypeError for anything else that `float` accepts, such as text, and for what has no single real value.
    """
    kind = type(number)
    has_value = hasattr(kind, "__float__") or hasattr(kind, "__index__")
    if isinstance(number, Operand) and not isinstance(number, float):
        raise TypeError(f"must be a real number, not {kind.__name__}; use float(x) for its number")
    if isinstance(number, str | bytes | complex) or not has_value or getattr(number, "ndim", False):
        raise TypeError(f"must be a real number, not {kind.__name__}")
    element = getattr(getattr(number, "dtype", None), "kind", "f")
    if element not in "biuf":
        raise TypeError(f"must be a real number, not {kind.__name__} of {number.dtype}")
    return float(number)


def complete_operands(table: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Add the operators and methods of every row in the table to `Operand` and `Real`.

    Return the rows of the binary operators, by the name of Python's method for the left operand.
    """
    dunders = {
        "add": "add", "subtract": "sub", "multiply": "mul", "divide": "truediv", "pow": "pow",
    }  # fmt: skip
    for name, dunder in dunders.items():
        (operation,) = table[name]
        for kind in (Operand, Real):
            setattr(kind, f"__{dunder}__", forward(operation))
            setattr(kind, f"__r{dunder}__", reflected(operation))
    for name, dunder in {"negative": "neg", "abs": "abs"}.items():
        for kind in (Operand, Real):
            setattr(kind, f"__{dunder}__", method(table[name]))
    for name, candidates in table.items():
        if not candidates[0].is_internal:
            setattr(Operand, name, method(candidates))
    return {f"__{dunder}__": table[name][0] for name, dunder in dunders.items()}


def forward(operation: Any) -> Callable[[Any, Any], Any]:
    """Return the method of a binary operator for the left operand."""

    def operator(self: Any, other: Any) -> Any:
        return self.apply(operation, self, other)

    return operator


def reflected(operation: Any) -> Callable[[Any, Any], Any]:
    """Return the method of a binary operator for the right operand."""

    def operator(self: Any, other: Any) -> Any:
        return self.apply(operation, other, self)

    return operator


def method(rows: Sequence[Any]) -> Callable[..., Any]:
    """Return the method for the rows of one name: `x.log()`, `x.log(2)` and `x.log(base=2)`."""

    def call(self: Any, *others: Any, **named: Any) -> Any:
        if named:
            others = positional(rows, others, named)
        for operation in rows:
            if operation.takes(1 + len(others)):
                return self.apply(operation, self, *others, *operation.complete(1 + len(others)))
        raise TypeError(f"{rows[0].name} does not take {1 + len(others)} operands")

    call.__name__ = rows[0].name
    call.__doc__ = rows[0].doc
    return call


def positional(rows: Sequence[Any], others: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the operands after the first in order, some of which are given by keyword.

    Raises: TypeError for a name that no row has, one that is given twice, or an operand that is missing.
    """
    for operation in rows:
        names = operation.operands[1 + len(others) :]
        if set(named) <= set(names) and not operation.variadic:
            given = dict(zip(reversed(operation.operands), reversed(operation.defaults), strict=False)) | dict(named)
            missing = [name for name in names if name not in given]
            if missing:
                raise TypeError(f"{operation.name} needs a value for {', '.join(map(repr, missing))}")
            return (*others, *(given[name] for name in names))
    rests = (("b", "...") if operation.variadic else operation.operands[1:] for operation in rows)
    calls = " or ".join(f"x.{rows[0].name}({', '.join(rest)})" for rest in rests)
    raise TypeError(f"unexpected argument {', '.join(map(repr, named))}; write {calls}")
