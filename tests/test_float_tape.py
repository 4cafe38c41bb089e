"""The tape of floats and its program against the graph of Values: the same bits."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mgrad_cli.evaluation.conventions import conventions
from mgrad_cli.evaluation.float_program import TapeProgram
from mgrad_cli.evaluation.float_rules import FloatRules
from mgrad_cli.evaluation.float_tape import FloatTape
from mgrad_cli.evaluation.graph import evaluate
from mgrad_cli.language.lowering import read
from mgrad_cli.operations import TABLE
from mgrad_cli.program.floats import MIN_ROWS
from tests.test_properties import QUIET

ROWS = [
    (f"{name}({', '.join(f'x{index}' for index in range(len(sample)))})", sample)
    for name, candidates in TABLE.items()
    for row in candidates
    if row.is_typed
    for sample in row.samples[:3]
]
PIECES = [
    "x",
    "y",
    "2",
    "pi",
    "x*y",
    "x - y",
    "y/x",
    "x**y",
    "x**2",
    "abs(x)",
    "where(x > y, x*y, y)",
    "max(x, y, 1)",
    "hypot(x, y)",
    "relu(y)",
    "sin(x)",
    "t",
    "-t",
    "t*t",
]
EDGES = [0.0, -0.0, 1.0, -1.0, 2.5, math.inf, -math.inf, math.nan, 1e308, 5e-324]


def bits(numbers: Sequence[float]) -> list[str]:
    return [float(number).hex() for number in numbers]


def assert_same(text: str, point: dict[str, float]) -> None:
    graph = evaluate(read(text), point)
    graph.output.backward()
    expected = bits([graph.output.data, *(node.grad for node in graph.inputs.values())])
    tape = FloatTape(read(text), point)
    assert tape.defaults == pytest.approx({name: node.data for name, node in graph.inputs.items()}, nan_ok=True)
    assert list(tape.defaults) == list(graph.inputs)
    values = list(tape.defaults.values())
    data = tape.data(values)
    assert bits([data[tape.output], *tape.gradient(data)]) == expected
    program = TapeProgram(tape)
    for outputs in (program.run(values), *program.run.rows([values] * MIN_ROWS)):
        assert bits(outputs)[len(values) : program.count] == expected
    for found in (tape.at(values), *program.points([values]), *program.points([values] * MIN_ROWS)):
        if found is None:
            assert tape.edges
        else:
            assert bits(found) == bits(values) + expected
            assert not conventions(graph.nodes)


@pytest.mark.sampled(5)
@pytest.mark.parametrize(("text", "sample"), ROWS, ids=[f"{text} at {sample}" for text, sample in ROWS])
def test_every_row_has_the_bits_of_its_value(text: str, sample: tuple[float, ...]) -> None:
    assert_same(text, {f"x{index}": float(number) for index, number in enumerate(sample)})


@pytest.mark.sampled(5)
@pytest.mark.parametrize(("text", "sample"), ROWS, ids=[f"{text} at {sample}" for text, sample in ROWS])
@pytest.mark.parametrize("number", [None, 2.0, 0.5])
def test_rules_that_are_used_often_have_the_bits_of_the_rules(
    text: str, sample: tuple[float, ...], number: float | None
) -> None:
    """With a number for the last operand, rules are written out for it alone."""
    (step,) = (step for step in read(text).blocks[-1].steps if step.operation is not None)
    operation = step.operation
    assert operation is not None
    operands = [*map(float, sample), *operation.complete(len(sample))]
    known: list[bool | float] = [True] * len(operands)
    if number is not None and len(operands) > 1:
        operands[-1] = known[-1] = number
    rules = FloatRules(operation, known)
    rules.make_program()
    for x in (None, 0.0, -2.5, math.inf, math.nan):
        point = [y if x is None or known[at] is not True else x for at, y in enumerate(operands)]
        point.append(operation.evaluate(*point))
        later = rules.contributions(-1.5, point)
        expected = operation.contributions(-1.5, rules.receivers, point, point, type(None))  # type: ignore[arg-type]
        assert [(at, amount.hex()) for at, amount in later] == [(at, amount.hex()) for at, amount in expected]


@QUIET
@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=6),
    st.lists(st.sampled_from("+-*/"), min_size=6, max_size=6),
    st.sampled_from(EDGES),
    st.sampled_from(EDGES),
)
def test_random_formulas_have_the_bits_of_their_values(pieces: list[str], signs: list[str], x: float, y: float) -> None:
    formula = "".join(f"({piece}) {sign} " for piece, sign in zip(pieces, signs, strict=False)) + "x*0 + y*0"
    assert_same(f"t = exp(-x)*y; {formula}", {"x": x, "y": y})


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("a = 2; b = a*3; a*b*x", {"x": 3.0}),
        ("a = 2; a*x", {"x": 3.0, "a": 5.0}),
        ("7", {}),
        ("e*x", {"x": 1.0, "e": 2.0}),
        ("c = x; c", {"x": 4.0}),
    ],
)
def test_inputs_are_those_of_the_graph(text: str, point: dict[str, float]) -> None:
    assert_same(text, point)
