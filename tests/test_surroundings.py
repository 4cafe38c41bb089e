"""An environment with nonsense in it, or with hardly anything, changes no result and ends in no internal error."""

import subprocess
from pathlib import Path

import pytest

from tests.conftest import Run, environment

NONSENSE = ["", "0", "-1", "x", "²", "1e3", "9" * 30, "\udc80", "1 2"]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("text", NONSENSE, ids=ascii)
def test_numbers_that_are_none_are_passed_over(mgrad: Run, tmp_path: Path, text: str) -> None:
    data = tmp_path / "d.csv"
    data.write_text("x,y\n1,2\n")
    changes = {"COLUMNS": text, "LINES": text, "POLARS_MAX_THREADS": text}
    for words in (["eval", "x*2", "--x", "1"], ["plot", "x*2", "--x", "0:1"], ["map", "x*y", str(data)]):
        expected, ran = mgrad(*words), mgrad(*words, env=changes)
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, expected.stdout, expected.stderr)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("backend", ["nonsense", "", "tkagg", "module://nowhere"])
def test_pictures_do_not_depend_on_a_backend(mgrad: Run, tmp_path: Path, backend: str) -> None:
    pytest.importorskip("matplotlib")
    ran = mgrad("plot", "x*2", "--x", "0:1", "-o", str(tmp_path / "p.png"), env={"MPLBACKEND": backend})
    assert (ran.returncode, ran.stderr) == (0, "")
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("asked", ["nonsense", "bash", "bash_", "_complete", "csh_source", "bash_complete_source"])
def test_a_completion_that_there_is_not(mgrad: Run, asked: str) -> None:
    ran = mgrad("eval", "x", "--x", "1", env={"_MGRAD_COMPLETE": asked})
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == f"error: _MGRAD_COMPLETE is '{asked}', where it may be bash_source, zsh_source, fish_source\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize("others", [{}, {"COMP_WORDS": "mgrad ev"}, {"COMP_CWORD": "1"}], ids=str)
def test_a_completion_without_a_shell(mgrad: Run, shell: str, others: dict[str, str]) -> None:
    ran = mgrad("eval", "x", "--x", "1", env={"_MGRAD_COMPLETE": f"{shell}_complete", **others})
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "error: _MGRAD_COMPLETE is set by a shell, together with COMP_WORDS and COMP_CWORD\n"


def test_a_completion_with_a_shell(mgrad: Run) -> None:
    for shell, index in (("bash", "1"), ("zsh", "1"), ("fish", "ev")):
        asked = {"_MGRAD_COMPLETE": f"{shell}_complete", "COMP_WORDS": "mgrad ev", "COMP_CWORD": index}
        ran = mgrad(env=asked)
        assert (ran.returncode, "eval" in ran.stdout) == (0, True)
    assert mgrad("eval", "1", env={"_MGRAD_COMPLETE": ""}).returncode == 0


@pytest.mark.sampled(3)
@pytest.mark.parametrize("limit", [5, 8, 10, 12, 15])
def test_a_limit_of_open_files_is_told_as_what_it_is(tmp_path: Path, limit: int) -> None:
    for index in range(3):
        (tmp_path / f"{index}.csv").write_text("x,y\n1,2\n")
    for words in (
        "eval x --x 1",
        "map x*y .",
        "map x*y . -o out/",
        "map x*y . -o out2/ --jobs 2",
        "batch 0.csv --jobs 2",
    ):
        command = (
            f"ulimit -n {limit}; mgrad {words} --on-error null"
            if "batch" in words
            else f"ulimit -n {limit}; mgrad {words}"
        )
        ran = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment(), capture_output=True, text=True)
        assert "internal error" not in ran.stderr
        assert "panicked" not in ran.stderr
        assert ran.returncode in {0, 1} or "oo many open files" in ran.stderr, ran.stderr
