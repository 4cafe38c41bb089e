"""Decide whether two formulas can be equal on an open set, as abs(x) and x are, and not only at isolated points.

A formula for points in general position can omit what holds only where two formulas happen to be equal, if that is
proven to be a set without interior. A proof reduces claims, "this is not zero on any open set" or "this is not
constant on any", to other claims until none is left.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from mgrad_cli.program.nodes import COMPARISONS, CONNECTIVES
from mgrad_cli.symbolic.addends import flatten
from mgrad_cli.symbolic.error_bounds import Rounded, evaluate_rounded, scatter_values
from mgrad_cli.symbolic.numbers import Number, is_whole
from mgrad_cli.symbolic.terms import CallForm, ConstantForm, ProductForm, SumForm, SymbolForm, Term

MAX_TERMS, MAX_CLAIMS, POINTS = 300, 50, 6

MEROMORPHIC = frozenset({
    "exp", "exp2", "expm1", "sin", "cos", "tan", "sec", "csc", "cot", "sinh", "cosh", "tanh", "sech", "csch",
    "coth", "erf", "erfc", "normcdf", "normpdf", "sigmoid", "silu", "gelu", "degrees", "radians", "gamma",
    "digamma",
})  # fmt: skip
"""Functions analytic on the complex plane except for poles. Compositions of them have a connected domain, so one that
is not zero everywhere is zero on no open set.
"""

SMOOTH = frozenset({
    "exp", "exp2", "expm1", "sin", "cos", "sinh", "cosh", "tanh", "sech", "erf", "erfc", "normcdf", "normpdf",
    "sigmoid", "silu", "gelu", "degrees", "radians", "atan", "asinh", "softplus", "logsigmoid", "mish",
    "logaddexp",
})  # fmt: skip
"""Functions analytic for all real operands, which also form a connected domain."""

BRANCHED = frozenset({
    "log", "log2", "log10", "log1p", "sqrt", "asin", "acos", "atan", "acosh", "asinh", "atanh", "softplus",
    "logsigmoid", "mish",
})  # fmt: skip
"""Functions analytic on an interval: if the operand is linear in the variables, on a convex set."""

DISCRETE = (MEROMORPHIC | SMOOTH | BRANCHED | {"abs", "cbrt", "acot", "asec", "acsc", "asech", "acsch", "acoth"}) - {
    "logaddexp"
}
"""Functions of one operand that take no value on an interval: constant only where their operand is."""

NEVER_NAN = MEROMORPHIC | SMOOTH | {
    "abs", "cbrt", "sign", "floor", "ceil", "round", "trunc", "max", "min", "clip", "where", "relu", "leaky_relu",
    "relu6", "hardtanh", "elu", "softsign", "hypot", "atan2", "acot", *COMPARISONS, *CONNECTIVES,
}  # fmt: skip
"""Functions that have a value for all finite operands except at poles."""


class Claim(NamedTuple):
    """The claim that constant + sum of multiple * term is zero, or if `is_nonconstant` constant, on no open set."""

    constant: Number
    addends: tuple[tuple[Term, Number], ...]
    is_nonconstant: bool


Claims: TypeAlias = list[Claim]


def can_agree(a: Term, b: Term) -> bool:
    """Return whether two formulas may be equal on an open set. False means that they are proven not to be."""
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
    """Return whether a formula is known to have a value everywhere except at poles."""
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
    """Return the claim about a term."""
    if isinstance(term.form, SumForm):
        return Claim(term.form.constant, term.form.addends, is_nonconstant)
    if term.number is not None:
        return Claim(term.number, (), is_nonconstant)
    return Claim(Fraction(0), ((term, Fraction(1)),), is_nonconstant)


def implying_claims(claim: Claim) -> Claims | None:
    """Return claims that imply this one, or `None` if no proof is known."""
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
    """Return the indices of the addends that contain each variable, or `None` if there are too many terms."""
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
    """Yield these terms and all their parts, each once, and `None` at the end if there are more than `MAX_TERMS`."""
    seen: set[Term] = set(terms)
    stack = list(terms)
    while stack:
        if len(seen) > MAX_TERMS:
            yield None
            return
        term = stack.pop()
        yield term
        fresh = [part for part in term.parts if part not in seen]
        seen.update(fresh)
        stack += fresh


def linear_variables(addend: Term) -> Iterator[tuple[str, list[Term]]]:
    """Yield the variables that an addend is a multiple of, with their cofactors, if those have no poles."""
    factors = addend.form.factors if isinstance(addend.form, ProductForm) else ((addend, Fraction(1)),)
    for base, exponent in factors:
        if isinstance(base.form, SymbolForm) and base.form.name not in base.algebra.constants and exponent == 1:
            others = [other for other, power in factors if other is not base and power > 0]
            if not any(base in set(subterms([other])) for other, _ in factors if other is not base):
                yield base.form.name, others


def is_connected(addends: Sequence[tuple[Term, Number]]) -> bool:
    """Return whether formulas are analytic on a connected domain."""
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
    """Return whether a term is a positive number or a constant."""
    if isinstance(term.form, SymbolForm):
        return term.form.name in term.algebra.constants
    return term.number is not None and term.number > 0


def is_linear(term: Term) -> bool:
    """Return whether a term is linear in the variables, with numbers as coefficients."""
    if isinstance(term.form, SumForm):
        return all(isinstance(addend.form, SymbolForm) for addend, _ in flatten([(term, Fraction(1))]).kept)
    return isinstance(term.form, SymbolForm | ConstantForm) or (
        isinstance(term.form, ProductForm)
        and len(term.form.factors) == 1
        and term.form.factors[0][1] == 1
        and isinstance(term.form.factors[0][0].form, SymbolForm)
    )


def differs_numerically(claim: Claim, names: Iterable[str]) -> bool:
    """Return whether a formula is not zero at some point, or not constant, beyond rounding errors."""
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
