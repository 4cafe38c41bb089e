"""Functions of a text, sums, products, inner derivatives and quoted names: every command and every target language."""

import ctypes
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mgrad_cli.codegen.layouts import LAYOUTS
from mgrad_cli.evaluation.graph import input_names
from mgrad_cli.language.lowering import read
from mgrad_cli.library.expression import Expression
from tests.conftest import Run

PROGRAMS = {
    "functions": (
        "f(u, v) = u*v + sin(u); g(t) = f(t, t)*2; g(x + 1) + x.f(y)",
        "((x + 1)*(x + 1) + sin(x + 1))*2 + (x*y + sin(x))",
    ),
    "sums": (
        "sum(k, 1, 3, x**k/k)*prod(j, 1, 2, y + j)",
        "(x**1/1 + x**2/2 + x**3/3)*((y + 1)*(y + 2))",
    ),
    "both": (
        "s(n, t) = sum(k, 1, n, t**k); c = s(2, x); c*s(3, y) + c",
        "c = x + x**2; c*(y + y**2 + y**3) + c",
    ),
    "derivatives": (
        "E(v) = y*v**3; diff(E(x), x) + diff(E(x)*y, y, 2)",
        "3*x**2*y + 2*x**3",
    ),
    "where": (
        "p(t) = where(t > 0, t**2, -t); p(x) + p(-y)*p(y)",
        "x**2 + y*y**2",
    ),
}
POINT = {"x": 0.75, "y": 1.25}
BINDINGS = [f"--{name}={value}" for name, value in POINT.items()]
QUOTED = {"x": "Temp (°C)", "y": "and"}
each_program = pytest.mark.parametrize("name", PROGRAMS)


def quoted(text: str) -> str:
    """The same program with names between backquotes."""
    return re.sub(r"\b[xy]\b", lambda found: f"`{QUOTED[found[0]]}`", text)


def close(found: Any, want: Any) -> bool:
    """Whether numbers in records are equal, up to rounding."""
    if isinstance(want, Mapping):
        return found.keys() == want.keys() and all(close(found[key], each) for key, each in want.items())
    if want is None:
        return found is None
    if isinstance(want, list):
        return len(found) == len(want) and all(map(close, found, want))
    return bool(found == pytest.approx(want, rel=1e-9, abs=1e-12))


def record(mgrad: Run, *words: str, stdin: str = "") -> Any:
    ran = mgrad(*words, "--json", stdin=stdin)
    assert ran.returncode == 0, (words, ran.stderr)
    return json.loads(ran.stdout)


@each_program
def test_commands_at_a_point(name: str, mgrad: Run) -> None:
    text, expanded = PROGRAMS[name]
    for words in (["eval", "--order", "2"], ["eval", "--accuracy"], ["check"], ["taylor", "--order", "3"]):
        verb, *options = words
        found, want = (record(mgrad, verb, each, *BINDINGS, *options) for each in (text, expanded))
        for member in ("value", "grads", "hessian", "coefficients"):
            assert close(found.get(member), want.get(member)), (words, member)
    explained = record(mgrad, "explain", text, *BINDINGS)
    assert {check["verdict"] for check in explained["checks"]} == {"pass"}
    assert explained["calls"]


@each_program
def test_commands_over_rows_and_lines(name: str, mgrad: Run, tmp_path: Path) -> None:
    text, expanded = PROGRAMS[name]
    found, want = (
        record(mgrad, "batch", "-", stdin=json.dumps({"expr": each, "vars": POINT})) for each in (text, expanded)
    )
    assert close(found["grads"], want["grads"])
    data = tmp_path / "data.csv"
    data.write_text("x,y\n0.75,1.25\n")
    assert close(*(record(mgrad, "map", each, str(data)) for each in (text, expanded)))
    data.write_text("Temp (°C),and\n0.75,1.25\n")
    row = record(mgrad, "map", quoted(text), str(data))
    assert close([row["d_Temp (°C)"], row["d_and"]], list(want["grads"].values()))


@each_program
def test_solving_and_fitting(name: str, mgrad: Run, tmp_path: Path) -> None:
    text, expanded = PROGRAMS[name]
    *before, last = text.split("; ")
    equation = "; ".join([*before, f"{last} == 4"])
    found = record(mgrad, "solve", equation, "--for", "x=1", "--y=1.25")
    want = record(mgrad, "solve", "; ".join([*expanded.split("; ")[:-1], f"{expanded.split('; ')[-1]} == 4"]),
                  "--for", "x=1", "--y=1.25")  # fmt: skip
    assert close(found["root"], want["root"])
    least = "; ".join([*before, f"({last} - 4)**2 + (y - 1)**2"])
    assert close(record(mgrad, "minimize", least, *BINDINGS)["value"], 0.0)
    data = tmp_path / "data.csv"
    data.write_text("x,z\n1,5\n2,7\n3,9\n")
    model = "line(t) = `slope m`*t + q; line(x)"
    fitted = record(mgrad, "fit", model, str(data), "--y", "z", "--params", "`slope m`=1,q=1")
    assert close({each: value["estimate"] for each, value in fitted["params"].items()}, {"slope m": 2.0, "q": 3.0})


@each_program
def test_derivatives_as_formulas_mean_the_same(name: str, mgrad: Run) -> None:
    text, expanded = PROGRAMS[name]
    for one in (text, quoted(text)):
        formulas = mgrad("diff", one).stdout
        values = Expression(formulas)({QUOTED[key] if one != text else key: value for key, value in POINT.items()})
        want = Expression(expanded)(POINT).grads
        assert close([output.value for output in values.result.parts], list(want.values()))


@each_program
def test_outputs_are_expanded_on_their_own(name: str) -> None:
    text, expanded = PROGRAMS[name]
    *before, last = text.split("; ")
    several = Expression("; ".join([*before, f"`u v` = {last}; `u v`, x*y"]))
    assert close(several(POINT).jacobian["u v"], Expression(expanded)(POINT).grads)
    assert close(several.output("u v")(POINT).grads, Expression(expanded)(POINT).grads)


PARTS = {"python": "print(repr(f({0})))", "numpy": "print(repr(f({0})))", "js": "console.log(JSON.stringify(f({0})))"}


def numbers(output: str) -> list[float]:
    """The numbers in what a program prints, without those in names."""
    return [float(word) for word in re.findall(r"(?<![\w.])-?\d+\.?\d*(?:e[-+]?\d+)?(?![\w])", output)]


@pytest.mark.sampled(4)
@pytest.mark.parametrize("language", [each for each in LAYOUTS if each != "latex"])
@each_program
def test_code_computes_the_same(name: str, language: str, tmp_path: Path) -> None:
    text, expanded = PROGRAMS[name]
    want = Expression(expanded)(POINT)
    for one in (text, quoted(text)):
        names = {QUOTED[key] if one != text else key: value for key, value in POINT.items()}
        point = [names[each] for each in input_names(read(one), ())[0]]
        code = Expression(one).code(language)
        found = compiled(code, point, tmp_path) if language == "c" else ran(code, language, point, tmp_path)
        order = [list(POINT.values()).index(each) for each in point]
        wanted = list(want.grads.values())
        assert close(found, [want.value, *(wanted[index] for index in order)]), code


def compiled(code: str, point: list[float], folder: Path) -> list[float]:
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    source, library = folder / "f.c", folder / f"f{len(list(folder.iterdir()))}.so"
    source.write_text(code)
    subprocess.run(["gcc", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, source, "-lm"], check=True)
    function = ctypes.CDLL(str(library)).f
    function.restype = ctypes.c_double
    gradient = (ctypes.c_double * len(point))()
    return [function(*map(ctypes.c_double, point), gradient), *gradient]


def ran(code: str, language: str, point: list[float], folder: Path) -> list[float]:
    program = "node" if language == "js" else sys.executable
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    source = folder / f"program.{'js' if language == 'js' else 'py'}"
    source.write_text(f"{code}\n{PARTS[language].format(', '.join(map(repr, point)))}\n")
    output = subprocess.run([program, source], capture_output=True, text=True, check=True).stdout
    return numbers(output.replace("float64", ""))
