"""How the text of a data file is written: the record that every reader of text takes."""

import codecs
from collections.abc import Iterable
from typing import NamedTuple

from mgrad_cli.errors import UsageError

WHITESPACE = "ws"
"""The delimiter that stands for runs of blanks and tabs."""
DELIMITERS = {"tab": "\t", "\\t": "\t", "space": " ", "comma": ",", "semicolon": ";", "bar": "|"}
"""The delimiters that have a name."""
NUMERIC = frozenset("0123456789+-.eE")
"""Characters of numbers, which separate no cells."""


class Dialect(NamedTuple):
    """How a text is written.

    delimiter   what separates the cells of delimited text: a character, or `WHITESPACE`; empty for that of the format
    decimal     the decimal mark of numbers in cells, a point or a comma
    nulls       the words for missing values, in cells and in texts that are read as numbers
    has_header  whether the first record names the columns, which otherwise are c1, c2, ...
    skip        the number of lines before that record that are not read
    comment     how lines begin that are not data, after blanks; empty if all are
    encoding    the encoding of the text; empty for UTF-8, or what a byte order mark says
    has_quotes  whether cells may be quoted
    casts       whether numbers in texts of JSON, Parquet and Arrow are read, and true and false as 1 and 0
    """

    delimiter: str = ""
    decimal: str = "."
    nulls: frozenset[str] = frozenset()
    has_header: bool = True
    skip: int = 0
    comment: str = ""
    encoding: str = ""
    has_quotes: bool = True
    casts: bool = False

    @property
    def layout_options(self) -> list[str]:
        """Return the options that say how delimited text is laid out, if any differs from its default."""
        given = {
            "--delimiter": self.delimiter, "--decimal": self.decimal != ".", "--no-header": not self.has_header,
            "--skip": self.skip, "--comment": self.comment, "--quote": not self.has_quotes,
        }  # fmt: skip
        return [option for option, is_given in given.items() if is_given]


PLAIN = Dialect()
"""The dialect of a text of which nothing else is known."""


def parse_delimiter(text: str) -> str:
    """Return the delimiter that `--delimiter` names. Raises: UsageError for what cannot be one."""
    delimiter = DELIMITERS.get(text, text)
    if delimiter == WHITESPACE:
        return delimiter
    is_character = len(delimiter) == 1 and (delimiter.isprintable() or delimiter in "\t\x1c\x1d\x1e\x1f\x01")
    if not is_character or delimiter in NUMERIC or delimiter == '"':
        raise UsageError(f"--delimiter needs one character, tab or ws (runs of blanks), not '{text}'")
    return delimiter


def parse_nulls(texts: Iterable[str]) -> frozenset[str]:
    """Return the words that the texts of `--null` list, separated by commas."""
    return frozenset(word.strip() for text in texts for word in text.split(",")) - {""}


def parse_encoding(name: str) -> str:
    """Return the usual name of an encoding; empty for UTF-8. Raises: UsageError for an unknown one."""
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        found = None
    if found is None or not getattr(found, "_is_text_encoding", True):
        raise UsageError(f"unknown encoding '{name}'; for example latin-1, cp1252, utf-16, shift_jis")
    return "" if found.name in {"utf-8", "utf-8-sig", "ascii"} else found.name
