"""`map --overwrite`: what replaces results is complete first, and nothing that mgrad did not write is touched."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="map needs polars and pyarrow (extra `data`)")
pytest.importorskip("polars", reason="map needs polars and pyarrow (extra `data`)")

from mgrad_cli.data.formats import ReadOptions
from mgrad_cli.errors import MgradError, UsageError
from mgrad_cli.mapping import swap
from mgrad_cli.mapping.driver import run_to_folder
from mgrad_cli.mapping.executors import InProcessExecutor
from mgrad_cli.mapping.part import parts_of
from mgrad_cli.mapping.records import SUCCESS
from mgrad_cli.mapping.scratch import foreign_names, part_names
from tests.conftest import Run, environment
from tests.test_parts import contents, success, task


def tables(folder: Path, count: int, bad: bool = False) -> list[str]:
    """Files of data, which stay as they are where they are there."""
    folder.mkdir(exist_ok=True)
    for index in range(count):
        text = "x,y\n1,no\n" if bad and index == count - 1 else f"x,y\n{index},2\n3,4\n"
        path = folder / f"{index}.csv"
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
    return sorted(map(str, folder.iterdir()))


def run(out: Path, files: list[str], expression: str, resumes: bool = False, overwrites: bool = True) -> None:
    one = task(expression, file_format="csv")
    run_to_folder(
        str(out),
        one,
        parts_of(files, ReadOptions()),
        InProcessExecutor(1, None),
        0,
        lambda *_: None,
        resumes,
        overwrites,
    )


def state(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A folder with results of four parts."""
    run(tmp_path / "out", tables(tmp_path / "in", 4), "x*y")
    return tmp_path / "out"


@pytest.fixture
def new(tmp_path: Path) -> dict[str, bytes]:
    """What the results of two parts look like that are to replace them."""
    run(tmp_path / "whole", tables(tmp_path / "in2", 2), "x + y")
    return state(tmp_path / "whole")


def test_results_are_replaced_and_those_of_parts_that_are_no_more_removed(
    old: Path, new: dict[str, bytes], tmp_path: Path
) -> None:
    run(old, tables(tmp_path / "in2", 2), "x + y")
    assert state(old) == new
    assert sorted(os.listdir(old)) == ["_SUCCESS", "part-00000.csv", "part-00001.csv"]


def test_a_run_that_fails_leaves_the_results_that_it_was_to_replace(
    mgrad: Run, old: Path, new: dict[str, bytes], tmp_path: Path
) -> None:
    before = state(old)
    data = tmp_path / "in2"
    tables(data, 2, bad=True)
    ran = mgrad("map", "x + y", str(data), "-o", f"{old}/", "--overwrite")
    assert (ran.returncode, "1 of 2 parts are done" in ran.stderr) == (4, True)
    assert {name: content for name, content in state(old).items() if not name.startswith("_tmp")} == before
    again = mgrad("map", "x*y", str(tmp_path / "in"), "-o", f"{old}/", "--overwrite")
    assert again.returncode == 0
    assert contents(old) == {name: content for name, content in before.items() if name != SUCCESS}


def test_a_run_of_which_nothing_is_done_leaves_nothing(old: Path, tmp_path: Path) -> None:
    before = state(old)
    with pytest.raises(MgradError, match="'no' in column 'y'"):
        run(old, tables(tmp_path / "in2", 1, bad=True), "x + y")
    assert state(old) == before


KILLED = """
import os, signal, sys
from mgrad_cli.cli.main import run
from mgrad_cli.mapping.folder import Folder
Folder.finish = lambda self: os.kill(os.getpid(), signal.SIGKILL)
run(sys.argv[1:])
"""


@pytest.mark.slow
def test_a_run_that_is_killed_while_it_makes_the_new_results_is_resumed(mgrad: Run, old: Path, tmp_path: Path) -> None:
    before = contents(old)
    tables(tmp_path / "in2", 2)
    words = ["map", "x + y", str(tmp_path / "in2")]
    assert mgrad(*words, "-o", f"{tmp_path / 'whole'}/").returncode == 0
    killed = subprocess.run([sys.executable, "-c", KILLED, *words, "-o", f"{old}/", "--overwrite"], env=environment())
    assert killed.returncode == -signal.SIGKILL
    assert contents(old) == before
    assert (old / SUCCESS).exists()
    assert mgrad(*words, "-o", f"{old}/", "--resume").returncode == 0
    assert state(old) == state(tmp_path / "whole")


STEPS = ["write_record", "remove", "move", "clear_scratch"]


class Killed(BaseException):
    """Ends a run as a kill does: nothing after it is done."""


@pytest.mark.slow
@pytest.mark.parametrize("flag", ["resume", "overwrite"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("index", range(1, 9))
def test_a_run_that_is_killed_at_any_step_of_replacing_is_gone_on_with(
    old: Path, new: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    index: int, after: bool, flag: str,
) -> None:  # fmt: skip
    files, before, steps = tables(tmp_path / "in2", 2), contents(old), 0

    def killing(name: str, step: Any) -> Any:
        def stepped(*words: Any) -> None:
            nonlocal steps
            steps += 1
            if steps > index and not after:
                raise Killed
            step(*words)
            if steps > index and after:
                raise Killed

        return stepped

    with monkeypatch.context() as patch:
        for name in STEPS:
            patch.setattr(swap, name, killing(name, getattr(swap, name)))
        with pytest.raises(Killed):
            run(old, files, "x + y")
    found = state(old)
    complete = {name.rpartition("/")[2]: content for name, content in found.items()}
    assert contents(old) == before or all(complete[name] == content for name, content in new.items())
    if SUCCESS in found:
        assert {name: found[name] for name in json.loads(found[SUCCESS])["files"]} in (
            before,
            contents(tmp_path / "whole"),
        )
    run(old, files, "x + y", resumes=flag == "resume", overwrites=flag == "overwrite")
    assert state(old) == new


def test_an_unfinished_run_is_replaced_when_another_is_complete(
    mgrad: Run, new: dict[str, bytes], tmp_path: Path
) -> None:
    out, data = tmp_path / "out", tmp_path / "in"
    tables(data, 3, bad=True)
    assert mgrad("map", "x*y", str(data), "-o", f"{out}/").returncode == 4
    assert sorted(contents(out)) == ["part-00000.csv", "part-00001.csv"]
    run(out, tables(tmp_path / "in2", 2), "x + y")
    assert state(out) == new


FOREIGN: list[dict[str, str]] = [
    {"part-00000-aa-c000.csv": "mine", "_SUCCESS": ""},
    {"part-00000.csv": "mine"},
    {"part-00000.csv": "mine", "_SUCCESS": "{}"},
    {"part-00000.csv": "mine", "_SUCCESS": '{"files": ["../in/0.csv"]}'},
    {"part-00000.csv": "mine", "_tmp/job.json": "{}"},
    {"notes.txt": "mine"},
    {"_tmp/thesis.tex": "mine"},
    {"_tmp/new/thesis.tex": "mine"},
    {"_tmp/done/part-00000.json": "mine"},
    {"_tmp/done/notes": "mine", "_tmp/job.json": "{}"},
]


@pytest.mark.parametrize("flag", ["overwrite", "resume", "neither"])
@pytest.mark.parametrize("files", FOREIGN, ids=lambda files: " ".join(files))
def test_what_mgrad_did_not_write_is_left_alone(tmp_path: Path, files: dict[str, str], flag: str) -> None:
    out, data = tmp_path / "out", tables(tmp_path / "in", 2)
    for name, content in files.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(content)
    before = state(out)
    with pytest.raises(UsageError):
        run(out, data, "x*y", resumes=flag == "resume", overwrites=flag == "overwrite")
    assert state(out) == before


def test_a_file_of_another_beside_results_is_left_alone(mgrad: Run, old: Path, tmp_path: Path) -> None:
    (old / "part-00009.csv").write_text("mine")
    before = state(old)
    ran = mgrad("map", "x + y", str(tmp_path / "in"), "-o", f"{old}/", "--overwrite")
    assert ran.stderr == f"error: '{old}' holds 'part-00009.csv', which no mgrad run wrote; nothing was changed\n"
    assert (ran.returncode, state(old)) == (2, before)


def test_a_part_that_became_a_link_is_replaced_and_what_it_leads_to_is_not(old: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    for name in ("part-00000.csv", "part-00003.csv"):
        (old / name).unlink()
        (old / name).symlink_to(tmp_path / "precious")
    run(old, tables(tmp_path / "in2", 2), "x + y")
    assert (tmp_path / "precious").read_text() == "mine"
    assert not (old / "part-00000.csv").is_symlink()
    assert not (old / "part-00003.csv").is_symlink()


def damages(text: str) -> Iterator[str]:
    """Records of a job that something happened to."""
    record = json.loads(text)
    yield from ("", "{", "[]", "null", "{}", text[: len(text) // 2], "\ud800".encode("utf-16", "surrogatepass").hex())
    for name in record:
        yield json.dumps({key: value for key, value in record.items() if key != name})
        for value in (None, 3, "x", ["x"], [3], {"x": 3}, ['{"number": "x"}'], ["[]"]):
            if type(value) is not type(record[name]) or isinstance(value, list):
                yield json.dumps(record | {name: value})


def test_a_damaged_record_is_said_to_be_damaged(tmp_path: Path) -> None:
    out, files = tmp_path / "out", tables(tmp_path / "in", 3, bad=True)
    with pytest.raises(MgradError, match="2 of 3 parts are done"):
        run(out, files, "x*y", overwrites=False)
    job, before = out / "_tmp" / "job.json", contents(out)
    for text in damages(job.read_text()):
        job.write_text(text)
        with pytest.raises(MgradError, match=r"is damaged|cannot resume") as caught:
            run(out, files, "x*y", resumes=True, overwrites=False)
        assert caught.value.exit_code == 2
        assert contents(out) == before


def test_a_damaged_record_of_a_part_is_made_anew(tmp_path: Path) -> None:
    out, files = tmp_path / "out", tables(tmp_path / "in", 3, bad=True)
    with pytest.raises(MgradError):
        run(out, files, "x*y", overwrites=False)
    record = out / "_tmp" / "done" / "part-00000.json"
    before = record.read_text()
    for text in damages(before):
        record.write_text(text)
        with pytest.raises(MgradError, match="'no' in column 'y'"):
            run(out, files, "x*y", resumes=True, overwrites=False)
        assert json.loads(record.read_text())["part"] == json.loads(before)["part"]


def test_names_that_lead_elsewhere_are_no_names_of_parts() -> None:
    assert part_names(["part-00000.csv", "part-123456.parquet"])
    for name in ("../part-00000.csv", "part-00000.csv/..", "/etc/passwd", "part-0.csv", "part-00000", "", 3, None):
        assert part_names([name]) is None
    assert part_names(None) is None


def test_hidden_files_are_passed_over(old: Path, tmp_path: Path) -> None:
    (old / ".DS_Store").write_text("mine")
    assert foreign_names(str(old)) == []
    run(old, tables(tmp_path / "in2", 2), "x + y")
    assert (old / ".DS_Store").read_text() == "mine"


def test_the_record_of_a_folder_names_its_files(old: Path) -> None:
    assert success(old)["files"] == sorted(contents(old))


def test_a_run_that_ends_after_it_is_complete_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(folder: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("mgrad_cli.mapping.folder.clear_scratch", killed)
        patch.setattr("mgrad_cli.mapping.folder.Folder.begin", lambda self, *_: self.start())
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path / "out", tables(tmp_path / "in", 2), "x*y", overwrites=False)
    assert len(contents(tmp_path / "out")) == success(tmp_path / "out")["parts"] == 2
