"""The derivatives of an expression as formulas, with what is needed to write them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from mgrad_cli.codegen.definitions import called_definitions
from mgrad_cli.errors import BindingError, LimitError
from mgrad_cli.evaluation.gradients import check_wrt
from mgrad_cli.evaluation.graph import constant_value, input_names
from mgrad_cli.evaluation.kept_values import kept_value
from mgrad_cli.language.lowering import Script, lower, read
from mgrad_cli.program import trace
from mgrad_cli.program.budget import Budget
from mgrad_cli.program.nodes import select_outputs
from mgrad_cli.renderers.formulas import Formulas
from mgrad_cli.script import unbound_constants
from mgrad_cli.symbolic.derivatives import Derivatives, derivatives

MAX_COMPARED, MAX_TERMS_COMPARED = 2_000, 50_000
"""The most operations of formulas, and the most terms of those of evaluation, that are compared with each other."""


MAX_SIZE = 10_000
"""The largest size of the expression in a definition, written out."""
MIN_TERMS, TERMS_PER_CHARACTER = 20_000, 100
"""The terms after which formulas without calls are given up, since they are not shorter than those with calls."""


class DerivativeRequest(NamedTuple):
    """The derivatives that are wanted: the arguments of `formulas_of`, with the names resolved."""

    inputs: Sequence[str]
    wrt: Sequence[str]
    order: int
    values: Mapping[str, float]
    is_exact: bool
    with_first: bool

    def derivatives(
        self, script: Script, is_exact: bool, budget: Budget | None, is_textbook: bool = True
    ) -> Derivatives:
        """Return the derivatives of a script. Raises: LimitError if they take more terms than the budget allows."""
        _, wrt, order, values, _, with_first = self
        return derivatives(script, self.inputs, wrt, order, values, is_exact, budget, with_first, is_textbook)


def formulas_of(
    script: Script,
    wrt: Sequence[str] | None = None,
    order: int = 1,
    values: Mapping[str, float] | None = None,
    is_exact: bool = False,
    inputs: Sequence[str] | None = None,
    budget: Budget | None = None,
    with_first: bool = False,
    with_accuracy: bool = False,
    with_functions: bool = True,
) -> Formulas:
    """Return the derivatives of a script with respect to `wrt`, by default all variables that have no value.

    With `with_first`, those of the first order precede those of a higher order. With `with_accuracy`, it is found out
    for each formula whether it keeps the digits that evaluation keeps; too large ones count as not.

    `inputs` are the variables, by default those that appear. With `with_functions`, the formulas call functions that
    the text defines, and derivatives of them, where they are shorter so.

    Raises: BindingError if a name in `wrt` is not a variable or has a value, or if no variable is left; LimitError if
    they take more terms than the budget allows.
    """
    request = resolved(script, wrt, order, values or {}, is_exact, inputs, with_first)
    kept = keeping(script) if with_functions and not is_exact else None
    found = formulas(expanded(script), request, budget) if kept is None else shortest(kept, request, budget)
    return replace(found, accurate=accuracy(script, request, found)) if with_accuracy else found


def resolved(
    script: Script,
    wrt: Sequence[str] | None,
    order: int,
    values: Mapping[str, float],
    is_exact: bool,
    inputs: Sequence[str] | None,
    with_first: bool,
) -> DerivativeRequest:
    """Return what is wanted. Raises: BindingError as `formulas_of` does."""
    inputs = input_names(script, values)[0] if inputs is None else inputs
    free = [name for name in inputs if name not in values]
    chosen = list(free if wrt is None else wrt)
    for name in chosen:
        if isinstance(name, str) and name in values:
            raise BindingError(f"'{name}' has a value here, and nothing is differentiated by it")
    check_wrt(chosen, dict.fromkeys(free))
    if wrt is None and not chosen:
        why = "every variable has a value, and none is left" if values else "the expression has no variables"
        raise BindingError(f"{why} to differentiate by")
    return DerivativeRequest(inputs, list(dict.fromkeys(chosen)), order, values, is_exact, with_first)


def formulas(script: Script, request: DerivativeRequest, budget: Budget | None) -> Formulas:
    """Return the derivatives of a script, each by the rules of a table or of evaluation, whichever is shorter.

    Raises: LimitError if they take more terms than the budget allows.
    """
    found = request.derivatives(script, request.is_exact, budget)
    free = tuple(name for name in request.inputs if name not in request.values)
    by_table = Formulas(script.text, free, default_values(script, request.values), script.outputs, found)
    if request.is_exact or all(found.in_tables) or found.defined or len(found.program) > MAX_COMPARED:
        return by_table
    with suppress(LimitError):
        spare = Budget(MAX_TERMS_COMPARED)
        by_evaluation = replace(by_table, derivatives=request.derivatives(script, False, spare, is_textbook=False))
        return shorter(by_table, by_evaluation, spare)
    return by_table


def default_values(script: Script, values: Mapping[str, float]) -> dict[str, float]:
    """Return the values of the statements that declare variables, but for those in `values`.

    Raises: LimitError if such a statement takes too many operations.
    """
    value_of = partial(kept_value, script) if script.kept else constant_value
    declared = input_names(script, values)[1]
    return {name: value_of(block) for name, block in declared.items() if name not in values}


def shorter(by_table: Formulas, by_evaluation: Formulas, budget: Budget) -> Formulas:
    """Return derivatives by the rules of a table, and those by the rules of evaluation that are shorter.

    Raises: LimitError if their texts exceed the budget.
    """
    both = by_table, by_evaluation
    found, other = (each.derivatives for each in both)
    for each in both:
        each.measure(budget)
    texts = [["; ".join(each.program(index)) for index in range(len(found.by))] for each in both]
    choices = [
        int(not is_tabled and len(another) < len(text))
        for text, another, is_tabled in zip(*texts, found.in_tables, strict=True)
    ]
    rest = [0] * (len(found.program.outputs) - len(found.by))
    program = select_outputs((found.program, other.program), [*choices, *rest])
    return replace(by_table, derivatives=found._replace(program=program))


def shortest(kept: Script, request: DerivativeRequest, budget: Budget | None) -> Formulas:
    """Return the derivatives with calls of functions of the text, or without calls if that is not longer.

    Raises: LimitError if both take more terms than the budget allows.
    """
    try:
        calling = formulas(kept, request, None if budget is None else Budget(budget.limit, budget.notice))
        check_definitions(calling)
    except LimitError:
        return formulas(expanded(kept), request, budget)
    length = len(calling.text)
    with suppress(LimitError):
        other = formulas(expanded(kept), request, Budget(TERMS_PER_CHARACTER * length + MIN_TERMS))
        return other if len(other.text) <= length else calling
    return calling


def check_definitions(found: Formulas) -> None:
    """Raise LimitError if a definition is too long to be written."""
    program, defined = found.derivatives.program, found.derivatives.defined
    if any(definition.size > MAX_SIZE for definition in called_definitions(program, program.outputs, defined)):
        raise LimitError(f"a definition has more than {MAX_SIZE:,} operations")


def keeping(script: Script) -> Script | None:
    """Return a script whose calls of functions of the text stay calls, or `None` if there are none."""
    if script.kept or script.tree is None:
        return script if script.kept else None
    kept = lower(script.tree, is_keeping=True)
    is_same = (kept.outputs, len(kept.blocks)) == (script.outputs, len(script.blocks))
    return kept if kept.kept and is_same else None


def expanded(script: Script) -> Script:
    """Return a script whose calls are expanded. Raises: LimitError if that is too much."""
    return lower(script.tree) if script.kept else script


def accuracy(script: Script, request: DerivativeRequest, found: Formulas) -> tuple[bool, ...]:
    """Return for each derivative whether its formula keeps the digits that evaluation keeps."""
    count = len(found.derivatives.by)
    if request.is_exact:
        return (True,) * count
    from mgrad_cli.symbolic.accuracy import keep_digits

    with suppress(LimitError):
        program = found.derivatives.program
        if found.derivatives.defined:
            text = read("; ".join(found.lines))
            inputs = [name for name in text.names if name in request.inputs]
            program = trace(text, [*inputs, *unbound_constants(text, inputs)])
        if len(program) <= MAX_COMPARED:
            exact = request.derivatives(expanded(script), True, Budget(MAX_TERMS_COMPARED))
            return tuple(keep_digits(program, exact.program, count, request.inputs))
    return (False,) * count
