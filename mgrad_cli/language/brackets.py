"""Square brackets and braces: calls of Mathematica, elements of lists, columns, indices of LaTeX, and cases."""

import re
from collections.abc import Container

from mgrad_cli.language.sign_context import SignContext
from mgrad_cli.language.words import REQUESTS
from mgrad_cli.operations import other_systems

BRACKETED = {
    "Log": "log(x), or log(x, base) with the base last", "ArcTan": "atan(x), or atan2(y, x) with y first",
    "D": "diff(f, x)", "Sum": "sum(k, 1, 10, ...)", "Product": "prod(k, 1, 10, ...)", "ProductLog": "lambertw(x)",
    "Boole": "where(c, 1, 0)", "HeavisideTheta": "where(x >= 0, 1, 0)", "Function": "f(x) = ... before a call",
    "InverseErf": "erfinv(x)", "Factorial": "gamma(x + 1)", "Power": "a**b", "Times": "a*b", "Plus": "a + b",
}  # fmt: skip
"""Functions of Mathematica that are spelled otherwise here, or whose arguments are in a different order."""
COLUMN = re.compile(r"@?([^\W\d][^\[\]{},=+*/^\"']*)\]")
FUNCTION_BODY = re.compile(r"\bfunction\s*\w*\s*\([^()]*\)\s*$")
DEFINITION = "a function is defined as f(x) = ..., before it is called"


def bracket(context: SignContext) -> str | None:
    """Advise on `Sin[x]`, `x[0]`, `log[2](x)`, `df["x"]`, or a column `[Unit Price]`."""
    if not context.operand and (called := re.search(r"([^\W\d]\w*)\s*\(\s*$", context.before)):
        return f"write {other_systems.equivalent(called[1]) or f'{called[1]}(a, b)'}, without brackets"
    if parameter := re.match(r"\s*([0-9]+)\s*\]", "" if context.operand else context.after):
        return f"write a name for a parameter, as in p{parameter[1]}"
    if not context.operand:
        column = COLUMN.match(context.after)
        return f"write `{column[1]}` for a column, (...) to group" if column else None
    if context.operand[0].isdigit():
        return None
    index = re.match(r"\s*(\w+)\s*\]\s*\(", context.after)
    if context.operand == "log" and index:
        return f"write log(x, {index[1]})"
    if context.operand in {"sqrt", "root"} and (degree := re.match(r"\s*(\w+)\s*\]", context.after)):
        return f"write x**(1/{degree[1]})"
    if re.match(r"\s*\w+_\s*[,\]]", context.after):
        return f"write {context.operand}(x) = ... to define a function"
    if text := re.match(r"\s*(['\"])(.+?)\1\s*\]", context.after):
        return f"write the name alone: {text[2] if text[2].isidentifier() else f'`{text[2]}`'}"
    return bracket_advice(context.operand, context.functions)


def bracket_advice(name: str, functions: Container[str]) -> str:
    """Return what to write for a name followed by a square bracket."""
    if name in BRACKETED:
        return f"write {BRACKETED[name]}"
    if name.lower() in REQUESTS:
        return REQUESTS[name.lower()]
    for known in (name, name.lower()):
        if known in functions:
            return f"write {known}(...)"
    if spelled := other_systems.equivalent(name):
        return f"write {spelled}"
    if name[0].isupper() and name[1:].isalpha() and len(name) > 3:
        return f"'{name}' has no equivalent here; a function is called with parentheses"
    return "lists are not supported; a name can end in digits, as in x1"


def brace(context: SignContext) -> str | None:
    """Advise on an index in LaTeX, a sum of AMPL, the body of a function, or cases as `{x < 0: -x, x}`."""
    if context.operand in {"sum", "prod"}:
        return REQUESTS[context.operand]
    if context.before.endswith("log_") and (base := re.match(r"\s*([\w.]+)\s*\}", context.after)):
        return f"write log(x, {base[1]})"
    if series := re.search(r"(?<!\w)(sum|prod|lim|int)_$", context.before):
        return REQUESTS["integral" if series[1] == "int" else series[1]]
    if context.before.endswith(("_", "^_")):
        return "write the index without braces"
    if FUNCTION_BODY.search(context.before):
        return DEFINITION
    return "write where(c, a, b) for cases" if re.match(r"[^{}]*[<>=]", context.after) else None
