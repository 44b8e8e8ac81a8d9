"""What we remember of a transaction between a message and its answer: the opaque state of a `Wire`."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from kiosk.ca.interface import IssueRequest

IDENTIFIER_BYTES = 16
"""128 bits, as RFC 9483, 3.1 wants for transactionID and nonces."""
P10CR_REQUEST_ID = -1
"""certReqId of the answer to a p10cr (RFC 9483, 4.1.4); a PKCS #10 request carries none of its own."""


class BadState(Exception):
    """The stored state is none of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One message of one transaction."""

    identifier: bytes
    nonce: bytes
    """senderNonce of this message: the answer must bring it back."""
    prepared_at: datetime
    """UTC, whole seconds: messageTime."""
    answered: bytes = b""
    """senderNonce of the authority's last answer: what this message brings back."""
    request_id: int = P10CR_REQUEST_ID

    def next(self, now: datetime, *, answered: bytes | None = None, request_id: int | None = None) -> Transaction:
        """The state of another message of the same transaction."""
        return replace(
            self,
            nonce=secrets.token_bytes(IDENTIFIER_BYTES),
            prepared_at=now.replace(microsecond=0),
            answered=self.answered if answered is None else answered,
            request_id=self.request_id if request_id is None else request_id,
        )


def begin(identifier: bytes, now: datetime) -> Transaction:
    """A transaction's first message."""
    nonce = secrets.token_bytes(IDENTIFIER_BYTES)
    return Transaction(identifier=identifier, nonce=nonce, prepared_at=now.replace(microsecond=0))


def identifier_of(station: str, request: IssueRequest) -> bytes:
    """The same for the same order and attempt, however often and after whatever cut it is asked for.

    The chip's request is part of it: an office that begins to count its cases anew never meets an old transaction.
    """
    request_digest = hashlib.sha256(request.csr).hexdigest()
    parts = (station, request.order_id, request.profile.value, str(request.attempt), request_digest)
    return hashlib.sha256("\0".join(parts).encode()).digest()[:IDENTIFIER_BYTES]


def random_identifier() -> bytes:
    """For a transaction that may be begun again without harm: a change of status."""
    return secrets.token_bytes(IDENTIFIER_BYTES)


def encode(transaction: Transaction) -> bytes:
    """The state as it is stored."""
    values = asdict(transaction) | {"prepared_at": transaction.prepared_at.isoformat()}
    return json.dumps(values, sort_keys=True, default=bytes.hex).encode("ascii")


def decode(state: bytes) -> Transaction:
    """The state as it was stored. Raises `BadState`."""
    try:
        values = json.loads(state)
        binary = {name: bytes.fromhex(values[name]) for name in ("identifier", "nonce", "answered")}
        prepared_at = datetime.fromisoformat(values["prepared_at"])
        return Transaction(**binary, prepared_at=prepared_at, request_id=int(values["request_id"]))
    except (ValueError, KeyError, TypeError) as error:
        raise BadState from error
