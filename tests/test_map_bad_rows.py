"""`mgrad map` on rows in which something is wrong: what of them can be kept is kept, and the others are none the worse."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars
import pytest

from tests.conftest import Run, environment

BAD_ROWS = [
    (b'7\t5\t36" LCD', b'7\t5\t36" LCD'),
    (b"no\t5\tkept", b"no\t5\tkept"),
    (b"7\t5\tcaf\xe9", b"7\t5\tcaf\xe9"),
    (b"\xff\xfe\t5\t\x80", b"\xff\xfe\t5\t\x80"),
    (b"7\t5\tone\ttoo many", b"7\t5\tone\ttoo many"),
    (b'7\t5\t36" LCD\t40" LCD\t', b'7\t5\t36" LCD\t40" LCD\t'),
    (b"7\t5", b"7\t5\t"),
    (b"7", b"7\t\t"),
    (b'7\t5\t"never closed', b'7\t5\t"never closed'),
    (b'7\t5\t"closed"early', b'7\t5\t"closed"early'),
    (b"1e999\t5\t", b"1e999\t5\t"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("row", "kept"), BAD_ROWS)
@pytest.mark.parametrize("separator", [b"\t", b","])
def test_a_bad_row_goes_out_as_it_came_in(
    mgrad: Run, tmp_path: Path, row: bytes, kept: bytes, separator: bytes
) -> None:
    path = tmp_path / ("d.tsv" if separator == b"\t" else "d.csv")
    content = b"x\ty\tnote\n1\t2\tfirst\n" + row + b"\n3\t4\tlast\n"
    path.write_bytes(content.replace(b"\t", separator))
    out = tmp_path / f"out{path.suffix}"
    ran = mgrad("map", "x*y", str(path), "--on-error", "null", "-o", str(out))
    lines = out.read_bytes().replace(separator, b"\t").split(b"\n")
    is_good = separator == b"\t" and b'"' in row and row.count(b"\t") == 2
    results = b"35.0\t5.0\t7.0" if is_good else b"\t\t"
    cells = kept.split(b"\t")
    kept, results = b"\t".join(cells[:3]), b"\t".join([results, *cells[3:]])
    assert lines == [
        b"x\ty\tnote\tvalue\td_x\td_y",
        b"1\t2\tfirst\t2.0\t2.0\t1.0",
        kept + b"\t" + results,
        b"3\t4\tlast\t12.0\t4.0\t3.0",
        b"",
    ]
    assert (ran.returncode, "1 of 3 rows failed" in ran.stderr) == ((0, False) if is_good else (1, True))


@pytest.mark.sampled(3)
@pytest.mark.parametrize("row", [row for row, _ in BAD_ROWS])
@pytest.mark.parametrize("words", [["--keep", "note,y"], ["--csv-safe"], ["--format", "tsv"], ["--format", "jsonl"]])
def test_the_cells_of_a_bad_row_are_kept_in_any_format(
    mgrad: Run, tmp_path: Path, row: bytes, words: list[str]
) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(b"x,y,note\n" + row.replace(b"\t", b",") + b"\n")
    form = words[-1] if words[0] == "--format" else "csv"
    out = tmp_path / f"out.{form}"
    ran = mgrad("map", "x", str(path), "--on-error", "null", *words, "-o", str(out))
    assert ran.returncode == 1, ran.stderr
    content = out.read_bytes()
    keeps_bytes = words != ["--csv-safe"] and form != "jsonl"
    cells = [cell.decode("latin-1") if keeps_bytes else cell.decode(errors="replace") for cell in row.split(b"\t")]
    text = content.decode("latin-1" if keeps_bytes else "utf-8")
    if form == "jsonl":
        record = json.loads(text, parse_float=str)
        back = {name: str(value) for name, value in record.items() if value is not None}
    else:
        (record,) = csv.DictReader(io.StringIO(text), delimiter="\t" if form == "tsv" else ",")
        back = {name: value for name, value in record.items() if value}
    for name, cell in zip(("x", "y", "note"), cells, strict=False):
        if cell and (words[0] != "--keep" or name != "x"):
            assert back[name] == cell, (record, name)
    assert "value" not in back


def test_numbers_that_could_be_read_are_kept_in_typed_columns(mgrad: Run, tmp_path: Path) -> None:
    for form, data in (
        ("csv", "x,y,id\nno,5,a\n1,2,b\n"),
        ("jsonl", '{"x":"no","y":5,"id":"a"}\n{"x":1,"y":2,"id":"b"}\n'),
    ):
        path, out = tmp_path / f"d.{form}", tmp_path / "o.parquet"
        path.write_text(data)
        assert mgrad("map", "x*y", str(path), "--on-error", "null", "-o", str(out)).returncode == 1
        assert polars.read_parquet(out).select("x", "y", "id", "value").rows() == [
            (None, 5.0, "a", None), (1.0, 2.0, "b", 2.0),
        ]  # fmt: skip


def test_inch_marks_in_tsv_are_characters(mgrad: Run, tmp_path: Path) -> None:
    cells = ['36" LCD', '6" x 4"', '"quoted ""as in CSV"""', '"', 'a""b', '"open', "plain", '""', '"a"b"']
    path = tmp_path / "d.tsv"
    path.write_text("x\tsize\n" + "".join(f"{index}\t{cell}\n" for index, cell in enumerate(cells)))
    ran = mgrad("map", "x", str(path), "--quiet")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert [line.split("\t")[1] for line in ran.stdout.splitlines()[1:]] == cells
    texts = ['36" LCD', '6" x 4"', 'quoted "as in CSV"', '"', 'a""b', '"open', "plain", None, '"a"b"']
    ran = mgrad("map", "x", str(path), "--json", "--quiet")
    assert [json.loads(line)["size"] for line in ran.stdout.splitlines()] == texts
    again = mgrad("map", "x", str(path), "--keep", "size,x", "--quiet")
    assert '36" LCD\t0\t' in again.stdout
    back = mgrad("map", "x", "-", "--input-format", "tsv", "--json", "--keep", "size", "--quiet", stdin=again.stdout)
    assert [json.loads(line)["size"] for line in back.stdout.splitlines()] == texts


@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_quotes_can_be_characters_of_any_cell(mgrad: Run, form: str) -> None:
    separator = "," if form == "csv" else "\t"
    cells = ['36" LCD', '"big', 'small"', '"quoted"', '""', "plain", '"', 'a"b"c']
    data = f"x{separator}t\n" + "".join(f"{index}{separator}{cell}\n" for index, cell in enumerate(cells))
    words = ["map", "x", "-", "--input-format", form, "--quote", "none", "--quiet"]
    ran = mgrad(*words, "--json", stdin=data)
    assert [json.loads(line)["t"] for line in ran.stdout.splitlines()] == cells
    same = mgrad(*words, stdin=data)
    assert [line.split(separator)[1] for line in same.stdout.splitlines()[1:]] == cells
    back = mgrad(*words, "--keep", "t", "--format", "csv", stdin=data)
    assert [row["t"] for row in csv.DictReader(back.stdout.splitlines())] == cells


def test_quotes_are_of_cells_of_text_alone(mgrad: Run) -> None:
    for words, data in ((["-"], '{"x": 1}\n'), (["--x", "0:1:1"], "")):
        ran = mgrad("map", "x", *words, "--quote", "none", stdin=data)
        assert (ran.returncode, ran.stderr) == (2, "error: --quote applies only to CSV and TSV\n")


def test_json_rows_with_other_members(mgrad: Run) -> None:
    data = '{"x":1}\n{"x":2,"note":"hi"}\n{"x":3,"x2":[1],"x":4}\n'
    ran = mgrad("map", "x", "-", "--format", "csv", "--keep", "x", "--on-error", "null", stdin=data)
    assert ran.stdout == "x,value,d_x\n1,1.0,1.0\n2,2.0,1.0\n4,,\n"
    ran = mgrad("map", "x", "-", "--format", "csv", "--keep", "none", stdin='{"x":1}\n{"x":2,"note":"hi"}\n')
    assert (ran.returncode, ran.stdout) == (0, "value,d_x\n1.0,1.0\n2.0,1.0\n")
    ran = mgrad("map", "x", "-", "--format", "csv", stdin=data)
    assert ran.returncode == 4
    assert (
        "'note' is not in the first record, which names the columns; choose columns with --keep, or write" in ran.stderr
    )
    ran = mgrad("map", "x", "-", "--format", "csv", "--on-error", "null", stdin='{"x":1}\n{"x":2,"note":"hi"}\n')
    assert (ran.returncode, ran.stdout) == (1, "x,value,d_x\n1,1.0,1.0\n2,2.0,1.0\n")
    assert ran.stderr.endswith("\n1 of 2 rows failed\n")
    only = mgrad("map", "x", "-", "--keep", "x", stdin='{"x":1}\n{"x":2,"note":"hi"}\n')
    assert only.stdout == '{"x": 1, "value": 1.0, "d_x": 1.0}\n{"x": 2, "value": 2.0, "d_x": 1.0}\n'


def test_own_json_lines_are_read_back(mgrad: Run) -> None:
    first = mgrad("map", "1/x", "--x", "-1:1:1", "--value-name", "y", "--grad-prefix", "y_", "--json")
    assert '"nonfinite": {"y": "inf", "y_x": "-inf"}' in first.stdout
    second = mgrad("map", "y*2", "-", "--value-name", "z", stdin=first.stdout)
    assert (second.returncode, second.stderr) == (0, "3 rows, 1 not finite\n")
    assert json.loads(second.stdout.splitlines()[1]) == {
        "x": 0.0, "y": None, "y_x": None, "z": None, "d_y": 2.0, "nonfinite": {"y": "inf", "y_x": "-inf", "z": "inf"},
    }  # fmt: skip
    for words in ([], ["--keep", "x"], ["--keep", "none"]):
        table = mgrad("map", "y*2", "-", "--format", "csv", *words, stdin=first.stdout)
        assert [row["value"] for row in csv.DictReader(table.stdout.splitlines())] == ["-2.0", "inf", "2.0"]
        lines = mgrad("map", "y*2", "-", *words, stdin=first.stdout)
        assert [json.loads(line)["value"] for line in lines.stdout.splitlines()] == [-2.0, None, 2.0]
        assert all(line.count('"nonfinite"') <= 1 for line in lines.stdout.splitlines())
    whole = mgrad("map", "y*2", "-", "--format", "csv", stdin=first.stdout)
    assert whole.stdout.splitlines()[:3:2] == ["x,y,y_x,value,d_y", "0.0,inf,-inf,inf,2.0"]
    other = mgrad("map", "x", "-", stdin='{"x":1,"nonfinite":[1]}\n')
    assert (other.returncode, "a member 'nonfinite', which is the name of a result" in other.stderr) == (4, True)


def strict(text: str) -> Any:
    def refuse(token: str) -> None:
        raise AssertionError(f"{token} in JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("words", [[], ["--keep", "a,x"], ["--keep", "none"], ["--csv-safe"]])
def test_json_is_strict_whatever_was_accepted(mgrad: Run, words: list[str]) -> None:
    data = '{"x": NaN, "a": [1, NaN, {"q": -Infinity}], "s": "NaN"}\n{"x": 1, "a": Infinity, "s": 1.50}\n{"x": 2}\n'
    ran = mgrad("map", "x", "-", "--allow-nan-input", *words, stdin=data)
    assert ran.returncode == 0
    records = [strict(line) for line in ran.stdout.splitlines()]
    assert [record["value"] for record in records] == [None, 1.0, 2.0]
    if not words:
        assert records[0] == {
            "x": None, "a": [1, None, {"q": None}], "s": "NaN", "value": None, "d_x": 1.0,
            "nonfinite": {"x": "nan", "a/1": "nan", "a/2/q": "-inf", "value": "nan"},
        }  # fmt: skip
        assert records[1]["nonfinite"] == {"a": "inf"}
        assert ran.stdout.splitlines()[2] == '{"x": 2, "value": 2.0, "d_x": 1.0}'


@pytest.mark.parametrize(("text", "kept"), [
    ('{"x":1,"a":NaN}', '{"x":1,"a":null}'),
    ('{ "a" : [ -Infinity,Infinity ] , "x":1.50}', '{ "a" : [ null,null ] , "x":1.50}'),
    ('{"NaN":NaN,"s":"NaN, \\"Infinity","x":1}', '{"NaN":null,"s":"NaN, \\"Infinity","x":1}'),
    ('{"x":1,"a":NaN,"a":-Infinity}', '{"x":1,"a":null,"a":null}'),
    ('{"x":1,"s":"\\u0061\\\\","a":{"b":[NaN]}}', '{"x":1,"s":"\\u0061\\\\","a":{"b":[null]}}'),
])  # fmt: skip
def test_a_record_stays_as_written_but_for_numbers_that_are_not_finite(mgrad: Run, text: str, kept: str) -> None:
    ran = mgrad("map", "x", "-", "--allow-nan-input", stdin=f'{{"x": 1, "a": 2, "s": ""}}\n{text}\n')
    assert ran.stdout.splitlines()[1].startswith(f'{kept[:-1]}, "value": ')


@pytest.mark.slow
@pytest.mark.parametrize("member", ['"value":5', '"d_x":[1]', '"nonfinite":{"x":3}', '"value":null'])
@pytest.mark.parametrize("words", [[], ["-o", "o/"]], ids=["one", "folder"])
def test_a_member_with_a_result_s_name_is_not_lost_to_it(
    mgrad: Run, tmp_path: Path, member: str, words: list[str]
) -> None:
    (tmp_path / "d.jsonl").write_text('{"x":1,"id":7}\n{"x":1,"id":8,MEMBER}\n'.replace("MEMBER", member))
    for on_error, code in (("null", 4), ("stop", 4), ("skip", 1)):
        name = member.split(":")[0].strip('"')
        ran = mgrad("map", "x", "d.jsonl", "--on-error", on_error, *words, "--overwrite" if words else "--wrt=x",
                    cwd=tmp_path)  # fmt: skip
        assert (ran.returncode, f"d.jsonl, line 2: the record has a member '{name}', which" in ran.stderr) == (
            code,
            True,
        )
    renamed = mgrad("map", "x", "d.jsonl", "--value-name", "v", "--grad-prefix", "g_", cwd=tmp_path)
    assert renamed.returncode == (4 if "nonfinite" in member else 0)


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize("data", ['{"id":1,"id":2,"x":3}', '{"x":3,"id":[1],"id":{"a":1,"a":2}}'])
def test_a_member_kept_that_is_given_twice_is_a_bad_row(mgrad: Run, tmp_path: Path, form: str, data: str) -> None:
    (tmp_path / "d.jsonl").write_text(f'{{"id":7,"x":2}}\n{data}\n')
    out = tmp_path / f"o.{form}"
    for on_error, code, rows in (("stop", 4, None), ("skip", 1, 1), ("null", 1, 2)):
        ran = mgrad("map", "x*2", "d.jsonl", "--keep", "id", "--on-error", on_error, "-o", str(out), cwd=tmp_path)
        assert (ran.returncode, "d.jsonl, line 2: duplicate key 'id'" in ran.stderr) == (code, True)
        assert out.exists() == (rows is not None)
    if form == "jsonl":  # where both values are kept
        assert out.read_text().splitlines()[1].count('"id": ') == 2
    assert mgrad("map", "x*2", "d.jsonl", "--keep", "x", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("words", [[], ["--keep", "a"]])
def test_what_an_object_in_a_row_holds_twice_is_kept(mgrad: Run, words: list[str]) -> None:
    data = '{"x": 1, "a": {"b": 1, "b": [NaN]}}\n'
    ran = mgrad("map", "x", "-", *words, "--allow-nan-input", stdin=data)
    assert (ran.returncode, '"a": {"b": 1, "b": [null]}' in ran.stdout) == (0, True)


@pytest.mark.parametrize("form", ["csv", "tsv"])
@pytest.mark.parametrize("words", [[], ["--wrt", "none"]])
def test_surplus_cells_stand_behind_the_results(mgrad: Run, form: str, words: list[str]) -> None:
    data = 'id,x\n1,2,3\n4\n"a",2,"b c",d\n5,6\n'.replace(",", "\t" if form == "tsv" else ",")
    ran = mgrad("map", "x*2", "-", "--input-format", form, "--on-error", "null", *words, stdin=data)
    rows = list(csv.DictReader(ran.stdout.splitlines(), delimiter="\t" if form == "tsv" else ","))
    assert [row["value"] for row in rows] == ["", "", "", "12.0"]
    assert [row.get(None) for row in rows] == [["3"], None, ["b c", "d"], None]
    assert [row["id"] for row in rows] == ["1", "4", "a", "5"]
    assert ran.stderr.count("; the extra cells follow the results\n") == 2


@pytest.mark.parametrize("form", ["tsv", "jsonl", "parquet"])
def test_a_row_with_surplus_cells_keeps_its_columns_in_other_formats(mgrad: Run, tmp_path: Path, form: str) -> None:
    (tmp_path / "d.csv").write_text("id,x\nq,1,9\nr\ns,2\n")
    ran = mgrad("map", "x*2", "d.csv", "--on-error", "null", "-o", f"o.{form}", cwd=tmp_path)
    assert ran.stderr.count("; the extra cells are dropped\n") == 1
    back = mgrad("map", "x+0", f"o.{form}", "--value-name", "v", "--wrt", "none", "--format", "csv", cwd=tmp_path)
    rows = [(row["id"], row["v"], row["value"]) for row in csv.DictReader(back.stdout.splitlines())]
    assert [row[0] for row in rows] == ["q", "r", "s"]
    assert [row[1:] for row in rows] == [("1.0", ""), ("", ""), ("2.0", "4.0")]


PARTLY_JSON: list[tuple[str, dict[str, Any]]] = [
    ('{"id":10,"x":NaN}', {"id": 10, "x": None}),
    ('{"id":10,"a":[Infinity],"x":1}', {"id": 10, "a": [None], "x": 1}),
    ('{"id":10,"x":}', {"id": 10}),
    ('{"id":10,"x":nan}', {"id": 10}),
    ('{"id":10,"t":"a","x":1', {"id": 10, "t": "a"}),
    ('{"id":10,"t":"cut', {"id": 10}),
    ('{"id":10,"x":12 34}', {"id": 10}),
    ('{"id":10 "x":1}', {}),
    ('{"id":10,"t":"' + "l" * 80 + '","x":1}', {"id": 10, "t": "l" * 80, "x": 1}),
    ('{"id":10,"t":"' + "l" * 300 + '","x":1}', {"id": 10}),
    ("[10]", {}),
    ("10", {}),
    ("id=10", {}),
    ('{"id":10,"t":' + "[" * 600 + "}", {"id": 10}),
]


def test_the_members_before_what_is_no_json_are_kept(mgrad: Run) -> None:
    data = "".join(f"{line}\n" for line in ('{"id":1,"x":1}', *(line for line, _ in PARTLY_JSON), '{"id":3,"x":3}'))
    words = ("map", "x*2", "-", "--on-error", "null", "--max-line", "105")
    ran = mgrad(*words, stdin=data)
    records = [json.loads(line) for line in ran.stdout.splitlines()]
    for record in records:
        record.pop("nonfinite", None)
    good = [line == '{"id":10,"t":"' + "l" * 80 + '","x":1}' for line, _ in PARTLY_JSON]
    results = [{"value": 2.0 if is_good else None, "d_x": 2.0 if is_good else None} for is_good in good]
    assert records[1:-1] == [{**kept, **result} for (_, kept), result in zip(PARTLY_JSON, results, strict=True)]
    assert (ran.returncode, f"{len(good) - sum(good)} of {len(good) + 2} rows failed" in ran.stderr) == (1, True)
    table = mgrad(*words, "--keep", "id", "--format", "csv", stdin=data)
    ids = [str(kept.get("id", "")) for _, kept in PARTLY_JSON]
    assert [row["id"] for row in csv.DictReader(table.stdout.splitlines())] == ["1", *ids, "3"]


@pytest.mark.parametrize(("length", "kept"), [(30, "1,2,,"), (5_000_000, "1,2,,"), (10, "1,2,aaaaaaaaaa,")])
def test_the_cells_before_the_longest_line_are_kept(mgrad: Run, length: int, kept: str) -> None:
    data = f"id,x,t,u\n1,2,{'a' * length},{'b' * 10}\n3,4,c,d\n"
    ran = mgrad("map", "x*2", "-", "--on-error", "null", "--max-line", "20", stdin=data)
    assert (ran.returncode, ran.stdout.splitlines()[1:]) == (1, [f"{kept},,", "3,4,c,d,8.0,2.0"])


@pytest.mark.slow
@pytest.mark.parametrize("depth", [10, 400, 500, 501, 2_000, 100_000])
@pytest.mark.parametrize("words", [[], ["--keep", "t"], ["--format", "csv"], ["--keep", "none"]])
def test_json_nested_deeply_passes_or_meets_the_limit(mgrad: Run, depth: int, words: list[str]) -> None:
    nested = "[" * (depth - 1) + "]" * (depth - 1)
    ran = mgrad("map", "x", "-", "--on-error", "null", *words, stdin=f'{{"x":1,"t":0}}\n{{"x":2,"t":{nested}}}\n')
    assert ran.returncode == (0 if depth <= 500 else 1), ran.stderr
    assert ("the JSON is nested deeper than 500 levels" in ran.stderr) == (depth > 500)
    if depth <= 500 and words != ["--keep", "none"]:
        assert nested in ran.stdout


@pytest.mark.slow
@pytest.mark.parametrize("text", ["plain\n", 'x,""\n', '""\n', "a,\n", '"",""\n', 'a """"\n'])
@pytest.mark.parametrize("on_error", ["null", "skip"])
def test_a_quoted_cell_over_the_limit_costs_its_own_row_alone(mgrad: Run, text: str, on_error: str) -> None:
    inside = (text * 200_000).replace('"', '""')
    data = f'x,t\n1,a\n2,"{inside}"\n3,"c"\n4,d\n'
    ran = mgrad("map", "x", "-", "--on-error", on_error, "--max-line", "5000", "--keep", "none", stdin=data)
    assert ran.returncode == 1, ran.stderr
    failed = ["", ","][on_error == "null"]
    assert ran.stdout.split() == ["value,d_x", "1.0,1.0", *failed.split(), "3.0,1.0", "4.0,1.0"]
    assert "line 3: a quoted cell longer than 5000 bytes (--max-line), or a quote that is never closed" in ran.stderr
    assert ran.stderr.endswith("1 of 4 rows failed\n")


def test_rows_after_a_quote_that_is_never_closed_are_not_lost(mgrad: Run) -> None:
    rows = "".join(f"{x},b\n" for x in range(50_000))
    ran = mgrad(
        "map", "x", "-", "--on-error", "skip", "--max-line", "5000", "--reduce", "sum", stdin=f'x,t\n1,"a\n{rows}'
    )
    assert json.loads(ran.stdout)["rows"] == 50_000
    unclear = "".join(f"{x}{',b' * (x % 7)}\n" for x in range(400_000))
    ran = mgrad("map", "x", "-", "--on-error", "skip", "--max-line", "5000", stdin=f'x,t\n1,"a\n{unclear}')
    assert ran.returncode == 4
    assert "line 2: a quote that is not closed within 5000 bytes (--max-line), nor later" in ran.stderr


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "jsonl", "tsv"])
@pytest.mark.parametrize("on_error", ["null", "skip"])
def test_memory_holds_few_of_many_bad_rows(tmp_path: Path, form: str, on_error: str) -> None:
    row = "[]\n" if form == "jsonl" else "a\n"
    header = '{"x":1}\n' if form == "jsonl" else "x,t\n" if form == "csv" else "x\tt\n"
    path = tmp_path / f"bad.{form}"
    path.write_text(header + row * 2_000_000)
    script = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:]); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10)"
    )
    command = [
        "mgrad",
        "map",
        "x",
        str(path),
        "--on-error",
        on_error,
        "--threads",
        "2",
        "-o",
        str(tmp_path / f"o.{form}"),
    ]
    ran = subprocess.run(
        [sys.executable, "-c", script, *command], capture_output=True, text=True, env=environment(), timeout=300
    )
    assert "2,000,000 of 2,000,00" in ran.stderr
    assert int(ran.stdout) < 500


KEPT = "--on-error null writes their rows without results"


@pytest.mark.parametrize(
    ("words", "elsewhere"),
    [
        (["--on-error", "skip"], KEPT),
        (["--on-error", "null"], "their rows have no results"),
        (["--on-error", "skip", "--reduce", "sum"], f"without --reduce, {KEPT}"),
        (["--on-error", "skip", "-o", "out/"], KEPT),
    ],
)
def test_the_last_of_many_bad_rows_is_told(mgrad: Run, tmp_path: Path, words: list[str], elsewhere: str) -> None:
    (tmp_path / "d.csv").write_text("x\n" + "1\nno\n" * 40)
    ran = mgrad("map", "x", "d.csv", *words, cwd=tmp_path)
    *first, more, last, closing = ran.stderr.splitlines()
    wrong = "column 1: 'no' in column 'x' is not a number"
    assert first == [f"warning: d.csv, line {2 * row + 1}, {wrong}" for row in range(1, 11)]
    assert more == "warning: further failures are counted but not shown"
    assert last == f"warning: the last of 40 failures: d.csv, line 81, {wrong}; {elsewhere}"
    assert (ran.returncode, closing) == (1, "40 of 80 rows failed")


@pytest.mark.parametrize(("count", "lines"), [(10, 11), (11, 13)])
def test_ten_bad_rows_are_all_told(mgrad: Run, count: int, lines: int) -> None:
    ran = mgrad("map", "x", "-", "--on-error", "skip", stdin="x\n1\n" + "no\n" * count)
    assert len(ran.stderr.splitlines()) == lines
