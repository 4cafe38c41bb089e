"""Python over NumPy arrays that broadcast together, with SciPy for the gamma family.

NumPy's functions follow IEEE 754, and raise no warnings inside `with numpy.errstate(all="ignore")`.
"""

from mgrad_cli.codegen import reserved
from mgrad_cli.codegen.primitives import (
    COMPARISONS,
    OPERATORS,
    PRODUCT,
    QUOTIENT,
    Primitive,
    call,
    language,
    numbers,
)

SUPPORT = '''
def real(numbers):
    """Numbers as an array of doubles. Raises TypeError for text, complex numbers and other objects."""
    return numpy.asarray(numbers).astype(float, casting="same_kind", copy=False)


def power(a, b):
    """a**b by the power function: for a single exponent of 0.5 NumPy takes the root, which differs at -0 and -inf."""
    return numpy.power(a, numpy.zeros(numpy.shape(a)) + b)


def square_root(x):
    """The square root, and +0 for -0."""
    return numpy.sqrt(x) + 0.0


def maximum(a, b):
    """The larger one; a zero is +0."""
    return numpy.maximum(a, b) + 0.0


def minimum(a, b):
    """The smaller one; a zero is +0."""
    return numpy.minimum(a, b) + 0.0


erf = numpy.vectorize(math.erf, otypes=[float])


erfc = numpy.vectorize(math.erfc, otypes=[float])


def differs(a, b):
    return numpy.less(a, b) | numpy.greater(a, b)


def logical_and(a, b):
    return numpy.where((a != a) | (b != b), numpy.nan, numpy.not_equal(a, 0) & numpy.not_equal(b, 0))


def logical_or(a, b):
    return numpy.where((a != a) | (b != b), numpy.nan, numpy.not_equal(a, 0) | numpy.not_equal(b, 0))


def logical_not(x):
    return numpy.where(x != x, numpy.nan, numpy.equal(x, 0))


def where(c, a, b):
    return numpy.where(c != c, numpy.nan, numpy.where(c, a, b))
'''


NAMES = {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh",
    "round": "rint",
}  # fmt: skip
"""NumPy's names of operations, where they differ."""

NUMPY = language(
    "numpy",
    primitives={
        **OPERATORS,
        "divide": QUOTIENT,
        "pow": call("power", 2),
        "sqrt": call("square_root"),
        "hypot": call("numpy.hypot", 2),
        "atan2": call("numpy.arctan2", 2),
        "floor_divide": call("numpy.floor_divide", 2),
        "mod": call("numpy.mod", 2),
        "max": call("maximum", 2),
        "min": call("minimum", 2),
        "erf": call("erf"),
        "erfc": call("erfc"),
        "gamma": call("scipy.special.gamma"),
        "lgamma": call("scipy.special.gammaln"),
        "digamma": call("scipy.special.digamma"),
        "polygamma": call("scipy.special.polygamma", 2),
        **{
            name: call(f"numpy.{NAMES.get(name, name)}")
            for name in (
                "cbrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos",
                "atan", "degrees", "radians", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "sign", "abs", "floor",
                "ceil", "round", "trunc",
            )
        },
        **numbers(COMPARISONS, "1.0 * ({})", PRODUCT),
        "not_equal": Primitive("1.0 * differs({0}, {1})", PRODUCT, (0, 0)),
        "logical_and": call("logical_and", 2),
        "logical_or": call("logical_or", 2),
        "logical_not": call("logical_not"),
        "where": call("where", 3),
    },
    booleans={
        **COMPARISONS,
        "not_equal": call("differs", 2),
        "logical_and": call("numpy.logical_and", 2),
        "logical_or": call("numpy.logical_or", 2),
        "logical_not": call("numpy.logical_not"),
        "where": call("numpy.where", 3),
    },
    imports={"math": "import math", "numpy": "import numpy", "scipy": "import scipy.special"},
    support=SUPPORT,
    nan="numpy.nan",
    infinity="numpy.inf",
    statement="{name} = {expression}",
    comment="# {text}",
    reserved=reserved.PYTHON,
    families=reserved.PYTHON_FAMILIES,
)  # fmt: skip
