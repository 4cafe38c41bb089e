"""`fit`: estimates and their errors against closed forms and SciPy, options, and what can go wrong."""

import csv
import io
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest

from mgrad_cli import Expression
from mgrad_cli.errors import BindingError, InputError, LimitError, MgradError, UndeterminedError, UsageError
from mgrad_cli.renderers.fits import rounded
from tests.conftest import ROOT, Run

scipy_optimize = pytest.importorskip("scipy.optimize", reason="fits need SciPy (extra `optimize`)")

DECAY = ROOT / "examples" / "decay.csv"
RANDOM = numpy.random.default_rng(7)
X = numpy.linspace(0.5, 9, 40)
LINE = {"x": X, "y": 3 * X - 2 + RANDOM.normal(0, 0.3, 40), "s": RANDOM.uniform(0.1, 0.5, 40)}
CURVE = {"x": X, "y": 5 * numpy.exp(-X / 3) + 1 + RANDOM.normal(0, 0.05, 40), "s": RANDOM.uniform(0.02, 0.1, 40)}
MODEL = "a*exp(-x/k) + b"
STARTS = {"a": 4.0, "k": 2.0, "b": 0.5}


def curve(x: Any, a: float, k: float, b: float) -> Any:
    return a * numpy.exp(-x / k) + b


def figures(fit: Any, names: str = "akb") -> tuple[list[float], list[float]]:
    return [fit.params[name] for name in names], [fit.errors[name] for name in names]


def test_a_line_has_the_estimates_and_errors_of_the_closed_form() -> None:
    x, y = LINE["x"], LINE["y"]
    fit = Expression("a*x + b").fit(LINE, y="y", params=["a", "b"])
    matrix = numpy.vstack([x, numpy.ones_like(x)]).T
    (a, b), (rss,), _, _ = numpy.linalg.lstsq(matrix, y)
    covariance = numpy.linalg.inv(matrix.T @ matrix) * rss / (len(x) - 2)
    assert [fit.params["a"], fit.params["b"]] == pytest.approx([a, b], rel=1e-12)
    assert [fit.errors["a"], fit.errors["b"]] == pytest.approx(numpy.sqrt(numpy.diag(covariance)), rel=1e-10)
    assert fit.covariance["a"]["b"] == pytest.approx(covariance[0, 1], rel=1e-10)
    assert fit.correlation["a"]["b"] == pytest.approx(covariance[0, 1] / math.sqrt(covariance[0, 0] * covariance[1, 1]))
    assert fit.rss == pytest.approx(rss, rel=1e-10)
    assert fit.r2 == pytest.approx(1 - rss / ((y - y.mean()) ** 2).sum())
    assert fit.deviation == pytest.approx(math.sqrt(rss / 38))


@pytest.mark.parametrize("is_absolute", [False, True])
def test_a_weighted_fit_agrees_with_scipy(is_absolute: bool) -> None:
    fit = Expression(MODEL).fit(CURVE, y="y", params=STARTS, sigma="s", absolute_sigma=is_absolute)
    estimates, covariance = scipy_optimize.curve_fit(
        curve, CURVE["x"], CURVE["y"], [4, 2, 0.5], CURVE["s"], absolute_sigma=is_absolute, xtol=1e-14, ftol=1e-14
    )
    found, errors = figures(fit)
    assert found == pytest.approx(estimates, rel=1e-6)
    assert errors == pytest.approx(numpy.sqrt(numpy.diag(covariance)), rel=1e-4)


@pytest.mark.parametrize("loss", ["soft_l1", "huber", "cauchy", "arctan"])
def test_a_loss_agrees_with_scipy_and_ignores_an_outlier(loss: str) -> None:
    y = CURVE["y"].copy()
    y[5] += 30
    data = {"x": X, "y": y}
    fit = Expression(MODEL).fit(data, y="y", params=STARTS, loss=loss, loss_scale=0.1)
    theirs = scipy_optimize.least_squares(
        lambda p: curve(X, *p) - y, [4, 2, 0.5], loss=loss, f_scale=0.1, xtol=1e-15, ftol=1e-15, gtol=1e-15
    )
    assert figures(fit)[0] == pytest.approx(theirs.x, rel=1e-6)
    assert fit.rss == pytest.approx(2 * theirs.cost, rel=1e-9)
    plain = Expression(MODEL).fit(data, y="y", params=STARTS)
    assert abs(fit.params["a"] - 5) < 0.2 < abs(plain.params["a"] - 5)


@pytest.mark.parametrize(
    ("bounds", "held"),
    [
        ({"k": (0.0, math.inf)}, {}),
        ({"k": (-math.inf, 2.5)}, {"k": 2.5}),
        ({"b": (1.5, math.inf), "a": (0.0, 100.0)}, {"b": 1.5}),
        ({"k": (2.0, 10.0), "a": (-1e6, 1e6)}, {}),
    ],
)
def test_bounds_hold_and_a_parameter_at_one_is_held_there(bounds: Any, held: dict[str, float]) -> None:
    starts = STARTS | {name: 1.6 for name in held if name == "b"}
    fit = Expression(MODEL).fit(CURVE, y="y", params=starts, bounds=bounds)
    free = Expression(MODEL).fit(CURVE, y="y", params=starts | held, fix=[*held])
    assert {each.name: each.estimate for each in fit.parameters if each.held == "at bound"} == held
    assert fit.params == pytest.approx(free.params, rel=1e-9)
    assert fit.errors == pytest.approx(free.errors, rel=1e-6)
    assert fit.dof == 40 - 3 + len(held)


def test_a_fixed_parameter_keeps_its_start() -> None:
    fit = Expression(MODEL).fit(CURVE, y="y", params=STARTS | {"b": 1.1}, fix=["b"])
    assert (fit.params["b"], fit.free, fit.dof) == (1.1, ("a", "k"), 38)
    assert [each.held for each in fit.parameters] == ["", "", "fixed"]


def test_the_logarithm_of_the_response_and_expressions_of_columns() -> None:
    model = Expression("c - x/k")
    logs = model.fit({"x": X, "y": numpy.log(CURVE["y"])}, y="y", params=["c", "k"])
    assert model.fit(CURVE, y="y", params=["c", "k"], log_y=True).params == pytest.approx(logs.params)
    assert model.fit(CURVE, y="log(y)", params=["c", "k"]).params == pytest.approx(logs.params)


def test_constant_sigma_scales_absolute_errors_only() -> None:
    plain = Expression(MODEL).fit(CURVE, y="y", params=STARTS)
    scaled = Expression(MODEL).fit(CURVE, y="y", params=STARTS, sigma=0.1)
    absolute = Expression(MODEL).fit(CURVE, y="y", params=STARTS, sigma=0.1, absolute_sigma=True)
    assert scaled.errors == pytest.approx(plain.errors, rel=1e-9)
    assert absolute.errors["a"] == pytest.approx(plain.errors["a"] * 0.1 / plain.deviation, rel=1e-9)
    assert scaled.deviation == pytest.approx(plain.deviation / 0.1)


def test_the_band_is_that_of_the_closed_form() -> None:
    from scipy.stats import t

    x = LINE["x"]
    fit = Expression("a*x + b").fit(LINE, y="y", params=["a", "b"])
    new = numpy.array([0.0, 4.0, 20.0])
    found = fit.predict(x=new)
    spread = ((x - x.mean()) ** 2).sum()
    error = fit.deviation * numpy.sqrt(1 / len(x) + (new - x.mean()) ** 2 / spread)
    assert found.error == pytest.approx(error, rel=1e-9)
    assert found.value == pytest.approx(fit.params["a"] * new + fit.params["b"])
    assert found.high - found.value == pytest.approx(t.ppf(0.975, 38) * error, rel=1e-9)
    assert found.value - found.low == pytest.approx(found.high - found.value)
    with pytest.raises(BindingError, match="no values for x"):
        fit.predict()


def test_a_fit_through_every_point_has_no_errors() -> None:
    fit = Expression("a*x + b").fit({"x": [1, 2], "y": [3, 5]}, y="y", params=["a", "b"])
    assert fit.params == pytest.approx({"a": 2, "b": 1})
    assert fit.dof == 0
    assert all(map(math.isnan, fit.errors.values()))


@pytest.mark.parametrize("certify", [False, True])
def test_data_that_the_model_describes_exactly(certify: bool) -> None:
    data = {"x": [1, 2, 3, 4], "y": [0.3, 0.5, 0.7, 0.9]}
    fit = Expression("a*x + b").fit(data, y="y", params=["a", "b"], certify=certify)
    assert fit.params == pytest.approx({"a": 0.2, "b": 0.1}, rel=1e-13)
    if certify:
        assert (fit.params, fit.errors, fit.rss) == ({"a": 0.2, "b": 0.1}, {"a": 0.0, "b": 0.0}, 0.0)


def test_residuals_below_rounding_are_computed_exactly() -> None:
    pytest.importorskip("flint", reason="needs python-flint (extra `exact`)")
    noise = [3, -1, 4, -1, -5, 9, -2, -6]
    y = [float(f"{2 * x + 1}.{'0' * 12}{e + 10:02d}") for x, e in enumerate(noise)]
    fit = Expression("a*x + b").fit({"x": list(range(8)), "y": y}, y="y", params=["a", "b"])
    expected = numpy.polyfit(range(8), [e + 10 for e in noise], 1)
    residuals = numpy.array([e + 10 for e in noise]) - numpy.polyval(expected, range(8))
    assert fit.deviation == pytest.approx(1e-14 * math.sqrt((residuals**2).sum() / 6), rel=1e-8)


@pytest.mark.parametrize(
    "model", [MODEL, "a*exp(-x/k) + b + 0.1*sin(x)", "y = a*exp(-x/k) + b", "q = x/k; a*exp(-q) + b"]
)
def test_a_proof_agrees_with_doubles(model: str) -> None:
    pytest.importorskip("flint", reason="needs python-flint (extra `exact`)")
    data = {name: values.round(6) for name, values in CURVE.items()}
    plain = Expression(model).fit(data, y="y", params=STARTS, sigma="s")
    proven = Expression(model).fit(data, y="y", params=STARTS, sigma="s", certify=True)
    assert proven.params == pytest.approx(plain.params, rel=1e-12)
    assert proven.errors == pytest.approx(plain.errors, rel=1e-10)
    absolute = Expression(model).fit(data, y="y", params=STARTS, sigma="s", certify=True, absolute_sigma=True)
    assert absolute.errors["a"] == pytest.approx(proven.errors["a"] / proven.deviation, rel=1e-12)


@pytest.mark.parametrize(
    ("model", "params", "said"),
    [
        ("a*b*x", {"a": 1, "b": 2}, "'a' and 'b'"),
        ("a*exp(b + x/5)", {"a": 1, "b": 0.1}, "'a' and 'b'"),
        ("a*x + 0*c", {"a": 1, "c": 2}, "'c' does not matter"),
        ("a*x + where(x > 100, c, 0)", {"a": 1, "c": 2}, "'c' does not matter"),
    ],
)
def test_parameters_that_the_data_do_not_determine_are_named(model: str, params: Any, said: str) -> None:
    with pytest.raises(UndeterminedError, match=said):
        Expression(model).fit(LINE, y="y", params=params)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"params": {"a": 1, "k": 2, "b": 0, "c": 1}}, BindingError, "no variable 'c'"),
        ({"params": {"a": 1, "k": 2}}, UsageError, "'b' is neither a column nor a parameter"),
        ({"params": {"a": 1, "k": 0, "b": 0}}, BindingError, "at the start"),
        ({"params": {"a": 1, "k": math.inf, "b": 0}}, BindingError, "not finite"),
        ({"params": {"a": 1, "k": 2, "b": 0, "x": 1}}, BindingError, "'x' is a parameter and a column"),
        ({"y": "z"}, UsageError, "no column 'z'"),
        ({"y": "log(y - 100)"}, InputError, "row 1: the response"),
        ({"y": "a*y"}, BindingError, "'a' is a parameter"),
        ({"sigma": "s - s"}, InputError, "row 1: sigma is 0"),
        ({"sigma": "t"}, UsageError, "no column 't'"),
        ({"absolute_sigma": True}, UsageError, "needs --sigma"),
        ({"fix": ["z"]}, BindingError, "no parameter 'z'"),
        ({"fix": ["a", "k", "b"]}, UsageError, "no parameter is left"),
        ({"bounds": {"k": (3.0, 4.0)}}, BindingError, "outside of its bound"),
        ({"bounds": {"k": (4.0, 3.0)}}, UsageError, "empty"),
        ({"bounds": {"z": (3.0, 4.0)}}, BindingError, "no parameter 'z'"),
        ({"bounds": {"b": (0.0, 4.0)}, "fix": ["b"]}, UsageError, "held by --fix"),
        ({"loss": "hubber"}, UsageError, "did you mean 'huber'"),
        ({"loss_scale": -1.0}, UsageError, "positive"),
        ({"loss": "huber", "certify": True}, UsageError, "proves least squares"),
        ({"values": {"q": 1.0}}, BindingError, "no variable 'q'"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_one_sentence(change: Any, error: type[MgradError], said: str) -> None:
    arguments = {"y": "y", "params": STARTS} | change
    with pytest.raises(error, match=said) as raised:
        Expression(MODEL).fit(CURVE, **arguments)
    assert "\n" not in str(raised.value)


def test_too_few_rows_are_an_error() -> None:
    with pytest.raises(InputError, match="2 rows cannot determine 3 parameters"):
        Expression(MODEL).fit({"x": [1, 2], "y": [3, 4]}, y="y", params=STARTS)


def test_missing_values_stop_or_are_left_out() -> None:
    data = {"x": [1, 2, math.nan, 4], "y": [1.1, 2.1, 2.9, 4.2]}
    with pytest.raises(InputError, match="row 3: 'x' is nan"):
        Expression("a*x").fit(data, y="y", params=["a"])
    fit = Expression("a*x").fit(data, y="y", params=["a"], skip_missing=True)
    assert (fit.rows, fit.skipped) == (3, 1)


def tables() -> dict[str, Callable[[], Any]]:
    pyarrow, polars = pytest.importorskip("pyarrow"), pytest.importorskip("polars")
    return {"pyarrow": lambda: pyarrow.table(LINE), "polars": lambda: polars.DataFrame(LINE)}


@pytest.mark.parametrize("kind", ["pyarrow", "polars"])
def test_data_may_be_tables(kind: str) -> None:
    fit = Expression("a*x + b").fit(tables()[kind](), y="y", params=["a", "b"])
    assert fit.params == Expression("a*x + b").fit(LINE, y="y", params=["a", "b"]).params


def test_arguments_in_python_are_taken_as_people_write_them() -> None:
    model = Expression(MODEL)
    array = model.fit(CURVE, y="y", params=STARTS, sigma=CURVE["s"])
    assert array.errors == model.fit(CURVE, y="y", params=STARTS, sigma="s").errors
    assert model.fit(CURVE, y="y", params=STARTS, fix="b").free == ("a", "k")
    assert model.fit(CURVE, y="y", params=STARTS, bounds={"b": (2.0, None)} | {"b": (0.0, None)}).dof == 37
    for arguments, said in (
        ({"params": "a"}, "mapping of names"),
        ({"params": STARTS | {"a": "q"}}, "'a' is not a number"),
    ):
        with pytest.raises(MgradError, match=said):
            model.fit(CURVE, y="y", **arguments)
    with pytest.raises(TypeError, match="mapping of arrays"):
        model.fit([1, 2], y="y", params=STARTS)


def test_a_result_is_frozen_and_shows_itself() -> None:
    fit = Expression(MODEL).fit(CURVE, y="y", params=STARTS)
    with pytest.raises(AttributeError):
        fit.rss = 0.0  # type: ignore[misc]
    assert repr(fit).startswith("<Fit of 40 rows: a=")
    assert "<table>" in fit._repr_html_()
    assert "correlation" in str(fit)


def test_no_search_passes_for_a_minimum_that_is_none() -> None:
    data = {"x": [1.0, 2.0, 3.0, 4.0], "y": [1.0, 2.0, 3.0, 4.0]}
    with pytest.raises(UndeterminedError):
        Expression("a*x - x*exp(-b)").fit(data | {"y": [1.1, 2.3, 3.2, 4.1]}, y="y", params={"a": 0.5, "b": 1.0})


@pytest.mark.parametrize(
    ("estimate", "error", "shown"),
    [
        (238.94212918, 2.7070075, ("238.9", "2.7")),
        (0.00055015643, 7.2668e-06, ("5.502e-4", "0.073e-4")),
        (1431.7, 498.0, ("1430", "500")),
        (123456.0, 1234.0, ("123500", "1200")),
        (1.5e10, 2.2e8, ("1.500e10", "0.022e10")),
        (0.0, 0.013, ("0.000", "0.013")),
        (-6181.3463, 23.309, ("-6181", "23")),
        (3.0, 0.0, ("3", "0")),
        (3.0, math.nan, ("3", "")),
        (1.0, 1e6, ("1", "1e+06")),
        (9.999, 0.0998, ("10.00", "0.10")),
        (1e-300, 1e-302, ("1e-300", "1e-302")),
    ],
)
def test_estimates_are_rounded_to_their_errors(estimate: float, error: float, shown: tuple[str, str]) -> None:
    assert rounded(estimate, error) == shown


# the command line


def run(mgrad: Run, *words: str, **options: Any) -> Any:
    return mgrad("fit", "n0*exp(-t/tau) + b", *words, **options)


CHOSEN = ["--y", "counts", "--params", "n0=1000,tau=100,b=10"]


def test_json_is_strict_and_whole(mgrad: Run) -> None:
    ran = run(mgrad, str(DECAY), *CHOSEN, "--json")
    record = json.loads(ran.stdout, parse_constant=pytest.fail)
    assert ran.stderr == ""
    assert (record["v"], record["status"], record["rows"], record["dof"]) == (1, "ok", 21, 18)
    assert [*record["params"]] == ["n0", "tau", "b"]
    assert {"estimate", "error", "t", "p", "low", "high", "start"} == {*record["params"]["tau"]}
    assert record["correlation"]["n0"]["n0"] == 1


def test_json_names_what_is_not_finite(mgrad: Run) -> None:
    ran = mgrad("fit", "a*x + b", "-", "--y", "y", "--params", "a,b", "--json", stdin="x,y\n1,2\n2,3\n")
    record = json.loads(ran.stdout, parse_constant=pytest.fail)
    assert record["params"]["a"]["error"] is None
    assert record["nonfinite"]["/params/a/error"] == "nan"


@pytest.mark.parametrize("output_format", ["csv", "tsv"])
def test_csv_has_a_row_for_each_parameter(mgrad: Run, output_format: str) -> None:
    ran = run(mgrad, str(DECAY), *CHOSEN, "--format", output_format, "--fix", "b")
    rows = list(csv.DictReader(io.StringIO(ran.stdout), delimiter="\t" if output_format == "tsv" else ","))
    assert [row["name"] for row in rows] == ["n0", "tau", "b"]
    assert (rows[2]["estimate"], rows[2]["error"], rows[2]["held"]) == ("10.0", "", "fixed")


@pytest.mark.slow
@pytest.mark.parametrize("width", ["80", "120"])
def test_the_table_fits_the_page(mgrad: Run, width: str) -> None:
    for more in ([], ["--certify"], ["--sigma", "sqrt(counts)"]):
        lines = run(mgrad, str(DECAY), *CHOSEN, *more, env={"COLUMNS": width}).stdout.splitlines()
        assert max(map(len, lines)) <= int(width)
        assert "tau" in lines[5]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["data.csv", "data.tsv", "data.jsonl", "data.parquet", "data.arrow"])
def test_predictions_are_written_in_the_format_of_the_data(mgrad: Run, tmp_path: Path, name: str) -> None:
    grid = ("--t", "0:600:30", "--value-name", "counts", "--wrt", "none", "-o", str(tmp_path / name))
    assert mgrad("map", "round(2000*exp(-t/200)) + 50 + mod(t, 7)", *grid).returncode == 0
    ran = run(mgrad, name, *CHOSEN, "--predict", "m", "-o", f"out-{name}", cwd=tmp_path)
    assert ran.returncode == 0
    assert "std. error" in ran.stdout
    back = mgrad("map", "m_high - m + (m_low - m)", f"out-{name}", "--wrt", "none", "--format", "jsonl", cwd=tmp_path)
    rows = [json.loads(line) for line in back.stdout.splitlines()]
    assert len(rows) == 21
    assert [*rows[0]] == ["t", "counts", "m", "m_low", "m_high", "value"]
    assert max(abs(row["value"]) for row in rows) < 1e-9
    assert rows[0]["m"] == pytest.approx(2050, abs=10)


def test_predictions_on_standard_output_send_the_report_to_standard_error(mgrad: Run) -> None:
    ran = run(mgrad, "-", *CHOSEN, "--predict", "m", stdin=DECAY.read_text())
    assert ran.stdout.splitlines()[0] == "t,counts,m,m_low,m_high"
    assert "std. error" in ran.stderr
    ran = run(mgrad, "-", *CHOSEN, "--predict", "m", "--json", stdin=DECAY.read_text())
    assert {*json.loads(ran.stdout.splitlines()[0])} == {"t", "counts", "m", "m_low", "m_high"}


MISSING = "t,counts\n0,2105\n30,\n60,1571\n90,1388\n120,nan\n150,1100\n180,963\n"


def test_rows_without_numbers_follow_on_error(mgrad: Run) -> None:
    stopped = run(mgrad, "-", *CHOSEN, stdin=MISSING)
    assert (stopped.returncode, stopped.stdout) == (4, "")
    assert stopped.stderr == "error: standard input, line 3: 'counts' is missing\n"
    skipped = run(mgrad, "-", *CHOSEN, "--on-error", "skip", "--json", stdin=MISSING)
    assert [json.loads(skipped.stdout)[key] for key in ("rows", "skipped")] == [5, 2]
    assert "line 6: 'counts' is nan" in skipped.stderr
    for rule, count in (("skip", 5), ("null", 7)):
        written = run(mgrad, "-", *CHOSEN, "--on-error", rule, "--predict", "m", stdin=MISSING).stdout.splitlines()
        assert len(written) == 1 + count
        assert ("30,,,," in written) is (rule == "null")


def test_several_files_are_one_table(mgrad: Run, tmp_path: Path) -> None:
    head, *rows = DECAY.read_text().splitlines()
    (tmp_path / "a.csv").write_text("\n".join([head, *rows[:9]]) + "\n")
    (tmp_path / "b.csv").write_text("\n".join([head, *rows[9:]]) + "\n")
    together = run(mgrad, "a.csv", "b.csv", *CHOSEN, "--json", cwd=tmp_path)
    assert together.stdout == run(mgrad, str(DECAY), *CHOSEN, "--json").stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--y", "count"], 2, "no column 'count'; columns: t, counts; did you mean 'counts'?"),
        (["--params", "n0=1,tau=2"], 2, "'b' is neither a column nor a parameter"),
        (["--params", "n0=1,tau=2,b=x"], 2, "the start of 'b', 'x', is not a number"),
        (["--params", "n0=1,n0=2,tau=1,b=1"], 2, "--params gives 'n0' twice"),
        (["--params", "n0=1,tau=2,b=1,bb=1"], 2, "no variable 'bb' in the expression"),
        (["--params", "n0=1,tau=0,b=1"], 2, "line 2: the model is not finite at the start (t=0)"),
        (["--bound", "tau=1"], 2, "the bound of 'tau', '1', is not LOW:HIGH"),
        (["--bound", "tau=200:"], 2, "'tau' starts at 100, outside of its bound 200:"),
        (["--bound", "tau=3:2"], 2, "is empty"),
        (["--fix", "q"], 2, "no parameter 'q'"),
        (["--fix", "b="], 2, "--fix needs NAME or NAME=VALUE, not 'b='"),
        (["--fix", "b=2"], 2, "'b' has two values, 10 in --params and 2 in --fix"),
        (["--for", "b=2"], 2, "--params names what to fit"),
        (["--sigma", "0"], 4, "line 2: sigma is 0"),
        (["--absolute-sigma"], 2, "--absolute-sigma needs --sigma"),
        (["--loss-scale", "3"], 2, "--loss-scale needs --loss"),
        (["--loss", "huge"], 2, "invalid value for '--loss'"),
        (["--tau", "3"], 2, "'tau' is a parameter, and bound to 3 as well"),
        (["--predict", "t"], 2, "column 't' is also a column of the input; give --predict another name\n"),
        (["--predict", "m", "--format", "table"], 2, "--format table cannot hold rows"),
        (["--format", "parquet"], 2, "--format parquet is for rows with --predict"),
        (["--wrt", "b"], 2, "no option"),
    ],
)
def test_a_mistake_is_one_line(mgrad: Run, words: list[str], code: int, said: str) -> None:
    given = [word for option, value in zip(CHOSEN[::2], CHOSEN[1::2], strict=True) if option not in words
             for word in (option, value)]  # fmt: skip
    ran = run(mgrad, str(DECAY), *given, *words)
    assert (ran.returncode, ran.stdout) == (code, "")
    assert said in ran.stderr
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("model", "params"),
    [
        ("b1*(1 - exp(-b2*x))", {"b1": 1e-3, "b2": 1e3}),
        ("a/(1 + exp(w*(x - c)))", {"a": 1, "w": 300, "c": 1e3}),
        ("a*x*b/(1 + b*x)", {"a": 1, "b": -1e6}),
    ],
)
def test_a_search_from_a_bad_start_finds_the_minimum_or_says_that_it_did_not(model: str, params: Any) -> None:
    data = {"x": X, "y": 5 * (1 - numpy.exp(-X / 3))}
    near = dict.fromkeys(params, 1.0) | ({"w": -1.0} if "w" in params else {})
    best = Expression(model).fit(data, y="y", params=near)
    try:
        fit = Expression(model).fit(data, y="y", params=params)
    except UndeterminedError:
        return
    assert fit.notes or fit.rss == pytest.approx(best.rss, rel=1e-6)


@pytest.mark.parametrize("start", [0.0, 1e-9, 1.0])
def test_an_intercept_of_almost_nothing_is_no_parameter_that_ran_off(start: float) -> None:
    y = 3 * X + numpy.where(numpy.arange(len(X)) % 2 == 0, 0.1, -0.1)
    slope, intercept = numpy.polyfit(X, y, 1)
    data = {"x": X, "y": y - intercept + 1e-13}
    fit = Expression("a*x + b").fit(data, y="y", params={"a": 1, "b": start})
    assert fit.params["a"] == pytest.approx(slope)
    assert abs(fit.params["b"]) < 1e-9


def test_residuals_below_rounding_are_said_without_exact_arithmetic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mgrad_cli.analysis.fitting.is_installed", lambda library: False)
    data = {"x": [0, 1, 2, 3], "y": [1, 3.00000000000001, 5, 7.00000000000001]}
    fit = Expression("a*x + b").fit(data, y="y", params=["a", "b"])
    assert fit.proof is None
    assert fit.digits is not None
    assert fit.digits < 3
    assert "the residuals are near rounding" in str(fit)


@pytest.mark.parametrize("start", [0.0, 0.5])
@pytest.mark.parametrize("loss", ["linear", "huber"])
def test_a_start_on_a_bound_may_leave_it(start: float, loss: str) -> None:
    fit = Expression(MODEL).fit(
        CURVE, y="y", params=STARTS | {"b": start}, bounds={"b": (0.0, math.inf)}, loss=loss, loss_scale=10
    )
    assert fit.params == pytest.approx(Expression(MODEL).fit(CURVE, y="y", params=STARTS).params, rel=1e-3)


def test_a_proof_of_too_many_rows_is_refused() -> None:
    pytest.importorskip("flint", reason="needs python-flint (extra `exact`)")
    x = numpy.arange(300_000.0)
    with pytest.raises(LimitError, match="fit fewer rows"):
        Expression("a*x + b").fit({"x": x, "y": 2 * x + numpy.sin(x)}, y="y", params=["a", "b"], certify=True)


def test_a_parameter_that_is_exactly_zero_has_no_t() -> None:
    fit = Expression("a*x + b").fit({"x": [1, 2, 3], "y": [5, 5, 5]}, y="y", params=["a", "b"])
    assert [(each.estimate, each.error) for each in fit.parameters] == [(0, 0), (5, 0)]
    assert math.isnan(fit.parameters[0].t)
    assert math.isnan(fit.parameters[0].p)
    assert (fit.parameters[1].t, fit.parameters[1].p) == (math.inf, 0)


@pytest.mark.parametrize("unit", [1e-130, 1e-60, 1.0, 1e60, 1e130])
def test_units_do_not_matter(unit: float) -> None:
    data = {"x": X * unit, "y": CURVE["y"] * unit}
    fit = Expression("a*exp(-x/k) + b").fit(data, y="y", params={name: value * unit for name, value in STARTS.items()})
    plain = Expression(MODEL).fit(CURVE, y="y", params=STARTS)
    assert {name: value / unit for name, value in fit.params.items()} == pytest.approx(plain.params, rel=1e-9)
    assert {name: value / unit for name, value in fit.errors.items()} == pytest.approx(plain.errors, rel=1e-7)
    assert fit.r2 == pytest.approx(plain.r2)


@pytest.mark.parametrize("unit", [1e-300, 1e300])
def test_squares_beyond_the_doubles_are_an_error(unit: float) -> None:
    with pytest.raises(InputError, match="have squares beyond the doubles"):
        Expression("a*x").fit({"x": [unit, 2 * unit], "y": [2 * unit, 4.1 * unit]}, y="y", params=["a"])


@pytest.mark.parametrize("model", ["a*abs(x - c) + b", "where(x < c, a*(c - x), a*(x - c)) + b"])
def test_a_kink_of_the_model_is_found(model: str) -> None:
    y = 3 * numpy.abs(X - 4.1) + 1 + RANDOM.normal(0, 0.1, len(X))
    fit = Expression(model).fit({"x": X, "y": y}, y="y", params={"a": 1, "b": 0, "c": 5})
    assert abs(fit.params["c"] - 4.1) < 5 * fit.errors["c"] < 0.2


def test_a_model_that_hides_behind_an_option_is_explained(mgrad: Run) -> None:
    ran = mgrad("fit", "sigma*t", str(DECAY), "--y", "counts", "--params", "a")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "no variable 'a'" in ran.stderr
    ran = mgrad("fit", "a*t + sigma", str(DECAY), "--y", "counts", "--params", "a", "--sigma", "2")
    assert "'sigma' is an option, bind it with --var sigma=VALUE" in ran.stderr
    ran = mgrad("fit", "a*t + sigma", str(DECAY), "--y", "counts", "--params", "a", "--var", "sigma=2", "--json")
    assert json.loads(ran.stdout)["rows"] == 21


def test_the_data_in_the_place_of_the_model_are_explained(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("x,y\n1,2\n")
    ran = mgrad("fit", "d.csv", "--y", "y", "--params", "a", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "'d.csv' is a file; put the expression first" in ran.stderr


BAD = '{"x": 1, "y": 2}\n{"x": 2}\n{"x": 3, "y": null}\n{"x": 4, "y": "no"}\n{"x": 5, "y": 9.9}\n{"x": 6, "y": 12.1}\n'


@pytest.mark.parametrize("rule", ["null", "skip"])
def test_a_bad_row_is_told_and_counted_once(mgrad: Run, rule: str) -> None:
    ran = mgrad("fit", "a*x", "-", "--y", "y", "--params", "a=1", "--on-error", rule, "--json", stdin=BAD)
    assert [json.loads(ran.stdout)[key] for key in ("rows", "skipped")] == [3, 3]
    told = [line for line in ran.stderr.splitlines() if line.startswith("warning:")]
    assert len(told) == len({line.partition(": ")[2].partition(":")[0] for line in told})
    assert len(told) >= 2


def test_what_is_missing_is_said(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("t,counts\n")
    for words, code, said in (
        ([], 2, "data is missing"),
        ([str(DECAY), "--params", "n0,tau,b"], 2, "--y is missing"),
        ([str(DECAY), "--y", "counts"], 2, "'n0', 'b' are neither columns nor parameters"),
        ([str(DECAY), "--y", "counts", "--n0", "3", "--tau", "2", "--b", "1"], 2, "as in --params n0=3,tau=2,b=1"),
        (["empty.csv", *CHOSEN], 4, "0 rows cannot determine 3 parameters"),
    ):
        ran = run(mgrad, *words, cwd=tmp_path)
        assert (ran.returncode, ran.stdout) == (code, "")
        assert said in ran.stderr


@pytest.mark.parametrize("others", ["n0=1000,tau=100", "n0=1000,tau=100,b"])
def test_a_parameter_is_held_at_a_value(mgrad: Run, others: str) -> None:
    held = run(mgrad, str(DECAY), "--y", "counts", "--params", others, "--fix", "b=50", "--json")
    bound = run(mgrad, str(DECAY), "--y", "counts", "--params", "n0=1000,tau=100", "--b", "50", "--json")
    parameters = json.loads(held.stdout)["params"]
    assert parameters.pop("b") == {"estimate": 50.0, "start": 50.0, "held": "fixed"}
    assert (held.stderr, parameters) == ("", json.loads(bound.stdout)["params"])


@pytest.mark.parametrize(("separator", "option"), [(":", "':'"), (" ", "ws")])
def test_another_separator_is_said(mgrad: Run, tmp_path: Path, separator: str, option: str) -> None:
    (tmp_path / "semi.csv").write_text(DECAY.read_text().replace(",", separator))
    ran = run(mgrad, "semi.csv", *CHOSEN, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    if separator == " ":
        assert "semi.csv is read as CSV and has one column, 't counts'; give --delimiter ws" in ran.stderr
    again = run(mgrad, "semi.csv", *CHOSEN, "--delimiter", option.strip("'"), cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, run(mgrad, str(DECAY), *CHOSEN).stdout)


def test_starts_that_are_not_given_are_said(mgrad: Run) -> None:
    ran = run(mgrad, str(DECAY), "--y", "counts", "--params", "n0,b,tau=100", "--json")
    assert json.loads(ran.stdout)["params"]["n0"]["start"] == 100  # as in map, a name has the value of the next one
    ran = run(mgrad, str(DECAY), "--y", "counts", "--params", "tau=100,n0,b", "--json")
    assert json.loads(ran.stdout)["params"]["b"]["start"] == 1
    assert ran.stderr == "note: n0, b start at 1; --params n0=START sets another\n"


def test_a_constant_that_looks_like_a_parameter_is_said(mgrad: Run) -> None:
    ran = run(mgrad, str(DECAY), "--y", "counts", "--params", "n0=1000,b=10")
    assert "note: tau is the constant 2*pi here" in ran.stderr


def test_other_variables_are_bound_and_the_output_names_the_response(mgrad: Run) -> None:
    text = "counts = n0*exp(-t*ln2/h) + b"
    ran = mgrad("fit", text, str(DECAY), "--params", "n0=1000,h=100,b=1", "--ln2", "log(2)", "--json")
    tau = json.loads(run(mgrad, str(DECAY), *CHOSEN, "--json").stdout)["params"]["tau"]["estimate"]
    assert json.loads(ran.stdout)["params"]["h"]["estimate"] == pytest.approx(tau * math.log(2), rel=1e-9)


def test_many_rows_are_fitted_in_blocks() -> None:
    rows = 200_000
    generator = numpy.random.default_rng(1)
    x = generator.uniform(0, 10, rows)
    y = 3 * numpy.exp(-x / 2) + 0.5 + 0.1 * numpy.sin(x) + generator.normal(0, 0.1, rows)
    fit = Expression("a*exp(-x/k) + b + c*sin(w*x)").fit(
        {"x": x, "y": y}, y="y", params={"a": 2, "k": 1.5, "b": 0, "c": 0.2, "w": 1.05}
    )
    truth = {"a": 3, "k": 2, "b": 0.5, "c": 0.1, "w": 1}
    assert all(abs(fit.params[name] - value) < 5 * fit.errors[name] for name, value in truth.items())
    assert fit.deviation == pytest.approx(0.1, rel=0.01)


def test_a_plot_follows_the_report_in_the_terminal(mgrad: Run) -> None:
    pytest.importorskip("plotext", reason="needs plotext (extra `plot`)")
    plain = run(mgrad, str(DECAY), *CHOSEN).stdout
    ran = run(mgrad, str(DECAY), *CHOSEN, "--plot")
    assert ran.stdout.startswith(plain)
    assert all(word in ran.stdout[len(plain) :] for word in ("data", "model", "95 % band of the mean", "•", "2000┤"))
    ascii_only = run(mgrad, str(DECAY), *CHOSEN, "--plot", env={"PYTHONIOENCODING": "ascii"})
    assert (ascii_only.returncode, ascii_only.stdout.isascii()) == (0, True)


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["svg", "png"])
def test_a_plot_is_written_as_a_picture(mgrad: Run, tmp_path: Path, ending: str) -> None:
    pytest.importorskip("matplotlib", reason="needs matplotlib (extra `plot`)")
    path = tmp_path / f"fit.{ending}"
    ran = run(mgrad, str(DECAY), *CHOSEN, "--sigma", "sqrt(counts)", "--plot", "-o", str(path), "--json")
    assert json.loads(ran.stdout)["rows"] == 21
    assert path.read_bytes().startswith(b"<?xml" if ending == "svg" else b"\x89PNG")
    rows = run(mgrad, str(DECAY), *CHOSEN, "--plot", "-o", str(path), "--predict", "m").stdout.splitlines()
    assert len(rows) == 22


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--plot", "--json"], "--format json and a plot cannot both go to standard output"),
        (["--plot", "--predict", "m"], "--plot and --predict cannot both go to standard output"),
        (["--plot", "-o", "x.pdf"], "end it in .png or .svg"),
    ],
)
def test_a_plot_without_a_place_is_refused(mgrad: Run, words: list[str], said: str, tmp_path: Path) -> None:
    ran = run(mgrad, str(DECAY), *CHOSEN, *words, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr


def test_a_plot_takes_a_model_of_one_column(mgrad: Run) -> None:
    ran = mgrad(
        "fit", "a*t + b*u", "-", "--y", "y", "--params", "a,b", "--plot", stdin="t,u,y\n1,2,3\n2,1,3.3\n3,3,3\n"
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "--plot draws a model of one column; this one has t, u" in ran.stderr
