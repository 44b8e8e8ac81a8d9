"""The authority of this machine beside `openssl`: certificates per second, and what a revocation list costs."""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from data.authority_register import AuthorityRegister
from kiosk.benches.measurement import Measurement
from kiosk.benches.openssl_authority import OpensslAuthority, invented_serial, long_list
from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.hierarchy import random_serial
from kiosk.ca.interface import IssueRequest, Profile, SubjectData
from kiosk.ca.local import LocalAuthority
from kiosk.ca.profile import end_of_validity
from kiosk.ca.register import RegisterEntry
from kiosk.ca.request import key_digest, requested_key
from kiosk.ca.root import load_or_create
from kiosk.ca.signing import sign_certificate
from kiosk.revocation.importing import import_list
from kiosk.revocation.status import RevocationData

ENTRIES = 30_000
"""Of the list, for each run: ten runs make it as long as a ministry's."""
LOOK_UPS = 1000
OURS = "possession proved, two durable commits, two linters"
X509 = "openssl x509 -req, which records nothing"
CA = "openssl ca"
BARE = "the bare signature"
CITIZEN = SubjectData(
    given_name="ПЕТАР", surname="ПЕТРОВИЋ", personal_number="0101990710006", document_number="000000001"
)


def measure(runs: int = 10) -> Iterator[Measurement]:
    """Certify `runs` keys, then index a list of `runs` times 30,000 entries."""
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-") as name:
        folder = Path(name)
        ca = load_or_create(folder / "ca", datetime.now(UTC))
        peer = OpensslAuthority(_made(folder / "peer"), ca.private_key, ca.issuing)
        yield from _issuing(folder, ca, peer, runs)
        yield from _revocation(folder, ca, peer, runs)


# --- issuing ----------------------------------------------------------------------------------------------------------


class Issuing:
    """One request after the other goes to each authority in turn, so that whatever else runs hinders all alike."""

    def __init__(self, folder: Path, ca: AuthorityKey, peer: OpensslAuthority) -> None:
        self._register = AuthorityRegister.open(folder)
        self._ca = ca
        self._peer = peer
        self._authority = LocalAuthority(self._register, ca, lambda: datetime.now(UTC))
        self._number = 0
        self.taken: dict[str, float] = defaultdict(float)

    def run(self) -> None:
        """Let each of them certify a new key."""
        self._number += 1
        request = _request()
        (self._peer.folder / "request.pem").write_bytes(request.public_bytes(Encoding.PEM))
        order = self._order(request)
        self._time("linted", lambda: self._authority.exchange(self._authority.prepare(order)))
        self._time("unlinted", lambda: self._sign_unlinted(replace(order, order_id=f"{order.order_id}/unlinted")))
        self._time(X509, lambda: self._peer.run(*_x509()))
        self._time(CA, lambda: self._peer.run(*_ca()))
        self._time(BARE, lambda: self._ca.private_key.sign(b"TEST", padding.PKCS1v15(), hashes.SHA256()))

    def close(self) -> None:
        """Let go of the register."""
        self._register.close()

    def _time(self, name: str, work: Callable[[], object]) -> None:
        self.taken[name] += _seconds(work)

    def _order(self, request: x509.CertificateSigningRequest) -> IssueRequest:
        der = request.public_bytes(Encoding.DER)
        return IssueRequest(order_id=str(self._number), profile=Profile.SIGNATURE, csr=der, subject=CITIZEN, email=None)

    def _sign_unlinted(self, order: IssueRequest) -> None:
        """All that the authority does for an order but the lint, under the other profile."""
        key = requested_key(order.csr)
        begins = datetime.now(UTC).replace(microsecond=0)
        entry = self._register.reserve(
            RegisterEntry(
                order_id=order.order_id,
                spki_sha256=key_digest(key),
                profile=Profile.AUTHENTICATION,
                order=b"TEST",
                serial=f"{random_serial():x}",
                not_before=begins,
                not_after=end_of_validity(begins, 5),
            )
        )
        self._register.store(entry.order_id, sign_certificate(self._ca, entry, order, key))


def _issuing(folder: Path, ca: AuthorityKey, peer: OpensslAuthority, runs: int) -> Iterator[Measurement]:
    issuing = Issuing(folder, ca, peer)
    issuing.run()
    # The first one has loaded the linters and made the files.
    issuing.taken.clear()
    for _ in range(runs):
        issuing.run()
    issuing.close()
    rates = {name: runs / taken for name, taken in issuing.taken.items()}
    for against in (X509, CA, "unlinted"):
        yield _line("authority.issue", rates["linted"], "1/s", f"{against}; ours: {OURS}", rates[against], runs)
    for against in (X509, CA, BARE):
        yield _line("authority.issue.unlinted", rates["unlinted"], "1/s", against, rates[against], runs)


def _x509() -> Sequence[str]:
    signer = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "1825", "-sha256")
    used = ("-extfile", "ca.cnf", "-extensions", "citizen", "-out", "made.pem")
    return ("x509", "-req", "-in", "request.pem", *signer, *used)


def _ca() -> Sequence[str]:
    return ("ca", "-config", "ca.cnf", "-batch", "-notext", "-in", "request.pem", "-out", "made.pem")


def _request() -> x509.CertificateSigningRequest:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TEST")])
    return x509.CertificateSigningRequestBuilder(subject_name=name).sign(key, hashes.SHA256())


# --- revocation -------------------------------------------------------------------------------------------------------


def _revocation(folder: Path, ca: AuthorityKey, peer: OpensslAuthority, runs: int) -> Iterator[Measurement]:
    entries = ENTRIES * runs
    crl, index = peer.revocation_list(long_list(entries)), folder / "citizens.index"
    what = f"{entries:,} entries, {crl.stat().st_size / 1e6:.1f} MB"
    (peer.folder / "chain.pem").write_text(ca.chain_pem())
    verified = ("crl", "-inform", "DER", "-in", "list.der", "-noout", "-verify", "-CAfile", "chain.pem")
    theirs = _seconds(lambda: peer.run(*verified))
    ours = _seconds(lambda: import_list(crl, ca.issuing, index, datetime.now(UTC)))
    yield _line("authority.crl.import", ours * 1000, "ms", f"openssl crl -verify, no index; {what}", theirs * 1000, 1)
    data = RevocationData(index, lambda: datetime.now(UTC))
    serials = [invented_serial(number) for number in range(1, entries, entries // LOOK_UPS)]
    known = {invented_serial(number): number for number in range(1, entries + 1)}
    data.status_of(serials[0])
    asked = _seconds(lambda: [data.status_of(serial) for serial in serials]) / len(serials)
    held = _seconds(lambda: [known.get(serial) for serial in serials]) / len(serials)
    yield _line("authority.crl.lookup", asked * 1e6, "us", "a dict held in memory", held * 1e6, len(serials))
    yield _line("authority.crl.lookup", asked * 1e6, "us", "what is allowed: a millisecond", 1000.0, len(serials))
    data.close()


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _line(bench: str, value: float, unit: str, against: str, limit: float, runs: int) -> Measurement:
    return Measurement(bench=bench, value=value, unit=unit, against=against, limit=limit, runs=runs)
