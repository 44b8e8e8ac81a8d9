"""One certificate per order, whatever is cut or repeated; refusals that leave nothing behind."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from data.authority_register import AuthorityRegister
from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.interface import (
    AuthorityUnusable,
    CertificationAuthority,
    Duplicate,
    Issued,
    IssueRequest,
    NoSuchOrder,
    Outcome,
    Profile,
    ProtocolAlarm,
    Rejected,
    Wire,
)
from kiosk.ca.local import LocalAuthority
from kiosk.ca.messages import IssueOrder, Malformed, decode_order, encode_order
from tests.ca.citizens import LATIN, LONG, certification_request, order_for
from tests.ca.conftest import NOW
from tests.ca.register import MemoryRegister, PowerCut

DUPLICATE = Duplicate(code="duplicateCertReq")


def answer_to(authority: LocalAuthority, request: IssueRequest) -> bytes:
    return authority.exchange(authority.prepare(request))


def outcome_of(authority: LocalAuthority, request: IssueRequest) -> Outcome:
    wire = authority.prepare(request)
    return authority.accept(request, wire, authority.exchange(wire))


def rejection(authority: LocalAuthority, request: IssueRequest) -> Rejected:
    outcome = outcome_of(authority, request)
    assert isinstance(outcome, Rejected)
    return outcome


def test_it_keeps_the_contract(authority: LocalAuthority) -> None:
    contract: CertificationAuthority = authority
    assert contract.is_test
    assert "TEST" in contract.name
    assert len(contract.chain()) == 2


def test_the_same_order_gets_the_same_certificate(
    authority: LocalAuthority, register: MemoryRegister, ca: AuthorityKey, chip_key: rsa.RSAPrivateKey
) -> None:
    """Also tomorrow, and from another process on the same register."""
    request = order_for(chip_key, LONG, email="a@example.com")
    first = answer_to(authority, request)
    tomorrow = LocalAuthority(register, ca, lambda: NOW + timedelta(days=1))
    assert answer_to(authority, request) == first
    assert answer_to(tomorrow, request) == first
    assert len(register.entries) == 1


@pytest.mark.parametrize("point", ["before reserve", "after reserve", "before store", "after store"])
def test_a_cut_at_any_commit_gives_one_certificate(
    point: str, register: MemoryRegister, ca: AuthorityKey, chip_key: rsa.RSAPrivateKey
) -> None:
    request = order_for(chip_key)
    wire = LocalAuthority(register, ca, lambda: NOW).prepare(request)
    register.cut = point
    with pytest.raises(PowerCut):
        LocalAuthority(register, ca, lambda: NOW).exchange(wire)
    reserved = dict(register.entries)
    later = LocalAuthority(register, ca, lambda: NOW + timedelta(minutes=3))
    outcome = later.accept(request, wire, later.exchange(wire))
    assert isinstance(outcome, Issued)
    [entry] = register.entries.values()
    assert entry.certificate == outcome.certificate
    for order_id, before in reserved.items():
        assert replace(entry, certificate=None) == replace(before, certificate=None), order_id


def test_an_order_whose_answer_was_lost_is_found(
    authority: LocalAuthority, register: MemoryRegister, chip_key: rsa.RSAPrivateKey
) -> None:
    request = order_for(chip_key)
    wire = authority.prepare(request)
    question = authority.prepare_lookup(request, wire)
    assert authority.accept(request, question, authority.exchange(question)) == NoSuchOrder()
    assert not register.entries
    issued = authority.accept(request, wire, authority.exchange(wire))
    assert authority.accept(request, question, authority.exchange(question)) == issued


def test_signing_again_gives_the_same_bytes(
    register: MemoryRegister, ca: AuthorityKey, chip_key: rsa.RSAPrivateKey
) -> None:
    """Both processes have reserved, both sign: the register sees one certificate twice, not two."""
    request = order_for(chip_key)
    authority = LocalAuthority(register, ca, lambda: NOW)
    first = answer_to(authority, request)
    entry = register.entries[request.order_id]
    register.entries[request.order_id] = replace(entry, certificate=None)
    assert answer_to(authority, request) == first


def test_the_same_order_with_other_content(authority: LocalAuthority, chip_key: rsa.RSAPrivateKey) -> None:
    request = order_for(chip_key)
    answer_to(authority, request)
    for other in (replace(request, subject=LATIN), replace(request, email="a@example.com")):
        assert outcome_of(authority, other) == DUPLICATE


def test_the_same_order_with_another_key(
    authority: LocalAuthority, chip_key: rsa.RSAPrivateKey, other_key: rsa.RSAPrivateKey
) -> None:
    request = order_for(chip_key)
    answer_to(authority, request)
    assert outcome_of(authority, replace(request, csr=certification_request(other_key))) == DUPLICATE


def test_the_same_key_under_another_order(
    authority: LocalAuthority, register: MemoryRegister, chip_key: rsa.RSAPrivateKey
) -> None:
    request = order_for(chip_key)
    answer_to(authority, request)
    assert outcome_of(authority, replace(request, order_id="2026-000002/signature")) == DUPLICATE
    answer_to(authority, replace(request, order_id="2026-000001/authentication", profile=Profile.AUTHENTICATION))
    assert len(register.entries) == 2


def test_on_the_register_on_disk(
    tmp_path: Path, ca: AuthorityKey, chip_key: rsa.RSAPrivateKey, other_key: rsa.RSAPrivateKey
) -> None:
    """The durable register keeps the same promises: after closing and opening, one order, one certificate."""
    request = order_for(chip_key, LONG)
    answers = []
    for _ in range(2):
        register = AuthorityRegister.open(tmp_path)
        authority = LocalAuthority(register, ca, lambda: NOW)
        answers.append(answer_to(authority, request))
        for other in (
            replace(request, subject=LATIN),
            replace(request, csr=certification_request(other_key)),
            replace(request, order_id="another"),
        ):
            assert outcome_of(authority, other) == DUPLICATE
        register.close()
    assert answers[0] == answers[1]
    assert isinstance(authority.accept(request, authority.prepare(request), answers[0]), Issued)


# --- refusals ---------------------------------------------------------------------------------------------------------


def damaged(csr: bytes) -> bytes:
    """The request with its signature changed."""
    return csr[:-1] + bytes((csr[-1] ^ 1,))


def test_possession_must_be_proved(
    authority: LocalAuthority, register: MemoryRegister, chip_key: rsa.RSAPrivateKey
) -> None:
    request = order_for(chip_key)
    refused = rejection(authority, replace(request, csr=damaged(request.csr)))
    assert refused.code == "badPOP"
    assert not register.entries


def test_a_signature_of_an_unknown_kind_proves_nothing(authority: LocalAuthority, chip_key: rsa.RSAPrivateKey) -> None:
    sha256_with_rsa = bytes.fromhex("2a864886f70d01010b")
    request = order_for(chip_key)
    unknown = request.csr.replace(sha256_with_rsa, sha256_with_rsa[:-1] + b"\x7f")
    assert unknown != request.csr
    assert rejection(authority, replace(request, csr=unknown)).code == "badPOP"


@pytest.mark.parametrize("csr", [b"", b"garbage", b"\x30\x03\x02\x01\x00"])
def test_a_request_that_is_none(csr: bytes, authority: LocalAuthority, chip_key: rsa.RSAPrivateKey) -> None:
    assert rejection(authority, replace(order_for(chip_key), csr=csr)).code == "badDataFormat"


def test_keys_that_are_too_weak_or_of_another_kind(authority: LocalAuthority, chip_key: rsa.RSAPrivateKey) -> None:
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505  # the weakness is the point
    curve = x509.CertificateSigningRequestBuilder(subject_name=x509.Name([])).sign(
        ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()
    )
    for csr in (certification_request(small), curve.public_bytes(Encoding.DER)):
        assert rejection(authority, replace(order_for(chip_key), csr=csr)).code == "badAlg"


@pytest.mark.parametrize("email", ["", "petar", "a b@example.com", "петар@example.com", "a@example.com\n", "a@b@c.rs"])
def test_an_email_that_is_none(
    email: str, authority: LocalAuthority, register: MemoryRegister, chip_key: rsa.RSAPrivateKey
) -> None:
    refused = rejection(authority, order_for(chip_key, email=email))
    assert refused.code == "badCertTemplate"
    assert "email" in refused.text
    assert not register.entries


def test_a_subject_that_is_none(
    authority: LocalAuthority, register: MemoryRegister, chip_key: rsa.RSAPrivateKey
) -> None:
    refused = rejection(authority, order_for(chip_key, replace(LATIN, personal_number="12")))
    assert refused.code == "badCertTemplate"
    assert not register.entries


def test_nothing_is_stored_that_the_linters_object_to(
    authority: LocalAuthority,
    register: MemoryRegister,
    chip_key: rsa.RSAPrivateKey,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kiosk.ca.subject.COMMON_NAME_LETTERS", 200)
    refused = rejection(authority, order_for(chip_key, replace(LATIN, surname="Ж" * 70)))
    assert refused.code == "lint"
    [entry] = register.entries.values()
    assert entry.certificate is None


# --- time -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("years", [1, 4, 5])
def test_an_order_of_29_february(
    years: int, register: MemoryRegister, ca: AuthorityKey, chip_key: rsa.RSAPrivateKey
) -> None:
    leap_day = datetime(2028, 2, 29, 12, 0, 0, 999, tzinfo=UTC)
    authority = LocalAuthority(register, ca, lambda: leap_day, years=years)
    request = order_for(chip_key)
    wire = authority.prepare(request)
    outcome = authority.accept(request, wire, authority.exchange(wire))
    assert isinstance(outcome, Issued)
    certificate = x509.load_der_x509_certificate(outcome.certificate)
    assert certificate.not_valid_before_utc == leap_day.replace(microsecond=0)
    assert certificate.not_valid_after_utc.date().isoformat() == f"{2028 + years}-02-{29 if years == 4 else 28}"


def test_years_that_cannot_be_ordered(register: MemoryRegister, ca: AuthorityKey) -> None:
    for years in (0, -5, 11):
        with pytest.raises(AuthorityUnusable):
            LocalAuthority(register, ca, lambda: NOW, years=years)


@pytest.mark.parametrize("years", [-1, 16, 21])
def test_an_authority_that_ends_too_soon(
    years: int, register: MemoryRegister, ca: AuthorityKey, chip_key: rsa.RSAPrivateKey
) -> None:
    """Not begun, would end before its certificate, has ended: in each case nothing is signed."""
    authority = LocalAuthority(register, ca, lambda: NOW.replace(year=NOW.year + years))
    with pytest.raises(AuthorityUnusable):
        answer_to(authority, order_for(chip_key))
    assert not any(entry.certificate for entry in register.entries.values())


# --- messages ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", [None, "a@example.com"])
def test_an_order_survives_its_encoding(email: str | None, chip_key: rsa.RSAPrivateKey) -> None:
    order = IssueOrder(order_for(chip_key, LONG, email=email), 5)
    assert decode_order(encode_order(order)) == order


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"order": 7},
        {"years": 0},
        {"years": 11},
        {"years": True},
        {"profile": "x"},
        {"csr": "%%%"},
        {"subject": {}},
        {"subject": []},
        {"email": 7},
    ],
)
def test_an_order_with_one_field_wrong(change: dict[str, object], chip_key: rsa.RSAPrivateKey) -> None:
    fields = json.loads(encode_order(IssueOrder(order_for(chip_key), 5)))
    with pytest.raises(Malformed):
        decode_order(json.dumps({**fields, **change}).encode())


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"format":1}', b'{"format":1,"order":1}', b'{"format":2}']
)
def test_an_order_that_is_none(body: bytes, authority: LocalAuthority, chip_key: rsa.RSAPrivateKey) -> None:
    answer = authority.exchange(Wire(body=body))
    with pytest.raises(ProtocolAlarm, match="malformed"):
        authority.accept(order_for(chip_key), Wire(body=body), answer)
