"""Strict JSON, one object per line, in plain ASCII so that no text in it can affect a terminal."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from mgrad_cli.evaluation.json_record import as_record
from mgrad_cli.evaluation.results import Result
from mgrad_cli.renderers import PointWriter, View

try:  # the function of `json` that most lines need, without the import of all of it
    from _json import encode_basestring_ascii as quoted
except ImportError:
    from json.encoder import encode_basestring_ascii as quoted

if TYPE_CHECKING:
    from json import JSONEncoder

POINT = ("v", "i", "expr", "vars", "status", "value", "grads")
"""The members of the record of a formula at a point, where there is nothing else to say."""


def lines(results: Iterable[Result | str], view: View) -> Iterator[str]:
    """Yield a record as `result.schema.json` describes it for each result. Lines that are written already are kept."""
    for result in results:
        yield result if isinstance(result, str) else line(as_record(result))


def line(record: Mapping[str, Any]) -> str:
    """Return the line of a record."""
    if (*record,) == POINT and (*record["vars"],) == (*record["grads"],):
        inputs, grads = record["vars"], record["grads"]
        numbers = (*inputs.values(), record["value"], *grads.values())
        return point_writer(record["expr"], (*inputs,))(record["i"], {}, numbers)
    return f"{encode(record)}\n"


@cache
def encoder() -> "JSONEncoder":
    from json import JSONEncoder

    return JSONEncoder(allow_nan=False, check_circular=False)


def encode(value: Any) -> str:
    """Return a value as strict JSON."""
    return encoder().encode(value)


def point_writer(expr: str, inputs: Sequence[str]) -> PointWriter:
    """Return the function that writes the line of a formula at a point, without the record that other results need."""
    expression = escaped(expr)
    members = ", ".join([f"{escaped(name)}: %r" for name in inputs])
    template = (
        f'{{"v": 1, "i": %d, %s"expr": {expression}, "vars": {{{members}}}, '
        f'"status": "ok", "value": %r, "grads": {{{members}}}}}\n'
    )

    def write(index: int, record: Mapping[str, Any], numbers: Sequence[float]) -> str:
        own = ""
        if "id" in record:
            identity = record["id"]
            own = f'"id": {identity if identity.__class__ is int else encode(identity)}, '
        return template % (index, own, *numbers)

    return write


def escaped(text: str) -> str:
    """Return a text as a JSON string in a template for the operator `%`."""
    return quoted(text).replace("%", "%%")
