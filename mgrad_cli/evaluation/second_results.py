"""Add second derivatives to the result of a script, with their digits and the cause of those that are not finite."""

from collections.abc import Mapping

from mgrad_cli.evaluation.gradients import check_wrt
from mgrad_cli.evaluation.results import Result
from mgrad_cli.evaluation.second_order import hessians, products
from mgrad_cli.language.lowering import Script


def add_second_order(
    result: Result,
    script: Script,
    order: int,
    vector: Mapping[str, float] | None,
    explain: bool = True,
    with_digits: bool = False,
) -> None:
    """Add second derivatives to the result of a script: the Hessians for order 2, products with a vector if given.

    `explain` looks for the cause of one that is not finite, and for lost digits unless that takes long; `with_digits`
    estimates how many digits of each are right.

    Raises: BindingError for a name in the vector that is not a variable; LimitError if there are too many.
    """
    check_wrt(tuple(vector or ()), result.vars)
    names = list(result.grads or {})
    was_finite = result.is_finite
    if order > 1:
        for part, matrix in zip(result.parts, hessians(script, result.vars, names), strict=True):
            part.hessian = matrix
    if vector is not None:
        for part, product in zip(result.parts, products(script, result.vars, names, vector), strict=True):
            part.hvp = product
    first = result.parts[0]
    result.hessian, result.hvp = first.hessian, first.hvp
    if order > 1 and (explain or with_digits):
        from mgrad_cli.evaluation.second_accuracy import add_second_digits, second_digits, second_losses

        digits = second_digits(script, result.vars, names, with_digits) or {}
        if with_digits:
            add_second_digits(result, digits)
        if explain:
            result.losses = [*result.losses, *second_losses(result, digits)]
    if explain and was_finite and not result.is_finite:
        from mgrad_cli.evaluation.second_diagnosis import second_findings

        result.findings = [*result.findings, *second_findings(result, script)]
