"""Python over NumPy arrays that broadcast together, with SciPy for the gamma family.

NumPy's functions follow IEEE 754, and raise no warnings inside `with numpy.errstate(all="ignore")`.
"""

from mgrad_cli.codegen import reserved
from mgrad_cli.codegen.primitives import (
    BESSEL,
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


def erfi(x):
    """The imaginary error function: exp(x*x) times Dawson's integral, which SciPy has, and a series near 0."""
    series = [2 / math.sqrt(math.pi) / (math.factorial(k) * (2 * k + 1)) for k in range(18)]
    inside = numpy.clip(x, -26.7, 26.7)
    large = (numpy.rint(inside * 1024) / 1024) ** 2
    half = numpy.exp(large / 2)
    rest = (inside - numpy.rint(inside * 1024) / 1024) * (inside + numpy.rint(inside * 1024) / 1024)
    far = 2 / math.sqrt(math.pi) * scipy.special.dawsn(inside) * half * numpy.exp(rest) * half
    near = x * numpy.polynomial.polynomial.polyval(x * x, series)
    return numpy.where(abs(x) < 1, near, numpy.where(abs(x) < 26.7, far, x * numpy.inf))


BRANCH = [
    -1.0, 1.0, -0.3333333333333333, 0.1527777777777778, -0.07962962962962962, 0.04450231481481482,
    -0.025984714873603758, 0.015635632532333927, -0.009616892024299429, 0.00601454325295612, -0.0038112980348919993,
    0.002440877991143984, -0.0015769303446867841, 0.0010262633205076073, -0.0006720616311561363,
    0.0004424730618146208, -0.00029267722472962757, 0.00019438727605453922, -0.00012957426685274886,
    8.665035805208126e-05, -5.8113607504413824e-05, 3.907668486743903e-05, -2.63380647472311e-05,
    1.779034580507957e-05, -1.2040352739559983e-05, 8.163531982496608e-06,
]


def lambertw(x):
    """Lambert's W, near the branch point by a series in the root of 2*(e*x + 1)."""
    above = numpy.maximum(x + 0.36787944117144233 - 1.2428753672788363e-17, 0.0)
    near = numpy.polynomial.polynomial.polyval(numpy.minimum(numpy.sqrt(2 * math.e * above), 0.5), BRANCH)
    far = scipy.special.lambertw(x).real
    return numpy.where(x < -0.36787944117144233, numpy.nan, numpy.where(x < -0.35, near, far))


def bessel(near, general, order, x):
    """A Bessel function, from those of SciPy that are accurate near 0 or elsewhere; far out a sine and a cosine."""
    is_first = general is scipy.special.jv
    size = abs(x)
    c, s = numpy.sin(size) + numpy.cos(size), numpy.sin(size) - numpy.cos(size)
    c, s = (s, -c) if order else (c, s)
    ratio = (4 * order - 1) / 8 / size
    far = (c - ratio * s if is_first else s + ratio * c) / math.sqrt(math.pi) / numpy.sqrt(size)
    far = numpy.where(numpy.isinf(x), 0.0, numpy.where(numpy.signbit(x) & (order == 1), -far, far))
    found = numpy.where(size < 0.5, near(x), general(order, x))
    return numpy.where((size < 1e8) | (numpy.signbit(x) & (not is_first)) | numpy.isnan(x), found, far)


def gammainc(a, x):
    """The lower incomplete gamma function over gamma(a), from the upper one where that is small."""
    upper = scipy.special.gammaincc(a, x)
    return numpy.where(upper < 0.25, 1 - upper, scipy.special.gammainc(a, x))


def gammaincc(a, x):
    """The upper incomplete gamma function over gamma(a), from the lower one where that is small."""
    lower = scipy.special.gammainc(a, x)
    return numpy.where(lower < 0.25, 1 - lower, scipy.special.gammaincc(a, x))


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
        "erfi": call("erfi"),
        "erfinv": call("scipy.special.erfinv"),
        "erfcinv": Primitive("(scipy.special.erfcinv({0}) + 0.0)", operand_levels=(0,)),
        "lambertw": call("lambertw"),
        **{
            name: Primitive(
                f"bessel(scipy.special.{name}, scipy.special.{name[0]}v, {name[1]}, {{0}})", operand_levels=(0,)
            )
            for name in BESSEL
        },
        "gammainc": call("gammainc", 2),
        "gammaincc": call("gammaincc", 2),
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
