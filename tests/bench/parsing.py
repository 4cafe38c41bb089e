"""Parsing by the saved tables against lark's own parser of the same grammar, CPU time: python -m tests.bench.parsing.

Our trees have the positions of their nodes, lark's here have none.
"""

import time

from lark import Lark

from mgrad_cli.language.parser import parse
from mgrad_cli.language.tables import GRAMMAR
from tests.bench import paired, report
from tests.bench.batch import LINES, REPEATED, lines


def compared_on(what: str, texts: list[str], rival: Lark) -> tuple[str, str, str, str, str]:
    """Return the row of the table for some texts."""

    def ours() -> None:
        for text in texts:
            parse(text)

    def theirs() -> None:
        for text in texts:
            rival.parse(text)

    a, b, ratio = paired(ours, theirs, clock=time.process_time)
    one, other = (f"{seconds * 1e6 / len(texts):.0f} µs/line" for seconds in (a, b))
    return what, one, other, f"{ratio:.2f}", "<= 0.3"


def main() -> None:
    with open(GRAMMAR, encoding="utf-8") as file:
        rival = Lark(file.read(), start="program", parser="lalr", propagate_positions=False)
    report(
        "Text to syntax tree; theirs is lark alone",
        [
            compared_on(f"{LINES} different lines", lines(), rival),
            compared_on(REPEATED, [REPEATED] * LINES, rival),
        ],
    )


if __name__ == "__main__":
    main()
