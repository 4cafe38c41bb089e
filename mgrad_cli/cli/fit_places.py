"""Where the parts of a fit go: the report, the rows with predictions, and the plot."""

import os
import sys
from typing import NamedTuple

from mgrad_cli.cli.fit_options import FitArguments
from mgrad_cli.cli.options import chosen_format
from mgrad_cli.errors import UsageError
from mgrad_cli.plotting.fits import FittedCurve
from mgrad_cli.renderers import View, page_for
from mgrad_cli.renderers.fits import FIT_FORMATS
from mgrad_cli.storage.streams import log, opened_output

PICTURES = (".png", ".svg")


class FitPlaces(NamedTuple):
    """The path of each part, `None` for standard output, with its format.

    is_report_aside     whether the report goes to standard error, since rows go to standard output
    """

    report: str | None
    report_format: str
    rows: str | None
    rows_format: str | None
    picture: str | None
    picture_format: str
    is_report_aside: bool


def fit_places(options: FitArguments) -> FitPlaces:
    """Return where the parts of a fit go. `--output` is a picture by its ending, or else the rows, or the report.

    `--format` is that of what goes to standard output: the rows, if they do, or else the report.

    Raises: UsageError for parts that cannot both go to standard output, or a format that a part does not have.
    """
    output = None if options.output == "-" else options.output
    ending = os.path.splitext(output or "")[1].lower()
    has_rows = options.predict is not None
    is_picture = options.plot and (ending in PICTURES or (output is not None and not has_rows))
    if is_picture and ending not in PICTURES:
        raise UsageError(f"cannot tell the format from the output name '{output}'; end it in .png or .svg")
    rows = output if has_rows and not is_picture else None
    is_aside = has_rows and rows is None
    chosen = chosen_format(options.output_format, options.as_json, "")
    if options.plot and not is_picture:
        if is_aside:
            raise UsageError(
                "--plot and --predict cannot both go to standard output; write one to a file with --output"
            )
        if chosen not in {"", "table"}:
            raise UsageError(
                f"--format {chosen} and a plot cannot both go to standard output; write the plot to a file"
            )
    if is_aside and chosen == "table":
        raise UsageError("--format table cannot hold rows with predictions; write them to a file with --output")
    if chosen and not is_aside and chosen not in FIT_FORMATS:
        raise UsageError(f"--format {chosen} is for rows with --predict; a fit is {', '.join(FIT_FORMATS)}")
    return FitPlaces(
        report=None if has_rows or options.plot else output,
        report_format="table" if is_aside else chosen or "table",
        rows=rows,
        rows_format=(chosen or None) if is_aside else None,
        picture=output if is_picture else None,
        picture_format=ending[1:] if is_picture else "terminal",
        is_report_aside=is_aside,
    )


def write_report(text: str, places: FitPlaces) -> None:
    """Write the report of a fit."""
    if places.is_report_aside:
        log(text.rstrip("\n"))
        return
    with opened_output(places.report) as output:
        output.write(text)


def write_plot(curve: FittedCurve, places: FitPlaces, title: str) -> None:
    """Draw a fit in the terminal, or write its picture."""
    from mgrad_cli.renderers.plots.fits import FIT_PLOT_FORMATS

    page = page_for("table" if places.picture is None else places.picture_format, sys.stdout)
    with opened_output(places.picture) as output:
        for piece in FIT_PLOT_FORMATS[places.picture_format](curve, View(page, title)):
            (output.write_bytes if isinstance(piece, bytes) else output.write)(piece)
