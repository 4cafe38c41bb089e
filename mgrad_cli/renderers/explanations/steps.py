"""A recorded computation as a lesson: what is said of each step, whatever it is written for."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.evaluation.gradcheck import Check
from mgrad_cli.evaluation.results import Strict
from mgrad_cli.evaluation.tape import Contribution, NodeRecord, Tape
from mgrad_cli.renderers import Renderers, View, from_module

LEGEND = (
    "Forward, each node is computed from its operands. Backward, from the output on,",
    "a node adds to each operand's gradient its own gradient * the local derivative.",
)
DIGITS = 6
EXACT = 1e12
"""Whole numbers below it are shown as they are."""
ROUNDED = f"figures rounded to {DIGITS} digits; --json has them whole"


@dataclass(frozen=True, slots=True)
class Lesson:
    """A tape, its gradients checked numerically, and the one step of the backward pass to show, from 1, if any."""

    tape: Tape
    checks: list[Check]
    step: int | None = None

    @property
    def shown(self) -> list[tuple[int, NodeRecord]]:
        """The steps to show, with their numbers."""
        steps = list(enumerate(self.tape.steps, 1))
        return steps if self.step is None else steps[self.step - 1 : self.step]


class Words:
    """Sentences about a tape, and whether any figure in them was rounded."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.was_rounded = False

    def rounded(self, value: float) -> float:
        if value.is_integer() and abs(value) < EXACT:
            return value
        short = float(f"{value:.{DIGITS}g}")
        self.was_rounded |= short != value and value == value
        return short

    def figure(self, value: float) -> str:
        return number(self.rounded(value))

    def gradient(self, entry: NodeRecord) -> str:
        """`dL/da`."""
        return f"d{self.tape.result.name}/d{entry.name}"

    def numbers(self, entry: NodeRecord) -> str:
        return self.tape.substituted(entry, self.rounded)

    def operand(self, pull: Contribution) -> str:
        return self.gradient(self.tape.entries[pull.operand])

    def product(self, entry: NodeRecord, pull: Contribution) -> str:
        """`dL/dc * b`, or why nothing flows back."""
        return f"{self.gradient(entry)} * {pull.formula}"

    def share(self, entry: NodeRecord, pull: Contribution) -> str:
        """`5 * 3 = 15`."""
        assert entry.grad is not None
        return f"{self.figure(entry.grad)} * {self.figure(pull.slope)} = {self.figure(pull.share)}"

    def accumulation(self, pull: Contribution) -> str:
        """`dL/da = 6 + 15 = 21` where something had come before, or nothing."""
        if pull.before is None or pull.nothing:
            return ""
        parts = " + ".join(map(self.figure, (pull.before, pull.share)))
        return f"{self.operand(pull)} = {parts} = {self.figure(pull.total)}"


def as_json(lesson: Lesson, view: View) -> Iterator[str]:
    """One object: the nodes in the order of evaluation, the steps of the backward pass, and the checks."""
    tape = lesson.tape
    finite = Strict()

    def members(values: dict[str, Any], pointer: str) -> dict[str, Any]:
        return {key: finite(value, f"{pointer}/{key}") for key, value in values.items()}

    result = tape.result
    grads = {entry.label: entry.grad for entry in tape.inputs}
    record: dict[str, Any] = {"v": 1, "expr": tape.expr, "vars": members(tape.vars, "/vars")}
    record["value"] = finite(result.data, "/value")
    record["grads"] = members(grads, "/grads")
    record["output"] = tape.output
    record["nodes"] = [node_members(entry, members) for entry in tape.entries]
    record["steps"] = [
        {
            "step": step,
            "node": entry.id,
            "grad": finite(entry.grad, f"/steps/{pointer}/grad"),
            "adds": [
                members(pull_members(pull), f"/steps/{pointer}/adds/{index}") for index, pull in enumerate(entry.pulls)
            ],
        }
        for pointer, (step, entry) in enumerate(lesson.shown)
    ]
    record["checks"] = [members(asdict(check), f"/checks/{pointer}") for pointer, check in enumerate(lesson.checks)]
    if tape.conventions:
        record["conventions"] = list(tape.conventions)
    if finite.nonfinite:
        record["nonfinite"] = finite.nonfinite
    yield f"{json.dumps(record, allow_nan=False)}\n"


def node_members(entry: NodeRecord, members: Any) -> dict[str, Any]:
    shown = {"id": entry.id, "name": entry.name, "label": entry.label, "op": entry.op, "formula": entry.formula}
    figures = {"data": entry.data, "grad": entry.grad}
    return {**shown, "operands": list(entry.operands), **members(figures, f"/nodes/{entry.id}")}


def pull_members(pull: Contribution) -> dict[str, Any]:
    shown = {"operand": pull.operand, "formula": pull.formula, "slope": pull.slope, "share": pull.share}
    reason = {"nothing": pull.nothing} if pull.nothing else {}
    return {**shown, "before": pull.before, "total": pull.total, **reason}


LESSON_FORMATS: Renderers[Lesson] = {
    "text": from_module("explanations.text", "lesson"),
    "markdown": from_module("explanations.markdown", "lesson"),
    "json": as_json,
}
