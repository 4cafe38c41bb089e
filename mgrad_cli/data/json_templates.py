"""Read JSON lines that are spelled alike as CSV: without what stands between their values, they are."""

import re
from collections.abc import Collection

from mgrad_cli.data.json_layout import NUMBER, VALUE
from mgrad_cli.data.records import RecordLayout, cells_in, is_utf8
from mgrad_cli.data.scanner import QUOTE, RecordScanner

PLAIN_NAME = re.compile(r'[^",:{}\\\x00-\x1f]+')
"""A name of which no part can be taken for the end of a value."""
LEAD = re.compile(rb'[{,][ \t]*"([^"]*)"[ \t]*:[ \t]*')
SCALAR = re.compile(VALUE.encode())


class FlatTemplate:
    """Lines with the same members in the same order, without arrays, objects and escapes.

    names    the names of the members
    leads    what stands before each value
    pattern  what the lines match, those with a number or null for each of `columns`
    """

    separator = ","

    def __init__(self, names: list[str], leads: list[bytes], columns: Collection[str]) -> None:
        self.names = names
        self.leads = leads
        values = [f"(?:{NUMBER}|null)" if name in columns else VALUE for name in names]
        pieces = [re.escape(lead.decode()) + value for lead, value in zip(leads, values, strict=True)]
        self.pattern = rf"^{''.join(pieces)}\}}$"

    def cells(self, layout: RecordLayout) -> RecordLayout | None:
        """Return lines that match the pattern as records of CSV, in which null and the empty text are empty cells.

        Return `None` if one is not as it should be.
        """
        data = layout.data
        if any(data.count(lead) != len(layout.ends) for lead in self.leads):
            return None
        has_nulls = b"null" in data
        for index, lead in enumerate(self.leads):
            comma = self.separator.encode() if index else b""
            if has_nulls:
                data = data.replace(lead + b"null", comma)
            data = data.replace(lead, comma)
        data = data.replace(b"}\r\n", b"\n").replace(b"}\n", b"\n")
        quoting = RecordScanner(self.separator).quoting(data) if QUOTE in data else None
        cells = cells_in(data, self.separator, len(self.names), quoting)
        is_whole = not cells.odd and isinstance(cells.last, slice) and len(cells.ends) == len(layout.ends)
        return cells if is_whole else None


def template_of(line: bytes, columns: Collection[str]) -> FlatTemplate | None:
    """Return the template of a line; `None` if it is not flat, or has unusual names."""
    names: list[str] = []
    leads: list[bytes] = []
    line, index = line.removesuffix(b"\r"), 0
    while index < len(line) - 1:
        lead = LEAD.match(line, index)
        value = SCALAR.match(line, lead.end()) if lead else None
        if lead is None or value is None or not is_utf8(lead[0]) or not PLAIN_NAME.fullmatch(lead[1].decode()):
            return None
        names.append(lead[1].decode())
        leads.append(lead[0])
        index = value.end()
    is_whole = line[index:] == b"}" and len(set(names)) == len(names)
    return FlatTemplate(names, leads, columns) if is_whole and line.startswith(b"{") else None
