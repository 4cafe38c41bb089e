"""Operations over NumPy arrays that NumPy has no single function for."""

from collections.abc import Callable
from functools import reduce
from typing import Any


def elementwise(function: Callable[[float], float]) -> Callable[[Any], Any]:
    """A function of floats over the elements of an array, one after the other."""

    def evaluate(x: Any) -> Any:
        import numpy

        return numpy.array([function(element) for element in x.ravel().tolist()]).reshape(x.shape)

    return evaluate


def square_root(x: Any) -> Any:
    import numpy

    return numpy.sqrt(x) + 0.0


def maximum(*operands: Any) -> Any:
    import numpy

    return reduce(numpy.maximum, operands) + 0.0


def minimum(*operands: Any) -> Any:
    import numpy

    return reduce(numpy.minimum, operands) + 0.0


def choose(condition: Any, a: Any, b: Any) -> Any:
    import numpy

    return numpy.where(numpy.isnan(condition), condition, numpy.where(condition != 0, a, b))


def conjunction(a: Any, b: Any) -> Any:
    return choose(unordered(a, b), float("nan"), ((a != 0) & (b != 0)) * 1.0)


def disjunction(a: Any, b: Any) -> Any:
    return choose(unordered(a, b), float("nan"), ((a != 0) | (b != 0)) * 1.0)


def negation(a: Any) -> Any:
    return choose(a != a, float("nan"), (a == 0) * 1.0)


def unordered(a: Any, b: Any) -> Any:
    return ((a != a) | (b != b)) * 1.0
