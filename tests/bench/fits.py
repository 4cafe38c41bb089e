"""Digits of NIST's 27 reference fits, ours against SciPy's curve_fit, and the time of a million rows: python -m tests.bench.fits.

The sets are read from `../shared/data/nist.jsonl`, or a file that is given.
"""

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
from scipy.optimize import curve_fit

from mgrad_cli import Expression
from mgrad_cli.errors import MgradError
from tests.bench import paired, report
from tests.conftest import SHARED
from tests.nist import NistSet, nist_sets, right_digits

TIGHT = {"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15, "maxfev": 20_000}
ROWS = 1_000_000

Digits = tuple[float, float]
"""Of the estimates, and of the standard errors."""


def ours(case: NistSet, start: dict[str, float], certify: bool = False) -> Digits:
    try:
        return case.digits(Expression(case.model).fit(case.columns, y=case.response, params=start, certify=certify))
    except MgradError:
        return 0.0, 0.0


def theirs(case: NistSet, start: dict[str, float], **options: Any) -> Digits:
    """Fit with SciPy: derivatives by differences, of a function by our kernel."""
    model = Expression(case.model).compile(wrt=[])
    y = Expression(case.response).compile(wrt=[])(**{name: case.columns[name] for name in ["y"]}).value
    columns = {name: numpy.array(values) for name, values in case.columns.items() if name in model.inputs}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            point, covariance = curve_fit(
                lambda _, *p: model(**columns, **dict(zip(start, p, strict=True))).value, numpy.zeros_like(y), y,
                [*start.values()], **options,
            )  # fmt: skip
    except (RuntimeError, ValueError):
        return 0.0, 0.0
    with numpy.errstate(all="ignore"):
        errors = numpy.sqrt(numpy.diag(covariance))
    return tuple(
        max(0.0, min(right_digits(float(figure), certified[name]) for figure, name in zip(figures, start, strict=True)))
        for figures, certified in ((point, case.estimates), (errors, case.errors))
    )  # type: ignore[return-value]


def counted(sets: list[NistSet], fit: Callable[..., Digits], **options: Any) -> list[str]:
    """Return of how many of the runs from both starts the estimates have 6, 8 and 10 digits, and the errors 6."""
    runs = [fit(case, start, **options) for case in sets for start in case.starts]
    counts = [sum(each[0] >= digits for each in runs) for digits in (6, 8, 10)]
    return [*map(str, counts), str(sum(each[1] >= 6 for each in runs))]


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED / "nist.jsonl"
    sets = nist_sets(path)
    default, tight = counted(sets, theirs), counted(sets, theirs, **TIGHT)
    plain, proven = counted(sets, ours), counted(sets, ours, certify=True)
    names = ("estimates to 6 digits", "estimates to 8 digits", "estimates to 10 digits", "standard errors to 6 digits")
    for title, mine, other in (
        ("curve_fit by default", plain, default),
        ("curve_fit with tight tolerances", plain, tight),
        ("curve_fit with tight tolerances, ours with --certify", proven, tight),
    ):
        rows = [(name, a, b, "", "") for name, a, b in zip(names, mine, other, strict=True)]
        report(f"runs of {2 * len(sets)} that reach the certified digits, against {title}", rows)
    chance = numpy.random.default_rng(1)
    x = chance.uniform(0, 10, ROWS)
    y = 3 * numpy.exp(-x / 2) + 0.5 + 0.1 * numpy.sin(x) + chance.normal(0, 0.1, ROWS)
    start = {"a": 2.0, "k": 1.5, "b": 0.0, "c": 0.2, "w": 1.05}
    model = Expression("a*exp(-x/k) + b + c*sin(w*x)")
    a, b, ratio = paired(
        lambda: model.fit({"x": x, "y": y}, y="y", params=start),
        lambda: curve_fit(
            lambda x, a, k, b, c, w: a * numpy.exp(-x / k) + b + c * numpy.sin(w * x), x, y, [*start.values()]
        ),
        rounds=3,
    )
    report("five parameters", [(f"{ROWS:,} rows", f"{a:.1f} s", f"{b:.1f} s", f"{ratio:.2f}", "")])


if __name__ == "__main__":
    main()
