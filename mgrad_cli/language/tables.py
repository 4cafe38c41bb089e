"""Load the LALR tables of the grammar, which the package holds as plain numbers."""

import json
import os
from contextlib import suppress
from typing import Any

FOLDER = os.path.dirname(os.path.abspath(__file__))
GRAMMAR = os.path.join(FOLDER, "grammar.lark")
TABLES = os.path.join(FOLDER, "grammar_tables.json")


def load_tables() -> dict[str, Any]:
    """Return the tables of the grammar. They are made again if they are absent or of another grammar."""
    with open(GRAMMAR, encoding="utf-8") as file:
        grammar = file.read()
    try:
        with open(TABLES, encoding="utf-8") as file:
            tables: dict[str, Any] = json.load(file)
        if tables["grammar"] == grammar:
            return tables
    except (OSError, ValueError, KeyError, TypeError):  # absent, or cut short
        pass
    return rebuilt_tables(grammar)


def rebuilt_tables(grammar: str) -> dict[str, Any]:
    """Return the tables of a grammar, and save them if the package's folder can be written."""
    from mgrad_cli.language.compile_grammar import compile_grammar, save

    tables = compile_grammar(grammar)
    with suppress(OSError):
        save(tables)
    return tables
