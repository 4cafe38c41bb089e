"""C: C99 with its `math.h`, which has the error function and most of the gamma family; the rest is in `support.c`."""

from pathlib import Path

from mgrad_cli.languages.primitives import (
    AND,
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

RESERVED = """
    alignas alignof asm auto bool break case char const constexpr continue default do double else enum extern false
    float for goto if inline int long nullptr register restrict return short signed sizeof static static_assert struct
    switch thread_local true typedef typeof typeof_unqual union unsigned void volatile while
    linux main unix i386
    FP_FAST_FMA FP_ILOGB0 FP_ILOGBNAN FP_INFINITE FP_NAN FP_NORMAL FP_SUBNORMAL FP_ZERO HUGE_VAL INFINITY MATH_ERRNO
    MATH_ERREXCEPT NAN math_errhandling M_E M_LOG2E M_LOG10E M_LN2 M_LN10 M_PI M_PI_2 M_PI_4 M_1_PI M_2_PI M_2_SQRTPI
    M_SQRT2 M_SQRT1_2 MAXFLOAT signgam
    copysign drem exp10 fdim finite fma fmax fmin fmod fpclassify frexp gamma ilogb isfinite isgreater isgreaterequal
    isinf isless islessequal isnan isnormal isunordered j0 j1 jn ldexp lgamma llrint llround logb lrint lround modf nan
    nearbyint nextafter nexttoward pow10 remainder remquo round scalb scalbln scalbn signbit significand sincos sqrt
    y0 y1 yn
"""


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
    truths={
        **TRUTHS,
        "logical_and": Primitive("{0} && {1}", AND, (AND, NOT)),
        "logical_or": Primitive("{0} || {1}", OR, (NOT, NOT)),
        "logical_not": Primitive("!{0}", UNARY, (UNARY,)),
        "where": Primitive("{0} ? {1} : {2}", CHOICE, (OR, CHOICE, CHOICE)),
    },
    imports={"": "#include <math.h>"},
    support=Path(__file__).with_name("support.c").read_text(encoding="utf-8"),
    nan="NAN",
    infinity="INFINITY",
    statement="const double {name} = {expression};",
    comment="// {text}",
    reserved=RESERVED,
)  # fmt: skip
