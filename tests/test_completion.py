"""Completion in real shells: what a line becomes when Tab is pressed."""

import os
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from mgrad_cli.cli.completion import CLASSES, register
from mgrad_cli.cli.environment import COMPLETION
from mgrad_cli.cli.main import program
from tests.conftest import Run, environment

GUARD = 60
"""Seconds after which a shell is taken to hang."""
SETUP = {
    "bash": 'eval "$(mgrad completion bash)"',
    "zsh": 'bindkey -e; autoload -Uz compinit; compinit -u -D; eval "$(mgrad completion zsh)"',
}
COMMANDS = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}
LINES = [
    ("mgrad ev", "<mgrad><eval>"),
    ("mgrad help pl", "<mgrad><help><plot>"),
    ("mgrad map x data.", "<mgrad><map><x><data.csv>"),
    ("mgrad map 'x*w' --w 2 data.", "<mgrad><map><x*w><--w><2><data.csv>"),
    ("mgrad map 'x*w' --w=2 data.", "<mgrad><map><x*w><--w=2><data.csv>"),
    ("mgrad map --file form.mg data.", "<mgrad><map><--file><form.mg><data.csv>"),
    ("mgrad map x data.csv -o data.", "<mgrad><map><x><data.csv><-o><data.csv>"),
    ("mgrad map x --output=data.", "<mgrad><map><x><--output=data.csv>"),
    ("mgrad map x --output=o.csv data.", "<mgrad><map><x><--output=o.csv><data.csv>"),
    ("mgrad map data.", "<mgrad><map><data.>"),
    ("mgrad batch form.", "<mgrad><batch><form.mg>"),
    ("mgrad eval --file form.", "<mgrad><eval><--file><form.mg>"),
    ("mgrad eval x --format=ta", "<mgrad><eval><x><--format=table>"),
    ("mgrad eval x --format ta", "<mgrad><eval><x><--format><table>"),
    ("mgrad map x --par", "<mgrad><map><x><--params>"),
    ("mgrad completion z", "<mgrad><completion><zsh>"),
    ("mgrad eval 'ab*zeta' --ab 2 --z", "<mgrad><eval><ab*zeta><--ab><2><--zeta>"),
    ("mgrad eval 'zeta*cd + 1' --z", "<mgrad><eval><zeta*cd + 1><--zeta>"),
    ("mgrad plot 'ab*zeta' --z", "<mgrad><plot><ab*zeta><--zeta>"),
    ("mgrad map 'ab*zeta' --z", "<mgrad><map><ab*zeta><--zeta>"),
    ("mgrad eval 'ab*cd' --wrt c", "<mgrad><eval><ab*cd><--wrt><cd>"),
    ("mgrad diff 'ab*cd' --wrt ab,c", "<mgrad><diff><ab*cd><--wrt><ab,cd>"),
    ("mgrad eval 'ab*cd' --var c", "<mgrad><eval><ab*cd><--var><cd=>"),
    ("mgrad map x table.csv --keep id,co", "<mgrad><map><x><table.csv><--keep><id,counts>"),
    ("mgrad fit x table.csv --y co", "<mgrad><fit><x><table.csv><--y><counts>"),
    ("mgrad eval --file formula.txt --z", "<mgrad><eval><--file><formula.txt><--zeta>"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data.csv").write_text("x\n1\n")
    (tmp_path / "form.mg").write_text("1\n")
    (tmp_path / "table.csv").write_text("id,x,counts\n1,2,3\n")
    (tmp_path / "formula.txt").write_text("zeta**2\n")
    return tmp_path


def need(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")


def words_after_tab(shell: str, lines: list[str], folder: Path) -> list[str]:
    """What each line becomes in an interactive shell, its words in angle brackets."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        os.execvpe(COMMANDS[shell][0], COMMANDS[shell], environment(TERM="dumb", HISTFILE="", PS1="> "))
    try:
        os.write(terminal, f"{SETUP[shell]}; printf '%s' '<REA' 'DY>'\n".encode())
        read_until(terminal, "<READY>")
        found = []
        for line in lines:
            os.write(terminal, line.encode() + b"\t\x01printf '<%s>' \x05; printf '%s%s' '<EN' 'D>'\n")
            found.append(re.findall(r"(<mgrad>(?:<[^>\n]*>)*)<END>", read_until(terminal, "<END>"))[-1])
        return found
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(terminal)


def read_until(terminal: int, end: str) -> str:
    """What the terminal shows up to some text."""
    seen = b""
    stop = time.monotonic() + GUARD
    while end.encode() not in seen:
        ready, _, _ = select.select([terminal], [], [], max(0, stop - time.monotonic()))
        assert ready, f"nothing more was shown after {seen[-200:]!r}"
        seen += os.read(terminal, 1 << 16)
    return seen.decode(errors="replace")


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_word_is_completed_where_the_shell_is_asked(shell: str, folder: Path) -> None:
    need(shell)
    assert words_after_tab(shell, [line for line, _ in LINES], folder) == [want for _, want in LINES]


def fish(folder: Path, *lines: str) -> list[list[str]]:
    """What fish offers for the last word of each line."""
    need("fish")
    asked = "; ".join(f'complete --do-complete "{line}"; echo END' for line in lines)
    ran = subprocess.run(
        ["fish", "--no-config", "-c", f"mgrad completion fish | source; {asked}"],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment(),
        timeout=GUARD,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return [offered.splitlines() for offered in ran.stdout.split("END\n")[:-1]]


def test_fish_offers_files_and_values_with_their_option(folder: Path) -> None:
    lines, wanted = zip(*LINES, strict=True)
    for line, want, offered in zip(lines, wanted, fish(folder, *lines), strict=True):
        last = want.rpartition("<")[2].removesuffix(">")
        assert last in [each.partition("\t")[0] for each in offered] or line == "mgrad map data."


def test_fish_shows_help_whole(folder: Path) -> None:
    verbs, options = fish(folder, "mgrad ", "mgrad map x --par")
    assert "graph\tDraw the computation graph as a tree, picture or web page" in verbs
    assert options == ["--params\tBind several variables at once: w=1,b=0; w,b=0 sets both to 0."]
    assert not any("..." in verb for verb in verbs)


def test_the_scripts_hold_what_click_lacks() -> None:
    register()
    for shell in CLASSES:
        parent = shell.__mro__[1]
        if shell.name != "bash":
            assert shell.source_template != parent.source_template  # type: ignore[attr-defined]


def offered(*words: str) -> list[str]:
    """What is offered for the last of some words, by the names of the completions."""
    line = environment(_MGRAD_COMPLETE="zsh_complete", COMP_WORDS=shlex.join(words), COMP_CWORD=str(len(words) - 1))
    ran = subprocess.run(["mgrad"], capture_output=True, text=True, env=line, timeout=GUARD)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout.splitlines()[1::3]


@pytest.mark.parametrize(
    ("words", "variables"),
    [
        (["eval", "a*b"], ["--a", "--b"]),
        (["eval", "a*b", "--b", "2"], ["--a"]),
        (["eval", "a*b", "--var", "a=1"], ["--b"]),
        (["eval", "c = a*b; c + d + pi"], ["--a", "--b", "--d"]),
        (["eval", "k = 2; k*x"], ["--k", "--x"]),
        (["check", "r*cos(t), r*sin(t)"], ["--r", "--t"]),
        (["eval", "a*"], []),
        (["eval", "-"], []),
        (["eval", "--file", "absent.mg"], []),
        (["eval"], []),
        (["batch", "a*b"], []),
    ],
)
def test_the_variables_of_the_formula_are_offered(words: list[str], variables: list[str]) -> None:
    found = offered("mgrad", *words, "--")
    assert found[: len(variables)] == variables
    assert "--help" in found
    assert not {"--a", "--b", "--x", "--pi"} & {*found[len(variables) :]}


TABLES = {
    "table.csv": "id,x,counts,a b,$y,dσ\n1,2,3,4,5,6\n",
    "bars.txt": "# made\nid|x|counts\n1|2|3\n",
    "rows.jsonl": '{"id": 1, "x": 2, "counts": 3}\n',
    "none.csv": "",
    "rows.parquet": "PAR1",
    "broken.jsonl": "{\n",
}
IN_TABLE = ["id", "x", "counts"]


@pytest.mark.parametrize(
    ("words", "columns"),
    [
        (["map", "x", "table.csv", "--keep", ""], [*IN_TABLE, "dσ", "none"]),
        (["map", "x", "table.csv", "--keep", "id,"], ["id,x", "id,counts", "id,dσ"]),
        (["map", "--file", "form.mg", "table.csv", "--keep", "c"], ["counts"]),
        (["map", "x", "bars.txt", "--comment", "#", "--keep", ""], [*IN_TABLE, "none"]),
        (["map", "x", "rows.jsonl", "--keep", ""], [*IN_TABLE, "none"]),
        (["map", "x", "table.csv", "--no-header", "--keep", "c"], ["c1", "c2", "c3", "c4", "c5", "c6"]),
        (["map", "x", "table.csv", "--skip", "q", "--keep", "c"], ["counts"]),
        (["map", "x", "table.csv", "--encoding", "q", "--keep", ""], ["none"]),
        (["map", "x", "table.csv", "--delimiter", "qq", "--keep", ""], ["none"]),
        *[
            (["map", "x", name, "--keep", ""], ["none"])
            for name in ("none.csv", "rows.parquet", "broken.jsonl", "absent.csv", "-", ".", os.devnull)
        ],
        (["map", "x", "--keep", ""], ["none"]),
        (["map", "--keep", ""], ["none"]),
        (["fit", "a*x", "table.csv", "--y", ""], [*IN_TABLE, "dσ"]),
        (["fit", "a*x", "table.csv", "--y", "counts", "--sigma", "d"], ["dσ"]),
    ],
)
def test_the_columns_of_the_data_are_offered(
    words: list[str], columns: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in TABLES.items():
        (tmp_path / name).write_text(content)
    monkeypatch.chdir(tmp_path)
    completed = CLASSES[0](program, {}, "mgrad", COMPLETION).get_completions(words[:-1], words[-1])
    assert [item.value for item in completed] == columns


def test_completion_refuses_an_unknown_shell(mgrad: Run) -> None:
    assert mgrad("completion").stderr == "error: give the shell: bash, zsh or fish\n"
    ran = mgrad("completion", "bsh")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "error: no completion for 'bsh', only for bash, zsh, fish; did you mean 'bash'?\n"
