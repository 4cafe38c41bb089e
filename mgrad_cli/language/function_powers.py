"""Powers of functions before the argument: `sin^2(x)`, `sin²x`, `sin^-1(x)`, which are written after the call here."""

import re
from collections.abc import Container

INVERSES = {
    **{name: f"a{name}" for name in ("sin", "cos", "tan", "sec", "csc", "cot")},
    **{name: f"a{name}" for name in ("sinh", "cosh", "tanh", "sech", "csch", "coth")},
    "exp": "log", "log": "exp", "ln": "exp", "log2": "exp2", "exp2": "log2", "expm1": "log1p", "log1p": "expm1",
    "erf": "erfinv", "normcdf": "norminv",
}  # fmt: skip
POWER = re.compile(r"([^\W\d]\w*)\s*(?:\^|\*\*)\s*\(?\s*([-−+]?\s*(?:\w+\.?\w*|\.\w+))\s*\)?\s*$")
RAISED_NAME = re.compile(r"([^\W\d⁰¹²³⁴⁵⁶⁷⁸⁹][^\W⁰¹²³⁴⁵⁶⁷⁸⁹]*)\s*([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)\s*$")
EXPONENT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻−", "0123456789+--")


def power_of_function(before: str, functions: Container[str]) -> str | None:
    """Return the message for a function raised to a power at the end of a text, if there is one."""
    power = POWER.search(before) or RAISED_NAME.search(before)
    if power is None or power[1] not in functions:
        return None
    spelled = spelled_power(power[1], "".join(power[2].translate(EXPONENT).split()), functions)
    return f"a power of a function is written after the call: {spelled}"


def spelled_power(name: str, exponent: str, functions: Container[str]) -> str:
    """Return how a power of a function is written, with the inverse function for the exponent -1."""
    if exponent != "-1":
        return f"{name}(...)**{exponent}"
    inverse = INVERSES.get(name, "")
    either = f"{inverse}(...) for the inverse function, " if inverse in functions else ""
    return f"{either}{name}(...)**-1 for the reciprocal"
