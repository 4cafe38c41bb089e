"""`mgrad batch`: evaluate every line of files, each an expression or a JSON record."""

import os
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Unpack

import click

from mgrad_cli.batch.lines import PROPAGATED
from mgrad_cli.batch.options import BatchOptions
from mgrad_cli.batch.pipeline import run
from mgrad_cli.cli.bindings import ARGUMENTS, option_advice
from mgrad_cli.cli.evaluating import FailureLog
from mgrad_cli.cli.options import (
    DigitsOptions,
    FormatOptions,
    RecordOptions,
    SecondOrderOptions,
    accuracy_option,
    chosen_digits,
    chosen_format,
    chosen_limits,
    chosen_vector,
    common_options,
    digits_shown_option,
    encoding_option,
    format_options,
    hvp_option,
    order_option,
    record_options,
)
from mgrad_cli.cli.proofs import certify_option
from mgrad_cli.cli.uncertainties import (
    UncertaintyOptions,
    asks_for_uncertainty,
    given_options,
    propagation_options,
    refuse_options,
    uncertain_bindings,
    uncertainty_options,
)
from mgrad_cli.cli.verb import InputPath, ManyFiles, OutputPath
from mgrad_cli.data.columns import shell_word
from mgrad_cli.data.dialect import parse_encoding
from mgrad_cli.data.opening import check_streams_once
from mgrad_cli.errors import ExpressionError, StoppedError, UsageError
from mgrad_cli.exact.figures import require_flint
from mgrad_cli.garbage import collect_garbage_rarely
from mgrad_cli.language.lowering import read
from mgrad_cli.language.parser import Limits
from mgrad_cli.renderers import BATCH_FORMATS, View, page_for
from mgrad_cli.renderers.progress import Progress
from mgrad_cli.storage.compression import compression_of
from mgrad_cli.storage.stores import is_address
from mgrad_cli.storage.streams import log, opened_output
from mgrad_cli.text import counted

EXAMPLES = """\b
Examples:
  mgrad batch formulas.mg
  mgrad batch formulas.mg --format table
  echo "a = 2; b = 3; a*b*(a+b)" | mgrad batch -
  echo '{"id": 7, "expr": "a*b", "vars": {"a": 2, "b": "pi/4"}}' | mgrad batch -
  mgrad batch formulas.mg --order 2
  mgrad batch a.mg b.mg --on-error null --output gradients.jsonl
"""


class BatchParameters(DigitsOptions, RecordOptions, UncertaintyOptions, FormatOptions, SecondOrderOptions):
    """The parameters of `mgrad batch`."""

    files: tuple[str, ...]
    output: str | None
    jobs: int
    title: str
    certify: bool
    accuracy: bool
    uncertainty: bool
    encoding: str


@click.command("batch", cls=ManyFiles, epilog=EXAMPLES)
@click.argument("files", nargs=-1, type=InputPath())
@digits_shown_option
@format_options(list(BATCH_FORMATS), "json, one record per line")
@click.option(
    "--output",
    "-o",
    type=OutputPath(),
    metavar="FILE",
    help="Write to FILE, which is replaced once all lines are done.",
)
@click.option("--jobs", type=click.IntRange(min=1), default=1, metavar="N", help="Number of processes (default: 1).")
@order_option("Order of the derivatives: 2 adds the Hessian")
@hvp_option
@click.option("--title", default="", metavar="TEXT", help="Title to print above the table.")
@certify_option
@accuracy_option
@uncertainty_options
@click.option("--uncertainty", is_flag=True, help="Add the columns of uncertainties to CSV and TSV.")
@encoding_option
@record_options("On a bad line: stop (default), write a record with the error, or skip the line.")
@common_options
@click.pass_context
def command(ctx: click.Context, /, **options: Unpack[BatchParameters]) -> int:
    """Evaluate the expression on each line of FILES, with its gradient.

    A line is a program, such as a = 2; b = 3; a*b, or a JSON record: {"id": 1, "expr": "a*b", "vars": {"a": 2, "b":
    3}}. --NAME VALUE binds a variable in every line; values in a record take precedence. With "certify": true in a
    record its figures are proven, as with --certify for all. Use - for standard input. A value with a standard
    uncertainty, as --a 2±0.1 or "a": "2±0.1", adds that of the result. --corr is for the lines that have both
    variables; a record can have its own, "corr": {"a,b": 0.3}.
    """
    collect_garbage_rarely()
    files = options["files"]
    check_files(files, options)
    settings = chosen_settings(ctx, options)
    digits = chosen_digits(options, settings.file_format)
    counts: Counter[str] = Counter()
    used: set[str] = set()
    is_kept = options["on_error"] == "null"
    failures = FailureLog(f"{'each has' if is_kept else '--on-error null writes'} a record with its error")
    with (
        opened_output(options["output"], options["unbuffered"]) as output,
        Progress(known_size(files), not options["quiet"] and not output.stream.isatty()) as progress,
    ):
        settings = settings.on_page(page_for(settings.file_format, output.stream, digits))
        by_line = output.flush_each and options["jobs"] == 1
        for chunk in run(files, settings, options["jobs"], by_line):
            output.write(chunk.text)
            if chunk.failure is not None:
                raise StoppedError(chunk.failure)
            counts += chunk.counts
            used |= chunk.used
            failures.report(chunk.messages, chunk.counts["failed"])
            progress.advance(lines_in(chunk.counts), chunk.counts["failed"], chunk.read_bytes)
        failures.close()
        if not counts["failed"]:
            check_used(ctx, options, settings, used)
    if not options["quiet"]:
        log(summary(counts))
    return 1 if counts["failed"] or (options["strict"] and counts["strictly failed"]) else 0


def check_files(files: Sequence[str], options: BatchParameters) -> None:
    """Check that there are files, and that none is an expression. Raises: UsageError otherwise."""
    if not files:
        raise UsageError("a file is missing; use - for standard input")
    check_streams_once(files)
    if options["unbuffered"] and options["jobs"] > 1:
        raise UsageError("--unbuffered cannot be combined with --jobs above 1")
    limits = chosen_limits(options)
    for path in files:
        check_not_an_expression(path, limits)


def chosen_settings(ctx: click.Context, options: BatchParameters) -> BatchOptions:
    """Return what is computed of each line, and how it is shown.

    Raises: UsageError for options that cannot be combined; BindingError for an invalid value.
    """
    limits = chosen_limits(options)
    encoding = parse_encoding(options["encoding"]) if options["encoding"] else ""
    if options["certify"]:
        require_flint("--certify")
    output_format = chosen_format(options["output_format"], options["as_json"], "json")
    vector = chosen_vector(options, limits)
    if options["certify"] and vector is not None:
        raise UsageError("--hvp cannot be combined with --certify; --order 2 can")
    values = uncertain_bindings(ctx, limits)
    is_uncertain = asks_for_uncertainty(ctx, options)
    if is_uncertain:
        refuse_options(options, ("certify",))
    view = View(
        title=options["title"],
        accuracy=options["accuracy"],
        order=options["order"],
        has_product=vector is not None,
        uncertainty=is_uncertain or options["uncertainty"],
    )
    return BatchOptions(
        output_format,
        view,
        {name: measured.value for name, measured in values.items()},
        limits,
        options["max_line"],
        options["on_error"],
        options["certify"],
        options["accuracy"],
        vector,
        {name: measured.uncertainty for name, measured in values.items() if measured.uncertainty},
        propagation_options(options, limits) if is_uncertain else None,
        encoding,
    )


def check_used(ctx: click.Context, options: BatchParameters, settings: BatchOptions, used: Collection[str]) -> None:
    """Raise UsageError for a variable, or for options of uncertainties, that no line uses."""
    propagation = settings.propagation
    for name in [*settings.bindings, *(propagation.names if propagation else ())]:
        if name not in used:
            word = ctx.meta[ARGUMENTS].written.get(name, "")
            meant = option_advice(word, ctx.command, ctx) if word == f"--{name}" else ""
            raise UsageError(f"no line uses the variable '{name}'{meant}")
    if propagation is not None and PROPAGATED not in used:
        raise UsageError(f"no line has a value with an uncertainty, for {given_options(options)[0]}")


def check_not_an_expression(path: str, limits: Limits) -> None:
    """Raise UsageError for a file that does not exist if its name is a formula."""
    if path == "-" or is_address(path) or os.path.exists(path):
        return
    with suppress(ExpressionError):
        if any(step.operation is not None for block in read(path, limits).blocks for step in block.steps):
            raise UsageError(f"there is no file '{path}'; to evaluate one expression: mgrad eval {shell_word(path)}")


def lines_in(counts: Counter[str]) -> int:
    return counts["ok"] + counts["nonfinite"] + counts["failed"]


def known_size(files: tuple[str, ...]) -> int | None:
    """Return the total size of the files in bytes, or None if one is a stream or compressed."""
    if any(not os.path.isfile(path) or compression_of(path) for path in files):
        return None
    return sum(map(os.path.getsize, files))


def summary(counts: Counter[str]) -> str:
    """Return the closing counts, such as `3 lines: 2 ok, 1 failed`."""
    total = lines_in(counts)
    parts = [f"{counts['ok']:,} ok"]
    if counts["nonfinite"]:
        parts.append(f"{counts['nonfinite']:,} not finite")
    if counts["failed"]:
        parts.append(f"{counts['failed']:,} failed")
    return f"{counted(total, 'line')}: {', '.join(parts)}"
