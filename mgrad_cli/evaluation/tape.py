"""The tape of a differentiated formula: each node of its graph, and what each node added to its operands' gradients.

`record` makes a tape in one forward and one backward pass. Explanations, graphs and pages are views of it.
"""

import math
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from typing import NamedTuple

from mgrad_cli.evaluation.accuracy import estimated, is_quick
from mgrad_cli.evaluation.calls import CallRecord, CallRecords
from mgrad_cli.evaluation.conventions import conventions
from mgrad_cli.evaluation.diagnosis import Finding, describe, findings, with_limits
from mgrad_cli.evaluation.gradcheck import Check
from mgrad_cli.evaluation.graph import Graph, evaluate
from mgrad_cli.evaluation.losses import Loss
from mgrad_cli.evaluation.names import node_names
from mgrad_cli.evaluation.sampling import check_script
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.outputs import check_one_output
from mgrad_cli.language.printing import LEVELS, Formula, constant, level, unparse
from mgrad_cli.language.syntax import Call, Expression, Name
from mgrad_cli.operations import Operation, call_name
from mgrad_cli.operations.operation import at, mask_at
from mgrad_cli.script import CallSpan
from mgrad_cli.text import truncate
from mgrad_cli.value import Constant, topological_order

MAX_FORMULA = 400
"""Characters of a formula in the names of operands; functions of many operands are longer."""
MAX_CHECKED = 10_000
"""Variables times nodes up to which gradients are checked; each takes some hundred evaluations."""
UNREACHED = "nothing came back to"


class Contribution(NamedTuple):
    """What a node adds to the gradient of one operand: its own gradient times the partial derivative.

    operand     the index of the operand
    formula     the partial derivative in the names of the operands and the result, as a factor of a product
    partial     its value
    amount      what is added to the operand's gradient: 0 if nothing is
    before      the operand's gradient before; `None` if nothing had been added
    total       the operand's gradient after
    nothing     why nothing is added; empty if something is
    """

    operand: int
    formula: str
    partial: float
    amount: float
    before: float | None
    total: float
    nothing: str = ""


class NodeRecord(NamedTuple):
    """A node of a tape.

    id              its index in the tape
    name            what formulas call it
    label           what it is called in the text, or the text that it stands for
    op              its operation as results show it; empty for an input, `const` for a constant
    formula         its operation in the names of its operands, as `a*b`; empty for an input or a constant
    operands        their indices
    grad            `None` for a constant
    also            further names that statements give to it
    call            the index of the innermost call of a function of the text that it is part of, or the result of
    is_call         whether it is the result of that call, which is in the text itself and not in another
    contributions   one for each operand that is not a constant; none if the output does not depend on the node
    """

    id: int
    name: str
    label: str
    op: str
    operation: Operation | None
    formula: str
    operands: tuple[int, ...]
    data: float
    grad: float | None
    also: tuple[str, ...] = ()
    call: int | None = None
    is_call: bool = False
    contributions: tuple[Contribution, ...] = ()

    @property
    def is_input(self) -> bool:
        return self.op == ""

    @property
    def is_constant(self) -> bool:
        return self.op == "const"

    @property
    def is_reached(self) -> bool:
        """Whether anything was added to its gradient, which may also be zero."""
        return not any(contribution.nothing.startswith(UNREACHED) for contribution in self.contributions)


class Tape(NamedTuple):
    """The nodes in the order of evaluation, inputs first, and their indices in the order of the backward pass."""

    expr: str
    nodes: tuple[NodeRecord, ...]
    output: int
    backward: tuple[int, ...]
    vars: dict[str, float]
    conventions: tuple[str, ...]
    findings: tuple[Finding, ...]
    losses: tuple[Loss, ...] = ()
    calls: tuple[CallRecord, ...] = ()

    @property
    def result(self) -> NodeRecord:
        return self.nodes[self.output]

    @property
    def steps(self) -> list[NodeRecord]:
        """The nodes that have a gradient to pass on, in the order of the backward pass."""
        return [node for index in self.backward if (node := self.nodes[index]).contributions and node.is_reached]

    @property
    def inputs(self) -> list[NodeRecord]:
        return [node for node in self.nodes if node.is_input]

    def substituted(self, node: NodeRecord, round_to: Callable[[float], float]) -> str:
        """Return the operation of a node on the numbers of its operands, as `2*3`."""
        assert node.operation is not None
        return call_text(node.operation, [constant(round_to(self.nodes[operand].data)) for operand in node.operands])


def record(script: Script, bindings: Mapping[str, float]) -> Tape:
    """Evaluate a script at the given values, run the backward pass, and return the tape of both.

    Equal subexpressions are one node.

    >>> from mgrad_cli.language.lowering import read
    >>> tape = record(read("a*b + a"), {"a": 2.0, "b": 3.0})
    >>> [node.name for node in tape.nodes], tape.result.formula
    (['a', 'b', 'v1', 'L'], 'v1 + a')
    >>> tape.steps[1].contributions[0]
    Contribution(operand=0, formula='b', partial=3.0, amount=3.0, before=1.0, total=4.0, nothing='')

    Raises: BindingError for a variable without a value, or a value without a variable.
    """
    check_one_output(script, "a graph")
    graph = evaluate(script, bindings, merges=True)
    graph.output.backward()
    return tape_of(graph)


def tape_of(graph: Graph) -> Tape:
    """Return the tape of a graph after its backward pass."""
    indices = {id(node): index for index, node in enumerate(graph.nodes)}
    names = node_names(graph)
    terms = [
        constant(node.data) if isinstance(node, Constant) and not node.label else Name(name)
        for node, name in zip(graph.nodes, names, strict=True)
    ]
    given: dict[int, list[str]] = {}
    for name, node in graph.named.items():
        given.setdefault(indices[id(node)], []).append(name)
    nodes = []
    calls = CallRecords(graph.script)
    for index, node in enumerate(graph.nodes):
        operands = tuple(indices[id(operand)] for operand in node._prev)
        span = graph.spans[index]
        operation, is_constant = node._operation, isinstance(node, Constant)
        nodes.append(
            NodeRecord(
                index,
                names[index],
                describe(graph, index),
                "const" if is_constant else node._op,
                operation,
                call_text(operation, [terms[operand] for operand in operands]) if operation else "",
                operands,
                node.data,
                None if is_constant else node.grad,
                tuple(name for name in given.get(index, ()) if name != node.label),
                calls.index_of(span),
                isinstance(span, CallSpan) and span.outer is None,
            )
        )
    output = indices[id(graph.output)]
    backward = tuple(indices[id(node)] for node in reversed(topological_order(graph.output)))
    received = {output: 1.0}
    for index in backward:
        found = tuple(contributions(nodes[index], nodes, terms, received))
        nodes[index] = nodes[index]._replace(contributions=found)
    edges = conventions(graph.nodes)
    is_finite = all(map(math.isfinite, (graph.output.data, *(node.grad for node in graph.inputs.values()))))
    return Tape(
        graph.script.text,
        tuple(nodes),
        output,
        backward,
        {name: node.data for name, node in graph.inputs.items()},
        tuple(edges),
        tuple(with_limits([] if is_finite else findings(graph), graph, edges)),
        tuple(estimated(graph, list(graph.inputs))[1]) if is_quick(graph, 1 + len(graph.inputs)) else (),
        tuple(calls.found),
    )


def contributions(
    node: NodeRecord, nodes: Sequence[NodeRecord], terms: Sequence[Expression], received: MutableMapping[int, float]
) -> Iterator[Contribution]:
    """Yield what a node adds to the gradient of each operand that is not a constant.

    `terms` stand for the nodes in formulas. `received` holds the gradients so far, and is updated.
    """
    operation = node.operation
    if operation is None:
        return
    numbers = (*(nodes[operand].data for operand in node.operands), node.data)
    formulas = (*(Formula(terms[operand]) for operand in node.operands), Formula(Name(node.name)))
    for operand, rule, mask in operation.local_rules(node.operands, numbers):
        if nodes[operand].is_constant:
            continue
        formula = truncate(factor(rule(*formulas) if callable(rule) else rule or 0.0), MAX_FORMULA)
        partial = float(at(rule, *numbers) if callable(rule) else rule or 0)
        before = received.get(operand)
        nothing = why_nothing(operation, rule is None, mask is None or bool(mask_at(mask, *numbers)))
        if node.id not in received:
            nothing = f"{UNREACHED} {node.name}"
        if nothing:
            yield Contribution(operand, formula, partial, 0.0, before, before or 0.0, nothing)
        else:
            assert node.grad is not None
            amount = node.grad * partial
            total = received[operand] = amount if before is None else before + amount
            yield Contribution(operand, formula, partial, amount, before, total)


def why_nothing(operation: Operation, is_step: bool, lets_through: bool) -> str:
    """Return why an operand receives nothing at all, not even zero times infinity; empty if it receives something."""
    if is_step:
        return "it only chooses" if operation.is_selection else "it moves in steps"
    if lets_through:
        return ""
    if not operation.is_selection:
        return "by convention at this edge"
    return "the branch not taken" if operation.name == "where" else "the operand not chosen"


def factor(partial: Formula | float) -> str:
    """Return a partial derivative as a factor of a product, in parentheses if needed."""
    tree = partial.tree if isinstance(partial, Formula) else constant(partial)
    return f"({unparse(tree)})" if level(tree) < LEVELS["multiply"] else unparse(tree)


def call_text(operation: Operation, operands: Sequence[Expression]) -> str:
    """Return an operation on some operands as text, truncated."""
    return truncate(unparse(Call(call_name(operation), tuple(operands))), MAX_FORMULA)


def check_gradients(script: Script, tape: Tape) -> list[Check]:
    """Compare the gradients of a tape with numerical derivatives; return nothing if that takes long."""
    grads = {node.label: node.grad for node in tape.inputs if node.grad is not None}
    return [] if len(grads) * len(tape.nodes) > MAX_CHECKED else check_script(script, tape.vars, grads)
