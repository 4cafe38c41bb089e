"""The gradient of each output of a graph: one backward pass an output, over the nodes that it was computed from."""

from collections.abc import Mapping, Sequence
from copy import copy

from mgrad_cli.errors import FEWER_VARIABLES, LimitError
from mgrad_cli.evaluation.accuracy import is_quick
from mgrad_cli.evaluation.diagnosis import Finding
from mgrad_cli.evaluation.gradients import Request, gradient
from mgrad_cli.evaluation.graph import Graph
from mgrad_cli.evaluation.results import Result
from mgrad_cli.language.outputs import one_output
from mgrad_cli.text import name_list
from mgrad_cli.value import Value, topological_order

MAX_ENTRIES = 4_000_000
MAX_EXPLAINED = 10
"""The most outputs for which the cause of a figure that is not finite is searched."""
MAX_NAMES = 6


def jacobian(graph: Graph, request: Request) -> Result:
    """Return the results of all outputs of a graph.

    Raises: LimitError if there are too many partial derivatives.
    """
    outputs, names = len(graph.outputs), len(request.names)
    if outputs * names > MAX_ENTRIES:
        raise LimitError(
            f"the Jacobian of {outputs:,} outputs by {names:,} variables has {outputs * names:,} entries, more than "
            f"the maximum of {MAX_ENTRIES:,}; {FEWER_VARIABLES}"
        )
    places = {node: index for index, node in enumerate(graph.nodes)}
    request = request._replace(with_losses=request.explain and is_quick(graph, outputs * (1 + names)))
    results: list[Result] = []
    explained = 0
    for index, name in enumerate(graph.script.outputs):
        for leaf in graph.inputs.values():
            leaf.grad = 0.0  # what an earlier output left
        wanted = request._replace(explain=request.explain and explained < MAX_EXPLAINED)
        result = gradient(part(graph, index, places), wanted)
        result.name = name
        explained += bool(result.findings or result.conventions)
        results.append(result)
    joint = joined(results)
    unexplained = sum(not result.is_finite for result in results) - sum(bool(result.findings) for result in results)
    if request.explain and unexplained > 0:
        joint.findings.append(Finding(f"{unexplained:,} more outputs are not finite", "", None))
    return joint


def part(graph: Graph, index: int, places: Mapping[Value, int]) -> Graph:
    """Return the graph of one output: the inputs, and the nodes that it was computed from, in order."""
    output = graph.outputs[index]
    needed = {places[node] for node in topological_order(output)}
    kept = sorted(needed.union(range(len(graph.inputs))))
    return graph._replace(
        script=one_output(graph.script, index),
        nodes=[graph.nodes[place] for place in kept],
        spans=[graph.spans[place] for place in kept],
        outputs=(output,),
        output=output,
    )


def joined(results: Sequence[Result]) -> Result:
    """Return the results of several outputs as one: the figures of the first, and what is said of any."""
    joint = copy(results[0])
    joint.name, joint.outputs = "", results
    joint.conventions = list(dict.fromkeys(edge for result in results for edge in result.conventions))
    said: dict[Finding, list[str]] = {}
    for result in results:
        for finding in result.findings:
            said.setdefault(finding, []).append(result.name)
    joint.findings = [
        finding._replace(message=f"{name_list(names, MAX_NAMES)}: {finding.message}") for finding, names in said.items()
    ]
    joint.losses = [
        loss._replace(
            figure=result.name if loss.figure == "value" else f"d_{result.name}{loss.figure.removeprefix('d')}"
        )
        for result in results
        for loss in result.losses
    ]
    return joint
