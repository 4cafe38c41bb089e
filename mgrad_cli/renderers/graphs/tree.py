"""Graphs as trees for the terminal, from the output to the inputs, with numbers in columns on the right.

A node that is reached in several ways is drawn once and referred to elsewhere. A tree too deep for the page continues
in another tree.
"""

import math
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from rich.cells import cell_len
from rich.text import Text

from mgrad_cli.evaluation.tape import Contribution, NodeRecord, Tape
from mgrad_cli.renderers import View
from mgrad_cli.renderers.explanations.steps import Words
from mgrad_cli.renderers.graphs.graph import MAX_DETAIL, NOTHING, ROUNDED, definition, operands, strengths
from mgrad_cli.renderers.tables.drawing import DATA, QUIET, WRONG, drawn, figure, is_unicode
from mgrad_cli.text import counted, name_list, printable

MAX_LINES = 200
"""The most lines of a tree that is shown whole."""
MIN_CAPTION, MAX_CAPTION = 12, 24
"""Columns kept free of guides, if captions need them."""
GAP = 2
MAX_NAMES = 10
LEGEND = "local: derivative of the node above by this one; grad: derivative of the output"
SHADES = ("dim", "dim green", "green", "bold green")
"""Styles of a gradient, from zero to the largest."""
BRANCHES = ("├─ ", "│  "), ("└─ ", "   ")
"""The guides of an operand and of its own operands; then the same for the last operand."""
ABOVE, BELOW = "↑ above", "↓ below"
ASCII = str.maketrans({"├": "|", "│": "|", "└": "`", "─": "-", "×": "*", "↑": "^", "↓": "v", "⋮": ":", "…": "..."})


class TreeLine(NamedTuple):
    """A node in a tree, or a reference to its place; `contribution` is what the node above adds to its gradient."""

    guides: str
    node: NodeRecord
    contribution: Contribution | None = None
    elsewhere: str = ""


def tree(tape: Tape, view: View) -> Iterator[str]:
    yield from Drawing(tape, view).parts()


def walk(tape: Tape, deepest: int) -> Iterator[TreeLine | None]:
    """Yield the lines from the output down; `None` precedes another tree, which begins at a node of the last depth."""
    shown: set[int] = set()
    roots = deque([tape.output])
    waiting = {tape.output}
    while roots:
        root = roots.popleft()
        waiting.discard(root)
        if shown:
            yield None
        stack = [(0, "", TreeLine("", tape.nodes[root]))]
        while stack:
            depth, below, line = stack.pop()
            node = line.node
            if node.id in shown:
                yield line._replace(elsewhere=ABOVE)
            elif node.id in waiting:
                yield line._replace(elsewhere=BELOW)
            elif depth == deepest and node.operands:
                waiting.add(node.id)
                roots.append(node.id)
                yield line._replace(elsewhere=BELOW)
            else:
                shown.add(node.id)
                yield line
                below_this = []
                for index, (operand, contribution) in enumerate(operands(tape, node), 1):
                    before, under = BRANCHES[index == len(node.operands)]
                    below_this.append((depth + 1, below + under, TreeLine(below + before, operand, contribution)))
                stack += reversed(below_this)


class Drawing:
    """A tree on a page of some width."""

    def __init__(self, tape: Tape, view: View) -> None:
        self.tape = tape
        self.view = view
        self.words = Words(tape)
        self.strengths = strengths(tape)
        self.is_unicode = is_unicode(view.page)
        columns = dict(zip(("local", "data", "grad"), column_widths(tape), strict=True))
        self.columns = {name: width for name, width in columns.items() if width}
        self.widths = list(self.columns.values())
        self.room = max(MAX_CAPTION, view.page.width - sum(width + GAP for width in self.widths))
        longest_caption = max(cell_len(f"{node.name}{definition(node)}") for node in tape.nodes)
        free = self.room - max(MIN_CAPTION, min(longest_caption, MAX_CAPTION))
        self.deepest = max(2, free // len(BRANCHES[0][0]))

    def parts(self) -> Iterator[str]:
        page = self.view.page
        if self.view.title.strip():
            yield drawn(page, Text(self.shown(self.view.title[:MAX_DETAIL]), "bold"))
        lines = walk(self.tape, self.deepest)
        first = list(islice(lines, None if self.view.all_nodes else MAX_LINES))
        captions = [self.caption(line) for line in first]
        width = min(self.room, max(caption.cell_len for caption in captions))
        rows = [self.row(line, caption, width) for line, caption in zip(first, captions, strict=True)]
        whole = width + sum(column + GAP for column in self.widths)
        yield drawn(page, self.header(width), *rows, least_width=whole)
        yield drawn(page, *self.notes(first, lines))

    def header(self, width: int) -> Text:
        cells = (f"{' ' * GAP}{name:>{column}}" for name, column in self.columns.items())
        return Text(" " * width + "".join(cells), "bold")

    def caption(self, line: TreeLine | None) -> Text:
        if line is None:
            return Text("")
        node, contribution = line.node, line.contribution
        text = Text().append(self.shown(line.guides), QUIET)
        text.append(self.shown(node.name), QUIET if node.is_constant or line.elsewhere else "bold")
        if line.elsewhere:
            text.append(self.shown(f"  {line.elsewhere}"), QUIET)
        elif not node.is_constant:
            text.append(self.shown(definition(node)))
        if contribution is not None and contribution.nothing:
            text.append(f"  {self.shown(contribution.nothing)}", QUIET)
        return text

    def row(self, line: TreeLine | None, caption: Text, width: int) -> Text:
        """Return a caption, truncated if it is too long, and the numbers, which never are."""
        if line is None:
            return caption
        if caption.cell_len > width:
            mark = self.shown("…")
            caption.truncate(width - len(mark))
            caption.append(mark, QUIET)
        caption.append(" " * (width - caption.cell_len))
        for text, column in zip(self.figures(line), self.widths, strict=True):
            caption.append(" " * (GAP + column - text.cell_len)).append(text)
        caption.rstrip()
        return caption

    def figures(self, line: TreeLine) -> list[Text]:
        node, contribution = line.node, line.contribution
        local = Text(local_text(self.words, contribution).translate({} if self.is_unicode else ASCII))
        if contribution is not None and contribution.nothing:
            local.stylize(QUIET)
        elif contribution is not None and not math.isfinite(contribution.partial):
            local.stylize(WRONG)
        figures = {"local": local, "data": Text(""), "grad": Text("")}
        if line.elsewhere:
            return [figures[name] for name in self.columns]
        style = QUIET if node.is_constant else DATA
        figures["data"] = figure(self.words.rounded(node.data), style)
        grad = None if node.grad is None else self.words.rounded(node.grad)
        strength = self.strengths[node.id]
        shade = 0 if math.isnan(strength) else math.ceil(strength * (len(SHADES) - 1))
        figures["grad"] = figure(grad, SHADES[shade])
        return [figures[name] for name in self.columns]

    def notes(self, first: list[TreeLine | None], rest: Iterator[TreeLine | None]) -> Iterator[Text]:
        """Yield what was left out, what the columns mean, and the conventions used."""
        lines = sum(line is not None for line in rest)
        shown = {line.node.id for line in first if line is not None and not line.elsewhere}
        reached = set(self.tape.backward)
        if lines:
            nodes = len(reached - shown)
            what = counted(nodes, "node") if nodes else counted(lines, "line")
            yield Text(
                self.shown(f"⋮  {what} left out; --all-nodes shows {'it' if what[:2] == '1 ' else 'them'}"), QUIET
            )
        if "local" in self.columns:
            yield Text(LEGEND, QUIET)
        unused = [node.name for node in self.tape.nodes if node.id not in reached and not node.is_constant]
        if unused:
            yield Text(self.shown(f"not part of the output: {name_list(unused, MAX_NAMES)}"), QUIET)
        yield from (Text(self.shown(f"by convention: {where}"), QUIET) for where in self.tape.conventions)
        if self.words.was_rounded:
            yield Text(ROUNDED, QUIET)

    def shown(self, text: str) -> str:
        """Return the text in characters that the page can show."""
        text = printable(text)
        if self.is_unicode:
            return text
        encoding = self.view.page.encoding
        return text.translate(ASCII).encode(encoding, "backslashreplace").decode(encoding)


def local_text(words: Words, contribution: Contribution | None) -> str:
    if contribution is None:
        return ""
    return NOTHING if contribution.nothing else f"×{words.figure(contribution.partial)}"


def column_widths(tape: Tape) -> tuple[int, int, int]:
    """Return the widths of the columns of local derivatives, data and gradients; 0 for an empty column."""
    words = Words(tape)
    contributions = [local_text(words, contribution) for node in tape.nodes for contribution in node.contributions]
    data = [figure(words.rounded(node.data), "").plain for node in tape.nodes]
    grads = [figure(words.rounded(node.grad), "").plain for node in tape.nodes if node.grad is not None]
    return longest("local", contributions), longest("data", data), longest("grad", grads)


def longest(heading: str, cells: Iterable[str]) -> int:
    widths = [cell_len(cell) for cell in cells]
    return max(len(heading), *widths) if widths else 0
