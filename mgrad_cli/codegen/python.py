"""Python 3.11 or later with the standard library alone, and SciPy for the gamma family.

Python's floats raise where IEEE 754 defines a result; functions that could raise are replaced by those in
`support.py.txt`.
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
    support="support.py.txt",
    nan="math.nan",
    infinity="math.inf",
    statement="{name} = {expression}",
    comment="# {text}",
    reserved=reserved.PYTHON,
    families=reserved.PYTHON_FAMILIES,
)  # fmt: skip
