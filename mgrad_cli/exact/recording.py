"""Record programs for balls: nothing is rounded, and constants with a closed form are inputs."""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from mgrad_cli.operations import Operation
from mgrad_cli.operations.operand import ClosedForm
from mgrad_cli.program.nodes import COMPARISONS, CONNECTIVES
from mgrad_cli.program.recorder import Recorder, Register

FORMULA_MARK = "`"
"""The prefix of an input that is the formula of a closed form. No variable's name contains it."""

EXACT_FOLDS = {*COMPARISONS, *CONNECTIVES, "where", "negative", "abs", "sign"}
FRACTION_FOLDS = {"add": Fraction.__add__, "subtract": Fraction.__sub__, "multiply": Fraction.__mul__}


class ExactRecorder(Recorder):
    """A recorder that folds constants only where the result is exact."""

    def constant(self, number: float) -> Register:
        if isinstance(number, ClosedForm):
            return self.input(FORMULA_MARK + number.formula)
        return super().constant(number)

    def fold(self, operation: Operation, numbers: Sequence[Any]) -> float | None:
        if operation.name in EXACT_FOLDS:
            return operation.evaluate(*numbers)
        fold = FRACTION_FOLDS.get(operation.name)
        if fold is None or not all(map(math.isfinite, numbers)):
            return None
        value = operation.evaluate(*numbers)
        is_exact = math.isfinite(value) and fold(*map(Fraction, numbers)) == Fraction(value)
        return value if is_exact else None
