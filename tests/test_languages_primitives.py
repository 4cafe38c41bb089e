"""The primitive operations in other languages: each at its samples and at its edges, against the table's own floats."""

import math
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from mgrad_cli.codegen.c import C
from mgrad_cli.codegen.javascript import JAVASCRIPT
from mgrad_cli.codegen.layouts import LAYOUTS, layout
from mgrad_cli.codegen.numpy_ import NUMPY
from mgrad_cli.codegen.primitives import ATOM, Language, Spelled, requirements, spell
from mgrad_cli.codegen.python import PYTHON
from mgrad_cli.operations import TABLE, Operation, rows

LANGUAGES = [layout(name).language for name in LAYOUTS]
in_every_language = pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
ROWS = [row for group in rows().values() for row in group if row.body is None]

INF, NAN = math.inf, math.nan
EDGES = (
    0.0, -0.0, 5e-324, -5e-324, 1e-300, 1e-5, -0.3, 0.5, -0.5, 0.99, 1.0, -1.0, 1.5, 2.0, -2.0, 2.5, 3.0, -3.0, 6.1,
    -7.7, 10.3, 26.5, 171.5, 2.0**52 + 1, -(2.0**53), 1e308, -1e308, INF, -INF, NAN,
)  # fmt: skip
CHOICES = (0.0, -0.0, 1.0, -2.5, INF, NAN)
ORDERS = (0.0, 1.0, 2.0, 3.0, 7.0, 170.0, 200.0, 1.5, -1.0, -2.0, INF, -INF, NAN)
TOLERANCES = dict.fromkeys(("erfi", "erfinv", "erfcinv", "lambertw", "j0", "j1", "y0", "y1"), 1e-12) | {
    "gammainc": 1e-10, "gammaincc": 1e-10,
    "gamma": 1e-12, "lgamma": 1e-12, "digamma": 1e-12, "polygamma": 1e-12,
}  # fmt: skip
EXCUSED = {("lgamma", (5e-324,)), ("lgamma", (-5e-324,)), ("erfcinv", (5e-324,))}
"""Where SciPy is not right, inf for 744.4; and where erfc has no digits to invert."""


class Job(NamedTuple):
    """An expression over some names, to be evaluated at points."""

    names: list[str]
    expression: str
    points: list[tuple[float, ...]]


def arity(row: Operation) -> int:
    return 2 if row.variadic else len(row.operands)


def cases(row: Operation) -> list[tuple[float, ...]]:
    """The row's samples, and every combination of edges."""
    edges = product(EDGES if arity(row) < 3 else CHOICES, repeat=arity(row))
    if row.name == "polygamma":  # for negative x its terms cancel
        edges = product(ORDERS, [x for x in EDGES if not x < 0 or x % 1 == 0 or x == -0.3])
    chosen = [*(sample for sample in (*row.samples, *row.ill_conditioned) if len(sample) == arity(row)), *edges]
    if row.name.startswith("gammainc"):  # SciPy's are nan for the largest orders, and 0 before others underflow
        least = sys.float_info.min / sys.float_info.epsilon
        chosen = [
            case
            for case in chosen
            if case[0] != 5e-324 and case[0] < 1e300 and (0 in case or not row.evaluate(*case) < least)
        ]
    return [case for case in chosen if (row.name, case) not in EXCUSED]


def python_program(jobs: list[Job]) -> str:
    lines = []
    for names, expression, points in jobs:
        listed = listing(PYTHON, points, "({},)", "[{}]")
        lines += [f"for {', '.join(names)}, in {listed}:", f"    print({expression})"]
    return "\n".join([*preamble(PYTHON), *lines])


def numpy_program(jobs: list[Job]) -> str:
    lines = ["def show(result, count):", "    print(*numpy.broadcast_to(result, count).tolist())"]
    lines += ["numpy.seterr(all='ignore')"]
    for names, expression, points in jobs:
        listed = listing(NUMPY, points, "({},)", "[{}]")
        lines += [f"{', '.join(names)}, = numpy.array({listed}).T", f"show({expression}, {len(points)})"]
    return "\n".join([*preamble(NUMPY), *lines])


def javascript_program(jobs: list[Job]) -> str:
    lines = ["const show = (x) => console.log(Object.is(x, -0) ? '-0' : String(x));"]
    for names, expression, points in jobs:
        listed = listing(JAVASCRIPT, points, "[{}]", "[{}]")
        lines.append(f"for (const [{', '.join(names)}] of {listed}) show({expression});")
    return "\n".join(['"use strict";', *preamble(JAVASCRIPT), *lines])


def c_program(jobs: list[Job]) -> str:
    functions, calls = ["#include <stdio.h>"], []
    for index, (names, expression, points) in enumerate(jobs):
        parameters = ", ".join(f"double {name}" for name in names)
        functions.append(f"static double f{index}({parameters}) {{ return {expression}; }}")
        listed = listing(C, points, "{{{}}}", "{{{}}}")
        functions.append(f"static const double p{index}[][{len(names)}] = {listed};")
        operands = ", ".join(f"p{index}[i][{operand}]" for operand in range(len(names)))
        calls.append(f'for (int i = 0; i < {len(points)}; i++) printf("%.17g\\n", f{index}({operands}));')
    return "\n".join([*preamble(C), *functions, "int main(void) {", *calls, "}"])


def listing(language: Language, points: list[tuple[float, ...]], row: str, rows: str) -> str:
    """Points as literals of the language."""
    texts = [", ".join(spell(language.literal(number)).text for number in point) for point in points]
    return rows.format(", ".join(row.format(text) for text in texts))


def preamble(language: Language) -> list[str]:
    """Everything that any primitive needs."""
    needs = {need for primitive in language.primitives.values() for need in primitive.needs} | set(language.imports)
    imports, definitions = requirements(language, needs)
    return [*imports, *definitions]


def run_python(path: Path) -> list[str]:
    return said(sys.executable, "-W", "error", str(path))


def run_node(path: Path) -> list[str]:
    return said(tool("node"), str(path))


def run_compiled(path: Path) -> list[str]:
    strict = [
        "-Wall",
        "-Wextra",
        "-Werror",
        *(f"-Wno-{fine}" for fine in ("unused-function", "unused-parameter", "tautological-compare")),
    ]
    said(tool("gcc"), "-O2", "-std=c99", *strict, "-xc", str(path), "-o", f"{path}.out", "-lm")
    return said(f"{path}.out")


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"no {name} on this machine")
    return found


def said(*words: str) -> list[str]:
    finished = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert finished.returncode == 0, finished.stderr[-2000:]
    return finished.stdout.split()


PROGRAMS: dict[str, tuple[Callable[[list[Job]], str], Callable[[Path], list[str]]]] = {
    "python": (python_program, run_python),
    "numpy": (numpy_program, run_python),
    "c": (c_program, run_compiled),
    "js": (javascript_program, run_node),
}


def evaluated(language: Language, jobs: list[Job], folder: Path) -> list[list[float]]:
    """The results of each job at its points, from one program in the language."""
    pytest.importorskip("scipy", reason="the gamma family needs SciPy (extra `special`)")
    program, run = PROGRAMS[language.name]
    path = folder / "program"
    path.write_text(program(jobs))
    results = iter(map(float, run(path)))
    answers = [[next(results) for _ in job.points] for job in jobs]
    assert next(results, None) is None
    return answers


def agrees(got: float, want: float, tolerance: float) -> bool:
    """Whether a result is the table's: nan, infinities and the sign of zero exactly, other numbers closely."""
    if 0 in (got, want) or not math.isfinite(got) or not math.isfinite(want):
        return repr(got) == repr(want)
    return abs(got - want) <= tolerance * max(abs(want), sys.float_info.min)


@in_every_language
def test_every_primitive_means_what_the_table_says(language: Language, tmp_path: Path) -> None:
    jobs = []
    for row in ROWS:
        names = ["a", "b", "c"][: arity(row)]
        expression = spell(language.primitives[row.name], *map(Spelled, names)).text
        jobs.append(Job(names, expression, cases(row)))
    wrong = [
        (row.name, point, got, row.evaluate(*point))
        for row, job, results in zip(ROWS, jobs, evaluated(language, jobs, tmp_path), strict=True)
        for point, got in zip(job.points, results, strict=True)
        if not agrees(got, row.evaluate(*point), TOLERANCES.get(row.name, 1e-14))
    ]
    assert not wrong


@in_every_language
def test_every_primitive_of_the_table_is_there(language: Language) -> None:
    assert set(language.primitives) == {row.name for row in ROWS}
    assert set(language.booleans) == {row.name for row in ROWS if row.group == "logic"}
    for row in ROWS:
        assert len(language.primitives[row.name].operand_levels) == arity(row), row.name


@in_every_language
def test_an_operand_stands_once_in_a_spelling(language: Language) -> None:
    for primitive in [*language.primitives.values(), *language.booleans.values(), language.quotient]:
        indices = re.findall(r"\{(\d)\}", primitive.spelling)
        assert sorted(indices) == [str(index) for index in range(len(primitive.operand_levels))], primitive


@in_every_language
def test_a_definition_stands_after_what_it_needs_and_something_needs_it(language: Language) -> None:
    indices = {name: index for index, name in enumerate(language.support)}
    for name, definition in language.support.items():
        assert all(indices[need] < indices[name] for need in definition.needs if need in indices), name
    asked = {need for primitive in language.primitives.values() for need in primitive.needs}
    asked.update(layout(language.name).needs)
    assert requirements(language, asked).definitions == [definition.source for definition in language.support.values()]
    assert not requirements(language, ()).definitions


@pytest.mark.parametrize(
    ("language", "name", "imports", "definitions"),
    [
        (PYTHON, "add", [], []),
        (PYTHON, "atan2", ["import math"], []),
        (PYTHON, "exp", ["import math"], ["quiet", "exp"]),
        (PYTHON, "floor_divide", ["import math"], ["divide", "floor_divide"]),
        (PYTHON, "gamma", ["import scipy.special"], []),
        (NUMPY, "sin", ["import numpy"], []),
        (NUMPY, "erf", ["import math", "import numpy"], ["erf"]),
        (C, "sin", ["#include <math.h>"], []),
        (C, "digamma", ["#include <math.h>"], ["BERNOULLI", "digamma"]),
        (JAVASCRIPT, "erf", [], ["bell", "erfSeries", "erfcFraction", "erf"]),
    ],
    ids=lambda given: given.name if isinstance(given, Language) else None,
)
def test_a_primitive_brings_what_it_needs(
    language: Language, name: str, imports: list[str], definitions: list[str]
) -> None:
    sources = [language.support[definition].source for definition in definitions]
    assert requirements(language, language.primitives[name].needs) == (imports, sources)


@in_every_language
def test_spellings_use_names_that_are_defined_or_reserved(language: Language) -> None:
    """So that a misspelled or missing definition is found on machines that cannot run the language."""
    for primitive in [*language.primitives.values(), *language.booleans.values()]:
        for name in re.findall(r"(?<![\w.])[A-Za-z]\w*", primitive.spelling):
            assert language.identifiers.is_reserved(name), name


@in_every_language
def test_definitions_are_reserved_and_common_variables_are_not(language: Language) -> None:
    assert set(language.support) <= language.identifiers.reserved
    assert {"if", "for", "return"} <= language.identifiers.reserved
    assert not language.identifiers.reserved & {"a", "b", "c", "m", "x", "y", "alpha", "sigma", "result"}


Tree = Any
"""A variable, a number, or an operation with its operands; `truth less` is a comparison as a condition."""

A_LESS_B = ("truth less", "a", "b")
NESTINGS: dict[str, Tree] = {
    "a - b - c": ("subtract", ("subtract", "a", "b"), "c"),
    "a - (b - c)": ("subtract", "a", ("subtract", "b", "c")),
    "a + (b + c)": ("add", "a", ("add", "b", "c")),
    "a - -b": ("subtract", "a", ("negative", "b")),
    "-(a + b)": ("negative", ("add", "a", "b")),
    "-(-a)": ("negative", ("negative", "a")),
    "-(-2.0)": ("negative", -2.0),
    "(a + b) * (a - -0.5)": ("multiply", ("add", "a", "b"), ("subtract", "a", -0.5)),
    "-a * -b": ("multiply", ("negative", "a"), ("negative", "b")),
    "a / c / 2.0": ("quotient", ("quotient", "a", "c"), 2.0),
    "a / (c / -2.0)": ("quotient", "a", ("quotient", "c", -2.0)),
    "power(-a, 2.0)": ("pow", ("negative", "a"), 2.0),
    "(a if a < b else b) * c": ("multiply", ("truth where", A_LESS_B, "a", "b"), "c"),
    "a if not a < b else b if a < b else c": (
        "truth where", ("truth logical_not", A_LESS_B), "a", ("truth where", A_LESS_B, "b", "c"),
    ),
    "(a if a < b else b) if a < b else c": ("truth where", A_LESS_B, ("truth where", A_LESS_B, "a", "b"), "c"),
    "where(float(a < b), a, b) * c": ("multiply", ("where", ("less", "a", "b"), "a", "b"), "c"),
}  # fmt: skip
EXACT = ("add", "subtract", "multiply", "negative", "abs", "max", "sqrt", "where", "logical_and", "logical_not")
COMPARISONS = ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")
CONNECTIVES = ("logical_and", "logical_or", "logical_not")
POINTS: list[tuple[float, ...]] = [(1.5, -0.3, 7.0), (0.0, -0.0, 2.0), (NAN, 1.0, -INF)]


def spelled(language: Language, tree: Tree) -> Spelled:
    if isinstance(tree, str):
        return Spelled(tree)
    if isinstance(tree, float):
        return spell(language.literal(tree))
    operands = [spelled(language, operand) for operand in tree[1:]]
    kind, _, name = tree[0].rpartition(" ")
    if name == "quotient":
        return spell(language.quotient, *operands)
    return spell((language.booleans if kind else language.primitives)[name], *operands)


def value(tree: Tree, variables: dict[str, float]) -> float:
    if isinstance(tree, str):
        return variables[tree]
    if isinstance(tree, float):
        return tree
    name = tree[0].removeprefix("truth ").replace("quotient", "divide")
    return TABLE[name][0].evaluate(*(value(operand, variables) for operand in tree[1:]))


def some_tree(random: Random, depth: int) -> Tree:
    """A tree of operations whose results IEEE 754 gives to the last bit, so that any other reading of it shows."""
    if depth == 0:
        return random.choice(["a", "b", "c", "a", "b", "c", -2.0, 0.5, -0.0])
    name = random.choice([*EXACT, *COMPARISONS, "divide", "quotient", "truth where"])
    below = [some_tree(random, depth - 1) for _ in range(3)]
    if name == "divide":  # NumPy's division needs an array
        return name, below[0], random.choice(["a", "b", "c"])
    if name == "quotient":
        return name, below[0], random.choice([-2.0, 0.5, 3.0])
    if name == "truth where":
        return name, some_truth(random, depth - 1), *below[1:]
    return name, *below[: arity(TABLE[name][0])]


def some_truth(random: Random, depth: int) -> Tree:
    if depth <= 0:
        return f"truth {random.choice(COMPARISONS)}", some_tree(random, 1), some_tree(random, 1)
    name = random.choice(CONNECTIVES)
    return f"truth {name}", *(some_truth(random, depth - 1) for _ in range(arity(TABLE[name][0])))


@pytest.mark.parametrize("text", NESTINGS)
def test_parentheses_stand_where_they_are_needed_and_nowhere_else(text: str) -> None:
    assert spelled(PYTHON, NESTINGS[text]).text == text


def test_an_operand_of_any_level_goes_into_a_call() -> None:
    assert spell(PYTHON.primitives["sqrt"], Spelled("a if b else c", 1)) == ("sqrt(a if b else c)", ATOM)


@pytest.mark.slow
@in_every_language
def test_nested_operations_keep_their_meaning(language: Language, tmp_path: Path) -> None:
    random = Random(7)
    trees = [*NESTINGS.values(), *(some_tree(random, 1 + index % 4) for index in range(400))]
    jobs = [Job(["a", "b", "c"], spelled(language, tree).text, POINTS) for tree in trees]
    for tree, job, results in zip(trees, jobs, evaluated(language, jobs, tmp_path), strict=True):
        for point, got in zip(POINTS, results, strict=True):
            want = value(tree, dict(zip("abc", point, strict=True)))
            assert repr(got) == repr(want), (job.expression, point)
