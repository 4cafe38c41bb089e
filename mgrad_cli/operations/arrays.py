"""Operations over NumPy arrays that NumPy has no single function for; like its own, they take `out=`.

Logic is on truths, arrays of booleans, or on doubles, where nan stays nan.
"""

from collections.abc import Callable
from functools import reduce
from typing import Any

NAN = float("nan")


def elementwise(function: Callable[[float], float]) -> Callable[..., Any]:
    """A function of floats over the elements of an array, one after the other."""

    def evaluate(x: Any, out: Any = None) -> Any:
        import numpy

        result = numpy.fromiter(map(function, x.ravel().tolist()), numpy.float64, x.size).reshape(x.shape)
        return store(out, result)

    return evaluate


def store(out: Any, result: Any) -> Any:
    """The result, in `out` where that is given."""
    if out is None:
        return result
    out[...] = result
    return out


def square_root(x: Any, out: Any = None) -> Any:
    import numpy

    return numpy.add(numpy.sqrt(x, out=out), 0.0, out=out)


def power(a: Any, b: Any, out: Any = None) -> Any:
    """a**b by the power function: for a single exponent of 0.5 NumPy takes the root, which differs at -0 and -inf."""
    import numpy

    return numpy.power(a, numpy.full(a.shape, b) if b.ndim == 0 else b, out=out)


def maximum(*operands: Any, out: Any = None) -> Any:
    import numpy

    return numpy.add(reduce(lambda a, b: numpy.maximum(a, b, out=out), operands), 0.0, out=out)


def minimum(*operands: Any, out: Any = None) -> Any:
    import numpy

    return numpy.add(reduce(lambda a, b: numpy.minimum(a, b, out=out), operands), 0.0, out=out)


def choose(condition: Any, a: Any, b: Any, out: Any = None) -> Any:
    import numpy

    if condition.dtype == bool and out is not None:
        numpy.copyto(out, b)
        numpy.copyto(out, a, where=condition)
        return out
    chosen = numpy.where(condition, a, b)
    return store(out, chosen if condition.dtype == bool else numpy.where(numpy.isnan(condition), condition, chosen))


def differs(a: Any, b: Any, out: Any = None) -> Any:
    """Whether a is below or above b: not so with nan."""
    import numpy

    return numpy.logical_and(numpy.not_equal(a, b, out=out), ~unordered(a, b), out=out)


def conjunction(a: Any, b: Any, out: Any = None) -> Any:
    import numpy

    if a.dtype == b.dtype == bool:
        return numpy.logical_and(a, b, out=out)
    return store(out, numpy.where(unordered(a, b), NAN, (a != 0) & (b != 0)))


def disjunction(a: Any, b: Any, out: Any = None) -> Any:
    import numpy

    if a.dtype == b.dtype == bool:
        return numpy.logical_or(a, b, out=out)
    return store(out, numpy.where(unordered(a, b), NAN, (a != 0) | (b != 0)))


def negation(a: Any, out: Any = None) -> Any:
    import numpy

    if a.dtype == bool:
        return numpy.logical_not(a, out=out)
    return store(out, numpy.where(a != a, NAN, a == 0))


def unordered(a: Any, b: Any) -> Any:
    return (a != a) | (b != b)
