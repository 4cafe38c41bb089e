"""The page of a graph: a file that needs nothing else, whose numbers are those of the command, in a real browser too."""

import csv
import json
import math
import re
import shutil
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from mgrad_cli.errors import MissingExtraError, UsageError
from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.evaluation.tape import Tape, call_text, record
from mgrad_cli.language.lowering import read
from mgrad_cli.language.syntax import Name
from mgrad_cli.operations import Operation, find, rows
from mgrad_cli.renderers import Page, View
from mgrad_cli.renderers.explanations.steps import Words
from mgrad_cli.renderers.page.instructions import instructions
from mgrad_cli.renderers.page.page import page
from mgrad_cli.renderers.page.script import operations
from mgrad_cli.text import printable
from tests.conftest import ROOT, SHARED, Run

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz' dot is not installed")
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
CALL = (ROOT / "examples" / "black_scholes.mg").read_text()
Point = dict[str, float]
POINTS: dict[str, tuple[str, Point, Point]] = {
    "product": ("a*b*(a+b)", {"a": 2, "b": 3}, {"a": -1.5, "b": 0.1}),
    "tanh": ("(x*x+2).tanh()", {"x": 0.3}, {"x": -0.7}),
    "neuron": (
        "h = tanh(w1*x1 + w2*x2 + b); loss = (h - y)**2",
        {"w1": 0.5, "x1": 1, "w2": -0.3, "x2": 2, "b": 0.1, "y": 1},
        {"w1": 0.4, "x1": 1.1, "w2": 0.3, "x2": 2, "b": 0.1, "y": 1},
    ),
    "call": (
        CALL,
        {"S": 100, "K": 105, "r": 0.03, "vol": 0.2, "days": 180},
        {"S": 120, "K": 105, "r": 0.01, "vol": 0.3, "days": 9},
    ),
    "branch": ("where(x>0, log(x), 0) + relu(x)", {"x": -1}, {"x": 2}),
    "other branch": ("where(x>0, log(x), x**2) * y", {"x": 2, "y": 1}, {"x": -3, "y": 2}),
    "constant branch": ("where(1, x, x) + where(0, x, x*x)", {"x": 2}, {"x": 3}),
    "tie": ("max(x, y, x) + min(x, y) + abs(x)", {"x": 0, "y": 0}, {"x": 1, "y": 2}),
    "steps": ("floor(x)*y + x*0 + sign(y)", {"x": 1.5, "y": 2}, {"x": -7.5, "y": -2}),
    "not finite": ("1/x + log(y) + x*inf", {"x": 0, "y": -1}, {"x": math.inf, "y": math.nan}),
    "unused": ("u = a*b; y = a; y*2", {"a": 1, "b": 2}, {"a": 3, "b": 4}),
    "one node": ("a", {"a": 1}, {"a": -1e-300}),
    "no input": ("2+3", {}, {}),
    "default": ("k = 3; k*x", {"x": 1}, {"k": 5, "x": 2}),
    "letters": ("σ*東京 + _a_", {"σ": 1, "東京": 2, "_a_": 3}, {"σ": 4, "東京": 5, "_a_": 6}),
    "long name": (f"{'n' * 10_000}*x + 1", {"n" * 10_000: 2, "x": 3}, {"n" * 10_000: 4, "x": 5}),
}
TITLES = [
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "</title></style></svg><img src=x onerror=alert(1)>",
    "]]> --> <!--", "<!-- mgrad: data -->", "&lt;b&gt; &amp; &#60;", "a\u202eb\u2066c\u2028d", "\x1b]52;c;aGk=\x07 \x9b31m",
    '" onload="alert(1)', "' ${alert(1)} `", "\ud800 \ufffe \x00", "x" * 10_000, "{{7*7}} %s {0}",
]  # fmt: skip
COMMENTED = "a*b # </script><script>alert(1)</script> <!-- mgrad: script --> ]]> \u202e\n"


def made(text: str, values: Point, title: str = "") -> str:
    return "".join(page(record(read(text), values), View(Page(), title)))


def data_of(text: str) -> dict[str, Any]:
    (embedded,) = re.findall('<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    data: dict[str, Any] = json.loads(embedded, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    return data


def public_rows() -> list[Operation]:
    return [row for group in rows().values() for row in group if not row.is_internal]


def every_function() -> tuple[str, Point, Point]:
    """A formula that uses every public operation once, each on inputs of its own, and two points."""
    lines, points = [], ({}, {})  # type: tuple[list[str], tuple[Point, Point]]
    for index, row in enumerate(public_rows()):
        samples = [sample for sample in row.samples if all(map(math.isfinite, sample))]
        names = [f"x{index}_{operand}" for operand in range(len(samples[0]))]
        lines.append(f"f{index} = {call_text(row, [Name(name) for name in names])}")
        for point, sample in zip(points, (samples[0], samples[len(samples) // 2]), strict=True):
            point.update(zip(names, sample, strict=False))
    total = " + ".join(f"tanh(f{index})" for index in range(len(lines)))
    return "\n".join([*lines, total]), *points


def interpreted(data: dict[str, Any], values: list[float]) -> list[float]:
    """The registers of a page's instructions, by the table's own evaluation."""
    registers = [*values, *(float(constant) for constant in data["constants"])]
    for name, operands in data["code"]:
        registers.append(find(name, len(operands)).evaluate(*(registers[operand] for operand in operands)))
    return registers


def is_same(one: float, other: float) -> bool:
    return one == other or (one != one and other != other)


@needs_dot
@pytest.mark.parametrize("name", [*POINTS, "every function"])
def test_the_instructions_compute_the_tape_at_any_point(name: str) -> None:
    text, first, second = POINTS.get(name) or every_function()
    data = data_of(made(text, first))
    for point in (first, second):
        tape = record(read(text), point)
        registers = interpreted(data, list(tape.vars.values()))
        for shown, node in zip(data["nodes"], tape.nodes, strict=True):
            assert is_same(registers[shown["data"]], node.data), node
            assert node.grad is None or is_same(registers[shown["grad"]], node.grad), node
        check_steps(data, registers, tape)


def check_steps(data: dict[str, Any], registers: list[float], tape: Tape) -> None:
    """Every step of the tape is a step of the page, and adds the same amounts or nothing."""
    steps = {step["node"]: step for step in data["steps"]}
    assert [node.id for node in tape.steps] == [index for index in steps if tape.nodes[index].is_reached]
    for node in tape.steps:
        for contribution, shown in zip(node.contributions, steps[node.id]["pulls"], strict=True):
            assert shown["operand"] == contribution.operand
            assert data["edges"][shown["edge"]] == [contribution.operand, node.id]
            if "share" in shown:
                assert is_same(registers[shown["share"]], contribution.amount)
                assert contribution.nothing or is_same(registers[shown["slope"]], contribution.partial)
            else:
                assert contribution.nothing == shown["nothing"]


class Parts(HTMLParser):
    """The elements of a page, and the texts in some of them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.links: list[str] = []
        self.texts: dict[str, str] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        self.links += [name for name, _ in attrs if name in {"src", "href", "xlink:href", "action", "data", "srcset"}]

    def handle_data(self, data: str) -> None:
        if self.elements:
            self.texts.setdefault(self.elements[-1][0], data)


@needs_dot
def test_a_page_is_complete_in_itself() -> None:
    text = made(*POINTS["call"][:2], title="A call")
    parts = Parts(text)
    assert not parts.links
    assert not re.search(r"https?:|//[a-z]|@import|url\(|fetch\(|\bimport\b|eval\(|new Function|innerHTML", text)
    assert "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'" in text
    assert parts.texts["title"] == parts.texts["bdi"] == "A call"
    assert text == made(*POINTS["call"][:2], title="A call")
    assert str(ROOT) not in text


@needs_dot
@pytest.mark.parametrize("title", TITLES)
def test_titles_are_text_and_nothing_else(title: str) -> None:
    text = made("a*b", {"a": 1, "b": 2}, title)
    assert text.isprintable() or not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]", text
    )
    text.encode()
    parts = Parts(text)
    assert parts.elements == Parts(made("a*b", {"a": 1, "b": 2})).elements
    shown = " ".join(printable(title).replace("\ufffe", "�").split())
    assert parts.texts["title"] in {shown, f"{shown[:179]}…"}


@needs_dot
def test_the_text_of_a_formula_is_text_and_nothing_else() -> None:
    text = made(COMMENTED, {"a": 1, "b": 2})
    assert Parts(text).elements == Parts(made("a*b", {"a": 1, "b": 2})).elements
    assert "\u202e" not in text
    less = made("where(a < b, a, b)", {"a": 1, "b": 2})
    assert "v1 = a \\u003c b" in less
    assert any(node["formula"] == "v1 = a < b" for node in data_of(less)["nodes"])


@needs_dot
def test_hostile_titles_and_names_of_the_shared_cases() -> None:
    if not (SHARED / "hostile.jsonl").exists():
        pytest.skip("no hostile.jsonl beside the checkout")
    plain = Parts(made("a", {"a": 1})).elements
    for line in (SHARED / "hostile.jsonl").read_text().splitlines():
        case = json.loads(line)
        words = case["argv"]
        if "--title" in words:
            text = made("a", {"a": 1}, words[words.index("--title") + 1])
            assert Parts(text).elements == plain, case
        for name in case["expect"].get("grads") or ():
            data = data_of(made(f"2*{name}", {name: 1.0}))
            assert [item["name"] for item in data["inputs"]] == [name]


@needs_dot
def test_a_page_brings_the_operations_it_uses_and_no_others() -> None:
    def script(text: str, **point: float) -> str:
        return operations(instructions(record(read(text), point)))

    assert "erf" not in script("a*b", a=1, b=2)
    assert "multiply: (a, b) => a * b,\n" in script("a*b", a=1, b=2)
    assert "function erfcFraction" in script("erf(x)", x=1)


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("graphviz")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        UsageError, match=r"^the page of a graph needs the program dot \(Graphviz\): install it, for example"
    ):
        made("a", {"a": 1})
    monkeypatch.setitem(sys.modules, "graphviz", None)
    with pytest.raises(
        MissingExtraError,
        match=r"^the page of a graph needs graphviz: pip install 'mgrad-cli\[graph\]' \(in a checkout: pip install '.\[graph\]'\)$",
    ):
        made("a", {"a": 1})


@needs_dot
def test_the_command_writes_the_page(mgrad: Run, tmp_path: Path) -> None:
    ran = mgrad("graph", "a*b*(a+b)", "--a", "2", "--b", "3", "-o", "g.html", "--title", "L", cwd=tmp_path)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    written = (tmp_path / "g.html").read_text()
    assert written == made("a*b*(a+b)", {"a": 2, "b": 3}, "L")
    assert mgrad("graph", "a*b*(a+b)", "--a", "2", "--b", "3", "--html", "--title", "L").stdout == written


class Browser:
    """A page in a real browser, used as people do."""

    def __init__(self, driver: Any, folder: Path) -> None:
        self.driver = driver
        self.path = folder / "page.html"

    def open(self, text: str, values: Point, title: str = "") -> None:
        self.path.write_text(made(text, values, title))
        self.driver.get(self.path.as_uri())

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def find(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.find("body").send_keys(key)

    def frame(self) -> None:
        """Waits until the page was drawn again."""
        script = "const [done] = arguments; requestAnimationFrame(() => requestAnimationFrame(() => done()))"
        self.driver.execute_async_script(script)

    def type(self, index: int, text: str) -> None:
        field = self.find(f"#field{index}")
        field.clear()
        field.send_keys(text)

    def set(self, point: Point, names: list[str]) -> None:
        """Types every value; many of them by script, as the same events."""
        texts = {f"field{index}": repr(point[name]) for index, name in enumerate(names) if name in point}
        if len(texts) > 10:
            self.run(
                """for (const [id, text] of Object.entries(arguments[0])) {
                     document.getElementById(id).value = text;
                     document.getElementById(id).dispatchEvent(new Event('input'));
                   }""",
                texts,
            )
            return
        for index, name in enumerate(names):
            if name in point:
                self.type(index, repr(point[name]))

    def figures(self, selector: str) -> list[float | None]:
        texts = self.run("return [...document.querySelectorAll(arguments[0])].map(one => one.dataset.value)", selector)
        return [float(text) if text else None for text in texts]

    def explanation(self) -> list[str]:
        lines: list[str] = self.run(
            "return [...document.querySelectorAll('#explanation p')].map(one => one.textContent)"
        )
        return lines


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("chromium and chromedriver are not installed")
    if shutil.which("dot") is None:
        pytest.skip("Graphviz' dot is not installed")
    webdriver = pytest.importorskip("selenium.webdriver")
    folder = tmp_path_factory.mktemp("browser")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS.split(), f"--user-data-dir={folder / 'profile'}", "--window-size=1280,800"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield Browser(chrome, folder)
    chrome.quit()


@pytest.fixture(autouse=True)
def silent_console(request: pytest.FixtureRequest) -> Iterator[None]:
    """A page that complains on the console is broken."""
    yield
    if "browser" in request.fixturenames:
        assert request.getfixturevalue("browser").driver.get_log("browser") == []


def near(got: float | None, want: float) -> bool:
    if got is None or not math.isfinite(want) or want == 0:
        return got is not None and is_same(got, want)
    return abs(got - want) <= 1e-12 * abs(want)


def check_numbers(browser: Browser, text: str, point: Point) -> None:
    """The page's value, gradients and nodes against `eval`'s."""
    result = differentiate(read(text), point)
    tape = record(read(text), point)
    (value,) = browser.figures("#result output")
    assert result.value is not None
    assert near(value, result.value)
    for got, (name, want) in zip(browser.figures(".row .grad [data-value]"), (result.grads or {}).items(), strict=True):
        assert near(got, want), (name, got, want)
    nodes = [node for node in tape.nodes if not node.is_constant]
    for got, node in zip(browser.figures(".node .data"), nodes, strict=True):
        assert near(got, node.data), (node, got)
    for got, node in zip(browser.figures(".node .grad"), nodes, strict=True):
        assert node.grad is not None
        assert near(got, node.grad), (node, got)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", [*POINTS, "every function"])
def test_a_moved_input_moves_every_number_as_eval_has_it(browser: Browser, name: str) -> None:
    text, first, second = POINTS.get(name) or every_function()
    browser.open(text, first, TITLES[0])
    check_numbers(browser, text, first)
    browser.set(second, list(record(read(text), first).vars))
    check_numbers(browser, text, {**first, **second})
    browser.run("document.activeElement.blur()")
    browser.press("r")
    check_numbers(browser, text, first)


def test_a_slider_moves_its_input(browser: Browser) -> None:
    text, first, _ = POINTS["product"]
    browser.open(text, first)
    slider = browser.find("#slider0")
    slider.send_keys("\ue014", "\ue014", "\ue012")  # right, right, left
    moved = float(browser.find("#field0").get_attribute("value"))
    assert 2 < moved < 3
    check_numbers(browser, text, {**first, "a": moved})
    assert browser.run("return document.querySelector('#steps [aria-current]')") is None
    browser.type(0, "1e6")
    assert float(slider.get_attribute("max")) > 1e6
    check_numbers(browser, text, {**first, "a": 1e6})
    for typed, value in (("-inf", -math.inf), ("NaN", math.nan), ("−.5e-3", -0.0005), ("+7.", 7.0)):
        browser.type(0, typed)
        check_numbers(browser, text, {**first, "a": value})
    browser.type(0, "1,5")
    assert browser.find("#field0").get_attribute("aria-invalid") == "true"
    browser.find("#field0").send_keys("\n")
    assert browser.find("#complaint").text == "a is still 1: that was no number"
    check_numbers(browser, text, {**first, "a": 1})
    browser.find("#reset").click()
    assert browser.find("#field0").get_attribute("value") == "2"
    check_numbers(browser, text, first)


def explanation(tape: Tape) -> list[list[str]]:
    """What `mgrad explain` says of each step."""
    words = Words(tape)
    steps = []
    for node in tape.steps:
        assert node.grad is not None
        lines = [f"{node.name} = {node.formula} = {words.numbers(node)} = {words.figure(node.data)}"]
        lines.append(f"{words.gradient(node)} = {words.figure(node.grad)}")
        for contribution in node.contributions:
            given = f"{words.product(node, contribution)} = {words.amount(node, contribution)}"
            lines.append(
                f"{words.operand(contribution)} += {f'nothing: {contribution.nothing}' if contribution.nothing else given}"
            )
            lines += filter(None, [words.accumulation(contribution)])
        steps.append(lines)
    return steps


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", ["product", "call", "branch", "steps"])
def test_the_keys_run_the_backward_pass_as_explain_tells_it(browser: Browser, name: str) -> None:
    text, first, second = POINTS[name]
    second = {key: abs(value) for key, value in second.items()}
    browser.open(text, first)
    browser.set(second, list(record(read(text), first).vars))
    browser.run("document.activeElement.blur()")
    tape = record(read(text), second)
    browser.press("\ue011")  # Home
    assert browser.explanation()[0] == f"{Words(tape).gradient(tape.result)} = 1"
    known = browser.figures(".node .grad")
    assert known.count(None) >= len(known) - 2
    told = []
    while browser.find("#next").is_enabled():
        browser.press("\ue014")
        told.append([line for line in browser.explanation() if not line.startswith("That was")])
        assert len(told) < 100
    reached = [lines for lines in told if not any("nothing came back to" in line for line in lines)]
    assert [line for lines in reached for line in lines] == [line for lines in explanation(tape) for line in lines]
    assert "That was the last step: every gradient is known." in browser.explanation()
    check_numbers(browser, text, second)
    browser.press("\ue011", "\ue010", "\ue00c")  # Home, End, Escape
    assert browser.find("#explanation").text.startswith("Forward, each node is computed")


def test_gradients_accumulate_as_they_arrive(browser: Browser) -> None:
    browser.open(*POINTS["product"][:2])
    shown = []
    for _ in range(4):
        browser.press("\ue014")
        shown.append(browser.find("#node0 .grad").text)
    assert shown == ["?", "?", "15 + ?", "21"]
    browser.press("\ue012")
    assert browser.find("#node0 .grad").text == "15 + ?"
    assert browser.run("return [...document.querySelectorAll('.node.active, .edge.active')].map(one => one.id)") == [
        "edge0", "edge1", "node2",
    ]  # fmt: skip
    browser.find("#steps li:nth-child(2) button").click()
    assert browser.explanation()[-1] == "dL/dv2 += dL/dL * v1 = 1 * 6 = 6"
    browser.run("document.getElementById('node3').dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    assert browser.explanation()[-2] == "dL/db = 10 + 6 = 16"


def test_the_player_plays_and_pauses(browser: Browser) -> None:
    browser.open(*POINTS["product"][:2])
    browser.run("document.getElementById('speed').value = '4'")
    browser.press(" ")
    assert browser.find("#play").get_attribute("aria-label") == "pause"
    browser.press(" ")
    assert browser.find("#play").get_attribute("aria-label") == "play"
    browser.press(" ")
    waiting = pytest.importorskip("selenium.webdriver.support.wait").WebDriverWait(browser.driver, 10, 0.1)
    waiting.until(lambda _: browser.find("#play").get_attribute("aria-label") == "play")
    assert browser.explanation()[-1].startswith("That was the last step")
    assert browser.find("#node0 .grad").text == "21"


def test_the_theme_follows_the_system_until_it_is_chosen(browser: Browser) -> None:
    browser.open(*POINTS["product"][:2])
    seen = []
    for scheme, keys in (("dark", ""), ("light", ""), ("light", "t"), ("dark", ""), ("dark", "t")):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        browser.press(*keys)
        browser.frame()
        seen.append(browser.run("return getComputedStyle(document.body).backgroundColor"))
    light, dark = "rgb(245, 247, 246)", "rgb(16, 20, 18)"
    assert seen == [dark, light, dark, dark, light]
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


@pytest.mark.parametrize("title", [TITLES[1], TITLES[2], TITLES[8]])
def test_nothing_of_the_user_becomes_markup(browser: Browser, title: str) -> None:
    browser.open(COMMENTED, {"a": 1, "b": 2}, title)
    assert browser.run("return [document.scripts.length, document.images.length]") == [2, 0]
    assert browser.driver.title == title
    assert browser.find("h1").text == title
    check_numbers(browser, COMMENTED, {"a": 1, "b": 2})


@pytest.mark.sampled(8)
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("name", ["product", "call", "long name", "every function"])
def test_nothing_overlaps_or_leaves_its_place(browser: Browser, name: str, width: int) -> None:
    text, first, _ = POINTS.get(name) or every_function()
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.open(text, first, "W" * 200)
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    assert (
        browser.run("""
        return [...document.querySelectorAll('.node:not(.constant)')].filter(node => {
          const box = node.querySelector('.box').getBoundingClientRect();
          return [...node.querySelectorAll('text')].some(text => {
            const inner = text.getBoundingClientRect();
            return inner.left < box.left || inner.right > box.right || inner.top < box.top || inner.bottom > box.bottom;
          });
        }).map(node => node.textContent)""")
        == []
    )
    assert (
        browser.run("""
        const boxes = [...document.querySelectorAll('.node .box')].map(box => box.getBoundingClientRect());
        return boxes.filter((a, i) => boxes.some((b, j) =>
          i < j && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)).length""")
        == 0
    )
    browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.slow
def test_the_graph_is_dragged_brought_closer_and_fitted_again(browser: Browser) -> None:
    chains = pytest.importorskip("selenium.webdriver.common.action_chains")
    browser.open(*POINTS["call"][:2])
    middle = (
        "const box = document.getElementById('node0').getBoundingClientRect(); return [box.left, box.top, box.width]"
    )
    x, y, width = browser.run(middle)
    chains.ActionChains(browser.driver).drag_and_drop_by_offset(browser.find("#picture"), 30, -20).perform()
    assert browser.run(middle) == pytest.approx([x + 30, y - 20, width], abs=1)
    browser.press("+")
    assert browser.run(middle)[2] == pytest.approx(width * 1.25)
    browser.press("0")
    assert browser.run(
        """const frame = document.getElementById('picture').getBoundingClientRect();
        return [...document.querySelectorAll('.node')].every(node => {
          const box = node.getBoundingClientRect();
          return box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom;
        })"""
    )


NETWORK = """h1 = tanh(w11*x1 + w12*x2 + b1)
h2 = tanh(w21*x1 + w22*x2 + b2)
o = v1*h1 + v2*h2 + c
loss = (o - y)**2"""
WEIGHTS = dict.fromkeys(["w11", "w12", "w21", "w22", "b1", "b2", "x1", "x2", "v1", "v2", "c", "y"], 0.5)


@pytest.mark.slow
@needs_dot
@pytest.mark.parametrize("case", [*sorted(POINTS), "network"])
def test_a_small_graph_opens_with_all_of_it_in_view(browser: Browser, case: str) -> None:
    text, values = (NETWORK, WEIGHTS) if case == "network" else POINTS[case][:2]
    browser.open(text, values)
    browser.frame()
    frame, sheet = browser.run(
        """const [frame, sheet] = ["picture", "sheet"].map((id) => document.getElementById(id).getBoundingClientRect());
           return [frame, sheet].map((box) => [box.left, box.top, box.right, box.bottom]);"""
    )
    assert frame[0] <= sheet[0] < sheet[2] <= frame[2]
    assert frame[1] <= sheet[1] < sheet[3] <= frame[3]


@pytest.mark.slow
@needs_dot
@pytest.mark.parametrize("text", ["where(relu(x)>0, abs(x), -x)*a - y*0", "-x*y*a", "x*0*-1 + a*y*-0", "a - y*x"])
def test_a_zero_has_the_sign_that_eval_gives_it_in_every_drawing(browser: Browser, mgrad: Run, text: str) -> None:
    words = ["--x", "0", "--a", "1", "--y=-0.0"]
    nodes = list(csv.DictReader(mgrad("eval", text, *words, "--format", "csv").stdout.splitlines()))
    expected = [(float(node["data"]), float(node["grad"])) for node in nodes if node["op"] != "const"]
    signs = sorted(math.copysign(1, number) for pair in expected for number in pair if number == 0)
    for kind in ("--dot", "--mermaid"):
        drawn = [line.partition("tooltip=")[0] for line in mgrad("graph", text, *words, kind).stdout.splitlines()]
        figures = re.findall(r"(?:data|grad) (-?0)(?![\d.e])", "\n".join(drawn))
        assert sorted(math.copysign(1, float(figure)) for figure in figures) == signs
    browser.open(text, {"x": 0.0, "a": 1.0, "y": -0.0})
    shown = browser.run("return [...document.querySelectorAll('#sheet text')].map(one => one.textContent)")
    zeros = [shown[index + 1] for index, word in enumerate(shown) if word in {"data", "grad"}]
    assert sorted(math.copysign(1, float(zero)) for zero in zeros if zero in {"0", "-0"}) == signs
