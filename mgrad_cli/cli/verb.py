"""The class of commands: it splits words before click does, and checks texts and paths."""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from mgrad_cli.cli.arguments import UnknownWordError, reject_extra, split
from mgrad_cli.cli.bindings import (
    ARGUMENTS,
    BINDINGS,
    check_dashed,
    check_swallowed,
    option_advice,
    option_names,
)
from mgrad_cli.cli.help_options import WithHelp, option_help
from mgrad_cli.errors import UsageError
from mgrad_cli.storage.streams import divert_messages

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


REDIRECTION = "end the line with > FILE to write a file"
RADIANS = "angles are in radians; radians(x) converts x degrees"
INSTEAD = {"-o": REDIRECTION, "--output": REDIRECTION, "--degrees": RADIANS, "--deg": RADIANS}
"""What a command has in place of options that it lacks and people try on it."""


class LocalPath(click.ParamType):  # type: ignore[type-arg]
    """The type of an option for a path or address, with `file://` taken off."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if os.path.exists(value) and not os.access(value, os.R_OK):
            self.fail(f"Path {click.format_filename(value)!r} is not readable.", param, ctx)
        from mgrad_cli.storage.stores import local_path

        return local_path(os.fsdecode(value))

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        """Let the shell complete files."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="file")]


class InputPath(LocalPath):
    """The type of an option for a path that is read."""


class OutputPath(LocalPath):
    """The type of an option for a path that is written."""


class Verb(WithHelp):
    """A command that takes bindings of variables, `--NAME VALUE`, beside its options."""

    most_words = 1
    expression_words = 1
    """How many of the first words may be expressions, which may start with a dash."""
    has_variables = True

    def __init__(self, *args: Any, instead: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        """Make a command. `instead` says what it has in place of options of other commands that people try on it."""
        super().__init__(*args, **kwargs)
        self.instead = {**INSTEAD, **(instead or {})}

    def invoke(self, ctx: click.Context) -> Any:
        check_texts(ctx)
        check_paths(ctx)
        return super().invoke(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        repeatable = {name for option in self.params if getattr(option, "multiple", False) for name in option.opts}
        names = option_names(self, ctx)
        if ctx.resilient_parsing:  # a word is being completed, perhaps the value of the last one
            for words in (args, args[:-1]):
                with suppress(UsageError):
                    arguments = ctx.meta[ARGUMENTS] = split(words, names, repeatable)
                    return super().parse_args(ctx, [*arguments.options, "--", *arguments.words])
            return super().parse_args(ctx, args)
        try:
            arguments = split(args, names, repeatable)
        except UnknownWordError as error:
            if not self.has_variables:
                raise self.no_option(error.word, ctx) from None
            raise UsageError(f"{error.message}{option_advice(error.word, self, ctx) or error.otherwise}") from None
        if not self.has_variables:
            for word in arguments.written.values():
                raise self.no_option(word, ctx)
        if not {"-h", "--help"}.intersection(arguments.options):
            if self.most_words:
                check_swallowed(arguments, self, ctx)
            check_dashed(arguments, self.expression_words, self.most_words, self, ctx)
            reject_extra(arguments, self.most_words, names)
        ctx.meta[ARGUMENTS], ctx.meta[BINDINGS] = arguments, arguments.bindings
        return super().parse_args(ctx, [*arguments.options, "--", *arguments.words])

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of options. The text above it describes the arguments, which click 8.5 would list too."""
        options = [each for each in self.get_params(ctx) if isinstance(each, click.Option)]
        with formatter.section("Options"):
            formatter.write_dl([record for each in options if (record := option_help(each, ctx))])

    def no_option(self, word: str, ctx: click.Context) -> UsageError:
        """Return the error for a word that looks like an option of a verb without variables."""
        meant = option_advice(word, self, ctx)
        return UsageError(f"no option '{word}'{meant or f'; mgrad {self.name} --help lists them'}")

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Complete options, and the variables of the expression that is typed."""
        completed = super().shell_complete(ctx, incomplete)
        if not (self.has_variables and self.expression_words and incomplete.startswith("--")):
            return completed
        from mgrad_cli.cli.typed_variables import complete_bindings

        return [*complete_bindings(ctx, incomplete), *completed]


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
    writes: list[tuple[str | None, str]] = [] if ctx.params.get("output") else [(None, "standard output")]
    for parameter in ctx.command.params:
        value = ctx.params.get(parameter.name or "")
        if isinstance(parameter.type, InputPath) and value:
            reads += [value] if isinstance(value, str) else value
        elif isinstance(parameter.type, OutputPath) and value:
            writes.append((value, f"the {parameter.name} '{value}'"))
    if not reads and len(writes) < 2:
        return
    from mgrad_cli.storage.overlap import Written, check_overlaps, is_messages_to_input

    if is_messages_to_input(reads):
        silence_errors_to_input(reads)
        raise UsageError("standard error is also the input; send it elsewhere, as 2> messages.txt")
    check_overlaps(reads, [Written(*each) for each in writes])


def silence_errors_to_input(reads: Sequence[str]) -> None:
    """Send messages to standard output if standard error is an input file, or drop them if both are."""
    from mgrad_cli.storage.overlap import is_messages_to_input

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
