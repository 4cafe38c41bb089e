"""Shift and reduce over the LALR tables of the grammar."""

from collections.abc import Callable
from typing import Any, TypeAlias

from mgrad_cli.language.tokens import TokenList

Build: TypeAlias = Callable[[list[Any], list[int], int, int], Any]
"""Makes the value of a rule from the stacks of values and of start indices: the values of its symbols begin at an
index, and its text ends at another.
"""
Rule: TypeAlias = tuple[int, int, Build | None]
"""The number of what a rule makes, its length, and its function; `None` if it passes its only value on."""
Row: TypeAlias = dict[int, Any]


class UnexpectedTokenError(Exception):
    """A token that is not valid where it is. `index` counts tokens."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


class Driver:
    """The tables as dictionaries, with the functions that make the value of each rule.

    A state is a row: it maps the number of a terminal to the row to shift to, or to the rule to reduce by, and the sum
    of the number of a rule's origin and that of the next terminal to the row to go to after that rule.

    A rule that only passes a value on, such as `sum: product`, is never reduced by itself. `goto` looks at the next
    token and follows such rules to the row where something is made or shifted; the row then remembers it.
    """

    def __init__(self, tables: dict[str, Any], builder: Any) -> None:
        self.rows: list[Row] = [{} for _ in tables["actions"]]
        width = len(tables["terminals"]) + 1  # no sum of an origin and a terminal is another, or a terminal
        rules: list[Rule] = [
            ((1 + origin) * width, length, getattr(builder, method) if method else None)
            for origin, length, method in tables["rules"]
        ]
        for row, pairs in zip(self.rows, tables["actions"], strict=True):
            row.update((kind, rules[~action] if action < 0 else self.rows[action]) for kind, action in pairs)
        self.gotos: dict[int, dict[int, Row]] = {
            id(row): {(1 + origin) * width: self.rows[target] for origin, target in pairs}
            for row, pairs in zip(self.rows, tables["gotos"], strict=True)
        }
        self.end = self.rows[tables["end"]]

    def goto(self, row: Row, origin: int, kind: int) -> Row:
        """Return the row after a rule of `origin` in a row, where the next token is of a kind."""
        targets = self.gotos[id(row)]
        target = targets[origin]
        while (action := target.get(kind)).__class__ is tuple and action[2] is None:
            target = targets[action[0]]
        row[origin + kind] = target
        return target

    def run(self, tokens: TokenList) -> Any:
        """Return the value of the first rule for the whole text.

        Raises: UnexpectedTokenError at the first token that is not valid.
        """
        row = self.rows[0]
        rows, values, starts = [row], [], []  # type: tuple[list[Row], list[Any], list[int]]
        end = 0
        for kind, word, start in zip(*tokens[:3], strict=True):
            while (action := row.get(kind)).__class__ is tuple:
                origin, length, build = action
                base = len(values) - length
                values[base] = build(values, starts, base, end)
                row = rows[base]
                row = row.get(origin + kind) or self.goto(row, origin, kind)
                base += 1
                if length > 1:
                    del values[base:], starts[base:], rows[base:]
                    rows.append(row)
                else:
                    rows[base] = row
            if action is None:
                if row is self.end and not kind:
                    return values[0]
                raise UnexpectedTokenError(tokens.starts.index(start))
            rows.append(action)
            values.append(word)
            starts.append(start)
            end = start + len(word)
            row = action
        raise AssertionError
