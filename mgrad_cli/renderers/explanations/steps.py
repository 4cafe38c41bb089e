"""The sentences of explanations, shared by all formats, and their JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mgrad_cli.evaluation.calls import CallRecord
from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.evaluation.gradcheck import Check
from mgrad_cli.evaluation.json_record import Strict, sides_members
from mgrad_cli.evaluation.tape import Contribution, NodeRecord, Tape
from mgrad_cli.renderers import Renderers, View, from_module
from mgrad_cli.renderers.json_lines import encode
from mgrad_cli.renderers.rounding import rounded, rounding_note
from mgrad_cli.text import printable

if TYPE_CHECKING:
    from mgrad_cli.series.sides import SidesReport

LEGEND = (
    "Forward, each node is computed from its operands. Backward, from the output on,",
    "a node adds to each operand's gradient its own gradient * the local derivative.",
)
DIGITS = 6


@dataclass(frozen=True, slots=True)
class ExplanationContent:
    """A tape, the numerical checks of its gradients, and optionally the one step to show, from 1."""

    tape: Tape
    checks: list[Check]
    step: int | None = None
    sides: "SidesReport | None" = None

    @property
    def shown(self) -> list[tuple[int, NodeRecord]]:
        """The steps to show, with their numbers."""
        steps = list(enumerate(self.tape.steps, 1))
        return steps if self.step is None else steps[self.step - 1 : self.step]


def lost_digits(content: ExplanationContent) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """Return what to say of lost digits, by the node of the forward pass and by the step of the backward pass."""
    last = {each.operand: node.id for node in content.tape.steps for each in node.contributions if not each.nothing}
    forward: dict[int, list[str]] = {}
    backward: dict[int, list[str]] = {}
    for loss in content.tape.losses:
        place = loss.place
        if place.node is not None and place.is_backward and place.node in last:
            backward.setdefault(last[place.node], []).append(str(loss))
        elif place.node is not None:
            forward.setdefault(place.node, []).append(str(loss))
    return forward, backward


class Words:
    """The sentences about a tape, with figures of some digits; `was_rounded` tells whether any was rounded."""

    def __init__(self, tape: Tape, digits: int | None = None) -> None:
        self.tape = tape
        self.digits = digits or DIGITS
        self.was_rounded = False

    def rounded(self, value: float) -> float:
        short = rounded(value, self.digits)
        self.was_rounded |= short != value and value == value
        return short

    @property
    def rounding(self) -> str:
        """The note that figures were rounded; empty if none was."""
        return rounding_note(self.digits, "--json") if self.was_rounded else ""

    def figure(self, value: float) -> str:
        return number(self.rounded(value))

    def gradient(self, node: NodeRecord) -> str:
        """Return `dL/da`."""
        return printable(f"d{self.tape.result.name}/d{node.name}")

    def numbers(self, node: NodeRecord) -> str:
        return printable(self.tape.substituted(node, self.rounded))

    def operand(self, contribution: Contribution) -> str:
        return self.gradient(self.tape.nodes[contribution.operand])

    def product(self, node: NodeRecord, contribution: Contribution) -> str:
        """Return `dL/dc * b`."""
        return printable(f"{self.gradient(node)} * {contribution.formula}")

    def amount(self, node: NodeRecord, contribution: Contribution) -> str:
        """Return `5 * 3 = 15`."""
        assert node.grad is not None
        return f"{self.figure(node.grad)} * {self.figure(contribution.partial)} = {self.figure(contribution.amount)}"

    def accumulation(self, contribution: Contribution) -> str:
        """Return `dL/da = 6 + 15 = 21`, or an empty text if nothing had been added before."""
        if contribution.before is None or contribution.nothing:
            return ""
        parts = " + ".join(map(self.figure, (contribution.before, contribution.amount)))
        return f"{self.operand(contribution)} = {parts} = {self.figure(contribution.total)}"


def as_json(content: ExplanationContent, view: View) -> Iterator[str]:
    """Yield one object: the nodes in the order of evaluation, the steps of the backward pass, and the checks."""
    tape = content.tape
    finite = Strict()

    def members(values: dict[str, Any], pointer: str) -> dict[str, Any]:
        return {key: finite(value, f"{pointer}/{key}") for key, value in values.items()}

    result = tape.result
    grads = {node.label: node.grad for node in tape.inputs}
    record: dict[str, Any] = {"v": 1, "expr": tape.expr, "vars": members(tape.vars, "/vars")}
    record["value"] = finite(result.data, "/value")
    record["grads"] = members(grads, "/grads")
    record["output"] = tape.output
    record["nodes"] = [node_members(node, members) for node in tape.nodes]
    if tape.calls:
        record["calls"] = [call_members(call) for call in tape.calls]
    record["steps"] = [
        {
            "step": step,
            "node": node.id,
            "grad": finite(node.grad, f"/steps/{pointer}/grad"),
            "adds": [
                members(contribution_members(contribution), f"/steps/{pointer}/adds/{index}")
                for index, contribution in enumerate(node.contributions)
            ],
        }
        for pointer, (step, node) in enumerate(content.shown)
    ]
    record["checks"] = [members(check.members, f"/checks/{pointer}") for pointer, check in enumerate(content.checks)]
    if tape.conventions:
        record["conventions"] = list(tape.conventions)
    if content.sides is not None:
        record["sides"] = sides_members(content.sides)
    if finite.nonfinite:
        record["nonfinite"] = finite.nonfinite
    yield f"{encode(record)}\n"


def node_members(node: NodeRecord, members: Any) -> dict[str, Any]:
    shown = {"id": node.id, "name": node.name, "label": node.label, "op": node.op, "formula": node.formula}
    figures = {"data": node.data, "grad": node.grad}
    call = {} if node.call is None else {"call": node.call}
    return {**shown, "operands": list(node.operands), **members(figures, f"/nodes/{node.id}"), **call}


def call_members(call: CallRecord) -> dict[str, Any]:
    shown: dict[str, Any] = {"call": call.text}
    if call.definition:
        shown["definition"] = call.definition
    return shown if call.outer is None else {**shown, "in": call.outer}


def entered(tape: Tape, node: NodeRecord, before: NodeRecord | None) -> list[CallRecord]:
    """Return the calls that a node is part of and the node before it is not, from the outermost."""
    known = set(calls_of(tape, before))
    return [tape.calls[index] for index in reversed(calls_of(tape, node)) if index not in known]


def calls_of(tape: Tape, node: NodeRecord | None) -> list[int]:
    """Return the indices of the calls that a node is part of, from the innermost."""
    found = []
    index = None if node is None else node.call
    while index is not None:
        found.append(index)
        index = tape.calls[index].outer
    return found


def heading(call: CallRecord) -> str:
    """Return `f(a, 2), where f(x) = ...`."""
    return f"{call.text}, where {call.definition}" if call.definition else call.text


def contribution_members(contribution: Contribution) -> dict[str, Any]:
    shown = {
        "operand": contribution.operand,
        "formula": contribution.formula,
        "slope": contribution.partial,
        "share": contribution.amount,
        "before": contribution.before,
        "total": contribution.total,
    }
    return {**shown, "nothing": contribution.nothing} if contribution.nothing else shown


EXPLANATION_FORMATS: Renderers[ExplanationContent] = {
    "text": from_module("explanations.text", "explanation"),
    "markdown": from_module("explanations.markdown", "explanation"),
    "json": as_json,
}
