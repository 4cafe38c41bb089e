"""A script as equations in LaTeX, in the words of its text."""

from collections.abc import Iterator

from mgrad_cli.codegen.latex import definition, latex, symbol
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.parser import Limits, parse
from mgrad_cli.language.syntax import FunctionDefinition, Name, SyntaxTree, parts_of
from mgrad_cli.operations import FUNCTION_NAMES


def equations(script: Script, limits: Limits) -> str:
    """Return a script in LaTeX: a formula alone, or an equation for each statement and function, aligned if several."""
    tree = parse(script.text, limits, FUNCTION_NAMES)
    if len(tree.statements) == 1 and tree.statements[0].name is None and not tree.definitions:
        return latex(tree.statements[0].expression)
    sides = [*sides_of(tree, script)]
    if len(sides) == 1:
        return " = ".join(sides[0])
    lines = " \\\\\n".join(" &= ".join(each) for each in sides)
    return f"\\begin{{aligned}}\n{lines}\n\\end{{aligned}}"


def sides_of(tree: SyntaxTree, script: Script) -> Iterator[tuple[str, str]]:
    """Yield the left and the right side of each equation. An output that is only a name has its equation already."""
    unnamed = iter(script.outputs)
    for part in parts_of(tree):
        if isinstance(part, FunctionDefinition):
            yield definition(part)
            continue
        name, expression = part.name or next(unnamed), part.expression
        if not (name in script.assigned and isinstance(expression, Name) and expression.name == name):
            yield symbol(name), latex(expression)
