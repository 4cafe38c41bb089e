"""The derivatives of an expression as formulas, with what is needed to write them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from mgrad_cli.errors import BindingError, LimitError, nearest
from mgrad_cli.evaluation.graph import constant_value, input_names
from mgrad_cli.language.lowering import Script
from mgrad_cli.program.budget import Budget
from mgrad_cli.renderers.formulas import Formulas
from mgrad_cli.symbolic.accuracy import keep_digits
from mgrad_cli.symbolic.derivatives import derivatives

MAX_COMPARED, MAX_TERMS_COMPARED = 2_000, 50_000
"""The most operations of formulas, and the most terms of those of evaluation, that are compared for their accuracy."""


def formulas_of(
    unit: Script,
    wrt: Sequence[str] | None = None,
    order: int = 1,
    values: Mapping[str, float] | None = None,
    is_exact: bool = False,
    inputs: Sequence[str] | None = None,
    budget: Budget | None = None,
    with_first: bool = False,
    with_accuracy: bool = False,
) -> Formulas:
    """Return the derivatives of a script with respect to `wrt`, by default all variables that have no value.

    With `with_first`, those of the first order precede those of a higher order. With `with_accuracy`, it is found out
    for each formula whether it keeps the digits that evaluation keeps; too large ones count as not.

    `inputs` are the variables, by default those that appear.

    Raises: BindingError if a name in `wrt` is not a variable or has a value, or if no variable is left; LimitError if
    they take more terms than the budget allows.
    """
    values = values or {}
    names, declared = input_names(unit, values)
    inputs = names if inputs is None else inputs
    free = [name for name in inputs if name not in values]
    chosen = list(dict.fromkeys(free if wrt is None else wrt))
    known = set(inputs)
    for name in chosen:
        if name in values:
            raise BindingError(f"'{name}' has a value here, and nothing is differentiated by it")
        if name not in known:
            raise BindingError(f"no variable '{name}' in the expression{nearest(name, free)}")
    if wrt is None and not chosen:
        why = "every variable has a value, and none is left" if values else "the expression has no variables"
        raise BindingError(f"{why} to differentiate by")
    found = derivatives(unit, inputs, chosen, order, values, is_exact, budget, with_first)
    defaults = {name: constant_value(block) for name, block in declared.items() if name not in values}
    accurate = (is_exact,) * len(found.by) if with_accuracy else ()
    if with_accuracy and not is_exact and len(found.program) <= MAX_COMPARED:
        with suppress(LimitError):
            exact = derivatives(unit, inputs, chosen, order, values, True, Budget(MAX_TERMS_COMPARED), with_first)
            accurate = tuple(keep_digits(found.program, exact.program, len(found.by), inputs))
    return Formulas(unit.text, tuple(free), defaults, unit.outputs, found, accurate)
