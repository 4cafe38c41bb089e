"""LaTeX: formulas as mathematics that KaTeX, MathJax and matplotlib can typeset.

A condition in brackets is 1 where it holds and 0 elsewhere (Iverson bracket), as comparisons are in this language.
"""

import re
import unicodedata
from itertools import groupby

from mgrad_cli.codegen.primitives import Primitive, Spelled, spell
from mgrad_cli.language.printing import literal
from mgrad_cli.language.syntax import Call, Expression, FunctionDefinition, Name, Number, nodes_of
from mgrad_cli.operations import TABLE, find
from mgrad_cli.text import printable

ANY, OR, AND, NOT, COMPARISON, SUM, NEGATIVE, PRODUCT, POWER, ATOM = range(10)
"""Precedence in typeset mathematics. A fraction binds like a power."""

LETTERS = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega
    Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
"""
GREEK = frozenset(LETTERS.split())
RELATIONS = {
    "less": "<", "less_equal": r"\leq", "greater": ">", "greater_equal": r"\geq", "equal": "=", "not_equal": r"\neq",
}  # fmt: skip
TRUTHS = {
    **{name: Primitive(f"{{0}} {sign} {{1}}", COMPARISON, (SUM, SUM)) for name, sign in RELATIONS.items()},
    "logical_and": Primitive(r"{0} \wedge {1}", AND, (NOT, NOT)),
    "logical_or": Primitive(r"{0} \vee {1}", OR, (AND, AND)),
    "logical_not": Primitive(r"\neg {0}", NOT, (ATOM,)),
}
PRIMITIVES = {
    "add": Primitive("{0} + {1}", SUM, (SUM, PRODUCT)),
    "subtract": Primitive("{0} - {1}", SUM, (SUM, PRODUCT)),
    "multiply": Primitive(r"{0} \, {1}", PRODUCT, (NEGATIVE, POWER)),
    "divide": Primitive(r"\frac{{{0}}}{{{1}}}", POWER, (ANY, ANY)),
    "negative": Primitive("-{0}", NEGATIVE, (PRODUCT,)),
    "pow": Primitive("{0}^{{{1}}}", POWER, (ATOM, ANY)),
    "sqrt": Primitive(r"\sqrt{{{0}}}", ATOM, (ANY,)),
    "cbrt": Primitive(r"\sqrt[3]{{{0}}}", ATOM, (ANY,)),
    "exp": Primitive("e^{{{0}}}", POWER, (ANY,)),
    "exp2": Primitive("2^{{{0}}}", POWER, (ANY,)),
    "abs": Primitive(r"\left|{0}\right|", ATOM, (ANY,)),
    "floor": Primitive(r"\left\lfloor {0} \right\rfloor", ATOM, (ANY,)),
    "ceil": Primitive(r"\left\lceil {0} \right\rceil", ATOM, (ANY,)),
    "log2": Primitive(r"\log_{{2}}\left({0}\right)", ATOM, (ANY,)),
    "log10": Primitive(r"\log_{{10}}\left({0}\right)", ATOM, (ANY,)),
    "gamma": Primitive(r"\Gamma\left({0}\right)", ATOM, (ANY,)),
    "digamma": Primitive(r"\psi\left({0}\right)", ATOM, (ANY,)),
    "polygamma": Primitive(r"\psi^{{\left({0}\right)}}\left({1}\right)", ATOM, (ANY, ANY)),
    "normcdf": Primitive(r"\Phi\left({0}\right)", ATOM, (ANY,)),
    "normpdf": Primitive(r"\varphi\left({0}\right)", ATOM, (ANY,)),
    "log_base": Primitive(r"\frac{{\log\left({0}\right)}}{{\log\left({1}\right)}}", POWER, (ANY, ANY)),
    "sum": Primitive(r"\sum_{{{0}={1}}}^{{{2}}} {3}", SUM, (ANY, ANY, ANY, PRODUCT)),
    "prod": Primitive(r"\prod_{{{0}={1}}}^{{{2}}} {3}", SUM, (ANY, ANY, ANY, PRODUCT)),
    **{
        name: Primitive(rf"\left[{boolean.spelling}\right]", ATOM, boolean.operand_levels)
        for name, boolean in TRUTHS.items()
    },
}
DOT = Primitive(r"{0} \cdot {1}", PRODUCT, (NEGATIVE, POWER))
"""The product before a digit, which would otherwise join the number."""
DERIVATIVE = Primitive(r"\frac{{d}}{{d {1}}}\left({0}\right)", PRODUCT, (ANY, ANY))
NTH_DERIVATIVE = Primitive(r"\frac{{d^{{{2}}}}}{{d {1}^{{{2}}}}}\left({0}\right)", PRODUCT, (ANY, ANY, ANY))
PARENTHESES = r"\left({}\right)"


def latex(tree: Expression) -> str:
    """Return an expression as LaTeX mathematics."""
    spelled: dict[int, Spelled] = {}
    booleans: dict[int, Spelled] = {}
    for node in nodes_of(tree):
        match node:
            case Number(value):
                spelled[id(node)] = number(value)
            case Name(name):
                spelled[id(node)] = Spelled(symbol(name))
            case Call(_, operands):
                name = name_of_call(node)
                texts = [spelled[id(operand)] for operand in operands]
                conditions = [booleans.get(id(operand), text) for operand, text in zip(operands, texts, strict=True)]
                if name in TRUTHS:
                    inner = conditions if name.startswith("logical") else texts
                    booleans[id(node)] = spell(TRUTHS[name], *inner, parentheses=PARENTHESES)
                    spelled[id(node)] = Spelled(rf"\left[{booleans[id(node)].text}\right]")
                elif name == "where":
                    spelled[id(node)] = choice(operands[0], conditions[0], *texts[1:])
                else:
                    spelled[id(node)] = operation(name, texts)
    return spelled[id(tree)].text


def name_of_call(call: Call) -> str:
    """Return the name of the operation that a call refers to, or of a function that is not a row of the table."""
    return find(call.function, len(call.operands)).name if call.function in TABLE else call.function


def definition(function: FunctionDefinition) -> tuple[str, str]:
    """Return the two sides of the definition of a function."""
    parameters = [Spelled(symbol(name)) for name in function.parameters]
    return operation(function.name, parameters).text, latex(function.expression)


def operation(name: str, operands: list[Spelled]) -> Spelled:
    """Return an operation on operands, with a minus sign moved in front of a fraction."""
    primitive = PRIMITIVES.get(name)
    if name == "diff":
        primitive = NTH_DERIVATIVE if len(operands) > 2 else DERIVATIVE
    if primitive is None:
        is_row = name in TABLE
        command = find(name, len(operands)).latex if is_row else symbol(name)
        primitive = call(command or rf"\mathrm{{{text(name)}}}", len(operands))
    if name == "multiply" and operands[1].text[:1].isdigit():
        primitive = DOT
    first = operands[0]
    is_negative = first.level >= NEGATIVE and first.text.startswith("-")
    if name == "divide" and is_negative:
        numerator = Spelled(first.text[1:], PRODUCT)
        return operation("negative", [spell(primitive, numerator, *operands[1:], parentheses=PARENTHESES)])
    result = spell(primitive, *operands, parentheses=PARENTHESES)
    return result._replace(level=NEGATIVE) if name == "multiply" and is_negative else result


def call(command: str, count: int) -> Primitive:
    """Return the primitive of a function by its LaTeX command."""
    indices = ", ".join(f"{{{index}}}" for index in range(count))
    return Primitive(rf"{command.replace('{', '{{').replace('}', '}}')}\left({indices}\right)", ATOM, (ANY,) * count)


def choice(condition: Expression, spelled: Spelled, a: Spelled, b: Spelled) -> Spelled:
    """Return `a` where the condition holds, else `b`, as a sum of two products with conditions."""
    is_boolean = isinstance(condition, Call) and name_of_call(condition) in TRUTHS
    holds = spelled if is_boolean else spell(TRUTHS["not_equal"], spelled, Spelled("0"), parentheses=PARENTHESES)
    fails = spell(TRUTHS["logical_not"], holds, parentheses=PARENTHESES)
    parts = [
        operation("multiply", [Spelled(rf"\left[{case.text}\right]"), branch])
        for case, branch in ((holds, a), (fails, b))
        if branch.text != "0"
    ]
    return operation("add", parts) if len(parts) == 2 else parts[0] if parts else Spelled("0")


def number(value: float) -> Spelled:
    """Return a number, in scientific notation if it has an exponent."""
    mantissa, _, exponent = literal(value).partition("e")
    if mantissa in {"inf", "nan"}:
        return Spelled(r"\infty" if mantissa == "inf" else r"\mathrm{NaN}")
    if not exponent:
        return Spelled(mantissa)
    power = f"10^{{{int(exponent)}}}"
    return Spelled(power, POWER) if mantissa == "1" else Spelled(rf"{mantissa} \cdot {power}", PRODUCT)


def symbol(name: str) -> str:
    """Return a name: commands for Greek letters; trailing digits and parts after `_` as subscripts."""
    if name in {"inf", "nan"}:
        return number(float(name)).text
    if re.fullmatch(r"\w+", name) is None:
        return rf"\mathrm{{{text(name)}}}"
    base, *below = name.split("_")
    digits = re.search(r"[0-9]+$", base)
    if digits and digits.start():
        base, below = base[: digits.start()], [digits.group(), *below]
    if not base:
        return rf"\mathrm{{{text(name)}}}"
    script = f"_{{{', '.join(letters(part) for part in below if part)}}}" if any(below) else ""
    return letters(base) + script


ESCAPES = str.maketrans({
    **{char: f"\\{char}" for char in "_{}$&#% "},
    "\\": r"\backslash ", "^": r"\wedge ", "~": r"\sim ",
})  # fmt: skip
"""What stands for the characters that are special in LaTeX's mathematics."""


def letters(word: str) -> str:
    """Return a part of a name: a letter or number unchanged, a longer word in upright letters."""
    latin = unicodedata.name(word, "").removeprefix("GREEK SMALL LETTER ").lower() if len(word) == 1 else word
    if len(word) == 1 and unicodedata.name(word, "").startswith("GREEK CAPITAL LETTER "):
        latin = unicodedata.name(word).removeprefix("GREEK CAPITAL LETTER ").capitalize()
    if latin in GREEK:
        return f"\\{latin}"
    return word if len(word) == 1 or word.isdecimal() else rf"\mathrm{{{text(word)}}}"


def text(word: str) -> str:
    """Return a word in upright letters, with characters that are special in LaTeX escaped."""
    return printable(word).translate(ESCAPES)


def derivative_sign(output: str, by: tuple[str, ...], is_partial: bool) -> str:
    """Return the symbol of a derivative as a fraction, with a partial sign, or a plain d for a single variable."""
    sign = r"\partial" if is_partial else "d"
    order = f"^{{{len(by)}}}" if len(by) > 1 else ""
    counts = [(name, len(list(group))) for name, group in groupby(by)]
    below = " ".join(f"{sign} {symbol(name)}{f'^{{{count}}}' if count > 1 else ''}" for name, count in counts)
    return rf"\frac{{{sign}{order} {symbol(output)}}}{{{below}}}"
