"""Derivatives as LaTeX equations."""

from collections.abc import Iterable, Iterator

from mgrad_cli.codegen.latex import definition, derivative_sign, latex, symbol
from mgrad_cli.codegen.statements import TYPESET
from mgrad_cli.renderers import View
from mgrad_cli.renderers.formulas import Formulas


def as_latex(formulas: Formulas, view: View) -> Iterator[str]:
    """Yield an equation per line: for each derivative its shared terms, then the derivative."""
    indices = range(len(formulas.derivatives.by))
    for line in definition_equations(formulas, indices):
        yield f"{line}\n"
    for index in indices:
        yield from (f"{line}\n" for line in equations(formulas, index))


def definition_equations(formulas: Formulas, indices: Iterable[int]) -> list[str]:
    """Return an equation for each function that some derivatives call."""
    return [" = ".join(definition(function)) for function in formulas.definitions(indices)]


def equations(formulas: Formulas, index: int) -> list[str]:
    output = formulas.outputs[formulas.derivatives.of[index]]
    sign = derivative_sign(output, formulas.derivatives.by[index], len(formulas.inputs) > 1)
    *named, result = formulas.statements(index, naming=TYPESET)
    lines = [f"{symbol(line.name or '')} = {latex(line.expression)}" for line in named]
    return [*lines, f"{sign} = {latex(result.expression)}"]


def latex_function(formulas: Formulas, view: View) -> Iterator[str]:
    """Yield each value as a function of its variables and then each derivative, an equation per line."""
    arguments = ", ".join(map(symbol, formulas.inputs))
    count = len(formulas.derivatives.by)
    for line in definition_equations(formulas, range(count + len(formulas.outputs))):
        yield f"{line}\n"
    for number, name in enumerate(formulas.outputs):
        *named, result = formulas.statements(count + number, naming=TYPESET)
        yield from (f"{symbol(line.name or '')} = {latex(line.expression)}\n" for line in named)
        call = rf"{symbol(name)}\left({arguments}\right)" if arguments else symbol(name)
        yield f"{call} = {latex(result.expression)}\n"
    for index in range(count):
        yield from (f"{line}\n" for line in equations(formulas, index))
