"""The record of a minimum or a maximum, or of where the search for one ended."""

import math
from dataclasses import dataclass, field
from typing import TypeAlias

from mgrad_cli.analysis.objective import Evaluations, Iterate
from mgrad_cli.evaluation.diagnosis import number

Bound: TypeAlias = tuple[float, float]
KINDS = {
    "minimum": "a minimum: the gradient is zero and the Hessian positive definite",
    "maximum": "a maximum: the gradient is zero and the Hessian negative definite",
    "degenerate": "an extremum where the Hessian is singular, but the function rises (or falls) on all sides",
    "flat": "an extremum with directions along which the function does not change",
    "kink": "an extremum where the function is not smooth",
    "jump": "an extremum where the function is not continuous",
    "saddle": "a stationary point with lower and higher points beside it; `inflection` for one variable",
    "inflection": "a stationary point with a lower and a higher side",
    "edge": "the end of the domain: beyond it the function has no value or no derivatives",
    "slope": "a point that is not stationary, from which the search could not go on",
    "unbounded": "the function falls (or rises) without bound",
    "vanishing": "the function approaches a value that it does not reach, as the variables run to infinity",
    "undefined": "the function has no value, or no derivatives, at the start",
}
"""What a point may be."""
FOUND = frozenset({"degenerate", "flat", "kink", "jump"})
"""What counts as a minimum or maximum beside a regular one."""
MAX_ROWS = 40
"""The most rows of a table in a notebook."""


@dataclass(frozen=True, slots=True, eq=False)
class PassedPoint:
    """A stationary point that is no minimum, at which the search was and which it left."""

    kind: str
    point: dict[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Extremum:
    """A minimum of an expression, or a maximum, or where the search for one ended.

    expr            the text of the expression
    goal            `minimum` or `maximum`
    kind            what the point is, one of KINDS
    point           the value of each unknown there
    value           the value of the expression
    gradient        its partial derivative by each unknown; not zero at an active bound
    gradient_norm   the length of the gradient by the unknowns that are not at an active bound
    eigenvalues     those of the Hessian by the same unknowns, ascending
    bounds          the bounds of the unknowns that have one, as (lower, upper)
    active          the unknowns at an active bound, with `lower` or `upper`
    parameters      the values of the other variables
    value_by        the derivative of the minimum by each parameter; empty where there is none
    point_by        the derivatives of each unknown by each parameter; empty where they do not exist
    passed          the saddles and other stationary points that the search left
    conventions     the rules at kinks on which the gradient at the point rests
    order           the power of the distance with which the function rises where its Hessian vanishes
    undefined       how many of the points tried the function has no value or no derivatives at
    path            the points that the search accepted, the start first
    """

    expr: str
    goal: str
    kind: str
    point: dict[str, float]
    value: float
    gradient: dict[str, float]
    gradient_norm: float
    eigenvalues: list[float]
    method: str
    evaluations: Evaluations
    bounds: dict[str, Bound]
    active: dict[str, str]
    parameters: dict[str, float]
    value_by: dict[str, float] = field(default_factory=dict)
    point_by: dict[str, dict[str, float]] = field(default_factory=dict)
    passed: list[PassedPoint] = field(default_factory=list)
    conventions: list[str] = field(default_factory=list)
    order: float = math.nan
    path: list[Iterate] = field(default_factory=list)

    @property
    def is_found(self) -> bool:
        """Whether the point is a minimum or maximum, as far as the samples around it tell."""
        return self.kind == self.goal or self.kind in FOUND

    @property
    def iterations(self) -> int:
        return len(self.path) - 1

    def _repr_html_(self) -> str:
        """Return the point, and how it moves with the parameters, as an HTML table with the verdict below it."""
        from html import escape

        from mgrad_cli.analysis.verdicts import verdict
        from mgrad_cli.text import printable

        heads = ["", self.goal, "gradient", *(f"d/d{name}" for name in self.parameters)]
        rows = [(name, value, self.gradient[name], self.point_by.get(name, {})) for name, value in self.point.items()]
        lines = [f"<tr>{''.join(f'<th>{escape(printable(head))}</th>' for head in heads)}</tr>"]
        for name, value, gradient, slopes in [*rows[:MAX_ROWS], ("value", self.value, math.nan, self.value_by)]:
            numbers = [value, gradient, *(slopes.get(parameter, math.nan) for parameter in self.parameters)]
            cells = "".join(f"<td>{'' if math.isnan(each) else number(each)}</td>" for each in numbers)
            lines.append(f"<tr><td>{escape(printable(name))}</td>{cells}</tr>")
        return f"<table>{''.join(lines)}</table><p>{escape(verdict(self))}</p>"

    def __repr__(self) -> str:
        return f"Extremum({self.kind!r}, value={self.value!r}, point={self.point!r})"
