"""The delegated OCSP key beside an authority: a software key of its own, so that answers never need the CA's key.

Only renewing its certificate does, which the daily CRL run sees to.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.chain import is_issued_by
from kiosk.ca.files import replacing
from kiosk.ca.hierarchy import make_responder
from kiosk.ca.interface import AuthorityUnusable
from kiosk.ca.key_files import as_pem, load_certificate, load_private_key
from kiosk.ca.ocsp import Responder

KEY, CERTIFICATE = "responder.key", "responder.pem"
KEY_BITS = 3072
RENEWED_BEFORE = timedelta(days=30)
RENEW = "renew it with: kiosk authority crl"


def load_responder(folder: Path, issuing: x509.Certificate, now: datetime) -> Responder:
    """The responder kept in `folder`. Raises `AuthorityUnusable` when it is not there, or does not hold now."""
    if not (folder / CERTIFICATE).exists():
        raise AuthorityUnusable(f"no responder yet; {RENEW}")
    certificate, key = load_certificate(folder / CERTIFICATE), load_private_key(folder / KEY)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise AuthorityUnusable(f"the responder's certificate is not valid now; {RENEW}")
    if key.public_key() != certificate.public_key() or not is_issued_by(certificate, issuing):
        raise AuthorityUnusable(f"the responder's certificate is not this authority's for this key; {RENEW}")
    return Responder(private_key=key, certificate=certificate, issuing=issuing)


def renew_responder(folder: Path, ca: AuthorityKey, now: datetime) -> bool:
    """Make key and certificate, or a new certificate for the key, unless it holds for a month; whether it was needed.

    Raises `AuthorityUnusable`.
    """
    if _holds(folder, ca.issuing, now + RENEWED_BEFORE):
        return False
    try:
        if not (folder / KEY).exists():
            with replacing(folder / KEY) as file:
                file.write(as_pem(rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)))
        public_key = load_private_key(folder / KEY).public_key()
        made = make_responder(public_key, ca.issuing, ca.private_key, now)
        with replacing(folder / CERTIFICATE, 0o644) as file:
            file.write(made.public_bytes(Encoding.PEM))
    except OSError as error:
        raise AuthorityUnusable(f"the responder's files: {error.strerror}") from error
    return True


def _holds(folder: Path, issuing: x509.Certificate, until: datetime) -> bool:
    """Missing, running out, or of another authority: each is mended in the same way."""
    try:
        load_responder(folder, issuing, until)
    except AuthorityUnusable:
        return False
    return True
