"""Derivatives as text: programs in the language itself, LaTeX, JSON, and functions in other languages."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mgrad_cli.codegen.definitions import called_definitions, definition_text, written
from mgrad_cli.codegen.functions import CODES, CodegenRequest, function_text
from mgrad_cli.codegen.latex import definition, derivative_sign, latex, symbol
from mgrad_cli.codegen.statements import FORMULAS, TYPESET, Naming, needed_registers, statements
from mgrad_cli.language.derivative_names import PREFIX, derivative_name
from mgrad_cli.language.printing import literal, spelled_name, unparse
from mgrad_cli.language.syntax import FunctionDefinition, Statement
from mgrad_cli.program import InputNode, Program
from mgrad_cli.program.budget import Budget
from mgrad_cli.renderers import Renderers, View
from mgrad_cli.symbolic.derivatives import Derivatives
from mgrad_cli.text import printable


@dataclass(frozen=True)
class Formulas:
    """The derivatives of an expression, to be written.

    inputs      the variables of the expression
    defaults    the values that it gives to some of them
    outputs     the names of its outputs
    accurate    for each derivative, whether its formula keeps the digits that evaluation keeps; empty if not asked
    """

    expr: str
    inputs: tuple[str, ...]
    defaults: dict[str, float]
    outputs: tuple[str, ...]
    derivatives: Derivatives
    accurate: tuple[bool, ...] = ()

    def measure(self, budget: Budget) -> None:
        """Count what is written.

        Raises: LimitError if that exceeds the budget.
        """
        program = self.derivatives.program
        for output in program.outputs[: len(self.derivatives.by)]:
            budget.spend(len(needed_registers(program, [output])))

    def statements(self, index: int, name: str | None = None, naming: Naming = FORMULAS) -> list[Statement]:
        """Return the statements that compute one derivative, or the value; the last one has the name."""
        program = self.derivatives.program
        one = Program(program.nodes, (program.outputs[index],))
        return statements(one, [name], self.known, self.names, naming, self.constants)

    @cached_property
    def known(self) -> dict[int, str]:
        """The registers that have the names of statements."""
        program, by, _, names = self.derivatives[:4]
        return dict(zip(program.outputs[len(by) + len(self.outputs) :], names, strict=True))

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that has a meaning in the expression."""
        program = self.derivatives.program
        functions = [operation.name for operation in self.derivatives.defined]
        return frozenset({*self.inputs, *self.derivatives.statements, *program.inputs, *functions})

    @cached_property
    def constants(self) -> frozenset[str]:
        """The inputs of the program that are not variables."""
        return frozenset(self.derivatives.program.inputs).difference(self.inputs)

    def definitions(self, indices: Iterable[int]) -> list[FunctionDefinition]:
        """Return the functions that some derivatives or values call, each before those that call it."""
        program, defined = self.derivatives.program, self.derivatives.defined
        outputs = [program.outputs[index] for index in indices]
        return [written(definition) for definition in called_definitions(program, outputs, defined)]

    def program(self, index: int, name: str | None = None) -> list[str]:
        """Return the statements as text; variables with a value in the expression are declared first."""
        declared = self.declared(index) if self.defaults else []
        lines = [(line.name, unparse(line.expression)) for line in self.statements(index, name)]
        texts = [f"{spelled_name(each)} = {text}" if each else text for each, text in lines]
        return [*declared, *map(definition_text, self.definitions([index])), *texts]

    @cached_property
    def lines(self) -> list[str]:
        """The text: one derivative, or a program whose outputs are several derivatives."""
        return self.program(0) if len(self.derivatives.by) == 1 else self.together()

    @cached_property
    def text(self) -> str:
        """The text of `lines`."""
        return "\n".join(self.lines)

    def declared(self, index: int) -> list[str]:
        """Return the variables that one derivative needs and that have a value in the expression."""
        program = self.derivatives.program
        needed = [program.nodes[register] for register in needed_registers(program, [program.outputs[index]])]
        used = {node.name for node in needed if isinstance(node, InputNode)}
        return [f"{spelled_name(each)} = {literal(value)}" for each, value in self.defaults.items() if each in used]

    def together(self) -> list[str]:
        """Return one program with all derivatives as its outputs, as text: shared statements occur once."""
        program, by = self.derivatives[:2]
        outputs = program.outputs[: len(by)]
        names = self.result_names()
        lines = statements(Program(program.nodes, outputs), names, self.known, self.names, FORMULAS, self.constants)
        declared = [line for index in range(len(by)) for line in self.declared(index)] if self.defaults else []
        return [
            *dict.fromkeys(declared),
            *map(definition_text, self.definitions(range(len(by)))),
            *(f"{spelled_name(line.name or '')} = {unparse(line.expression)}" for line in lines),
            ", ".join(map(spelled_name, names)),
        ]

    def result_names(self) -> list[str]:
        """Return `d_x` for each derivative, or `d_u_x` of the output u of several, or with more letters d if taken."""
        taken = dict.fromkeys(self.names)
        for number, by in zip(self.derivatives.of, self.derivatives.by, strict=True):
            prefix = PREFIX if len(self.outputs) == 1 else f"{PREFIX}{self.outputs[number]}_"
            taken[derivative_name(by, taken, prefix)] = None
        return list(taken)[len(self.names) :]

    def of_output(self, number: int) -> dict[tuple[str, ...], int]:
        """Return the derivatives of one output: their numbers by their variables."""
        found = zip(self.derivatives.of, self.derivatives.by, strict=True)
        return {by: index for index, (of, by) in enumerate(found) if of == number}


def as_text(formulas: Formulas, view: View) -> Iterator[str]:
    """Yield one derivative, or a program whose outputs are several derivatives."""
    yield f"{shown(formulas.text, view)}\n"


def shown(text: str, view: View) -> str:
    """Return a text as it is, so that it can be read again; on a terminal without characters that control that."""
    return "\n".join(map(printable, text.split("\n"))) if view.page.is_terminal else text


def as_lines(formulas: Formulas, view: View) -> Iterator[str]:
    """Yield each derivative as a program of its own in one line, which `mgrad batch` accepts."""
    names = [None] if len(formulas.derivatives.by) == 1 else formulas.result_names()
    for index, name in enumerate(names):
        yield shown("; ".join(formulas.program(index, name)), view) + "\n"


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


def as_json(formulas: Formulas, view: View) -> Iterator[str]:
    """Yield one object; second derivatives are a full Hessian, those of a higher order a list, each once.

    Several outputs are in `outputs`, and the derivatives outside of it are the first one's.
    """
    found = [output_members(formulas, number) for number in range(len(formulas.outputs))]
    record: dict[str, Any] = {"v": 1, "expr": formulas.expr, **found[0]}
    if len(found) > 1:
        record["outputs"] = found
    yield f"{json.dumps(record)}\n"


def output_members(formulas: Formulas, number: int) -> dict[str, Any]:
    """Return the derivatives of one output as JSON members."""
    indices = formulas.of_output(number)
    texts = {names: "; ".join(formulas.program(index)) for names, index in indices.items()}
    typeset = {
        names: [*definition_equations(formulas, [index]), *equations(formulas, index)]
        for names, index in indices.items()
    }
    words = ["full" if is_accurate else "reduced" for is_accurate in formulas.accurate]
    accuracy = {names: words[index] for names, index in indices.items()} if words else {}
    if all(len(names) == 1 for names in indices):
        derivatives: dict[str, Any] = {"derivatives": {names[0]: text for names, text in texts.items()}}
        derivatives["latex"] = {names[0]: lines for names, lines in typeset.items()}
        derivatives |= {"accuracy": {names[0]: word for names, word in accuracy.items()}} if accuracy else {}
    elif any(len(names) > 2 for names in indices):
        partials = [
            {"by": list(names), "formula": texts[names], "latex": typeset[names]}
            | ({"accuracy": accuracy[names]} if accuracy else {})
            for names in indices
        ]
        derivatives = {"order": len(partials[0]["by"]), "partials": partials}
    else:
        derivatives = {"hessian": square(texts), "latex": square(typeset)}
        derivatives |= {"accuracy": square(accuracy)} if accuracy else {}
    return {"output": formulas.outputs[number], **derivatives}


def square(values: dict[tuple[str, ...], Any]) -> dict[str, dict[str, Any]]:
    names = dict.fromkeys(name for pair in values for name in pair)
    return {a: {b: values.get((a, b), values.get((b, a))) for b in names} for a in names}


def code(language: str) -> Any:
    def render(formulas: Formulas, view: View) -> Iterator[str]:
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

    return render


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


FORMULA_FORMATS: Renderers[Formulas] = {"text": as_text, "lines": as_lines, "latex": as_latex, "json": as_json}
CODE_FORMATS: Renderers[Formulas] = {**{language: code(language) for language in CODES}, "latex": latex_function}
