"""A strict CMP responder that really issues: refuses whatever RFC 9483 lets it refuse, and forgets nothing."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from pyasn1.codec.der import encoder
from pyasn1.error import PyAsn1Error

from kiosk.ca.interface import IssueRequest, Profile
from kiosk.ca.request import UnusableRequest, key_digest, requested_key
from tests.services.cmp import messages
from tests.services.cmp.orders import Refusal, certify, order_of, reason_of
from tests.services.cmp.pki import Pki

TIME_WINDOW = timedelta(seconds=300)
P10CR_REQUEST_ID = -1
HOLD, REMOVE_FROM_CRL = 6, 8


@dataclass
class Transaction:
    """What the responder knows of one."""

    first: bytes
    """SHA-256 of its first message."""
    answers: dict[bytes, bytes] = field(default_factory=dict)
    """Answers by the digest of what they answer."""
    last_nonce: bytes = b""
    certificate: bytes = b""
    waits: int = 0
    """How many polls are still answered with `not yet`."""
    is_confirmed: bool = False


@dataclass
class Habits:
    """How this authority behaves where the standards leave a choice."""

    waits: int = 0
    """Polls before an answer is ready."""
    check_after_s: int = 0
    repeats_answers: bool = True
    """The same bytes get the same answer; otherwise `transactionIdInUse`."""
    finds_transactions: bool = True
    """A poll without recipNonce is told what became of a transaction."""
    grants_implicit_confirm: bool = True
    knows_keys: bool = True
    """A key that has its certificate gets no other; without that, only the transaction keeps it from a second."""
    refuses: str = ""
    """Failure with which every order is refused."""


class Responder:
    """Takes a request's bytes and gives the answer's. Not for several threads at once."""

    def __init__(self, pki: Pki, habits: Habits | None = None, clock: Callable[[], datetime] | None = None) -> None:
        self.pki = pki
        self.habits = habits or Habits()
        self.clock = clock or (lambda: datetime.now(UTC))
        self.transactions: dict[bytes, Transaction] = {}
        self.keys: dict[tuple[bytes, Profile], bytes] = {}
        self.status: dict[str, str] = {}
        """`good`, `hold` or `revoked` of every certificate ever issued, by serial number."""
        self.received: list[str] = []
        """Bodies, in order."""
        self.change: Callable[[Any, Any], Any] = lambda request, answer: answer
        """Alters an answer before it is signed."""
        self.sign: Callable[[Any], bytes] = lambda answer: messages.signed(
            answer, self.pki.responder, self.pki.infrastructure.certificate
        )
        self.certify: Callable[[IssueRequest, rsa.RSAPublicKey], bytes] = self._certify

    def live(self) -> list[str]:
        """Serial numbers of certificates that are neither revoked nor on hold."""
        return [serial for serial, status in self.status.items() if status == "good"]

    def books(self) -> dict[str, Any]:
        """What it has issued, as JSON-ready values; certificates in hex, by serial number."""
        issued = [t for t in self.transactions.values() if t.certificate]
        return {
            "status": self.status,
            "received": self.received,
            "certificates": [t.certificate.hex() for t in issued],
            "confirmed": [t.is_confirmed for t in issued],
        }

    def in_another_transaction(self, answer: bytes) -> bytes:
        """That answer, well signed, but of a transaction that is somebody else's."""
        return self.sign(messages.moved(messages.decode(answer), secrets.token_bytes(16)))

    def answer(self, raw: bytes) -> bytes:
        """Whatever comes is answered with a CMP message, except bytes that are none: `ValueError`."""
        try:
            request = messages.decode(raw)
        except PyAsn1Error as error:
            raise ValueError("no CMP message") from error
        body = request["body"].getName()
        self.received.append(body)
        digest = hashlib.sha256(raw).digest()
        known = self.transactions.get(messages.octets(request["header"]["transactionID"]) or b"")
        if known and digest in known.answers and self.habits.repeats_answers:
            return known.answers[digest]
        try:
            answered = self._answered(request, body, digest)
        except Refusal as refusal:
            nonce = secrets.token_bytes(16)
            fill = messages.error(refusal.failure, refusal.text)
            return self.sign(self.change(request, messages.answer_to(request, "error", fill, nonce, self.clock())))
        transaction, (name, fill), info = answered
        nonce = secrets.token_bytes(16)
        answer = messages.answer_to(request, name, fill, nonce, self.clock(), info)
        transaction.last_nonce = nonce
        transaction.answers[digest] = self.sign(self.change(request, answer))
        return transaction.answers[digest]

    # --- what is refused ----------------------------------------------------------------------------------------------

    def _answered(
        self, request: Any, body: str, digest: bytes
    ) -> tuple[Transaction, tuple[str, messages.Fill], tuple[str, ...]]:
        self._check_header(request)
        self._check_protection(request)
        identifier = messages.octets(request["header"]["transactionID"]) or b""
        transaction = self.transactions.get(identifier)
        if body in ("p10cr", "rr"):
            if transaction is not None:
                raise Refusal("transactionIdInUse")
            if messages.octets(request["header"]["recipNonce"]) is not None:
                raise Refusal("badRequest", "recipNonce in a first message")
            transaction = Transaction(first=digest)
            answered = self._p10cr(request, transaction) if body == "p10cr" else self._rr(request, transaction)
            self.transactions[identifier] = transaction
            return transaction, answered, self._info(request, transaction)
        if transaction is None:
            raise Refusal("badRequest", "no such transaction")
        handlers = {"pollReq": self._poll, "certConf": self._certificate_confirmed}
        if body not in handlers:
            raise Refusal("badRequest", body)
        return transaction, handlers[body](request, transaction), self._info(request, transaction)

    def _check_header(self, request: Any) -> None:
        header = request["header"]
        if int(header["pvno"]) not in (2, 3):
            raise Refusal("unsupportedVersion")
        if not header["messageTime"].isValue:
            raise Refusal("missingTimeStamp")
        if abs(header["messageTime"].asDateTime - self.clock()) > TIME_WINDOW:
            raise Refusal("badTime")
        for field_name, failure in (("transactionID", "badDataFormat"), ("senderNonce", "badSenderNonce")):
            if len(messages.octets(header[field_name]) or b"") != 16:
                raise Refusal(failure)

    def _check_protection(self, request: Any) -> None:
        header = request["header"]
        if not request["protection"].isValue or not request["extraCerts"].isValue:
            raise Refusal("badMessageCheck", "unprotected")
        signer = x509.load_der_x509_certificate(encoder.encode(request["extraCerts"][0]))
        key = signer.public_key()
        if str(header["protectionAlg"]["algorithm"]) != messages.SHA256_WITH_RSA or not isinstance(
            key, rsa.RSAPublicKey
        ):
            raise Refusal("badAlg")
        try:
            signer.verify_directly_issued_by(self.pki.infrastructure.certificate)
            signature = request["protection"].asOctets()
            key.verify(signature, messages.protected_part(request), padding.PKCS1v15(), hashes.SHA256())
        except (InvalidSignature, ValueError, TypeError) as error:
            raise Refusal("badMessageCheck") from error
        if not signer.not_valid_before_utc <= self.clock() <= signer.not_valid_after_utc:
            raise Refusal("signerNotTrusted", "certificate expired")
        identifier = signer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
        if messages.octets(header["senderKID"]) != identifier:
            raise Refusal("badMessageCheck", "senderKID")
        if encoder.encode(header["sender"]["directoryName"][0]) != signer.subject.public_bytes():
            raise Refusal("badMessageCheck", "sender")

    def _check_nonce(self, request: Any, transaction: Transaction) -> None:
        if messages.octets(request["header"]["recipNonce"]) != transaction.last_nonce:
            raise Refusal("badRecipientNonce")

    def _info(self, request: Any, transaction: Transaction) -> tuple[str, ...]:
        asked = messages.IMPLICIT_CONFIRM in messages.general_info(request)
        if asked and self.habits.grants_implicit_confirm and transaction.certificate:
            transaction.is_confirmed = True
            return (messages.IMPLICIT_CONFIRM,)
        return ()

    # --- orders -------------------------------------------------------------------------------------------------------

    def _p10cr(self, request: Any, transaction: Transaction) -> tuple[str, messages.Fill]:
        if self.habits.refuses:
            return "cp", messages.cp(2, P10CR_REQUEST_ID, failure=self.habits.refuses, text="Није одобрено.")
        order = order_of(request)
        try:
            key = requested_key(order.csr)
        except UnusableRequest as error:
            return "cp", messages.cp(2, P10CR_REQUEST_ID, failure=error.code)
        used = (key_digest(key), order.profile)
        if used in self.keys and self.habits.knows_keys:
            return "cp", messages.cp(2, P10CR_REQUEST_ID, failure="duplicateCertReq")
        certificate = self.certify(order, key)
        self.keys[used] = transaction.certificate = certificate
        self.status[f"{x509.load_der_x509_certificate(certificate).serial_number:x}"] = "good"
        transaction.waits = self.habits.waits
        return self._certificate_or_wait(transaction)

    def _certificate_or_wait(self, transaction: Transaction) -> tuple[str, messages.Fill]:
        if transaction.waits:
            return "cp", messages.cp(3, P10CR_REQUEST_ID)
        return "cp", messages.cp(0, P10CR_REQUEST_ID, transaction.certificate)

    def _certify(self, order: IssueRequest, key: rsa.RSAPublicKey) -> bytes:
        return certify(self.pki, order, key, self.clock())

    def _poll(self, request: Any, transaction: Transaction) -> tuple[str, messages.Fill]:
        if messages.octets(request["header"]["recipNonce"]) is not None:
            self._check_nonce(request, transaction)
        elif not self.habits.finds_transactions:
            raise Refusal("badRequest", "nothing to poll for")
        if int(request["body"]["pollReq"][0]["certReqId"]) != P10CR_REQUEST_ID or not transaction.certificate:
            raise Refusal("badRequest", "certReqId")
        if transaction.waits > 0:
            transaction.waits -= 1
            return "pollRep", messages.poll_rep(P10CR_REQUEST_ID, self.habits.check_after_s)
        return self._certificate_or_wait(transaction)

    def _certificate_confirmed(self, request: Any, transaction: Transaction) -> tuple[str, messages.Fill]:
        if transaction.is_confirmed:
            raise Refusal("certConfirmed")
        self._check_nonce(request, transaction)
        [status] = request["body"]["certConf"]
        if int(status["certReqId"]) != P10CR_REQUEST_ID:
            raise Refusal("badRequest", "certReqId")
        if bytes(status["certHash"]) != hashlib.sha256(transaction.certificate).digest():
            raise Refusal("badCertId")
        transaction.is_confirmed = True
        if status["statusInfo"].isValue and int(status["statusInfo"]["status"]) == 2:
            serial = x509.load_der_x509_certificate(transaction.certificate).serial_number
            self.status[f"{serial:x}"] = "revoked"
        return "pkiconf", messages.pkiconf()

    # --- status -------------------------------------------------------------------------------------------------------

    def _rr(self, request: Any, transaction: Transaction) -> tuple[str, messages.Fill]:
        [details] = request["body"]["rr"]
        template = details["certDetails"]
        serial = f"{int(template['serialNumber']):x}"
        if encoder.encode(template["issuer"][0]) != self.pki.ca.issuing.subject.public_bytes():
            return "rp", messages.rp(2, "badCertId")
        if serial not in self.status:
            return "rp", messages.rp(2, "badCertId")
        reason = reason_of(details)
        wanted = {HOLD: "hold", REMOVE_FROM_CRL: "good"}.get(reason, "revoked")
        if self.status[serial] == "revoked":
            return "rp", messages.rp(2, "certRevoked")
        self.status[serial] = wanted
        return "rp", messages.rp(0)
