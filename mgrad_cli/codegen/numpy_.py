"""Python over NumPy arrays that broadcast together, with SciPy for the gamma family, and with `support_numpy.py.txt`.

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
    support="support_numpy.py.txt",
    nan="numpy.nan",
    infinity="numpy.inf",
    statement="{name} = {expression}",
    comment="# {text}",
    reserved=reserved.PYTHON,
    families=reserved.PYTHON_FAMILIES,
)  # fmt: skip
