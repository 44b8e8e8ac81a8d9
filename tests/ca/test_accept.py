"""`accept` believes nothing: each way in which an answer can differ from the order is an alarm."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.chain import BrokenChain, verify_chain
from kiosk.ca.check import check_certificate
from kiosk.ca.interface import IssueRequest, Profile, ProtocolAlarm, Rejected, Wire
from kiosk.ca.local import LocalAuthority
from kiosk.ca.messages import encode_answer
from kiosk.ca.profile import end_of_validity
from kiosk.ca.register import RegisterEntry
from kiosk.ca.signing import sign_certificate
from tests.ca.citizens import LATIN, order_for
from tests.ca.conftest import NOW
from tests.ca.register import MemoryRegister

KEY_USES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
Build = Callable[[x509.CertificateBuilder], x509.CertificateBuilder]


def certify(
    ca: AuthorityKey,
    request: IssueRequest,
    key: rsa.RSAPublicKey,
    begin: datetime = NOW,
    end: datetime | None = None,
) -> bytes:
    """A certificate as the authority would sign it, for whatever request it is given."""
    entry = RegisterEntry(
        order_id=request.order_id,
        spki_sha256=b"",
        profile=request.profile,
        order=b"",
        serial="1234567890abcdef",
        not_before=begin,
        not_after=end or end_of_validity(begin, 5),
    )
    return sign_certificate(ca, entry, request, key)


def rebuilt(
    parsed: x509.Certificate,
    without: type[x509.ExtensionType],
    key: CertificatePublicKeyTypes | None = None,
    begin: datetime | None = None,
) -> x509.CertificateBuilder:
    """A builder that makes the certificate again, with one kind of extension left out, and another key or begin."""
    builder = x509.CertificateBuilder(
        parsed.issuer,
        parsed.subject,
        key or parsed.public_key(),
        parsed.serial_number,
        begin or parsed.not_valid_before_utc,
        end_of_validity(begin, 5) if begin else parsed.not_valid_after_utc,
    )
    for extension in parsed.extensions:
        if not isinstance(extension.value, without):
            builder = builder.add_extension(extension.value, extension.critical)
    return builder


def resigned(ca: AuthorityKey, certificate: bytes, without: type[x509.ExtensionType], change: Build) -> bytes:
    """The certificate without one kind of extension and with a change, signed by the authority."""
    builder = change(rebuilt(x509.load_der_x509_certificate(certificate), without))
    return builder.sign(ca.private_key, hashes.SHA256()).public_bytes(Encoding.DER)


def refuse(authority: LocalAuthority, request: IssueRequest, certificate: bytes, reason: str) -> None:
    """The authority's `accept` raises an alarm that begins with `reason`."""
    with pytest.raises(ProtocolAlarm) as caught:
        authority.accept(request, authority.prepare(request), encode_answer(request.order_id, certificate))
    assert str(caught.value).split(":")[0] == reason


@pytest.fixture
def request_(chip_key: rsa.RSAPrivateKey) -> IssueRequest:
    return order_for(chip_key)


def test_another_key(
    authority: LocalAuthority, ca: AuthorityKey, request_: IssueRequest, other_key: rsa.RSAPrivateKey
) -> None:
    refuse(authority, request_, certify(ca, request_, other_key.public_key()), "key")


@pytest.mark.parametrize(
    "change",
    [
        {"subject": LATIN},
        {"subject": replace(LATIN, country="HR")},
    ],
)
def test_another_subject(
    change: dict[str, object],
    authority: LocalAuthority,
    ca: AuthorityKey,
    request_: IssueRequest,
    chip_key: rsa.RSAPrivateKey,
) -> None:
    wrong = replace(request_, **change)  # type: ignore[arg-type]  # names and types belong together in the table above
    refuse(authority, request_, certify(ca, wrong, chip_key.public_key()), "subject")


@pytest.mark.parametrize(
    ("ordered", "given_"), [(None, "a@example.com"), ("a@example.com", None), ("a@example.com", "b@example.com")]
)
def test_another_email(
    ordered: str | None,
    given_: str | None,
    authority: LocalAuthority,
    ca: AuthorityKey,
    request_: IssueRequest,
    chip_key: rsa.RSAPrivateKey,
) -> None:
    wrong = certify(ca, replace(request_, email=given_), chip_key.public_key())
    refuse(authority, replace(request_, email=ordered), wrong, "email")


@pytest.mark.parametrize("ordered", Profile)
def test_the_other_profile(
    ordered: Profile,
    authority: LocalAuthority,
    ca: AuthorityKey,
    request_: IssueRequest,
    chip_key: rsa.RSAPrivateKey,
) -> None:
    """The common name tells first; key usage and the rest have their own tests."""
    [other] = set(Profile) - {ordered}
    order = replace(request_, profile=ordered)
    refuse(authority, order, certify(ca, replace(order, profile=other), chip_key.public_key()), "subject")


@pytest.mark.parametrize("critical", [True, False])
def test_a_certificate_that_is_an_authority(
    critical: bool, authority: LocalAuthority, ca: AuthorityKey, request_: IssueRequest, chip_key: rsa.RSAPrivateKey
) -> None:
    good = certify(ca, request_, chip_key.public_key())
    constraints = x509.BasicConstraints(ca=True, path_length=None)
    wrong = resigned(ca, good, x509.BasicConstraints, lambda b: b.add_extension(constraints, critical))
    refuse(authority, request_, wrong, "basic_constraints")


@pytest.mark.parametrize("uses", ["digital_signature content_commitment", "digital_signature", "key_encipherment"])
def test_another_key_usage(
    uses: str, authority: LocalAuthority, ca: AuthorityKey, request_: IssueRequest, chip_key: rsa.RSAPrivateKey
) -> None:
    usage = x509.KeyUsage(**{name: name in uses.split() for name in KEY_USES})
    good = certify(ca, request_, chip_key.public_key())
    wrong = resigned(ca, good, x509.KeyUsage, lambda b: b.add_extension(usage, True))
    refuse(authority, request_, wrong, "key_usage")


def test_a_key_usage_that_is_not_critical(
    authority: LocalAuthority, ca: AuthorityKey, request_: IssueRequest, chip_key: rsa.RSAPrivateKey
) -> None:
    good = certify(ca, request_, chip_key.public_key())
    usage = x509.load_der_x509_certificate(good).extensions.get_extension_for_class(x509.KeyUsage).value
    wrong = resigned(ca, good, x509.KeyUsage, lambda b: b.add_extension(usage, False))
    refuse(authority, request_, wrong, "key_usage")


@pytest.mark.parametrize(
    ("profile", "missing", "reason"),
    [
        (Profile.SIGNATURE, x509.KeyUsage, "key_usage"),
        (Profile.AUTHENTICATION, x509.ExtendedKeyUsage, "extended_key_usage"),
        (Profile.SIGNATURE, x509.CertificatePolicies, "policies"),
        (Profile.SIGNATURE, x509.UnrecognizedExtension, "qc_statements"),
        (Profile.SIGNATURE, x509.CRLDistributionPoints, "extensions"),
        (Profile.SIGNATURE, x509.AuthorityKeyIdentifier, "extensions"),
    ],
)
def test_a_missing_extension(
    profile: Profile,
    missing: type[x509.ExtensionType],
    reason: str,
    authority: LocalAuthority,
    ca: AuthorityKey,
    request_: IssueRequest,
    chip_key: rsa.RSAPrivateKey,
) -> None:
    order = replace(request_, profile=profile)
    wrong = resigned(ca, certify(ca, order, chip_key.public_key()), missing, lambda b: b)
    refuse(authority, order, wrong, reason)


def test_a_use_nobody_ordered(
    authority: LocalAuthority, ca: AuthorityKey, request_: IssueRequest, chip_key: rsa.RSAPrivateKey
) -> None:
    use = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])
    good = certify(ca, request_, chip_key.public_key())
    wrong = resigned(ca, good, x509.ExtendedKeyUsage, lambda b: b.add_extension(use, False))
    refuse(authority, request_, wrong, "extended_key_usage")


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (NOW - timedelta(days=5 * 366), None),
        (NOW + timedelta(hours=1), None),
        (NOW, NOW + timedelta(days=1)),
        (NOW, end_of_validity(NOW, 6)),
    ],
    ids=["expired", "not yet", "too short", "too long"],
)
def test_another_validity(
    begin: datetime,
    end: datetime | None,
    authority: LocalAuthority,
    ca: AuthorityKey,
    request_: IssueRequest,
    chip_key: rsa.RSAPrivateKey,
) -> None:
    refuse(authority, request_, certify(ca, request_, chip_key.public_key(), begin, end), "validity")


def test_a_validity_longer_than_the_authoritys(
    register: MemoryRegister, ca: AuthorityKey, request_: IssueRequest, chip_key: rsa.RSAPrivateKey
) -> None:
    late = NOW.replace(year=NOW.year + 16)
    parsed = x509.load_der_x509_certificate(certify(ca, request_, chip_key.public_key()))
    builder = rebuilt(parsed, x509.BasicConstraints, begin=late)
    wrong = builder.sign(ca.private_key, hashes.SHA256()).public_bytes(Encoding.DER)
    refuse(LocalAuthority(register, ca, lambda: late), request_, wrong, "validity")


def test_an_order_nothing_can_be_issued_for(
    authority: LocalAuthority, ca: AuthorityKey, request_: IssueRequest, chip_key: rsa.RSAPrivateKey
) -> None:
    good = certify(ca, request_, chip_key.public_key())
    refuse(authority, replace(request_, csr=b"garbage"), good, "order")
    refuse(authority, replace(request_, email="nobody"), good, "order")


def test_a_citizen_is_no_authority(ca: AuthorityKey, request_: IssueRequest, chip_key: rsa.RSAPrivateKey) -> None:
    citizen = x509.load_der_x509_certificate(certify(ca, request_, chip_key.public_key()))
    with pytest.raises(BrokenChain, match="not a CA: 0"):
        verify_chain((citizen, *ca.certificates), NOW)


def test_another_authority_of_the_same_name(
    authority: LocalAuthority, other_ca: AuthorityKey, request_: IssueRequest, chip_key: rsa.RSAPrivateKey
) -> None:
    refuse(authority, request_, certify(other_ca, request_, chip_key.public_key()), "chain")


def test_a_chain_that_has_expired(
    register: MemoryRegister, ca: AuthorityKey, request_: IssueRequest, chip_key: rsa.RSAPrivateKey
) -> None:
    later = LocalAuthority(register, ca, lambda: NOW + timedelta(days=366 * 20))
    refuse(later, request_, certify(ca, request_, chip_key.public_key()), "chain")


def test_a_weak_hash(
    authority: LocalAuthority, ca: AuthorityKey, request_: IssueRequest, chip_key: rsa.RSAPrivateKey
) -> None:
    """SHA-224: the weakest the library still signs with."""
    parsed = x509.load_der_x509_certificate(certify(ca, request_, chip_key.public_key()))
    builder = rebuilt(parsed, x509.BasicConstraints)
    weak = builder.sign(ca.private_key, hashes.SHA224()).public_bytes(Encoding.DER)
    refuse(authority, request_, weak, "chain")


def test_an_answer_to_another_order(
    authority: LocalAuthority, request_: IssueRequest, chip_key: rsa.RSAPrivateKey
) -> None:
    wire = authority.prepare(request_)
    answer = authority.exchange(wire)
    with pytest.raises(ProtocolAlarm, match="order"):
        authority.accept(replace(request_, order_id="another"), wire, answer)
    with pytest.raises(ProtocolAlarm, match="order"):
        authority.accept(request_, wire, encode_answer("another", b""))
    with pytest.raises(ProtocolAlarm, match="malformed"):
        authority.accept(request_, Wire(body=b"{}"), answer)


def test_what_the_linters_say_is_heard(
    ca: AuthorityKey, request_: IssueRequest, chip_key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order for a CN that RFC 5280 forbids: exactly as ordered, so only the linter can object."""
    monkeypatch.setattr("kiosk.ca.subject.COMMON_NAME_LETTERS", 200)
    long = replace(request_, subject=replace(request_.subject, surname="Ж" * 70))
    certificate = certify(ca, long, chip_key.public_key())
    with pytest.raises(ProtocolAlarm, match="lint: "):
        check_certificate(certificate, long, 5, ca.certificates, NOW)


def test_a_rejection_is_handed_on(authority: LocalAuthority, request_: IssueRequest) -> None:
    refusal = Rejected(code="badPOP", text="Не.")
    answer = encode_answer(request_.order_id, refusal)
    assert authority.accept(request_, authority.prepare(request_), answer) == refusal


def test_a_key_of_another_kind(
    authority: LocalAuthority, ca: AuthorityKey, request_: IssueRequest, chip_key: rsa.RSAPrivateKey
) -> None:
    parsed = x509.load_der_x509_certificate(certify(ca, request_, chip_key.public_key()))
    builder = rebuilt(parsed, x509.BasicConstraints, ec.generate_private_key(ec.SECP256R1()).public_key())
    wrong = builder.sign(ca.private_key, hashes.SHA256()).public_bytes(Encoding.DER)
    refuse(authority, request_, wrong, "key")


# --- bytes that are no certificate ------------------------------------------------------------------------------------

quick = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)


@pytest.mark.parametrize(
    "fields",
    [
        {"format": 1},
        {"format": 1, "order": "2026-000001/signature"},
        {"format": 1, "order": "2026-000001/signature", "certificate": 7},
        {"format": 1, "order": "2026-000001/signature", "certificate": "%%%"},
        {"format": 1, "order": "2026-000001/signature", "rejected": "no"},
        {"format": 1, "order": "2026-000001/signature", "rejected": {"code": 1, "text": "no"}},
        {"format": 2, "order": "2026-000001/signature", "rejected": {"code": "badPOP", "text": "no"}},
    ],
)
def test_an_answer_of_another_shape(
    fields: dict[str, object], authority: LocalAuthority, request_: IssueRequest
) -> None:
    with pytest.raises(ProtocolAlarm, match="malformed"):
        authority.accept(request_, authority.prepare(request_), json.dumps(fields).encode())


@quick
@given(answer=st.binary(max_size=300))
def test_garbage_for_an_answer(authority: LocalAuthority, request_: IssueRequest, answer: bytes) -> None:
    with pytest.raises(ProtocolAlarm):
        authority.accept(request_, authority.prepare(request_), answer)


@quick
@given(certificate=st.binary(max_size=300))
def test_garbage_for_a_certificate(authority: LocalAuthority, request_: IssueRequest, certificate: bytes) -> None:
    refuse(authority, request_, certificate, "certificate")


@quick
@given(data=st.data())
def test_a_damaged_certificate(
    authority: LocalAuthority,
    ca: AuthorityKey,
    request_: IssueRequest,
    chip_key: rsa.RSAPrivateKey,
    data: st.DataObject,
) -> None:
    """Cut short, lengthened, or with any one byte changed."""
    good = certify(ca, request_, chip_key.public_key())
    at = data.draw(st.integers(0, len(good) - 1))
    flip = data.draw(st.integers(1, 255))
    wrong = data.draw(
        st.sampled_from([good[:at], good + bytes((flip,)), good[:at] + bytes((good[at] ^ flip,)) + good[at + 1 :]])
    )
    with pytest.raises(ProtocolAlarm):
        check_certificate(wrong, request_, 5, ca.certificates, NOW)


@quick
@given(data=st.data())
def test_a_damaged_answer(authority: LocalAuthority, request_: IssueRequest, data: st.DataObject) -> None:
    """A cut answer is never taken for a whole one."""
    wire = authority.prepare(request_)
    answer = authority.exchange(wire)
    at = data.draw(st.integers(0, len(answer) - 1))
    with pytest.raises(ProtocolAlarm):
        authority.accept(request_, wire, answer[:at])
