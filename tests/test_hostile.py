"""A hostile user: words that are no text, an environment of nonsense, and formulas of every shape and much size."""

import os
import re
import resource
import subprocess
from collections.abc import Mapping
from pathlib import Path
from random import Random

import pytest

from mgrad_cli.cli.commands import VERBS
from mgrad_cli.codegen import CODES
from tests.conftest import Run, environment
from tests.test_diff import code_of

MEMORY = 3 << 30
"""Bytes of address space; libraries reserve more than they use."""
ARGUMENTS = {
    "eval": ["x*2", "--x", "1"],
    "batch": ["-", "--x", "1"],
    "check": ["x*2", "--x", "1"],
    "diff": ["x*2"],
    "fit": ["x*a", "-", "--y", "y", "--params", "a"],
    "explain": ["x*2", "--x", "1"],
    "graph": ["x*2", "--x", "1"],
    "taylor": ["x*2", "--x", "1"],
    "plot": ["x*2", "--x", "0:1"],
    "solve": ["x*2 - 1", "--for", "x=1"],
    "minimize": ["x**2", "--x", "1"],
    "functions": [],
    "completion": ["bash"],
    "repl": [],
}


def run(
    folder: Path, words: list[str | bytes], stdin: bytes = b"", env: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """The exit code and standard error of a run within bounds, which is never an internal error or a traceback."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))  # noqa: E731
    settings = environment(**(env or {}))
    ran = subprocess.run(
        ["mgrad", *words], input=stdin, capture_output=True, env=settings, cwd=folder, timeout=300, preexec_fn=limit
    )
    stderr = ran.stderr.decode(errors="replace")
    assert ran.returncode in range(8), (words, stderr[-400:])
    assert "Traceback" not in stderr
    assert "internal error" not in stderr
    return ran.returncode, stderr


@pytest.mark.slow
@pytest.mark.parametrize("verb", sorted({*VERBS} - {"help", "map"}))
def test_words_that_are_no_text_end_in_a_sentence(verb: str, tmp_path: Path) -> None:
    bad = b"caf\xe9\xff"
    placed: list[list[str | bytes]] = [
        [bad], ["--var", bad + b"=1"], [b"--" + bad, "1"], ["--x=" + os.fsdecode(bad)], ["--format", bad],
        ["--file", bad], ["--output", bad],
    ]  # fmt: skip
    for words in placed:
        run(tmp_path, [verb, *ARGUMENTS[verb], *words], b"x*2\n")
    run(tmp_path, [verb, *ARGUMENTS[verb]], b"x*\xff\n:load \xff\n:load a\0b\n")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["COLUMNS", "LINES"])
@pytest.mark.parametrize("text", ["abc", "-5", "0", "1", "", "²", "٣", "1e3", "9" * 30, "9" * 5000, "\udcff"])
def test_sizes_of_the_terminal_that_are_none(name: str, text: str, tmp_path: Path) -> None:
    for words in (["eval", "x*2", "--x", "1"], ["explain", "x*2", "--x", "1"], ["plot", "x*2", "--x", "0:1"], ["-h"]):
        assert run(tmp_path, [*words], env={name: text})[0] == 0


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    "env",
    [
        {"MPLBACKEND": "nonsense"},
        {"MPLBACKEND": "module://nope"},
        {"TERM": "\udcff"},
        {"LC_ALL": "nonsense"},
        {"PYTHONIOENCODING": "ascii"},
        {"HOME": "/nonexistent", "TMPDIR": "/nonexistent"},
        {"FORCE_COLOR": "nonsense"},
        {"JUPYTER_COLUMNS": "abc"},
    ],
    ids=str,
)
def test_strange_environments(env: dict[str, str], tmp_path: Path) -> None:
    for words in (
        ["eval", "θ*2", "--θ", "1"],
        ["graph", "x*2", "--x", "1"],
        ["plot", "x", "--x", "0:1", "-o", "p.svg"],
    ):
        assert run(tmp_path, [*words], env=env)[0] == 0


WRAPPERS = [
    ("(", ")"), ("sin(", ")"), ("(y*", ")"), ("1/(1 + ", ")"), ("-", ""), ("+-", ""), ("not ", ""), ("x**", ""), ("(", ")**y"),
    ("where(x > 1, ", ", y)"), ("where(x > 1, y, ", ")"), ("where(", ", x, y)"), ("where(x < ", ", x*y, y)"),
    ("max(x, ", ")"), ("min(", ", y, 2)"), ("hypot(x, ", ")"), ("mod(", ", y)"), ("(x < ", ")"), ("(", ").tanh()"),
    ("(", " and x > y)"), ("abs(", ")"), ("log(", ", 2)"), ("clip(", ", 0, 1)"), ("relu(", ")*y"), ("gelu(", ")"),
]  # fmt: skip
JOINS = ["+", "-", "*", "/", "**", " < ", " == ", " and ", " or "]


def shape(random: Random, size: int) -> str:
    """Some 4 kB or more of a formula: deep, wide, by methods, by statements, or of one long name."""
    kind = random.choice(["deep", "deep", "mixed", "wide", "wide", "many", "methods", "statements", "name"])
    if kind == "deep":
        before, after = random.choice(WRAPPERS)
        count = size // (len(before) + len(after))
        return before * count + "x" + after * count
    if kind == "mixed":
        chosen = [random.choice(WRAPPERS) for _ in range(size // 12)]
        return "".join(before for before, _ in chosen) + "x" + "".join(after for _, after in reversed(chosen))
    if kind == "wide":
        pattern = random.choice(["x", "(x+{i})", "x*{i}", "sin(x*{i})", "(x>{i})", "y", "max(x,y,{i})"])
        return random.choice(JOINS).join(pattern.format(i=i) for i in range(size // (len(pattern) + 3)))
    if kind == "many":
        return f"{random.choice(['max', 'min'])}({', '.join(random.choice(['x', 'y', '2']) for _ in range(size // 3))})"
    if kind == "methods":
        return "x" + random.choice([".sin()", ".max(y)", ".where(x, y)", ".abs().sqrt()"]) * (size // 8)
    if kind == "name":
        return f"x = 1; y = 2; {'n' * size} = x*y; {'n' * size}**2"
    line = random.choice(
        ["v{i} = v{j}*v{j}", "v{i} = where(v{j} > {i}, v{j}, y)", "v{i} = where(v{j} > x and v{j} < y, x*v{j}, v{j})",
         "v{i} = v{j} and (v{j} or x > {i})", "v{i} = sin(v{j}) + v{j}*y"]
    )  # fmt: skip
    lines = "; ".join(line.format(i=i, j=i - 1) for i in range(1, size // len(line)))
    return f"v0 = x; {lines}; v{size // len(line) - 1}*y"


READINGS = [
    ["eval", "-", "--json"], ["eval", "-"], ["explain", "-"], ["explain", "-", "--json"], ["graph", "-"],
    ["graph", "-", "--format", "dot"], ["graph", "-", "--format", "mermaid"], ["graph", "-", "--format", "svg"],
    ["graph", "-", "--json"], ["diff", "-", "--code", "c"], ["diff", "-", "--code", "python"],
    ["diff", "-", "--code", "numpy"], ["diff", "-", "--code", "js"], ["batch", "-"],
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(45))
def test_large_formulas_end_in_a_result_or_a_limit(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    text = shape(random, random.choice([1_000, 3_000, 6_000]))
    words = READINGS[seed % len(READINGS)]
    bound = [] if words[0] == "diff" or text.startswith("x = 1") else ["-v", "x=1.5", "-v", "y=0.5"]
    code, stderr = run(tmp_path, [*words, *bound], text.encode())
    assert code in {0, 1, 2, 3}, stderr
    assert not code or re.search(r"^error: |^warning: ", stderr, re.MULTILINE) or words[0] == "batch"


CONDITIONS = [
    ("v{i} = where(v{j} > x and v{j} < y, x*v{j}, v{j})", 60),
    ("v{i} = where(v{j} > {i}, where(v{j} < y, v{j}, x), v{j})", 60),
    ("v{i} = where(where(v{j} > x, v{j}, y) > 2, v{j}, x)", 60),
    ("v{i} = v{j} and (v{j} or x > {i})", 60),
    ("v{i} = not v{j} == (v{j} != x)", 60),
]


@pytest.mark.parametrize(("line", "count"), CONDITIONS)
@pytest.mark.parametrize("language", CODES)
def test_code_grows_no_faster_than_its_formula(line: str, count: int, language: str) -> None:
    def length(lines: int) -> int:
        text = "; ".join(line.format(i=i, j=i - 1) for i in range(1, lines + 1))
        return len(code_of(f"v0 = x; {text}; where(v{lines}, x, y)*v{lines}", language))

    assert length(2 * count) - length(count) < 3 * (length(count) - length(1)) + 200


@pytest.mark.slow
def test_a_function_of_too_many_operations_is_refused(mgrad: Run) -> None:
    text = "**".join(["x"] * 12_000)
    ran = mgrad("diff", "-", "--code", "js", stdin=text)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert re.match(r"error: the function would have [0-9,]+ operations, more than 400,000\n", ran.stderr)
