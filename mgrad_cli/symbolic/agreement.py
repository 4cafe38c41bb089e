"""Whether two formulas can be equal at more than single points: on an open set, as abs(x) and x are.

A formula for points in general position may leave out what only holds where two formulas happen to be equal, but only
where that is proven to be at points, curves and the like. A proof goes by claims, "this cannot be zero on an open set"
or "this cannot be constant on one", each of which follows from others until none is left.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from mgrad_cli.program.nodes import COMPARISONS, CONNECTIVES
from mgrad_cli.symbolic.addends import flatten
from mgrad_cli.symbolic.numbers import Number, is_whole
from mgrad_cli.symbolic.rounding import Rounded, evaluate_rounded, scatter_values
from mgrad_cli.symbolic.terms import CallForm, ConstantForm, ProductForm, SumForm, SymbolForm, Term, parts

MAX_TERMS, MAX_CLAIMS, POINTS = 300, 50, 6

MEROMORPHIC = frozenset({
    "exp", "exp2", "expm1", "sin", "cos", "tan", "sec", "csc", "cot", "sinh", "cosh", "tanh", "sech", "csch",
    "coth", "erf", "erfc", "normcdf", "normpdf", "sigmoid", "silu", "gelu", "degrees", "radians", "gamma",
    "digamma",
})  # fmt: skip
"""Analytic on the whole complex plane but for poles. Compositions of them have a domain in one piece, so that one that
is not zero somewhere is zero on no open set."""

SMOOTH = frozenset({
    "exp", "exp2", "expm1", "sin", "cos", "sinh", "cosh", "tanh", "sech", "erf", "erfc", "normcdf", "normpdf",
    "sigmoid", "silu", "gelu", "degrees", "radians", "atan", "asinh", "softplus", "logsigmoid", "mish",
    "logaddexp",
})  # fmt: skip
"""Analytic for all real operands, which are in one piece too."""

BRANCHED = frozenset({
    "log", "log2", "log10", "log1p", "sqrt", "asin", "acos", "atan", "acosh", "asinh", "atanh", "softplus",
    "logsigmoid", "mish",
})  # fmt: skip
"""Analytic over an interval: of an operand that is linear in the variables, over a convex set."""

DISCRETE = (MEROMORPHIC | SMOOTH | BRANCHED | {"abs", "cbrt", "acot", "asec", "acsc", "asech", "acsch", "acoth"}) - {
    "logaddexp"
}
"""Functions of one operand that have no value on an interval: constant only where their operand is."""

NEVER_NAN = MEROMORPHIC | SMOOTH | {
    "abs", "cbrt", "sign", "floor", "ceil", "round", "trunc", "max", "min", "clip", "where", "relu", "leaky_relu",
    "relu6", "hardtanh", "elu", "softsign", "hypot", "atan2", "acot", *COMPARISONS, *CONNECTIVES,
}  # fmt: skip
"""Functions with a value for all finite operands but at poles."""


class Claim(NamedTuple):
    """That constant + sum of multiple * term is not zero on any open set, or where `is_level` not constant on one."""

    constant: Number
    addends: tuple[tuple[Term, Number], ...]
    is_nonconstant: bool


Claims: TypeAlias = list[Claim]


def can_agree(a: Term, b: Term) -> bool:
    """Whether two formulas may be equal on an open set: true where the opposite is not proven."""
    difference = flatten([(a, Fraction(1)), (b, Fraction(-1))])
    todo = [Claim(difference.constant, difference.kept, False)]
    for _ in range(MAX_CLAIMS):
        if not todo:
            return False
        claim = todo.pop()
        rest = implying_claims(claim)
        if rest is None:
            return True
        todo += rest
    return True


def is_never_nan(term: Term) -> bool:
    """Whether a formula surely has a value but at poles."""
    for part in subterms([term]):
        match part and part.form:
            case None:
                return False
            case CallForm(operation, _) if operation.name not in NEVER_NAN:
                return False
            case ProductForm(_, factors) if not all(
                is_whole(exponent) or is_positive(base) for base, exponent in factors
            ):
                return False
    return True


def claim_about(term: Term, is_nonconstant: bool) -> Claim:
    if isinstance(term.form, SumForm):
        return Claim(term.form.constant, term.form.addends, is_nonconstant)
    if term.number is not None:
        return Claim(term.number, (), is_nonconstant)
    return Claim(Fraction(0), ((term, Fraction(1)),), is_nonconstant)


def implying_claims(claim: Claim) -> Claims | None:
    """Claims from which this one follows; `None` where nothing is known that proves it."""
    constant, addends, is_nonconstant = claim
    if not addends:
        return [] if constant != 0 and not is_nonconstant else None
    if len(addends) == 1:
        form = addends[0][0].form
        is_nonconstant = is_nonconstant or constant != 0
        if isinstance(form, ProductForm) and len(form.factors) == 1:
            ((base, exponent),) = form.factors
            return [] if exponent < 0 and not is_nonconstant else [claim_about(base, is_nonconstant)]
        if isinstance(form, ProductForm) and not is_nonconstant:
            return [claim_about(base, False) for base, exponent in form.factors if exponent > 0]
        if isinstance(form, CallForm) and form.operation.name in DISCRETE:
            return [claim_about(form.operands[0], True)]
    occurring = occurrences(addends)
    if occurring is None:
        return None
    for index, (addend, _) in enumerate(addends):
        for name, cofactors in linear_variables(addend):
            if occurring[name] == {index}:
                return [claim_about(base, False) for base in cofactors]
    return [] if is_connected(addends) and differs_numerically(claim, occurring) else None


def occurrences(addends: Sequence[tuple[Term, Number]]) -> dict[str, set[int]] | None:
    """For each variable the places of the addends that it is part of; `None` where there is too much to look at."""
    found: dict[str, set[int]] = {}
    for index, (addend, _) in enumerate(addends):
        for term in subterms([addend]):
            addend.algebra.budget.spend(1)
            if term is None:
                return None
            if isinstance(term.form, SymbolForm) and term.form.name not in term.algebra.constants:
                found.setdefault(term.form.name, set()).add(index)
    return found


def subterms(terms: Sequence[Term]) -> Iterator[Term | None]:
    """These terms and all that they are made of, each once; `None` at the end where that is more than `MAX_TERMS`."""
    seen: set[Term] = set(terms)
    stack = list(terms)
    while stack:
        if len(seen) > MAX_TERMS:
            yield None
            return
        term = stack.pop()
        yield term
        fresh = [part for part in parts(term.form) if part not in seen]
        seen.update(fresh)
        stack += fresh


def linear_variables(addend: Term) -> Iterator[tuple[str, list[Term]]]:
    """The variables that an addend is a multiple of, with what it multiplies them by, where that has no poles."""
    factors = addend.form.factors if isinstance(addend.form, ProductForm) else ((addend, Fraction(1)),)
    for base, exponent in factors:
        if isinstance(base.form, SymbolForm) and base.form.name not in base.algebra.constants and exponent == 1:
            others = [other for other, power in factors if other is not base and power > 0]
            if not any(base in set(subterms([other])) for other, _ in factors if other is not base):
                yield base.form.name, others


def is_connected(addends: Sequence[tuple[Term, Number]]) -> bool:
    """Whether formulas are analytic, all over a domain in one piece."""
    is_meromorphic = is_smooth = is_branched = True
    for term in subterms([addend for addend, _ in addends]):
        if term is None:
            return False
        match term.form:
            case CallForm(operation, operands):
                name = operation.name
                are_linear = all(is_linear(operand) for operand in operands[:1])
                is_power = name == "pow" and (is_positive(operands[0]) or are_linear)
                is_meromorphic &= name in MEROMORPHIC or (name == "pow" and is_positive(operands[0]))
                is_smooth &= name in SMOOTH or (name == "pow" and is_positive(operands[0]))
                is_branched &= name in MEROMORPHIC or is_power or (name in BRANCHED and are_linear)
            case ProductForm(_, factors):
                for base, exponent in factors:
                    is_meromorphic &= is_whole(exponent) or is_positive(base)
                    is_smooth &= (is_whole(exponent) and exponent > 0) or is_positive(base)
                    is_branched &= is_whole(exponent) or is_positive(base) or is_linear(base)
    return is_meromorphic or is_smooth or is_branched


def is_positive(term: Term) -> bool:
    """Whether a term is a positive number, or a constant."""
    if isinstance(term.form, SymbolForm):
        return term.form.name in term.algebra.constants
    return term.number is not None and term.number > 0


def is_linear(term: Term) -> bool:
    """Whether a term is linear in the variables, with numbers for coefficients."""
    if isinstance(term.form, SumForm):
        return all(isinstance(addend.form, SymbolForm) for addend, _ in flatten([(term, Fraction(1))]).kept)
    return isinstance(term.form, SymbolForm | ConstantForm) or (
        isinstance(term.form, ProductForm)
        and len(term.form.factors) == 1
        and term.form.factors[0][1] == 1
        and isinstance(term.form.factors[0][0].form, SymbolForm)
    )


def differs_numerically(claim: Claim, names: Iterable[str]) -> bool:
    """Whether a formula is surely not zero at some point, or not constant, rounding considered."""
    terms = [addend for addend, _ in claim.addends]
    seen: list[Rounded] = []
    for trial in range(POINTS):
        claim.addends[0][0].algebra.budget.spend(1 + sum([min(addend.size, MAX_TERMS) for addend in terms]))
        low, high = ((0.1, 2.0), (-2.0, 2.0), (0.5, 1.0))[trial % 3]
        values = evaluate_rounded(terms, scatter_values(sorted(names), trial, low, high))
        value = float(claim.constant) + sum(
            float(times) * each.value for (_, times), each in zip(claim.addends, values, strict=True)
        )
        error = abs(value) * 1e-14 + sum(
            abs(float(times)) * (each.error + 1e-14 * abs(each.value))
            for (_, times), each in zip(claim.addends, values, strict=True)
        )
        here = Rounded(value, 100 * error)
        if not here.is_known:
            continue
        if not claim.is_nonconstant and abs(value) > here.error:
            return True
        if claim.is_nonconstant and any(abs(value - other.value) > here.error + other.error for other in seen):
            return True
        seen.append(here)
    return False
