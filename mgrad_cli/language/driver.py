"""Shift and reduce over the LALR tables of the grammar."""

from collections.abc import Callable
from typing import Any, TypeAlias

from mgrad_cli.language.tokens import TokenList

START = 0
"""The first state. It is the target of no action, so that 0 means that there is none."""

Build: TypeAlias = Callable[[list[Any], list[int], int, int], Any]
"""Makes the value of a rule from the stacks of values and of start indices: the values of its symbols begin at an
index, and its text ends at another.
"""


class UnexpectedTokenError(Exception):
    """A token that is not valid where it is. `index` counts tokens."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


class Driver:
    """The tables as dictionaries, with the functions that make the value of each rule.

    A rule that only passes a value on, such as `sum: product`, is never reduced by itself. `goto` looks at the next
    token and follows such rules to the state where something is made or shifted; it remembers where that was.
    """

    def __init__(self, tables: dict[str, Any], builder: Any) -> None:
        self.actions: list[dict[int, int]] = [dict(pairs) for pairs in tables["actions"]]
        self.gotos: list[dict[int, int]] = [dict(pairs) for pairs in tables["gotos"]]
        self.rules: list[tuple[int, int, Build | None]] = [
            (origin, length, getattr(builder, method) if method else None) for origin, length, method in tables["rules"]
        ]
        self.known: dict[tuple[int, int, int], int] = {}
        self.end: int = tables["end"]

    def goto(self, state: int, origin: int, kind: int) -> int:
        """Return the state after a rule of `origin` in a state, where the next token is of a kind."""
        key = state, origin, kind
        target = self.gotos[state][origin]
        while True:
            action = self.actions[target].get(kind, 0)
            if action >= 0 or self.rules[~action][2] is not None:
                break
            target = self.gotos[state][self.rules[~action][0]]
        self.known[key] = target
        return target

    def run(self, tokens: TokenList) -> Any:
        """Return the value of the first rule for the whole text.

        Raises: UnexpectedTokenError at the first token that is not valid.
        """
        actions, rules, known = self.actions, self.rules, self.known
        states, values, starts = [START], [], []  # type: tuple[list[int], list[Any], list[int]]
        state = START
        end = 0
        for kind, word, start in zip(*tokens[:3], strict=True):
            while (action := actions[state].get(kind, 0)) < 0:
                origin, length, build = rules[~action]
                base = len(values) - length
                values[base] = build(values, starts, base, end)  # type: ignore[misc]
                state = states[base]
                state = known.get((state, origin, kind)) or self.goto(state, origin, kind)
                base += 1
                if length > 1:
                    del values[base:], starts[base:], states[base:]
                    states.append(state)
                else:
                    states[base] = state
            if not action:
                if state == self.end and not kind:
                    return values[0]
                raise UnexpectedTokenError(tokens.starts.index(start))
            states.append(action)
            values.append(word)
            starts.append(start)
            end = start + len(word)
            state = action
        raise AssertionError
