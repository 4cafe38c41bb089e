"""Few rows are read and written without polars and pyarrow: to the byte what the way for many rows writes."""

import gc
import itertools
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy
import polars
import pytest

from mgrad_cli.cli.main import run
from mgrad_cli.data import ranges
from mgrad_cli.data.formats import PLAIN_BYTES
from mgrad_cli.data.plain_writing import number_text
from mgrad_cli.data.text import TextSource
from tests.conftest import environment
from tests.test_map import DATA_HINT
from tests.test_map_agreement import JSON_KEYS, JSON_VALUES, NUMBERS, TEXTS

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
Told = tuple[int, bytes, bytes]
Ways = Callable[..., Told]

ON_ERROR = [[], ["--on-error", "null"], ["--on-error", "skip"]]
OUTPUTS = [
    [], ["--format", "csv"], ["--format", "tsv"], ["--format", "jsonl"], ["--format", "table"], ["--csv-safe"],
    ["--keep", "none"], ["--keep", "t"], ["--keep", "t", "--format", "jsonl"], ["--keep", "t,x", "--format", "csv"],
    ["--keep", "none", "--format", "jsonl"], ["--keep", "t", "--csv-safe", "--format", "tsv"], ["--reduce", "sum"],
    ["--reduce", "mean", "--format", "csv"], ["--reduce", "sum", "--format", "table"],
]  # fmt: skip


@pytest.fixture
def both_ways(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Ways]:
    """Runs a command on few rows as it is and as one on many rows, and returns what both told."""

    def told(words: list[str]) -> Told:
        code = run(words)
        captured = capfdbinary.readouterr()
        return code, captured.out, captured.err

    def run_both(*words: str) -> Told:
        plain = told(list(words))
        with monkeypatch.context() as patched:
            patched.setattr(TextSource, "is_small", False)
            patched.setattr(ranges, "PLAIN_ROWS", 0)
            assert told(list(words)) == plain
        return plain

    yield run_both
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # a command that fails leaves files to the end of its process
        gc.collect()


def content_of(ending: str) -> bytes:
    """Every number beside every text, or every member beside every other, good rows among bad ones."""
    if ending == "jsonl":
        pairs = itertools.product((key for key in JSON_KEYS if key != '"nonfinite"'), JSON_VALUES)
        lines = ['{"x": 1, "t": "a"}']
        for key, value in pairs:
            lines += [f'{{{key}: {value}, "t": 5}}', f'{{"x": 1, {key}: {value}}}', f'{{"t": {value}, "x": 2.5}} ']
        return "\n".join(lines).encode(errors="surrogatepass")
    separator = "," if ending == "csv" else "\t"
    quoted = [text for text in TEXTS if text not in {'"', '"open'}]
    rows = [f"{number}{separator}{text}" for number in NUMBERS if number != '"1' for text in quoted]
    rows += [f"{number}{separator}=1" for number in ("1", "+2", "-3")] + ["7", "", f"8{separator}k{separator}more"]
    rows += [f"9{separator}{text}" for text in ("+1", "-1.5", "-x", "@a", "＝1", "+inf", "-nan", "+1e5", "-1 ", "-1_0")]
    return f"x{separator}t\n".encode() + "\n".join(rows).encode() + f"\n5{separator}".encode() + b"\xff\xfe,\n"


@pytest.mark.sampled(14)
@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl"])
@pytest.mark.parametrize("more", OUTPUTS, ids=" ".join)
def test_few_rows_and_many_are_read_and_written_alike(
    both_ways: Ways, tmp_path: Path, ending: str, more: list[str]
) -> None:
    content = content_of(ending)
    header = content.partition(b"\n")[0]
    separator = b"," if ending == "csv" else b"\t"
    good = [header, b"1" + separator + b"a", b"2.5" + separator + b'"b c"', separator + b"d", b"nan" + separator, b""]
    if ending == "jsonl":
        good = [
            header,
            b'{"x": -0.0, "t": {"u": [1e5, null]}}',
            b'{"x": null, "t": "\\u00e9"}',
            b'{"t": 1, "x": 3E-7}',
            b"",
        ]
    contents = [
        b"\n".join(good),
        b"\r\n".join(good),
        b"\xef\xbb\xbf" + b"\n".join(good),
        header,
        header + b"\n",
        b"",
        content,
    ]
    for index, each in enumerate(contents):
        path = tmp_path / f"{index}.{ending}"
        path.write_bytes(each)
        for on_error in ON_ERROR:
            both_ways("map", "sqrt(x)/x", str(path), *more, *on_error)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("on_error", ON_ERROR, ids=str)
def test_every_bad_row_alone_is_reported_alike(both_ways: Ways, tmp_path: Path, on_error: list[str]) -> None:
    for ending in ("csv", "jsonl"):
        header, *rows = content_of(ending).splitlines(keepends=True)
        for index, row in enumerate(rows[:: 7 if ending == "csv" else 23]):
            path = tmp_path / f"{index}.{ending}"
            path.write_bytes(header + header.replace(b"x,t", b"1,t") + row)
            both_ways("map", "x*2", str(path), *on_error)


@pytest.mark.parametrize("more", OUTPUTS[:5], ids=" ".join)
def test_a_grid_is_written_alike(both_ways: Ways, more: list[str]) -> None:
    for words in (
        ["--t", "0:1:0.25"],
        ["--t", "-1e-5:1e-5#9"],
        ["--t", "1e15:3e22#5"],
        ["--t", "-1:1:0.5", "--x", "0:2:1"],
    ):
        both_ways("map", "log(t)" if len(words) == 2 else "t/x", *words, *more)


def test_options_of_map_give_the_same_results(both_ways: Ways, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("id,x,y,u_x\na,1,2,0.1\nb,0.5,,0.2\nc,-3,1e300,bad\n", encoding="utf-8")
    for more in (
        ["--order", "2"], ["--u", "x=u_x"], ["--u", "x=u_x", "--on-error", "null"], ["--u", "x=1%", "--on-error", "skip"],
        ["--accuracy"], ["--wrt", "none", "--value-name", "z"], ["--params", "y=2"], ["--solve", "y=1"], ["--strict"],
        ["--col", "y=x"], ["--keep", "y,id"], ["--keep", "none", "--wrt", "none"], ["--unbuffered"], ["--quiet"],
    ):  # fmt: skip
        both_ways("map", "x*y", str(path), *more)
    other = tmp_path / "e.csv"
    other.write_text("u_x,y,x,id\n0.1,2,3,d\n", encoding="utf-8")
    for more in ([], ["--json"], ["--reduce", "sum"], ["--format", "table"]):
        both_ways("map", "x*y", str(path), str(other), *more)


def test_numbers_are_spelled_as_polars_spells_them() -> None:
    generator = numpy.random.default_rng(1)
    values = [
        *generator.integers(0, 1 << 64, 20_000, dtype=numpy.uint64).view(numpy.float64).tolist(),
        *(generator.integers(1, 10**6, 20_000) * 10.0 ** generator.integers(-30, 30, 20_000)).tolist(),
        0.0, -0.0, 5e-324, 1e-5, -1e-5, 1e-4, 9.5e-6, 1e15, 1e16, 123456789012345680.0,
    ]  # fmt: skip
    finite = [value for value in values if value - value == 0]
    assert list(map(number_text, finite)) == polars.Series(finite).cast(polars.String).to_list()
    written = polars.DataFrame({"x": finite}).write_csv(include_header=False).splitlines()
    assert list(map(number_text, finite)) == written


def test_few_rows_import_neither_polars_nor_pyarrow(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("x,t\n1,a\n2,b\nbad,c\n", encoding="utf-8")
    script = (
        "import sys; from mgrad_cli.cli.main import run; run(sys.argv[1:]); "
        "print([name for name in ('polars', 'pyarrow', 'asyncio', 'cloudpickle', 'concurrent.futures') if name in sys.modules])"
    )
    for words in (
        [str(path), "--on-error", "null"],
        ["-"],
        ["--x", "0:1:0.1"],
        [str(path), "--on-error", "skip", "--json"],
    ):
        ran = subprocess.run(
            [sys.executable, "-c", script, "map", "x**2", *words],
            input=path.read_text(), capture_output=True, text=True, env=environment(),
        )  # fmt: skip
        assert ran.stdout.endswith("\n[]\n"), ran.stdout + ran.stderr


WITHOUT = (
    "import sys; sys.modules['polars'] = sys.modules['pyarrow'] = sys.modules['llvmlite'] = None; "
    "from mgrad_cli.cli.main import run; sys.exit(run(sys.argv[1:]))"
)


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl"])
def test_many_rows_are_read_without_the_libraries_slowly_and_with_a_hint(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"d.{ending}"
    if ending == "jsonl":
        lines = [f'{{"x": {row / 7}, "t": "row {row}"}}' for row in range(60_000)]
    else:
        separator = "," if ending == "csv" else "\t"
        lines = [f"x{separator}t", *(f"{row / 7}{separator}row {row}" for row in range(60_000))]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert path.stat().st_size > PLAIN_BYTES
    words = ["map", "x**2", str(path)]
    ran = [
        subprocess.run([sys.executable, *way, *words], capture_output=True, text=True, env=environment(), check=True)
        for way in (["-c", WITHOUT], ["-m", "mgrad_cli"])
    ]
    assert ran[0].stdout == ran[1].stdout
    hint = f"note: fast reading of many rows needs polars and pyarrow: {DATA_HINT}"
    assert ran[0].stderr == hint + ran[1].stderr
    quiet = subprocess.run([sys.executable, "-c", WITHOUT, *words, "--quiet"], capture_output=True, env=environment())
    assert quiet.stderr == b""


WRITTEN = {
    "x;t\n1,5;a\n-2,5e3;=1\n;NA\nNA;\n,5;-1,5\n": ["--decimal", ",", "--null", "NA"],
    "x|t\n1|a\n2.5|\n": ["--delimiter", "|"],
    'x,t\n"1,5",a\n"-0,25","-1,5"\n': ["--decimal", ","],
    'x  t\n 1 "a b"\n2.5\t""\n"" c \nNA "="\n': ["--delimiter", "ws", "--null", "NA"],
    "# note\nx,t\n1,2\n# \"more\n-,x\n": ["--comment", "#", "--null", "-,x"],
    "title\n\n1,a\n2,b\n": ["--skip", "2", "--no-header", "--col", "x=c1"],
}  # fmt: skip


@pytest.mark.parametrize("more", [each for each in OUTPUTS if "t,x" not in each], ids=" ".join)
@pytest.mark.parametrize("text", WRITTEN)
def test_text_of_every_dialect_is_read_and_written_alike(
    both_ways: Ways, tmp_path: Path, text: str, more: list[str]
) -> None:
    path = tmp_path / "d.csv"
    path.write_text(text)
    options = WRITTEN[text]
    kept = ["c2" if word == "t" and "--no-header" in options else word for word in more]
    code, _, err = both_ways("map", "sqrt(x)/x", str(path), *options, *kept)
    assert (code, b"error" in err) == (0, False)
