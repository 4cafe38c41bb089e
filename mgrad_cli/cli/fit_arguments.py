"""Read the parameters of a fit from the options of `mgrad fit`."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping

from mgrad_cli.errors import ExpressionError, UsageError
from mgrad_cli.evaluation.graph import constant_value, input_names, parse_value
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.parser import Limits

DEFAULT_START = 1.0


def parse_starts(
    texts: Iterable[str], model: Script, bounds: Mapping[str, tuple[float, float]], limits: Limits
) -> tuple[dict[str, float], list[str]]:
    """Return the start of each parameter, and the names of those that were given none.

    Each text is `NAME=START`, or several of these separated by commas. As in `mgrad map`, a name without a value has
    that of the next name. At the end of the text it has the value that the model declares, or 1, or the
    nearest end of its bound.

    Raises: UsageError for a start that is not a number, or a name that is given twice.
    """
    starts: dict[str, float] = {}
    without: list[str] = []
    _, declared = input_names(model, ())
    for text in texts:
        waiting: list[str] = []
        for item in text.split(","):
            name, equals, value = (part.strip() for part in item.partition("="))
            name = unicodedata.normalize("NFC", name)
            if not name:
                raise UsageError(f"--params needs NAME=START, separated by commas, not '{text}'")
            if name in starts or name in waiting:
                raise UsageError(f"--params gives '{name}' twice")
            waiting.append(name)
            if equals:
                starts |= dict.fromkeys(waiting, start_value(name, value, limits))
                waiting = []
        for name in waiting:
            starts[name] = constant_value(declared[name]) if name in declared else default_start(bounds.get(name))
            without.append(name)
    return starts, [name for name in without if name not in declared]


def start_value(name: str, text: str, limits: Limits) -> float:
    try:
        return parse_value(text, limits)
    except ExpressionError as error:
        raise UsageError(f"the start of '{name}', '{text}', is not a number: {error.message}") from None


def default_start(bound: tuple[float, float] | None) -> float:
    """Return 1, or the nearest end of a bound that excludes it."""
    low, high = bound or (DEFAULT_START, DEFAULT_START)
    return min(max(DEFAULT_START, low), high)


def parse_names(texts: Iterable[str]) -> list[str]:
    """Return the names in texts, separated by commas, each once."""
    names = [unicodedata.normalize("NFC", name.strip()) for text in texts for name in text.split(",")]
    return list(dict.fromkeys(name for name in names if name))


def chosen_response(y: str | None, model: Script, columns: Collection[str]) -> str:
    """Return the text of the response: `--y`, or the column with the name of the model's output, as in `y = a*x`.

    Raises: UsageError if there is neither.
    """
    if y is not None:
        return y
    name = model.blocks[-1].name
    if name is not None and name in columns:
        return name
    raise UsageError("--y is missing: the column that the model describes")
