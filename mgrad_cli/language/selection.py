"""One of several outputs as a program of its own."""

from typing import TYPE_CHECKING

from mgrad_cli.errors import BindingError, Span
from mgrad_cli.language.lowering import CONSTANTS, Assignment, Script
from mgrad_cli.language.printing import spelled_name
from mgrad_cli.suggestions import nearest
from mgrad_cli.text import name_list

if TYPE_CHECKING:
    from mgrad_cli.script import Defined

MAX_NAMES = 6


def output_index(script: Script, name: str) -> int:
    """Return the position of an output. Raises: BindingError for an unknown name."""
    if name not in script.outputs:
        advice = nearest(name, script.outputs) or f"; the outputs are {name_list(script.outputs, MAX_NAMES)}"
        raise BindingError(f"no output '{name}' in the expression{advice}")
    return script.outputs.index(name)


def output_text(script: Script, index: int) -> str:
    """Return the text of a program that computes one output: the statements that it needs, and the output by its name.

    >>> from mgrad_cli.language.lowering import read
    >>> output_text(read("k = 2; u = k*x; v = x + y; u*v, v"), 1), output_text(read("k = 2; k*x, x"), 0)
    ('v = x + y', 'k = 2; f1 = k*x')
    >>> output_text(read("g(x) = k*x; h(x) = x**2; g(2), h(3)"), 0)
    'g(x) = k*x; f1 = g(2)'
    """
    if len(script.outputs) == 1:
        return script.text
    first = len(script.blocks) - len(script.outputs)
    output = script.blocks[first + index]
    needed = set(output.names)
    kept: list[Assignment] = []
    for block in reversed(script.blocks[:first]):
        if block.name in needed:
            kept.append(block)
            needed.update(block.names)
    called = {name for block in (*kept, output) for name in block.functions}
    parts: list[Assignment | Defined] = [*reversed(kept)]
    parts += [each for each in script.definitions if each.name in called]
    texts = [written(part, script) for part in sorted(parts, key=lambda part: part.span or Span(0, 0))]
    name, text = script.outputs[index], written(output, script)
    spelled = spelled_name(name)
    is_name = text in {name, spelled}
    if is_name and kept and kept[0].name == name:
        return "; ".join(texts)
    is_declaration = all(each in CONSTANTS and each not in script.assigned for each in output.names)
    return "; ".join([*texts, text if is_declaration or is_name else f"{spelled} = {text}"])


def written(part: "Assignment | Defined", script: Script) -> str:
    """Return the text of a statement or a definition."""
    span = part.span or Span(0, 0)
    return script.text[span.start : span.end]
