"""Derivatives as functions in programming languages."""

from collections.abc import Iterator

from mgrad_cli.codegen.functions import CodegenRequest, function_text
from mgrad_cli.program import Program
from mgrad_cli.renderers import View
from mgrad_cli.renderers.formulas import Formulas


def code(language: str, formulas: Formulas, view: View) -> Iterator[str]:
    """Yield one function of all values and derivatives, in the language with this name."""
    program, by, of, *_ = formulas.derivatives
    count, last = len(by), len(by) + len(formulas.outputs)
    outputs = (*program.outputs[count:last], *program.outputs[:count], *program.outputs[last:])
    request = CodegenRequest(
        Program(program.nodes, outputs),
        formulas.expr,
        formulas.outputs,
        tuple(zip(of, by, strict=True)),
        formulas.defaults,
        formulas.derivatives.statements,
    )
    yield function_text(request, language)
