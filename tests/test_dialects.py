"""Text as people have it: delimiters, decimal commas, words for missing values, comments, encodings, compression."""

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pytest

from mgrad_cli.data.dialect import parse_delimiter, parse_encoding
from mgrad_cli.errors import UsageError
from tests.conftest import Run

NOTE = "note: d.csv is read with {} between cells, as with --delimiter {}\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "options", "output", "note"),
    [
        ("x;t\n2;a\n", [], "x;t;value;d_x\n2;a;4.0;4.0\n", NOTE.format("semicolons", "';'")),
        ("x\tt\n2\ta\n", [], "x\tt\tvalue\td_x\n2\ta\t4.0\t4.0\n", NOTE.format("tabs", "tab")),
        ("x|t\n2|a\n", [], "x|t|value|d_x\n2|a|4.0|4.0\n", NOTE.format("bars", "'|'")),
        ("x;t\n2;a,b\n", ["--delimiter", ";"], "x;t;value;d_x\n2;a,b;4.0;4.0\n", ""),
        ("x;t\n1,5;a\n", ["--delimiter", ";", "--decimal", ","], "x;t;value;d_x\n1,5;a;2,25;3,0\n", ""),
        ('x,t\n"1,5",a\n', ["--decimal", ","], 'x,t,value,d_x\n"1,5",a,"2,25","3,0"\n', ""),
        ("x  t\n2\ta \n", ["--delimiter", "ws"], "x  t value d_x\n2\ta  4.0 4.0\n", ""),
        ("x~t\n2~a\n", ["--delimiter", "~"], "x~t~value~d_x\n2~a~4.0~4.0\n", ""),
        ("x§t\n2§a,b\n", ["--delimiter", "§"], 'x,t,value,d_x\n2,"a,b",4.0,4.0\n', ""),
        ("2,a\n", ["--no-header", "--col", "x=c1"], "c1,c2,value,d_x\n2,a,4.0,4.0\n", ""),
        ("by hand\n\nx,t\n2,a\n", ["--skip", "2"], "x,t,value,d_x\n2,a,4.0,4.0\n", ""),
        ("#1\nx,t\n # 2\n2,a#b\n#\n", ["--comment", "#"], "x,t,value,d_x\n2,a#b,4.0,4.0\n", ""),
        ("x,t\nNA,a\n2,?\n", ["--null", "NA,?"], "x,t,value,d_x\nNA,a,,\n2,?,4.0,4.0\n", ""),
        ("x,t\n-999,a\n", ["--null", "-999"], "x,t,value,d_x\n-999,a,,\n", ""),
    ],
)  # fmt: skip
def test_rows_pass_as_they_are_written(
    mgrad: Run, tmp_path: Path, text: str, options: list[str], output: str, note: str
) -> None:
    (tmp_path / "d.csv").write_text(text)
    ran = mgrad("map", "x**2", "d.csv", *options, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (0, output)
    assert ran.stderr.startswith(note)
    assert "warning" not in ran.stderr
    assert note or "note" not in ran.stderr
    again = mgrad("map", "x**2", "-", *options, "--keep", "none", stdin=text)
    assert again.returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("form", ["jsonl", "tsv", "parquet"])
def test_cells_in_another_format_are_numbers_and_nulls(mgrad: Run, tmp_path: Path, form: str) -> None:
    (tmp_path / "d.csv").write_text("x;t;n\n1,5;NA;2,50\nNA;k;1.234,5\n")
    options = ["--decimal", ",", "--null", "NA", "--quiet", "-o", f"out.{form}"]
    assert mgrad("map", "x", "d.csv", *options, cwd=tmp_path).returncode == 0
    more = ["--wrt", "none", "--value-name", "w", "--keep", "x,t,n,value", "--format", "jsonl", "--quiet"]
    shown = mgrad("map", "one", f"out.{form}", "--one", "1", *more, cwd=tmp_path).stdout.splitlines()
    wanted = {
        "jsonl": ['"x": 1.5, "t": null, "n": 2.50, "value": 1.5', '"x": null, "t": "k", "n": "1.234,5", "value": null'],
        "parquet": ['"x": 1.5, "t": null, "n": "2,50", "value": 1.5', '"x": null, "t": "k", "n": "1.234,5"'],
    }
    if form != "tsv":
        assert [line.startswith(f"{{{start}") for line, start in zip(shown, wanted[form], strict=True)] == [True, True]
    else:
        assert (
            tmp_path / "out.tsv"
        ).read_text() == "x\tt\tn\tvalue\td_x\n1,5\tNA\t2,50\t1,5\t1,0\nNA\tk\t1.234,5\t\t\n"


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", ["latin-1", "cp1252", "utf-16", "utf-16-le", "utf-32", "shift_jis", "koi8-r"])
@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_text_in_another_encoding(mgrad: Run, tmp_path: Path, name: str, ending: str) -> None:
    word = {"shift_jis": "温度", "koi8-r": "масса"}.get(name, "größe")
    text = f"x,{word}\n2,{word}\n" if ending == "csv" else f'{{"x": 2, "t": "{word}"}}\n'
    (tmp_path / f"d.{ending}").write_bytes(text.encode(name))
    options = [] if name in {"utf-16", "utf-32"} else ["--encoding", name]
    ran = mgrad("map", "x", f"d.{ending}", *options, cwd=tmp_path)
    wanted = f"x,{word},value,d_x\n2,{word},2.0,1.0\n"
    assert ran.stdout == (wanted if ending == "csv" else f'{text[:-2]}, "value": 2.0, "d_x": 1.0}}\n')
    if not options:
        assert mgrad("map", "x", f"d.{ending}", "--encoding", name, cwd=tmp_path).stdout == ran.stdout


def test_long_text_in_another_encoding_is_converted_in_pieces(mgrad: Run, tmp_path: Path) -> None:
    rows = "".join(f"{index},{'é' * (index % 7)}\n" for index in range(40_000))
    (tmp_path / "d.csv").write_bytes(f"x,t\n{rows}".encode("utf-16"))
    (tmp_path / "e.csv").write_text(f"x,t\n{rows}")
    first, second = (mgrad("map", "x/3", name, cwd=tmp_path) for name in ("d.csv", "e.csv"))
    assert first.stdout == second.stdout
    assert len(first.stdout) > 1 << 20


def test_a_byte_that_an_encoding_lacks_has_its_place(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_bytes(b"x,t\n1,a\n2,\x81\n")
    ran = mgrad("map", "x", "d.csv", "--encoding", "cp1252", cwd=tmp_path)
    assert ran.returncode == 4
    assert "cannot read 'd.csv': byte 11 is not cp1252; give another --encoding" in ran.stderr


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress,
    "zst": lambda content: bytes(pyarrow.compress(content, "zstd", asbytes=True)),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", PACKED)
@pytest.mark.parametrize("name", ["d.csv.{}", "d.csv", "d"])
def test_compressed_data_is_unpacked(mgrad: Run, tmp_path: Path, kind: str, name: str) -> None:
    content = PACKED[kind](b"x,y\n" + b"1,2\n" * 100_000)
    path = tmp_path / "d"
    path.write_bytes(content)
    name = name.format(kind)
    path.rename(tmp_path / name)
    ran = mgrad("map", "x*y", name, cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "100,000 rows\n")


@pytest.mark.parametrize("kind", PACKED)
def test_expressions_are_unpacked(mgrad: Run, tmp_path: Path, kind: str) -> None:
    (tmp_path / f"f.mg.{kind}").write_bytes(PACKED[kind](b"a = 2; a*3\n"))
    assert '"value": 6.0' in mgrad("batch", f"f.mg.{kind}", cwd=tmp_path).stdout


@pytest.mark.parametrize("kind", PACKED)
def test_compressed_data_that_is_cut_short_is_an_error(mgrad: Run, tmp_path: Path, kind: str) -> None:
    (tmp_path / f"d.csv.{kind}").write_bytes(PACKED[kind](bytes(range(48, 58)) * 999 + b"\n")[:-5])
    ran = mgrad("map", "x", f"d.csv.{kind}", cwd=tmp_path)
    assert (ran.returncode, f"cannot read 'd.csv.{kind}'" in ran.stderr) == (4, True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--delimiter", ",,"], "--delimiter needs one character, tab or ws (runs of blanks), not ',,'"),
        (["--delimiter", "1"], "--delimiter needs one character"),
        (["--encoding", "no-such"], "unknown encoding 'no-such'; for example latin-1"),
        (["--input-format", "jsonl", "--delimiter", ";"], "--delimiter applies only to CSV and TSV"),
        (["--input-format", "jsonl", "--skip", "1"], "--skip applies only to CSV and TSV"),
        (["--input-format", "jsonl", "--no-header"], "--no-header applies only to CSV and TSV"),
        (["--input-format", "jsonl", "--comment", "#"], "--comment applies only to CSV and TSV"),
        (["--input-format", "jsonl", "--decimal", ","], "--decimal applies only to CSV and TSV"),
        (["--skip", "5"], "standard input has no lines after the 5 to skip (--skip)"),
    ],
)
def test_options_that_do_not_apply_are_refused(mgrad: Run, options: list[str], message: str) -> None:
    ran = mgrad("map", "x", "-", *options, stdin='{"x": 1}\n' if "jsonl" in options else "x\n1\n")
    assert ran.returncode in {2, 4}
    assert message in ran.stderr


def test_options_of_text_are_refused_for_ranges(mgrad: Run) -> None:
    for option in (["--delimiter", ";"], ["--null", "NA"], ["--encoding", "latin-1"]):
        assert "applies only to" in mgrad("map", "x", "--x", "0:1:1", *option).stderr


@pytest.mark.parametrize("text", ["", "ab", '"', "\n", "-", ".", "e", "7"])
def test_no_delimiter(text: str) -> None:
    with pytest.raises(UsageError, match="--delimiter needs one character"):
        parse_delimiter(text)


@pytest.mark.parametrize("name", ["hex", "rot13", "undefined-7", "a\0b"])
def test_no_encoding(name: str) -> None:
    with pytest.raises(UsageError, match="unknown encoding"):
        parse_encoding(name)


def test_a_fit_reads_text_as_map_does(mgrad: Run) -> None:
    text = "# by hand\nx;y\n0;1,0\n1;3,0\n2;5,0\n3;NA\n"
    options = ["--decimal", ",", "--null", "NA", "--comment", "#", "--on-error", "skip", "--json"]
    ran = mgrad("fit", "a*x + b", "-", "--y", "y", "--params", "a,b", *options, stdin=text)
    assert ran.returncode == 0, ran.stderr
    assert "is read with semicolons" in ran.stderr


UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.decompress, "bz2": bz2.decompress, "xz": lzma.decompress,
    "zst": lambda content: bytes(pyarrow.input_stream(pyarrow.BufferReader(content), "zstd").read()),
}  # fmt: skip


@pytest.mark.sampled(6)
@pytest.mark.parametrize("kind", PACKED)
@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_output_is_compressed_by_its_name(mgrad: Run, tmp_path: Path, kind: str, form: str) -> None:
    name = f"out.{form}.{kind}"
    words = ["map", "x*y", "--x", "0:99:1", "--y", "0:99:1", "--format", form]
    assert mgrad(*words, "-o", name, cwd=tmp_path).returncode == 0
    assert mgrad(*words, "-o", f"out.{form}", cwd=tmp_path).returncode == 0
    assert UNPACK[kind]((tmp_path / name).read_bytes()) == (tmp_path / f"out.{form}").read_bytes()
    again = mgrad("map", "x+y", name, "--value-name", "w", "--grad-prefix", "g_", cwd=tmp_path)
    assert (again.returncode, again.stderr) == (0, "10,000 rows\n")


@pytest.mark.parametrize("kind", PACKED)
def test_an_output_that_fails_leaves_no_compressed_file(mgrad: Run, tmp_path: Path, kind: str) -> None:
    ran = mgrad("map", "x", "-", "-o", f"out.csv.{kind}", stdin="x\n1\nk\n", cwd=tmp_path)
    assert ran.returncode == 4
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "f.mg").write_text("a = 2; a*3\n")
    assert mgrad("batch", "f.mg", "-o", f"out.jsonl.{kind}", cwd=tmp_path).returncode == 0
    assert b'"value": 6.0' in UNPACK[kind]((tmp_path / f"out.jsonl.{kind}").read_bytes())


def test_a_batch_in_another_encoding(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "f.mg").write_bytes("größe = 2; größe*3\n".encode("latin-1"))
    assert "--encoding latin-1" in mgrad("batch", "f.mg", cwd=tmp_path).stderr
    assert '"value": 6.0' in mgrad("batch", "f.mg", "--encoding", "latin-1", cwd=tmp_path).stdout
    (tmp_path / "g.mg").write_bytes("größe = 2; größe*3\n".encode("utf-16"))
    assert '"value": 6.0' in mgrad("batch", "g.mg", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("My title\nmade, 2020\nx,y\n1,2\n", [], "line 3 has the names of the columns; give --skip 2"),
        ("sep=;\nx;y;z\n1;2;3\n", [], "has one column, 'sep=;'; give --delimiter ';'"),
        ("sep=;\nx;y;z\n1;2;3\n", ["--delimiter", ";"], "line 2 has the names of the columns; give --skip 1"),
        ('"x" "y"\n"1" 5 6\n', ["--delimiter", "ws"], "; if rows begin with a name, --no-header --skip 1 calls"),
        ("1,2\n3,4\n", [], "the first line has numbers: give --no-header, and the columns are c1, c2, ..."),
        ("x,y\n1,2\n", ["--no-header"], "line 1 has the names of the columns; leave out --no-header"),
        ("# x\nx,y\n1,2\n", [], "line 2 has the names of the columns; give --skip 1"),
        ("x,y\n1,2\n", ["--delimiter", ";"], "has one column, 'x,y'; give --delimiter ,"),
        ("x,y\n1.5,NA\n", [], "for missing values, give --null NA"),
        ('x,y\n1,"1,5"\n', [], "if that is a decimal mark, give --decimal ,"),
        ("x;y\n1;1.5\n", ["--decimal", ","], "if that is a decimal mark, give --decimal ."),
    ],
)
def test_a_refusal_names_the_option_that_helps(mgrad: Run, text: str, options: list[str], message: str) -> None:
    ran = mgrad("map", "x*y", "-", *options, stdin=text)
    assert ran.returncode in {2, 4}
    assert message in ran.stderr


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    "changed",
    [["--null", "NA"], ["--decimal", ","], ["--comment", "#"], ["--cast"], ["--skip", "1"], ["--delimiter", "ws"]],
    ids=" ".join,
)
def test_a_run_is_not_resumed_with_other_options_of_reading(mgrad: Run, tmp_path: Path, changed: list[str]) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text("x\nx\n1\n" if "--skip" in changed else "x\n1\n")
    words = ["map", "x", "a.csv", "b.csv", "-o", "out/", "--quiet", "--on-error", "null"]
    assert mgrad(*words, cwd=tmp_path).returncode in {0, 1}
    (tmp_path / "out" / "part-00000.csv").unlink()
    ran = mgrad(*words, "--resume", *changed, cwd=tmp_path)
    assert (ran.returncode, "with other results; --overwrite starts again" in ran.stderr) == (2, True)


def test_a_table_with_row_names_and_missing_values(mgrad: Run) -> None:
    text = '"","speed","kind, 1"\n"1",4,"a ""b"""\n"2",NA,NA\n"3",10,""\n'
    ran = mgrad("map", "speed/2", "-", "--null", "NA", stdin=text)
    assert (ran.returncode, ran.stderr) == (0, "3 rows, 1 null\n")
    assert ran.stdout.splitlines() == [
        '"","speed","kind, 1",value,d_speed', '"1",4,"a ""b""",2.0,0.5', '"2",NA,NA,,', '"3",10,"",5.0,0.5'
    ]  # fmt: skip
    assert mgrad("map", "i*2", "-", "--col", "i=", "--keep", "none", stdin=text).stdout.splitlines()[1] == "2.0,2.0"


def test_comments_and_quoted_line_breaks(mgrad: Run) -> None:
    text = 'a,b\n"x\n#y",1\n# "c\n2,3\n'
    assert (
        mgrad("map", "b", "-", "--comment", "#", stdin=text).stdout == 'a,b,value,d_b\n"x\n#y",1,1.0,1.0\n2,3,3.0,1.0\n'
    )
    large = mgrad("map", "b", "-", "--comment", "#", stdin="a,b\n" + text.partition("\n")[2] * 60_000)
    assert (large.returncode, large.stderr) == (0, "120,000 rows\n")
