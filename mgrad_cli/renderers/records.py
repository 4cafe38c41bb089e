"""JSON: one object a line, strict, and plain ASCII, so that no text in it can do anything to a terminal."""

import json
from collections.abc import Iterable, Iterator

from mgrad_cli.evaluation.results import Result, as_record
from mgrad_cli.renderers import View

encode = json.JSONEncoder(allow_nan=False, check_circular=False).encode


def lines(results: Iterable[Result], view: View) -> Iterator[str]:
    """A record after `result.schema.json` for each result."""
    for result in results:
        yield f"{encode(as_record(result))}\n"
