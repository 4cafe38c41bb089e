"""Evaluations: the edges, the physics, what is said of results that are not finite, and the record."""

import json
import math
from typing import Any

import jsonschema
import pytest

from mgrad_cli.errors import BindingError, MgradError
from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.evaluation.json_record import as_record
from mgrad_cli.evaluation.results import Result
from mgrad_cli.evaluation.value_text import parse_value
from mgrad_cli.language.lowering import read
from tests.conftest import shared


def run(text: str, **bindings: float) -> Result:
    return differentiate(read(text), bindings)


def number(value: float | str) -> float:
    return float(value)


def same(got: float, want: float, ulps: int = 4) -> bool:
    return got == want or (math.isnan(got) and math.isnan(want)) or abs(got - want) <= ulps * math.ulp(want)


OWN_EDGES = [
    ("abs(x)", {"x": 0.0}, 0.0, {"x": 0.0}),
    ("1/floor(x)", {"x": 0.5}, math.inf, {"x": 0.0}),
    ("x**0", {"x": math.nan}, 1.0, {"x": 0.0}),
    ("0**x", {"x": 2.0}, 0.0, {"x": 0.0}),
    ("x**y", {"x": -2.0, "y": 2.0}, 4.0, {"x": -4.0, "y": math.nan}),
    ("sqrt(x)", {"x": -0.0}, 0.0, {"x": math.inf}),
    ("max(x, y, z)", {"x": 1.0, "y": 1.0, "z": 1.0}, 1.0, {"x": 1 / 3, "y": 1 / 3, "z": 1 / 3}),
    ("min(x, y)", {"x": math.nan, "y": 1.0}, math.nan, {"x": math.nan, "y": math.nan}),
    ("relu(x)", {"x": math.nan}, math.nan, {"x": math.nan}),
    ("clip(x, 0, 1)", {"x": math.nan}, math.nan, {"x": math.nan}),
    ("clip(x, lo, hi)", {"x": 5.0, "lo": 0.0, "hi": 1.0}, 1.0, {"x": 0.0, "lo": 0.0, "hi": 1.0}),
    ("mod(a, b)", {"a": 1.0, "b": 0.1}, 1.0 % 0.1, {"a": 1.0, "b": -9.0}),
    ("where(c, a, b)", {"c": math.nan, "a": 1.0, "b": 2.0}, math.nan, {"c": 0.0, "a": math.nan, "b": math.nan}),
    ("where(x > 0, where(x > 1, 1/(x-1), log(x-1)), x)", {"x": 0.0}, 0.0, {"x": 1.0}),
    ("where(x > 0, sqrt(x), 1)**2", {"x": 0.0}, 1.0, {"x": 0.0}),
    ("hypot(x, y)", {"x": 0.0, "y": 0.0}, 0.0, {"x": 0.0, "y": 0.0}),
    ("xlogy(x, y)", {"x": 0.0, "y": 0.0}, 0.0, {"x": -math.inf, "y": 0.0}),
    ("acot(x)", {"x": 0.0}, math.pi / 2, {"x": -1.0}),
    ("a < b", {"a": math.nan, "b": 1.0}, 0.0, {"a": 0.0, "b": 0.0}),
    ("not x", {"x": math.nan}, math.nan, {"x": 0.0}),
]


@pytest.mark.parametrize(("text", "variables", "value", "grads"), OWN_EDGES)
def test_edges(text: str, variables: dict[str, float], value: float, grads: dict[str, float]) -> None:
    result = run(text, **variables)
    assert same(result.value or 0.0, value)
    assert all(same((result.grads or {})[name], grad) for name, grad in grads.items()), result.grads


def test_every_reference_edge() -> None:
    for line in shared("edges.jsonl").read_text().splitlines():
        case = json.loads(line)
        result = run(case["expr"], **{name: number(value) for name, value in case["vars"].items()})
        assert result.value is not None
        assert same(result.value, number(case["value"])), case
        for name, grad in case["grads"].items():
            assert same((result.grads or {})[name], number(grad)), case


def test_inputs_come_in_order_of_appearance_and_wrt_keeps_some() -> None:
    assert list(run("b*a + c", a=1, b=2, c=3).grads or {}) == ["b", "a", "c"]
    assert differentiate(read("b*a"), {"a": 1, "b": 2}, ["a"]).grads == {"a": 2}
    with pytest.raises(BindingError, match="no variable 'q' in the expression"):
        differentiate(read("b*a"), {"a": 1, "b": 2}, ["q"])


@pytest.mark.parametrize(
    ("text", "bindings", "want"),
    [
        ("a*b", {"a": 2}, "missing value for 'b'"),
        ("a*b", {}, "missing value for 'a', 'b'"),
        ("alpha*b", {"aplha": 2, "b": 3}, "no variable 'aplha' in the expression; did you mean 'alpha'?"),
        ("c = a*b; c*2", {"a": 1, "b": 2, "c": 3}, "c is computed; bind a, b"),
        ("x + inf", {"x": 1, "inf": 2}, "'inf' is a constant and cannot be given a value"),
        ("sin + 1", {}, "missing value for 'sin'; sin is a function: write sin(...)"),
        ("2*Pi", {}, "missing value for 'Pi'; did you mean the constant 'pi'?"),
    ],
)
def test_bindings_that_do_not_fit_are_one_line(text: str, bindings: dict[str, float], want: str) -> None:
    with pytest.raises(BindingError) as caught:
        run(text, **bindings)
    assert str(caught.value) == want


@pytest.mark.parametrize(
    ("text", "bindings", "want"),
    [
        (
            "log(a - b)*2",
            {"a": 1, "b": 2},
            "log(a - b) is nan: log of a negative number\n  1 | log(a - b)*2\n    | ^^^^^^^^^^",
        ),
        ("1/x", {"x": 0}, "1/x is inf: division by zero\n  1 | 1/x\n    | ^^^"),
        ("9**9**9", {}, "9**9**9 is inf: overflow\n  1 | 9**9**9\n    | ^^^^^^^"),
        ("x - x", {"x": math.inf}, "x - x is nan: inf - inf\n  1 | x - x\n    | ^^^^^"),
        ("x*2", {"x": math.inf}, "the value is inf: x was given as inf"),
        ("y = exp(x); 1 + y", {"x": 1000}, "y is inf: overflow\n  1 | y = exp(x); 1 + y\n    |     ^^^^^^"),
        (
            "3*sqrt(x)",
            {"x": 0},
            "d/dx is inf: the derivative of sqrt(x) is not finite at x = 0\n  1 | 3*sqrt(x)\n    |   ^^^^^^^",
        ),
    ],
)  # fmt: skip
def test_the_first_node_that_is_not_finite_is_named(text: str, bindings: dict[str, float], want: str) -> None:
    assert [str(finding) for finding in run(text, **bindings).findings] == [want]


def test_a_branch_not_taken_is_not_blamed() -> None:
    assert run("where(x > 0, log(x), 0)", x=-1).findings == []


def test_results_name_the_conventions_they_rest_on() -> None:
    assert run("abs(x) + max(y, 2)", x=0, y=2).conventions == ["abs(x) at 0", "max(a, b) at a tie"]
    assert run("abs(x) + x**2", x=1).conventions == []
    assert run("x**2", x=0).conventions == []


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("3", 3), ("-.5e-3", -0.0005), ("+2.", 2), ("pi/4", math.pi / 4), ("NaN", math.nan), ("-Infinity", -math.inf),
        ("inf", math.inf), ("sqrt(2)", math.sqrt(2)), (" 7 ", 7), ("-2**2", -4),
    ],
)  # fmt: skip
def test_values_are_numbers_or_constant_expressions(text: str, want: float) -> None:
    assert same(parse_value(text), want)


@pytest.mark.parametrize("text", ["1,5", "0x10", "", "x", "1_000", "１", "a=3", "1;2", "1e999", "--", "nan nan", "tru"])
def test_other_values_are_refused(text: str) -> None:
    with pytest.raises(MgradError):
        parse_value(text)


RECORDS: list[tuple[str, dict[str, float]]] = [
    ("a*b", {"a": 2, "b": 3}), ("1/x", {"x": 0}), ("x", {"x": math.inf}), ("abs(x)", {"x": 0}), ("2+3", {}),
    ("where(x>0, log(x), 0)", {"x": -1}), ("log(x)", {"x": -1}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "bindings"), RECORDS)
@pytest.mark.parametrize("with_nodes", [False, True])
def test_records_follow_the_schema(text: str, bindings: dict[str, float], with_nodes: bool) -> None:
    schema: Any = json.loads(shared("result.schema.json").read_text())
    record = as_record(differentiate(read(text), bindings, with_nodes=with_nodes))
    jsonschema.validate(record, schema)
    json.dumps(record, allow_nan=False)
