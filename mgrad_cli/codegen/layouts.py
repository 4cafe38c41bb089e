"""The layout of a function in each language: its head, and what surrounds the statements that compute it."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

from mgrad_cli.codegen.primitives import Language
from mgrad_cli.codegen.writer import Definition

SUMMARY = "The value and its partial derivatives."
LOCALS = frozenset({"value", "gradient", "shape", "spread", "float"})
"""Names that the generated functions use for themselves."""


class FunctionParts(NamedTuple):
    """The parts of a function, spelled in its language.

    names       the identifier of each variable
    defaults    the default value of each optional input
    lines       the statements, which end with `value` and the partial derivatives
    partials    the identifier of the derivative with respect to each variable, by the variable's own name
    """

    name: str
    expr: str
    names: Mapping[str, str]
    inputs: list[str]
    defaults: dict[str, str]
    lines: list[str]
    partials: dict[str, str]

    @property
    def record(self) -> str:
        """The gradient as an object or dictionary."""
        pairs = (f"{json.dumps(name, ensure_ascii=False)}: {partial}" for name, partial in self.partials.items())
        return f"{{{', '.join(pairs)}}}"


class Layout(NamedTuple):
    """A language, its layouts for a formula's function and for a definition, and what the former always needs."""

    language: Language
    function: Callable[[FunctionParts], str]
    definition: Definition
    needs: tuple[str, ...] = ()


def indented(lines: Iterable[str], indent: str = "    ") -> str:
    """Return lines as an indented block."""
    return "\n".join(f"{indent}{line}" for line in lines)


def parameters(parts: FunctionParts) -> str:
    """Return the parameters of a Python function, those without a default first."""
    needed = [name for name in parts.inputs if name not in parts.defaults]
    return ", ".join([*needed, *(f"{name}={default}" for name, default in parts.defaults.items())])


def conversions(parts: FunctionParts, end: str = "") -> list[str]:
    """Return a statement for each input that converts it, and raises for a value that is not a number."""
    return [f"{name} = real({name}){end}" for name in parts.inputs]


def python_function(parts: FunctionParts) -> str:
    """Return a formula's function in Python."""
    lines = [f'"""{SUMMARY}"""', *conversions(parts), *parts.lines, f"return value, {parts.record}"]
    return f"# {parts.expr}\ndef {parts.name}({parameters(parts)}):\n{indented(lines)}"


def python_definition(name: str, inputs: Sequence[str], lines: Sequence[str], result: str) -> str:
    """Return the definition of a function in Python."""
    return f"def {name}({', '.join(inputs)}):\n{indented([*lines, f'return {result}'])}"


def numpy_function(parts: FunctionParts) -> str:
    """Return a formula's function in Python over NumPy arrays. All results have the broadcast shape of the inputs."""
    shapes = ", ".join(f"{name}.shape" for name in parts.inputs)
    lines = [
        f'"""{SUMMARY} Of arrays that broadcast together."""',
        *conversions(parts),
        'with numpy.errstate(all="ignore"):',
        *(f"    {line}" for line in parts.lines),
        f"shape = numpy.broadcast_shapes({shapes})",
        f"gradient = {parts.record}",
        "spread = {name: numpy.broadcast_to(partial, shape) for name, partial in gradient.items()}",
        "return numpy.broadcast_to(value, shape), spread",
    ]
    return f"# {parts.expr}\ndef {parts.name}({parameters(parts)}):\n{indented(lines)}"


def c_function(parts: FunctionParts) -> str:
    """Return a formula's function in C, which fills an array with the gradient."""
    indices = ", ".join(f"[{index}] d/d{parts.names[name]}" for index, name in enumerate(parts.partials))
    inputs = "".join(f"double {name}, " for name in parts.inputs)
    gradient = [f"gradient[{index}] = {partial};" for index, partial in enumerate(parts.partials.values())]
    head = f"// {parts.expr}\n// {SUMMARY} {indices}\ndouble {parts.name}({inputs}double *gradient) {{"
    return f"{head}\n{indented([*parts.lines, *gradient, 'return value;'])}\n}}"


def c_definition(name: str, inputs: Sequence[str], lines: Sequence[str], result: str) -> str:
    """Return the definition of a function in C."""
    names = ", ".join(f"double {each}" for each in inputs)
    return f"static double {name}({names}) {{\n{indented([*lines, f'return {result};'])}\n}}"


def javascript_function(parts: FunctionParts) -> str:
    """Return a formula's function in JavaScript."""
    inputs = ", ".join(f"{name} = {parts.defaults[name]}" if name in parts.defaults else name for name in parts.inputs)
    record = parts.record.replace(
        '"__proto__":', '["__proto__"]:'
    )  # as a plain key it would set the object's prototype
    lines = [*conversions(parts, ";"), *parts.lines, f"return {{value, gradient: {record}}};"]
    return f"// {parts.expr}\n// {SUMMARY}\nfunction {parts.name}({inputs}) {{\n{indented(lines, '  ')}\n}}"


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
