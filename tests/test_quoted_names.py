"""Names between backquotes: what they mean, that they are written as they are read, and that no output has them raw."""

import csv
import io
import json
import re
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mgrad_cli.errors import ExpressionError
from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.language.lowering import read
from mgrad_cli.language.names import is_name, name_and_value, read_name, read_names
from mgrad_cli.language.parser import parse
from mgrad_cli.language.printing import spelled_name, unparse
from mgrad_cli.language.selection import output_text
from mgrad_cli.language.syntax import Name
from mgrad_cli.library.expression import Expression
from mgrad_cli.renderers import Page, View
from mgrad_cli.renderers.explanations.rules import RULE_FORMATS
from mgrad_cli.renderers.formulas import FORMULA_FORMATS
from mgrad_cli.repl.answers import answers
from mgrad_cli.repl.commands import REPLIES
from mgrad_cli.repl.definitions import Session
from mgrad_cli.repl.entries import entries
from tests.conftest import Run

HOSTILE = [
    "</script>", "<b>&amp;", "a'b", 'a"b', "$HOME", "\\", "\\n\\N\\l", "{0}", "a}b{", "\x1b[31m", "a\u202eb", "100%s",
    "@x", " ", "a,b", "a=b", "#1", "(", ")", "*/ //", "-->", "a;b", "|", "x_1^2~", "and", "not", "sin", "d_x", "日本 é",
    "NaN", "\t", "very long " * 40, "%-d", "=1+1", "[]", "]]>", "end", "__proto__", "None", "Temp (°C)", "\u2028",
]  # fmt: skip
SUM = " + ".join(f"{index}*`{name}`" for index, name in enumerate(HOSTILE, 1))
BINDINGS = [word for index, name in enumerate(HOSTILE) for word in ("--var", f"`{name}`={index % 7 + 1}")]
POINT = {name: float(index % 7 + 1) for index, name in enumerate(HOSTILE)}
GRADS = {name: float(index) for index, name in enumerate(HOSTILE, 1)}
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202e\u2028]")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_any_text(name: str) -> None:
    result = differentiate(read(f"`{name}`**2 + 1"), {name: 3.0})
    assert (result.value, result.grads) == (10.0, {name: 6.0})
    tree = parse(f"`{name}`").statements[0].expression
    assert tree == Name(name)
    assert parse(unparse(tree)).statements[0].expression == tree
    assert differentiate(read(f"`{name}` = 2; `{name}`**2, `{name}`"), {}).parts[1].name == name
    assert differentiate(read(f"f(`{name}`) = `{name}`*2; sum(`{name}`, 1, 3, f(`{name}`))"), {}).value == 12.0


def test_a_plain_name_between_backquotes_is_that_name() -> None:
    assert parse("`x` + `pi`").statements == parse("x + pi").statements
    assert differentiate(read("`pi`*x + x"), {"x": 1.0}).value == differentiate(read("pi*x + x"), {"x": 1.0}).value
    assert [spelled_name(name) for name in ("x", "x²", "x 1", "1x", "and", "θ1", "", "a-b")] == [
        "x", "`x²`", "`x 1`", "`1x`", "`and`", "θ1", "``", "`a-b`",
    ]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(exclude_characters="`\n", exclude_categories=["Cs"]), min_size=1, max_size=8))
def test_what_is_printed_is_read_as_the_same_name(text: str) -> None:
    name = parse(f"`{text}`").statements[0].expression.name  # type: ignore[union-attr]
    assert parse(f"{spelled_name(name)} + 1").statements == parse(f"`{text}` + 1").statements
    assert read_name(f"`{name}`") == name
    assert name_and_value(f"`{name}`=1") == (name, True, "1")
    assert read_names(f"x,`{name}`") == ["x", name]


MESSAGES = [
    ("`` + 1", "unexpected character '`'; a name between backquotes is empty", 0),
    ("1 + `a", "unexpected character '`'; a name between backquotes ends in its line", 4),
    ("`a\nb`", "unexpected character '`'; a name between backquotes ends in its line", 0),
    ("2`a b`", "missing operator; write 2*`a b`", 0),
    ("`a b` c", "missing operator; write `a b`*c", 0),
    ("`a b` = 1; `a b` = 2; 1", "'a b' is assigned twice", 11),
    ("c = `a b`; `a b` = 2; c", "'a b' is used before its statement", 4),
    ("`inf` = 2; 1", "'inf' is a constant and cannot be assigned", 0),
    ("`f`(2)", "missing operator; write `f`*(...)", 0),
]


@pytest.mark.parametrize(("text", "message", "start"), MESSAGES)
def test_messages_show_the_place(text: str, message: str, start: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        read(text)
    assert caught.value.message == message
    assert caught.value.span is not None
    assert caught.value.span.start == start


def test_signs_in_a_name_mean_nothing() -> None:
    assert differentiate(read("(`(` + `#` # comment\n) + `y <- 1`"), {"(": 1, "#": 2, "y <- 1": 3}).value == 6
    assert [entry.text for entry in entries(["`(`*2", "`#1` + (", "1)  # done"])] == ["`(`*2", "`#1` + (\n1)  # done"]


def test_outputs_and_derivatives_have_quoted_names() -> None:
    expression = Expression("`u v` = `a b`*x; `u v`, x**2")
    assert expression.outputs == ("u v", "f2")
    assert output_text(expression.script, 0) == "`u v` = `a b`*x"
    assert expression.output("u v").diff("a b").text == "x"
    assert Expression("`a b`**2*`c d`").diff("a b").text == "2*`a b`*`c d`"
    assert "; ".join(Expression("`a b`**2*`c d`").derivatives().together()) == (
        "`d_a b` = 2*`a b`*`c d`; `d_c d` = `a b`**2; `d_a b`, `d_c d`"
    )


def test_latex_escapes_names() -> None:
    assert Expression("`50 % {x}_1`").latex() == r"\mathrm{50\ \%\ \{x\}\_1}"
    assert Expression("`a\\b^c~d$`").latex() == r"\mathrm{a\backslash b\wedge c\sim d\$}"


def test_json_has_the_names_as_they_are(mgrad: Run) -> None:
    record = json.loads(mgrad("eval", SUM, *BINDINGS, "--json").stdout)
    assert (record["grads"], record["vars"]) == (GRADS, POINT)
    line = json.dumps({"expr": SUM, "vars": POINT})
    assert json.loads(mgrad("batch", "-", "--json", stdin=line).stdout)["grads"] == GRADS


@pytest.mark.parametrize(
    "words",
    [
        ["eval"], ["eval", "--format", "markdown"], ["explain"], ["explain", "--markdown"], ["graph"],
        ["graph", "--dot"], ["graph", "--mermaid"], ["check"], ["taylor", "--order", "1"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_no_output_for_people_has_control_characters(words: list[str], mgrad: Run) -> None:
    verb, *options = words
    ran = mgrad(verb, SUM, *BINDINGS, *options)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert UNPRINTABLE.findall(ran.stdout) == []


@pytest.mark.parametrize("output_format", ["csv", "tsv"])
def test_delimited_text_quotes_names(output_format: str, mgrad: Run) -> None:
    ran = mgrad("batch", "-", "--format", output_format, stdin=json.dumps({"expr": SUM, "vars": POINT}))
    rows = list(csv.DictReader(io.StringIO(ran.stdout), delimiter="," if output_format == "csv" else "\t"))
    assert [float(row["grad"]) for row in rows] == list(GRADS.values())


def test_pictures_and_pages_escape_names(mgrad: Run, tmp_path: Path) -> None:
    if shutil.which("dot") is None:
        pytest.skip("dot (Graphviz) is not installed")
    page = mgrad("graph", SUM, *BINDINGS, "--html").stdout
    assert page.lower().count("</script") == page.lower().count("<script")
    assert "<b>&amp;" not in page.replace("&lt;", "")
    assert UNPRINTABLE.findall(page) == []
    picture = mgrad("graph", SUM, *BINDINGS, "--svg").stdout
    ElementTree.fromstring(picture)
    assert UNPRINTABLE.findall(picture) == []


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_columns_have_the_names_as_they_are(suffix: str, mgrad: Run, tmp_path: Path) -> None:
    names = [name for name in HOSTILE if name.strip() and not UNPRINTABLE.search(name) and name != "d_x"]
    data, result = tmp_path / f"data.{suffix}", tmp_path / f"result.{suffix}"
    if suffix == "csv":
        with data.open("w", newline="") as file:
            csv.writer(file).writerows([names, [POINT[name] for name in names]])
    else:
        data.write_text(json.dumps({name: POINT[name] for name in names}) + "\n")
    formula = " + ".join(f"{GRADS[name]:g}*`{name}`" for name in names)
    ran = mgrad("map", formula, str(data), "-o", str(result))
    assert ran.returncode == 0, ran.stderr
    text = result.read_text()
    rows: list[dict[str, Any]] = (
        list(csv.DictReader(io.StringIO(text))) if suffix == "csv" else [json.loads(line) for line in text.splitlines()]
    )
    (row,) = rows
    for name in names:
        assert float(row[f"d_{name}"]) == GRADS[name]


def test_options_take_quoted_names(mgrad: Run, tmp_path: Path) -> None:
    formula = "(`a, b` - 1)**2 + (`c=d` - 2)**2"
    bound = ["--var", "`a, b`=3", "--var", "`c=d`=4"]
    assert json.loads(mgrad("eval", formula, *bound, "--wrt", "`a, b`", "--json").stdout)["grads"] == {"a, b": 4.0}
    assert mgrad("diff", formula, "--wrt", "`c=d`").stdout == "2*(`c=d` - 2)\n"
    root = mgrad("solve", "`a, b`**2 == 4", "--for", "`a, b`=1", "--json")
    assert json.loads(root.stdout)["root"] == {"a, b": 2.0}
    rows = tmp_path / "rows.csv"
    rows.write_text("p\n4\n")
    solved = mgrad("map", "`a, b`**2 - p", str(rows), "--solve", "`a, b`=1", "--json")
    assert json.loads(solved.stdout) == {"p": 4, "a, b": 2.0, "d_a, b_p": 0.25}
    least = mgrad("minimize", formula, *bound, "--json")
    assert least.returncode == 0, least.stderr
    ran = mgrad("eval", "`a b`*2")
    assert ran.stderr.startswith("error: missing value for 'a b'; bind it with --var 'a b=VALUE'\n")
    assert mgrad("eval", "x", "--var", "`=1").stderr.startswith("error: '`' is not a valid variable name")


def test_the_prompt_has_quoted_names() -> None:
    session = Session()

    def said(*typed: str) -> str:
        return "".join(answer.text for entry in typed for answer in answers(session, REPLIES, entry, Page))

    assert (
        said("`Temp (°C)` = 20", "k = `Temp (°C)` + 273.15") == "`Temp (°C)` = 20\nk = `Temp (°C)` + 273.15 = 293.15\n"
    )
    assert said(":vars") == "`Temp (°C)` = 20\nk = `Temp (°C)` + 273.15\n"
    assert said(":set `Temp (°C)` = 2*`Temp (°C)`") == "`Temp (°C)` = 40\n"
    assert said(":del `Temp (°C)`", ":vars") == "k = `Temp (°C)` + 273.15\n"


def test_what_no_formula_can_spell_is_no_name() -> None:
    assert [is_name(text) for text in ("x", "a b", "", "a`b", "a\nb")] == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("text", "pair", "message"),
    [
        ("`<b c=d>`*2", "<b c=d>=3", "no variable '<b c' in the expression; bind '<b c=d>' with --var '`<b c=d>`=3'"),
        ("`a=b`*2", "a=b=3", "no variable 'a' in the expression; bind 'a=b' with --var '`a=b`=3'"),
        ("`a=b`*2 + a", "a=b=3", "the value of 'a', 'b=3', is not a number; bind 'a=b' with --var '`a=b`=3'"),
        ("`a=`*2 + `a=b=`", "a=b==-1", "no variable 'a' in the expression; bind 'a=b=' with --var '`a=b=`=-1'"),
        ("`a=b`*2", "", "missing value for 'a=b'; bind it with --var '`a=b`=VALUE'"),
    ],
)
def test_a_name_with_an_equals_sign_is_suggested_between_backquotes(
    mgrad: Run, text: str, pair: str, message: str
) -> None:
    found = mgrad("eval", text, *(["--var", pair] if pair else []))
    assert (found.returncode, found.stderr.splitlines()[0]) == (2, f"error: {message}")
    written = message.rpartition("--var ")[2].replace("VALUE", "3").strip("'")
    assert mgrad("eval", text, "--var", written, *rest(text, written)).returncode == 0


def rest(text: str, written: str) -> list[str]:
    """Return bindings for the other variables of a text."""
    bound = name_and_value(written)[0]
    return [word for name in read(text).names if name != bound for word in ("--var", f"`{name}`=1")]


UNSEEN = 'a"</script>\\ \u202e\u200f\x1b[31m$(x)'


def test_a_derivative_on_a_terminal_has_no_character_that_controls_it() -> None:
    formulas = Expression(f"`{UNSEEN}`**3*y").derivatives()
    for render in FORMULA_FORMATS.values():
        text = "".join(render(formulas, View(Page(is_terminal=True))))
        assert text.replace("\n", "").isprintable()
    assert UNSEEN in "".join(FORMULA_FORMATS["text"](formulas, View()))


@pytest.mark.parametrize("language", ["python", "numpy", "c", "js", "latex"])
def test_code_has_no_character_that_does_not_show(language: str) -> None:
    code = Expression(f"`{UNSEEN}`**3*y").code(language, order=2)
    assert code.replace("\n", "").isprintable()
    if language == "python":
        scope: dict[str, Any] = {}
        exec(code, scope)
        assert list(scope["f"](2.0, 3.0)[1]) == [UNSEEN, "y"]


def test_rules_in_markdown_have_no_character_that_does_not_show() -> None:
    steps = Expression(f"`{UNSEEN}`**3*y").rule_steps(UNSEEN)
    text = "".join(RULE_FORMATS["markdown"](steps, View()))
    assert text.replace("\n", "").isprintable()
    assert "</script>" not in re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)


def test_an_output_and_a_variable_are_chosen_by_their_quoted_names(mgrad: Run) -> None:
    words = ["`a, b` = x*`c d`; x, `a, b`", "--var", "c d=2", "--x", "3"]
    assert "a, b" in mgrad("explain", *words, "--of", "`a, b`").stdout
    found = mgrad("explain", "x*`c d`**2", *words[1:], "--order", "2", "--wrt", "`c d`")
    assert (found.returncode, found.stderr) == (0, "")
