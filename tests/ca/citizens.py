"""Invented citizens and the orders for their certificates."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from kiosk.ca.interface import IssueRequest, Profile, SubjectData
from kiosk.ca.subject import subject_name

CYRILLIC = SubjectData(
    given_name="ПЕТАР", surname="ПЕТРОВИЋ", personal_number="0101990710006", document_number="000000001"
)
LATIN = SubjectData(
    given_name="ŽELJKA", surname="ĐORĐEVIĆ", personal_number="0202985715009", document_number="000000002"
)
LONG = SubjectData(
    given_name="АЛЕКСАНДРА",
    surname="ПЕТРОВИЋ-СТОЈАНОВИЋ",
    personal_number="0303980715018",
    document_number="000000003",
)
LONGEST = SubjectData(
    given_name="АЛЕКСАНДРА МАРИЈА",
    surname="ХАЏИ-ПОПОВИЋ СТОЈАНОВИЋ-КАРАЂОРЂЕВИЋ МИЛОСАВЉЕВИЋ-ЖИВКОВИЋ",
    personal_number="0404975715027",
    document_number="000000004",
)
FOREIGNER = SubjectData(
    given_name="JOÃO MARÍA",
    surname="EXEMPLO-ÖRNEK",
    personal_number="0505970060036",
    document_number="000000005",
    country="PT",
)
ONE_NAME = SubjectData(given_name="", surname="EXAMPLE", personal_number="0606965060045", document_number="000000006")
CITIZENS = {
    "cyrillic": CYRILLIC,
    "latin": LATIN,
    "long": LONG,
    "longest": LONGEST,
    "foreigner": FOREIGNER,
    "one name": ONE_NAME,
}


def certification_request(key: rsa.RSAPrivateKey) -> bytes:
    """PKCS#10, DER, as a chip would sign it."""
    name = x509.Name([x509.NameAttribute(NameOID.SERIAL_NUMBER, "PNORS-0101990710006")])
    builder = x509.CertificateSigningRequestBuilder(subject_name=name)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def full_request(key: rsa.RSAPrivateKey, subject: SubjectData, profile: Profile, email: str | None = None) -> bytes:
    """PKCS#10, DER, that says itself what the certificate shall hold: what an authority behind a network goes by."""
    builder = x509.CertificateSigningRequestBuilder(subject_name=subject_name(subject, profile))
    if email is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.RFC822Name(email)]), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def order_for(
    key: rsa.RSAPrivateKey,
    subject: SubjectData = CYRILLIC,
    profile: Profile = Profile.SIGNATURE,
    email: str | None = None,
    order_id: str = "2026-000001/signature",
) -> IssueRequest:
    """An order for one certificate."""
    return IssueRequest(
        order_id=order_id, profile=profile, csr=certification_request(key), subject=subject, email=email
    )
