"""Prove that formulas for people keep the digits and the range of the formulas of evaluation.

Both are brought to a normal form by rewritings that change neither: they reorder two operands, combine powers of one
factor, or move numbers of moderate size. A product of three factors keeps its order, as x*y*z can overflow where
x*(y*z) does not, and so does a sum. Formulas with the same normal form are equally accurate, up to a few units in the
last place, and up to a factor of `MODERATE` at the limits of the range. A divisor whose reciprocal overflows is beyond
them: x*(1/y) and x/y count as equal.
"""

import math
from collections.abc import Collection
from fractions import Fraction

from mgrad_cli.operations import TABLE
from mgrad_cli.program import Program
from mgrad_cli.symbolic.normal_forms import MODERATE, Factors, NormalForms, Rule

ONE, ZERO = Factors(1.0), Factors(0.0)
(ADD,), (POW,) = TABLE["add"], TABLE["pow"]


def keep_digits(found: Program, exact: Program, count: int, variables: Collection[str]) -> list[bool]:
    """Return for each of the first outputs of two programs whether the first one is proven as accurate as the second.

    Both are taken at inputs that are numbers, and not nan.
    """
    forms = NormalForms(variables, RULES, EXPANSIONS)
    pairs = zip(forms.outputs(found, count), forms.outputs(exact, count), strict=True)
    return [one == other for one, other in pairs]


def negative(forms: NormalForms, x: Factors) -> Factors:
    return x._replace(scale=-x.scale)


def multiply(forms: NormalForms, a: Factors, b: Factors) -> Factors:
    """Multiply the numbers, and the powers if two atoms are left or both are powers of one."""
    scale = a.scale * b.scale
    if not (a.is_moderate and b.is_moderate and Factors(scale).is_moderate):
        return forms.atom("product", *sorted((a, b)))
    if not a.powers or not b.powers:
        return Factors(scale, a.powers or b.powers)
    a, b = single(forms, a), single(forms, b)
    powers = forms.joined(a, b)
    if powers is None:
        powers = forms.atom("product", *sorted((a._replace(scale=1.0), b._replace(scale=1.0)))).powers
    return Factors(scale, powers)


def single(forms: NormalForms, form: Factors) -> Factors:
    """Return a form whose product of two atoms is one."""
    if len(form.powers) < 2:
        return form
    product = forms.atom("product", *(Factors(1.0, (power,)) for power in form.powers))
    return product._replace(scale=form.scale)


def divide(forms: NormalForms, a: Factors, b: Factors) -> Factors:
    """Divide the numbers, and by the power of one atom."""
    a, b = single(forms, a), single(forms, b)
    scale = a.scale / b.scale if b.is_moderate else 0.0
    if not (a.is_moderate and Factors(scale).is_moderate) or any(power < 0 for _, power in b.powers):
        return forms.atom("divide", a, b)
    if not b.powers:
        return Factors(scale, a.powers)
    inverse = Factors(1.0, tuple([(index, -power) for index, power in b.powers]))
    if not a.powers:
        return Factors(scale, inverse.powers)
    if a.powers[0][1] > 0 and a.powers[0][0] != b.powers[0][0]:
        return Factors(scale, tuple(sorted((*a.powers, *inverse.powers))))
    powers = forms.joined(a, inverse)
    if powers is None:
        powers = forms.atom("quotient", a._replace(scale=1.0), b._replace(scale=1.0)).powers
    return Factors(scale, powers)


def power(forms: NormalForms, a: Factors, b: Factors) -> Factors | None:
    """Raise to a positive whole number."""
    if not b.is_number or b.scale in {0.0, 1.0}:
        return a if b == ONE else ONE if b.is_number else None
    a = single(forms, a)
    is_whole = b.scale % 1 == 0 and all(exponent > 0 for _, exponent in a.powers)
    if is_whole and 0 < b.scale < MODERATE and a.is_moderate:
        scale = Factors(POW.evaluate(a.scale, b.scale))
        if scale.is_moderate:
            return Factors(scale.scale, tuple([(index, exponent * b.scale) for index, exponent in a.powers]))
    return None


def reduced_power(forms: NormalForms, a: Factors, b: Factors, k: Factors) -> Factors | None:
    """Raise to the number b - k, if that is exact."""
    if not (b.is_number and k.is_number and math.isfinite(b.scale)):
        return None
    if Fraction(b.scale) - Fraction(k.scale) != Fraction(b.scale - k.scale):
        return None
    return forms.apply(POW, [a, Factors(b.scale - k.scale)])


def add(forms: NormalForms, a: Factors, b: Factors) -> Factors | None:
    """Order two addends, and add up like ones, and the branches of two that have the same condition."""
    for one, other in ((a, b), (b, a)):
        if one.is_number and one.scale.hex() == "-0x0.0p+0":
            return other
    first, second = forms.operands_of(a, "where"), forms.operands_of(b, "where")
    if first and second and first[0] == second[0] and forms.is_boolean(first[0]):
        chosen = [forms.apply(ADD, pair) for pair in zip(first[1:], second[1:], strict=True)]
        return choose(forms, first[0], *chosen)
    total = Factors(a.scale + b.scale, a.powers)
    if a.powers == b.powers and a.scale * b.scale > 0 and total.is_moderate:
        return total
    return forms.atom("add", *sorted((a, b)))


def subtract(forms: NormalForms, a: Factors, b: Factors) -> Factors | None:
    return add(forms, a, negative(forms, b))


def negative_power(forms: NormalForms, a: Factors, b: Factors) -> Factors | None:
    """Return 1/a**n for a negative whole number -n."""
    below = power(forms, a, negative(forms, b)) if b.is_number and b.scale < 0 else None
    return below and divide(forms, ONE, below)


def lorentzian(forms: NormalForms, x: Factors) -> Factors | None:
    """Return 1/(1 + x*x)."""
    square = power(forms, x, Factors(2.0))
    total = square and add(forms, ONE, square)
    return total and divide(forms, ONE, total)


def choose(forms: NormalForms, condition: Factors, a: Factors, b: Factors) -> Factors | None:
    if condition.is_number and condition.scale == condition.scale:
        return a if condition.scale else b
    if inner := forms.operands_of(condition, "logical_not"):
        condition, a, b = inner[0], b, a
    if (a, b) == (ONE, ZERO) and forms.is_boolean(condition):
        return condition
    return forms.atom("where", condition, a, b)


def swapped(name: str) -> Rule:
    return lambda forms, a, b: forms.atom(name, b, a)


def equal(forms: NormalForms, a: Factors, b: Factors) -> Factors | None:
    is_input = a == b and len(a.powers) == 1 and forms.atoms[a.powers[0][0]].name.startswith("input ")
    return ONE if is_input else forms.atom("equal", *sorted((a, b)))


def not_equal(forms: NormalForms, a: Factors, b: Factors) -> Factors | None:
    same = equal(forms, a, b)
    return same and negation(forms, same)


def negation(forms: NormalForms, x: Factors) -> Factors | None:
    if x.is_number:
        return Factors(float(not x.scale)) if x.scale == x.scale else x
    inner = forms.operands_of(x, "logical_not")
    return inner[0] if inner and forms.is_boolean(inner[0]) else forms.atom("logical_not", x)


def connective(name: str, neutral: float) -> Rule:
    def rule(forms: NormalForms, a: Factors, b: Factors) -> Factors:
        for one, other in ((a, b), (b, a)):
            if one.is_number and forms.is_boolean(one) and forms.is_boolean(other):
                return other if one.scale == neutral else one
        return forms.atom(name, *sorted((a, b)))

    return rule


def ordered(name: str) -> Rule:
    return lambda forms, a, b: forms.atom(name, *sorted((a, b)))


RULES: dict[str, Rule] = {
    "negative": negative,
    "multiply": multiply,
    "divide": divide,
    "pow": power,
    "reduced_pow": reduced_power,
    "add": add,
    "subtract": subtract,
    "hypot": ordered("hypot"),
    "where": choose,
    "greater": swapped("less"),
    "greater_equal": swapped("less_equal"),
    "equal": equal,
    "not_equal": not_equal,
    "logical_not": negation,
    "logical_and": connective("logical_and", 1.0),
    "logical_or": connective("logical_or", 0.0),
}

EXPANSIONS: dict[str, Rule] = {"pow": negative_power, "lorentzian": lorentzian}
"""Reciprocals of what can overflow, where only these calls are less than any normal number."""
