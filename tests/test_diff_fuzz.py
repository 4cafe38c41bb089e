"""`diff` on random formulas of choices and ordinary arithmetic: the formulas are the derivatives, in both orders.

`MGRAD_FUZZ=20000 pytest tests/test_diff_fuzz.py` tries that many of them; `MGRAD_FUZZ_SEED` begins elsewhere.
"""

import math
import os
import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from mpmath import mpf

from mgrad_cli.evaluation.graph import evaluate, input_names
from mgrad_cli.language.lowering import Script, read
from mgrad_cli.library.derivation import formulas_of
from mgrad_cli.program import ApplyNode, ConstantNode, InputNode, Program, replay
from mgrad_cli.symbolic.derivatives import Derivatives, derivatives
from tests.reference import REFERENCES

COUNT = int(os.environ.get("MGRAD_FUZZ", "300"))
SEED = int(os.environ.get("MGRAD_FUZZ_SEED", "0"))
CHUNK = 20
NAMES = ("x", "y", "z")
NUMBERS = ("1", "2", "3", "0.5", "0", "1.5", "-1")
FUNCTIONS = (
    "abs", "relu", "abs", "relu", "sin", "exp", "tanh", "sqrt", "log", "floor", "sign", "atan", "cos", "sigmoid", "tan",
    "cosh", "sinh", "sech", "normpdf", "normcdf", "asinh", "silu", "logsigmoid", "acoth", "cot",
)  # fmt: skip
TOLERANCE = 1e-9


class Generator:
    """Formulas at random."""

    def __init__(self, seed: int, functions: Sequence[str] = FUNCTIONS) -> None:
        self.random = random.Random(seed)
        self.functions = functions
        self.names = list(NAMES[: self.random.randint(1, 3)])

    def program(self) -> str:
        statements = []
        for index in range(self.random.choice((0, 0, 1, 2))):
            statements.append(f"t{index} = {self.expression(2)}")
            self.names.append(f"t{index}")
        return "; ".join([*statements, self.expression(self.random.randint(2, 4))])

    def expression(self, depth: int) -> str:
        pick = self.random
        if depth == 0 or pick.random() < 0.1:
            return pick.choice(NUMBERS) if pick.random() < 0.2 else pick.choice(self.names)
        a, b, c = (self.expression(depth - 1) for _ in range(3))
        kind = pick.randint(0, 12)
        if kind <= 4:
            return f"({a} {pick.choice('+-*/*+')} {b})"
        if kind == 5:
            return f"where({self.condition(depth - 1)}, {a}, {b})"
        if kind == 6:
            return f"where({self.condition(1)}, {a}, {b})"
        if kind == 7:
            return f"{pick.choice(('max', 'min'))}({a}, {b})"
        if kind == 8:
            return pick.choice((f"max({a}, {b}, {c})", f"clip({a}, {b}, {c})", f"clip({a}, 0, 1)", f"mod({a}, {b})"))
        if kind == 9:
            return f"mod({a}, {pick.choice((*self.names, '2', '0.5'))})"
        if kind == 10:
            return f"({a})**{pick.choice(('2', '3', '-1', '0.5', '2', f'({b})'))}"
        return f"{pick.choice(self.functions)}({a})"

    def condition(self, depth: int) -> str:
        pick = self.random
        if depth > 0 and pick.random() < 0.3:
            a, b = self.condition(depth - 1), self.condition(depth - 1)
            return pick.choice((f"({a} and {b})", f"({a} or {b})", f"not ({a})"))
        a, b = self.expression(min(depth, 1)), self.expression(min(depth, 1))
        return f"({a} {pick.choice(('<', '<=', '>', '>=', '!='))} {b})"

    def point(self, names: Sequence[str]) -> dict[str, float]:
        scale = self.random.choice((1.0, 3.0, 3.0))
        return {name: self.random.uniform(-scale, scale) for name in names}


def numbers(program: Program, point: dict[str, float]) -> list[float]:
    registers = replay(program, {**point, "pi": math.pi})
    return [float(registers[output]) for output in program.outputs]


def in_many_digits(program: Program, point: dict[str, float]) -> list[Any]:
    """The outputs in 60-digit arithmetic, in which what cancels is nothing."""
    registers: list[Any] = []
    for node in program.nodes:
        match node:
            case InputNode(name):
                registers.append(mpf(point[name]))
            case ConstantNode(number):
                registers.append(mpf(repr(number)))
            case ApplyNode(operation, operands):
                values = [registers[operand] for operand in operands]
                try:
                    result = REFERENCES[operation.name](*values)
                except (ArithmeticError, ValueError):
                    result = mpf("nan")
                registers.append(result if isinstance(result, mpf) else mpf("nan"))
    return [registers[output] for output in program.outputs]


def is_apart(program: Program, point: dict[str, float]) -> bool:
    """Whether rounding decides no step: at a multiple of the divisor, other sums of the same addends round otherwise."""
    registers = replay(program, {**point, "pi": math.pi})
    for node in program.nodes:
        if not isinstance(node, ApplyNode):
            continue
        operands = [registers[operand] for operand in node.operands]
        if node.operation.name == "mod" and operands[1] != 0:
            times = operands[0] / operands[1]
            if math.isfinite(times) and round(times) != 0 and abs(times - round(times)) < 1e-12 * abs(times):
                return False
    return True


def are_close(a: Any, b: Any) -> bool:
    return bool(abs(a - b) <= TOLERANCE * max(abs(a), abs(b)) or max(abs(a), abs(b)) < 1e-15)


def wrong(text: str, unit: Script, found: Derivatives, exact: Derivatives, point: dict[str, float]) -> Iterator[str]:
    """What is wrong at a point: a formula that differs from the derivative by more than rounding makes of either."""
    got, want = numbers(found.program, point), numbers(exact.program, point)
    count = len(exact.by)
    if not all(map(math.isfinite, want)) or not is_apart(exact.program, point):
        return
    suspects = [index for index in range(count) if not are_close(got[index], want[index])]
    if suspects:
        precise, reference = in_many_digits(found.program, point), in_many_digits(exact.program, point)
        for index in suspects:
            is_certain = abs(reference[index] - want[index]) <= 1e-6 * abs(want[index])  # no kink, no digits lost
            if is_certain and not are_close(precise[index], reference[index]):
                yield f"{text!r} by {exact.by[index]} at {point}: {got[index]} for {want[index]}"


def programs_of(chunk: int) -> Iterator[tuple[int, "Generator", str]]:
    """The random programs with variables of a chunk, each with the order to differentiate to and its generator."""
    for seed in range(SEED + chunk * CHUNK, SEED + (chunk + 1) * CHUNK):
        generator = Generator(seed)
        text = generator.program()
        if input_names(read(text), ())[0]:
            yield 1 + seed % 2, generator, text


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(-(-COUNT // CHUNK)))
def test_formulas_are_the_derivatives(chunk: int) -> None:
    faults: list[str] = []
    for order, generator, text in programs_of(chunk):
        unit = read(text)
        inputs, _ = input_names(unit, ())
        formulas = formulas_of(unit, inputs, order)
        found = formulas.derivatives
        exact = derivatives(unit, inputs, inputs, order, {}, True)
        texts = [read("\n".join(formulas.program(index))) for index in range(len(found.by))]
        for _ in range(4):
            point = generator.point(inputs)
            faults += wrong(text, unit, found, exact, point)
            values = numbers(found.program, point)
            for index, one in enumerate(texts):
                again = evaluate(one, {name: point[name] for name in input_names(one, ())[0]}).output.data
                assert again == values[index] or (again != again and values[index] != values[index]), (text, index)
    assert not faults, "\n".join(faults)
