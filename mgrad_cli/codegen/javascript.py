"""JavaScript for Node.js and browsers: ECMAScript 2020 without imports.

Functions that `Math` lacks, such as the error function and the gamma family, are in `support.js`.
"""

from mgrad_cli.codegen import reserved
from mgrad_cli.codegen.primitives import (
    AND,
    BESSEL,
    CHOICE,
    COMPARISON,
    COMPARISONS,
    NOT,
    OPERATORS,
    OR,
    QUOTIENT,
    SUM,
    UNARY,
    Primitive,
    call,
    language,
    numbers,
)

TRUTHS = {
    **COMPARISONS,
    "equal": Primitive("{0} === {1}", COMPARISON, (SUM, SUM)),
    "not_equal": call("differs", 2),
}

JAVASCRIPT = language(
    "js",
    primitives={
        **OPERATORS,
        "divide": QUOTIENT,
        "pow": call("power", 2),
        "sqrt": call("squareRoot"),
        "hypot": call("Math.hypot", 2),
        "exp2": call("exp2"),
        "atan2": call("Math.atan2", 2),
        "degrees": call("degrees"),
        "radians": call("radians"),
        "sign": call("sign"),
        "round": call("roundHalfEven"),
        "floor_divide": call("floorDivide", 2),
        "mod": call("mod", 2),
        "max": call("maximum", 2),
        "min": call("minimum", 2),
        "erf": call("erf"),
        "erfc": call("erfc"),
        "gamma": call("gamma"),
        "lgamma": call("lgamma"),
        "digamma": call("digamma"),
        "polygamma": call("polygamma", 2),
        "erfi": call("erfi"),
        "erfinv": call("erfinv"),
        "erfcinv": call("erfcinv"),
        "lambertw": call("lambertW"),
        **{name: Primitive(f"bessel({number}, {{0}})", operand_levels=(0,)) for number, name in enumerate(BESSEL)},
        "gammainc": Primitive("incompleteGamma({0}, {1}, false)", operand_levels=(0, 0)),
        "gammaincc": Primitive("incompleteGamma({0}, {1}, true)", operand_levels=(0, 0)),
        **{
            name: call(f"Math.{name}")
            for name in (
                "cbrt", "exp", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos", "atan",
                "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "abs", "floor", "ceil", "trunc",
            )
        },
        **numbers(TRUTHS, "Number({})"),
        "logical_and": call("logicalAnd", 2),
        "logical_or": call("logicalOr", 2),
        "logical_not": call("logicalNot"),
        "where": call("where", 3),
    },
    booleans={
        **TRUTHS,
        "logical_and": Primitive("{0} && {1}", AND, (AND, NOT)),
        "logical_or": Primitive("{0} || {1}", OR, (OR, AND)),
        "logical_not": Primitive("!{0}", UNARY, (UNARY,)),
        "where": Primitive("{0} ? {1} : {2}", CHOICE, (OR, CHOICE, CHOICE)),
    },
    imports={},
    support="support.js",
    nan="NaN",
    infinity="Infinity",
    digits=lambda number: repr(number).removesuffix(".0"),
    statement="const {name} = {expression};",
    comment="// {text}",
    reserved=reserved.JAVASCRIPT,
)  # fmt: skip
