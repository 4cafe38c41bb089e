"""`mgrad graph`: the tree on its page, and DOT, SVG, PNG and Mermaid as the programs that read them read them."""

import json
import math
import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.cells import cell_len

from mgrad_cli.evaluation.tape import record
from mgrad_cli.language.lowering import read
from mgrad_cli.renderers import Page, View
from mgrad_cli.renderers.graphs.graph import GRAPH_FORMATS, strengths
from tests.conftest import ROOT, Run, environment
from tests.test_eval import check_hostile, hostile_cases

MERMAID = ROOT / ".node" / "node_modules" / "mermaid" / "dist" / "mermaid.min.js"
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz' dot is not installed")

NEURON = [
    "h = tanh(w1*x1 + w2*x2 + b); loss = (h - y)**2",
    *["--w1", ".5", "--x1", "1", "--w2", "-.3", "--x2", "2", "--b", ".1", "--y", "1"],
]
CALL = [
    "--file",
    str(ROOT / "examples/black_scholes.mg"),
    *["--S", "100", "--K", "105", "--r", ".03", "--vol", ".2", "--days", "180"],
]
MANY = ["+".join(f"sin(x{i % 50}*{i}.5)" for i in range(75)), *(f"--x{i}={i / 7}" for i in range(50))]
EXPRESSIONS = {
    "product": ["a*b*(a+b)", "--a", "2", "--b", "3"],
    "neuron": NEURON,
    "call": CALL,
    "branch": ["where(x>0, log(x), 0)", "--x", "-1"],
    "infinite": ["1/x + log(y)", "--x", "0", "--y", "-1"],
    "one node": ["a", "--a", "1"],
    "no input": ["2+3"],
    "unused": ["u = a*b; y = a; y*2", "--a", "1", "--b", "2"],
    "letters": ["σ*東京 + _a_*end + graph", *["--σ", "1", "--東京", "2", "--_a_", "3", "--end", "4", "--graph", "5"]],
    "long name": [f"{'n' * 10_000}*x + 1", f"--{'n' * 10_000}", "2", "--x", "3"],
    "many operands": [f"max({', '.join(f'x{i}' for i in range(100))})", *(f"--x{i}={i}" for i in range(100))],
    "300 nodes": MANY,
}
TITLES = [
    "plain", "<script>alert(1)</script>", "%%{init:{}}%%\nclick a javascript:alert(1)", 'say "hi" \\', r"\N\G\E\L\l",
    "&amp; &#60;b&#62; #quot; #35;", "`**bold**`", "]]> --> </title></svg>", "---\ntitle: other\n---", "<b>bold</b>",
    "\x1b]52;c;aGk=\x07 \x9b31m", "a\u202eb", "\ufffe\uffff\ud83d", "x" * 10_000, "{{{[[(((>", "1. list\n- item",
    "$(touch here) %s $x^2$", "end",
]  # fmt: skip


@pytest.mark.parametrize("case", hostile_cases({"graph"}))
def test_hostile_input(mgrad: Run, case: dict[str, Any], tmp_path: Path) -> None:
    if "--svg" in case["argv"] and shutil.which("dot") is None:
        pytest.skip("Graphviz' dot is not installed")
    check_hostile(mgrad, case, tmp_path)


def graph(mgrad: Run, *words: str, **settings: Any) -> str:
    ran = mgrad("graph", *words, **settings)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def drawn(expression: str, form: str, title: str = "", **values: float) -> str:
    """A graph drawn in this process."""
    return "".join(GRAPH_FORMATS[form](record(read(expression), values), View(Page(), title)))


def test_a_tree_shows_a_shared_node_once(mgrad: Run) -> None:
    assert graph(mgrad, *EXPRESSIONS["product"]) == (
        "                  local  data  grad\n"
        "L = v1*v2                  30     1\n"
        "├─ v1 = a*b          ×5     6     5\n"
        "│  ├─ a              ×3     2    21\n"
        "│  └─ b              ×2     3    16\n"
        "└─ v2 = a + b        ×6     5     6\n"
        "   ├─ a  ↑ above     ×1\n"
        "   └─ b  ↑ above     ×1\n"
        "local: derivative of the node above by this one; grad: derivative of the output\n"
    )


def test_a_tree_says_where_nothing_comes_back(mgrad: Run) -> None:
    ran = mgrad("graph", *EXPRESSIONS["branch"])
    assert "├─ v2 = log(x)  the branch not taken       nothing  ! nan     0\n" in ran.stdout
    assert "by convention: where(c, a, b): the branch not taken\n" in ran.stdout
    assert ran.stderr == ""
    ran = mgrad("graph", *EXPRESSIONS["infinite"])
    assert "warning: log(y) is nan: log of a negative number\n  1 | 1/x + log(y)\n" in ran.stderr
    assert "not part of the output: b, u\n" in graph(mgrad, *EXPRESSIONS["unused"])


@pytest.mark.slow
@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("name", EXPRESSIONS)
def test_a_tree_keeps_to_its_page_and_shows_every_node(mgrad: Run, name: str, columns: int) -> None:
    words = [*EXPRESSIONS[name], "--all-nodes"]
    plain = graph(mgrad, *words, env={"COLUMNS": str(columns)})
    assert max(map(cell_len, plain.split("\n"))) <= columns
    coloured = graph(mgrad, *words, env={"COLUMNS": str(columns), "FORCE_COLOR": "1"})
    bare = graph(mgrad, *words, env={"COLUMNS": str(columns), "FORCE_COLOR": "1", "NO_COLOR": "1"})
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == re.sub("\x1b\\[[0-9;]*m", "", bare) == plain
    assert not re.search("\x1b\\[[0-9;]*3[0-7]", bare)
    lines = [line.lstrip("├│└─ ") for line in plain.split("\n") if not re.search("[↑↓]", line)]
    whole = [re.split(" = |: |  ", line)[0] for line in lines]
    unused = re.findall(r"[^\s,]+", plain.partition("not part of the output: ")[2])
    nodes = json.loads(mgrad("explain", *EXPRESSIONS[name], "--json").stdout)["nodes"]
    for node in nodes:
        assert whole.count(node["name"]) == (node["name"] not in unused), node


@pytest.mark.slow
def test_a_chain_of_ten_thousand_goes_on_in_further_trees(mgrad: Run) -> None:
    text = "sin(x)" + ".sin().cos()" * 5_000
    short = graph(mgrad, "-", "--x", "1", stdin=text)
    assert "⋮  9,8" in short
    assert "nodes left out; --all-nodes shows them\n" in short
    assert short.count("\n") < 210
    whole = graph(mgrad, "-", "--x", "1", "--all-nodes", stdin=text).split("\n")
    assert sum(" = " in line for line in whole) == 10_001
    continued = [line.split("  ↓")[0].lstrip("└─ ") for line in whole if "↓ below" in line]
    roots = [line.split(" = ")[0] for line in whole if " = " in line and not line.startswith((" ", "└"))]
    assert continued == roots[1:]
    assert max(map(len, whole)) <= 80


def test_an_ascii_page_has_ascii_guides(mgrad: Run) -> None:
    shown = graph(mgrad, "σ*b*(σ+b)", "--σ", "2", "--b", "3", env={"PYTHONIOENCODING": "ascii"})
    assert shown.isascii()
    assert "|- v1 = \\u03c3*b          *5     6     5\n" in shown
    assert "   `- b  ^ above          *1\n" in shown


@pytest.mark.parametrize("title", TITLES)
def test_titles_of_trees_are_text_and_nothing_else(mgrad: Run, title: str) -> None:
    shown = graph(mgrad, "a", "--a", "1", "--title", title.replace("\ud83d", ""), env={"FORCE_COLOR": "1"})
    plain = re.sub("\x1b\\[[0-9;]*m", "", shown)
    assert not re.search("[\x1b\x07\x9b\u202e]", plain)
    assert len(plain) < 1000


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--dot", "--svg"], 2, "--dot and --svg cannot be combined"),
        (["--dot", "-o", "g.svg"], 2, "--dot conflicts with the output name 'g.svg'"),
        (
            ["-o", "g.txt"],
            2,
            "cannot tell the format from the output name 'g.txt'; end it in .dot, .gv, .mmd, .svg, .png or .html",
        ),
        (["--all-nodes", "--dot"], 2, "--all-nodes applies to the tree only; --dot shows every node"),
        (["--max-nodes", "4"], 3, "the graph has 5 nodes, more than 4 (--max-nodes)"),
        (["--b"], 2, "--b needs a value"),
    ],
)
def test_errors_are_one_sentence(mgrad: Run, words: list[str], code: int, message: str, tmp_path: Path) -> None:
    ran = mgrad("graph", "a*b*(a+b)", "--a", "2", *([] if "--b" in words else ["--b", "3"]), *words, cwd=tmp_path)
    assert (ran.returncode, ran.stdout, ran.stderr) == (code, "", f"error: {message}\n")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("form", ["svg", "png", "html"])
def test_what_takes_long_to_lay_out_is_refused_at_once(mgrad: Run, form: str) -> None:
    ran = mgrad("graph", "-", "--x", "1", f"--{form}", stdin="sin(x)" + ".sin().cos()" * 5_000)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr == "error: the graph has 10,002 nodes, more than 500 (--max-nodes)\n"
    ran = mgrad("graph", "-", "--x", "1", f"--{form}", stdin=f"max({', '.join(['x'] * 10_000)})")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr == "error: the graph has 10,000 edges, more than 4 times 500 (--max-nodes)\n"
    ran = mgrad("graph", "-", "--x", "1", f"--{form}", stdin="-".join(["x"] * 150))
    assert (ran.returncode, ran.stdout) == (3, "")
    passed = "error: the edges of the graph pass 11,324 layers of nodes"
    assert ran.stderr == f"{passed}, more than 12 times 500 (--max-nodes)\n"


@needs_dot
def test_a_graph_of_long_edges_is_laid_out_in_a_hurry(mgrad: Run) -> None:
    assert "nslimit" not in graph(mgrad, *CALL, "--dot")
    words = ["-".join(["x"] * 80), "--x", "1"]
    assert "nslimit" in graph(mgrad, *words, "--dot")
    assert graph(mgrad, *words, "--svg").count(">data ") == 80


@needs_dot
def test_the_ending_of_the_output_says_its_format(mgrad: Run, tmp_path: Path) -> None:
    for ending, start in (
        (".dot", b"digraph"),
        (".gv", b"digraph"),
        (".mmd", b"flowchart"),
        (".svg", b"<?xml"),
        (".PNG", b"\x89PNG"),
        (".html", b"<!DOCTYPE html>"),
    ):
        path = tmp_path / f"g{ending}"
        path.write_text("old")
        ran = mgrad("graph", *NEURON, "-o", path.name, cwd=tmp_path)
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
        assert path.read_bytes().startswith(start)
    assert graph(mgrad, *NEURON, "--dot") == (tmp_path / "g.dot").read_text()
    graph(mgrad, *NEURON, "--mermaid", "-o", "text", cwd=tmp_path)
    assert (tmp_path / "text").read_text() == (tmp_path / "g.mmd").read_text()


def test_the_input_is_never_the_output(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "f.dot").write_text("x*2")
    ran = mgrad("graph", "--file", "f.dot", "--x", "1", "-o", "f.dot", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (2, "error: the output 'f.dot' is also the input\n")
    assert (tmp_path / "f.dot").read_text() == "x*2"


@needs_dot
def test_a_png_is_not_for_a_terminal(tmp_path: Path) -> None:
    leader, follower = pty.openpty()
    words = ["mgrad", "graph", "a", "--a", "1", "--png"]
    ran = subprocess.run(words, stdout=follower, stderr=subprocess.PIPE, text=True, env=environment())
    os.close(follower)
    os.close(leader)
    message = "error: PNG cannot be shown in a terminal; write it to a file with --output\n"
    assert (ran.returncode, ran.stderr) == (2, message)
    subprocess.run(f"mgrad graph a --a 1 --png > {tmp_path}/a.png", shell=True, check=True, env=environment())
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def dot_texts(source: str) -> list[str]:
    """The texts that the real `dot` draws, by way of its SVG."""
    ran = subprocess.run(["dot", "-Tsvg"], input=source.encode(), capture_output=True, check=True)
    assert ran.stderr == b""
    return svg_texts(ran.stdout.decode())


def svg_texts(picture: str) -> list[str]:
    root = ElementTree.fromstring(picture.encode())
    return ["".join(node.itertext()).strip() for node in root.iter("{http://www.w3.org/2000/svg}text")]


def told(title: str) -> str:
    """What is to be read of a title, apart from blanks."""
    text = re.sub("[\x1b\x07\x9b\u202e\ufffe\uffff]", "�", title.encode("utf-8", "replace").decode())
    return "".join(text.split())


@pytest.mark.slow
@needs_dot
@pytest.mark.parametrize("name", EXPRESSIONS)
def test_dot_draws_every_node_and_edge(mgrad: Run, name: str) -> None:
    source = graph(mgrad, *EXPRESSIONS[name], "--dot")
    tape = json.loads(mgrad("explain", *EXPRESSIONS[name], "--json").stdout)
    texts = dot_texts(source)
    assert source.count(" -> ") == sum(len(node["operands"]) for node in tape["nodes"])
    assert sum(text.startswith("data ") for text in texts) == sum(node["op"] != "const" for node in tape["nodes"])
    for node in tape["nodes"]:
        assert any(text.startswith(node["name"]) for text in texts)


@needs_dot
@pytest.mark.parametrize("title", TITLES)
def test_titles_in_dot_and_svg_read_as_they_were_written(title: str) -> None:
    title = title.replace("\ud83d", "")
    picture = drawn("a*b", "svg", title, a=1, b=2)
    for texts in (dot_texts(drawn("a*b", "dot", title, a=1, b=2)), svg_texts(picture)):
        shown = "".join(texts[: texts.index("a")]).replace(" ", "")
        assert shown == told(title) or (len(title) > 180 and shown == f"{title[:179]}…")
    root = ElementTree.fromstring(picture.encode())
    assert not any(
        element.tag.rpartition("}")[2] in {"script", "a", "foreignObject", "image"} for element in root.iter()
    )
    assert "<!--" not in picture
    assert root.findtext("{http://www.w3.org/2000/svg}title")


@needs_dot
def test_an_svg_is_the_same_each_time_and_has_all_digits_in_its_titles(mgrad: Run) -> None:
    one, other = (graph(mgrad, *CALL, "--svg", "--title", "call") for _ in range(2))
    assert one == other
    record = json.loads(mgrad("explain", *CALL, "--json").stdout)
    assert f"grad {record['grads']['vol']!r}</title>" in one
    assert "raphviz" not in one


@needs_dot
def test_a_png_of_a_large_graph_has_bounds(mgrad: Run, tmp_path: Path) -> None:
    words = [f"max({', '.join(f'x{i}' for i in range(499))})", *(f"--x{i}={i}" for i in range(499))]
    graph(mgrad, *words, "-o", "g.png", cwd=tmp_path)
    header = (tmp_path / "g.png").read_bytes()[:24]
    assert max(int.from_bytes(header[16:20]), int.from_bytes(header[20:24])) <= 80 * 144 + 100


@pytest.mark.parametrize(
    ("script", "env", "message"),
    [
        (
            "sys.modules['graphviz'] = None; ",
            {},
            "needs graphviz: pip install 'mgrad-cli[graph]' (in a checkout: pip install '.[graph]')",
        ),
        ("", {"PATH": str(Path(sys.executable).parent)}, "dot (Graphviz)"),
    ],
    ids=["package", "program"],
)
def test_pictures_say_what_they_need_and_texts_need_nothing(script: str, env: dict[str, str], message: str) -> None:
    script = f"import sys; {script}from mgrad_cli.cli.main import run; sys.exit(run(sys.argv[1:]))"
    for form in ("--svg", "--png", "--dot", "--mermaid", ""):
        words = [sys.executable, "-c", script, "graph", "a", "--a", "1", *([form] if form else [])]
        ran = subprocess.run(words, capture_output=True, text=True, env=environment(**env))
        if form in {"--svg", "--png"}:
            assert (ran.returncode, ran.stdout) == (2, "")
            assert ran.stderr.startswith("error: ")
            assert message in ran.stderr
            assert ran.stderr.count("\n") == 1
        else:
            assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("form", ["--svg", "--png", "--html"])
def test_a_layout_that_takes_too_long_is_a_limit_with_what_to_use(tmp_path: Path, form: str) -> None:
    pytest.importorskip("resource", reason="the system has no limit of CPU time")
    spinning = tmp_path / "dot"
    spinning.write_text("#!/bin/sh\nwhile :; do :; done\n")
    spinning.chmod(0o755)
    script = (
        "import sys; from mgrad_cli.renderers.graphs import dot_program; dot_program.MAX_SECONDS = 1; "
        "from mgrad_cli.cli.main import run; sys.exit(run(sys.argv[1:]))"
    )
    words = [sys.executable, "-c", script, "graph", "a*b", "--a", "1", "--b", "2", form]
    changes = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    ran = subprocess.run(words, capture_output=True, text=True, env=environment(**changes), cwd=tmp_path, timeout=120)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "takes dot more than 1 s; use --dot, --mermaid or a smaller graph" in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["dot"]


def test_strengths_are_relative_to_the_largest_that_is_finite() -> None:
    def of(text: str, **values: float) -> list[float]:
        return strengths(record(read(text), values))

    assert of("a*5e-324 + b*0", a=1, b=1)[:2] == [pytest.approx(0), 0]
    assert of("a*4 + b", a=1, b=1)[:2] == [1, 0.5]
    assert all(0 <= strength <= 1 for strength in of("1e308*a + 1e-308*b", a=1, b=1))
    assert math.isnan(of("sqrt(a) + b", a=0, b=1)[0])
    assert of("floor(a)", a=1.5)[0] == 0


def test_help_ends_with_examples_that_run(mgrad: Run, tmp_path: Path) -> None:
    examples = re.findall("^ +(mgrad graph .*)$", graph(mgrad, "--help"), re.MULTILINE)
    assert len(examples) == 5
    for example in examples:
        if shutil.which("dot") or ".svg" not in example:
            subprocess.run(example, shell=True, check=True, cwd=tmp_path, env=environment(), capture_output=True)


class Mermaid:
    """The real Mermaid in a real browser."""

    def __init__(self, browser: Any) -> None:
        self.browser = browser

    def drawn(self, text: str) -> list[str]:
        """The texts of a flowchart's title and labels, after it was parsed and rendered.

        Raises: AssertionError with what Mermaid says where it cannot.
        """
        answer = self.browser.execute_async_script(
            """const [text, done] = arguments;
            mermaid.initialize({startOnLoad: false, maxEdges: 5000, maxTextSize: 5000000});
            (async () => {
              await mermaid.parse(text);
              document.getElementById('drawing').innerHTML = (await mermaid.render('graph', text)).svg;
              const drawing = document.getElementById('drawing');
              const parts = [...drawing.querySelectorAll('.nodeLabel, .edgeLabel p, .flowchartTitleText')];
              const live = drawing.querySelectorAll('script, a, img, b, strong, em, code, ul, ol').length;
              return {texts: parts.map(part => part.innerText ?? part.textContent), live};
            })().then(done, error => done({error: String(error)}));""",
            text,
        )
        assert "error" not in answer, answer
        assert answer["live"] == 0
        texts: list[str] = answer["texts"]
        return texts


@pytest.fixture(scope="module")
def mermaid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mermaid]:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("chromium and chromedriver are not installed")
    if not MERMAID.exists():
        pytest.skip("the npm package mermaid is not in .node; .ci/run puts it there")
    webdriver = pytest.importorskip("selenium.webdriver")
    folder = tmp_path_factory.mktemp("browser")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS.split(), f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    page = folder / "page.html"
    page.write_text(f'<meta charset="utf-8"><div id="drawing"></div><script src="{MERMAID.as_uri()}"></script>')
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    browser.set_script_timeout(60)
    browser.get(page.as_uri())
    yield Mermaid(browser)
    browser.quit()


@pytest.mark.sampled(6)
@pytest.mark.parametrize("name", EXPRESSIONS)
def test_mermaid_draws_every_node_and_edge(mgrad: Run, mermaid: Mermaid, name: str) -> None:
    texts = mermaid.drawn(graph(mgrad, *EXPRESSIONS[name], "--mermaid"))
    tape = json.loads(mgrad("explain", *EXPRESSIONS[name], "--json").stdout)
    assert sum("\ndata " in text for text in texts) == sum(node["op"] != "const" for node in tape["nodes"])
    for node in tape["nodes"]:
        assert any(text.startswith(node["name"]) for text in texts), node


@pytest.mark.parametrize("title", TITLES)
def test_titles_in_mermaid_are_text_and_nothing_else(mermaid: Mermaid, title: str) -> None:
    title = title.replace("\ud83d", "")
    text = drawn("a*b", "mermaid", title, a=1, b=2)
    assert not re.search("^ *(click|%%|end)", text, re.MULTILINE)
    shown = mermaid.drawn(text)[-1]
    wanted = told(title).translate(str.maketrans("<>&", "＜＞＆"))
    assert "".join(shown.split()) in {wanted, f"{title[:179]}…"}


def test_mermaid_is_warned_about_what_it_refuses(mgrad: Run) -> None:
    ran = mgrad("graph", "-", "--x", "1", "--mermaid", stdin="+".join(["x"] * 300))
    assert ran.returncode == 0
    assert ran.stderr == "warning: Mermaid draws no more than 500 edges, and this graph has 598; raise its maxEdges\n"
    ran = mgrad("graph", "-", "--x", "1", "--mermaid", stdin="sin(x)" + ".sin().cos()" * 5_000)
    assert ran.stderr.count("\n") == 2
    assert "raise its maxTextSize" in ran.stderr
