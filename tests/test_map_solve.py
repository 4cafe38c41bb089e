"""`map --solve`: a column of roots with its derivatives, and rows without a root."""

import json
from pathlib import Path

import numpy
import pytest

from mgrad_cli import Expression
from tests.conftest import Run
from tests.guide import EXAMPLES

CALL = (EXAMPLES / "black_scholes.mg").read_text().strip()
CHAIN = ["--S", "101.5", "--r", "0.03", "--solve", "vol=0.2", "--wrt"]


def test_implied_volatilities_give_their_prices_back(mgrad: Run, tmp_path: Path) -> None:
    random = numpy.random.default_rng(7)
    rows = 2000
    strike, days, vol = random.uniform(80, 125, rows), random.uniform(30, 700, rows), random.uniform(0.1, 0.8, rows)
    prices = Expression(CALL).compile(wrt=["vol", "K"])(S=101.5, r=0.03, K=strike, days=days, vol=vol)
    lines = [
        f"{k!r},{d!r},{p!r}" for k, d, p in zip(strike.tolist(), days.tolist(), prices.value.tolist(), strict=True)
    ]
    (tmp_path / "chain.csv").write_text("\n".join(["K,days,price", *lines]) + "\n")
    words = ["map", f"{CALL} == price", "chain.csv", *CHAIN, "K,price", "--keep", "none"]
    ran = mgrad(*words, "--format", "jsonl", cwd=tmp_path)
    assert ran.returncode == 0
    assert ran.stderr == "2,000 rows\n"
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    vega = prices.grads["vol"]
    noise = 2.0**-48 * 101.5 / vega
    assert (abs(numpy.array([each["vol"] for each in found]) - vol) <= noise + 1e-15).all()
    clear = vega > 0.01
    for name, moves in (("d_vol_price", 1 / vega), ("d_vol_K", -prices.grads["K"] / vega)):
        numpy.testing.assert_allclose(numpy.array([each[name] for each in found])[clear], moves[clear], rtol=1e-8)


@pytest.mark.parametrize("start", ["x=1", "x=first", "x=0:5", "x=low:5", "x=low : high"])
def test_searches_start_from_numbers_columns_and_brackets(mgrad: Run, tmp_path: Path, start: str) -> None:
    (tmp_path / "rows.csv").write_text("a,first,low,high\n1,2,0,9\n8,1,1,3\n")
    ran = mgrad("map", "x**3 == a", "rows.csv", "--solve", start, "--keep", "a", cwd=tmp_path)
    assert ran.stdout.splitlines() == ["a,x,d_x_a", "1,1.0,0.3333333333333333", "8,2.0,0.08333333333333333"]


def test_rows_of_a_grid_and_parameters_that_are_bound(mgrad: Run) -> None:
    ran = mgrad("map", "b*x - a", "--a", "1:3:1", "--b", "2", "--solve", "x=1", "--wrt", "a,b")
    assert ran.stdout.splitlines()[1:] == ["1.0,0.5,0.5,-0.25", "2.0,1.0,0.5,-0.5", "3.0,1.5,0.5,-0.75"]


@pytest.mark.parametrize(
    ("on_error", "code", "written"),
    [
        ("stop", 4, ["a,x", "4,2.0"]),
        ("null", 1, ["a,x", "4,2.0", "-1,", "9,3.0"]),
        ("skip", 1, ["a,x", "4,2.0", "9,3.0"]),
    ],
)
def test_a_row_without_a_root_is_a_bad_row(
    mgrad: Run, tmp_path: Path, on_error: str, code: int, written: list[str]
) -> None:
    (tmp_path / "rows.csv").write_text("a\n4\n-1\n9\n")
    ran = mgrad("map", "x**2 == a", "rows.csv", "--solve", "x=1", "--wrt", "none", "--on-error", on_error, cwd=tmp_path)
    assert ran.returncode == code
    assert ran.stdout.splitlines() == written
    assert "rows.csv, line 3: 'x' is not solved for: no root found" in ran.stderr
    assert on_error == "stop" or "1 of 3 rows failed" in ran.stderr


def test_missing_values_are_null_and_do_not_fail(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("a,b\n4,1\n,1\n9,1\n")
    ran = mgrad("map", "b*x**2 == a", "rows.csv", "--solve", "x=1", "--wrt", "none", "--keep", "none", cwd=tmp_path)
    assert ran.returncode == 0
    assert ran.stdout.splitlines() == ["x", "2.0", "", "3.0"]
    assert ran.stderr == "3 rows, 1 null\n"


HOPELESS = {
    "below what it is worth when exercised": "85,30,15.2",
    "above the stock": "85,30,110",
    "deep in the money, vega 0 in doubles": "1,30,100.5024627",
    "deep out of the money, price 0": "10000,3,0",
}


@pytest.mark.parametrize("row", HOPELESS.values(), ids=HOPELESS)
def test_prices_that_imply_no_volatility_are_failures(mgrad: Run, tmp_path: Path, row: str) -> None:
    (tmp_path / "chain.csv").write_text(f"K,days,price\n100,30,4.18\n{row}\n100,91,6.34\n")
    words = ["map", f"{CALL} == price", "chain.csv", *CHAIN, "none", "--keep", "none"]
    ran = mgrad(*words, "--on-error", "null", cwd=tmp_path)
    assert ran.returncode == 1
    first, second, third = ran.stdout.splitlines()[1:]
    assert float(first) == pytest.approx(0.2809125, rel=1e-6)
    assert second == ""
    assert float(third) == pytest.approx(0.2572309, rel=1e-6)
    assert "1 of 3 rows failed" in ran.stderr


def test_a_bracket_leaves_out_roots_that_mean_nothing(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "chain.csv").write_text("K,days,price\n100,30,-1\n")
    words = ["map", f"{CALL} == price", "chain.csv", *CHAIN, "none", "--keep", "none", "--on-error", "null"]
    assert mgrad(*words, cwd=tmp_path).stdout == "vol\n-0.1507780546303153\n"
    words[words.index("vol=0.2")] = "vol=1e-3:5"
    ran = mgrad(*words, cwd=tmp_path)
    assert ran.stdout == "vol\n\n"
    assert "no change of sign between the ends of the bracket" in ran.stderr


def test_prices_far_out_of_the_money_that_imply_one_are_solved(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "chain.csv").write_text("K,days,price\n200,30,1e-12\n300,91,1e-9\n")
    words = ["map", f"{CALL} == price", "chain.csv", *CHAIN, "none", "--keep", "K,days,price"]
    ran = mgrad(*words, cwd=tmp_path)
    assert ran.returncode == 0
    for line in ran.stdout.splitlines()[1:]:
        strike, days, price, vol = map(float, line.split(","))
        again = Expression(CALL)(S=101.5, r=0.03, K=strike, days=days, vol=vol)
        assert again.value == pytest.approx(price, rel=1e-9)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--solve", "x"], "--solve needs NAME=START or NAME=LOW:HIGH, not 'x'"),
        (["--solve", "z=1"], "no variable 'z' in the expression, for --solve"),
        (
            ["--solve", "x=fist"],
            "'fist', where --solve starts, is neither a number nor a column; did you mean 'first'?",
        ),
        (["--solve", "a=1"], "'a' is the unknown of --solve and a column of the data"),
        (["--solve", "x=1", "--x", "2"], "'x' is the unknown of --solve and has a value as well"),
        (["--solve", "x=1", "--order", "2"], "--solve and --order 2 cannot be combined"),
        (["--solve", "x=1", "--accuracy"], "--solve and --accuracy cannot be combined"),
        (["--solve", "x=1", "--wrt", "x"], "no variable 'x' in the expression"),
    ],
)
def test_what_makes_no_sense_is_refused(mgrad: Run, tmp_path: Path, words: list[str], message: str) -> None:
    (tmp_path / "rows.csv").write_text("a,first\n4,1\n")
    ran = mgrad("map", "x**2 == a", "rows.csv", *words, cwd=tmp_path)
    assert ran.returncode == 2
    assert message in ran.stderr.splitlines()[0]


def test_parts_of_a_folder_are_solved_alike(mgrad: Run, tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.csv").write_text(f"a\n{number + 1}\n{number + 4}\n")
    plain = mgrad("map", "x**3 + x == a", "0.csv", "1.csv", "2.csv", "--solve", "x=1", cwd=tmp_path)
    ran = mgrad("map", "x**3 + x == a", "0.csv", "1.csv", "2.csv", "--solve", "x=1", "-o", "out/", cwd=tmp_path)
    assert ran.returncode == 0
    parts = sorted((tmp_path / "out").glob("*.csv"))
    assert len(parts) == 3
    rows = [line for part in parts for line in part.read_text().splitlines()[1:]]
    assert rows == plain.stdout.splitlines()[1:]


def test_the_mean_of_roots(mgrad: Run) -> None:
    ran = mgrad("map", "b*x - a", "--a", "1:3:1", "--b", "2", "--solve", "x=1", "--reduce", "mean")
    assert json.loads(ran.stdout) == {"rows": 3, "x": 1.0, "d_x_b": -0.5}
