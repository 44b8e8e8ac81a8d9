"""What the desk says of a certificate on the strength of the revocation list on this machine."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from kiosk.procedures.preconditions import Standing
from kiosk.revocation.importing import import_list
from kiosk.standing import Standings
from tests.revocation.conftest import Issuer
from tests.revocation.test_import import DAY, ISSUED, made, revoked

REVOKED, HELD, GOOD = 0xABC, 0xDEF, 0x123
EARLIER = ISSUED - 3 * DAY


@pytest.fixture
def index(tmp_path: Path, issuer: Issuer) -> Path:
    """An imported list that names one revoked and one suspended certificate."""
    hold = x509.CRLReason(x509.ReasonFlags.certificate_hold)
    path, index = tmp_path / "list.crl", tmp_path / "citizens.index"
    path.write_bytes(made(issuer, revoked(REVOKED, EARLIER), revoked(HELD, EARLIER, (hold, False))))
    import_list(path, issuer.certificate, index, ISSUED + timedelta(hours=1))
    return index


def test_what_a_list_says(index: Path) -> None:
    standings = Standings(index, lambda: ISSUED + timedelta(hours=1))
    assert standings.of(f"{REVOKED:x}") == Standing(revoked_on=EARLIER.astimezone().date())
    assert standings.of(f"{HELD:x}") == Standing(revoked_on=EARLIER.astimezone().date(), is_held=True)
    assert standings.of(f"{GOOD:x}") == Standing(list_date=ISSUED.astimezone().date(), is_current=True)


def test_a_list_that_has_aged_says_only_who_is_on_it(index: Path) -> None:
    later = Standings(index, lambda: ISSUED + 2 * DAY)
    assert later.of(f"{GOOD:x}") == Standing(list_date=ISSUED.astimezone().date())
    assert later.of(f"{REVOKED:x}") == Standing(revoked_on=EARLIER.astimezone().date())


def test_no_list_says_nothing_and_a_damaged_one_says_so(index: Path, tmp_path: Path) -> None:
    assert Standings(tmp_path / "none", lambda: ISSUED).of("1") is None
    index.write_bytes(index.read_bytes()[:40])
    assert Standings(index, lambda: ISSUED).of("1") == Standing(is_damaged=True)
