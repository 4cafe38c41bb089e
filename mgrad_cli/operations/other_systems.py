"""Functions and constants of other systems, with their spelling in this language, for error messages."""

import re
from collections.abc import Iterable

from mgrad_cli.operations.module_names import DOTTED, MODULES, SHORT_MODULES

WITH_PARAMETER = frozenset({"elu", "leaky_relu"})

FUNCTIONS = {
    **dict.fromkeys(("factorial", "fact"), "gamma(x + 1)"),
    **dict.fromkeys(("if", "iif", "ifelse", "ite", "piecewise", "cond", "select"), "where(c, a, b)"),
    **dict.fromkeys(("square", "sq"), "x**2"),
    **dict.fromkeys(("inv", "reciprocal"), "1/x"),
    **dict.fromkeys(("int", "fix", "truncate", "ipart"), "trunc(x)"),
    **dict.fromkeys(("rint", "nearbyint", "around"), "round(x)"),
    "roundup": "ceil(x*10**n)/10**n",
    "rounddown": "trunc(x*10**n)/10**n",
    "mround": "round(x/n)*n",
    **dict.fromkeys(("heaviside", "step", "unitstep"), "where(x >= 0, 1, 0)"),
    **dict.fromkeys(("fmod", "rem", "amod", "dmod"), "a - b*trunc(a/b)"),
    **dict.fromkeys(("floormod", "pymod"), "mod(a, b)"),
    **dict.fromkeys(("mean", "average", "avg"), "(a + b)/2"),
    **dict.fromkeys(("pow10", "exp10"), "10**x"),
    **dict.fromkeys(("lb", "ld", "log_2"), "log2(x)"),
    **dict.fromkeys(("log_10", "logten"), "log10(x)"),
    **dict.fromkeys(("log_e", "logn", "lognat"), "log(x)"),
    **dict.fromkeys(("plus", "add"), "a + b"),
    **dict.fromkeys(("sub", "subtract", "minus"), "a - b"),
    **dict.fromkeys(("mul", "multiply", "times", "mtimes", "product"), "a*b"),
    **dict.fromkeys(("div", "divide", "truediv", "true_divide", "rdivide", "mrdivide", "rational"), "a/b"),
    "mldivide": "b/a",
    "mpower": "a**b",
    **dict.fromkeys(("sumsq", "sumxx"), "a**2 + b**2"),
    "sqrtpi": "sqrt(pi*x)",
    "copysign": "abs(a)*where(b < 0, -1, 1)",
    **dict.fromkeys(("floordiv", "floor_div", "idiv", "quotient", "quo"), "floor(a/b)"),
    **dict.fromkeys(("neg", "uminus"), "-x"),
    **dict.fromkeys(("norm", "dist", "hypotenuse"), "hypot(x, y)"),
    **dict.fromkeys(("lnbeta", "log_beta"), "lbeta(a, b)"),
    **dict.fromkeys(("betafn", "eulerbeta"), "beta(a, b)"),
    **dict.fromkeys(("normsinv", "norm_inv", "qnorm", "icdf"), "norminv(x)"),
    **dict.fromkeys(("lambert", "productlog", "lambert_w", "lambertw0"), "lambertw(x)"),
    **dict.fromkeys(("gammap", "igam", "pgamma", "regularized_gamma_p"), "gammainc(a, x)"),
    **dict.fromkeys(("gammaq", "igamc", "regularized_gamma_q"), "gammaincc(a, x)"),
    **{f"bessel{kind}{order}": f"{kind}{order}(x)" for kind in "jy" for order in "01"},
    **dict.fromkeys(("logsoftmax", "log_softmax"), "a - logsumexp(a, b)"),
    **dict.fromkeys(("phi", "ndtr", "normsdist", "pnorm"), "normcdf(x)"),
    **dict.fromkeys(("dnorm", "gauss"), "normpdf(x)"),
    **dict.fromkeys(("versin", "vers"), "1 - cos(x)"),
    **dict.fromkeys(("haversin", "hav"), "sin(x/2)**2"),
    **dict.fromkeys(("todegrees", "radtodeg"), "degrees(x)"),
    **dict.fromkeys(("toradians", "degtorad"), "radians(x)"),
    **{f"{name}d": f"{name}(radians(x))" for name in ("sin", "cos", "tan", "sec", "csc", "cot")},
    **{f"a{name}d": f"degrees(a{name}(x))" for name in ("sin", "cos", "tan", "sec", "csc", "cot")},
    **{f"{name}pi": f"{name}(pi*x)" for name in ("sin", "cos", "tan")},
    **{f"a{name}pi": f"a{name}(x)/pi" for name in ("sin", "cos", "tan")},
    **dict.fromkeys(("norm_s_dist", "norm_cdf", "normal_cdf"), "normcdf(x)"),
    **dict.fromkeys(("float", "float32", "float64", "double", "dble", "number", "n", "evalf", "integer"), "x"),
    **dict.fromkeys(("tensor", "array", "asarray", "variable", "item", "detach", "numpy", "val", "print"), "x"),
    **dict.fromkeys(("simplify", "expand", "factor", "collect"), "x"),
    "powf": "pow(a, b)",
    "mad": "a*b + c",
    "fma": "a*b + c",
    "sum": "a + b",
    "frac": "x - floor(x)",
    "fpart": "x - trunc(x)",
    "ceiling": "ceil(x)",
    "rsqrt": "1/sqrt(x)",
    "lerp": "a + (b - a)*t",
    "fdim": "relu(x - y)",
    **dict.fromkeys(("log_sum_exp", "lse"), "logsumexp(a, b)"),
    "xlog1py": "x*log1p(y)",
    "ldexp": "x*2**n",
    **dict.fromkeys(("coalesce", "nvl", "ifnull", "nan_to_num"), "where(x == x, x, 0)"),
    **dict.fromkeys(
        ("binom", "binomial", "choose", "comb", "combin", "nchoosek", "ncr"),
        "gamma(n + 1)/(gamma(k + 1)*gamma(n - k + 1))",
    ),
    **dict.fromkeys(("perm", "permut", "npr"), "gamma(n + 1)/gamma(n - k + 1)"),
    **dict.fromkeys(
        ("d", "deriv", "derivative", "ddx", "differentiate", "grad", "gradient", "nderiv", "partial", "pdiff"),
        "diff(f, x)",
    ),
    **dict.fromkeys(("sh", "sinush"), "sinh(x)"),
    **dict.fromkeys(("ch", "cosinush"), "cosh(x)"),
    **dict.fromkeys(("th", "tgh"), "tanh(x)"),
    **dict.fromkeys(("sen", "seno"), "sin(x)"),
    **dict.fromkeys(("tg", "tangent"), "tan(x)"),
    **dict.fromkeys(("ctg", "cotg", "cotangent"), "cot(x)"),
    **dict.fromkeys(("arctg", "atg"), "atan(x)"),
    **dict.fromkeys(("arcctg", "actg"), "acot(x)"),
    **dict.fromkeys(("argsh", "argsinh"), "asinh(x)"),
    **dict.fromkeys(("argch", "argcosh"), "acosh(x)"),
    **dict.fromkeys(("argth", "argtanh"), "atanh(x)"),
    **dict.fromkeys(("squareroot", "sqroot", "sqrtm"), "sqrt(x)"),
    **dict.fromkeys(("cuberoot", "curt", "cubert"), "cbrt(x)"),
    **dict.fromkeys(("absolute", "absval", "modulus"), "abs(x)"),
    **dict.fromkeys(("exponential", "expm"), "exp(x)"),
    **dict.fromkeys(("logarithm", "logm"), "log(x)"),
    "logbase": "log(x, base)",
    "na": "nan",
    "gd": "2*atan(tanh(x/2))",
    "pi": "pi",
    "and": "a and b",
    "or": "a or b",
    "not": "not a",
    "xor": "(a != 0) != (b != 0)",
}
"""Replacements by function name in lower case."""

ARRAY_MODULES = ("np", "numpy", "jnp", "cp", "cupy", "anp", "jax", "torch")
MODULE_FUNCTIONS = {
    "math.remainder": "a - b*round(a/b)",
    "Math.round": "floor(x + 0.5)",
    **{f"{module}.sinc": "sinc(pi*x)" for module in ARRAY_MODULES},
    **{f"{module}.remainder": "mod(a, b)" for module in ARRAY_MODULES},
    **{f"{module}.divide": "a/b" for module in (*ARRAY_MODULES, "tf")},
    "norm.cdf": "normcdf(x)",
    "norm.pdf": "normpdf(x)",
    "norm.ppf": "norminv(p)",
    "norm.sf": "normcdf(-x)",
    "NORM.INV": "m + s*norminv(p)",
    "S.INV": "norminv(p)",
    "ERF.PRECISE": "erf(x)",
    "FLOOR.MATH": "floor(x)",
    "CEILING.MATH": "ceil(x)",
    "GAMMALN.PRECISE": "lgamma(x)",
}
"""Functions whose meaning depends on the module, or on the name before the dot."""

AMBIGUOUS = {
    **dict.fromkeys(("root", "nthroot", "surd", "rt"), (("x**(1/n)", "where x >= 0"), ("cbrt(x)", ""))),
    "remainder": (("mod(a, b)", "as NumPy has it"), ("a - b*round(a/b)", "as C has it")),
    "sqr": (("x**2", ""), ("sqrt(x)", "")),
    "lg": (("log10(x)", ""), ("log2(x)", "")),
    "LOG": (("log10(x)", "as spreadsheets have it"), ("log(x)", "the natural logarithm")),
    "INT": (("floor(x)", ""),),
    "ATAN2": (("atan2(y, x)", "y comes first here"),),
    **dict.fromkeys(
        ("NORM.DIST", "normdist"), (("normcdf((x - m)/s)", "cumulative"), ("normpdf((x - m)/s)/s", "the density"))
    ),
    "S.DIST": (("normcdf(x)", "cumulative"), ("normpdf(x)", "the density")),
}
"""Functions with several meanings: each replacement, with a note. Names in capitals come from spreadsheets."""

UNSUPPORTED = frozenset({
    "ai", "airy", "angle", "arange", "arg", "argmax", "argmin", "besseli", "besselj", "besselk", "bessely", "betainc",
    "betaincinv", "bi", "chi", "ci", "cn", "conj", "convert", "cosint", "count", "cplx", "cross", "cumsum", "dawsn",
    "dawson", "det", "dilog", "dirac", "divmod", "dn", "dot", "dropout", "e1", "ei", "ellipe", "ellipj", "ellipk",
    "erfcx", "eta", "eval", "exp1", "expi", "expint", "expn", "fresnel", "gammaincinv", "gcd", "hessian", "i0", "i1",
    "iferror", "im", "imag", "int", "integral", "integrate", "iv", "jacobian", "jn", "jv", "k0", "k1", "kn", "kv",
    "laplacian", "lcm", "len", "li", "lim", "limit", "linspace", "lookup", "median", "mode", "ones", "percentile",
    "polyfit", "polylog", "polyval", "ppf", "quad", "rand", "randn", "random", "re", "real", "series", "shi", "shichi",
    "si", "sici", "sincos", "sinhc", "sinint", "sn", "solve", "spence", "std", "subs", "substitute", "symbol",
    "symbols", "tanc", "trapz", "var", "yn", "yv", "zeros", "zeta",
})  # fmt: skip
"""Functions of other systems that have no equivalent here, however similar another name looks."""

OTHER_COUNTS = {
    ("atan", 2): "atan2(y, x)",
    ("arctan", 2): "atan2(y, x)",
    ("round", 2): "round(x*10**n)/10**n",
    ("abs", 2): "hypot(x, y)",
    ("sqrt", 2): "x**(1/n)",
    ("floor", 2): "floor(x/n)*n",
    ("ceil", 2): "ceil(x/n)*n",
    ("log2", 2): "log(x, base)",
    ("log", 2): "log(x, base)",
    ("ceiling", 2): "ceil(x/n)*n",
    ("around", 2): "round(x*10**n)/10**n",
    ("product", 4): "prod(k, 1, 10, x)",
    ("trunc", 2): "trunc(x*10**n)/10**n",
    ("sign", 2): "abs(a)*where(b < 0, -1, 1)",
    ("erf", 2): "erf(b) - erf(a)",
    ("normcdf", 3): "normcdf((x - m)/s)",
    ("normpdf", 3): "normpdf((x - m)/s)/s",
    ("norminv", 3): "m + s*norminv(p)",
}
"""Replacements for calls with a number of arguments that other systems accept."""

WITH_ONE_ARGUMENT = frozenset({"int"})
"""Functions that mean something else with more arguments, as the integral `int(f, x)`."""

NAMED_CONSTANTS = {
    **dict.fromkeys(("M_PI", "PI", "Pi", "𝜋"), "pi"),
    **dict.fromkeys(("M_E", "E", "ℯ", "𝑒"), "e"),
    **dict.fromkeys(("Infinity", "infinity", "Inf", "INF", "INFINITY", "oo", "HUGE_VAL"), "inf"),
    **dict.fromkeys(("NaN", "NAN", "Nan", "None", "NULL", "null"), "nan"),
    **dict.fromkeys(("true", "True", "TRUE"), "1"),
    **dict.fromkeys(("false", "False", "FALSE"), "0"),
    **dict.fromkeys(("M_SQRT2", "SQRT2"), "sqrt(2)"),
    **dict.fromkeys(("M_LN2", "LN2"), "log(2)"),
    **dict.fromkeys(("M_LN10", "LN10"), "log(10)"),
    **dict.fromkeys(("LOG2E", "M_LOG2E"), "1/log(2)"),
    **dict.fromkeys(("LOG10E", "M_LOG10E"), "1/log(10)"),
    **dict.fromkeys(("SQRT1_2", "M_SQRT1_2"), "sqrt(1/2)"),
    "Tau": "tau",
}
"""Constants of other systems. Here they are variables, unless they are given a value."""


OWN_CONSTANTS = frozenset({"pi", "π", "tau", "τ", "e", "inf", "nan"})


def is_module(name: str, function: str, count: int) -> bool:
    """Return whether `name.function(...)` with `count` arguments refers to a module."""
    return name in MODULES or name in DOTTED or (name in SHORT_MODULES and function in WITH_PARAMETER and count > 0)


def equivalent(name: str, count: int | None = None) -> str | None:
    """Return the spelling of another system's function in this language, or `None` if there is none.

    `count` is the number of its arguments, where that is known.
    """
    if count is not None and (other := OTHER_COUNTS.get((name.lower(), count))):
        return other
    if name.lower() in WITH_ONE_ARGUMENT and count is not None and count > 1:
        return None
    if name not in FUNCTIONS and (logarithm := re.fullmatch(r"log_([0-9]+|[a-z])", name)):
        base = logarithm[1]
        return f"log{base}(x)" if base in {"2", "10"} else f"log(x, {base})"
    meanings = AMBIGUOUS.get(name) or AMBIGUOUS.get(name.lower())
    if meanings is None:
        return FUNCTIONS.get(name.lower())
    return listed(meanings)


def listed(meanings: Iterable[tuple[str, str]]) -> str:
    """Return the meanings of a function with several, each with its note."""
    return ", or ".join(f"{expansion} ({note})" if note else expansion for expansion, note in meanings)


def module_function_advice(module: str, name: str, is_known: bool, count: int | None = None) -> str:
    """Return the message for a module's function such as `np.log`: its spelling in this language.

    `module` is the text as written, such as `torch.nn.functional`. `is_known` says whether the language has a function
    of this name. `count` is the number of its arguments, where that is known.
    """
    expansion = None
    for prefix in (module.rpartition(".")[2], module.partition(".")[0]):
        called = f"{prefix}.{name}"
        expansion = expansion or MODULE_FUNCTIONS.get(called) or listed(AMBIGUOUS.get(called, ()))
    if not expansion and not is_known:
        expansion = equivalent(name, count)
    if expansion:
        return f"'{module}.{name}' is written {expansion}"
    if is_known:
        return f"functions have no prefix here; write {name}(...) without '{module}.'"
    return f"unknown function '{module}.{name}'"


def constant(name: str, with_own: bool = False) -> str | None:
    """Return the spelling of another system's constant; `with_own` includes the language's own constants."""
    return NAMED_CONSTANTS.get(name) or (name if with_own and name in OWN_CONSTANTS else None)
