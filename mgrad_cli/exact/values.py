"""Prove the value and the gradients of a graph of Values, in ball arithmetic."""

from typing import Any

from mgrad_cli.exact.figures import Certified, require_flint
from mgrad_cli.value import Constant, Value, topological_order


def certify(output: Value) -> Certified:
    """Prove the value and the gradients of a graph: return the doubles nearest to the true ones.

    The graph is computed again from the doubles of its inputs and its plain numbers, in ball arithmetic whose precision
    is raised until every figure is decided. `grads` has the gradient of each input that is not a plain number.

    Raises: MissingExtraError without python-flint; UndecidedError for a figure that no precision decides.

    >>> x = Value(1e-9)
    >>> y = 1 - x.cos()
    >>> y.data
    0.0
    >>> proven = certify(y)
    >>> proven.value, proven.grads[x]
    (5e-19, 1e-09)
    """
    require_flint("certify")
    from mgrad_cli.exact.ball import Ball
    from mgrad_cli.exact.certifying import decided
    from mgrad_cli.exact.nearest import nearest
    from mgrad_cli.exact.recording import ExactRecorder
    from mgrad_cli.program import differentiate

    recorder = ExactRecorder()
    registers: dict[Value, Any] = {}
    inputs: dict[str, Value] = {}
    for node in topological_order(output):
        if node._operation is not None:
            registers[node] = recorder.apply(node._operation, *(registers[operand] for operand in node._prev))
        elif isinstance(node, Constant):
            registers[node] = recorder.constant(node.data)
        else:
            name = str(len(inputs))
            inputs[name] = node
            registers[node] = recorder.input(name)
    program = differentiate(recorder.program([registers[output]]), list(inputs), recorder=ExactRecorder())
    (value, *partials), bits = decided(
        program, lambda: {name: Ball.of(node.data) for name, node in inputs.items()}, nearest
    )
    return Certified(value, dict(zip(inputs.values(), partials, strict=True)), bits)
