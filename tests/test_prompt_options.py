"""Options at the prompt: a command takes those of its verb, or refuses them by name; none is read as an expression."""

import json

import pytest

from mgrad_cli.errors import MgradError, UsageError
from mgrad_cli.renderers import Page
from mgrad_cli.repl.answers import answers
from mgrad_cli.repl.commands import COMMANDS, REPLIES
from mgrad_cli.repl.definitions import Session
from tests.conftest import Run

EXPRESSIONS = (":explain", ":nodes", ":graph", ":diff", ":check", ":plot")


def answered(*entries: str) -> str:
    """What the last of some entries is answered."""
    session = Session()
    text = ""
    for entry in entries:
        text = "".join(answer.text for answer in answers(session, REPLIES, entry, Page))
    return text


def refused(*entries: str) -> str:
    with pytest.raises(UsageError) as caught:
        answered(*entries)
    return caught.value.message


@pytest.mark.parametrize(
    ("entry", "verb"),
    [
        (":diff x**2*y --latex", ["diff", "x**2*y", "--latex"]),
        (":diff --latex x**2*y", ["diff", "x**2*y", "--latex"]),
        (":diff x**2*y --order 2 --wrt x", ["diff", "x**2*y", "--order", "2", "--wrt", "x"]),
        (":diff --order=2 x**2*y", ["diff", "x**2*y", "--order", "2"]),
        (":diff x**2*y --json", ["diff", "x**2*y", "--json"]),
        (":diff x*tanh(x) --exact", ["diff", "x*tanh(x)", "--exact"]),
        (":diff x**2*y --code c", ["diff", "x**2*y", "--code", "c"]),
        (":nodes x**2*y --wrt y --json", ["eval", "x**2*y", "--wrt", "y", "--json", "--nodes"]),
        (":nodes x**2*y --format csv", ["eval", "x**2*y", "--format", "csv"]),
        (":nodes x**2*y --order 2 --json", ["eval", "x**2*y", "--order", "2", "--json", "--nodes"]),
        (":nodes x**2*y --order 2 --format csv", ["eval", "x**2*y", "--order", "2", "--format", "csv"]),
        (":check x**2*y --order 2", ["check", "x**2*y", "--order", "2"]),
        (":explain x**2*y --step 2", ["explain", "x**2*y", "--step", "2"]),
        (":explain x**2*y --markdown", ["explain", "x**2*y", "--markdown"]),
        (":graph x**2*y --mermaid", ["graph", "x**2*y", "--mermaid"]),
        (":check x**2*y --tolerance 1e-4 --json --wrt x", ["check", "x**2*y", "--tolerance", "1e-4", "--json", "--wrt", "x"]),
    ],
)  # fmt: skip
def test_a_command_takes_the_options_of_its_verb(mgrad: Run, entry: str, verb: list[str]) -> None:
    values = [] if verb[0] == "diff" else ["--x", "2"] if "y" not in verb[1] else ["--x", "2", "--y", "3"]
    want = mgrad(*verb, *values)
    assert want.returncode == 0
    assert answered("x = 2", "y = 3", entry) == want.stdout


@pytest.mark.parametrize("command", EXPRESSIONS)
@pytest.mark.parametrize("entry", ["x --{}", "--{} x", "--{}", "x --{}=3", "x\t--{} # a comment"])
def test_an_option_that_a_command_lacks_is_refused_by_name(command: str, entry: str) -> None:
    for name in ("frobnicate", "output", "y", "σ"):
        message = refused("x = 2; y = 3; frobnicate = 1; output = 1; σ = 1", f"{command} {entry.format(name)}")
        assert message.startswith(f"{command} has no option '--{name}'")


@pytest.mark.parametrize("command", sorted({*COMMANDS, ":q", ":exit"} - {*EXPRESSIONS, ":set", ":load", ":save"}))
def test_other_commands_take_no_options(command: str) -> None:
    assert "--json" in refused(f"{command} --json")


@pytest.mark.parametrize(
    ("entry", "want"),
    [
        (":diff x --order", "--order needs a value"),
        (":diff x --order 0", "--order takes 1 to 1000, not '0'"),
        (":diff x --code perl", "--code takes "),
        (":diff x --latex --latex", "--latex is given twice"),
        (":diff x --latex --json", "--latex and --json cannot be combined"),
        (":diff x --latex=1", "--latex takes no value"),
        (":diff x --late", ":diff has no option '--late'; did you mean '--latex'?"),
        (":diff x --code c --exact", "--code cannot be combined with --json"),
        (":explain x*x --step 9", "there is no step 9; the backward pass has 1 step"),
        (":check x --tolerance -1", "--tolerance takes a number above zero, not '-1'"),
        (":nodes x --json --format csv", "--json and --format csv cannot be combined"),
        (":plot x, x = 0:1#5 --samples 9", "--samples applies only to ranges without a step or count"),
    ],
)
def test_a_bad_option_is_one_sentence(entry: str, want: str) -> None:
    assert want in refused("x = 2", entry)


def test_without_an_expression_options_are_about_the_last_one() -> None:
    assert answered("x = 3", "x**2", ":diff --latex") == "\\frac{d f}{d x} = 2 \\, x\n"
    assert json.loads(answered("x = 3", "x**2", ":diff --json"))["derivatives"] == {"x": "2*x"}


@pytest.mark.parametrize("entry", [":diff x--y", ":diff x - -y", ":diff (--x) + y", ":diff x+y # as with --latex"])
def test_two_minus_signs_in_an_expression_stay(entry: str) -> None:
    assert answered(entry) == "d_x = 1\nd_y = 1\nd_x, d_y\n"


def test_places_of_errors_are_those_of_what_was_typed() -> None:
    with pytest.raises(MgradError) as caught:
        answered(":diff --order 2 tahn(x)")
    assert str(caught.value).endswith("\n  1 | :diff --order 2 tahn(x)\n    |                 ^^^^")


@pytest.mark.parametrize("command", [":load", ":save"])
@pytest.mark.parametrize("name", ["\0", "a\0b", "/tmp/\0"])
def test_a_name_with_a_nul_is_no_file(command: str, name: str) -> None:
    assert "with a NUL character" in refused("x = 1", f"{command} {name}")
