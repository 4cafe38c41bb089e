"""Advice on names: those without a value, and those with a value that are no variables."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from mgrad_cli.language.lowering import CONSTANTS, Script
from mgrad_cli.operations import TABLE

if TYPE_CHECKING:
    from mgrad_cli.script import Defined


def missing_advice(missing: Iterable[str], definitions: "Iterable[Defined]" = ()) -> str:
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
    return ""


def unknown_advice(name: str, unbound: Iterable[str], unit: Script, bound: Collection[str]) -> str:
    """Return a hint for a name with a value that is no variable of a script; `unbound` are its variables without one.

    It is a function that is not called, a name with a meaning of its own in a part of the text, or a product.
    """
    unbound = list(unbound)
    for each in unbound:
        if advice := function_advice(each, unit.definitions):
            return advice
    for function in unit.definitions:
        if name in function.parameters:
            return f"; {name} is a parameter of {function.name}"
    for index, kind in unit.indices:
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
