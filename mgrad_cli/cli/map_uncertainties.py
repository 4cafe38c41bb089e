"""Read the uncertainties of variables in the arguments of `mgrad map`."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mgrad_cli.cli.arguments import suggestion
from mgrad_cli.cli.map_options import MapOptions
from mgrad_cli.errors import ExpressionError, UsageError
from mgrad_cli.evaluation.value_text import parse_value
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.parser import Limits
from mgrad_cli.mapping.variables import no_column
from mgrad_cli.suggestions import nearest
from mgrad_cli.text import normalised

if TYPE_CHECKING:
    from mgrad_cli.mapping.uncertainties import Uncertainties

PAIR_START = re.compile(r",(?=[^,=]+=)")
"""The commas of `--u` that stand before another `NAME=`; a column may have other commas in its name."""


def given_uncertainties(
    options: MapOptions, columns: Sequence[str], script: Script, widths: Mapping[str, float]
) -> "Uncertainties | None":
    """Return the uncertainties that `--u` and `--corr` give, or `None`.

    columns     the columns of the data
    widths      the uncertainties of values that are bound, as in `--x 1.2±0.1`

    Raises: UsageError for what is neither a column nor a number from 0, and for options that need --u.
    """
    if not (options.u or widths):
        for name in ("corr", "coverage"):
            if getattr(options, name):
                raise UsageError(f"--{name} needs uncertainties, as in --u {first_variable(script)}=COLUMN")
        return None
    found: dict[str, str] = {}
    for text in options.u:
        for pair in PAIR_START.split(text):
            name, equals, width = (part.strip() for part in pair.partition("="))
            if not (name and equals and width):
                is_variable = "u" in script.names
                advice = f"; {suggestion('--u', text)}" if is_variable else f", as in --u {first_variable(script)}=0.1"
                raise UsageError(f"--u needs NAME=COLUMN, NAME=NUMBER or NAME=PERCENT%, not '{pair}'{advice}")
            name = normalised(name)
            if name in found or name in widths:
                raise UsageError(f"the uncertainty of '{name}' is given twice")
            found[name] = width
    in_columns = {name: width for name, width in found.items() if width in columns}
    numbers: dict[str, str] = {}
    relative: dict[str, str] = {}
    for name, width in found.items():
        if name not in in_columns:
            number = width_number(name, width.removesuffix("%"), columns, options.limits)
            is_relative = width.endswith("%")
            (relative if is_relative else numbers)[name] = (number / 100 if is_relative else number).hex()
    numbers |= {name: width.hex() for name, width in widths.items()}
    from mgrad_cli.mapping.uncertainties import Uncertainties

    return Uncertainties(in_columns, numbers, relative, given_correlations(options.corr, options.limits))


def width_number(name: str, text: str, columns: Sequence[str], limits: Limits) -> float:
    """Return the uncertainty that a text spells. Raises: UsageError for what is no number from 0."""
    try:
        number = parse_value(text, limits)
    except ExpressionError:
        raise no_column(text, columns, nearest(text, columns)) from None
    if not 0 <= number < math.inf:
        raise UsageError(f"the uncertainty in --u {name}={text} is not a number from 0")
    return number


def given_correlations(texts: Sequence[str], limits: Limits) -> list[list[str]]:
    """Return the pairs of variables and coefficients that `--corr` gives. Raises: UsageError."""
    if not texts:
        return []
    from mgrad_cli.cli.uncertainties import read_correlation

    found: dict[frozenset[str], list[str]] = {}
    for text in texts:
        (one, other), coefficient = read_correlation(text, limits)
        if frozenset((one, other)) in found:
            raise UsageError(f"the correlation of '{one}' and '{other}' is given twice")
        found[frozenset((one, other))] = [one, other, coefficient.hex()]
    return list(found.values())


def first_variable(script: Script) -> str:
    return next((name for name in script.names if name not in script.assigned), "x")
