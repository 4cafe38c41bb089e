"""A column that is not there: what the columns that are there say about why."""

import re
import shlex
from collections.abc import Sequence

from mgrad_cli.errors import nearest
from mgrad_cli.language.juxtaposition import separated

SEPARATORS = {"\t": "tabs", ";": "semicolons", "|": "bars", ",": "commas"}
SURE_LIKENESS = 0.85
"""How like a column a name must be to be taken for a misspelling of it rather than for a product of columns."""
UNIT = re.compile(r"(?:\s*[(\[{/,:;|]|\s+).*", re.DOTALL)
"""What may follow a variable's name in that of a column: `L (m)`, `L [m]`, `L/m`, `L, m`, `L m`."""


def missing_column_advice(name: str, columns: Sequence[str]) -> str:
    """What helps where a variable has no column: the column that is meant, or the separator that the data has."""
    if len(columns) == 1:
        for separator, shown in SEPARATORS.items():
            if separator in columns[0]:
                return f"; the header has {shown}: {separator_remedy(separator)}"
    for column in columns:
        if UNIT.sub("", column.strip(), count=1) == name:
            return f"; use --col {shell_word(f'{name}={column}')}"
    like = nearest(name, columns, SURE_LIKENESS)
    if not like and (spelled := separated(name, columns)):
        return f"; write '{name}' as {spelled}"
    return like or nearest(name, columns)


def separator_remedy(separator: str) -> str:
    """How to read cells that are separated otherwise."""
    known = {"\t": "tsv", ",": "csv"}
    if separator in known:
        return f"give --input-format {known[separator]}"
    return f"tr '{separator}' '\\t' < FILE | mgrad map ... - --input-format tsv"


def shell_word(text: str) -> str:
    """A text as a word of a command line, in double quotes where these are enough."""
    if shlex.quote(text) == text or any(mark in text for mark in '"$`\\!'):
        return shlex.quote(text)
    return f'"{text}"'
