"""Derivatives lose no more digits near the roots of their factors than the formulas of evaluation do."""

import math
import random
from collections.abc import Iterator

import pytest

from mgrad_cli.evaluation.graph import input_names
from mgrad_cli.language.lowering import read
from mgrad_cli.symbolic.derivatives import Derivatives, derivatives
from tests.test_diff import derivative, formulas
from tests.test_diff_fuzz import in_many_digits, numbers

EPSILON = 2.0**-52
FACTORS = {
    "(1 - x)": 1.0, "(x - 1)": 1.0, "(1 + x)": -1.0, "(x + 2)": -2.0, "(2*x - 3)": 1.5, "(x**2 - 1)": 1.0,
    "(x - 0.5)": 0.5, "(x - y)": 0.75, "(x + y)": -0.75, "(x**2 - y**2)": -0.75, "(y*x - 1)": 4 / 3,
    "(x**2 - 2*x + 1)": 1.0, "x": 0.0, "sin(x)": 0.0, "exp(x)": 0.0, "(x**2 + 1)": 0.0, "(exp(x) - 1)": 0.0,
}  # fmt: skip
"""Factors with a root in x where y is 0.75, or for those without one 0."""


def product(generator: random.Random) -> tuple[str, list[str]]:
    chosen = generator.sample(list(FACTORS), generator.randint(2, 4))
    text = "*".join(f"{factor}**({generator.choice((-3, -2, -1, 1, 2, 3, 4))})" for factor in chosen)
    return text, chosen


def near_roots(chosen: list[str], generator: random.Random) -> Iterator[list[dict[str, float]]]:
    for factor in chosen:
        for distance in (1e-3, 1e-6, 1e-9):
            yield [
                {"x": FACTORS[factor] + distance * generator.uniform(0.5, 2) * generator.choice((-1, 1)), "y": 0.75}
                for _ in range(8)
            ]


def relative_error(found: Derivatives, index: int, points: list[dict[str, float]], reference: Derivatives) -> float:
    """The largest at any of these points."""
    largest = 0.0
    for point in points:
        boolean = in_many_digits(reference.program, point)[index]
        got = numbers(found.program, point)[index]
        if math.isfinite(got) and boolean != 0 and abs(boolean) > 1e-250:
            largest = max(largest, float(abs(got - boolean) / abs(boolean)))
    return largest


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_formulas_keep_the_digits_of_evaluation_near_the_roots_of_their_factors(seed: int) -> None:
    generator = random.Random(seed)
    text, chosen = product(generator)
    if generator.random() < 0.3:
        other, more = product(generator)
        text, chosen = f"{text} + {other}", chosen + more
    unit = read(text)
    inputs, _ = input_names(unit, ())
    order = 1 + seed % 2
    found = derivatives(unit, inputs, inputs, order, {}, False)
    exact = derivatives(unit, inputs, inputs, order, {}, True)
    for points in near_roots(chosen, generator):
        for index in range(len(found.by)):
            ours = relative_error(found, index, points, exact)
            allowed = 16 * relative_error(exact, index, points, exact) + 100 * EPSILON
            assert ours <= allowed, (text, found.by[index], points[0], ours, allowed)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("(1-x)**3/(1+x)**3", "-6*(1 - x)**2/(x + 1)**4"),
        ("(x**2-1)/(x-1)", "1"),
        ("(x**3-1)/(x-1)", "2*x + 1"),
        ("(x**2-y**2)/(x+y)", "1"),
        ("x*(x-1)**2/(x+1)", "(x - 1)*(3*x + 2*x**2 - 1)/(x + 1)**2"),
        ("(x-1)**2*(x-2)**3/(x-3)**2", "(x - 1)*(x - 2)**2*(3*x**2 - 16*x + 17)/(x - 3)**3"),
    ],
)
def test_common_powers_come_out_before_anything_is_multiplied_out(text: str, want: str) -> None:
    assert derivative(text) == want


PARTS = ("x", "y", "z", "1", "2", "cos(y)", "x*y", "sqrt(z)", "3*z", "x", "0.5")
AROUND = (
    "w**2*({0})",
    "w/({0})",
    "sqrt(2 + w + ({0})**2)",
    "({0})**2*w",
    "log(w + (1 + ({0})**2))",
    "w*({0})*({0})**3",
)
MAGNITUDES = (1.0, 1.0, 1.0, 2.0, 1e-20, 1e-9)


def grouped(generator: random.Random, count: int) -> str:
    """A sum with parentheses anywhere."""
    if count == 1:
        return generator.choice(PARTS)
    left = generator.randint(1, count - 1)
    a, b = grouped(generator, left), grouped(generator, count - left)
    return f"({a} {generator.choice('+-')} {b})"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200))
def test_sums_add_up_as_they_were_grouped(seed: int) -> None:
    generator = random.Random(seed)
    text = generator.choice(AROUND).format(grouped(generator, generator.randint(2, 5)))
    unit = read(text)
    inputs, _ = input_names(unit, ())
    found = derivatives(unit, inputs, ["w"], 1, {}, False)
    exact = derivatives(unit, inputs, ["w"], 1, {}, True)
    for _ in range(80):
        point = {name: generator.choice(MAGNITUDES) * generator.choice((-1, 1)) for name in inputs}
        point["w"] = 1.5
        ours, allowed = (relative_error(each, 0, [point], exact) for each in (found, exact))
        got, want = numbers(found.program, point)[0], numbers(exact.program, point)[0]
        is_finite = math.isfinite(want) and math.isfinite(in_many_digits(exact.program, point)[0])
        assert ours <= 16 * allowed + 100 * EPSILON, (text, point, ours, allowed)
        assert math.isfinite(got) or not is_finite, (text, point)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("sqrt(x + (y - 2))", "1/(2*sqrt(x + (y - 2)))"),
        ("log(x + (1 - cos(y)))", "1/(x + (1 - cos(y)))"),
        ("x**2*((y-1)+z)", "2*x*(y - 1 + z)"),
        ("x**2*(-x-y+z)", "2*x*(-x - y + z) - x**2"),
        ("x**2*(y+z-1+1)", "2*x*(y + z)"),
        ("x**2*(x+(y-x))", "2*x*y"),
        ("x**2*(1-(1-y))", "2*x*y"),
        ("x**2*(y+1+2)", "2*x*(y + 3)"),
        ("x**2*(z-(y+1))", "2*x*(z - (y + 1))"),
        ("x**2*-(y+z-1)", "-2*x*(y + z - 1)"),
    ],
)
def test_groups_open_where_something_collects(text: str, want: str) -> None:
    assert derivative(text) == want


LENGTHS = (
    "hypot(x, 1)",
    "hypot(1, 2*x)",
    "hypot(x, y)",
    "x*hypot(x, 3)",
    "hypot(x, 1)**3",
    "exp(-hypot(x, 0.5)/1e9)",
    "hypot(x, 2)/x",
)


@pytest.mark.parametrize("text", LENGTHS)
def test_second_derivatives_of_lengths_keep_their_digits(text: str) -> None:
    unit = read(text)
    inputs, _ = input_names(unit, ())
    found = derivatives(unit, inputs, ["x"], 2, {}, False)
    exact = derivatives(unit, inputs, ["x"], 2, {}, True)
    for x in (0.3, 7.0, 30000001.0, 1e9, -1e9):
        point = {"x": x, "y": 1.5}
        ours, allowed = (relative_error(each, 0, [point], exact) for each in (found, exact))
        assert ours <= 16 * allowed + 100 * EPSILON, (point, ours, allowed)


@pytest.mark.parametrize(
    ("text", "order", "want"),
    [
        ("hypot(x, 1)", 2, "1/hypot(x, 1)**3"),
        ("hypot(x, 1)**2/2", 2, "1"),
        ("atan2(x, 1)", 2, "-2*x/(x**2 + 1)**2"),
        ("hypot(1, 2*x)", 1, "4*x/hypot(1, 2*x)"),
        ("hypot(x, 0)", 1, "where(hypot(x, 0) == 0, 0, x/hypot(x, 0))"),
    ],
)
def test_a_length_with_a_number_in_it_is_never_zero(text: str, order: int, want: str) -> None:
    assert "".join(formulas(text, ["x"], order=order).program(0)) == want
