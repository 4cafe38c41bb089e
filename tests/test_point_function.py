"""Scripts as functions of a vector, with exact derivatives."""

import numpy
import pytest

from mgrad_cli.analysis.point_function import PointFunction
from mgrad_cli.errors import BindingError
from mgrad_cli.language.lowering import read
from mgrad_cli.library.expression import Expression

FORMULAS = ["x*y*exp(-p*x)", "c = x**2; where(x > y, c*p, y**3)", "hypot(x, y)**p", "erf(x) + pi*p", "7"]


@pytest.mark.parametrize("text", FORMULAS)
def test_values_and_gradients_are_those_of_eval(text: str) -> None:
    point = {"x": 1.5, "y": -0.5, "p": 2.0}
    script = read(text)
    function = PointFunction(script, ["x", "y"], {"p": 2.0})
    used = {name: value for name, value in point.items() if name in script.names}
    result = Expression(text)(used)
    assert function.value([1.5, -0.5]) == result.value
    assert function.gradient([1.5, -0.5]).tolist() == [result.grads.get("x", 0.0), result.grads.get("y", 0.0)]
    assert function.parameter_jacobian([1.5, -0.5]).tolist() == [[result.grads.get("p", 0.0)]]


def test_second_partials() -> None:
    function = PointFunction(read("x**2*y*p + sin(p*y)"), ["x", "y"], {"p": 2.0})
    x, y, p = 1.5, -0.5, 2.0
    expected = [[2 * y * p, 2 * x * p], [2 * x * p, -(p**2) * numpy.sin(p * y)]]
    numpy.testing.assert_allclose(function.hessian([x, y]), expected, rtol=1e-14)
    mixed = [[2 * x * y], [x**2 + numpy.cos(p * y) - p * y * numpy.sin(p * y)]]
    numpy.testing.assert_allclose(function.mixed([x, y]), mixed, rtol=1e-14)


def test_every_variable_needs_a_value() -> None:
    with pytest.raises(BindingError, match="no value for q"):
        PointFunction(read("x*q"), ["x"], {})


def test_a_point_has_a_value_for_each_unknown() -> None:
    with pytest.raises(ValueError, match="2 values, not 1"):
        PointFunction(read("x*y"), ["x", "y"], {}).values([1.0])
