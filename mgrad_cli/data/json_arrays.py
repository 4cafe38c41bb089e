"""Read a JSON array as JSON Lines: an element a line, while the array is read."""

import re
from typing import Any

from mgrad_cli.errors import InputError

READ_BYTES = 1 << 18
STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
OPEN_STRING = STRING + rb"?"
"""A string, perhaps one that goes on after the text."""
FLAT = re.compile(rb'[ \t\r\n]*(\{[^{}\[\]"]*+(?:' + STRING + rb'[^{}\[\]"]*+)*+\})[ \t\r\n]*,', re.DOTALL)
"""An object without objects and arrays in it, up to the comma after it."""
TOKEN = re.compile(OPEN_STRING + rb"|[{}\[\],]", re.DOTALL)
BREAK = re.compile(STRING + rb"|[ \t]*[\r\n][ \t\r\n]*", re.DOTALL)


def joined_line(element: bytes) -> bytes:
    """Return an element without line breaks outside of strings; one within a string is an error of its record."""
    if b"\n" in element or b"\r" in element:
        element = BREAK.sub(lambda match: match[0] if match[0].startswith(b'"') else b" ", element)
        element = element.strip()
    return element + b"\n"


class ArrayLines:
    """The elements of an array as lines. No more than an element of `max_line` bytes is held.

    Raises: InputError for an element that is longer, for an array without an end, and for text after it.
    """

    def __init__(self, stream: Any, name: str, max_line: int) -> None:
        self.stream = stream
        self.name = name
        self.max_line = max_line
        self.text = b""
        self.ready = b""
        self.is_more = True
        self.is_open = False
        self.is_closed = False

    def read1(self, size: int) -> bytes:
        """Return what has arrived of the lines, at most `size` bytes; none after the end."""
        while not self.ready and self.is_more:
            content = self.stream.read1(max(size, READ_BYTES, len(self.text)))
            self.is_more = bool(content)
            self.text += content
            self.convert()
        content, self.ready = self.ready[:size], self.ready[size:]
        return content

    def read(self, size: int) -> bytes:
        """Return `size` bytes of the lines; fewer at the end."""
        pieces = []
        while size and (piece := self.read1(size)):
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def convert(self) -> None:
        """Convert the elements that are complete."""
        text, start = self.text, 0
        lines = []
        if not self.is_open and (opening := text.find(b"[")) >= 0:
            self.is_open, start = True, opening + 1
        while self.is_open and not self.is_closed:
            while flat := FLAT.match(text, start):
                lines.append(joined_line(flat[1]))
                start = flat.end()
            end = element_end(text, start)
            if end is None:
                break
            element = text[start:end]
            self.is_closed = text[end : end + 1] == b"]"
            start = end + 1
            if element.strip() or not self.is_closed:  # as in [] and after a last comma
                lines.append(joined_line(element.strip() or b"null"))
        self.text, self.ready = text[start:], b"".join(lines)
        if self.is_closed:
            if self.text.strip():
                raise InputError(f"{self.name} has more text after the end of the JSON array")
            self.text = b""
        elif not self.is_more:
            raise InputError(f"{self.name}: the JSON array has no end; the file was cut short")
        elif len(self.text) > self.max_line:
            raise InputError(
                f"{self.name}: an element of the JSON array is longer than {self.max_line} bytes (--max-line)"
            )


def element_end(text: bytes, start: int) -> int | None:
    """Return where an element ends, at a comma or the end of the array; `None` if that is still to come."""
    depth = 0
    for token in TOKEN.finditer(text, start):
        match token[0]:
            case b"{" | b"[":
                depth += 1
            case b"," | b"]" if depth == 0:
                return token.start()
            case b"}" | b"]":
                depth -= 1
    return None
