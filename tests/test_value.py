"""`Value`: the engine as its readers know it."""

import copy
import math
import pickle
import re
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy
import pytest

from mgrad_cli import Value
from mgrad_cli.evaluation.gradcheck import gradcheck
from mgrad_cli.operations import TABLE
from mgrad_cli.operations.logic import where
from mgrad_cli.value import topological_order
from tests import method_stub
from tests.conftest import ROOT


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
        Value(1.0) + "a"  # type: ignore[operator]
    with pytest.raises(TypeError, match="log does not take 3 operands"):
        Value(1.0).log(2, 3)  # type: ignore[call-arg]


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


@pytest.mark.slow
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
    with pytest.raises(TypeError, match="must be a real number, not" if is_numpy else type(other).__name__):
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


def test_a_value_is_the_number_where_python_asks_for_one() -> None:
    x = Value(2.0, "x")
    assert (float(x), f"{x:.2f}", f"{x:>8.1e}", math.sin(x)) == (2.0, "2.00", " 2.0e+00", math.sin(2.0))
    assert f"{x}" == str(x) == repr(x)
    assert numpy.array([x, x * 2], dtype=float).tolist() == [2.0, 4.0]


@pytest.mark.parametrize("attempt", [lambda x: Value(x), lambda x: Value(1.0).__class__(x * x)])
def test_a_value_made_of_a_value_would_lose_its_graph_and_is_refused(attempt: Any) -> None:
    with pytest.raises(TypeError, match=r"not Value; use float\(x\) for its number"):
        attempt(Value(2.0))


CALLS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("leaky_relu", (0.1,), {"slope": 0.1}),
    ("elu", (2.0,), {"alpha": 2.0}),
    ("log", (2,), {"base": 2}),
    ("ln", (2,), {"base": 2}),
    ("clip", (0, 1), {"hi": 1, "lo": 0}),
    ("pow", (3,), {"b": 3}),
]


@pytest.mark.parametrize(("name", "others", "named"), CALLS)
def test_operands_are_given_by_name_too(name: str, others: tuple[Any, ...], named: dict[str, Any]) -> None:
    x, y = Value(1.5), Value(1.5)
    placed, by_name = getattr(x, name)(*others), getattr(y, name)(**named)
    assert (placed.data, *grads(placed, x)) == (by_name.data, *grads(by_name, y))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: x.leaky_relu(slop=1), r"unexpected argument 'slop'; write x.leaky_relu\(slope\)"),
        (lambda x: x.leaky_relu(0.1, slope=1), "unexpected argument 'slope'"),
        (lambda x: x.log(2, base=2), r"write x.log\(\) or x.log\(base\)"),
        (lambda x: x.tanh(x=1), r"unexpected argument 'x'; write x.tanh\(\)"),
        (lambda x: x.clip(hi=1), "clip needs a value for 'lo'"),
        (lambda x: x.max(b=1), r"write x.max\(b, ...\)"),
    ],
)
def test_names_that_are_no_operands_are_a_type_error(call: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        call(Value(1.0))


@pytest.mark.parametrize(
    "attempt",
    [
        bool, lambda x: not x, lambda x: x and 1, lambda x: any([x]), lambda x: 1 if x.less(0) else 2, lambda x: x < 3,
        lambda x: x > 3, lambda x: x <= x, lambda x: x > 0, lambda x: x <= 1.5, lambda x: 0 < x < 3, lambda x: max(x, 1),
        lambda x: sorted([x, x * 2]), lambda x: numpy.array([1.0]) < x, lambda x: numpy.maximum(x, 0),
    ],
)  # fmt: skip
def test_a_node_is_not_a_truth_value(attempt: Any) -> None:
    with pytest.raises(TypeError, match=r"x\.data"):
        attempt(Value(2.0))


def test_equality_is_identity_so_that_values_stand_in_lists_sets_and_dictionaries() -> None:
    x, y = Value(2.0), Value(2.0)
    assert x == x
    assert x != y
    assert x in [y, x]
    assert len({x, y}) == 2
    assert {x: 1}[x] == 1
    several = [x, y]
    several.remove(y)
    assert several == [x]


def graph_of(output: Value) -> list[Any]:
    order = topological_order(output)
    indices = {node: index for index, node in enumerate(order)}
    return [
        (type(node), node.data, node.label, node._op, [indices[operand] for operand in node._prev]) for node in order
    ]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_an_input_is_copied_and_pickled(copied: Any) -> None:
    x = Value(2.0, "x")
    (x * 3).backward()
    twin = copied(x)
    assert (twin is x, twin.data, twin.grad, twin.label) == (False, 2.0, 3.0, "x")


def test_a_copy_is_a_node_of_the_same_operands() -> None:
    x = Value(2.0)
    y = x * x
    twin = copy.copy(y)
    assert (twin is y, twin._prev, grads(twin * 3, x)) == (False, (x, x), [12.0])


def test_a_deep_copy_is_a_graph_of_its_own_that_shares_what_was_shared() -> None:
    x, y = Value(0.5, "x"), Value(2.0, "y")
    z = where(x.greater(0), (x * y).tanh() + x, y)
    grads(z, x, y)
    model = {"inputs": [x, y], "output": z}
    twins = copy.deepcopy(model)
    (a, b), c = twins["inputs"], twins["output"]
    assert graph_of(c) == graph_of(z)
    assert not {*topological_order(c)} & {*topological_order(z)}
    assert (a.grad, b.grad) == (x.grad, y.grad)
    a.data = 7.0
    assert grads(c, a, b) != grads(z, x, y)
    assert x.data == 0.5


def test_a_deep_copy_has_the_graph_of_gradients_too() -> None:
    x = Value(3.0)
    (x**3).backward(create_graph=True)
    twin = copy.deepcopy(x)
    twin.grad.backward()
    assert (twin.grad, x.grad.data) == (18.0, 27.0)


def test_copies_of_a_subclass_have_its_attributes() -> None:
    class Weight(Value):
        def __init__(self, data: float, index: list[int]) -> None:
            super().__init__(data)
            self.index = index

    w = Weight(2.0, [1])
    twins: list[Any] = [copy.copy(w), copy.deepcopy(w * w)._prev[0]]
    for twin in twins:
        assert (type(twin), twin.data, twin.index) == (Weight, 2.0, [1])


def test_a_deep_graph_is_copied_without_recursion() -> None:
    x = y = Value(1.0)
    for _ in range(100_000):
        y = y + x
    a, b = copy.deepcopy((x, y))
    assert grads(b, a) == [100_001.0]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_computed_value_is_not_pickled_and_says_what_is(protocol: int) -> None:
    x = Value(2.0)
    with pytest.raises(TypeError, match="pickle the inputs"):
        pickle.dumps([x, x * x], protocol)
    both = pickle.loads(pickle.dumps([x, x], protocol))
    assert both[0] is both[1]


@pytest.mark.parametrize("name", [name for name, rows in TABLE.items() if rows[0].is_internal])
def test_helper_rows_are_no_methods(name: str) -> None:
    assert not hasattr(Value, name)


def test_the_stub_is_what_the_table_says() -> None:
    assert method_stub.PATH.read_text() == method_stub.stub(), "run python -m tests.method_stub"


def test_every_method_of_the_stub_is_one_of_values_and_the_other_way_round() -> None:
    declared = set(re.findall(r"^    def (\w+)", method_stub.stub(), re.MULTILINE))
    own = {"backward", "zero_grad", "apply", "data", "grad", "label"}
    assert {name for name in declared if not hasattr(Value, name)} == set()
    assert {name for name in dir(Value) if not name.startswith("_")} - own <= declared


def test_type_checkers_know_the_methods(tmp_path: Path) -> None:
    mypy = pytest.importorskip("mypy.api", reason="mypy is not installed")
    script = tmp_path / "script.py"
    script.write_text(
        "from mgrad_cli import Value\n"
        "x = Value(2.0)\n"
        "reveal_type(x.tanh() * 2 + x.leaky_relu(slope=0.1) - 1 / x.max(1, x).log())\n"
        "x.tahn()\n"
        "x.leaky_relu(slop=0.1)\n"
        "x.mish_gate()\n"
        "x + '2'\n"
        "x.clip(1)\n"
    )
    report, _, _ = mypy.run(["--no-error-summary", "--config-file", str(ROOT / "pyproject.toml"), str(script)])
    found = re.findall(r"script\.py:(\d): (?:note: Revealed type is \"([\w.]+)|error: .*\[([\w-]+)\])", report)
    assert [(int(line), kind or revealed) for line, revealed, kind in found] == [
        (3, "mgrad_cli.value.Value"), (4, "attr-defined"), (5, "call-arg"), (6, "attr-defined"), (7, "operator"),
        (8, "call-arg"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "function", ["sin", "exp", "tanh", "sqrt", "arcsin", "arctan", "log2", "cbrt", "absolute", "negative", "square"]
)
def test_numpy_s_functions_apply_to_values_and_to_arrays_of_them(function: str) -> None:
    x = Value(0.5)
    single = getattr(numpy, function)(x)
    several = getattr(numpy, function)(numpy.array([x, x * 2, Value(0.25)]))
    assert single.data == pytest.approx(getattr(numpy, function)(0.5), rel=1e-15)
    assert (type(single), several.shape, {type(each) for each in several}) == (Value, (3,), {Value})
    slope = (getattr(numpy, function)(0.5 + 1e-6) - getattr(numpy, function)(0.5 - 1e-6)) / 2e-6
    assert grads(single, x) == [pytest.approx(slope, rel=1e-6)]


def test_arrays_of_values_are_added_up_and_multiplied() -> None:
    weights = numpy.array([Value(1.0), Value(2.0)])
    inputs = numpy.array([3.0, 4.0])
    for total in (weights @ inputs, inputs @ weights, (weights * inputs).sum(), numpy.dot(weights, inputs)):
        assert (total.data, *grads(total, *weights)) == (11.0, 3.0, 4.0)
    assert (weights.mean() * 2).data == 3.0


@pytest.mark.parametrize(
    ("function", "inputs", "message"),
    [
        (lambda x: x * 2, ["2"], "must be a real number, not str"),
        (lambda x: x * 2, {"x": None}, "must be a real number, not NoneType"),
        (lambda x: x * 2, [Value(2.0)], "must be a real number, not Value"),
        (lambda x: 2.0, [2.0], "the function returns float, not a Value"),
        (lambda x: None, [2.0], "the function returns NoneType, not a Value"),
    ],
)
def test_gradcheck_says_what_it_needs(function: Any, inputs: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        gradcheck(function, inputs)
