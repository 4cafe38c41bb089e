"""Pass on texts that are not UTF-8: marks stand for them in columns of text until they are written."""

import re
from collections.abc import Callable
from uuid import uuid4


class RawTexts:
    """Byte strings, each with a mark of letters and digits that occurs nowhere else."""

    def __init__(self) -> None:
        self.prefix = f"raw{uuid4().hex}n"
        self.contents: list[bytes] = []

    def mark(self, content: bytes) -> str:
        """Return the mark that stands for a byte string."""
        self.contents.append(content)
        return f"{self.prefix}{len(self.contents) - 1}e"

    def restored(self, text: bytes, spell: Callable[[bytes], bytes]) -> bytes:
        """Return a text with the byte strings in place of their marks, each converted by `spell`."""
        if not self.contents:
            return text
        return re.sub(rb"%b([0-9]+)e" % self.prefix.encode(), lambda m: spell(self.contents[int(m[1])]), text)
