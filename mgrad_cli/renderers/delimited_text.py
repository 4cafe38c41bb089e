"""Rows of cells as CSV and TSV."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import StringIO
from typing import Any, TypeVar

from mgrad_cli.renderers import View

Content = TypeVar("Content")


def delimited(
    rows: Callable[[Content, View], Iterable[Sequence[Any]]], delimiter: str
) -> Callable[[Content, View], Iterator[str]]:
    """Return the renderer that writes a heading and rows, which `rows` makes, with a delimiter between the cells."""

    def render(content: Content, view: View) -> Iterator[str]:
        buffer = StringIO()
        writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
        for row in rows(content, view):
            writer.writerow(row)
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()

    return render
