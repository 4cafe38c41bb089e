"""The classic problems against SciPy's `minimize` with finite differences: python -m tests.bench.minima.

Theirs is BFGS, the default, of the same function of floats, with differences for the gradient. Solved means that the
value agrees with a published minimum to 6 digits, or is below 1e-10 where that is zero.
"""

import math
import statistics
import time
import warnings
from collections.abc import Sequence

from scipy.optimize import minimize

from mgrad_cli.analysis.minima import minimize_script
from mgrad_cli.analysis.point_function import PointFunction
from mgrad_cli.language.lowering import read
from tests.bench import report
from tests.problems import PROBLEMS, Problem, rosenbrock

LARGE = (100, 1000)
NO_DERIVATIVES = 1e300


def is_solved(value: float, problem: Problem) -> bool:
    return any(math.isclose(value, each, rel_tol=1e-6, abs_tol=1e-10 if each == 0 else 0) for each in problem.minima)


def ours(problem: Problem) -> tuple[bool, int, float]:
    """Whether a problem is solved, the evaluations, and the seconds; with the derivatives, and what the point is."""
    start = time.perf_counter()
    found = minimize_script(read(problem.text), list(problem.starts), problem.starts)
    seconds = time.perf_counter() - start
    counts = found.evaluations
    return is_solved(found.value, problem), counts.value + counts.gradient + counts.hessian, seconds


def theirs(problem: Problem) -> tuple[bool, int, float]:
    start = time.perf_counter()
    function = PointFunction(read(problem.text), list(problem.starts), {})

    def value(point: Sequence[float]) -> float:
        found = function.value(point)
        return found if math.isfinite(found) else NO_DERIVATIVES

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = minimize(value, list(problem.starts.values()))
    return is_solved(float(found.fun), problem), int(found.nfev), time.perf_counter() - start


def main() -> None:
    rows = []
    pairs = [(ours(problem), theirs(problem)) for problem in PROBLEMS]
    solved = [sum(result[side][0] for result in pairs) for side in (0, 1)]
    rows.append(("solved, of 42", str(solved[0]), str(solved[1]), f"{solved[0] / solved[1]:.2f}", "all"))
    for place, what, unit in ((1, "evaluations, median", ""), (2, "seconds, median", " s")):
        middle = [statistics.median(result[side][place] for result in pairs) for side in (0, 1)]
        ratio = statistics.median(result[0][place] / result[1][place] for result in pairs)
        rows.append((what, f"{middle[0]:.3g}{unit}", f"{middle[1]:.3g}{unit}", f"{ratio:.2f}", ""))
    for n in LARGE:
        problem = rosenbrock(n)
        mine, other = ours(problem), theirs(problem) if n <= LARGE[0] else None
        shown = f"{other[2]:.3g} s, {'' if other[0] else 'not '}solved" if other else "not run"
        ratio_text = f"{mine[2] / other[2]:.2f}" if other else ""
        rows.append((f"{problem.name}", f"{mine[2]:.3g} s, {'' if mine[0] else 'not '}solved", shown, ratio_text, ""))
    report("Problems of Moré, Garbow and Hillstrom, against BFGS with differences", rows)


if __name__ == "__main__":
    main()
