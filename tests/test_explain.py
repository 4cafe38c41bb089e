"""`explain`, and the tape that explanations, pictures and pages are read from."""

import json
import math
import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.evaluation.tape import Tape, check_gradients, record
from mgrad_cli.language.lowering import read
from mgrad_cli.operations import TABLE, Operation, call_name
from mgrad_cli.renderers import Page, View
from mgrad_cli.renderers.explanations.steps import EXPLANATION_FORMATS, ExplanationContent
from mgrad_cli.renderers.page.instructions import Instructions, instructions
from tests.conftest import Run
from tests.test_eval import check_hostile, hostile_cases
from tests.test_operations import ROWS, SAMPLES, named, with_scipy
from tests.test_properties import KINKED, POINTS, QUIET, SMOOTH, magnitude, programs

BLACK_SCHOLES = [
    "--file",
    "examples/black_scholes.mg",
    "--S",
    "100",
    "--K",
    "105",
    "--r",
    "0.03",
    "--vol",
    "0.2",
    "--days",
    "180",
]


def tape(text: str, **bindings: float) -> Tape:
    return record(read(text), bindings)


def test_the_explanation_of_a_product_with_shared_operands(mgrad: Run) -> None:
    ran = mgrad("explain", "a*b*(a+b)", "--a", "2", "--b", "3")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == (
        "Forward, each node is computed from its operands. Backward, from the output on,\n"
        "a node adds to each operand's gradient its own gradient * the local derivative.\n"
        "\n"
        "forward pass\n"
        "  a  = 2\n"
        "  b  = 3\n"
        "  v1 = a*b   = 2*3 = 6\n"
        "  v2 = a + b = 2 + 3 = 5\n"
        "  L  = v1*v2 = 6*5 = 30\n"
        "\n"
        "backward pass\n"
        "     dL/dL = 1   the output\n"
        "   1 L = v1*v2                          dL/dL = 1\n"
        "       dL/dv1 += dL/dL * v2 = 1 * 5 = 5\n"
        "       dL/dv2 += dL/dL * v1 = 1 * 6 = 6\n"
        "   2 v1 = a*b                           dL/dv1 = 5\n"
        "       dL/da += dL/dv1 * b = 5 * 3 = 15\n"
        "       dL/db += dL/dv1 * a = 5 * 2 = 10\n"
        "   3 v2 = a + b                         dL/dv2 = 6\n"
        "       dL/da += dL/dv2 * 1 = 6 * 1 = 6   dL/da = 15 + 6 = 21\n"
        "       dL/db += dL/dv2 * 1 = 6 * 1 = 6   dL/db = 10 + 6 = 16\n"
        "\n"
        "result\n"
        "  L = 30\n"
        "  dL/da = 21   numerically 21   pass\n"
        "  dL/db = 16   numerically 16   pass\n"
    )


def test_one_step(mgrad: Run) -> None:
    ran = mgrad("explain", "a*b*(a+b)", "--a", "2", "--b", "3", "--step", "2")
    assert "dL/da += dL/dv1 * b = 5 * 3 = 15" in ran.stdout
    assert "forward pass" not in ran.stdout
    assert "v2" not in ran.stdout
    ran = mgrad("explain", "a*b*(a+b)", "--a", "2", "--b", "3", "--step", "4")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "error: there is no step 4; the backward pass has 3 steps\n"


def test_markdown_has_the_same_figures(mgrad: Run) -> None:
    ran = mgrad("explain", "a*b*(a+b)", "--a", "2", "--b", "3", "--markdown")
    assert ran.stdout.startswith("# Gradient of `a*b*(a+b)`\n")
    assert "| `v1` | `a*b` | `2*3` | `6` |" in ran.stdout
    assert "so that `dL/da = 15 + 6 = 21`" in ran.stdout
    assert "| `dL/db` | 16 | 16 | pass |" in ran.stdout


def test_text_of_the_user_means_nothing_to_markdown(mgrad: Run) -> None:
    title = "<script>alert(1)</script> [x](y) | *b* `c` \x1b[31m"
    ran = mgrad("explain", "a", "--a", "1", "--markdown", "--title", title)
    heading = ran.stdout.splitlines()[0]
    assert "\\<script\\>" in heading
    assert "\\[x\\]\\(y\\)" in heading
    assert "\x1b" not in ran.stdout


def test_json_has_every_figure(mgrad: Run) -> None:
    ran = mgrad("explain", "(x*x+2).tanh()", "--x", "1.5", "--json")
    explanation = json.loads(ran.stdout)
    assert explanation["value"] == 0.9995931460438896
    assert explanation["grads"] == {"x": 0.0024406271462376703}
    assert [node["formula"] for node in explanation["nodes"]] == ["", "x*x", "", "v1 + 2", "tanh(v2)"]
    (step,) = (step for step in explanation["steps"] if step["node"] == explanation["output"])
    assert step["adds"][0]["formula"] == "sech(v2)**2"
    assert explanation["checks"][0]["verdict"] == "pass"


def test_numbers_that_are_not_finite_are_null_with_their_place(mgrad: Run) -> None:
    ran = mgrad("explain", "log(x)", "--x", "0", "--json")
    explanation = json.loads(ran.stdout)
    assert (explanation["value"], explanation["grads"]["x"]) == (None, None)
    assert explanation["nonfinite"]["/value"] == "-inf"
    assert explanation["nonfinite"]["/steps/0/adds/0/slope"] == "inf"
    assert "log of zero" in ran.stderr


def test_equal_subexpressions_are_one_node_and_statements_for_it_are_named() -> None:
    recorded = tape("p = x*x; q = x*x; p*q", x=3.0)
    assert [node.name for node in recorded.nodes] == ["x", "p", "L"]
    assert recorded.nodes[1].also == ("q",)
    assert recorded.nodes[0].grad == 108.0


def test_short_names_avoid_those_of_the_text() -> None:
    recorded = tape("v1*L + v1*v2*f", v1=1.0, L=2.0, v2=3.0, f=4.0)
    made = [node.name for node in recorded.nodes if node.formula]
    assert made == ["t1", "t2", "t3", "y"]
    assert [node.name for node in tape("E = m*c**2", m=1.0, c=2.0).nodes][-1] == "E"


def test_a_name_of_ten_thousand_letters_goes_by_a_short_one(mgrad: Run) -> None:
    name = "n" * 10_000
    ran = mgrad("explain", f"{name}*2", "--var", f"{name}=3")
    assert ran.returncode == 0
    assert max(map(len, ran.stdout.splitlines())) <= 80
    assert "v1*2" in ran.stdout


def test_the_branch_not_taken_is_said_to_receive_nothing(mgrad: Run) -> None:
    ran = mgrad("explain", "where(x > 0, log(x), x**2)", "--x", "-1")
    assert "+= nothing: the branch not taken" in ran.stdout
    assert "+= nothing: it only chooses" in ran.stdout
    assert "dL/dx = 2" not in ran.stdout
    assert re.search(r"dL/dx = -2 +numerically -2 +pass", ran.stdout)


@pytest.mark.parametrize("columns", ["80", "120"])
@pytest.mark.parametrize(
    "words",
    [
        BLACK_SCHOLES,
        ["h = tanh(w*x + b); (h - y)**2", "--w", "0.512345", "--x", "1.2", "--b", "0.1", "--y", "-1"],
        [
            "+".join(f"sin({name}*1.234567)" for name in "abcdefgh"),
            *(word for name in "abcdefgh" for word in (f"--{name}", "0.123456789")),
        ],
    ],
    ids=["black-scholes", "neuron", "sum"],
)
def test_no_line_is_wider_than_the_page(mgrad: Run, words: list[str], columns: str) -> None:
    ran = mgrad("explain", *words, env={"COLUMNS": columns}, cwd=Path(__file__).parent.parent)
    assert ran.returncode == 0
    assert max(map(len, ran.stdout.splitlines())) <= int(columns)
    assert "…" not in ran.stdout


def test_many_nodes_are_cut_in_the_middle_and_said_to_be(mgrad: Run) -> None:
    text = "x" + ".sin()" * 10_000
    ran = mgrad("explain", "-", "--x", "1", stdin=text)
    assert ran.returncode == 0
    assert "9,901 left out; --all-nodes shows them" in ran.stdout
    assert len(ran.stdout.splitlines()) < 400
    assert "not checked numerically" in ran.stdout or "numerically" in ran.stdout
    whole = mgrad("explain", "-", "--x", "1", "--all-nodes", stdin=text)
    assert len(whole.stdout.splitlines()) > 20_000


@pytest.mark.parametrize("case", hostile_cases({"explain"}))
def test_hostile_input(mgrad: Run, case: dict[str, Any], tmp_path: Path) -> None:
    check_hostile(mgrad, case, tmp_path)


def run(code: Instructions, inputs: dict[str, float]) -> list[float]:
    """Every register of instructions, run on floats."""
    registers = [*(inputs[name] for name in code.inputs), *code.constants]
    for name, operands in code.code:
        registers.append(TABLE[name][0].evaluate(*[registers[index] for index in operands]))
    return registers


def agree(a: float | None, b: float, scale: float) -> bool:
    a = 0.0 if a is None else a
    return a == b or (a != a and b != b) or abs(a - b) <= 1e-12 * max(abs(a), abs(b), scale)


@settings(QUIET, max_examples=60)
@given(programs((*SMOOTH, *KINKED)), POINTS, POINTS)
def test_the_totals_of_the_tape_are_the_gradients_and_instructions_give_them_again(
    text: str, x: float, y: float
) -> None:
    unit = read(text)
    point = {name: value for name, value in (("x", x), ("y", y)) if name in unit.names}
    recorded = record(unit, point)
    scale = magnitude(unit, point)
    result = differentiate(unit, point)
    totals = {node.id: 0.0 for node in recorded.nodes} | {recorded.output: 1.0}
    for node in recorded.steps:
        for contribution in node.contributions:
            if not contribution.nothing:
                totals[contribution.operand] = contribution.total
    for node in recorded.nodes:
        if node.grad is not None:
            assert agree(node.grad, totals[node.id], 0.0)
        if node.is_input:
            assert agree(node.grad, (result.grads or {})[node.label], scale)
    code = instructions(recorded)
    registers = run(code, result.vars)
    for node in recorded.nodes:
        assert agree(node.data, registers[code.data[node.id]], 0.0)
        assert agree(node.grad, registers[code.grad[node.id]], scale)


def explained(row: Operation, sample: tuple[float, ...]) -> Tape:
    """The tape of a call at these operands, whose figures are floats and which every format can show."""
    names = [f"x{index}" for index in range(len(sample))]
    unit = read(f"{call_name(row)}({', '.join(names)})")
    recorded = record(unit, dict(zip(names, sample, strict=True)))
    for node in recorded.nodes:
        figures = [node.data, node.grad]
        for contribution in node.contributions:
            figures += [contribution.partial, contribution.amount, contribution.before, contribution.total]
        assert {type(figure) for figure in figures} <= {float, type(None)}
    for render in EXPLANATION_FORMATS.values():
        assert "".join(render(ExplanationContent(recorded, check_gradients(unit, recorded)), View(Page())))
    return recorded


@pytest.mark.sampled(10)
@pytest.mark.parametrize(("row", "sample"), SAMPLES, ids=named)
def test_every_function_can_be_explained(row: Operation, sample: tuple[float, ...]) -> None:
    with_scipy(row)
    for contribution in explained(row, sample).result.contributions:
        assert math.isfinite(contribution.partial) or row.name in {"polygamma", "gammainc", "gammaincc"}
        assert contribution.formula


@pytest.mark.slow
@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in ROWS])
def test_every_function_can_be_explained_at_its_edges_and_with_its_defaults(row: Operation) -> None:
    with_scipy(row)
    assert {type(number) for number in row.defaults} <= {float}
    operands = 3 if row.variadic else len(row.operands)
    for count in range(1 if row.variadic else operands - len(row.defaults), operands + 1):
        for first, rest in product((0.0, -0.0, 1.0, -1.0, 2.5, 1e308, math.inf, -math.inf, math.nan), (0.0, -2.0)):
            explained(row, (first, *(rest for _ in range(count - 1))))


@pytest.mark.parametrize("text", ["3", "pi", "3 + 4", "inf"])
@pytest.mark.parametrize("verb", ["explain", "graph"])
def test_numbers_alone_are_shown_too(mgrad: Run, verb: str, text: str) -> None:
    ran = mgrad(verb, text)
    assert (ran.returncode, "error" in ran.stderr) == (0, False)
    assert "L" in ran.stdout
