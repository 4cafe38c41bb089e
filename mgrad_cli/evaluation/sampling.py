"""Numerical checks of a script along one variable at a time; what does not depend on it is computed once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mgrad_cli.errors import FEWER_VARIABLES, LimitError
from mgrad_cli.evaluation.gradcheck import TOLERANCE, Check, Problem, check_partials
from mgrad_cli.evaluation.graph import evaluate
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.outputs import check_one_output
from mgrad_cli.program import ApplyNode, InputNode, Program, replay, trace
from mgrad_cli.value import Value

MAX_OPERATIONS = 500_000
"""Operations on variables, counted once for each variable that they depend on. Each runs at some 180 points."""
FEW = 50
"""The number of operations along a variable up to which floats are faster than arrays, which must be imported."""


def check_script(
    script: Script,
    point: Mapping[str, float],
    grads: Mapping[str, float],
    tolerance: float = TOLERANCE,
    on_progress: Callable[[], None] = lambda: None,
) -> list[Check]:
    """Compare the gradients of a script at a point with numerical derivatives; call `on_progress` for each variable.

    Raises: LimitError if that takes too long.
    """
    check_one_output(script, "a check")
    program = trace(script, list(point))
    following = dependents(program, list(grads))
    walk = along(program, point, following)

    def watched(name: str, xs: Sequence[float]) -> Sequence[float]:
        on_progress()
        return walk(name, xs)

    def graph_at(name: str, x: float) -> tuple[Value, Value]:
        graph = evaluate(script, {**point, name: x})
        return graph.output, graph.inputs[name]

    value = evaluate(script, point).output.data
    return check_partials(Problem(watched, graph_at), point, value, grads, tolerance)


def dependents(program: Program, names: Sequence[str]) -> dict[str, list[int]]:
    """Return for each variable the registers that depend on it, in order.

    Raises: LimitError if there are too many.
    """
    bits = {name: 1 << index for index, name in enumerate(names)}
    masks: list[int] = []
    count = 0
    for node in program.nodes:
        mask = bits.get(node.name, 0) if isinstance(node, InputNode) else 0
        if isinstance(node, ApplyNode):
            for operand in node.operands:
                mask |= masks[operand]
            count += mask.bit_count() * max(1, len(node.operands) // 2)
        masks.append(mask)
    if count > MAX_OPERATIONS:
        raise LimitError(
            f"numerical derivatives by {len(names):,} variables take {count:,} operations, more than the maximum of "
            f"{MAX_OPERATIONS:,}; {FEWER_VARIABLES}"
        )
    found: dict[str, list[int]] = {name: [] for name in names}
    for index, (node, mask) in enumerate(zip(program.nodes, masks, strict=True)):
        while mask and isinstance(node, ApplyNode):
            lowest = mask & -mask
            found[names[lowest.bit_length() - 1]].append(index)
            mask ^= lowest
    return found


def along(
    program: Program, point: Mapping[str, float], following: Mapping[str, Sequence[int]]
) -> Callable[[str, Sequence[float]], Sequence[float]]:
    """Return the output of a program as a function of one variable; `following` are the registers that depend on it."""
    base = replay(program, point)
    inputs = {node.name: index for index, node in enumerate(program.nodes) if isinstance(node, InputNode)}
    (output,) = program.outputs

    def walk(name: str, xs: Sequence[float]) -> Sequence[float]:
        if len(following[name]) <= FEW:
            return [float(rerun(name, x)) for x in xs]
        import numpy

        values: list[float] = numpy.broadcast_to(rerun(name, numpy.array(xs)), len(xs)).tolist()
        return values

    def rerun(name: str, x: Any) -> Any:
        changed = {inputs[name]: x}
        for index in following[name]:
            node = program.nodes[index]
            assert isinstance(node, ApplyNode)
            changed[index] = node.operation(*[changed.get(at, base[at]) for at in node.operands])
        return changed.get(output, base[output])

    return walk
