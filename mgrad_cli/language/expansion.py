"""Expand calls of the functions that a text defines to the steps that they stand for.

`lower_expression` walks a syntax tree with a stack, and hands such calls to a `CallExpansion`. It puts the expressions
to walk next on the same stack, and tasks that are run when these have their steps. So calls may be nested to any depth.
"""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from mgrad_cli.errors import ExpressionError, LimitError
from mgrad_cli.language.syntax import Call, Expression, FunctionDefinition, Name
from mgrad_cli.language.user_functions import MAX_STEPS, Functions
from mgrad_cli.operations.traversal import postorder
from mgrad_cli.script import CallSpan, KeptFunction, Step

MAX_TERMS = 100_000


class Scope(NamedTuple):
    """Where an expression is walked.

    indices     the step of each node that has been walked, by its identity
    bound       the step of each name that is a parameter, or the index of a sum
    place       the place of the call that is expanded to it; `None` for the text itself
    counters    the bound names that are the index of a sum
    """

    indices: dict[int, int]
    bound: Mapping[str, int]
    place: CallSpan | None
    counters: frozenset[str] = frozenset()

    def within(self, index: str, step: int, place: "CallSpan | None") -> "Scope":
        """Return the scope of a term of a sum, whose index is a step."""
        return Scope({}, {**self.bound, index: step}, place, self.counters | {index})


class Cost(NamedTuple):
    """What an expression is expanded to: steps, and terms of sums and products."""

    steps: int = 0
    terms: int = 0


TOO_MUCH = Cost(MAX_STEPS + 1)


class UserFunction(NamedTuple):
    """A function that the text has defined.

    names   the names in its expression that are not parameters
    cost    what a call of it is expanded to
    kept    what a call of it stands for if it is not expanded
    """

    definition: FunctionDefinition
    names: tuple[str, ...]
    cost: Cost
    kept: KeptFunction | None = None


class CallExpansion:
    """The calls expanded in one expression, whose `steps` and `stack` are those of `lower_expression`.

    With `is_count` nothing is expanded: each body is walked at most once, and `extra` is the cost of what it stands
    for beyond the steps. That is finished at once, however much the expression would be expanded to.

    forms   for each function of the language that is expanded, what puts a call of it on the stack
    called  the functions that were called, directly or through others

    Raises: ExpressionError for an invalid call; LimitError for too many steps or terms.
    """

    def __init__(
        self,
        forms: "Mapping[str, Callable[[CallExpansion, Call], None]]",
        functions: Functions,
        text: str,
        steps: list[Step],
        stack: list[Any],
        names: dict[str, None],
        indices: dict[int, int],
        bound: Mapping[str, int],
        is_count: bool,
    ) -> None:
        self.forms = forms
        self.functions = functions
        self.spent = functions.spent or Cost()
        self.text = text
        self.steps = steps
        self.stack = stack
        self.names = names
        self.scope = Scope(indices, bound, None)
        self.is_count = is_count
        self.is_keeping = functions.is_keeping
        self.called: dict[str, None] = {}
        self.extra = Cost()
        self.unknown = set(bound.values())

    @property
    def cost(self) -> Cost:
        return Cost(len(self.steps) + self.extra.steps, self.extra.terms)

    def close(self) -> None:
        """Add what was expanded to what the whole text is expanded to."""
        if not self.is_count:
            steps, terms = self.spent
            self.functions.spent = Cost(steps + self.cost.steps, terms + self.cost.terms)

    def begin(self, call: Call) -> None:
        """Put what a call needs on the stack."""
        function = self.functions.defined[call.function]
        if function is None:
            self.forms[call.function](self, call)
            return
        if len(call.operands) != len(function.definition.parameters):
            from mgrad_cli.language.definition_errors import wrong_count

            raise wrong_count(call, function.definition, self.text)
        self.called[call.function] = None
        is_kept = self.is_keeping and function.kept is not None
        walk = self.count_call if self.is_count else self.keep_call if is_kept else self.enter
        self.stack.append(partial(walk, call, function))
        self.stack += call.operands[::-1]

    def count_call(self, call: Call, function: UserFunction) -> None:
        """Add the cost of a call, whose result is unknown."""
        self.spend(Cost(1) if self.is_keeping and function.kept is not None else function.cost, call)
        self.scope.indices[id(call)] = self.unknown_step()

    def keep_call(self, call: Call, function: UserFunction) -> None:
        """Add the step of a call that stays one: its operands are the arguments, then the variables of the body."""
        assert function.kept is not None
        operation = function.kept.operation
        operands = [self.scope.indices[id(operand)] for operand in call.operands]
        for name in operation.variables:
            self.names[name] = None
            operands.append(len(self.steps))
            self.steps.append(Step(None, (), None, name, call.span))
        self.scope.indices[id(call)] = len(self.steps)
        self.steps.append(Step(operation, tuple(operands), None, "", call.span))

    def unknown_step(self) -> int:
        """Add a step that stands for a number which is not computed."""
        self.unknown.add(len(self.steps))
        self.steps.append(Step(None, (), math.nan, "", None))
        return len(self.steps) - 1

    def enter(self, call: Call, function: UserFunction) -> None:
        """Walk the expression of a function, whose parameters are the steps of the arguments."""
        outer = self.scope
        self.spend(Cost(1), call)
        arguments = [outer.indices[id(operand)] for operand in call.operands]
        place = self.place(call)
        self.stack.append(partial(self.leave, call, function.definition.expression, place, outer, len(self.steps)))
        self.stack.append(function.definition.expression)
        self.scope = Scope({}, dict(zip(function.definition.parameters, arguments, strict=True)), place)

    def leave(self, call: Call, body: Expression, place: CallSpan, outer: Scope, first: int) -> None:
        self.finish(call, self.scope.indices[id(body)], place, outer, first)

    def finish(self, call: Call, result: int, place: CallSpan, outer: Scope, first: int) -> None:
        """Make a step the result of a call, and go on where that is. The step has its place if it is made for it."""
        if result >= first:
            self.steps[result] = self.steps[result]._replace(span=place)
        self.scope = outer
        outer.indices[id(call)] = result

    def place(self, call: Call) -> CallSpan:
        """Return the place of a call of the scope, by which it is told from others of the same text."""
        return CallSpan.of(call.span, call.function, self.scope.place)

    def spend(self, cost: Cost, call: Call) -> None:
        """Add a cost. Raises: LimitError, at a call, if it is too much in all."""
        self.extra = Cost(self.extra.steps + cost.steps, self.extra.terms + cost.terms)
        steps, terms = self.cost
        if terms + self.spent.terms > MAX_TERMS:
            message = f"sums and products take more than {MAX_TERMS:,} terms in all"
            raise LimitError(message, self.text, call.span)
        if steps + self.spent.steps > MAX_STEPS:
            message = f"the calls here are expanded to more than {MAX_STEPS:,} operations"
            raise LimitError(message, self.text, call.span)

    def forget_steps(self, start: int) -> None:
        """Delete the steps from an index on."""
        del self.steps[start:]
        self.unknown = {step for step in self.unknown if step < start}

    def whole_number(self, call: Call, node: Expression, what: str) -> int | None:
        """Return the whole number that an operand is, or `None` if that is unknown because nothing is expanded.

        Raises: ExpressionError for any other number, or a variable.
        """
        values: dict[int, float] = {}
        for index in postorder([self.scope.indices[id(node)]], lambda index: self.steps[index].operands):
            operation, operands, number, name, _ = self.steps[index]
            if index in self.unknown:
                if not self.is_count:
                    raise LimitError(f"{what} of {call.function} depends on a parameter", self.text, node.span)
                return None
            if operation is not None:
                values[index] = operation.evaluate(*[values[operand] for operand in operands])
            elif number is not None:
                values[index] = number
            else:
                sums = f"; write the number, or s(n) = {call.function}(k, 1, n, ...) and s(10)"
                advice = "" if call.function == "diff" else sums
                message = f"{what} of {call.function} is a whole number in the text, and '{name}' is none{advice}"
                raise ExpressionError(message, self.text, node.span)
        value = values[self.scope.indices[id(node)]]
        if not value.is_integer():
            from mgrad_cli.language.printing import literal

            message = f"{what} of {call.function} is a whole number, not {literal(value)}"
            raise ExpressionError(message, self.text, node.span)
        return int(value)


def name_of(node: Expression) -> str:
    """Return the name that a node is."""
    assert isinstance(node, Name)
    return node.name
