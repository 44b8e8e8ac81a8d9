"""What every authority promises, whoever it is (`kiosk/ca/interface.py`): the same tests for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import load_der_x509_certificate

from kiosk.ca.interface import (
    AuthorityError,
    CertificationAuthority,
    Confirmation,
    Done,
    Duplicate,
    Issued,
    IssueRequest,
    NoSuchOrder,
    NotSupported,
    Outcome,
    Pending,
    Profile,
    ProtocolAlarm,
    Rejected,
    RevocationReason,
    Settlement,
    StatusAction,
    StatusChange,
    Unknown,
    Wire,
)
from kiosk.ca.lint import findings
from tests.ca.citizens import LATIN
from tests.ca.houses import HOUSES, House
from tests.services.cmp.pki import Pki

MOCK = "cmp, openssl"
"""Keeps no books: one transaction for each connection, one certificate for everybody."""

keeps_books = pytest.mark.parametrize("house", [name for name in HOUSES if name != MOCK], indirect=True)
confirmed = pytest.mark.parametrize(
    "house", [n for n in HOUSES if n not in (MOCK, "local") and not n.startswith("batch")], indirect=True
)


@pytest.fixture(params=HOUSES)
def house(request: pytest.FixtureRequest, tmp_path: Path, pki: Pki, chip_key: rsa.RSAPrivateKey) -> Iterator[House]:
    with HOUSES[request.param](tmp_path / "house", pki, chip_key) as made:
        yield made


def followed(authority: CertificationAuthority, order: IssueRequest, wire: Wire) -> tuple[Wire, bytes, Outcome]:
    """Send, and poll as long as the answer is that there will be one."""
    answer = authority.exchange(wire)
    outcome = authority.accept(order, wire, answer)
    while isinstance(outcome, Pending):
        wire = authority.prepare_poll(order, wire, answer)
        answer = authority.exchange(wire)
        outcome = authority.accept(order, wire, answer)
    return wire, answer, outcome


def issued(house: House) -> tuple[Wire, bytes, Issued]:
    wire, answer, outcome = followed(house.authority, house.order, house.authority.prepare(house.order))
    assert isinstance(outcome, Issued)
    return wire, answer, outcome


def confirm(house: House, wire: Wire, answer: bytes) -> Settlement:
    message = house.authority.prepare_confirm(house.order, wire, answer, accepted=True)
    assert message is not None
    return house.authority.accept_confirm(message, house.authority.exchange(message))


def change(house: House, serial: str, action: StatusAction) -> Settlement:
    """Ask, and ask the same again as long as the answer is that there will be one."""
    wanted = StatusChange(serial=serial, action=action, reason=RevocationReason.SUPERSEDED)
    settled: Settlement = Pending(check_after_s=0)
    while isinstance(settled, Pending):
        wire = house.authority.prepare_status(wanted)
        settled = house.authority.accept_status(wanted, wire, house.authority.exchange(wire))
    return settled


def test_an_order_becomes_a_certificate_that_lints(house: House) -> None:
    _, _, outcome = issued(house)
    certificate = load_der_x509_certificate(outcome.certificate)
    assert f"{certificate.serial_number:x}" == outcome.serial
    assert outcome.chain == tuple(house.authority.chain())
    assert certificate.issuer == load_der_x509_certificate(outcome.chain[0]).subject
    assert findings(outcome.certificate, house.order.profile) == []
    assert house.issued() == 1


def test_it_says_whether_it_wants_a_confirmation(house: House) -> None:
    wire, answer, _ = issued(house)
    message = house.authority.prepare_confirm(house.order, wire, answer, accepted=True)
    if house.authority.capabilities.confirmation is Confirmation.NONE:
        assert message is None
    else:
        assert confirm(house, wire, answer) == Done()


@confirmed
def test_confirmed_twice_is_confirmed(house: House) -> None:
    wire, answer, _ = issued(house)
    assert [confirm(house, wire, answer) for _ in range(3)] == [Done()] * 3


@keeps_books
def test_the_same_bytes_never_make_a_second_certificate(house: House) -> None:
    wire = house.authority.prepare(house.order)
    house.authority.exchange(wire)
    _, _, outcome = followed(house.authority, house.order, wire)
    assert isinstance(outcome, Issued | Duplicate)
    assert house.issued() == 1


@keeps_books
def test_prepared_again_it_is_the_same_transaction(house: House) -> None:
    """Another message for the same order and attempt is known to the authority, not a new order."""
    _, _, first = issued(house)
    wire = house.authority.prepare(house.order)
    _, _, outcome = followed(house.authority, house.order, wire)
    if isinstance(outcome, Duplicate):
        question = house.authority.prepare_lookup(house.order, wire)
        _, _, outcome = followed(house.authority, house.order, question)
    assert outcome == first
    assert house.issued() == 1


@keeps_books
def test_the_same_key_under_another_order_is_a_duplicate(house: House) -> None:
    issued(house)
    other = replace(house.order, order_id="2026-000002/signature")
    _, _, outcome = followed(house.authority, other, house.authority.prepare(other))
    assert isinstance(outcome, Duplicate)
    assert house.issued() == 1


@keeps_books
def test_an_order_whose_answer_was_lost_is_found(house: House) -> None:
    assert house.authority.capabilities.lookup
    wire = house.authority.prepare(house.order)
    question = house.authority.prepare_lookup(house.order, wire)
    try:
        before = house.authority.accept(house.order, question, house.authority.exchange(question))
    except Unknown:
        before = NoSuchOrder()
    assert before == NoSuchOrder()
    assert house.issued() == 0
    house.authority.exchange(wire)
    _, _, found = followed(house.authority, house.order, house.authority.prepare_lookup(house.order, wire))
    assert isinstance(found, Issued)
    assert house.issued() == 1


def test_an_answer_is_accepted_for_its_own_order_only(house: House) -> None:
    wire, answer, _ = issued(house)
    for other in (
        replace(house.order, order_id="2026-000002/signature"),
        replace(house.order, profile=Profile.AUTHENTICATION),
        replace(house.order, subject=LATIN),
        replace(house.order, email=None),
    ):
        with pytest.raises(ProtocolAlarm):
            house.authority.accept(other, wire, answer)


def test_an_answer_is_accepted_for_its_own_message_only(house: House) -> None:
    _, answer, _ = issued(house)
    other = replace(house.order, order_id="2026-000003/signature")
    with pytest.raises(ProtocolAlarm):
        house.authority.accept(other, house.authority.prepare(other), answer)


def believed(house: House, wire: Wire, answer: bytes) -> Outcome | None:
    try:
        return house.authority.accept(house.order, wire, answer)
    except AuthorityError:
        return None


def test_a_changed_answer_is_never_believed(house: House) -> None:
    wire, answer, good = issued(house)
    for at in range(0, len(answer), max(1, len(answer) // 40)):
        changed = answer[:at] + bytes((answer[at] ^ 1,)) + answer[at + 1 :]
        assert believed(house, wire, changed) in (None, good), at
    for cut in (0, 1, len(answer) // 2, len(answer) - 1):
        with pytest.raises(ProtocolAlarm):
            house.authority.accept(house.order, wire, answer[:cut])


@keeps_books
def test_possession_must_be_proved(house: House) -> None:
    csr = house.order.csr[:-1] + bytes((house.order.csr[-1] ^ 1,))
    broken = replace(house.order, csr=csr)
    _, _, outcome = followed(house.authority, broken, house.authority.prepare(broken))
    assert isinstance(outcome, Rejected)
    assert outcome.code == "badPOP"
    assert house.issued() == 0


def test_an_answer_stored_is_accepted_after_a_restart(house: House) -> None:
    """Message and state travel through the archive as bytes; nothing else is needed."""
    wire, answer, outcome = issued(house)
    stored = Wire(kind=wire.kind, body=bytes(wire.body), state=bytes(wire.state))
    assert house.authority.accept(house.order, stored, answer) == outcome


def test_a_status_is_changed_and_may_be_asked_for_twice(house: House) -> None:
    _, _, outcome = issued(house)
    if not house.authority.capabilities.status:
        with pytest.raises(NotSupported):
            change(house, outcome.serial, StatusAction.HOLD)
        return
    actions = (StatusAction.HOLD, StatusAction.HOLD, StatusAction.RELEASE, StatusAction.REVOKE, StatusAction.REVOKE)
    for action in actions[: 1 if house.is_mock else None]:
        assert change(house, outcome.serial, action) == Done(), action


@keeps_books
def test_what_is_revoked_stays_revoked(house: House) -> None:
    _, _, outcome = issued(house)
    if not house.authority.capabilities.status:
        return
    assert change(house, outcome.serial, StatusAction.REVOKE) == Done()
    assert isinstance(change(house, outcome.serial, StatusAction.RELEASE), Rejected)


@keeps_books
def test_a_certificate_that_was_never_issued_has_no_status(house: House) -> None:
    if house.authority.capabilities.status:
        assert isinstance(change(house, "1234567890abcdef", StatusAction.REVOKE), Rejected)
