"""What the verbs share: a command whose words are split first, the common options, and how an expression is read."""

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, TypeAlias, TypeVar

import click

from mgrad_cli.cli.arguments import UnknownWordError, reject_extra, split
from mgrad_cli.cli.bindings import (
    ARGUMENTS,
    BINDINGS,
    check_dashed,
    check_swallowed,
    explained,
    file_advice,
    option_advice,
    option_names,
    read_bindings,
    warn_of_options,
)
from mgrad_cli.errors import BindingError, UsageError, printable
from mgrad_cli.evaluation.graph import check_names
from mgrad_cli.evaluation.results import Result, differentiate
from mgrad_cli.language.lowering import Script, read
from mgrad_cli.language.parser import DEFAULT_LIMITS, Limits
from mgrad_cli.storage.files import divert_messages, log
from mgrad_cli.storage.overlap import Written, check_overlaps, is_messages_to_input
from mgrad_cli.storage.stores import local_path

Callback = TypeVar("Callback", bound=Callable[..., Any])
Answer = TypeVar("Answer")
Reading: TypeAlias = Callable[[Script, dict[str, float]], Answer]

MAX_MESSAGES = 10
MAX_LINE = 16 << 20


class LocalPath(click.Path):
    """The type of an option for a path or address, with `file://` taken off."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return local_path(os.fsdecode(super().convert(value, param, ctx)))


class InputPath(LocalPath):
    """The type of an option for a path that is read."""


class OutputPath(LocalPath):
    """The type of an option for a path that is written."""


class Verb(click.Command):
    """A command that takes bindings of variables, `--NAME VALUE`, beside its options."""

    most_words = 1
    expression_words = 1
    """How many of the first words may be expressions, which may start with a dash."""
    has_variables = True

    def invoke(self, ctx: click.Context) -> Any:
        check_texts(ctx)
        check_paths(ctx)
        return super().invoke(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        repeatable = {name for option in self.params if getattr(option, "multiple", False) for name in option.opts}
        names = option_names(self, ctx)
        if ctx.resilient_parsing:  # a word is being completed, and the line not yet whole
            with suppress(UsageError):
                arguments = split(args, names, repeatable)
                args = [*arguments.options, "--", *arguments.words]
            return super().parse_args(ctx, args)
        try:
            arguments = split(args, names, repeatable)
        except UnknownWordError as error:
            meant = option_advice(error.word, self, ctx)
            message = error.message if self.has_variables else f"no option '{error.word}'"
            raise UsageError(f"{message}{meant or error.otherwise}") from None
        if not self.has_variables:
            for word in arguments.written.values():
                raise UsageError(f"no option '{word}'{option_advice(word, self, ctx)}")
        if not {"-h", "--help"}.intersection(arguments.options):
            if self.most_words:
                check_swallowed(arguments, self, ctx)
            check_dashed(arguments, self.expression_words, self.most_words, self, ctx)
            reject_extra(arguments, self.most_words)
        ctx.meta[ARGUMENTS], ctx.meta[BINDINGS] = arguments, arguments.bindings
        return super().parse_args(ctx, [*arguments.options, "--", *arguments.words])


def check_texts(ctx: click.Context) -> None:
    """Raises: UsageError for an option whose text is not UTF-8, which no output could hold. Paths are any bytes."""
    for option in ctx.command.params:
        if isinstance(option, click.Option) and option.type is click.STRING:
            given = ctx.params.get(option.name or "")
            for text in given if isinstance(given, tuple) else (given,):
                try:
                    str(text).encode()
                except UnicodeEncodeError:
                    raise UsageError(f"the value of {option.opts[0]}, '{text}', is not UTF-8") from None


def check_paths(ctx: click.Context, files: Iterable[str] = ()) -> None:
    """Hold every path that a command writes, by its options' types, against all that it reads, `files` among them.

    Raises: UsageError for one that is written and also read, or written twice.
    """
    reads = [*files, *(["-"] if ctx.params.get("expression") == "-" else [])]
    writes = [] if ctx.params.get("output") else [Written(None, "standard output")]
    for parameter in ctx.command.params:
        value = ctx.params.get(parameter.name or "")
        if isinstance(parameter.type, InputPath) and value:
            reads += [value] if isinstance(value, str) else value
        elif isinstance(parameter.type, OutputPath) and value:
            writes.append(Written(value, f"the {parameter.name} '{value}'"))
    if is_messages_to_input(reads):
        silence_errors_to_input(reads)
        raise UsageError("standard error is also the input; send it elsewhere, as 2> messages.txt")
    check_overlaps(reads, writes)


def silence_errors_to_input(reads: Sequence[str]) -> None:
    """Send messages to standard output, since standard error would change the input; nowhere if both would."""
    divert_messages()
    divert_messages(is_silent=is_messages_to_input(reads))


class ManyFiles(Verb):
    """A verb over any number of files."""

    most_words = 1_000_000
    expression_words = 0


class ExpressionAndFiles(ManyFiles):
    """A verb over any number of files, which an expression stands before."""

    expression_words = 1


class WithoutVariables(Verb):
    """A verb whose every word `--NAME` is an option."""

    expression_words = 0
    has_variables = False


def limit_options(function: Callback) -> Callback:
    """Adds `--max-chars`, `--max-tokens` and `--max-depth`, for `Limits`."""
    for name, default, what in (
        ("depth", DEFAULT_LIMITS.depth, "nesting depth of an expression"),
        ("tokens", DEFAULT_LIMITS.tokens, "number of tokens in an expression"),
        ("chars", DEFAULT_LIMITS.chars, "number of characters in an expression"),
    ):
        kind, text = click.IntRange(min=1), f"Maximum {what} (default: {default})."
        function = click.option(f"--max-{name}", type=kind, default=default, metavar="N", help=text)(function)
    return function


def common_options(function: Callback) -> Callback:
    """Adds what every verb with an expression has: bindings, limits, `--debug`."""
    function = click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")(function)
    function = limit_options(function)
    return click.option(
        "--var", "-v", metavar="NAME=VALUE", help="Bind a variable (same as --NAME VALUE).", expose_value=False
    )(function)


def format_options(formats: Sequence[str], default: str) -> Callable[[Callback], Callback]:
    """Adds `--format` and `--json`, of which `chosen_format` makes one."""

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


def record_options(on_error: str) -> Callable[[Callback], Callback]:
    """Adds what the verbs over many records share; `on_error` says what they do with bad ones."""

    def decorate(function: Callback) -> Callback:
        for option in (
            click.option(
                "--max-line",
                type=click.IntRange(min=1),
                default=MAX_LINE,
                metavar="N",
                help=f"Maximum length of a line in bytes (default: {MAX_LINE}).",
            ),
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


def chosen_limits(options: dict[str, Any]) -> Limits:
    return Limits(options["max_chars"], options["max_tokens"], options["max_depth"])


def read_unit(expression: str | None, file: str | None, limits: Limits) -> Script:
    """The unit that is given on the command line, in a file, or with `-` on standard input.

    Raises: UsageError where there is none, or two; ExpressionError with the place.
    """
    if expression is None and file is None:
        raise UsageError("an expression is missing")
    if expression is not None and file is not None:
        unit = None if expression == "-" else read(expression, limits)
        raise UsageError(f"give an expression or --file, not both{file_advice(file, unit)}")
    if file is not None and file != "-" and not os.path.exists(file) and (suggestion := file_advice(file, None)):
        raise UsageError(f"there is no file '{file}'{suggestion}")
    if file is None and expression != "-":
        return read(expression or "", limits)
    from mgrad_cli.data.expressions import read_text

    return read(read_text(file or "-", limits.chars), limits)


def wanted_names(options: dict[str, Any]) -> list[str] | None:
    """The names that `--wrt` gives, or `None`."""
    return None if options["wrt"] is None else [name.strip() for name in options["wrt"].split(",")]


def expression_options(function: Callback) -> Callback:
    """Adds what makes one expression: EXPRESSION or `--file`."""
    for option in (
        click.option("--file", type=InputPath(), metavar="FILE", help="Read the expression from a file."),
        click.argument("expression", required=False),
    ):
        function = option(function)
    return function


def title_option(function: Callback) -> Callback:
    """Adds `--title`."""
    return click.option("--title", default="", metavar="TEXT", help="Title to print above the output.")(function)


def wrt_option(function: Callback) -> Callback:
    """Adds `--wrt`, for `wanted_names`."""
    return click.option(
        "--wrt", metavar="NAMES", help="Variables to differentiate with respect to, as a,b (default: all)."
    )(function)


def differentiated(ctx: click.Context, options: dict[str, Any], with_nodes: bool = False) -> tuple[Script, Result]:
    """The expression that the options of `expression_options` and `common_options` speak of, and its gradients.

    Raises: UsageError where there is no expression, or two; ExpressionError with the place; BindingError.
    """
    wrt = wanted_names(options) or []
    return evaluated(ctx, options, lambda unit, bindings: differentiate(unit, bindings, wrt, with_nodes))


def evaluated(ctx: click.Context, options: dict[str, Any], reading: Reading[Answer]) -> tuple[Script, Answer]:
    """The expression that the options speak of, and what a reading makes of it at the values bound to its variables.

    Raises: UsageError where there is no expression, or two; ExpressionError with the place; BindingError.
    """
    limits = chosen_limits(options)
    unit = read_unit(options["expression"], options["file"], limits)
    try:
        check_names(unit, ctx.meta[BINDINGS])
        answer = reading(unit, read_bindings(ctx, limits, unit.names))
    except BindingError as error:
        raise explained(error, unit, ctx) from None
    warn_of_options(unit, ctx)
    return unit, answer


def complain(messages: Iterable[str], already: int) -> int:
    """Warn of each failure in a line of its own, up to a number of lines; return how many were reported so far."""
    for message in messages:
        already += 1
        if already <= MAX_MESSAGES:
            log(f"warning: {printable(message)}")
        elif already == MAX_MESSAGES + 1:
            log("warning: further failures are counted but not shown")
    return already
