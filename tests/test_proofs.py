"""`--certify` and `--digits` on the command line: figures that are proven, and what is said of them."""

import json
import subprocess
import sys
from typing import Any

import jsonschema
import pytest
from mpmath import mp

from mgrad_cli.exact.decimals import digits_of
from mgrad_cli.exact.results import digits_in_common
from mgrad_cli.language.lowering import read
from tests.conftest import Run, shared

HARSH = ["x/(x+y)", "--x", "28939328.677188694", "--y", "-2.2003914538032663e-06"]


def record(ran: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert ran.returncode == 0, ran.stderr
    jsonschema.validate(one := json.loads(ran.stdout), json.loads(shared("result.schema.json").read_text()))
    return dict(one)


def test_certified_figures_stand_beside_those_of_doubles(mgrad: Run) -> None:
    ran = mgrad("eval", *HARSH, "--certify", "--json")
    assert ran.stderr == ""
    found = record(ran)
    assert found["value"] == 1.000000000000076
    assert found["grads"] == {"x": -2.6273809389550323e-21, "y": -3.455505174825973e-08}
    plain = record(mgrad("eval", *HARSH, "--json"))
    assert found["certified"]["doubles"] == {"value": plain["value"], "grads": plain["grads"]}
    assert found["certified"]["bits"] == 64
    assert found["accuracy"]["value"] > 15
    assert 2 <= found["accuracy"]["grads"]["x"] <= 3


def test_the_table_of_certified_figures_says_how_many_digits_were_right(mgrad: Run) -> None:
    shown = mgrad("eval", *HARSH, "--certify").stdout
    assert "-2.6273809389550323e-21" in shown
    assert [line for line in shown.splitlines() if "d_x" in line and "2.6 " in line]


@pytest.mark.parametrize(("ending", "separator"), [("csv", ","), ("tsv", "\t")])
def test_certified_figures_as_rows(mgrad: Run, ending: str, separator: str) -> None:
    ran = mgrad("eval", "1-cos(x)", "--x", "1e-9", "--certify", "--format", ending)
    lines = ["name,certified,double,digits", "value,5e-19,0.0,0.0", "d_x,1e-09,1e-09,16.0"]
    assert ran.stdout.splitlines() == [line.replace(",", separator) for line in lines]
    ran = mgrad("eval", "1-cos(x)", "--x", "1e-9", "--digits", "3", "--format", ending)
    lines = ["name,digits", "value,5.00e-19", "d_x,1.00e-9"]
    assert ran.stdout.splitlines() == [line.replace(",", separator) for line in lines]


def test_digits_are_text_and_decimals_are_as_written(mgrad: Run) -> None:
    found = record(mgrad("eval", "1-cos(x)", "--x", "1e-9", "--digits", "21", "--json"))
    assert found["digits"]["value"] == "4.99999999999999999958e-19"
    assert found["value"] == 5e-19
    found = record(mgrad("eval", "a = 0.1; a*x - 0.03", "--x", "0.3", "--digits", "30", "--json"))
    assert found["digits"] == {
        "value": "0",
        "grads": {"a": "0.300000000000000000000000000000", "x": "0.100000000000000000000000000000"},
    }


@pytest.mark.parametrize(
    ("text", "point", "digits", "want"),
    [
        ("0.1*3*x", {"x": "0.1"}, 5, "0.030000"),
        ("x", {"x": "0.999999"}, 5, "1.0000"),
        ("x", {"x": "9.99994"}, 5, "9.9999"),
        ("x", {"x": "99999.5"}, 5, "1.0000e5"),
        ("x", {"x": "-99999.4"}, 5, "-99999"),
        ("x", {"x": "123456789"}, 5, "1.2346e8"),
        ("x", {"x": "0.00012345"}, 3, "0.000123"),
        ("x", {"x": "0.000012345"}, 3, "1.23e-5"),
        ("x", {"x": "7"}, 1, "7"),
        ("x", {"x": "2.5"}, 1, "3"),
        ("x", {"x": "9.995"}, 3, "10.0"),
        ("x", {"x": "-9.985"}, 3, "-9.99"),
        ("x**2/3*3", {"x": "0.15"}, 2, "0.023"),
        ("sqrt(x)", {"x": "99.900025"}, 3, "10.0"),
        ("x*y", {"x": "pi/4", "y": "-0"}, 9, "-0"),
        ("leaky_relu(x)", {"x": "-1e-400"}, 3, "-1.00e-402"),
        ("1/x", {"x": "1e-100000000"}, 3, "1.00e100000000"),
        ("1/x", {"x": "0"}, 3, "inf"),
        ("log(x)", {"x": "-1"}, 3, "nan"),
        ("exp(x)", {"x": "1000"}, 6, "1.97007e434"),
        ("softsign(x)", {"x": "1e301"}, 5, "1.0000"),
        ("sinc_second_derivative(x)", {"x": "1e-30"}, 12, "-0.333333333333"),
    ],
)
def test_digits_are_those_of_the_true_number(text: str, point: dict[str, str], digits: int, want: str) -> None:
    assert digits_of(read(text), point, digits)[0].text == want


def test_an_exponent_of_thousands_of_digits_is_written_out() -> None:
    mantissa, exponent = digits_of(read("exp(exp(exp(x)))"), {"x": "10"}, 3)[0].text.split("e")
    assert mantissa == "5.16"
    assert (len(exponent), exponent[:9], exponent[-9:]) == (9566, "407694475", "767580477")


def test_a_thousand_digits_are_those_of_another_library() -> None:
    value, grads, _ = digits_of(read("log(x)*sin(y) + x**y"), {"x": "0.1", "y": "2.5"}, 1000)
    with mp.workdps(1030):
        x, y = mp.mpf(1) / 10, mp.mpf("2.5")
        assert value.text == mp.nstr(mp.log(x) * mp.sin(y) + x**y, 1000, strip_zeros=False)
        assert grads["x"].text == mp.nstr(mp.sin(y) / x + y * x ** (y - 1), 1000, strip_zeros=False)


def test_a_number_that_may_be_zero_has_no_digits(mgrad: Run) -> None:
    ran = mgrad("eval", "sin(pi)", "--digits", "5")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("error: cannot decide whether sin(pi) is 0 (it is smaller than 1e-19")
    assert record(mgrad("eval", "sin(pi)", "--certify", "--json"))["value"] == 0.0


def test_what_cannot_be_decided_is_an_error(mgrad: Run) -> None:
    ran = mgrad("eval", "where(sin(x)**2 + cos(x)**2 == 1, x, 2*x)", "--x", "1", "--certify")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == "error: cannot decide whether sin(x)**2 + cos(x)**2 == 1 at 65536 bits\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--certify", "--digits", "3"],
            "--certify and --digits cannot be combined; every digit of --digits is proven",
        ),
        (["--certify", "--nodes"], "--nodes shows doubles; it cannot be combined with --certify or --digits"),
        (
            ["--digits", "3", "--inputs-only"],
            "--inputs-only shows doubles; it cannot be combined with --certify or --digits",
        ),
        (["--digits", "3", "--y", "2"], "no variable 'y' in the expression"),
        (["--digits", "3", "--wrt", "y"], "no variable 'y' in the expression"),
    ],
)
def test_options_that_do_not_go_together(mgrad: Run, words: list[str], message: str) -> None:
    ran = mgrad("eval", "x", "--x", "1", *words)
    assert ran.returncode == 2
    assert message in ran.stderr or "no option or variable '--y'" in ran.stderr


def test_an_overflow_of_doubles_is_not_told_of_what_is_proven(mgrad: Run) -> None:
    ran = mgrad("eval", "sqrt(x*x+y*y)", "--x", "3e200", "--y", "4e200", "--certify", "--json")
    assert ran.stderr == ""
    assert record(ran)["value"] == 4.9999999999999995e200
    assert record(ran)["accuracy"]["value"] == 0


def test_every_line_of_a_batch_is_certified_or_those_that_ask(mgrad: Run) -> None:
    lines = [{"expr": "1-cos(x)", "vars": {"x": 1e-9}}, {"expr": "1-cos(x)", "vars": {"x": 1e-9}, "certify": True}]
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    plain, proven = map(json.loads, mgrad("batch", "-", stdin=text).stdout.splitlines())
    assert (plain["value"], "certified" in plain) == (0.0, False)
    assert (proven["value"], proven["certified"]["bits"]) == (5e-19, 128)
    both = [json.loads(line) for line in mgrad("batch", "-", "--certify", stdin=text).stdout.splitlines()]
    assert [one["value"] for one in both] == [5e-19, 5e-19]
    ran = mgrad("batch", "-", stdin='{"expr": "x", "vars": {"x": 1}, "certify": 1}\n')
    assert ran.returncode == 4
    assert "'certify' of the record is neither true nor false" in ran.stderr


def test_a_batch_goes_on_where_a_line_cannot_be_decided(mgrad: Run) -> None:
    text = "abs(sqrt(2)**2 - 2)*1\n1/(sqrt(2)**2 - 2)\n1/3\n"
    ran = mgrad("batch", "-", "--certify", "--on-error", "null", stdin=text)
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert ran.returncode == 1
    assert [one["status"] for one in found] == ["ok", "error", "ok"]
    assert found[1]["error"]["code"] == "limit"


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["eval", "x", "--x", "1", "--certify"], "--certify"),
        (["eval", "x", "--x", "1", "--digits", "3"], "--digits"),
        (["batch", "-", "--certify"], "--certify"),
    ],
)
def test_without_the_extra_one_line_says_what_to_install(words: list[str], what: str) -> None:
    script = (
        "import sys; sys.modules['flint'] = None; "
        "from mgrad_cli.cli.main import run; sys.exit(run(sys.argv[1:]))"
    )  # fmt: skip
    ran = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, input="1\n")
    assert ran.returncode == 2
    assert ran.stderr == (
        f"error: {what} needs python-flint: pip install 'mgrad-cli[exact]' (in a checkout: pip install '.[exact]')\n"
    )


@pytest.mark.parametrize(("double", "true", "digits"), [
    (1.0, 1.0, 16.0), (float("nan"), float("nan"), 16.0), (float("inf"), 5e200, 0.0), (0.0, 5e-19, 0.0), (1.001, 1.0, 3.0),
    (5e-324, 1e-323, 16.0),
])  # fmt: skip
def test_digits_that_doubles_had_right(double: float, true: float, digits: float) -> None:
    assert digits_in_common(double, true) == digits


@pytest.mark.parametrize(
    ("expr", "point", "warning"),
    [
        ("log(x)", ["--x", "-1"], "log(x) is nan: log of a negative number"),
        ("1/x", ["--x", "0"], "1/x is inf: division by zero"),
        ("exp(x)", ["--x", "1000"], ""),
    ],
)
def test_digits_that_do_not_exist_are_explained(mgrad: Run, expr: str, point: list[str], warning: str) -> None:
    ran = mgrad("eval", expr, *point, "--digits", "3")
    assert ran.returncode == 0
    assert warning in ran.stderr
    assert bool(warning) == bool(ran.stderr)


def test_digits_have_no_accuracy(mgrad: Run) -> None:
    ran = mgrad("eval", "x", "--x", "1", "--digits", "3", "--accuracy")
    assert ran.returncode == 2
    assert "--accuracy counts the right digits of doubles" in ran.stderr
