"""Forward-mode differentiation of programs: derivatives along a direction of the inputs, recorded as a program."""

import heapq
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from mgrad_cli.program.adjoint import differentiate
from mgrad_cli.program.masking import MaskedDerivative, Register, add_contribution, chained, finalize
from mgrad_cli.program.nodes import ApplyNode, InputNode, Program, replay
from mgrad_cli.program.recorder import Recorder, Recording

Direction: TypeAlias = Mapping[str, float | str]
"""The component of a direction for some inputs: a number, or the name of a further input. The others are zero."""


class ForwardSweeps:
    """Forward passes over one program, each along another direction.

    A pass visits only the registers that depend on the seeds and that a wanted output needs, so a pass from one
    variable of a separable function is short, however long the program is.
    """

    def __init__(self, program: Program, registers: list[Register], ranks: Mapping[int, int]) -> None:
        """Prepare passes over a program with these registers.

        `ranks` holds the rank of each register that is wanted. A pass takes the highest rank that it needs.
        """
        self.program = program
        self.registers = registers
        unneeded = len(program.nodes)
        self.rank = [unneeded] * len(program.nodes)
        for output, rank in ranks.items():
            self.rank[output] = rank
        self.uses: list[list[tuple[int, int]]] = [[] for _ in program.nodes]
        for index in reversed(range(len(program.nodes))):
            node = program.nodes[index]
            if self.rank[index] == unneeded or not isinstance(node, ApplyNode):
                continue
            partials = node.operation.partials
            for position, operand in enumerate(node.operands):
                if node.operation.variadic or partials[position] is not None:
                    self.uses[operand].append((index, position))
                    self.rank[operand] = min(self.rank[operand], self.rank[index])
        self.rules: dict[int, tuple[list[Register], list[list[Any]]]] = {}

    def sweep(self, seeds: Mapping[int, Register], highest: int) -> dict[int, MaskedDerivative]:
        """Return the tangent of every register up to a rank that depends on the seeds, the tangents of some inputs."""
        tangents = {index: MaskedDerivative(seed) for index, seed in seeds.items() if self.rank[index] <= highest}
        pending = sorted(tangents)
        while pending:
            index = heapq.heappop(pending)
            for user, position in self.uses[index]:
                if self.rank[user] > highest:
                    continue
                amount = self.contribution(tangents[index], user, position)
                if amount is None:
                    continue
                if user in tangents:
                    amount = add_contribution(tangents[user], amount)
                else:
                    heapq.heappush(pending, user)
                tangents[user] = amount
        return tangents

    def contribution(self, tangent: MaskedDerivative, user: int, position: int) -> MaskedDerivative | None:
        """Return what the tangent of an operand adds to the tangent of an operation that uses it."""
        node = self.program.nodes[user]
        assert isinstance(node, ApplyNode)
        if user not in self.rules:
            arguments = [*(self.registers[operand] for operand in node.operands), self.registers[user]]
            local = node.operation.local_rules(node.operands, arguments)
            self.rules[user] = arguments, [[rule, mask] for _, rule, mask in local]
        arguments, rules = self.rules[user]
        rule, mask = rules[position]
        step = chained(tangent, node.operation, rule, mask, arguments)
        if step is None:
            return None
        rules[position][0], amount = step  # a partial derivative serves every pass
        return amount


def directional(program: Program, direction: Direction) -> Program:
    """Return a program with the derivatives of its outputs along a direction.

    The outputs of the result are those of `program`, then the derivative of each. Names in `direction` become further
    inputs.

    >>> from mgrad_cli.language.lowering import read
    >>> from mgrad_cli.program import trace
    >>> along = directional(trace(read("x*y"), ["x", "y"]), {"x": 1.0, "y": 0.5})
    >>> registers = replay(along, {"x": 2.0, "y": 3.0})
    >>> [registers[output] for output in along.outputs]
    [6.0, 4.0]
    """
    recorder = Recorder()
    registers = replay(program, {name: recorder.input(name) for name in program.inputs}, recorder.constant)
    slopes = along(program, registers, program.outputs, direction, recorder)
    return recorder.program([*(registers[output] for output in program.outputs), *slopes])


def along(
    program: Program, registers: list[Register], outputs: Sequence[int], direction: Direction, recorder: Recording
) -> list[Register]:
    """Return the derivatives of some registers of a program along a direction."""
    indices = input_registers(program)
    seeds = {
        indices[name]: recorder.input(component) if isinstance(component, str) else recorder.constant(component)
        for name, component in direction.items()
        if component != 0
    }
    tangents = ForwardSweeps(program, registers, dict.fromkeys(outputs, 0)).sweep(seeds, 0)
    return [finalize(tangents.get(output)) for output in outputs]


def jacobian(program: Program, wrt: Sequence[str]) -> Program:
    """Return a program with the partial derivatives of all its outputs, as `differentiate` does.

    It takes one reverse pass for each output, or one forward pass for each name in `wrt` if these are fewer.
    """
    if len(wrt) >= len(program.outputs):
        return differentiate(program, wrt)
    recorder = Recorder()
    registers = replay(program, {name: recorder.input(name) for name in program.inputs}, recorder.constant)
    indices = input_registers(program)
    sweeps = ForwardSweeps(program, registers, dict.fromkeys(program.outputs, 0))
    columns = [sweeps.sweep({indices[name]: recorder.constant(1.0)}, 0) for name in wrt]
    partials = [finalize(column.get(output)) for output in program.outputs for column in columns]
    return recorder.program([*(registers[output] for output in program.outputs), *partials])


def input_registers(program: Program) -> dict[str, int]:
    """Return the register of every input, by name."""
    return {node.name: index for index, node in enumerate(program.nodes) if isinstance(node, InputNode)}
