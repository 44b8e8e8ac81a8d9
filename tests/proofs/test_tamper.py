"""Whoever changes the archive is found out: a sample for every run of the tests, every place for `make soak`."""

from __future__ import annotations

import pytest

from tests.proofs.output import prove, require_whole

WAYS = ("bit", "file-bit", "swap", "rewrite", "tail", "rollback", "export")


def test_a_sample_of_every_way_to_tamper(capsys: pytest.CaptureFixture[str]) -> None:
    lines = prove("tamper", capsys, "--sample", "12")
    assert lines.pop("tamper/mutants") == (5, 5)
    require_whole(lines, {f"tamper/{way}" for way in WAYS}, at_least=12)


@pytest.mark.soak
def test_every_way_at_every_place(capsys: pytest.CaptureFixture[str]) -> None:
    lines = prove("tamper", capsys, hours=2)
    assert lines.pop("tamper/mutants") == (5, 5)
    require_whole(lines, {f"tamper/{way}" for way in WAYS}, at_least=12)
    assert lines["tamper/bit"][0] > 50_000
