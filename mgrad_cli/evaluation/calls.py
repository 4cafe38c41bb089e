"""The calls that a script was expanded from, each with what it is part of, for views that show nodes in groups."""

from typing import NamedTuple

from mgrad_cli.errors import Span
from mgrad_cli.evaluation.diagnosis import snippet
from mgrad_cli.language.lowering import Script
from mgrad_cli.script import CallSpan, InnerSpan

MAX_DEPTH = 8
"""The depth of calls in calls that are told apart. What is deeper belongs to the last of these."""


class CallRecord(NamedTuple):
    """A call of a function that the text defines, or a sum or product.

    text        the call as written
    definition  that of the function as written; nothing for a sum or product
    outer       the index of the call that it is part of
    depth       how many calls it is part of
    """

    text: str
    definition: str
    outer: int | None
    depth: int


class CallRecords:
    """The calls of a script, numbered as they are found from the places of nodes."""

    def __init__(self, script: Script) -> None:
        self.text = script.text
        self.found: list[CallRecord] = []
        self.definitions = {each.name: snippet(script.text, each.span) for each in script.definitions}
        self.known: dict[int, int] = {}

    def index_of(self, span: Span | None) -> int | None:
        """Return the index of the innermost call that a node at a place is part of, or whose result it is."""
        place = span.call if isinstance(span, InnerSpan) else span
        if not isinstance(place, CallSpan):
            return None
        unknown: list[CallSpan] = []
        outer: CallSpan | None = place
        while outer is not None and id(outer) not in self.known:
            unknown.append(outer)
            outer = outer.outer
        index = None if outer is None else self.known[id(outer)]
        for each in reversed(unknown):
            depth = 0 if index is None else self.found[index].depth + 1
            if depth < MAX_DEPTH:
                text = snippet(self.text, each)
                self.found.append(CallRecord(text, self.definitions.get(each.function, ""), index, depth))
                index = len(self.found) - 1
            assert index is not None
            self.known[id(each)] = index
        return index
