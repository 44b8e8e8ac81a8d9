"""Every kind of citizen gets certificates that two linters and OpenSSL find nothing against."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from kiosk.ca.interface import Issued, IssueRequest, Profile
from kiosk.ca.lint import Finding, findings
from kiosk.ca.local import LocalAuthority
from tests.ca.citizens import CITIZENS, CYRILLIC, LONG, order_for


def issue(authority: LocalAuthority, request: IssueRequest) -> Issued:
    wire = authority.prepare(request)
    outcome = authority.accept(request, wire, authority.exchange(wire))
    assert isinstance(outcome, Issued)
    return outcome


@pytest.mark.parametrize("email", [None, "petar@example.com"])
@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("citizen", CITIZENS)
def test_is_clean_and_verifies(
    citizen: str,
    profile: Profile,
    email: str | None,
    authority: LocalAuthority,
    chip_key: rsa.RSAPrivateKey,
    chain_files: tuple[Path, Path],
    tmp_path: Path,
) -> None:
    issued = issue(authority, order_for(chip_key, CITIZENS[citizen], profile, email))
    assert findings(issued.certificate, profile) == []
    parsed = x509.load_der_x509_certificate(issued.certificate)
    assert issued.serial == f"{parsed.serial_number:x}"
    leaf = tmp_path / "leaf.pem"
    leaf.write_bytes(parsed.public_bytes(Encoding.PEM))
    root, issuing = chain_files
    moment = str(int(parsed.not_valid_before_utc.timestamp()) + 1)
    verdict = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-attime", moment, "-CAfile", root, "-untrusted", issuing, leaf],
        capture_output=True,
        text=True,
        check=False,
    )
    assert verdict.returncode == 0, verdict.stderr


@pytest.mark.parametrize("citizen", CITIZENS)
def test_names_are_spelled_as_on_the_chip(citizen: str, authority: LocalAuthority, chip_key: rsa.RSAPrivateKey) -> None:
    subject = CITIZENS[citizen]
    parsed = x509.load_der_x509_certificate(issue(authority, order_for(chip_key, subject)).certificate)
    named = {attribute.oid: attribute.value for attribute in parsed.subject}
    assert named.get(NameOID.SURNAME, "") == subject.surname
    assert named.get(NameOID.GIVEN_NAME, "") == subject.given_name
    assert named[NameOID.COUNTRY_NAME] == subject.country
    assert named[NameOID.SERIAL_NUMBER] == f"PNORS-{subject.personal_number}"
    assert str(named[NameOID.COMMON_NAME]).endswith(f" {subject.document_number} Sign")
    assert len(named[NameOID.COMMON_NAME]) <= 64


def test_the_issuer_and_the_policy_say_test(authority: LocalAuthority, chip_key: rsa.RSAPrivateKey) -> None:
    issued = issue(authority, order_for(chip_key))
    parsed = x509.load_der_x509_certificate(issued.certificate)
    policies = parsed.extensions.get_extension_for_class(x509.CertificatePolicies).value
    assert "TEST" in parsed.issuer.rfc4514_string()
    assert policies[0].policy_identifier.dotted_string.startswith("1.3.6.1.4.1.32473.")
    for der in issued.chain:
        assert "TEST" in x509.load_der_x509_certificate(der).subject.rfc4514_string()
    assert authority.is_test


def test_an_email_is_there_only_when_ordered(authority: LocalAuthority, chip_key: rsa.RSAPrivateKey) -> None:
    without = x509.load_der_x509_certificate(issue(authority, order_for(chip_key)).certificate)
    with pytest.raises(x509.ExtensionNotFound):
        without.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    request = order_for(chip_key, profile=Profile.AUTHENTICATION, email="petar@example.com", order_id="2")
    parsed = x509.load_der_x509_certificate(issue(authority, request).certificate)
    names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.RFC822Name) == ["petar@example.com"]
    assert not parsed.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)


def test_serial_numbers_are_random_and_positive(authority: LocalAuthority, chip_key: rsa.RSAPrivateKey) -> None:
    orders = [order_for(chip_key, profile=profile, order_id=profile.value) for profile in Profile]
    serials = {int(issue(authority, order).serial, 16) for order in orders}
    assert len(serials) == 2
    assert all(0 < serial < 2**127 for serial in serials)


def test_the_linters_find_what_is_wrong(authority: LocalAuthority, chip_key: rsa.RSAPrivateKey) -> None:
    """An authentication certificate is no qualified one, and bytes are no certificate."""
    issued = issue(authority, order_for(chip_key, CYRILLIC, Profile.AUTHENTICATION))
    assert findings(b"\x30\x00", Profile.SIGNATURE) == [Finding("FATAL", "undecodable")]
    assert findings(b"garbage", Profile.SIGNATURE) == [Finding("FATAL", "undecodable")]
    found = findings(issued.certificate, Profile.SIGNATURE)
    assert any(finding.severity == "ERROR" and "qc" in finding.code for finding in found), found


def test_a_long_name_says_nothing_on_stderr(
    authority: LocalAuthority, chip_key: rsa.RSAPrivateKey, tmp_path: Path
) -> None:
    """In a process of its own: the test runner has filters of its own."""
    file = tmp_path / "long.der"
    file.write_bytes(issue(authority, order_for(chip_key, LONG)).certificate)
    program = (
        "import sys, pathlib; from cryptography import x509; from kiosk.ca.interface import Profile, SubjectData;"
        "from kiosk.ca.subject import subject_name; from kiosk.ca.lint import findings;"
        "der = pathlib.Path(sys.argv[1]).read_bytes(); assert not findings(der, Profile.SIGNATURE);"
        "print(len(x509.load_der_x509_certificate(der).subject.rfc4514_string()))"
    )
    done = subprocess.run([sys.executable, "-c", program, file], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert int(done.stdout) > 0
