"""The commands that show an expression: nodes, explanation, graph, derivatives, check, plot."""

import math
import re
from collections.abc import Iterator

from mgrad_cli.errors import UnknownVariableError, UsageError
from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.evaluation.graph import input_names
from mgrad_cli.evaluation.name_advice import doubts
from mgrad_cli.evaluation.second_order import hessians
from mgrad_cli.evaluation.second_results import add_second_order
from mgrad_cli.evaluation.value_text import parse_value
from mgrad_cli.language.names import read_name
from mgrad_cli.language.outputs import check_one_output
from mgrad_cli.renderers import EVAL_FORMATS
from mgrad_cli.repl.answers import CommandCall, Response, composed_alone, located
from mgrad_cli.repl.options import Accepted, exclusive, names, one_of, positive, read_options, whole
from mgrad_cli.text import counted, printable

PLOT_RANGE, PLOT_SAMPLES, MAX_SAMPLES = "-5:5", 1001, 100_000
OVER_RANGE = re.compile(r",\s*([^\W\d]\w*|`[^`\n]+`)\s*=([^,=]*:[^,=]*)$")
"""The range at the end of a plot's expression."""


def nodes(request: CommandCall) -> Iterator[Response]:
    request, options = read_options(
        request,
        {
            "--wrt": names,
            "--format": one_of(*EVAL_FORMATS),
            "--json": None,
            "--inputs-only": None,
            "--all-nodes": None,
            "--sides": None,
            "--order": whole(1, 2),
        },
    )
    if "--json" in options and options.get("--format", "json") not in {"json", "jsonl"}:
        raise UsageError(f"--json and --format {options['--format']} cannot be combined")
    output_format = options.get("--format", "json" if "--json" in options else "table")
    composition = request.evaluated()
    is_sided = "--sides" in options
    result = differentiate(
        composition.script, composition.values, options.get("--wrt", []), with_nodes=True, with_hints=not is_sided
    )
    if is_sided:
        from mgrad_cli.series.sides import sides

        if not EVAL_FORMATS[output_format].has_sides:
            raise UsageError(f"--sides cannot be combined with --format {output_format}")
        result.sides = sides(composition.script, result.vars, list(result.grads or {}))
    order = options.get("--order", 1)
    if order > 1:
        add_second_order(result, composition.script, order, None)
    view = request.view._replace(
        inputs_only="--inputs-only" in options, all_nodes="--all-nodes" in options, order=order
    )
    yield Response(
        "".join(EVAL_FORMATS[output_format].render([result], view)),
        located(composition, result.findings, result.losses),
    )


def explain(request: CommandCall) -> Iterator[Response]:
    from mgrad_cli.evaluation.tape import check_gradients, record
    from mgrad_cli.renderers.explanations.steps import EXPLANATION_FORMATS, ExplanationContent

    accepted: Accepted = {"--step": whole(1), "--markdown": None, "--json": None, "--all-nodes": None}
    request, options = read_options(request, accepted)
    output_format = exclusive(options, "--markdown", "--json").removeprefix("--") or "text"
    composition = request.evaluated()
    tape = record(composition.script, composition.values)
    step = options.get("--step")
    if step is not None and step > len(tape.steps):
        count = len(tape.steps)
        raise UsageError(f"there is no step {step}; the backward pass has {counted(count, 'step')}")
    content = ExplanationContent(tape, check_gradients(composition.script, tape) if step is None else [], step)
    view = request.view._replace(all_nodes="--all-nodes" in options)
    text = "".join(EXPLANATION_FORMATS[output_format](content, view))
    yield Response(text, located(composition, tape.findings, tape.losses))


def graph(request: CommandCall) -> Iterator[Response]:
    from mgrad_cli.evaluation.tape import record
    from mgrad_cli.renderers.graphs.graph import GRAPH_FORMATS

    request, options = read_options(request, {"--dot": None, "--mermaid": None, "--all-nodes": None})
    output_format = exclusive(options, "--dot", "--mermaid", "--all-nodes").removeprefix("--")
    composition = request.evaluated()
    tape = record(composition.script, composition.values)
    view = request.view._replace(all_nodes="--all-nodes" in options)
    text = "".join(map(str, GRAPH_FORMATS[output_format if output_format in GRAPH_FORMATS else "tree"](tape, view)))
    yield Response(text, located(composition, tape.findings))


def check(request: CommandCall) -> Iterator[Response]:
    from mgrad_cli.evaluation.gradcheck import TOLERANCE, overall
    from mgrad_cli.evaluation.sampling import check_script
    from mgrad_cli.evaluation.second_check import check_hessian
    from mgrad_cli.renderers.checks import CHECK_FORMATS, Report

    accepted: Accepted = {"--wrt": names, "--tolerance": positive, "--json": None, "--order": whole(1, 2)}
    request, options = read_options(request, accepted)
    composition = request.evaluated()
    result = differentiate(composition.script, composition.values, options.get("--wrt", []))
    if not result.vars:
        raise UsageError("the expression has no variables to differentiate by")
    tolerance = options.get("--tolerance", TOLERANCE)
    if options.get("--order", 1) == 1:
        checks, figure = check_script(composition.script, result.vars, result.grads or {}, tolerance), "gradient"
    else:
        check_one_output(composition.script, "a check of second derivatives")
        (hessian,) = hessians(composition.script, result.vars, list(result.grads or {}))
        checks, figure = check_hessian(composition.script, result.vars, hessian, tolerance), "second derivative"
    value = math.nan if result.value is None else result.value
    report = Report(composition.expression, value, checks, overall(checks), figure=figure)
    text = "".join(CHECK_FORMATS["json" if "--json" in options else "table"](report, request.view))
    yield Response(text, located(composition, (), result.losses))


def diff(request: CommandCall) -> Iterator[Response]:
    """Show the derivatives; every variable stays a name, even if it has a value."""
    from dataclasses import replace

    from mgrad_cli.library.derivation import formulas_of
    from mgrad_cli.program.budget import MAX_ORDER, Budget
    from mgrad_cli.renderers.formulas import CODE_FORMATS, FORMULA_FORMATS

    accepted: Accepted = {
        "--latex": None,
        "--json": None,
        "--exact": None,
        "--order": whole(1, MAX_ORDER),
        "--wrt": names,
        "--code": one_of(*CODE_FORMATS),
    }
    request, options = read_options(request, accepted)
    output_format = exclusive(options, "--latex", "--json").removeprefix("--") or "text"
    order, code = options.get("--order", 1), options.get("--code")
    if code and (output_format != "text" or "--exact" in options):
        raise UsageError("--code cannot be combined with --json, --latex or --exact")
    composition = request.composition()
    script = composition.script
    inputs, _ = input_names(script, composition.values)
    if not inputs:
        raise UsageError("the expression has no variables to differentiate by")
    wrt = list(dict.fromkeys(options.get("--wrt", inputs)))
    for name in wrt:
        if name not in inputs:
            raise UnknownVariableError(name, inputs)
    is_exact = "--exact" in options or code not in {None, "latex"}
    found = formulas_of(
        script, wrt, order, None, is_exact, inputs, Budget(), code is not None, with_accuracy=output_format == "json"
    )
    found = replace(found, expr=composition.expression, defaults={}, outputs=("f",))
    text = "".join((CODE_FORMATS[code] if code else FORMULA_FORMATS[output_format])(found, request.view))
    yield Response(text, tuple(map(printable, doubts(script, composition.missing))))


def plot(request: CommandCall) -> Iterator[Response]:
    from mgrad_cli.data.ranges import parse_range
    from mgrad_cli.plotting import function_of, sampled_lines
    from mgrad_cli.renderers.plots.plot import PLOT_FORMATS

    request, options = read_options(request, {"--order": whole(0, 2), "--samples": whole(2, MAX_SAMPLES)})
    samples, order = options.get("--samples", PLOT_SAMPLES), options.get("--order", 1)
    over = OVER_RANGE.search(request.entry.rstrip())
    entry = request.entry if over is None else request.entry[: over.start()]
    composition = composed_alone(request, entry) if entry[request.start :].strip() else request.composition()
    names, _ = input_names(composition.script, composition.values)
    if over is None and len(names) != 1:
        raise UsageError(f"a plot has one ranged variable; choose it: {request.command} EXPRESSION, x = {PLOT_RANGE}")
    name, bounds = (names[0], PLOT_RANGE) if over is None else (read_name(over[1]), over[2].strip())
    others = {each: value for each, value in composition.values.items() if each != name}
    request.session.check_complete(composition._replace(values={**others, name: 0.0}))
    is_counted = "#" in bounds or bounds.count(":") > 1
    if is_counted and "--samples" in options:
        raise UsageError("--samples applies only to ranges without a step or count, as start:stop")
    range_ = parse_range(name, bounds if is_counted else f"{bounds}#{samples}", parse_value)
    if range_.step == 0 or not 1 < range_.count <= MAX_SAMPLES:
        raise UsageError(
            f"'{bounds}', for {name}, cannot be plotted: a range needs 2 to {MAX_SAMPLES:,} different values"
        )
    lines = sampled_lines(function_of(composition.script, [name], others, order), range_)
    if lines.is_empty:
        raise UsageError(f"nothing to draw: no value is finite over the range of {name}")
    view = request.view._replace(title=composition.expression)
    yield Response("".join(PLOT_FORMATS["terminal"](lines, view)))
