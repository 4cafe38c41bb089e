"""Find where a value or gradient lost digits: the rounding that matters most, and the operation that amplifies it."""

import math
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from mgrad_cli.errors import Span
from mgrad_cli.evaluation.accuracy import WARNED_DIGITS, Trace
from mgrad_cli.evaluation.diagnosis import Finding, describe
from mgrad_cli.evaluation.graph import Graph, first_use
from mgrad_cli.operations.rounding import SUBNORMAL, rounding_rule
from mgrad_cli.text import counted
from mgrad_cli.value import Value

MAX_WARNINGS = 3
"""The most warnings that name a place. Further ones are counted."""
NEAR = 0.25
"""A node of the formula is named before one of the backward pass if its error is at least this share of the largest."""
MAGNIFIED = 10.0
"""The least factor between the relative errors of operand and result for which an operation amplifies an error."""
ADVICE = "--certify computes it exactly"


class Place(NamedTuple):
    """The reason for a loss of digits, with its place in the text and its node in the graph.

    is_backward     whether the loss is in the gradient of the node
    """

    reason: str
    span: Span | None = None
    node: int | None = None
    is_backward: bool = False


class Loss(NamedTuple):
    """A value or gradient that has lost digits: its name, its correct digits, and the place of the loss."""

    figure: str
    digits: float
    place: Place

    def __str__(self) -> str:
        return f"{self.figure} has {right_digits(self.digits)}: {self.place.reason}"


def right_digits(digits: float) -> str:
    """Return a text such as `about 5 right digits`."""
    whole = int(digits)
    return f"about {counted(whole, 'right digit')}" if whole else "no right digits"


def losses(graph: Graph, trace: Trace, names: Sequence[str], digits: Sequence[float]) -> list[Loss]:
    """Return the finite figures with few right digits: of the value of a graph, and of gradients by name."""
    search = Search(graph, trace)
    found = []
    for number, (figure, right) in enumerate(zip(trace.figures, digits, strict=True)):
        if right < WARNED_DIGITS and math.isfinite(trace.nodes[figure].data):
            name = f"d_{names[number - 1]}" if number else "value"
            found.append(Loss(name, right, search.place(figure, is_gradient=number > 0)))
    return found


def warnings(found: Sequence[Loss], source: str, advice: str = "") -> list[Finding]:
    """Return the warnings: the first losses, each with its place, and the number of others."""
    said = [Finding(f"{loss}{advice and '; '}{advice}", source, loss.place.span) for loss in found[:MAX_WARNINGS]]
    if more := len(found) - len(said):
        has = "1 more figure has" if more == 1 else f"{more:,} more figures have"
        option = "; --accuracy shows them all" if advice else ""
        said.append(Finding(f"{has} fewer than {WARNED_DIGITS} right digits{option}", "", None))
    return said


class Search:
    """A trace, with the node of the formula for the entries that have one."""

    def __init__(self, graph: Graph, trace: Trace) -> None:
        self.graph = graph
        self.trace = trace
        self.places: dict[int, int] = {}
        for place, node in enumerate(graph.nodes):
            if node in trace.indices:
                self.places.setdefault(trace.indices[node], place)

    def place(self, entry: int, is_gradient: bool) -> Place:
        """Return the place where a figure lost its digits."""
        trace = self.trace
        if is_gradient and (wrong := trace.decisive_doubts()):
            return self.at(wrong[0], f"rounding decides the outcome of {self.piece(wrong[0])}")
        adjoints = trace.adjoints_of(entry)
        origin = self.origin(adjoints)
        while origin in trace.flat:
            entry = trace.flat[origin]
            adjoints = trace.adjoints_of(entry)
            origin = self.origin(adjoints)
        node = trace.nodes[origin]
        operation = node._operation
        if operation is not None and rounding_rule(operation) is None:
            return self.at(origin, f"rounding decides the outcome of {self.piece(origin)}")
        infinite = [operand for operand in (node, *node._prev) if math.isinf(operand.data)]
        if infinite and (overflow := self.overflow(origin)) is not None:
            return self.at(overflow, f"overflow in {self.piece(overflow)}")
        if operation is not None and abs(node.data) < SUBNORMAL and origin in self.places:
            return self.at(origin, f"underflow in {self.piece(origin)}")
        if origin not in self.places:
            return self.at(origin, f"cancellation in {self.gradient_of(origin, entry)}")
        rounded = f"the rounding of {self.piece(origin)}"
        magnifying = self.magnifying(origin, adjoints)
        if magnifying is None:
            return self.at(origin, f"rounding errors add up, most of all in {self.piece(origin)}")
        row = trace.nodes[magnifying]._operation
        is_sum = row is not None and row.name in {"add", "subtract"}
        if magnifying not in self.places:
            what = f"{'cancellation in ' if is_sum else ''}{self.gradient_of(magnifying, entry)}"
            return self.at(origin, f"{what} magnifies {rounded}", self.owners.get(magnifying))
        if is_sum:
            return self.at(magnifying, f"cancellation in {self.piece(magnifying)}")
        return self.at(origin, f"{self.piece(magnifying)} magnifies {rounded}")

    def overflow(self, last: int) -> int | None:
        """Return the first node of the formula that overflowed, up to an entry."""
        overflows = [entry for entry in self.places if entry <= last and self.trace.errors[entry] == math.inf]
        return min(overflows, key=self.places.__getitem__, default=None)

    def origin(self, adjoints: Sequence[float]) -> int:
        """Return the entry whose rounding matters most, preferably the first of the formula with a similar effect."""
        errors = self.trace.errors
        terms = [abs(each) * error if each and error else 0.0 for each, error in zip(adjoints, errors, strict=False)]
        terms = [math.inf if term != term else term for term in terms]
        largest = max(terms)
        shown = [entry for entry in self.places if entry < len(terms) and terms[entry] >= NEAR * largest]
        return min(shown) if shown else terms.index(largest)

    def magnifying(self, origin: int, adjoints: Sequence[float]) -> int | None:
        """Return the entry where the origin's error grows most, relative to the numbers; `None` if it hardly grows."""
        trace = self.trace
        errors = [0.0] * len(adjoints)
        errors[origin] = trace.errors[origin]
        found, most = None, MAGNIFIED
        for entry in range(origin + 1, len(adjoints)):
            touched = [(operand, slope) for operand, slope in trace.operands[entry] if errors[operand]]
            if not touched:
                continue
            errors[entry] = sum(slope * errors[operand] for operand, slope in touched)
            before = max(relative(errors[operand], trace.nodes[operand].data) for operand, _ in touched)
            after = relative(errors[entry], trace.nodes[entry].data)
            if adjoints[entry] and after > most * before:
                found, most = entry, after / before if before else math.inf
        return found

    def at(self, entry: int, reason: str, backward: Value | None = None) -> Place:
        """Return the place of an entry. An entry of the backward pass belongs to the node whose gradient it adds to."""
        owner = self.owners.get(entry) if backward is None and entry not in self.places else backward
        shown = self.places.get(entry)
        node = shown if owner is None else self.places.get(self.trace.indices[owner])
        if shown is None:
            shown = node
        if shown is None:
            return Place(reason)
        value = self.graph.nodes[shown]
        return Place(
            reason, self.graph.spans[shown] or first_use(value.label, self.graph.script), node, owner is not None
        )

    def piece(self, entry: int) -> str:
        """Return the text of an entry of the formula."""
        return describe(self.graph, self.places[entry])

    def gradient_of(self, entry: int, figure: int) -> str:
        """Return the name of the gradient that an entry of the backward pass adds to."""
        owner = self.owners.get(entry)
        if owner is None or self.trace.indices[self.trace.adjoints[owner]] == figure:
            return "the derivative"
        return f"the gradient of {self.piece(self.trace.indices[owner])}"

    @cached_property
    def owners(self) -> dict[int, Value]:
        """Return the node whose gradient each entry of the backward pass adds to."""
        adjoints, indices = self.trace.adjoints, self.trace.indices
        owned: dict[int, Value] = {}
        seen: set[Value] = set(adjoints)
        for node, adjoint in reversed(adjoints.items()):
            stack: list[Value] = [adjoint]
            while stack:
                each = stack.pop()
                if each not in seen:
                    seen.add(each)
                    if each in indices:
                        owned.setdefault(indices[each], node)
                    stack += each._prev
        return owned


def relative(error: float, number: float) -> float:
    return abs(error / number) if number else math.inf
