"""`map` beyond one gradient: several outputs, second derivatives and uncertainties, as columns of every format."""

import csv
import io
import json
import math
import random
from pathlib import Path
from typing import Any

import numpy
import polars
import pytest

from mgrad_cli.analysis.correlations import Correlations
from mgrad_cli.evaluation.graph import evaluate
from mgrad_cli.evaluation.second_order import hessians
from mgrad_cli.language.lowering import read
from mgrad_cli.program import replay, trace
from mgrad_cli.program.uncertainty import with_uncertainty
from tests.conftest import Run

KERNELS = ["numpy", "native"]
ARITHMETIC = "p = x*y - 3/y; q = sqrt(x*x + y*y)*p; p, q/(1 + y*y), where(x > y, x*q, -y)"
"""Operations that round alike in every reading."""
ROWS = 50


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def points(tmp_path: Path) -> Path:
    """Random rows with two variables and their uncertainties."""
    chance = random.Random(7)
    frame = {name: [chance.uniform(0.1, 5) * chance.choice([-1, 1]) for _ in range(ROWS)] for name in ("x", "y")}
    frame |= {f"u_{name}": [chance.uniform(0, 0.2) for _ in range(ROWS)] for name in ("x", "y")}
    path = tmp_path / "points.csv"
    polars.DataFrame(frame).write_csv(path)
    return path


def numbers(path: Path) -> list[dict[str, float]]:
    return [{name: float(cell) for name, cell in row.items()} for row in table(path.read_text())]


def results(ran: Any, without: int = 4) -> list[list[float]]:
    assert ran.returncode == 0, ran.stderr
    return [[float(cell) for cell in list(row.values())[without:]] for row in table(ran.stdout)]


# Several outputs


@pytest.mark.parametrize("kernel", KERNELS)
def test_outputs_and_gradients_have_the_bits_of_evaluation(mgrad: Run, points: Path, kernel: str) -> None:
    ran = mgrad("map", ARITHMETIC, str(points), "--kernel", kernel)
    assert list(table(ran.stdout)[0])[4:] == [
        "p", "f2", "f3", "d_p_x", "d_p_y", "d_f2_x", "d_f2_y", "d_f3_x", "d_f3_y",
    ]  # fmt: skip
    for got, point in zip(results(ran), numbers(points), strict=True):
        graph = evaluate(read(ARITHMETIC), {"x": point["x"], "y": point["y"]}, merges=True)
        grads = []
        for output in graph.outputs:
            for node in graph.nodes:
                node.grad = 0.0
            output.backward()
            grads += [graph.inputs["x"].grad, graph.inputs["y"].grad]
        assert got == [*(node.data for node in graph.outputs), *grads]


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet", "arrow"])
def test_every_format_holds_the_columns(mgrad: Run, points: Path, tmp_path: Path, ending: str) -> None:
    source, target = tmp_path / f"in.{ending}", tmp_path / f"out.{ending}"
    frame = polars.read_csv(points)
    writers: dict[str, Any] = {
        "csv": frame.write_csv, "tsv": lambda path: frame.write_csv(path, separator="\t"), "jsonl": frame.write_ndjson,
        "parquet": frame.write_parquet, "arrow": frame.write_ipc,
    }  # fmt: skip
    writers[ending](source)
    words = ["s = x*y; s, x - y", "--order", "2", "--u", "x=u_x,y=u_y", "--corr", "x,y=-0.5", "--coverage", "2"]
    ran = mgrad("map", *words, str(source), "-o", str(target), "--keep", "x")
    assert (ran.returncode, ran.stderr) == (0, f"{ROWS} rows\n")
    readers: dict[str, Any] = {
        "csv": polars.read_csv, "tsv": lambda path: polars.read_csv(path, separator="\t"), "jsonl": polars.read_ndjson,
        "parquet": polars.read_parquet, "arrow": polars.read_ipc,
    }  # fmt: skip
    found = readers[ending](target)
    assert found.columns == [
        "x", "s", "f2", "u_s", "u_f2", "expanded_s", "expanded_f2", "d_s_x", "d_s_y", "d_f2_x", "d_f2_y", "d_s_x_x",
        "d_s_x_y", "d_s_y_y", "d_f2_x_x", "d_f2_x_y", "d_f2_y_y",
    ]  # fmt: skip
    assert found["s"].to_list() == [x * y for x, y in zip(frame["x"], frame["y"], strict=True)]
    assert found["expanded_s"].to_list() == [2 * each for each in found["u_s"].to_list()]
    assert set(found["d_s_x_y"].to_list()) == {1.0}


@pytest.mark.parametrize(
    ("words", "columns"),
    [
        (["E = m*c**2"], "value,d_m,d_c"),
        (["E = m*c**2", "--value-name", "E", "--grad-prefix", "grad_"], "E,grad_m,grad_c"),
        (["m*c, m/c", "--wrt", "none"], "f1,f2"),
        (["m*c, m/c", "--value-name", "u, v", "--wrt", "c"], "u,v,d_u_c,d_v_c"),
        (["E = m*c**2; p = m*c; E, p", "--wrt", "m", "--order", "2"], "E,p,d_E_m,d_p_m,d_E_m_m,d_p_m_m"),
        (["m*c", "--order", "2", "--wrt", "c,m"], "value,d_c,d_m,d_c_c,d_c_m,d_m_m"),
        (["m*c", "--order", "2", "--grad-prefix", "", "--wrt", "c"], "value,c,c_c"),
        (["m*c, c", "--value-name", "d,v", "--wrt", "c", "--grad-prefix", ""], "d,v,d_c,v_c"),
        (["m*c", "--u", "m=1", "--wrt", "none"], "value,u_value"),
        (["m*c", "--u", "m=1", "--value-name", "p", "--coverage", "2", "--wrt", "none"], "p,u_p,expanded_p"),
        (["m*c", "--accuracy", "--order", "2", "--wrt", "m"], "value,d_m,d_m_m,digits_value,digits_d_m,digits_d_m_m"),
        (["u = m*c; u_u = c; u, u_u", "--u", "m=1", "--wrt", "none"], "u,u_u,uu_u,u_u_u"),
    ],
)
def test_names_of_columns(mgrad: Run, words: list[str], columns: str) -> None:
    ran = mgrad("map", *words, "-", "--keep", "none", stdin="m,c\n1,2\n")
    assert (ran.returncode, ran.stdout.splitlines()[0]) == (0, columns)


def test_names_that_would_meet_get_more_letters(mgrad: Run) -> None:
    text = "a*b_c + a_b*c**2 + a*b_c*c"
    ran = mgrad(
        "map", text, "-", "--order", "2", "--wrt", "a,b_c,a_b,c", "--keep", "none", stdin="a,b_c,a_b,c\n1,2,3,4\n"
    )
    (row,) = table(ran.stdout)
    assert (row["d_a_b_c"], row["dd_a_b_c"]) == ("5.0", "8.0")
    assert list(row)[5:] == [
        "d_a_a", "d_a_b_c", "d_a_a_b", "d_a_c", "d_b_c_b_c", "d_b_c_a_b", "d_b_c_c", "d_a_b_a_b", "dd_a_b_c", "d_c_c",
    ]  # fmt: skip


def test_derivatives_that_diff_writes_are_columns(mgrad: Run, tmp_path: Path) -> None:
    formula = "v1 = vol*sqrt(T); d1 = (log(S/K) + T*vol**2/2)/v1; S*normcdf(d1) - K*normcdf(d1 - v1)"
    (tmp_path / "chain.csv").write_text("S,K,T,vol\n100,90,0.5,0.3\n100,110,0.25,0.2\n")
    chain = str(tmp_path / "chain.csv")
    program = mgrad("diff", "--order", "2", "--wrt", "S,vol", formula).stdout
    ran = mgrad("map", "-", chain, "--keep", "none", stdin=program)
    assert ran.returncode == 0
    assert ran.stderr == "note: the outputs are derivatives already; --wrt differentiates them again\n2 rows\n"
    got = table(ran.stdout)
    assert list(got[0]) == ["d_S_S", "d_S_vol", "d_vol_vol"]
    direct = table(mgrad("map", formula, chain, "--order", "2", "--wrt", "S,vol", "--keep", "none").stdout)
    for one, other in zip(got, direct, strict=True):
        assert all(float(one[name]) == pytest.approx(float(other[name]), rel=1e-12) for name in one)
    again = mgrad("map", "-", chain, "--keep", "none", "--wrt", "K", "--quiet", stdin=program)
    assert (again.stderr, list(table(again.stdout)[0])[3:]) == ("", ["d_d_S_S_K", "d_d_S_vol_K", "d_d_vol_vol_K"])


def test_sums_of_several_outputs_and_second_derivatives(mgrad: Run, points: Path) -> None:
    words = ["(a*x - y)**2, a*b*x", str(points), "--params", "a,b=2", "--reduce", "sum", "--order", "2", "--json"]
    record = json.loads(mgrad("map", *words).stdout)
    rows = numbers(points)
    assert list(record)[3:] == [
        "d_f1_a", "d_f1_b", "d_f2_a", "d_f2_b", "d_f1_a_a", "d_f1_a_b", "d_f1_b_b", "d_f2_a_a", "d_f2_a_b", "d_f2_b_b",
    ]  # fmt: skip
    assert record["d_f1_a_a"] == pytest.approx(sum(2 * row["x"] ** 2 for row in rows), rel=1e-13)
    assert record["d_f2_a_b"] == pytest.approx(sum(row["x"] for row in rows), rel=1e-13)


def test_every_figure_is_certified_and_counted(mgrad: Run) -> None:
    words = ["--order", "2", "--u", "x=0.5,a=0", "--coverage", "2"]
    ran = mgrad(
        "map", "a = 1; a - cos(x), x - sin(x)", "--x", "1e-9:3e-9:1e-9", "--wrt", "x", "--certify", "--accuracy", *words
    )
    assert ran.stderr == "3 rows, 3 computed in exact arithmetic\n"
    row = table(ran.stdout)[0]
    want = {
        "f1": 5e-19, "f2": 1e-27 / 6, "u_f1": 5e-10, "u_f2": 2.5e-19, "expanded_f1": 1e-9, "expanded_f2": 5e-19,
        "d_f1_x": 1e-9, "d_f2_x": 5e-19, "d_f1_x_x": 1.0, "d_f2_x_x": 1e-9,
    }  # fmt: skip
    assert list(row)[1 : 1 + len(want)] == list(want)
    assert {name: float(row[name]) for name in want} == pytest.approx(want, rel=1e-15)
    assert [row[f"digits_{name}"] for name in want] == ["16.0"] * len(want)


# The second order


@pytest.mark.parametrize("kernel", KERNELS)
def test_second_derivatives_have_the_bits_of_evaluation(mgrad: Run, points: Path, kernel: str) -> None:
    ran = mgrad("map", ARITHMETIC, str(points), "--kernel", kernel, "--order", "2", "--wrt", "y,x")
    for got, point in zip(results(ran, 4 + 3 + 6), numbers(points), strict=True):
        found = hessians(read(ARITHMETIC), {"x": point["x"], "y": point["y"]}, ["y", "x"])
        assert got == [each.entry(*place) for each in found for place in ((0, 0), (0, 1), (1, 1))]


def test_second_derivatives_at_an_edge(mgrad: Run) -> None:
    ran = mgrad("map", "x**y", "--x", "0:1:1", "--y", "2", "--order", "2", "--format", "csv")
    (first, _) = table(ran.stdout)
    assert [first[name] for name in ("d_x_x", "d_x_y", "d_y_y")] == ["2.0", "0.0", "0.0"]


# Uncertainties


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("correlation", [None, 0.7, -1.0])
def test_uncertainties_are_those_of_one_point(mgrad: Run, points: Path, kernel: str, correlation: float | None) -> None:
    given = [] if correlation is None else ["--corr", f"y,x={correlation}"]
    ran = mgrad(
        "map", ARITHMETIC, str(points), "--wrt", "none", "--u", "x=u_x", "--u", "y=u_y", *given, "--kernel", kernel
    )
    factor = Correlations.of({} if correlation is None else {("y", "x"): correlation}).factor
    program = with_uncertainty(trace(read(ARITHMETIC), ["x", "y"]), {"x": "u_x", "y": "u_y"}, factor, values=3)
    for got, point in zip(results(ran, 4 + 3), numbers(points), strict=True):
        registers = replay(program, point)
        assert got == pytest.approx([registers[output] for output in program.outputs[3:]], rel=1e-15)


def test_resistance_and_reactance_of_the_gum(mgrad: Run) -> None:
    """JCGM 100:2008, H.2.4, approach 1: three correlated inputs, three outputs."""
    sets = numpy.array([
        [5.007, 4.994, 5.005, 4.990, 4.999],
        [19.663e-3, 19.639e-3, 19.640e-3, 19.685e-3, 19.678e-3],
        [1.0456, 1.0438, 1.0468, 1.0428, 1.0433],
    ])  # fmt: skip
    means, widths = sets.mean(axis=1), sets.std(axis=1, ddof=1) / math.sqrt(5)
    r = numpy.corrcoef(sets)
    ran = mgrad(
        "map", "R = V/I*cos(p); X = V/I*sin(p); Z = V/I; R, X, Z", "-", "--wrt", "none", "--keep", "none",
        "--u", f"V=u_V,I=u_I,p={widths[2]}",
        "--corr", f"V,I={r[0, 1]}", "--corr", f"V,p={r[0, 2]}", "--corr", f"I,p={r[1, 2]}",
        stdin=f"V,I,p,u_V,u_I\n{','.join(map(str, [*means, *widths[:2]]))}\n",
    )  # fmt: skip
    (row,) = table(ran.stdout)
    printed = {"R": 127.732, "X": 219.847, "Z": 254.260, "u_R": 0.071, "u_X": 0.295, "u_Z": 0.236}
    assert {name: float(cell) for name, cell in row.items()} == pytest.approx(printed, abs=6e-4)


def test_uncertainty_of_bound_and_declared_variables(mgrad: Run) -> None:
    ran = mgrad("map", "g = 9.81; m*g*h", "-", "--h", "2", "--u", "g=0.01,h=0.1,m=u", "--wrt", "none",
                stdin="m,u\n3,0\n3,0.5\n")  # fmt: skip
    got = [float(row["u_value"]) for row in table(ran.stdout)]
    shares = (3 * 2 * 0.01) ** 2 + (3 * 9.81 * 0.1) ** 2
    assert got == pytest.approx([math.sqrt(shares), math.sqrt(shares + (9.81 * 2 * 0.5) ** 2)], rel=1e-14)


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_relative_uncertainties(mgrad: Run, ending: str) -> None:
    data = "x\n3\n-4\n\n" if ending == "csv" else '{"x": 3}\n{"x": -4}\n{"x": null}\n'
    ran = mgrad("map", "x*y", "-", "--y", "-2", "--u", "x=10%,y=5%", "--wrt", "none", "--format", "jsonl", stdin=data)
    got = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [row["u_value"] for row in got[:2]] == pytest.approx([math.hypot(0.6, 0.3), math.hypot(0.8, 0.4)])
    assert got[2]["u_value"] is None


def test_values_with_uncertainties_are_those_of_eval(mgrad: Run) -> None:
    formula, words = "4*pi**2*L/T**2", ["--L", "1.2±0.002", "--T", "2.20(1)", "--corr", "L,T=0.3"]
    ran = mgrad("map", f"{formula} + 0*x", *words, "--x", "0:1:1")
    want = json.loads(mgrad("eval", formula, *words, "--json").stdout)
    for row in table(ran.stdout):
        assert float(row["u_value"]) == pytest.approx(want["uncertainty"]["standard"], rel=1e-15)


def test_uncertainties_of_roots(mgrad: Run) -> None:
    data = "a,u,b\n4,0.4,1\n9,,1\n9,0.3,1\n"
    words = [
        "x**2 - a*b",
        "-",
        "--solve",
        "x=1",
        "--u",
        "a=u,b=10%",
        "--coverage",
        "2",
        "--on-error",
        "null",
        "--keep",
        "u",
    ]
    ran = mgrad("map", *words, stdin=data)
    assert "line 3: no uncertainty of 'a' in column 'u'" in ran.stderr
    first, second, third = table(ran.stdout)
    assert list(first) == ["u", "x", "u_x", "expanded_x", "d_x_a", "d_x_b"]
    assert set(second.values()) == {""}
    for row, a in ((first, 4), (third, 9)):
        x = math.sqrt(a)
        u = math.hypot(float(row["u"]) / (2 * x), 0.1 * a / (2 * x))
        assert [float(row[name]) for name in ("x", "u_x", "expanded_x")] == pytest.approx([x, u, 2 * u], rel=1e-14)


BAD = [("1", "0.1"), ("2", "-0.1"), ("", "0.1"), ("4", ""), ("", ""), ("6", "nan"), ("7", "0")]
"""Values and uncertainties. Rows 3 and 5 have no value, rows 2, 4 and 6 no uncertainty."""


@pytest.mark.parametrize("on_error", ["stop", "null", "skip"])
@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_rows_without_an_uncertainty_are_bad_rows(mgrad: Run, tmp_path: Path, ending: str, on_error: str) -> None:
    path = tmp_path / f"bad.{ending}"
    rows = [(float(x) if x else None, float(u) if u else None) for x, u in BAD]
    frame = polars.DataFrame({"x": [x for x, _ in rows], "s": [u for _, u in rows], "id": list("abcdefg")})
    frame.write_parquet(path) if ending == "parquet" else None
    if ending == "csv":
        path.write_text("x,s,id\n" + "".join(f"{x},{u},{key}\n" for (x, u), key in zip(BAD, "abcdefg", strict=True)))
    elif ending == "jsonl":
        lines = [f'{{"x": {x or "null"}, "s": {u or "null"}}}' for x, u in BAD]
        path.write_text("\n".join(lines).replace("nan", "NaN") + "\n")
    ran = mgrad("map", "2*x", str(path), "--u", "x=s", "--on-error", on_error, "--keep", "none", "--format", "jsonl",
                "--allow-nan-input")  # fmt: skip
    first = {"csv": "line 3", "jsonl": "line 2", "parquet": "row 2"}[ending]
    assert f"{first}: the uncertainty of 'x', -0.1 in column 's', is negative" in ran.stderr
    got = [json.loads(line) for line in ran.stdout.splitlines()]
    if on_error == "stop":
        assert (ran.returncode, [row["value"] for row in got]) == (4, [2])
        return
    assert ran.returncode == 1
    assert ran.stderr.count("no uncertainty of 'x' in column 's'") == 2
    assert "3 of 7 rows failed, 2 null" in ran.stderr
    wanted = [2, None, None, None, None, None, 14] if on_error == "null" else [2, None, None, 14]
    assert [row["value"] for row in got] == wanted
    assert [row["u_value"] for row in got if row["value"]] == pytest.approx([0.2, 0])


def test_a_folder_is_resumed_with_the_same_figures_only(mgrad: Run, points: Path, tmp_path: Path) -> None:
    folder = f"{tmp_path / 'out'}/"
    words = ["map", "x*y", str(points), "-o", folder, "--quiet"]
    figures = ["--u", "y=3%,x=u_x", "--corr", "y,x=0.5", "--order", "2"]
    assert mgrad(*words, *figures).returncode == 0
    assert mgrad(*words, *figures, "--resume").returncode == 0
    for others in ([*figures[:-1], "1"], ["--u", "y=2%,x=u_x", *figures[2:]], ["--coverage", "2", *figures]):
        ran = mgrad(*words, *others, "--resume")
        assert (ran.returncode, "is complete, with other results" in ran.stderr) == (2, True)
    alone = mgrad("map", "x*y", str(points), *figures).stdout
    assert (tmp_path / "out" / "part-00000.csv").read_text() == alone


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["x*y", "--value-name", "a,b"], None),
        (["x, y", "--value-name", "a"], "--value-name needs 2 names, as in --value-name x,y, for as many outputs"),
        (["x, y"], "the output column 'x' is also a column of the input; rename results with --value-name"),
        (["x*y", "--order", "2", "--wrt", "none"], "--order 2 and --wrt none cannot be combined"),
        (["x*y", "--u", "x=1,y=1", "--corr", "x,y=0.5", "--certify"], "--certify and --corr cannot be combined"),
        (["x*y", "--u", "x=0.1", "--reduce", "sum"], "--u and --reduce cannot be combined"),
        (["x*y", "--u", "x=u_z"], "no column 'u_z'; columns: x, y, u_x, u_y; did you mean"),
        (["x*y", "--u", "z=0.1"], "no variable 'z' in the expression, for --u"),
        (["x*y", "--u", "x=-0.1"], "the uncertainty in --u x=-0.1 is not a number from 0"),
        (["x*y", "--u", "x=inf"], "the uncertainty in --u x=inf is not a number from 0"),
        (["x*y", "--u", "x=0.1,x=0.2"], "the uncertainty of 'x' is given twice"),
        (["x*y", "--u", "3"], "--u needs NAME=COLUMN, NAME=NUMBER or NAME=PERCENT%, not '3', as in --u x=0.1"),
        (["x*u", "--u", "3"], "'u' is an option, bind the variable with --var u=3"),
        (["x*y", "--corr", "x,y=0.5"], "--corr needs uncertainties, as in --u x=COLUMN"),
        (["x*y", "--coverage", "2"], "--coverage needs uncertainties, as in --u x=COLUMN"),
        (["x*y", "--u", "x=0.1", "--corr", "x,y=0.5"], "--corr names 'y', which has no uncertainty"),
        (["x*y", "--u", "x=1,y=1", "--corr", "x=0.5"], "--corr needs NAME,NAME=NUMBER"),
        (["x*y", "--u", "x=1,y=1", "--corr", "x,y=k"], "the correlation in --corr x,y=k is not a number"),
        (["x*y", "--u", "x=1,y=1", "--corr", "x,y=1.5"], "1.5"),
        (["x*y", "--u", "x=1,y=1", "--corr", "x,x=1"], "a correlation is that of two variables"),
        (["x*y", "--u", "x=1,y=1", "--corr", "x,y=0", "--corr", "y,x=0"], "the correlation of 'y' and 'x' is given twice"),
    ],
)  # fmt: skip
def test_mistakes_are_one_sentence(mgrad: Run, points: Path, words: list[str], message: str | None) -> None:
    ran = mgrad("map", *words, str(points))
    if message is None:
        assert (ran.returncode, list(table(ran.stdout)[0])[4]) == (0, "a,b")
        return
    assert (ran.returncode, ran.stdout) == (2, "")
    assert message in ran.stderr
    assert "Traceback" not in ran.stderr
