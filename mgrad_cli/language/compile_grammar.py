"""Compile `grammar.lark` to LALR tables with lark, and save them beside it as a module that holds plain numbers.

This runs when the package is built, and in a checkout when the grammar has changed: `python -m
mgrad_cli.language.compile_grammar`. Evaluating a formula does not import lark.
"""

import os
import sys
import tempfile
from typing import Any

FOLDER = os.path.dirname(os.path.abspath(__file__))
GRAMMAR = os.path.join(FOLDER, "grammar.lark")
TABLES = os.path.join(FOLDER, "grammar_tables.py")
MODULE = '"""The LALR tables of `grammar.lark`, as `compile_grammar` writes them."""\n\nTABLES = {}\n'


def compile_grammar(grammar: str) -> dict[str, Any]:
    """Return the tables of a grammar.

    grammar     the text of the grammar
    terminals   the names of the terminals; the number of a terminal is its index, and 0 is the end of the text
    fixed       the number of each terminal that is a fixed text, by that text
    patterns    the regular expression of each other terminal, by name
    ignored     the names of the terminals between tokens
    rules       for each rule, the number of its nonterminal, its length, and the method of the tree builder that it
                calls; without one, the value is that of its only symbol
    actions     for each state, pairs of a terminal and an action: the number of a state to shift to, or `-1 - rule`;
                texts start in the first state
    gotos       for each state, pairs of a nonterminal and the state to go to
    end         the state in which the whole text is read
    """
    import lark

    parser = lark.Lark(grammar, start="program", parser="lalr")
    table = parser.parser.parser._parse_table
    definitions = {terminal.name: terminal.pattern for terminal in parser.terminals}
    terminals = ["$END", *sorted(definitions)]
    number = {name: index for index, name in enumerate(terminals)}
    states = ordered_states(table)
    place = {state: index for index, state in enumerate(states)}
    rules: dict[Any, int] = {}
    nonterminals: dict[str, int] = {}
    actions, gotos = [], []
    for state in states:
        pairs: list[tuple[int, int]] = []
        following: list[tuple[int, int]] = []
        for symbol, (action, target) in sorted(table.states[state].items()):
            if symbol not in number:
                following.append((nonterminals.setdefault(symbol, len(nonterminals)), place[target]))
            elif str(action) == "Shift":
                pairs.append((number[symbol], place[target]))
            else:
                pairs.append((number[symbol], -1 - rules.setdefault(target, len(rules))))
        actions.append(tuple(pairs))
        gotos.append(tuple(following))
    return {
        "grammar": grammar,
        "terminals": tuple(terminals),
        "fixed": {each.value: number[name] for name, each in definitions.items() if each.type == "str"},
        "patterns": {name: each.to_regexp() for name, each in definitions.items() if each.type == "re"},
        "ignored": tuple(sorted(parser.ignore_tokens)),
        "rules": tuple(
            (nonterminals.setdefault(rule.origin.name, len(nonterminals)), len(rule.expansion), method_of(rule))
            for rule in rules
        ),
        "actions": tuple(actions),
        "gotos": tuple(gotos),
        "end": place[table.end_states["program"]],
    }


def ordered_states(table: Any) -> list[int]:
    """Return the states of lark's table in the order in which texts reach them, which does not change between runs."""
    states = [table.start_states["program"]]
    seen = set(states)
    for state in states:
        for _, (action, target) in sorted(table.states[state].items()):
            if str(action) == "Shift" and target not in seen:
                seen.add(target)
                states.append(target)
    return states


def method_of(rule: Any) -> str:
    """Return the name of the tree builder's method for a rule, or an empty text if it passes its only value on."""
    if rule.alias:
        return str(rule.alias)
    name = str(rule.origin.name)
    if rule.options.expand1 and len(rule.expansion) == 1:
        return ""
    return "repetition" if name.startswith("__") else name


def save(tables: dict[str, Any]) -> None:
    """Write the tables completely or not at all.

    Raises: OSError if the folder cannot be written.
    """
    descriptor, temporary = tempfile.mkstemp(dir=FOLDER, prefix=".grammar_tables")
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(MODULE.format(repr(tables)))
        os.chmod(temporary, 0o644)
        os.replace(temporary, TABLES)
    except BaseException:
        os.unlink(temporary)
        raise


def main() -> int:
    """Compile the grammar and save its tables."""
    with open(GRAMMAR, encoding="utf-8") as file:
        save(compile_grammar(file.read()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
