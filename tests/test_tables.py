"""The parser's tables: saved in the package, and made again where they are absent, damaged or of another grammar."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PROGRAM = """
import sys
from mgrad_cli.language.lowering import read
print(read(sys.argv[1]).names, "lark" in sys.modules)
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package, whose files the test may damage."""
    shutil.copytree(ROOT / "mgrad_cli", tmp_path / "mgrad_cli", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def names(package: Path, formula: str = "a*b") -> str:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, formula],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=package,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout.strip()


def tables(package: Path) -> Path:
    return package / "mgrad_cli" / "language" / "grammar_tables.py"


def test_they_are_made_once_and_then_lark_is_not_imported(package: Path) -> None:
    tables(package).unlink(missing_ok=True)
    assert names(package) == "('a', 'b') True"
    before = tables(package).stat()
    assert names(package) == "('a', 'b') False"
    assert tables(package).stat().st_mtime_ns == before.st_mtime_ns
    assert not [*tables(package).parent.glob(".grammar_tables*")]  # what it was written to first


def test_a_new_grammar_has_new_tables(package: Path) -> None:
    assert names(package) == "('a', 'b') False"
    grammar = package / "mgrad_cli" / "language" / "grammar.lark"
    grammar.write_text(grammar.read_text().replace('product "*" factor', 'product "@" factor'))
    assert names(package, "a@b") == "('a', 'b') True"
    assert names(package, "a@b") == "('a', 'b') False"


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    "content", [b"", b"TABLES = {", b"TABLES = []", b"TABLES = {}", b"\xff\xfe", b'TABLES = {"grammar": 1}']
)
def test_damaged_tables_are_made_again(package: Path, content: bytes) -> None:
    names(package)
    whole = tables(package).read_bytes()
    tables(package).write_bytes(content)
    assert names(package) == "('a', 'b') True"
    assert tables(package).read_bytes() == whole


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions of this kind are POSIX")
def test_a_folder_that_cannot_be_written_is_no_error(package: Path) -> None:
    tables(package).unlink(missing_ok=True)
    tables(package).mkdir()  # which root cannot replace with a file either
    assert names(package) == "('a', 'b') True"
    assert names(package) == "('a', 'b') True"
