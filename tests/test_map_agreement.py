"""The quick way to read text and the exact one agree.

A row is the same whatever stands beside it, and however the stream is cut.
"""

import csv
import gc
import io
import itertools
import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy
import pytest

from mgrad_cli.data import chunks
from mgrad_cli.data.blocks import Block, RowRequest
from mgrad_cli.data.chunks import TextChunk
from mgrad_cli.data.delimited import DelimitedSource
from mgrad_cli.data.dialect import PLAIN, Dialect
from mgrad_cli.data.json_lines import JsonLinesSource
from mgrad_cli.data.records import cells_in, records_in
from mgrad_cli.data.scanner import RecordScanner
from mgrad_cli.data.streams import ByteStream
from mgrad_cli.data.text import TextSource, lines_of
from mgrad_cli.errors import InputError

NUMBERS = [
    "1", "+1", "-1", " 1", "1 ", "1.", ".5", "1e5", "1E+05", "1e", "e5", "1_0", "0x10", "nan", "NaN", "-nan", "inf",
    "-INF", "Infinity", "infinit", "1e400", "1e-400", "4.9e-324", "١", "１", "1\0", "", "  ", '"1"', '" 1"', '""', '"1',
    '1"', '"1"x', '" "', "1\r", "\r", "\r1", "\xa01", "--1", "true", "NA", "0123", "-0", "9007199254740993", "9" * 400,
]  # fmt: skip
TEXTS = ["", "k", '"q"', '"a""b"', 'a"b', "k\r", "é", '"a\nb"', '"a\r\nb"', "k\r\r", " k ", "\0", '"', '""', '"open']
JSON_VALUES = [
    "1", "-0", "-0.0", "1e5", "01", "1.", ".5", "+1", "1e400", "1" * 30, "NaN", "-Infinity", "null", "true", '"2"', "[1]",
    '{"x": 1}', '"\\ud800"', '"\\ud83d\\ude00"', '"a\\u0062"', '"\t"', '"\\q"', '"x"', '"NaN"', '"nonfinite"', "tru", "[1,]",
    "[" * 400 + "]" * 400, "[" * 600 + "]" * 600, '"', "4.9e-324", "9007199254740993", '{"inf": "inf"}', '{"x": "inf"}',
]  # fmt: skip
JSON_KEYS = [
    '"x"',
    '"t"',
    '"\\u0078"',
    '"\\u0074"',
    '"nonfinite"',
    '"value"',
    '"v\\u0061lue"',
    '"X"',
    '""',
    '"\\ud800"',
    "x",
]


Open = Callable[..., Any]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Opens content in a format as a source, which is closed when the test is over."""
    sources: list[TextSource] = []

    def open_content(content: bytes, form: str, accepts_nan: bool = False, dialect: Dialect = PLAIN) -> TextSource:
        path = tmp_path / "d"
        path.write_bytes(content)
        stream = ByteStream(str(path))
        is_json = form == "jsonl"
        sources.append(
            JsonLinesSource(stream, 1 << 20, accepts_nan)
            if is_json
            else DelimitedSource(stream, form, 1 << 20, dialect)
        )
        return sources[-1]

    yield open_content
    for source in sources:
        source.close()


def requests(source: TextSource) -> list[RowRequest]:
    """What may be wanted of rows: all as they are, some columns as text, some with numbers, nothing."""
    is_json = source.file_format == "jsonl"
    names = ("value", "d_x")
    return [
        RowRequest({"x": "x"}, source.columns, True, False, "null", names, keeps_all=True, keeps_bytes=not is_json),
        RowRequest({"x": "x"}, ("t",), is_json, False, "null", names, keeps_bytes=not is_json),
        RowRequest({"x": "x"}, ("t", "x"), False, False, "null", names),
        RowRequest({"x": "x"}, ("t", "x"), False, True, "null", names, keeps_all=True),
        RowRequest({"x": "x"}, (), False, False, "null", names),
        RowRequest({"x": "x"}, ("t", "x"), False, False, "null", names, nulls=source.dialect.nulls),
    ]


def columns_of(table: Any) -> dict[str, list[Any]]:
    """The columns of a plain table, or of one of Arrow, as lists."""
    return table if isinstance(table, dict) else dict(table.to_pydict())


def content_of(block: Block) -> list[Any]:
    """What a block says of each row, marks for bytes replaced."""
    said = repr((
        [column.tolist() for column in block.columns.values()],
        [] if block.nulls is None or not block.nulls.any() else block.nulls.tolist(),
        None if block.lines is None else list(block.lines),
        None if block.table is None else columns_of(block.table),
        [str(failure) for failure in block.failures],
        (block.rows, block.failed, block.failed_nulls, block.nonfinite, block.blank),
    ))  # fmt: skip
    return [said.replace(block.raw.prefix, "raw") if block.raw else said, block.raw.contents if block.raw else []]


def said_by(read: Callable[[], Block]) -> Any:
    """What a way to read says of each row and its place, or the error that ends the run."""
    try:
        block = read()
    except InputError as error:
        return str(error)
    error_of = block.error
    assert error_of is not None
    return content_of(block), [error_of(row, "").place for row in range(block.rows)]


def refuse_disagreement(
    source: TextSource, rows: bytes, on_error: str = "null", wanted: Sequence[RowRequest] = ()
) -> int:
    """Asserts that both ways give the same; how many rows the quick one read."""
    quick = 0
    for request in wanted or requests(source):
        request = request._replace(on_error=on_error)
        chunk = TextChunk(rows, 2)
        regular = source.at_once(chunk, request)
        if regular is not None:
            quick += len(regular.places)
            quickly = said_by(partial(source.completed, regular, request))
            assert quickly == said_by(partial(source.row_by_row, chunk, request)), (rows, request)
    return quick


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_every_cell_beside_every_other(opened: Open, form: str) -> None:
    separator = "," if form == "csv" else "\t"
    source = opened(f"x{separator}t\n".encode(), form)
    quick = 0
    for number, text in itertools.product(NUMBERS, TEXTS):
        for more in ("", f"{separator}z"):
            quick += refuse_disagreement(source, f"0{separator}t\n{number}{separator}{text}{more}\n".encode())
    assert quick > 900


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_every_cell_where_quotes_are_characters(opened: Open, form: str) -> None:
    separator = "," if form == "csv" else "\t"
    source = opened(f"x{separator}t\n".encode(), form, dialect=Dialect(has_quotes=False))
    quick = 0
    for number, text in itertools.product(NUMBERS, TEXTS):
        quick += refuse_disagreement(source, f"0{separator}t\n{number}{separator}{text}\n".encode())
    assert quick > 300


MARKED = [
    "1,5",
    "-1,5e3",
    ",5",
    "5,",
    "1.5",
    "1,5,5",
    " 1,5",
    '"1,5"',
    "-999",
    " -999",
    "-999,0",
    "NA",
    " NA",
    '"NA"',
    "-",
]
DIALECTS = {
    "semicolons": Dialect(";"),
    "decimal commas": Dialect(";", decimal=","),
    "words": Dialect(";", nulls=frozenset({"NA", "-", "-999", "k", "t"})),
    "commas between and within": Dialect(",", decimal=","),
    "bars and words": Dialect("|", decimal=",", nulls=frozenset({"NA", "-999"}), has_quotes=False),
    "blanks": Dialect("ws", nulls=frozenset({"NA"})),
    "blanks without quotes": Dialect("ws", decimal=",", has_quotes=False),
    "one blank": Dialect(" "),
    "a letter of two bytes": Dialect("§", comment="#"),
    "comments": Dialect(";", comment="#"),
    "comments of two marks": Dialect("ws", comment="//"),
    "true and false": Dialect(";", casts=True),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", DIALECTS)
def test_every_cell_of_every_dialect(opened: Open, kind: str) -> None:
    dialect = DIALECTS[kind]
    mark = "  \t" if dialect.delimiter == "ws" else dialect.delimiter
    note = f" {dialect.comment} x{mark}1\n" if dialect.comment else ""
    source = opened(f"{note}x{mark}t\n".encode(), "csv", dialect=dialect)
    assert source.columns == ("x", "t")
    quick = 0
    for number, text in itertools.product([*NUMBERS, *MARKED], [*TEXTS, "NA"]):
        lead = mark if dialect.delimiter == "ws" and number.startswith("1") else ""
        quick += refuse_disagreement(source, f"0{mark}t\n{note}{lead}{number}{mark}{text}\n{note}3{mark}k\n".encode())
    assert (quick > 300) == mark.isascii()


@pytest.mark.slow
def test_every_member_of_an_object(opened: Open) -> None:
    source = opened(b'{"s": {"x": 1, "y": {"z": 2}}, "t": "a"}\n', "jsonl")
    assert source.members == ("s.x", "s.y.z")
    wanted = [
        RowRequest({"x": "s.x"}, source.columns, True, False, "null", ("value",), keeps_all=True),
        RowRequest({"x": "s.x", "z": "s.y.z"}, (), False, False, "null", ("value",)),
    ]
    quick = 0
    for key, value in itertools.product(JSON_KEYS[::2], JSON_VALUES):
        for row in (
            f'{{"s": {{{key}: {value}}}, "t": 5}}', f'{{"s": {value}}}', f'{{{key}: {value}, "s": {{"x": 1}}}}',
            f'{{"s": {{"x": {value}, "y": {{"z": {value}}}}}, "t": 5}}', f'{{"s.x": {value}, "s": {{"x": 4}}}}',
            f'{{"s": {{"x": 4}}, "t": {{"x": {value}}}}}', f'{{"t": {{"x": {value}}}, "s": {{"u": {{}}}}}}',
        ):  # fmt: skip
            good = '{"s": {"x": 1.5, "y": {"z": -2}}, "t": null}'
            quick += refuse_disagreement(source, f"{good}\n{row}\n".encode(errors="surrogatepass"), wanted=wanted)
    assert quick > 2000


@pytest.mark.parametrize("bad", ["1.5.", '"1.5"', "true", "[1,]", "1e400", '"\\q"', '{"x" 1}'])
@pytest.mark.parametrize("place", ['"s": {"x": BAD}', '"s": {"x": 1}, "u": BAD'], ids=["read", "beside"])
def test_only_bad_lines_of_nested_json_are_read_one_by_one(opened: Open, place: str, bad: str) -> None:
    good = '{"s": {"x": 1.5, "y": {"z": [-2, null]}}, "t": "a\\n\\u00e9", "u": {}}'
    source = opened(f"{good}\n".encode(), "jsonl")
    request = RowRequest({"x": "s.x"}, source.columns, True, False, "null", ("value",), keeps_all=True)
    lines = [good] * 9
    lines[4] = f"{{{place.replace('BAD', bad)}}}"
    for _ in range(2):
        chunk = TextChunk(("\n".join(lines) + "\n").encode(), 1)
        regular = source.at_once(chunk, request)
        assert regular is not None
        is_member = place.endswith("BAD") and bad in {'"1.5"', "true"}
        assert [record.line for record in regular.others or ()] == ([] if is_member else [5])


@pytest.mark.parametrize("other", ["", "{}", "1", "{", '{"t": 2}', '{"x" 1}', '{"t": "x"}', '{"t": {"x": 1}}'])
@pytest.mark.parametrize("twice", ['{"x": 1, "x": 2}', '{"x": 1, "t": {"x": 2}}', '{"t": "x", "x": 2}'])
def test_a_name_twice_in_a_line_is_found_beside_a_line_without_it(opened: Open, twice: str, other: str) -> None:
    source = opened(b'{"x": 1, "t": "a"}\n', "jsonl")
    for lines in itertools.permutations(['{"x": 1, "t": "a"}', twice, other]):
        refuse_disagreement(source, "".join(f"{line}\n" for line in lines).encode())


@pytest.mark.slow
@pytest.mark.parametrize("accepts_nan", [False, True])
def test_every_member_beside_every_other(opened: Open, accepts_nan: bool) -> None:
    source = opened(b'{"x": 1, "t": "a"}\n', "jsonl", accepts_nan)
    quick = 0
    for key, value in itertools.product(JSON_KEYS, JSON_VALUES):
        for line in (
            f'{{{key}: {value}, "t": 5}}',
            f'{{"x": 1, {key}: {value}}}',
            f'{{{key}: {value}, "x": {value}}} ',
        ):
            quick += refuse_disagreement(source, f'{{"x": 1, "t": "a"}}\n{line}\n'.encode())
    assert quick > 100


def random_rows(form: str, generator: random.Random, most: float) -> bytes:
    """Rows of all kinds, of which a part of at most `most` is not ordinary."""
    separator = "," if form == "csv" else "\t"
    lines = []
    for _ in range(generator.randrange(1, 60)):
        is_odd = generator.random() < most
        if form == "jsonl":
            line = f'{{"x": {generator.random()}, "t": "a"}}'
            if is_odd:
                key, value, other = (generator.choice(each) for each in (JSON_KEYS, JSON_VALUES, JSON_VALUES))
                line = generator.choice(
                    [
                        f'{{{key}: {value}, "t": {other}}}',
                        f'{{"x": {value}, {key}: {other}}}',
                        f'{{"x": {value}}}',
                        f'{{"t": 1, "x": {value} }} ',
                        f'{{"x":{value},"t":{other}}}',
                        "",
                        " ",
                        "{}",
                    ]
                )
        else:
            cells = [generator.choice(["1", "-2.5", "1e5"]), generator.choice(["", "k", '"q"', '"a, b\tc"'])]
            if is_odd:
                cells = [generator.choice(NUMBERS), generator.choice(TEXTS), "more"][
                    : generator.choice([2, 2, 2, 1, 3])
                ]
            line = separator.join(cells)
        lines.append(line + generator.choice(["", "", "\r"]))
    return "".join(f"{line}\n" for line in lines).encode(errors="surrogateescape")


@pytest.mark.sampled(26)
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("on_error", ["stop", "null", "skip"])
@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl"])
def test_good_and_bad_rows_together(opened: Open, form: str, on_error: str, seed: int) -> None:
    generator = random.Random(seed)
    header = '{"x": 1, "t": "a"}\n' if form == "jsonl" else "x,t\n" if form == "csv" else "x\tt\n"
    source = opened(header.encode(), form)
    quick = 0
    for most in (0.02, 0.1, 0.5, 1) * 5:
        rows = random_rows(form, generator, most)
        if generator.random() < 0.2:
            place = generator.randrange(len(rows))
            rows = rows[:place] + b"\xe9" + rows[place:]
        quick += refuse_disagreement(source, rows, on_error)
    assert quick > (0 if form == "jsonl" else 100)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl"])
def test_rows_do_not_depend_on_where_the_stream_is_cut(
    opened: Open, monkeypatch: pytest.MonkeyPatch, form: str, seed: int
) -> None:
    generator = random.Random(seed)
    separator = "," if form == "csv" else "\t"
    if form == "jsonl":
        keys = [key for key in JSON_KEYS[:5] if key != '"nonfinite"']  # which ends a run
        lines = [
            f'{{{generator.choice(keys)}: {generator.choice(JSON_VALUES)}, "x": {generator.choice(JSON_VALUES)}}}'
            for _ in range(60)
        ]
        header = '{"x": 1, "t": "a"}\n'
    else:
        texts = [text for text in TEXTS if text not in {'"', '"open'}]  # which make one cell of several lines
        numbers = [number for number in NUMBERS if number != '"1']
        lines = [generator.choice(numbers) + separator + generator.choice(texts) for _ in range(60)]
        header = f"x{separator}t\n"
    content = (header + "\n".join(lines) + "\n").encode()
    told = []
    for size in (1 << 20, 1, 40, 300):
        monkeypatch.setattr(chunks, "CHUNK_BYTES", size)
        monkeypatch.setattr(chunks, "MIN_BYTES", size)
        source = opened(content, form)
        request = requests(source)[0]
        said: list[Any] = []
        for chunk in source.chunks(request):
            block = source.block(chunk, request)
            said += zip(block.lines, repr(block.columns["x"].tolist())[1:-1].split(", "), strict=True)
        told.append(said)
    assert told[0] == told[1] == told[2] == told[3]


@pytest.mark.parametrize("seed", range(5))
def test_cells_kept_are_those_of_python_s_own_reader(opened: Open, seed: int) -> None:
    generator = random.Random(seed)
    alphabet = ["a", '"', ",", "\n", "\r\n", " ", "é", "", "=1", "\t", "''"]
    rows = [["x", "t", "u"]] + [
        [str(x), *("".join(generator.choices(alphabet, k=generator.randrange(6))) for _ in range(2))]
        for x in range(300)
    ]
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n", quoting=generator.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])).writerows(
        rows
    )
    source = opened(buffer.getvalue().encode(), "csv")
    request = requests(source)[3]._replace(keep=("x", "t", "u"), typed=False)
    kept: list[list[str]] = []
    for chunk in source.chunks(request):
        at_once, one_by_one = source.at_once(chunk, request), source.row_by_row(chunk, request)
        assert at_once is not None
        assert not at_once.others
        assert one_by_one.failed == 0
        assert columns_of(at_once.block.table) == columns_of(one_by_one.table)
        columns = columns_of(one_by_one.table).values()
        kept += [[cell or "" for cell in row] for row in zip(*columns, strict=True)]
    assert kept == rows[1:]


@pytest.mark.parametrize("seed", range(5))
def test_members_kept_are_those_of_python_s_own_reader(opened: Open, seed: int) -> None:
    generator = random.Random(seed)

    def value(depth: int = 0) -> Any:
        kind = generator.randrange(7 if depth < 3 else 5)
        if kind == 5:
            return [value(depth + 1) for _ in range(generator.randrange(3))]
        if kind == 6:
            return {generator.choice('abé"\\'): value(depth + 1) for _ in range(generator.randrange(3))}
        return [None, True, generator.random(), generator.randrange(10**30), 'é"\\\n\ud83d'[: generator.randrange(5)]][
            kind
        ]

    records = [{"x": generator.random(), "t": value()} for _ in range(300)]
    source = opened("".join(f"{json.dumps(record)}\n" for record in records).encode(), "jsonl")
    for request in requests(source)[:2]:
        back: list[Any] = []
        for chunk in source.chunks(request):
            block = source.block(chunk, request)
            assert block.failed == 0
            back += map(json.loads, block.lines)
        source = opened("".join(f"{json.dumps(record)}\n" for record in records).encode(), "jsonl")
        assert back == [{name: record[name] for name in request.keep} for record in records]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("way", ["block", "row_by_row"])
def test_failures_that_are_kept_do_not_keep_the_text(opened: Open, form: str, way: str) -> None:
    good, bad = ("1,a\n", '1"2,b\n1\nz,c\n') if form == "csv" else ('{"x": 1}\n', '{"x": 1.2.}\n{}\n{"x": "z"}\n')
    source = opened(f"x,t\n{good}".encode() if form == "csv" else good.encode(), form)
    chunk = TextChunk((good * 1000 + bad + good * 1000).encode(), 2)
    gc.collect()
    gc.disable()
    try:
        before = sys.getrefcount(chunk)
        failures = getattr(source, way)(chunk, requests(source)[0]).failures
        after = sys.getrefcount(chunk)
        assert (len(failures), after) == (3, before)
    finally:
        gc.enable()


@pytest.mark.parametrize("seed", range(5))
def test_lines_of_any_length_are_those_of_the_text(seed: int) -> None:
    generator = random.Random(seed)
    for _ in range(200):
        lengths = [generator.choice([0, 1, 3, 5, 11, 12, 13, 14, 30]) for _ in range(generator.randrange(1, 12))]
        lines = ["".join(generator.choices("abé\r ,x€😀", k=length)) for length in lengths]
        data = "".join(f"{line}\n" for line in lines).encode()
        ends = numpy.array([index for index, byte in enumerate(data) if byte == ord("\n")])
        found = lines_of(data, ends)
        assert found.to_list() == [line.removesuffix("\r") for line in lines]
        assert found.unique().sort().to_list() == sorted(set(found.to_list()), key=str.encode)


@pytest.mark.parametrize("seed", range(4))
def test_records_that_are_chosen_are_those_of_a_text_without_the_others(seed: int) -> None:
    generator = random.Random(seed)
    for width, mark in itertools.product((1, 3), ("a", '"a,\n"')):
        count = generator.randrange(1, 40)
        part = generator.choice([0, 0.1, 0.5, 0.9, 1])
        is_chosen = numpy.array([generator.random() < part for _ in range(count)])
        others = {False: [1, 2, width, width + 2], True: [width]}
        records = [
            ",".join(generator.choices(["", "b", "é", mark], k=generator.choice(others[each]))) + "\n"
            for each in is_chosen.tolist()
        ]
        data, left = ("".join(each).encode() for each in (records, itertools.compress(records, is_chosen.tolist())))
        scanner = RecordScanner(",")
        layout = cells_in(data, ",", width, scanner.quoting(data)).chosen(is_chosen, width)
        expected = cells_in(left, ",", width, scanner.quoting(left))
        assert (layout.data, layout.marks.tolist()) == (left, expected.marks.tolist())
        assert layout.ends.tolist() == expected.ends.tolist()


def test_lines_that_hold_a_text_are_found_wherever_it_stands() -> None:
    lines = ["", "ab", "xabx", "aab", "abab", "a", "b", "ba", "abcabc", "éab", "abd", "ab"]
    layout = records_in("".join(f"{line}\n" for line in lines).encode())
    for text in ("ab", "abc", "éab", "abcabc", "b\n", "q" * 99):
        expected = [index for index, line in enumerate(lines) for _ in range(f"{line}\n".count(text))]
        assert layout.lines_with_text(text.encode()).tolist() == expected
        assert layout.has_once(text.encode()).tolist() == [expected.count(index) == 1 for index in range(len(lines))]


def exact_end(scanner: RecordScanner, data: bytes) -> int:
    """The end of the last whole record, found record by record."""
    end = 0
    while end < len(data) and (match := scanner.partial.match(data, end)):
        if scanner.is_open(match) or not match[0].endswith(b"\n"):
            break
        end = match.end()
    return end


@pytest.mark.sampled(10)
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("delimiter", "comment"), [(",", ""), ("\t", "#"), ("ws", "#"), (";", "//")])
def test_records_end_where_they_do_one_by_one(delimiter: str, comment: str, seed: int) -> None:
    generator = random.Random(seed)
    scanner = RecordScanner(delimiter, comment)
    mark = " " if delimiter == "ws" else delimiter
    for _ in range(1500):
        pieces = generator.choices(
            ['"', '""', mark, "a", "\n", "\n", "\r\n", "\r", comment, f'{mark}"b"'], k=generator.randrange(20)
        )
        data = "".join(pieces).rstrip("\r").encode()
        end, quoting = scanner.last_end(data, len(data))
        assert end == (exact_end(scanner, data) if b'"' in data else data.rfind(b"\n") + 1), data
        if quoting is not None:
            again = scanner.quoting(data[:end])
            whole, alone = (records_in(data[:end], each) for each in (quoting, again))
            assert whole.ends.tolist() == alone.ends.tolist(), data
            for start, stop in zip(whole.starts.tolist(), whole.ends.tolist(), strict=True):
                same = again.inside[start:stop].tolist() == quoting.inside[start:stop].tolist()
                assert start in quoting.odd or (same and start not in again.odd), data
        data += b"\n"
        ends = list(itertools.accumulate(map(len, scanner.records(data))))
        assert (records_in(data, scanner.quoting(data)).ends + 1).tolist() == ends, data
