"""No copy of a PIN is left, whichever way it was entered and however the entry ended; the whole of `residue`."""

from __future__ import annotations

import pytest

from tests.proofs.residue.__main__ import proved, report
from tests.proofs.residue.methods import METHODS
from tests.services.requirement import ServiceMissing, skip_or_fail

LONG = ("pinpad-stepwise",)
"""The other model of a pin pad: nothing of it is new to the computer's memory."""


@pytest.mark.parametrize(
    "method", [pytest.param(name, marks=pytest.mark.soak if name in LONG else ()) for name in METHODS]
)
def test_the_pin_is_found_nowhere_and_a_planted_copy_is(method: str) -> None:
    try:
        verdict = proved(method)
    except ServiceMissing as error:
        skip_or_fail(error)
    assert report(method, verdict) == 0
    assert verdict.looked > 100
    assert verdict.planted > 40


def test_a_host_that_keeps_and_notes_the_pin_is_found_out() -> None:
    try:
        verdict = proved("keypad", is_careless=True)
    except ServiceMissing as error:
        skip_or_fail(error)
    for ending in ("cancelled", "expired", "wrong", "right"):
        kept = [line for line in verdict.found if line.startswith(f"{ending}: ") and "text in" in line]
        assert any("hosts" in line for line in kept)
        assert f"{ending}: notes: text" in verdict.found
