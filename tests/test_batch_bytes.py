"""`mgrad batch` in its fast ways against `eval`'s engine: the same bytes."""

import json
import re
from collections import Counter
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from mgrad_cli.batch.blocks import InputBlock
from mgrad_cli.batch.formulas import FORMULAS, PROGRAM_USES
from mgrad_cli.batch.options import BatchOptions
from mgrad_cli.batch.pipeline import run_block
from mgrad_cli.batch.records import CHECKING_DECODER, decode_object, read_vars
from mgrad_cli.errors import MgradError
from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.evaluation.json_record import as_record
from mgrad_cli.language.lowering import read
from mgrad_cli.language.parser import DEFAULT_LIMITS
from mgrad_cli.renderers import Page, View
from mgrad_cli.renderers.json_lines import lines
from tests.conftest import ROOT, shared

SETTINGS = BatchOptions("json", View(Page()), {}, DEFAULT_LIMITS, 1 << 24, "null")
TEXTS = [
    *("x = 1e308; x*10", "x = -2; x**2", "x = -2; y = 2; x**y", "x = 0; abs(x)", "where(x > 0, 1/x, x)", "pi*e", "7"),
    *(
        '"quoted" # é',
        "σ = 2; σ**3",
        "x = inf; x - x",
        "x = 1e300; y = 1e300; x*y*0",
        "u = 2; u, u*u",
        "x = 1e308; x + 0",
    ),
    *(line for path in sorted((ROOT / "examples").glob("*.mg")) for line in path.read_text().splitlines()),
]
RECORDS: list[dict[str, Any]] = [
    *({"expr": text} for text in TEXTS if text.strip() and not text.lstrip().startswith("#")),
    {"id": "a\n", "expr": "x*y", "vars": {"x": 1, "y": 1e308}},
    {"id": 1.5, "expr": "x*y", "vars": {"x": 1e308, "y": 1e308}},
    {"id": None, "expr": "x", "vars": {"x": "nan"}},
    {"id": [True], "expr": "x*y", "vars": {"y": 2.5, "x": "pi/4"}},
    {"expr": "e*x", "vars": {"e": -0.0, "x": 3}},
    {"id": "50%s: é", "expr": "x % 2 # %d: 100%", "vars": {"x": 3}},
    {"id": {"a": 1}, "expr": "x", "vars": {"x": 3}, "note": {"vars": {"x": 2}}},
    {"id": 10**30, "expr": "x + y", "vars": {"x": 1.5e308, "y": -1.5e308}},
]
OBJECTS = [
    '{"expr": "x", "vars": {"x": 1, "x": 2}}',
    '{"expr": "x", "expr": "y"}',
    '{"id": {"a": 1, "a": 2}, "expr": "x"}',
    '{"expr": "x", "vars": {"x": 1}, "vars": 2}',
    '{"expr": "x", "vars": 2, "vars": {"x": 1}}',
    '{"expr": "x # a: b", "vars": {"x": 1}}',
    '{"id": {"a": 1, "b": ":"}, "expr": "x"}',
    '{"a": {"b": 1, "b": 2}, "c": NaN}',
    '{"a": {"b": 1, "b": 2}, "c": }',
    '{"a": NaN}',
    '{"a": -Infinity, "b": 1, "b": 2}',
    '{"vars": 5}',
    '{"vars": "a", "x": 1, "x": 2}',
    '{"vars": "ab", "expr": ""}',
    '{"vars": ["a", "b"]}',
    ' {"expr": "x"} ',
    '{"expr": "x"} x',
    '{"a": 1}{"a": 1}',
    "{",
    "{}",
    '{"a": ' + "9" * 5000 + "}",
    '{"a": ' + "[" * 100_000,
]


def shared_records() -> list[dict[str, Any]]:
    """Return the formulas and the points of the shared data, and the words of its hostile users."""
    found = []
    for name, step in {"edges": 1, "accuracy": 7, "feynman": 1}.items():
        lines = map(json.loads, shared(f"{name}.jsonl").read_text().splitlines()[::step])
        found += [{"expr": each["expr"], "vars": each.get("vars", {})} for each in lines]
    for line in shared("hostile.jsonl").read_text().splitlines():
        words = [word for word in json.loads(line)["argv"][2:] if isinstance(word, str)]
        found += [{"expr": word, "vars": {"x": 1.5, "a": 2}} for word in words] + [{"expr": word} for word in words]
    return found


def expected_line(record: dict[str, Any], index: int) -> str | None:
    """Return the line of a record by way of a graph of Values; `None` if it has an error."""
    try:
        values = read_vars(record.get("vars", {}), DEFAULT_LIMITS)
        result = differentiate(read(record["expr"], DEFAULT_LIMITS), values, explain=False)
    except MgradError:
        return None
    result.index = index
    if "id" in record:
        result.id, result.has_id = record["id"], True
    return json.dumps(as_record(result)) + "\n"


@pytest.mark.parametrize("wrt", [(), ("y", "x"), ("x",)])
@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("x*y", {"x": 2, "y": 0.1}),
        ('`50%s "é"`*x*y # 100%', {'50%s "é"': 1e300, "x": -0.0, "y": 5e-324}),
        ("σ*x + y", {"σ": 2, "x": 3, "y": 4}),
        ("x = 2; x**2 + y", {"y": 1}),
        ("abs(x)*y", {"x": 0, "y": 1}),
        ("y/x", {"x": 0, "y": 1}),
        ("x + y", {"x": float("inf"), "y": 1}),
        ("x, x*y", {"x": 2, "y": 3}),
    ],
)
def test_the_line_of_a_result_has_the_bytes_of_its_record(
    text: str, values: dict[str, float], wrt: tuple[str, ...]
) -> None:
    result = differentiate(read(text), values, wrt)
    assert list(lines([result], View(Page()))) == [json.dumps(as_record(result)) + "\n"]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("found", [lambda: RECORDS, shared_records], ids=["own", "shared"])
def test_every_use_of_a_formula_has_the_bytes_of_eval(found: Callable[[], list[dict[str, Any]]]) -> None:
    records = found()
    FORMULAS.clear()
    compared = 0
    for record in records:
        content = json.dumps(record).encode() + b"\n"
        written = run_block(InputBlock(content * (PROGRAM_USES + 2), "f", 1, 0), SETTINGS, True).text.splitlines(
            keepends=True
        )
        expected = [expected_line(record, index) for index in (0, 1, PROGRAM_USES, PROGRAM_USES + 1)]
        if expected[0] is None:
            assert all(json.loads(line)["status"] == "error" for line in written)
        else:
            compared += 1
            assert [written[index] for index in (0, 1, PROGRAM_USES, PROGRAM_USES + 1)] == expected
    assert compared > len(records) / 3


@pytest.mark.parametrize("text", OBJECTS, ids=range(len(OBJECTS)))
def test_objects_are_decoded_as_if_every_key_were_checked(text: str) -> None:
    try:
        expected: Any = CHECKING_DECODER.decode(text)
    except (ValueError, RecursionError, MgradError) as error:
        with pytest.raises(type(error), match=re.escape(str(error))):
            decode_object(text)
    else:
        assert decode_object(text) == expected


def test_a_program_is_made_of_a_formula_that_is_used_often() -> None:
    FORMULAS.clear()
    content = b'{"expr": "x**2*y", "vars": {"x": 2, "y": 3}}\n'
    run_block(InputBlock(content * (PROGRAM_USES + 1), "f", 1, 0), SETTINGS, True)
    (prepared,) = FORMULAS.known["x**2*y"].prepared.values()
    assert prepared.evaluate != prepared.tape.points


VALUES: list[dict[str, Any]] = [
    *({"x": x} for x in (0, 2.5, 1e300, 10**400, "pi/4", True, "2.1(3)")),
    *({"x": x, "y": y} for x, y in ((7, 3), (-0.0, 1e300), (1e-300, 1e-300))),
    *({"y": 3, "x": 1.5}, {"x": 2, "z": 1}, {"x": 2, "e\u0301": 3.0}),
]
LINES = {
    "texts": [
        *(texts := [record["expr"] for record in RECORDS if "vars" not in record]),
        *("x +", "2*", *texts[:9], "tahn(2)", '{"expr": ""}', '{"expr": 1}', "(" * 50, "x +"),
    ],
    "records": [
        json.dumps({"id": expr, "expr": expr, "vars": values})
        for values, expr in product(
            VALUES, ("x*y", "y = 2; x*y", "abs(x)*y + 1/x", "x, y", "\u00e9*x", "x**2", "e*x", "exp(x)")
        )
    ],
}


@pytest.mark.parametrize("bindings", [{}, {"y": 2.5, "e": 3.0}], ids=["", "bindings"])
@pytest.mark.parametrize("kind", LINES)
def test_lines_that_are_done_together_have_the_bytes_of_lines_by_themselves(
    kind: str, bindings: dict[str, float]
) -> None:
    settings = SETTINGS._replace(bindings=bindings)
    content = [text.encode() + b"\n" for text in LINES[kind]]
    FORMULAS.clear()
    together = run_block(InputBlock(b"".join(content), "f", 1, 0), settings, True)
    alone = []
    for index, each in enumerate(content):
        FORMULAS.clear()
        alone.append(run_block(InputBlock(each, "f", index + 1, index), settings, True))
    assert together.text == "".join(batch.text for batch in alone)
    assert together.messages == [message for batch in alone for message in batch.messages]
    assert together.counts == sum((batch.counts for batch in alone), start=Counter())
    assert together.used == set().union(*(batch.used for batch in alone))
