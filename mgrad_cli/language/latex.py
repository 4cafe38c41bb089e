"""LaTeX commands in a formula, with what is written instead."""

import re
from collections.abc import Container

from mgrad_cli.language.function_powers import spelled_power

LATEX = {
    **dict.fromkeys(("frac", "dfrac", "tfrac"), "write (a)/(b)"),
    **dict.fromkeys(("cdot", "times", "ast", "star", "bullet"), "use '*'"),
    **dict.fromkeys(
        (
            "left",
            "right",
            "middle",
            *(size + side for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")),
            "displaystyle",
            "textstyle",
            "mathrm",
            "operatorname",
            "mathop",
            "text",
            "textrm",
            "mbox",
            "quad",
            "qquad",
            "limits",
            "nolimits",
        ),
        "remove it",
    ),
    "lt": "use '<'",
    "gt": "use '>'",
    **dict.fromkeys(("le", "leq", "leqslant"), "use '<='"),
    **dict.fromkeys(("ge", "geq", "geqslant"), "use '>='"),
    **dict.fromkeys(("ne", "neq"), "use '!='"),
    "div": "use '/'",
    **dict.fromkeys(("to", "rightarrow"), "limits are found by mgrad eval --sides"),
    "lim": "limits are found by mgrad eval --sides",
    "pm": "an uncertainty belongs to the value of a variable, as in mgrad eval x**2 --x 1.2±0.1",
    **dict.fromkeys(("circ", "degree"), "write radians(x) for degrees"),
    **dict.fromkeys(("binom", "dbinom", "tbinom"), "write gamma(n + 1)/(gamma(k + 1)*gamma(n - k + 1))"),
    **dict.fromkeys(("dot", "ddot", "nabla", "grad"), "write diff(f, x) for a derivative"),
    **dict.fromkeys(("vert", "rvert", "lVert", "rVert", "Vert", "mid"), "write abs(x)"),
    **dict.fromkeys(
        (
            *(f"math{style}" for style in ("bf", "it", "sf", "tt", "bb", "cal", "scr", "frak")),
            *("boldsymbol", "bm", "textbf", "textit", "hat", "bar", "vec", "tilde", "check", "breve"),
            *("overline", "underline", "widehat", "widetilde"),
        ),
        "write the name alone",
    ),
    "lg": "write log10(...)",
    "lb": "write log2(...)",
    "sqrt": "write sqrt(x), or x**(1/n)",
    "infty": "write inf",
    "sum": "write sum(k, 1, 10, ...)",
    "prod": "write prod(k, 1, 10, ...)",
    **dict.fromkeys(("int", "iint", "iiint", "oint"), "integrals are not supported"),
    **dict.fromkeys(("bmod", "pmod", "mod"), "write mod(a, b)"),
    **dict.fromkeys(("over", "atop"), "write (a)/(b)"),
    "in": "write a <= x <= b for an interval",
    **dict.fromkeys(("partial", "prime"), "write diff(f, x) for a derivative"),
    **dict.fromkeys(("lfloor", "rfloor"), "write floor(x)"),
    **dict.fromkeys(("lceil", "rceil"), "write ceil(x)"),
    **dict.fromkeys(("land", "wedge"), "write 'and'"),
    **dict.fromkeys(("lor", "vee"), "write 'or'"),
    **dict.fromkeys(("neg", "lnot"), "write (not a)"),
    "lvert": "write abs(x)",
    "begin": "write where(c, a, b) for cases",
}
"""Commands that are not the name of a function, a constant or a variable."""
SIGNS = frozenset(",;!:()[]{}%\\")
"""What follows the backslash of a space, a bracket or a sign."""
LIMITS = re.compile(r"\s*(?:_\s*(?:\{([^{}]*)\}|(\w)))?\s*(?:\^\s*(?:\{([^{}]*)\}|(\w)))?")
DERIVATIVE = re.compile(r"\s*\{\s*(?:d|\\partial|\\mathrm\s*\{\s*d\s*\})(?![A-Za-z])")
INDEX = re.compile(r"\s*\[")
COMMAND = re.compile(r"[A-Za-z]+")


def command_at(after: str) -> str:
    """Return the name of the command that begins after a backslash: letters, a sign such as `,`, or nothing."""
    word = COMMAND.match(after)
    if word is not None:
        return word[0] if len(word[0]) > 1 else ""
    return after[:1] if after[:1] in SIGNS else ""


def latex_advice(word: str, after: str, functions: Container[str]) -> str:
    """Return what to write for a LaTeX command, which this text follows."""
    if word in SIGNS or word in LATEX:
        if word.endswith("frac") and DERIVATIVE.match(after):
            return "write diff(f, x) for a derivative"
        if word == "sqrt" and not INDEX.match(after):
            return "write sqrt(...)"
        return LATEX.get(word, "remove it")
    name = word.removeprefix("var")
    if name.lower() in functions and (name in functions or after.lstrip().startswith(("(", "\\left"))):
        return function_advice(name if name in functions else name.lower(), after, functions)
    return f"write {name}"


def function_advice(name: str, after: str, functions: Container[str]) -> str:
    """Return what to write for a function, perhaps with a base or a power before its argument."""
    limits = LIMITS.match(after)
    base, power = (limits[1] or limits[2], limits[3] or limits[4]) if limits else (None, None)
    if name in {"log", "ln"} and base:
        called = f"log{base}(...)" if base in {"2", "10"} else f"log(..., {base})"
        return f"write {called}" + (f"**{power}" if power else "")
    return f"write {spelled_power(name, power, functions)}" if power else f"write {name}(...)"
