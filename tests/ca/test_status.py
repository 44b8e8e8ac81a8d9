"""What may become of a certificate's status, and that the list that is out always tells it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from data.authority_register import AuthorityRegister
from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.interface import (
    AuthorityUnusable,
    CertificationAuthority,
    Done,
    Issued,
    NotSupported,
    ProtocolAlarm,
    Rejected,
    RevocationReason,
    Settlement,
    StatusAction,
    StatusChange,
    Wire,
    WireKind,
)
from kiosk.ca.local import LocalAuthority
from kiosk.ca.status import Standing
from kiosk.ca.status_messages import encode_settlement
from kiosk.ca.status_service import StatusService
from tests.ca.citizens import order_for
from tests.ca.conftest import NOW
from tests.ca.register import MemoryRegister, PowerCut

HOLD, RELEASE, REVOKE = StatusAction.HOLD, StatusAction.RELEASE, StatusAction.REVOKE


def power_cut(*arguments: object) -> None:
    raise PowerCut(arguments)


class Counter:
    """An authority with one certificate issued, a clock that can be moved, and the list it publishes."""

    def __init__(self, folder: Path, ca: AuthorityKey, key: rsa.RSAPrivateKey, *, on_disk: bool = False) -> None:
        self.now = NOW
        self.published = folder / "citizens.crl"
        self.register = AuthorityRegister.open(folder) if on_disk else MemoryRegister()
        self.service = StatusService(self.register, ca, lambda: self.now, self.published)
        self.authority = LocalAuthority(self.register, ca, lambda: self.now, status=self.service)
        request = order_for(key)
        wire = self.authority.prepare(request)
        outcome = self.authority.accept(request, wire, self.authority.exchange(wire))
        assert isinstance(outcome, Issued)
        self.serial = outcome.serial

    def ask(self, action: StatusAction, reason: RevocationReason = RevocationReason.SUPERSEDED) -> Settlement:
        change = StatusChange(serial=self.serial, action=action, reason=reason)
        contract: CertificationAuthority = self.authority
        wire = contract.prepare_status(change)
        return contract.accept_status(change, wire, contract.exchange(wire))

    def standing(self) -> Standing:
        status = self.register.status_of(self.serial)
        assert status is not None
        return status.standing

    def crl(self) -> x509.CertificateRevocationList:
        return x509.load_der_x509_crl(self.published.read_bytes())

    def listed(self) -> tuple[datetime, x509.ReasonFlags | None] | None:
        """Date and reason on the list that is out."""
        entry = self.crl().get_revoked_certificate_by_serial_number(int(self.serial, 16))
        if entry is None:
            return None
        try:
            reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
        except x509.ExtensionNotFound:
            reason = None
        return entry.revocation_date_utc, reason


@pytest.fixture(params=["memory", "disk"])
def counter(
    request: pytest.FixtureRequest, tmp_path: Path, ca: AuthorityKey, chip_key: rsa.RSAPrivateKey
) -> Iterator[Counter]:
    made = Counter(tmp_path, ca, chip_key, on_disk=request.param == "disk")
    yield made
    if isinstance(made.register, AuthorityRegister):
        made.register.close()


def test_suspended_released_revoked(counter: Counter) -> None:
    assert counter.authority.capabilities.status
    assert counter.ask(HOLD) == Done()
    assert counter.listed() == (NOW, x509.ReasonFlags.certificate_hold)
    counter.now += timedelta(hours=1)
    assert counter.ask(RELEASE) == Done()
    assert counter.listed() is None
    counter.now += timedelta(hours=1)
    assert counter.ask(REVOKE) == Done()
    assert counter.listed() == (NOW + timedelta(hours=2), x509.ReasonFlags.superseded)
    assert counter.crl().extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 3


def test_a_suspension_that_becomes_a_revocation_keeps_its_date(counter: Counter) -> None:
    counter.ask(HOLD)
    counter.now += timedelta(days=3)
    counter.ask(REVOKE, RevocationReason.KEY_COMPROMISE)
    assert counter.listed() == (NOW, x509.ReasonFlags.key_compromise)


@pytest.mark.parametrize("reason", RevocationReason)
def test_every_reason(reason: RevocationReason, tmp_path: Path, ca: AuthorityKey, chip_key: rsa.RSAPrivateKey) -> None:
    counter = Counter(tmp_path, ca, chip_key)
    assert counter.ask(REVOKE, reason) == Done()
    listed = counter.listed()
    assert listed is not None
    assert (listed[1].name if listed[1] else "unspecified") == reason.name.lower()


def test_asked_twice_is_asked_once(counter: Counter) -> None:
    for action, standing in ((HOLD, Standing.SUSPENDED), (RELEASE, Standing.ACTIVE), (REVOKE, Standing.REVOKED)):
        counter.ask(action)
        before = counter.published.read_bytes()
        counter.now += timedelta(minutes=1)
        assert counter.ask(action) == Done()
        assert counter.standing() is standing
        assert counter.published.read_bytes() == before
    counter.ask(REVOKE, RevocationReason.KEY_COMPROMISE)
    listed = counter.listed()
    assert listed is not None and listed[1] is x509.ReasonFlags.superseded


def test_revoked_is_for_ever(counter: Counter) -> None:
    counter.ask(REVOKE)
    for action in (HOLD, RELEASE):
        refused = counter.ask(action)
        assert isinstance(refused, Rejected) and refused.code == "certRevoked"
    assert counter.standing() is Standing.REVOKED


def test_every_order_of_three_changes(counter: Counter, ca: AuthorityKey) -> None:
    """Whatever is asked, the list that is out agrees with the register, is signed, and is numbered upwards."""
    numbers = []
    for actions in itertools.permutations([HOLD, RELEASE, HOLD, RELEASE], 3):
        for action in actions:
            counter.now += timedelta(minutes=1)
            counter.ask(action)
            if counter.published.exists():
                crl = counter.crl()
                numbers.append(crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number)
                assert (counter.listed() is not None) is (counter.standing() is Standing.SUSPENDED)
                assert crl.is_signature_valid(ca.issuing.public_key())  # type: ignore[arg-type]  # an RSA key
    assert numbers == sorted(numbers) and len(set(numbers)) > 3


def test_a_certificate_that_was_never_issued(counter: Counter) -> None:
    counter.serial = "7f"
    refused = counter.ask(REVOKE)
    assert isinstance(refused, Rejected) and refused.code == "badCertId"


@pytest.mark.parametrize("point", ["before status", "after status", "before list", "after list", "before write"])
def test_a_cut_leaves_the_change_whole_and_the_list_due(
    point: str, tmp_path: Path, ca: AuthorityKey, chip_key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = Counter(tmp_path, ca, chip_key)
    assert isinstance(counter.register, MemoryRegister)
    counter.service.publish()
    with monkeypatch.context() as patch:
        counter.register.cut = point
        if point == "before write":
            patch.setattr("os.replace", power_cut)
        with pytest.raises(PowerCut):
            counter.ask(REVOKE)
    assert counter.listed() is None
    assert counter.service.is_due() is (point != "before status")
    assert counter.ask(REVOKE) == Done()
    assert counter.listed() == (NOW, x509.ReasonFlags.superseded)
    assert not counter.service.is_due()


def test_a_list_soon_due_is_published_before_it_ends(counter: Counter) -> None:
    assert counter.service.is_due()
    counter.service.publish()
    assert not counter.service.is_due()
    counter.now += timedelta(hours=13)
    assert counter.service.is_due()
    counter.published.write_bytes(b"damaged")
    assert counter.service.is_due()


def test_a_place_that_cannot_be_written(tmp_path: Path, ca: AuthorityKey, chip_key: rsa.RSAPrivateKey) -> None:
    counter = Counter(tmp_path, ca, chip_key)
    counter.published.mkdir()
    with pytest.raises(AuthorityUnusable, match=r"citizens\.crl: Is a directory"):
        counter.ask(REVOKE)
    assert counter.standing() is Standing.REVOKED


def test_a_late_clock_says_no(tmp_path: Path, ca: AuthorityKey, chip_key: rsa.RSAPrivateKey) -> None:
    """An authority that has ended signs no lists."""
    counter = Counter(tmp_path, ca, chip_key)
    counter.now = datetime(2060, 1, 1, tzinfo=UTC)
    with pytest.raises(AuthorityUnusable):
        counter.service.publish()


# --- messages ---------------------------------------------------------------------------------------------------------


def test_without_its_service_there_are_no_changes(authority: LocalAuthority) -> None:
    change = StatusChange(serial="7f", action=HOLD)
    assert not authority.capabilities.status
    with pytest.raises(NotSupported):
        authority.prepare_status(change)
    with pytest.raises(NotSupported):
        authority.exchange(Wire(body=b"{}", kind=WireKind.STATUS))


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"format":1}', b'{"format":1,"status":"7F","action":"hold","reason":0}']
)
def test_a_change_that_is_none(body: bytes, counter: Counter) -> None:
    change, wire = StatusChange(serial=counter.serial, action=HOLD), Wire(body=body, kind=WireKind.STATUS)
    with pytest.raises(ProtocolAlarm):
        counter.authority.accept_status(change, wire, counter.authority.exchange(wire))
    assert counter.standing() is Standing.ACTIVE


@pytest.mark.parametrize("answer", [b"", b"[]", b'{"format":1,"status":7}', b'{"format":1,"status":"7f"}'])
def test_an_answer_that_is_none(answer: bytes, counter: Counter) -> None:
    with pytest.raises(ProtocolAlarm, match="malformed"):
        counter.authority.accept_status(StatusChange(serial="7f", action=HOLD), Wire(body=b""), answer)


def test_an_answer_about_another_certificate(counter: Counter) -> None:
    with pytest.raises(ProtocolAlarm, match="serial"):
        counter.authority.accept_status(
            StatusChange(serial="7f", action=HOLD), Wire(body=b""), encode_settlement("80", Done())
        )
