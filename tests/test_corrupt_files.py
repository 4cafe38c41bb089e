"""Files damaged at random places end in a result or an error of one sentence, never in a crash or an internal error."""

import gzip
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy
import pyarrow
import pytest
from pyarrow import ipc, parquet

from tests.conftest import Run, environment

MUTANTS = 500
SCRIPT = """
import random, sys
from pathlib import Path
from mgrad_cli.cli.main import run

source, count, seed = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
content = source.read_bytes()
target = source.with_name(f"mutant{''.join(source.suffixes)}")
randomness = random.Random(seed)
outputs = [str(source.with_name(f"out.{ending}")) for ending in ("csv", "jsonl", "parquet", "arrow")]
for number in range(count):
    mutant = bytearray(content)
    for _ in range(randomness.choice([1, 1, 1, 2, 8, 64])):
        place = randomness.randrange(len(mutant))
        action = randomness.randrange(5)
        if action == 0:
            mutant[place] ^= 1 << randomness.randrange(8)
        elif action == 1:
            mutant[place] = randomness.choice([0, 1, 127, 128, 255])
        elif action == 2:
            mutant[place : place + 4] = randomness.randbytes(4)
        elif action == 3:
            mutant[place : place + 8] = (randomness.choice([-1, 2**31, 2**40, 2**62])).to_bytes(8, "little", signed=True)
        elif randomness.random() < 0.2:
            del mutant[place:]
            mutant = mutant or bytearray(1)
    target.write_bytes(mutant)
    code = run(["map", "x*y", str(target), "-o", randomness.choice(outputs), "--quiet", "--threads", "1"])
    print(number, code, flush=True)
"""


def table() -> Any:
    count = 300
    words = pyarrow.array([f"word {index % 7}" if index % 5 else None for index in range(count)])
    return pyarrow.table(
        {
            "x": numpy.linspace(-1, 1, count),
            "y": pyarrow.array([None if index % 11 == 0 else index for index in range(count)], pyarrow.int32()),
            "code": words.dictionary_encode(),
            "word": words,
            "when": pyarrow.array(range(count), pyarrow.timestamp("ms")),
            "cost": pyarrow.array(range(count), pyarrow.int64()).cast(pyarrow.decimal128(21, 2)),
        }
    )


def write_source(folder: Path, ending: str) -> Path:
    path = folder / f"source.{ending}"
    if ending == "parquet":
        parquet.write_table(table(), path, row_group_size=100)
    elif ending in {"arrow", "arrows"}:
        with (ipc.new_file if ending == "arrow" else ipc.new_stream)(path, table().schema) as writer:
            writer.write_table(table(), max_chunksize=100)
    elif ending == "csv.gz":
        lines = "".join(f"{index / 7},{index},word {index}\n" for index in range(300))
        path.write_bytes(gzip.compress(f"x,y,word\n{lines}".encode(), mtime=0))
    else:
        path.write_text("".join(f'{{"x": {index / 7}, "y": {index}, "word": "w{index}"}}\n' for index in range(300)))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["parquet", "arrow", "arrows", "csv.gz", "jsonl"])
def test_a_damaged_file_is_a_result_or_one_sentence(ending: str, tmp_path: Path) -> None:
    source = write_source(tmp_path, ending)
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(source), str(MUTANTS), ending],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=600,
    )
    assert ran.returncode == 0, (ran.stdout.splitlines()[-1:], ran.stderr[-2000:])
    codes = [int(line.split()[1]) for line in ran.stdout.splitlines()]
    assert len(codes) == MUTANTS
    assert set(codes) <= {0, 2, 4}, [(number, code) for number, code in enumerate(codes) if code not in {0, 2, 4}]
    assert 4 in codes
    errors = ran.stderr.splitlines()
    assert len(errors) == len(codes) - codes.count(0)
    assert all(error.startswith("error: ") for error in errors)


@pytest.mark.slow
@pytest.mark.parametrize("is_stream", [False, True])
def test_an_arrow_file_that_is_cut_while_it_is_read_is_an_error(mgrad: Run, is_stream: bool, tmp_path: Path) -> None:
    path = tmp_path / "big.arrow"
    count = 1 << 20
    columns = pyarrow.table({"x": numpy.arange(float(count)), "word": [f"word {index}" for index in range(count)]})
    with (ipc.new_stream if is_stream else ipc.new_file)(path, columns.schema) as writer:
        for _ in range(8):
            writer.write_table(columns, max_chunksize=1 << 16)
    pipe = tmp_path / "out"
    os.mkfifo(pipe)
    ended: list[Any] = []
    thread = threading.Thread(
        target=lambda: ended.append(mgrad("map", "x", str(path), "-o", str(pipe), "--format", "csv"))
    )
    thread.start()
    with open(pipe, "rb") as reader:
        reader.read(1000)  # it has begun, and waits for the rest to be read
        os.truncate(path, 1 << 16)
        while reader.read(1 << 20):
            pass
    thread.join()
    assert ended[0].returncode == 4, ended[0].stderr
    assert ended[0].stderr.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == [path, pipe]


def test_metadata_that_is_not_utf_8_is_an_error(mgrad: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    parquet.write_table(pyarrow.table({"x": [1.0], "größe": [1.0]}), path)
    path.write_bytes(path.read_bytes().replace("größe".encode(), "größe".encode("utf-16-le")[:7]))
    ran = mgrad("map", "x", str(path))
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (4, "", 1), ran.stderr


INTACT = {
    "indices": (pyarrow.array(["a", "b", "a", "b"]).dictionary_encode(), numpy.array([0, 1, 0, 1], dtype=numpy.int32)),
    "offsets": (pyarrow.array(["a", "bc", "d", "e"]), numpy.array([0, 1, 3, 4, 5], dtype=numpy.int32)),
    "list offsets": (pyarrow.array([[1], [2, 3], [4], [5]]), numpy.array([0, 1, 3, 4, 5], dtype=numpy.int32)),
    "times": (pyarrow.array([1, 2, 3, 4], pyarrow.timestamp("ms")), numpy.array([1, 2, 3, 4])),
    "days": (pyarrow.array([1, 2, 3, 4], pyarrow.date32()), numpy.array([1, 2, 3, 4], dtype=numpy.int32)),
    "times of day": (pyarrow.array([1, 2, 3, 4], pyarrow.time64("us")), numpy.array([1, 2, 3, 4])),
    "times in lists": (
        pyarrow.array([[1], [2], [3], [4]], pyarrow.list_(pyarrow.timestamp("us"))),
        numpy.array([1, 2, 3, 4]),
    ),
}
FAR = [[0, 2**31 - 1, -5, 9, 9], [-1, 3, 2, 1, 0], [2**31 - 1] * 5]


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "arrow"])
@pytest.mark.parametrize("what", ["indices", "offsets", "list offsets"])
def test_indices_and_offsets_that_point_elsewhere_are_an_error(
    mgrad: Run, what: str, ending: str, tmp_path: Path
) -> None:
    for far in FAR:
        path = write_damaged(tmp_path / "a.arrow", what, far)
        ran = mgrad("map", "x", str(path), "-o", str(tmp_path / f"out.{ending}"))
        is_refused = ending == "csv" and what == "list offsets"  # which have no form in CSV
        assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2 if is_refused else 4, "", 1), ran.stderr
        assert not (tmp_path / f"out.{ending}").exists()
    assert mgrad("map", "x", str(path), "--keep", "none").returncode == 0


@pytest.mark.sampled(3)
@pytest.mark.parametrize("ending", ["csv", "jsonl"])
@pytest.mark.parametrize("what", [name for name in INTACT if "time" in name or name == "days"])
def test_times_that_have_no_form_as_text_are_an_error(mgrad: Run, what: str, ending: str, tmp_path: Path) -> None:
    path = write_damaged(tmp_path / "a.arrow", what, FAR[2])
    ran = mgrad("map", "x", str(path), "-o", str(tmp_path / f"out.{ending}"))
    is_refused = ending == "csv" and what == "times in lists"
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2 if is_refused else 4, "", 1), ran.stderr
    is_valid = what != "times of day"  # which end with the day in any format
    assert mgrad("map", "x", str(path), "-o", str(tmp_path / "out.arrow")).returncode == (0 if is_valid else 4)


def write_damaged(path: Path, what: str, far: list[int]) -> Path:
    """An Arrow file with a column whose indices, offsets or times have been changed."""
    column, intact = INTACT[what]
    factor = 2**32 if intact.dtype == numpy.int64 else 1
    damaged = (numpy.array(far, dtype=numpy.int64)[: len(intact)] * factor).astype(intact.dtype)
    batch = pyarrow.RecordBatch.from_arrays([pyarrow.array([1.0] * 4), column], ["x", "c"])
    with ipc.new_file(path, batch.schema) as writer:
        writer.write_batch(batch)
    content = path.read_bytes()
    assert content.count(intact.tobytes()) == 1
    path.write_bytes(content.replace(intact.tobytes(), damaged.tobytes()))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_a_small_file_that_is_huge_inside_is_read_a_little_at_a_time(ending: str, tmp_path: Path) -> None:
    rows, length = 66_000, 50_000
    long = pyarrow.DictionaryArray.from_arrays(pyarrow.array(numpy.zeros(rows, dtype=numpy.int32)), ["a" * length])
    columns = pyarrow.table({"x": numpy.zeros(rows), "long": long})
    path = tmp_path / f"a.{ending}"
    if ending == "parquet":
        parquet.write_table(columns, path, compression="zstd", store_schema=False)
    else:
        with ipc.new_file(path, columns.schema) as writer:
            writer.write_table(columns)
    script = (
        "import resource, sys; from mgrad_cli.cli.main import run; code = run(sys.argv[1:]); "
        "print(code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10)"
    )
    words = ["map", "x", str(path), "-o", os.devnull, "--format", "csv", "--threads", "1", "--quiet"]
    ran = subprocess.run(
        [sys.executable, "-c", script, *words], capture_output=True, text=True, check=True, timeout=300
    )
    code, megabytes = map(int, ran.stdout.split())
    assert code == 0, ran.stderr
    assert megabytes < 1000
