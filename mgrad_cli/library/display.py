"""Graphs and explanations as objects that show themselves as text, and as pictures in a notebook."""

from collections.abc import Iterable
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from mgrad_cli.errors import UsageError
from mgrad_cli.evaluation.graph import Graph
from mgrad_cli.evaluation.tape import Tape, check_gradients, tape_of
from mgrad_cli.language.lowering import Script
from mgrad_cli.renderers import View
from mgrad_cli.renderers.explanations.steps import EXPLANATION_FORMATS, ExplanationContent
from mgrad_cli.renderers.graphs.graph import GRAPH_FORMATS, edge_length
from mgrad_cli.text import counted
from mgrad_cli.value import Constant, Value, topological_order

if TYPE_CHECKING:
    from mgrad_cli.series.sides import SidesReport

MAX_NODES, MAX_LENGTH = 200, 1000
"""The largest graph that a notebook draws by itself: its nodes, and the layers that all edges cross together."""


class GraphDrawing:
    """The graph of a computation, drawn in the requested format.

    `tree` is text for a terminal; `dot` and `mermaid` are text for other programs; `svg` and `png` are pictures, and
    `html` is an interactive page. Pictures and the page need Graphviz.

    Raises: MissingExtraError without the package graphviz, UsageError without the program `dot`, once a picture is
    requested.

    >>> from mgrad_cli import Expression
    >>> graph = Expression("a*b").graph(a=2, b=3)
    >>> graph
    <GraphDrawing of 3 nodes>
    >>> print(graph.mermaid.splitlines()[0])
    flowchart LR
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape

    def _text(self, output_format: str) -> str:
        return "".join(GRAPH_FORMATS[output_format](self.tape, View()))

    @property
    def tree(self) -> str:
        """The tree from the output to the inputs, with the value and the gradient of each node."""
        return self._text("tree")

    @property
    def dot(self) -> str:
        """The graph in Graphviz DOT."""
        return self._text("dot")

    @property
    def mermaid(self) -> str:
        """The graph as a Mermaid flowchart."""
        return self._text("mermaid")

    @property
    def svg(self) -> str:
        """The picture as SVG."""
        return self._text("svg")

    @property
    def png(self) -> bytes:
        """The picture as PNG."""
        pieces: Iterable[Any] = GRAPH_FORMATS["png"](self.tape, View())
        return b"".join(pieces)

    @property
    def html(self) -> str:
        """The interactive page."""
        return self._text("html")

    def __str__(self) -> str:
        return self.tree.rstrip("\n")

    def __repr__(self) -> str:
        return f"<GraphDrawing of {counted(len(self.tape.nodes), 'node')}>"

    def _repr_svg_(self) -> str | None:
        from shutil import which

        is_small = len(self.tape.nodes) <= MAX_NODES and edge_length(self.tape) <= MAX_LENGTH
        return self.svg if is_small and which("dot") else None

    def _repr_html_(self) -> str | None:
        return preformatted(self.tree) if self._repr_svg_() is None else None


class Explanation:
    """A computation explained step by step: as text, Markdown or JSON.

    >>> from mgrad_cli import Expression
    >>> Expression("a*b").explain(a=2, b=3)
    <Explanation of 1 step>
    """

    def __init__(self, script: Script, tape: Tape) -> None:
        self.script = script
        self.tape = tape

    def content(self, step: int | None = None, sides: "SidesReport | None" = None) -> ExplanationContent:
        """Return what to render: the whole computation with its numerical checks, or one step of the backward pass.

        Raises: UsageError for a step that does not exist.
        """
        count = len(self.tape.steps)
        if step is not None and step > count:
            raise UsageError(f"there is no step {step}; the backward pass has {counted(count, 'step')}")
        checks = check_gradients(self.script, self.tape) if step is None else []
        return ExplanationContent(self.tape, checks, step, sides)

    def _text(self, output_format: str) -> str:
        return "".join(EXPLANATION_FORMATS[output_format](self.content(), View()))

    @property
    def markdown(self) -> str:
        """The explanation in Markdown."""
        return self._text("markdown")

    @property
    def json(self) -> str:
        """The explanation as one JSON object."""
        return self._text("json")

    def __str__(self) -> str:
        return self._text("text").rstrip("\n")

    def __repr__(self) -> str:
        count = len(self.tape.steps)
        return f"<Explanation of {counted(count, 'step')}>"

    def _repr_markdown_(self) -> str:
        return self.markdown


def drawing_of(output: Value) -> GraphDrawing:
    """Return the graph behind a Value, with its current gradients; the Values stay unchanged."""
    twin = deepcopy(output)
    depths: dict[Value, int] = {}
    for node in topological_order(twin):
        depths[node] = 1 + max((depths[operand] for operand in node._prev), default=0)
        node.grad = float(node.grad) if node.grad is not None else 0.0
    inputs = [node for node in reversed(depths) if not node._prev and not isinstance(node, Constant)]
    others = [node for node in reversed(depths) if node._prev or isinstance(node, Constant)]
    nodes = [*inputs, *sorted(others, key=depths.__getitem__)]
    taken = {node.label for node in nodes}
    fresh = (name for count in range(1, len(nodes) + len(taken) + 1) if (name := f"x{count}") not in taken)
    for node in inputs:
        node.label = node.label or next(fresh)
    named = {node.label: node for node in inputs}
    script = Script(output.label or "a Value", (), tuple(named), {})
    return GraphDrawing(tape_of(Graph(script, nodes, [None] * len(nodes), named, named, (twin,), twin)))


def value_svg(value: Value) -> str | None:
    """Return the picture of the graph behind a Value, or `None` if it is large or `dot` is missing."""
    return drawing_of(value)._repr_svg_() if is_small(value) else None


def value_html(value: Value) -> str | None:
    """Return the tree of the graph behind a Value, or `None` if it is large or there is a picture of it."""
    return drawing_of(value)._repr_html_() if is_small(value) else None


def is_small(value: Value) -> bool:
    return len(topological_order(value)) <= MAX_NODES


def preformatted(text: str) -> str:
    from html import escape

    return f"<pre>{escape(text)}</pre>"
