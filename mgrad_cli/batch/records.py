"""Read records from lines of text, or from JSON objects."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from math import isfinite
from typing import Any, NamedTuple

from mgrad_cli.batch.blocks import InputLine, new
from mgrad_cli.data.chunks import longer_line
from mgrad_cli.errors import BindingError, InputError, MgradError, Span
from mgrad_cli.evaluation.value_text import parse_value
from mgrad_cli.language.parser import Limits
from mgrad_cli.text import normalised

EXPRESSION_KEY = re.compile(r'"expr"\s*:\s*"')
JSON_CHARACTER = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[0-9a-fA-F]{4}|\\u[0-9a-fA-F]{4}|\\.|[^\\]")
NAN_TOKENS = "NaN, Infinity and -Infinity are not JSON; write them as strings"
NOTHING: Mapping[str, Any] = {}
PLAIN_IDS = frozenset({str, int, bool, type(None)})
"""The classes of JSON values that hold no number that may overflow."""


class LineRequest(NamedTuple):
    """A line that was read: the text of the expression, the JSON record if it is one, or the error in their place."""

    line: InputLine
    text: str
    whole: str = ""
    record: Mapping[str, Any] = NOTHING
    error: MgradError | None = None


def read_line(line: InputLine, max_line: int) -> LineRequest:
    """Return a line as text or record, or with the error of reading it."""
    whole = ""
    try:
        whole = decode(line, max_line)
        if whole.lstrip().startswith("{"):
            record = read_record(whole)
            request: LineRequest = new(LineRequest, (line, record["expr"], whole, record, None))
            return request
    except MgradError as error:
        return LineRequest(line, whole, whole, NOTHING, error)
    return LineRequest(line, whole, whole)


def decode(line: InputLine, max_line: int) -> str:
    """Return the text of a line.

    Raises: InputError for a line that is too long or not UTF-8.
    """
    content = line.content
    if len(content) > max_line:
        raise InputError(f"the line is longer than {max_line} bytes (--max-line); {longer_line(max_line)}")
    try:
        return content.decode().rstrip()
    except UnicodeDecodeError as error:
        raise InputError(
            f"the line is not UTF-8: byte {error.start + 1}; give the encoding, as --encoding latin-1"
        ) from None


def read_record(text: str) -> dict[str, Any]:
    """Read a JSON record: an object with `expr` and perhaps `id` and `vars`. Other members are ignored.

    Raises: InputError for any other text.
    """
    try:
        record = decode_object(text)
    except json.JSONDecodeError as error:
        raise InputError(f"invalid JSON: {error.msg}", text, Span(error.pos, error.pos + 1)) from None
    except RecursionError:
        raise InputError("the JSON is nested too deeply") from None
    except ValueError:  # an integer with more digits than Python converts
        raise InputError("invalid JSON: a number has too many digits") from None
    if not isinstance(record.get("expr"), str):
        texts = [key for key, value in record.items() if isinstance(value, str) and key != "id"]
        meant = f"; rename '{texts[0]}' to 'expr'" if "expr" not in record and len(texts) == 1 else ""
        raise InputError(f"the record has no text 'expr'{meant}")
    if not isinstance(record.get("vars", {}), dict):
        raise InputError("'vars' of the record is not an object")
    if record.get("id").__class__ not in PLAIN_IDS:
        try:
            json.dumps(record["id"], allow_nan=False)
        except ValueError:
            raise InputError("the 'id' of the record holds a number that overflows") from None
    return record


def decode_object(text: str) -> dict[str, Any]:
    """Return the JSON object in a text. Raises: as `JSONDecoder.decode` does, and InputError for a duplicate key.

    Every member has a colon of its own, so that there is no duplicate if the object has as many as there are colons.
    """
    try:
        record: dict[str, Any]
        record, end = DECODER.raw_decode(text)
        variables = record.get("vars")
        members = len(record) + (len(variables) if isinstance(variables, dict) else 0)
        if end == len(text) and text.count(":") == members:
            return record
    except (ValueError, RecursionError, MgradError):  # which may be another's error, behind a duplicate key
        pass
    record = CHECKING_DECODER.decode(text)
    return record


def is_certified(record: Mapping[str, Any]) -> bool:
    """Whether a record asks for figures that are proven.

    Raises: InputError for a member `certify` that is neither true nor false.
    """
    certify = record.get("certify", False)
    if not isinstance(certify, bool):
        raise InputError("'certify' of the record is neither true nor false")
    return certify


def place_in_record(text: str, span: Span) -> Span:
    """Convert a span in the `expr` of a JSON record to a span in the text of the record, with its escapes."""
    opening = EXPRESSION_KEY.search(text)
    if opening is None:
        return Span(0, 1)
    starts = [opening.end()]
    for character in JSON_CHARACTER.finditer(text, opening.end()):
        starts.append(character.end())
        if len(starts) > span.end:
            break
    last = len(starts) - 1
    return Span(starts[min(span.start, last)], max(starts[min(span.end, last)], starts[min(span.start, last)] + 1))


def without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the members of an object. Raises: InputError for a duplicate key."""
    members = dict(pairs)
    if len(members) < len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise InputError(f"duplicate key '{twice}' in the record")
    return members


def reject_constant(token: str) -> float:
    raise InputError(f"invalid JSON: {token}: {NAN_TOKENS}")


def read_vars(variables: Mapping[str, Any], limits: Limits) -> dict[str, float]:
    """Return the values of a record's variables: numbers, or constant expressions as strings.

    Raises: BindingError for any other value.
    """
    values = {}
    for key, value in variables.items():
        name = normalised(key)
        if value.__class__ is float and isfinite(value):
            values[name] = value
        elif isinstance(value, str):
            try:
                values[name] = parse_value(value, limits)
            except MgradError as error:
                raise BindingError(f"the value of '{name}', '{value}', is not a number: {error.message}") from None
        elif isinstance(value, bool) or not isinstance(value, int | float):
            raise BindingError(f"the value of '{name}' is not a number")
        else:
            try:
                values[name] = float(value)
            except OverflowError:
                values[name] = float("inf")
            if values[name] in {float("inf"), -float("inf")}:
                raise BindingError(f"the value of '{name}' overflows a double")
    return values


DECODER = json.JSONDecoder(parse_constant=reject_constant)
CHECKING_DECODER = json.JSONDecoder(object_pairs_hook=without_duplicates, parse_constant=reject_constant)
