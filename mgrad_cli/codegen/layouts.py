"""The layout of a function in each language: its head, and what surrounds the statements that compute it."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

from mgrad_cli.codegen.primitives import Language
from mgrad_cli.codegen.writer import Definition
from mgrad_cli.text import printable

SUMMARIES = {
    (1, False): "The value and its partial derivatives.",
    (1, True): "The value, its partial derivatives and its Hessian.",
    (2, False): "The values of the outputs and their Jacobian.",
    (2, True): "The values of the outputs, their Jacobian and their Hessians.",
}
"""What a function of one or more outputs returns, without and with second derivatives."""
LOCALS = frozenset({"value", "gradient", "hessian", "derivatives", "shape", "float"})
"""Names that the generated functions use for themselves."""
LOCALS_OF_SEVERAL = LOCALS | {"values", "jacobian", "hessians"}
"""The same for functions of several outputs."""


class OutputParts(NamedTuple):
    """What a function computes of one output.

    name        the name of the output
    value       the identifier of its value
    partials    the identifier of the derivative with respect to each variable, by the variable's own name
    seconds     the identifier of the second derivative by each pair of variables; none without a Hessian
    higher      the identifier of each derivative of a higher order by its variables
    """

    name: str
    value: str
    partials: dict[str, str]
    seconds: dict[tuple[str, ...], str]
    higher: dict[tuple[str, ...], str]

    @property
    def derivatives(self) -> str:
        """The derivatives of a higher order as an object or dictionary, by their variables with commas between."""
        return record_of({", ".join(by): each for by, each in self.higher.items()})

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


class FunctionParts(NamedTuple):
    """The parts of a function, spelled in its language.

    names       the identifier of each variable
    defaults    the default value of each optional input
    lines       the statements, which end with the values and the partial derivatives
    outputs     what it computes of each output
    """

    name: str
    expr: str
    names: Mapping[str, str]
    inputs: list[str]
    defaults: dict[str, str]
    lines: list[str]
    outputs: list[OutputParts]

    @property
    def has_seconds(self) -> bool:
        return any(output.seconds for output in self.outputs)

    @property
    def higher(self) -> list[tuple[str, ...]]:
        """The variables of each derivative of a higher order, by their own names."""
        return list(self.outputs[0].higher)

    @property
    def results(self) -> dict[str, str]:
        """What is returned, by its name: the value, the gradient and perhaps the Hessian.

        Of several outputs each is an object or dictionary by the outputs' names.
        """
        values = {each.name: each.value for each in self.outputs}
        gradients = {each.name: each.gradient for each in self.outputs}
        hessians = {each.name: each.hessian for each in self.outputs if self.has_seconds}
        higher = {each.name: each.derivatives for each in self.outputs if self.higher}
        if len(self.outputs) == 1:
            found = {"value": values, "gradient": gradients, "hessian": hessians, "derivatives": higher}
            return {name: next(iter(texts.values())) for name, texts in found.items() if texts}
        found = {"values": values, "jacobian": gradients, "hessians": hessians, "derivatives": higher}
        return {name: record_of(texts) for name, texts in found.items() if texts}


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
    return f"{{{', '.join(f'{string_literal(name)}: {text}' for name, text in members.items())}}}"


def string_literal(text: str) -> str:
    """Return a text as a literal of Python and JavaScript, with escapes for characters that would not show.

    Those beyond U+FFFF stay as they are, since the two languages have different escapes for them.
    """
    literal = json.dumps(text, ensure_ascii=False)
    return "".join(char if printable(char) == char or ord(char) > 0xFFFF else f"\\u{ord(char):04x}" for char in literal)


def parameters(parts: FunctionParts) -> str:
    """Return the parameters of a Python function, those without a default first."""
    needed = [name for name in parts.inputs if name not in parts.defaults]
    return ", ".join([*needed, *(f"{name}={default}" for name, default in parts.defaults.items())])


def conversions(parts: FunctionParts, end: str = "") -> list[str]:
    """Return a statement for each input that converts it, and raises for a value that is not a number."""
    return [f"{name} = real({name}){end}" for name in parts.inputs]


def summary(parts: FunctionParts) -> str:
    """Return a line of documentation."""
    text = SUMMARIES[min(2, len(parts.outputs)), parts.has_seconds]
    return f"{text.removesuffix('.')}, and the derivatives of order {len(parts.higher[0])}." if parts.higher else text


def python_function(parts: FunctionParts) -> str:
    """Return a formula's function in Python."""
    result = ", ".join(parts.results.values())
    lines = [f'"""{summary(parts)}"""', *conversions(parts), *parts.lines, f"return {result}"]
    return f"# {parts.expr}\ndef {parts.name}({parameters(parts)}):\n{indented(lines)}"


def python_definition(name: str, inputs: Sequence[str], lines: Sequence[str], result: str) -> str:
    """Return the definition of a function in Python."""
    return f"def {name}({', '.join(inputs)}):\n{indented([*lines, f'return {result}'])}"


LEVELS = {"value": 0, "gradient": 1, "hessian": 2, "values": 1, "jacobian": 2, "hessians": 3, "derivatives": 1}
"""How many dictionaries each result is, one inside the other."""
EACH = ("", "partial", "row", "matrix")


def broadcast(text: str, levels: int) -> str:
    """Return the text that broadcasts every array in some levels of dictionaries to one shape."""
    if not levels:
        return f"numpy.broadcast_to({text}, shape)"
    each = EACH[levels]
    return f"{{name: {broadcast(each, levels - 1)} for name, {each} in {text}.items()}}"


def numpy_function(parts: FunctionParts) -> str:
    """Return a formula's function in Python over NumPy arrays. All results have the broadcast shape of the inputs."""
    shapes = ", ".join(f"{name}.shape" for name in parts.inputs)
    lines = [
        f'"""{summary(parts)} Of arrays that broadcast together."""',
        *conversions(parts),
        'with numpy.errstate(all="ignore"):',
        *(f"    {line}" for line in parts.lines),
        f"shape = numpy.broadcast_shapes({shapes})",
    ]
    results = parts.results
    lines += [f"{name} = {text}" for name, text in results.items() if name != text]
    levels = LEVELS if len(parts.outputs) == 1 else {**LEVELS, "derivatives": 2}
    lines += [f"{name} = {broadcast(name, levels[name])}" for name in results]
    lines.append(f"return {', '.join(results)}")
    return f"# {parts.expr}\ndef {parts.name}({parameters(parts)}):\n{indented(lines)}"


def c_function(parts: FunctionParts) -> str:
    """Return a formula's function in C, which fills arrays with the gradient and, row by row, the Hessian.

    Of several outputs it fills arrays with the values, with the gradients and with the Hessians, one after the other.
    """
    is_one = len(parts.outputs) == 1
    variables = list(parts.outputs[0].partials)
    indices = ", ".join(f"[{index}] d/d{parts.names[name]}" for index, name in enumerate(variables))
    arrays = {
        "" if is_one else "values": [each.value for each in parts.outputs],
        "gradient" if is_one else "jacobian": [each for output in parts.outputs for each in output.partials.values()],
        "hessian" if is_one else "hessians": [
            entry for output in parts.outputs for _, row in output.rows for entry in row
        ],
        "derivatives": [entry for output in parts.outputs for entry in output.higher.values()],
    }  # fmt: skip
    optional = {"hessian", "hessians", "derivatives"}
    filled = {name: entries for name, entries in arrays.items() if name and (entries or name not in optional)}
    count = len(variables)
    order = f" hessian[i*{count} + j]" if parts.has_seconds else ""
    if not is_one:
        names = ", ".join(f"[{index}] {each.value}" for index, each in enumerate(parts.outputs))
        indices = f"values: {names}; jacobian[i*{count} + j]: j is {indices}"
        order = f"; hessians[(i*{count} + j)*{count} + k]" if parts.has_seconds else ""
    if parts.higher:
        listed = ", ".join(
            f"[{index}] {' '.join(parts.names[name] for name in by)}" for index, by in enumerate(parts.higher)
        )
        each = "" if is_one else ", for each output"
        order += f"; derivatives{each} by {listed}"
    inputs = ", ".join([*(f"double {name}" for name in parts.inputs), *(f"double *{name}" for name in filled)])
    kind, last = ("double", ["return value;"]) if is_one else ("void", [])
    lines = [f"{name}[{index}] = {entry};" for name, entries in filled.items() for index, entry in enumerate(entries)]
    head = f"// {parts.expr}\n// {summary(parts)} {indices}{order}\n{kind} {parts.name}({inputs}) {{"
    return f"{head}\n{indented([*parts.lines, *lines, *last])}\n}}"


def c_definition(name: str, inputs: Sequence[str], lines: Sequence[str], result: str) -> str:
    """Return the definition of a function in C."""
    names = ", ".join(f"double {each}" for each in inputs)
    return f"static double {name}({names}) {{\n{indented([*lines, f'return {result};'])}\n}}"


def javascript_function(parts: FunctionParts) -> str:
    """Return a formula's function in JavaScript."""
    inputs = ", ".join(f"{name} = {parts.defaults[name]}" if name in parts.defaults else name for name in parts.inputs)
    members = ", ".join(name if name == text else f"{name}: {text}" for name, text in parts.results.items())
    result = f"{{{members}}}".replace('"__proto__":', '["__proto__"]:')  # a plain key would set the object's prototype
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
