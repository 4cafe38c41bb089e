"""The value and the gradient of a script at a point: one backward pass over its graph."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from mgrad_cli.errors import BindingError
from mgrad_cli.evaluation.accuracy import estimated, is_quick
from mgrad_cli.evaluation.conventions import conventions
from mgrad_cli.evaluation.graph import Graph, evaluate
from mgrad_cli.evaluation.results import Figures, Node, Result
from mgrad_cli.language.lowering import Script
from mgrad_cli.suggestions import nearest_listed
from mgrad_cli.value import Constant


def differentiate(
    script: Script,
    bindings: Mapping[str, float],
    wrt: Sequence[str] = (),
    with_nodes: bool = False,
    explain: bool = True,
    with_hints: bool = False,
    with_digits: bool = False,
) -> Result:
    """Evaluate a script and run the backward pass from its output, or from each of several.

    `wrt` keeps only the gradients of these inputs; `explain` looks for the cause of a result that is not finite, and of
    lost digits unless that takes long; `with_hints` looks for limits that say more; `with_digits` estimates how many
    digits of each figure are right.

    Raises: BindingError for a variable without a value, or a value or a name in `wrt` without a variable; LimitError
    for a Jacobian that is too large.
    """
    graph = evaluate(script, bindings)
    check_wrt(wrt, graph.inputs)
    request = Request(wrt or tuple(graph.inputs), with_nodes, explain, explain, with_hints, with_digits)
    if len(graph.outputs) == 1:
        return gradient(graph, request)
    from mgrad_cli.evaluation.jacobian import jacobian

    return jacobian(graph, request)


class Request(NamedTuple):
    """The figures that are wanted of a graph.

    names           the inputs whose gradients are kept
    with_losses     whether to look for lost digits unless that takes long
    """

    names: Sequence[str]
    with_nodes: bool
    explain: bool
    with_losses: bool
    with_hints: bool
    with_digits: bool


def gradient(graph: Graph, request: Request) -> Result:
    """Run the backward pass of a graph from its output, and return what is wanted of it."""
    names, with_nodes, explain, with_losses, with_hints, with_digits = request
    graph.output.backward()
    inputs = graph.inputs
    result = Result(
        graph.script.text,
        graph.output.data,
        {name: inputs[name].grad for name in names},
        {name: node.data for name, node in inputs.items()},
        conventions(graph.nodes),
    )
    if with_nodes:
        result.nodes = shown_nodes(graph)
        result.output = graph.nodes.index(graph.output)
    if explain and (result.conventions or not result.is_finite):
        from mgrad_cli.evaluation.diagnosis import findings, with_limits

        result.findings = [] if result.is_finite else findings(graph)
        if with_hints:
            result.findings = with_limits(result.findings, graph, result.conventions)
    if with_digits or (with_losses and is_quick(graph, 1 + len(names))):
        digits, losses = estimated(graph, names)
        if with_losses:
            result.losses = losses
        if with_digits:
            result.accuracy = Figures(digits[0], dict(zip(names, digits[1:], strict=True)))
    return result


def check_wrt(wrt: Sequence[str], inputs: Collection[str]) -> None:
    """Raise BindingError for a name in `wrt` that is not an input, and TypeError for one that is not text."""
    for name in wrt:
        if not isinstance(name, str):
            raise TypeError(f"the name of a variable is text, not {type(name).__name__}")
        if name not in inputs:
            raise BindingError(f"no variable '{name}' in the expression{nearest_listed(name, inputs)}")


def shown_nodes(graph: Graph) -> list[Node]:
    """Return the nodes of a graph as records. An id is the index in the order of evaluation, inputs first."""
    from mgrad_cli.evaluation.diagnosis import describe

    indices = {id(node): index for index, node in enumerate(graph.nodes)}
    return [
        Node(
            index,
            describe(graph, index),
            "const" if isinstance(node, Constant) else node._op,
            tuple(indices[id(operand)] for operand in node._prev),
            node.data,
            None if isinstance(node, Constant) else node.grad,
        )
        for index, node in enumerate(graph.nodes)
    ]
