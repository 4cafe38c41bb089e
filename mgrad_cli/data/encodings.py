"""Convert text in another encoding to UTF-8 while it is read."""

import codecs
from typing import Any

BYTE_ORDER_MARKS = {
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
"""The encodings that text says by its first bytes; the first that fits counts."""
READ_BYTES = 1 << 16


class Transcoded:
    """A stream of text in some encoding, read as UTF-8.

    Raises: ValueError for bytes that are not in the encoding, with the index of the first.
    """

    def __init__(self, stream: Any, encoding: str) -> None:
        self.stream = stream
        self.encoding = encoding
        self.decoder = codecs.getincrementaldecoder(encoding)()
        self.ready = b""
        self.count = 0
        self.is_more = True

    def fill(self, content: bytes) -> None:
        """Convert more bytes; none are the end."""
        held = len(self.decoder.getstate()[0])
        try:
            self.ready += self.decoder.decode(content, final=not content).encode()
        except UnicodeDecodeError as error:
            first = self.count - held + error.start + 1
            raise ValueError(f"byte {first:,} is not {self.encoding}; give another --encoding") from None
        except UnicodeEncodeError:
            raise ValueError(f"text with half of a surrogate pair is not {self.encoding}") from None
        self.count += len(content)
        self.is_more = bool(content)

    def taken(self, size: int) -> bytes:
        content, self.ready = self.ready[:size], self.ready[size:]
        return content

    def read1(self, size: int) -> bytes:
        """Return what has arrived, at most `size` bytes; none after the end."""
        while self.is_more and not self.ready:
            self.fill(self.stream.read1(max(size, READ_BYTES)))
        return self.taken(size)

    def read(self, size: int) -> bytes:
        """Return `size` bytes; fewer at the end."""
        pieces, missing = [], size
        while missing:
            if not self.ready and self.is_more:
                self.fill(self.stream.read(max(missing, READ_BYTES)))
                continue
            pieces.append(self.taken(missing))
            missing -= len(pieces[-1])
            if not pieces[-1]:
                break
        return b"".join(pieces)


def marked_encoding(start: bytes) -> str:
    """Return the encoding that a byte order mark says, except for UTF-8; empty without one."""
    return next((encoding for mark, encoding in BYTE_ORDER_MARKS.items() if start.startswith(mark)), "")
