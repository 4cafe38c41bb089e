"""Sums and means against rational arithmetic, rounded once, in every order and however they are split."""

import math
from fractions import Fraction
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mgrad_cli.mapping.summation import ExactSum

QUICK = settings(max_examples=100, deadline=None)
LARGEST = 1.7976931348623157e308
FINITE = st.floats(allow_nan=False, allow_infinity=False)
WILD = st.one_of(FINITE, st.sampled_from([LARGEST, -LARGEST, 5e-324, -5e-324, 2.0**900, 1.0, -1.0, 1e-300, 2.0**-1022]))
LISTS = st.lists(WILD, max_size=40)
ANYTHING = st.lists(WILD | st.sampled_from([math.inf, -math.inf, math.nan]), max_size=20)


def rounded(exact: Fraction) -> float:
    """The double nearest to a rational; infinite past the largest."""
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def total_of(values: list[float]) -> float:
    """The sum of numbers, infinities and nan as IEEE 754 has them."""
    special = [value for value in values if not math.isfinite(value)]
    return sum(special) if special else rounded(sum(map(Fraction, values), Fraction()))


def exact_sum(*parts: Any) -> ExactSum:
    found = ExactSum()
    for part in parts:
        found.add(numpy.array(part, dtype=numpy.float64))
    return found


def bits(number: float) -> str:
    return float(number + 0.0).hex()


@QUICK
@given(LISTS)
def test_totals_and_means_are_rational_sums_rounded_once(values: list[float]) -> None:
    found = exact_sum(values)
    exact = sum(map(Fraction, values), Fraction())
    assert bits(found.total) == bits(rounded(exact))
    assert found.count == len(values)
    if values:
        assert bits(found.mean) == bits(rounded(exact / len(values)))


@QUICK
@given(ANYTHING)
def test_infinities_and_nan_are_those_of_ieee(values: list[float]) -> None:
    assert bits(exact_sum(values).total) == bits(total_of(values))


@QUICK
@given(LISTS, st.randoms(use_true_random=False), st.data())
def test_order_and_splitting_do_not_matter(values: list[float], random: Any, data: st.DataObject) -> None:
    want = exact_sum(values)
    shuffled = values.copy()
    random.shuffle(shuffled)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(values)), max_size=4)))
    parts = [shuffled[a:b] for a, b in zip([0, *cuts], [*cuts, len(values)], strict=True)]
    merged = ExactSum()
    for part in map(exact_sum, parts):
        merged.merge(part)
    for other in (exact_sum(shuffled), exact_sum(*parts), merged):
        assert (other.units, other.count, bits(other.total)) == (want.units, want.count, bits(want.total))


@pytest.mark.parametrize(
    ("values", "want"),
    [
        ([1e16, 1.0, -1e16], 1.0),
        ([1.0, 2.0**-53], 1.0),
        ([1.0, 2.0**-53, 5e-324], 1 + 2.0**-52),
        ([1.0, 2.0**-52 + 2.0**-53], 1 + 2.0**-51),
        ([LARGEST, LARGEST, -LARGEST], LARGEST),
        ([LARGEST, LARGEST], math.inf),
        ([-LARGEST, -LARGEST], -math.inf),
        ([LARGEST, 2.0**969], LARGEST),
        ([LARGEST, 2.0**970], math.inf),
        ([LARGEST, 2.0**970, -5e-324], LARGEST),
        ([5e-324] * 3, 1.5e-323),
        ([LARGEST, 5e-324, -LARGEST], 5e-324),
        ([2.0**900, 2.0**901, -(2.0**900), 3.0], 2.0**901),
        ([2.0**1000, 1.0, -(2.0**1000)], 1.0),
        ([8.5e307, 8.5e307, -8.5e307], 8.5e307),
        ([0.1] * 10, 1.0),
        ([-0.0, -0.0], 0.0),
        ([], 0.0),
        ([math.inf, 1e308], math.inf),
        ([math.inf, -math.inf], math.nan),
        ([math.nan, math.inf], math.nan),
    ],
)
def test_sums_at_the_edges(values: list[float], want: float) -> None:
    assert bits(exact_sum(values).total) == bits(want)


@pytest.mark.parametrize("rows", [1_000, 65_536, 300_001])
def test_long_columns_of_wild_magnitudes(rows: int) -> None:
    generator = numpy.random.default_rng(rows)
    column = generator.normal(size=rows) * 2.0 ** generator.integers(-1000, 1000, rows)
    column[::2] = -column[1::2][: len(column[::2])] if rows % 2 == 0 else column[::2]
    column[3] = 1e-310
    want = rounded(sum(map(Fraction, column.tolist()[:20_000]), Fraction()))
    assert bits(exact_sum(column[:20_000]).total) == bits(want)
    pieces = exact_sum(*numpy.array_split(generator.permutation(column), 7))
    assert pieces.units == exact_sum(column).units


@pytest.mark.parametrize("scale", [5e-324, 1e-300, 1.0, 1e300])
def test_long_columns_of_one_magnitude(scale: float) -> None:
    column = numpy.random.default_rng(7).normal(size=20_000) * scale
    assert bits(exact_sum(column).total) == bits(math.fsum(column.tolist()))


@pytest.mark.parametrize("count", [1, 2, 3, 1023, 1024, 1025, 4095])
def test_the_largest_partial_sums_that_a_split_allows_are_exact(count: int) -> None:
    ends = [1 - 2.0**-index for index in range(30, 54)] + [1 + 2.0**-index for index in range(30, 53)]
    for value in (*ends, *(-end for end in ends), 1 / 3, -2 / 3):
        assert bits(exact_sum([value] * count).total) == bits(rounded(Fraction(value) * count)), value


def test_a_mean_may_be_where_the_total_overflows() -> None:
    found = exact_sum([1e308] * 10)
    assert (found.total, found.mean) == (math.inf, 1e308)
    assert exact_sum([5e-324, 0.0]).mean == 0.0  # half of the smallest double, to even
    assert exact_sum([5e-324, 5e-324, 0.0]).mean == 5e-324


def test_the_mean_of_nothing_is_nan_and_of_infinities_theirs() -> None:
    assert math.isnan(ExactSum().mean)
    assert exact_sum([math.inf, 1.0]).mean == math.inf
    assert math.isnan(exact_sum([math.nan, 1.0]).mean)


def test_what_is_merged_keeps_counts_and_infinities() -> None:
    one, other = exact_sum([1.0, math.inf]), exact_sum([2.0, -math.inf, 3.0])
    one.merge(other)
    assert one.count == 5
    assert math.isnan(one.total)
    assert other.total == -math.inf


def test_the_values_are_left_as_they_were() -> None:
    column = numpy.array([1e300, 1.5, -2.5, math.inf, 1e-300])
    before = column.copy()
    ExactSum().add(column)
    assert column.tolist() == before.tolist()
