"""Words between operands: operators of other languages, statements of theirs, and requests in English."""

from collections.abc import Container

from mgrad_cli.language.tokens import Token

OPERATORS = {
    "mod": "mod(a, b)",
    "rem": "a - b*trunc(a/b)",
    "div": "floor(a/b)",
    "times": "a*b",
    "plus": "a + b",
    "minus": "a - b",
    "over": "a/b",
    "of": "a*b",
    "squared": "x**2",
    "cubed": "x**3",
    "and": "'and' in lower case",
    "or": "'or' in lower case",
    "not": "'not' in lower case",
    "xor": "(a != 0) != (b != 0)",
    "then": "where(c, a, b)",
    "elseif": "where(c, a, b)",
    "when": "where(c, a, b)",
    "is": "a == b",
    "eq": "a == b",
    "ne": "a != b",
    "lt": "a < b",
    "le": "a <= b",
    "gt": "a > b",
    "ge": "a >= b",
    "in": "a <= x <= b for an interval",
    "between": "a <= x <= b",
    **dict.fromkeys(("at", "where", "with"), "x = ...; before the formula for a value"),
    "as": "y = ... for a name of the result",
    "for": "sum(k, 1, 10, ...) for a sum",
    "ncr": "gamma(n + 1)/(gamma(k + 1)*gamma(n - k + 1))",
    "npr": "gamma(n + 1)/gamma(n - k + 1)",
    "choose": "gamma(n + 1)/(gamma(k + 1)*gamma(n - k + 1))",
}
"""Words after an operand, with what is written instead."""
CONVERSIONS = frozenset({"to", "into"})
UNITS_BEFORE = frozenset({"in"})
"""Words that are units after a number, as inches in `5 in`."""
DEFINITIONS = frozenset({"def", "define", "fn", "function", "lambda"})
STATEMENTS = frozenset({
    "assert", "auto", "calculate", "compute", "const", "double", "eval", "evaluate", "expand", "expr", "factor",
    "float", "from", "import", "int", "let", "local", "print", "return", "select", "simplify", "syms", "using", "var",
    "what",
})  # fmt: skip
"""Words before an expression that are left out."""
REQUESTS = {
    **dict.fromkeys(("differentiate", "derivative", "derive", "diff"), "write diff(f, x), or use mgrad diff"),
    **dict.fromkeys(("integrate", "nintegrate", "integral", "defint", "int", "quad"), "integrals are not supported"),
    **dict.fromkeys(("solve", "roots"), "equations are solved by mgrad solve"),
    **dict.fromkeys(
        ("argmax", "argmin", "minimize", "minimise", "maximize", "maximise"), "minima are found by mgrad minimize"
    ),
    **dict.fromkeys(("plot", "graph", "draw"), "functions are plotted by mgrad plot"),
    **dict.fromkeys(("lim", "limit"), "limits are found by mgrad eval --sides"),
    **dict.fromkeys(("taylor", "series"), "polynomials are found by mgrad taylor"),
    **dict.fromkeys(("subs", "substitute"), "write x = 3; before the formula for a value"),
    "fit": "models are fitted by mgrad fit",
    "sum": "write sum(k, 1, 10, ...)",
    **dict.fromkeys(("prod", "product"), "write prod(k, 1, 10, ...)"),
}
"""Words before an expression that ask for something, with how it is asked for."""
PHRASES = {
    ("square", "root"): "sqrt(x)",
    ("cube", "root"): "cbrt(x)",
    ("absolute", "value"): "abs(x)",
    ("natural", "log"): "log(x)",
    ("common", "log"): "log10(x)",
}


def word_between(previous: Token, token: Token, functions: Container[str]) -> tuple[str, bool] | None:
    """Return the message for a word between operands or before an expression, and whether it is about `token`."""
    first, second = str(previous).lower(), str(token).lower()
    if previous.type != "NAME" and token.type != "NAME":
        return None
    if {str(previous), str(token)} & {"if", "else"}:
        return "a choice is written where(c, a, b)", str(token) in {"if", "else"}
    if previous.type == "NAME" and token.type == "NAME":
        spelled = PHRASES.get((first, second))
        if first == "arc" and f"a{second}" in functions:
            spelled = f"a{second}(x)"
        if spelled is not None:
            return f"unexpected '{previous} {token}'; write {spelled}", False
    if previous.type == "NAME" and (said := word_before(previous, token)):
        return said, False
    if token.type != "NAME" or (second in UNITS_BEFORE and previous.type == "NUMBER"):
        return None
    if second in CONVERSIONS:
        return f"unexpected '{token}'; numbers have no units to convert", True
    return (f"unexpected '{token}'; write {OPERATORS[second]}", True) if second in OPERATORS else None


def word_before(word: Token, token: Token) -> str:
    """Return the message for a word before an expression, or an empty text."""
    name = word.lower()
    if token.type == "NAME" and word in DEFINITIONS:
        return f"unexpected '{word}'; a function is defined as f(x) = ..., before it is called"
    if token.type != "LPAR" and name in STATEMENTS:
        return f"unexpected '{word}'; write the expression alone"
    if token.type != "LPAR" and name in REQUESTS:
        return f"unexpected '{word}'; {REQUESTS[name]}"
    return f"unexpected '{word}'; write 'not' in lower case" if word == "NOT" else ""
