"""Write a formula and its derivatives as a function in a programming language, with all definitions it needs."""

from collections.abc import Collection, Mapping, Sequence
from itertools import chain, count
from typing import Any, NamedTuple

from mgrad_cli.codegen.layouts import LOCALS, LOCALS_OF_SEVERAL, FunctionParts, OutputParts, layout
from mgrad_cli.codegen.names import Identifiers
from mgrad_cli.codegen.primitives import spell
from mgrad_cli.codegen.statements import CODE, statements
from mgrad_cli.codegen.writer import DEFINABLE, CodeEmitter
from mgrad_cli.errors import LimitError
from mgrad_cli.language.derivative_names import PREFIX, derivative_name
from mgrad_cli.language.names import one_line
from mgrad_cli.program import Program, expand
from mgrad_cli.text import printable, truncate

FUNCTION_NAMES = ("f", "g", "h", "gradient_of")
MAX_COMMENT = 200
MAX_OPERATIONS = 400_000
"""The most operations in a function. Compilers take too long for longer ones."""


class CodegenRequest(NamedTuple):
    """A program to write, whose outputs are the values of a script's outputs and their partial derivatives.

    expr        the expression, for a comment
    outputs     the names of the script's outputs
    by          for each partial derivative the number of its output, and its variable, or its two
    defaults    the values of inputs that the expression itself assigns
    known       names for further outputs, which come after the others
    """

    program: Program
    expr: str
    outputs: Sequence[str]
    by: Sequence[tuple[int, tuple[str, ...]]]
    defaults: Mapping[str, float]
    known: Sequence[str]


def function_text(request: CodegenRequest, name: str) -> str:
    """Return the source of a module with the function of a request, in the language called `name`.

    Raises: LimitError if the function has more than `MAX_OPERATIONS` operations.
    """
    if len(request.program.nodes) > MAX_OPERATIONS:
        raise too_long(len(request.program.nodes), request.by)
    language, function, definition, needs = layout(name)
    writer = CodeEmitter(language, definition, needs)
    identifiers = language.identifiers
    program = expand(request.program, keeps_public=True)
    if len(program.nodes) > MAX_OPERATIONS:
        raise too_long(len(program.nodes), request.by)
    own_names = LOCALS if len(request.outputs) == 1 else LOCALS_OF_SEVERAL
    names = identifiers.choose([*program.inputs, *request.known], DEFINABLE | own_names)
    called = function_name(names.values())
    taken = {*names.values(), *identifiers.reserved, *DEFINABLE, *own_names, called}
    values = value_names(request.outputs, taken, identifiers)
    partials = partial_names(request, taken.union(values), identifiers)
    kept = program.outputs[len(values) + len(request.by) :]
    known = {index: names[each] for index, each in zip(kept, request.known, strict=True)}
    results = [*values, *partials.values()]
    lines = statements(program, results, known, taken, CODE)
    text = [writer.statement(line, names) for line in lines]
    parts = FunctionParts(
        called,
        comment(request.expr),
        names,
        [names[each] for each in program.inputs],
        {names[each]: spell(language.literal(x)).text for each, x in request.defaults.items()},
        text,
        [
            OutputParts(
                name,
                value,
                {by[0]: each for (of, by), each in partials.items() if of == number and len(by) == 1},
                {by: each for (of, by), each in partials.items() if of == number and len(by) == 2},
                {by: each for (of, by), each in partials.items() if of == number and len(by) > 2},
            )
            for number, (name, value) in enumerate(zip(request.outputs, values, strict=True))
        ],
    )
    return "\n\n\n".join([*writer.preamble(), function(parts)]) + "\n"


def too_long(operations: int, by: Sequence[Any]) -> LimitError:
    """Return the error for a function with too many operations."""
    advice = "; --wrt asks for fewer derivatives" if len(by) > 1 else ""
    return LimitError(f"the function would have {operations:,} operations, more than {MAX_OPERATIONS:,}{advice}")


def function_name(taken: Collection[str]) -> str:
    """Return the name of the function: f, or another name that no variable has."""
    more = (f"gradient_of_{number}" for number in count(2))
    return next(name for name in chain(FUNCTION_NAMES, more) if name not in taken)


def value_names(outputs: Sequence[str], taken: Collection[str], identifiers: Identifiers) -> list[str]:
    """Return `value`, or the name of each of several values, such as `value_u`."""
    if len(outputs) == 1:
        return ["value"]
    return list(identifiers.choose([f"value_{name}" for name in outputs], taken).values())


def partial_names(
    request: CodegenRequest, taken: Collection[str], identifiers: Identifiers
) -> dict[tuple[int, tuple[str, ...]], str]:
    """Return the name of each derivative, such as `d_x` and `d_x_y`, or `d_u_x` where there are several outputs."""
    wanted: dict[str, tuple[int, tuple[str, ...]]] = {}
    for number, names in request.by:
        prefix = PREFIX if len(request.outputs) == 1 else f"{PREFIX}{request.outputs[number]}_"
        wanted[derivative_name(names, wanted, prefix)] = number, names
    return {wanted[name]: spelled for name, spelled in identifiers.choose(wanted, taken).items()}


def comment(expr: str) -> str:
    """Return an expression on one line, valid in a comment of any language."""
    return truncate(printable(one_line(expr)), MAX_COMMENT)
