"""A `CertificationAuthority` that is asked by files; see `kiosk/ca/interface.py` for the contract.

`exchange` puts a message into the outbox and says that the answer comes later, or gives the answer that has come. The
same message is one entry of the outbox, however often it is put there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from kiosk.ca.batch.answer import absent, verified_answer, waiting
from kiosk.ca.batch.entry import Approval, entry_id
from kiosk.ca.batch.outbox import MessageStore
from kiosk.ca.check import check_certificate
from kiosk.ca.interface import (
    AuthFailed,
    Capabilities,
    Confirmation,
    Issued,
    IssueRequest,
    NoSuchOrder,
    NotSupported,
    Outcome,
    Pending,
    ProtocolAlarm,
    Settlement,
    StatusChange,
    Wire,
    WireKind,
)
from kiosk.ca.messages import IssueOrder, Malformed, decode_answer, decode_fields, decode_order, encode_order
from kiosk.ca.practice import TEST_PRACTICE, Practice
from kiosk.ca.status_messages import decode_settlement, decode_status, encode_status

CHECK_AFTER_S = 24 * 3600
"""What is said of when an answer may be there: a day. Looking costs nothing, so nobody need wait so long."""

CAPABILITIES = Capabilities(
    immediate=False,
    offline=True,
    idempotent=True,
    lookup=True,
    confirmation=Confirmation.NONE,
    status=True,
    batch=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What was agreed with the authority and its centre."""

    chain: tuple[x509.Certificate, ...]
    """Issuing CA first, root last: what every certificate is held against."""
    centre: tuple[x509.Certificate, ...]
    """Whose signature on an answer is believed; batches are encrypted to the first."""
    office: str
    certificate: x509.Certificate
    """The registration office's own."""
    years: int = 5
    is_test: bool = False
    practice: Practice = TEST_PRACTICE


class BatchAuthority:
    """Speaks for a registration office. `clerk` gives who approves, `clock` the time in UTC."""

    def __init__(
        self, terms: Terms, store: MessageStore, clerk: Callable[[], str], clock: Callable[[], datetime]
    ) -> None:
        names = terms.chain[0].subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        self.name = str(names[0].value) if names else terms.chain[0].subject.rfc4514_string()
        self.is_test = terms.is_test
        self._terms = terms
        self._store = store
        self._clerk = clerk
        self._clock = clock

    @property
    def capabilities(self) -> Capabilities:
        """It answers in hours or days, knows a message by its content, and wants no confirmation."""
        return CAPABILITIES

    def chain(self) -> tuple[bytes, ...]:
        """Issuing CA first, root last; DER."""
        return tuple(certificate.public_bytes(Encoding.DER) for certificate in self._terms.chain)

    def exchange(self, wire: Wire) -> bytes:
        """The answer, if it has come; otherwise the message is in the outbox when this returns. Raises `NotSent`."""
        kind = WireKind.STATUS if wire.kind is WireKind.STATUS else WireKind.ISSUE
        about = _about(kind, wire.body)
        if wire.kind is WireKind.LOOKUP:
            kept = self._store.find(kind, about, wire.body)
            if kept is None:
                return absent(entry_id(kind, wire.body, 0))
        else:
            approval = Approval(clerk=self._clerk(), at=self._clock().isoformat(timespec="seconds"))
            kept = self._store.put(kind, about, wire.body, approval)
        return kept.answer or waiting(kept.id)

    # --- an order -----------------------------------------------------------------------------------------------------

    def prepare(self, request: IssueRequest) -> Wire:
        """The order as one self-contained message; the same request always gives the same bytes."""
        self._check_certificate()
        return Wire(body=encode_order(IssueOrder(request, self._terms.years)))

    def is_fresh(self, wire: Wire) -> bool:
        """Always: an order tells no time."""
        return True

    def accept(self, request: IssueRequest, wire: Wire, answer: bytes) -> Outcome:
        """Verify the centre's signature, then to what it answers, then the certificate itself."""
        try:
            order = decode_order(wire.body)
        except Malformed as error:
            raise ProtocolAlarm(f"malformed: {error}") from error
        if order.request != request:
            raise ProtocolAlarm("order: the answer belongs to another one")
        identifier = entry_id(WireKind.ISSUE, wire.body, 0)
        if answer == waiting(identifier):
            return Pending(check_after_s=CHECK_AFTER_S)
        if answer == absent(identifier):
            return NoSuchOrder()
        return self._outcome(order, wire, answer)

    def _outcome(self, order: IssueOrder, wire: Wire, answer: bytes) -> Outcome:
        request = order.request
        try:
            order_id, content = decode_answer(self._content(WireKind.ISSUE, wire.body, answer))
        except Malformed as error:
            raise ProtocolAlarm(f"malformed: {error}") from error
        if order_id != request.order_id:
            raise ProtocolAlarm("order: the answer belongs to another one")
        if not isinstance(content, bytes):
            return content
        serial = check_certificate(
            content, request, order.years, self._terms.chain, self._clock(), self._terms.practice
        )
        return Issued(certificate=content, chain=self.chain(), serial=serial)

    def prepare_poll(self, request: IssueRequest, wire: Wire, answer: bytes) -> Wire:
        """Look whether the answer has come; an order that the outbox has lost is put there again."""
        return replace(wire, kind=WireKind.POLL)

    def prepare_lookup(self, request: IssueRequest, wire: Wire) -> Wire:
        """Look whether the outbox knows the order."""
        return replace(wire, kind=WireKind.LOOKUP)

    def prepare_confirm(self, request: IssueRequest, wire: Wire, answer: bytes, *, accepted: bool) -> None:
        """Nothing need be said."""

    def accept_confirm(self, wire: Wire, answer: bytes) -> Settlement:
        """There is no such message. Raises `NotSupported`."""
        raise NotSupported("confirm")

    # --- a change of status -------------------------------------------------------------------------------------------

    def prepare_status(self, change: StatusChange) -> Wire:
        """The change as one self-contained message."""
        self._check_certificate()
        return Wire(body=encode_status(change), kind=WireKind.STATUS)

    def accept_status(self, change: StatusChange, wire: Wire, answer: bytes) -> Settlement:
        """Verify the centre's signature, and that the answer is about this certificate. Raises `ProtocolAlarm`."""
        if wire.body != encode_status(change):
            raise ProtocolAlarm("serial: the answer belongs to another change")
        if _is_waiting(answer):
            return Pending(check_after_s=CHECK_AFTER_S)
        return self._settlement(change, wire, answer)

    def _settlement(self, change: StatusChange, wire: Wire, answer: bytes) -> Settlement:
        try:
            serial, settlement = decode_settlement(self._content(WireKind.STATUS, wire.body, answer))
        except Malformed as error:
            raise ProtocolAlarm(f"malformed: {error}") from error
        if serial != change.serial:
            raise ProtocolAlarm("serial: the answer belongs to another certificate")
        return settlement

    def _content(self, kind: WireKind, message: bytes, answer: bytes) -> bytes:
        """What the centre has signed as its answer to this very message. Raises `ProtocolAlarm`."""
        said = verified_answer(answer, self._terms.centre, self._clock())
        said.require(self._terms.office, kind, message)
        return said.content

    def _check_certificate(self) -> None:
        """The key itself is asked for only when a batch is signed."""
        certificate, now = self._terms.certificate, self._clock()
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise AuthFailed("the registration office's certificate is not valid now")


def _about(kind: WireKind, message: bytes) -> str:
    try:
        return decode_status(message).serial if kind is WireKind.STATUS else decode_order(message).request.order_id
    except Malformed as error:
        raise ProtocolAlarm(f"malformed: {error}") from error


def _is_waiting(answer: bytes) -> bool:
    try:
        return "waiting" in decode_fields(answer)
    except Malformed:
        return False
