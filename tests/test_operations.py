"""The table: each row, in every reading, at its samples, against 60-digit arithmetic."""

import math
import subprocess
import sys
from collections.abc import Callable, Iterable
from itertools import product
from typing import Any

import mpmath
import numpy
import pytest

from mgrad_cli.operations import TABLE, Operation, find, rows
from mgrad_cli.operations.operand import Real
from mgrad_cli.value import Value
from tests import reference

ROWS = [row for group in rows().values() for row in group]
SAMPLES = [(row, sample) for row in ROWS for sample in row.samples]
WELL = [(row, sample) for row, sample in SAMPLES if sample not in row.ill_conditioned]
INTEGER_OPERANDS = {("polygamma", 0), ("gammainc", 0), ("gammaincc", 0), ("refined_exp", 1)}


def named(case: Any) -> str:
    return case.name if isinstance(case, Operation) else str(case)


def with_scipy(row: Operation) -> None:
    if row.group == "special":
        pytest.importorskip("scipy", reason="the gamma family needs SciPy (extra `special`)")


AtSample = Callable[[Operation, tuple[float, ...]], None]


def row_by_row(
    cases: Iterable[tuple[Operation, tuple[float, ...]]],
) -> Callable[[AtSample], Callable[[Operation], None]]:
    """Make one test of each row, at all its samples: a test of each sample takes longer to begin than to run."""
    samples: dict[str, list[tuple[float, ...]]] = {}
    for row, sample in cases:
        samples.setdefault(row.name, []).append(sample)

    def decorate(test: AtSample) -> Callable[[Operation], None]:
        @pytest.mark.parametrize("row", [row for row in ROWS if row.name in samples], ids=named)
        def at_its_samples(row: Operation) -> None:
            with_scipy(row)
            for sample in samples[row.name]:
                try:
                    test(row, sample)
                except AssertionError as error:
                    error.add_note(f"at {sample}")
                    raise

        at_its_samples.__name__ = test.__name__
        return at_its_samples

    return decorate


def differentiable_operands(row: Operation, sample: tuple[float, ...]) -> list[int]:
    return [index for index in range(len(sample)) if (row.name, index) not in INTEGER_OPERANDS]


def is_step(row: Operation, index: int) -> bool:
    return not row.variadic and row.partials[index] is None


def graph(row: Operation, sample: tuple[float, ...]) -> tuple[list[Value], Value]:
    operands = [Value(operand) for operand in sample]
    return operands, row(*operands)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_has_samples_a_reference_and_a_line_of_documentation(row: Operation) -> None:
    assert row.samples
    assert row.doc
    assert row.name in reference.REFERENCES
    assert len(row.partials) == (1 if row.variadic else len(row.operands))
    assert find(row.name, len(row.samples[0])) is row


@row_by_row(SAMPLES)
def test_values_are_right(row: Operation, sample: tuple[float, ...]) -> None:
    assert reference.ulps(row(*sample), reference.value(row.name, sample)) <= max(16, row.ulp)


@row_by_row(WELL)
def test_first_partials_are_right_to_the_stated_accuracy(row: Operation, sample: tuple[float, ...]) -> None:
    operands, result = graph(row, sample)
    result.backward()
    for index in differentiable_operands(row, sample):
        if is_step(row, index):
            assert operands[index].grad == 0
            continue
        orders = [int(other == index) for other in range(len(sample))]
        want = reference.derivative(row.name, sample, orders)
        assert reference.ulps(operands[index].grad, want) <= row.ulp, (index, operands[index].grad, want)


@pytest.mark.sampled(4)
@row_by_row(WELL)
def test_second_partials_are_right_to_the_stated_accuracy(row: Operation, sample: tuple[float, ...]) -> None:
    operands, result = graph(row, sample)
    indices = differentiable_operands(row, sample)
    result.backward(create_graph=True)
    first = [operand.grad for operand in operands]
    for index, other in product(indices, indices):
        if is_step(row, index):
            continue
        for operand in operands:
            operand.grad = 0.0
        first[index].backward()
        got = operands[other].grad
        orders = [int(at == index) + int(at == other) for at in range(len(sample))]
        want = reference.derivative(row.name, sample, orders)
        if abs(want) < 1e-30:
            assert abs(got) < 1e-12 * max(1.0, abs(first[index].data)), (index, other, got, want)
        else:
            assert reference.ulps(got, want) <= row.ulp, (index, other, got, want)


@row_by_row(SAMPLES)
def test_floats_reals_arrays_and_values_agree(row: Operation, sample: tuple[float, ...]) -> None:
    want = row(*sample)
    assert type(want) is float
    assert graph(row, sample)[1].data == want
    assert float(row(*map(Real, sample))) == want
    columns = [numpy.array([operand] * 3) for operand in sample]
    for got in row(*columns).tolist():
        assert got == want or abs(got - want) <= 4 * math.ulp(want)


EDGES = [
    math.nan,
    math.inf,
    -math.inf,
    0.0,
    -0.0,
    1.0,
    -1.0,
    2.0,
    -2.0,
    0.5,
    1e308,
    -1e308,
    5e-324,
    709.9,
    -745.2,
    1e22,
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_at_every_edge_nothing_raises_and_floats_and_arrays_agree(row: Operation) -> None:
    with_scipy(row)
    count = 2 if row.variadic else len(row.operands)
    cases = list(product(EDGES, repeat=count))
    columns = [numpy.array(column) for column in zip(*cases, strict=True)]
    on_arrays = row(*columns).tolist()
    for operands, got in zip(cases, on_arrays, strict=True):
        want = row(*operands)
        assert type(want) is float
        same = got == want or (math.isnan(got) and math.isnan(want)) or abs(got - want) <= 4 * math.ulp(want)
        assert same, (operands, want, got)
        leaves, result = graph(row, operands)
        result.backward()
        assert all(type(leaf.grad) is float for leaf in leaves), operands


@pytest.mark.parametrize("name", sorted(name for name, rows in TABLE.items() if not rows[0].is_internal))
def test_every_name_is_a_method_of_values(name: str) -> None:
    row = TABLE[name][0]
    with_scipy(row)
    receiver, *others = map(Value, row.samples[0])
    assert getattr(receiver, name)(*others).data == row(*row.samples[0])


def test_equal_shares_at_a_tie_of_many() -> None:
    operands = [Value(2.0), Value(2.0), Value(1.0), Value(2.0)]
    maximum = TABLE["max"][0](*operands)
    maximum.backward()
    assert [operand.grad for operand in operands] == [1 / 3, 1 / 3, 0.0, 1 / 3]


@pytest.mark.parametrize(
    ("expression", "want"),
    [
        (lambda x: x.tanh(), 1.6993417021166355e-17),
        (lambda x: x.sigmoid(), 2.0611536181902037e-09),
        (lambda x: x.erf(), 2 / math.sqrt(math.pi) * 1.9151695967140057e-174),
    ],
)
def test_tails_keep_their_tiny_derivatives(expression: Any, want: float) -> None:
    x = Value(20.0)
    y = expression(x)
    y.backward()
    assert x.grad == pytest.approx(want, rel=1e-15)


def test_without_scipy_the_gamma_family_says_what_to_install() -> None:
    script = (
        "import sys; sys.modules['scipy'] = None; from mgrad_cli.cli.main import run; "
        "sys.exit(run(['eval', 'tanh(x) + gamma(x)', '--x', '2']))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert (
        ran.stderr
        == "error: the gamma family needs SciPy: pip install 'mgrad-cli[special]' (in a checkout: pip install '.[special]')\n"
    )


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("x", [-999.3, -1000.7, -12345.6789, -999999.5, -1e15 + 0.25])
def test_polygamma_far_below_zero_is_reflected(order: int, x: float) -> None:
    """SciPy takes a step for each whole number between the argument and 0, which never ends for -1e15."""
    with mpmath.workdps(60):
        part = mpmath.mpf(x) - round(x)
        slope = mpmath.diff(lambda u: mpmath.pi * mpmath.cot(mpmath.pi * u), part, order)
        truth = float((-1) ** order * mpmath.polygamma(order, 1 - mpmath.mpf(x)) - slope)
    (polygamma,) = TABLE["polygamma"]
    found = polygamma.evaluate(float(order), x)
    assert found == pytest.approx(truth, rel=1e-14)
    assert polygamma(numpy.full(3, float(order)), numpy.array([x, 2.5, -3.0]))[0] == found


@pytest.mark.parametrize(
    ("name", "operands"),
    [
        ("erfi", (26.5,)), ("erfi", (-12.3,)), ("lambertw", (1e300,)), ("lambertw", (-0.36787944117144,)),
        ("erfcinv", (1e-200,)), ("norminv", (1e-200,)), ("j0", (1e10,)), ("j1", (-1e15,)), ("y0", (345.678,)),
        ("lbeta", (3000.0, 1e-3)), ("lbeta", (700.0, 900.0)), ("logsumexp", (1e308, -1e308)),
        ("gammainc", (1e-300, 1.0)), ("gammaincc", (40.0, 3.0)), ("gamma_density", (500.0, 510.0)), ("gamma_density", (1e6, 1.001e6)),
    ],
)  # fmt: skip
def test_values_far_out_are_right(name: str, operands: tuple[float, ...]) -> None:
    pytest.importorskip("scipy", reason="the special functions need SciPy (extra `special`)")
    (row,) = TABLE[name]
    with mpmath.workdps(400):
        truth = reference.value(name, operands)
    assert row.evaluate(*operands) == pytest.approx(float(truth), rel=2e-14)


FAR_OUT = [
    ("cbrt", (1e308,)), ("cbrt", (-1.5e308,)), ("atan", (1e308,)), ("acot", (-1e308,)), ("erf", (1e308,)), ("erfc", (-1e308,)),
    ("acsch", (1e-310,)), ("acsch", (-5e-324,)), ("asech", (1e-320,)), ("j1", (2.3e-308,)), ("j1", (-1e-310,)),
    ("erfcinv", (1e-155,)), ("norminv", (1e-100,)), ("erfinv", (0.9999999999,)),
    ("logsumexp", (0.0, -30.5)), ("logsumexp", (-30.5, 1e-160)), ("logsumexp", (-40.0, 0.0, -50.0)), ("logsumexp", (-50.0, -40.0, 0.0)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "operands"), FAR_OUT)
def test_values_and_first_partials_are_right_far_out(name: str, operands: tuple[float, ...]) -> None:
    """Intermediate results neither overflow nor lose the digits that the result has."""
    (row,) = [row for row in TABLE[name] if row.takes(len(operands))]
    with_scipy(row)
    with mpmath.workdps(500):
        points = tuple(map(mpmath.mpf, operands))
        assert reference.ulps(row(*operands), reference.value(name, operands)) <= 8
        leaves, result = graph(row, operands)
        result.backward()
        for index, leaf in enumerate(leaves):
            step = min(abs(points[index]) or 1, mpmath.mpf(1)) * mpmath.mpf(10) ** -60
            moved = [[point + sign * step * (at == index) for at, point in enumerate(points)] for sign in (1, -1)]
            want = (reference.REFERENCES[name](*moved[0]) - reference.REFERENCES[name](*moved[1])) / (2 * step)
            assert reference.ulps(leaf.grad, want) <= max(row.ulp, 8) or abs(want) > 1.7e308, (leaf.grad, want)


@pytest.mark.parametrize(
    ("name", "x"), [("atan", 1e308), ("acot", -1e308), ("erf", 1e308), ("erfc", -1e308), ("cbrt", 1e308)]
)
def test_second_partials_far_out_are_not_nan(name: str, x: float) -> None:
    leaf = Value(x)
    TABLE[name][0](leaf).backward(create_graph=True)
    first = leaf.grad
    leaf.grad = 0.0
    first.backward()
    assert abs(leaf.grad) < 1e-300
