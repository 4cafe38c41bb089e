"""`map` into a folder: parts, exactly once, by one process or several; unfinished runs gone on with, or refused."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing import util
from pathlib import Path
from typing import Any

import numpy
import pytest

from mgrad_cli.data.formats import ReadOptions
from mgrad_cli.mapping import lock
from mgrad_cli.mapping.driver import run_to_folder
from mgrad_cli.mapping.executors import InProcessExecutor, Order, ProcessExecutor
from mgrad_cli.mapping.options import ResultOptions
from mgrad_cli.mapping.part import PART_BYTES, Part, parts_of
from mgrad_cli.mapping.records import SUCCESS, PartOutcome, outcome_of, summed
from mgrad_cli.mapping.summation import ExactSum
from mgrad_cli.mapping.task import MapTask
from mgrad_cli.mapping.worker import run_part
from tests.conftest import Run, environment
from tests.processes import HANG_SECONDS, Gate, done_parts, wait_for

pyarrow = pytest.importorskip("pyarrow", reason="map needs polars and pyarrow (extra `data`)")
pytest.importorskip("polars", reason="map needs polars and pyarrow (extra `data`)")

from pyarrow import parquet  # noqa: E402

SLOW = "x" + ".sin()" * 300 + "*y"
"""A formula of which 50,000 rows take a moment."""


def written(folder: Path, files: int = 6, rows: int = 2000, form: str = "parquet") -> Path:
    """A folder of data files in x and y."""
    folder.mkdir()
    generator = numpy.random.default_rng(3)
    for index in range(files):
        table = pyarrow.table({name: generator.uniform(0.5, 2, rows) for name in "xy"})
        if form == "parquet":
            parquet.write_table(table, folder / f"{index}.parquet")
        else:
            lines = zip(*(column.to_pylist() for column in table.columns), strict=True)
            (folder / f"{index}.csv").write_text("x,y\n" + "".join(f"{x!r},{y!r}\n" for x, y in lines))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name.startswith("part-")}


def success(folder: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((folder / SUCCESS).read_text())
    return record


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return written(tmp_path / "in")


@pytest.mark.sampled(2)
@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_processes_write_the_same_bytes_as_one(mgrad: Run, tmp_path: Path, form: str) -> None:
    data = written(tmp_path / "in", form=form)
    for name, words in (("one", []), ("two", ["--jobs", "2"])):
        ran = mgrad("map", "sin(x)*y", str(data), "-o", f"{tmp_path / name}/", *words)
        assert (ran.returncode, ran.stderr) == (0, "12,000 rows\n")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert len(contents(tmp_path / "one")) == 6
    assert (tmp_path / "one" / SUCCESS).read_text() == (tmp_path / "two" / SUCCESS).read_text()
    assert sorted(os.listdir(tmp_path / "one")) == ["_SUCCESS", *sorted(contents(tmp_path / "one"))]


def test_success_has_parts_rows_sums_and_versions(mgrad: Run, tmp_path: Path, data: Path) -> None:
    mgrad("map", "sin(x)*y", str(data), "-o", f"{tmp_path / 'out'}/")
    record = success(tmp_path / "out")
    assert (record["parts"], record["rows"], record["expression"]) == (6, 12000, "sin(x)*y")
    assert set(record["versions"]) == {"mgrad", "numpy", "polars", "pyarrow"}
    total = json.loads(mgrad("map", "sin(x)*y", str(data), "--reduce", "sum", "--wrt", "x,y").stdout)
    assert record["sums"] == {name: total[name] for name in ("value", "d_x", "d_y")}


def test_a_folder_with_something_in_it_is_refused(mgrad: Run, tmp_path: Path, data: Path) -> None:
    out = tmp_path / "out"
    assert mgrad("map", "x*y", str(data), "-o", f"{out}/").returncode == 0
    again = mgrad("map", "x*y", str(data), "-o", f"{out}/")
    assert again.returncode == 2
    assert again.stderr == f"error: the folder '{out}' is not empty; --overwrite starts again\n"
    assert mgrad("map", "x + y", str(data), "-o", f"{out}/", "--overwrite").returncode == 0
    assert success(out)["expression"] == "x + y"
    (out / "notes.txt").write_text("mine")
    kept = mgrad("map", "x*y", str(data), "-o", f"{out}/", "--overwrite")
    assert (kept.returncode, "'notes.txt', which no mgrad run wrote" in kept.stderr) == (2, True)
    assert (out / "notes.txt").read_text() == "mine"
    assert success(out)["expression"] == "x + y"


def test_a_finished_run_is_not_done_again(mgrad: Run, tmp_path: Path, data: Path) -> None:
    out = tmp_path / "out"
    mgrad("map", "x*y", str(data), "-o", f"{out}/")
    before = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    ran = mgrad("map", "x*y", str(data), "-o", f"{out}/", "--resume")
    assert ran.returncode == 0
    assert {path.name: path.stat().st_mtime_ns for path in out.iterdir()} == before
    other = mgrad("map", "x*y + 1", str(data), "-o", f"{out}/", "--resume")
    assert (other.returncode, "is complete, with other results" in other.stderr) == (2, True)


@pytest.mark.parametrize(
    "way", [Path.unlink, lambda path: path.write_text(""), lambda path: path.write_text("x\n" * 99)]
)
@pytest.mark.parametrize("is_interrupted", [False, True])
def test_a_part_of_a_finished_run_that_is_not_what_was_written_is_done_again(
    tmp_path: Path, data: Path, way: Any, is_interrupted: bool
) -> None:
    out, one = tmp_path / "out", task("x*y", file_format="csv")
    parts = parts_of(sorted(map(str, data.iterdir())), ReadOptions())

    def run(executor: Any) -> None:
        run_to_folder(str(out), one, parts, executor, 0, lambda *_: None, resumes=True)

    run(InProcessExecutor(1, None))
    before, record = contents(out), success(out)
    way(out / "part-00001.csv")
    if is_interrupted:

        class Interrupted(InProcessExecutor):
            def submit(self, order: Any) -> None:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run(Interrupted(1, None))
        assert (
            before.items() >= {name: content for name, content in contents(out).items() if "00001" not in name}.items()
        )
        assert len(contents(out)) >= len(parts) - 1
    states = {path.name: path.stat().st_mtime_ns for path in out.glob("part-*") if "00001" not in path.name}
    run(InProcessExecutor(1, None))
    assert (contents(out), success(out)) == (before, record)
    assert states.items() <= {path.name: path.stat().st_mtime_ns for path in out.glob("part-*")}.items()
    assert not (out / "_tmp" / "job.json").exists()


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path / "gate")


def killed(tmp_path: Path, data: Path, gate: Gate, parts: int, *words: str) -> tuple[Path, list[str]]:
    """A folder whose driver was killed with -9 when these many parts were done, and their names."""
    out = tmp_path / "out"
    driver = begun(out, data, gate.before(parts), *words)
    done = wait_for(lambda: len(done := done_parts(out)) == parts and done, driver)
    driver.kill()
    driver.communicate()
    assert done
    return out, done


def begun(out: Path, data: Path, changes: Mapping[str, str], *words: str, **options: Any) -> "subprocess.Popen[str]":
    """A run that is under way, in an environment with these changes."""
    return subprocess.Popen(
        ["mgrad", "map", SLOW, str(data), "-o", f"{out}/", *words],
        env=environment(**changes), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("words", [[], ["--jobs", "2"]], ids=["one", "two"])
def test_a_killed_driver_leaves_whole_parts_and_the_rest_is_done_by_resuming(
    mgrad: Run, tmp_path: Path, data: Path, gate: Gate, words: list[str]
) -> None:
    assert mgrad("map", SLOW, str(data), "-o", f"{tmp_path / 'whole'}/").returncode == 0
    out, done = killed(tmp_path, data, gate, 2, *words)
    assert not (out / SUCCESS).exists()
    assert done == ["part-00000", "part-00001"]
    times = {path.name: path.stat().st_mtime_ns for path in out.glob("part-*") if path.stem in done}
    whole = contents(tmp_path / "whole")
    assert contents(out) == {name: whole[name] for name in times}
    report = tmp_path / "report.json"
    ran = mgrad("map", SLOW, str(data), "-o", f"{out}/", "--resume", "--report", str(report), *words)
    assert (ran.returncode, ran.stderr) == (0, "12,000 rows\n")
    assert contents(out) == whole
    assert (out / SUCCESS).read_text() == (tmp_path / "whole" / SUCCESS).read_text()
    assert sorted(os.listdir(out)) == sorted(os.listdir(tmp_path / "whole"))
    assert json.loads(report.read_text())["resumed"] == len(done)
    assert {name: (out / name).stat().st_mtime_ns for name in times} == times


@pytest.mark.slow
def test_ten_kills_at_any_moment_and_the_folder_is_the_same(mgrad: Run, tmp_path: Path) -> None:
    data = written(tmp_path / "in", rows=5000)
    assert mgrad("map", SLOW, str(data), "-o", f"{tmp_path / 'whole'}/").returncode == 0
    out = tmp_path / "out"
    for index in range(10):
        driver = begun(out, data, {}, *(["--resume"] if out.exists() and os.listdir(out) else []))
        with suppress(subprocess.TimeoutExpired):
            driver.communicate(timeout=0.35 + 0.09 * index)
        driver.kill()
        driver.communicate()
    ran = mgrad("map", SLOW, str(data), "-o", f"{out}/", "--resume")
    assert ran.returncode == 0, ran.stderr
    assert contents(out) == contents(tmp_path / "whole")
    assert (out / SUCCESS).read_text() == (tmp_path / "whole" / SUCCESS).read_text()


def touched(data: Path) -> list[Any]:
    os.utime(data / "3.parquet")
    return [SLOW, []]


def removed(data: Path) -> list[Any]:
    (data / "3.parquet").unlink()
    return [SLOW, []]


def added(data: Path) -> list[Any]:
    shutil.copy(data / "3.parquet", data / "9.parquet")
    return [SLOW, []]


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: ["x + y", []], "the expression changed: it was 'x.sin().sin()"),
        (lambda data: [SLOW, ["--wrt", "x"]], "--wrt changed"),
        (lambda data: [SLOW, ["--keep", "none"]], "--keep changed"),
        (lambda data: [SLOW, ["--on-error", "skip"]], "--on-error changed"),
        (touched, "3.parquet changed"),
        (removed, "3.parquet is no longer in the data; --overwrite starts again"),
        (added, "9.parquet was not in the data; --overwrite starts again"),
    ],
)
def test_a_run_of_something_else_is_not_gone_on_with(
    mgrad: Run, tmp_path: Path, data: Path, gate: Gate, change: Callable[[Path], list[Any]], message: str
) -> None:
    out, _ = killed(tmp_path, data, gate, 1)
    expression, words = change(data)
    before = contents(out)
    ran = mgrad("map", expression, str(data), "-o", f"{out}/", "--resume", *words)
    assert ran.returncode == 2
    assert message in ran.stderr
    assert contents(out) == before


def test_a_source_that_changes_during_a_run_is_an_error(tmp_path: Path, data: Path) -> None:
    part = parts_of([str(data / "0.parquet")], ReadOptions())[0]
    os.utime(data / "0.parquet")
    outcome = outcome_of(run_part(task("x*y").text, part.text, "", "run"))
    assert (outcome.exit_code, "has changed since the run began" in outcome.error) == (4, True)


@pytest.mark.slow
def test_two_drivers_on_one_folder_are_refused(mgrad: Run, tmp_path: Path, data: Path, gate: Gate) -> None:
    out = tmp_path / "out"
    first = begun(out, data, gate.before(1))
    wait_for(lambda: done_parts(out), first)
    for words in ([], ["--resume"], ["--overwrite"]):
        ran = mgrad("map", SLOW, str(data), "-o", f"{out}/", *words)
        assert (ran.returncode, ran.stderr) == (2, f"error: another run is writing to '{out}'\n")
    gate.open()
    first.communicate()
    assert first.returncode == 0
    assert success(out)["rows"] == 12_000


@pytest.mark.slow
def test_a_process_that_is_killed_takes_nothing_with_it(mgrad: Run, tmp_path: Path, data: Path, gate: Gate) -> None:
    assert mgrad("map", SLOW, str(data), "-o", f"{tmp_path / 'whole'}/").returncode == 0
    out, report = tmp_path / "out", tmp_path / "report.json"
    driver = begun(out, data, gate.before(1), "--jobs", "2", "--report", str(report))
    wait_for(lambda: done_parts(out), driver)
    os.kill(wait_for(lambda: workers_of(driver.pid), driver)[0], signal.SIGKILL)
    gate.open()
    _, said = driver.communicate()
    assert (driver.returncode, said) == (0, "12,000 rows\n")
    assert contents(out) == contents(tmp_path / "whole")
    assert json.loads(report.read_text())["retries"] >= 1


def workers_of(driver: int) -> list[int]:
    """The processes that compute parts for a driver."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                command = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if parent == driver and "spawn_main" in command:
                found.append(int(entry.name))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("words", [[], ["--jobs", "2"]], ids=["one", "two"])
def test_an_interrupt_ends_at_once_and_can_be_resumed(
    mgrad: Run, tmp_path: Path, data: Path, gate: Gate, words: list[str]
) -> None:
    out = tmp_path / "out"
    driver = begun(out, data, gate.before(1), *words)
    wait_for(lambda: done_parts(out), driver)
    driver.send_signal(signal.SIGINT)
    _, said = driver.communicate(timeout=HANG_SECONDS)
    assert (driver.returncode, "Traceback" in said) == (130, False)
    assert not list((out / "_tmp").glob("run-*"))
    assert mgrad("map", SLOW, str(data), "-o", f"{out}/", "--resume", *words).returncode == 0


def test_a_bad_part_says_how_much_is_done(mgrad: Run, tmp_path: Path) -> None:
    data = written(tmp_path / "in", files=3, form="csv")
    (data / "9.csv").write_text("x,y\n1,2\n1,no\n")
    out = tmp_path / "out"
    ran = mgrad("map", "x*y", str(data), "-o", f"{out}/")
    assert ran.returncode == 4
    assert ran.stderr.startswith(f"error: {data / '9.csv'}, line 3, column 3: 'no' in column 'y'")
    assert (
        "; 3 of 4 parts are done, and the same data would stop a resumed run too: "
        "correct the row, or give --on-error null or skip, and start again with --overwrite" in ran.stderr
    )
    again = mgrad("map", "x*y", str(data), "-o", f"{out}/")
    assert "--resume continues its unfinished run, --overwrite starts again" in again.stderr
    assert not (out / SUCCESS).exists()
    null = mgrad("map", "x*y", str(data), "-o", f"{out}/", "--overwrite", "--on-error", "null")
    assert (null.returncode, null.stderr.splitlines()[-1]) == (1, "1 of 6,002 rows failed")


def test_a_corrupt_file_a_file_without_rows_and_files_of_other_columns(mgrad: Run, tmp_path: Path, data: Path) -> None:
    parquet.write_table(
        pyarrow.table({"x": pyarrow.array([], "double"), "y": pyarrow.array([], "double")}), data / "7.parquet"
    )
    ran = mgrad("map", "x*y", str(data), "-o", f"{tmp_path / 'out'}/")
    assert (ran.returncode, success(tmp_path / "out")["parts"]) == (0, 7)
    parquet.write_table(pyarrow.table({"x": [1.0], "z": [2.0]}), data / "8.parquet")
    other = mgrad("map", "x*y", str(data), "-o", f"{tmp_path / 'other'}/")
    assert (other.returncode, "has other columns than the first file: x, z" in other.stderr) == (4, True)
    assert (
        "x, z, where that has x, y; --union takes what a file lacks as missing values; 7 of 8 parts are" in other.stderr
    )
    assert "too: correct the data, and start again with --overwrite\n" in other.stderr
    (data / "8.parquet").write_bytes(b"PAR1 and nothing else")
    corrupt = mgrad("map", "x*y", str(data), "-o", f"{tmp_path / 'corrupt'}/")
    assert (corrupt.returncode, "8.parquet is not Parquet" in corrupt.stderr) == (4, True)


def test_a_disk_that_is_full_is_one_line(tmp_path: Path) -> None:
    data = written(tmp_path / "in", files=2, rows=50_000)
    command = f"ulimit -f 100; mgrad map 'x*y' {data} -o {tmp_path / 'out'}/"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environment())
    assert ran.returncode == 5
    assert ran.stderr == f"error: cannot write '{tmp_path / 'out' / 'part-00000.parquet'}': File too large\n"
    assert not (tmp_path / "out").exists()


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-", "-o", "OUT/"], "a run in parts reads files, not standard input"),
        (["IN", "--resume"], "--resume requires an output folder (-o FOLDER/)"),
        (["IN", "--jobs", "2"], "--jobs requires an output folder (-o FOLDER/)"),
        (["IN", "--engine", "dask"], "--engine dask requires an output folder (-o FOLDER/)"),
        (["IN", "-o", "OUT/", "--scheduler", "tcp://h:1"], "--scheduler requires --engine dask"),
        (["IN", "-o", "OUT/", "--resume", "--overwrite"], "--resume and --overwrite cannot be combined"),
        (["IN", "--report", "r.json"], "--report requires an output folder"),
        (["IN", "-o", "OUT/", "--format", "table"], "cannot write a folder of table files"),
    ],
)
def test_options_that_mean_nothing_here(mgrad: Run, tmp_path: Path, data: Path, words: list[str], message: str) -> None:
    words = [word.replace("IN", str(data)).replace("OUT", str(tmp_path / "out")) for word in words]
    ran = mgrad("map", "x*y", *words, stdin="x,y\n1,2\n")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert message in ran.stderr
    assert not (tmp_path / "out").exists()


OPTIONS = ResultOptions(
    max_chars=1 << 20, max_tokens=200_000, max_depth=10_000, input_format=None, max_line=1 << 24, allow_nan_input=False,
    quote="double", value_name="value", grad_prefix="d_", csv_safe=False, on_error="stop", block_rows=None, reduce=None,
)  # fmt: skip


def task(expression: str, **changes: Any) -> MapTask:
    known: dict[str, Any] = {
        "expression": expression, "columns": ["x", "y"], "members": [], "renamed": {}, "values": {}, "wrt": None, "keep": None,
        "file_format": "parquet", "kernel": "numpy", "uncertain": None, "options": OPTIONS,
    }  # fmt: skip
    return MapTask(**(known | changes))


def test_tasks_parts_and_outcomes_are_text() -> None:
    one = task("x*y", values={"a": (0.1).hex()})
    assert MapTask.from_text(one.text).text == one.text
    assert one.digest != task("x*y").digest
    part = Part(7, "s3://bucket/key", 3, 4, 0, 2)
    assert Part.from_text(part.text) == part
    assert (part.name, list(part.groups or [])) == ("part-00007", [0, 1, 2])
    total = ExactSum()
    total.add(numpy.array([0.1, 1e300, -1e300, 5e-324]))
    outcome = PartOutcome(7, sums=[total], size=9, messages=["é"])
    again = outcome_of(outcome.text)
    assert (again.sums[0].units, again.sums[0].count, again.messages) == (total.units, 4, ["é"])
    assert summed([outcome, again])[0].units == 2 * total.units


@pytest.mark.slow
def test_any_attempts_at_a_part_leave_the_same(tmp_path: Path, data: Path) -> None:
    out = tmp_path / "out"
    (out / "_tmp" / "done").mkdir(parents=True)
    (part, *_) = parts_of([str(data / "0.parquet")], ReadOptions())
    one = outcome_of(run_part(task("x*y").text, part.text, str(out), "run-a"))
    content = contents(out)
    (out / "_tmp" / "done" / "part-00000.json").unlink()
    two = outcome_of(run_part(task("x*y").text, part.text, str(out), "run-b"))
    three = outcome_of(run_part(task("x*y").text, part.text, str(out), "run-b"))
    assert contents(out) == content
    assert one.counts.rows == two.counts.rows == three.counts.rows == 2000
    assert three.seconds == two.seconds  # it was on record


class Panic(BaseException):
    """An error of a kind of its own, as libraries in other languages have them."""


@pytest.mark.parametrize(
    "error", [RecursionError("deep"), MemoryError(), UnicodeDecodeError("x", b"", 0, 1, "y"), Panic("z")]
)
def test_an_attempt_that_fails_in_any_way_is_an_outcome(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(*words: Any) -> None:
        raise error

    monkeypatch.setattr("mgrad_cli.mapping.worker.attempt", fail)
    (part, *_) = parts_of([str(data / "0.parquet")], ReadOptions())
    outcome = outcome_of(run_part(task("x*y").text, part.text, "", "run"))
    assert (outcome.exit_code, outcome.lost) == (70, "")
    assert outcome.error.startswith(f"part 0: internal error: {type(error).__name__}: ")


def test_an_output_folder_that_is_not_shared_is_said_to_be(tmp_path: Path, data: Path) -> None:
    (part, *_) = parts_of([str(data / "0.parquet")], ReadOptions())
    outcome = outcome_of(run_part(task("x*y").text, part.text, str(tmp_path / "elsewhere"), "run"))
    assert outcome.exit_code == 5
    assert outcome.error == f"'{tmp_path / 'elsewhere'}' does not exist; does every worker see the same disk?"


@pytest.mark.slow
def test_large_parquet_files_are_parts_by_groups_of_rows(mgrad: Run, tmp_path: Path) -> None:
    data = tmp_path / "in"
    data.mkdir()
    rows = 3 * PART_BYTES // 16
    values = numpy.random.default_rng(5).uniform(0.5, 2, rows)
    parquet.write_table(
        pyarrow.table({"x": values, "y": values}), data / "0.parquet", row_group_size=1 << 20, use_dictionary=False
    )
    parts = parts_of([str(data / "0.parquet")], ReadOptions())
    assert len(parts) == 3
    assert parts[0].groups == range(parts[0].last_group + 1)
    ran = mgrad("map", "x*y", str(data), "-o", f"{tmp_path / 'out'}/", "--wrt", "x", "--keep", "none", "--jobs", "2")
    assert (ran.returncode, success(tmp_path / "out")["rows"]) == (0, rows)
    got = parquet.read_table(tmp_path / "out" / "part-00001.parquet")["value"].to_numpy()
    start = parts[1].first_group * (1 << 20)
    assert (got == (values * values)[start : start + len(got)]).all()


def test_the_figures_of_a_run(mgrad: Run, tmp_path: Path, data: Path) -> None:
    report = tmp_path / "report.json"
    mgrad("map", "x*y", str(data), "-o", f"{tmp_path / 'out'}/", "--report", str(report))
    figures = json.loads(report.read_text())
    assert (figures["engine"], figures["parts"], figures["rows"], figures["retries"]) == ("local", 6, 12000, 0)
    assert figures["seconds"] > 0
    assert figures["part_seconds"]["least"] <= figures["part_seconds"]["median"] <= figures["part_seconds"]["most"]


def test_executors_have_one_interface() -> None:
    for executor in (InProcessExecutor(1, None), ProcessExecutor(2)):
        assert executor.width >= 1
        assert executor.where
        assert list(executor.answers()) == []
        executor.close()


@pytest.mark.sampled(2)
@pytest.mark.parametrize("jobs", [[], ["--jobs", "2"]])
def test_paths_are_told_as_they_were_given(mgrad: Run, tmp_path: Path, jobs: list[str]) -> None:
    written(tmp_path / "in", files=2, form="csv")
    (tmp_path / "in" / "bad.csv").write_text("x,y\n1,no\n")
    (tmp_path / "in" / "other.csv").write_text("x,z\n1,2\n")

    def message(*words: str) -> str:
        ran = mgrad("map", "x*y", "in/0.csv", *words, *jobs, cwd=tmp_path)
        assert str(tmp_path) not in ran.stderr
        return ran.stderr

    assert "error: in/bad.csv, line 2, column 3: 'no'" in message("./in/1.csv", "in/bad.csv", "-o", "out/")
    assert "'out' is not empty; --resume continues" in message("in/1.csv", "-o", "out/")
    assert "'out': in/bad.csv is no longer in the data" in message("in/1.csv", "-o", "out/", "--resume")
    assert "warning: in/bad.csv, line 2, column 3: 'no'" in message("in/bad.csv", "-o", "o2/", "--on-error", "null")
    assert "error: in/other.csv has other columns" in message("in/other.csv", "-o", "o3/")
    assert "cannot read 'in/none.csv'" in message("in/none.csv", "-o", "o4/")


def test_a_run_may_be_resumed_with_other_spellings_of_its_paths(mgrad: Run, tmp_path: Path) -> None:
    written(tmp_path / "in", files=2, form="csv")
    (tmp_path / "in" / "2.csv").write_text("x,y\n1,no\n")
    files = [f"in/{index}.csv" for index in range(3)]
    first = mgrad("map", "x*y", *files, "-o", "out/", cwd=tmp_path)
    again = mgrad(
        "map", "x*y", *(f"./{file}" for file in files), "-o", f"{tmp_path / 'out'}/", "--resume", cwd=tmp_path
    )
    assert (first.returncode, again.returncode) == (4, 4)
    assert "error: in/2.csv, line 2" in first.stderr
    assert "error: ./in/2.csv, line 2" in again.stderr


def killed_once(*order: str) -> str:
    """Stand in for a part: the first attempt kills its process."""
    mark = Path(order[0])
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


@pytest.mark.slow
def test_processes_that_break_are_released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of a broken pool is left for the end of the interpreter, which would warn of it."""
    monkeypatch.setattr("mgrad_cli.mapping.executors.run_part", killed_once)
    registry: Any = util._finalizer_registry  # type: ignore[attr-defined]
    before = len(registry)
    executor = ProcessExecutor(2)
    orders = [Order(number, str(tmp_path / f"{number}"), "", "", "", "") for number in range(3)]
    for order in orders:
        executor.submit(order)
    outcomes = []
    for answer in executor.answers():
        if answer is not None and answer.lost:
            executor.submit(answer.order)
        elif answer is not None:
            outcomes.append(answer.outcome)
    executor.close()
    assert outcomes == ["done"] * 3
    assert len(registry) == before


@pytest.mark.parametrize("step", ["lock", "is_linked"])
def test_a_signal_while_a_folder_is_locked_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    real = getattr(lock, step)

    def interrupted(*arguments: Any) -> None:
        monkeypatch.setattr(lock, step, real)
        raise KeyboardInterrupt

    monkeypatch.setattr(lock, step, interrupted)
    with pytest.raises(KeyboardInterrupt), lock.folder_lock(str(tmp_path / "out"), "run-1", "out"):
        pytest.fail("the folder is used")
    assert os.listdir(tmp_path) == []
