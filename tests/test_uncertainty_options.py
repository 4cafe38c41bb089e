"""Values with uncertainties on the command line: the budget, correlations, and what is refused."""

import csv
import io
import json
from pathlib import Path

import jsonschema
import pytest

from tests.conftest import Run, shared

PENDULUM = ("eval", "g = 4*pi**2*L/T**2", "--L", "1.2±0.002", "--T", "2.198±0.004")
TABLE = """\
g = 9.806 ± 0.039
╭───────┬─────────────────┬─────────────┬───────┬─────────────────────────────╮
│ input │       value ± u │ sensitivity │ |c|·u │ share                       │
├───────┼─────────────────┼─────────────┼───────┼─────────────────────────────┤
│ L     │ 1.2000 ± 0.0020 │       8.172 │ 0.016 │ 17.3 % ███▌                 │
│ T     │ 2.1980 ± 0.0040 │      -8.923 │ 0.036 │ 82.7 % ████████████████▌    │
╰───────┴─────────────────┴─────────────┴───────┴─────────────────────────────╯
"""


def test_people_see_the_result_and_its_budget(mgrad: Run) -> None:
    ran = mgrad(*PENDULUM)
    assert (ran.stdout, ran.stderr, ran.returncode) == (TABLE, "", 0)


@pytest.mark.parametrize(
    "spelled",
    [
        ["--L=1.2+/-0.002", "--T=2.198+-0.004"],
        ["--L", "1.200(2)", "--T", "2.198(4)"],
        ["--L", "(1200 ± 2)e-3", "--T", "2.198 ± 0.004"],
        ["--var", "L=1.2±0.002", "-v", "T=2.198±0.004"],
    ],
)
def test_every_spelling_of_a_measurement(mgrad: Run, spelled: list[str]) -> None:
    assert mgrad(*PENDULUM[:2], *spelled).stdout == TABLE


def test_json_holds_whole_figures_after_the_schema(mgrad: Run) -> None:
    record = json.loads(mgrad(*PENDULUM, "--corr", "L,T=-0.3", "--coverage", "2", "--json").stdout)
    uncertainty = record["uncertainty"]
    assert uncertainty["standard"] == pytest.approx(0.043483940157, rel=1e-10)
    assert uncertainty["expanded"] == 2 * uncertainty["standard"]
    assert uncertainty["coverage"] == 2
    assert uncertainty["budget"]["L"] == {
        "value": 1.2,
        "uncertainty": 0.002,
        "sensitivity": record["grads"]["L"],
        "contribution": record["grads"]["L"] * 0.002,
        "share": pytest.approx(0.1412573106562401),
    }
    total = sum(line["share"] for line in uncertainty["budget"].values()) + uncertainty["correlation_share"]
    assert total == pytest.approx(1)
    jsonschema.validate(record, json.loads(shared("result.schema.json").read_text()))


def test_json_of_everything(mgrad: Run) -> None:
    words = ["--second-order", "--monte-carlo", "1e4", "--seed", "5", "--json", "--nodes"]
    record = json.loads(mgrad(*PENDULUM, *words).stdout)
    uncertainty = record["uncertainty"]
    assert uncertainty["second_order"].keys() == {"shift", "mean", "standard"}
    simulation = uncertainty["monte_carlo"]
    assert (simulation["draws"], simulation["seed"], simulation["nonfinite"]) == (10_000, 5, 0)
    assert simulation["interval"][0] < record["value"] < simulation["interval"][1]
    assert simulation["agrees"] is None
    assert record["nodes"]
    jsonschema.validate(record, json.loads(shared("result.schema.json").read_text()))


def test_a_distribution_of_the_simulation(mgrad: Run) -> None:
    words = ["--monte-carlo", "1e5", "--distribution", "L=uniform", "--distribution", "T=uniform", "--json"]
    simulation = json.loads(mgrad(*PENDULUM, *words).stdout)["uncertainty"]["monte_carlo"]
    assert simulation["interval"][1] < simulation["linear"][1] - 0.005
    assert simulation["distributions"] == {"L": "uniform", "T": "uniform"}
    assert "  T uniform; others normal" in mgrad(*PENDULUM, "--monte-carlo=9", "--distribution=T=uniform").stdout


def test_what_is_not_finite_is_null_with_its_path(mgrad: Run) -> None:
    ran = mgrad("eval", "sqrt(x)", "--x", "0±0.1", "--json")
    record = json.loads(ran.stdout)
    assert record["status"] == "nonfinite"
    assert record["uncertainty"]["standard"] is None
    assert record["nonfinite"]["/uncertainty/standard"] == "inf"
    assert record["nonfinite"]["/uncertainty/budget/x/sensitivity"] == "inf"


@pytest.mark.parametrize(("output_format", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_csv_has_a_row_for_each_input_and_the_output(mgrad: Run, output_format: str, delimiter: str) -> None:
    ran = mgrad(*PENDULUM, "--corr", "L,T=0.5", "--format", output_format)
    rows = list(csv.DictReader(io.StringIO(ran.stdout), delimiter=delimiter))
    assert [(row["output"], row["name"]) for row in rows] == [("g", name) for name in ("L", "T", "correlations", "g")]
    assert float(rows[0]["sensitivity"]) == 8.171548459629822
    assert float(rows[-1]["value"]) == 9.805858151555787
    assert float(rows[-1]["uncertainty"]) < 0.0393


def test_markdown(mgrad: Run) -> None:
    lines = mgrad(*PENDULUM, "--format", "markdown", "--title", "Pendulum").stdout.splitlines()
    assert lines[:3] == ["**Pendulum**", "", "`g = 9.806 ± 0.039`"]
    assert "| `T` | 2.1980 ± 0.0040 | -8.923 | 0.036 | 82.7 % |" in lines


def test_wide_figures_keep_the_table_in_80_columns(mgrad: Run) -> None:
    ran = mgrad("eval", "mass*c**2", "--mass", "9.1093837015(28)e-31", "--c", "299792458", env={"COLUMNS": "80"})
    assert "(9.1093837015 ± 0.0000000028)e-31" in ran.stdout
    assert max(map(len, ran.stdout.splitlines())) <= 80


def test_the_bar_is_ascii_where_the_terminal_is(mgrad: Run) -> None:
    ran = mgrad(*PENDULUM, env={"PYTHONIOENCODING": "ascii:backslashreplace"})
    assert "82.7 % ####" in ran.stdout


def test_notes_on_second_order_and_simulation_fit_the_page(mgrad: Run) -> None:
    ran = mgrad(*PENDULUM, "--coverage", "2", "--second-order", "--monte-carlo", "1e5")
    assert "g = 9.806 ± 0.079 (k = 2)" in ran.stdout
    assert "second order: 9.806 ± 0.039, mean shifted by 9.7e-05" in ran.stdout
    assert "Monte Carlo: 9.806 ± 0.039 from 100,000 draws, seed 0" in ran.stdout
    assert "(JCGM 101, clause 8)" in ran.stdout
    assert max(map(len, ran.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "warning"),
    [
        (["x**2", "--x", "0±1"], "the slope of f by 'x' is 0 here, and its uncertainty adds nothing in first order"),
        (["floor(x) + y", "--x", "0.5±1", "--y", "1±1"], "the slope of f by 'x' is 0 here"),
        (["abs(x)", "--x", "0±1"], "the uncertainty rests on slopes by convention (abs(x) at 0)"),
        (["log(x)", "--x", "1±1", "--monte-carlo", "1000"], "draws of f are not finite"),
    ],
)
def test_where_the_linear_answer_misleads_a_warning_says_so(mgrad: Run, words: list[str], warning: str) -> None:
    ran = mgrad("eval", *words)
    assert ran.returncode == 0
    assert warning in ran.stderr


def test_a_simulation_or_second_order_answers_the_warning(mgrad: Run) -> None:
    assert mgrad("eval", "x**2", "--x", "0±1", "--second-order").stderr == ""
    assert mgrad("eval", "abs(x)", "--x", "0±1", "--monte-carlo", "1000").stderr == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["x", "--x", "2±-1"], "the value of 'x', '2±-1', cannot be read: the uncertainty, -1, is negative"),
        (["x", "--x", "2±nan"], "the value of 'x', '2±nan', cannot be read: the uncertainty, nan, is not a finite"),
        (["x", "--x", "2±"], "the value of 'x', '2±', cannot be read: there is no uncertainty after '±'"),
        (["x", "--q", "2±1"], "no option or variable '--q'; the variable is x"),
        (["x", "--x", "2±1", "--x", "2±1"], "'x' is given twice"),
        (["x+length", "--x", "2±1", "--length", "1±1", "--corr", "x,lenght=0.5"], "did you mean 'length'?"),
        (["x+y", "--x", "2±1", "--y", "1±1", "--corr", "x,y=1.5"], "the correlation of 'x' and 'y', 1.5, is not from"),
        (["x+y", "--x", "2±1", "--y", "1±1", "--corr", "x,y"], "--corr needs NAME,NAME=NUMBER"),
        (["x+y", "--x", "2±1", "--y", "1±1", "--corr", "x,y=z"], "is not a number"),
        (["x+y", "--x", "2±1", "--y", "1±1", "--corr", "x,x=1"], "a correlation is that of two variables"),
        (["x+y", "--x", "2±1", "--y", "1±1", "--corr", "x,y=0", "--corr", "y,x=0"], "is given twice"),
        (["x+y", "--x", "2±1", "--y", "1", "--corr", "x,y=0.5"], "needs an uncertainty of 'y'"),
        (
            ["x+y+z", "--x=2±1", "--y=1±1", "--z=1±1", "--corr=x,y=0.9", "--corr=y,z=0.9", "--corr=x,z=-0.9"],
            "the correlations of x, y, z cannot hold together",
        ),
        (["x", "--x", "2", "--coverage", "2"], "--coverage needs a value with an uncertainty, as in --x 1.2±0.1"),
        (["x", "--x", "2±1", "--coverage", "-2"], "--coverage takes a number above 0, not -2"),
        (["x", "--x", "2±1", "--seed", "2"], "--seed needs --monte-carlo N"),
        (["x", "--x", "2±1", "--distribution", "x=uniform"], "--distribution needs --monte-carlo N"),
        (["x", "--x=2±1", "--monte-carlo=9", "--distribution", "x"], "--distribution needs NAME=KIND"),
        (["x", "--x=2±1", "--monte-carlo=9", "--distribution", "x=flat"], "no distribution 'flat' for 'x'"),
        (["x", "--x=2±1", "--monte-carlo=9", *["--distribution=x=normal"] * 2], "is given twice"),
        (["x", "--x", "2±1", "--monte-carlo", "1"], "'--monte-carlo'"),
        (["x", "--x", "2±1", "--monte-carlo", "1e9"], "'--monte-carlo'"),
        (["x", "--x", "2±1", "--monte-carlo", "2.5"], "'2.5' is not an integer"),
        (["x", "--x", "2±1", "--certify"], "--certify cannot be combined with uncertainties"),
        (["x", "--x", "2±1", "--sides"], "--sides cannot be combined with uncertainties"),
        (["x", "--x", "2±1", "--inputs-only"], "--inputs-only cannot be combined with uncertainties"),
    ],
)
def test_wrong_forms_are_one_clear_line(mgrad: Run, words: list[str], message: str) -> None:
    ran = mgrad("eval", *words)
    assert ran.returncode == 2
    assert message in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert ran.stdout == ""


@pytest.mark.parametrize("verb", ["explain", "graph", "check"])
def test_other_verbs_say_where_uncertainties_work(mgrad: Run, verb: str) -> None:
    ran = mgrad(verb, "x**2", "--x", "2±0.1")
    assert ran.returncode == 2
    assert "uncertainties are read by mgrad eval, mgrad batch and mgrad map" in ran.stderr


MATRICES = {
    "m.csv": "a,b\n0.04,0.01\n0.01,0.09\n",
    "labels.csv": ",a,b\na,0.04,0.01\nb,0.01,0.09\n",
    "m.tsv": "a\tb\n0.04\t0.01\n0.01\t0.09\n",
    "nested.json": '{"a": {"a": 0.04, "b": 0.01}, "b": {"a": 0.01, "b": 0.09}}',
    "lists.json": '{"names": ["a", "b"], "covariance": [[0.04, 0.01], [0.01, 0.09]]}',
    "fit.json": '{"v": 1, "rows": 9, "covariance": {"a": {"a": 0.04, "b": 0.01}, "b": {"a": 0.01, "b": 0.09}}, "rss": 1}',
    "inner.json": '{"covariance": {"a": {"a": 0.04, "b": 0.01}, "b": {"a": 0.01, "b": 0.09}}}',
}


@pytest.mark.parametrize("name", MATRICES)
def test_a_matrix_gives_uncertainties_and_correlations(mgrad: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(MATRICES[name])
    ran = mgrad("eval", "a + b", "--a", "1", "--b", "2", "--cov", name, "--json", cwd=tmp_path)
    assert json.loads(ran.stdout)["uncertainty"]["standard"] == pytest.approx(0.15**0.5)
    both = mgrad("eval", "a + b", "--a", "1±0.2", "--b", "2", "--cov", name, "--json", cwd=tmp_path)
    assert both.stdout == ran.stdout


def test_a_correlation_matrix_goes_with_uncertainties(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("a,b\n1,0.5\n0.5,1\n")
    ran = mgrad("eval", "a + b", "--a", "1±0.3", "--b", "2±0.4", "--cov", "r.csv", "--json", cwd=tmp_path)
    assert json.loads(ran.stdout)["uncertainty"]["standard"] == pytest.approx(0.37**0.5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,bb\n1,0\n0,1\n", "the matrix has 'bb', which is no variable of the expression; did you mean 'b'?"),
        ("a,b\n1,2\n2,1\n", "would be 2, beyond 1"),
        ("a,b\n1,0.1\n0.2,1\n", "the matrix is not symmetric: it has 0.1 and 0.2 for 'a' and 'b'"),
        ("a,b\n-1,0\n0,1\n", "the variance of 'a', -1, is negative"),
        ("a,b\n1,0\n", "not 2 names and 1 lines"),
        ("a,b\n1,0,0\n0,1,0\n", "rows and columns"),
        ("a,b\n1,x\n0,1\n", "the row of 'a' has 'x', which is not a number"),
        (",a,b\nb,1,0\na,0,1\n", "the row of 'a' has the name 'b'"),
        ("a,a\n1,0\n0,1\n", "the name 'a' twice"),
        ("", "a matrix has a first line of names"),
        ("{", "invalid JSON"),
        ('{"a": {"a": 1, "b": 0}}', "the matrix has a column 'b', but no row"),
        ('{"a": {"a": 1}, "b": {"b": 1}}', "the row of 'a' lacks a number"),
        ('{"names": ["a"], "covariance": [[1, 2]]}', "does not have 1 rows and columns"),
        ("a,b\n1,nan\nnan,1\n", "a number that is not finite"),
        ("a,b,c\n1,0.9,-0.9\n0.9,1,0.9\n-0.9,0.9,1\n", "the correlations of a, b, c cannot hold together"),
    ],
)
def test_a_matrix_that_cannot_be_is_a_fault_of_the_data(mgrad: Run, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "m").write_text(text)
    ran = mgrad("eval", "a + b + 0*c", "--a", "1", "--b", "2", "--c", "0", "--cov", "m", cwd=tmp_path)
    assert ran.returncode == 4
    assert message in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_a_formula_may_use_some_parameters_of_a_fit(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "xy.csv").write_text("x,y\n1,2\n2,4.1\n3,5.8\n4,8.3\n")
    fit = mgrad("fit", "a*x + b", "xy.csv", "--y", "y", "--params", "a,b", "--json", cwd=tmp_path)
    (tmp_path / "fit.json").write_text(fit.stdout)
    error = json.loads(fit.stdout)["params"]["a"]["error"]
    ran = mgrad("eval", "2*a", "--a", "2", "--cov", "fit.json", "--json", cwd=tmp_path)
    assert json.loads(ran.stdout)["uncertainty"]["standard"] == pytest.approx(2 * error)
    ran = mgrad("eval", "2*c", "--c", "2", "--cov", "fit.json", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (4, "")
    assert "the matrix has 'a', which is no variable of the expression" in ran.stderr


def test_standard_input_is_one_thing(mgrad: Run) -> None:
    ran = mgrad("eval", "-", "--a", "1±1", "--cov", "-", stdin="a")
    assert ran.returncode == 2
    assert "standard input cannot be both the expression and the matrix of --cov" in ran.stderr


def test_a_matrix_that_is_not_there(mgrad: Run) -> None:
    ran = mgrad("eval", "a", "--a", "1", "--cov", "absent.csv")
    assert ran.returncode == 4
    assert "absent.csv" in ran.stderr


LINES = """\
{"id": 1, "expr": "a*b", "vars": {"a": "2±0.1", "b": 3}}
{"id": 2, "expr": "a*b", "vars": {"a": "2.0(1)", "b": "3+/-0.2"}, "corr": {"a,b": 0.5}}
a = 2; a*c
"""


def test_records_of_batch_have_uncertainties(mgrad: Run) -> None:
    ran = mgrad("batch", "-", "--c", "2", stdin=LINES)
    records = [json.loads(line) for line in ran.stdout.splitlines()]
    assert records[0]["vars"] == {"a": 2.0, "b": 3.0}
    assert records[0]["uncertainty"]["standard"] == pytest.approx(0.3)
    assert records[1]["uncertainty"]["standard"] == pytest.approx(0.37**0.5)
    assert "uncertainty" not in records[2]
    for record in records:
        jsonschema.validate(record, json.loads(shared("result.schema.json").read_text()))


def test_an_uncertainty_on_the_command_line_is_for_every_line(mgrad: Run) -> None:
    stdin = 'a*c\n{"expr": "2*c", "vars": {"c": 5}}\n{"expr": "3*c", "vars": {"c": "5±1"}}\n'
    ran = mgrad("batch", "-", "--c", "2±0.5", "--a", "3", "--coverage", "2", stdin=stdin)
    first, exact, own = (json.loads(line) for line in ran.stdout.splitlines())
    assert first["uncertainty"]["expanded"] == 3
    assert "uncertainty" not in exact
    assert own["uncertainty"]["standard"] == 3


def test_correlations_of_the_command_line_are_for_lines_with_both(mgrad: Run) -> None:
    words = ["--a", "2±0.1", "--b", "3±0.2", "--corr", "a,b=1"]
    ran = mgrad("batch", "-", *words, stdin="a + b\na - 1\n", env={"COLUMNS": "80"})
    both, one = (json.loads(line) for line in ran.stdout.splitlines())
    assert both["uncertainty"]["standard"] == pytest.approx(0.3)
    assert one["uncertainty"]["standard"] == 0.1


def test_a_matrix_is_for_every_line(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text(MATRICES["m.csv"])
    ran = mgrad("batch", "-", "--a", "1", "--b", "2", "--cov", "m.csv", stdin="a + b\n2*b\n", cwd=tmp_path)
    assert [json.loads(line)["uncertainty"]["standard"] for line in ran.stdout.splitlines()] == pytest.approx(
        [0.15**0.5, 0.6]
    )


def test_batch_as_csv_has_columns_of_uncertainties(mgrad: Run) -> None:
    ran = mgrad("batch", "-", "--c", "2", "--format", "csv", "--uncertainty", stdin=LINES)
    rows = list(csv.DictReader(io.StringIO(ran.stdout)))
    assert [row["name"] for row in rows] == ["a", "b", "a", "b", "a", "c"]
    assert [row["uncertainty"] for row in rows] == ["0.1", "", "0.1", "0.2", "", ""]
    assert float(rows[0]["standard"]) == pytest.approx(0.3)
    assert mgrad("batch", "-", "--c", "2±1", "--format", "csv", stdin="2*c\n").stdout.splitlines() == [
        "i,id,expr,value,name,grad,standard,uncertainty,contribution,share",
        "0,,2*c,4.0,c,2.0,2.0,1.0,2.0,1.0",
    ]


def test_batch_as_a_table_shows_the_standard_uncertainty(mgrad: Run) -> None:
    lines = mgrad("batch", "-", "--c", "2±0.25", "--format", "table", stdin="2*c\n").stdout.splitlines()
    assert [line.split()[-2:] for line in lines[2:5]] == [["value", "4"], ["±", "0.5"], ["d/dc", "2"]]


@pytest.mark.parametrize(
    ("words", "line", "message"),
    [
        ([], '{"expr": "a", "vars": {"a": "2±-1"}}', "the value of 'a', '2±-1', cannot be read: the uncertainty, -1"),
        ([], '{"expr": "a", "vars": {"a": "2±1"}, "certify": true}', "cannot be combined with uncertainties"),
        ([], '{"expr": "a", "vars": {"a": "2±1"}, "corr": {"a,q": 0.5}}', "'q', which is no variable"),
        ([], '{"expr": "a+b", "vars": {"a": "2±1", "b": 1}, "corr": {"a,b": 0.5}}', "needs an uncertainty of 'b'"),
        ([], '{"expr": "a+b", "vars": {"a": "2±1", "b": "1±1"}, "corr": {"a,b": 2}}', "is not from -1 to 1"),
        ([], '{"expr": "a+b", "vars": {"a": "2±1", "b": "1±1"}, "corr": {"ab": 1}}', "is not a pair of names"),
        ([], '{"expr": "a+b", "vars": {"a": "2±1", "b": "1±1"}, "corr": [1]}', "'corr' of the record is not an object"),
        ([], '{"expr": "a+b", "vars": {"a": "2±1", "b": "1±1"}, "corr": {"a,b": "x"}}', "is not a number"),
        (["--format", "csv"], '{"expr": "a", "vars": {"a": "2±1"}}', "add --uncertainty"),
        ([], "2±1", "an uncertainty belongs to the value of a variable"),
    ],
)
def test_a_bad_line_is_told_with_its_place(mgrad: Run, words: list[str], line: str, message: str) -> None:
    ran = mgrad("batch", "-", *words, stdin=f"1\n{line}\n")
    assert ran.returncode == 4
    assert message in ran.stderr
    assert ran.stderr.startswith("error: standard input:2: ") or "standard input:2:" in ran.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--x", "2±1", "--certify"], "--certify cannot be combined with uncertainties"),
        (["--x", "2", "--coverage", "2"], "no line has a value with an uncertainty, for --coverage"),
        (["--x", "2±1", "--corr", "x,q=0.5"], "no line uses the variable 'q'"),
        (["--x", "2±1", "--corr", "x,q=5"], "is not from -1 to 1"),
        (["--x", "2±"], "there is no uncertainty after '±'"),
    ],
)
def test_wrong_options_of_batch(mgrad: Run, words: list[str], message: str) -> None:
    ran = mgrad("batch", "-", *words, stdin="2*x\n")
    assert ran.returncode == 2
    assert message in ran.stderr
