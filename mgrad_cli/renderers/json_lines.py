"""Strict JSON, one object per line, in plain ASCII so that no text in it can affect a terminal."""

import json
from collections.abc import Iterable, Iterator

from mgrad_cli.evaluation.results import Result, as_record
from mgrad_cli.renderers import View

encode = json.JSONEncoder(allow_nan=False, check_circular=False).encode


def lines(results: Iterable[Result], view: View) -> Iterator[str]:
    """Yield a record as `result.schema.json` describes it for each result."""
    for result in results:
        yield f"{encode(as_record(result))}\n"
