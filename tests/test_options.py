"""The words of a command line: help however it is asked for, and options and variables that are neither."""

import inspect
import re
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any, get_args, get_type_hints

import click
import pytest

from mgrad_cli.cli.commands import VERBS
from mgrad_cli.cli.fit_options import FitArguments
from mgrad_cli.cli.map_options import MapOptions
from tests.conftest import Run


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
def test_help_is_the_same_however_it_is_asked_for(mgrad: Run, verb: str) -> None:
    want = mgrad(verb, "--help")
    assert want.returncode == 0
    assert want.stdout.startswith(f"Usage: mgrad {verb} ")
    assert "-h, --help" in want.stdout
    for words in ([verb, "-h"], ["help", verb], [verb, "--help", "x"]):
        ran = mgrad(*words)
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, want.stdout, "")


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_lists_options_only(mgrad: Run, verb: str) -> None:
    listed = mgrad(verb, "--help").stdout.partition("\nOptions:\n")[2].partition("\n\n")[0]
    entries = re.findall(r"^  \S+", listed, re.MULTILINE)
    assert "  -h," in entries
    assert all(entry.startswith("  -") for entry in entries)


def test_help_lists_the_commands_however_it_is_asked_for(mgrad: Run) -> None:
    want = mgrad("--help")
    assert all(re.search(rf"^  {verb} ", want.stdout, re.MULTILINE) for verb in VERBS)
    for words in ([], ["-h"], ["help"]):
        ran = mgrad(*words)
        assert (ran.returncode, ran.stdout) == (0, want.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
def test_a_short_word_where_no_expression_can_be_is_told_as_an_option(mgrad: Run, verb: str) -> None:
    ran = mgrad(verb, "x", "-q")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert re.match(r"error: no option '-q'; .*'--quiet'", ran.stderr)


@pytest.mark.parametrize(("line", "file"), [("map x -- -q", "-q"), ("map -q none.csv", "none.csv")])
def test_a_word_after_two_dashes_or_a_missing_file_is_no_option(mgrad: Run, line: str, file: str) -> None:
    ran = mgrad(*line.split())
    assert (ran.returncode, ran.stderr) == (4, f"error: cannot read '{file}': No such file or directory\n")


DATA = {"p.csv": "a,b\n1,2\n", "f.mg": "a = 1; a*2\n"}


def verbs_with(option: str) -> str:
    """Return the commands that have an option, as messages list them."""
    commands = {verb: import_module(f"mgrad_cli.cli.commands.{verb}").command for verb in VERBS}
    *others, last = [
        f"mgrad {verb}"
        for verb, command in commands.items()
        if option in chain(*(each.opts for each in command.params))
    ]
    return f"{', '.join(others)} and {last}"


OUTPUT = f"'--output' is an option of {verbs_with('--output')}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "want"),
    [
        ("help evl", "no command 'evl'; did you mean 'eval'?"),
        ("help eval map", "unexpected argument 'map'"),
        ("map a*b p.csv --out g.csv", "no option or variable '--out'; did you mean '--output'?"),
        ("graph a --a 1 --out g.svg", "no option or variable '--out'; did you mean '--output'?"),
        ("eval a*b --a 1 --b 2 --out g.csv", f"no option or variable '--out'; {OUTPUT}"),
        ("eval a*b --out g.csv", f"no option or variable '--out'; {OUTPUT}"),
        ("batch f.mg --out g.jsonl", "no option '--out', and 'g.jsonl' is not a number for a variable; did you mean '--output'?"),
        ("batch f.mg --samples 2", "no line uses the variable 'samples'; it is an option of mgrad plot"),
        ("eval a --a 1 --samples 2", "no option or variable '--samples'; it is an option of mgrad plot"),
        ("check a --a 1 --keep id", "no option or variable '--keep'; it is an option of mgrad map"),
        ("map a p.csv --samples 4", "no option or variable '--samples'; it is an option of mgrad plot"),
        ("eval a --a 1 --precision 3", "no option or variable '--precision'; --digits-shown rounds the table, --digits computes proven digits"),
        ("diff x*y --name f", "no option or variable '--name'; the variables are x, y"),
        ("eval 1+1 --name f", "no option or variable '--name'; the expression has no variables"),
        ("eval a --a 1 --frmat csv", "no option or variable '--frmat'; did you mean '--format'?"),
        ("eval a --a 1 --var order=2", "no variable 'order' in the expression"),
        ("eval a --a 1 --latex", f"--latex needs a value; it is an option of {verbs_with('--latex')}"),
        ("eval --latex a*b --a 2", f"--latex took 'a*b' as its value; it is an option of {verbs_with('--latex')}"),
        ("diff --latx x**2", "--latx took 'x**2' as its value; did you mean '--latex'?"),
        ("eval a --a 1 --on-error null", f"no option '--on-error'; it is an option of {verbs_with('--on-error')}"),
        ("eval a -a 1", "no option '-a'; did you mean '--a'?"),
        ("eval f*2 -f 3", "no option '-f'; did you mean '--f'?"),
        ("eval -f f", "no option '-f'; did you mean '--file' or '--format'?"),
        ("eval a --a 1 -m", "no option '-m'; did you mean '--monte-carlo', '--max-chars', '--max-tokens' or '--max-depth'?"),
        ("eval a --a 1 --for a=1", "no option or variable '--for'; it is an option of mgrad solve and mgrad minimize"),
        ("minimize a*x --x 1 --fix a=2", "no option or variable '--fix'; a variable is held by naming the others: --for x,y"),
        ("minimize a*x --params x=2 --a 1", "no option or variable '--params'; --for names the variables to minimize over, as in --for x=1,y=2"),
        ("solve a*x --for x=2 --bound x=0:3 --a 1", "no option or variable '--bound'; a bracket keeps a single unknown between bounds, as in --for x=0:3"),
        ("eval a --a 1 -o g.csv", "no option '-o'; end the line with > FILE to write a file"),
        ("eval a --a 1 -json", "no option '-json'; did you mean '--json'?"),
        ("eval a --a 1 -z", "no option '-z'; mgrad eval --help lists them"),
        ("map a p.csv -q", "no option '-q'; did you mean '--quote' or '--quiet'?"),
        ("map -q a p.csv", "no option '-q'; did you mean '--quote' or '--quiet'?"),
        ("map --file f.mg -q", "no option '-q'; did you mean '--quote' or '--quiet'?"),
        ("map a p.csv -quiet", "no option '-quiet'; did you mean '--quiet'?"),
        ("batch f.mg -j 2", "no option '-j'; did you mean '--json' or '--jobs'?"),
        ("functions --out", f"no option '--out'; {OUTPUT}"),
        ("functions --hepers", "no option '--hepers'; did you mean '--helpers'?"),
        ("functions tanh --x 3", "no option '--x'; mgrad functions --help lists them"),
        ("eval file*2 --file 3", "give an expression or --file, not both; 'file' is an option, bind the variable with --var file=3"),
        ("diff file*x --file=2e3", "give an expression or --file, not both; 'file' is an option, bind the variable with --var file=2e3"),
        ("map file*a p.csv --file 3", "there is no file '3'; 'file' is an option, bind the variable with --var file=3"),
        ("eval title*2 --title 3", "missing value for 'title'; 'title' is an option, bind it with --var title=VALUE"),
        ("eval debug*2 --debug 3", "unexpected argument '3'; 'debug' is an option, bind the variable with --var debug=3"),
        ("--json eval a", "no option '--json' before a command; options follow it: mgrad COMMAND --json"),
        ("-x**2", "no command '-x**2'; to evaluate it: mgrad eval '-x**2'"),
    ],
)  # fmt: skip
def test_a_word_that_is_neither_option_nor_variable_is_told_as_both(
    mgrad: Run, tmp_path: Path, line: str, want: str
) -> None:
    for name, text in DATA.items():
        (tmp_path / name).write_text(text)
    ran = mgrad(*line.split(), cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (2, f"error: {want}\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(DATA)


@pytest.mark.parametrize(
    ("line", "option"),
    [("diff order*x --order 2", "order=2"), ("plot samples*x --x 0:1 --var samples=1 --samples 9", "")],
)
def test_an_option_with_the_name_of_a_variable_says_so(mgrad: Run, line: str, option: str) -> None:
    ran = mgrad(*line.split())
    assert ran.returncode == 0
    name = option.partition("=")[0]
    want = f"warning: --{name} is an option here; bind the variable with --var {option}\n" if option else ""
    assert ran.stderr == want


@pytest.mark.parametrize("line", ["eval samples*2 --samples 3", "eval file*2 --var file=3", "eval help*2 --var help=3"])
def test_a_variable_may_have_the_name_of_an_option(mgrad: Run, line: str) -> None:
    ran = mgrad(*line.split(), "--json")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert '"value": 6.0' in ran.stdout


def test_the_prompt_takes_any_variable(mgrad: Run) -> None:
    ran = mgrad("repl", "--out", "3", "--order", "2", stdin="out*order\n")
    assert (ran.returncode, ran.stderr) == (0, "")


def annotation(parameter: click.Parameter) -> Any:
    """Return the type of the values that click gives a parameter."""
    if getattr(parameter, "is_flag", False):
        return bool
    numbers = ((click.types.IntParamType, int), (click.types.FloatParamType, float))
    kind: Any = next((number for each, number in numbers if isinstance(parameter.type, each)), str)
    if getattr(parameter, "multiple", False) or parameter.nargs == -1:
        return tuple[kind, ...]
    return kind if isinstance(parameter.default, int | float | str) else kind | None


RECORDS = {"map": MapOptions, "fit": FitArguments}
"""The verbs whose options are one record."""


@pytest.mark.parametrize("verb", sorted({*VERBS} - {"help"}))
def test_options_have_the_types_of_the_command_line(verb: str) -> None:
    command = import_module(f"mgrad_cli.cli.commands.{verb}").command
    hints = get_type_hints(inspect.unwrap(command.callback))
    if verb in RECORDS:
        hints = get_type_hints(RECORDS[verb])
    elif "options" in hints:
        hints = get_type_hints(*get_args(hints["options"]))
    hints.pop("return", None)
    assert hints == {each.name: annotation(each) for each in command.params if each.expose_value}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("eval x --x 1 --digits abc", "invalid value for '--digits': 'abc' is not an integer"),
        ("check x --x 1 --tolerance abc", "invalid value for '--tolerance': 'abc' is not a number"),
        ("eval x --x 1 --max-depth 2.5", "invalid value for '--max-depth': '2.5' is not an integer"),
    ],
)
def test_an_option_says_what_number_it_takes(mgrad: Run, line: str, said: str) -> None:
    ran = mgrad(*line.split())
    assert (ran.returncode, ran.stderr) == (2, f"error: {said}\n")


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("words", "want"),
    [
        (["--verson"], "no option '--verson'; did you mean '--version'?"),
        (["version"], "no command 'version'; mgrad --version shows the version"),
        (["eval", "a*b --a 2 --b 3"], "'--a 2' is in the expression; options and values follow it, outside the quotes"),
        (["eval", "a", "+", "b"], "unexpected argument '+'; put the expression in quotes, so that the shell keeps it in one piece"),
        (["eval", "a*b", "--var", "a=2,b=3"], "--var binds one variable; write --var a=2 --var b=3"),
        (["diff", "x*x", "--format", "latex"], "no option or variable '--format'; --latex, --json, --lines and --code choose what is written"),
        (["eval", "x", "--x", "2", "--output", "f.json"], "no option or variable '--output'; end the line with > FILE to write a file"),
        (["check", "x", "-o", "f", "--x", "2"], "no option '-o'; end the line with > FILE to write a file"),
        (["taylor", "exp(x)", "-n", "4"], "no option '-n'; --order N is the highest degree"),
        (["eval", "sin(x)", "--x", "45", "--degrees"], "--degrees needs a value; angles are in radians; radians(x) converts x degrees"),
        (["eval", "x", "--x", "1,2,3"], "the value of 'x', '1,2,3', is not a number; mgrad map takes several, as a range or a file"),
        (["diff", "a*b", "--wrt", "a b"], "no variable 'a b' in the expression; names are separated by commas: a,b"),
        (["map", "a*b", "--a", "0:1:1", "--b", "1", "--wrt", "b a"], "no variable 'b a' in the expression; names are separated by commas: b,a"),
        (["eval", "a*b", "--var", "a b=1"], "no variable 'a b' in the expression"),
        (["help", "map fit"], "no command 'map fit'; did you mean 'map'?"),
        (["eval", "x", "--x", "1", "--digits-shown", "20"], "invalid value for '--digits-shown': 20 is not from 1 to 17"),
        (["map", "x", "--x", "0:1:1", "--threads", "0"], "invalid value for '--threads': 0 is not at least 1"),
        (["map", "x", "--x", "0:1:1", "--coverage", "0"], "invalid value for '--coverage': 0.0 is not greater than 0"),
        (["map", "x", "--x", "0:1:1", "--threads", "few"], "invalid value for '--threads': 'few' is not an integer"),
        (["functions", "--list"], "no option '--list'; mgrad functions --help lists them"),
        (["taylor", "exp(x)", "--at", "0"], "no option or variable '--at'; the point is the value of the variable, as in --x 0"),
        (["eval", "x", "--x", "9.81 m/s^2"], "the value of 'x', '9.81 m/s^2', is not a number; numbers have no units"),
        (["eval", "x", "--x", "30°"], "the value of 'x', '30°', is not a number: unexpected character '°' (U+00B0); write radians(30)"),
        (["map", "x", "--x", "linspace(0,1,5)"], "the value of 'x', 'linspace(0,1,5)', is not a number; a range is start:stop:step, as 0:1:0.1"),
        (["map", "x", "--x", "0..1"], "the value of 'x', '0..1', is not a number; a range is start:stop:step, as 0:1:0.1"),
        (["map", "x", "--x", "0:0.1:1"], "'0:0.1:1', for x, has no second value; the step is last, as in 0:1:0.1"),
        (["maximize", "x"], "no command 'maximize'; write mgrad minimize --maximize"),
        (["derivative", "x"], "no command 'derivative'; write mgrad diff"),
        (["plot", "x", "0:10"], "unexpected argument '0:10'; a value follows the name of its variable, as in --x 0:10"),
        (["eval", "x", "2"], "unexpected argument '2'; a value follows the name of its variable, as in --x 2"),
        (["eval", "x", "--x", "2pi"], "the value of 'x', '2pi', is not a number: missing operator; write 2*pi"),
    ],
)  # fmt: skip
def test_words_that_the_shell_or_habit_put_elsewhere(mgrad: Run, words: list[str], want: str) -> None:
    ran = mgrad(*words)
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", f"error: {want}\n")


def test_the_help_calls_the_number_of_an_option_as_its_name_does(mgrad: Run) -> None:
    shown = mgrad("eval", "--help").stdout
    assert "N draws.  [2<=N<=100000000]" in shown
    assert "(default: 0).  [S>=0]" in shown
    for verb in VERBS:
        assert not re.search(r"\[[^\]\n]*\bx\b[^\]\n]*\]$", mgrad(verb, "--help").stdout, re.MULTILINE), verb
