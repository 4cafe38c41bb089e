"""The layout of a function in each language: its head, and what surrounds the statements that compute it."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

from mgrad_cli.codegen.primitives import Language
from mgrad_cli.codegen.writer import Definition

FIRST_ORDER = "The value and its partial derivatives."
SECOND_ORDER = "The value, its partial derivatives and its Hessian."
LOCALS = frozenset({"value", "gradient", "hessian", "shape", "spread", "float"})
"""Names that the generated functions use for themselves."""


SPREAD = "{{name: numpy.broadcast_to(partial, shape) for name, partial in {}.items()}}"
"""Derivatives of the broadcast shape, in NumPy."""


class FunctionParts(NamedTuple):
    """The parts of a function, spelled in its language.

    names       the identifier of each variable
    defaults    the default value of each optional input
    lines       the statements, which end with `value` and the partial derivatives
    partials    the identifier of the derivative with respect to each variable, by the variable's own name
    seconds     the identifier of the second derivative by each pair of variables; none without a Hessian
    """

    name: str
    expr: str
    names: Mapping[str, str]
    inputs: list[str]
    defaults: dict[str, str]
    lines: list[str]
    partials: dict[str, str]
    seconds: dict[tuple[str, ...], str]

    @property
    def gradient(self) -> str:
        """The gradient as an object or dictionary."""
        return record_of(self.partials)

    @property
    def hessian(self) -> str:
        """The Hessian as an object or dictionary with one for each row."""
        return record_of({row: record_of(dict(zip(self.partials, entries, strict=True))) for row, entries in self.rows})

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The variable and the identifiers of each row of the Hessian; none without a Hessian."""
        if not self.seconds:
            return []
        return [(row, [self.second(row, column) for column in self.partials]) for row in self.partials]

    def second(self, row: str, column: str) -> str:
        """Return the identifier of a second derivative, which is the same for both orders of its variables."""
        return self.seconds.get((row, column)) or self.seconds[column, row]


class Layout(NamedTuple):
    """A language, its layouts for a formula's function and for a definition, and what the former always needs."""

    language: Language
    function: Callable[[FunctionParts], str]
    definition: Definition
    needs: tuple[str, ...] = ()


def indented(lines: Iterable[str], indent: str = "    ") -> str:
    """Return lines as an indented block."""
    return "\n".join(f"{indent}{line}" for line in lines)


def record_of(members: Mapping[str, str]) -> str:
    """Return the members of an object or dictionary with their names."""
    return f"{{{', '.join(f'{json.dumps(name, ensure_ascii=False)}: {text}' for name, text in members.items())}}}"


def parameters(parts: FunctionParts) -> str:
    """Return the parameters of a Python function, those without a default first."""
    needed = [name for name in parts.inputs if name not in parts.defaults]
    return ", ".join([*needed, *(f"{name}={default}" for name, default in parts.defaults.items())])


def conversions(parts: FunctionParts, end: str = "") -> list[str]:
    """Return a statement for each input that converts it, and raises for a value that is not a number."""
    return [f"{name} = real({name}){end}" for name in parts.inputs]


def summary(parts: FunctionParts) -> str:
    """Return a line of documentation."""
    return SECOND_ORDER if parts.seconds else FIRST_ORDER


def python_function(parts: FunctionParts) -> str:
    """Return a formula's function in Python."""
    result = f"value, {parts.gradient}" + (f", {parts.hessian}" if parts.seconds else "")
    lines = [f'"""{summary(parts)}"""', *conversions(parts), *parts.lines, f"return {result}"]
    return f"# {parts.expr}\ndef {parts.name}({parameters(parts)}):\n{indented(lines)}"


def python_definition(name: str, inputs: Sequence[str], lines: Sequence[str], result: str) -> str:
    """Return the definition of a function in Python."""
    return f"def {name}({', '.join(inputs)}):\n{indented([*lines, f'return {result}'])}"


def numpy_function(parts: FunctionParts) -> str:
    """Return a formula's function in Python over NumPy arrays. All results have the broadcast shape of the inputs."""
    shapes = ", ".join(f"{name}.shape" for name in parts.inputs)
    lines = [
        f'"""{summary(parts)} Of arrays that broadcast together."""',
        *conversions(parts),
        'with numpy.errstate(all="ignore"):',
        *(f"    {line}" for line in parts.lines),
        f"shape = numpy.broadcast_shapes({shapes})",
        f"gradient = {parts.gradient}",
        f"spread = {SPREAD.format('gradient')}",
    ]
    result = "numpy.broadcast_to(value, shape), spread"
    if parts.seconds:
        rows = f"{{name: {SPREAD.format('row')} for name, row in hessian.items()}}"
        lines += [f"hessian = {parts.hessian}", f"hessian = {rows}"]
        result += ", hessian"
    lines.append(f"return {result}")
    return f"# {parts.expr}\ndef {parts.name}({parameters(parts)}):\n{indented(lines)}"


def c_function(parts: FunctionParts) -> str:
    """Return a formula's function in C, which fills arrays with the gradient and, row by row, the Hessian."""
    indices = ", ".join(f"[{index}] d/d{parts.names[name]}" for index, name in enumerate(parts.partials))
    inputs = "".join(f"double {name}, " for name in parts.inputs)
    gradient = [f"gradient[{index}] = {partial};" for index, partial in enumerate(parts.partials.values())]
    entries = [entry for _, row in parts.rows for entry in row]
    hessian = [f"hessian[{index}] = {entry};" for index, entry in enumerate(entries)]
    results = "double *gradient, double *hessian" if entries else "double *gradient"
    order = f" hessian[i*{len(parts.partials)} + j]" if entries else ""
    head = f"// {parts.expr}\n// {summary(parts)} {indices}{order}\ndouble {parts.name}({inputs}{results}) {{"
    return f"{head}\n{indented([*parts.lines, *gradient, *hessian, 'return value;'])}\n}}"


def c_definition(name: str, inputs: Sequence[str], lines: Sequence[str], result: str) -> str:
    """Return the definition of a function in C."""
    names = ", ".join(f"double {each}" for each in inputs)
    return f"static double {name}({names}) {{\n{indented([*lines, f'return {result};'])}\n}}"


def javascript_function(parts: FunctionParts) -> str:
    """Return a formula's function in JavaScript."""
    inputs = ", ".join(f"{name} = {parts.defaults[name]}" if name in parts.defaults else name for name in parts.inputs)
    gradient, hessian = (
        record.replace('"__proto__":', '["__proto__"]:')  # as a plain key it would set the object's prototype
        for record in (parts.gradient, parts.hessian)
    )
    result = f"{{value, gradient: {gradient}{f', hessian: {hessian}' if parts.seconds else ''}}}"
    lines = [*conversions(parts, ";"), *parts.lines, f"return {result};"]
    return f"// {parts.expr}\n// {summary(parts)}\nfunction {parts.name}({inputs}) {{\n{indented(lines, '  ')}\n}}"


def javascript_definition(name: str, inputs: Sequence[str], lines: Sequence[str], result: str) -> str:
    """Return the definition of a function in JavaScript."""
    return f"function {name}({', '.join(inputs)}) {{\n{indented([*lines, f'return {result};'], '  ')}\n}}"


LAYOUTS: dict[str, tuple[Any, ...]] = {
    "python": ("python", "PYTHON", python_function, python_definition, ("real",)),
    "numpy": ("numpy_", "NUMPY", numpy_function, python_definition, ("real",)),
    "c": ("c", "C", c_function, c_definition),
    "js": ("javascript", "JAVASCRIPT", javascript_function, javascript_definition, ("real",)),
}


def layout(name: str) -> Layout:
    """Return the layout of a language by its name on the command line."""
    module, constant, *how = LAYOUTS[name]
    language: Language = getattr(import_module(f"mgrad_cli.codegen.{module}"), constant)
    return Layout(language, *how)
