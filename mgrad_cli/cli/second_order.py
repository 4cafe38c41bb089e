"""The options of second derivatives, `--order` and `--hvp`, and the vector that the latter gives."""

import unicodedata
from collections.abc import Callable
from typing import Any, TypedDict

import click

from mgrad_cli.cli.options import Callback
from mgrad_cli.errors import BindingError, ExpressionError, UsageError
from mgrad_cli.evaluation.graph import parse_value
from mgrad_cli.language.parser import Limits


class OrderOptions(TypedDict):
    """The parameter that `order_option` adds."""

    order: int


class SecondOrderOptions(OrderOptions):
    """The parameters that `order_option` and `hvp_option` add."""

    hvp: str | None


def order_option(text: str) -> Callable[[Callback], Callback]:
    """Add `--order`, which is 1 or 2."""
    return click.option("--order", type=click.IntRange(1, 2), default=1, metavar="1|2", help=f"{text} (default: 1).")


def hvp_option(function: Callback) -> Callback:
    """Add `--hvp`, which `vector_of` reads."""
    text = "Show the product of the Hessian and a vector, as a=1,b=0; components that are not given are 0."
    return click.option("--hvp", metavar="VECTOR", help=text)(function)


def check_second_order(options: SecondOrderOptions, **others: Any) -> None:
    """Check that second derivatives are not combined with options that concern the first order only.

    Raises: UsageError.
    """
    asked = "--order 2" if options["order"] > 1 else "--hvp"
    for name, value in others.items():
        if value and (options["order"] > 1 or options["hvp"] is not None):
            raise UsageError(f"{asked} cannot be combined with --{name}, which is of the value and the gradient")


def vector_of(text: str | None, limits: Limits) -> dict[str, float] | None:
    """Return the components of a vector such as `a=1,b=pi/4`; `None` without one.

    Raises: BindingError for a component without a name or a value, one that is no number, or one that is given twice.
    """
    if text is None:
        return None
    vector: dict[str, float] = {}
    for part in components(text):
        name, equals, value = (each.strip() for each in part.partition("="))
        name = unicodedata.normalize("NFC", name)
        if not (name and equals and value):
            raise BindingError(f"--hvp {text}: '{part.strip()}' is not NAME=VALUE; write a vector as a=1,b=0")
        if name in vector:
            raise BindingError(f"--hvp {text}: '{name}' has two values")
        try:
            vector[name] = parse_value(value, limits)
        except ExpressionError as error:
            raise BindingError(f"--hvp: the value of '{name}', '{value}', is not a number: {error.message}") from None
    return vector


def components(text: str) -> list[str]:
    """Split a vector at the commas between its components. A value may have commas, as in `a=max(1, 2)`."""
    parts: list[str] = []
    depth = 0
    start = 0
    for index, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and depth <= 0:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]
