"""No power cut loses what was acknowledged: a sample for every run of the tests, every system call for `make soak`."""

from __future__ import annotations

import pytest

from tests.proofs.output import prove, require_whole

MUTANTS = ("wal-normal", "acknowledged-before-commit", "effect-before-intent")


def require_caught(lines: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """Every mutant was caught; the lines of the others."""
    assert all(counts == (1, 1) for name, counts in lines.items() if "/mutant/" in name), lines
    return {name: counts for name, counts in lines.items() if "/mutant/" not in name}


def test_a_sample_of_cuts_and_what_weaker_programs_lose(capsys: pytest.CaptureFixture[str]) -> None:
    lines = prove("power_cut", capsys, "wal-full", *MUTANTS, "--every", "150", "--finish", "25")
    assert len(lines) == 1 + len(MUTANTS)
    require_whole(require_caught(lines), {"power-cut/wal-full"}, at_least=50)


@pytest.mark.soak
def test_a_cut_after_every_system_call(capsys: pytest.CaptureFixture[str]) -> None:
    lines = require_caught(prove("power_cut", capsys, hours=3))
    sound = {"wal-full", "delete-extra", "rotation", "injected"}
    require_whole(lines, {f"power-cut/{name}" for name in sound}, at_least=100)
    assert lines["power-cut/wal-full"][0] > 7000
