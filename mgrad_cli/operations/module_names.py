"""Names of modules of other systems: `np.log(x)` is a mistake that has a message of its own."""

MODULES = frozenset({
    "Math", "NaNMath", "anp", "autograd", "cmath", "cp", "cupy", "jax", "jnp", "keras", "lax", "math", "mp", "mpmath",
    "np", "numpy", "scipy", "sp", "sympy", "tensorflow", "tf", "torch",
})  # fmt: skip
"""Names of modules. They are valid variables, but `name.function(...)` is read as a call in a module."""

SHORT_MODULES = frozenset({"F", "K", "nn"})
"""Names of modules that are also common variables; they count as modules before functions with a parameter."""

DOTTED = frozenset({
    "BINOM", "CEILING", "CHISQ", "CONFIDENCE", "COVARIANCE", "ERF", "EXPON", "FLOOR", "GAMMALN", "HYPGEOM", "LOGNORM",
    "NEGBINOM", "NORM", "POISSON", "STDEV", "VAR", "WEIBULL", "norm", "special", "stats", "sym",
})  # fmt: skip
"""Names before a dot in the names of functions, as of spreadsheets."""

POSSIBLE_MODULES = MODULES | SHORT_MODULES | DOTTED
