"""`mgrad plot`: the numbers behind it, and what a user sees in the terminal and in pictures."""

import io
import json
import math
import os
import pty
import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy
import pytest

from mgrad_cli.data.ranges import Range
from mgrad_cli.errors import BindingError
from mgrad_cli.language.lowering import read
from mgrad_cli.plotting import Field, Function, Lines, function_of, levels, sampled_field, sampled_lines, ticks
from mgrad_cli.plotting.breaks import MAX_OPERATIONS, split_at_breaks
from mgrad_cli.renderers import Page, View
from mgrad_cli.renderers.plots.plot import PLOT_FORMATS, curve_name, headings, tick_labels
from tests.conftest import Run, environment

pytest.importorskip("plotext", reason="extra `plot`")
pytest.importorskip("matplotlib", reason="extra `plot`")

SVG = "{http://www.w3.org/2000/svg}"


def over(start: float, stop: float, count: int = 1001) -> Range:
    return Range(start, stop - start, count, count - 1.0, last=stop)


def lines_of(text: str, start: float, stop: float, order: int = 1, values: dict[str, float] | None = None) -> Lines:
    return sampled_lines(function_of(read(text), ["x"], values or {}, order), over(start, stop))


def field_of(text: str, first: tuple[float, float], second: tuple[float, float]) -> Field:
    function = function_of(read(text), ["x", "y"], {})
    return sampled_field(function, over(*first, count=41), over(*second, count=31))


def pieces(lines: Lines, order: int = 0) -> int:
    return sum(1 for _ in lines.curves[order].pieces())


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def on_terminal(*words: str, **env: str) -> str:
    """What a terminal gets."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ["mgrad", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(**{"TERM": "xterm-256color", "COLUMNS": "80"} | env),
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            piece = os.read(ours, 1 << 16)
        except OSError:  # how Linux says that the other side has closed
            break
        if not piece:
            break
        said += piece
    os.close(ours)
    assert process.wait(60) == 0, said
    return said.decode()


def test_sampled_numbers_are_those_of_eval(mgrad: Run) -> None:
    lines = sampled_lines(function_of(read("sin(a*x)*exp(-x)"), ["x"], {"a": 2.0}), over(0.0, 3.0, 7))
    for place, value, slope in zip(lines.curves[0].places, lines.curves[0].values, lines.curves[1].values, strict=True):
        record = json.loads(mgrad("eval", "sin(a*x)*exp(-x)", "--a", "2", "--x", repr(float(place)), "--json").stdout)
        assert (value, slope) == pytest.approx((record["value"], record["grads"]["x"]), rel=1e-14)


def test_second_derivatives_and_fields_are_exact() -> None:
    lines = lines_of("x**3", -1.0, 2.0, order=2)
    assert lines.curves[2].values == pytest.approx(6 * lines.curves[2].places)
    field = field_of("x**2*y", (-1.0, 1.0), (0.0, 3.0))
    x, y = numpy.meshgrid(field.across, field.upward)
    assert field.values == pytest.approx(x**2 * y)
    assert field.partials[0] == pytest.approx(2 * x * y)
    assert field.partials[1] == pytest.approx(x**2)


@pytest.mark.parametrize(
    ("text", "start", "stop", "count"),
    [
        ("sin(x)", 0, 10, 1),
        ("1/x", -3, 3, 2),
        ("1/(x - 0.01234)", -3, 3, 2),
        ("tan(x)", -5, 5, 5),
        ("floor(x)", -2.5, 2.5, 6),
        ("sign(x - 0.1)", -1, 1, 2),
        ("tanh(100000*(x - 0.01234))", -1, 1, 1),
        ("cbrt(x - 0.01234)", -1, 1, 1),
        ("exp(x*x)", -10, 10, 1),
        ("exp(x)", 0, 1000, 1),
        ("1e12 + floor(x)*1e10", 0, 2.5, 3),
        ("sqrt(x*x - 1)", -2, 2, 2),
        ("sqrt(-x*x)", -1, 1, 1),
    ],
)
def test_a_curve_is_in_as_many_pieces_as_it_has(text: str, start: float, stop: float, count: int) -> None:
    assert pieces(lines_of(text, start, stop)) == count


def test_a_piece_reaches_the_end_of_the_domain_and_the_edge_of_a_step() -> None:
    (places, values), *_ = lines_of("sqrt(x - 0.01234)", -1.0, 1.0).curves[0].pieces()
    assert places[0] == pytest.approx(0.01234, abs=1e-12)
    assert values[0] == pytest.approx(0.0, abs=1e-6)
    (before, _), (after, _) = lines_of("sign(x - 0.1234)", -1.0, 1.0).curves[0].pieces()
    assert before[-1] == pytest.approx(0.1234, abs=1e-12) == after[0]


@pytest.mark.parametrize(("text", "most"), [("1/x", 10), ("1/(x - 0.01234)**2", 60), ("tan(3*x)", 60), ("log(x)", 10)])
def test_a_pole_does_not_flatten_the_rest(text: str, most: float) -> None:
    low, high = lines_of(text, -3.0, 3.0).upward or (math.inf, math.inf)
    assert high - low < most


def test_a_curve_without_a_pole_is_shown_whole() -> None:
    low, high = lines_of("exp(x)", 0.0, 10.0).upward or (0.0, 0.0)
    assert low < 1 < math.exp(10) < high


def test_a_derivative_is_not_drawn_where_the_function_is_no_number() -> None:
    curve = lines_of("log(x)", -1.0, 1.0).curves[1]
    assert curve.places[numpy.isfinite(curve.values)].min() >= 0


def test_arrows_point_up_the_slope_at_a_right_angle_to_the_contours() -> None:
    field = field_of("3*x + 4*y", (-1.0, 1.0), (-1.0, 1.0))
    arrow = field.arrows(4, 4, 1.0)[0]
    assert (arrow.right, arrow.up) == pytest.approx((0.6, 0.8))
    assert field.arrows(4, 4, 0.5)[0].up > 0.8
    assert field_of("0*x + 0*y + 1", (-1.0, 1.0), (-1.0, 1.0)).arrows(4, 4, 1.0) == []


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-3, 3), (0.1, 0.7), (1e9, 1e9 + 3), (-1e300, 1e300), (0, 1e-280)])
def test_ticks_are_round_and_not_too_many(low: float, high: float) -> None:
    found = ticks(low, high, 6)
    assert 2 <= len(found) <= 6
    assert all(low <= tick <= high for tick in found)
    assert len(set(tick_labels(found))) == len(found)
    assert all(low < level < high for level in levels(low, high, 6))


def test_the_terminal_plot_says_what_it_shows(mgrad: Run) -> None:
    ran = mgrad("plot", "sin(k*x)", "--x", "-3:3", "--k", "2")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "\x1b" not in ran.stdout
    first, values, legend, *frame, axis = ran.stdout.splitlines()
    assert (first, values, axis.strip()) == ("sin(k*x)", "k = 2", "x")
    assert legend.split() == ["⠤⠤⠤", "f", "•••", "df/dx"]
    assert "•" in "".join(frame)
    assert re.search("[⠁-⣿]", "".join(frame))
    assert frame[-1].split() == ["-3", "-2", "-1", "0", "1", "2", "3"]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("columns", [40, 80, 120, 300])
@pytest.mark.parametrize("words", [("sin(x)", "--x", "0:10"), ("x*y", "--x", "0:1", "--y", "-1:2")])
def test_a_plot_keeps_to_the_width_of_the_page(mgrad: Run, words: tuple[str, ...], columns: int) -> None:
    widths = [len(line) for line in mgrad("plot", *words, env={"COLUMNS": str(columns)}).stdout.splitlines()]
    assert min(columns, 160) - 2 <= max(widths) <= columns


def test_colour_is_for_terminals_that_have_it() -> None:
    assert "\x1b[3" in on_terminal("plot", "sin(x)", "--x", "0:10")
    assert "\x1b[" in on_terminal("plot", "x*y", "--x", "0:1", "--y", "0:1")
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b" not in on_terminal("plot", "sin(x)", "--x", "0:10", **env)
        assert "\x1b" not in on_terminal("plot", "x*y", "--x", "0:1", "--y", "0:1", **env)


def test_an_ascii_terminal_gets_ascii(mgrad: Run) -> None:
    for words in (["θ**2", "--θ", "-1:1", "--order", "2"], ["x*y", "--x", "-1:1", "--y", "-1:1"]):
        ran = mgrad("plot", *words, env={"PYTHONIOENCODING": "ascii"})
        assert (ran.returncode, ran.stdout.isascii(), ran.stderr) == (0, True, "")
    assert "*** f  +++ df/d" in mgrad("plot", "x", "--x", "0:1", env={"PYTHONIOENCODING": "ascii"}).stdout


def test_two_ranges_are_shades_with_arrows(mgrad: Run) -> None:
    ran = mgrad("plot", "E = x**2 + y**2 + a", "--x", "-2:2", "--y", "-1:1", "--a", "3")
    title, values, scale, *rows = ran.stdout.splitlines()
    assert (title, values, scale.split()[0]) == ("E = x**2 + y**2 + a", "a = 3", "E")
    assert {"·", "█", "←", "→", "↑", "↓"} <= set("".join(rows))
    assert (rows[0].strip(), rows[-1].strip()) == ("y", "x")


def test_the_other_forms_of_a_range(mgrad: Run) -> None:
    for text in ("0:2*pi", "pi:-pi", "0:1:0.1", "0:1#2", "1:0#5"):
        assert mgrad("plot", "sin(x)", "--x", text).returncode == 0, text
    assert mgrad("plot", "e**2", "--e", "0:1").stdout.splitlines()[1].split()[-1] == "df/de"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a*x"], "no variable has a range; give one, as in --a -3:3"),
        (["title*x", "--x", "1"], "no variable has a range; give one, as in --var title=-3:3"),
        (["1 + 1"], "the expression has no variable to plot over"),
        (["x*y*z", "--x", "0:1", "--y", "0:1", "--z", "0:1"], "x, y, z have ranges; a plot takes one or two"),
        (["a*x", "--x", "0:1"], "missing value for 'a'; bind it with --a VALUE"),
        (["alpha*x", "--x", "0:1", "--alhpa", "1"], "no variable 'alhpa' in the expression; did you mean 'alpha'?"),
        (["x", "--x", "0:1", "--q", "0:1"], "no option or variable '--q'; the variable is x"),
        (["c = a*2; c*x", "--x", "0:1", "--c", "0:1"], "c is computed; bind a, x"),
        (["x", "--x", "1:1"], "'1:1', for x, is a single value; a plot needs different start and stop values"),
        (["x", "--x", "0:1#1"], "'0:1#1', for x, is a single value; a plot needs different start and stop values"),
        (["x", "--x", "0:"], "'0:', for x, is not a range: write start:stop, start:stop:step or start:stop#count"),
        (["x", "--x", "0:inf"], "'0:inf', for x, is not a range: its bounds must be finite"),
        (["x", "--x", "0:b"], "the value of 'x', 'b', is not a number: 'b' is not a constant, and a value cannot contain variables"),
        (["x", "--x", "0:1:0.1", "--samples", "5"], "--samples applies only to ranges without a step or count, as start:stop"),
        (["x", "--x", "0:1", "--samples", "2000000"], "2,000,000 samples are too many; this plot takes at most 100,000"),
        (["x*y", "--x", "0:1", "--y", "0:1", "--order", "2"], "--order 2 requires a single range; two ranges show the gradient"),
        (["x", "--x", "0:1", "--png", "--svg"], "--png and --svg cannot be combined"),
        (["x", "--x", "0:1", "--png", "-o", "a.svg"], "--png conflicts with the output name 'a.svg'"),
        (["x", "--x", "0:1", "-o", "a.txt"], "cannot tell the format from the output name 'a.txt'; end it in .png or .svg"),
    ],
)  # fmt: skip
def test_what_is_no_plot_is_one_sentence(mgrad: Run, words: list[str], message: str, tmp_path: Path) -> None:
    ran = mgrad("plot", *words, cwd=tmp_path)
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", f"error: {message}\n")
    assert not list(tmp_path.iterdir())


def test_nothing_finite_is_said_and_leaves_the_old_file(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "old.svg").write_text("old")
    ran = mgrad("plot", "log(x)", "--x", "-3:-1", "-o", "old.svg", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith(
        "error: nothing to draw: no value is finite over the range of x\nwarning: log(x) is nan"
    )
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]
    assert mgrad("plot", "sqrt(-x-y)", "--x", "1:2", "--y", "1:2").returncode == 1


def test_a_single_finite_point_is_drawn(mgrad: Run) -> None:
    assert re.search("[⠁-⣿]", mgrad("plot", "sqrt(-x*x)", "--x", "-1:1").stdout.partition("┌")[2])
    assert mgrad("plot", "sqrt(-x*x)", "--x", "-1:1", "--svg").returncode == 0


def test_a_png_is_a_picture(mgrad: Run, tmp_path: Path) -> None:
    from matplotlib.image import imread

    for name, words in {
        "curve.png": ["sin(x)", "--x", "0:10"],
        "field.PNG": ["x*y", "--x", "0:1", "--y", "0:1"],
    }.items():
        ran = mgrad("plot", *words, "-o", name, cwd=tmp_path)
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
        picture = imread(io.BytesIO((tmp_path / name).read_bytes()), format="png")
        assert min(picture.shape[:2]) > 500
        assert picture.std() > 0.05
    assert len(list(tmp_path.iterdir())) == 2


def test_an_svg_has_labels_legend_and_title(mgrad: Run) -> None:
    words = ["plot", "E = m*c**2", "--m", "2.5", "--c", "-1:1", "--order", "2", "--svg"]
    ran = mgrad(*words)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert {"E = m*c**2", "m = 2.5", "c", "E", "dE/dc", "d²E/dc²"} <= set(texts(ran.stdout))
    assert mgrad(*words).stdout == ran.stdout
    assert {"x", "y", "f", "x*y"} <= set(texts(mgrad("plot", "x*y", "--x", "0:1", "--y", "0:1", "--svg").stdout))


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    "title",
    [
        "<script>alert(1)</script>&amp;",
        "$x_$ $\\frac{1}{$",
        "[bold red]x[/] :smile:",
        "a\x1b[31mb\x07\u202ec",
        "\ufffe\uffff",
        "变量 " * 40,
        "x" * 10_000,
        "",
    ],
)
def test_a_hostile_title_is_only_text(mgrad: Run, title: str) -> None:
    text = mgrad("plot", "x", "--x", "0:1", "--title", title)
    picture = mgrad("plot", "x", "--x", "0:1", "--svg", "--title", title)
    assert (text.returncode, picture.returncode, text.stderr, picture.stderr) == (0, 0, "", "")
    assert not {"\x1b", "\x07", "\u202e"} & set(text.stdout + picture.stdout)
    assert all(len(line) <= 80 for line in text.stdout.splitlines())
    assert "<script" not in picture.stdout
    if title.startswith(("<", "$", "[")):
        assert text.stdout.startswith(f"{title}\n")
        assert title in texts(picture.stdout)
    if title.startswith("xx"):
        assert text.stdout.split("\n")[0] == "x" * 79 + "…"


def test_long_formulas_and_many_values_are_cut_to_a_few_lines() -> None:
    names = {f"a{i}": i / 3 for i in range(100)}
    function = function_of(read("+".join(["x", *names])), ["x"], names)
    lines = headings(function, "+".join(names), 80)
    assert len(lines) == 4
    assert all(len(line) <= 80 for line in lines)
    assert lines[0].endswith("…")
    assert lines[-1].endswith("…")


def test_the_function_has_a_name_that_no_variable_has() -> None:
    def name(text: str) -> str:
        return curve_name(function_of(read(text), ["x"], {"f": 1.0} if "f" in text else {}), 1)

    assert [name("x"), name("f*x"), name("E = x")] == ["df/dx", "dg/dx", "dE/dx"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "start", "stop"),
    [("x", -1e300, 1e300), ("x", 0.0, 1e-300), ("exp(x)", 0.0, 1000.0), ("x*1e-320", 0.0, 1.0), ("x", 1.0, 1 + 1e-15),
     ("tan(1000*x)", -3.0, 3.0), ("0*x + 5", 0.0, 1.0), ("变量*x", 0.0, 1.0), ("where(x > 0, inf, 1)", -1.0, 1.0)],
)  # fmt: skip
@pytest.mark.parametrize("form", list(PLOT_FORMATS))
def test_what_is_extreme_is_drawn_without_a_warning(text: str, start: float, stop: float, form: str) -> None:
    values = {"变量": 2.0} if "变量" in text else {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lines = lines_of(text, start, stop, values=values)
        assert "".join(map(str, PLOT_FORMATS[form](lines, View(Page(), text))))


@pytest.mark.sampled(3)
@pytest.mark.parametrize("text", ["1/(x*y)", "exp(1000*x*y)", "floor(x)+y", "0*x+0*y", "log(x)+sqrt(y)", "x/y*1e308"])
@pytest.mark.parametrize("form", list(PLOT_FORMATS))
def test_extreme_fields_are_drawn_without_a_warning(text: str, form: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        field = field_of(text, (-1.0, 1.0), (-1.0, 2.0))
        assert "".join(map(str, PLOT_FORMATS[form](field, View(Page(), text))))


def test_a_picture_is_not_for_a_terminal() -> None:
    ours, theirs = pty.openpty()
    ran = subprocess.run(
        ["mgrad", "plot", "x", "--x", "0:1", "--png"],
        stdout=theirs,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    os.close(theirs)
    os.close(ours)
    assert (ran.returncode, ran.stderr) == (
        2,
        "error: PNG cannot be shown in a terminal; write it to a file with --output\n",
    )


def test_a_file_that_cannot_be_written_is_an_error(mgrad: Run, tmp_path: Path) -> None:
    ran = mgrad("plot", "x", "--x", "0:1", "-o", str(tmp_path / "none" / "a.png"))
    assert (ran.returncode, ran.stderr.count("\n")) == (5, 1)
    (tmp_path / "f.svg").write_text("x**2")
    ran = mgrad("plot", "--file", "f.svg", "--x", "0:1", "-o", "f.svg", cwd=tmp_path)
    assert (ran.returncode, (tmp_path / "f.svg").read_text()) == (2, "x**2")


def test_the_expression_may_come_from_standard_input_or_a_file(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "f.mg").write_text("a = 2\na*x\n")
    shown = mgrad("plot", "--file", "f.mg", "--x", "0:1", cwd=tmp_path).stdout
    assert shown == mgrad("plot", "-", "--x", "0:1", stdin="a = 2\na*x\n").stdout
    assert shown.startswith("a = 2; a*x\na = 2\n")


@pytest.mark.parametrize(("library", "words"), [("plotext", []), ("matplotlib", ["--svg"])])
def test_a_missing_library_is_named_with_its_extra(library: str, words: list[str]) -> None:
    script = (
        f"import sys; sys.modules[{library!r}] = None; from mgrad_cli.cli.main import run; sys.exit(run(sys.argv[1:]))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, "plot", "x", "--x", "0:1", *words], capture_output=True, text=True
    )
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
    assert ran.stderr.endswith(
        f" needs {library}: pip install 'mgrad-cli[plot]' (in a checkout: pip install '.[plot]')\n"
    )


@pytest.mark.slow
def test_the_examples_of_help_run(mgrad: Run, tmp_path: Path) -> None:
    text = mgrad("plot", "--help").stdout.partition("Examples:\n")[2]
    commands = [line.strip() for line in text.splitlines() if line.strip().startswith("mgrad ")]
    assert len(commands) >= 3
    for command in commands:
        ran = subprocess.run(["bash", "-c", command], capture_output=True, cwd=tmp_path, env=environment())
        assert (ran.returncode, ran.stderr) == (0, b""), command
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cosine.svg", "hyperbola.png", "saddle.svg"]


def test_a_variable_without_a_value_is_an_error_of_the_library() -> None:
    with pytest.raises(BindingError, match="missing value for 'a'"):
        function_of(read("a*x"), ["x"], {})
    assert isinstance(function_of(read("a = 2; a*x"), ["x"], {}), Function)


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ("0:1e308", "is too wide to plot"),
        ("1:1.0000000000000002", "is too narrow to plot"),
        ("1e16:10000000000000004", "is too narrow to plot"),
    ],
)
def test_ranges_that_no_axis_can_show_are_refused(mgrad: Run, bounds: str, message: str) -> None:
    ran = mgrad("plot", "x", "--x", bounds)
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert message in ran.stderr


def test_a_field_next_to_nothing_is_level(mgrad: Run) -> None:
    ran = mgrad("plot", "x*y*1e-320", "--x", "-1:1", "--y", "-1:1", "--svg")
    assert (ran.returncode, "error" in ran.stderr) == (0, False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "is_drawn_alone"),
    [("**".join(["x"] * 10000), True), ("x" + ".sin()" * 10000, True), ("x" + ".gelu()" * 3000, False)],
)
def test_a_formula_that_is_too_long_to_plot_is_told(
    mgrad: Run, tmp_path: Path, text: str, is_drawn_alone: bool
) -> None:
    path = tmp_path / "long.mg"
    path.write_text(text)
    ran = mgrad("plot", "--file", str(path), "--x", "0:1")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "operations are too many to plot" in ran.stderr
    assert ("--order 0" in ran.stderr) == is_drawn_alone


@pytest.mark.parametrize("operations", [0, 1, 1000, 25_000])
def test_a_long_formula_is_evaluated_fewer_times_and_its_breaks_are_found(operations: int) -> None:
    evaluations = []

    def reciprocal(places: Any) -> Any:
        evaluations.append(len(places))
        return 1 / places

    places = numpy.linspace(-1.0, 1.0, 40)
    at, values, has_pole = split_at_breaks(reciprocal, places, reciprocal(places), 0.8, operations)
    assert has_pole
    (gap,) = numpy.flatnonzero(numpy.isnan(values))
    assert at[gap - 1] < 0 < at[gap + 1]
    assert len(evaluations) * operations <= 4 * MAX_OPERATIONS
