"""The grab itself, on a real kernel: see `tests/proofs/keypad`; and that the proof's report does not flatter."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.keypad.__main__ import CHECKS, report
from tests.proofs.keypad.machine import verdicts
from tests.services.requirement import ServiceMissing, skip_or_fail


@pytest.mark.soak
def test_only_the_kiosk_hears_the_keypad(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        said = verdicts(tmp_path)
    except ServiceMissing as error:
        skip_or_fail(error)
    assert report(said) == 0, said
    assert capsys.readouterr().out == f"keypad/grab: {CHECKS} of {CHECKS}\n"


@pytest.mark.parametrize(
    "said",
    [
        [],
        ["PASS one"] * CHECKS,
        [*["PASS one"] * (CHECKS - 1), "FAIL another: b'5', not b''", "DONE"],
        [*["PASS one"] * (CHECKS - 1), "DONE"],
    ],
    ids=["nothing", "cut-off", "failed", "left-out"],
)
def test_a_proof_that_fell_short_is_not_reported_as_whole(said: list[str]) -> None:
    assert report(said) == 1
