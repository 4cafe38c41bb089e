"""Derivatives as text: programs in the language itself. Other formats are imported at their first use."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial

from mgrad_cli.codegen import CODES
from mgrad_cli.codegen.definitions import called_definitions, definition_text, written
from mgrad_cli.codegen.statements import FORMULAS, Naming, needed_registers, statements
from mgrad_cli.language.derivative_names import PREFIX, derivative_name
from mgrad_cli.language.printing import literal, spelled_name, unparse
from mgrad_cli.language.syntax import FunctionDefinition, Statement
from mgrad_cli.program import InputNode, Program
from mgrad_cli.program.budget import Budget
from mgrad_cli.renderers import Renderers, View, from_module
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


FORMULA_FORMATS: Renderers[Formulas] = {
    "text": as_text,
    "lines": as_lines,
    "latex": from_module("equations", "as_latex"),
    "json": from_module("formula_records", "as_json"),
}
CODE_FORMATS: Renderers[Formulas] = {
    **{language: partial(from_module("functions", "code"), language) for language in CODES},
    "latex": from_module("equations", "latex_function"),
}
