"""The manual page, and the colours of messages on a terminal."""

import os
import pty
import re
import shutil
import subprocess
from importlib import import_module

import click
import pytest

from mgrad_cli import errors
from mgrad_cli.cli.commands import VERBS
from mgrad_cli.cli.manual import EXIT_CODES, LANGUAGE, roff
from tests.conftest import Run, environment


def groff(page: str) -> str:
    """The page as groff sets it in plain text; it may not warn."""
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    words = ["groff", "-ww", "-k", "-man", "-Tutf8", "-P-cbou", "-rLL=100n"]
    ran = subprocess.run(words, input=page, capture_output=True, text=True, env=environment(), timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def squeezed(text: str) -> str:
    """The text without what a formatter of paragraphs changes."""
    return re.sub(r"(?<=\w)[‐-]\n\s*|\s+", "", text).replace("−", "-").replace("‐", "-")


@pytest.mark.parametrize("verb", VERBS)
def test_the_page_of_a_command_has_its_help(mgrad: Run, verb: str) -> None:
    ran = mgrad("help", verb, "--man")
    assert (ran.returncode, ran.stderr) == (0, "")
    page = squeezed(groff(ran.stdout))
    command = import_module(f"mgrad_cli.cli.commands.{verb}").command
    for option in (each for each in command.params if isinstance(each, click.Option)):
        assert squeezed(str(option.help)) in page
        assert all(name in page for name in option.opts)
    for paragraph in str(command.help).split("\n\n"):
        assert squeezed(paragraph.replace("\b", "")) in page


def test_the_page_of_the_program_has_every_command(mgrad: Run) -> None:
    ran = mgrad("--help", "--man")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert mgrad("--man", "-h").stdout == mgrad("help", "--man").stdout == ran.stdout
    page = groff(ran.stdout)
    for verb in VERBS:
        assert re.search(rf"^MGRAD {verb.upper()}$", page, re.MULTILINE)
        *_, example = str(import_module(f"mgrad_cli.cli.commands.{verb}").command.epilog).strip().splitlines()
        assert squeezed(example) in squeezed(page)
    for code in EXIT_CODES:
        assert re.search(rf"^ +{code} ", page, re.MULTILINE)
    assert squeezed(LANGUAGE) in squeezed(page)


def test_the_page_has_the_exit_codes_of_the_errors() -> None:
    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, BaseException)]
    codes = {kind.exit_code for kind in kinds if hasattr(kind, "exit_code")}
    assert codes <= {*EXIT_CODES}


def test_text_is_no_request() -> None:
    hostile = [".so /etc/passwd", "'br", "\\fBx", '"a" ^ ~ -x', "..", "x\\n.so y"]
    page = groff('.TH X 1 "" "" ""\n.SH NAME\n.nf\n' + "\n".join(map(roff, hostile)) + "\n")
    lines = [line.strip() for line in page.splitlines()]
    for line in hostile:
        assert line.replace("-", "−") in lines or line in lines


def on_a_terminal(*words: str, **changes: str) -> str:
    """What a command writes to standard error where that is a terminal."""
    reader, terminal = pty.openpty()
    with os.fdopen(reader, "rb", buffering=0) as screen:
        process = subprocess.Popen(
            ["mgrad", *words], stderr=terminal, stdout=subprocess.DEVNULL, env=environment(TERM="xterm") | changes
        )
        os.close(terminal)
        shown = b""
        try:
            while read := screen.read(4096):
                shown += read
        except OSError:  # the terminal is closed
            pass
        process.wait(60)
    return shown.decode().replace("\r\n", "\n")


WRONG = ["eval", "(x*x+2).tahn()", "--x", "2"]
RED = "\x1b[1;31merror:\x1b[0m unknown function 'tahn'; did you mean 'tanh'?\n"


def test_errors_have_colour_on_a_terminal_alone(mgrad: Run) -> None:
    shown = on_a_terminal(*WRONG)
    plain = mgrad(*WRONG).stderr
    assert shown.startswith(RED)
    assert shown.endswith("|         \x1b[1;31m^^^^\x1b[0m\n")
    assert re.sub(r"\x1b\[[\d;]*m", "", shown) == plain
    assert on_a_terminal(*WRONG, NO_COLOR="1") == on_a_terminal(*WRONG, TERM="dumb") == plain
    assert mgrad(*WRONG, env={"FORCE_COLOR": "1"}).stderr == shown


def test_warnings_have_colour_and_text_of_the_user_gives_none() -> None:
    shown = on_a_terminal("eval", "log(x)", "--x", "-1")
    assert shown.startswith("\x1b[1;33mwarning:\x1b[0m ")
    hostile = on_a_terminal("eval", "x\x1b[32m", "--x", "1")
    assert "\x1b[32m" not in hostile
    assert on_a_terminal("eval", "x +\n| ^", "--x", "1").count("\x1b[1;31m") == 2
