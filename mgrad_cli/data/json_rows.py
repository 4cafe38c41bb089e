"""Convert a JSON record to a row: the numbers of the variables, the members to keep, and any failure."""

import math
from collections.abc import Collection
from typing import Any, NamedTuple

from mgrad_cli.data.blocks import NONFINITE, RowError, RowRequest
from mgrad_cli.data.dialect import PLAIN, Dialect
from mgrad_cli.data.members import (
    Members,
    Numeral,
    constants_in,
    encoded,
    is_encodable,
    member_at,
    own_nonfinite,
    with_members,
    without_constants,
)
from mgrad_cli.data.rows import MAX_SHOWN, TRUTH_ADVICE, Numbers, RowCollector, cast_advice, cell_number
from mgrad_cli.errors import InputError
from mgrad_cli.text import truncate

NAN_NAMES = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class RowReader(NamedTuple):
    """Converts the records of a file to rows.

    names           the members of the first record
    absent_is_null  whether a record without a member has a missing value
    """

    file: str
    names: Collection[str]
    request: RowRequest
    dialect: Dialect = PLAIN
    unit: str = "line"
    absent_is_null: bool = False

    def add(self, rows: RowCollector, record: Members, text: bytes, line: int, wrong: RowError | None) -> None:
        """Add a record and its failure, if any, to the rows."""
        request = self.request
        words = own_nonfinite(record)
        cells = {} if request.as_lines else {column: cell(record, column, words or {}) for column in request.keep}
        shown, nonfinite = self.kept_text(record, words, text) if request.as_lines else ("", {})
        numbers: Numbers = {}
        try:
            self.read_numbers(numbers, record, words or {}, line)
            self.check_reserved_names(record, words, line)
            if any(isinstance(each, str) and not is_encodable(each) for each in cells.values()):
                raise RowError("half of a surrogate pair, which is no character", self.file, line, unit=self.unit)
        except RowError as error:
            wrong = wrong or error
        if wrong is not None:
            rows.fail(wrong, cells, shown, numbers, nonfinite)
            return
        lost = self.lost_member(record, words, line)
        if lost is None:
            rows.add(numbers, cells, shown, nonfinite)
        else:
            rows.fail(lost, cells, shown, numbers, nonfinite, is_computed=True)

    def read_numbers(self, numbers: Numbers, record: Members, words: dict[str, str], line: int) -> None:
        """Read the numbers of the variables in a record, as many as there are.

        Raises: RowError for the first member that is missing or not a number, after the others are read.
        """
        wrong = ""
        for name, column in self.request.variables.items():
            place = member_at(record, column)
            value = None if place is None else place[0][place[1]]
            if place is None and self.absent_is_null:
                problem = ""
                numbers[name] = None
            elif place is None:
                problem = f"no '{column}' in the record"
            elif place[1] in getattr(place[0], "twice", ()):
                problem = f"duplicate key '{column}'"
            elif value is None:
                problem = ""
                word = word_for(column, words)
                numbers[name] = float(word) if word else None
            elif not isinstance(value, Numeral):
                problem = self.read_text(numbers, name, value)
                problem = problem and f"{truncate(encoded(value), MAX_SHOWN)} in '{column}' {problem}"
            else:
                number = NAN_NAMES[value] if value in NAN_NAMES else float(value)
                is_too_large = math.isinf(number) and value not in NAN_NAMES
                problem = f"{truncate(value, MAX_SHOWN)} in '{column}' overflows a double" if is_too_large else ""
                if not is_too_large:
                    numbers[name] = number
            wrong = wrong or problem
        if wrong:
            raise RowError(wrong, self.file, line, unit=self.unit)

    def read_text(self, numbers: Numbers, name: str, value: Any) -> str:
        """Read the number in a text, or a boolean, if these are read; return what is wrong with it."""
        if isinstance(value, bool):
            numbers[name] = float(value) if self.dialect.casts else None
            return "" if self.dialect.casts else f"is not a number{TRUTH_ADVICE}"
        if not isinstance(value, str):
            return "is not a number"
        if not self.dialect.casts and value.strip() not in self.dialect.nulls:
            return f"is not a number{cast_advice(value, self.dialect)}"
        try:
            numbers[name] = cell_number(value, self.dialect)
        except ValueError as error:
            return str(error)
        return ""

    def check_reserved_names(self, record: Members, words: dict[str, str] | None, line: int) -> None:
        """Check that no member is lost to a result of the same name.

        Raises: RowError for a member to keep that has the name of a result; InputError, which ends the run, if the
        output would lose it.
        """
        request = self.request
        if not request.as_lines:
            return
        for name in (*request.results, *([NONFINITE] if words is None else [])):
            if name in record and (request.keeps_all or name in request.keep):
                message = f"the record has a member '{name}', which is the name of a result"
                if request.on_error == "null":  # which would become null
                    remedy = "--keep others" if name == NONFINITE else "--value-name and --grad-prefix rename results"
                    raise InputError(str(RowError(f"{message}; {remedy}", self.file, line, unit=self.unit)))
                raise RowError(message, self.file, line, unit=self.unit)

    def lost_member(self, record: Members, words: dict[str, str] | None, line: int) -> RowError | None:
        """Return the message for a record with a member that has no column, or two values; `None` if there is none."""
        request = self.request
        for column in () if request.as_lines and request.keeps_all else request.keep:
            place = member_at(record, column)
            if place is not None and place[1] in getattr(place[0], "twice", ()):
                return RowError(f"duplicate key '{column}'", self.file, line, unit=self.unit)
        if request.as_lines or not request.keeps_all:
            return None
        for key in record:
            if key not in self.names and not (key == NONFINITE and words is not None):
                remedy = "which names the columns; choose columns with --keep, or write --format jsonl"
                return RowError(f"'{key}' is not in the first record, {remedy}", self.file, line, unit=self.unit)
        return None

    def kept_text(self, record: Members, words: dict[str, str] | None, text: bytes) -> tuple[str, dict[str, str]]:
        """Return the text to keep of a record, and its members that are null because they are not finite."""
        request = self.request
        taken = {NONFINITE, *request.results}
        if request.keeps_all and taken.isdisjoint(record):
            shown = text.strip().decode()
            nonfinite = dict(constants_in(record)) if b"NaN" in text or b"Infinity" in text else {}
            return without_constants(shown) if nonfinite else shown, nonfinite
        if not request.keeps_all:
            record = with_members(record, request.keep)
        names = [name for name in (record if request.keeps_all else request.keep) if name in record]
        found = record.chosen(name for name in names if name not in taken)
        kept = {path: word for path, word in (words or {}).items() if path.partition("/")[0] in names or path in names}
        kept |= {name: word for name in names if "." in name and (word := word_for(name, words or {}))}
        return without_constants(encoded(found)), kept | dict(constants_in(found))


def word_for(column: str, words: dict[str, str]) -> str | None:
    """Return the word for a member that is null, which is at a path in the record if its name has points."""
    return words.get(column) or words.get(column.replace(".", "/"))


def cell(record: Members, column: str, words: dict[str, str]) -> str | None:
    """Return a member as a cell of text; one that is null because it is not finite as its word."""
    place = member_at(record, column)
    value = None if place is None else place[0][place[1]]
    if value is None:
        return word_for(column, words)
    return value if isinstance(value, str) else encoded(value)
