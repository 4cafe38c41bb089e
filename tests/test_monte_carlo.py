"""Simulated uncertainties against the examples of JCGM 101:2008, and against distributions with known quantiles.

Each tolerance is several standard errors of the number of draws, so that another generator would pass as well.
"""

import math

import pytest

from mgrad_cli import Expression, UsageError
from mgrad_cli.analysis import monte_carlo
from mgrad_cli.analysis.monte_carlo import Simulation

DRAWS = 400_000
SUM = "+".join(f"x{index}" for index in range(1, 5))
RECTANGULAR = "sqrt(12)*(normcdf({name}) - 0.5)"
"""A standard normal deviation as a rectangular one with deviation 1."""


def simulated(
    formula: str,
    inputs: dict[str, tuple[float, float] | float],
    corr: dict[str, float] | None = None,
    draws: int = DRAWS,
    seed: int = 1,
) -> Simulation:
    result = Expression(formula).propagate(inputs, corr=corr, monte_carlo=draws, seed=seed).outputs[0].monte_carlo
    assert result is not None
    return result


def standard_normals(names: str) -> dict[str, tuple[float, float] | float]:
    return dict.fromkeys(names.split(), (0.0, 1.0))


def test_jcgm_101_normal_sum() -> None:
    """Clause 9.2.2."""
    found = simulated(SUM, standard_normals("x1 x2 x3 x4"))
    assert found.mean == pytest.approx(0, abs=0.02)
    assert found.standard == pytest.approx(2.0, abs=0.01)
    assert (found.interval.low, found.interval.high) == pytest.approx((-3.92, 3.92), abs=0.04)
    assert (found.linear.low, found.linear.high) == pytest.approx((-3.92, 3.92), abs=0.001)
    assert found.tolerance == 0.05
    assert found.agrees is True


@pytest.mark.parametrize(
    ("scale", "standard", "end"),
    [(1.0, 2.0, 3.88), (10.0, math.sqrt(103), 17.0)],
)
def test_jcgm_101_rectangular_sum(scale: float, standard: float, end: float) -> None:
    """Clauses 9.2.3 and 9.2.4: four rectangular distributions, of which the last is as wide, or ten times."""
    terms = [RECTANGULAR.format(name=f"x{index}") for index in range(1, 4)]
    formula = "+".join([*terms, f"{scale}*{RECTANGULAR.format(name='x4')}"])
    found = simulated(formula, standard_normals("x1 x2 x3 x4"))
    assert found.standard == pytest.approx(standard, rel=0.005)
    assert (found.interval.low, found.interval.high) == pytest.approx((-end, end), rel=0.01)


def test_jcgm_101_mass_calibration() -> None:
    """Clause 9.3, in mg: the law of propagation gives 0.0539, and higher-order terms 0.0750, as simulation does."""
    air = "(1.2 + 0.1*sqrt(1/3)*a)"
    weight, reference = "(8000 + 1000*sqrt(1/3)*w)", "(8000 + 50*sqrt(1/3)*r)"
    formula = f"(m + dm)*(1 + ({air} - 1.2)*(1/{weight} - 1/{reference})) - 1e5"
    inputs = standard_normals("a w r") | {"m": (1e5, 0.05), "dm": (1.234, 0.02)}
    result = Expression(formula).propagate(inputs, second_order=True)
    assert f"{result.value:.4f} {result.standard:.4f}" == "1.2340 0.0539"
    second = result.outputs[0].second_order
    assert second is not None
    assert f"{second.standard:.4f}" == "0.0750"
    rectangular = formula
    for name in "awr":
        rectangular = rectangular.replace(f"sqrt(1/3)*{name}", f"sqrt(1/3)*{RECTANGULAR.format(name=name)}")
    found = simulated(rectangular, inputs)
    assert found.mean == pytest.approx(1.2341, abs=5e-4)
    assert found.standard == pytest.approx(0.0754, abs=5e-4)
    assert (found.shortest.low, found.shortest.high) == pytest.approx((1.0834, 1.3825), abs=0.004)


@pytest.mark.parametrize(
    ("estimate", "coefficient", "mean", "standard", "shortest"),
    [
        (0.0, 0.0, 50, 50, (0, 150)),
        (0.01, 0.0, 150, 112, (0, 367)),
        (0.05, 0.0, 2550, 502, (1590, 3543)),
        (0.0, 0.9, 50, 67, (0, 185)),
        (0.01, 0.9, 150, 121, (13, 398)),
        (0.05, 0.9, 2551, 505, (1628, 3555)),
    ],
)
def test_jcgm_101_comparison_loss(
    estimate: float, coefficient: float, mean: float, standard: float, shortest: tuple[float, float]
) -> None:
    """Clause 9.4, in units of 1e-6: x1^2 + x2^2 with correlated normal inputs."""
    inputs: dict[str, tuple[float, float] | float] = {"x1": (estimate, 0.005), "x2": (0.0, 0.005)}
    found = simulated("1e6*(x1**2 + x2**2)", inputs, {"x1,x2": coefficient} if coefficient else None)
    assert found.mean == pytest.approx(mean, rel=0.005)
    assert found.standard == pytest.approx(standard, rel=0.01)
    assert (found.shortest.low, found.shortest.high) == pytest.approx(shortest, rel=0.02, abs=6)
    assert found.agrees is False


def test_jcgm_101_gauge_block() -> None:
    """Clause 9.5, in nm: t, rectangular, arcsine and curvilinear trapezoidal distributions."""
    inputs: dict[str, tuple[float, float] | float] = {}

    def normal(name: str) -> str:
        inputs[name] = (0.0, 1.0)
        return name

    def rectangular(low: float, high: float, name: str) -> str:
        return f"({low} + {high - low}*normcdf({normal(name)}))"

    def student(center: float, scale: float, freedom: int, name: str) -> str:
        squares = "+".join(f"{normal(f'{name}{index}')}**2" for index in range(freedom))
        return f"({center} + {scale}*{normal(name)}*sqrt({freedom}/({squares})))"

    def trapezoid(low: float, high: float, doubt: float, name: str) -> str:
        start = f"({low - doubt} + {2 * doubt}*normcdf({normal(f'{name}a')}))"
        return f"({start} + ({low + high} - 2*{start})*normcdf({normal(f'{name}b')}))"

    length = student(50_000_623, 25, 18, "l")
    differences = "+".join([student(215, 6, 24, "d"), student(0, 4, 5, "p"), student(0, 7, 8, "q")])
    cycle = f"0.5*sin(2*pi*normcdf({normal('c')}))"
    expansion = (
        f"{trapezoid(-1e-6, 1e-6, 1e-7, 'u')}*(-0.1 + 0.2*{normal('t')} + {cycle})"
        f" + {rectangular(9.5e-6, 13.5e-6, 'a')}*{trapezoid(-0.05, 0.05, 0.025, 'v')}"
    )
    found = simulated(f"s = {length}; s + {differences} - s*({expansion}) - 5e7", inputs, draws=200_000)
    assert f"{found.mean:.0f}" == "838"
    assert f"{found.standard:.0f}" == "36"


@pytest.mark.parametrize(
    ("kind", "end"),
    [("normal", 1.959964), ("uniform", 0.95 * math.sqrt(3)), ("triangular", 1.90196), ("arcsine", 1.40985)],
)
def test_distributions_have_their_quantiles(kind: str, end: float) -> None:
    result = Expression("x").propagate({"x": (5, 2)}, monte_carlo=DRAWS, distributions={"x": kind})
    found = result.outputs[0].monte_carlo
    assert found is not None
    assert found.mean == pytest.approx(5, abs=0.02)
    assert found.standard == pytest.approx(2, rel=0.005)
    assert (found.interval.low, found.interval.high) == pytest.approx((5 - 2 * end, 5 + 2 * end), rel=0.01)


def test_distributions_leave_the_draws_of_others_alone() -> None:
    """A rectangular input as such is what it is by its formula: clause 9.2.4 again."""
    wide = {"x1": (0, 1), "x2": (0, 1), "x3": (0, 1), "x4": (0, 10)}
    kinds = dict.fromkeys(wide, "uniform")
    found = Expression(SUM).propagate(wide, monte_carlo=DRAWS, distributions=kinds).outputs[0].monte_carlo
    assert found is not None
    assert found.standard == pytest.approx(math.sqrt(103), rel=0.005)
    assert (found.interval.low, found.interval.high) == pytest.approx((-17.0, 17.0), rel=0.01)
    assert found.agrees is False


@pytest.mark.parametrize(
    ("distributions", "message"),
    [
        ({"x": "unifrom"}, "no distribution 'unifrom' for 'x'; did you mean 'uniform'?"),
        ({"x": "t"}, "there are normal, uniform, triangular, arcsine"),
        ({"q": "uniform"}, "a distribution has 'q', which is no variable"),
        ({"c": "uniform"}, "the distribution of 'c' needs its uncertainty"),
        ({"x": "uniform"}, "'x' is correlated; only normal inputs can be"),
    ],
)
def test_distributions_that_cannot_be_are_refused(distributions: dict[str, str], message: str) -> None:
    values = {"x": (1, 0.1), "y": (1, 0.1), "c": 1}
    with pytest.raises(UsageError) as error:
        Expression("x*y*c").propagate(values, corr={"x,y": 0.5}, monte_carlo=10, distributions=distributions)
    assert message in error.value.message


def test_a_normal_output_agrees_and_a_skew_one_does_not() -> None:
    assert simulated("2*x + y", {"x": (1.0, 0.5), "y": (3.0, 0.1)}).agrees is True
    skew = simulated("exp(x)", {"x": (0.0, 0.5)})
    assert skew.agrees is False
    assert (skew.interval.low, skew.interval.high) == pytest.approx((math.exp(-0.98), math.exp(0.98)), rel=0.01)
    assert skew.shortest.high - skew.shortest.low < skew.interval.high - skew.interval.low


def test_too_few_draws_cannot_tell() -> None:
    assert simulated("x", {"x": (0.0, 1.0)}, draws=1000).agrees is None


def test_correlations_of_draws() -> None:
    assert simulated("x*y", {"x": (0.0, 1.0), "y": (0.0, 1.0)}, {"x,y": 0.6}).mean == pytest.approx(0.6, abs=0.01)
    assert simulated("x - y", {"x": (0.0, 1.0), "y": (0.0, 1.0)}, {"x,y": 1.0}).standard == 0


def test_a_seed_repeats_its_draws() -> None:
    first, again, other = (simulated("x", {"x": (0.0, 1.0)}, draws=1000, seed=seed) for seed in (7, 7, 8))
    assert first == again
    assert first.mean != other.mean


def test_draws_that_are_not_finite_are_counted() -> None:
    found = simulated("log(x)", {"x": (1.0, 1.0)})
    assert found.nonfinite == pytest.approx(0.1587 * DRAWS, rel=0.02)
    assert math.isfinite(found.mean)
    assert found.agrees is False
    nothing = simulated("log(-x**2)", {"x": (1.0, 1.0)}, draws=100)
    assert nothing.nonfinite == 100
    assert math.isnan(nothing.mean)
    assert nothing.agrees is None


def test_many_draws_take_parts_of_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = simulated("x + y", {"x": (1.0, 0.3), "y": (2.0, 0.4)}, draws=200_000)
    monkeypatch.setattr(monte_carlo, "MAX_SORTED", 1 << 16)
    parts = simulated("x + y", {"x": (1.0, 0.3), "y": (2.0, 0.4)}, draws=200_000)
    assert parts.mean == pytest.approx(whole.mean, rel=1e-12)
    assert parts.standard == pytest.approx(whole.standard, rel=1e-12)
    assert parts.interval.low == pytest.approx(whole.interval.low, abs=0.01)


def test_moments_of_huge_draws_do_not_overflow() -> None:
    scale = 2.0**1015  # a power of two, so that the draws are those of x, exactly
    huge, plain = (simulated(f"{factor!r}*x", {"x": (10.0, 1.0)}, draws=5000) for factor in (scale, 1.0))
    assert huge.mean == pytest.approx(plain.mean * scale, rel=1e-12)
    assert huge.standard == pytest.approx(plain.standard * scale, rel=1e-12)
    assert huge.interval.high == plain.interval.high * scale


def test_several_outputs_share_their_draws() -> None:
    result = Expression("x, 2*x").propagate({"x": (0.0, 1.0)}, monte_carlo=1000)
    one, two = (output.monte_carlo for output in result.outputs)
    assert one is not None
    assert two is not None
    assert two.mean == pytest.approx(2 * one.mean)
    assert two.interval.low == pytest.approx(2 * one.interval.low)
