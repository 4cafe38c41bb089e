"""Python 3.11 or later with the standard library alone, and SciPy for the gamma family.

Python's floats raise where IEEE 754 defines a result; functions that could raise are replaced by definitions.
"""

from mgrad_cli.codegen import reserved
from mgrad_cli.codegen.primitives import (
    AND,
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
