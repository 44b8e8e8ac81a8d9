"""The authority that is asked by files, put together from the settings; and the office's side of carrying them.

The station puts orders into the outbox and needs no key. The key signs batches, so only `kiosk bundle export` opens it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from data.batch_store import BatchStore
from data.order_answers import Import, Taken
from data.order_files import Sent, export
from kiosk.ca.batch.authority import BatchAuthority, Terms
from kiosk.ca.batch.files import Manifest, seal_batch
from kiosk.ca.batch.reader import Reader
from kiosk.cmp_office import office_credentials, pem_certificates
from kiosk.config import BadConfig, Config

FORMATS = ("cms", "cmp")
KEPT = timedelta(days=180)
"""How long an answer is kept. A citizen who comes later is asked for again, and the authority answers the same."""


def build_batch_authority(config: Config, store: BatchStore, clock: Callable[[], datetime]) -> BatchAuthority:
    """The authority of `[batch]`, over its outbox. Raises `BadConfig`."""
    return BatchAuthority(batch_terms(config), store, lambda: config.office.clerk, clock)


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
        if again:
            self.store.make_anew(self.clock())
        if not self.store.totals().waiting:
            return export(self.store, folder, terms.office, None)
        credentials = office_credentials(self.config.batch, "batch", pin_fd)
        credentials.check(self.clock())

        def seal(manifest: Manifest) -> bytes:
            return seal_batch(manifest, credentials, terms.centre[0])

        return export(self.store, folder, terms.office, seal)

    def take(self, folder: Path) -> Taken:
        """Take the answers that lie there. Raises `BadConfig`, `ArchiveError`."""
        terms = batch_terms(self.config)
        authority = build_batch_authority(self.config, self.store, self.clock)
        reader = Reader(authority=authority, terms=terms, clock=self.clock)
        return Import(self.store, folder, reader, self.clock).run(terms.office)
