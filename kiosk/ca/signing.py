"""Making one citizen's certificate: all of it comes from the register, so making it again gives the same bytes."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.interface import AuthorityUnusable, IssueRequest
from kiosk.ca.profile import extensions
from kiosk.ca.register import RegisterEntry
from kiosk.ca.subject import subject_name


def sign_certificate(
    ca: AuthorityKey, entry: RegisterEntry, request: IssueRequest, public_key: rsa.RSAPublicKey
) -> bytes:
    """The certificate of `request`, signed with SHA-256 and PKCS #1 v1.5; DER.

    Raises `UnusableSubject`, and `AuthorityUnusable` when the authority itself ends before the certificate would.
    """
    if entry.not_after > ca.issuing.not_valid_after_utc:
        raise AuthorityUnusable("the issuing certificate ends before the new one would")
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject_name(request.subject, request.profile, ca.practice))
        .issuer_name(ca.issuing.subject)
        .public_key(public_key)
        .serial_number(int(entry.serial, 16))
        .not_valid_before(entry.not_before)
        .not_valid_after(entry.not_after)
    )
    for extension in extensions(request.profile, request.email, public_key, ca.issuing, ca.practice):
        builder = builder.add_extension(extension.value, extension.critical)
    return builder.sign(ca.private_key, hashes.SHA256()).public_bytes(Encoding.DER)
