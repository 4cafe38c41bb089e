"""The README and the guide, written anew: run each command in their transcripts and put its output below it.

Run `python -m tests.guide` after a change of output, with the names of pages to write only these. The tests compare the pages with what this module writes.
"""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT, environment, run_mgrad

EXAMPLES = ROOT / "examples"
GUIDE = EXAMPLES / "guide"
GENERATED = re.compile(r"<!-- (mgrad [^>]*) -->\n.*?<!-- end -->", re.DOTALL)
"""A part of a page that a command writes whole."""
ALONE = re.compile(r"""mgrad( ([\w.,:=/+±-]+|"[^"$`\\]*"|'[^']*'))+""")
"""A command without anything that a shell would do beside running it."""


class Page(NamedTuple):
    """A page with transcripts, and the folder in which their commands run."""

    path: Path
    folder: Path

    @property
    def text(self) -> str:
        return self.path.read_text()


class Entry(NamedTuple):
    """A command of a transcript, and the output that is shown below it."""

    command: str
    output: str


def pages() -> list[Page]:
    return [Page(ROOT / "README.md", ROOT), *(Page(path, EXAMPLES) for path in sorted(GUIDE.glob("*.md")))]


def code_blocks(language: str, text: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def entries(block: str) -> Iterator[Entry]:
    for entry in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = entry.partition("\n")
        yield Entry(command, output)


def run(command: str, folder: Path) -> str:
    """Run a command; return what it writes to standard output, then what it writes to standard error."""
    if ALONE.fullmatch(command):
        ran = run_mgrad(*shlex.split(command)[1:], cwd=folder)
    else:
        ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=folder, env=environment())
    return ran.stdout + ran.stderr


def rewritten(page: Page) -> str:
    """Return the text of a page with every transcript and every generated part run again."""

    def transcript(match: re.Match[str]) -> str:
        shown = "".join(f"$ {entry.command}\n{run(entry.command, page.folder)}" for entry in entries(match.group(1)))
        return f"```console\n{shown}```"

    def generated(match: re.Match[str]) -> str:
        return f"<!-- {match.group(1)} -->\n{run(match.group(1), page.folder)}<!-- end -->"

    text = re.sub(r"^```console\n(.*?)^```$", transcript, page.text, flags=re.DOTALL | re.MULTILINE)
    return GENERATED.sub(generated, text)


if __name__ == "__main__":
    for page in pages():
        if len(sys.argv) == 1 or page.path.stem in sys.argv[1:]:
            page.path.write_text(rewritten(page))
