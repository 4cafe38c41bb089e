"""Second derivatives in the results of `eval` and `batch`: every format, what is refused, and what is proven."""

import csv
import io
import json
import math

import jsonschema
import mpmath
import pytest
from mpmath import mpf

from mgrad_cli.errors import BindingError
from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.evaluation.hessian import Hessian
from mgrad_cli.evaluation.second_order import hessians, products
from mgrad_cli.evaluation.second_results import add_second_order
from mgrad_cli.language.lowering import read
from mgrad_cli.renderers import EVAL_FORMATS, Page, View
from tests.conftest import Run, shared

CUBIC = ("x**2*y + sin(z)", "--x", "2", "--y", "3", "--z", "1")


def test_json_has_the_hessian_by_name(mgrad: Run) -> None:
    record = json.loads(mgrad("eval", *CUBIC, "--order", "2", "--json").stdout)
    second = -math.sin(1)
    assert record["hessian"] == {
        "x": {"x": 6.0, "y": 4.0, "z": 0.0},
        "y": {"x": 4.0, "y": 0.0, "z": 0.0},
        "z": {"x": 0.0, "y": 0.0, "z": second},
    }
    assert "hessian" not in json.loads(mgrad("eval", *CUBIC, "--json").stdout)


def test_wrt_restricts_the_hessian(mgrad: Run) -> None:
    record = json.loads(mgrad("eval", *CUBIC, "--order", "2", "--wrt", "y,x", "--json").stdout)
    assert record["hessian"] == {"y": {"y": 0.0, "x": 4.0}, "x": {"y": 4.0, "x": 6.0}}


def test_numbers_that_are_not_finite_have_a_path_and_a_cause(mgrad: Run) -> None:
    ran = mgrad("eval", "x**1.5*y", "--x", "0", "--y", "2", "--order", "2", "--json", "--strict")
    record = json.loads(ran.stdout)
    assert (record["status"], record["nonfinite"]) == ("nonfinite", {"/hessian/x/x": "inf"})
    assert record["hessian"]["x"] == {"x": None, "y": 0.0}
    assert ran.returncode == 1
    assert ran.stderr == (
        "warning: d2/dx dx is inf: the second derivative of x**1.5 is not finite at x = 0\n"
        "  1 | x**1.5*y\n    | ^^^^^^\n"
    )


def test_each_output_has_a_hessian(mgrad: Run) -> None:
    ran = mgrad("eval", "x**2*y, x*y", "--x", "2", "--y", "3", "--order", "2", "--hvp", "x=1", "--json")
    record = json.loads(ran.stdout)
    first, second = record["outputs"]
    assert record["hessian"] == first["hessian"] == {"x": {"x": 6.0, "y": 4.0}, "y": {"x": 4.0, "y": 0.0}}
    assert second["hessian"] == {"x": {"x": 0.0, "y": 1.0}, "y": {"x": 1.0, "y": 0.0}}
    assert (first["hvp"], second["hvp"]) == ({"x": 6.0, "y": 4.0}, {"x": 0.0, "y": 1.0})


def test_csv_has_a_row_for_each_figure(mgrad: Run) -> None:
    ran = mgrad("eval", "x**2*y", "--x", "2", "--y", "3", "--order", "2", "--hvp", "x=1", "--format", "csv")
    assert ran.stdout == (
        "name,value\nvalue,12.0\nd_x,12.0\nd_y,4.0\nd_x_x,6.0\nd_x_y,4.0\nd_y_y,0.0\nhvp_x,6.0\nhvp_y,4.0\n"
    )


def table(text: str, point: dict[str, float], width: int = 80) -> str:
    script = read(text)
    result = differentiate(script, point, with_nodes=True)
    add_second_order(result, script, 2, None)
    view = View(Page(width=width), inputs_only=True, order=2)
    return "".join(EVAL_FORMATS["table"].render([result], view)).partition("│ hessian")[2]


@pytest.mark.parametrize("count", [1, 2, 3, 5, 9, 24, 25, 60])
@pytest.mark.parametrize("width", [80, 120])
def test_the_matrix_fits_the_page(count: int, width: int) -> None:
    names = [f"x{index}" for index in range(count)]
    shown = table(f"exp({' + '.join(names)})", dict.fromkeys(names, 0.1), width)
    assert max(map(len, shown.splitlines())) <= width
    for name in names[-3:]:
        assert name in shown
    assert ("figures rounded to 6 digits; --json has them whole" in shown) == (4 <= count <= 24 and count > width // 24)


def test_of_many_variables_the_coupled_pairs_are_listed() -> None:
    text = " + ".join(f"x{index}*x{index + 1}" for index in range(40))
    shown = table(text, dict.fromkeys((f"x{index}" for index in range(41)), 1.0))
    assert "d2/dx7 dx8" in shown
    assert "d2/dx7 dx9" not in shown
    assert "second derivatives that are not listed are 0" in shown


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x**2*y", []),
        ("x**1.5*y", []),
        ("x**2*y, x*y", []),
        ("x**2*y", ["--certify"]),
        ("x**2*y, x", ["--digits", "20"]),
        ("7", []),
    ],
)
def test_records_follow_the_schema(mgrad: Run, text: str, words: list[str]) -> None:
    schema = json.loads(shared("result.schema.json").read_text())
    if words:
        pytest.importorskip("flint", reason="proofs need python-flint (extra `exact`)")
    point = ["--x", "0", "--y", "2"] if "x" in text else []
    ran = mgrad("eval", text, *point[: 4 if "y" in text else 2], *words, "--order", "2", "--json")
    jsonschema.validate(json.loads(ran.stdout), schema)


@pytest.mark.parametrize("output_format", list(EVAL_FORMATS))
def test_every_format_shows_the_hessian(mgrad: Run, output_format: str) -> None:
    ran = mgrad("eval", "x**3*y", "--x", "2", "--y", "7", "--order", "2", "--hvp", "y=10", "--format", output_format)
    assert (ran.returncode, ran.stderr) == (0, "")
    for figure in ("84", "12", "120"):
        assert figure in ran.stdout


@pytest.mark.parametrize(
    ("words", "want"),
    [
        (["--hvp", "z=1"], "no variable 'z' in the expression"),
        (["--hvp", "speed=1"], "no variable 'speed' in the expression"),
        (["--hvp", "x"], "--hvp x: 'x' is not NAME=VALUE; write a vector as a=1,b=0"),
        (["--hvp", "x=1,"], "--hvp x=1,: '' is not NAME=VALUE; write a vector as a=1,b=0"),
        (["--hvp", "x=1,x=2"], "--hvp x=1,x=2: 'x' has two values"),
        (["--hvp", "x=one"], "--hvp: the value of 'x', 'one', is not a number: 'one' is not a constant"),
        (["--order", "3"], "invalid value for '--order': 3 is not from 1 to 2"),
        (["--hvp", "x=1", "--certify"], "--hvp cannot be combined with --certify or --digits; --order 2 can"),
    ],
)  # fmt: skip
def test_what_has_no_answer_is_refused(mgrad: Run, words: list[str], want: str) -> None:
    ran = mgrad("eval", "x*y", "--x", "2", "--y", "3", *words)
    assert ran.returncode == 2
    assert ran.stderr.startswith(f"error: {want}")


def test_a_near_name_is_suggested() -> None:
    script = read("width*height")
    result = differentiate(script, {"width": 1.0, "height": 2.0})
    with pytest.raises(BindingError, match="did you mean 'width'"):
        add_second_order(result, script, 1, {"widht": 1.0})


def test_components_may_be_expressions(mgrad: Run) -> None:
    ran = mgrad("eval", "x*y", "--x", "2", "--y", "3", "--hvp", "x = max(1, pi/2), y=-1", "--json")
    assert json.loads(ran.stdout)["hvp"] == {"x": -1.0, "y": math.pi / 2}


def test_a_component_of_zero_adds_nothing() -> None:
    assert products(read("sqrt(x)*y"), {"x": 0.0, "y": 1.0}, ["x", "y"], {"x": 0.0, "y": 0.0}) == [{"x": 0.0, "y": 0.0}]


def test_a_hessian_is_a_mapping_and_a_matrix() -> None:
    (found,) = hessians(read("x**2*y + z"), {"x": 2.0, "y": 3.0, "z": 0.0}, ["x", "y", "z"])
    assert found == {"x": {"x": 6, "y": 4, "z": 0}, "y": {"x": 4, "y": 0, "z": 0}, "z": {"x": 0, "y": 0, "z": 0}}
    assert found.matrix.tolist() == [[6, 4, 0], [4, 0, 0], [0, 0, 0]]
    assert list(found.pairs()) == [("x", "x", 6.0), ("x", "y", 4.0)]
    assert "<th>z</th>" in found._repr_html_()
    assert Hessian((), {}).matrix.shape == (0, 0)


# batch


def test_batch_writes_hessians(mgrad: Run) -> None:
    lines = 'x = 2; y = 3; x*y**2\n{"expr": "a*b, a", "vars": {"a": 1, "b": 2}}\n'
    ran = mgrad("batch", "-", "--order", "2", stdin=lines)
    first, second = map(json.loads, ran.stdout.splitlines())
    assert first["hessian"] == {"x": {"x": 0.0, "y": 6.0}, "y": {"x": 6.0, "y": 4.0}}
    assert [output["hessian"]["a"]["b"] for output in second["outputs"]] == [1.0, 0.0]


def test_batch_csv_has_a_row_for_each_pair(mgrad: Run) -> None:
    ran = mgrad("batch", "-", "--order", "2", "--hvp", "y=2", "--format", "csv", stdin="x = 2; y = 3; x*y**2\n")
    rows = list(csv.DictReader(io.StringIO(ran.stdout)))
    assert [(row["name"], row["other"], row["second"], row["hvp"]) for row in rows] == [
        ("x", "x", "0.0", "12.0"), ("x", "y", "6.0", "12.0"), ("y", "x", "6.0", "8.0"), ("y", "y", "4.0", "8.0"),
    ]  # fmt: skip


def test_batch_table_names_second_derivatives(mgrad: Run) -> None:
    ran = mgrad("batch", "-", "--order", "2", "--hvp", "x=1", "--format", "table", stdin="x = 2; y = 3; x*y**2\n")
    for line in ("d2/dx dy                          6", "hvp y                             6"):
        assert line in ran.stdout


def test_a_vector_that_does_not_fit_a_line_is_its_error(mgrad: Run) -> None:
    ran = mgrad("batch", "-", "--hvp", "y=1", "--on-error", "null", stdin="x = 2; y = 3; x*y\nx = 1; x\n")
    good, bad = map(json.loads, ran.stdout.splitlines())
    assert good["hvp"] == {"x": 1.0, "y": 0.0}
    assert bad["error"]["message"] == "no variable 'y' in the expression"


# Proofs


CANCELLING = ("(1 - cos(x))/x**2", {"x": 1e-5})


def true_second(digits: int) -> mpf:
    with mpmath.mp.workdps(digits):
        x = mpf(1e-5)
        sin, cos = mpmath.sin(x), mpmath.cos(x)
        return cos / x**2 - 4 * sin / x**3 + 6 * (1 - cos) / x**4


def test_certified_second_derivatives_are_the_nearest_doubles(mgrad: Run) -> None:
    pytest.importorskip("flint", reason="proofs need python-flint (extra `exact`)")
    ran = mgrad("eval", CANCELLING[0], "--x", "1e-5", "--order", "2", "--certify", "--json")
    record = json.loads(ran.stdout)
    assert record["hessian"] == {"x": {"x": float(true_second(80))}}
    assert abs(record["certified"]["doubles"]["hessian"]["x"]["x"]) > 1
    again = mgrad("batch", "-", "--order", "2", "--certify", stdin=f"x = 1e-5; {CANCELLING[0]}\n")
    assert json.loads(again.stdout)["hessian"] == record["hessian"]


def test_proven_digits_of_second_derivatives(mgrad: Run) -> None:
    pytest.importorskip("flint", reason="proofs need python-flint (extra `exact`)")
    words = ("eval", "x**3*y", "--x", "0.1", "--y", "3", "--order", "2", "--digits", "20")
    record = json.loads(mgrad(*words, "--json").stdout)
    texts = record["digits"]["hessian"]
    assert texts["x"] == {"x": "1.8000000000000000000", "y": "0.030000000000000000000"}
    assert texts["y"] == {"x": "0.030000000000000000000", "y": "0"}
    assert record["hessian"] == {"x": {"x": 1.8, "y": 0.03}, "y": {"x": 0.03, "y": 0.0}}
    assert "d_x_y │ 0.030000000000000000000" in mgrad(*words).stdout


# Right digits


def test_second_derivatives_with_few_right_digits_are_warned_of(mgrad: Run) -> None:
    ran = mgrad("eval", CANCELLING[0], "--x", "1e-3", "--order", "2", "--json")
    want = (
        "d_x_x has about 1 right digit: rounding is magnified in the second derivative; --certify computes it exactly"
    )
    assert f"warning: {want}\n" in ran.stderr
    assert "d_x_x" not in mgrad("eval", CANCELLING[0], "--x", "1", "--order", "2", "--json").stderr
    two = mgrad("eval", f"x, {CANCELLING[0]}", "--x", "1e-3", "--order", "2", "--json")
    assert "warning: d_f2_x_x has about 1 right digit" in two.stderr


@pytest.mark.parametrize("output_format", ["table", "csv", "tsv", "markdown"])
def test_accuracy_counts_the_right_digits_of_second_derivatives(mgrad: Run, output_format: str) -> None:
    words = ("--x", "1e-3", "--y", "2", "--order", "2", "--accuracy", "--format", output_format)
    ran = mgrad("eval", f"{CANCELLING[0]}*y", *words)
    separators = {"table": " │ 16.0 │", "csv": "d_y_y,0.0,16.0", "tsv": "d_y_y\t0.0\t16.0", "markdown": "| 16.0 |"}
    assert separators[output_format] in ran.stdout
    line = next(line for line in ran.stdout.splitlines() if "1.4" in line)
    assert "x" in line


def test_the_estimate_of_digits_is_no_better_than_the_truth() -> None:
    for power in (-1, -2, -3, -4):
        point = {"x": 10.0**power}
        script = read(CANCELLING[0])
        result = differentiate(script, point, with_digits=True)
        add_second_order(result, script, 2, None, with_digits=True)
        assert result.accuracy is not None
        assert result.hessian is not None
        with mpmath.mp.workdps(60):
            x = mpf(point["x"])
            sin, cos = mpmath.sin(x), mpmath.cos(x)
            want = cos / x**2 - 4 * sin / x**3 + 6 * (1 - cos) / x**4
            digits = -mpmath.log10(abs(result.hessian["x"]["x"] / want - 1))
        assert 0 <= result.accuracy.of_pair("x", "x") <= max(0, digits) + 0.1


def test_batch_has_columns_for_right_digits(mgrad: Run) -> None:
    ran = mgrad("batch", "-", "--order", "2", "--accuracy", "--format", "csv", stdin="x = 2; y = 3; x*y**2\n")
    rows = list(csv.DictReader(io.StringIO(ran.stdout)))
    assert all(float(row["digits_second"]) > 15 for row in rows)


@pytest.mark.parametrize("output_format", ["table", "markdown"])
def test_of_many_outputs_people_see_the_first_ones(mgrad: Run, output_format: str) -> None:
    words = ("eval", ", ".join(["x*y"] * 25), "--x", "1", "--y", "2", "--order", "2", "--format", output_format)
    shown = mgrad(*words).stdout
    assert shown.endswith("second derivatives of 5 more outputs are left out; --all-nodes shows them\n")
    assert shown.count("hessian") == 20
    assert mgrad(*words, "--all-nodes").stdout.count("hessian") == 25


NAMES = [f"x{index}" for index in range(100)]
MANY = ", ".join([" + ".join(NAMES), *NAMES * 4, "x0"])
TOO_MANY = "the Hessians of 402 outputs by 100 variables have 4,020,000 entries, more than the maximum of 4,000,000"


@pytest.mark.slow
@pytest.mark.parametrize("words", [["--json"], ["--format", "csv"], ["--certify"], ["--digits", "20"]])
def test_hessians_that_are_too_many_to_write_are_refused(mgrad: Run, words: list[str]) -> None:
    ran = mgrad("eval", MANY, *(word for name in NAMES for word in (f"--{name}", "1")), "--order", "2", *words)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr.startswith(f"error: {TOO_MANY}")


@pytest.mark.parametrize("words", [[], ["--format", "csv"], ["--certify"]], ids=lambda words: " ".join(words))
def test_a_line_of_batch_with_too_many_second_derivatives_is_its_error(mgrad: Run, words: list[str]) -> None:
    few = json.dumps({"expr": "x**2", "vars": {"x": 1}})
    lines = "\n".join([few, json.dumps({"expr": MANY, "vars": dict.fromkeys(NAMES, 1)}), few])
    ran = mgrad("batch", "-", "--order", "2", "--on-error", "skip", *words, stdin=lines)
    assert ran.returncode == 1
    assert ran.stdout.count("x**2") == 2
    assert TOO_MANY in ran.stderr
    assert "3 lines: 2 ok, 1 failed" in ran.stderr
