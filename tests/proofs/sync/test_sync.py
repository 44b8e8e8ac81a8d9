"""A sample of the proof between office and centre; and faults put in on purpose, of which each must be found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.proofs.sync.__main__ import main
from tests.proofs.sync.mutants import MUTANTS, Mutant
from tests.proofs.sync.trial import KINDS, Place
from tests.services.postgres import programs
from tests.services.requirement import ServiceMissing, skip_or_fail

SAMPLE = 32
SOON = {"repetitions-stored", "repetitions-are-errors", "one-bad-stops-all", "torn-name-trusted", "sent-is-done"}
"""Mutants that a few runs find."""


@pytest.fixture(autouse=True, scope="module")
def _installed() -> None:
    try:
        programs()
    except ServiceMissing as error:
        skip_or_fail(error)


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with Place() as made:
        yield made


def test_a_sample(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["all", "--count", str(SAMPLE), "--seed", "70000"]) == 0
    each = SAMPLE // len(KINDS)
    assert capsys.readouterr().out.splitlines() == [
        *(f"sync/{kind}: {each} of {each}" for kind in KINDS),
        f"sync: {SAMPLE} of {SAMPLE}",
    ]


@pytest.mark.soak
def test_ten_thousand_runs(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print()
        assert main(["all", "--count", "10000", "--workers", "2"]) == 0


@pytest.mark.parametrize("mutant", [m for m in MUTANTS if m.name in SOON], ids=lambda mutant: mutant.name)
def test_a_fault_is_found(place: Place, mutant: Mutant) -> None:
    assert mutant.found_by(place)


@pytest.mark.soak
@pytest.mark.parametrize("mutant", [m for m in MUTANTS if m.name not in SOON], ids=lambda mutant: mutant.name)
def test_a_rare_fault_is_found(place: Place, mutant: Mutant) -> None:
    assert mutant.found_by(place)
    assert main([mutant.kind, "--count", "1"]) == 0


def test_the_same_run_comes_again(place: Place) -> None:
    mutant = next(m for m in MUTANTS if m.name == "sent-is-done")
    first, second = mutant.found_by(place), mutant.found_by(place)
    assert first == second
