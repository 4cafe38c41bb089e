"""What is said of the functions and constants of other systems, in error messages."""

import re
from collections.abc import Iterable

from mgrad_cli.operations.module_names import DOTTED, MODULES, SHORT_MODULES
from mgrad_cli.operations.other_functions import (
    AMBIGUOUS,
    FUNCTIONS,
    MODULE_FUNCTIONS,
    OTHER_COUNTS,
    WITH_ONE_ARGUMENT,
)

WITH_PARAMETER = frozenset({"elu", "leaky_relu"})

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
    if not expansion and not is_known and not module.isupper():  # NORM and DIST mean nothing alone in NORM.DIST
        expansion = equivalent(name, count)
    if expansion:
        return f"'{module}.{name}' is written {expansion}"
    if is_known:
        return f"functions have no prefix here; write {name}(...) without '{module}.'"
    return f"unknown function '{module}.{name}'"


def constant(name: str, with_own: bool = False) -> str | None:
    """Return the spelling of another system's constant; `with_own` includes the language's own constants."""
    return NAMED_CONSTANTS.get(name) or (name if with_own and name in OWN_CONSTANTS else None)
