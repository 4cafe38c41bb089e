"""Recognize data by its first bytes: its format, or what it is instead and how to convert it."""

import re
import shlex
from typing import NamedTuple

from mgrad_cli.data.encodings import BYTE_ORDER_MARKS
from mgrad_cli.data.formats import DATA_FORMATS, is_binary, separator_of
from mgrad_cli.errors import InputError
from mgrad_cli.storage.compression import COMPRESSIONS

BOM = b"\xef\xbb\xbf"
BLANKS = b" \t\r\n"


class Signature(NamedTuple):
    """The first bytes of a kind of data.

    file_format  the format, if it can be read
    remedy       otherwise how to convert it; `FILE` stands for the file, `COMMAND` for what reads the result
    """

    magic: bytes
    name: str
    file_format: str = ""
    remedy: str = ""


MAP = "mgrad ... -"
UNPACK = "unpack it: {} FILE | COMMAND"
SHEET = "save the sheet as CSV in the spreadsheet program"
SIGNATURES = (
    *(Signature(magic, each.title, name) for name, each in DATA_FORMATS.items() for magic in each.magic),
    *(
        Signature(magic, f"compressed by {each.name}", "", UNPACK.format(each.program))
        for each in COMPRESSIONS
        for magic in each.magic
    ),
    Signature(b"\x04\x22\x4d\x18", "compressed by lz4", "", UNPACK.format("lz4 -dc")),
    Signature(b"7z\xbc\xaf\x27\x1c", "a 7z archive", "", UNPACK.format("7z x -so")),
    Signature(b"PK\x03\x04", "a ZIP archive, as .xlsx files are", "", f"{UNPACK.format('unzip -p')}, or {SHEET}"),
    Signature(b"\xd0\xcf\x11\xe0", "an Excel file (.xls)", "", SHEET),
    Signature(b"SQLite format 3\0", "an SQLite database", "", "export it: sqlite3 -csv -header FILE 'select ...'"),
    Signature(b"\x89HDF", "an HDF5 file", "", "write it as CSV or Parquet, for example with pandas"),
    Signature(b"\x93NUMPY", "a NumPy array", "", "write it as CSV with numpy.savetxt"),
    Signature(b"Obj\x01", "an Avro file", "", "write it as JSON Lines: avro-tools tojson FILE"),
    Signature(b"ORC", "an ORC file", "", "write it as Parquet, for example with pyarrow"),
    Signature(b"%PDF-", "a PDF file", "", "extract its table to CSV"),
    *(
        Signature(mark, f"text in {name.upper()}", "", f"give --encoding {name}")
        for mark, name in BYTE_ORDER_MARKS.items()
    ),
)
"""If several fit, the first counts."""
ARRAY = Signature(b"[", "a JSON array", "jsonl")
OBJECT = Signature(b"{", "JSON Lines", "jsonl")
PAGE = Signature(b"<", "an HTML or XML page", "", "download the data itself, or convert it to CSV")
LINES = "lines of expressions"
EXPRESSIONS = {"an expression": (OBJECT, ARRAY, PAGE), LINES: (OBJECT, ARRAY)}
"""Kinds of text that are not data, and what they may begin like."""
IS_ARRAY = re.compile(rb"\[\s*[\[{\]\"0-9-]")
IS_OBJECT = re.compile(rb"\{\s*[\"}]")
IS_PAGE = re.compile(rb"<(?:!doctype|html|head|table|\?xml)", re.IGNORECASE)
WIDE = (
    (1, Signature(b"", "text in UTF-16", "", "give --encoding utf-16-le")),
    (0, Signature(b"", "text in UTF-16", "", "give --encoding utf-16-be")),
)
"""Text with two bytes per character, by the position of the zero bytes."""


def is_undecided(start: bytes) -> bool:
    """Return whether more bytes may change the result of `signature_of`."""
    text = start.removeprefix(BOM).strip(BLANKS)
    if BOM.startswith(start) or text in {b"", b"[", b"{"}:
        return True
    return any(each.magic.startswith(start) and each.magic != start for each in SIGNATURES)


def is_binary_start(start: bytes) -> bool:
    """Return whether data with this start is in a format of typed columns."""
    return any(start.startswith(magic) for each in DATA_FORMATS.values() for magic in each.magic)


def signature_of(start: bytes) -> Signature | None:
    """Return the signature of data with this start; `None` if it may be CSV or TSV."""
    for each in SIGNATURES:
        if start.startswith(each.magic) and not (each.magic.isalnum() and is_text(start[len(each.magic) :][:1])):
            return each
    for index, wide in WIDE:
        zeros = start[index::2][:8]
        if len(zeros) > 1 and not any(zeros) and all(start[1 - index :: 2][:8]):
            return wide
    text = start.removeprefix(BOM).lstrip(BLANKS)
    if text.startswith(OBJECT.magic):
        return OBJECT
    return ARRAY if IS_ARRAY.match(text) else PAGE if IS_PAGE.match(text) else None


def is_text(byte: bytes) -> bool:
    """Return whether a byte after a word continues a header that begins with it."""
    return byte in {b"\t", b"\r", b"\n"} or b" " <= byte <= b"~"


def format_of_content(start: bytes) -> str:
    """Return the format of data with this start; CSV by default."""
    found = signature_of(start)
    return found.file_format if found and found.file_format else "csv"


def check_content(start: bytes, file_format: str, name: str, command: str = MAP) -> None:
    """Check the start of data against its format. `command` is the command that reads it from standard input.

    Raises: InputError that says what the data is instead, and how to convert it.
    """
    found = signature_of(start)
    shown = DATA_FORMATS[file_format].title if file_format in DATA_FORMATS else file_format
    if found is None:
        if start and is_binary(file_format):
            raise InputError(f"{name} is not {shown}; if it is text, give --input-format csv, tsv or jsonl")
        return
    is_header = found is OBJECT and not IS_OBJECT.match(start.removeprefix(BOM).lstrip(BLANKS))
    if found.file_format == file_format or (is_header and separator_of(file_format)):
        return
    remedy = found.remedy or f"give --input-format {found.file_format}"
    if file_format in EXPRESSIONS:
        if found in EXPRESSIONS[file_format]:
            return
        remedy = found.remedy or "mgrad map reads it"
    file = "FILE" if name == "standard input" else shlex.quote(name)
    raise InputError(f"{name} is {found.name}, not {shown}; {remedy.replace('COMMAND', command).replace('FILE', file)}")
