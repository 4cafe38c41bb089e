"""The options of figures that are proven, `--certify` and `--digits`, and the results that they ask for."""

import click

from mgrad_cli.cli.bindings import BINDINGS
from mgrad_cli.cli.evaluating import evaluated
from mgrad_cli.cli.options import Callback, GradientOptions, chosen_limits, wanted_names
from mgrad_cli.errors import UsageError
from mgrad_cli.evaluation.results import Result

MAX_DIGITS = 100_000


class ProofOptions(GradientOptions):
    """The parameters that `certify_option` and `digits_option` add to those of a gradient."""

    certify: bool
    digits: int | None


def certify_option(function: Callback) -> Callback:
    """Add `--certify`."""
    return click.option(
        "--certify", is_flag=True, help="Prove the figures: print the doubles nearest to the true ones."
    )(function)


def digits_option(function: Callback) -> Callback:
    """Add `--digits`."""
    return click.option(
        "--digits",
        type=click.IntRange(1, MAX_DIGITS),
        metavar="N",
        help="Print N proven digits; decimals are then exact (0.1 is 1/10).",
    )(function)


def proven(ctx: click.Context, options: ProofOptions, order: int = 1) -> Result:
    """Return the value and the gradients of the expression that the options name, proven; for order 2 the Hessian too.

    Raises: UsageError for both options at once; MissingExtraError; UndecidedError; and what `evaluated` raises.
    """
    count, wrt = options["digits"], wanted_names(options["wrt"]) or []
    if options["certify"] and count is not None:
        raise UsageError("--certify and --digits cannot be combined; every digit of --digits is proven")
    from mgrad_cli.exact.figures import require_flint

    require_flint("--certify" if count is None else "--digits")
    from mgrad_cli.exact.results import certify_result, digits_result

    if count is None:
        return evaluated(
            ctx, options, lambda expression, point: certify_result(expression.script, point, wrt, order=order)
        )
    limits = chosen_limits(options)
    texts = ctx.meta[BINDINGS]
    return evaluated(
        ctx, options, lambda expression, _: digits_result(expression.script, texts, count, wrt, limits, order)
    )
