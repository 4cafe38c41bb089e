"""A script: what a text is lowered to, flat steps in the order of evaluation, and the loop that runs it.

`run_script` runs on any kind of operand: floats, Values, registers of a program.
"""

import math
from collections.abc import Callable, Collection, Container, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from mgrad_cli.errors import ExpressionError, Span
from mgrad_cli.operations import Operation

if TYPE_CHECKING:
    from typing import Protocol

    from mgrad_cli.operations.function_operation import FunctionOperation

    class Defined(Protocol):
        """A function that a text defines."""

        @property
        def name(self) -> str: ...

        @property
        def parameters(self) -> tuple[str, ...]: ...

        @property
        def span(self) -> Span | None: ...


FIXED = {"inf": math.inf, "nan": math.nan}
"""Constants that cannot be given a value."""

CONSTANTS = {"pi": math.pi, "π": math.pi, "tau": math.tau, "τ": math.tau, "e": math.e, **FIXED}
"""All constants. A value or assignment for a name takes precedence, except over `FIXED`."""


class Step(NamedTuple):
    """One step: an operation on earlier steps of its block, a number, or a name to look up."""

    operation: Operation | None
    operands: tuple[int, ...]
    number: float | None
    name: str
    span: Span | None


class CallSpan(Span):
    """The place of a call of a `function` that is expanded. `outer` is the call whose expansion it is part of."""

    function: str
    outer: "CallSpan | None"

    @classmethod
    def of(cls, span: Span | None, function: str, outer: "CallSpan | None") -> "CallSpan":
        call = cls(*(span or NOWHERE))
        call.function = function
        call.outer = outer
        return call


class InnerSpan(Span):
    """The place of a step that a call was expanded to, in what was expanded: the definition of a function, or a term.

    The step that is the result of the call has the place of the call itself.
    """

    call: CallSpan

    @classmethod
    def of(cls, span: Span | None, call: CallSpan) -> "InnerSpan":
        inner = cls(*(span or NOWHERE))
        inner.call = call
        return inner


NOWHERE = Span(0, 0)


class Assignment(NamedTuple):
    """A statement: its name, if any, its steps, and the names that they look up.

    functions   those that the text defines and the statement calls, directly or through others
    """

    name: str | None
    steps: tuple[Step, ...]
    names: tuple[str, ...]
    span: Span | None
    functions: tuple[str, ...] = ()


class KeptFunction(NamedTuple):
    """A function of a text whose calls stay calls.

    steps   those of its body; the first ones are its parameters
    called  the functions that its body calls itself
    """

    operation: "FunctionOperation"
    steps: tuple[Step, ...]
    called: tuple[str, ...]


class Script(NamedTuple):
    """A program ready to run: its statements in order, and every name by first appearance.

    assigned    the statement of each name that the text assigns
    outputs     the names of the outputs; the last statements are theirs, one for each
    definitions the functions that the text defines, in order
    derived_by  the constants that the text differentiates by, and the statements without variables; they must be inputs
    indices     the names that are the index of a sum or product, each with its function
    tree        the syntax tree of a text that defines functions
    kept        its functions, if calls of them stay calls
    """

    text: str
    blocks: tuple[Assignment, ...]
    names: tuple[str, ...]
    assigned: dict[str, int]
    outputs: tuple[str, ...] = ("f",)
    definitions: tuple["Defined", ...] = ()
    derived_by: tuple[tuple[str, Span | None], ...] = ()
    indices: tuple[tuple[str, str], ...] = ()
    tree: Any = None
    kept: tuple[KeptFunction, ...] = ()

    @property
    def operations(self) -> list[Operation]:
        """The operations of all steps, also in the bodies of functions whose calls stay calls."""
        parts = [*(block.steps for block in self.blocks), *(function.steps for function in self.kept)]
        return [step.operation for steps in parts for step in steps if step.operation is not None]


def check_derived_by(script: Script, inputs: Container[str]) -> None:
    """Check that only inputs are differentiated by. Raises: ExpressionError.

    A constant is one if it has a value, and a statement of constants if none of them has.
    """
    for name, span in script.derived_by:
        if name not in inputs:
            what = "is computed" if name in script.assigned else "is a constant"
            raise ExpressionError(f"'{name}' {what}; diff takes a variable", script.text, span)


def unbound_constants(script: Script, inputs: Collection[str]) -> list[str]:
    """Return the constants of a script that are not inputs, without those that are exact.

    Raises: ExpressionError if the script differentiates by one of them.
    """
    check_derived_by(script, inputs)
    taken = {*inputs, *script.assigned, *FIXED}
    return [name for name in script.names if name in CONSTANTS and name not in taken]


def run_script(script: Script, named: dict[str, Any], make: Callable[[Step, list[Any]], Any]) -> list[Any]:
    """Run a script on operands of any class and return its outputs, in order.

    `named` maps names to operands: the inputs at first, and the result of each statement as it is computed. A statement
    with the name of an input is not run. `make` returns the operand for a step, given the step and its operands. It is
    called for operations, numbers and constants, but not for names in `named`.

    Raises: ExpressionError if the script differentiates by a constant that is not an input.
    """
    check_derived_by(script, named)
    results: list[Any] = []
    for block in script.blocks:
        result = named[block.name] if block.name in named else run_block(block, named, make)
        if block.name is not None:
            named[block.name] = result
        results.append(result)
    return results[-len(script.outputs) :]


def run_block(block: Assignment, named: Mapping[str, Any], make: Callable[[Step, list[Any]], Any]) -> Any:
    """Run one statement, with the arguments of `run_script`, and return its result."""
    registers: list[Any] = []
    for step in block.steps:
        if step.name in named:
            registers.append(named[step.name])
        else:
            registers.append(make(step, [registers[index] for index in step.operands]))
    return registers[-1]


new_step = tuple.__new__
"""Makes a step from its fields, in half the time that its class takes: a formula has one for every word."""
