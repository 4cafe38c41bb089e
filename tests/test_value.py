"""`Value`: the engine as its readers know it."""

import math
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy
import pytest

from mgrad_cli import Value
from mgrad_cli.numerical import gradcheck
from mgrad_cli.operations.logic import where


def grads(output: Value, *inputs: Value) -> list[Any]:
    output.backward()
    return [x.grad for x in inputs]


def test_the_engine_s_example() -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    c, d = a * b, a + b
    e = c * d
    assert grads(e, a, b, c, d, e) == [21.0, 16.0, 5.0, 6.0, 1.0]


def test_the_module_runs_as_a_script_without_a_warning() -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-m", "mgrad_cli.value"], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "a: 21.0, b: 16.0, c: 5.0, d: 6.0, e: 1.0\n"
    assert ran.stderr == ""


def test_a_node_has_the_shape_its_readers_know() -> None:
    a, b = Value(2), Value(3, label="b")
    c = a * b
    assert (c.data, c.grad, c.label, c._op, c._prev) == (6.0, 0.0, "", "*", (a, b))
    assert (a._op, a._prev, b.label) == ("", (), "b")
    c.grad = 2.0
    a.grad = b.grad = None
    c._backward()
    assert (a.grad, b.grad) == (6.0, 4.0)
    assert repr(b) == "Value(data=3.0, grad=4.0, label='b')"


def test_parents_are_ordered_and_may_repeat() -> None:
    x = Value(3.0)
    square = x * x
    assert square._prev == (x, x)
    assert grads(square, x) == [6.0]


def test_shared_nodes_accumulate() -> None:
    x = Value(2.0)
    y = x * x
    assert grads(y * y + y, x) == [4 * 8.0 + 4.0]


def test_a_second_backward_gives_the_same_answer() -> None:
    x, y = Value(2.0), Value(3.0)
    z = (x * y + x).tanh()
    assert grads(z, x, y) == grads(z, x, y)


def test_backward_from_another_output_starts_from_zero() -> None:
    x = Value(2.0)
    y = x * 3
    grads(y * y, x)
    assert grads(y, x) == [3.0]


def test_zero_grad_reaches_every_node() -> None:
    x = Value(2.0)
    y = (x * x).exp()
    y.backward()
    y.zero_grad()
    assert (x.grad, y.grad, y._prev[0].grad) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("expression", "value", "slope"),
    [
        (lambda x: x + 3, 5, 1),
        (lambda x: 3 + x, 5, 1),
        (lambda x: x - 3, -1, 1),
        (lambda x: 3 - x, 1, -1),
        (lambda x: x * 3, 6, 3),
        (lambda x: 3 * x, 6, 3),
        (lambda x: x / 4, 0.5, 0.25),
        (lambda x: 4 / x, 2, -1),
        (lambda x: x**3, 8, 12),
        (lambda x: 3**x, 9, 9 * math.log(3)),
        (lambda x: x**x, 4, 4 * (1 + math.log(2))),
        (lambda x: -x, -2, -1),
        (lambda x: +x, 2, 1),
        (lambda x: abs(-x), 2, 1),
        (lambda x: x.relu(), 2, 1),
        (lambda x: x.log(2), 1, 1 / (2 * math.log(2))),
        (lambda x: x.max(1, 3), 3, 0),
    ],
)
def test_numbers_stand_on_either_side_of_every_operator(expression: Any, value: float, slope: float) -> None:
    x = Value(2.0)
    y = expression(x)
    assert y.data == pytest.approx(value, rel=1e-15)
    assert grads(y, x) == [pytest.approx(slope, rel=1e-15)]


def test_plain_numbers_are_constants_without_a_gradient() -> None:
    x = Value(-2.0)
    y = x**2
    assert grads(y, x) == [-4.0]
    assert y._prev[1].grad == 0.0


def test_operands_that_are_no_numbers_are_refused() -> None:
    with pytest.raises((TypeError, ValueError)):
        Value(1.0) + "a"
    with pytest.raises(TypeError, match="log does not take 3 operands"):
        Value(1.0).log(2, 3)


def test_a_subclass_is_a_value_like_others() -> None:
    class Weight(Value):
        pass

    w = Weight(2.0)
    assert grads(w * w + 1, w) == [4.0]


def test_second_derivatives_come_from_the_same_rules() -> None:
    x, y = Value(0.5), Value(2.0)
    z = (x * y).sin() * x
    z.backward(create_graph=True)
    dx = x.grad
    dx.backward()
    xy, c, s = 1.0, math.cos(1.0), math.sin(1.0)
    assert x.grad == pytest.approx(2 * 2 * c - 0.5 * 4 * s, rel=1e-14)
    assert y.grad == pytest.approx(2 * 0.5 * c - 0.5 * xy * s, rel=1e-14)


def test_third_derivatives_too() -> None:
    x = Value(2.0)
    grad: Any = x**5
    for _ in range(3):
        grad.backward(create_graph=True)
        grad = x.grad
    assert grad.data == 60 * 4.0


def test_create_graph_leaves_values_everywhere() -> None:
    x, unused = Value(2.0), Value(3.0)
    y = where(x - 5, unused * x, x * x)
    y.backward(create_graph=True)
    assert isinstance(x.grad, Value)


def test_the_branch_not_taken_gives_nothing_in_any_order() -> None:
    x = Value(0.0)
    y = where(Value(0.0), x.log() * 3, (x + 1) * (x + 1))
    assert grads(y, x) == [2.0]
    y.backward(create_graph=True)
    first = x.grad
    first.backward()
    assert x.grad == 2.0


def test_where_gives_to_nodes_that_both_branches_share() -> None:
    x = Value(2.0)
    shared = x * x
    y = where(Value(1.0), shared, shared / 0.0)
    assert grads(y, x) == [4.0]


def test_a_chain_of_a_million_operations() -> None:
    x = Value(1.0)
    y = x
    for _ in range(1_000_000):
        y = y + x
    assert grads(y, x) == [1_000_001.0]


def test_training_updates_data_in_place() -> None:
    w = Value(3.0)
    for _ in range(50):
        loss = (w - 1) ** 2
        loss.backward()
        w.data -= 0.25 * w.grad
    assert w.data == pytest.approx(1.0)


def test_gradcheck_passes_what_is_right_and_fails_what_is_not() -> None:
    checks = gradcheck(lambda a, b: (a * b).tanh() / b, [0.5, 2.0])
    assert [(check.name, check.verdict) for check in checks] == [("0", "pass"), ("1", "pass")]

    def wrong(x: Value) -> Value:
        product: Value = x * Value(x.data)  # the second factor is cut off from x
        return product

    (check,) = gradcheck(wrong, {"x": 3.0})
    assert (check.name, check.verdict, check.grad) == ("x", "fail", 3.0)
    assert check.numeric == pytest.approx(6.0)


NOT_NUMBERS: list[Any] = [
    "2", b"2", bytearray(b"2"), None, 2j, 2 + 0j, [2.0], (2.0,), {2.0}, {}, object(), numpy.complex128(2), numpy.complex64(2),
    numpy.str_("2"), numpy.bytes_(b"2"), numpy.datetime64("2026-01-01"), numpy.timedelta64(2, "s"), numpy.array("2"),
    numpy.array(2j), numpy.array(None), Value, math,
]  # fmt: skip


@pytest.mark.parametrize("other", NOT_NUMBERS, ids=lambda other: f"{type(other).__name__}")
@pytest.mark.parametrize(
    "operation",
    [
        lambda a, b: a + b, lambda a, b: b + a, lambda a, b: a * b, lambda a, b: b * a, lambda a, b: a - b,
        lambda a, b: b / a, lambda a, b: a**b, lambda a, b: b**a, lambda a, b: a.max(b), lambda a, b: a.log(b),
        lambda a, b: Value(b), lambda a, b: where(a, a, b),
    ],
)  # fmt: skip
def test_an_operand_that_is_no_real_number_is_a_type_error(operation: Any, other: Any) -> None:
    is_numpy = isinstance(other, numpy.generic | numpy.ndarray)  # which may give its own operator Python's equivalent
    with pytest.raises(TypeError, match="a real number is needed, not" if is_numpy else type(other).__name__):
        operation(Value(1.0), other)


@pytest.mark.parametrize(
    "number",
    [
        2, 2.0, True, Fraction(2), Decimal(2), numpy.float64(2), numpy.float32(2), numpy.float16(2), numpy.int8(2),
        numpy.uint64(2), numpy.longdouble(2), numpy.bool_(True), numpy.array(2), numpy.array(2.0),
    ],
    ids=lambda number: type(number).__name__,
)  # fmt: skip
def test_every_kind_of_real_number_is_an_operand(number: Any) -> None:
    for result in (Value(3.0) * number, number * Value(3.0), Value(number) * 3):
        assert (type(result), type(result.data), result.data) == (Value, float, 3 * float(number))


def test_an_array_applies_an_operator_to_each_element() -> None:
    x = Value(3.0)
    for array in (numpy.array([2.0]), numpy.array([1.0, 2.0]), numpy.array([[1, 2], [3, 4]]), numpy.array([x, 2.0])):
        for result in (x - array, -(array - x)):
            assert result.shape == array.shape
            assert [each.data for each in result.flat] == [(x - each).data for each in array.flat]
