"""The definitions of a session: values of variables, and formulas, which are evaluated again at every use.

So a session is a program: an expression is read behind the formulas that it needs, in their order, and gradients flow
through these to the variables.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from mgrad_cli.errors import BindingError, ExpressionError, LimitError, Span, UsageError
from mgrad_cli.evaluation.diagnosis import snippet
from mgrad_cli.evaluation.graph import constant_value
from mgrad_cli.evaluation.name_advice import missing_advice
from mgrad_cli.language.lowering import CONSTANTS, FIXED
from mgrad_cli.language.parser import DEFAULT_LIMITS, Limits
from mgrad_cli.language.printing import constant, spelled_name, unparse
from mgrad_cli.operations.traversal import postorder
from mgrad_cli.repl.composition import Composition, composed
from mgrad_cli.repl.statements import LAST, Typed, TypedFunction, read_statements
from mgrad_cli.suggestions import nearest
from mgrad_cli.text import name_list

NAME_LIKENESS = 0.75
MAX_NAMES = 10


class FormulaDefinition(NamedTuple):
    """A named expression and the names in it; `is_atom` if it needs no parentheses inside another.

    functions   those of the session that it calls, directly or through others
    weight      the number of formulas it is made of; a formula needed twice counts twice
    """

    name: str
    text: str
    names: tuple[str, ...]
    is_atom: bool
    weight: int = 1
    functions: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{spelled_name(self.name)} = {self.text}"


class Session:
    """The values, formulas and functions defined so far, and the last expression."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self.values: dict[str, float] = {}
        self.formulas: dict[str, FormulaDefinition] = {}
        self.functions: dict[str, TypedFunction] = {}
        self.last: FormulaDefinition | None = None
        self.mentioned: set[str] = set()  # names that a formula has used at any time

    @property
    def names(self) -> dict[str, None]:
        """The names that have a value or a formula."""
        return dict.fromkeys([*self.values, *self.formulas])

    def statements(self, entry: str, start: int = 0) -> list[Typed | TypedFunction]:
        """Return the statements of an entry from an index on. Raises: ExpressionError, with its place in the entry."""
        return read_statements(entry, start, self.limits, self.names, self.functions)

    def define(self, function: TypedFunction) -> None:
        """Define a function, in place of one of its name."""
        self.functions.pop(function.name, None)
        self.functions[function.name] = function

    def assign(self, typed: Typed) -> None:
        """Give a name its value, if the expression has no variables, or else its formula; either replaces both.

        Raises: ExpressionError for a formula that depends on itself; BindingError if there is no last expression.
        """
        name = typed.name or ""
        if all(each in CONSTANTS and not self.has(each) for each in typed.block.names):
            self.set(name, constant_value(typed.block))
            return
        formula = self.formula(typed)
        self.check_no_cycle(formula, typed)
        self.mentioned.update(formula.names)
        self.values.pop(name, None)
        self.formulas[name] = formula

    def has(self, name: str) -> bool:
        return name in self.values or name in self.formulas

    def set(self, name: str, value: float) -> None:
        """Set the value of a name. Raises: UsageError for a constant."""
        if name in FIXED or name == LAST:
            what = "a constant" if name in FIXED else "the last expression"
            raise UsageError(f"'{name}' is {what} and cannot be given a value")
        self.formulas.pop(name, None)
        self.values[name] = value

    def remember(self, typed: Typed) -> None:
        """Make an expression the last one."""
        self.last = self.formula(typed)

    def forget(self, name: str) -> None:
        """Delete a name. Raises: UsageError if it has no value, formula or function, or a function calls it."""
        if not self.has(name) and name not in self.functions:
            raise UsageError(f"no value, formula or function '{name}'{nearest(name, [*self.names, *self.functions])}")
        for function in self.functions.values():
            if name in function.called and name in self.functions and name != function.name:
                raise UsageError(f"'{name}' is called by the function {function.name}; forget that first")
        self.values.pop(name, None)
        self.formulas.pop(name, None)
        self.functions.pop(name, None)

    def clear(self) -> None:
        self.values.clear()
        self.formulas.clear()
        self.functions.clear()
        self.mentioned.clear()
        self.last = None

    def formula(self, typed: Typed) -> FormulaDefinition:
        """Return the statement as a formula; the last expression replaces `_`.

        Raises: BindingError if there is no last expression; LimitError for a formula that grows too long.
        """
        text, names, functions = typed.text, typed.block.names, typed.block.functions
        indices = typed.uses(LAST)
        if indices:
            last = self.last_expression()
            spelled = last.text if last.is_atom else f"({last.text})"
            if len(text) + len(indices) * len(spelled) > self.limits.chars:
                raise LimitError(f"the expression is longer than {self.limits.chars} characters (--max-chars)")
            ends = [typed.span.start, *(index.end for index in indices)]
            starts = [*(index.start for index in indices), typed.span.end]
            text = spelled.join(typed.entry[end:start] for end, start in zip(ends, starts, strict=True))
            names = tuple(dict.fromkeys([*last.names, *(name for name in names if name != LAST)]))
            functions = tuple(dict.fromkeys([*last.functions, *functions]))
        weight = 1 + sum(self.formulas[name].weight for name in names if name in self.formulas)
        return FormulaDefinition(typed.name or LAST, text, names, typed.is_atom, weight, functions)

    def last_expression(self) -> FormulaDefinition:
        """Return the last expression. Raises: BindingError if there is none."""
        if self.last is None:
            raise BindingError("there is no last expression yet")
        return self.last

    def check_no_cycle(self, formula: FormulaDefinition, typed: Typed) -> None:
        """Raise ExpressionError for a formula that depends on itself, directly or through others."""
        name = formula.name
        if name not in formula.names and name not in self.mentioned:
            return
        way = way_back(formula, self.formulas)
        if way is None:
            return
        others = f", through {', '.join(way[:MAX_NAMES])}" if way else ""
        text = snippet(formula.text, Span(0, len(formula.text)))
        message = f"'{name}' depends on itself{others}; to set its current value, write :set {name} = {text}"
        uses = typed.uses(way[0] if way else name)
        raise ExpressionError(message, typed.entry, uses[0] if uses else typed.span)

    def composed(self, typed: Typed) -> Composition:
        """Return the expression of a statement behind the formulas that it needs.

        Raises: BindingError if there is no last expression; LimitError, with its place.
        """
        names, functions = typed.block.names, typed.block.functions
        last = self.last_expression() if LAST in names else None
        if last is not None:
            names, functions = (*last.names, *names), (*last.functions, *functions)
        lines = [*map(str, self.needed(names, functions)), *([str(last)] if last else [])]
        return composed(lines, typed, self.values, self.limits)

    def needed(self, names: Iterable[str], functions: Iterable[str]) -> list[FormulaDefinition | TypedFunction]:
        """Return the formulas and functions behind names, each after those that it needs."""

        def defined(names: Iterable[str], functions: Iterable[str]) -> list[FormulaDefinition | TypedFunction]:
            formulas = [self.formulas[name] for name in names if name in self.formulas]
            return [*formulas, *(self.functions[name] for name in functions if name in self.functions)]

        def behind(part: FormulaDefinition | TypedFunction) -> list[FormulaDefinition | TypedFunction]:
            return defined(part.names, part.functions if isinstance(part, FormulaDefinition) else part.called)

        return list(postorder(defined(names, functions), behind, key=id))

    def check_complete(self, composition: Composition) -> None:
        """Raise BindingError for a variable without a value."""
        missing = composition.missing
        if missing:
            near = missing_advice(missing, [each.definition for each in self.functions.values()]) or nearest(
                missing[0], self.names, NAME_LIKENESS
            )
            if missing[0].lower() == "ans":
                near = f"; the last expression is {LAST}"
            setting = "; ".join(f"{name} = 1" for name in missing[:MAX_NAMES])
            advice = near or f"; set {'it' if len(missing) == 1 else 'them'}: {setting}"
            raise BindingError(f"no value for {quoted(missing)}{advice}")

    def program(self) -> list[str]:
        """Return the session as a program: a statement for each value and formula, in the order of need."""
        values = [f"{spelled_name(name)} = {unparse(constant(value))}" for name, value in self.values.items()]
        return [*values, *map(str, self.needed(self.formulas, self.functions))]


def way_back(formula: FormulaDefinition, formulas: Mapping[str, FormulaDefinition]) -> list[str] | None:
    """Return the formulas through which one depends on itself, in order; empty if directly, `None` if not at all."""
    needed_by = dict.fromkeys(formula.names, "")
    waiting = list(reversed(formula.names))
    while waiting and formula.name not in needed_by:
        name = waiting.pop()
        for each in formulas[name].names if name in formulas else ():
            if each not in needed_by:
                needed_by[each] = name
                waiting.append(each)
    if formula.name not in needed_by:
        return None
    way = []
    name = needed_by[formula.name]
    while name:
        way.append(name)
        name = needed_by[name]
    return way[::-1]


def quoted(names: list[str]) -> str:
    return name_list([*map(repr, names)], MAX_NAMES)
