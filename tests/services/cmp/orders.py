"""What a request asks for, read by a server; and the certificate that is made of it."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pyasn1.codec.der import decoder

from kiosk.ca.interface import IssueRequest, Profile, SubjectData
from kiosk.ca.profile import end_of_validity
from kiosk.ca.register import RegisterEntry
from kiosk.ca.request import key_digest
from kiosk.ca.signing import sign_certificate
from kiosk.ca.subject import ROLE
from tests.services.cmp import messages
from tests.services.cmp.pki import Pki

YEARS = 5
REASON_CODE = "2.5.29.21"


class Refusal(Exception):
    """Answered with an error message."""

    def __init__(self, failure: str, text: str = "") -> None:
        super().__init__(failure)
        self.failure = failure
        self.text = text


def reason_of(details: Any) -> int:
    """The CRL reason of a revocation request."""
    for extension in details["crlEntryDetails"]:
        if str(extension["extnID"]) == REASON_CODE:
            return int(decoder.decode(bytes(extension["extnValue"]))[0])
    return 0


def order_of(request: Any) -> IssueRequest:
    """The order a p10cr stands for: everything is in the request that the chip signed, and in the profile's name."""
    csr = messages.request_of(request)
    parsed = x509.load_der_x509_csr(csr)
    try:
        profile = _profile(request, parsed.subject)
        subject = _subject(parsed.subject)
    except (ValueError, LookupError) as error:
        raise Refusal("badCertTemplate") from error
    return IssueRequest(order_id="", profile=profile, csr=csr, subject=subject, email=_email(parsed))


def _profile(request: Any, subject: x509.Name) -> Profile:
    """By its name; from a client that cannot name one, by the last word of the common name."""
    if named := messages.profile_of(request):
        return Profile(named)
    [common_name] = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return {word: profile for profile, word in ROLE.items()}[str(common_name.value).split()[-1]]


def _subject(name: x509.Name) -> SubjectData:
    def one(oid: x509.ObjectIdentifier) -> str:
        return "".join(str(attribute.value) for attribute in name.get_attributes_for_oid(oid))

    return SubjectData(
        given_name=one(NameOID.GIVEN_NAME),
        surname=one(NameOID.SURNAME),
        personal_number=one(NameOID.SERIAL_NUMBER).removeprefix("PNORS-"),
        document_number=one(NameOID.COMMON_NAME).split()[-2],
        country=one(NameOID.COUNTRY_NAME),
    )


def _email(csr: x509.CertificateSigningRequest) -> str | None:
    try:
        names = csr.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None
    [email] = names.get_values_for_type(x509.RFC822Name)
    return email


def certify(pki: Pki, order: IssueRequest, key: rsa.RSAPublicKey, now: datetime, years: int = YEARS) -> bytes:
    """A certificate with a new serial number."""
    not_before = now.replace(microsecond=0)
    entry = RegisterEntry(
        order_id=order.order_id,
        spki_sha256=key_digest(key),
        profile=order.profile,
        order=b"",
        serial=f"{secrets.randbits(120) | 1 << 119:x}",
        not_before=not_before,
        not_after=end_of_validity(not_before, years),
    )
    return sign_certificate(pki.ca, entry, order, key)
