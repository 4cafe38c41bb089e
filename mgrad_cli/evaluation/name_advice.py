"""Advice on names: those without a value, those with a value that are not variables, and those that look like more."""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from mgrad_cli.language.lowering import CONSTANTS, Script
from mgrad_cli.operations import TABLE

if TYPE_CHECKING:
    from mgrad_cli.script import Defined, Step


def missing_advice(missing: Iterable[str], definitions: "Iterable[Defined]") -> str:
    """Return a hint for a name without a value that is a function, or a constant in other letters."""
    for name in missing:
        if advice := function_advice(name, definitions):
            return advice
        if name in TABLE:
            return f"; {name} is a function: write {name}(...)"
        if name.lower() in CONSTANTS:
            return f"; did you mean the constant '{name.lower()}'?"
        from mgrad_cli.operations import other_systems

        if spelled := other_systems.constant(name):
            return f"; '{name}' is written {spelled}"
        if spelled := joined(name):
            return f"; write '{name}' as {spelled}"
    return ""


ELEMENTARY = (
    "arcsin", "arccos", "arctan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "sin", "cos", "tan", "sec", "csc",
    "cot", "exp", "log10", "log2", "log", "ln", "sqrt", "cbrt", "abs",
)  # fmt: skip
"""Functions whose names are hardly ever those of variables."""


DOUBTFUL = frozenset({"log_base", "sin", "cos", "tan", "sec", "csc", "cot"})
"""Operations whose numbers may be meant otherwise."""
DEGREES = frozenset({30.0, 45.0, 60.0, 90.0, 120.0, 135.0, 150.0, 180.0, 270.0, 360.0})


def joined(name: str) -> str:
    """Return a name as a function of a letter, a product with π or a power if it looks like one, or an empty text."""
    for function in ELEMENTARY:
        if name.startswith(function) and (argument := re.fullmatch("([0-9]*)([xyzθφ])", name[len(function) :])):
            return f"{function}({'*'.join(filter(None, argument.groups()))})"
    if name[0] == "π" and len(name) > 1:
        return f"π*{name[1:]}"
    if name.isascii():
        return ""
    from unicodedata import decomposition

    raised = [index for index, char in enumerate(name) if decomposition(char).startswith("<super>")]
    if not raised or raised != list(range(raised[0], len(name))) or raised[0] == 0:
        return ""
    exponent = "".join(chr(int(decomposition(char).split()[1], 16)) for char in name[raised[0] :])
    return f"{name[: raised[0]]}**{exponent}"


def doubts(script: Script, symbols: Collection[str]) -> Iterator[str]:
    """Yield what is read otherwise here than in many other systems.

    `symbols` are the variables that stay without a value: a constant, a function or a product by another spelling.
    """
    for name in symbols:
        from mgrad_cli.operations import other_systems

        if name in ELEMENTARY:
            yield f"'{name}' is a variable here; a function is called, as in {name}(x)"
        elif spelled := joined(name):
            yield f"'{name}' is a variable here; write {spelled}"
        elif (constant := other_systems.constant(name)) and (name != "E" or is_base(name, script)):
            yield f"'{name}' is a variable here; the constant is written {constant}"
    yield from quotients(script, [name for name in symbols if name[0] == "d" and name[1:].isidentifier()])
    for block in script.blocks:
        for step in block.steps:
            if step.operation is None or step.operation.name not in DOUBTFUL:
                continue
            first, *others = (block.steps[operand].number for operand in step.operands)
            name = step.operation.name
            if name != "log_base" and first in DEGREES:
                yield f"{name}({first:g}): angles are in radians; for degrees write {name}(radians({first:g}))"
            elif name == "log_base" and others == [None] and (shown := base_of(block.steps[step.operands[0]])):
                yield f"log({shown}, x) is the logarithm of {shown} to base x; for that base write log(x, {shown})"


def quotients(script: Script, differentials: Collection[str]) -> Iterator[str]:
    """Yield what `dy/dx` is here. `differentials` are the names without a value that begin with a d."""
    if len(differentials) < 2:
        return
    for block in script.blocks:
        for step in block.steps:
            if step.operation is not None and step.operation.name == "divide":
                above, below = (block.steps[operand].name for operand in step.operands)
                if above in differentials and below in differentials:
                    yield f"{above}/{below} is a quotient of variables; a derivative is diff({above[1:]}, {below[1:]})"


def base_of(step: "Step") -> str:
    """Return a step as text if it is the base of a usual logarithm, or an empty text."""
    if step.number in {2.0, 10.0}:
        return f"{step.number:g}"
    return "e" if step.name == "e" else ""


def is_base(name: str, script: Script) -> bool:
    """Return whether a name is raised to a power that is not a number, as `E` in `E^x`."""
    for block in script.blocks:
        for step in block.steps:
            if step.operation is not None and step.operation.name == "pow":
                base, exponent = (block.steps[operand] for operand in step.operands)
                if base.name == name and exponent.number is None:
                    return True
    return False


def unknown_advice(name: str, unbound: Iterable[str], script: Script, bound: Collection[str]) -> str:
    """Return a hint for a name with a value that is not a variable of a script; `unbound` are those without one.

    It is a function that is not called, a name with a meaning of its own in a part of the text, or a product.
    """
    unbound = list(unbound)
    for each in unbound:
        if advice := function_advice(each, script.definitions):
            return advice
    for function in script.definitions:
        if name in function.parameters:
            return f"; {name} is a parameter of {function.name}"
    for index, kind in script.indices:
        if name == index:
            return f"; {name} is the index of the {'sum' if kind == 'sum' else 'product'}"
    return separation_advice(unbound, bound)


def function_advice(name: str, definitions: "Iterable[Defined]") -> str:
    """Return how a function of the text is called, if a name is one."""
    for function in definitions:
        if name == function.name:
            from mgrad_cli.language.definition_errors import signature

            return f"; {name} is a function: write {signature(function)}"
    return ""


def separation_advice(unbound: Iterable[str], bound: Collection[str]) -> str:
    """Return advice for a variable without a value whose name consists of names that have one: `xy` of x and y."""
    from mgrad_cli.language.juxtaposition import separated

    for name in unbound:
        if spelled := separated(name, bound, TABLE):
            return f"; write '{name}' as {spelled}"
    return ""
