"""A lesson on the terminal: the forward pass, the backward pass step by step, and the result beside its check."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from rich.cells import cell_len
from rich.text import Text

from mgrad_cli.evaluation.tape import Contribution, NodeRecord
from mgrad_cli.renderers import View
from mgrad_cli.renderers.explanations.steps import LEGEND, ROUNDED, Lesson, Words
from mgrad_cli.renderers.tables.drawing import DATA, GRAD, QUIET, VERDICTS, WRONG, drawn
from mgrad_cli.text import printable, truncate

MAX_NODES = 100
"""Lines of a pass that is shown whole."""
Item = TypeVar("Item")

MARGIN = "  "
HANG = 7
"""Columns before what a step adds."""


def lesson(content: Lesson, view: View) -> Iterator[str]:
    writer = ExplanationText(content, view)
    yield drawn(view.page, *writer.lines())


class ExplanationText:
    """The lines of a lesson on a page of some width."""

    def __init__(self, content: Lesson, view: View) -> None:
        self.content = content
        self.view = view
        self.tape = content.tape
        self.words = Words(content.tape)
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
        if self.words.was_rounded:
            yield Text(ROUNDED, QUIET)

    def limited(self, items: Sequence[Item]) -> Iterator[Item | None]:
        """The items, or the first and last of many with `None` between."""
        if self.view.all_nodes or len(items) <= MAX_NODES:
            yield from items
        else:
            yield from items[: MAX_NODES // 2]
            yield None
            yield from items[-MAX_NODES // 2 :]

    def left_out(self, count: int) -> Iterator[Text]:
        yield Text(f"{MARGIN}⋮  {count - MAX_NODES:,} left out; --all-nodes shows them", QUIET)

    def forward(self) -> Iterator[Text]:
        """One line a node: its name, its operation in names and in numbers, its data."""
        entries = [entry for entry in self.tape.entries if not entry.is_constant or entry is self.tape.result]
        shown = [entry for entry in self.limited(entries) if entry is not None]
        name_width = max(cell_len(entry.name) for entry in shown)
        free = self.width - name_width - 24
        formulas = [cell_len(entry.formula) for entry in shown]
        formula_width = max((size for size in formulas if size <= free // 2), default=0)
        for entry in self.limited(entries):
            if entry is None:
                yield from self.left_out(len(entries))
            else:
                yield from self.node(entry, name_width, formula_width)

    def node(self, entry: NodeRecord, name_width: int, formula_width: int) -> Iterator[Text]:
        value = Text(f"= {self.words.figure(entry.data)}", DATA if abs(entry.data) < float("inf") else WRONG)
        line = Text(MARGIN).append(printable(entry.name).ljust(name_width), "bold")
        if not entry.formula:
            yield line.append(" ").append(value)
            return
        numbers = self.words.numbers(entry)
        also = f"   also {', '.join(entry.also)}" if entry.also else ""
        line.append(f" = {printable(entry.formula).ljust(formula_width)}")
        rest = Text(f" = {numbers} ").append(value).append(printable(also), QUIET)
        if line.cell_len + rest.cell_len <= self.width:
            yield line.append(rest)
            return
        line.truncate(self.width, overflow="ellipsis")
        yield line
        indent = " " * (len(MARGIN) + name_width)
        room = self.width - len(indent) - value.cell_len - len(also) - 4
        yield Text(f"{indent} = {truncate(numbers, room)} ").append(value).append(printable(also), QUIET)

    def step(self, index: int, entry: NodeRecord) -> Iterator[Text]:
        """A node that hands its gradient back: what it is, its gradient, and what it adds to each operand's."""
        assert entry.grad is not None
        gradient = Text(f"{self.words.gradient(entry)} = {self.words.figure(entry.grad)}", GRAD)
        line = Text(f"{index:>4} ").append(f"{printable(entry.name)} = {printable(entry.formula)}", "bold")
        line.truncate(self.width - gradient.cell_len - 3, overflow="ellipsis")
        yield line.append(" " * max(3, self.width // 2 - line.cell_len)).append(gradient)
        for pull in self.limited(entry.pulls):
            yield from self.left_out(len(entry.pulls)) if pull is None else self.pull(entry, pull)

    def pull(self, entry: NodeRecord, pull: Contribution) -> Iterator[Text]:
        words = self.words
        target = words.operand(pull)
        if pull.nothing:
            yield Text(f"{' ' * HANG}{target} += nothing: {pull.nothing}", QUIET)
            return
        product, share = words.product(entry, pull), words.share(entry, pull)
        line = Text(f"{' ' * HANG}{target} += {product} = ").append(share)
        if line.cell_len > self.width:
            first = Text(f"{' ' * HANG}{target} += {product}")
            first.truncate(self.width, overflow="ellipsis")
            yield first
            line = Text(f"{' ' * (HANG + cell_len(target) + 2)}= {share}")
        accumulation = words.accumulation(pull)
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
            (entry, f"{words.gradient(entry)} = {words.figure(entry.grad)}", checks.get(entry.label))
            for entry in tape.inputs
            if entry.grad is not None
        ]
        widest = max((cell_len(text) for _, text, _ in rows), default=0)
        for entry, text, check in rows:
            line = Text(MARGIN).append(printable(text), GRAD)
            if check is not None:
                line.append(" " * (widest - cell_len(text)))
                numerical = f"   numerically {check.numeric:.10g}   " if check.numeric == check.numeric else "   "
                line.append(numerical, QUIET).append(check.verdict, VERDICTS[check.verdict])
            yield line
            if check is not None and check.reason:
                yield Text(f"{MARGIN}{MARGIN}{printable(entry.name)}: {check.reason}", QUIET)
        if rows and not checks:
            yield Text(f"{MARGIN}not checked numerically, which would take long; mgrad check does", QUIET)
        yield from (Text(f"{MARGIN}by convention: {where}", QUIET) for where in tape.conventions)
