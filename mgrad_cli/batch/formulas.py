"""The formulas of a run, each parsed once, and prepared for many points from the second one on."""

from collections.abc import Mapping

from mgrad_cli.evaluation.float_tape import FloatTape
from mgrad_cli.evaluation.results import Result, differentiate
from mgrad_cli.language.lowering import Script, read
from mgrad_cli.language.parser import Limits

CACHED_CHARS = 1 << 18
MAX_TAPES = 16


class BatchFormula:
    """A parsed text, and a tape for each list of names that it has been evaluated with twice.

    >>> formula = BatchFormula(read("x*y"))
    >>> [formula.at({"x": 2.0, "y": 3.0 + index}).grads for index in range(2)]
    [{'x': 3.0, 'y': 2.0}, {'x': 4.0, 'y': 2.0}]
    """

    __slots__ = ("script", "tapes")

    def __init__(self, script: Script) -> None:
        self.script = script
        self.tapes: dict[tuple[str, ...], FloatTape | None] = {}

    def at(self, bindings: Mapping[str, float]) -> Result:
        """Return the value and the gradients at a point, without findings.

        Raises: BindingError for a variable without a value, or a value without a variable.
        """
        tape = self.tape(bindings)
        if tape is not None:
            values = [bindings.get(name, default) for name, default in tape.defaults.items()]
            data = tape.data(values)
            if not tape.is_at_edge(data):
                grads = dict(zip(tape.inputs, tape.gradient(data), strict=True))
                return Result(self.script.text, data[tape.output], grads, dict(zip(tape.inputs, values, strict=True)))
        return differentiate(self.script, bindings, explain=False)

    def with_digits(self, bindings: Mapping[str, float]) -> Result:
        """Return the value and the gradients at a point, with how many of their digits are right."""
        return differentiate(self.script, bindings, explain=False, with_digits=True)

    def tape(self, bindings: Mapping[str, float]) -> FloatTape | None:
        """Return the tape for values of these names, or `None` if they are given for the first time."""
        names = tuple(bindings)
        tape = self.tapes.get(names)
        if tape is None and len(self.script.outputs) == 1:
            if names not in self.tapes:
                if len(self.tapes) < MAX_TAPES:
                    self.tapes[names] = None
            else:
                tape = self.tapes[names] = FloatTape(self.script, bindings)
        return tape


class FormulaCache:
    """A cache of formulas by their text. The oldest are removed once the texts exceed `max_chars` characters."""

    def __init__(self, max_chars: int = CACHED_CHARS) -> None:
        self.max_chars = max_chars
        self.chars = 0
        self.known: dict[str, BatchFormula] = {}

    def read(self, text: str, limits: Limits) -> BatchFormula:
        """Return the formula of a text. Raises: as `language.lowering.read` does."""
        formula = self.known.get(text)
        if formula is None:
            formula = self.known[text] = BatchFormula(read(text, limits))
            self.chars += len(text)
            while self.chars > self.max_chars and len(self.known) > 1:
                oldest = next(iter(self.known))
                del self.known[oldest]
                self.chars -= len(oldest)
        return formula

    def clear(self) -> None:
        """Forget all formulas."""
        self.known.clear()
        self.chars = 0


FORMULAS = FormulaCache()
