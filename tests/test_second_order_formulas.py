"""Second derivatives of formulas from physics and optimisation, each against differences in 120-digit arithmetic.

The reference evaluates the formula by `tests.reference`, which shares nothing with the table of operations.
"""

import json
from collections.abc import Mapping
from typing import Any

import mpmath
import pytest
from mpmath import mp, mpf

from mgrad_cli.errors import UndecidedError
from mgrad_cli.evaluation.second_order import hessians
from mgrad_cli.language.lowering import CONSTANTS, Script, read, run_script
from mgrad_cli.program import trace
from mgrad_cli.script import Step
from tests.conftest import shared
from tests.reference import REFERENCES
from tests.test_second_order import scale_of

STEP = mpf(10) ** -35
PROBLEMS: list[tuple[str, dict[str, float]]] = [
    ("100*(y - x**2)**2 + (1 - x)**2", {"x": -1.2, "y": 1.0}),
    ("(x**2 + y - 11)**2 + (x + y**2 - 7)**2", {"x": 0.3, "y": -2.1}),
    ("(1.5 - x + x*y)**2 + (2.25 - x + x*y**2)**2 + (2.625 - x + x*y**3)**2", {"x": 1.0, "y": 0.7}),
    ("(x + 10*y)**2 + 5*(z - w)**2 + (y - 2*z)**4 + 10*(x - w)**4", {"x": 3.0, "y": -1.0, "z": 0.1, "w": 1.0}),
    ("(1 + (x + y + 1)**2*(19 - 14*x + 3*x**2 - 14*y + 6*x*y + 3*y**2))*(30 + (2*x - 3*y)**2*(18 - 32*x + 12*x**2 + 48*y - 36*x*y + 27*y**2))", {"x": 0.4, "y": -0.6}),
    ("(y - 5.1*x**2/(4*pi**2) + 5*x/pi - 6)**2 + 10*(1 - 1/(8*pi))*cos(x) + 10", {"x": 2.5, "y": 7.5}),
    ("-20*exp(-0.2*sqrt((x**2 + y**2)/2)) - exp((cos(2*pi*x) + cos(2*pi*y))/2) + e + 20", {"x": 0.8, "y": -0.3}),
    ("20 + x**2 - 10*cos(2*pi*x) + y**2 - 10*cos(2*pi*y)", {"x": 0.21, "y": 1.3}),
    ("(x**2 + y**2 + z**2)/4000 - cos(x)*cos(y/sqrt(2))*cos(z/sqrt(3)) + 1", {"x": 3.0, "y": 1.1, "z": -2.0}),
    ("sin(3*pi*x)**2 + (x - 1)**2*(1 + sin(3*pi*y)**2) + (y - 1)**2*(1 + sin(2*pi*y)**2)", {"x": 0.3, "y": 1.7}),
    ("-cos(x)*cos(y)*exp(-((x - pi)**2 + (y - pi)**2))", {"x": 2.7, "y": 3.5}),
    ("0.26*(x**2 + y**2) - 0.48*x*y", {"x": 5.0, "y": -3.0}),
    ("sin(x + y) + (x - y)**2 - 1.5*x + 2.5*y + 1", {"x": -0.5, "y": -1.5}),
    ("(x**4 - 16*x**2 + 5*x + y**4 - 16*y**2 + 5*y)/2", {"x": -2.9, "y": 1.0}),
    ("(4 - 2.1*x**2 + x**4/3)*x**2 + x*y + (-4 + 4*y**2)*y**2", {"x": 0.09, "y": -0.7}),
    ("t = atan2(y, x)/(2*pi); 100*((z - 10*t)**2 + (hypot(x, y) - 1)**2) + z**2", {"x": -1.0, "y": 0.4, "z": 0.2}),
    ("(exp(-0.1*x) - exp(-0.1*y) - z*(exp(-0.1) - exp(-1)))**2 + (exp(-0.2*x) - exp(-0.2*y) - z*(exp(-0.2) - exp(-2)))**2", {"x": 0.5, "y": 10.0, "z": 20.0}),
    ("(10**4*x*y - 1)**2 + (exp(-x) + exp(-y) - 1.0001)**2", {"x": 0.5, "y": 1.0}),
    ("(a*exp(-b*(0.5 - m)**2/2) - 0.3521)**2 + (a*exp(-b*(1.5 - m)**2/2) - 0.1295)**2", {"a": 0.4, "b": 1.0, "m": 0.1}),
    ("(x - 13 + ((5 - y)*y - 2)*y)**2 + (x - 29 + ((y + 1)*y - 14)*y)**2", {"x": 0.5, "y": -2.0}),
    (" + ".join(f"({2 + 2*i} - exp({i}*x) - exp({i}*y))**2" for i in range(1, 11)), {"x": 0.3, "y": 0.4}),
    (" + ".join(f"(a + {k}/(b*{16 - k} + c*min({k}, {16 - k})) - {0.1*k})**2" for k in range(1, 16)), {"a": 1.0, "b": 1.2, "c": 0.8}),
    ("100*(b - a**2)**2 + (1 - a)**2 + 90*(d - c**2)**2 + (1 - c)**2 + 10*(b + d - 2)**2 + (b - d)**2/10", {"a": -3.0, "b": -1.0, "c": -3.0, "d": -1.0}),
    ("d = (log(S/K) + (r + v**2/2)*T)/(v*sqrt(T)); S*normcdf(d) - K*exp(-r*T)*normcdf(d - v*sqrt(T))", {"S": 100.0, "K": 110.0, "r": 0.03, "v": 0.25, "T": 0.5}),
    ("log(exp(x) + exp(y) + exp(z))", {"x": 1.0, "y": -2.0, "z": 0.5}),
    ("(x - 1)*(x - 2)*(x - 3)*(x - 4)*y**2.5", {"x": 0.3, "y": 2.0}),
    ("w/(1 + exp(-(a*x + b)))**2 + softplus(a*b) + logaddexp(x, w)", {"w": 2.0, "a": -1.5, "x": 0.7, "b": 0.2}),
]  # fmt: skip
"""The test functions of Moré, Garbow and Hillstrom and of Jamil and Yang, a price and losses."""


def exact(script: Script, point: Mapping[str, Any]) -> Any:
    """Return the value of a script in the precision of `mp`."""
    known = {"pi": +mp.pi, "e": +mp.e}

    def apply(step: Step, operands: list[Any]) -> Any:
        if step.operation is not None:
            return REFERENCES[step.operation.name](*operands)
        return mpf(step.number) if step.number is not None else known.get(step.name, mpf(CONSTANTS.get(step.name, 0)))

    return run_script(script, dict(point), apply)[0]


def assert_every_second_derivative_is_right(text: str, point: Mapping[str, float]) -> None:
    script = read(text)
    names = list(point)
    (found,) = hessians(script, point, names)
    scale = scale_of(trace(script, names), point)
    with mp.workdps(120):
        for a, b, got in found.triangle():
            orders = tuple((name == a) + (name == b) for name in names)

            def at(*numbers: Any) -> Any:
                return exact(script, dict(zip(names, numbers, strict=True)))

            want = mpmath.diff(at, tuple(map(mpf, point.values())), orders, h=STEP)
            error = abs(mpf(got) - want)
            assert error <= max(mpf(1e-11) * abs(want), mpf(1e-15) * scale * (abs(want) < 1e-15 * scale)), (
                text, point, a, b, got, want,
            )  # fmt: skip


@pytest.mark.parametrize(("text", "point"), PROBLEMS, ids=[str(index) for index in range(len(PROBLEMS))])
def test_the_hessian_of_a_problem_of_optimisation_is_right(text: str, point: dict[str, float]) -> None:
    assert_every_second_derivative_is_right(text, point)


def test_the_hessians_of_the_equations_of_physics_are_right() -> None:
    count = 0
    for line in shared("feynman.jsonl").read_text().splitlines():
        case = json.loads(line)
        assert_every_second_derivative_is_right(case["expr"], case["vars"])
        count += 1
    assert count >= 100


@pytest.mark.slow
def test_certified_hessians_are_the_nearest_doubles() -> None:
    """At the harsh points, every twenty-fourth, as far as they can be decided. A step or a kink has no reference."""
    pytest.importorskip("flint", reason="proofs need python-flint (extra `exact`)")
    from mgrad_cli.exact.certifying import certified

    count = 0
    for line in shared("accuracy.jsonl").read_text().splitlines()[::24]:
        case = json.loads(line)
        script, point = read(case["expr"]), {name: float(number) for name, number in case["vars"].items()}
        names = list(point)
        try:
            found = certified(script, point, names, order=2).second
        except UndecidedError:
            continue
        with mp.workdps(400):

            def at(*numbers: Any, script: Script = script, names: list[str] = names) -> Any:
                return exact(script, dict(zip(names, numbers, strict=True)))

            for (a, b), got in (found or {}).items():
                orders = tuple((name == a) + (name == b) for name in names)
                want = mpmath.diff(at, tuple(map(mpf, point.values())), orders, h=STEP**3)
                if abs(want) < 1 / STEP:
                    count += 1
                    assert abs(mpf(got) - want) <= mpf(2) ** -52 * abs(want) + STEP, (case["expr"], point, a, b)
    assert count > 200
