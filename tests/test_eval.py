"""`mgrad eval` as a user has it: a subprocess, standard output, standard error and exit code apart."""

import csv
import json
import math
import os
import pty
import re
import subprocess
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from mgrad_cli.cli.commands import VERBS
from mgrad_cli.data.expressions import NOT_UTF8
from mgrad_cli.renderers import EVAL_FORMATS
from tests.conftest import ROOT, Run, environment, shared


def test_the_first_line_anyone_types(mgrad: Run) -> None:
    ran = mgrad("eval", "a*b*(a+b)", "--a", "2", "--b", "3")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == (
        "╭───┬────────────────────┬───────────┬──────┬──────╮\n"
        "│ # │ node               │ operation │ data │ grad │\n"
        "├───┼────────────────────┼───────────┼──────┼──────┤\n"
        "│ 0 │ a                  │ input     │    2 │   21 │\n"
        "│ 1 │ b                  │ input     │    3 │   16 │\n"
        "├───┼────────────────────┼───────────┼──────┼──────┤\n"
        "│ 2 │ a*b                │ #0 * #1   │    6 │    5 │\n"
        "│ 3 │ a+b                │ #0 + #1   │    5 │    6 │\n"
        "│ 4 │ a*b*(a+b) ◀ output │ #2 * #3   │   30 │    1 │\n"
        "╰───┴────────────────────┴───────────┴──────┴──────╯\n"
    )


def test_json_is_one_strict_record(mgrad: Run) -> None:
    ran = mgrad("eval", "(x*x+2).tanh()", "--x", "1.5", "--json")
    assert json.loads(ran.stdout) == {
        "v": 1,
        "i": 0,
        "expr": "(x*x+2).tanh()",
        "vars": {"x": 1.5},
        "status": "ok",
        "value": 0.9995931460438896,
        "grads": {"x": 0.0024406271462376703},
    }


def test_what_is_not_finite_is_null_with_its_place(mgrad: Run) -> None:
    ran = mgrad("eval", "1/x", "--x", "0", "--json")
    record = json.loads(ran.stdout)
    assert (record["status"], record["value"], record["grads"]) == ("nonfinite", None, {"x": None})
    assert record["nonfinite"] == {"/value": "inf", "/grads/x": "-inf"}
    assert ran.stderr == "warning: 1/x is inf: division by zero\n  1 | 1/x\n    | ^^^\n"
    assert (ran.returncode, mgrad("eval", "1/x", "--x", "0", "--strict").returncode) == (0, 1)


def test_nodes_in_json(mgrad: Run) -> None:
    nodes = json.loads(mgrad("eval", "y = x**2; 3*y", "--x", "2", "--json", "--nodes").stdout)["nodes"]
    assert nodes[0] == {"id": 0, "label": "x", "op": "", "operands": [], "data": 2.0, "grad": 12.0}
    assert nodes[2] == {"id": 2, "label": "y", "op": "**", "operands": [0, 1], "data": 4.0, "grad": 3.0}
    assert nodes[1] == {"id": 1, "label": "2", "op": "const", "operands": [], "data": 2.0, "grad": None}


def test_csv_and_tsv_are_a_row_a_node(mgrad: Run) -> None:
    rows = list(csv.reader(StringIO(mgrad("eval", "log(x, y)/0", "--x", "2", "--y", "3", "--format", "csv").stdout)))
    assert rows[0] == ["id", "label", "op", "data", "grad"]
    assert rows[3] == ["2", "log(x, y)", "log_base", repr(math.log(2) / math.log(3)), "inf"]
    assert mgrad("eval", "x", "--x", "2", "--format", "tsv").stdout == "id\tlabel\top\tdata\tgrad\n0\tx\t\t2.0\t1.0\n"


def test_markdown_is_a_table_of_the_nodes(mgrad: Run) -> None:
    words = ["a*b*(a+b)", "--a", "2", "--b", "3", "--format", "markdown"]
    assert mgrad("eval", *words).stdout == (
        "| # | node | operation | data | grad |\n"
        "|--:|---|---|--:|--:|\n"
        "| 0 | `a` | input | 2 | 21 |\n"
        "| 1 | `b` | input | 3 | 16 |\n"
        "| 2 | `a*b` | `#0 * #1` | 6 | 5 |\n"
        "| 3 | `a+b` | `#0 + #1` | 5 | 6 |\n"
        "| 4 | `a*b*(a+b)` (output) | `#2 * #3` | 30 | 1 |\n"
    )
    ran = mgrad("eval", *words, "--title", "<b> a|b", "--wrt", "b", "--inputs-only").stdout.splitlines()
    assert ran[0] == r"**\<b\> a\|b**"
    assert ran[4:] == ["| 1 | `b` | input | 3 | 16 |", "| 4 | `a*b*(a+b)` (output) | `*` | 30 | 1 |"]


def test_markdown_marks_what_is_not_finite_and_names_conventions(mgrad: Run) -> None:
    ran = mgrad("eval", "abs(x)/0", "--x", "0", "--format", "markdown")
    assert "| 0 | `x` | input | 0 | **nan** |\n" in ran.stdout
    assert ran.stdout.endswith("\n\nBy convention: abs\\(x\\) at 0\n")


def test_long_markdown_says_what_it_leaves_out(mgrad: Run) -> None:
    text = "+".join(["sin(x)"] * 150)
    short, whole = (mgrad("eval", text, "--x", "1", "--format", "markdown", *more) for more in ([], ["--all-nodes"]))
    assert "|  | 99 nodes left out; --all-nodes shows them |  |  |  |\n" in short.stdout
    assert (short.stdout.count("\n"), whole.stdout.count("\n")) == (204, 302)


@pytest.mark.parametrize("form", list(EVAL_FORMATS))
def test_a_pipe_or_a_newline_in_the_text_does_not_break_a_row(mgrad: Run, form: str) -> None:
    ran = mgrad("eval", "-", "--x", "2", "--format", form, stdin="y = x  # |\n(y +\n 1)")
    assert ran.returncode == 0
    if form == "markdown":
        assert {line.replace(r"\|", "").count("|") for line in ran.stdout.splitlines()} == {6}


@pytest.mark.parametrize("form", ["table", "csv", "tsv", "markdown"])
def test_inputs_only_shows_the_inputs_and_the_output(mgrad: Run, form: str) -> None:
    ran = mgrad("eval", "sin(x)*7 + 1", "--x", "0", "--inputs-only", "--format", form)
    assert ("sin(x)*7+1" in ran.stdout.replace(" ", ""), ran.stdout.count("sin(x)")) == (True, 1)


@pytest.mark.parametrize("words", [["--certify"], ["--digits", "30"], ["--sides"], ["--accuracy"]])
@pytest.mark.parametrize("form", list(EVAL_FORMATS))
def test_every_format_goes_with_every_kind_of_result(mgrad: Run, form: str, words: list[str]) -> None:
    if words[0] in {"--certify", "--digits"}:
        pytest.importorskip("flint", reason="--certify needs python-flint (extra `exact`)")
    ran = mgrad("eval", "abs(x)*y", "--x", "0", "--y", "3", "--format", form, *words)
    refusal = f"error: --sides cannot be combined with --format {form}\n"
    is_refused = words == ["--sides"] and not EVAL_FORMATS[form].has_sides
    assert (ran.returncode, ran.stderr) == ((2, refusal) if is_refused else (0, ""))
    if form == "markdown":
        tables = [line.count("|") for line in ran.stdout.splitlines() if line.startswith("|")]
        widths = {"--certify": {5}, "--digits": {3}, "--sides": {4, 6}, "--accuracy": {7}}
        assert set(tables) == widths[words[0]]


def test_the_guide_names_every_format() -> None:
    names = r"\|".join(EVAL_FORMATS)
    assert f"`--format {names}`" in (ROOT / "examples" / "guide" / "eval.md").read_text()


def test_inputs_only_and_wrt(mgrad: Run) -> None:
    shown = mgrad("eval", "a*b*c + 1", "--a", "2", "--b", "3", "--c", "4", "--inputs-only", "--wrt", "c,a").stdout
    assert re.findall(r"│ +(\d+) │ (\S+)", shown) == [("0", "a"), ("2", "c"), ("6", "a*b*c")]
    record = json.loads(mgrad("eval", "a*b", "--a", "2", "--b", "3", "--json", "--wrt", "b").stdout)
    assert record["grads"] == {"b": 2.0}


def test_a_long_table_says_what_it_left_out(mgrad: Run) -> None:
    text = "+".join(["x"] * 300)
    short, whole = (mgrad("eval", text, "--x", "1", *more).stdout for more in ([], ["--all-nodes"]))
    assert "99 nodes left out; --all-nodes shows them" in short
    assert (short.count("\n"), whole.count("\n")) == (208, 305)


@pytest.mark.parametrize("columns", ["40", "80", "120"])
def test_numbers_are_never_cut(mgrad: Run, columns: str) -> None:
    text = "exp(w*1.00017)*sin(x)+log(w)**3/(1+w*x)"
    shown = mgrad("eval", text, "--w", "0.5123", "--x", "-1e-7", env={"COLUMNS": columns}).stdout
    record = json.loads(mgrad("eval", text, "--w", "0.5123", "--x", "-1e-7", "--json", "--nodes").stdout)
    found = {float(figure) for figure in re.findall(r"(?<=│) +(-?[\d.e-]+) (?=│)", shown)}
    assert {node["data"] for node in record["nodes"]} <= found
    if columns != "40":
        assert max(map(len, shown.split("\n"))) <= int(columns)


@pytest.mark.parametrize(
    ("words", "value", "grads"),
    [
        (["a*b", "--a", "-3", "--b", "2"], -6, {"a": 2, "b": -3}),
        (["--a=-3", "a*b", "--b=2"], -6, {"a": 2, "b": -3}),
        (["a", "--a", "-.5e-3"], -0.0005, {"a": 1}),
        (["-x", "--x", "3"], -3, {"x": -1}),
        (["-cos(x)", "--x", "0"], -1, {"x": 0}),
        (["-v", "x=3", "-x"], -3, {"x": -1}),
        (["--var", "json=3", "--", "-json"], -3, {"json": -1}),
        (["--x", "3", "--", "--x"], 3, {"x": 1}),
        (["json*2", "--var", "json=3"], 6, {"json": 2}),
        (["help", "--var", "help=3"], 3, {"help": 1}),
        (["é*2", "--é", "2"], 4, {"é": 2}),
        (["\u00e9*2", "--e\u0301", "2"], 4, {"é": 2}),
        (["θ", "--θ", "pi/4"], math.pi / 4, {"θ": 1}),
        (["e*x", "--e", "2", "--x", "3"], 6, {"e": 3, "x": 2}),
        (["a = 2; a*a", "--a", "5"], 25, {"a": 10}),
        (["x", "--x", "nan"], None, {"x": 1}),
        (["x", "--x", "-inf"], None, {"x": 1}),
        (["x", "--x", "-Infinity"], None, {"x": 1}),
    ],
)
def test_bindings(mgrad: Run, words: list[str], value: float | None, grads: dict[str, float]) -> None:
    ran = mgrad("eval", "--json", *words)
    record = json.loads(ran.stdout)
    assert (ran.returncode, record["value"], record["grads"]) == (0, value, grads)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["json*2", "--json", "3"], 2, "unexpected argument '3'; 'json' is an option, bind the variable with --var json=3"),
        (["alpha*b", "--aplha", "2", "--b", "3"], 2, "no variable 'aplha' in the expression; did you mean 'alpha'?"),
        (["a*b", "--a", "2"], 2, "missing value for 'b'; bind it with --b VALUE"),
        (["xy", "--x", "2", "--y", "3"], 2, "no variable 'x' in the expression; write 'xy' as x*y"),
        (["mc**2 + z", "--z", "1", "--m", "2", "--c", "3"], 2, "no variable 'm' in the expression; write 'mc' as m*c"),
        (["sinwt", "--var", "w=2", "--t", "3"], 2, "no variable 'w' in the expression; write 'sinwt' as sin(w*t)"),
        (["x*2", "x=3"], 2, "unexpected argument 'x=3'; bind a variable with --x 3"),
        (["x*2", "-x=3"], 2, "unexpected argument '-x=3'; bind a variable with --x 3"),
        (["x=3", "x*2"], 2, "unexpected argument 'x*2'; bind a variable with --x 3"),
        (["x*2", "--x", "0:1:0.1"], 2, "the value of 'x' must be a number; mgrad map and mgrad plot take a range, 0:1:0.1"),
        (["xy", "--x", "2"], 2, "no variable 'x' in the expression; did you mean 'xy'?"),
        (["a", "--a", "x.csv"], 2, "the value of 'a' must be a number; to evaluate over the rows of a file: mgrad map a x.csv"),

        (["a + b", "--a", "x y.parquet"], 2, 'the value of \'a\' must be a number; to evaluate over the rows of a file: mgrad map "a + b" "x y.parquet"'),
        (["x*y", "--x", "--y", "2"], 2, "--x needs a value"),
        (["x", "--x"], 2, "--x needs a value"),
        (["x", "--x="], 2, "--x needs a value"),
        (["x", "--x", "1", "--x", "2"], 2, "'x' is given twice"),
        (["x", "--x", "1", "--var", "x=2"], 2, "'x' is given twice"),
        (["x", "--var", "x"], 2, "--var needs NAME=VALUE, not 'x'"),
        (["x", "--x", "1", "--title", "a", "--title", "b"], 2, "--title is given twice"),
        (["x", "--x", "1", "--strct"], 2, "--strct needs a value; did you mean '--strict'?"),
        (["a*b", "--a", "1", "--b", "2", "--formt", "json"], 2, "no option or variable '--formt'; did you mean '--format'?"),
        (["a", "--a", "--json"], 2, "--a needs a value"),
        (["a", "--a", "1", "--title"], 2, "--title needs a value"),
        (["x", "--x", "1", "--all-node"], 2, "no option '--all-node'; did you mean '--all-nodes'?"),
        (["x", "y", "--x", "1"], 2, "unexpected argument 'y'; variables to differentiate by are chosen with --wrt y"),
        (["x", "--x", "1", "--precision", "9"], 2, "no option or variable '--precision'; --digits-shown rounds the table, --digits computes proven digits"),
        (["x", "--x", "1", "--json=3"], 2, "--json takes no value; 'json' is an option, bind the variable with --var json=3"),
        (["x*title", "--x", "1", "--title", "3"], 2, "missing value for 'title'; 'title' is an option, bind it with --var title=VALUE"),
        (["x", "--x", "1,5"], 2, "the value of 'x', '1,5', is not a number: unexpected ','; numbers have a decimal point: write 1.5"),
        (["x", "--x", "0x10"], 2, "the value of 'x', '0x10', is not a number: '0x10': numbers are decimal; write 16"),
        (["x", "--x", "2#3"], 2, "the value of 'x', '2#3', is not a number: a value cannot contain a comment"),
        (["x", "--var", "x=2 # two"], 2, "the value of 'x', '2 # two', is not a number: a value cannot contain a comment"),
        (["x", "--x", "١٢"], 2, "the value of 'x', '١٢', is not a number: unexpected character '١' (U+0661); digits are 0 to 9; write 12"),
        (["x", "--x", "y"], 2, "the value of 'x', 'y', is not a number: 'y' is not a constant, and a value cannot contain variables"),
        (["f", "--f", "-j3"], 2, "the value of 'f', '-j3', is not a number: 'j3' is not a constant, and a value cannot contain variables"),
        (["c = a*b; c", "--a", "1", "--b", "2", "--c", "3"], 2, "c is computed; bind a, b"),
        ([], 2, "an expression is missing; write it in quotes after the command, or give --file FILE"),
        (["x", "--x", "1", "--json", "--format", "csv"], 2, "--json and --format csv cannot be combined"),
        (["x", "--x", "1", "--format", "xml"], 2, f"invalid value for '--format': 'xml' is not one of {', '.join(map(repr, EVAL_FORMATS))}"),
        (["--file", "absent.mg"], 4, "cannot read 'absent.mg': No such file or directory"),
        (["gamma(x", "--x", "1"], 3, "'(' is never closed\n  1 | gamma(x\n    |      ^"),
        (["(x*x+2).tahn()", "--x", "1"], 3, "unknown function 'tahn'; did you mean 'tanh'?\n  1 | (x*x+2).tahn()\n    |         ^^^^"),
    ],
    ids=lambda item: " ".join(item) if isinstance(item, list) else None,
)  # fmt: skip
def test_errors_are_one_sentence(mgrad: Run, words: list[str], code: int, message: str, tmp_path: Path) -> None:
    ran = mgrad("eval", *words, cwd=tmp_path)
    assert (ran.returncode, ran.stdout, ran.stderr) == (code, "", f"error: {message}\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a*b", "--a", "2"], "no command 'a*b'; to evaluate it: mgrad eval 'a*b'"),
        (["evl"], "no command 'evl'; did you mean 'eval'?"),
        (["functions", "tahn"], "no function 'tahn'; did you mean 'tanh'?"),
    ],
)
def test_a_wrong_verb_is_kindly_refused(mgrad: Run, words: list[str], message: str) -> None:
    ran = mgrad(*words)
    assert (ran.returncode, ran.stderr) == (2, f"error: {message}\n")


def test_an_expression_comes_from_standard_input_or_a_file(mgrad: Run, tmp_path: Path) -> None:
    program = "\ufeff# a program\nr = hypot(x, y)  # length\r\nlog(r)\n"
    (tmp_path / "p.mg").write_text(program, encoding="utf-8")
    for ran in (
        mgrad("eval", "-", "--x", "3", "--y", "4", "--json", stdin=program),
        mgrad("eval", "--file", "p.mg", "--x", "3", "--y", "4", "--json", cwd=tmp_path),
    ):
        assert json.loads(ran.stdout)["value"] == math.log(5)
    bad = mgrad("eval", "-", stdin=b"x\n\xff")
    assert (bad.returncode, bad.stderr) == (4, f"error: standard input is not UTF-8: byte 3, in line 2; {NOT_UTF8}\n")


def test_nothing_is_cut_off_unsaid(mgrad: Run) -> None:
    for spaces, more in ((5_000_000, []), (50, ["--max-chars", "10"])):
        ran = mgrad("eval", "-", "--x", "2", *more, stdin="x" + " " * spaces + "+1")
        assert (ran.returncode, ran.stdout) == (3, "")
        assert "characters (--max-chars)" in ran.stderr


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("mgrad eval x --x 1 >&-", 5, "error: cannot write standard output: it is closed\n"),
        ("mgrad eval - <&-", 4, "error: cannot read standard input: it is closed\n"),
        ("mgrad batch - <&-", 4, "error: cannot read standard input: it is closed\n"),
        ("mgrad eval 1/0 --json 2>&- | grep -c nonfinite", 0, ""),
        ("mgrad eval 1/0 --json 2>/dev/full | grep -c nonfinite", 0, ""),
        ("echo 1 | mgrad batch - 2>/dev/full | grep -c ok", 0, ""),
        ("mgrad --help >/dev/full", 5, "error: cannot write standard output: No space left on device\n"),
        ("mgrad eval --help >/dev/full", 5, "error: cannot write standard output: No space left on device\n"),
        ("mgrad eval --help | true; exit ${PIPESTATUS[0]}", 141, ""),
    ],
)
def test_streams_that_are_closed_or_full(command: str, code: int, said: str) -> None:
    ran = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment(),
    )
    assert ran.stderr == said
    assert ran.returncode == code or (code == 141 and ran.returncode == 0)  # the reader may be too late to be missed


def test_without_words_comes_the_help(mgrad: Run) -> None:
    assert mgrad().stdout == mgrad("--help").stdout


def test_nothing_live_reaches_a_terminal_in_any_format() -> None:
    """User text goes to a real terminal, and comes back without escapes of its own."""
    text = "x # \x1b]52;c;aGk=\x07\x1b[31m\u202e\x9b"
    for form in ("csv", "tsv", "json", "table"):
        leader, follower = pty.openpty()
        ran = subprocess.run(
            ["mgrad", "batch", "-", "--x", "1", "--format", form, "--quiet"],
            input=f'{{"id": "\\u001b]52;c;aGk=", "expr": {json.dumps(text)}}}\n'.encode(),
            stdout=follower,
            env=environment(NO_COLOR="1", TERM="dumb"),
        )
        os.close(follower)
        shown = os.read(leader, 1 << 16).decode()
        os.close(leader)
        assert ran.returncode == 0
        assert "aGk=" in shown
        assert not re.search("[\x1b\x9b\x07\u202e]", shown), form


def test_limits(mgrad: Run) -> None:
    for text in ("(" * 20_000 + "x" + ")" * 20_000, "x" + "+x" * 100_000, "x" + " " * (1 << 20)):
        ran = mgrad("eval", "-", "--x", "1", stdin=text + "+x")
        assert (ran.returncode, ran.stdout) == (3, "")
        assert len(ran.stderr) < 400
    ran = mgrad("eval", "-", "--x", "1", "--max-depth", "30000", "--json", stdin="(" * 20_000 + "x" + ")" * 20_000)
    assert json.loads(ran.stdout)["grads"] == {"x": 1.0}


@pytest.mark.parametrize(
    "title", ["[/]", "[link=http://x]y[/link]", "\x1b]52;c;aGk=\x07", "\x9b31m", "a\u202eb", "two\nlines", ":smile:"]
)
def test_titles_are_text_and_nothing_else(mgrad: Run, title: str) -> None:
    ran = mgrad("eval", "a", "--a", "1", "--title", title, env={"FORCE_COLOR": "1"})
    assert ran.returncode == 0
    plain = re.sub(r"\x1b\[[0-9;]*m", "", ran.stdout)
    assert not re.search("[\x1b\x9b\x07\u202e]", plain)
    assert plain.split("\n")[0].rstrip() == re.sub("[\x1b\x9b\x07\u202e]", "�", title).replace("\n", " ")


def test_colour_is_for_terminals(mgrad: Run) -> None:
    assert "\x1b" not in mgrad("eval", "a", "--a", "1").stdout
    assert "\x1b" in mgrad("eval", "a", "--a", "1", env={"FORCE_COLOR": "1"}).stdout


def test_any_encoding_will_do(mgrad: Run) -> None:
    ran = mgrad("eval", "σ*2", "--σ", "1", env={"PYTHONIOENCODING": "ascii"})
    assert (ran.returncode, ran.stdout.isascii()) == (0, True)


def test_help_ends_with_examples(mgrad: Run) -> None:
    for words in ([], *([verb] for verb in VERBS)):
        ran = mgrad(*words, "--help")
        assert ran.returncode == 0
        assert re.search(r"Examples:\n    (mgrad|echo) ", ran.stdout)


def hostile_cases(verbs: set[str]) -> list[Any]:
    try:
        text = shared("hostile.jsonl").read_text()
    except pytest.skip.Exception:
        return []
    cases = [json.loads(line) for line in text.splitlines()]
    return [
        pytest.param(case, id=case["name"])
        for case in cases
        if case["argv"][:1] == ["mgrad"] and case["argv"][1] in verbs
    ]


@pytest.mark.slow
@pytest.mark.parametrize("case", hostile_cases({"eval", "batch", "check", "functions"}))
def test_hostile_input(mgrad: Run, case: dict[str, Any], tmp_path: Path) -> None:
    check_hostile(mgrad, case, tmp_path)


def check_hostile(mgrad: Run, case: dict[str, Any], folder: Path) -> None:
    """Runs a case in a folder and compares with what it expects."""
    expect = case["expect"]
    stdin = case.get("stdin", "")
    if "stdin_py" in case:
        stdin = eval(case["stdin_py"])
    for name, text in case.get("files", {}).items():
        (folder / name).write_text(text)
    ran = mgrad(*case["argv"][1:], stdin=stdin, cwd=folder)
    assert ran.returncode == expect["exit"], ran.stderr
    assert expect.get("stderr", "") in ran.stderr
    assert expect.get("stdout", "") in ran.stdout
    for stream, text in (("stdout", ran.stdout), ("stderr", ran.stderr)):
        forbidden = expect.get(f"{stream}_never") or expect.get("never")
        assert forbidden is None or forbidden not in text
    if {"value", "grads", "status", "nonfinite"} & expect.keys():
        record = json.loads(ran.stdout)
        for key in ("value", "status", "nonfinite"):
            assert key not in expect or record[key] == expect[key]
        assert all(record["grads"][name] == grad for name, grad in expect.get("grads", {}).items())
