"""Explanations for the terminal: the forward pass, the backward pass step by step, and the checked result."""

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import TypeVar

from rich.cells import cell_len
from rich.text import Text

from mgrad_cli.evaluation.calls import CallRecord
from mgrad_cli.evaluation.tape import Contribution, NodeRecord
from mgrad_cli.renderers import View
from mgrad_cli.renderers.explanations.steps import (
    LEGEND,
    ExplanationContent,
    Words,
    calls_of,
    entered,
    heading,
    lost_digits,
)
from mgrad_cli.renderers.tables.drawing import DATA, GRAD, QUIET, VERDICTS, WRONG, drawn
from mgrad_cli.text import printable, truncate

MAX_NODES = 100
"""The most lines of a pass that is shown whole."""
Item = TypeVar("Item")

MARGIN = "  "
HANG = 7
"""The indentation of what a step adds."""


def explanation(content: ExplanationContent, view: View) -> Iterator[str]:
    writer = ExplanationText(content, view)
    yield drawn(view.page, *writer.lines())
    if content.sides is not None:
        from mgrad_cli.renderers.tables.sides import sides

        yield f"\n{sides(content.sides, content.tape.vars, view.page)}"


class ExplanationText:
    """The lines of an explanation on a page of some width."""

    def __init__(self, content: ExplanationContent, view: View) -> None:
        self.content = content
        self.view = view
        self.tape = content.tape
        self.words = Words(content.tape, view.page.digits)
        self.lost_forward, self.lost_backward = lost_digits(content)
        self.width = max(40, view.page.width)

    def lines(self) -> Iterator[Text]:
        if self.view.title:
            yield Text(printable(self.view.title), "bold")
        yield from (Text(line, QUIET) for line in LEGEND)
        yield Text("")
        if self.content.step is None:
            yield Text("forward pass", "bold")
            yield from self.forward()
            yield Text("")
            yield Text("backward pass", "bold")
            result = self.tape.result
            yield Text(f"{MARGIN}   {self.words.gradient(result)} = 1").append("   the output", QUIET)
        for item in self.limited(self.content.shown):
            yield from self.left_out(len(self.content.shown)) if item is None else self.step(*item)
        if self.content.step is None:
            yield Text("")
            yield Text("result", "bold")
            yield from self.result()
        if self.words.rounding:
            yield Text(self.words.rounding, QUIET)

    def limited(self, items: Sequence[Item]) -> Iterator[Item | None]:
        """Yield the items, or the first and last of many with `None` between."""
        if self.view.all_nodes or len(items) <= MAX_NODES:
            yield from items
        else:
            yield from items[: MAX_NODES // 2]
            yield None
            yield from items[-MAX_NODES // 2 :]

    def left_out(self, count: int) -> Iterator[Text]:
        yield Text(f"{MARGIN}⋮  {count - MAX_NODES:,} left out; --all-nodes shows them", QUIET)

    def forward(self) -> Iterator[Text]:
        """Yield a line for each node: its name, its operation in names and in numbers, its value."""
        nodes = [node for node in self.tape.nodes if not node.is_constant or node is self.tape.result]
        shown = [node for node in self.limited(nodes) if node is not None]
        name_width = max(cell_len(node.name) + len(MARGIN) * len(calls_of(self.tape, node)) for node in shown)
        free = self.width - name_width - 24
        formulas = [cell_len(node.formula) for node in shown]
        formula_width = max((size for size in formulas if size <= free // 2), default=0)
        before = None
        for node in self.limited(nodes):
            if node is None:
                yield from self.left_out(len(nodes))
            else:
                yield from map(self.call, entered(self.tape, node, before))
                before = node
                yield from self.forward_lines(node, name_width, formula_width)
                yield from self.lost(self.lost_forward.get(node.id, ()), MARGIN + MARGIN)

    def call(self, call: CallRecord) -> Text:
        """Return a line that stands before the nodes of a call."""
        line = Text(f"{MARGIN}{MARGIN * call.depth}{printable(heading(call))}:", QUIET)
        line.truncate(self.width, overflow="ellipsis")
        return line

    def forward_lines(self, node: NodeRecord, name_width: int, formula_width: int) -> Iterator[Text]:
        value = Text(f"= {self.words.figure(node.data)}", DATA if abs(node.data) < float("inf") else WRONG)
        depth = 0 if node.call is None else 1 + self.tape.calls[node.call].depth
        line = Text(MARGIN).append((MARGIN * depth + printable(node.name)).ljust(name_width), "bold")
        if not node.formula:
            yield line.append(" ").append(value)
            return
        numbers = self.words.numbers(node)
        also = f"   also {', '.join(node.also)}" if node.also else ""
        line.append(f" = {printable(node.formula).ljust(formula_width)}")
        rest = Text(f" = {numbers} ").append(value).append(printable(also), QUIET)
        if line.cell_len + rest.cell_len <= self.width:
            yield line.append(rest)
            return
        line.truncate(self.width, overflow="ellipsis")
        yield line
        indent = " " * (len(MARGIN) + name_width)
        room = self.width - len(indent) - value.cell_len - len(also) - 4
        yield Text(f"{indent} = {truncate(numbers, room)} ").append(value).append(printable(also), QUIET)

    def step(self, index: int, node: NodeRecord) -> Iterator[Text]:
        """Yield a step of the backward pass: a node, its gradient, and what it adds to each operand's gradient."""
        assert node.grad is not None
        gradient = Text(f"{self.words.gradient(node)} = {self.words.figure(node.grad)}", GRAD)
        line = Text(f"{index:>4} ").append(f"{printable(node.name)} = {printable(node.formula)}", "bold")
        line.truncate(self.width - gradient.cell_len - 3, overflow="ellipsis")
        yield line.append(" " * max(3, self.width // 2 - line.cell_len)).append(gradient)
        for contribution in self.limited(node.contributions):
            if contribution is None:
                yield from self.left_out(len(node.contributions))
            else:
                yield from self.addition(node, contribution)
        yield from self.lost(self.lost_backward.get(node.id, ()), " " * HANG)

    def lost(self, sentences: Sequence[str], indent: str) -> Iterator[Text]:
        """Yield what is said of digits that are lost at a node."""
        for sentence in sentences:
            lines = wrap(printable(sentence), max(20, self.width - len(indent) - 2))
            yield from (
                Text(f"{indent}{' ' if index else '!'} {line}", VERDICTS["inconclusive"])
                for index, line in enumerate(lines)
            )

    def addition(self, node: NodeRecord, contribution: Contribution) -> Iterator[Text]:
        words = self.words
        target = words.operand(contribution)
        if contribution.nothing:
            yield Text(f"{' ' * HANG}{target} += nothing: {contribution.nothing}", QUIET)
            return
        product, amount = words.product(node, contribution), words.amount(node, contribution)
        line = Text(f"{' ' * HANG}{target} += {product} = ").append(amount)
        if line.cell_len > self.width:
            first = Text(f"{' ' * HANG}{target} += {product}")
            first.truncate(self.width, overflow="ellipsis")
            yield first
            line = Text(f"{' ' * (HANG + cell_len(target) + 2)}= {amount}")
        accumulation = words.accumulation(contribution)
        if accumulation and line.cell_len + cell_len(accumulation) + 3 > self.width:
            yield line
            line = Text(f"{' ' * HANG}{accumulation}", GRAD)
        elif accumulation:
            line.append("   ").append(accumulation, GRAD)
        yield line

    def result(self) -> Iterator[Text]:
        tape, words = self.tape, self.words
        value = tape.result.data
        yield Text(f"{MARGIN}{printable(tape.result.name)} = ").append(words.figure(value), DATA)
        checks = {check.name: check for check in self.content.checks}
        rows = [
            (node, f"{words.gradient(node)} = {words.figure(node.grad)}", checks.get(node.label))
            for node in tape.inputs
            if node.grad is not None
        ]
        widest = max((cell_len(text) for _, text, _ in rows), default=0)
        for node, text, check in rows:
            line = Text(MARGIN).append(printable(text), GRAD)
            if check is not None:
                line.append(" " * (widest - cell_len(text)))
                shown = f"{check.numeric:.{min(10, self.view.page.digits or 10)}g}"
                numerical = f"   numerically {shown}   " if check.numeric == check.numeric else "   "
                line.append(numerical, QUIET).append(check.verdict, VERDICTS[check.verdict])
            yield line
            if check is not None and check.reason:
                yield Text(f"{MARGIN}{MARGIN}{printable(node.name)}: {check.reason}", QUIET)
        if rows and not checks:
            yield Text(f"{MARGIN}not checked numerically, which would take long; mgrad check does", QUIET)
        yield from (Text(f"{MARGIN}by convention: {where}", QUIET) for where in tape.conventions)
