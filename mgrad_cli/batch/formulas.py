"""The formulas of a run, each parsed once, prepared for values of its variables."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress

from mgrad_cli.errors import LimitError
from mgrad_cli.evaluation.float_tape import FloatTape, Point
from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.evaluation.results import Result
from mgrad_cli.language.lowering import Script, read, read_all
from mgrad_cli.language.parser import Limits
from mgrad_cli.renderers import PointWriter, PointWriterMaker

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
    writers     the functions that write its lines, by those that made them
    """

    __slots__ = ("evaluate", "has_all", "inputs", "tape", "text", "uses", "writers")

    def __init__(self, script: Script, bindings: Mapping[str, float]) -> None:
        self.text = script.text
        self.tape = FloatTape(script, bindings)
        self.inputs = self.tape.inputs
        self.evaluate: Callable[[Sequence[Sequence[float]]], Sequence[Point | None]] = self.tape.points
        self.has_all = self.inputs == tuple(bindings)
        self.writers: dict[PointWriterMaker, PointWriter] = {}
        self.uses = 0

    def row(self, bindings: Mapping[str, float]) -> Collection[float]:
        """Return the values of the inputs, in order."""
        inputs = bindings if self.has_all else {**self.tape.defaults, **bindings}
        return inputs.values()

    def points(self, rows: Sequence[Sequence[float]]) -> Sequence[Point | None]:
        """Return the figures for each row of values of the inputs; `None` where a convention may decide a gradient."""
        self.uses += len(rows)
        if self.uses >= PROGRAM_USES > self.uses - len(rows):
            from mgrad_cli.evaluation.float_program import TapeProgram

            with suppress(LimitError):
                self.evaluate = TapeProgram(self.tape).points
        return self.evaluate(rows)

    def writer(self, make: PointWriterMaker) -> PointWriter:
        """Return the function that writes lines in the format of `make`."""
        write = self.writers.get(make)
        if write is None:
            write = self.writers[make] = make(self.text, self.inputs)
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

    def prepare(self, bindings: Mapping[str, float]) -> PreparedFormula | None:
        """Return the formula for values of these names; `None` if it has several outputs.

        Raises: BindingError for a variable without a value, or a value without a variable.
        """
        names = tuple(bindings)
        prepared = self.prepared.get(names)
        if prepared is None and not self.has_several:
            prepared = PreparedFormula(self.script, bindings)
            if len(self.prepared) < MAX_PREPARED:
                self.prepared[names] = prepared
        return prepared

    def at(self, bindings: Mapping[str, float]) -> Result:
        """Return the value and the gradients at a point, without findings.

        Raises: BindingError for a variable without a value, or a value without a variable.
        """
        prepared = self.prepare(bindings)
        if prepared is not None:
            (point,) = prepared.points([[*prepared.row(bindings)]])
            if point is not None:
                inputs = prepared.inputs
                count = len(inputs)
                grads = dict(zip(inputs, point[count + 1 :], strict=True))
                return Result(prepared.text, point[count], grads, dict(zip(inputs, point[:count], strict=True)))
        return differentiate(self.script, bindings, explain=False)

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

    def prepare(self, texts: Sequence[str], limits: Limits) -> None:
        """Read the texts that are asked for next, at once if they are short. Those with an error are left to `read`."""
        new = [text for text in dict.fromkeys(texts) if text not in self.known]
        scripts = read_all(new, limits) if sum(map(len, new)) <= TOGETHER_CHARS else ()
        self.ready = {text: BatchFormula(script) for text, script in zip(new, scripts) if script is not None}  # noqa: B905
        if self.ready:
            for text in texts:
                if text in self.ready:
                    self.note(text, self.ready[text])

    def find(self, text: str) -> BatchFormula | None:
        """Return the formula of a text that was read before, if it is still there."""
        return self.known.get(text) or self.ready.get(text)

    def read(self, text: str, limits: Limits) -> BatchFormula:
        """Return the formula of a text. Raises: as `language.lowering.read` does."""
        formula = self.find(text)
        if formula is None:
            formula = BatchFormula(read(text, limits))
            self.note(text, formula)
        return formula

    def note(self, text: str, formula: BatchFormula) -> None:
        """Keep the formula of a text that was noted before."""
        key = hash(text)
        if key not in self.seen:
            if len(self.seen) >= MAX_SEEN:
                self.seen.clear()
            self.seen.add(key)
        elif text not in self.known:
            self.keep(text, formula)

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
