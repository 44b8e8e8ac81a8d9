"""The built-in TEST authority: signs on this machine, keeps a register, never signs one order twice.

The wire body is the whole order and `exchange` is the authority's side, so this authority has every state that one
behind a network has, only faster.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.check import check_certificate
from kiosk.ca.hierarchy import random_serial
from kiosk.ca.interface import (
    AuthorityUnusable,
    Capabilities,
    Confirmation,
    Duplicate,
    DuplicateOrder,
    Issued,
    IssueRequest,
    NoSuchOrder,
    NotSupported,
    Outcome,
    ProtocolAlarm,
    Rejected,
    Settlement,
    StatusChange,
    Wire,
    WireKind,
)
from kiosk.ca.lint import findings
from kiosk.ca.messages import (
    MOST_YEARS,
    Answer,
    IssueOrder,
    Malformed,
    decode_answer,
    decode_lookup,
    decode_order,
    encode_answer,
    encode_lookup,
    encode_order,
)
from kiosk.ca.profile import end_of_validity, extensions
from kiosk.ca.register import IssuedRegister, RegisterEntry
from kiosk.ca.request import UnusableRequest, key_digest, requested_key
from kiosk.ca.signing import sign_certificate
from kiosk.ca.subject import UnusableSubject, subject_name

YEARS = 5

CAPABILITIES = Capabilities(
    immediate=True,
    offline=True,
    idempotent=True,
    lookup=True,
    confirmation=Confirmation.NONE,
    status=False,
    batch=False,
)

REFUSALS = {
    "badDataFormat": "Захтев није исправно записан.",
    "badAlg": "Кључ није RSA кључ дужине од 2048 до 4096 бита.",
    "badPOP": "Потпис захтева не доказује да чип има кључ.",
    "badCertTemplate": "Подаци не могу да стану у сертификат",
    "lint": "Сертификат не би био исправан",
}
"""What the authority says when it refuses, by PKIFailureInfo of RFC 4210."""


class LocalAuthority:
    """A `CertificationAuthority` in process. `clock` gives the time in UTC; `years` is how long a certificate holds.

    Raises `AuthorityUnusable` for years outside 1 to 10.
    """

    def __init__(
        self, register: IssuedRegister, ca: AuthorityKey, clock: Callable[[], datetime], *, years: int = YEARS
    ) -> None:
        if not 1 <= years <= MOST_YEARS:
            raise AuthorityUnusable(f"certificates for {years} years; possible are 1 to {MOST_YEARS}")
        self.name = ca.name
        self.is_test = True
        self._register = register
        self._ca = ca
        self._clock = clock
        self._years = years

    @property
    def capabilities(self) -> Capabilities:
        """It answers at once and can be asked again; it keeps no status of what it has issued."""
        return CAPABILITIES

    def prepare(self, request: IssueRequest) -> Wire:
        """The order as one self-contained message; the same request always gives the same bytes."""
        return Wire(body=encode_order(IssueOrder(request, self._years)))

    def is_fresh(self, wire: Wire) -> bool:
        """Always: an order tells no time."""
        return True

    def exchange(self, wire: Wire) -> bytes:
        """Reserve, sign, store, answer; the same order gets the same certificate, however often it comes.

        Answered as a duplicate: another content under the same order id, or a key that has its certificate under
        another order. An order that cannot be certified is answered with a rejection. Raises `AuthorityUnusable`.
        """
        try:
            if order_id := decode_lookup(wire.body):
                return encode_answer(order_id, self._look_up(order_id))
            order = decode_order(wire.body)
        except Malformed:
            return encode_answer("", _refusal("badDataFormat"))
        return encode_answer(order.request.order_id, self._certify(order, wire.body))

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
        serial = check_certificate(content, request, order.years, self._ca.certificates, self._clock())
        return Issued(certificate=content, chain=self.chain(), serial=serial)

    def prepare_poll(self, request: IssueRequest, wire: Wire, answer: bytes) -> Wire:
        """The order itself: it is answered at once, so there is never anything to wait for."""
        return self.prepare(request)

    def prepare_lookup(self, request: IssueRequest, wire: Wire) -> Wire:
        """Ask the register after the order; nothing is signed for it."""
        return Wire(body=encode_lookup(request.order_id), state=wire.body, kind=WireKind.LOOKUP)

    def prepare_confirm(self, request: IssueRequest, wire: Wire, answer: bytes, *, accepted: bool) -> None:
        """Nothing need be said."""

    def accept_confirm(self, wire: Wire, answer: bytes) -> Settlement:
        """There is no such message. Raises `NotSupported`."""
        raise NotSupported("confirm")

    def prepare_status(self, change: StatusChange) -> Wire:
        """No status is kept. Raises `NotSupported`."""
        raise NotSupported("status")

    def accept_status(self, change: StatusChange, wire: Wire, answer: bytes) -> Settlement:
        """No status is kept. Raises `NotSupported`."""
        raise NotSupported("status")

    def chain(self) -> tuple[bytes, ...]:
        """Issuing CA first, root last; DER."""
        return self._ca.chain()

    def _look_up(self, order_id: str) -> Answer:
        entry = self._register.find(order_id)
        return entry.certificate if entry is not None and entry.certificate is not None else NoSuchOrder()

    def _certify(self, order: IssueOrder, body: bytes) -> Answer:
        request = order.request
        try:
            public_key = requested_key(request.csr)
            # Before anything is entered: an order that can never be certified leaves no trace in the register.
            subject_name(request.subject, request.profile)
            extensions(request.profile, request.email, public_key, self._ca.issuing)
        except UnusableRequest as error:
            return _refusal(error.code)
        except UnusableSubject as error:
            return _refusal("badCertTemplate", error.field)
        try:
            entry = self._reserve(order, body, key_digest(public_key))
        except DuplicateOrder:
            return Duplicate(code="duplicateCertReq")
        if entry.certificate is not None:
            return entry.certificate
        certificate = sign_certificate(self._ca, entry, request, public_key)
        if found := findings(certificate, request.profile):
            # Never stored, never handed out: it goes no further than this function.
            return _refusal("lint", found[0].code)
        return self._register.store(request.order_id, certificate).certificate or certificate

    def _reserve(self, order: IssueOrder, body: bytes, spki_sha256: bytes) -> RegisterEntry:
        self._ca.check(now := self._clock())
        not_before = now.replace(microsecond=0)
        entry = self._register.reserve(
            RegisterEntry(
                order_id=order.request.order_id,
                spki_sha256=spki_sha256,
                profile=order.request.profile,
                order=body,
                serial=f"{random_serial():x}",
                not_before=not_before,
                not_after=end_of_validity(not_before, order.years),
            )
        )
        if entry.order != body:
            raise DuplicateOrder(f"{entry.order_id}: ordered before with other content")
        return entry


def _refusal(code: str, detail: str = "") -> Rejected:
    text = REFUSALS[code]
    return Rejected(code=code, text=f"{text}: {detail}." if detail else text)
