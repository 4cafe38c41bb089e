"""The exceptions of the package, which carry their source and span and draw a caret.

The library raises. One place in the command line turns an exception into a message and an exit code.
"""

from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple

from mgrad_cli.suggestions import nearest
from mgrad_cli.text import name_list, printable, truncate

MAX_NAMES = 20
MAX_MESSAGE = 500
EXTRAS = {
    "cloudpickle": "dask", "dask": "dask", "distributed": "dask", "flint": "exact", "graphviz": "graph",
    "llvmlite": "native", "matplotlib": "plot", "plotext": "plot", "polars": "data", "prompt_toolkit": "repl",
    "pyarrow": "data", "scipy": "special",
}  # fmt: skip
"""The extra of this package that installs a library, by import name."""


class Span(NamedTuple):
    """A part of a source text, as indices of characters: `text[start:end]`."""

    start: int
    end: int


class MgradError(Exception):
    """Base class of the errors: one sentence, and the place that it refers to if there is one.

    `source` is the whole text and `span` a part of it; `file` and `line` say where that text came from.

    >>> print(ExpressionError("expected a value", "2*+", Span(2, 3)))
    expected a value
      1 | 2*+
        |   ^
    """

    exit_code: ClassVar[int] = 70
    code: ClassVar[str] = "internal"
    draws_caret: ClassVar[bool] = True

    def __init__(self, message: str, source: str = "", span: Span | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.span = span
        self.file: str | None = None
        self.line: int | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how it is copied and pickled, as between processes: subclasses are made from other arguments."""
        return type(self).__new__, (type(self), *self.args), self.__dict__

    @property
    def column(self) -> int | None:
        """The column of the place in its own line of the source, counted from 1."""
        if self.span is None:
            return None
        return self.span.start - self.source.rfind("\n", 0, self.span.start)

    def __str__(self) -> str:
        indices = (self.file, self.line, self.column) if self.line else (self.file,)
        index = ":".join(str(part) for part in indices if part)
        message = truncate(self.message, MAX_MESSAGE)
        sentence = f"{index}: {message}" if index else message
        if self.span is None or not self.draws_caret:
            return printable(sentence)
        from mgrad_cli.excerpts import excerpt

        return f"{printable(sentence)}\n{excerpt(self.source, self.span, self.line or 1)}"


class ExpressionError(MgradError):
    """The text is not an expression of the language."""

    exit_code = 3
    code = "parse"


class UnknownFunctionError(ExpressionError):
    """A call of an unknown function, or with a wrong number of arguments."""

    code = "unknown_function"


FEWER_VARIABLES = "choose fewer variables with --wrt"
"""Advice in the message of a `LimitError`, for the commands that have the option."""


class LimitError(ExpressionError):
    """The text is longer, or nested deeper, than the limits allow."""

    code = "limit"


class UndecidedError(MgradError):
    """A question that ball arithmetic could not decide at its highest precision."""

    exit_code = 1
    code = "limit"

    def __init__(self, what: str) -> None:
        super().__init__(f"cannot decide {what}")


class SeriesError(MgradError):
    """A function without a power series at a point."""

    exit_code = 1
    code = "series"


class NoRootError(MgradError):
    """No root was found.

    point       where the equations are smallest, as far as the search got, by unknown
    size        the largest of the equations there, without sign
    """

    exit_code = 1
    code = "no_root"

    def __init__(self, message: str, point: dict[str, float], size: float) -> None:
        super().__init__(message)
        self.point = point
        self.size = size


class BindingError(MgradError):
    """A variable without a value, a value without a variable, or a value that is not a number."""

    exit_code = 2
    code = "binding"
    draws_caret = False


class UnknownVariableError(BindingError):
    """A value for a name that is not a variable; `has_advice` if the message suggests what was meant."""

    def __init__(self, name: str, variables: Iterable[str], advice: str = "") -> None:
        super().__init__(f"no variable '{name}' in the expression{advice or nearest(name, variables)}")
        self.name = name
        self.has_advice = bool(advice)


class MissingValueError(BindingError):
    """Variables without a value; `has_advice` if the message suggests what they mean."""

    def __init__(self, names: list[str], advice: str, source: str, span: Span | None) -> None:
        super().__init__(f"missing value for {name_list([*map(repr, names)], MAX_NAMES)}{advice}", source, span)
        self.names = names
        self.has_advice = bool(advice)


class UsageError(MgradError):
    """A command line or a call that makes no sense."""

    exit_code = 2
    code = "binding"


class MissingExtraError(UsageError):
    """A feature that needs a library which is not installed."""

    def __init__(self, what: str, library: str, extra: str) -> None:
        super().__init__(
            f"{what} needs {library}: pip install 'mgrad-cli[{extra}]' (in a checkout: pip install '.[{extra}]')"
        )


def missing_extra(error: ImportError) -> MissingExtraError | None:
    """Return the error for a failed import, or `None` if no extra installs what was imported."""
    library = (error.name or "").partition(".")[0]
    return MissingExtraError("this command", library, EXTRAS[library]) if library in EXTRAS else None


def is_installed(library: str) -> bool:
    """Return whether a library can be imported, without importing it."""
    from importlib.util import find_spec

    try:
        return find_spec(library) is not None
    except ValueError:  # it was kept from being imported
        return False


class UndeterminedError(MgradError):
    """Parameters that data do not determine, or a search that did not end at a solution."""

    exit_code = 1
    code = "limit"


class InputError(MgradError):
    """Input data that cannot be read."""

    exit_code = 4
    code = "row"


class StoppedError(InputError):
    """A bad record that ended a run; its message is that of an earlier error, with place and caret."""

    def __str__(self) -> str:
        return self.message


class StoppedRunError(StoppedError):
    """A part of a run that failed, with its message and its exit code; `is_bad_row` if a row of its data ended it."""

    def __init__(self, message: str, exit_code: int, is_bad_row: bool) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]
        self.is_bad_row = is_bad_row


class EngineError(MgradError):
    """A cluster that cannot be reached, or has no workers."""

    exit_code = 2


class LostWorkError(MgradError):
    """Work whose workers were lost repeatedly."""

    exit_code = 1


class WorkerError(MgradError):
    """A worker process that ended before its work."""

    exit_code = 1


class OutputError(MgradError):
    """Output that cannot be written."""

    exit_code = 5
    code = "io"


class ClosedPipe(BaseException):
    """The reader of the output has closed it. This is not an error."""

    exit_code = 141


class Terminated(BaseException):
    """A signal asked the process to end; raised where it arrives, so that unfinished work is undone."""

    def __init__(self, signal: int) -> None:
        super().__init__(signal)
        self.exit_code = 128 + signal


def internal_error(error: BaseException) -> str:
    """Return the message for an error that is a bug, here or in a library."""
    return f"internal error: {printable(f'{type(error).__name__}: {error}')}; please report it"
