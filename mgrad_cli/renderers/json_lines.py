"""Strict JSON, one object per line, in plain ASCII so that no text in it can affect a terminal."""

import json
from collections.abc import Iterable, Iterator, Mapping
from json.encoder import encode_basestring_ascii as quoted

from mgrad_cli.evaluation.results import Result, as_record
from mgrad_cli.renderers import View

encode = json.JSONEncoder(allow_nan=False, check_circular=False).encode
number = float.__repr__


def lines(results: Iterable[Result], view: View) -> Iterator[str]:
    """Yield a record as `result.schema.json` describes it for each result."""
    for result in results:
        yield plain_line(result) if result.is_plain else f"{encode(as_record(result))}\n"


def plain_line(result: Result) -> str:
    """Return the line of a plain result, written without the record that others need."""
    own = ""
    if result.has_id:
        own = f'"id": {result.id if result.id.__class__ is int else encode(result.id)}, '
    return (
        f'{{"v": 1, "i": {result.index}, {own}"expr": {quoted(result.expr)}, "vars": {members(result.vars)}, '
        f'"status": "ok", "value": {number(result.value)}, "grads": {members(result.grads)}}}\n'  # type: ignore[arg-type]
    )


def members(numbers: Mapping[str, float]) -> str:
    """Return finite numbers as a JSON object."""
    return f"{{{', '.join([f'{quoted(name)}: {number(value)}' for name, value in numbers.items()])}}}"
