"""The built-in TEST authority: signs on this machine, keeps a register, never signs one order twice.

The wire body is the whole order and `exchange` is the authority's side, so this authority has every state that one
behind a network has, only faster.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.check import check_certificate
from kiosk.ca.interface import (
    AuthorityUnusable,
    Capabilities,
    Confirmation,
    Issued,
    IssueRequest,
    NotSupported,
    Outcome,
    ProtocolAlarm,
    Settlement,
    StatusChange,
    Wire,
    WireKind,
)
from kiosk.ca.local_issuer import LocalIssuer, refusal
from kiosk.ca.messages import (
    MOST_YEARS,
    IssueOrder,
    Malformed,
    decode_answer,
    decode_lookup,
    decode_order,
    encode_answer,
    encode_lookup,
    encode_order,
)
from kiosk.ca.permit import Permit
from kiosk.ca.register import IssuedRegister
from kiosk.ca.status_messages import decode_settlement, decode_status, encode_settlement, encode_status
from kiosk.ca.status_service import StatusService

YEARS = 5

CAPABILITIES = Capabilities(
    immediate=True,
    offline=True,
    idempotent=True,
    lookup=True,
    confirmation=Confirmation.NONE,
    status=True,
    batch=False,
)


class LocalAuthority:
    """A `CertificationAuthority` in process. `clock` gives the time in UTC; `years` is how long a certificate holds.

    `permitted` gives the centre's permit for issuing, or raises `NotPermitted`; without it nobody is asked. `status` is
    its service for changes of status; without it there are none. Raises `AuthorityUnusable` for years outside 1 to 10.
    """

    def __init__(
        self,
        register: IssuedRegister,
        ca: AuthorityKey,
        clock: Callable[[], datetime],
        *,
        years: int = YEARS,
        permitted: Callable[[datetime], Permit] | None = None,
        status: StatusService | None = None,
    ) -> None:
        if not 1 <= years <= MOST_YEARS:
            raise AuthorityUnusable(f"certificates for {years} years; possible are 1 to {MOST_YEARS}")
        self.name = ca.name
        self.is_test = True
        self._ca = ca
        self._clock = clock
        self._years = years
        self._issuer = LocalIssuer(register, ca, clock, permitted)
        self._status = status

    @property
    def capabilities(self) -> Capabilities:
        """It answers at once and can be asked again; nothing is confirmed."""
        return replace(CAPABILITIES, status=self._status is not None)

    def prepare(self, request: IssueRequest) -> Wire:
        """The order as one self-contained message; the same request always gives the same bytes."""
        return Wire(body=encode_order(IssueOrder(request, self._years)))

    def is_fresh(self, wire: Wire) -> bool:
        """Always: an order tells no time."""
        return True

    def exchange(self, wire: Wire) -> bytes:
        """Reserve, sign, store, answer; the same order gets the same certificate, however often it comes.

        Answered as a duplicate: another content under the same order id, or a key that has its certificate under
        another order. An order that cannot be certified is answered with a rejection. Raises `AuthorityUnusable`,
        `NotPermitted`.
        """
        if wire.kind is WireKind.STATUS:
            return self._change_status(wire.body)
        try:
            if order_id := decode_lookup(wire.body):
                return encode_answer(order_id, self._issuer.look_up(order_id))
            order = decode_order(wire.body)
        except Malformed:
            return encode_answer("", refusal("badDataFormat"))
        return encode_answer(order.request.order_id, self._issuer.certify(order, wire.body))

    def accept(self, request: IssueRequest, wire: Wire, answer: bytes) -> Outcome:
        """Verify the answer against the order and the pinned chain; see `check_certificate` for the alarms."""
        try:
            # A question after an order keeps the order it is about.
            order = decode_order(wire.state if wire.kind is WireKind.LOOKUP else wire.body)
            order_id, content = decode_answer(answer)
        except Malformed as error:
            raise ProtocolAlarm(f"malformed: {error}") from error
        if order.request != request or order_id != request.order_id:
            raise ProtocolAlarm("order: the answer belongs to another one")
        if not isinstance(content, bytes):
            return content
        serial = check_certificate(
            content, request, order.years, self._ca.certificates, self._clock(), self._ca.practice
        )
        return Issued(certificate=content, chain=self.chain(), serial=serial)

    def prepare_poll(self, request: IssueRequest, wire: Wire, answer: bytes) -> Wire:
        """The order itself: it is answered at once, so there is never anything to wait for."""
        return replace(self.prepare(request), kind=WireKind.POLL)

    def prepare_lookup(self, request: IssueRequest, wire: Wire) -> Wire:
        """Ask the register after the order; nothing is signed for it."""
        return Wire(body=encode_lookup(request.order_id), state=wire.body, kind=WireKind.LOOKUP)

    def prepare_confirm(self, request: IssueRequest, wire: Wire, answer: bytes, *, accepted: bool) -> None:
        """Nothing need be said."""

    def accept_confirm(self, wire: Wire, answer: bytes) -> Settlement:
        """There is no such message. Raises `NotSupported`."""
        raise NotSupported("confirm")

    def prepare_status(self, change: StatusChange) -> Wire:
        """The change as one self-contained message. Raises `NotSupported`."""
        if self._status is None:
            raise NotSupported("status")
        return Wire(body=encode_status(change), kind=WireKind.STATUS)

    def accept_status(self, change: StatusChange, wire: Wire, answer: bytes) -> Settlement:
        """Verify that the answer is about this certificate. Raises `ProtocolAlarm`."""
        try:
            serial, settlement = decode_settlement(answer)
        except Malformed as error:
            raise ProtocolAlarm(f"malformed: {error}") from error
        if serial != change.serial:
            raise ProtocolAlarm("serial: the answer belongs to another certificate")
        return settlement

    def chain(self) -> tuple[bytes, ...]:
        """Issuing CA first, root last; DER."""
        return self._ca.chain()

    def _change_status(self, body: bytes) -> bytes:
        if self._status is None:
            raise NotSupported("status")
        try:
            change = decode_status(body)
        except Malformed:
            return encode_settlement("", refusal("badDataFormat"))
        return encode_settlement(change.serial, self._status.change(change))
