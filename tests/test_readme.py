"""The README and the examples, run: what they show is what comes."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from mgrad_cli.cli.commands import VERBS
from tests.conftest import ROOT, Run, environment
from tests.guide import EXAMPLES, GUIDE, Page, code_blocks, entries, pages, run

PAGES = pages()
README = PAGES[0].text
MAX_README_BYTES = 12_000


def transcripts() -> Iterator[Any]:
    """Each command of the transcripts of the README and the guide, with the output shown below it."""
    for page in PAGES:
        for block in code_blocks("console", page.text):
            for entry in entries(block):
                yield pytest.param(entry.command, entry.output, page.folder, id=f"{page.path.stem}-{entry.command}")


def shell(command: str, folder: Path = ROOT) -> str:
    """Run a command of a page; skip the test where a program that it needs is not installed."""
    for program in ("jq",):
        if re.search(rf"\b{program}\b", command + script_of(command)) and not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    return run(command, folder)


def script_of(command: str) -> str:
    """The text of the script that a command runs, if it runs one."""
    paths = [ROOT / word for word in shlex.split(command) if word.endswith(".sh")]
    return "".join(path.read_text() for path in paths if path.exists())


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("command", "shown", "folder"), list(transcripts()))
def test_transcripts(command: str, shown: str, folder: Path) -> None:
    assert shell(command, folder) == shown


@pytest.mark.slow
def test_the_pictures_are_what_their_script_draws(tmp_path: Path) -> None:
    if shutil.which("dot") is None:
        pytest.skip("dot (Graphviz) is not installed")
    subprocess.run(["bash", str(EXAMPLES / "pictures.sh"), str(tmp_path)], check=True, env=environment())
    drawn = {path.name for path in tmp_path.iterdir()}
    assert drawn == {path.name for path in EXAMPLES.glob("*.svg")} | {"mlp_boundary.png"}
    for name in drawn:
        assert any(re.search(rf"\((\.\./|examples/){name}\)", page.text) for page in PAGES)
        new, kept = tmp_path / name, EXAMPLES / name
        assert picture_text(new) == picture_text(kept) if name.endswith(".svg") else are_alike(new, kept)


def picture_text(path: Path) -> list[str]:
    return "".join(ElementTree.fromstring(path.read_text()).itertext()).split()


def are_alike(*paths: Path) -> bool:
    """Whether two pictures differ by no more than another version of a font or of the library makes of them."""
    from matplotlib.image import imread

    one, other = (imread(path) for path in paths)
    return bool(one.shape == other.shape and abs(one - other).mean() < 0.02)


@pytest.mark.parametrize("block", code_blocks("python", (GUIDE / "mlp.md").read_text()))
def test_the_code_on_the_page_of_the_network_is_that_of_its_script(block: str) -> None:
    assert block in (EXAMPLES / "mlp.py").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.stem)
def test_python_blocks_run(page: Page) -> None:
    for block in code_blocks("python", page.text):
        if not re.search(r"^from mgrad_cli", block, re.MULTILINE):
            continue
        want = re.findall(r"^print.*  # (.*)$", block, re.MULTILINE)
        ran = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True, check=True)
        assert ran.stdout.splitlines() == want


def test_the_first_screen_has_the_two_commands() -> None:
    install, tests = code_blocks("sh", README)[:2]
    assert install.count("\n") == tests.count("\n") == 1
    assert install.rstrip().endswith('.venv/bin/mgrad eval "a*b*(a+b)" --a 2 --b 3')
    assert "pytest" in tests


def test_the_readme_is_short() -> None:
    assert len(README.encode()) <= MAX_README_BYTES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.stem)
def test_links_lead_somewhere(page: Page) -> None:
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.text):
        if "://" not in link:
            assert (page.path.parent / link).exists(), link


def test_the_index_of_the_guide_lists_every_page() -> None:
    index = (GUIDE / "README.md").read_text()
    for path in GUIDE.glob("*.md"):
        if path.name != "README.md":
            assert f"({path.name})" in index


@pytest.mark.parametrize("verb", sorted({*VERBS} - {"help"}))
def test_the_readme_lists_every_command(verb: str) -> None:
    assert re.search(rf"^\| `mgrad {verb}\b", README, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.stem)
def test_generated_parts_are_what_their_commands_write(page: Page) -> None:
    for command, written in re.findall(r"<!-- (mgrad [^>]*) -->\n(.*?)<!-- end -->", page.text, re.DOTALL):
        assert shell(command, page.folder) == written


@pytest.mark.slow
@pytest.mark.parametrize("verb", sorted({*VERBS} - {"help", "map"}))
def test_the_examples_of_help_run(mgrad: Run, verb: str, tmp_path: Path) -> None:
    for name in ("formulas.mg", "points.csv", "decay.csv"):
        shutil.copy(EXAMPLES / name, tmp_path)
    for name in "ab":
        (tmp_path / f"{name}.mg").write_text("1 + 1\n")
    text = mgrad(verb, "--help").stdout.partition("Examples:\n")[2]
    commands = [line.strip() for line in text.splitlines() if re.match(r" +(mgrad|echo) ", line)]
    assert len(commands) >= 3
    for command in commands:
        ran = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, cwd=tmp_path, env=environment()
        )
        assert ran.returncode in {0, 7}, (command, ran.stderr)
        assert "error" not in ran.stderr


@pytest.mark.slow
def test_the_formulas_are_all_finite_and_pass_the_check(mgrad: Run) -> None:
    pytest.importorskip("scipy", reason="two of them use lgamma (extra `special`)")
    ran = mgrad("batch", str(EXAMPLES / "formulas.mg"), "--strict")
    results = [json.loads(line) for line in ran.stdout.splitlines()]
    assert (ran.returncode, len(results) >= 30) == (0, True)
    for result in results:
        verdict = json.loads(mgrad("check", result["expr"], "--json").stdout)
        assert verdict["verdict"] == "pass", (result["expr"], verdict)


def test_black_scholes_has_its_known_greeks(mgrad: Run) -> None:
    ran = mgrad(
        "batch", str(EXAMPLES / "formulas.mg"), "--S", "100", "--K", "100", "--r", "0.05", "--vol", "0.2", "--t", "1"
    )
    call = next(json.loads(line) for line in ran.stdout.splitlines() if "call =" in line)
    assert call["value"] == pytest.approx(10.450583572185565, rel=1e-14)
    assert call["grads"]["S"] == pytest.approx(0.6368306511756191, rel=1e-14)
    assert call["grads"]["vol"] == pytest.approx(37.52403469169379, rel=1e-13)
    assert call["grads"]["r"] == pytest.approx(53.232481545376345, rel=1e-13)


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_completion_scripts_are_ones_that_the_shells_read(name: str) -> None:
    script = subprocess.run(
        ["mgrad"], capture_output=True, text=True, env=environment(_MGRAD_COMPLETE=f"{name}_source")
    )
    assert script.returncode == 0
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    subprocess.run([name, "-n"], input=script.stdout, text=True, check=True)


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("mgrad ev", "plain,eval"),
        ("mgrad eval a*b --a 3 --inp", "plain,--inputs-only"),
        ("mgrad eval -x --format t", "plain,table"),
        ("mgrad batch exam", "file,exam"),
        ("mgrad functions tan", "plain,tan"),
    ],
)
def test_completion(line: str, completed: str) -> None:
    last = len(line.split()) - 1
    words = environment(_MGRAD_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD=str(last))
    ran = subprocess.run(["mgrad"], capture_output=True, text=True, env=words)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert completed in ran.stdout.splitlines()
