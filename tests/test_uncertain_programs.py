"""The standard uncertainty as an output of a program, and the correlations that it takes."""

import math
from itertools import product

import numpy
import pytest

from mgrad_cli import UsageError
from mgrad_cli.analysis.correlations import Correlations, semidefinite_factor
from mgrad_cli.kernels import kernel_for
from mgrad_cli.language.lowering import read
from mgrad_cli.program import Program, differentiate, replay, substitute, trace
from mgrad_cli.program.uncertainty import with_uncertainty


def last(program: Program, **values: float) -> float:
    return float(replay(program, values)[program.outputs[-1]])


def uncertain(text: str, correlations: Correlations | None = None) -> Program:
    script = read(text)
    widths = {name: f"u_{name}" for name in script.names}
    return with_uncertainty(trace(script, script.names), widths, (correlations or Correlations()).factor)


@pytest.mark.parametrize("pairs", [{}, {("x", "y"): 0.5}, {("x", "y"): -1.0, ("y", "z"): 0.25, ("x", "z"): -0.25}])
def test_it_is_the_root_of_the_quadratic_form_of_the_covariance(pairs: dict[tuple[str, str], float]) -> None:
    correlations = Correlations.of(pairs)
    point, widths = {"x": 1.5, "y": -2.0, "z": 0.7}, {"x": 0.1, "y": 0.2, "z": 0.05}
    slopes = {"x": -2.0 * math.exp(0.7), "y": 1.5 * math.exp(0.7), "z": -3.0 * math.exp(0.7)}
    variance = sum(
        slopes[a] * slopes[b] * widths[a] * widths[b] * correlations.between(a, b) for a, b in product("xyz", "xyz")
    )
    program = uncertain("x*y*exp(z)", correlations)
    given = point | {f"u_{name}": width for name, width in widths.items()}
    assert last(program, **given) == pytest.approx(math.sqrt(variance), rel=1e-14)


def test_full_correlation_cancels_exactly() -> None:
    program = uncertain("x - y", Correlations.of({("x", "y"): 1.0}))
    assert last(program, x=3, y=4, u_x=0.1, u_y=0.1) == 0


@pytest.mark.parametrize(("text", "u"), [("1e300*x", 1e7), ("1e-300*x", 1e-7), ("x*1e200 + y*1e200", 1e100)])
def test_squares_neither_overflow_nor_underflow(text: str, u: float) -> None:
    program = uncertain(text)
    given = dict.fromkeys(program.inputs, 1.0) | {name: u for name in program.inputs if name.startswith("u_")}
    expected = u * float(text[:5] if text[0] == "1" else 1e200 * math.sqrt(2))
    assert last(program, **given) == pytest.approx(expected, rel=1e-15)


def test_an_exact_input_adds_nothing_even_where_its_slope_is_infinite() -> None:
    assert last(uncertain("sqrt(x) + y"), x=0, y=1, u_x=0, u_y=0.5) == 0.5


@pytest.mark.parametrize("bad", [-0.1, math.nan])
def test_what_is_no_uncertainty_makes_it_nan(bad: float) -> None:
    assert math.isnan(last(uncertain("x + y"), x=1, y=1, u_x=bad, u_y=0.1))


def test_the_branch_not_taken_adds_nothing() -> None:
    assert last(uncertain("where(x > 0, y, log(x))"), x=-0.0, y=1, u_x=0.1, u_y=0.5) != 0
    assert last(uncertain("where(x >= 0, y, log(x))"), x=0, y=1, u_x=0.1, u_y=0.5) == 0.5


def test_it_stands_behind_values_and_partials_and_takes_numbers() -> None:
    program = differentiate(trace(read("m*c**2"), ["m", "c"]), ["m"])
    program = substitute(with_uncertainty(program, {"m": "um", "c": "uc"}), {"uc": 0.0})
    assert program.inputs == ("m", "c", "um")
    outputs = [replay(program, {"m": 2.0, "c": 3.0, "um": 0.5})[output] for output in program.outputs]
    assert outputs == [18.0, 9.0, 4.5]


def test_an_input_can_hold_the_uncertainty_of_another() -> None:
    program = with_uncertainty(trace(read("x + 2*w"), ["x", "w"]), {"x": "w"})
    assert last(program, x=1, w=0.25) == 0.25


@pytest.mark.parametrize("kernel", ["numpy", "native"])
def test_columns_have_what_floats_have(kernel: str) -> None:
    program = uncertain("x**2/y", Correlations.of({("x", "y"): 0.3}))
    rows = numpy.linspace(0.5, 2.0, 12).reshape(4, 3)
    columns = [rows[index].copy() for index in range(4)]
    results = [numpy.empty(3) for _ in program.outputs]
    kernel_for(program, kernel)(columns, results)
    for row in range(3):
        given = {name: float(column[row]) for name, column in zip(program.inputs, columns, strict=True)}
        assert results[-1][row] == pytest.approx(last(program, **given), rel=1e-15)


def test_several_values_have_one_each() -> None:
    first, second = trace(read("2*x"), ["x"]), trace(read("3*x"), ["x"])
    both = trace(read("y = 2*x; 3*x"), ["x"], kept=["y"])
    program = with_uncertainty(both, {"x": "u"}, values=2)
    registers = replay(program, {"x": 1.0, "u": 0.1})
    assert [registers[output] for output in program.outputs][2:] == [
        last(with_uncertainty(each, {"x": "u"}), x=1.0, u=0.1) for each in (second, first)
    ]


@pytest.mark.parametrize(
    "matrix",
    [
        ((1.0, 0.2, -0.3), (0.2, 1.0, 0.4), (-0.3, 0.4, 1.0)),
        ((1.0, 1.0, 0.5), (1.0, 1.0, 0.5), (0.5, 0.5, 1.0)),
        ((1.0, -1.0), (-1.0, 1.0)),
    ],
)
def test_the_factor_squares_to_the_matrix(matrix: tuple[tuple[float, ...], ...]) -> None:
    factor = numpy.array(semidefinite_factor(matrix))
    assert numpy.allclose(factor @ factor.T, matrix, atol=1e-15)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ({("a", "b"): 1.5}, "the correlation of 'a' and 'b', 1.5, is not from -1 to 1"),
        ({("a", "b"): math.nan}, "the correlation of 'a' and 'b', nan, is not from -1 to 1"),
        ({("a", "a"): 0.5}, "the correlation of 'a' with itself is 1, not 0.5"),
        ({("a", "b"): 0.5, ("b", "a"): 0.4}, "the correlation of 'b' and 'a' is given twice"),
        (
            {("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): -0.9},
            "their matrix is not positive semi-definite (its smallest eigenvalue is -0.8)",
        ),
        ({("a", "b"): 1.0, ("b", "c"): 1.0, ("a", "c"): 0.5}, "cannot hold together"),
    ],
)
def test_coefficients_that_cannot_be_are_refused(pairs: dict[tuple[str, str], float], message: str) -> None:
    with pytest.raises(UsageError) as error:
        Correlations.of(pairs)
    assert message in str(error.value)


def test_some_of_the_correlations() -> None:
    some = Correlations.of({("a", "b"): 0.5, ("b", "c"): 0.25}).among(["c", "x", "b"])
    assert some.names == ("c", "b")
    assert some.matrix == ((1.0, 0.25), (0.25, 1.0))
