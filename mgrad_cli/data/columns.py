"""Explain a missing column from the columns that are there, or from the separator in the only one."""

import re
import shlex
from collections.abc import Collection, Sequence

from mgrad_cli.data.dialect import WHITESPACE
from mgrad_cli.data.sniffing import DELIMITERS
from mgrad_cli.evaluation.value_text import is_numeral
from mgrad_cli.suggestions import nearest

DELIMITER_WORDS = {"\t": "tab", " ": "ws"}
"""How `--delimiter` names some delimiters."""
SURE_LIKENESS = 0.85
"""The similarity at which a name counts as a misspelling of a column rather than a product of columns."""
UNIT = r"(?:\s*[(\[{/,:;|]|\s+)(?s:.*)"
"""What may follow the name of a variable in the name of a column: `L (m)`, `L [m]`, `L/m`, `L, m`, `L m`."""


def missing_column_advice(name: str, columns: Sequence[str]) -> str:
    """Return a hint for a variable without a column: the column, or the product of columns, that is meant."""
    if columns and columns[0].startswith("#"):
        return "; the first line is a comment: give --comment '#'"
    if columns and all(is_numeral(column) for column in columns):
        return "; the first line has numbers: give --no-header, and the columns are c1, c2, ..."
    for column in columns:
        if re.sub(UNIT, "", column.strip(), count=1) == name:
            return f"; use --col {shell_word(f'{name}={column}')}"
    from mgrad_cli.language.juxtaposition import separated

    like = nearest(name, columns, SURE_LIKENESS)
    if not like and (spelled := separated(name, columns)):
        return f"; write '{name}' as {spelled}"
    return like or nearest(name, columns)


def separator_in(columns: Sequence[str], delimiter: str, needed: Collection[str] = ()) -> str:
    """Return the separator in the name of the only column of delimited text, if it is not `delimiter`.

    A blank counts if it separates several columns that are needed; otherwise a unit may follow it.
    """
    if len(columns) != 1 or not delimiter:
        return ""
    has_blanks = len(needed) > 1 and set(needed) <= set(columns[0].split())
    found = (each for each in DELIMITERS if each in columns[0] and each != delimiter)
    return next(found, " " if has_blanks and delimiter != WHITESPACE else "")


def separator_message(file: str, file_format: str, column: str, separator: str, is_first: bool) -> str:
    """Return the message for a file with another separator than its format has, the first of a run or a later one."""
    shown = column.replace("\t", "\\t")
    option = f"--delimiter {DELIMITER_WORDS.get(separator, shlex.quote(separator))}"
    remedy = f"give {option}" if is_first else f"give {option} if all files have it, or convert it"
    return f"{file} is read as {file_format.upper()} and has one column, '{shown}'; {remedy}"


def shell_word(text: str) -> str:
    """Return a text as a word of a shell command, in double quotes if these are enough."""
    if shlex.quote(text) == text or any(mark in text for mark in '"$`\\!'):
        return shlex.quote(text)
    return f'"{text}"'
