"""`mgrad_cli.compile`: an expression as a function of arrays and of Arrow tables, and what it refuses."""

import datetime
import math
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from importlib.util import find_spec
from typing import Any

import numpy
import pyarrow
import pytest
from hypothesis import given, settings

import mgrad_cli
from mgrad_cli import Compiled, Gradients, kernels
from mgrad_cli.errors import (
    BindingError,
    ExpressionError,
    InputError,
    LimitError,
    MgradError,
    MissingExtraError,
    UsageError,
)
from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.kernels import adaptive
from mgrad_cli.kernels import compiled as compiled_module
from mgrad_cli.kernels.costs import Savings
from mgrad_cli.language.lowering import read
from mgrad_cli.program import Program
from tests.test_properties import KINKED, POINTS, QUIET, SMOOTH, close, magnitude, programs

HAS_COMPILER = find_spec("llvmlite") is not None
NATIVE = pytest.param("native", marks=pytest.mark.skipif(not HAS_COMPILER, reason="no llvmlite (extra `native`)"))
KINDS = pytest.mark.parametrize("kind", ["auto", "numpy", NATIVE])


def lists(gradients: Gradients) -> tuple[Any, dict[str, Any]]:
    return gradients.value.tolist(), {name: grad.tolist() for name, grad in gradients.grads.items()}


def columns(table: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = table.to_pydict()
    return found


@KINDS
def test_an_expression_is_a_function_of_arrays(kind: str) -> None:
    product = mgrad_cli.compile("x**2*y", kernel=kind)
    assert isinstance(product, Compiled)
    assert (product.inputs, product.wrt, product.defaults) == (("x", "y"), ("x", "y"), {})
    found = product(x=[1.5, 3.0], y=[2.0, 0.5])
    assert lists(found) == ([4.5, 4.5], {"x": [6.0, 3.0], "y": [2.25, 9.0]})
    assert {array.dtype for array in (found.value, *found.grads.values())} == {numpy.dtype(numpy.float64)}


@KINDS
def test_several_outputs_are_several_functions(kind: str) -> None:
    both = mgrad_cli.compile("s = x*y; s, x/y", kernel=kind)
    assert both.outputs == ("s", "f2")
    found = both(x=[[1.0, 2.0]], y=4)
    assert lists(found["s"]) == ([[4.0, 8.0]], {"x": [[4.0, 4.0]], "y": [[1.0, 2.0]]})
    assert lists(found["f2"]) == ([[0.25, 0.5]], {"x": [[0.25, 0.25]], "y": [[-0.0625, -0.125]]})
    table = both(pyarrow.table({"x": [1.0, None], "y": [4.0, 4.0]}))
    assert columns(table) == {
        "x": [1.0, None], "y": [4.0, 4.0], "s": [4.0, None], "f2": [0.25, None], "d_s_x": [4.0, None],
        "d_s_y": [1.0, None], "d_f2_x": [0.25, None], "d_f2_y": [-0.0625, None],
    }  # fmt: skip
    values = mgrad_cli.compile("x, 2*x", wrt=[], kernel=kind)(x=3)
    assert {name: lists(each) for name, each in values.items()} == {"x": (3.0, {}), "f2": (6.0, {})}


@KINDS
@pytest.mark.parametrize(
    ("x_shape", "y_shape", "shape"),
    [
        ((), (), ()), ((3,), (), (3,)), ((), (2, 2), (2, 2)), ((3,), (3,), (3,)), ((4, 1), (3,), (4, 3)),
        ((2, 1, 3), (1, 4, 1), (2, 4, 3)), ((0,), (1,), (0,)), ((0, 3), (3,), (0, 3)), ((1,), (1, 1, 1), (1, 1, 1)),
    ],
)  # fmt: skip
def test_arrays_broadcast_together(
    x_shape: tuple[int, ...], y_shape: tuple[int, ...], shape: tuple[int, ...], kind: str
) -> None:
    generator = numpy.random.default_rng(3)
    x, y = generator.normal(size=x_shape), generator.normal(size=y_shape)
    found = mgrad_cli.compile("x*y - y", kernel=kind)(x=x, y=y)
    assert found.value.shape == found.grads["x"].shape == found.grads["y"].shape == shape
    assert (found.value == x * y - y).all()
    assert (found.grads["x"] == numpy.broadcast_to(y, shape)).all()
    assert (found.grads["y"] == numpy.broadcast_to(x - 1, shape)).all()


@KINDS
def test_arrays_of_any_layout_and_type_of_numbers(kind: str) -> None:
    twice = mgrad_cli.compile("2*x + y", kernel=kind)
    base = numpy.arange(24.0).reshape(4, 6)
    for x in (base[:, ::2], base.T[1:4].T, base[::-1, :3], numpy.asfortranarray(base[:, :3])):
        assert (twice(x=x, y=1).value == 2 * x + 1).all()
    for kind_of_number in ("int8", "int64", "uint32", "float32", "float16", "bool", ">f8"):
        assert twice(x=numpy.array([0, 1, 1], dtype=kind_of_number), y=0.5).value.tolist() == [0.5, 2.5, 2.5]
    assert twice(x=(1, 2), y=range(2)).value.tolist() == [2.0, 5.0]


@KINDS
def test_numbers_give_arrays_without_dimensions(kind: str) -> None:
    found = mgrad_cli.compile("x*y", kernel=kind)(x=3, y=0.5)
    assert (found.value.shape, lists(found)) == ((), (1.5, {"x": 0.5, "y": 3.0}))


@KINDS
@pytest.mark.parametrize("text", ["x*y - y/x", "sin(x)*exp(y)", "lgamma(x + 3)*y", "x**2 + y, x*y"])
def test_numbers_are_an_array_of_one(kind: str, text: str) -> None:
    compiled = mgrad_cli.compile(text, kernel=kind)
    alone, among = compiled(x=0.75, y=-2), compiled(x=[0.75], y=[-2.0])
    pairs = zip(alone.values(), among.values(), strict=True) if isinstance(alone, dict) else [(alone, among)]
    for one, many in pairs:
        assert lists(one) == (many.value[0], {name: grad[0] for name, grad in many.grads.items()})


@KINDS
def test_an_expression_without_variables_is_a_number(kind: str) -> None:
    five = mgrad_cli.compile("2 + 3", kernel=kind)
    assert (five.inputs, lists(five())) == ((), (5.0, {}))
    assert columns(five(pyarrow.table({"a": [1, 2]}))) == {"a": [1, 2], "value": [5.0, 5.0]}


@KINDS
def test_wrt_chooses_the_partials_and_their_order(kind: str) -> None:
    found = mgrad_cli.compile("x*y*z", wrt=["z", "x"], kernel=kind)(x=2, y=3, z=5)
    assert list(found.grads.items()) == [("z", 6.0), ("x", 15.0)]
    assert mgrad_cli.compile("x*y", wrt=(), kernel=kind)(x=2, y=3).grads == {}


def test_the_expression_s_own_values_hold_until_others_are_given() -> None:
    scaled = mgrad_cli.compile("w = 2; w*x")
    assert (scaled.inputs, scaled.defaults) == (("w", "x"), {"w": 2.0})
    assert lists(scaled(x=[3, 4])) == ([6.0, 8.0], {"w": [3.0, 4.0], "x": [2.0, 2.0]})
    assert lists(scaled(x=[3, 4], w=[5, 6])) == ([15.0, 24.0], {"w": [3.0, 4.0], "x": [5.0, 6.0]})
    table = pyarrow.table({"x": [3.0], "w": [7.0]})
    assert columns(scaled(table))["value"] == [21.0]
    assert columns(scaled(table.select(["x"])))["value"] == [6.0]
    assert columns(scaled(table, w=10))["value"] == [30.0]
    assert mgrad_cli.compile("a = pi/2; b = 2*a; sin(b + x)").defaults == {"a": math.pi / 2}


def test_variables_may_have_the_names_of_parameters() -> None:
    assert mgrad_cli.compile("self*table + kernel + columns")(self=2, table=3, kernel=4, columns=5).value == 15


@KINDS
def test_a_truth_times_a_variable_has_the_truth_as_its_partial(kind: str) -> None:
    found = mgrad_cli.compile("(x > 0)*y", kernel=kind)(x=[-1.0, 2.0], y=3.0)
    assert lists(found) == ([0.0, 3.0], {"x": [0.0, 0.0], "y": [0.0, 1.0]})


@settings(QUIET, max_examples=40)
@given(programs((*SMOOTH, *KINKED)), POINTS, POINTS)
def test_random_expressions_come_to_what_an_evaluation_does(text: str, x: float, y: float) -> None:
    unit = read(text)
    compiled = mgrad_cli.compile(text, kernel="numpy")
    given = {name: value for name, value in (("x", x), ("y", y)) if name in compiled.inputs}
    want, got = differentiate(unit, given, explain=False), compiled(**given)
    assert want.grads is not None
    assert tuple(want.grads) == compiled.wrt
    if not want.is_finite:
        return
    scale, tolerance = magnitude(unit, want.vars), 4 * sys.float_info.epsilon * max(1, len(compiled.program))
    assert close(float(got.value), want.value or 0.0, scale, tolerance), text
    for name, grad in want.grads.items():
        assert close(float(got.grads[name]), grad, scale, tolerance), text


@KINDS
def test_a_table_gains_the_value_and_the_partials(kind: str) -> None:
    table = pyarrow.table({"id": ["a", "b"], "y": [2, 3], "x": [1.5, 0.5], "unused": [None, 1]})
    extended = mgrad_cli.compile("x*y", kernel=kind)(table)
    assert extended.schema.names == ["id", "y", "x", "unused", "value", "d_x", "d_y"]
    assert extended.select(table.schema.names).equals(table)
    assert [columns(extended)[name] for name in ("value", "d_x", "d_y")] == [[3.0, 1.5], [2.0, 3.0], [1.5, 0.5]]
    assert {str(extended.schema.field(name).type) for name in ("value", "d_x", "d_y")} == {"double"}


def test_a_record_batch_comes_back_as_one() -> None:
    batch = pyarrow.record_batch({"x": [1.0, None, 3.0]})
    extended = mgrad_cli.compile("x*x")(batch)
    assert isinstance(extended, pyarrow.RecordBatch)
    assert columns(extended) == {"x": [1.0, None, 3.0], "value": [1.0, None, 9.0], "d_x": [2.0, None, 6.0]}


@KINDS
def test_results_are_null_where_a_variable_is_and_only_there(kind: str) -> None:
    table = pyarrow.table({"x": [1.0, None, 3.0, math.nan], "y": [2, 2, None, 1], "other": [None, 1, 1, 1]})
    value = columns(mgrad_cli.compile("x*y", kernel=kind)(table))["value"]
    assert value[:3] == [2.0, None, None]
    assert math.isnan(value[3])
    assert columns(mgrad_cli.compile("2*y", kernel=kind)(table))["value"] == [4.0, 4.0, None, 2.0]
    assert columns(mgrad_cli.compile("x*y", kernel=kind)(table, y=1))["d_y"][:3] == [1.0, None, 3.0]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (pyarrow.array([1, None], pyarrow.int8()), [1.0, None]),
        (pyarrow.array([2**53 + 1, 2**63 - 1], pyarrow.int64()), [2.0**53, 2.0**63]),
        (pyarrow.array([2**64 - 1], pyarrow.uint64()), [2.0**64]),
        (pyarrow.array([1.5, None], pyarrow.float32()), [1.5, None]),
        (pyarrow.array([1.5], pyarrow.float16()), [1.5]),
        (pyarrow.array([Decimal("0.1"), None, Decimal("-7.3")]), [0.1, None, -7.3]),
        (pyarrow.array([Decimal("12345678901234567890.12345")]), [12345678901234567890.12345]),
        (pyarrow.array([Decimal("0.1")], pyarrow.decimal256(60, 50)), [0.1]),
        (pyarrow.array([3, 4, 3, None]).dictionary_encode(), [3.0, 4.0, 3.0, None]),
        (pyarrow.chunked_array([[1.0], [], [2.0, None]]), [1.0, 2.0, None]),
        (pyarrow.chunked_array([pyarrow.array([1, 2]).dictionary_encode(), pyarrow.array([3]).dictionary_encode()]), [1.0, 2.0, 3.0]),
        (pyarrow.array([9, 1, None, 3])[1:3], [1.0, None]),
        (pyarrow.nulls(2), [None, None]),
        (pyarrow.array([], pyarrow.int32()), []),
        (pyarrow.chunked_array([], pyarrow.float64()), []),
    ],
    ids=lambda parameter: str(parameter.type) if hasattr(parameter, "type") else "",
)  # fmt: skip
def test_columns_of_any_type_of_numbers_are_the_nearest_doubles(column: Any, value: list[float | None]) -> None:
    extended = columns(mgrad_cli.compile("x")(pyarrow.table({"x": column})))
    assert extended["value"] == value
    assert extended["d_x"] == [None if number is None else 1.0 for number in value]


@pytest.mark.parametrize(
    "column", [["a"], [True], [[1.0]], [b"1"], [{"a": 1}], pyarrow.array(["1"]).dictionary_encode()]
)
def test_a_column_that_does_not_hold_numbers_is_refused(column: Any) -> None:
    with pytest.raises(InputError, match=r"the table: column 'x' is of type .*, not of numbers"):
        mgrad_cli.compile("x*y")(pyarrow.table({"y": [1.0], "x": column}))


def test_a_column_that_a_number_replaces_may_hold_anything() -> None:
    table = pyarrow.table({"x": ["a", "b"], "y": [1.0, 2.0]})
    assert columns(mgrad_cli.compile("x*y")(table, x=3))["value"] == [3.0, 6.0]


@pytest.mark.parametrize("name", ["value", "d_x"])
def test_a_column_of_the_name_of_a_result_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=f"the output column '{name}' is also a column of the input"):
        mgrad_cli.compile("x")(pyarrow.table({"x": [1.0], name: [1.0]}))


def test_a_column_that_is_there_twice_is_refused() -> None:
    table = pyarrow.Table.from_arrays([pyarrow.array([1.0]), pyarrow.array([2.0])], names=["x", "x"])
    with pytest.raises(MgradError, match="duplicate column 'x'"):
        mgrad_cli.compile("x")(table)


@pytest.mark.parametrize("point", [numpy.array([1.0, 2.0]), [1.0, 2.0], 1.0, {"x": [1.0], "y": [2.0]}], ids=repr)
def test_a_call_without_names_takes_tables_alone(point: Any) -> None:
    with pytest.raises(
        UsageError, match=r"takes a pyarrow.Table .* as in f\(x=..., y=...\), or a point to f.value_and_"
    ):
        mgrad_cli.compile("x*y*z")(point)


BATCH = pyarrow.table({"x": [1.0, 2.0]})


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: mgrad_cli.compile("x*rate")(x=1, rat=2), BindingError, "no variable 'rat' in the expression; did you mean 'rate'?"),
        (lambda: mgrad_cli.compile("x*y")(x=1), BindingError, "missing value for 'y'"),
        (lambda: mgrad_cli.compile("x*y")(), BindingError, "missing value for 'x', 'y'"),
        (lambda: mgrad_cli.compile("c = x*2; c")(x=1, c=2), BindingError, "no variable 'c' in the expression"),
        (lambda: mgrad_cli.compile("e*x")(x=1, e=2), BindingError, "no variable 'e' in the expression"),
        (lambda: mgrad_cli.compile("x*y")(BATCH), BindingError, "no column 'y'; columns: x"),
        (lambda: mgrad_cli.compile("x*y")(BATCH, z=1), BindingError, "no variable 'z' in the expression"),
        (lambda: mgrad_cli.compile("x*y", wrt=["z"]), BindingError, "no variable 'z' in the expression"),
        (lambda: mgrad_cli.compile("alpha", wrt=["alhpa"]), BindingError, "no variable 'alhpa' in the expression; did you mean 'alpha'?"),
        (lambda: mgrad_cli.compile("x*"), ExpressionError, "expected a value after '*'\n  1 | x*\n    |  ^"),
        (lambda: mgrad_cli.compile("tahn(x)"), ExpressionError, "unknown function 'tahn'; did you mean 'tanh'?\n  1 | tahn(x)\n    | ^^^^"),
        (lambda: mgrad_cli.compile("x", kernel="gpu"), UsageError, "unknown kernel 'gpu'; choose from auto, numpy, native"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_in_a_sentence(call: Any, error: type[MgradError], message: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message


def test_a_formula_of_too_many_operations_is_refused_when_it_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_module, "MAX_OPERATIONS", 10)
    with pytest.raises(LimitError, match="more than 10 operations; choose fewer variables with wrt"):
        mgrad_cli.compile("*".join(f"sin(x{k})" for k in range(10)))


@KINDS
def test_shapes_that_do_not_broadcast_are_a_value_error(kind: str) -> None:
    with pytest.raises(ValueError, match=r"do not broadcast together: 'x' \(2,\), 'y' \(3,\)"):
        mgrad_cli.compile("x*y", kernel=kind)(x=[1, 2], y=[1, 2, 3])


def test_the_native_kernel_without_llvmlite_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    for name in ("native_kernel", "vector_code"):
        monkeypatch.delitem(sys.modules, f"mgrad_cli.kernels.{name}", raising=False)
    with pytest.raises(MissingExtraError, match="native") as caught:
        mgrad_cli.compile("x", kernel="native")
    assert (
        str(caught.value)
        == "the native kernel needs llvmlite: pip install 'mgrad-cli[native]' (in a checkout: pip install '.[native]')"
    )
    assert mgrad_cli.compile("x*x")(x=3).value == 9


@KINDS
def test_the_kernel_is_the_one_asked_for(kind: str) -> None:
    compiled = mgrad_cli.compile("x*x", kernel=kind)
    compiled(x=[1.0, 2.0])
    assert compiled.kernel.name == ("numpy" if kind == "auto" else kind)


def let_rows_pay(monkeypatch: pytest.MonkeyPatch, rows: int, point: float = -1.0) -> None:
    """Let machine code pay after more than some rows, and save what `point` rows do in a call on numbers."""
    monkeypatch.setattr(adaptive, "savings", lambda program: Savings(rows, 1.0, 0.0, 1 << 20))
    monkeypatch.setattr(adaptive, "NATIVE_CALL_SECONDS", -point)


@pytest.mark.skipif(not HAS_COMPILER, reason="no llvmlite (extra `native`)")
def test_auto_goes_over_to_machine_code_where_it_pays_and_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    let_rows_pay(monkeypatch, 100)
    compiled = mgrad_cli.compile("tanh(x)*x")
    few = compiled(x=[0.5, 2.0]).value.tolist()
    assert compiled.kernel.name == "numpy"
    many = compiled(x=[0.5, 2.0] * 100).value.tolist()
    assert compiled.kernel.name == "native"
    assert many == pytest.approx(few * 100, rel=1e-15, abs=0)
    monkeypatch.undo()
    compiled(x=[1.0])
    assert compiled.kernel.name == "native"


def test_auto_keeps_its_kernel_from_call_to_call() -> None:
    compiled = mgrad_cli.compile("x**3 + y")
    found = []
    for _ in range(3):
        compiled(x=2, y=[1.0, 3.0])
        found.append(compiled.kernel.on_columns)
    assert found[0] is found[1] is found[2]


@pytest.mark.skipif(not HAS_COMPILER, reason="no llvmlite (extra `native`)")
def test_auto_counts_the_rows_of_all_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    let_rows_pay(monkeypatch, 25)
    compiled = mgrad_cli.compile("x*x + 1")
    names = []
    for _ in range(4):
        compiled(x=[0.5] * 10)
        names.append(compiled.kernel.name)
    assert names == ["numpy", "numpy", "native", "native"]


@pytest.mark.skipif(not HAS_COMPILER, reason="no llvmlite (extra `native`)")
def test_auto_counts_calls_on_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    let_rows_pay(monkeypatch, 25, point=10.0)
    compiled = mgrad_cli.compile("x*y + x")
    names = []
    for x in range(4):
        found = compiled(x=x, y=0.5)
        assert lists(found) == (1.5 * x, {"x": 1.5, "y": float(x)})
        assert found.value.shape == found.grads["x"].shape == ()
        names.append(compiled.kernel.name)
    assert names == ["numpy", "numpy", "native", "native"]


@pytest.mark.parametrize("is_installed", [False, True])
def test_auto_asks_once_whether_it_can_compile(is_installed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def is_compilable(program: Program) -> bool:
        asked.append(program)
        return False

    monkeypatch.setattr(kernels, "is_compilable", is_compilable)
    monkeypatch.setattr(kernels, "is_installed", lambda name: is_installed)
    let_rows_pay(monkeypatch, 5)
    compiled = mgrad_cli.compile("x*x + 1")
    for _ in range(3):
        compiled(x=[0.5] * 10)
    assert compiled.kernel.name == "numpy"
    assert len(asked) == is_installed


@KINDS
def test_calls_from_several_threads_do_not_disturb_each_other(kind: str) -> None:
    compiled = mgrad_cli.compile("exp(x)*sin(y) + where(x > y, x, y**3)", kernel=kind)
    inputs = [{"x": numpy.linspace(-1, 1, 900 + k), "y": numpy.float64(k) / 3} for k in range(8)]
    want = [lists(compiled(**given)) for given in inputs]
    with ThreadPoolExecutor(4) as pool:
        assert [lists(found) for found in pool.map(lambda given: compiled(**given), inputs * 2)] == want * 2


@KINDS
def test_results_are_new_arrays_and_the_columns_are_left_as_they_were(kind: str) -> None:
    compiled = mgrad_cli.compile("x", kernel=kind)
    x = numpy.array([1.0, 2.0, 3.0])
    first = compiled(x=x)
    assert not numpy.shares_memory(first.value, x)
    first.value[:] = -1.0
    assert x.tolist() == [1.0, 2.0, 3.0]
    assert lists(compiled(x=x)) == ([1.0, 2.0, 3.0], {"x": [1.0, 1.0, 1.0]})


@KINDS
@pytest.mark.parametrize(
    "values",
    [
        [1j, 2.0], numpy.array([1 + 0j]), numpy.complex64(1), 1j, ["1", "2"], "1", b"1", numpy.array([b"1"]), None, [None, 1.0],
        numpy.array(["2026-01-01"], dtype="datetime64[D]"), numpy.array([1], dtype="timedelta64[s]"), [object()], {},
        [1.0, "1"], [10**30, "1"], numpy.array([(1, 2.0)], dtype="i4,f8"), numpy.array([1.0, 2j], dtype=object),
        [1.0, [2.0, 3.0]], [[1.0], [2.0, 3.0]], 10**400, [1.0, 10**400], numpy.ma.array([1.0, 2.0], mask=[False, True]),
    ],
    ids=lambda values: f"{values!r:.9}",
)  # fmt: skip
def test_arrays_of_anything_but_real_numbers_are_refused(kind: str, values: Any) -> None:
    with pytest.raises(InputError, match="'x'"):
        mgrad_cli.compile("x*y", kernel=kind)(x=values, y=2.0)


def test_numbers_of_any_size_and_kind_are_doubles() -> None:
    twice = mgrad_cli.compile("2*x")
    numbers: list[Any] = [10**30, Fraction(1, 3), Decimal("0.1"), numpy.float32(0.1), True]
    for number in numbers:
        assert twice(x=number).value == 2 * float(number)
    assert twice(x=numbers).value.tolist() == [2 * float(number) for number in numbers]
    assert twice(x=[]).value.shape == twice(x=numpy.array([], dtype=object)).value.shape == (0,)


@pytest.mark.parametrize(
    "column",
    [
        pyarrow.array(["1"]), pyarrow.array([b"1"]), pyarrow.array([datetime.date(2026, 1, 1)]), pyarrow.array([[1.0]]),
        pyarrow.array([{"re": 1.0, "im": 2.0}]), pyarrow.array([True]), pyarrow.array([1], pyarrow.timestamp("s")),
        pyarrow.array([1], pyarrow.duration("s")), pyarrow.array(["1"]).dictionary_encode(),
    ],
    ids=lambda column: str(column.type),
)  # fmt: skip
def test_columns_of_anything_but_numbers_are_refused(column: Any) -> None:
    with pytest.raises(InputError, match="column 'x'"):
        mgrad_cli.compile("2*x")(pyarrow.table({"x": column}))


@pytest.mark.parametrize("value", ["2", 2j, None, [2.0], b"2"])
def test_a_number_beside_a_table_is_a_number(value: Any) -> None:
    with pytest.raises(InputError, match="'y'"):
        mgrad_cli.compile("x*y")(pyarrow.table({"x": [1.0]}), y=value)
