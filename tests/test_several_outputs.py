"""Several outputs of one program: how they are written, what they are called, and what commands do with them."""

import math

import pytest

from mgrad_cli.errors import ExpressionError
from mgrad_cli.evaluation.graph import evaluate
from mgrad_cli.language.lowering import read, run_script
from mgrad_cli.language.parser import parse
from mgrad_cli.language.printing import unparse
from mgrad_cli.program import differentiate, replay, trace


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
