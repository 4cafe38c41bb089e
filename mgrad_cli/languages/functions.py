"""A formula and its gradient as a ready function in a programming language, with every definition that it needs."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mgrad_cli.errors import printable
from mgrad_cli.languages.layouts import LAYOUTS, LOCALS, Parts, layout
from mgrad_cli.languages.names import chosen_names, transliterated
from mgrad_cli.languages.primitives import spell
from mgrad_cli.languages.statements import CODE, statements
from mgrad_cli.languages.writer import Writer
from mgrad_cli.program import Program, expand

CODES = tuple(LAYOUTS)
FUNCTION_NAMES = ("f", "g", "h", "gradient_of")
MOST_COMMENT = 200


class Request(NamedTuple):
    """What to write: a program whose outputs are a value and its partial derivatives with respect to `wrt`.

    expr        the expression, for a comment
    defaults    the values of inputs that the expression itself gives one
    known       registers that have a name of their own, as outputs behind the others
    """

    program: Program
    expr: str
    wrt: Sequence[str]
    defaults: Mapping[str, float]
    known: Sequence[str]


def function_text(request: Request, name: str) -> str:
    """The source of a module, in the language of this name, with the function of a request."""
    language, function, definition, is_ascii, needs = layout(name)
    writer = Writer(language, definition, is_ascii, needs)
    program = expand(request.program, keeps_public=True)
    reserved = writer.reserved | LOCALS
    names = chosen_names([*program.inputs, *request.known], reserved, is_ascii)
    called = next(name for name in FUNCTION_NAMES if name not in names.values())
    taken = {*names.values(), *reserved, called}
    partials = partial_names(request.wrt, taken, is_ascii)
    kept = program.outputs[1 + len(request.wrt) :]
    known = {place: names[each] for place, each in zip(kept, request.known, strict=True)}
    results = ["value", *partials.values()]
    lines = statements(program, results, known, taken, CODE)
    text = [writer.statement(line, names) for line in lines]
    parts = Parts(
        called,
        comment(request.expr),
        [names[each] for each in program.inputs],
        {names[each]: spell(language.literal(x)).text for each, x in request.defaults.items()},
        text,
        partials,
    )
    return "\n\n\n".join([*writer.preamble(), function(parts)]) + "\n"


def partial_names(wrt: Sequence[str], taken: set[str], is_ascii: bool) -> dict[str, str]:
    """What the derivative with respect to each variable is called: `d_x`."""
    plain = [f"d_{transliterated(name) if is_ascii else name}" for name in wrt]
    return dict(zip(wrt, chosen_names(plain, taken, is_ascii).values(), strict=True))


def comment(expr: str) -> str:
    """An expression on one line, fit for a comment of any language."""
    lines = (" ".join(printable(line.partition("#")[0]).split()) for line in expr.split("\n"))
    text = "; ".join(line.rstrip("; ") for line in lines if line)
    return text if len(text) <= MOST_COMMENT else f"{text[: MOST_COMMENT - 1]}…"
