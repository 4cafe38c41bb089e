"""The cause of a result that is not finite: the first node that made it so, and the reason."""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from mgrad_cli.errors import Span
from mgrad_cli.evaluation.graph import Graph
from mgrad_cli.language.printing import constant, literal, spelled_name, unparse
from mgrad_cli.language.syntax import Call, Expression, Name
from mgrad_cli.operations import call_name
from mgrad_cli.operations.traversal import postorder
from mgrad_cli.script import CallSpan, InnerSpan
from mgrad_cli.text import printable, truncate
from mgrad_cli.value import Constant, Value

MAX_SNIPPET = 60
MAX_EXPANDED = 60
"""The nodes from which the label of one is made that has no text of its own."""
ELLIPSIS = "…"
LEFT_OUT = Name(ELLIPSIS)


number = literal
"""How numbers are shown everywhere: as the language writes them."""


class Finding(NamedTuple):
    """A sentence about a result, and the part of the text that it is about."""

    message: str
    source: str
    span: Span | None

    def __str__(self) -> str:
        if self.span is None:
            return printable(self.message)
        from mgrad_cli.excerpts import excerpt

        return f"{printable(self.message)}\n{excerpt(self.source, self.span)}"


def snippet(text: str, span: Span | None) -> str:
    """Return the text of a span on one line, without comments, truncated; nothing without a span."""
    if span is None:
        return ""
    end = min(span.end, span.start + 4 * MAX_SNIPPET)
    line = text[span.start : end]
    if "#" in line or "\n" in line:
        from mgrad_cli.language.names import one_line

        line = one_line(line)
    line = " ".join(line.split())
    return truncate(line if end == span.end else f"{line}…", MAX_SNIPPET)


def describe(graph: Graph, index: int) -> str:
    """Return the label of a node, or else the part of the text that it stands for."""
    node, span = graph.nodes[index], graph.spans[index]
    if not node.label and (isinstance(span, InnerSpan) or (isinstance(span, CallSpan) and span.outer is not None)):
        return expanded(node)
    return node.label or snippet(graph.script.text, span) or number(node.data)


def expanded(node: Value) -> str:
    """Return the operation of a node that a call was expanded to, in terms of what the call is given."""
    near = {id(node): node}
    for each in islice(breadth_first(node), MAX_EXPANDED):
        near[id(each)] = each
    trees: dict[int, Expression] = {}
    for each in postorder([node], lambda each: [operand for operand in each._prev if id(operand) in near], key=id):
        operation = each._operation
        if each.label:
            trees[id(each)] = Name(each.label)
        elif operation is None:
            trees[id(each)] = constant(each.data)
        else:
            operands = tuple(trees.get(id(operand), LEFT_OUT) for operand in each._prev)
            trees[id(each)] = Call(call_name(operation), operands)
    return truncate(unparse(trees[id(node)]).replace(spelled_name(ELLIPSIS), ELLIPSIS), MAX_SNIPPET)


def breadth_first(node: Value) -> Iterator[Value]:
    """Yield the nodes below a node, the nearest first; those with a name have none below."""
    waiting = deque([node])
    while waiting:
        each = waiting.popleft()
        yield each
        waiting += () if each.label else each._prev


def findings(graph: Graph) -> list[Finding]:
    """Return what is wrong with a value, or else with the gradients, after the backward pass."""
    if not math.isfinite(graph.output.data):
        return [value_finding(graph)]
    return gradient_findings(graph)


def with_limits(found: list[Finding], graph: Graph, conventions: Sequence[str]) -> list[Finding]:
    """Add to findings what limits say where the value is nan, or where a gradient is nan or rests on a convention."""
    grads = {name: node.grad for name, node in graph.inputs.items()}
    value = graph.output.data
    if not grads or not (math.isnan(value) or conventions or any(map(math.isnan, grads.values()))) or math.isinf(value):
        return found
    from mgrad_cli.series.hints import hints

    said = hints(graph.script, {name: node.data for name, node in graph.inputs.items()}, value, grads)
    if not said:
        return found
    if found:
        text = said[0].text if len(said) == 1 or not said[0].name else "; ".join(f"for {n}, {t}" for n, t in said)
        return [found[0]._replace(message=f"{found[0].message}; {text}"), *found[1:]]
    by = f"by convention: {', '.join(conventions)}"
    return [Finding(f"d/d{name} is {number(grads[name])} {by}; {text}", "", None) for name, text in said]


def value_finding(graph: Graph) -> Finding:
    """Trace back to the earliest node that became infinite, or nan, from operands that are not."""
    is_like = math.isnan if math.isnan(graph.output.data) else math.isinf
    node = graph.output
    seen = [node]
    culprits = []
    known = {id(node)}
    while seen:
        node = seen.pop()
        sources = [operand for operand in taken(node) if is_like(operand.data)]
        if not sources:
            culprits.append(node)
        for operand in sources:
            if id(operand) not in known:
                known.add(id(operand))
                seen.append(operand)
    first = {id(node) for node in culprits}
    index = next(index for index, node in enumerate(graph.nodes) if id(node) in first)
    node = graph.nodes[index]
    what = describe(graph, index)
    if not node._prev:
        origin = "is" if isinstance(node, Constant) else "was given as"
        return Finding(f"the value is {number(graph.output.data)}: {what} {origin} {number(node.data)}", "", None)
    return Finding(f"{what} is {number(node.data)}: {reason(node)}", graph.script.text, graph.spans[index])


def taken(node: Value) -> tuple[Value, ...]:
    """Return the operands that a node's value depends on: for `where`, the condition and the selected branch."""
    operation = node._operation
    if operation is not None and operation.name == "where":
        condition, a, b = node._prev
        return (condition, a if condition.data else b)
    return node._prev


def reason(node: Value) -> str:
    """Return why a node became nan or infinite at its operands."""
    operation = node._operation
    assert operation is not None
    operands = [operand.data for operand in node._prev]
    for fault in operation.faults:
        if fault.applies(*operands):
            return fault.reason
    if math.isinf(node.data):
        return "overflow" if all(map(math.isfinite, operands)) else "an operand is infinite"
    if any(map(math.isnan, operands)):
        return "an operand is nan"
    return f"outside the domain {operation.domain}" if operation.domain else "an invalid operation"


def gradient_findings(graph: Graph) -> list[Finding]:
    """Return the first node of the backward pass at which a gradient of an input ceased to be finite."""
    broken = [name for name, node in graph.inputs.items() if not math.isfinite(node.grad)]
    if not broken:
        return []
    for index in range(len(graph.nodes) - 1, -1, -1):
        node = graph.nodes[index]
        if node._prev and math.isfinite(node.grad) and not all(map(math.isfinite, contributions(node))):
            values = ", ".join(f"d/d{name} is {number(graph.inputs[name].grad)}" for name in broken)
            where = f"the derivative of {describe(graph, index)} is not finite at {operands_text(graph, node)}"
            return [Finding(f"{values}: {where}", graph.script.text, graph.spans[index])]
    return []


def operands_text(graph: Graph, node: Value) -> str:
    """Return the operands of a node that are not plain numbers, with their values."""
    indices = {id(each): index for index, each in enumerate(graph.nodes)}
    return ", ".join(
        f"{describe(graph, indices[id(operand)])} = {number(operand.data)}"
        for operand in dict.fromkeys(node._prev)
        if not isinstance(operand, Constant)
    )


def contributions(node: Value) -> list[float]:
    """Return what a node adds to the gradient of each operand that receives something, after `backward()`."""
    operation = node._operation
    assert operation is not None
    numbers = (*(operand.data for operand in node._prev), node.data)
    return [added for _, added in operation.contributions(node.grad, node._prev, numbers, numbers, Constant)]
