"""The language: what parses to what, what is refused with which words, and that printing gives it back."""

import math
from typing import Any

import pytest

from mgrad_cli.errors import ExpressionError, LimitError
from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.language.juxtaposition import separated
from mgrad_cli.language.lowering import read
from mgrad_cli.language.parser import Limits, parse
from mgrad_cli.language.printing import unparse
from mgrad_cli.language.syntax import Call, Name, Number, Statement, nodes_of
from mgrad_cli.operations import FUNCTION_NAMES


def tree(text: str) -> Any:
    return parse(text).statements[-1].expression


def value(text: str, **bindings: float) -> float:
    result = differentiate(read(text), bindings)
    assert result.value is not None
    return result.value


def message(text: str) -> str:
    with pytest.raises(ExpressionError) as caught:
        read(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("2**3**2", 512),
        ("2^3^2", 512),
        ("-2**2", -4),
        ("2**-1", 0.5),
        ("2--3", 5),
        ("--3", 3),
        ("+3", 3),
        ("-+-3", 3),
        ("8/4/2", 1),
        ("8-4-2", 2),
        ("2+3*4", 14),
        ("-2*3", -6),
        ("(2+3)*4", 20),
        ("2.tanh()", math.tanh(2)),
        ("2.5.floor()", 2),
        ("2.e1", 20),
        (".5 + 5.", 5.5),
        ("1e-5*1E5", 1),
        ("2.5E+3", 2500),
        ("007", 7),
        ("1 < 2 < 3", 1),
        ("1 < 3 < 2", 0),
        ("3 > 2 == 1", 0),
        ("not 1 < 2", 0),
        ("not 0 and 1", 1),
        ("1 or 0 and 0", 1),
        ("nan == nan", 0),
        ("nan != nan", 0),
        ("inf > 1e308", 1),
        ("log(8, 2)", 3),
        ("log(1000, 10)", 3),
        ("ln(e)", 1),
        ("max(3)", 3),
        ("min(3, 1, 2)", 1),
        ("leaky_relu(-2)", -0.02),
        ("leaky_relu(-2, 0.5)", -1),
        ("cos(π) + cos(tau/2)", -2),
        ("mod(-7, 3)", 2),
        ("(-8)**(1/3)", math.nan),
        ("(1 +\n 2\n)", 3),
        ("3 # comment", 3),
        ("\n;; a = 2; \n b = 3\n\na*b;\n", 6),
    ],
)
def test_values(text: str, want: float) -> None:
    assert value(text) == want or math.isnan(want)


@pytest.mark.parametrize("text", ["(x*x+2).tanh()", "tanh(x*x+2)"])
def test_a_method_is_a_call_with_its_receiver_first(text: str) -> None:
    assert tree(text) == Call("tanh", (Call("add", (Call("multiply", (Name("x"), Name("x"))), Number(2.0))),))


def test_a_chain_of_comparisons_shares_its_middle() -> None:
    chain = tree("a < b+c <= d")
    assert chain.function == "logical_and"
    assert chain.operands[0].operands[1] is chain.operands[1].operands[0]
    assert [node.function for node in nodes_of(chain) if isinstance(node, Call)].count("add") == 1


def test_nested_chains_stay_linear() -> None:
    text = "x"
    for _ in range(200):
        text = f"(a < {text} < b)"
    assert len(read(text).blocks[0].steps) == 1001


def test_names_are_letters_of_any_script_normalised() -> None:
    assert value("σ*2 + ñ", σ=3, ñ=1) == 7
    assert tree("é") == tree("e\u0301") == Name("é")


def test_spans_are_places_in_the_text() -> None:
    program = parse("a = 1; (a + 2) * b.sin()")
    product = program.statements[1].expression
    assert isinstance(product, Call)
    assert [program.text[slice(*node.span)] for node in (product, *product.operands) if node.span] == [
        "(a + 2) * b.sin()",
        "a + 2",
        "b.sin()",
    ]


def test_equality_passes_over_spans() -> None:
    assert parse("a+b").statements == (Statement(None, Call("add", (Name("a"), Name("b")))),)
    assert parse(" a  + b").statements == parse("a+b").statements


def test_a_variable_may_have_the_name_of_a_function_or_a_constant() -> None:
    assert value("gamma*x", gamma=2, x=3) == 6
    assert value("e = 3; e*2") == 6
    assert value("pi*2", pi=3) == 6
    assert differentiate(read("pi*2"), {}).grads == {}


def test_a_statement_without_variables_declares_an_input() -> None:
    result = differentiate(read("a = -2; b = pi/4; c = a*b; c*a"), {})
    assert list(result.grads or {}) == ["a", "b"]
    assert differentiate(read("a = -2; a*a"), {"a": 3}).value == 9


def test_the_last_statement_may_name_the_output() -> None:
    assert differentiate(read("E = m*c**2"), {"m": 2, "c": 3}).value == 18


MESSAGES = [
    ("2a", "missing operator; write 2*a\n  1 | 2a\n    | ^^"),
    ("2(x+1)", "missing operator; write 2*(...)\n  1 | 2(x+1)\n    | ^^"),
    ("(a)(b)", "missing operator; write (...)*(...)\n  1 | (a)(b)\n    |   ^^"),
    ("a b", "missing operator; write a*b\n  1 | a b\n    | ^^^"),
    ("ln x", "missing parentheses; write ln(x)\n  1 | ln x\n    | ^^^^"),
    ("7 % 2", "unexpected character '%'; write mod(a, b)\n  1 | 7 % 2\n    |   ^"),
    ("7 // 2", "unexpected '//'; write floor(a/b); comments begin with '#'\n  1 | 7 // 2\n    |   ^^"),
    ("x!", "unexpected character '!'; write gamma(x+1)\n  1 | x!\n    |  ^"),
    ("a – b", "unexpected character '–' (U+2013); use '-'\n  1 | a – b\n    |   ^"),
    ("c ? a : b", "unexpected character '?'; write where(c, a, b)\n  1 | c ? a : b\n    |   ^"),
    ("a if c else b", "a choice is written where(c, a, b)\n  1 | a if c else b\n    |   ^^"),
    ("1_000", "digits cannot be grouped with '_'; write 1000\n  1 | 1_000\n    | ^^^^^"),
    ("0x1F", "'0x1F': numbers are decimal; write 31\n  1 | 0x1F\n    | ^^^^"),
    ("１+1", "unexpected character '１' (U+FF11); digits are 0 to 9; write 1\n  1 | １+1\n    | ^^"),
    ("3*1２", "unexpected character '２' (U+FF12); digits are 0 to 9; write 12\n  1 | 3*1２\n    |    ^^"),
    ("٢*١٢٫٥", "unexpected character '٢' (U+0662); digits are 0 to 9; write 2\n  1 | ٢*١٢٫٥\n    | ^"),
    ("x+١٢٫٥", "unexpected character '١' (U+0661); digits are 0 to 9; write 12.5\n  1 | x+١٢٫٥\n    |   ^^^^"),
    ("x２", "unexpected character '２' (U+FF12); digits are 0 to 9; write 2\n  1 | x２\n    |  ^^"),
    ("x₂", "unexpected character '₂' (U+2082); write 2\n  1 | x₂\n    |  ^"),
    ("1e999", "the number overflows a double; write inf\n  1 | 1e999\n    | ^^^^^"),
    ("1.2.3", "two numbers side by side: 1.2 and .3\n  1 | 1.2.3\n    | ^^^^^"),
    ("1,5", "unexpected ','; numbers have a decimal point: write 1.5\n  1 | 1,5\n    |  ^"),
    ("(1+2", "'(' is never closed\n  1 | (1+2\n    | ^"),
    ("1+2)", "unmatched ')'\n  1 | 1+2)\n    |    ^"),
    ("a*", "expected a value after '*'\n  1 | a*\n    |  ^"),
    ("*a", "expected a value before '*'\n  1 | *a\n    | ^"),
    ("(3+1).sin", "expected '(' after '.sin'; write .sin()\n  1 | (3+1).sin\n    |       ^^^"),
    ("f(a=2)", "unexpected '=' in a call; arguments are given in order, without names\n  1 | f(a=2)\n    |    ^"),
    ("a <> b", "unexpected '<>'; use '!='\n  1 | a <> b\n    |   ^^"),
    ("a => b", "unexpected '=>'; use '>=' to compare; write the formula alone\n  1 | a => b\n    |   ^^"),
    ("a === b", "unexpected '==='; use '=='\n  1 | a === b\n    |   ^^^"),
    ("(x).tahn()", "unknown function 'tahn'; did you mean 'tanh'?\n  1 | (x).tahn()\n    |     ^^^^"),
    ("sin(1, 2)", "sin takes sin(x), not 2 arguments\n  1 | sin(1, 2)\n    | ^^^"),
    ("log()", "log takes log(x) or log(x, base), not 0 arguments\n  1 | log()\n    | ^^^"),
    ("a; b", "the value of this statement is not used; assign it to a name, as in 'y = ...'\n  1 | a; b\n    | ^"),
    ("a = 1; a = 2; a", "'a' is assigned twice\n  1 | a = 1; a = 2; a\n    |        ^"),
    ("b = a; a = 2; b", "'a' is used before its statement\n  1 | b = a; a = 2; b\n    |     ^"),
    ("a = a + 1; a", "'a' is used in its own statement\n  1 | a = a + 1; a\n    |     ^"),
    ("inf = 3; inf", "'inf' is a constant and cannot be assigned\n  1 | inf = 3; inf\n    | ^^^"),
    ("a\u202eb", "unexpected character U+202E RIGHT-TO-LEFT OVERRIDE; remove it\n  1 | a�b\n    |  ^"),
    (
        "sin^2(x)",
        "a power of a function is written after the call: sin(...)**2\n  1 | sin^2(x)\n    |     ^^",
    ),
    ("!x", "unexpected character '!'; write (not a)\n  1 | !x\n    | ^"),
    ("factorial(3)", "unknown function 'factorial'; write gamma(3 + 1)\n  1 | factorial(3)\n    | ^^^^^^^^^"),
    ("Sin(3)", "unknown function 'Sin'; did you mean 'sin'?\n  1 | Sin(3)\n    | ^^^"),
    ("a = 1\nb c", "missing operator; write b*c\n  2 | b c\n    | ^^^"),
    ("", "empty expression\n  1 | \n    | ^"),
]


@pytest.mark.parametrize(("text", "want"), MESSAGES, ids=[text for text, _ in MESSAGES])
def test_messages_show_the_place_and_the_spelling(text: str, want: str) -> None:
    assert message(text) == want


def test_limits_are_errors_at_once() -> None:
    with pytest.raises(LimitError, match="nested deeper than 10000"):
        parse("(" * 20_000 + "x" + ")" * 20_000)
    with pytest.raises(LimitError, match="more than 200000 tokens"):
        parse("+".join(["x"] * 100_001))
    with pytest.raises(LimitError, match="longer than 1048576 characters"):
        parse(" " * (1 << 20) + "x")


@pytest.mark.slow
def test_raised_limits_have_no_recursion_to_exhaust() -> None:
    deep = Limits(1 << 30, 1 << 30, 1 << 30)
    assert differentiate(read("(" * 100_000 + "x" + ")" * 100_000, deep), {"x": 2}).value == 2
    assert differentiate(read("abs(" * 50_000 + "x" + ")" * 50_000, deep), {"x": 2}).grads == {"x": 1}
    assert differentiate(read("-" * 100_001 + "x", deep), {"x": 2}).grads == {"x": -1}
    assert differentiate(read("**".join(["x"] * 50_000), deep), {"x": 1}).value == 1


def test_a_sum_of_100_000_terms() -> None:
    assert differentiate(read("+".join(["x"] * 100_000)), {"x": 0.5}).grads == {"x": 100_000}


PRINTED = [
    "a + b*c", "(a + b)*c", "a - (b - c)", "a - b - c", "a/(b*c)", "a/b*c", "-x**2", "(-x)**2", "x**-y", "(a**b)**c",
    "a**b**c", "-(a + b)", "--x", "-a*b", "-(a*b)", "not a and b or c", "not (a or b)", "(a < b) == c", "a < b + 1",
    "f(x, y + 1)", "max(a, b, c)", "(a + b)**(c + d)", "sin(x)**2", "2.5*x", "1e-7 + 1e22", "(a and b) + 1", "-2**2",
]  # fmt: skip


@pytest.mark.parametrize("text", PRINTED)
def test_what_is_printed_parses_back_to_the_same_tree(text: str) -> None:
    assert unparse(tree(text)) == text
    assert tree(unparse(tree(text))) == tree(text)


def test_every_function_is_known_by_its_name_and_aliases() -> None:
    assert {"sin", "arcsin", "ln", "swish", "sgn", "erf", "normcdf", "polygamma"} <= FUNCTION_NAMES


@pytest.mark.parametrize("text", ["np.exp(x)", "2*math.hypot(x, 1)", "numpy.sin(x)"])
def test_functions_stand_alone(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"functions have no prefix here; write \w+\(\.\.\.\) without '\w+\.'"):
        read(text)


@pytest.mark.parametrize(
    ("name", "names", "want"),
    [
        ("xy", ["x", "y"], "x*y"),
        ("xyx", ["y", "x"], "x*y*x"),
        ("abc", ["ab", "a", "bc"], "a*bc"),
        ("abab", ["ab"], "ab*ab"),
        ("sinx", ["x"], "sin(x)"),
        ("xyz", ["x", "y"], ""),
        ("x" * 61, ["x"], ""),
        ("sin", ["x"], ""),
    ],
)
def test_a_name_may_be_other_names_side_by_side(name: str, names: list[str], want: str) -> None:
    assert separated(name, names, ["sin"]) == want


def test_nodes_are_equal_wherever_they_stand() -> None:
    first, second, other = (parse(text) for text in ("a + sin(2)", "  a +  sin(2)", "a + sin(3)"))
    assert first == second
    assert (first != second) is False
    assert hash(first) == hash(second)
    assert first != other
    assert first.statements[0].expression != Name("a")
    with pytest.raises(AttributeError):
        first.outputs = 2  # type: ignore[misc]
