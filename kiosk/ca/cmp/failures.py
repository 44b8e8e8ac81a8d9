"""What an authority's refusal means for us: PKIFailureInfo (RFC 9810, 5.2.3) as outcomes and errors of the contract."""

from __future__ import annotations

from kiosk.ca.cmp.reading import Status
from kiosk.ca.interface import AuthFailed, ClockSkew, Duplicate, Rejected, Unknown

ACCEPTED, GRANTED_WITH_MODS, REJECTION, WAITING = 0, 1, 2, 3
REVOCATION_WARNING, REVOCATION_NOTIFICATION = 4, 5

CLOCK = frozenset({"badTime"})
CREDENTIALS = frozenset({"badMessageCheck", "signerNotTrusted", "notAuthorized", "wrongAuthority", "wrongIntegrity"})
KNOWN_BEFORE = frozenset({"transactionIdInUse", "duplicateCertReq"})
NOT_SURE = frozenset({"systemFailure", "systemUnavail", "badRecipientNonce", "badSenderNonce"})
"""The authority itself does not say how far it came, or has lost the thread: nothing about the certificate."""
KEY_KNOWN_BEFORE = "public key is already"
"""Some authorities refuse a repetition as badCertTemplate and say only in words that they know the key."""


def refusal(status: Status) -> Rejected | Duplicate:
    """What a verified refusal comes to. Raises `AuthFailed`, `ClockSkew`, `Unknown`."""
    told = ", ".join(sorted(status.failures)) or "rejection"
    said = f"{told}: {status.text}" if status.text else told
    if status.failures & CLOCK:
        raise ClockSkew(said)
    if status.failures & KNOWN_BEFORE or KEY_KNOWN_BEFORE in status.text:
        return Duplicate(code=told)
    if status.failures & CREDENTIALS:
        raise AuthFailed(said)
    if status.failures & NOT_SURE:
        raise Unknown(said)
    return Rejected(code=told, text=status.text)
