"""The parser's saved tables: loaded where they can be trusted, built again where not."""

import json
import os
from pathlib import Path

import pytest

from tests.conftest import Run

WORDS = ("eval", "a*b", "--a", "2", "--b", "3", "--json")


def value(mgrad: Run, folder: Path) -> float:
    ran = mgrad(*WORDS, env={"XDG_CACHE_HOME": str(folder)})
    assert (ran.returncode, ran.stderr) == (0, "")
    result: float = json.loads(ran.stdout)["value"]
    return result


def saved(folder: Path) -> list[Path]:
    return sorted((folder / "mgrad").glob("*"))


def test_they_are_saved_once_and_then_loaded(mgrad: Run, tmp_path: Path) -> None:
    assert value(mgrad, tmp_path) == 6.0
    (tables,) = saved(tmp_path)
    before = tables.stat()
    assert value(mgrad, tmp_path) == 6.0
    assert (tables.stat().st_mtime_ns, saved(tmp_path)) == (before.st_mtime_ns, [tables])
    assert (before.st_mode & 0o077, tables.parent.stat().st_mode & 0o077) == (0, 0)


def test_a_torn_file_is_built_again(mgrad: Run, tmp_path: Path) -> None:
    value(mgrad, tmp_path)
    (tables,) = saved(tmp_path)
    whole = tables.read_bytes()
    for torn in (b"", whole[: len(whole) // 2], b"not tables"):
        tables.write_bytes(torn)
        assert value(mgrad, tmp_path) == 6.0
        assert len(tables.read_bytes()) > len(whole) // 2 + 1


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="permissions of this kind are POSIX")
def test_what_others_could_have_written_is_not_read(mgrad: Run, tmp_path: Path) -> None:
    value(mgrad, tmp_path)
    (tables,) = saved(tmp_path)
    poison = b"cos\nsystem\n(S'echo read >&2'\ntR."  # a pickle that would say so
    tables.write_bytes(poison)
    tables.chmod(0o666)
    assert value(mgrad, tmp_path) == 6.0
    tables.write_bytes(poison)
    tables.chmod(0o600)
    tables.parent.chmod(0o777)
    assert value(mgrad, tmp_path) == 6.0
    assert tables.read_bytes() == poison


def test_a_cache_that_cannot_be_written_is_no_error(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "mgrad").write_text("a file where the folder would be")
    assert value(mgrad, tmp_path) == 6.0
