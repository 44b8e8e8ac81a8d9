"""CRL and OCSP answers, judged by openssl and by the linters."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.ocsp import OCSPResponseStatus
from cryptography.x509.oid import ExtendedKeyUsageOID

from data.authority_register import AuthorityRegister
from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.der import sequence
from kiosk.ca.interface import AuthorityUnusable, Issued, RevocationReason, StatusAction, StatusChange
from kiosk.ca.local import LocalAuthority
from kiosk.ca.ocsp import Responder, answer
from kiosk.ca.responder import load_responder, renew_responder
from kiosk.ca.root import load_or_create
from kiosk.ca.status_service import StatusService
from kiosk.revocation.der_source import elements
from tests.ca.citizens import order_for


def run(folder: Path, *command: str) -> str:
    """What the command says on both streams. Raises with it when the command fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def lint(folder: Path, name: str, *arguments: str) -> str:
    """What a linter has of severity WARNING or worse."""
    return run(folder, sys.executable, "-m", f"pkilint.bin.{name}", "lint", "-s", "WARNING", *arguments).strip()


class Office:
    """An authority with today's clock, since openssl has no other, and its files as openssl wants them."""

    def __init__(self, folder: Path, key: rsa.RSAPrivateKey) -> None:
        self.folder = folder
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.ca = load_or_create(folder / "ca", self.now)
        self.register = AuthorityRegister.open(folder)
        self.service = StatusService(self.register, self.ca, lambda: self.now, folder / "citizens.crl")
        renew_responder(folder / "ca", self.ca, self.now)
        self.responder = load_responder(folder / "ca", self.ca.issuing, self.now)
        authority = LocalAuthority(self.register, self.ca, lambda: self.now, status=self.service)
        request = order_for(key)
        wire = authority.prepare(request)
        outcome = authority.accept(request, wire, authority.exchange(wire))
        assert isinstance(outcome, Issued)
        self.serial = outcome.serial
        self.certificate = x509.load_der_x509_certificate(outcome.certificate)
        (folder / "citizen.pem").write_bytes(self.certificate.public_bytes(Encoding.PEM))
        (folder / "chain.pem").write_text(self.ca.chain_pem())
        (folder / "issuing.pem").write_bytes(self.ca.issuing.public_bytes(Encoding.PEM))

    def change(self, action: StatusAction) -> None:
        self.service.change(
            StatusChange(serial=self.serial, action=action, reason=RevocationReason.CESSATION_OF_OPERATION)
        )

    def answer(self, request: bytes) -> bytes:
        return answer(request, self.responder, self.register.status_of, self.now)

    def ask_with_openssl(self) -> str:
        """What `openssl ocsp` makes of our answer to its own request."""
        question = ["-issuer", "issuing.pem", "-cert", "citizen.pem"]
        run(self.folder, "openssl", "ocsp", *question, "-reqout", "request.der")
        (self.folder / "response.der").write_bytes(self.answer((self.folder / "request.der").read_bytes()))
        return run(self.folder, "openssl", "ocsp", *question, "-reqin", "request.der", "-respin", "response.der",
                   "-no_nonce", "-CAfile", "chain.pem")  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, chip_key: rsa.RSAPrivateKey) -> Iterator[Office]:
    made = Office(tmp_path_factory.mktemp("office"), chip_key)
    yield made
    made.register.close()


def test_openssl_and_linters_follow_a_certificate_to_its_end(office: Office) -> None:
    """Good, held, good, revoked: in the CRL and in OCSP alike."""
    check = ["openssl", "verify", "-crl_check", "-CAfile", "chain.pem", "-CRLfile", "citizens.pem", "citizen.pem"]
    told = []
    for action in (None, StatusAction.HOLD, StatusAction.RELEASE, StatusAction.REVOKE):
        if action is None:
            office.service.publish()
        else:
            office.change(action)
        shown = run(office.folder, "openssl", "crl", "-inform", "DER", "-in", "citizens.crl", "-CAfile", "chain.pem",
                    "-verify", "-text", "-out", "citizens.pem")  # fmt: skip
        assert "verify OK" in shown
        if action in (StatusAction.HOLD, StatusAction.REVOKE):
            assert lint(office.folder, "lint_crl", "-t", "CRL", "-p", "PKIX", "citizens.crl") == ""
        verified = subprocess.run(check, cwd=office.folder, capture_output=True, text=True)
        text = run(office.folder, "openssl", "crl", "-in", "citizens.pem", "-noout", "-text")
        answered = office.ask_with_openssl()
        assert "Response verify OK" in answered
        if action in (None, StatusAction.REVOKE):
            assert lint(office.folder, "lint_ocsp_response", "response.der") == ""
        status = next(line for line in answered.splitlines() if line.startswith("citizen.pem:"))
        told.append((verified.returncode == 0, "Certificate Hold" in text, "Cessation" in text, status.split()[1]))
    assert told == [
        (True, False, False, "good"),
        (False, True, False, "revoked"),
        (True, False, False, "good"),
        (False, False, True, "revoked"),
    ]


def test_the_responders_certificate_is_clean(office: Office) -> None:
    made = office.folder / "ca" / "responder.pem"
    assert lint(office.folder, "lint_pkix_signer_signee_cert_chain", "issuing.pem", str(made)) == ""
    run(office.folder, "openssl", "verify", "-x509_strict", "-CAfile", "chain.pem", str(made))
    certificate = office.responder.certificate
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.OCSP_SIGNING]
    assert not certificate.extensions.get_extension_for_class(x509.OCSPNoCheck).critical


def question(certificate: x509.Certificate, issuer: x509.Certificate, *, nonce: bytes | None = None) -> bytes:
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA256())
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), False)
    return builder.build().public_bytes(Encoding.DER)


def test_a_nonce_comes_back(office: Office) -> None:
    for size in (1, 16, 32):
        request = question(office.certificate, office.ca.issuing, nonce=bytes(range(size)))
        response = ocsp.load_der_ocsp_response(office.answer(request))
        assert response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == bytes(range(size))
        assert response.next_update_utc == office.now + timedelta(hours=8)
    too_long = office.answer(question(office.certificate, office.ca.issuing, nonce=bytes(33)))
    assert ocsp.load_der_ocsp_response(too_long).response_status is OCSPResponseStatus.MALFORMED_REQUEST


def test_a_serial_that_was_never_given_is_unknown(office: Office) -> None:
    asked = ocsp.load_der_ocsp_request(question(office.certificate, office.ca.issuing))
    request = (
        ocsp.OCSPRequestBuilder()
        .add_certificate_by_hash(asked.issuer_name_hash, asked.issuer_key_hash, 0x7F, hashes.SHA256())
        .build()
        .public_bytes(Encoding.DER)
    )
    response = ocsp.load_der_ocsp_response(office.answer(request))
    assert response.certificate_status is ocsp.OCSPCertStatus.UNKNOWN


def test_another_authoritys_certificate_is_not_answered_for(office: Office, other_ca: AuthorityKey) -> None:
    """Also one with the same name and another key."""
    response = ocsp.load_der_ocsp_response(office.answer(question(office.certificate, other_ca.issuing)))
    assert response.response_status is OCSPResponseStatus.UNAUTHORIZED


def test_what_is_no_request(office: Office) -> None:
    request = question(office.certificate, office.ca.issuing, nonce=b"TEST")
    two = _sequence_of_two(request)
    for body in (b"", b"garbage", request[:-1], request + b"\0", two):
        response = ocsp.load_der_ocsp_response(office.answer(body))
        assert response.response_status is OCSPResponseStatus.MALFORMED_REQUEST


def test_any_bit_of_a_request_changed_is_answered_in_the_protocol(office: Office) -> None:
    request = question(office.certificate, office.ca.issuing, nonce=b"TEST")
    statuses = set()
    for at in range(len(request)):
        for bit in range(8):
            changed = bytearray(request)
            changed[at] ^= 1 << bit
            statuses.add(ocsp.load_der_ocsp_response(office.answer(bytes(changed))).response_status)
    assert statuses == {
        OCSPResponseStatus.SUCCESSFUL,
        OCSPResponseStatus.MALFORMED_REQUEST,
        OCSPResponseStatus.UNAUTHORIZED,
    }


def _sequence_of_two(request: bytes) -> bytes:
    """The same request, asking about its certificate twice."""
    [(_, request_body)] = elements(request)
    [(_, to_be_signed)] = elements(request_body)
    [(_, listed), *_] = elements(to_be_signed)
    return sequence(sequence(sequence(listed, listed)))


def test_the_responder_is_renewed_a_month_before_its_end(
    tmp_path: Path, ca: AuthorityKey, other_ca: AuthorityKey
) -> None:
    begun = datetime(2027, 1, 1, tzinfo=UTC)
    with pytest.raises(AuthorityUnusable, match="no responder yet; renew it with: kiosk authority crl"):
        load_responder(tmp_path, ca.issuing, begun)
    assert renew_responder(tmp_path, ca, begun)
    first = load_responder(tmp_path, ca.issuing, begun)
    assert not renew_responder(tmp_path, ca, begun + timedelta(days=59))
    assert renew_responder(tmp_path, ca, begun + timedelta(days=61))
    renewed: Responder = load_responder(tmp_path, ca.issuing, begun + timedelta(days=120))
    assert renewed.certificate != first.certificate
    assert renewed.private_key.private_numbers() == first.private_key.private_numbers()
    with pytest.raises(AuthorityUnusable, match="not valid now"):
        load_responder(tmp_path, ca.issuing, begun + timedelta(days=200))
    with pytest.raises(AuthorityUnusable, match="not this authority's"):
        load_responder(tmp_path, other_ca.issuing, begun + timedelta(days=120))
    assert renew_responder(tmp_path, other_ca, begun + timedelta(days=120))
    assert load_responder(tmp_path, other_ca.issuing, begun + timedelta(days=120)).issuing == other_ca.issuing
