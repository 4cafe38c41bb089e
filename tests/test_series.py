"""Power series as a reading of the table: coefficients against mpmath, and what is known of their error."""

import math
from fractions import Fraction
from itertools import product
from typing import Any

import mpmath
import pytest

from mgrad_cli.language.lowering import read
from mgrad_cli.operations import Operation, find, rows
from mgrad_cli.program import replay, trace
from mgrad_cli.series.chain import constant
from mgrad_cli.series.coefficients import Inexact, as_inexact
from mgrad_cli.series.exponents import EXACT, FLAT, LINEAR
from mgrad_cli.series.germs import Expansion, Germ, Unbounded, Unknown
from mgrad_cli.series.power_log import Series
from mgrad_cli.value import Value
from tests import reference

ORDER = 12
ROWS = [row for group in rows().values() for row in group]
READ_AS_A_TURN = {("sinc", (math.pi,))}
"""Samples at the double nearest to pi, which series read as pi."""
SMOOTH = [
    pytest.param(row, sample, index, id=f"{row.name}{sample}-{index}")
    for row in ROWS
    for sample in row.samples
    for index in range(len(sample))
    if sample not in row.ill_conditioned
    and (row.variadic or row.partials[index] is not None)
    and (row.name, index) not in {("polygamma", 0), ("gammainc", 0), ("gammaincc", 0)}
    and row.name != "refined_exp"
    and (row.name, sample) not in READ_AS_A_TURN
]


def variable(expansion: Expansion, x: float, side: int = 1) -> Series:
    """Return x + t, or x - t."""
    start = constant(expansion, x)
    assert isinstance(start, Series)
    return start.plus(Series(expansion, ((LINEAR, side),), EXACT))


def series_of(row: Operation, sample: tuple[float, ...], index: int, order: int) -> Series:
    if row.group == "special":
        pytest.importorskip("scipy", reason="the gamma family needs SciPy (extra `special`)")
    expansion = Expansion(order, 10**6)
    operands: list[Germ] = [constant(expansion, operand) for operand in sample]
    operands[index] = variable(expansion, sample[index])
    result = row(*operands)
    assert isinstance(result, Series), result.reason.reason
    return result


def germ(text: str, x: float = 0.0, side: int = 1, order: int = 6) -> Any:
    expansion = Expansion(order, 10**5)
    program = trace(read(text), ["x"])
    (output,) = program.outputs
    return replay(program, {"x": variable(expansion, x, side)}, lambda number: constant(expansion, number))[output]


@pytest.mark.slow
@pytest.mark.parametrize(("row", "sample", "index"), SMOOTH)
def test_coefficients_are_those_of_mpmath(row: Operation, sample: tuple[float, ...], index: int) -> None:
    """To 1e-13 of the largest so far, and never further off than their own bound says."""
    found = series_of(row, sample, index, ORDER + 1)
    assert found.error >= (ORDER + 1, 0)
    numbers = list(map(mpmath.mpf, sample))
    function = reference.REFERENCES[row.name]
    size = abs(as_inexact(found.coefficient((0, 0))).mid)
    is_tiny = 0 < size < 1e-20
    with mpmath.workdps(60 + (round(-math.log10(size)) if is_tiny else 0)):
        wanted = mpmath.taylor(
            lambda x: function(*numbers[:index], x, *numbers[index + 1 :]), numbers[index], 2 if is_tiny else ORDER
        )
    largest = 0.0
    for power, want in enumerate(wanted):
        around = as_inexact(found.coefficient((power, 0)))
        largest = max(largest, abs(float(want)))
        off = abs(float(mpmath.mpf(around.mid) - want))
        assert off <= max(1e-13 * largest, 5e-323), power
        assert off <= around.radius + 1e-40 * largest + 5e-323, power


@pytest.mark.sampled(5)
@pytest.mark.parametrize(("row", "sample", "index"), SMOOTH)
def test_value_and_slope_are_those_of_a_value(row: Operation, sample: tuple[float, ...], index: int) -> None:
    found = series_of(row, sample, index, 3)
    operands = [Value(operand) for operand in sample]
    result = row(*operands)
    result.backward()
    for power, want in ((0, result.data), (1, operands[index].grad)):
        assert abs(as_inexact(found.coefficient((power, 0))).mid - want) <= 1e-13 * max(abs(want), abs(result.data))


@pytest.mark.parametrize(
    ("text", "exponents"),
    [
        ("sqrt(x**3)", [Fraction(3, 2)]),
        ("x**(1/3)", [Fraction(1, 3)]),
        ("1/x**2 + 1/x", [-2, -1]),
        ("sqrt(x + x**2)", [Fraction(1, 2), Fraction(3, 2), Fraction(5, 2)]),
    ],
)
def test_exponents_are_rational(text: str, exponents: list[Any]) -> None:
    assert [power for (power, _), _ in germ(text).terms][: len(exponents)] == exponents


def test_rational_arithmetic_is_exact() -> None:
    assert germ("sin(x)/x").terms == (((0, 0), 1), ((2, 0), Fraction(-1, 6)), ((4, 0), Fraction(1, 120)))
    assert germ("0.1*x + 0.2*x - 0.3*x").terms == (((1, 0), Fraction(0.1) + Fraction(0.2) - Fraction(0.3)),)


def test_logarithms_are_powers_of_their_own() -> None:
    assert germ("x*log(x)").terms == (((1, -1), -1),)
    assert germ("1/log(x)").terms == (((0, 1), -1),)
    assert germ("log(x**2) - 2*log(x)").is_zero


def test_what_is_smaller_or_larger_than_every_power() -> None:
    assert (germ("exp(-1/x)").terms, germ("exp(-1/x)").error) == ((), FLAT)
    assert (germ("x**-50*exp(-1/x)").terms, germ("x**-50*exp(-1/x)").error) == ((), FLAT)
    assert isinstance(germ("exp(1/x) - 1/x**9"), Unbounded)
    assert isinstance(germ("exp(1/x)*exp(-1/x)"), Unknown)


def test_a_number_that_may_be_zero_is_not_divided_by() -> None:
    """1e-17 is less than the rounding of the sines beside it."""
    assert isinstance(germ("1/(sin(x) - sin(0.5) + 1e-17)", 0.5), Unknown)


def test_a_sum_that_cancels_within_rounding_is_said_to_be_taken_as_zero() -> None:
    found = germ("(sin(x) - sin(0.5))/(x - 0.5)", 0.5)
    assert abs(found.coefficient((0, 0)).mid - math.cos(0.5)) < 1e-15
    assert found.noise[0][0] == (-1, 0)


@pytest.mark.parametrize(
    "text", ["x" + " + sin(x)*x" * 300, "sin(" * 200 + "x" + ")" * 200, "*".join(["exp(x)"] * 150)]
)
def test_long_and_deep_formulas_end(text: str) -> None:
    assert isinstance(germ(text, 0.3), Germ)


def test_a_long_computation_is_given_up() -> None:
    expansion = Expansion(24, 10)
    assert isinstance(Germ.apply(find("exp", 1), variable(expansion, 0.3)), Unknown)


@pytest.mark.parametrize("numbers", [(1.5, 0.25), (-2.0, 1e-3), (3.0, 2.9)])
def test_error_bounds_hold_for_sums_and_products(numbers: tuple[float, float]) -> None:
    mid, radius = numbers
    around = Inexact(mid, radius)
    for shift in (-1, -0.3, 0, 0.7, 1):
        inside = mid + shift * radius
        for made, want in (
            (around + 2, inside + 2),
            (3 - around, 3 - inside),
            (around * around, inside**2),
            (-around, -inside),
        ):
            assert abs(made.mid - want) <= made.radius + 1e-12


@pytest.mark.parametrize(
    "text", ["softplus(logit(0.5)) + x", "cos(log(exp(1)) - 1 + x)", "tanh(sin(0.3) - sin(0.3))*x"]
)
def test_a_number_that_is_zero_within_rounding_is_a_number(text: str) -> None:
    assert isinstance(germ(text, 0.3), Series)


EDGES = [math.nan, math.inf, -math.inf, 0.0, 1.0, -1.0, 2.0, 0.5, 1e308, 5e-324]


@pytest.mark.sampled(4)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_at_every_edge_there_is_a_germ_of_some_kind(row: Operation) -> None:
    """Whatever numbers and infinities the operands come to, from either side or staying there."""
    if row.group == "special":
        pytest.importorskip("scipy", reason="the gamma family needs SciPy (extra `special`)")
    count = 2 if row.variadic else len(row.operands)
    for numbers in product(EDGES, repeat=count) if count < 3 else zip(*[EDGES] * 3, strict=True):
        for side in (-1, 0, 1):
            expansion = Expansion(3, 1000)
            t = Series(expansion, ((LINEAR, side),) if side else (), EXACT)
            operands = [constant(expansion, number) + t for number in numbers]
            assert isinstance(row(*operands), Germ)


@pytest.mark.parametrize("x", [0.0, 1.0, -1.0, 2.0])
@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.operands == ("x",) and row.partials[0] is not None], ids=lambda row: row.name
)
def test_where_a_row_has_no_edge_the_sides_are_its_value_and_slope(row: Operation, x: float) -> None:
    if row.group == "special":
        pytest.importorskip("scipy", reason="the gamma family needs SciPy (extra `special`)")
    operand = Value(x)
    result = row(operand)
    result.backward()
    if any(edge.applies(x) for edge in row.conventions) or not (math.isfinite(result.data + operand.grad)):
        return
    for side in (-1, 1):
        found = row(variable(Expansion(4, 10**5), x, side))
        assert isinstance(found, Series), found.reason.reason
        assert abs(as_inexact(found.coefficient((0, 0))).mid - result.data) <= 1e-13 * max(1, abs(result.data))
        assert abs(side * as_inexact(found.coefficient((1, 0))).mid - operand.grad) <= 1e-13 * max(1, abs(operand.grad))
