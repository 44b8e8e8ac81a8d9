"""A `CertificationAuthority` that is asked by CMP; see `kiosk/ca/interface.py` for the contract."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from kiosk.ca.check import UNREADABLE, check_certificate
from kiosk.ca.cmp import transaction as transactions
from kiosk.ca.cmp import writing
from kiosk.ca.cmp.credentials import Credentials
from kiosk.ca.cmp.failures import (
    ACCEPTED,
    GRANTED_WITH_MODS,
    REVOCATION_NOTIFICATION,
    REVOCATION_WARNING,
    WAITING,
    refusal,
)
from kiosk.ca.cmp.protection import Trust, require_protection
from kiosk.ca.cmp.reading import Message, Status, read_message
from kiosk.ca.cmp.transaction import BadState, Transaction
from kiosk.ca.interface import (
    Capabilities,
    Confirmation,
    Done,
    Duplicate,
    Issued,
    IssueRequest,
    NotSupported,
    Outcome,
    Pending,
    ProtocolAlarm,
    Rejected,
    Settlement,
    StatusAction,
    StatusChange,
    Unknown,
    Wire,
    WireKind,
)
from kiosk.ca.practice import TEST_PRACTICE, Practice

FRESH = timedelta(minutes=4)
"""How old a message may be that has never left: authorities refuse times that differ by 300 to 500 seconds."""


class Transport(Protocol):
    """Carries one message and brings its answer; see `transport.py`."""

    def post(self, message: bytes) -> bytes:
        """The answer. Raises `NotSent`, `Unknown`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What was agreed with the authority."""

    chain: tuple[x509.Certificate, ...]
    """Issuing CA first, root last: what every certificate is held against."""
    trust: Trust
    """Whose messages are believed."""
    recipient: bytes
    """Name to write to, DER."""
    station: str
    """Which desk this is: part of every transaction id, so that no two desks ever make the same."""
    years: int = 5
    implicit_confirm: bool = False
    """Ask the authority not to wait for our confirmation. Only where it cannot be sent in time."""
    lookup: bool = True
    """The authority answers a poll for a transaction whose answer was lost."""
    is_test: bool = False
    practice: Practice = TEST_PRACTICE


class CmpAuthority:
    """Speaks for a registration office. `clock` gives the time in UTC."""

    def __init__(
        self, terms: Terms, credentials: Credentials, transport: Transport, clock: Callable[[], datetime]
    ) -> None:
        self.name = _common_name(terms.chain[0])
        self.is_test = terms.is_test
        self._terms = terms
        self._credentials = credentials
        self._transport = transport
        self._clock = clock

    @property
    def capabilities(self) -> Capabilities:
        """A transaction id is used once, so the same bytes never make a second certificate."""
        return Capabilities(
            immediate=False,
            offline=False,
            idempotent=True,
            lookup=self._terms.lookup,
            confirmation=Confirmation.IMPLICIT if self._terms.implicit_confirm else Confirmation.REQUIRED,
            status=True,
            batch=False,
        )

    def chain(self) -> tuple[bytes, ...]:
        """Issuing CA first, root last; DER."""
        return tuple(certificate.public_bytes(Encoding.DER) for certificate in self._terms.chain)

    def exchange(self, wire: Wire) -> bytes:
        """Post the message."""
        return self._transport.post(wire.body)

    # --- an order -----------------------------------------------------------------------------------------------------

    def prepare(self, request: IssueRequest) -> Wire:
        """A p10cr in the order's own transaction."""
        identifier = transactions.identifier_of(self._terms.station, request)
        info = writing.profile_info(request.profile)
        if self._terms.implicit_confirm:
            info = writing.implicit_confirm_info() + info
        transaction = transactions.begin(identifier, self._clock())
        return self._wire(WireKind.ISSUE, transaction, writing.p10cr(request.csr), info)

    def is_fresh(self, wire: Wire) -> bool:
        """Whether its messageTime still is the time."""
        return abs(self._clock() - _state(wire).prepared_at) <= FRESH

    def accept(self, request: IssueRequest, wire: Wire, answer: bytes) -> Outcome:
        """Verify protection, transaction and nonce, then what the answer says, then the certificate itself."""
        if _state(wire).identifier != transactions.identifier_of(self._terms.station, request):
            raise ProtocolAlarm("order: the answer belongs to another one")
        message = self._verified(wire, answer)
        if message.body == "pollRep":
            return Pending(check_after_s=max(0, message.check_after_s))
        status = _status_of(message, "cp")
        if status.status == WAITING:
            return Pending(check_after_s=0)
        if message.body == "error" or status.status not in (ACCEPTED, GRANTED_WITH_MODS):
            refused = refusal(status)
            return refused if wire.kind is WireKind.ISSUE or message.body == "cp" else _to_a_question(refused)
        return self._issued(request, message)

    def _issued(self, request: IssueRequest, message: Message) -> Issued:
        terms = self._terms
        serial = check_certificate(
            message.certificate, request, terms.years, terms.chain, self._clock(), terms.practice
        )
        return Issued(certificate=message.certificate, chain=self.chain(), serial=serial)

    def prepare_poll(self, request: IssueRequest, wire: Wire, answer: bytes) -> Wire:
        """A pollReq in the same transaction."""
        transaction = _state(wire)
        if not answer:
            following = transaction.next(self._clock())
        else:
            message = self._verified(wire, answer)
            following = transaction.next(self._clock(), answered=message.sender_nonce, request_id=message.request_id)
        return self._wire(WireKind.POLL, following, writing.poll_req(following.request_id))

    def prepare_lookup(self, request: IssueRequest, wire: Wire) -> Wire:
        """A pollReq in the transaction whose answer was lost. CMP has no other question after a certificate."""
        if not self._terms.lookup:
            raise NotSupported("lookup")
        following = _state(wire).next(self._clock())
        return self._wire(WireKind.LOOKUP, following, writing.poll_req(following.request_id))

    def prepare_confirm(self, request: IssueRequest, wire: Wire, answer: bytes, *, accepted: bool) -> Wire | None:
        """A certConf; none where the authority has agreed not to wait for it."""
        message = self._verified(wire, answer)
        if accepted and writing.IMPLICIT_CONFIRM in message.general_info:
            return None
        algorithm = _signature_hash(message.certificate)
        following = _state(wire).next(self._clock(), answered=message.sender_nonce, request_id=message.request_id)
        body = writing.cert_conf(message.certificate, algorithm, following.request_id, accepted=accepted)
        return self._wire(WireKind.CONFIRM, following, body)

    def accept_confirm(self, wire: Wire, answer: bytes) -> Settlement:
        """A pkiConf; that the certificate was confirmed before is as good."""
        message = self._verified(wire, answer)
        if message.body == "pkiconf":
            return Done()
        status = _status_of(message, "error")
        if "certConfirmed" in status.failures:
            return Done()
        return Pending(check_after_s=0) if status.status == WAITING else _rejected(status)

    # --- a change of status -------------------------------------------------------------------------------------------

    def prepare_status(self, change: StatusChange) -> Wire:
        """An rr in a transaction of its own."""
        transaction = transactions.begin(transactions.random_identifier(), self._clock())
        issuer = self._terms.chain[0].subject.public_bytes()
        return self._wire(WireKind.STATUS, transaction, writing.rr(issuer, change))

    def accept_status(self, change: StatusChange, wire: Wire, answer: bytes) -> Settlement:
        """An rp; that the certificate is revoked already is as good, except for a release."""
        status = _status_of(self._verified(wire, answer), "rp")
        if status.status == WAITING:
            return Pending(check_after_s=0)
        if status.status in (ACCEPTED, GRANTED_WITH_MODS, REVOCATION_WARNING, REVOCATION_NOTIFICATION):
            return Done()
        if "certRevoked" in status.failures and change.action is not StatusAction.RELEASE:
            return Done()
        return _rejected(status)

    # --- messages -----------------------------------------------------------------------------------------------------

    def _wire(self, kind: WireKind, transaction: Transaction, body: bytes, info: bytes = b"") -> Wire:
        self._credentials.check(self._clock())
        message = writing.message(transaction, body, self._credentials, self._terms.recipient, info)
        return Wire(kind=kind, body=message, state=transactions.encode(transaction))

    def _verified(self, wire: Wire, answer: bytes) -> Message:
        """The answer as a message of the authority to that very question. Raises `ProtocolAlarm`."""
        transaction = _state(wire)
        message = read_message(answer)
        require_protection(message, self._terms.trust, self._clock())
        if message.transaction != transaction.identifier:
            raise ProtocolAlarm("transaction: the answer belongs to another one")
        if message.recipient_nonce != transaction.nonce:
            raise ProtocolAlarm("nonce: the answer is not to this message")
        return message


def _state(wire: Wire) -> Transaction:
    try:
        return transactions.decode(wire.state)
    except BadState:
        raise ProtocolAlarm("state: what was kept of the message is damaged") from None


def _status_of(message: Message, expected: str) -> Status:
    if message.body not in (expected, "error") or message.status is None:
        raise ProtocolAlarm(f"body: {message.body} where {expected} was expected")
    return message.status


def _to_a_question(refused: Rejected | Duplicate) -> Outcome:
    """An authority that does not answer a poll or a lookup may have forgotten the transaction: that proves nothing."""
    raise Unknown(f"the authority does not tell what became of the order: {refused.code}")


def _rejected(status: Status) -> Rejected:
    refused = refusal(status)
    return refused if isinstance(refused, Rejected) else Rejected(code=refused.code, text=status.text)


def _signature_hash(certificate: bytes) -> hashes.HashAlgorithm:
    """Of the certificate's own signature: what a confirmation digests it with (RFC 9810, 5.3.18)."""
    try:
        # EdDSA has none of its own: then it is SHA-512 (RFC 9481, 2.2).
        return x509.load_der_x509_certificate(certificate).signature_hash_algorithm or hashes.SHA512()
    except UNREADABLE as error:
        raise ProtocolAlarm("certificate") from error


def _common_name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()
