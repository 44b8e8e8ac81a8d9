"""Asking an authority by CMP: round trips and orders per second beside what HTTP and the signatures alone allow."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.benches.cmp_responder import ECHO, Responder, serving
from kiosk.benches.measurement import Measurement
from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.cmp.authority import CmpAuthority, Terms
from kiosk.ca.cmp.credentials import Credentials
from kiosk.ca.cmp.protection import Trust
from kiosk.ca.cmp.transport import HttpTransport
from kiosk.ca.hierarchy import random_serial
from kiosk.ca.interface import Done, Issued, IssueRequest, Profile, StatusAction, StatusChange, SubjectData
from kiosk.ca.profile import end_of_validity
from kiosk.ca.register import RegisterEntry
from kiosk.ca.request import key_digest
from kiosk.ca.root import load_or_create
from kiosk.ca.signing import sign_certificate
from kiosk.ca.subject import subject_name

MESSAGES = 2
"""Of an order: p10cr and certConf, each with its answer."""
HTTP = "the same number of bytes both ways over the same connection, nothing in them"
ORDER = "two round trips; an order also checks and lints its certificate"
SIGNATURES = "the signature on our message and the check of theirs"
CHANGE = StatusChange(serial="1234567890abcdef", action=StatusAction.HOLD)
CITIZEN = SubjectData(
    given_name="ПЕТАР", surname="ПЕТРОВИЋ", personal_number="0101990710006", document_number="000000001"
)


def utc_now() -> datetime:
    return datetime.now(UTC)


def measure(runs: int = 10) -> Iterator[Measurement]:
    """Ask for `runs` certificates, confirm each, and post as many messages of the same length without any meaning."""
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-") as name:
        ca = load_or_create(Path(name) / "ca", utc_now())
        order = _order(key := rsa.generate_private_key(public_exponent=65537, key_size=2048))
        # The authority signs its messages itself; the office's certificate need not be believed by anybody here.
        itself = Credentials(private_key=ca.private_key, certificate=ca.issuing)
        with serving(Responder(itself, _certificate(ca, order, key.public_key()))) as url:
            asking = Asking(url, ca, itself, order)
            asking.order()
            asking.taken.clear()
            for number in range(runs):
                asking.order(number)
            asking.close()
    rates = {what: count / seconds for what, (count, seconds) in asking.taken.items()}
    yield _line("authority.cmp.trips", rates["trip"], HTTP, rates["http"], runs)
    yield _line("authority.cmp.trips", rates["trip"], SIGNATURES, rates["signatures"], runs)
    yield _line("authority.cmp.orders", rates["order"], ORDER, rates["trip"] / MESSAGES, runs)


class Asking:
    """Asks, and keeps for each kind of work how often it was done and how many seconds it took in all."""

    def __init__(self, url: str, ca: AuthorityKey, office: Credentials, order: IssueRequest) -> None:
        self._transport = HttpTransport(f"{url}/pkix")
        self._bare = HttpTransport(f"{url}{ECHO}")
        self._key = office.private_key
        terms = Terms(
            chain=ca.certificates,
            trust=Trust((ca.issuing,)),
            recipient=ca.issuing.subject.public_bytes(),
            station="7130",
        )
        self._authority = CmpAuthority(terms, office, self, utc_now)
        self._order = order
        self.taken: dict[str, tuple[int, float]] = {}

    def post(self, message: bytes) -> bytes:
        """The authority's line: beside each message, as many meaningless bytes go the same way."""
        answer = self._transport.post(message)
        self._time("http", lambda: self._bare.post(bytes((len(message) + len(answer)) // 2)))
        return answer

    def order(self, number: int = 0) -> None:
        """One certificate, from request to confirmation. Whatever else runs hinders all that is measured alike."""
        request = replace(self._order, order_id=str(number))
        http_before = self._seconds("http")
        begun = time.perf_counter()
        wire = self._authority.prepare(request)
        answer = self._authority.exchange(wire)
        outcome = self._authority.accept(request, wire, answer)
        confirm = self._authority.prepare_confirm(request, wire, answer, accepted=True)
        if not isinstance(outcome, Issued) or confirm is None:
            raise RuntimeError("the bench's responder does not answer as it should")
        settled = self._authority.accept_confirm(confirm, self._authority.exchange(confirm))
        whole = time.perf_counter() - begun - (self._seconds("http") - http_before)
        if settled != Done():
            raise RuntimeError("the bench's responder does not confirm as it should")
        self._add("order", 1, whole)
        self._time("trip", self._round_trip)
        self._time("signatures", self._signatures)

    def close(self) -> None:
        """Hang up."""
        self._transport.close()
        self._bare.close()

    def _round_trip(self) -> None:
        """A change of status: one message, one answer, all that is verified of it, and no certificate to lint."""
        wire = self._authority.prepare_status(CHANGE)
        self._authority.accept_status(CHANGE, wire, self._transport.post(wire.body))

    def _signatures(self) -> None:
        if isinstance(self._key, rsa.RSAPrivateKey):
            signature = self._key.sign(b"TEST", padding.PKCS1v15(), hashes.SHA256())
            self._key.public_key().verify(signature, b"TEST", padding.PKCS1v15(), hashes.SHA256())

    def _time(self, what: str, work: Callable[[], object]) -> None:
        begun = time.perf_counter()
        work()
        self._add(what, 1, time.perf_counter() - begun)

    def _add(self, what: str, count: int, seconds: float) -> None:
        before = self.taken.get(what, (0, 0.0))
        self.taken[what] = (before[0] + count, before[1] + seconds)

    def _seconds(self, what: str) -> float:
        return self.taken.get(what, (0, 0.0))[1]


def _order(key: rsa.RSAPrivateKey) -> IssueRequest:
    name = subject_name(CITIZEN, Profile.SIGNATURE)
    csr = x509.CertificateSigningRequestBuilder(subject_name=name).sign(key, hashes.SHA256())
    return IssueRequest(
        order_id="", profile=Profile.SIGNATURE, csr=csr.public_bytes(Encoding.DER), subject=CITIZEN, email=None
    )


def _certificate(ca: AuthorityKey, order: IssueRequest, key: rsa.RSAPublicKey) -> bytes:
    begins = utc_now().replace(microsecond=0)
    entry = RegisterEntry(
        order_id="",
        spki_sha256=key_digest(key),
        profile=order.profile,
        order=b"",
        serial=f"{random_serial():x}",
        not_before=begins,
        not_after=end_of_validity(begins, 5),
    )
    return sign_certificate(ca, entry, order, key)


def _line(bench: str, value: float, against: str, limit: float, runs: int) -> Measurement:
    return Measurement(bench=bench, value=value, unit="1/s", against=against, limit=limit, runs=runs)
