"""Array operations that NumPy has no single function for. They accept `out=`, as NumPy's own functions do.

Logic applies to arrays of booleans, or to doubles, where nan propagates.
"""

from collections.abc import Callable
from functools import reduce
from typing import Any

NAN = float("nan")


def elementwise(function: Callable[[float], float]) -> Callable[..., Any]:
    """Return a function that applies a function of floats to each element of an array."""

    def evaluate(x: Any, out: Any = None) -> Any:
        import numpy

        result = numpy.fromiter(map(function, x.ravel().tolist()), numpy.float64, x.size).reshape(x.shape)
        return store(out, result)

    return evaluate


def store(out: Any, result: Any) -> Any:
    """Return the result, stored in `out` if it is given."""
    if out is None:
        return result
    out[...] = result
    return out


def square_root(x: Any, out: Any = None) -> Any:
    """Return the square root; +0 for -0."""
    import numpy

    return numpy.add(numpy.sqrt(x, out=out), 0.0, out=out)


def power(a: Any, b: Any, out: Any = None) -> Any:
    """Return a**b by the power function. For a scalar exponent 0.5 NumPy uses sqrt, which differs at -0 and -inf."""
    import numpy

    return numpy.power(a, numpy.full(a.shape, b) if b.ndim == 0 else b, out=out)


def maximum(*operands: Any, out: Any = None) -> Any:
    """Return the elementwise maximum; a zero is +0."""
    import numpy

    return numpy.add(reduce(lambda a, b: numpy.maximum(a, b, out=out), operands), 0.0, out=out)


def minimum(*operands: Any, out: Any = None) -> Any:
    """Return the elementwise minimum; a zero is +0."""
    import numpy

    return numpy.add(reduce(lambda a, b: numpy.minimum(a, b, out=out), operands), 0.0, out=out)


def choose(condition: Any, a: Any, b: Any, out: Any = None) -> Any:
    """Return `a` where the condition is not 0, else `b`; nan where the condition is nan."""
    import numpy

    if condition.dtype == bool and out is not None:
        numpy.copyto(out, b)
        numpy.copyto(out, a, where=condition)
        return out
    chosen = numpy.where(condition, a, b)
    return store(out, chosen if condition.dtype == bool else numpy.where(numpy.isnan(condition), condition, chosen))


def differs(a: Any, b: Any, out: Any = None) -> Any:
    """Return whether a < b or a > b, which is false with nan."""
    import numpy

    return numpy.logical_and(numpy.not_equal(a, b, out=out), ~unordered(a, b), out=out)


def conjunction(a: Any, b: Any, out: Any = None) -> Any:
    """Return the logical and."""
    import numpy

    if a.dtype == b.dtype == bool:
        return numpy.logical_and(a, b, out=out)
    return store(out, numpy.where(unordered(a, b), NAN, (a != 0) & (b != 0)))


def disjunction(a: Any, b: Any, out: Any = None) -> Any:
    """Return the logical or."""
    import numpy

    if a.dtype == b.dtype == bool:
        return numpy.logical_or(a, b, out=out)
    return store(out, numpy.where(unordered(a, b), NAN, (a != 0) | (b != 0)))


def negation(a: Any, out: Any = None) -> Any:
    """Return the logical not."""
    import numpy

    if a.dtype == bool:
        return numpy.logical_not(a, out=out)
    return store(out, numpy.where(a != a, NAN, a == 0))


def unordered(a: Any, b: Any) -> Any:
    """Return where either operand is nan."""
    return (a != a) | (b != b)
