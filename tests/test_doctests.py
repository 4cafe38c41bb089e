"""The examples in the docstrings of the library, run: what they show is what comes."""

import doctest
import inspect
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest

import mgrad_cli
from tests.conftest import ROOT

MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "mgrad_cli").rglob("*.py")
    if ">>>" in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    results = doctest.testmod(import_module(name))
    assert results.attempted > 0
    assert results.failed == 0


def public() -> Iterator[Any]:
    """Yield every public function, the classes that people make objects of, and the methods these define themselves."""
    yield from (member for name in mgrad_cli.__all__ if inspect.isfunction(member := getattr(mgrad_cli, name)))
    yield from (mgrad_cli.Expression, mgrad_cli.Value, mgrad_cli.Compiled.__call__, mgrad_cli.MgradError)
    yield from (mgrad_cli.Gradients, mgrad_cli.Evaluation)
    yield from (mgrad_cli.Value.backward, mgrad_cli.Value.zero_grad, mgrad_cli.Expression.__call__)
    yield from (each for name, each in vars(mgrad_cli.Expression).items() if not name.startswith("_"))


@pytest.mark.parametrize("member", list(public()), ids=lambda member: member.__qualname__)
def test_what_is_public_has_an_example(member: Callable[..., Any]) -> None:
    assert ">>>" in (member.__doc__ or "")
