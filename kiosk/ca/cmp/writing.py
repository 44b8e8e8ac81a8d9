"""Our messages, in DER: PKIMessage of RFC 9810, 5.1, with the fields RFC 9483, 3 wants."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes

from kiosk.ca import der
from kiosk.ca.cmp.credentials import Credentials
from kiosk.ca.cmp.transaction import Transaction
from kiosk.ca.interface import Profile, StatusAction, StatusChange

VERSION = 2
"""cmp2000: all we send is in it, so servers of every age understand us (RFC 9480, 2.20)."""
IMPLICIT_CONFIRM = "1.3.6.1.5.5.7.4.13"
CERTIFICATE_PROFILE = "1.3.6.1.5.5.7.4.21"
REASON_CODE = "2.5.29.21"
CERTIFICATE_HOLD, REMOVE_FROM_CRL = 6, 8
REJECTION = 2
NULL = der.tlv(0x05)

P10CR, RR, CERT_CONF, POLL_REQ = 4, 11, 24, 25
"""Tags of the bodies we send (RFC 9810, 5.1.2)."""


def message(
    transaction: Transaction, body: bytes, credentials: Credentials, recipient: bytes, general_info: bytes = b""
) -> bytes:
    """A protected PKIMessage. `recipient` is the authority's Name, DER; `general_info` elements one after another."""
    header = _header(transaction, credentials, recipient, general_info)
    signature = credentials.sign(der.sequence(header, body))
    certificates = der.sequence(*credentials.certificates())
    return der.sequence(header, body, der.explicit(0, der.bit_string(signature)), der.explicit(1, certificates))


def _header(transaction: Transaction, credentials: Credentials, recipient: bytes, general_info: bytes) -> bytes:
    answered = der.explicit(6, der.octet_string(transaction.answered)) if transaction.answered else b""
    return der.sequence(
        der.integer(VERSION),
        _directory_name(credentials.name),
        _directory_name(recipient),
        der.explicit(0, der.generalized_time(f"{transaction.prepared_at:%Y%m%d%H%M%SZ}")),
        der.explicit(1, credentials.algorithm),
        der.explicit(2, der.octet_string(credentials.key_identifier)),
        der.explicit(4, der.octet_string(transaction.identifier)),
        der.explicit(5, der.octet_string(transaction.nonce)),
        answered,
        der.explicit(8, der.sequence(general_info)) if general_info else b"",
    )


def _directory_name(name: bytes) -> bytes:
    return der.explicit(4, name)


def profile_info(profile: Profile) -> bytes:
    """generalInfo that names the certificate profile we ask for (RFC 9480, 2.14)."""
    return der.sequence(der.oid(CERTIFICATE_PROFILE), der.sequence(der.utf8_string(profile.value)))


def implicit_confirm_info() -> bytes:
    """generalInfo that asks the authority not to wait for a confirmation (RFC 4210, 5.1.1.1)."""
    return der.sequence(der.oid(IMPLICIT_CONFIRM), NULL)


def p10cr(csr: bytes) -> bytes:
    """The request as the chip signed it."""
    return der.explicit(P10CR, csr)


def poll_req(request_id: int) -> bytes:
    """The question whether the answer is ready."""
    return der.explicit(POLL_REQ, der.sequence(der.sequence(der.signed_integer(request_id))))


def cert_conf(certificate: bytes, algorithm: hashes.HashAlgorithm, request_id: int, *, accepted: bool) -> bytes:
    """The certificate has come; unless `accepted`, it is not what was ordered. `algorithm`: of its signature."""
    digest = hashes.Hash(algorithm)
    digest.update(certificate)
    # No statusInfo means accepted (RFC 9810, 5.3.18).
    status = b"" if accepted else der.sequence(der.integer(REJECTION))
    one = der.sequence(der.octet_string(digest.finalize()), der.signed_integer(request_id), status)
    return der.explicit(CERT_CONF, der.sequence(one))


def rr(issuer: bytes, change: StatusChange) -> bytes:
    """A change of status; hold and release are reasons of a revocation request (RFC 9483, 4.2)."""
    serial = der.implicit(1, der.integer(int(change.serial, 16)))
    template = der.sequence(serial, der.explicit(3, issuer))
    reason = der.octet_string(der.tlv(0x0A, bytes((_reason(change),))))
    extension = der.sequence(der.oid(REASON_CODE), reason)
    return der.explicit(RR, der.sequence(der.sequence(template, der.sequence(extension))))


def _reason(change: StatusChange) -> int:
    special = {StatusAction.HOLD: CERTIFICATE_HOLD, StatusAction.RELEASE: REMOVE_FROM_CRL}
    return special.get(change.action, change.reason.value)
