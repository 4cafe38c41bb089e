"""Split records of delimited text into cells, which may be quoted."""

import re

from mgrad_cli.data.dialect import WHITESPACE


class CellSyntax:
    """What separates cells, and whether quotes may surround them; otherwise quotes are ordinary characters.

    separator   what to write between cells
    empty_cell  how an empty cell is written
    """

    def __init__(self, delimiter: str, has_quotes: bool) -> None:
        self.has_quotes = has_quotes
        self.is_spaced = delimiter == WHITESPACE
        self.separator = " " if self.is_spaced else delimiter
        self.empty_cell = '""' if self.is_spaced else ""
        pattern = r"[ \t]++" if self.is_spaced else re.escape(delimiter)
        self.delimiters = re.compile(pattern)
        self.opened = re.compile(r'"[^"]*+(?:""[^"]*+)*+"')
        self.quoted = re.compile(rf'"[^"]*+(?:""[^"]*+)*+"(?={pattern}|\Z)')

    def split(self, record: str) -> tuple[list[str], int | None]:
        """Return the cells of a record as written, with quotes, and the index of the first misplaced quote, or `None`.

        A misplaced quote neither opens nor closes a cell, and is a character of its cell.
        """
        if self.is_spaced:
            record = record.rstrip(" \t")
        index = len(record) - len(record.lstrip(" \t")) if self.is_spaced else 0
        if not self.has_quotes or '"' not in record:
            return self.delimiters.split(record[index:]) if self.is_spaced else record.split(self.separator), None
        cells: list[str] = []
        stray = None
        while True:
            quoted = self.quoted.match(record, index)
            delimiter = self.delimiters.search(record, index if quoted is None else quoted.end())
            end = len(record) if delimiter is None else delimiter.start()
            cells.append(record[index:end])
            if quoted is None and stray is None and '"' in cells[-1]:
                opened = self.opened.match(cells[-1])
                stray = index + (opened.end() if opened else cells[-1].index('"'))
            if delimiter is None:
                return cells, stray
            index = delimiter.end()

    def unquoted(self, cell: str) -> str:
        """Return the text of a cell."""
        if self.has_quotes and cell.startswith('"') and self.quoted.fullmatch(cell):
            return cell[1:-1].replace('""', '"')
        return cell

    def start_of(self, cells: list[str], index: int, text: str) -> int:
        """Return where a cell of a record begins in its text."""
        if not self.is_spaced:
            return sum(len(cell) + 1 for cell in cells[:index])
        start = end = 0
        for cell in cells[: index + 1]:
            start = text.find(cell, end)
            end = start + len(cell)
        return max(0, start)

    def joined(self, cells: list[str], count: int) -> str:
        """Return a record of these cells, and empty ones up to so many."""
        return self.separator.join([*cells, *[self.empty_cell] * (count - len(cells))])


def unique_names(names: list[str]) -> tuple[str, ...]:
    """Return the names of columns, with a number after those that are there already, and for one without a name.

    >>> unique_names(["x", "", "x", "", "x_2"])
    ('x', '', 'x_3', 'c4', 'x_2')
    """
    unique: dict[str, None] = {}
    given, counts = set(names), dict.fromkeys(names, 1)
    for index, name in enumerate(names, 1):
        label = name
        while label in unique or (label != name and label in given):
            counts[name] += 1
            label = f"{name}_{counts[name]}" if name else f"c{index}{'_' * (label == f'c{index}')}"
        unique[label] = None
    return tuple(unique)
