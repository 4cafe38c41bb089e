"""A compiled expression at one point: gradients, Jacobians and Hessians as SciPy's searches and solvers take them."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import minimize, root

import mgrad_cli
from mgrad_cli.errors import BindingError, MgradError
from tests.test_compiled import KINDS

VALLEY = "100*(y - x**2)**2 + (1 - x)**2"


@KINDS
def test_the_gradient_at_a_point_has_the_order_of_wrt(kind: str) -> None:
    compiled = mgrad_cli.compile("b = 2; a*y**2*x + b*z", wrt=["x", "y"], kernel=kind)
    assert compiled.inputs == ("b", "a", "y", "x", "z")
    for point in ([5.0, 3.0], numpy.array([5.0, 3.0]), (5, 3)):
        value, gradient = compiled.value_and_gradient(point, a=1.0, z=0.5)
        assert (value, gradient.tolist()) == (46.0, [9.0, 30.0])
        assert gradient.dtype == numpy.float64
    assert compiled.value_and_gradient([5.0, 3.0], a=1, z=0.5, b=0)[0] == 45.0
    assert mgrad_cli.compile("3", kernel=kind).value_and_gradient([])[0] == 3.0


@KINDS
def test_the_jacobian_at_a_point_has_a_row_for_each_output(kind: str) -> None:
    compiled = mgrad_cli.compile("b = 2; u = x*y; u, y**2 + b*x, a", wrt=["y", "x"], kernel=kind)
    for point in ([5.0, 3.0], numpy.array([5.0, 3.0]), (5, 3)):
        values, jacobian = compiled.values_and_jacobian(point, a=0.5)
        assert values.tolist() == [15.0, 31.0, 0.5]
        assert jacobian.tolist() == [[3.0, 5.0], [10.0, 2.0], [0.0, 0.0]]
    one, row = mgrad_cli.compile("x*y", kernel=kind).values_and_jacobian([5.0, 3.0])
    assert (one.tolist(), row.tolist()) == ([15.0], [[3.0, 5.0]])
    none = mgrad_cli.compile("x, 2*x", wrt=[], kernel=kind).values_and_jacobian([], x=3)
    assert (none[0].tolist(), none[1].shape) == ([3.0, 6.0], (2, 0))


@KINDS
@pytest.mark.parametrize("name", ["point", "self", "values", "table"])
def test_a_variable_beside_the_point_may_have_any_name(kind: str, name: str) -> None:
    compiled = mgrad_cli.compile(f"{name}*x", wrt=["x"], kernel=kind)
    assert compiled.value_and_gradient([3.0], **{name: 2.0})[0] == 6.0
    assert compiled.values_and_jacobian([3.0], **{name: 2.0})[0].tolist() == [6.0]


@KINDS
@pytest.mark.parametrize(
    ("text", "point", "values", "message"),
    [
        ("x*y", [1.0], {}, r"the point has shape \(1,\), not \(2,\) as `wrt`"),
        ("x*y", [[1.0, 2.0]], {}, r"the point has shape \(1, 2\)"),
        ("x*y", ["1", "2"], {}, "'point'"),
        ("x*y", [1.0, 2.0], {"x": 1.0}, "'x' has two values: it is part of the point, the values of x, y"),
        ("x*y", [1.0, 2.0], {"z": 1.0}, "no variable 'z'"),
        ("x*y", [1.0, [2.0, 3.0]], {}, "'point': sequences of different lengths"),
        (
            "x, y",
            [1.0, 2.0],
            {},
            "value_and_gradient is for an expression of one output, not 2: use values_and_jacobian",
        ),
    ],
)
def test_a_point_that_does_not_fit_is_refused(
    kind: str, text: str, point: Any, values: dict[str, float], message: str
) -> None:
    with pytest.raises(MgradError, match=message):
        mgrad_cli.compile(text, kernel=kind).value_and_gradient(point, **values)


def test_a_point_needs_the_other_variables() -> None:
    with pytest.raises(BindingError, match="missing value for 'y'"):
        mgrad_cli.compile("x*y", wrt=["x"]).value_and_gradient([1.0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f: f("x*y").hessian([1.0]), r"the point has shape \(1,\), not \(2,\)"),
        (lambda f: f("x*y").hvp([1.0, 2.0], [1.0]), r"the vector has shape \(1,\), not \(2,\)"),
        (lambda f: f("x*y").hvp([1.0, 2.0], ["1", "2"]), "'vector'"),
        (lambda f: f("x*y", wrt=["x"]).hessian([1.0]), "missing value for 'y'"),
        (lambda f: f("x, y").hessian([1.0, 2.0]), "hessian is for an expression of one output, not 2"),
        (lambda f: f("x, y").hvp([1.0, 2.0], [1.0, 0.0]), "hvp is for an expression of one output, not 2"),
    ],
)
def test_second_derivatives_refuse_what_does_not_fit(call: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(MgradError, match=message):
        call(mgrad_cli.compile)


SECOND = {
    VALLEY: (["x", "y"], [0.5, -0.75], {}),
    "a = 3; a*x**2*sin(y) + b*z": (["z", "x", "y"], [2.0, 0.5, -0.75], {"b": 1.5}),
    "x*exp(y) + where(x > y, tanh(x*y), x/y)": (["y", "x"], [0.5, 1.5], {}),
    "2*x + 3*y": (["x", "y"], [1.0, 2.0], {}),
    " + ".join(f"100*(x{k + 1} - x{k}**2)**2 + exp(x{k})" for k in range(25)): ([f"x{k}" for k in range(26)], [0.25] * 26, {}),
}  # fmt: skip


@KINDS
@pytest.mark.parametrize("text", SECOND)
def test_second_derivatives_are_those_of_the_expression_in_the_order_of_wrt(text: str, kind: str) -> None:
    wrt, point, values = SECOND[text]
    compiled = mgrad_cli.compile(text, wrt=wrt, kernel=kind)
    given = dict(zip(wrt, point, strict=True)) | values
    want = mgrad_cli.Expression(text).hessian(given)
    matrix = compiled.hessian(point, **values)
    assert matrix.shape == (len(wrt), len(wrt))
    assert matrix == pytest.approx(numpy.array([[want[a][b] for b in wrt] for a in wrt]), rel=1e-14, abs=1e-300)
    assert (matrix == matrix.T).all()
    vector = numpy.arange(1.0, len(wrt) + 1)
    assert compiled.hvp(point, vector, **values) == pytest.approx(matrix @ vector, rel=1e-12, abs=1e-12)
    assert compiled.hvp(point, [*vector], **values).dtype == numpy.float64


SECOND_ORDER: dict[str, Callable[[mgrad_cli.Compiled], Mapping[str, Any]]] = {
    "trust-exact": lambda f: {"hess": f.hessian},
    "Newton-CG": lambda f: {"hessp": f.hvp},
    "trust-ncg": lambda f: {"hessp": f.hvp},
    "BFGS": lambda f: {},
    "SLSQP": lambda f: {},
}


@pytest.mark.parametrize("method", SECOND_ORDER)
def test_searches_take_the_methods_as_they_are(method: str) -> None:
    f = mgrad_cli.compile(VALLEY, wrt=["x", "y"])
    found = minimize(f.value_and_gradient, [0.9, 0.9], jac=True, method=method, **SECOND_ORDER[method](f))
    assert found.x == pytest.approx([1.0, 1.0], abs=1e-3)


def test_equations_and_differential_equations_take_the_jacobian() -> None:
    f = mgrad_cli.compile("x**2 + y**2 - 4, x*y - 1", wrt=["x", "y"])
    found = root(f.values_and_jacobian, [2.0, 0.0], jac=True)
    assert found.success
    assert found.x**2 @ [1.0, 1.0] == pytest.approx(4.0)
    stiff = mgrad_cli.compile("y, mu*(1 - x**2)*y - x", wrt=["x", "y"])
    way = solve_ivp(
        lambda t, state: stiff.values_and_jacobian(state, mu=1e3)[0], (0, 100), [2.0, 0.0], method="Radau",
        jac=lambda t, state: stiff.values_and_jacobian(state, mu=1e3)[1],
    )  # fmt: skip
    assert way.y[0, -1] == pytest.approx(1.93, abs=0.01)
