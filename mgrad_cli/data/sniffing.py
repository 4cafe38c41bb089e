"""Tell the delimiter of text from its first lines."""

import re

from mgrad_cli.data.scanner import SAMPLE_LINES

DELIMITERS = {"\t": "tabs", ";": "semicolons", ",": "commas", "|": "bars"}
"""What may separate cells without being told, the likeliest first."""
QUOTED = re.compile(rb'"[^"]*+(?:""[^"]*+)*+"')


def sniffed_delimiter(sample: bytes, delimiter: str) -> str:
    """Return what separates the cells of some lines, a header and rows; `delimiter` unless all lines say otherwise.

    They do if the header has no such delimiter, and each line has as many of another.
    """
    lines = [QUOTED.sub(b"", line) for line in sample.split(b"\n")[:SAMPLE_LINES] if line.strip()]
    if not lines or delimiter.encode() in lines[0]:
        return delimiter
    for other in map(str.encode, DELIMITERS):
        counts = {line.count(other) for line in lines}
        if len(counts) == 1 and counts != {0}:
            return other.decode()
    return delimiter
