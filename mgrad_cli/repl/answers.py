"""The answers of a session to an entry: a value with its gradients, a definition, or the output of a command.

Answers are text. Nothing is printed here, and every entry ends in answers or an error.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from mgrad_cli.errors import MgradError, Span, UsageError
from mgrad_cli.evaluation.diagnosis import Finding, number, snippet
from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.evaluation.graph import evaluate
from mgrad_cli.evaluation.losses import Loss, warnings
from mgrad_cli.evaluation.name_advice import doubts
from mgrad_cli.language.names import without_comments
from mgrad_cli.language.printing import spelled_name
from mgrad_cli.renderers import EVAL_FORMATS, Page, View
from mgrad_cli.repl.composition import Composition
from mgrad_cli.repl.definitions import Session, quoted
from mgrad_cli.repl.statements import Typed, TypedFunction
from mgrad_cli.suggestions import nearest
from mgrad_cli.text import normalised, printable

LEAVING = re.compile(r"(?:exit|quit)\s*\(\s*\)\s*;?")
"""How other prompts are left."""
MAX_WEIGHT = 200
"""A formula composed of more formulas than this is not evaluated when it is defined."""


class Response(NamedTuple):
    """Text for standard output and messages for standard error; `is_last` ends the session."""

    text: str = ""
    warnings: tuple[str, ...] = ()
    is_last: bool = False


Confirm = Callable[[str], bool]


def nobody(question: str) -> bool:
    """Answer no to a question, where nobody can be asked."""
    return False


class CommandCall(NamedTuple):
    """An entry that is a command; its argument begins at `start`.

    `page` is called only when something is drawn. `confirm` asks the user a question; without a user the answer is no.
    """

    session: Session
    command: str
    entry: str
    start: int
    page: Callable[[], Page]
    confirm: Confirm

    @property
    def argument(self) -> str:
        """The text that follows the command, without a comment at its end."""
        return without_comments(self.entry[self.start :]).strip()

    @property
    def view(self) -> View:
        return View(self.page())

    def check_no_argument(self) -> None:
        """Raise UsageError if text follows the command."""
        if self.argument:
            raise UsageError(f"{self.command} takes no argument, such as '{self.argument}'")

    def composition(self) -> Composition:
        """Return the expression of the command and make it the last one; without one, return the last one.

        Raises: UsageError if there is none or more than one; ExpressionError with its place.
        """
        session = self.session
        if not self.argument:
            if session.last is None:
                raise UsageError(f"there is no last expression yet; write {self.command} EXPRESSION")
            return session.composed(one_expression(self, session.last.text, 0))
        return composed_alone(self, self.entry)

    def evaluated(self) -> Composition:
        """Return the expression of the command. Raises: BindingError for a variable without a value."""
        composition = self.composition()
        self.session.check_complete(composition)
        return composition


Reply = Callable[[CommandCall], Iterator[Response]]


def composed_alone(request: CommandCall, entry: str) -> Composition:
    """Return the expression of a command's entry, and make it the last one.

    Raises: UsageError if there are more or it has a name; ExpressionError with its place.
    """
    typed = one_expression(request, entry, request.start)
    composition = request.session.composed(typed)
    request.session.remember(typed)
    return composition


def one_expression(request: CommandCall, entry: str, start: int) -> Typed:
    """Return the one statement of an entry from an index on.

    Raises: UsageError if there are more or it has a name; ExpressionError with its place.
    """
    *others, typed = request.session.statements(entry, start)
    if others or isinstance(typed, TypedFunction) or typed.name is not None:
        raise UsageError(f"{request.command} takes one expression; define names before it")
    return typed


def answers(
    session: Session,
    commands: dict[str, Reply],
    entry: str,
    page: Callable[[], Page],
    confirm: Confirm = nobody,
) -> Iterator[Response]:
    """Yield the answers to an entry: one for each statement, or those of a command.

    Raises: MgradError, with the place in the entry if there is one.
    """
    entry = normalised(entry)
    if entry.lstrip().startswith(":"):
        word = entry.split(None, 1)[0]
        if word not in commands:
            raise UsageError(f"no command '{word}'{nearest(word, commands) or '; :help lists them'}")
        try:
            yield from commands[word](CommandCall(session, word, entry, entry.index(word) + len(word), page, confirm))
        except MgradError as error:
            if error.source.strip() and len(error.source) == len(entry):  # the entry with its options blanked out
                error.source = entry
            raise
        return
    if LEAVING.fullmatch(entry.strip()):
        raise UsageError("to leave, type :quit or press Ctrl-D")
    for typed in session.statements(entry):
        if isinstance(typed, TypedFunction):
            session.define(typed)
            yield Response(f"{printable(snippet(typed.text, Span(0, len(typed.text))))}\n")
        elif typed.name is not None:
            yield assigned(session, typed)
        elif not session.has(typed.text) and f":{typed.text}" in commands:
            raise UsageError(f"no value for '{typed.text}'; did you mean ':{typed.text}'?")
        else:
            yield evaluation(session, typed, page)


def assigned(session: Session, typed: Typed) -> Response:
    """Return the answer to an assignment: the value, or the variables without a value."""
    name = typed.name or ""
    shown_name = printable(spelled_name(name))
    session.assign(typed)
    if name in session.values:
        return Response(f"{shown_name} = {number(session.values[name])}\n")
    formula = session.formulas[name]
    shown = f"{shown_name} = {printable(snippet(formula.text, Span(0, len(formula.text))))}"
    if formula.weight > MAX_WEIGHT:
        return Response(f"{shown}\n")
    composition = session.composed(typed)
    missing = composition.missing
    if missing:
        return Response(f"{shown}; no value yet for {quoted(missing)}\n")
    return Response(f"{shown} = {number(evaluate(composition.script, composition.values).output.data)}\n")


def evaluation(session: Session, typed: Typed, page: Callable[[], Page]) -> Response:
    """Return the value and gradients of an expression; only the value if it is a variable or has none.

    Raises: BindingError for a variable without a value.
    """
    composition = session.composed(typed)
    session.remember(typed)
    if typed.text in session.values:
        return Response(f"{typed.text} = {number(session.values[typed.text])}\n")
    session.check_complete(composition)
    result = differentiate(composition.script, composition.values, with_nodes=True, with_hints=True)
    warnings = located(composition, result.findings, result.losses)
    if not result.vars:
        return Response(f"{number(result.nodes[result.output].data if result.nodes else 0.0)}\n", warnings)
    return Response("".join(EVAL_FORMATS["table"].render([result], View(page(), inputs_only=True))), warnings)


def located(composition: Composition, findings: Iterable[Finding], losses: Sequence[Loss] = ()) -> tuple[str, ...]:
    """Return doubts about the reading, findings and losses as text, each of these with its place in what was typed."""
    said = [*map(printable, doubts(composition.script, ()))]
    for finding in [*findings, *warnings(losses, composition.script.text)]:
        if finding.span is not None:
            source, span = composition.origin(finding.span)
            finding = Finding(finding.message, source, span)
        said.append(str(finding))
    return tuple(said)
