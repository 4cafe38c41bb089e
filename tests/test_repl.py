"""`repl`: what a session knows and answers, the command at the end of a pipe, and the prompt in a real terminal."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import termios
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mgrad_cli.errors import BindingError, ExpressionError, LimitError, MgradError, UsageError
from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.language.lowering import read
from mgrad_cli.language.parser import Limits
from mgrad_cli.renderers import Page
from mgrad_cli.repl.answers import Response, answers
from mgrad_cli.repl.commands import COMMANDS, GUIDE, NOTES, REPLIES, WRITING, usages
from mgrad_cli.repl.completion import candidates
from mgrad_cli.repl.definitions import Session
from mgrad_cli.repl.entries import entries, goes_on
from tests.conftest import Run, environment
from tests.processes import HANG_SECONDS, wait_for

BUSY = "x = 1; w = " + "*".join(["x.sin().sin().cos()"] * 12_000)
"""What takes some seconds to check."""


def said(session: Session, *typed: str) -> list[Response]:
    return [answer for entry in typed for answer in answers(session, REPLIES, entry, Page)]


def text(session: Session, *typed: str) -> str:
    return "".join(answer.text for answer in said(session, *typed))


def row(table: str, name: str) -> list[str]:
    """The cells of a node's row in a table: its data and grad last."""
    cells = [[cell.strip(" ◀") for cell in line.strip("│").split("│")] for line in table.split("\n") if "│" in line]
    return next(each for each in cells if each[1].removesuffix(" ◀ output") == name)


def test_values_and_formulas_persist_and_gradients_flow_through_them() -> None:
    session = Session()
    assert text(session, "x = 3; b = pi/4") == "x = 3\nb = 0.7853981633974483\n"
    assert text(session, "y = x*x + b") == "y = x*x + b = 9.78539816339745\n"
    table = text(session, "sin(y)")
    expected = differentiate(read("y = x*x + b; sin(y)"), session.values)
    assert [row(table, name)[-1] for name in ("x", "b")] == list(map(str, (expected.grads or {}).values()))
    assert "x*x" not in table
    said(session, "x = 1")
    assert row(text(session, "y"), "y")[-2:] == ["1.7853981633974483", "1"]


def test_a_formula_may_come_before_its_values() -> None:
    session = Session()
    assert text(session, "y = u*v") == "y = u*v; no value yet for 'u', 'v'\n"
    with pytest.raises(BindingError, match=r"^no value for 'u', 'v'; set them: u = 1; v = 1$"):
        said(session, "y + 1")
    assert text(session, "u = 2; v = 3", "y + 1").splitlines()[:2] == ["u = 2", "v = 3"]


def test_a_later_definition_replaces_the_earlier_one_of_whatever_kind() -> None:
    session = Session()
    assert text(session, "x = 2", "y = x + 1", "y = 5", "x = y + 1") == "x = 2\ny = x + 1 = 3\ny = 5\nx = y + 1 = 6\n"
    assert text(session, ":vars") == "y = 5\nx = y + 1\n"


def test_a_session_is_the_program_that_it_lists() -> None:
    session = Session()
    said(session, "z = y**2", "y = x*w", "w = x + pi", "x = -0.1")
    lines = text(session, ":vars").splitlines()
    assert lines == ["x = -0.1", "w = x + pi", "y = x*w", "z = y**2"]
    program = differentiate(read("; ".join([*lines, "z"])), {})
    assert row(text(session, "z"), "x")[-1] == str((program.grads or {})["x"])


def test_functions_persist_and_are_called_by_formulas_and_other_functions() -> None:
    session = Session()
    assert text(session, "f(x, y) = x*y + a  # two") == "f(x, y) = x*y + a\n"
    assert text(session, "a = 3", "g(t) = f(t, t)", "c = g(2)") == "a = 3\ng(t) = f(t, t)\nc = g(2) = 7\n"
    assert row(text(session, "c + f(a, 1)"), "a")[-1] == "3"
    assert text(session, "f(x, y) = x + y", "g(2)").splitlines()[-1] == "4"
    assert text(session, ":vars") == "a = 3\nf(x, y) = x + y\ng(t) = f(t, t)\nc = g(2)\n"
    assert text(session, "u = 2; w(x) = x*u; w(3)").splitlines()[:2] == ["u = 2", "w(x) = x*u"]
    assert row(text(session, "_ + w(1)"), "u")[-1] == "4"
    assert text(session, ":help w") == "w(x) = x*u\n"
    said(session, ":del w", ":clear")
    assert text(session, ":vars") == "nothing is defined yet\n"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("f(x) = 2*x", "a function that calls f would not be valid any more: f is defined as f(x), not with 2"),
        ("f(x, y) = g(x) + y", "the function 'f' calls itself, through g; functions cannot be recursive"),
        ("h(x) = h(x)", "the function 'h' calls itself; functions cannot be recursive"),
        ("h(x) = x + _", "a function cannot use '_', the last expression; give it a name"),
        ("g(1, 2)", "g is defined as g(t), not with 2 arguments"),
        (":del f", "'f' is called by the function g; forget that first"),
        (":explain k(x) = x", ":explain takes one expression; define names before it"),
    ],
)
def test_a_function_that_is_not_valid_is_refused(typed: str, message: str) -> None:
    session = Session()
    said(session, "f(x, y) = x*y", "g(t) = f(t, t)", "3")
    with pytest.raises((ExpressionError, UsageError)) as raised:
        said(session, typed)
    assert raised.value.message.startswith(message)
    if raised.value.span is not None:
        assert raised.value.source == typed
    assert text(session, "g(3)") == "9\n"


def test_functions_are_saved_and_completed(tmp_path: Path) -> None:
    session, other = Session(), Session()
    said(session, "area(r) = pi*r**2", "x = area(y)", f":save {tmp_path / 's.mg'}")
    said(other, f":load {tmp_path / 's.mg'}")
    assert text(other, ":vars") == text(session, ":vars") == "area(r) = pi*r**2\nx = area(y)\n"
    assert candidates("2*ar", session, NOTES)[1][0] == ("area(", "area(r)", "= pi*r**2")
    assert "area(" in [candidate.text for candidate in candidates("x.ar", session, NOTES)[1]]


@pytest.mark.parametrize(
    ("typed", "message", "marked"),
    [
        ("x = x + 1", "'x' depends on itself; to set its current value, write :set x = x + 1", "x"),
        ("x = 2*c", "'x' depends on itself, through c, b; to set its current value, write :set x = 2*c", "c"),
    ],
)
def test_a_formula_that_needs_itself_is_refused(typed: str, message: str, marked: str) -> None:
    session = Session()
    said(session, "x = 2", "b = x + 1", "c = b*b")
    with pytest.raises(ExpressionError) as raised:
        said(session, typed)
    assert raised.value.message == message
    assert raised.value.span is not None
    assert raised.value.span.start == typed.index(marked, 1)
    assert text(session, "c") == text(session, "c")
    assert session.values == {"x": 2.0}


def test_a_value_may_be_set_from_itself() -> None:
    session = Session()
    assert text(session, "x = 3", "y = x**2", ":set x = x - 0.1*2*x  # downhill", "y").startswith("x = 3\n")
    assert session.values["x"] == 3 - 0.1 * 2 * 3
    for typed in (":set x", ":set x = 1; 2", ":set x = y = 2", ":set inf = 2", ":set _ = 2"):
        with pytest.raises(UsageError):
            said(session, typed)


def test_the_last_expression_goes_by_an_underscore() -> None:
    session = Session()
    with pytest.raises(BindingError, match="there is no last expression yet"):
        said(session, "_ + 1")
    said(session, "x = 3", "x + 1")
    assert row(text(session, "_*2"), "_*2")[-2:] == ["8", "1"]
    assert row(text(session, "y = _ + x*_", "y"), "x")[-2:] == ["3", "16"]
    assert str(session.formulas["y"]) == "y = ((x + 1)*2) + x*((x + 1)*2)"
    said(session, "sin(x)", "_ + 1")
    assert session.last is not None
    assert session.last.text == "sin(x) + 1"
    with pytest.raises(ExpressionError, match="'_' is the last expression and cannot be assigned"):
        said(session, "_ = 3")


def test_the_last_expression_grows_up_to_the_limit() -> None:
    session = Session(Limits(chars=1000))
    said(session, "x = 1", "x + 1")
    with pytest.raises(LimitError):
        said(session, *["_ + _"] * 20)
    assert text(session, "x") == "x = 1\n"


def test_numbers_are_answered_with_a_number() -> None:
    assert text(Session(), "2 + 3", "pi", "x = 4", "x") == "5\n3.141592653589793\nx = 4\nx = 4\n"


def test_a_value_wins_over_a_constant_until_it_is_deleted() -> None:
    session = Session()
    assert text(session, "pi = 3", "2*pi")
    assert row(text(session, "2*pi"), "pi")[-2:] == ["3", "2"]
    assert text(session, ":diff pi*x") == "d_pi = x\nd_x = pi\nd_pi, d_x\n"
    assert text(session, ":del pi", "2*pi") == "6.283185307179586\n"
    with pytest.raises(UsageError, match=r"^no value, formula or function 'xx'$"):
        said(session, ":del xx")


@pytest.mark.parametrize(
    ("typed", "line", "caret"),
    [
        ("a = 2; tahn(x)", "  1 | a = 2; tahn(x)", "^^^^"),
        (":explain x + tahn(y)", "  1 | :explain x + tahn(y)", "^^^^"),
        ("x = 2;\n\n  x + (y", "  3 |   x + (y", "^"),
        (":set x = 2a", "  1 | :set x = 2a", "^^"),
    ],
)
def test_a_caret_points_into_what_was_typed(typed: str, line: str, caret: str) -> None:
    session = Session()
    said(session, "y = 1", "z = y*y + y")
    with pytest.raises(ExpressionError) as raised:
        said(session, typed)
    drawn = str(raised.value).split("\n")
    assert drawn[1] == line
    assert drawn[2].strip(" |") == caret
    marked = line[drawn[2].index("^") :][: len(caret)]
    assert marked in {"tahn", "(", "2a"}


def test_a_warning_points_into_what_was_typed() -> None:
    session = Session()
    said(session, "x = 1", "y = x + 1")
    assert said(session, "2 + y*log(-x)")[0].warnings == (
        "log(-x) is nan: log of a negative number\n  1 | 2 + y*log(-x)\n    |       ^^^^^^^",
    )
    said(session, "w = log(-y)")
    assert said(session, "w*2")[0].warnings == (
        "w is nan: log of a negative number\n  1 | w = log(-y)\n    |     ^^^^^^^",
    )
    assert (
        said(session, ":explain sqrt(-x)*y")[0]
        .warnings[0]
        .endswith("  1 | :explain sqrt(-x)*y\n    |          ^^^^^^^^")
    )


def test_names_without_a_value_are_helped() -> None:
    session = Session()
    said(session, "length = 2")
    for typed, message in {
        "lenght*2": "no value for 'lenght'; did you mean 'length'?",
        "tanh + 1": "no value for 'tanh'; tanh is a function: write tanh(...)",
        "Pi": "no value for 'Pi'; did you mean the constant 'pi'?",
        "quit": "no value for 'quit'; did you mean ':quit'?",
    }.items():
        with pytest.raises(MgradError) as raised:
            said(session, typed)
        assert str(raised.value) == message


def test_commands_are_about_the_last_expression_or_their_own() -> None:
    session = Session()
    with pytest.raises(UsageError, match=r"^there is no last expression yet; write :diff EXPRESSION$"):
        said(session, ":diff")
    said(session, "x = 3", "y = x*x", "sin(y)")
    assert text(session, ":diff") == "2*x*cos(x**2)\n"
    assert text(session, ":diff y**2*z") == "d_x = 4*x**3*z\nd_z = x**4\nd_x, d_z\n"
    with pytest.raises(BindingError, match="no value for 'z'"):
        said(session, ":check")
    said(session, "z = 2")
    assert text(session, ":check").count("pass") == 2
    assert "backward pass" in text(session, ":explain")
    assert "dL/dv1 += " in text(session, ":explain x*z*(x+z)")
    assert "├─ v1 = x*z" in text(session, ":graph")
    assert row(text(session, ":nodes"), "x*z")[-2:] == ["6", "5"]
    with pytest.raises(UsageError, match=r"^:graph takes one expression; "):
        said(session, ":graph a = 2; a*a")


def test_a_plot_goes_over_one_variable() -> None:
    pytest.importorskip("plotext")
    session = Session()
    assert "df/dx" in text(session, ":plot sin(x)")
    assert "df/dt" in text(session, "a = 2", ":plot sin(a*t), t = 0:2*pi")
    for typed, message in {
        ":plot": "a plot has one ranged variable; choose it: :plot EXPRESSION, x = -5:5",
        ":plot x*u, x = 0:1": "no value for 'u'; set it: u = 1",
        ":plot x, x = 1:1": "'1:1', for x, cannot be plotted: a range needs 2 to 100,000 different values",
        ":plot x, x = 0:1:1e-9": "'0:1:1e-9', for x, cannot be plotted: a range needs 2 to 100,000 different values",
        ":plot log(-x), x = 1:2": "nothing to draw: no value is finite over the range of x",
    }.items():
        with pytest.raises(MgradError) as raised:
            said(session, typed)
        assert raised.value.message == message


def test_an_unknown_command_gets_a_suggestion() -> None:
    for typed, message in {
        ":explian": "no command ':explian'; did you mean ':explain'?",
        ":xyzzy": "no command ':xyzzy'; :help lists them",
        ":vars all": ":vars takes no argument, such as 'all'",
        ":help tanq": "no function or command 'tanq'; did you mean 'tan'?",
    }.items():
        with pytest.raises(UsageError) as raised:
            said(Session(), typed)
        assert raised.value.message == message


def test_help_names_every_command_and_keeps_to_80_columns() -> None:
    shown = text(Session(), ":help")
    assert all(usage in shown for usage in usages().values())
    assert max(map(len, shown.splitlines())) <= 80
    assert shown.startswith(GUIDE)
    assert "hyperbolic tangent" in text(Session(), ":help tanh")
    assert text(Session(), ":help del") == ":del NAME...   forget names\n"


def test_what_is_saved_loads_as_the_same_session(tmp_path: Path) -> None:
    session, again = Session(), Session()
    path = tmp_path / "a (file"
    said(session, "θ = -pi/4; n = nan; i = -inf", "z = y*2", "y = sin(θ)", f":save {path}")
    said(again, f":load {path}")
    assert list(map(repr, again.values.items())) == list(map(repr, session.values.items()))
    assert {name: str(formula) for name, formula in again.formulas.items()} == {"y": "y = sin(θ)", "z": "z = y*2"}
    said(again, ":clear")
    assert (again.values, again.formulas, again.last) == ({}, {}, None)


@pytest.mark.parametrize("command", sorted(WRITING))
@pytest.mark.parametrize("before", ["", "x = 2\n", "  "], ids=["first", "later", "indented"])
def test_a_loaded_file_may_not_write(tmp_path: Path, command: str, before: str) -> None:
    path, precious = tmp_path / "a.mg", tmp_path / "precious"
    precious.write_text("mine")
    for target in (precious, tmp_path / "new"):
        path.write_text(f"{before}{command} {target}\n")
        with pytest.raises(UsageError, match="a loaded file may not write files") as raised:
            said(Session(), "x = 1", f":load {path}")
        assert raised.value.file == str(path)
    assert (precious.read_text(), sorted(os.listdir(tmp_path))) == ("mine", ["a.mg", "precious"])


def test_save_asks_before_it_replaces(mgrad: Run, tmp_path: Path) -> None:
    path, asked = tmp_path / "a.mg", list[str]()

    def save(answer: bool) -> None:
        def confirm(question: str) -> bool:
            asked.append(question)
            return answer

        session = Session()
        for entry in ("x = 2", f":save {path}"):
            assert list(answers(session, REPLIES, entry, Page, confirm))

    save(False)
    assert (path.read_text(), asked) == ("x = 2\n", [])
    path.write_text("mine")
    with pytest.raises(UsageError, match="already exists and was not replaced"):
        save(False)
    assert (path.read_text(), asked) == ("mine", [f"replace '{path}'?"])
    piped = mgrad("repl", stdin=f"x = 3\n:save {path}\n")
    assert (piped.returncode, path.read_text()) == (1, "mine")
    assert piped.stderr == f"error: standard input:2: '{path}' already exists and was not replaced\n"
    save(True)
    assert path.read_text() == "x = 2\n"


def test_a_file_is_loaded_up_to_its_first_error(tmp_path: Path) -> None:
    path = tmp_path / "bad.mg"
    path.write_text("x = 2\ny = (x +\n  3)\n\nz = tahn(y)\nw = 1\n")
    session = Session()
    with pytest.raises(MgradError) as raised:
        said(session, f":load {path}")
    assert str(raised.value).startswith(
        f"{path}:5:5: unknown function 'tahn'; did you mean 'tanh'?\n  5 | z = tahn(y)\n"
    )
    assert text(session, ":vars") == "x = 2\ny = (x +\n  3)\n"
    path.write_text(f":load {path}\n")
    with pytest.raises(UsageError, match="no command ':load'"):
        said(session, f":load {path}")
    for typed in (":load", f":load {tmp_path}/nowhere", f":save {tmp_path}/nowhere/file", ":load -"):
        with pytest.raises(MgradError):
            said(session, typed)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("x = 3\nx**2", ["x = 3", "x**2"]),
        ("sin(x +\n  # why\n y)*2\nz", ["sin(x +\n  # why\n y)*2", "z"]),
        ("a +  # first\nb\nc", ["a + b", "c"]),
        ("a\\\n+ b", ["a + b"]),
        ("x >= 2 and\nnot\ny", ["x >= 2 and not y"]),
        ("y =\n2", ["y = 2"]),
        ("(a +\n\nb", ["(a +", "b"]),
        ("(a +\n:vars\nb", ["(a +", ":vars", "b"]),
        (":explain (a +\nb)", [":explain (a +\nb)"]),
        (":load a-\n:save (\nx", [":load a-", ":save (", "x"]),
        ("# (\n\n  \n", []),
        ("f)\ng", ["f)", "g"]),
    ],
)
def test_an_entry_goes_on_where_it_cannot_end(lines: str, found: list[str]) -> None:
    assert [entry.text for entry in entries(lines.split("\n"))] == found
    assert not goes_on(lines)


@pytest.mark.parametrize("unfinished", ["(", "x = (1,", "a +", "a and", "b *  # c", "c \\", "x = 2\ny = (x"])
def test_an_entry_waits_for_its_end(unfinished: str) -> None:
    assert goes_on(unfinished)
    assert not goes_on(f"{unfinished}\n")


def test_an_entry_knows_its_line_and_ends_at_the_limit() -> None:
    assert [entry.line for entry in entries(["", "# c", "x = (", "3)", "", "y"])] == [3, 6]
    assert len(list(entries(["("] * 100, most_chars=20))) > 1


def test_words_are_completed_with_what_they_mean() -> None:
    session = Session()
    said(session, "tau_x = 2", "tangent = tau_x*2")

    def found(before: str) -> dict[str, str]:
        return {each.text: each.note for each in candidates(before, session, NOTES)[1]}

    assert list(found("1 + ta")) == ["tau_x", "tangent", "tan(", "tanh(", "tau"]
    assert found("ta")["tan("] == "tangent"
    assert found("ta")["tangent"] == "= tau_x*2"
    assert list(found("x.ta")) == ["tan(", "tanh("]
    assert list(found("(x*2).ta")) == ["tan(", "tanh("]
    assert found(":ex") == {":explain": COMMANDS[":explain"].doc}
    assert list(found(":explain lg")) == ["lgamma("]
    assert found("an")["and"] == "1 where both are not zero"
    for nothing in ("", "x + ", "2", "2e", "# ta", "gaussi", "add", "zzz"):
        assert not found(nothing), nothing
    said(session, "tan(tau_x)")
    assert found("_") == {"_": "= tan(tau_x)"}


def test_a_pipe_is_answered_line_by_line(mgrad: Run) -> None:
    ran = mgrad("repl", stdin="x = 3; x**2")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("x = 3\n╭")
    assert row(ran.stdout, "x")[-2:] == ["3", "6"]
    ran = mgrad("repl", "--x", "pi/6", "--var", "y=2", stdin=":vars\n")
    assert ran.stdout == "x = 0.5235987755982988\ny = 2\n"


def test_a_failed_line_is_told_and_the_rest_goes_on(mgrad: Run) -> None:
    ran = mgrad("repl", stdin=b"\xef\xbb\xbfx = 2\r\n\ny = (x +\n tahn(2))\n\xff\nx\n:quit\n1/0\n")
    assert ran.returncode == 1
    assert ran.stdout == "x = 2\nx = 2\n"
    assert ran.stderr == (
        "error: standard input:3:2: unknown function 'tahn'; did you mean 'tanh'?\n  4 |  tahn(2))\n    |  ^^^^\n"
        "error: standard input:5:1: unexpected character '�' (U+FFFD)\n  5 | �\n    | ^\n"
    )
    ran = mgrad("repl", stdin="log(-1)\n1/0")
    assert (ran.returncode, ran.stdout) == (0, "nan\ninf\n")
    assert ran.stderr.count("warning: ") == 2


def test_lines_are_answered_as_they_come() -> None:
    with subprocess.Popen(["mgrad", "repl"], stdin=-1, stdout=-1, text=True, env=environment()) as session:
        assert session.stdin
        assert session.stdout
        for value in ("2", "3"):
            session.stdin.write(f"x = {value}\n")
            session.stdin.flush()
            assert session.stdout.readline() == f"x = {value}\n"
        session.stdin.close()
        assert session.wait(timeout=60) == 0


def test_the_command_line_is_checked(mgrad: Run) -> None:
    for words, message in {
        ("x**2",): "unexpected argument 'x**2'",
        (
            "--x",
            "y",
        ): "the value of 'x', 'y', is not a number: 'y' is not a constant, and a value cannot contain variables",
        ("--inf", "2"): "'inf' is a constant and cannot be given a value",
    }.items():
        ran = mgrad("repl", *words)
        assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", f"error: {message}\n")
    ran = mgrad("repl", "--max-chars", "10", stdin="x = 1234567890123\nx = 1\n")
    assert (ran.returncode, ran.stdout) == (1, "x = 1\n")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_an_output_that_cannot_be_written_ends_the_session() -> None:
    with open("/dev/full", "w") as full:
        ran = subprocess.run(
            ["mgrad", "repl"], input="x = 1\nx = 2\n", stdout=full, stderr=subprocess.PIPE, text=True, env=environment()
        )
    assert (ran.returncode, ran.stderr) == (5, "error: cannot write standard output: No space left on device\n")


def test_an_internal_error_is_reported_and_the_session_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from mgrad_cli.cli.commands import repl
    from mgrad_cli.storage.streams import Output

    def broken(*arguments: object) -> Iterator[Response]:
        yield Response(f"{1 // 0}")

    monkeypatch.setattr(repl, "answers", broken)
    (entry,) = entries(["x"])
    outcome = repl.respond(Session(), entry, Output(sys.stdout, "standard output", True), debug=False)
    assert outcome is repl.EntryOutcome.FAILED
    assert capsys.readouterr().err == (
        "error: internal error: ZeroDivisionError: integer division or modulo by zero; "
        "please report it, with the output of --debug\n"
    )


def test_a_prompt_needs_its_library_and_a_pipe_does_not(monkeypatch: pytest.MonkeyPatch, mgrad: Run) -> None:
    from mgrad_cli.cli.commands.repl import converse
    from mgrad_cli.storage.streams import Output

    monkeypatch.setitem(sys.modules, "prompt_toolkit", None)
    with pytest.raises(
        UsageError,
        match=r"^the prompt needs prompt_toolkit: pip install 'mgrad-cli\[repl\]' \(in a checkout: pip install '.\[repl\]'\)$",
    ):
        converse(Session(), Output(sys.stdout, "standard output", True), debug=False)


def test_a_pipe_without_tables_imports_neither_the_prompt_nor_rich() -> None:
    script = (
        "import sys; from mgrad_cli.cli.main import run; code = run(['repl']); "
        "print(code, *sorted(set(sys.modules)), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", script], input="x = 2; y = x*x\n", capture_output=True, text=True)
    code, *modules = ran.stderr.split()
    assert (code, ran.stdout) == ("0", "x = 2\ny = x*x = 4\n")
    assert not {"prompt_toolkit", "rich", "numpy", "scipy", "matplotlib"} & set(modules)


@pytest.mark.slow
def test_a_long_chain_of_formulas_takes_time_in_proportion() -> None:
    session = Session()
    said(session, "x = 0.5", "y0 = x + 1", *(f"y{index} = cos(y{index - 1})" for index in range(1, 3000)))
    assert row(text(session, "y2999"), "y2999")[-2:] == ["0.7390851332151607", "1"]
    with pytest.raises(ExpressionError, match="'x' depends on itself, through y2999, y2998, "):
        said(session, "x = y2999")


class Terminal:
    """`mgrad repl` in a real terminal, which `tmux` draws."""

    def __init__(self, sockets: str, state: Path, size: tuple[int, int], command: str, **settings: str) -> None:
        self.base = ["tmux", "-S", f"{sockets}/{uuid.uuid4().hex}", "-f", "/dev/null"]
        self.environment = environment(XDG_STATE_HOME=str(state), TERM="screen-256color", **settings)
        words = ["new-session", "-d", "-x", str(size[0]), "-y", str(size[1])]
        self.tmux(*words, f"{command}; echo exit $?; sleep 1000")

    def tmux(self, *words: str) -> str:
        ran = subprocess.run([*self.base, *words], capture_output=True, env=self.environment, check=True, timeout=60)
        return ran.stdout.decode()

    def type(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.tmux("capture-pane", "-p", "-J").rstrip().split("\n")]

    def wait(self, shown: str, seconds: float = HANG_SECONDS) -> list[str]:
        """The lines of the screen as soon as one holds the text."""
        return self.wait_for(lambda lines: any(shown in line for line in lines), seconds)

    def wait_for(self, is_there: Callable[[list[str]], bool], seconds: float = HANG_SECONDS) -> list[str]:
        deadline = time.monotonic() + seconds
        while not is_there(lines := self.lines):
            assert time.monotonic() < deadline, "\n".join(lines)
            time.sleep(0.05)
        return lines

    def wait_until_busy(self) -> None:
        """Wait until the session works rather than reads keys, so that Ctrl-C is a signal."""
        with open(self.tmux("display-message", "-p", "#{pane_tty}").strip(), "rb", buffering=0) as terminal:
            wait_for(lambda: termios.tcgetattr(terminal)[3] & termios.ISIG)

    def wait_for_last(self, line: str) -> list[str]:
        return self.wait_for(lambda lines: lines[-1] == line)

    def close(self) -> None:
        subprocess.run([*self.base, "kill-server"], capture_output=True)


Open = Callable[..., Terminal]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Open]:
    pytest.importorskip("prompt_toolkit")
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    opened: list[Terminal] = []

    def open_terminal(size: tuple[int, int] = (80, 24), command: str = "mgrad repl", **settings: str) -> Terminal:
        opened.append(Terminal(sockets, tmp_path / "state", size, command, **settings))
        opened[-1].wait_for_last("mgrad>")
        return opened[-1]

    with tempfile.TemporaryDirectory() as sockets:  # of a short name, as sockets need
        yield open_terminal
        for each in opened:
            each.close()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_a_prompt_answers_recalls_and_ends(terminal: Open, tmp_path: Path, size: tuple[int, int]) -> None:
    screen = terminal(size)
    screen.type("x = 3", "Enter")
    screen.wait("x = 3")
    screen.type("sin(x)*(2 +", "Enter")
    screen.wait("  ...>")
    screen.type("x)", "Enter")
    lines = screen.wait("sin(x)*(2 + x) ◀")
    assert max(map(len, lines)) <= size[0]
    screen.wait_for_last("mgrad>")
    screen.type("C-l", "Up")
    screen.wait_for_last("  ...> x)")
    screen.type("C-c")
    screen.wait_for_last("mgrad>")
    screen.type("C-d")
    screen.wait("exit 0")
    assert "+sin(x)*(2 +\n+x)\n" in (tmp_path / "state" / "mgrad" / "history").read_text()
    again = terminal(size)
    again.type("Up")
    again.wait("  ...> x)")
    again.type("C-c", "x = 9", "Enter")
    again.wait("x = 9")
    again.type(":quit", "Enter")
    again.wait("exit 0")


def test_a_prompt_completes_words(terminal: Open) -> None:
    screen = terminal()
    screen.type("taux = 2", "Enter")
    screen.wait_for(lambda lines: lines[1:3] == ["mgrad> taux = 2", "taux = 2"])
    screen.type("ta", "Tab")
    shown = screen.wait("hyperbolic tangent")
    popup = "\n".join(shown)
    assert "tan(x)" in popup
    assert "tanh(x)" in popup
    assert "= 2" in popup
    screen.type("C-c", ":exp", "Tab")
    screen.wait_for_last("mgrad> :explain")


def test_a_prompt_takes_a_pasted_program(terminal: Open, tmp_path: Path) -> None:
    screen = terminal((80, 40))
    (tmp_path / "pasted").write_text("x = 2\nr = hypot(x,\n  y)\ny = 3\n:vars\nr")
    screen.tmux("load-buffer", str(tmp_path / "pasted"))
    screen.tmux("paste-buffer", "-p")
    screen.wait("  ...> r")
    screen.type("Enter")
    lines = screen.wait("r ◀")
    assert "r = hypot(x, y); no value yet for 'y'" in lines
    assert lines.count("y = 3") == 2


def test_a_new_line_is_begun_by_alt_enter_and_colours_are_left_out(terminal: Open) -> None:
    screen = terminal(NO_COLOR="1")
    screen.type("x = 2", "M-Enter", "x + 1 # sum", "Enter")
    screen.wait("x + 1 ◀")
    assert not re.search(r"\x1b\[3[0-7]m", screen.tmux("capture-pane", "-p", "-e"))


def test_an_error_a_bug_and_an_interrupt_do_not_end_a_prompt(terminal: Open, tmp_path: Path) -> None:
    screen = terminal()
    screen.type("tahn(2)", "Enter")
    lines = screen.wait("^^^^")
    assert lines[2:5] == ["error: unknown function 'tahn'; did you mean 'tanh'?", "  1 | tahn(2)", "    | ^^^^"]
    (tmp_path / "busy.mg").write_text(BUSY)
    screen.type(f":load {tmp_path}/busy.mg", "Enter")
    screen.wait("w = ")
    screen.wait_for_last("mgrad>")
    screen.type(":check w", "Enter")
    screen.wait_until_busy()
    screen.type("C-c")
    screen.wait("interrupted")
    screen.type("2 + 3", "Enter")
    screen.wait_for(lambda lines: "5" in lines)


def test_a_question_is_answered_at_the_prompt(terminal: Open, tmp_path: Path) -> None:
    path = tmp_path / "a.mg"
    path.write_text("mine")
    screen = terminal((200, 24))  # wide enough for the question on one line
    screen.type("x = 2", "Enter", f":save {path}", "Enter")
    screen.wait("[y/N]")
    screen.type("n", "Enter")
    screen.wait("was not replaced")
    assert path.read_text() == "mine"
    screen.type(f":save {path}", "Enter")
    screen.wait_for(lambda lines: sum("[y/N]" in line for line in lines) == 2)
    screen.type("y", "Enter")
    wait_for(lambda: path.read_text() == "x = 2\n")


def test_a_history_that_cannot_be_kept_is_no_error(tmp_path: Path) -> None:
    pytest.importorskip("prompt_toolkit")
    from mgrad_cli.repl.prompt import SilentHistory

    (tmp_path / "file").write_text("")
    history = SilentHistory(tmp_path / "file" / "mgrad" / "history")  # below what is no folder
    history.append_string("2 + 3")
    assert list(history.load_history_strings()) == []
    assert history.get_strings() == ["2 + 3"]


@pytest.mark.parametrize(
    ("typed", "want"),
    [
        ("exit()", "error: standard input:1: to leave, type :quit or press Ctrl-D\n"),
        ("quit ( );", "error: standard input:1: to leave, type :quit or press Ctrl-D\n"),
        ("Ans*2", "error: standard input:1: no value for 'Ans'; the last expression is _\n"),
        (":diff E^y", "warning: 'E' is a variable here; the constant is written e\n"),
        ("sin(30)", "warning: sin(30): angles are in radians; for degrees write sin(radians(30))\n"),
        ("x = 3\n:nodes log(2, x)", "warning: log(2, x) is the logarithm of 2 to base x; for that base write log(x, 2)\n"),
        ("E = 2\nx = 3\nE^x", ""),
    ],
)  # fmt: skip
def test_habits_from_other_prompts_are_told(mgrad: Run, typed: str, want: str) -> None:
    assert mgrad("repl", stdin=f"{typed}\n").stderr == want
