"""`mgrad map` and its kin on pipes: what was looked at to recognize data is not lost, whatever the pipe is called."""

import gzip
import json
import os
import subprocess
import threading
from io import BytesIO
from pathlib import Path

import pyarrow
import pytest
from pyarrow import ipc, parquet

from mgrad_cli.data.signatures import SIGNATURES, format_of_content, is_undecided
from mgrad_cli.data.streams import ByteStream
from tests.conftest import Run, environment

TABLE = pyarrow.table({"x": [1.0, 2.0, 4.0]})
RESULT = "x,value,d_x\n1.0,1.0,1.0\n2.0,2.0,1.0\n4.0,4.0,1.0\n"


def content_of(form: str) -> bytes:
    buffer = BytesIO()
    match form:
        case "csv":
            return b"x\n1.0\n2.0\n4.0\n"
        case "csv with a byte order mark":
            return b"\xef\xbb\xbf" + content_of("csv")
        case "jsonl":
            return b'{"x": 1.0}\n{"x": 2.0}\n{"x": 4.0}\n'
        case "csv.gz":
            return gzip.compress(content_of("csv"))
        case "jsonl.gz":
            return gzip.compress(content_of("jsonl"))
        case "parquet":
            parquet.write_table(TABLE, buffer)
        case "parquet.gz":
            return gzip.compress(content_of("parquet"))
        case "arrow" | "arrow stream":
            with (ipc.new_file if form == "arrow" else ipc.new_stream)(buffer, TABLE.schema) as writer:
                writer.write_table(TABLE)
    return buffer.getvalue()


FORMS = (
    "csv", "csv with a byte order mark", "jsonl", "csv.gz", "jsonl.gz", "parquet", "parquet.gz", "arrow", "arrow stream",
)  # fmt: skip


def piped(content: bytes, words: list[str], pieces: int = 1) -> "subprocess.CompletedProcess[str]":
    """Runs `mgrad` with the content on a pipe, written in so many pieces with a flush after each."""
    process = subprocess.Popen(
        ["mgrad", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    )
    stdin = process.stdin
    assert stdin is not None
    watch = threading.Timer(60, process.kill)
    watch.start()
    size = max(1, -(-len(content) // pieces))
    for start in range(0, len(content), size):
        stdin.write(content[start : start + size])
        stdin.flush()
    out, err = process.communicate()
    watch.cancel()
    return subprocess.CompletedProcess(words, process.returncode, out.decode(), err.decode())


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["-", "/dev/stdin", "/dev/fd/0"])
def test_a_pipe_is_read_whole_whatever_its_name(form: str, name: str) -> None:
    ran = piped(content_of(form), ["map", "x", name, "--format", "csv"], pieces=40)
    assert (ran.returncode, ran.stderr) == (0, "3 rows\n")
    assert [float(line.split(",")[1]) for line in ran.stdout.splitlines()[1:]] == [1.0, 2.0, 4.0]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("form", FORMS)
def test_a_named_pipe_is_read_whole(tmp_path: Path, form: str) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_bytes, args=[content_of(form)], daemon=True)
    writer.start()
    command = ["mgrad", "map", "x*w", str(fifo), "--w", "1", "--reduce", "sum"]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=60)
    assert json.loads(ran.stdout) == {"rows": 3, "value": 7.0, "d_w": 7.0}


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("given", ["", "explicit"])
def test_the_output_of_a_command_is_read_by_its_name(tmp_path: Path, form: str, given: str) -> None:
    (tmp_path / "d").write_bytes(content_of(form))
    known = form.split(".")[0].split()[0]
    option = f"--input-format {known}" if given else ""
    command = f"mgrad map x <(cat d) <(cat d) {option} --format csv --quiet"
    ran = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, env=environment(), timeout=60
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert len(ran.stdout.splitlines()) == 7


def test_a_live_pipe_is_answered_before_more_comes(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    process = subprocess.Popen(
        ["mgrad", "map", "x**2", str(fifo), "--unbuffered"], stdout=subprocess.PIPE, env=environment()
    )
    assert process.stdout is not None
    watch = threading.Timer(60, process.kill)
    watch.start()
    with open(fifo, "wb", buffering=0) as feed:
        for sent, answer in ((b"x\n", b"x,value,d_x\n"), (b"2\n", b"2,4.0,4.0\n"), (b"3\n", b"3,9.0,6.0\n")):
            feed.write(sent)
            assert process.stdout.readline() == answer
    assert process.wait(60) == 0
    watch.cancel()
    process.stdout.close()


@pytest.mark.parametrize("verb", ["map", "batch"])
@pytest.mark.parametrize(("one", "other"), [("-", "-"), ("-", "/dev/stdin"), ("/dev/fd/0", "/dev/stdin")])
def test_one_pipe_is_not_read_twice(verb: str, one: str, other: str) -> None:
    words = ["x"] if verb == "map" else []
    ran = piped(b"x\n1\n", [verb, *words, one, other])
    assert ran.returncode == 2
    assert "is given twice" in ran.stderr
    if verb == "map":
        ran = piped(b"x\n1\n", [verb, "--file", one, other])
        assert (ran.returncode, "is given twice" in ran.stderr) == (2, True)


def test_expressions_come_by_pipes_too(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("x\n2\n")
    for command, result in (
        ("mgrad map --file <(echo 'x*3') d.csv --quiet", "x,value,d_x\n2,6.0,3.0\n"),
        ("echo 'x*3' | mgrad map --file /dev/stdin <(cat d.csv) --quiet", "x,value,d_x\n2,6.0,3.0\n"),
        ("mgrad eval --file <(echo 'x*3') --x 2 --format csv | tail -1 | cut -d, -f4", "6.0\n"),
        ("echo 'x=2; x*3' | mgrad batch /dev/stdin --quiet | grep -c '\"value\": 6.0'", "1\n"),
        ("mgrad batch <(echo 'x=2; x*3') <(echo 'x=2; x*4') --quiet | wc -l | tr -d ' '", "2\n"),
    ):
        ran = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, env=environment(), timeout=60
        )
        assert ran.stdout == result, (command, ran.stderr)


def test_data_before_the_expression_is_told_apart_by_pipe_too() -> None:
    command = "mgrad map <(printf 'x\\n1\\n') x"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environment(), timeout=60)
    assert ran.returncode == 2
    assert "is a file; put the expression first, or read it from a file with --file" in ran.stderr


def test_a_file_without_an_ending_before_the_expression_is_told_apart(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "my-data file").write_text("x\n1\n")
    ran = mgrad("map", "my-data file", "x", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (
        2, "error: 'my-data file' is a file; put the expression first, or read it from a file with --file\n",
    )  # fmt: skip


def test_a_folder_before_the_expression_is_told_apart(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "rows").mkdir()
    ran = mgrad("map", "rows", "x*y", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (
        2, "error: 'rows' is a folder; put the expression first, or read it from a file with --file\n",
    )  # fmt: skip
    (tmp_path / "d.csv").write_text("rows\n1\n")
    assert mgrad("map", "rows", "d*.csv", cwd=tmp_path).returncode == 0


def test_a_run_by_parts_refuses_what_it_cannot_read_twice(tmp_path: Path) -> None:
    command = f"mgrad map x <(printf 'x\\n1\\n') <(printf 'x\\n1\\n') -o {tmp_path}/out/ --format csv"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environment(), timeout=60)
    assert (ran.returncode, "which is not a regular file" in ran.stderr) == (2, True), ran.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("is_live", [True, False])
def test_reads_of_any_size_give_the_bytes_that_there_are(tmp_path: Path, form: str, is_live: bool) -> None:
    path = tmp_path / "d"
    path.write_bytes(content_of(form))
    plain = content_of(form.removesuffix(".gz"))
    for size in (1, 3, 7, 1000, 1 << 20):
        stream = ByteStream(str(path), is_live)
        pieces = []
        while piece := stream.read(size):
            pieces.append(piece)
        stream.close()
        assert b"".join(pieces) == plain


def test_no_more_is_waited_for_than_it_takes_to_recognize_data() -> None:
    for start in (b"x\n", b"x", b"a,b", b'{"', b"PAR1\x15", b"1"):
        assert not is_undecided(start)
    for whole in (each.magic for each in SIGNATURES):
        assert all(
            is_undecided(whole[:length]) for length in range(len(whole)) if length != 2 or whole[:2] != b"\xff\xfe"
        )
    assert [format_of_content(start) for start in (b"PAR1,PAR2\n", b"ORC\n", b"ARROW1\n", b"BZh,x\n", b"[m],x\n")] == [
        "csv"
    ] * 5
