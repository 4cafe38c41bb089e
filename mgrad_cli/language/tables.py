"""Load the LALR tables of the grammar, which the package holds as a module of plain numbers."""

import os
from contextlib import suppress
from importlib import import_module
from typing import Any

GRAMMAR = os.path.join(os.path.dirname(os.path.abspath(__file__)), "grammar.lark")


def load_tables() -> dict[str, Any]:
    """Return the tables of the grammar. They are made again if they are absent or of another grammar."""
    with open(GRAMMAR, encoding="utf-8") as file:
        grammar = file.read()
    with suppress(Exception):  # absent, or cut short
        tables: dict[str, Any] = import_module("mgrad_cli.language.grammar_tables").TABLES
        if tables["grammar"] == grammar:
            return tables
    return rebuilt_tables(grammar)


def rebuilt_tables(grammar: str) -> dict[str, Any]:
    """Return the tables of a grammar, and save them if the package's folder can be written."""
    from mgrad_cli.language.compile_grammar import compile_grammar, save

    tables = compile_grammar(grammar)
    with suppress(OSError):
        save(tables)
    return tables
