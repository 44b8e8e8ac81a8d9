"""No cut issues twice or loses a certificate: a sample of the proof for every run, the whole of it for `make soak`."""

from __future__ import annotations

import pytest

from tests.proofs.proving import prove

NAMES = ("local", "cmp", "cmp-repeats", "cmp-once", "cmp-later", "cmp-implicit", "batch")


def test_a_sample_of_all_cuts(capsys: pytest.CaptureFixture[str]) -> None:
    lines = prove(capsys, "authority", "--sample", "5")
    assert lines == {f"authority/{name}": (5, 5) for name in NAMES}


def test_known_faults_are_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert prove(capsys, "authority", "--mutants") == {"authority/mutants": (3, 3)}


@pytest.mark.soak
@pytest.mark.parametrize("name", NAMES)
def test_every_cut(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = prove(capsys, "authority", name, hours=1)
    assert set(lines) == {f"authority/{name}"}
    assert all(held == tried >= 100 for held, tried in lines.values()), lines
