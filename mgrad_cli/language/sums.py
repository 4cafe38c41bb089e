"""Expand sums and products over an index, such as sum(k, 1, 10, x**k), to their terms."""

from functools import partial

from mgrad_cli.errors import ExpressionError
from mgrad_cli.language.expansion import CallExpansion, Cost, Scope, name_of
from mgrad_cli.language.syntax import Call, Name
from mgrad_cli.language.user_functions import FIXED_NAMES, MAX_STEPS
from mgrad_cli.operations import TABLE, Operation
from mgrad_cli.script import InnerSpan, Step

(ADD,), (MULTIPLY,) = TABLE["add"], TABLE["multiply"]
SUMS: dict[str, tuple[Operation, float]] = {"sum": (ADD, 0.0), "prod": (MULTIPLY, 1.0)}
"""Of each function with an index: the operation between its terms, and its value without terms."""
OPERANDS = 4


def begin_sum(expansion: CallExpansion, call: Call) -> None:
    """Walk the limits of a sum or product."""
    if len(call.operands) != OPERANDS or not isinstance(call.operands[0], Name):
        raise ExpressionError(sum_advice(call), expansion.text, call.span)
    index, first, last, _ = call.operands
    if (name := name_of(index)) in FIXED_NAMES:
        raise ExpressionError(f"'{name}' is a constant and cannot be an index", expansion.text, index.span)
    expansion.functions.indices[name] = call.function
    expansion.stack += [partial(begin_terms, expansion, call, len(expansion.steps), expansion.is_keeping), last, first]
    expansion.is_keeping = False


def begin_terms(expansion: CallExpansion, call: Call, start: int, is_keeping: bool) -> None:
    """Walk the terms of a sum or product, whose limits are the steps from `start` on."""
    expansion.is_keeping = is_keeping
    index, *limits, body = call.operands
    first, last = [expansion.whole_number(call, limit, "a limit") for limit in limits]
    expansion.forget_steps(start)
    count = 1 if first is None or last is None else max(0, last - first + 1)
    expansion.spend(Cost(count, 0 if first is None or last is None else count), call)
    outer = expansion.scope
    if not expansion.is_count:
        expansion.stack.append(Terms(expansion, call, outer, first or 0, count))
        return
    before = expansion.cost
    expansion.scope = outer.within(name_of(index), expansion.unknown_step(), outer.place)
    expansion.stack += [partial(count_terms, expansion, call, outer, before, count), body]


def count_terms(expansion: CallExpansion, call: Call, outer: Scope, before: Cost, count: int) -> None:
    """Add the cost of all terms but the one that was walked."""
    cost, more = expansion.cost, max(0, count - 1)
    expansion.spend(Cost(more * (cost.steps - before.steps), more * (cost.terms - before.terms)), call)
    expansion.scope = outer
    outer.indices[id(call)] = expansion.unknown_step()


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
        operation, empty = SUMS[self.call.function]
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


def sum_advice(call: Call) -> str:
    """Return the message for a sum or product that is written in another way."""
    name = call.function
    plain = "a + b + c" if name == "sum" else "a*b*c"
    return f"write {name}(k, 1, 10, ...) with a name, its first and its last value, and a term; of some values, {plain}"
