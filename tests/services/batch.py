"""An office without a network, a TEST centre, and somebody who carries a folder between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from data.batch_store import BatchStore
from data.framing import framed, unframed
from data.order_answers import Import, Taken
from data.order_files import ORDERS_NAME, Sent, answers_name, export, named
from data.order_messages import ANSWER, export_messages, take_messages
from kiosk.batch_office import cmp_speaker
from kiosk.ca.batch.authority import BatchAuthority, Terms
from kiosk.ca.batch.centre import Answered, Centre, Deciding
from kiosk.ca.batch.cmp_files import CmpFileAuthority
from kiosk.ca.batch.files import Manifest, seal_batch
from kiosk.ca.batch.reader import Reader
from kiosk.ca.cmp.credentials import Credentials
from tests.services.cmp.pki import Identity, Pki
from tests.services.cmp.responder import Responder

OFFICE, CLERK = "7130", "0042"


def utc_now() -> datetime:
    return datetime.now(UTC)


def credentials_of(identity: Identity) -> Credentials:
    return Credentials(private_key=identity.key, certificate=identity.certificate)


def terms_of(pki: Pki, office: str = OFFICE) -> Terms:
    """What an office has agreed whose centre is the responder of that PKI."""
    return Terms(
        chain=pki.ca.certificates,
        centre=(pki.responder.certificate,),
        office=office,
        certificate=pki.office.certificate,
        is_test=True,
    )


class BatchOffice:
    """The office's side: authority, export, import."""

    def __init__(
        self,
        pki: Pki,
        store: BatchStore,
        terms: Terms | None = None,
        identity: Identity | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.terms = terms or terms_of(pki)
        self.store = store
        self.clock = clock
        self.authority = BatchAuthority(self.terms, store, lambda: CLERK, clock)
        self._credentials = credentials_of(identity or pki.office)

    def seal(self, manifest: Manifest) -> bytes:
        return seal_batch(manifest, self._credentials, self.terms.centre[0])

    def export(self, folder: Path, *, again: bool = False) -> Sent:
        if again:
            self.store.make_anew(utc_now())
        return export(self.store, folder, self.terms.office, self.seal)

    def take(self, folder: Path) -> Taken:
        reader = Reader(authority=self.authority, terms=self.terms, clock=self.clock)
        return Import(self.store, folder, reader, self.clock).run(self.terms.office)


class CmpFileOffice(BatchOffice):
    """The same where each order is a CMP message in a file of its own."""

    def __init__(self, pki: Pki, store: BatchStore, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(pki, store, clock=clock)
        self.cmp = cmp_speaker(self.terms, credentials_of(pki.office), clock)
        self.authority = CmpFileAuthority(self.terms, store, lambda: CLERK, clock, self.cmp)

    def export(self, folder: Path, *, again: bool = False) -> Sent:
        return export_messages(self.store, folder, self.terms.office, self.cmp, again=again)

    def take(self, folder: Path) -> Taken:
        return take_messages(self.store, folder, self.terms.office, self.cmp, self.clock)


def answer_messages(responder: Responder, folder: Path) -> None:
    """Answer every message in a folder; the messages stay where they are."""
    for path in sorted(folder.glob("*.pki")):
        if not path.name.endswith(ANSWER):
            path.with_suffix(ANSWER).write_bytes(responder.answer(path.read_bytes()))


class Changes:
    """A book of changes in memory."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def last(self, serial: str) -> int:
        return self.numbers.get(serial, 0)

    def carried_out(self, serial: str, number: int) -> None:
        self.numbers[serial] = number


def centre_of(pki: Pki, authority: Deciding, clock: Callable[[], datetime] = utc_now) -> Centre:
    """The TEST centre, which knows one office."""

    def offices(number: str) -> Sequence[x509.Certificate]:
        return (pki.office.certificate,) if number == OFFICE else ()

    return Centre(authority, credentials_of(pki.responder), offices, Changes(), clock)


def answer_all(centre: Centre, folder: Path) -> list[Answered]:
    """Answer every batch in a folder; the batches stay where they are."""
    done = []
    for name, _ in named(folder, ORDERS_NAME):
        answered = centre.answer(unframed((folder / name).read_bytes()))
        (folder / answers_name(name, answered.file)).write_bytes(framed(answered.file))
        done.append(answered)
    return done
