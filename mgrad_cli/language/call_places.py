"""Where a call of a function has its name in the text, and whether that follows the first operand."""

from mgrad_cli.errors import Span
from mgrad_cli.language.syntax import Call


def function_span(call: Call, text: str) -> Span:
    """Return the span of a function's name in its call: before its first operand, or after a dot."""
    assert call.span is not None
    start, name = call.span.start, call.function
    first = call.operands[0].span if call.operands else None
    if not text.startswith(name, start) or (first is not None and first.start == start):
        start = text.index(name, first.end if first else start)
    return Span(start, start + len(name))


def is_method(call: Call, text: str) -> bool:
    """Return whether a call is written with its first operand in front: `x.f(y)`."""
    first = call.operands[0].span if call.operands else None
    if call.span is None or first is None:
        return False
    return text[first.end : call.span.end].lstrip(") \t\n").startswith(".")
