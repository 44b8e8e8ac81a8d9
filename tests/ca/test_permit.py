"""Issuing by an office's own authority: off by default, and never more, longer or elsewhere than the centre permits."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from data.authority_register import AuthorityRegister
from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.interface import Issued, IssueRequest, Outcome, Profile
from kiosk.ca.local import LocalAuthority
from kiosk.ca.permit import Fence, Permit, SigningKey, key_sha256, sign_permit
from kiosk.ca.permit_errors import NotPermitted
from kiosk.ca.register import IssuedRegister
from tests.ca.citizens import order_for
from tests.ca.conftest import NOW as MADE
from tests.ca.register import MemoryRegister, PowerCut

NOW = MADE + timedelta(days=10)
"""The authority itself was made before any permit."""
CENTRE = ed25519.Ed25519PrivateKey.generate()


class Office:
    """An authority fenced by a permit file, with a clock that can be moved."""

    def __init__(self, folder: Path, ca: AuthorityKey, register: IssuedRegister) -> None:
        self.now = NOW
        self.file = folder / "permit.json"
        self.permit = Permit(
            number="2026/17",
            authority=key_sha256(ca.issuing.public_key()),
            certificates=2,
            begins=NOW - timedelta(days=1),
            days=3,
        )
        self._ca = ca
        self._register = register
        self.pinned = key_sha256(CENTRE.public_key())

    def order(self, request: IssueRequest) -> Outcome:
        fence = Fence(file=self.file, key_sha256=self.pinned, authority=self._ca.issuing)
        authority = LocalAuthority(self._register, self._ca, lambda: self.now, permitted=fence)
        wire = authority.prepare(request)
        return authority.accept(request, wire, authority.exchange(wire))

    def sign(self, key: SigningKey = CENTRE) -> None:
        self.file.write_bytes(sign_permit(self.permit, key))


@pytest.fixture
def office(tmp_path: Path, ca: AuthorityKey, register: MemoryRegister) -> Office:
    made = Office(tmp_path, ca, register)
    made.sign()
    return made


@pytest.fixture
def first(chip_key: rsa.RSAPrivateKey) -> IssueRequest:
    return order_for(chip_key)


@pytest.fixture
def second(chip_key: rsa.RSAPrivateKey) -> IssueRequest:
    return order_for(chip_key, profile=Profile.AUTHENTICATION, order_id="2026-000001/authentication")


@pytest.fixture
def third(other_key: rsa.RSAPrivateKey) -> IssueRequest:
    return order_for(other_key, order_id="2026-000002/signature")


def test_off_by_default(office: Office, register: MemoryRegister, first: IssueRequest) -> None:
    office.pinned = ""
    with pytest.raises(NotPermitted, match=r"off, as by default: .*permit_key_sha256"):
        office.order(first)
    assert not register.entries


def test_without_a_file(office: Office, first: IssueRequest) -> None:
    office.file.unlink()
    with pytest.raises(NotPermitted, match=r"no permit: permit\.json: .*ask the centre"):
        office.order(first)


def test_so_many_and_no_more(
    office: Office, register: MemoryRegister, first: IssueRequest, second: IssueRequest, third: IssueRequest
) -> None:
    assert isinstance(office.order(first), Issued)
    assert isinstance(office.order(second), Issued)
    with pytest.raises(NotPermitted):
        office.order(third)
    assert isinstance(office.order(first), Issued), "what was issued is answered again"
    assert len(register.entries) == 2
    office.permit = replace(office.permit, number="2026/18")
    office.sign()
    assert isinstance(office.order(third), Issued)


def test_on_the_register_on_disk(
    tmp_path: Path, ca: AuthorityKey, first: IssueRequest, second: IssueRequest, third: IssueRequest
) -> None:
    register = AuthorityRegister.open(tmp_path)
    office = Office(tmp_path, ca, register)
    office.sign()
    for request in (first, second):
        assert isinstance(office.order(request), Issued)
    with pytest.raises(NotPermitted, match="2026/17 is used up: 2 of 2 certificates; ask the centre"):
        office.order(third)
    office.permit = replace(office.permit, certificates=3)
    office.sign()
    office.now -= timedelta(hours=1)
    with pytest.raises(NotPermitted, match="the clock stands before the last certificate"):
        office.order(third)
    office.now += timedelta(hours=2)
    assert isinstance(office.order(third), Issued)
    assert [entry.permit for _, entry, _ in register.listed()] == ["2026/17"] * 3
    register.close()


def test_so_long_and_no_longer(office: Office, first: IssueRequest) -> None:
    for hours, said in ((-25, "begins at 2026-12-03 10:30 UTC"), (48, "was for 3 days and is over")):
        office.now = NOW + timedelta(hours=hours)
        with pytest.raises(NotPermitted, match=said):
            office.order(first)
    office.now = NOW + timedelta(hours=48) - timedelta(seconds=1)
    assert isinstance(office.order(first), Issued)


def test_what_was_begun_in_time_is_finished_after(
    office: Office, register: MemoryRegister, first: IssueRequest
) -> None:
    register.cut = "after reserve"
    with pytest.raises(PowerCut):
        office.order(first)
    office.now = NOW + timedelta(days=30)
    assert isinstance(office.order(first), Issued)


def test_a_permit_for_another_authority(office: Office, other_ca: AuthorityKey, first: IssueRequest) -> None:
    office.permit = replace(office.permit, authority=key_sha256(other_ca.issuing.public_key()))
    office.sign()
    with pytest.raises(NotPermitted, match="another authority"):
        office.order(first)


def test_another_centres_permit(office: Office, first: IssueRequest) -> None:
    office.sign(ed25519.Ed25519PrivateKey.generate())
    with pytest.raises(NotPermitted, match="not signed with the centre's key"):
        office.order(first)


def test_a_permit_signed_with_rsa(office: Office, first: IssueRequest, other_key: rsa.RSAPrivateKey) -> None:
    office.sign(other_key)
    office.pinned = key_sha256(other_key.public_key()).upper()
    assert isinstance(office.order(first), Issued)
    changed = json.loads(office.file.read_bytes())
    changed["permit"] = changed["permit"].replace('"certificates": 2', '"certificates": 9')
    office.file.write_text(json.dumps(changed))
    with pytest.raises(NotPermitted, match="changed after it was signed"):
        office.order(order_for(other_key, order_id="2026-000003/signature"))


def test_a_permit_with_one_character_changed(office: Office, first: IssueRequest, register: MemoryRegister) -> None:
    whole = office.file.read_bytes()
    for at in range(0, len(whole)):
        office.file.write_bytes(whole[:at] + bytes((whole[at] ^ 1,)) + whole[at + 1 :])
        try:
            Fence(file=office.file, key_sha256=office.pinned, authority=office._ca.issuing)(NOW)
        except NotPermitted:
            continue
        assert whole[at : at + 1].isspace() or chr(whole[at]) == "=", "only what means nothing may change"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"permit": 1, "key": "", "signature": ""}',
        b'{"permit": "{}", "key": "AA==", "signature": ""}',
    ],
)
def test_a_file_that_is_none(content: bytes, office: Office, first: IssueRequest) -> None:
    office.file.write_bytes(content)
    with pytest.raises(NotPermitted):
        office.order(first)


def test_a_key_of_another_kind(office: Office, first: IssueRequest) -> None:
    """Pinned by mistake: named, not trusted."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    from kiosk.ca.permit import _text

    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    parts = json.loads(office.file.read_bytes())
    parts["key"] = _text(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    office.file.write_text(json.dumps(parts))
    office.pinned = key_sha256(key)
    with pytest.raises(NotPermitted, match="neither Ed25519 nor RSA"):
        office.order(first)
