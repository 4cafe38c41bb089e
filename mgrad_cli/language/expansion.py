"""Expand calls of the functions that a text defines, and sums and products, to the steps that they stand for.

`lower_expression` walks a syntax tree with a stack, and hands such calls to a `CallExpansion`. It puts the expressions
to walk next on the same stack, and tasks that are run when these have their steps. So calls may be nested to any depth.
"""

import math
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from mgrad_cli.errors import ExpressionError, LimitError
from mgrad_cli.language.syntax import Call, Expression, FunctionDefinition, Name
from mgrad_cli.language.user_functions import FIXED_NAMES, Functions
from mgrad_cli.operations import TABLE, Operation
from mgrad_cli.operations.traversal import postorder
from mgrad_cli.script import CallSpan, InnerSpan, KeptFunction, Step

MAX_STEPS = 1_000_000
MAX_TERMS = 100_000
(ADD,), (MULTIPLY,) = TABLE["add"], TABLE["multiply"]
SERIES: dict[str, tuple[Operation, float]] = {"sum": (ADD, 0.0), "prod": (MULTIPLY, 1.0)}
"""Of each function with an index: the operation between its terms, and its value without terms."""
SERIES_OPERANDS = 4
DERIVATIVE_COST = 10
"""About how many steps the derivative of one takes, for each order."""


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

    names   the names in its expression that are no parameters
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

    called  the functions that were called, directly or through others

    Raises: ExpressionError for an invalid call; LimitError for too many steps or terms.
    """

    def __init__(
        self,
        functions: Functions,
        text: str,
        steps: list[Step],
        stack: list[Any],
        names: dict[str, None],
        indices: dict[int, int],
        bound: Mapping[str, int],
        is_count: bool,
    ) -> None:
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
            (self.begin_derivative if call.function == "diff" else self.begin_series)(call)
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

    def begin_series(self, call: Call) -> None:
        """Walk the limits of a sum or product."""
        if len(call.operands) != SERIES_OPERANDS or not isinstance(call.operands[0], Name):
            raise ExpressionError(series_advice(call), self.text, call.span)
        index, first, last, _ = call.operands
        if (name := name_of(index)) in FIXED_NAMES:
            raise ExpressionError(f"'{name}' is a constant and cannot be an index", self.text, index.span)
        self.functions.indices[name] = call.function
        self.stack += [partial(self.begin_terms, call, len(self.steps), self.is_keeping), last, first]
        self.is_keeping = False

    def begin_terms(self, call: Call, start: int, is_keeping: bool) -> None:
        """Walk the terms of a sum or product, whose limits are the steps from `start` on."""
        self.is_keeping = is_keeping
        index, *limits, body = call.operands
        first, last = [self.whole_number(call, limit, "a limit") for limit in limits]
        self.forget_steps(start)
        count = 1 if first is None or last is None else max(0, last - first + 1)
        self.spend(Cost(count, 0 if first is None or last is None else count), call)
        outer = self.scope
        if not self.is_count:
            self.stack.append(Terms(self, call, outer, first or 0, count))
            return
        before = self.cost
        self.scope = outer.within(name_of(index), self.unknown_step(), outer.place)
        self.stack += [partial(self.count_terms, call, outer, before, count), body]

    def count_terms(self, call: Call, outer: Scope, before: Cost, count: int) -> None:
        """Add the cost of all terms but the one that was walked."""
        cost, more = self.cost, max(0, count - 1)
        self.spend(Cost(more * (cost.steps - before.steps), more * (cost.terms - before.terms)), call)
        self.scope = outer
        outer.indices[id(call)] = self.unknown_step()

    def begin_derivative(self, call: Call) -> None:
        """Walk the order of a derivative."""
        if len(call.operands) not in {2, 3} or not isinstance(call.operands[1], Name):
            message = "write diff(f, x) with the name of a variable, or diff(f, x, 2) for the second derivative"
            raise ExpressionError(message, self.text, call.span)
        function, variable = call.operands[:2]
        if isinstance(function, Name) and function != variable and function.name not in self.scope.bound:
            from mgrad_cli.language.definition_errors import check_no_function

            check_no_function(function.name, call, self.functions, self.text)
        self.stack += [partial(self.walk_function, call, len(self.steps), self.is_keeping), *call.operands[2:]]
        self.is_keeping = False

    def walk_function(self, call: Call, start: int, is_keeping: bool) -> None:
        """Walk what is differentiated. The order is the step at `start`, if it is given."""
        from mgrad_cli.language.inner_derivatives import MAX_ORDER, Variable, check_variable

        function, node, *orders = call.operands
        order = self.whole_number(call, orders[0], "the order") if orders else 1
        self.forget_steps(start)
        if order is not None and not 1 <= order <= MAX_ORDER:
            message = f"the order of a derivative is 1 to {MAX_ORDER}, not {order}"
            raise (ExpressionError if order < 1 else LimitError)(message, self.text, orders[0].span)
        name = name_of(node)
        if name in self.scope.counters:
            message = f"'{name}' is the index of a sum; diff takes a variable"
            raise ExpressionError(message, self.text, node.span)
        place = self.scope.bound.get(name)
        if place is None:
            check_variable(name, node.span, self.functions, self.text)
        variable = Variable(name, place)
        order = 1 if order is None else order
        self.stack += [partial(self.differentiate, call, variable, order, start, is_keeping), function]

    def differentiate(self, call: Call, variable: Any, order: int, start: int, is_keeping: bool) -> None:
        """Replace the steps from `start` on, of what is differentiated, with those of its derivative."""
        from mgrad_cli.language.inner_derivatives import append_steps, derivative

        self.is_keeping = is_keeping
        result = self.scope.indices[id(call.operands[0])]
        if variable.step is None:
            self.names[variable.name] = None
        self.spend(Cost(DERIVATIVE_COST * order * (len(self.steps) - start)), call)
        if self.is_count:
            self.scope.indices[id(call)] = self.unknown_step()
            return
        try:
            program = derivative(self.steps, result, start, variable, order, self.functions)
        except LimitError as error:
            raise LimitError(error.message, self.text, call.span) from None
        literals = {step.number: step.span for step in self.steps[start:] if step.number is not None}
        self.forget_steps(start)
        place = self.place(call)
        self.names.update(dict.fromkeys(name for name in program.inputs if not name.startswith("`")))
        self.finish(call, append_steps(program, self.steps, place, literals), place, self.scope, start)

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
                advice = (
                    f"; write the number, or s(n) = {call.function}(k, 1, n, ...) and s(10)"
                    if call.function in SERIES
                    else ""
                )
                message = f"{what} of {call.function} is a whole number in the text, and '{name}' is none{advice}"
                raise ExpressionError(message, self.text, node.span)
        value = values[self.scope.indices[id(node)]]
        if not value.is_integer():
            from mgrad_cli.language.printing import literal

            message = f"{what} of {call.function} is a whole number, not {literal(value)}"
            raise ExpressionError(message, self.text, node.span)
        return int(value)


class Terms:
    """The task of a sum or product: its terms one after the other, each with its own number for the index."""

    def __init__(self, expansion: CallExpansion, call: Call, outer: Scope, first: int, count: int) -> None:
        self.expansion = expansion
        self.call = call
        self.outer = outer
        self.index = name_of(call.operands[0])
        self.place = expansion.place(call)
        self.start = len(expansion.steps)
        self.next, self.stop = first, first + count
        self.total: int | None = None
        self.is_walked = False

    def __call__(self) -> None:
        expansion, steps = self.expansion, self.expansion.steps
        operation, empty = SERIES[self.call.function]
        body = self.call.operands[-1]
        if self.is_walked:
            term = expansion.scope.indices[id(body)]
            if self.total is None:
                self.total = term
            else:
                span = InnerSpan.of(self.place, self.place)
                steps.append(Step(operation, (self.total, term), None, "", span))
                self.total = len(steps) - 1
        if self.next < self.stop:
            if len(steps) > MAX_STEPS:
                expansion.spend(Cost(), self.call)
            expansion.scope = self.outer.within(self.index, len(steps), self.place)
            steps.append(Step(None, (), float(self.next), "", None))
            expansion.stack += [self, body]
            self.next += 1
            self.is_walked = True
            return
        if self.total is None:
            self.total = len(steps)
            steps.append(Step(None, (), empty, "", self.place))
        expansion.finish(self.call, self.total, self.place, self.outer, self.start)


def name_of(node: Expression) -> str:
    """Return the name that a node is."""
    assert isinstance(node, Name)
    return node.name


def series_advice(call: Call) -> str:
    """Return the message for a sum or product that is written in another way."""
    name = call.function
    plain = "a + b + c" if name == "sum" else "a*b*c"
    return f"write {name}(k, 1, 10, ...) with a name, its first and its last value, and a term; of some values, {plain}"
