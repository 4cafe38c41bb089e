"""The prompt, made with prompt_toolkit: history, completion, colours, and an Enter key that knows where entries end."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import FileHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.output import create_output
from prompt_toolkit.styles import Style

from mgrad_cli.operations import FUNCTION_NAMES
from mgrad_cli.repl.commands import NOTES
from mgrad_cli.repl.completion import WORDS, candidates
from mgrad_cli.repl.definitions import Session
from mgrad_cli.repl.entries import goes_on

PROMPT, FURTHER = "mgrad> ", "  ...> "
TOKEN = re.compile(
    r"(?P<quoted>`[^`\n]+`)|(?P<comment>#.*)|(?P<command>^\s*:\w*)|(?P<number>(?<![\w.])(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d]\w*)|(?P<operator>[-+*/^<>=!]+)"
)
COLOURS = {
    "comment": "ansibrightblack",
    "command": "ansimagenta",
    "number": "ansicyan",
    "function": "ansigreen",
    "operator": "ansiyellow",
    "auto-suggestion": "ansibrightblack",
    "prompt": "bold",
}


def typed_texts(session: Session) -> Iterator[str]:
    """Yield what the user types, one text at a time, until Ctrl-D; Ctrl-C discards a text."""
    is_plain = bool(os.environ.get("NO_COLOR"))
    prompt: PromptSession[str] = PromptSession(
        [("class:prompt", PROMPT)],
        multiline=True,
        prompt_continuation=FURTHER,
        history=SilentHistory(history_file()),
        auto_suggest=AutoSuggestFromHistory(),
        completer=SessionCompleter(session),
        complete_while_typing=False,
        lexer=None if is_plain else Colours(),
        style=Style.from_dict({} if is_plain else COLOURS),
        key_bindings=keys(),
        output=create_output(always_prefer_tty=True),  # so that a pipe receives only the answers
    )
    while True:
        try:
            yield prompt.prompt()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return


def confirmed(question: str) -> bool:
    """Return whether the user answers a question with yes."""
    prompt: PromptSession[str] = PromptSession(output=create_output(always_prefer_tty=True))
    try:
        return prompt.prompt(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
    except (EOFError, KeyboardInterrupt):
        return False


def keys() -> KeyBindings:
    bindings = KeyBindings()

    @bindings.add("enter")
    def enter(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state is not None and buffer.complete_state.current_completion is not None:
            buffer.complete_state = None
        elif goes_on(buffer.text):
            buffer.cursor_position = len(buffer.text)
            buffer.insert_text("\n")
        else:
            buffer.validate_and_handle()

    @bindings.add("escape", "enter")
    def new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return bindings


class SessionCompleter(Completer):
    """Completes the names that a session knows."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        length, found = candidates(document.text_before_cursor, self.session, NOTES)
        has_parenthesis = document.text_after_cursor.startswith("(")
        for candidate in found:
            text = candidate.text.removesuffix("(") if has_parenthesis else candidate.text
            yield Completion(text, -length, display=candidate.shown, display_meta=candidate.note)


class Colours(Lexer):
    """Colours numbers, functions, operators, commands and comments."""

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        return lambda number: coloured(document.lines[number]) if number < len(document.lines) else []


def coloured(line: str) -> StyleAndTextTuples:
    pieces: StyleAndTextTuples = []
    index = 0
    for token in TOKEN.finditer(line):
        kind = token.lastgroup or ""
        if kind == "name":
            is_call = token[0] in FUNCTION_NAMES and line[token.end() :].lstrip().startswith("(")
            kind = "function" if is_call else "operator" if token[0] in WORDS else ""
        pieces += [("", line[index : token.start()]), (f"class:{kind}" if kind else "", token[0])]
        index = token.end()
    return [*pieces, ("", line[index:])]


def history_file() -> Path:
    """Return the history file: `$XDG_STATE_HOME/mgrad/history`, by default `~/.local/state/mgrad/history`."""
    base = os.environ.get("XDG_STATE_HOME", "")
    return Path(base if os.path.isabs(base) else os.path.expanduser("~/.local/state"), "mgrad", "history")


class SilentHistory(FileHistory):
    """A history file that only its user can read; errors in reading or writing it are ignored."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        with suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(0o600)

    def load_history_strings(self) -> Iterable[str]:
        with suppress(OSError):
            return super().load_history_strings()
        return []

    def store_string(self, string: str) -> None:
        with suppress(OSError):
            super().store_string(string)
