"""The issuing side of an authority of our own: an order comes to one certificate, over any cut and any repetition.

Two commits make a certificate: the register reserves serial number and validity, then keeps what was signed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.hierarchy import random_serial
from kiosk.ca.interface import Duplicate, DuplicateOrder, NoSuchOrder, Rejected
from kiosk.ca.lint import findings
from kiosk.ca.messages import Answer, IssueOrder
from kiosk.ca.permit import Permit
from kiosk.ca.profile import end_of_validity, extensions
from kiosk.ca.register import IssuedRegister, RegisterEntry
from kiosk.ca.request import UnusableRequest, key_digest, requested_key
from kiosk.ca.signing import sign_certificate
from kiosk.ca.subject import UnusableSubject, subject_name

REFUSALS = {
    "badDataFormat": "Захтев није исправно записан.",
    "badAlg": "Кључ није RSA кључ дужине од 2048 до 4096 бита.",
    "badPOP": "Потпис захтева не доказује да чип има кључ.",
    "badCertTemplate": "Подаци не могу да стану у сертификат",
    "lint": "Сертификат не би био исправан",
}
"""What the authority says when it refuses, by PKIFailureInfo of RFC 4210."""


class LocalIssuer:
    """Certifies orders with `ca`. `permitted` gives the centre's permit, or raises `NotPermitted`; `None`: no fence."""

    def __init__(
        self,
        register: IssuedRegister,
        ca: AuthorityKey,
        clock: Callable[[], datetime],
        permitted: Callable[[datetime], Permit] | None,
    ) -> None:
        self._register = register
        self._ca = ca
        self._clock = clock
        self._permitted = permitted

    def look_up(self, order_id: str) -> Answer:
        """The certificate of an order, if it has one; nothing is signed."""
        entry = self._register.find(order_id)
        return entry.certificate if entry is not None and entry.certificate is not None else NoSuchOrder()

    def certify(self, order: IssueOrder, body: bytes) -> Answer:
        """Reserve, sign, lint, store; or the certificate that is there. Raises `AuthorityUnusable`, `NotPermitted`."""
        request = order.request
        try:
            public_key = requested_key(request.csr)
            # Before anything is entered: an order that can never be certified leaves no trace in the register.
            subject_name(request.subject, request.profile, self._ca.practice)
            extensions(request.profile, request.email, public_key, self._ca.issuing, self._ca.practice)
        except UnusableRequest as error:
            return refusal(error.code)
        except UnusableSubject as error:
            return refusal("badCertTemplate", error.field)
        try:
            entry = self._reserve(order, body, key_digest(public_key))
        except DuplicateOrder:
            return Duplicate(code="duplicateCertReq")
        if entry.certificate is not None:
            return entry.certificate
        certificate = sign_certificate(self._ca, entry, request, public_key)
        if found := findings(certificate, request.profile, self._ca.practice):
            # Never stored, never handed out: it goes no further than this function.
            return refusal("lint", found[0].code)
        return self._register.store(request.order_id, certificate).certificate or certificate

    def _reserve(self, order: IssueOrder, body: bytes, spki_sha256: bytes) -> RegisterEntry:
        self._ca.check(now := self._clock())
        entry = self._register.find(order.request.order_id)
        if entry is None:
            # What was entered under an earlier permit needs no new one: its key must not wait for ever.
            permit = self._permitted(now) if self._permitted is not None else None
            proposed = self._proposed(order, body, spki_sha256, now, permit)
            entry = self._register.reserve(proposed, permit.certificates if permit else None)
        if entry.order != body:
            raise DuplicateOrder(f"{entry.order_id}: ordered before with other content")
        return entry

    def _proposed(
        self, order: IssueOrder, body: bytes, spki_sha256: bytes, now: datetime, permit: Permit | None
    ) -> RegisterEntry:
        not_before = now.replace(microsecond=0)
        return RegisterEntry(
            order_id=order.request.order_id,
            spki_sha256=spki_sha256,
            profile=order.request.profile,
            order=body,
            serial=f"{random_serial():x}",
            not_before=not_before,
            not_after=end_of_validity(not_before, order.years),
            permit=permit.number if permit else "",
        )


def refusal(code: str, detail: str = "") -> Rejected:
    """A rejection in the clerk's words. `code` is a key of `REFUSALS`."""
    text = REFUSALS[code]
    return Rejected(code=code, text=f"{text}: {detail}." if detail else text)
