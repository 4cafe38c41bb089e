"""The cause of a second derivative that is not finite: the first node whose own second derivative is not."""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

from mgrad_cli.evaluation.diagnosis import Finding, describe, number, operands_text
from mgrad_cli.evaluation.graph import evaluate
from mgrad_cli.evaluation.results import Result
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.outputs import one_output
from mgrad_cli.operations import Operation
from mgrad_cli.program import hessian
from mgrad_cli.program.floats import FloatProgram
from mgrad_cli.program.recorder import Recorder
from mgrad_cli.value import Constant, Value

MAX_PAIRS = 3


def second_findings(result: Result, script: Script) -> list[Finding]:
    """Return why second derivatives of some outputs are not finite where the values and the gradients are."""
    found = []
    for index, part in enumerate(result.parts):
        values = broken_values(part)
        if values:
            where = source(one_output(script, index), result.vars)
            start = f"{part.name}: {values}" if part.name else values
            found.append(where._replace(message=f"{start}: {where.message}") if where else Finding(start, "", None))
    return found


def broken_values(part: Result) -> str:
    """Return the second derivatives that are not finite, as text."""
    broken = [
        f"d2/d{a} d{b} is {number(entry)}"
        for a, b, entry in (part.hessian.pairs() if part.hessian else ())
        if not math.isfinite(entry)
    ] or [
        f"the product by {name} is {number(entry)}"
        for name, entry in (part.hvp or {}).items()
        if not math.isfinite(entry)
    ]
    more = f", and {len(broken) - MAX_PAIRS:,} more are not finite" if len(broken) > MAX_PAIRS else ""
    return ", ".join(broken[:MAX_PAIRS]) + more


def source(script: Script, point: Mapping[str, float]) -> Finding | None:
    """Return the first node with a second derivative of its own that is not finite.

    >>> from mgrad_cli.language.lowering import read
    >>> found = source(read("x**1.5 + x"), {"x": 0.0})
    >>> found.message if found else None
    'the second derivative of x**1.5 is not finite at x = 0'
    """
    graph = evaluate(script, point)
    for index, node in enumerate(graph.nodes):
        if is_source(node):
            where = f"the second derivative of {describe(graph, index)} is not finite at {operands_text(graph, node)}"
            return Finding(where, script.text, graph.spans[index])
    return None


def is_source(node: Value) -> bool:
    """Return whether a node of finite operands and value has a second derivative of its own that is not finite."""
    operation = node._operation
    numbers = [operand.data for operand in node._prev]
    if operation is None or not all(map(math.isfinite, (node.data, *numbers))):
        return False
    variable = tuple(index for index, operand in enumerate(node._prev) if not isinstance(operand, Constant))
    return not all(map(math.isfinite, second_partials(operation, len(numbers), variable)(numbers)))


@lru_cache(64)
def second_partials(operation: Operation, count: int, variable: Sequence[int]) -> FloatProgram:
    """Return a function for the second partial derivatives of one operation with respect to some of its operands."""
    recorder = Recorder()
    names = [f"x{index}" for index in range(count)]
    program = recorder.program([recorder.apply(operation, *map(recorder.input, names))])
    return FloatProgram(hessian(program, [names[index] for index in variable]).program)
