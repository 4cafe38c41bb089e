"""Several outputs of one program: how they are written, what they are called, and what commands do with them."""

import json
import math
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mgrad_cli import Expression
from mgrad_cli.errors import BindingError, ExpressionError, UsageError
from mgrad_cli.evaluation.gradients import differentiate as differentiate_script
from mgrad_cli.evaluation.graph import evaluate
from mgrad_cli.language.lowering import read, run_script
from mgrad_cli.language.outputs import one_output
from mgrad_cli.language.parser import parse
from mgrad_cli.language.printing import unparse
from mgrad_cli.program import differentiate, replay, trace
from tests.conftest import Run, shared


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("x*y", ["f"]),
        ("E = m*c**2", ["E"]),
        ("f*x", ["g"]),
        ("r*cos(t), r*sin(t)", ["f1", "f2"]),
        ("u = a*b; v = a + b; u, v", ["u", "v"]),
        ("u = a*b; u, u + 1, a", ["u", "f2", "a"]),
        ("x, x, x", ["x", "f2", "f3"]),
        ("pi, 2, e", ["pi", "f2", "e"]),
        ("f*x, f", ["f1", "f"]),
        ("f1*x, y + 1", ["g1", "g2"]),
        ("f3*x, y + 1", ["f1", "f2"]),
        ("f2, f1, x, x", ["f2", "f1", "x", "g4"]),
        ("f1 + g1 + h1 + y1 + value1, f_1", ["f__1", "f_1"]),
        ("x,y", ["x", "y"]),
        ("x0,1", ["x0", "f2"]),
        ("2*x-1,1-y", ["f1", "f2"]),
        ("max(x,1),1*y", ["f1", "f2"]),
        ("max(x,\n y), 3;\n", ["f1", "f2"]),
    ],
)
def test_an_output_is_called_by_its_name_or_else_by_its_position(text: str, names: list[str]) -> None:
    script = read(text)
    assert list(script.outputs) == names
    assert len(set(names)) == len(names)


ASSIGNMENT = "a name is assigned one value, and outputs are listed at the end"


@pytest.mark.parametrize(
    ("text", "words", "column"),
    [
        ("a,,b", "expected a value before ','", 3),
        (",a", "expected a value before ','", 1),
        ("a;,b", "expected a value before ','", 3),
        ("a,", "expected a value after ','", 2),
        ("a,;", "expected a value after ','", 2),
        ("a,\nb", "expected a value after ','", 2),
        ("a = 1, 2", ASSIGNMENT, 6),
        ("a = b, c", ASSIGNMENT, 6),
        ("a, b = 1, 2", "only a single name can be assigned", 6),
        ("(a, b)", "several outputs are written without them: u, v", 3),
        ("c = 2\n (a*c, b)", "several outputs are written without them: u, v", 6),
        ("2*(a, b)", "unexpected ',' in parentheses", 5),
        ("sin((a, b))", "unexpected ',' in parentheses", 7),
        ("a, b; c", "the value of this statement is not used", 1),
        ("x + , y", "expected a value after '+'", 5),
        ("x.sin, y", "expected '(' after '.sin'", 3),
        ("1,5", "numbers have a decimal point", 2),
        ("3,14*r**2", "numbers have a decimal point", 2),
        ("2*x + 1,5", "numbers have a decimal point", 8),
        ("-1,5", "numbers have a decimal point", 3),
        ("a = 1,5; a", "numbers have a decimal point", 6),
        ("(1,5)", "numbers have a decimal point", 3),
    ],
)
def test_a_comma_in_the_wrong_place_is_explained(text: str, words: str, column: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        read(text)
    assert words in caught.value.message
    assert caught.value.span is not None
    assert caught.value.span.start - text.rfind("\n", 0, caught.value.span.start) == column


@pytest.mark.parametrize("text", ["r*cos(t), r*sin(t)", "-x**2, (a + b)*c, x", "max(a, b), a < b"])
def test_outputs_print_as_text_that_parses_to_the_same_tree(text: str) -> None:
    tree = parse(text)
    printed = ", ".join(unparse(statement.expression) for statement in tree.statements)
    assert printed == text
    assert parse(printed) == tree
    assert parse(printed) != parse(printed.replace(", ", " + "))


def test_every_reading_of_a_script_has_every_output() -> None:
    script = read("u = a*b; u, a + 1, u*u, 7, b")
    want = [6.0, 3.0, 36.0, 7.0, 3.0]
    by_hand = run_script(
        script,
        {"a": 2.0, "b": 3.0},
        lambda step, operands: step.number if step.operation is None else step.operation(*operands),
    )
    assert by_hand == want
    graph = evaluate(script, {"a": 2.0, "b": 3.0})
    assert [node.data for node in graph.outputs] == want
    program = trace(script, ["a", "b"], kept=["u"])
    registers = replay(program, {"a": 2.0, "b": 3.0})
    assert [registers[output] for output in program.outputs] == [*want, 6.0]
    jacobian = differentiate(trace(script, ["a", "b"]), ["a", "b"])
    registers = replay(jacobian, {"a": 2.0, "b": 3.0})
    partials = [3.0, 2.0, 1.0, 0.0, 36.0, 24.0, 0.0, 0.0, 0.0, 1.0]
    assert [registers[output] for output in jacobian.outputs[len(want) :]] == partials


def test_ten_thousand_outputs_are_read_and_evaluated() -> None:
    script = read(", ".join(f"x + {index}" for index in range(10_000)))
    assert script.outputs[::9_999] == ("f1", "f10000")
    graph = evaluate(script, {"x": 1.0})
    assert math.fsum(node.data for node in graph.outputs) == sum(range(1, 10_001))


POLAR = ("r*cos(t), r*sin(t)", "--r", "2", "--t", "pi/3")
TABLE = """\
╭────────┬────────────────────┬────────────────────┬─────────────────────╮
│ output │              value │               d/dr │                d/dt │
├────────┼────────────────────┼────────────────────┼─────────────────────┤
│ f1     │ 1.0000000000000002 │ 0.5000000000000001 │ -1.7320508075688772 │
│ f2     │ 1.7320508075688772 │ 0.8660254037844386 │  1.0000000000000002 │
╰────────┴────────────────────┴────────────────────┴─────────────────────╯
"""
MARKDOWN = """\
| output | value | d/dr | d/dt |
|---|--:|--:|--:|
| `f1` | 1.0000000000000002 | 0.5000000000000001 | -1.7320508075688772 |
| `f2` | 1.7320508075688772 | 0.8660254037844386 | 1.0000000000000002 |
"""
CSV = """\
output,value,name,grad
f1,1.0000000000000002,r,0.5000000000000001
f1,1.0000000000000002,t,-1.7320508075688772
f2,1.7320508075688772,r,0.8660254037844386
f2,1.7320508075688772,t,1.0000000000000002
"""


@pytest.mark.parametrize(
    ("output_format", "want"),
    [("table", TABLE), ("markdown", MARKDOWN), ("csv", CSV), ("tsv", CSV.replace(",", "\t"))],
)
def test_eval_shows_the_jacobian_in_every_format(mgrad: Run, output_format: str, want: str) -> None:
    ran = mgrad("eval", *POLAR, "--format", output_format)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, want, "")


RECORDS: list[tuple[list[str], Any]] = [
    ([], lambda each: set(each) == {"name", "value", "grads"}),
    (["--wrt", "t"], lambda each: list(each["grads"]) == ["t"]),
    (["--accuracy"], lambda each: each["accuracy"]["grads"].keys() == {"r", "t"}),
    (["--certify"], lambda each: each["certified"]["bits"] >= 53),
    (["--digits", "25"], lambda each: len(each["digits"]["value"]) > 25),
    (["--nodes"], lambda each: [node["label"] for node in each["nodes"][:2]] == ["r", "t"] and len(each["nodes"]) == 4),
    (["--sides"], lambda each: each["sides"]["t"]["left"]["value"] == each["value"]),
]


@pytest.mark.parametrize(("options", "is_complete"), RECORDS)
def test_json_has_every_output_and_the_figures_of_the_first(mgrad: Run, options: list[str], is_complete: Any) -> None:
    ran = mgrad("eval", *POLAR, "--json", *options)
    record = json.loads(ran.stdout)
    validate(record)
    assert [each["name"] for each in record["outputs"]] == ["f1", "f2"]
    assert all(map(is_complete, record["outputs"]))
    first = record["outputs"][0]
    assert {key: record[key] for key in first if key != "name"} == {key: first[key] for key in first if key != "name"}


def validate(record: Any) -> None:
    jsonschema.validate(record, json.loads(shared("result.schema.json").read_text()))


def test_a_figure_that_is_not_finite_is_named_by_its_path_and_its_output(mgrad: Run) -> None:
    ran = mgrad("eval", "u = 1/x; u + y, 2*u, y, log(y - 3)", "--x", "0", "--y", "2", "--json", "--strict")
    record = json.loads(ran.stdout)
    validate(record)
    assert record["nonfinite"].keys() >= {"/value", "/grads/x", "/outputs/0/grads/x", "/outputs/1/value"}
    assert record["outputs"][2] == {"name": "y", "value": 2.0, "grads": {"x": 0.0, "y": 1.0}}
    assert ran.returncode == 1
    assert [line for line in ran.stderr.splitlines() if line.startswith("warning")] == [
        "warning: f1, f2: u is inf: division by zero",
        "warning: f4: log(y - 3) is nan: log of a negative number",
    ]


def test_only_the_first_outputs_that_are_not_finite_are_explained(mgrad: Run) -> None:
    ran = mgrad("eval", ", ".join(f"log(x - {n})" for n in range(1, 31)), "--x", "0", "--json")
    assert ran.stderr.count("warning: f") == 10
    assert "warning: 20 more outputs are not finite\n" in ran.stderr


def test_lost_digits_and_conventions_are_those_of_each_output(mgrad: Run) -> None:
    ran = mgrad("eval", "1 - cos(x), relu(x - 1e-9), y", "--x", "1e-9", "--y", "1", "--json")
    record = json.loads(ran.stdout)
    validate(record)
    assert record["conventions"] == record["outputs"][1]["conventions"] == ["relu(x) at 0"]
    assert "conventions" not in record["outputs"][2]
    assert "warning: f1 has no right digits: cancellation in 1 - cos(x)" in ran.stderr


@pytest.mark.parametrize(
    ("text", "values", "gradients"),
    [
        ("x, x*y, x", [2, 6, 2], [[1, 0], [3, 2], [1, 0]]),
        ("7, x*y, pi*0", [7, 6, 0], [[0, 0], [3, 2], [0, 0]]),
        ("x*y, x*y", [6, 6], [[3, 2], [3, 2]]),
        ("u = x*y; v = u*u; v, u, v + u", [36, 6, 42], [[36, 24], [3, 2], [39, 26]]),
        ("where(x > 1, x, y), where(x < 1, log(-x), y)", [2, 3], [[1, 0], [0, 1]]),
    ],
)
def test_the_gradient_of_an_output_has_nothing_of_another(
    text: str, values: list[float], gradients: list[list[float]]
) -> None:
    script = read(text)
    names = [name for name in ("x", "y") if name in script.names]
    result = differentiate_script(script, {"x": 2.0, "y": 3.0})
    assert [part.value for part in result.outputs] == values
    assert [[(part.grads or {})[name] for name in names] for part in result.outputs] == gradients
    for index, part in enumerate(result.outputs):
        alone = differentiate_script(one_output(script, index), {"x": 2.0, "y": 3.0})
        assert (alone.value, alone.grads) == (part.value, part.grads)


@pytest.mark.parametrize("width", ["80", "120"])
@pytest.mark.parametrize("variables", [1, 3, 6, 12])
def test_a_jacobian_fits_the_page_however_many_variables(mgrad: Run, width: str, variables: int) -> None:
    names = [f"x{n}" for n in range(variables)]
    values = [word for name in names for word in (f"--{name}", "0.123456789")]
    for outputs in (2, 12):
        text = ", ".join(f"exp({n}*{'*'.join(names)})" for n in range(outputs))
        ran = mgrad("eval", text, *values, env={"COLUMNS": width})
        assert max(map(len, ran.stdout.splitlines())) <= int(width)
        assert ran.stdout.count("f2") == 1
        if outputs == 2:  # the outputs are columns where that shows every figure
            assert "rounded" not in ran.stdout
            assert "left out" not in ran.stdout


def test_a_long_jacobian_is_cut_unless_all_outputs_are_wanted(mgrad: Run) -> None:
    text = ", ".join(f"x + {n}" for n in range(300))
    assert "... 100 more rows" in mgrad("eval", text, "--x", "1").stdout
    assert len(mgrad("eval", text, "--x", "1", "--all-nodes").stdout.splitlines()) == 304


def test_a_jacobian_beyond_the_limit_is_refused_with_its_size(mgrad: Run) -> None:
    names = [f"x{n}" for n in range(2001)]
    record = json.dumps({"expr": ", ".join(names), "vars": dict.fromkeys(names, 1)})
    ran = mgrad("batch", "-", "--on-error", "null", stdin=record)
    error = json.loads(ran.stdout)["error"]
    assert error["code"] == "limit"
    assert "2,001 outputs by 2,001 variables has 4,004,001 entries" in error["message"]


BATCH = "a=2;b=3;a*b, a+b\n1, 2\nx=3; x\n"
ROWS = """\
i,id,expr,value,name,grad
0,,"a=2;b=3;a*b, a+b",6.0,f1.a,3.0
0,,"a=2;b=3;a*b, a+b",6.0,f1.b,2.0
0,,"a=2;b=3;a*b, a+b",5.0,f2.a,1.0
0,,"a=2;b=3;a*b, a+b",5.0,f2.b,1.0
1,,"1, 2",1.0,f1.,
1,,"1, 2",2.0,f2.,
2,,x=3; x,3.0,x,1.0
"""


def test_batch_writes_a_csv_row_for_each_output_and_variable(mgrad: Run) -> None:
    assert mgrad("batch", "-", "--format", "csv", "--quiet", stdin=BATCH).stdout == ROWS


@pytest.mark.parametrize("options", [[], ["--certify"], ["--accuracy"]])
def test_batch_writes_records_with_outputs(mgrad: Run, options: list[str]) -> None:
    records = [json.loads(line) for line in mgrad("batch", "-", *options, stdin=BATCH).stdout.splitlines()]
    for record in records:
        validate(record)
    assert [len(record.get("outputs", ())) for record in records] == [2, 2, 0]


def test_check_has_a_row_for_each_output_and_variable(mgrad: Run) -> None:
    ran = mgrad("check", "r*cos(t), r*abs(t), 3", "--r", "2", "--t", "0", "--json")
    record = json.loads(ran.stdout)
    assert [(each["output"], each["name"]) for each in record["checks"]] == [
        (output, name) for output in ("f1", "f2", "f3") for name in ("r", "t")
    ]
    assert [each["name"] for each in record["checks"] if each["verdict"] != "pass"] == ["t"]
    assert (record["verdict"], ran.returncode) == ("inconclusive", 7)
    table = mgrad("check", *POLAR)
    assert table.stdout.count("│ pass") == 4
    assert mgrad("check", *POLAR, "--certify", "--format", "csv").stdout.count("proved") == 4


def test_the_library_has_outputs_and_the_jacobian() -> None:
    f = Expression("u = x*y; u, x + y")
    assert f.outputs == ("u", "f2")
    point = f(x=2, y=3)
    assert point.outputs == {"u": 6.0, "f2": 5.0}
    assert point.jacobian == f.jacobian(x=2, y=3) == {"u": {"x": 3.0, "y": 2.0}, "f2": {"x": 1.0, "y": 1.0}}
    assert "<tr><td>u</td>" in point._repr_html_()
    for figure in ("value", "grads", "nodes"):
        with pytest.raises(UsageError, match="2 outputs; use 'outputs' and 'jacobian'"):
            getattr(point, figure)
    alone = Expression("x*y")(x=2, y=3)
    assert (alone.outputs, alone.jacobian) == ({"f": alone.value}, {"f": alone.grads})


@pytest.mark.parametrize(
    ("text", "name", "want"),
    [
        ("x*y", "f", "x*y"),
        ("r*cos(t), r*sin(t)", "f2", "f2 = r*sin(t)"),
        ("u = a*b; v = a + b; u, v", "u", "u = a*b"),
        ("u = a*b; v = u + b; u, v", "v", "u = a*b; v = u + b"),
        ("u = a*b; v = a + b; u, u*v, a", "a", "a"),
        ("k = 2; u = k*x; 7, u + (x +\n 1)", "f2", "k = 2; u = k*x; f2 = u + (x +\n 1)"),
        ("k = 2; 7, pi*2, k*3", "f2", "pi*2"),
        ("k = 2; 7, pi*2, k*3", "f3", "k = 2; f3 = k*3"),
        ("a = 2; a, b", "a", "a = 2"),
    ],
)
def test_one_output_is_an_expression_of_its_own(text: str, name: str, want: str) -> None:
    f = Expression(text)
    one = f.output(name)
    assert (one.text, one.variables) == (want, f.variables)
    assert one.outputs == (name,) or one.script.blocks[-1].name is None
    point = dict.fromkeys(f.variables, 1.5)
    values = {each: point[each] for each in f.variables if each in one.script.names}
    assert one(values).value == f(point).outputs[name]


def test_an_output_that_does_not_exist_is_refused_with_the_nearest_name(mgrad: Run) -> None:
    with pytest.raises(BindingError, match="no output 'speed' in the expression; did you mean 'speeds'"):
        Expression("speeds = x*y; speeds, x + y").output("speed")
    ran = mgrad("graph", *POLAR, "--of", "nothing")
    assert (ran.returncode, ran.stderr) == (2, "error: no output 'nothing' in the expression; the outputs are f1, f2\n")


def test_graph_draws_one_output_and_says_which(mgrad: Run) -> None:
    text = ("u = a*b; v = a + b; u, v, u*v", "--a", "2", "--b", "3")
    ran = mgrad("graph", *text)
    assert ran.stdout.splitlines()[1] == "u = a*b            6     1"
    assert ran.stderr == "note: this is the graph of u; --of chooses another output: v, f3\n"
    ran = mgrad("graph", *text, "--of", "f3", "--dot")
    assert "f3" in ran.stdout
    assert ran.stderr == ""


def test_explain_goes_through_every_output_in_turn(mgrad: Run) -> None:
    ran = mgrad("explain", *POLAR)
    heads = [line for line in ran.stdout.splitlines() if line.startswith(("f1", "f2"))]
    assert heads == ["f1 = r*cos(t)", "f2 = r*sin(t)"]
    assert ran.stdout.count("numerically") == 4
    records = [json.loads(line) for line in mgrad("explain", *POLAR, "--json").stdout.splitlines()]
    assert [record["expr"] for record in records] == ["f1 = r*cos(t)", "f2 = r*sin(t)"]
    assert mgrad("explain", *POLAR, "--markdown", "--of", "f2").stdout.startswith("# Gradient of `f2 = r*sin(t)`\n")


def test_plot_draws_several_outputs_together(mgrad: Run, tmp_path: Path) -> None:
    text = "sin(x), x - x**3/6, 1/x"
    ran = mgrad("plot", text, "--x", "-3:3")
    assert ran.stdout.splitlines()[1] == "  ⠤⠤⠤ f1  ••• f2  ××× f3"
    ran = mgrad("plot", text, "--x", "-3:3", "--svg")
    assert [name for name in ("f1", "f2", "f3", "df") if f">{name}<" in ran.stdout] == ["f1", "f2", "f3"]
    most = ", ".join(f"x + {n}" for n in range(6))
    assert mgrad("plot", most, "--x", "0:1", "-o", str(tmp_path / "six.png")).returncode == 0
    assert mgrad("plot", text, "--x", "-3:3", "--of", "f2").stdout.splitlines()[1] == "  ⠤⠤⠤ f2  ••• df2/dx"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["sin(x), x", "--order", "1"], 2, "--order 1 draws the derivatives of one output; choose it with --of"),
        (["sin(x), x", "--y", "0:1"], 2, "no option or variable '--y'"),
        (["x*y, x", "--y", "0:1"], 3, "a plot over two ranges takes one output, and the expression has 2"),
        (["x, x, x, x, x, x, x"], 3, "7 outputs are too many to plot; the maximum is 6"),
        (["sin(x), x", "--of", "f"], 2, "no output 'f' in the expression"),
    ],
)
def test_plot_refuses_what_it_cannot_draw(mgrad: Run, words: list[str], code: int, message: str) -> None:
    ran = mgrad("plot", *words, "--x", "0:1")
    assert (ran.returncode, ran.stdout) == (code, "")
    assert message in ran.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["minimize", "x*y, x", "--x", "1", "--y", "1"],
        ["check", "x*y, x", "--x", "1", "--y", "1", "--against", "y", "--wrt", "x"],
    ],
)
def test_what_takes_one_output_says_so_at_the_second(mgrad: Run, words: list[str]) -> None:
    ran = mgrad(*words)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "takes one output, and the expression has 2\n  1 | x*y, x\n    |      ^" in ran.stderr


def test_the_prompt_answers_each_output_in_turn(mgrad: Run) -> None:
    ran = mgrad("repl", stdin="a = 2; b = 3\na*b, a + b\n")
    assert ran.stdout.count("◀ output") == 2
    assert "takes one expression" in mgrad("repl", stdin="a = 2\n:graph a, a*a\n").stderr
