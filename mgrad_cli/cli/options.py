"""What the verbs share: the command class, the common options, and how the expression is read."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict, TypeVar

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
from mgrad_cli.errors import BindingError, ExpressionError, UsageError
from mgrad_cli.evaluation.diagnosis import Finding
from mgrad_cli.evaluation.graph import check_names
from mgrad_cli.language.lowering import Script, read
from mgrad_cli.language.parser import DEFAULT_LIMITS, Limits
from mgrad_cli.library.evaluation import Evaluation
from mgrad_cli.library.expression import Expression
from mgrad_cli.storage.files import divert_messages, log
from mgrad_cli.storage.overlap import Written, check_overlaps, is_messages_to_input
from mgrad_cli.storage.stores import local_path
from mgrad_cli.text import printable

if TYPE_CHECKING:
    from mgrad_cli.evaluation.losses import Loss
    from mgrad_cli.series.sides import SidesReport

Callback = TypeVar("Callback", bound=Callable[..., Any])
Answer = TypeVar("Answer")
Method: TypeAlias = Callable[[Expression, dict[str, float]], Answer]

MAX_MESSAGES = 10
MAX_LINE = 16 << 20


class LocalPath(click.Path):
    """The type of an option for a path or address, with `file://` taken off."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return local_path(os.fsdecode(super().convert(value, param, ctx)))


class LimitOptions(TypedDict):
    """The parameters that `limit_options` adds."""

    max_chars: int
    max_tokens: int
    max_depth: int


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
        if ctx.resilient_parsing:  # a word is being completed, so the line is incomplete
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
    """Raise UsageError if the value of an option is not UTF-8. Paths may be any bytes."""
    for option in ctx.command.params:
        if isinstance(option, click.Option) and option.type is click.STRING:
            given = ctx.params.get(option.name or "")
            for text in given if isinstance(given, tuple) else (given,):
                try:
                    str(text).encode()
                except UnicodeEncodeError:
                    raise UsageError(f"the value of {option.opts[0]}, '{text}', is not UTF-8") from None


def check_paths(ctx: click.Context, files: Iterable[str] = ()) -> None:
    """Compare every path that a command writes with every path that it reads, including `files`.

    Raises: UsageError if a path is both read and written, or written twice.
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
    """Send messages to standard output if standard error is an input file, or drop them if both are."""
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
    """A verb without variables: every `--NAME` is an option."""

    expression_words = 0
    has_variables = False


def limit_options(function: Callback) -> Callback:
    """Add `--max-chars`, `--max-tokens` and `--max-depth`."""
    for name, default, what in (
        ("depth", DEFAULT_LIMITS.depth, "nesting depth of an expression"),
        ("tokens", DEFAULT_LIMITS.tokens, "number of tokens in an expression"),
        ("chars", DEFAULT_LIMITS.chars, "number of characters in an expression"),
    ):
        kind, text = click.IntRange(min=1), f"Maximum {what} (default: {default})."
        function = click.option(f"--max-{name}", type=kind, default=default, metavar="N", help=text)(function)
    return function


def common_options(function: Callback) -> Callback:
    """Add the options of every verb with an expression: bindings, limits, `--debug`."""
    function = click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")(function)
    function = limit_options(function)
    return click.option(
        "--var", "-v", metavar="NAME=VALUE", help="Bind a variable (same as --NAME VALUE).", expose_value=False
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


def record_options(on_error: str) -> Callable[[Callback], Callback]:
    """Add the options of the verbs over many records. `on_error` is the help of that option."""

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


def chosen_limits(options: LimitOptions) -> Limits:
    return Limits(options["max_chars"], options["max_tokens"], options["max_depth"])


def read_unit(expression: str | None, file: str | None, limits: Limits) -> Script:
    """Return the program given on the command line, in a file, or with `-` on standard input.

    Raises: UsageError if there is none or more than one; ExpressionError if it does not parse.
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


def read_expression(expression: str | None, file: str | None, limits: Limits) -> Script:
    """Return the program given on the command line, as `read_unit` does.

    Raises: as `read_unit` does; UsageError for the path of a file in the place of the expression.
    """
    try:
        return read_unit(expression, file, limits)
    except ExpressionError:
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


def wanted_names(wrt: str | None) -> list[str] | None:
    """Return the names that the text of `--wrt` lists; `None` without one."""
    return None if wrt is None else [name.strip() for name in wrt.split(",")]


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


def sides_option(function: Callback) -> Callback:
    """Add `--sides`, for `sides_of`."""
    return click.option(
        "--sides",
        is_flag=True,
        help="Show the limits of the value and the slopes from both sides of the point.",
    )(function)


def sides_of(script: Script, point: Mapping[str, float], names: Sequence[str]) -> "SidesReport":
    """Return the one-sided limits of a script at a point, along each of the names.

    Raises: UsageError if there is no variable; LimitError if the computation takes too long.
    """
    from mgrad_cli.series.sides import sides

    if not names:
        raise UsageError("--sides needs a variable in the expression")
    return sides(script, point, names)


def accuracy_option(function: Callback) -> Callback:
    """Add `--accuracy`."""
    text = "Show how many digits of the value and of each gradient are right, from 0 to 16."
    return click.option("--accuracy", is_flag=True, help=text)(function)


def wrt_option(function: Callback) -> Callback:
    """Add `--wrt`, which `wanted_names` reads."""
    return click.option(
        "--wrt", metavar="NAMES", help="Variables to differentiate with respect to, as a,b (default: all)."
    )(function)


def evaluation_of(
    ctx: click.Context,
    options: GradientOptions,
    with_nodes: bool = False,
    with_hints: bool = False,
    with_digits: bool = False,
) -> Evaluation:
    """Return the value and the gradients of the expression that the options name.

    Raises: UsageError, ExpressionError and BindingError, as `evaluated` does.
    """
    wrt = wanted_names(options["wrt"]) or []
    return evaluated(
        ctx,
        options,
        lambda expression, point: expression.evaluate(point, wrt, with_nodes, with_hints, with_digits),
    )


def evaluated(ctx: click.Context, options: ExpressionOptions, method: Method[Answer]) -> Answer:
    """Return what a method of `Expression` computes from the expression that the options name and the bound values.

    Raises: UsageError if there is no expression or more than one; ExpressionError if it does not parse; BindingError
    if the bindings do not fit its variables.
    """
    limits = chosen_limits(options)
    script = read_expression(options["expression"], options["file"], limits)
    try:
        check_names(script, ctx.meta[BINDINGS])
        answer = method(Expression.of_script(script, limits), read_bindings(ctx, limits, script.names))
    except BindingError as error:
        raise explained(error, script, ctx) from None
    warn_of_options(script, ctx)
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


def warn_of_result(findings: Iterable[Finding], losses: Sequence["Loss"], source: str) -> None:
    """Log where figures that are not finite come from, and where digits of others were lost."""
    said = list(findings)
    if losses:
        from mgrad_cli.evaluation.losses import ADVICE, warnings

        said += warnings(losses, source, ADVICE)
    for finding in said:
        log(f"warning: {finding}")
