"""The formulas of a run, each parsed once, prepared for values of its variables."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from math import isfinite
from typing import Any

from mgrad_cli.errors import LimitError
from mgrad_cli.evaluation.float_tape import FloatTape, Point
from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.evaluation.results import Result
from mgrad_cli.language.lowering import Script, read, read_all
from mgrad_cli.language.parser import Limits
from mgrad_cli.renderers import BATCH_FORMATS, PointWriter

CACHED_CHARS = 1 << 18
MAX_SEEN = 1 << 16
MAX_PREPARED = 16
TOGETHER_CHARS = 1 << 16
"""How much text is parsed together."""
PROGRAM_USES = 32
"""How often a formula is used before it is made a program, which takes as long as so many uses."""


class PreparedFormula:
    """A formula for values of certain names: a tape, and once it has been used often its program.

    has_all     whether these are its inputs, in order, so that none has a value of the formula's own
    writers     the functions that write its lines, by format
    """

    __slots__ = ("evaluate", "has_all", "inputs", "tape", "text", "uses", "writers")

    def __init__(self, script: Script, bindings: Mapping[str, float]) -> None:
        self.text = script.text
        self.tape = FloatTape(script, bindings)
        self.inputs = self.tape.inputs
        self.evaluate: Callable[[Sequence[float]], Point | None] = self.tape.at
        self.has_all = self.inputs == tuple(bindings)
        self.writers: dict[str, PointWriter | None] = {}
        self.uses = 0

    def numbers(self, bindings: Mapping[str, float]) -> list[float] | None:
        """Return the values of the inputs, the value and the gradients; `None` at a point of a convention."""
        self.uses += 1
        if self.uses == PROGRAM_USES:
            from mgrad_cli.evaluation.float_program import TapeProgram

            with suppress(LimitError):
                self.evaluate = TapeProgram(self.tape).at
        inputs = bindings if self.has_all else {**self.tape.defaults, **bindings}
        values = [*inputs.values()]
        point = self.evaluate(values)
        return None if point is None else values + point

    def result(self, numbers: Sequence[float]) -> Result:
        """Return what `numbers` returned as a result, without findings."""
        count = len(self.inputs)
        grads = dict(zip(self.inputs, numbers[count + 1 :], strict=True))
        return Result(self.text, numbers[count], grads, dict(zip(self.inputs, numbers)))  # noqa: B905

    def writer(self, file_format: str) -> PointWriter | None:
        """Return the function that writes lines in a format, if the format has one."""
        try:
            return self.writers[file_format]
        except KeyError:
            make = BATCH_FORMATS[file_format].point_writer
            write = self.writers[file_format] = make and make(self.text, self.inputs)
            return write


class BatchFormula:
    """A parsed text, prepared for each list of names that it has been evaluated with.

    >>> formula = BatchFormula(read("x*y"))
    >>> [formula.at({"x": 2.0, "y": 3.0 + index}).grads for index in range(2)]
    [{'x': 3.0, 'y': 2.0}, {'x': 4.0, 'y': 2.0}]
    """

    __slots__ = ("has_several", "prepared", "script")

    def __init__(self, script: Script) -> None:
        self.script = script
        self.has_several = len(script.outputs) > 1
        self.prepared: dict[tuple[str, ...], PreparedFormula] = {}

    def at(self, bindings: Mapping[str, float]) -> Result:
        """Return the value and the gradients at a point, without findings.

        Raises: BindingError for a variable without a value, or a value without a variable.
        """
        prepared, numbers = self.point(bindings)
        if prepared is None:
            return differentiate(self.script, bindings, explain=False)
        return prepared.result(numbers)

    def line(
        self, bindings: Mapping[str, float], file_format: str, index: int, record: Mapping[str, Any]
    ) -> Result | str:
        """Return the line of a record at a point where all is finite, in a format with a writer; else its result.

        Raises: BindingError for a variable without a value, or a value without a variable.
        """
        prepared, numbers = self.point(bindings)
        if prepared is None:
            return differentiate(self.script, bindings, explain=False)
        write = prepared.writer(file_format)
        if write is not None and isfinite(sum(numbers)):
            return write(index, record, numbers)
        return prepared.result(numbers)

    def point(self, bindings: Mapping[str, float]) -> tuple[PreparedFormula | None, list[float]]:
        """Return the prepared formula and its `numbers`; `None` if it has several outputs or a convention applies."""
        if self.has_several:
            return None, []
        names = tuple(bindings)
        prepared = self.prepared.get(names)
        if prepared is None:
            prepared = PreparedFormula(self.script, bindings)
            if len(self.prepared) < MAX_PREPARED:
                self.prepared[names] = prepared
        numbers = prepared.numbers(bindings)
        return (None, []) if numbers is None else (prepared, numbers)

    def with_digits(self, bindings: Mapping[str, float]) -> Result:
        """Return the value and the gradients at a point, with how many of their digits are right."""
        return differentiate(self.script, bindings, explain=False, with_digits=True)


class FormulaCache:
    """A cache of formulas by their text, which keeps those that come twice.

    The oldest are removed once the texts exceed `max_chars` characters. Formulas that come once leave only the hashes
    of their texts, at most `MAX_SEEN`, so that lines that are all different do not fill the memory.
    """

    def __init__(self, max_chars: int = CACHED_CHARS) -> None:
        self.max_chars = max_chars
        self.chars = 0
        self.known: dict[str, BatchFormula] = {}
        self.ready: dict[str, BatchFormula] = {}
        self.seen: set[int] = set()

    def prepare(self, texts: Iterable[str], limits: Limits) -> None:
        """Read the texts that are asked for next, at once if they are short. Those with an error are left to `read`."""
        new = [text for text in dict.fromkeys(texts) if text not in self.known]
        scripts = read_all(new, limits) if len(new) > 1 and sum(map(len, new)) <= TOGETHER_CHARS else ()
        self.ready = {text: BatchFormula(script) for text, script in zip(new, scripts) if script is not None}  # noqa: B905

    def read(self, text: str, limits: Limits) -> BatchFormula:
        """Return the formula of a text. Raises: as `language.lowering.read` does."""
        formula = self.known.get(text)
        if formula is None:
            formula = self.ready.get(text) or BatchFormula(read(text, limits))
            key = hash(text)
            if key in self.seen:
                self.keep(text, formula)
            else:
                if len(self.seen) >= MAX_SEEN:
                    self.seen.clear()
                self.seen.add(key)
        return formula

    def keep(self, text: str, formula: BatchFormula) -> None:
        """Keep a formula, and remove the oldest ones beyond the limit."""
        self.known[text] = formula
        self.chars += len(text)
        while self.chars > self.max_chars and len(self.known) > 1:
            oldest = next(iter(self.known))
            del self.known[oldest]
            self.chars -= len(oldest)

    def clear(self) -> None:
        """Forget all formulas."""
        self.known.clear()
        self.ready.clear()
        self.seen.clear()
        self.chars = 0


FORMULAS = FormulaCache()
