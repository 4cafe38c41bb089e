"""Propagated uncertainties against the examples of the GUM (JCGM 100:2008) and JCGM 102, and cases with known answers."""

import math
from itertools import combinations, product
from statistics import correlation, mean, stdev

import numpy
import pytest

from mgrad_cli import BindingError, Expression, InputError, UsageError
from mgrad_cli.analysis.budget import Propagation
from mgrad_cli.analysis.rounding import rounded

GAUGE = "l_S + d - l_S*(da*theta + a_S*dt)"
GAUGE_INPUTS = {
    "l_S": (50_000_623.0, 25.0),
    "d": (215.0, 9.7),
    "da": (0.0, 0.58e-6),
    "theta": (-0.1, 0.41),
    "a_S": (11.5e-6, 1.2e-6),
    "dt": (0.0, 0.029),
}
VOLTS = [5.007, 4.994, 5.005, 4.990, 4.999]
AMPERES = [19.663e-3, 19.639e-3, 19.640e-3, 19.685e-3, 19.678e-3]
RADIANS = [1.0456, 1.0438, 1.0468, 1.0428, 1.0433]
IMPEDANCE = "R = V/I*cos(phi); X = V/I*sin(phi); Z = V/I; R, X, Z"
READINGS = [21.521, 22.012, 22.512, 23.003, 23.507, 23.999, 24.513, 25.002, 25.503, 26.010, 26.511]
CORRECTIONS = [-0.171, -0.169, -0.166, -0.159, -0.164, -0.165, -0.156, -0.157, -0.159, -0.161, -0.160]


def shares(result: Propagation) -> list[float]:
    return [line.share for line in result.budget]


def test_gum_h1_end_gauge() -> None:
    result = Expression(GAUGE).propagate(GAUGE_INPUTS, second_order=True)
    assert f"{result.value / 1e6:.6f}" == "50.000838"  # mm
    assert f"{result.standard:.0f}" == "32"  # nm
    contributions = {line.name: round(line.contribution, 1) for line in result.budget}
    assert contributions == {"l_S": 25.0, "d": 9.7, "da": 2.9, "theta": 0.0, "a_S": 0.0, "dt": 16.7}
    second = result.outputs[0].second_order
    assert second is not None
    assert f"{second.standard:.0f}" == "34"  # H.1.7
    assert second.shift == 0
    assert result.outputs[0].flat_inputs == ("theta", "a_S")


def test_gum_h2_resistance_and_reactance() -> None:
    series = {"V": VOLTS, "I": AMPERES, "phi": RADIANS}
    inputs = {name: (mean(values), stdev(values) / math.sqrt(5)) for name, values in series.items()}
    printed = {"V": "4.9990(32)", "I": "19.6610(95)e-3", "phi": "1.04446(75)"}  # table H.2
    for name, (value, width) in inputs.items():
        measured = Expression("x").propagate({"x": printed[name]})
        assert value == pytest.approx(measured.value, rel=1e-5)
        assert width == pytest.approx(measured.standard, rel=4e-3)
    pairs = {pair: correlation(series[pair[0]], series[pair[1]]) for pair in combinations(series, 2)}
    assert [round(each, 2) for each in pairs.values()] == [-0.36, 0.86, -0.65]
    result = Expression(IMPEDANCE).propagate(inputs, corr=pairs)
    assert [f"{output.value:.3f}" for output in result.outputs] == ["127.732", "219.847", "254.260"]
    assert [output.name for output in result.outputs] == ["R", "X", "Z"]
    assert [f"{result.correlation[a][b]:.3f}" for a, b in [(0, 1), (0, 2), (1, 2)]] == ["-0.588", "-0.485", "0.993"]
    for a, b in product(range(3), range(3)):
        scale = result.outputs[a].standard * result.outputs[b].standard
        assert result.covariance[a][b] == pytest.approx(result.correlation[a][b] * scale, rel=1e-12)
    rounded_inputs = Expression(IMPEDANCE).propagate(printed, corr=pairs)  # as the uncertainties of table H.3 are
    assert [f"{output.standard:.3f}" for output in rounded_inputs.outputs] == ["0.071", "0.295", "0.236"]


def test_gum_h2_second_approach() -> None:
    """The results of each set of readings have the same mean, uncertainty and correlations."""
    sets = [
        [output.value for output in Expression(IMPEDANCE).propagate({"V": volt, "I": ampere, "phi": radian}).outputs]
        for volt, ampere, radian in zip(VOLTS, AMPERES, RADIANS, strict=True)
    ]
    resistance, reactance, impedance = zip(*sets, strict=True)
    quantities = (resistance, reactance, impedance)
    assert [f"{mean(each):.3f}" for each in quantities] == ["127.732", "219.847", "254.260"]
    assert [f"{stdev(each) / math.sqrt(5):.3f}" for each in quantities] == ["0.071", "0.295", "0.236"]
    found = [f"{correlation(one, other):.3f}" for one, other in combinations(quantities, 2)]
    assert found == ["-0.588", "-0.485", "0.993"]


def test_gum_h3_thermometer() -> None:
    design = numpy.stack([numpy.ones(11), numpy.array(READINGS) - 20], axis=1)
    solution, squares, *_ = numpy.linalg.lstsq(design, numpy.array(CORRECTIONS), rcond=None)
    covariance = numpy.linalg.inv(design.T @ design) * squares[0] / 9
    cov = {
        one: dict(zip(("y1", "y2"), map(float, row), strict=True))
        for one, row in zip(("y1", "y2"), covariance, strict=True)
    }
    values = {"y1": float(solution[0]), "y2": float(solution[1]), "t": 30.0}
    result = Expression("y1 + y2*(t - 20)").propagate(values, cov=cov)
    assert [str(rounded(line.value, line.uncertainty)) for line in result.budget] == [
        "-0.1712 ± 0.0029",
        "0.00218 ± 0.00067",
    ]
    assert f"{result.correlations.between('y1', 'y2'):.3f}" == "-0.930"
    assert str(result) == "f = -0.1494 ± 0.0041"


def test_gum_h3_from_the_printed_figures() -> None:
    printed = {"y1": "-0.1712(29)", "y2": "0.00218(67)", "t": 30}
    assert str(Expression("y1 + y2*(t - 20)").propagate(printed, corr={"y1,y2": -0.930})) == "f = -0.1494 ± 0.0041"


@pytest.mark.parametrize(
    ("formula", "inputs", "value", "standard"),
    [
        ("x + y", {"x": (1, 0.3), "y": (2, 0.4)}, 3, 0.5),
        ("x*y", {"x": (3, 0.2), "y": (2, 0.1)}, 6, 0.5),
        ("x/y", {"x": (1, 0.03), "y": (1, 0.04)}, 1, 0.05),
        ("sin(x)**2 + cos(x)**2", {"x": (0.7, 0.1)}, 1, 0),
        ("x - x", {"x": (5, 0.5)}, 0, 0),
        ("2*x + 1000", {"x": (0.2, 0.01)}, 1000.4, 0.02),
        ("x**y", {"x": (2, 0.1), "y": (3, 0)}, 8, 1.2),
        ("sqrt(x)", {"x": (0, 0)}, 0, 0),
        ("atan2(y, x)", {"x": (1, 0.1), "y": (1, 0.1)}, math.pi / 4, 0.1 / math.sqrt(2)),
        ("max(x, y)", {"x": (1, 0.1), "y": (2, 0.2)}, 2, 0.2),
        ("where(x > 0, x, 1/y)", {"x": (1, 0.1), "y": (0, 0.2)}, 1, 0.1),
        ("hypot(x, y)", {"x": (3, 0.1), "y": (4, 0.1)}, 5, 0.1),
        ("floor(x)", {"x": (1.5, 0.1)}, 1, 0),
    ],
)
def test_cases_with_known_answers(
    formula: str, inputs: dict[str, tuple[float, float]], value: float, standard: float
) -> None:
    result = Expression(formula).propagate(inputs)
    assert result.value == pytest.approx(value, rel=1e-15)
    assert result.standard == pytest.approx(standard, rel=1e-14, abs=1e-16)


@pytest.mark.parametrize("coefficient", [-1.0, -0.5, 0.0, 0.5, 1.0])
def test_correlations_of_a_sum_and_a_difference(coefficient: float) -> None:
    """u(x + y)^2 = u(x)^2 + u(y)^2 + 2 r u(x) u(y)."""
    inputs = {"x": (2.0, 0.3), "y": (1.0, 0.4)}
    for sign, formula in ((1, "x + y"), (-1, "x - y")):
        result = Expression(formula).propagate(inputs, corr={"x,y": coefficient})
        assert result.standard == pytest.approx(math.sqrt(0.25 + sign * 0.24 * coefficient), rel=1e-14)
        assert math.fsum(shares(result)) + result.outputs[0].correlation_share == pytest.approx(1)


def test_an_intermediate_result_carries_its_correlation() -> None:
    """As two steps with the correlation of their results, a computation has the uncertainty of one step."""
    inputs = {"x": (1.2, 0.02), "y": (0.7, 0.05)}
    first = Expression("x*y, x/y").propagate(inputs)
    second = Expression("p*q").propagate(
        {
            "p": (first.outputs[0].value, first.outputs[0].standard),
            "q": (first.outputs[1].value, first.outputs[1].standard),
        },
        corr={("p", "q"): first.correlation[0][1]},
    )
    assert second.standard == pytest.approx(Expression("x**2 + 0*y").propagate(inputs).standard, rel=1e-12)


def test_shares_and_contributions_are_consistent() -> None:
    result = Expression("x**2*exp(y)/z").propagate({"x": (1.5, 0.1), "y": (0.5, 0.2), "z": (2, 0.3)})
    assert math.fsum(shares(result)) == pytest.approx(1)
    for line in result.budget:
        assert line.contribution == abs(line.sensitivity) * line.uncertainty
        assert line.share == pytest.approx((line.contribution / result.standard) ** 2)
    assert result.outputs[0].correlation_share == 0


def test_exact_inputs_are_not_in_the_budget() -> None:
    result = Expression("m*c**2").propagate({"m": (2, 0.1), "c": 3})
    assert [line.name for line in result.budget] == ["m"]
    assert str(Expression("2*x").propagate({"x": 1.5})) == "f = 3 ± 0"


def test_expanded_uncertainty() -> None:
    result = Expression("x").propagate({"x": (1, 0.1)}, coverage=2)
    assert result.expanded == 0.2
    assert Expression("x").propagate({"x": (1, 0.1)}).expanded is None


@pytest.mark.parametrize(
    ("formula", "inputs", "shift", "standard"),
    [
        ("x**2", {"x": (0.0, 1.0)}, 1.0, math.sqrt(2)),
        ("x**2", {"x": (3.0, 0.5)}, 0.25, math.sqrt(9 + 0.125)),
        ("x*y", {"x": (2.0, 0.1), "y": (3.0, 0.2)}, 0.0, math.sqrt(0.25 + 0.0004)),
        ("x**2 + y**2", {"x": (0.0, 1.0), "y": (0.0, 2.0)}, 5.0, math.sqrt(2 + 32)),
        ("3*x - 2*y", {"x": (1.0, 0.3), "y": (2.0, 0.4)}, 0.0, math.hypot(0.9, 0.8)),
    ],
)
def test_the_second_order_of_quadratics_is_exact(
    formula: str, inputs: dict[str, tuple[float, float]], shift: float, standard: float
) -> None:
    second = Expression(formula).propagate(inputs, second_order=True).outputs[0].second_order
    assert second is not None
    assert second.shift == pytest.approx(shift)
    assert second.standard == pytest.approx(standard)


def test_the_second_order_takes_correlations() -> None:
    """For x*y, the mean shifts by the covariance; its variance in second order grows by (1 + r^2) u^2 u^2."""
    inputs = {"x": (0.0, 0.5), "y": (0.0, 0.2)}
    second = Expression("x*y").propagate(inputs, corr={"x,y": 0.6}, second_order=True).outputs[0].second_order
    assert second is not None
    assert second.mean == pytest.approx(0.6 * 0.5 * 0.2)
    assert second.standard == pytest.approx(0.5 * 0.2 * math.sqrt(1 + 0.36))


def test_several_outputs_have_second_orders_of_their_own() -> None:
    result = Expression("x**2, x**3").propagate({"x": (1.0, 0.1)}, second_order=True)
    assert [output.second_order and output.second_order.shift for output in result.outputs] == pytest.approx(
        [0.01, 0.03]
    )


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"corr": {"x,q": 0.5}}, "a correlation has 'q', which is no variable of the expression"),
        ({"corr": {"x,zeta": 0.5}}, "did you mean 'zeta1'?"),
        ({"corr": {"x,y": 1.5}}, "is not from -1 to 1"),
        ({"corr": {"x,c": 0.5}}, "needs an uncertainty of 'c'"),
        ({"corr": {"x": 0.5}}, "a correlation has two names"),
        ({"coverage": 0}, "the coverage factor is a number above 0"),
        ({"monte_carlo": 0}, "at least one draw"),
        ({"cov": {"x": {"x": 4.0}}}, "'x' has two uncertainties: 0.1, and 2 from the matrix"),
        ({"cov": {"x": {"x": 0.01, "y": 1.0}, "y": {"x": 1.0, "y": 0.01}}}, "would be 100, beyond 1"),
        ({"cov": {"x": {"x": 0.01}, "y": {"y": 0.01}}}, "lacks 'y'"),
        ({"cov": {"x": {"x": -0.01}}}, "the variance of 'x', -0.01, is negative"),
        ({"cov": {"x": {"x": 0.01, "y": 0.1}, "y": {"x": 0.2, "y": 0.01}}}, "the matrix is not symmetric"),
        (
            {"cov": {"x": {"x": 0.01, "y": 0}, "y": {"x": 0, "y": 0.01}}, "corr": {"y,x": 0.5}},
            "is given twice: also by the matrix",
        ),
    ],
)
def test_what_cannot_be_is_refused(keywords: dict[str, object], message: str) -> None:
    values = {"x": (1, 0.1), "y": (2, 0.1), "c": 3, "zeta1": 1}
    with pytest.raises(UsageError) as error:
        Expression("c*x*y*zeta1").propagate(values, **keywords)  # type: ignore[arg-type]
    assert message in error.value.message


def test_an_unknown_name_in_the_matrix_is_a_fault_of_the_data() -> None:
    with pytest.raises(
        InputError, match=r"the matrix has 'xx', which is no variable of the expression; did you mean 'x'"
    ):
        Expression("x").propagate({"x": 1}, cov={"xx": {"xx": 1.0}})


@pytest.mark.parametrize("value", [(1, -0.1), (1, math.nan), (1, math.inf), "1±", (1, 2, 3), "x", None, [1], ("a", 1)])
def test_values_that_are_none_are_refused(value: object) -> None:
    with pytest.raises(BindingError, match="'x'"):
        Expression("x").propagate({"x": value})


def test_a_matrix_of_ones_in_its_diagonal_can_be_correlations() -> None:
    cov = {"x": {"x": 1.0, "y": 0.5}, "y": {"x": 0.5, "y": 1.0}}
    result = Expression("x + y").propagate({"x": (1, 0.3), "y": (2, 0.4)}, cov=cov)
    assert result.standard == pytest.approx(math.sqrt(0.25 + 0.12))


def test_a_notebook_shows_budget_and_matrices() -> None:
    result = Expression("x*y, x/y").propagate({"x": (3, 0.2), "y": (2, 0.1)}, corr={"x,y": 0.2}, coverage=2)
    html = result._repr_html_()  # type: ignore[attr-defined]
    for text in ("f1 = 6.00 ± 0.55", "f2 = 1.50 ± 0.11", "(k = 2)", "correlations", "<th>covariance</th>"):
        assert text in html


def test_a_derivative_that_lost_a_variable_takes_its_value_all_the_same() -> None:
    derivative = Expression("x*y").diff("x")
    assert str(derivative.propagate({"x": (1, 0.1), "y": (2, 0.1)})) == "f = 2.00 ± 0.10"


def test_many_inputs() -> None:
    names = [f"x{index}" for index in range(300)]
    cov = {one: {other: 0.01 if one == other else 0.005 for other in names[:50]} for one in names[:50]}
    values = {name: 1.0 if index < 50 else (1.0, 0.1) for index, name in enumerate(names)}
    result = Expression("+".join(names)).propagate(values, cov=cov, second_order=True, monte_carlo=20_000)
    assert result.standard == pytest.approx(math.sqrt(300 * 0.01 + 50 * 49 * 0.005))
    simulation = result.outputs[0].monte_carlo
    assert simulation is not None
    assert simulation.standard == pytest.approx(result.standard, rel=0.05)
