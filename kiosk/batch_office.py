"""The authority that is asked by files, put together from the settings; and the office's side of carrying them.

The station puts orders into the outbox and needs no key. The key signs batches, so only `kiosk bundle export` opens it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from data.batch_store import BatchStore
from data.order_answers import Import, Taken
from data.order_files import Sent, export
from data.order_messages import export_messages, take_messages
from kiosk.ca.batch.authority import BatchAuthority, Terms
from kiosk.ca.batch.cmp_files import CmpFileAuthority, NoKey
from kiosk.ca.batch.files import Manifest, seal_batch
from kiosk.ca.batch.reader import Reader
from kiosk.ca.cmp.authority import CmpAuthority
from kiosk.ca.cmp.authority import Terms as CmpTerms
from kiosk.ca.cmp.credentials import Credentials
from kiosk.ca.cmp.protection import Trust
from kiosk.ca.interface import NotSent
from kiosk.ca.token_key import TokenKey
from kiosk.cmp_office import office_credentials, pem_certificates
from kiosk.config import BadConfig, Config

FORMATS = ("cms", "cmp")
KEPT = timedelta(days=180)
"""How long an answer is kept. A citizen who comes later is asked for again, and the authority answers the same."""


def build_batch_authority(config: Config, store: BatchStore, clock: Callable[[], datetime]) -> BatchAuthority:
    """The authority of `[batch]`, over its outbox. Raises `BadConfig`."""
    terms = batch_terms(config)
    if config.batch.format == "cmp":
        cmp = cmp_speaker(terms, _only_reading(terms.certificate), clock)
        return CmpFileAuthority(terms, store, lambda: config.office.clerk, clock, cmp)
    return BatchAuthority(terms, store, lambda: config.office.clerk, clock)


def cmp_speaker(terms: Terms, credentials: Credentials, clock: Callable[[], datetime]) -> CmpAuthority:
    """Makes and reads the messages of `format = "cmp"`; nothing is confirmed, since that would take another round."""
    agreed = CmpTerms(
        chain=terms.chain,
        trust=Trust(anchors=terms.centre),
        recipient=terms.centre[0].subject.public_bytes(),
        station=terms.office,
        years=terms.years,
        implicit_confirm=True,
        is_test=terms.is_test,
        practice=terms.practice,
    )
    return CmpAuthority(agreed, credentials, NoLine(), clock)


class NoLine:
    """Messages go by files."""

    def post(self, message: bytes) -> bytes:
        """Never asked for. Raises `NotSent`."""
        raise NotSent("this authority is asked by files")


def _only_reading(certificate: x509.Certificate) -> Credentials:
    """Where nothing is signed, the office's key is not opened."""
    public_key = certificate.public_key()
    if not isinstance(public_key, rsa.RSAPublicKey):
        raise BadConfig("batch.certificate: the key must be RSA")
    return Credentials(private_key=TokenKey(NoKey(), b"", public_key), certificate=certificate)


def batch_terms(config: Config) -> Terms:
    """What was agreed with the centre. Raises `BadConfig`."""
    settings = config.batch
    if settings.format not in FORMATS:
        raise BadConfig(f"batch.format: one of {', '.join(FORMATS)}")
    return Terms(
        chain=pem_certificates("batch.chain", settings.chain),
        centre=pem_certificates("batch.centre", settings.centre),
        office=config.office.number,
        certificate=pem_certificates("batch.certificate", settings.certificate)[0],
        years=config.rules.certificate_years,
        is_test=settings.is_test,
        practice=config.practice,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """Carries what waits into a folder, and what has come out of it."""

    config: Config
    store: BatchStore
    clock: Callable[[], datetime]

    def export(self, folder: Path, pin_fd: int | None = None, *, again: bool = False) -> Sent:
        """Write what the centre has not receipted; the key is opened only if something new must be signed.

        `again`: whatever has no answer goes into a new batch. What was answered long ago is forgotten here.
        Raises `BadConfig`, `AuthorityError`, `HardwareError`, `ArchiveError`.
        """
        terms = batch_terms(self.config)
        self.store.forget(self.clock() - KEPT)
        if self.config.batch.format == "cmp":
            return self._export_messages(terms, folder, pin_fd, again)
        if again:
            self.store.make_anew(self.clock())
        if not self.store.totals().waiting:
            return export(self.store, folder, terms.office, None)
        credentials = office_credentials(self.config.batch, "batch", pin_fd)
        credentials.check(self.clock())

        def seal(manifest: Manifest) -> bytes:
            return seal_batch(manifest, credentials, terms.centre[0])

        return export(self.store, folder, terms.office, seal)

    def _export_messages(self, terms: Terms, folder: Path, pin_fd: int | None, again: bool) -> Sent:
        credentials = _only_reading(terms.certificate)
        if again or any(not single.name or single.told for single in self.store.unanswered()):
            credentials = office_credentials(self.config.batch, "batch", pin_fd)
        cmp = cmp_speaker(terms, credentials, self.clock)
        return export_messages(self.store, folder, terms.office, cmp, again=again)

    def take(self, folder: Path) -> Taken:
        """Take the answers that lie there. Raises `BadConfig`, `ArchiveError`."""
        terms = batch_terms(self.config)
        if self.config.batch.format == "cmp":
            cmp = cmp_speaker(terms, _only_reading(terms.certificate), self.clock)
            return take_messages(self.store, folder, terms.office, cmp, self.clock)
        authority = build_batch_authority(self.config, self.store, self.clock)
        reader = Reader(authority=authority, terms=terms, clock=self.clock)
        return Import(self.store, folder, reader, self.clock).run(terms.office)
