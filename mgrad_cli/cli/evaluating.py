"""What verbs do with one expression: read it, evaluate it, and warn of what was found."""

import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import click

from mgrad_cli.cli.bindings import (
    BINDINGS,
    Bound,
    explained,
    file_advice,
    parsed_bindings,
    warn_of_reading,
)
from mgrad_cli.cli.options import ExpressionOptions, GradientOptions, chosen_limits, wanted_names
from mgrad_cli.errors import BindingError, ExpressionError, LimitError, UsageError
from mgrad_cli.evaluation.graph import check_names
from mgrad_cli.evaluation.value_text import parse_value
from mgrad_cli.language.lowering import Script, read
from mgrad_cli.language.parser import Limits
from mgrad_cli.library.evaluation import Evaluation
from mgrad_cli.library.expression import Expression
from mgrad_cli.storage.streams import log
from mgrad_cli.text import printable

if TYPE_CHECKING:
    from mgrad_cli.evaluation.diagnosis import Finding
    from mgrad_cli.evaluation.losses import Loss
    from mgrad_cli.series.sides import SidesReport


Answer = TypeVar("Answer")


Method: TypeAlias = Callable[[Expression, dict[str, float]], Answer]


MAX_MESSAGES = 10


def read_script(expression: str | None, file: str | None, limits: Limits, is_keeping: bool = False) -> Script:
    """Return the program given on the command line, in a file, or with `-` on standard input.

    With `is_keeping`, calls of functions that it defines stay calls.

    Raises: UsageError if there is none or more than one; ExpressionError if it does not parse.
    """
    if expression is None and file is None:
        raise UsageError("an expression is missing; write it in quotes after the command, or give --file FILE")
    if expression is not None and file is not None:
        script = None if expression == "-" else read(expression, limits)
        raise UsageError(f"give an expression or --file, not both{file_advice(file, script)}")
    if file is not None and file != "-" and not os.path.exists(file) and (suggestion := file_advice(file, None)):
        raise UsageError(f"there is no file '{file}'{suggestion}")
    if file is None and expression != "-":
        return read(expression or "", limits, is_keeping=is_keeping)
    from mgrad_cli.data.expressions import read_text

    return read(read_text(file or "-", limits.chars), limits, is_keeping=is_keeping)


def read_expression(expression: str | None, file: str | None, limits: Limits, is_keeping: bool = False) -> Script:
    """Return the program given on the command line, as `read_script` does.

    Raises: as `read_script` does; UsageError for the path of a file in the place of the expression.
    """
    try:
        return read_script(expression, file, limits, is_keeping)
    except ExpressionError:
        if expression is not None and (words := re.search(r"\s(--[^\W\d]\w*(?:[ =]\S+)?)", expression)):
            message = f"'{words[1]}' is in the expression; options and values follow it, outside the quotes"
            raise UsageError(message) from None
        if expression is None or not os.path.isfile(expression):
            raise
    from mgrad_cli.data.columns import shell_word
    from mgrad_cli.data.opening import format_of

    name = shell_word(expression)
    is_data = format_of(expression) is not None
    remedy = (
        f"for its rows: mgrad map EXPRESSION {name}" if is_data else f"to read the expression from it: --file {name}"
    )
    raise UsageError(f"'{expression}' is a file; {remedy}")


def sides_of(script: Script, point: Mapping[str, float], names: Sequence[str]) -> "SidesReport":
    """Return the one-sided limits of a script at a point, along each of the names.

    Raises: UsageError if there is no variable; LimitError if the computation takes too long.
    """
    from mgrad_cli.series.sides import sides

    if not names:
        raise UsageError("--sides needs a variable in the expression")
    return sides(script, point, names)


def evaluation_of(
    ctx: click.Context,
    options: GradientOptions,
    with_nodes: bool = False,
    with_hints: bool = False,
    with_digits: bool = False,
    order: int = 1,
    vector: Mapping[str, float] | None = None,
) -> Evaluation:
    """Return the value and the gradients of the expression that the options name.

    Raises: UsageError, ExpressionError and BindingError, as `evaluated` does.
    """
    wrt = wanted_names(options["wrt"]) or []
    return evaluated(
        ctx,
        options,
        lambda expression, point: expression.evaluate(point, wrt, with_nodes, with_hints, with_digits, order, vector),
    )


def evaluated(
    ctx: click.Context, options: ExpressionOptions, method: Method[Answer], is_keeping: bool = False
) -> Answer:
    """Return what a method of `Expression` computes from the expression that the options name and the bound values.

    Raises: UsageError if there is no expression or more than one; ExpressionError if it does not parse; BindingError
    if the bindings do not fit its variables.
    """
    return evaluated_as(ctx, options, parse_value, method, is_keeping)


def evaluated_as(
    ctx: click.Context,
    options: ExpressionOptions,
    parse: Callable[[str, Limits], Bound],
    method: Callable[[Expression, dict[str, Bound]], Answer],
    is_keeping: bool = False,
) -> Answer:
    """Return what a method computes, as `evaluated` does, from values that `parse` reads.

    With `is_keeping`, calls of functions that the text defines stay calls, and it can only be differentiated.
    """
    limits = chosen_limits(options)
    script = read_expression(options["expression"], options["file"], limits, is_keeping)
    try:
        check_names(script, ctx.meta[BINDINGS])
        answer = method(Expression.of_script(script, limits), parsed_bindings(ctx, limits, parse, script.names))
    except BindingError as error:
        raise explained(error, script, ctx) from None
    bound = ctx.meta[BINDINGS]
    symbols = [name for name in script.names if name not in bound and name not in script.assigned]
    warn_of_reading(script, ctx, symbols)
    return answer


class FailureLog:
    """Warns of the first bad records, each in a line of its own, and at the end of the last one.

    `elsewhere` says where those between are seen.
    """

    def __init__(self, elsewhere: str) -> None:
        self.elsewhere = elsewhere
        self.failed = self.shown = 0
        self.last = ""

    def report(self, messages: Iterable[str], failed: int) -> None:
        """Warn of some of the records that failed; `messages` are those of the first few and of the last."""
        for message in messages:
            if self.shown < MAX_MESSAGES:
                self.shown += 1
                log(f"warning: {printable(message)}")
            else:
                if not self.last:
                    log("warning: further failures are counted but not shown")
                self.last = message
        self.failed += failed

    def close(self) -> None:
        """Warn of the last failure, where not all were shown."""
        if self.last:
            log(f"warning: the last of {self.failed:,} failures: {printable(self.last)}; {self.elsewhere}")


def warn_of_undefined(script: Script, wrt: Collection[str]) -> None:
    """Log which calls have no derivative that the formula for one by these variables needs."""
    from mgrad_cli.library.undefined import undefined_derivatives

    with suppress(LimitError):
        for finding in undefined_derivatives(script, wrt):
            log(f"warning: {finding}")


def warn_of_result(findings: "Iterable[Finding]", losses: Sequence["Loss"], source: str) -> None:
    """Log where figures that are not finite come from, and where digits of others were lost."""
    said = list(findings)
    if losses:
        from mgrad_cli.evaluation.losses import ADVICE, warnings

        said += warnings(losses, source, ADVICE)
    for finding in said:
        log(f"warning: {finding}")
