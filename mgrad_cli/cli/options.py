"""The options that verbs share, and the types of their values."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, TypedDict, TypeVar

import click

from mgrad_cli.cli.verb import InputPath
from mgrad_cli.errors import UsageError
from mgrad_cli.language.parser import DEFAULT_LIMITS, Limits

Callback = TypeVar("Callback", bound=Callable[..., Any])


MAX_LINE = 16 << 20


def typed(function: str) -> Callable[[click.Context, click.Parameter, str], list[Any]]:
    """Return a function, `module.name`, that is imported to complete a word, not to run a command."""
    module, name = function.split(".")

    def complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[Any]:
        items: list[Any] = getattr(import_module(f"mgrad_cli.cli.{module}"), name)(ctx, parameter, incomplete)
        return items

    return complete


COMPLETE_NAMES = typed("typed_variables.complete_names")
COMPLETE_ASSIGNMENT = typed("typed_variables.complete_assignment")
COMPLETE_COLUMN = typed("typed_columns.complete_column")
COMPLETE_COLUMNS = typed("typed_columns.complete_columns")


class LimitOptions(TypedDict):
    """The parameters that `limit_options` adds."""

    max_chars: int
    max_tokens: int
    max_depth: int
    implicit: bool


class CommonOptions(LimitOptions):
    """The parameters that `common_options` adds."""

    debug: bool


class ExpressionOptions(CommonOptions):
    """The parameters that `expression_options` and `common_options` add."""

    expression: str | None
    file: str | None


class FormatOptions(TypedDict):
    """The parameters that `format_options` adds."""

    output_format: str | None
    as_json: bool


class DigitsOptions(TypedDict):
    """The parameter that `digits_shown_option` adds."""

    digits_shown: int | None


class RecordOptions(CommonOptions):
    """The parameters that `record_options` and `common_options` add."""

    max_line: int
    quiet: bool
    unbuffered: bool
    strict: bool
    on_error: str


class GradientOptions(ExpressionOptions):
    """The parameters that `expression_options`, `common_options` and `wrt_option` add."""

    wrt: str | None


class OrderOptions(TypedDict):
    """The parameter that `order_option` adds."""

    order: int


class SecondOrderOptions(OrderOptions):
    """The parameters that `order_option` and `hvp_option` add."""

    hvp: str | None


def limit_options(function: Callback) -> Callback:
    """Add `--implicit`, `--max-chars`, `--max-tokens` and `--max-depth`."""
    for name, default, what in (
        ("depth", DEFAULT_LIMITS.depth, "nesting depth of an expression"),
        ("tokens", DEFAULT_LIMITS.tokens, "number of tokens in an expression"),
        ("chars", DEFAULT_LIMITS.chars, "number of characters in an expression"),
    ):
        kind, text = click.IntRange(min=1), f"Maximum {what} (default: {default})."
        function = click.option(f"--max-{name}", type=kind, default=default, metavar="N", help=text)(function)
    text = "Read 2x and x(y+1) as products; 1/2x stays an error."
    return click.option("--implicit", is_flag=True, help=text)(function)


def common_options(function: Callback) -> Callback:
    """Add the options of every verb with an expression: bindings, limits, `--debug`."""
    function = click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")(function)
    function = limit_options(function)
    return click.option(
        "--var",
        "-v",
        metavar="NAME=VALUE",
        help="Bind a variable (same as --NAME VALUE).",
        expose_value=False,
        shell_complete=COMPLETE_ASSIGNMENT,
    )(function)


def format_options(formats: Sequence[str], default: str) -> Callable[[Callback], Callback]:
    """Add `--format` and `--json`; `chosen_format` combines them."""

    def decorate(function: Callback) -> Callback:
        function = click.option("--json", "as_json", is_flag=True, help="Same as --format json.")(function)
        return click.option(
            "--format",
            "output_format",
            type=click.Choice(formats),
            metavar="|".join(formats),
            help=f"Output format (default: {default}).",
        )(function)

    return decorate


def digits_shown_option(function: Callback) -> Callback:
    """Add `--digits-shown`, which `chosen_digits` reads."""
    text = "Round the figures of the table to N significant digits; whole numbers stay."
    return click.option("--digits-shown", type=click.IntRange(1, 17), metavar="N", help=text)(function)


def chosen_digits(options: DigitsOptions, output_format: str) -> int | None:
    """Return the digits that figures are rounded to, or `None`.

    Raises: UsageError for a format that is not for people.
    """
    if options["digits_shown"] is not None and output_format != "table":
        raise UsageError(f"--digits-shown rounds figures for people; --format {output_format} has them whole")
    return options["digits_shown"]


def max_line_option(function: Callback) -> Callback:
    """Add `--max-line`."""
    text = f"Maximum length of a line in bytes (default: {MAX_LINE})."
    return click.option("--max-line", type=click.IntRange(min=1), default=MAX_LINE, metavar="N", help=text)(function)


def encoding_option(function: Callback) -> Callback:
    """Add `--encoding`."""
    text = "Encoding of text, as latin-1 or cp1252 (default: UTF-8, or what a byte order mark says)."
    return click.option("--encoding", default="", metavar="NAME", help=text)(function)


def record_options(on_error: str) -> Callable[[Callback], Callback]:
    """Add the options of the verbs over many records. `on_error` is the help of that option."""

    def decorate(function: Callback) -> Callback:
        for option in (
            max_line_option,
            click.option("--quiet", is_flag=True, help="Hide the progress bar and the final counts."),
            click.option("--unbuffered", is_flag=True, help="Process and write each record as soon as it is read."),
            click.option("--strict", is_flag=True, help="Exit with 1 if a value or gradient is not finite."),
            click.option(
                "--on-error",
                type=click.Choice(["stop", "null", "skip"]),
                default="stop",
                metavar="stop|null|skip",
                help=on_error,
            ),
        ):
            function = option(function)
        return function

    return decorate


def chosen_format(output_format: str | None, as_json: bool, default: str) -> str:
    if as_json and output_format not in {None, "json", "jsonl"}:
        raise UsageError(f"--json and --format {output_format} cannot be combined")
    return "json" if as_json else output_format or default


def chosen_limits(options: LimitOptions) -> Limits:
    return Limits(options["max_chars"], options["max_tokens"], options["max_depth"], options["implicit"])


def wanted_names(wrt: str | None) -> list[str] | None:
    """Return the names that the text of `--wrt` lists; `None` without one."""
    if wrt is None:
        return None
    from mgrad_cli.language.names import read_names

    return read_names(wrt)


def expression_options(function: Callback) -> Callback:
    """Add EXPRESSION and `--file`."""
    for option in (
        click.option("--file", type=InputPath(), metavar="FILE", help="Read the expression from a file."),
        click.argument("expression", required=False),
    ):
        function = option(function)
    return function


def title_option(function: Callback) -> Callback:
    """Add `--title`."""
    return click.option("--title", default="", metavar="TEXT", help="Title to print above the output.")(function)


def of_option(function: Callback) -> Callback:
    """Add `--of`, the name of one of several outputs."""

    def read(ctx: click.Context, param: click.Parameter, text: str | None) -> str | None:
        from mgrad_cli.language.names import read_name

        return None if text is None else read_name(text)

    shown = "The output to show, where there are several."
    return click.option("--of", "of", metavar="NAME", callback=read, help=shown)(function)


def sides_option(function: Callback) -> Callback:
    """Add `--sides`, for `sides_of`."""
    return click.option(
        "--sides",
        is_flag=True,
        help="Show the limits of the value and the slopes from both sides of the point.",
    )(function)


def accuracy_option(function: Callback) -> Callback:
    """Add `--accuracy`."""
    text = "Show how many digits of the value and of each gradient are right, from 0 to 16."
    return click.option("--accuracy", is_flag=True, help=text)(function)


def wrt_option(function: Callback) -> Callback:
    """Add `--wrt`, which `wanted_names` reads."""
    return click.option(
        "--wrt",
        metavar="NAMES",
        help="Variables to differentiate with respect to, as a,b (default: all).",
        shell_complete=COMPLETE_NAMES,
    )(function)


def order_option(text: str) -> Callable[[Callback], Callback]:
    """Add `--order`, which is 1 or 2."""
    return click.option("--order", type=click.IntRange(1, 2), default=1, metavar="1|2", help=f"{text} (default: 1).")


def hvp_option(function: Callback) -> Callback:
    """Add `--hvp`, which `chosen_vector` reads."""
    text = "Show the product of the Hessian and a vector, as a=1,b=0; components that are not given are 0."
    return click.option("--hvp", metavar="VECTOR", help=text)(function)


def chosen_vector(options: SecondOrderOptions, limits: Limits) -> dict[str, float] | None:
    """Return the vector of `--hvp`; `None` without one. Raises: BindingError for an invalid one."""
    if options["hvp"] is None:
        return None
    from mgrad_cli.cli.assignments import vector_of

    return vector_of(options["hvp"], limits)
