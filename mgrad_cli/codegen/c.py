"""C: C99 with `math.h`, which has the error function and part of the gamma family. The rest is in `support.c`."""

from mgrad_cli.codegen import reserved
from mgrad_cli.codegen.primitives import (
    AND,
    BESSEL,
    CHOICE,
    COMPARISONS,
    NOT,
    OPERATORS,
    OR,
    QUOTIENT,
    UNARY,
    Primitive,
    call,
    language,
    numbers,
)

TRUTHS = {**COMPARISONS, "not_equal": call("islessgreater", 2)}

C = language(
    "c",
    primitives={
        **OPERATORS,
        "divide": QUOTIENT,
        "pow": call("pow", 2),
        "sqrt": call("square_root"),
        "hypot": call("hypot", 2),
        "atan2": call("atan2", 2),
        "degrees": call("degrees"),
        "radians": call("radians"),
        "sign": call("sign"),
        "abs": call("fabs"),
        "round": call("rint"),
        "floor_divide": call("floor_divide", 2),
        "mod": call("mod", 2),
        "max": call("maximum", 2),
        "min": call("minimum", 2),
        "gamma": call("tgamma"),
        "lgamma": call("log_gamma"),
        "digamma": call("digamma"),
        "polygamma": call("polygamma", 2),
        "erfi": call("erfi"),
        "erfinv": call("erfinv"),
        "erfcinv": call("erfcinv"),
        "lambertw": call("lambert_w"),
        **{name: Primitive(f"bessel({number}, {{0}})", operand_levels=(0,)) for number, name in enumerate(BESSEL)},
        "gammainc": Primitive("incomplete_gamma({0}, {1}, 0)", operand_levels=(0, 0)),
        "gammaincc": Primitive("incomplete_gamma({0}, {1}, 1)", operand_levels=(0, 0)),
        **{
            name: call(name)
            for name in (
                "cbrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos",
                "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "floor", "ceil", "trunc", "erf", "erfc",
            )
        },
        **numbers(COMPARISONS, "(double)({})", UNARY),
        "not_equal": Primitive("(double)islessgreater({0}, {1})", UNARY, (0, 0)),
        "logical_and": call("logical_and", 2),
        "logical_or": call("logical_or", 2),
        "logical_not": call("logical_not"),
        "where": call("where", 3),
    },
    booleans={
        **TRUTHS,
        "logical_and": Primitive("{0} && {1}", AND, (AND, NOT)),
        "logical_or": Primitive("{0} || {1}", OR, (NOT, NOT)),
        "logical_not": Primitive("!{0}", UNARY, (UNARY,)),
        "where": Primitive("{0} ? {1} : {2}", CHOICE, (OR, CHOICE, CHOICE)),
    },
    imports={"": "#include <math.h>"},
    support="support.c",
    nan="NAN",
    infinity="INFINITY",
    statement="const double {name} = {expression};",
    comment="// {text}",
    reserved=reserved.C,
    families=reserved.C_FAMILIES,
    private="_",
    is_ascii=True,
)  # fmt: skip
