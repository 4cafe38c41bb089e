"""Read the variables and columns in the arguments of `mgrad map`."""

import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from mgrad_cli.cli.bindings import BINDINGS, check_variables, read_binding, warn_of_reading
from mgrad_cli.cli.evaluating import read_script
from mgrad_cli.data.opening import check_streams_once
from mgrad_cli.data.ranges import Range, is_range, parse_range
from mgrad_cli.errors import ExpressionError, UsageError
from mgrad_cli.evaluation.value_text import is_uncertain, parse_value
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.names import name_and_value, split_list
from mgrad_cli.language.parser import Limits

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class Bound(NamedTuple):
    """The variables with a number on the command line, its uncertainty if it has one, and the variables with a range.

    >>> Bound({"x": 5.0}, {"x": 0.1}, {}).widths
    {'x': 0.1}
    """

    values: dict[str, float]
    widths: dict[str, float]
    ranges: dict[str, Range]


def bound(ctx: click.Context, script: Script, params: str | None, limits: Limits) -> Bound:
    """Return the variables that the command line binds.

    In `--params`, a name without a value has the value of the next name, unless it is bound elsewhere: `w,b=0`.
    """
    check_variables(script, ctx)
    warn_of_reading(script, ctx)
    values: dict[str, float] = {}
    widths: dict[str, float] = {}
    ranges: dict[str, Range] = {}
    for name, text in ctx.meta[BINDINGS].items():
        if is_range(text):
            ranges[name] = parse_range(name, text, lambda part: parse_value(part, limits))
        elif is_uncertain(text):
            from mgrad_cli.evaluation.measurements import parse_measurement

            values[name], widths[name] = read_binding(ctx, name, text, limits, script.names, parse_measurement)
        else:
            values[name] = read_binding(ctx, name, text, limits, script.names)
    waiting: list[str] = []
    for item in split_list(params) if params else []:
        name, equals, text = name_and_value(item)
        waiting.append(name)
        text = text.strip()
        if equals:
            for each in waiting:
                if each == waiting[-1] and each in values:
                    raise UsageError(f"'{each}' is given twice")
                values.setdefault(each, read_binding(ctx, each, text, limits, script.names))
            waiting = []
    for name in waiting:
        if name not in values:
            raise UsageError(f"--params has no value for '{name}'; write {name}=VALUE")
    return Bound(values, widths, ranges)


def renamed(pairs: tuple[str, ...]) -> dict[str, str]:
    """Return the columns that `--col` names, by variable."""
    columns: dict[str, str] = {}
    for pair in pairs:
        name, equals, column = name_and_value(pair)
        if not equals or not name:
            raise UsageError(f"--col needs NAME=COLUMN, not '{pair}'")
        if name in columns:
            raise UsageError(f"--col gives '{name}' two columns")
        columns[name] = column
    return columns


def kept_columns(text: str | None) -> tuple[str, ...] | None:
    """Return the columns that `--keep` names; `None` for all."""
    if text is None or text == "all":
        return None
    return () if text == "none" else tuple(map(column_name, split_list(text)))


def column_name(text: str) -> str:
    """Return the name of a column as it is, which may stand between backquotes."""
    return text[1:-1] if re.fullmatch(r"`[^`]+`", text) else text


def check_not_a_file(expression: str | None) -> None:
    """Check that an expression is not the path of a file.

    Raises: UsageError otherwise.
    """
    if expression is not None and os.path.exists(expression):
        kind = "folder" if os.path.isdir(expression) else "file"
        raise UsageError(f"'{expression}' is a {kind}; put the expression first, or read it from a file with --file")


def read_formula(expression: str | None, file: str | None, data: Sequence[str], limits: Limits) -> Script:
    """Return the program given as an expression before the names of data, or in a file.

    Raises: UsageError if standard input is named twice, or the expression is a path; ExpressionError if it does not
    parse.
    """
    check_streams_once([path for path in (file or expression, *data) if path])
    try:
        return read_script(expression, file, limits)
    except ExpressionError:
        check_not_a_file(expression)
        raise


def complete_data(ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """Complete files in the shell for every word except the expression."""
    from click.shell_completion import CompletionItem

    is_data = ctx.params.get("words") or ctx.params.get("file")
    return [CompletionItem(incomplete, type="file")] if is_data else []
