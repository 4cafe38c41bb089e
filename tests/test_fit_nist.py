"""Fits of NIST's 27 reference sets, from both starts: estimates, standard errors and sums of squares."""

from pathlib import Path

import pytest

from mgrad_cli import Expression
from tests.conftest import SHARED, Run, shared
from tests.nist import NistSet, nist_sets, right_digits

PATH = SHARED / "nist.jsonl"
SETS = nist_sets(PATH) if PATH.exists() else []
RUNS = [pytest.param(each, start, id=f"{each.name}-{start}") for each in SETS for start in (1, 2)]
LEAST = 10.0
"""The certified figures have eleven digits, rounded; so the last one cannot be told."""


def test_all_sets_are_there() -> None:
    shared("nist.jsonl")
    assert len(SETS) == 27


@pytest.mark.parametrize(("case", "start"), RUNS)
def test_estimates_and_errors_have_the_certified_digits(case: NistSet, start: int) -> None:
    fit = Expression(case.model).fit(case.columns, y=case.response, params=case.starts[start - 1])
    assert min(case.digits(fit)) > LEAST
    assert right_digits(fit.rss, case.rss) > 9.9
    assert (fit.rows, fit.dof) == (len(case.columns["y"]), case.dof)
    assert fit.notes == ()


@pytest.mark.slow
@pytest.mark.parametrize("case", SETS, ids=lambda case: case.name)
def test_proven_estimates_and_errors_have_the_certified_digits(case: NistSet) -> None:
    fit = Expression(case.model).fit(case.columns, y=case.response, params=case.starts[0], certify=True)
    assert fit.proof is not None
    assert fit.proof.digits >= 17
    assert min(case.digits(fit)) > LEAST
    assert right_digits(fit.rss, case.rss) > LEAST


@pytest.mark.parametrize("name", ["Nelson", "Lanczos1", "Rat43"])
def test_the_command_gives_the_figures_of_the_library(mgrad: Run, tmp_path: Path, name: str) -> None:
    import json

    shared("nist.jsonl")
    case = next(each for each in SETS if each.name == name)
    (tmp_path / "data.csv").write_text(case.csv)
    starts = ",".join(f"{each}={value!r}" for each, value in case.starts[1].items())
    log = ["--log-y"] if case.response == "log(y)" else []
    ran = mgrad("fit", case.model, "data.csv", "--y", "y", "--params", starts, "--json", *log, cwd=tmp_path)
    record = json.loads(ran.stdout)
    for each, value in case.estimates.items():
        assert right_digits(record["params"][each]["estimate"], value) > LEAST
        assert right_digits(record["params"][each]["error"], case.errors[each]) > LEAST
