"""The unconstrained problems of Moré, Garbow and Hillstrom as formulas, with their standard starts and minima.

Source: J. J. Moré, B. S. Garbow, K. E. Hillstrom, "Testing unconstrained optimization software", ACM Transactions on
Mathematical Software 7 (1981), 17-41. Each function is a sum of squares. The formula of problem 11 is corrected, as
usual: its printed form does not have the printed minimum.
"""

from collections.abc import Iterable, Sequence
from math import exp, log
from typing import NamedTuple


class Problem(NamedTuple):
    """A formula with the starts of its variables, and the published minima: a search may end at any of them."""

    name: str
    text: str
    starts: dict[str, float]
    minima: tuple[float, ...]


def problem(name: str, terms: Iterable[str], starts: Sequence[float], *minima: float) -> Problem:
    """Return the sum of the squares of the terms, in the variables x1, x2, ...."""
    text = " + ".join(f"({term})**2" for term in terms)
    return Problem(name, text, {f"x{i}": float(start) for i, start in enumerate(starts, 1)}, minima or (0.0,))


def plus(terms: Iterable[str]) -> str:
    return "(" + (" + ".join(terms) or "0") + ")"


BARD = (0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39)
GAUSSIAN = (0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989)
MEYER = (34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872)
KOWALIK = (0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246)
KOWALIK_AT = (4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625)
OSBORNE_1 = (
    0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658, 0.628, 0.603,
    0.580, 0.558, 0.538, 0.522, 0.506, 0.490, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.420, 0.414, 0.411,
    0.406,
)  # fmt: skip
OSBORNE_2 = (
    1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608, 0.655, 0.616, 0.606,
    0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661, 0.612, 0.558, 0.533, 0.495, 0.500, 0.423,
    0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428, 0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668,
    0.645, 0.632, 0.591, 0.559, 0.597, 0.625, 0.739, 0.710, 0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098,
    0.054,
)  # fmt: skip


def rosenbrock(n: int) -> Problem:
    terms = [term for i in range(1, n, 2) for term in (f"10*(x{i + 1} - x{i}**2)", f"1 - x{i}")]
    return problem(f"Rosenbrock, n = {n}", terms, [-1.2, 1.0] * (n // 2))


def freudenstein_roth() -> Problem:
    terms = ["-13 + x1 + ((5 - x2)*x2 - 2)*x2", "-29 + x1 + ((x2 + 1)*x2 - 14)*x2"]
    return problem("Freudenstein and Roth", terms, [0.5, -2], 0.0, 48.98425367924)


def powell_badly_scaled() -> Problem:
    return problem("Powell badly scaled", ["1e4*x1*x2 - 1", "exp(-x1) + exp(-x2) - 1.0001"], [0, 1])


def brown_badly_scaled() -> Problem:
    return problem("Brown badly scaled", ["x1 - 1e6", "x2 - 2e-6", "x1*x2 - 2"], [1, 1])


def beale() -> Problem:
    return problem("Beale", [f"{y} - x1*(1 - x2**{i})" for i, y in enumerate((1.5, 2.25, 2.625), 1)], [1, 1])


def jennrich_sampson() -> Problem:
    terms = [f"{2 + 2 * i} - (exp({i}*x1) + exp({i}*x2))" for i in range(1, 11)]
    return problem("Jennrich and Sampson", terms, [0.3, 0.4], 124.36218235561)


def helical_valley() -> Problem:
    angle = "(atan(x2/x1)/(2*pi) + where(x1 < 0, 0.5, 0))"
    return problem("Helical valley", [f"10*(x3 - 10*{angle})", "10*(sqrt(x1**2 + x2**2) - 1)", "x3"], [-1, 0, 0])


def bard() -> Problem:
    terms = [f"{y} - (x1 + {i}/({16 - i}*x2 + {min(i, 16 - i)}*x3))" for i, y in enumerate(BARD, 1)]
    return problem("Bard", terms, [1, 1, 1], 8.2148773065790e-3, 17.42869333)


def gaussian() -> Problem:
    data = (*GAUSSIAN, *GAUSSIAN[-2::-1])
    terms = [f"x1*exp(-x2*({(8 - i) / 2} - x3)**2/2) - {y}" for i, y in enumerate(data, 1)]
    return problem("Gaussian", terms, [0.4, 1, 0], 1.1279327696189e-8)


def meyer() -> Problem:
    terms = [f"x1*exp(x2/({45 + 5 * i} + x3)) - {y}" for i, y in enumerate(MEYER, 1)]
    return problem("Meyer", terms, [0.02, 4000, 250], 87.945855170395)


def gulf() -> Problem:
    terms = [f"exp(-abs({25 + (-50 * log(i / 100)) ** (2 / 3)!r} - x2)**x3/x1) - {i / 100}" for i in range(1, 100)]
    return problem("Gulf research and development", terms, [5, 2.5, 0.15])


def box() -> Problem:
    times = [i / 10 for i in range(1, 11)]
    terms = [f"exp(-{t}*x1) - exp(-{t}*x2) - x3*{exp(-t) - exp(-10 * t)!r}" for t in times]
    return problem("Box three-dimensional", terms, [0, 10, 20])


def powell_singular(n: int = 4) -> Problem:
    terms = [
        term
        for i in range(1, n, 4)
        for term in (
            f"x{i} + 10*x{i + 1}",
            f"sqrt(5)*(x{i + 2} - x{i + 3})",
            f"(x{i + 1} - 2*x{i + 2})**2",
            f"sqrt(10)*(x{i} - x{i + 3})**2",
        )
    ]
    return problem(f"Powell singular, n = {n}", terms, [3, -1, 0, 1] * (n // 4))


def wood() -> Problem:
    terms = [
        "10*(x2 - x1**2)", "1 - x1", "sqrt(90)*(x4 - x3**2)", "1 - x3", "sqrt(10)*(x2 + x4 - 2)", "(x2 - x4)/sqrt(10)",
    ]  # fmt: skip
    return problem("Wood", terms, [-3, -1, -3, -1])


def kowalik_osborne() -> Problem:
    terms = [f"{y} - x1*({u}**2 + {u}*x2)/({u}**2 + {u}*x3 + x4)" for y, u in zip(KOWALIK, KOWALIK_AT, strict=True)]
    return problem("Kowalik and Osborne", terms, [0.25, 0.39, 0.415, 0.39], 3.0750560384924e-4, 1.0273459e-3)


def brown_dennis() -> Problem:
    terms = [f"(x1 + {i / 5}*x2 - exp({i / 5}))**2 + (x3 + x4*sin({i / 5}) - cos({i / 5}))**2" for i in range(1, 21)]
    return problem("Brown and Dennis", terms, [25, 5, -5, -1], 85822.20162635627)


def osborne_1() -> Problem:
    terms = [f"{y} - (x1 + x2*exp(-{10 * i}*x4) + x3*exp(-{10 * i}*x5))" for i, y in enumerate(OSBORNE_1)]
    return problem("Osborne 1", terms, [0.5, 1.5, -1, 0.01, 0.02], 5.4648946975e-5)


def biggs() -> Problem:
    times = [i / 10 for i in range(1, 14)]
    terms = [
        f"x3*exp(-{t}*x1) - x4*exp(-{t}*x2) + x6*exp(-{t}*x5) - {exp(-t) - 5 * exp(-10 * t) + 3 * exp(-4 * t)!r}"
        for t in times
    ]
    return problem("Biggs EXP6", terms, [1, 2, 1, 1, 1, 1], 0.0, 5.6556499255e-3)


def osborne_2() -> Problem:
    terms = [
        f"{y} - (x1*exp(-{i / 10}*x5) + x2*exp(-({i / 10} - x9)**2*x6) + x3*exp(-({i / 10} - x10)**2*x7)"
        f" + x4*exp(-({i / 10} - x11)**2*x8))"
        for i, y in enumerate(OSBORNE_2)
    ]
    return problem("Osborne 2", terms, [1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5], 4.0137736293548e-2)


def watson(n: int, minimum: float) -> Problem:
    terms = []
    for i in range(1, 30):
        slope = plus(f"{(j - 1) * (i / 29) ** (j - 2)!r}*x{j}" for j in range(2, n + 1))
        height = plus(f"{(i / 29) ** (j - 1)!r}*x{j}" for j in range(1, n + 1))
        terms.append(f"{slope} - {height}**2 - 1")
    return problem(f"Watson, n = {n}", [*terms, "x1", "x2 - x1**2 - 1"], [0] * n, minimum)


def penalty_1(n: int, minimum: float) -> Problem:
    terms = [f"sqrt(1e-5)*(x{i} - 1)" for i in range(1, n + 1)]
    terms.append(plus(f"x{j}**2" for j in range(1, n + 1)) + " - 0.25")
    return problem(f"Penalty I, n = {n}", terms, range(1, n + 1), minimum)


def penalty_2(n: int, minimum: float) -> Problem:
    terms = ["x1 - 0.2"]
    terms += [
        f"sqrt(1e-5)*(exp(x{i}/10) + exp(x{i - 1}/10) - {exp(i / 10) + exp((i - 1) / 10)!r})" for i in range(2, n + 1)
    ]
    terms += [f"sqrt(1e-5)*(exp(x{i}/10) - exp(-0.1))" for i in range(2, n + 1)]
    terms.append(plus(f"{n - j + 1}*x{j}**2" for j in range(1, n + 1)) + " - 1")
    return problem(f"Penalty II, n = {n}", terms, [0.5] * n, minimum)


def variably_dimensioned(n: int) -> Problem:
    total = plus(f"{j}*(x{j} - 1)" for j in range(1, n + 1))
    terms = [*(f"x{i} - 1" for i in range(1, n + 1)), total, f"{total}**2"]
    return problem(f"Variably dimensioned, n = {n}", terms, [1 - j / n for j in range(1, n + 1)])


def trigonometric(n: int) -> Problem:
    cosines = plus(f"cos(x{j})" for j in range(1, n + 1))
    terms = [f"{n} - {cosines} + {i}*(1 - cos(x{i})) - sin(x{i})" for i in range(1, n + 1)]
    return problem(f"Trigonometric, n = {n}", terms, [1 / n] * n, 0.0, 2.7950561219e-5)


def brown_almost_linear(n: int) -> Problem:
    total = plus(f"x{j}" for j in range(1, n + 1))
    product = "*".join(f"x{j}" for j in range(1, n + 1))
    terms = [*(f"x{i} + {total} - {n + 1}" for i in range(1, n)), f"{product} - 1"]
    return problem(f"Brown almost-linear, n = {n}", terms, [0.5] * n, 0.0, 1.0)


def boundary_value(n: int) -> Problem:
    h = 1 / (n + 1)
    terms = [
        f"2*x{i} - {f'x{i - 1}' if i > 1 else '0'} - {f'x{i + 1}' if i < n else '0'}"
        f" + {h * h / 2!r}*(x{i} + {i * h + 1!r})**3"
        for i in range(1, n + 1)
    ]
    return problem(f"Discrete boundary value, n = {n}", terms, [j * h * (j * h - 1) for j in range(1, n + 1)])


def integral_equation(n: int) -> Problem:
    h = 1 / (n + 1)
    cubes = {j: f"(x{j} + {j * h + 1!r})**3" for j in range(1, n + 1)}
    terms = []
    for i in range(1, n + 1):
        low = plus(f"{j * h!r}*{cubes[j]}" for j in range(1, i + 1))
        high = plus(f"{1 - j * h!r}*{cubes[j]}" for j in range(i + 1, n + 1))
        terms.append(f"x{i} + {h / 2!r}*({1 - i * h!r}*{low} + {i * h!r}*{high})")
    return problem(f"Discrete integral equation, n = {n}", terms, [j * h * (j * h - 1) for j in range(1, n + 1)])


def broyden_tridiagonal(n: int) -> Problem:
    terms = [
        f"(3 - 2*x{i})*x{i} - {f'x{i - 1}' if i > 1 else '0'} - {f'2*x{i + 1}' if i < n else '0'} + 1"
        for i in range(1, n + 1)
    ]
    return problem(f"Broyden tridiagonal, n = {n}", terms, [-1] * n)


def broyden_banded(n: int) -> Problem:
    terms = []
    for i in range(1, n + 1):
        band = plus(f"x{j}*(1 + x{j})" for j in range(max(1, i - 5), min(n, i + 1) + 1) if j != i)
        terms.append(f"x{i}*(2 + 5*x{i}**2) + 1 - {band}")
    return problem(f"Broyden banded, n = {n}", terms, [-1] * n)


def linear_full_rank(n: int, m: int) -> Problem:
    total = plus(f"x{j}" for j in range(1, n + 1))
    terms = [f"{f'x{i}' if i <= n else '0'} - {2 / m!r}*{total} - 1" for i in range(1, m + 1)]
    return problem(f"Linear, full rank, n = {n}", terms, [1] * n, m - n)


def linear_rank_1(n: int, m: int) -> Problem:
    total = plus(f"{j}*x{j}" for j in range(1, n + 1))
    terms = [f"{i}*{total} - 1" for i in range(1, m + 1)]
    return problem(f"Linear, rank 1, n = {n}", terms, [1] * n, m * (m - 1) / (2 * (2 * m + 1)))


def linear_rank_1_with_zeros(n: int, m: int) -> Problem:
    total = plus(f"{j}*x{j}" for j in range(2, n))
    terms = ["0*x1 - 1", *(f"{i - 1}*{total} - 1" for i in range(2, m)), f"0*x{n} - 1"]
    minimum = (m * m + 3 * m - 6) / (2 * (2 * m - 3))
    return problem(f"Linear, rank 1 with zeros, n = {n}", terms, [1] * n, minimum)


def chebyquad(n: int, *minima: float) -> Problem:
    lines = []
    for j in range(1, n + 1):
        lines += [f"t{j}_0 = 1 + 0*x{j}", f"t{j}_1 = 2*x{j} - 1"]
        lines += [f"t{j}_{i} = 2*t{j}_1*t{j}_{i - 1} - t{j}_{i - 2}" for i in range(2, n + 1)]
    terms = [
        plus(f"t{j}_{i}" for j in range(1, n + 1)) + f"/{n} + {1 / (i * i - 1) if i % 2 == 0 else 0!r}"
        for i in range(1, n + 1)
    ]
    made = problem(f"Chebyquad, n = {n}", terms, [j / (n + 1) for j in range(1, n + 1)], *minima)
    return made._replace(text="; ".join([*lines, made.text]))


PROBLEMS = [
    rosenbrock(2),
    freudenstein_roth(),
    powell_badly_scaled(),
    brown_badly_scaled(),
    beale(),
    jennrich_sampson(),
    helical_valley(),
    bard(),
    gaussian(),
    meyer(),
    gulf(),
    box(),
    powell_singular(),
    wood(),
    kowalik_osborne(),
    brown_dennis(),
    osborne_1(),
    biggs(),
    osborne_2(),
    watson(6, 2.2876700535524e-3),
    watson(9, 1.399760138e-6),
    watson(12, 4.72238e-10),
    rosenbrock(10),
    powell_singular(12),
    penalty_1(4, 2.2499775008999e-5),
    penalty_1(10, 7.0876515118e-5),
    penalty_2(4, 9.3762931e-6),
    penalty_2(10, 2.9366054e-4),
    variably_dimensioned(10),
    trigonometric(10),
    brown_almost_linear(10),
    boundary_value(10),
    integral_equation(10),
    broyden_tridiagonal(10),
    broyden_banded(10),
    linear_full_rank(5, 10),
    linear_rank_1(5, 10),
    linear_rank_1_with_zeros(5, 10),
    chebyquad(7),
    chebyquad(8, 3.516873726e-3),
    chebyquad(9),
    chebyquad(10, 6.503954800e-3, 4.772713696e-3),
]
"""All 35 problems; those of any dimension in one or more."""
