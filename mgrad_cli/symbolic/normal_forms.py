"""Normal forms of registers: a number times powers of at most two atoms, so that equal forms are equally accurate."""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from mgrad_cli.operations import Operation
from mgrad_cli.operations.traversal import postorder
from mgrad_cli.program import ApplyNode, ConstantNode, InputNode, Program
from mgrad_cli.program.nodes import COMPARISONS, CONNECTIVES
from mgrad_cli.script import CONSTANTS

MODERATE = 1e3
"""Numbers between its reciprocal and this one can move within a product."""
TAME = frozenset({"sqrt", "cbrt", "cosh", "log"})
"""Functions with values that are 0 or have a reciprocal, at all normal numbers."""
DIGITS = 13
"""Numbers that agree in so many digits count as equal, as log(2) and 0.6931471805599453."""


class Factors(NamedTuple):
    """A number times powers of at most two atoms, as their indices and exponents in order.

    A positive power is computed as such, and a negative one by a division by the positive one.
    """

    scale: float
    powers: tuple[tuple[int, float], ...] = ()

    @property
    def is_number(self) -> bool:
        return not self.powers

    @property
    def is_moderate(self) -> bool:
        """Whether the number can be moved within a product."""
        return 1 / MODERATE <= abs(self.scale) <= MODERATE


class Atom(NamedTuple):
    """An input, or a call on operands in normal form."""

    name: str
    operands: tuple[Factors, ...] = ()


Rule: TypeAlias = Callable[..., "Factors | None"]
"""Returns the normal form of an operation on forms, given the `NormalForms`, or `None` for an atom."""


class NormalForms:
    """The normal forms of registers. Equal atoms have one index.

    rules       the normal forms of operations, by name; those of others are atoms
    expansions  the normal forms of calls that can replace them in a result, but not in a larger product
    """

    def __init__(
        self, variables: Collection[str], rules: Mapping[str, Rule], expansions: Mapping[str, Rule] | None = None
    ) -> None:
        self.variables = variables
        self.rules = rules
        self.expansions = expansions or {}
        self.atoms: list[Atom] = []
        self.indices: dict[Hashable, int] = {}

    def outputs(self, program: Program, count: int) -> list[Factors]:
        """Return the normal forms of the first outputs of a program."""
        forms: list[Factors] = []
        for node in program.nodes:
            match node:
                case InputNode(name):
                    is_variable = name in self.variables
                    forms.append(self.atom(f"input {name}") if is_variable else Factors(CONSTANTS[name]))
                case ConstantNode(number):
                    forms.append(Factors(number))
                case ApplyNode(operation, operands):
                    forms.append(self.apply(operation, [forms[operand] for operand in operands]))
        return [rounded(self.settled(forms[output])) for output in program.outputs[:count]]

    def settled(self, form: Factors) -> Factors:
        """Return a result, or the sum of its addends, with the divisors of each as one power of an atom, or two atoms.

        1/x/x and 1/x**2 differ only where they are less than any normal number, which matters in a larger product.
        """
        found: dict[Factors, Factors] = {}
        for part in postorder([form], lambda each: self.operands_of(each, "add")):
            addends = self.operands_of(part, "add")
            known = [found[addend] for addend in addends]
            found[part] = self.atom("add", *sorted(known)) if known else self.with_joint_divisors(part)
        return found[form]

    def with_joint_divisors(self, form: Factors) -> Factors:
        """Return a reciprocal with its divisors as one power of an atom, or two atoms; another form as it is."""
        divisors: dict[int, float] = {}
        todo = list(form.powers)
        while todo:
            index, exponent = todo.pop()
            name, operands = self.atoms[index]
            if exponent == 1 and name in self.expansions:
                expansion = self.expansions[name](self, *operands)
                if expansion is None or expansion.scale != 1:
                    return form
                todo += expansion.powers
            elif abs(exponent) == 1 and name in {"product", "quotient"} and all(each.scale == 1 for each in operands):
                signs = (exponent, exponent if name == "product" else -exponent)
                todo += [(each, power * sign) for operand, sign in zip(operands, signs, strict=True)
                         for each, power in operand.powers]  # fmt: skip
            elif exponent < 0:
                divisors[index] = divisors.get(index, 0) + exponent
            else:
                return form
        are_tame = list(divisors.values()) == [-1, -1] and all(map(self.is_tame, divisors))
        is_safe = len(divisors) == 1 or are_tame
        return Factors(form.scale, tuple(sorted(divisors.items()))) if is_safe else form

    def atom(self, name: str, *operands: Factors) -> Factors:
        """Return an atom as a product of its own."""
        key = Atom(name, tuple(map(rounded, operands)))
        index = self.indices.setdefault(key, len(self.atoms))
        if index == len(self.atoms):
            self.atoms.append(Atom(name, operands))
        return Factors(1.0, ((index, 1.0),))

    def operands_of(self, form: Factors, name: str) -> tuple[Factors, ...]:
        """Return the operands of a call, or nothing for other forms."""
        if form.scale == 1 and len(form.powers) == 1 and form.powers[0][1] == 1:
            atom = self.atoms[form.powers[0][0]]
            return atom.operands if atom.name == name else ()
        return ()

    def joined(self, a: Factors, b: Factors) -> tuple[tuple[int, float], ...] | None:
        """Return the product of two powers as one power, or as two of atoms of which divisors are tame, or `None`."""
        (one, m), (other, n) = a.powers[0], b.powers[0]
        if one == other:
            return ((one, m + n),) if m > 0 < n else None
        are_tame = all(power > 0 or (power == -1 and self.is_tame(index)) for index, power in (*a.powers, *b.powers))
        return tuple(sorted((*a.powers, *b.powers))) if are_tame else None

    def is_tame(self, index: int) -> bool:
        """Return whether an atom has a reciprocal unless it is 0. A product can be less than any normal number."""
        name, operands = self.atoms[index]
        while name == "abs" and [power for _, power in operands[0].powers] == [1]:
            name, operands = self.atoms[operands[0].powers[0][0]]
        has_number = any(operand.is_number and operand.is_moderate for operand in operands)
        return name in TAME or name.startswith("input ") or (name in {"add", "hypot"} and has_number)

    def is_boolean(self, form: Factors) -> bool:
        """Return whether a form is always 1 or 0."""
        forms = [form]
        seen: set[Factors] = set()
        while forms:
            form = forms.pop()
            if form in seen:
                continue
            seen.add(form)
            if form.is_number:
                if form.scale not in {0.0, 1.0}:
                    return False
                continue
            connective = next(filter(None, (self.operands_of(form, name) for name in sorted(CONNECTIVES))), ())
            if not connective and not any(self.operands_of(form, name) for name in COMPARISONS):
                return False
            forms += connective
        return True

    def apply(self, operation: Operation, operands: Sequence[Factors]) -> Factors:
        """Return the normal form of an operation."""
        if all(operand.is_number for operand in operands):
            return Factors(operation.evaluate(*(operand.scale for operand in operands)))
        rule = self.rules.get(operation.name)
        found = rule(self, *operands) if rule is not None else None
        if found is None and operation.parity and operands[0].scale < 0:
            (x,) = operands
            found = self.atom(operation.name, x._replace(scale=-x.scale))
            found = found._replace(scale=-found.scale) if operation.parity == "odd" else found
        return self.atom(operation.name, *operands) if found is None else found


def rounded(form: Factors) -> Factors:
    return form._replace(scale=float(f"{form.scale:.{DIGITS}g}"))
