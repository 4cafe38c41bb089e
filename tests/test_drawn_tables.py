"""Tables and lines for people: what fits a page is shown whole, what does not is named, and colours are rich's."""

import re
from collections.abc import Iterable
from io import StringIO
from typing import Any

import pytest
from rich.console import Console
from rich.text import Text

from mgrad_cli.library.expression import Expression
from mgrad_cli.renderers import EVAL_FORMATS, Page, View
from mgrad_cli.renderers.explanations.steps import EXPLANATION_FORMATS
from mgrad_cli.renderers.graphs.graph import GRAPH_FORMATS
from mgrad_cli.renderers.pages import page_of
from mgrad_cli.renderers.tables import drawing
from mgrad_cli.renderers.tables.grid import Grid
from tests.conftest import Run

WIDE = [1, 2, 5, 9, 15, 40, 300]


@pytest.mark.slow
@pytest.mark.parametrize("columns", ["80", "40", "132"])
@pytest.mark.parametrize("count", WIDE)
def test_a_table_of_rows_shows_what_fits_and_says_what_it_left_out(mgrad: Run, count: int, columns: str) -> None:
    names = [f"column_{index}" for index in range(count)]
    text = "".join(
        ",".join(cells) + "\n" for cells in (names, [f"{index / 7 + 1000}" for index in range(count)], ["7"] * count)
    )
    ran = mgrad("map", "column_0*2", "-", "--format", "table", stdin=text, env={"COLUMNS": columns})
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert all(len(line) <= int(columns) for line in lines)
    assert len([line for line in lines if line.startswith("│")]) == 3
    titles = [title.strip() for title in lines[1].strip("│").split("│")]
    assert set(titles) <= {*names, "value", "d_column_0", "…"}
    assert {"value", "d_column_0"} <= set(titles)
    hidden = count + 2 - len([title for title in titles if title != "…"])
    assert ("…" in titles, "left out" in ran.stdout) == (hidden > 0, hidden > 0)
    if hidden:
        assert f"{hidden} of {count + 2} columns left out (column_" in ran.stdout


def test_long_titles_and_texts_of_rows_do_not_wrap(mgrad: Run) -> None:
    ran = mgrad("map", "x", "-", "--format", "table", stdin=f"{'t' * 200},x,note\nα,1,{'long text ' * 20}\n")
    assert all(len(line) <= 80 for line in ran.stdout.splitlines())
    assert ran.stdout.count("\n│") == 2


@pytest.mark.slow
@pytest.mark.parametrize("value", ["1", "-1.2345678901234567e-300", "-2.2250738585072014e-308", "inf", "nan"])
@pytest.mark.parametrize(
    "words",
    [
        ["eval", "x"], ["eval", "x*y", "--y", "-1.2345678901234567e-200"], ["eval", "x*y", "--y", "1", "--inputs-only"],
        ["eval", "x*y*2/3+1", "--y", "-1.2345678901234567e-30"], ["check", "x*y", "--y", "-1.234567890123456e-300"],
        ["eval", "x**9.12345678901234567*y", "--y", "1e300", "--inputs-only"],
    ],
)  # fmt: skip
def test_titles_of_columns_are_whole_at_80_columns(mgrad: Run, words: list[str], value: str) -> None:
    ran = mgrad(*words, "--x", value)
    header = ran.stdout.splitlines()[1]
    titles = [title.strip() for title in header.strip("│").split("│")]
    expected = {"eval": ["#", "node", "operation", "data", "grad"]}
    assert titles == expected.get(words[0], ["name", "gradient", "numerical", "rel. diff", "verdict"])
    assert all(len(line) <= 80 for line in ran.stdout.splitlines())


@pytest.mark.parametrize("value", ["1", "-1.2345678901234567e-300", "28939328.677188694"])
@pytest.mark.parametrize("words", [["x*y"], ["x/(x + y)"], ["(x - y)*(x + y)", "--inputs-only"]])
@pytest.mark.parametrize("y", ["1", "-2.2003914538032663e-06"])
def test_tables_with_digits_fit_80_columns(mgrad: Run, words: list[str], value: str, y: str) -> None:
    """If the numbers leave no room for the operations, their column is left out, and a line says so."""
    ran = mgrad("eval", *words, "--x", value, "--y", y, "--accuracy")
    header = ran.stdout.splitlines()[1]
    titles = [title.strip() for title in header.strip("│").split("│")]
    has_operations = "the operations do not fit; --format csv has them" not in ran.stdout
    assert titles == ["#", "node", *["operation"] * has_operations, "data", "grad", "digits"]
    assert all(len(line) <= 80 for line in ran.stdout.splitlines())


@pytest.mark.parametrize(
    ("text", "option", "titles", "want"),
    [
        ("a_variable_with_a_long_name*(x + 1)", "--certify", ["", "certified", "in doubles", "right digits"],
         {"-1.2345678901234568e-300"}),
        ("a_variable_with_a_long_name*abs(x)", "--sides", ["limit", "from the left", "from the right"],
         {"-1.2345678901234568e-300", "1.2345678901234568e-300"}),
    ],
)  # fmt: skip
def test_figures_of_other_tables_are_whole_at_80_columns(
    mgrad: Run, text: str, option: str, titles: list[str], want: set[str]
) -> None:
    """Names are truncated where the page is too narrow; figures and titles are not."""
    a = "-1.2345678901234568e-300"
    lines = mgrad("eval", text, "--a_variable_with_a_long_name", a, "--x", "0", option).stdout.splitlines()
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]
    assert titles in cells
    assert want <= {cell for line in cells[cells.index(titles) :] for cell in line}
    assert all(len(line) <= 80 for line in lines)
    assert "…" in "".join(lines)


def test_inputs_alone_cite_no_node_that_is_not_shown(mgrad: Run) -> None:
    for expression in ("(x + y)*x*y", "tanh(x*y)", "max(x*y, x, y)", "x*2", "x + y", "-x*y"):
        ran = mgrad("eval", expression, "--x", "1", *(["--y", "2"] if "y" in expression else []), "--inputs-only")
        rows = [line.split("│")[1:-1] for line in ran.stdout.splitlines() if line.startswith("│")][1:]
        shown = {row[0].strip() for row in rows}
        assert {cited for row in rows for cited in re.findall(r"#(\d+)", row[2])} <= shown
    assert "#0 + #1" in mgrad("eval", "x + y", "--x", "1", "--y", "2", "--inputs-only").stdout


PAGES = [
    Page(40, is_terminal, colors, no_color, encoding)
    for is_terminal, colors in ((False, None), (True, "standard"), (True, "256"), (True, "truecolor"))
    for no_color in (False, True)
    for encoding in ("utf-8", "ascii")
]
PLAIN = [
    "",
    "plain",
    "trailing   ",
    "  leading",
    "語" * 20,
    "語" * 21,
    "word " * 12,
    "x" * 40,
    "x" * 41,
    "a\nb",
    "a\tb",
]
LINES = [Text(line, style) for line in PLAIN for style in ("", "bold", "dim green")] + [
    Text("bold base", "bold").append(" and red", "red").append(" and base"),
    Text("a", "on #102030").append("b", "#a0b0c0").append("c  ", "dim"),
    Text().append("語", "bold magenta").append("", "red").append(Text("inner", "cyan").append("most", "bold")),
    Text("no style").append(" that there is", "no such style"),
]


def by_the_console(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let rich lay out every line."""
    monkeypatch.setattr(drawing, "fits", lambda line, width: False)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.color_system}-{page.no_color}-{page.encoding}")
def test_lines_are_drawn_as_the_console_draws_them(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = [drawing.drawn(page, line) for line in LINES]
    by_the_console(monkeypatch)
    assert drawn == [drawing.drawn(page, line) for line in LINES]
    assert any("\x1b[" in line for line in drawn) == page.is_terminal


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.color_system}-{page.no_color}-{page.encoding}")
@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a*b*(a+b)", {"a": 2, "b": 3}), ("log(x) + where(x>0, x, 1/x)", {"x": 0}), ("-+-+-x", {"x": 1}),
        ("1/größe_1 + 1/größe_2", {"größe_1": 0.3, "größe_2": 7}), ("abs(x)*max(x, 0)", {"x": 0}),
    ],
)  # fmt: skip
def test_explanations_and_trees_have_the_colours_of_the_console(
    text: str, values: dict[str, float], page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    def all_texts() -> list[str]:
        view = View(page, "a title", all_nodes=True)
        explanation = Expression(text).explain(**values)
        texts: Iterable[str | bytes] = EXPLANATION_FORMATS["text"](explanation.content(None, None), view)
        return [str(piece) for piece in (*texts, *GRAPH_FORMATS["tree"](explanation.tape, view))]

    drawn = all_texts()
    by_the_console(monkeypatch)
    assert drawn == all_texts()
    assert any("\x1b[" in piece for piece in drawn) == page.is_terminal


@pytest.mark.sampled(6)
@pytest.mark.parametrize("width", [20, 34, 50, 80, 200])
@pytest.mark.parametrize("options", [{}, {"title": "a title"}, {"title": "long " * 30}, {"inputs_only": True}], ids=str)
def test_tables_without_colours_are_drawn_as_rich_draws_them(
    width: int, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def all_texts() -> list[str]:
        found: list[str] = []
        for text, values in (
            ("a*b*(a+b)", {"a": 2, "b": 3}), ("abs(x)*max(x, 0)/0", {"x": 0}), ("größe_1 - λ/π", {"größe_1": 0.3, "λ": 7}),
            ("+".join(["x"] * 210), {"x": 1.23456789}), ("長さ*x", {"長さ": 2, "x": 1}), ("2*3", {}),
            ("a_variable_with_a_long_name**2.5*y", {"a_variable_with_a_long_name": 1e-300, "y": -1 / 3}),
        ):  # fmt: skip
            for digits in (False, True):
                expression = Expression(text)
                result = expression.evaluate(values, with_nodes=True, with_digits=digits).result
                for shown in (None, 3):
                    page = Page(width, digits=shown)
                    found += EVAL_FORMATS["table"].render([result], View(page, accuracy=digits, **options))
        return found

    drawn = all_texts()
    laid_out = 0

    def by_rich(grid: Grid, page: Page) -> None:
        nonlocal laid_out
        laid_out += 1

    monkeypatch.setattr(Grid, "drawn", by_rich)
    assert drawn == all_texts()
    assert laid_out == len(drawn)


@pytest.mark.parametrize("columns", [None, "40", "x", "132"])
@pytest.mark.parametrize("forced", [{}, {"FORCE_COLOR": "1"}, {"FORCE_COLOR": ""}, {"TTY_COMPATIBLE": "1"}], ids=str)
def test_a_page_is_what_rich_finds_out(
    columns: str | None, forced: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("COLUMNS", "FORCE_COLOR", "TTY_COMPATIBLE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**forced, **({} if columns is None else {"COLUMNS": columns})}.items():
        monkeypatch.setenv(name, value)
    stream = StringIO()
    seen = Console(file=stream)
    page = page_of(stream)
    assert (page.width, page.is_terminal, page.color_system) == (seen.width, seen.is_terminal, seen.color_system)


@pytest.mark.parametrize(
    ("words", "stdin", "note"),
    [
        (["eval", "x" + ".sin()" * 201, "--x", "1"], "", "╯\n1 node left out; --all-nodes shows them\n"),
        (["eval", "x" + ".sin()" * 202, "--x", "1", "--format", "markdown"], "", " 2 nodes left out; --all-nodes shows them "),
        (["fit", "a*x", "-", "--y", "y", "--params", "a=1"], "x,y\n", "0 rows cannot determine 1 parameter;"),
        (["fit", "a*x + b", "-", "--y", "y", "--params", "a=1,b=1"], "x,y\n1,2\n", "1 row cannot determine 2 parameters;"),
        (["fit", "a*x", "-", "--y", "y", "--params", "a=1"], "x,y\n1,2\n", "1 row, 1 fitted parameter, 0 degrees of freedom"),
        (["batch", "-"], "1\n", "1 line: 1 ok"),
        (["batch", "-"], "1\n" * 1000, "1,000 lines: 1,000 ok"),
    ],
)  # fmt: skip
def test_one_thing_is_said_in_the_singular(mgrad: Run, words: list[str], stdin: str, note: str) -> None:
    ran = mgrad(*words, stdin=stdin)
    assert note in ran.stdout + ran.stderr


@pytest.mark.parametrize("words", [["explain", "x*2", "--x", "1"], ["map", "x*2", "--x", "0:1#2", "--format", "table"]])
def test_the_page_has_room_for_a_word(mgrad: Run, words: list[str]) -> None:
    narrow, least = (mgrad(*words, env={"COLUMNS": width}).stdout for width in ("1", "20"))
    assert narrow == least
    assert max(map(len, narrow.splitlines())) > 10
