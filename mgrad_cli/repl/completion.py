"""Completions of a word: the names of the session, functions, constants, and commands."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.language.definition_errors import signature as signature_of
from mgrad_cli.language.lowering import CONSTANTS
from mgrad_cli.language.printing import unparse
from mgrad_cli.operations import TABLE, signature
from mgrad_cli.renderers.reference import FORM_ENTRIES
from mgrad_cli.repl.definitions import Session
from mgrad_cli.repl.statements import LAST

WORDS = {
    "and": "1 where both are not zero",
    "or": "1 where one is not zero",
    "not": "1 for zero",
}
WORD = re.compile(r"\w*$")
COMMAND = re.compile(r"\s*(:\w*)$")


class Candidate(NamedTuple):
    """A completion; `shown` in a list, with a note beside it."""

    text: str
    shown: str
    note: str


def candidates(before: str, session: Session, commands: Mapping[str, str]) -> tuple[int, list[Candidate]]:
    """Return the number of characters before the cursor that make the word, and its completions.

    `commands` maps each command to a line of help.
    """
    line = before.rpartition("\n")[2]
    command = COMMAND.match(before)
    if command is not None:
        word = command[1]
        return len(word), [Candidate(name, name, note) for name, note in commands.items() if name.startswith(word)]
    found = WORD.search(before)
    word = found[0] if found else ""
    if not word or word[0].isdigit() or "#" in line:
        return 0, []
    is_method = re.search(r"[\w)]\.$", before[: -len(word)]) is not None
    callable_names = own_functions(session) | functions()
    known = callable_names if is_method else named(session) | callable_names | constants(session)
    return len(word), [candidate for candidate in known.values() if candidate.text.startswith(word)]


def named(session: Session) -> dict[str, Candidate]:
    found = {name: Candidate(name, name, f"= {number(value)}") for name, value in session.values.items()}
    found |= {name: Candidate(name, name, f"= {formula.text}") for name, formula in session.formulas.items()}
    if session.last is not None:
        found[LAST] = Candidate(LAST, LAST, f"= {session.last.text}")
    return found


def functions() -> dict[str, Candidate]:
    """Return the functions that can be called by name, with a line about each."""
    return {candidate.text: candidate for candidate in listed_functions()}


def own_functions(session: Session) -> dict[str, Candidate]:
    """Return the functions that the session has defined."""
    return {
        f"{name}(": Candidate(
            f"{name}(", signature_of(function.definition), f"= {unparse(function.definition.expression)}"
        )
        for name, function in session.functions.items()
    }


def listed_functions() -> Iterator[Candidate]:
    for name in sorted(TABLE):
        operation = TABLE[name][0]
        if operation.is_typed:
            yield Candidate(f"{name}(", signature(operation, name), operation.doc)
    for name, entry in FORM_ENTRIES.items():
        yield Candidate(f"{name}(", entry.signature, entry.doc)


def constants(session: Session) -> dict[str, Candidate]:
    found = {
        name: Candidate(name, name, f"= {number(value)}") for name, value in CONSTANTS.items() if not session.has(name)
    }
    return found | {word: Candidate(word, word, note) for word, note in WORDS.items()}
