"""An authority's habits are switches, and what the linters hold against each is known and named beforehand."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.interface import Issued, Profile, ProtocolAlarm
from kiosk.ca.lint import all_findings, etsi_type
from kiosk.ca.local import LocalAuthority
from kiosk.ca.practice import TEST_PRACTICE, Practice, consequences
from kiosk.config import BadConfig, load
from tests.ca.citizens import CITIZENS, order_for
from tests.ca.conftest import NOW
from tests.ca.register import MemoryRegister

SWITCHES = {
    "combined_key_usage": (False, True),
    "second_serial_number": (False, True),
    "legislation": ("", "RS"),
    "disclosure_en": (TEST_PRACTICE.disclosure_en, ""),
}
MINISTRYS = Practice(combined_key_usage=True, second_serial_number=True, disclosure_en="", disclosure_sr="")
"""As one published analysis found them."""


def issued(ca: AuthorityKey, key: rsa.RSAPrivateKey, practice: Practice, profile: Profile) -> bytes:
    authority = LocalAuthority(MemoryRegister(), replace(ca, practice=practice), lambda: NOW)
    request = order_for(key, next(iter(CITIZENS.values())), profile)
    wire = authority.prepare(request)
    outcome = authority.accept(request, wire, authority.exchange(wire))
    assert isinstance(outcome, Issued)
    return outcome.certificate


@pytest.mark.parametrize("profile", Profile)
def test_the_linters_say_exactly_what_was_named_beforehand(
    profile: Profile, ca: AuthorityKey, chip_key: rsa.RSAPrivateKey
) -> None:
    for values in product(*SWITCHES.values()):
        switched: dict[str, Any] = dict(zip(SWITCHES, values, strict=True))
        practice = replace(TEST_PRACTICE, **switched)
        certificate = issued(ca, chip_key, practice, profile)
        found = {(one.severity, one.code) for one in all_findings(certificate, profile, practice)}
        assert found == {(one.severity, one.code) for one in consequences(practice, profile)}, practice


@pytest.mark.parametrize("legislation", ["", "RS"])
def test_both_types_of_a_qualified_certificate_are_clean(
    legislation: str, ca: AuthorityKey, chip_key: rsa.RSAPrivateKey
) -> None:
    practice = replace(TEST_PRACTICE, legislation=legislation)
    assert ("NON-EIDAS" in etsi_type(Profile.SIGNATURE, practice)) is bool(legislation)
    for profile in Profile:
        assert all_findings(issued(ca, chip_key, practice, profile), profile, practice) == []


def test_the_ministrys_habits_as_they_were_described(ca: AuthorityKey, chip_key: rsa.RSAPrivateKey) -> None:
    certificate = x509.load_der_x509_certificate(issued(ca, chip_key, MINISTRYS, Profile.SIGNATURE))
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert usage.content_commitment
    [serials] = [rdn for rdn in certificate.subject.rdns if len(list(rdn)) == 2]
    assert sorted(str(one.value)[:6] for one in serials) == ["CA:RS-", "PNORS-"]


def test_a_certificate_of_another_practice_is_refused(ca: AuthorityKey, chip_key: rsa.RSAPrivateKey) -> None:
    register = MemoryRegister()
    theirs = LocalAuthority(register, replace(ca, practice=MINISTRYS), lambda: NOW)
    request = order_for(chip_key, next(iter(CITIZENS.values())), Profile.SIGNATURE)
    wire = theirs.prepare(request)
    answer = theirs.exchange(wire)
    with pytest.raises(ProtocolAlarm):
        LocalAuthority(register, ca, lambda: NOW).accept(request, wire, answer)


@pytest.mark.parametrize(
    "wrong", ['disclosure_en = "http://ca.example.com/pds"', 'legislation = "Serbia"', 'signature_policy = "1.x"']
)
def test_settings_no_certificate_could_be_made_with_are_named(wrong: str, tmp_path: Path) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text(f"[practice]\n{wrong}\n")
    with pytest.raises(BadConfig, match=f"practice.*{wrong.split()[0]}"):
        load(path)
