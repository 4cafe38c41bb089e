"""What an operation is: one row, that says how it is evaluated and what its partial derivatives are.

A row is itself a function. Called on floats it gives a float, on arrays an array, and on operands of any other
kind (a `Value`, a formula) whatever that kind's `apply` makes of it. Rules are written once, as ordinary
functions of the operands and the result, in plain arithmetic and calls of other rows; so each rule has as many
readings as there are kinds of operands.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from typing import Any, Literal, NamedTuple, TypeAlias

from mgrad_cli.operations.operand import Operand, Real

Rule: TypeAlias = Callable[..., Any]
"""A function of the operands and the result, over number-likes."""

Partial: TypeAlias = Rule | float | None
"""The derivative with respect to one operand: a rule, a number where it is constant, or `None` where it is zero
everywhere, so that nothing flows back, not even zero times infinity."""

SYMBOLS = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "pow": "**", "negative": "-",
    "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "==", "not_equal": "!=",
    "logical_and": "and", "logical_or": "or", "logical_not": "not",
}  # fmt: skip
"""The operations that the language writes between or before their operands."""


class Convention(NamedTuple):
    """A derivative that mathematics leaves open, and the answer given here; results refer to it by `where`."""

    where: str
    gradient: str
    applies: Callable[..., bool]
    """Whether these operands, as floats, are at the edge."""
    operand: int | None = None
    """The operand whose gradient it decides; by default any."""
    at_boundary: bool = False
    """Whether it is for points where the condition, the first operand, changes; it applies at those alone."""


class Fault(NamedTuple):
    """Why a result is not finite: what to say of it, and whether it is so for these operands, as floats."""

    reason: str
    applies: Callable[..., bool]


class Operation:
    """One row of the table. `name` and the names of the operands are how it is called; `doc` is one line, and
    `group` the heading that tables of functions show it under, which is the name of its module.

    evaluate         a function of floats that returns a float and raises nothing, IEEE 754 throughout
    arrays           the name of NumPy's function, or a function of arrays that takes `out=` as those do; by default
                     `evaluate` is the operation's `body`, written over rows, and serves for arrays too
    partials         one for each operand; for any number of operands, one function that returns a list of them
    masks            for each operand `None`, or a rule whose zero keeps the operand from receiving anything, whatever
                     the adjoint and the partial are; for any number of operands, one function that returns a list
    defaults         the values of operands that may be left out, from the right
    domain           where the result is a number, for people
    samples          operands at which the tests hold the partials, first and second, to `ulp` units in the last place
    ill_conditioned  operands where they cannot: near a zero of the derivative, where terms cancel
    is_selection     whether its masks select operands everywhere, and do not only decide what is open at an edge
    is_internal      whether it only serves other rows' accuracy; formulas for people show its `expansion` instead
    expansion        the operation in formulas for people, as a rule; by default its own name
    derivative_text  the derivatives for people, where the rules do not read as formulas
    parity           whether the function is odd or even, so that formulas can take a sign out of its operand
    latex            LaTeX's command for the function; by default its name in upright letters
    libm             whether C's mathematical library has the function under the same name
    """

    __slots__ = (
        "aliases", "arrays", "body", "conventions", "defaults", "derivative_text", "doc", "domain", "evaluate",
        "expansion", "faults", "group", "ill_conditioned", "is_internal", "is_plain", "is_plain_binary",
        "is_selection", "latex", "libm", "masks", "name", "operands", "parity", "partials", "samples", "symbol",
        "ulp", "variadic",
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
        is_selection: bool = False,
        is_internal: bool = False,
        expansion: Rule | None = None,
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
        self.variadic = operands.startswith("*")  # any number of operands, one at least
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
        self.is_selection = is_selection
        self.is_internal = is_internal
        self.expansion = expansion
        self.derivative_text = derivative_text
        self.parity = parity
        self.latex = latex
        self.libm = libm
        self.doc = doc
        self.group = group
        for known in (name, *self.aliases):
            TABLE.setdefault(known, []).append(self)

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    @property
    def is_typed(self) -> bool:
        """Whether people call it by its name: it serves no other row, and is not written as an operator."""
        return not self.is_internal and (not self.symbol or self.name == "pow")

    def takes(self, count: int) -> bool:
        """Whether it can be called with this many operands, some perhaps left to their defaults."""
        if self.variadic:
            return count >= 1
        return len(self.operands) - len(self.defaults) <= count <= len(self.operands)

    def complete(self, count: int) -> tuple[float, ...]:
        """The defaults of the operands that a call with `count` of them left out."""
        missing = 0 if self.variadic else len(self.operands) - count
        return self.defaults[len(self.defaults) - missing :] if missing else ()

    def __call__(self, *operands: Any) -> Any:
        for operand in operands:
            kind = operand.__class__
            if kind is not float and kind is not int:
                if isinstance(operand, Operand):
                    return operand.apply(self, *operands)
                return self.on_arrays(*operands)
        return self.evaluate(*operands)

    def on_arrays(self, *operands: Any) -> Any:
        """The operation elementwise over arrays of doubles that broadcast together; IEEE 754, and silent."""
        import numpy

        with numpy.errstate(all="ignore"):
            result = self.array_function()(*(numpy.asarray(operand, dtype=numpy.float64) for operand in operands))
        return numpy.asarray(result, dtype=numpy.float64)

    def array_function(self) -> Callable[..., Any]:
        """The function of arrays; a comparison returns an array of booleans."""
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
        """Take one step of the chain rule: return each operand that receives something, with what it receives.

        `arguments` are the operands and the result as number-likes of the adjoint's kind, and `numbers` the same as
        floats, which decide the masks. Operands of the class `skipped` are constants and receive nothing.
        """
        if self.is_plain:
            return [
                (operand, adjoint * (partial if partial.__class__ is float else at(partial, *arguments)))
                for operand, partial in zip(operands, self.partials)  # noqa: B905
                if operand.__class__ is not skipped
            ]
        return [
            (operand, adjoint * (at(partial, *arguments) if callable(partial) else partial))
            for operand, partial, mask in self.local_rules(operands, arguments, numbers)
            if operand.__class__ is not skipped and partial is not None and (mask is None or mask_at(mask, *numbers))
        ]

    def local_rules(
        self, operands: Sequence[Any], arguments: Sequence[Any], numbers: Sequence[Any] | None = None
    ) -> Iterable[tuple[Any, Any, Any]]:
        """Return each operand with its partial and its mask, both of them rules still to be called or number-likes.

        `arguments` are the operands and the result as number-likes of one kind, that partials are computed in; masks
        are computed in `numbers`, which by default are the same.
        """
        if not self.variadic:
            return zip(operands, self.partials, self.masks, strict=True)
        (rule,), (mask,) = self.partials, self.masks
        assert callable(rule)
        masks = repeat(None) if mask is None else mask(*(arguments if numbers is None else numbers))
        return zip(operands, at(rule, *arguments), masks, strict=mask is not None)


def at(rule: Any, *arguments: Any) -> Any:
    """A rule at the operands and the result: over floats by IEEE 754, which answers where Python's floats raise."""
    try:
        return rule(*arguments)
    except ArithmeticError:
        answer = rule(*map(Real, arguments))
        return list(map(float, answer)) if isinstance(answer, list) else float(answer)


def mask_at(mask: Any, *arguments: Any) -> Any:
    """A mask at the operands and the result: of the kind that these are, or `None` where everything passes."""
    return mask(*arguments) if callable(mask) else mask


def over_ieee(evaluate: Callable[..., float]) -> Callable[..., float]:
    """An evaluation written in plain arithmetic, made to follow IEEE 754 where Python's floats would raise."""

    def ieee(*operands: float) -> float:
        try:
            return float(evaluate(*operands))
        except ArithmeticError:
            return float(evaluate(*map(Real, operands)))

    return ieee


TABLE: dict[str, list[Operation]] = {}
"""Every row under its name and its aliases, in the order of definition; a name may have rows that differ in the
number of operands."""
