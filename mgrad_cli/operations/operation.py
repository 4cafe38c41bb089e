"""The class of the table's rows: how an operation is evaluated, and its partial derivatives.

A row is itself a function. Called on floats it returns a float, on arrays an array, and on operands of any other
class (a `Value`, a formula) the result of that class's `apply`. Rules are ordinary functions of the operands and the
result, in plain arithmetic and calls of other rows, so one rule serves every class of operand.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from typing import Any, Literal, NamedTuple, TypeAlias

from mgrad_cli.operations.operand import FixedNumber, Operand, Real

Rule: TypeAlias = Callable[..., Any]
"""A function of the operands and the result, which are floats, arrays or operands."""

Partial: TypeAlias = Rule | float | None
"""The derivative with respect to one operand: a rule, a number if it is constant, or `None` if it is zero everywhere.
With `None` nothing flows back, not even zero times infinity.
"""

SYMBOLS = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "pow": "**", "negative": "-",
    "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "==", "not_equal": "!=",
    "logical_and": "and", "logical_or": "or", "logical_not": "not",
}  # fmt: skip
"""The operations that have an operator in the language."""


def no_partial(*operands_and_result: Any) -> Any:
    """Return nan, as the partial to an operand that a function is not differentiable by.

    It is nan times the result, so that its own derivatives, by the other operands too, are nan.
    """
    return operands_and_result[-1] * float("nan")


class Convention(NamedTuple):
    """The derivative chosen at a point where mathematics leaves it open. Results refer to it by `where`."""

    where: str
    gradient: str
    applies: Callable[..., bool]
    """Whether the operands, as floats, are at such a point."""
    operand: int | None = None
    """The index of the operand whose gradient it decides; `None` for any."""
    at_boundary: bool = False
    """Whether it applies only where the first operand, a condition, changes."""


class Fault(NamedTuple):
    """A reason for a result that is not finite, and whether it holds for these operands, as floats."""

    reason: str
    applies: Callable[..., bool]


class Operation:
    """A row of the table. It is called by `name`, and its operands are named by `operands`.

    group            the heading in tables of functions, which is the name of a module with rows of it; without one,
                     the operation is no row of the table
    doc              one line of documentation
    evaluate         a function of floats that returns a float by IEEE 754 and raises nothing
    arrays           the name of NumPy's function, or a function of arrays that accepts `out=`; by default `evaluate` is
                     the operation's `body`, written over other rows, which serves for arrays too
    partials         one for each operand; if variadic, one function that returns a list of them
    masks            for each operand `None`, or a rule that is 0 where the operand receives nothing, whatever the
                     adjoint and the partial are; if variadic, one function that returns a list of them
    defaults         the default values of the last operands
    domain           where the result is a number, as text
    samples          operands at which tests require the first and second partials to be within `ulp` units in the last
                     place
    ill_conditioned  operands at which they are less accurate: near a zero of the derivative, where terms cancel
    is_commutative   whether the order of its two operands changes no bit of the result
    is_selection     whether its masks select operands everywhere, and not only at edges
    is_internal      whether it only serves the accuracy of other rows; formulas for people show its `expansion`
    expansion        the operation in formulas for people, as a rule; by default a call
    mathematics      the operation in exact arithmetic, as a rule, where `body` has thresholds and corrections that are
                     meaningful in doubles only; by default `body`
    textbook         the partials in formulas for people, where `partials` are written to keep digits and a table of
                     derivatives has another form; as many, and if variadic one function as well
    is_tabled        whether a call alone has the derivative of textbooks even where that of evaluation is shorter
    exponent         a rule u with row(x) = c*exp(u(x)) for a constant c and u(0) = 0
    square           the name of a row g and numbers a, b with row(x)**2 = a + b*g(x)**2
    derivative_text  the derivatives for people, if the rules do not read well as formulas
    parity           `odd` or `even`, so that formulas can take a sign out of the operand
    latex            LaTeX's command for the function; by default its name in upright letters
    libm             whether C's math library has the function under the same name
    """

    __slots__ = (
        "aliases", "arrays", "body", "conventions", "defaults", "derivative_text", "doc", "domain", "evaluate",
        "expansion", "exponent", "faults", "group", "ill_conditioned", "is_commutative", "is_internal", "is_plain",
        "is_plain_binary", "is_selection", "is_tabled", "latex", "libm", "masks", "mathematics", "name", "operands",
        "parity", "partials", "samples", "square", "symbol", "textbook", "ulp", "variadic",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        evaluate: Callable[..., float],
        *partials: Partial,
        operands: str = "x",
        arrays: str | Callable[..., Any] | None = None,
        masks: tuple[Rule | None, ...] = (),
        aliases: str = "",
        defaults: tuple[float, ...] = (),
        domain: str = "",
        conventions: tuple[Convention, ...] = (),
        faults: tuple[Fault, ...] = (),
        samples: tuple[Any, ...] = (),
        ill_conditioned: tuple[Any, ...] = (),
        ulp: int = 8,
        is_commutative: bool = False,
        is_selection: bool = False,
        is_internal: bool = False,
        expansion: Rule | None = None,
        mathematics: Rule | None = None,
        textbook: tuple[Partial, ...] = (),
        is_tabled: bool = False,
        exponent: Rule | None = None,
        square: tuple[str, float, float] | None = None,
        derivative_text: tuple[str, ...] = (),
        parity: Literal["odd", "even", ""] = "",
        latex: str = "",
        libm: bool = False,
        doc: str,
        group: str,
    ) -> None:
        self.name = name
        self.symbol = SYMBOLS.get(name, "")
        self.evaluate = evaluate if arrays is not None else over_ieee(evaluate)
        self.arrays = evaluate if arrays is None else arrays
        self.body = evaluate if arrays is None else None
        self.partials = partials
        self.operands = tuple(operands.split())
        self.variadic = operands.startswith("*")  # one or more operands
        self.masks = masks or (None,) * len(partials)
        self.is_plain = not self.variadic and None not in partials and not any(self.masks)
        self.is_plain_binary = self.is_plain and len(partials) == 2
        self.aliases = tuple(aliases.split())
        self.defaults = defaults
        self.domain = domain
        self.conventions = conventions
        self.faults = faults
        self.samples = tuple(sample if isinstance(sample, tuple) else (sample,) for sample in samples)
        self.ill_conditioned = tuple(sample if isinstance(sample, tuple) else (sample,) for sample in ill_conditioned)
        self.ulp = ulp
        self.is_commutative = is_commutative
        self.is_selection = is_selection
        self.is_internal = is_internal
        self.expansion = expansion
        self.mathematics = mathematics or self.body
        self.textbook = textbook or partials
        self.is_tabled = is_tabled
        self.exponent = exponent
        self.square = square
        self.derivative_text = derivative_text
        self.parity = parity
        self.latex = latex
        self.libm = libm
        self.doc = doc
        self.group = group
        if group:
            for known in (name, *self.aliases):
                TABLE.setdefault(known, []).append(self)

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Return how a row of the table is copied and pickled: by its name, as functions are."""
        rows = TABLE.get(self.name, [])
        if self in rows:
            return row_of, (self.name, rows.index(self))
        return super().__reduce_ex__(max(protocol, 2))  # the first with slots

    @property
    def is_typed(self) -> bool:
        """Whether users call it by name: it is not internal, and not written as an operator."""
        return not self.is_internal and (not self.symbol or self.name == "pow")

    @property
    def fixed_operands(self) -> tuple[int, ...]:
        """The operands that it is not differentiable by, as indices."""
        return tuple(index for index, partial in enumerate(self.partials) if partial is no_partial)

    @property
    def differentiability(self) -> str:
        """What it is differentiable by, for those that are not so by every operand: `gammainc(a, x) ... by x only`."""
        others = [name for index, name in enumerate(self.operands) if index not in self.fixed_operands]
        return f"{self.name}({', '.join(self.operands)}) is differentiable by {', '.join(others)} only"

    def takes(self, count: int) -> bool:
        """Return whether a call with `count` operands is valid, given the defaults."""
        if self.variadic:
            return count >= 1
        return len(self.operands) - len(self.defaults) <= count <= len(self.operands)

    def complete(self, count: int) -> tuple[float, ...]:
        """Return the defaults of the operands that a call with `count` operands omits."""
        missing = 0 if self.variadic else len(self.operands) - count
        return self.defaults[len(self.defaults) - missing :] if missing else ()

    def __call__(self, *operands: Any) -> Any:
        for operand in operands:
            kind = operand.__class__
            if kind is not float and kind is not int:
                if isinstance(operand, Operand):
                    return operand.apply(self, *operands)
                if not issubclass(kind, FixedNumber):
                    return self.on_arrays(*operands)
        return self.evaluate(*operands)

    def on_arrays(self, *operands: Any) -> Any:
        """Apply the operation elementwise to arrays that broadcast together. Return doubles, without warnings."""
        import numpy

        with numpy.errstate(all="ignore"):
            result = self.array_function()(*(numpy.asarray(operand, dtype=numpy.float64) for operand in operands))
        return numpy.asarray(result, dtype=numpy.float64)

    def array_function(self) -> Callable[..., Any]:
        """Return the function of arrays. Comparisons return arrays of booleans."""
        if not isinstance(self.arrays, str):
            return self.arrays
        import numpy

        function: Callable[..., Any] = getattr(numpy, self.arrays)
        return function

    def contributions(
        self,
        adjoint: Any,
        operands: Sequence[Operand],
        arguments: Sequence[Any],
        numbers: Sequence[float],
        skipped: type,
    ) -> list[tuple[Any, Any]]:
        """Take one step of the chain rule: return each operand that receives a contribution, with the contribution.

        `arguments` are the operands and the result in the class of the adjoint. `numbers` are the same as floats; they
        decide the masks. Operands of the class `skipped` are constants and receive nothing.
        """
        if self.is_plain:
            return [
                (operand, adjoint * (partial if partial.__class__ is float else at(partial, *arguments)))
                for operand, partial in zip(operands, self.partials)  # noqa: B905
                if operand.__class__ is not skipped
            ]
        numbers = [
            FixedNumber(number) if operand.__class__ is skipped else number
            for operand, number in zip((*operands, None), numbers, strict=True)
        ]
        return [
            (operand, adjoint * (at(partial, *arguments) if callable(partial) else partial))
            for operand, partial, mask in self.local_rules(operands, arguments, numbers)
            if operand.__class__ is not skipped and partial is not None and (mask is None or mask_at(mask, *numbers))
        ]

    def local_rules(
        self,
        operands: Sequence[Any],
        arguments: Sequence[Any],
        numbers: Sequence[Any] | None = None,
        partials: tuple[Partial, ...] | None = None,
    ) -> Iterable[tuple[Any, Any, Any]]:
        """Return each operand with its partial and its mask, either of which may be a rule to call or a value.

        `arguments` are the operands and the result in one class, in which partials are computed. Masks are computed in
        `numbers`, which are `arguments` by default. `partials` are the rules, by default those of evaluation.
        """
        partials = self.partials if partials is None else partials
        if not self.variadic:
            return zip(operands, partials, self.masks, strict=True)
        (rule,), (mask,) = partials, self.masks
        assert callable(rule)
        masks = repeat(None) if mask is None else mask(*(arguments if numbers is None else numbers))
        return zip(operands, at(rule, *arguments), masks, strict=mask is not None)


def at(rule: Any, *arguments: Any) -> Any:
    """Evaluate a rule at the operands and the result; over floats with IEEE 754 semantics where Python would raise."""
    try:
        return rule(*arguments)
    except ArithmeticError:
        answer = rule(*map(Real, arguments))
        return list(map(float, answer)) if isinstance(answer, list) else float(answer)


def mask_at(mask: Any, *arguments: Any) -> Any:
    """Evaluate a mask at the operands and the result, in their class; `None` lets everything through."""
    return mask(*arguments) if callable(mask) else mask


def is_constant(operand: Any) -> bool:
    """Return whether an operand of a rule is the same number at every point."""
    return getattr(operand, "number", None) is not None


def over_ieee(evaluate: Callable[..., float]) -> Callable[..., float]:
    """Return an evaluation in plain arithmetic that follows IEEE 754 where Python's floats would raise."""

    def ieee(*operands: float) -> float:
        try:
            return float(evaluate(*operands))
        except ArithmeticError:
            return float(evaluate(*map(Real, operands)))

    return ieee


def row_of(name: str, index: int) -> Operation:
    """Return one of the rows of a name."""
    return TABLE[name][index]


TABLE: dict[str, list[Operation]] = {}
"""Every row under its name and its aliases, in the order of definition. Rows of one name differ in the number of
operands.
"""
