"""Functions and constants of other systems, with their spelling in this language, for error messages."""

from mgrad_cli.operations.module_names import MODULES, SHORT_MODULES

WITH_PARAMETER = frozenset({"elu", "leaky_relu"})

FUNCTIONS = {
    **dict.fromkeys(("factorial", "fact"), "gamma(x + 1)"),
    **dict.fromkeys(("if", "iif", "ifelse", "ite", "piecewise", "cond", "select"), "where(c, a, b)"),
    **dict.fromkeys(("square", "sq"), "x**2"),
    **dict.fromkeys(("inv", "reciprocal"), "1/x"),
    **dict.fromkeys(("int", "fix", "truncate"), "trunc(x)"),
    **dict.fromkeys(("heaviside", "step", "unitstep"), "where(x >= 0, 1, 0)"),
    **dict.fromkeys(("fmod", "rem"), "a - b*trunc(a/b)"),
    **dict.fromkeys(("floormod", "pymod"), "mod(a, b)"),
    **dict.fromkeys(("mean", "average", "avg"), "(a + b)/2"),
    **dict.fromkeys(("pow10", "exp10"), "10**x"),
    **dict.fromkeys(("lb", "ld", "log_2"), "log2(x)"),
    **dict.fromkeys(("log_10", "logten"), "log10(x)"),
    **dict.fromkeys(("log_e", "logn", "lognat"), "log(x)"),
    **dict.fromkeys(("sub", "minus"), "a - b"),
    **dict.fromkeys(("mul", "times"), "a*b"),
    **dict.fromkeys(("div", "truediv", "true_divide", "rdivide"), "a/b"),
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
    **dict.fromkeys(("float", "double", "number", "n"), "x"),
    "print": "x",
    "powf": "pow(a, b)",
    "mad": "a*b + c",
    "fma": "a*b + c",
    "sum": "a + b",
    "frac": "x - floor(x)",
    "ceiling": "ceil(x)",
    "rsqrt": "1/sqrt(x)",
    "lerp": "a + (b - a)*t",
    "fdim": "relu(x - y)",
    **dict.fromkeys(("log_sum_exp", "lse"), "logsumexp(a, b)"),
    "xlog1py": "x*log1p(y)",
    "ldexp": "x*2**n",
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
}
"""Functions whose meaning depends on the module."""

AMBIGUOUS = {
    **dict.fromkeys(("root", "nthroot", "surd"), (("x**(1/n)", "where x >= 0"), ("cbrt(x)", ""))),
    "remainder": (("mod(a, b)", "as NumPy has it"), ("a - b*round(a/b)", "as C has it")),
    "sqr": (("x**2", ""), ("sqrt(x)", "")),
    "lg": (("log10(x)", ""), ("log2(x)", "")),
    "LOG": (("log10(x)", "as spreadsheets have it"), ("log(x)", "the natural logarithm")),
    "INT": (("floor(x)", ""),),
    "ATAN2": (("atan2(y, x)", "y comes first here"),),
}
"""Functions with several meanings: each replacement, with a note. Names in capitals come from spreadsheets."""

UNSUPPORTED = frozenset({
    "ai", "airy", "angle", "arg", "argmax", "argmin", "besseli", "besselj", "besselk", "bessely", "betainc",
    "betaincinv", "bi", "binom", "binomial", "chi", "choose", "ci", "cn", "comb", "conj", "cosint", "count", "cplx",
    "cross", "cumsum", "dawsn", "dawson", "det", "dilog", "dn", "dot", "dropout", "e1", "ei", "ellipe", "ellipj",
    "ellipk", "erfcx", "eta", "exp1", "expi", "expint", "expn", "fresnel", "gammaincinv", "gcd", "i0", "i1", "im",
    "imag", "integral", "integrate", "iv", "jn", "jv", "k0", "k1", "kn", "kv", "lcm", "len", "li", "limit", "median",
    "mode", "nchoosek", "percentile", "perm", "polylog", "ppf", "rand", "randn", "random", "re", "real", "shi",
    "shichi", "si", "sici", "sincos", "sinhc", "sinint", "sn", "spence", "std", "tanc", "var", "yn", "yv", "zeta",
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
}
"""Replacements for calls with a number of arguments that other systems accept."""

NAMED_CONSTANTS = {
    **dict.fromkeys(("M_PI", "PI", "Pi", "𝜋"), "pi"),
    **dict.fromkeys(("M_E", "E", "ℯ", "𝑒"), "e"),
    **dict.fromkeys(("Infinity", "infinity", "Inf", "INF", "INFINITY", "oo", "HUGE_VAL"), "inf"),
    **dict.fromkeys(("NaN", "NAN", "Nan"), "nan"),
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
    return name in MODULES or (name in SHORT_MODULES and function in WITH_PARAMETER and count > 0)


def equivalent(name: str) -> str | None:
    """Return the spelling of another system's function in this language, or `None` if there is none."""
    meanings = AMBIGUOUS.get(name) or AMBIGUOUS.get(name.lower())
    if meanings is None:
        return FUNCTIONS.get(name.lower())
    return ", or ".join(f"{expansion} ({note})" if note else expansion for expansion, note in meanings)


def module_function_advice(module: str, name: str, is_known: bool) -> str:
    """Return the message for a module's function such as `np.log`: its spelling in this language.

    `module` is the text as written, such as `torch.nn.functional`. `is_known` says whether the language has a function
    of this name.
    """
    expansion = MODULE_FUNCTIONS.get(f"{module.partition('.')[0]}.{name}") or (None if is_known else equivalent(name))
    if expansion:
        return f"'{module}.{name}' is written {expansion}"
    if is_known:
        return f"functions have no prefix here; write {name}(...) without '{module}.'"
    return f"unknown function '{module}.{name}'"


def constant(name: str, with_own: bool = False) -> str | None:
    """Return the spelling of another system's constant; `with_own` includes the language's own constants."""
    return NAMED_CONSTANTS.get(name) or (name if with_own and name in OWN_CONSTANTS else None)
