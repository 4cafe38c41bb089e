"""Python 3.11 or later with the standard library alone, and SciPy for the gamma family.

Python's floats raise where IEEE 754 defines a result; functions that could raise are replaced by definitions.
"""

from mgrad_cli.codegen import reserved
from mgrad_cli.codegen.primitives import (
    AND,
    BESSEL,
    CHOICE,
    COMPARISONS,
    NOT,
    OPERATORS,
    OR,
    Primitive,
    call,
    language,
    numbers,
)

SUPPORT = '''
def real(number):
    """A number as a float. Raises TypeError for text, a complex number, or an array."""
    return math.ldexp(number, 0)


def quiet(function, overflow=abs):
    """The function, with nan outside its domain, and past the largest double inf with the sign of `overflow`."""

    def evaluate(x):
        try:
            return function(x)
        except ValueError:
            return math.nan
        except OverflowError:
            return math.copysign(math.inf, overflow(x))

    return evaluate


def divide(a, b):
    if b != 0:
        return a / b
    return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1.0, b)


def power(a, b):
    try:
        return math.pow(a, b)
    except OverflowError:
        return -math.inf if a < 0 and b % 2 == 1 else math.inf
    except ValueError:
        return math.nan if a != 0 else math.copysign(math.inf, a) if b % 2 == 1 else math.inf


def sqrt(x):
    return math.sqrt(x) + 0.0 if x >= 0 else math.nan


exp = quiet(math.exp)


exp2 = quiet(math.exp2)


expm1 = quiet(math.expm1)


def log(x):
    return math.log(x) if x > 0 else -math.inf if x == 0 else math.nan


def log2(x):
    return math.log2(x) if x > 0 else -math.inf if x == 0 else math.nan


def log10(x):
    return math.log10(x) if x > 0 else -math.inf if x == 0 else math.nan


def log1p(x):
    return math.log1p(x) if x > -1 else -math.inf if x == -1 else math.nan


sin = quiet(math.sin)


cos = quiet(math.cos)


tan = quiet(math.tan)


asin = quiet(math.asin)


acos = quiet(math.acos)


sinh = quiet(math.sinh, lambda x: x)


cosh = quiet(math.cosh)


acosh = quiet(math.acosh)


def atanh(x):
    return math.atanh(x) if -1 < x < 1 else math.copysign(math.inf, x) if abs(x) == 1 else math.nan


def sign(x):
    return 1.0 if x > 0 else -1.0 if x < 0 else 0.0 if x == 0 else math.nan


def floor(x):
    return math.copysign(math.floor(x), x) if math.isfinite(x) else x


def ceil(x):
    return math.copysign(math.ceil(x), x) if math.isfinite(x) else x


def round_half_even(x):
    return math.copysign(round(x), x) if math.isfinite(x) else x


def truncate(x):
    return math.copysign(math.trunc(x), x) if math.isfinite(x) else x


def floor_divide(a, b):
    return a // b if b != 0 else divide(a, b)


def mod(a, b):
    return a % b if b != 0 else math.nan


def maximum(a, b):
    return math.nan if a != a or b != b else max(a, b) + 0.0


def minimum(a, b):
    return math.nan if a != a or b != b else min(a, b) + 0.0


def polygamma(n, x):
    with numpy.errstate(all="ignore"):
        return float(scipy.special.polygamma(n, x))


def erfi(x):
    """The imaginary error function: exp(x*x) times Dawson's integral, which SciPy has, and a series near 0."""
    if abs(x) < 1:
        return x * sum((2 / math.sqrt(math.pi)) * x ** (2 * k) / (math.factorial(k) * (2 * k + 1)) for k in range(18))
    if not abs(x) < 26.7:
        return x * math.inf
    near = round(x * 1024) / 1024
    half = math.exp(near * near / 2)
    return 2 / math.sqrt(math.pi) * float(scipy.special.dawsn(x)) * half * math.exp((x - near) * (x + near)) * half


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
    if not -0.36787944117144233 <= x < -0.35:
        return float(scipy.special.lambertw(x).real) if x > -1e-300 or x >= -0.35 else math.nan
    root = math.sqrt(2 * math.e * max(x + 0.36787944117144233 - 1.2428753672788363e-17, 0.0))
    return sum(coefficient * root**k for k, coefficient in enumerate(BRANCH))


def bessel(near, general, order, x):
    """A Bessel function, from those of SciPy that are accurate near 0 or elsewhere; far out a sine and a cosine."""
    is_first = general is scipy.special.jv
    if math.isinf(x):
        return 0.0 if is_first or x > 0 else math.nan
    if abs(x) < 1e8 or (x < 0 and not is_first):
        with numpy.errstate(all="ignore"):
            return float(near(x) if abs(x) < 0.5 else general(order, x))
    size = abs(x)
    c, s = math.sin(size) + math.cos(size), math.sin(size) - math.cos(size)
    c, s = (s, -c) if order else (c, s)
    ratio = (4 * order - 1) / 8 / size
    value = (c - ratio * s if is_first else s + ratio * c) / math.sqrt(math.pi) / math.sqrt(size)
    return -value if x < 0 and order else value


def gammainc(a, x):
    """The lower incomplete gamma function over gamma(a), from the upper one where that is small."""
    upper = float(scipy.special.gammaincc(a, x))
    return 1 - upper if upper < 0.25 else float(scipy.special.gammainc(a, x))


def gammaincc(a, x):
    """The upper incomplete gamma function over gamma(a), from the lower one where that is small."""
    lower = float(scipy.special.gammainc(a, x))
    return 1 - lower if lower < 0.25 else float(scipy.special.gammaincc(a, x))


def differs(a, b):
    return a < b or a > b


def logical_and(a, b):
    return math.nan if a != a or b != b else float(a != 0 and b != 0)


def logical_or(a, b):
    return math.nan if a != a or b != b else float(a != 0 or b != 0)


def logical_not(x):
    return math.nan if x != x else float(x == 0)


def where(c, a, b):
    return math.nan if c != c else a if c else b
'''
"""Definitions that differ from the `math` module only where it raises."""


TRUTHS = {**COMPARISONS, "not_equal": call("differs", 2)}

CONDITIONS = {
    **TRUTHS,
    "logical_and": Primitive("{0} and {1}", AND, (AND, NOT)),
    "logical_or": Primitive("{0} or {1}", OR, (OR, AND)),
    "logical_not": Primitive("not {0}", NOT, (NOT,)),
    "where": Primitive("{1} if {0} else {2}", CHOICE, (OR, OR, CHOICE)),
}

PYTHON = language(
    "python",
    primitives={
        **OPERATORS,
        "divide": call("divide", 2),
        "pow": call("power", 2),
        "hypot": call("math.hypot", 2),
        "atan2": call("math.atan2", 2),
        "abs": call("abs"),
        "round": call("round_half_even"),
        "trunc": call("truncate"),
        "floor_divide": call("floor_divide", 2),
        "mod": call("mod", 2),
        "max": call("maximum", 2),
        "min": call("minimum", 2),
        "gamma": Primitive("float(scipy.special.gamma({0}))", operand_levels=(0,)),
        "lgamma": Primitive("float(scipy.special.gammaln({0}))", operand_levels=(0,)),
        "digamma": Primitive("float(scipy.special.digamma({0}))", operand_levels=(0,)),
        "polygamma": call("polygamma", 2),
        "erfi": call("erfi"),
        "erfinv": Primitive("float(scipy.special.erfinv({0}))", operand_levels=(0,)),
        "erfcinv": Primitive("float(scipy.special.erfcinv({0}) + 0.0)", operand_levels=(0,)),
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
            name: call(f"math.{name}")
            for name in ("cbrt", "atan", "degrees", "radians", "tanh", "asinh", "erf", "erfc")
        },
        **{
            name: call(name)
            for name in (
                "sqrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos",
                "sinh", "cosh", "acosh", "atanh", "sign", "floor", "ceil",
            )
        },
        **numbers(TRUTHS, "float({})"),
        "logical_and": call("logical_and", 2),
        "logical_or": call("logical_or", 2),
        "logical_not": call("logical_not"),
        "where": call("where", 3),
    },
    booleans=CONDITIONS,
    imports={"math": "import math", "numpy": "import numpy", "scipy": "import scipy.special"},
    support=SUPPORT,
    nan="math.nan",
    infinity="math.inf",
    statement="{name} = {expression}",
    comment="# {text}",
    reserved=reserved.PYTHON,
    families=reserved.PYTHON_FAMILIES,
)  # fmt: skip
