"""The commands that show an expression otherwise: step by step, as a graph, its derivative, its check, a plot."""

import math
import re
from collections.abc import Iterator

from mgrad_cli.errors import UsageError
from mgrad_cli.evaluation import input_names, parse_value
from mgrad_cli.renderers import EVAL_FORMATS
from mgrad_cli.results import differentiate
from mgrad_cli.session.answers import Answer, Request, composed_alone, located

PLOT_RANGE, PLOT_SAMPLES, MOST_SAMPLES = "-5:5", 1001, 100_000
OVER_RANGE = re.compile(r",\s*([^\W\d]\w*)\s*=([^,=]*:[^,=]*)$")
"""What ends the expression of a plot."""


def nodes(request: Request) -> Iterator[Answer]:
    composition = request.evaluated()
    result = differentiate(composition.unit, composition.values, with_nodes=True)
    text = "".join(EVAL_FORMATS["table"]([result], request.view))
    yield Answer(text, located(composition, result.findings))


def explain(request: Request) -> Iterator[Answer]:
    from mgrad_cli.recording import checked, record
    from mgrad_cli.renderers.lessons import LESSON_FORMATS, Lesson

    composition = request.evaluated()
    tape = record(composition.unit, composition.values)
    lesson = Lesson(tape, checked(composition.unit, tape))
    yield Answer("".join(LESSON_FORMATS["text"](lesson, request.view)), located(composition, tape.findings))


def graph(request: Request) -> Iterator[Answer]:
    from mgrad_cli.recording import record
    from mgrad_cli.renderers.graphs import GRAPH_FORMATS

    composition = request.evaluated()
    tape = record(composition.unit, composition.values)
    yield Answer("".join(GRAPH_FORMATS["tree"](tape, request.view)), located(composition, tape.findings))


def check(request: Request) -> Iterator[Answer]:
    from mgrad_cli.numerical import overall
    from mgrad_cli.renderers.checks import CHECK_FORMATS, Report
    from mgrad_cli.sampling import check_unit

    composition = request.evaluated()
    result = differentiate(composition.unit, composition.values)
    if not result.vars:
        raise UsageError("the expression has no variables to differentiate by")
    checks = check_unit(composition.unit, result.vars, result.grads or {})
    value = math.nan if result.value is None else result.value
    report = Report(composition.expression, value, checks, overall(checks))
    yield Answer("".join(CHECK_FORMATS["table"](report, request.view)))


def diff(request: Request) -> Iterator[Answer]:
    """Every variable stays a name here, whether it has a value or not."""
    from mgrad_cli.renderers.formulas import FORMULA_FORMATS, Formulas
    from mgrad_cli.symbolic.derivatives import derivatives

    composition = request.composition()
    unit = composition.unit
    names, _ = input_names(unit, composition.values)
    if not names:
        raise UsageError("the expression has no variables to differentiate by")
    formulas = Formulas(composition.expression, tuple(names), {}, "f", derivatives(unit, names, names))
    yield Answer("".join(FORMULA_FORMATS["text"](formulas, request.view)))


def plot(request: Request) -> Iterator[Answer]:
    from mgrad_cli.curves import function_of, sampled_lines
    from mgrad_cli.data.ranges import parse_range
    from mgrad_cli.renderers.plots import PLOT_FORMATS

    over = OVER_RANGE.search(request.entry)
    entry = request.entry if over is None else request.entry[: over.start()]
    composition = composed_alone(request, entry) if entry[request.start :].strip() else request.composition()
    names, _ = input_names(composition.unit, composition.values)
    if over is None and len(names) != 1:
        raise UsageError(f"a plot goes over one variable; say which: {request.command} EXPRESSION, x = {PLOT_RANGE}")
    name, bounds = (names[0], PLOT_RANGE) if over is None else (over[1], over[2].strip())
    others = {each: value for each, value in composition.values.items() if each != name}
    request.session.refuse_missing(composition._replace(values={**others, name: 0.0}))
    is_counted = "#" in bounds or bounds.count(":") > 1
    range_ = parse_range(name, bounds if is_counted else f"{bounds}#{PLOT_SAMPLES}", parse_value)
    if range_.step == 0 or not 1 < range_.count <= MOST_SAMPLES:
        raise UsageError(f"'{bounds}', for {name}, is no range to plot over: 2 to {MOST_SAMPLES:,} different values")
    lines = sampled_lines(function_of(composition.unit, [name], others), range_)
    if lines.is_empty:
        raise UsageError(f"nothing to draw: no value is finite over the range of {name}")
    view = request.view._replace(title=composition.expression)
    yield Answer("".join(PLOT_FORMATS["terminal"](lines, view)))
