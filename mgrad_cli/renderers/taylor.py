"""Taylor polynomials as text: in the language itself, LaTeX, JSON and CSV."""

from collections.abc import Iterator, Sequence
from typing import Any

from mgrad_cli.analysis.polynomials import polynomial, polynomial_text
from mgrad_cli.analysis.taylor import Coefficients, Taylor
from mgrad_cli.codegen.latex import latex, symbol
from mgrad_cli.evaluation.json_record import Strict
from mgrad_cli.renderers import Renderers, View, from_module
from mgrad_cli.renderers.delimited_text import delimited
from mgrad_cli.renderers.json_lines import encode


def as_text(taylor: Taylor, view: View) -> Iterator[str]:
    """Yield the polynomial, or those of several outputs with commas between them, as `mgrad eval` reads them."""
    yield ", ".join(polynomial_text(taylor.around, each) for each in taylor.outputs.values()) + "\n"


def as_latex(taylor: Taylor, view: View) -> Iterator[str]:
    """Yield an equation for each output."""
    arguments = ", ".join(map(symbol, taylor.around))
    for name, coefficients in taylor.outputs.items():
        yield rf"{symbol(name)}\left({arguments}\right) \approx {latex(polynomial(taylor.around, coefficients))}" + "\n"


def as_json(taylor: Taylor, view: View) -> Iterator[str]:
    """Yield one object. Where there are several outputs, its own members are those of the first."""
    finite = Strict()
    record: dict[str, Any] = {"v": 1, "expr": taylor.expr, "around": taylor.around, "order": taylor.order}
    record["vars"] = {name: finite(value, f"/vars/{name}") for name, value in taylor.parameters.items()}
    members = [
        {"name": name} | output_members(taylor, coefficients, finite, f"/outputs/{index}")
        for index, (name, coefficients) in enumerate(taylor.outputs.items())
    ]
    record |= {"status": "nonfinite" if finite.nonfinite else "ok"}
    first = next(iter(taylor.outputs.values()))
    record |= output_members(taylor, first, finite, "")
    if len(members) > 1:
        record["outputs"] = members
    if taylor.bits:
        record["certified"] = {"bits": taylor.bits}
    if taylor.assumed:
        record["assumed"] = True
    if taylor.doubtful:
        record["doubtful"] = taylor.doubtful
    if finite.nonfinite:
        record["nonfinite"] = {
            path: what
            for path, what in finite.nonfinite.items()
            if len(members) > 1 or not path.startswith("/outputs/")
        }
    yield f"{encode(record)}\n"


def output_members(taylor: Taylor, coefficients: Coefficients, finite: Strict, path: str) -> dict[str, Any]:
    """Return the coefficients and the polynomial of one output."""
    return {
        "coefficients": [
            {
                "powers": dict(zip(taylor.around, powers, strict=True)),
                "coefficient": finite(number, f"{path}/coefficients/{index}/coefficient"),
            }
            for index, (powers, number) in enumerate(coefficients.items())
        ],
        "polynomial": polynomial_text(taylor.around, coefficients),
    }


def rows(taylor: Taylor, view: View) -> Iterator[Sequence[Any]]:
    """Yield a row for each coefficient: the output if there are several, the exponents, the coefficient."""
    is_many = len(taylor.outputs) > 1
    yield [*(["output"] if is_many else []), *(f"power_{name}" for name in taylor.around), "coefficient"]
    for name, coefficients in taylor.outputs.items():
        for powers, number in coefficients.items():
            yield [*([name] if is_many else []), *powers, repr(number)]


TAYLOR_FORMATS: Renderers[Taylor] = {
    "table": from_module("tables.taylor", "coefficients"),
    "text": as_text,
    "latex": as_latex,
    "json": as_json,
    "jsonl": as_json,
    "csv": delimited(rows, ","),
    "tsv": delimited(rows, "\t"),
}
