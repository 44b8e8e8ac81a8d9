"""The register of the local TEST authority, in an encrypted file of its own beside the archive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data import authority_status as status
from data.errors import ArchiveError
from data.keys import named_disk_errors
from data.migrations import register_migrations
from data.store import BUSY_S, Store
from data.values import moment, utc_text
from kiosk.ca.interface import AuthorityUnusable, DuplicateOrder, Profile
from kiosk.ca.permit_errors import NotPermitted
from kiosk.ca.register import ListIssue, RegisterEntry
from kiosk.ca.status import CertificateStatus

if TYPE_CHECKING:
    from sqlite_utils import Database

FILE_NAME = "authority.db"


class AuthorityRegister:
    """Implements `kiosk.ca.register.IssuedRegister`; may be used from any thread, and by several programs at once."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @classmethod
    def open(cls, folder: Path, *, busy_s: float = BUSY_S) -> AuthorityRegister:
        """Open the register in `folder`, making folder, key and file on first use. Raises `ArchiveError`."""
        with named_disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(Store.open(folder / FILE_NAME, register_migrations(), busy_s=busy_s))

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._store.close()

    def reserve(self, proposed: RegisterEntry, most: int | None = None) -> RegisterEntry:
        """Enter `proposed` if its order is new and return the entry that stands for its order.

        Raises `DuplicateOrder` when the key has an entry of this profile under another order id, `NotPermitted` when
        its permit has `most` entries already, `AuthorityUnusable` when the register cannot be written.
        """
        with _usable(), self._store.immediate() as db:
            standing = _find(db, proposed.order_id)
            if standing is not None:
                return standing
            _refuse_used_key(db, proposed)
            if most is not None:
                _refuse_used_permit(db, proposed, most)
            _insert(db, proposed)
            return _standing(db, proposed.order_id)

    def store(self, order_id: str, certificate: bytes) -> RegisterEntry:
        """Keep the certificate of a reserved order, once, and return the entry.

        Raises `AuthorityUnusable` when the order is not reserved or has another certificate.
        """
        with _usable(), self._store.immediate() as db:
            if _standing(db, order_id).certificate != certificate:
                db.execute("UPDATE issued SET certificate = ? WHERE order_id = ?", [certificate, order_id])
            return _standing(db, order_id)

    def find(self, order_id: str) -> RegisterEntry | None:
        """The entry of an order. Raises `AuthorityUnusable`."""
        with _usable(), self._store.read() as db:
            return _find(db, order_id)

    def listed(self, after: int = 0, most: int = 1000) -> list[tuple[int, RegisterEntry, CertificateStatus]]:
        """Entries from row number `after` on, each with row number and status. Raises `AuthorityUnusable`."""
        question = (
            f"SELECT issued.*, standing, since, reason FROM issued LEFT JOIN status_changes ON {status.IS_LAST}"  # noqa: S608  # our own text
            " WHERE issued.n > ? ORDER BY issued.n LIMIT ?"
        )
        with _usable(), self._store.read() as db:
            return [(row["n"], _entry(row), status.as_status(row)) for row in db.query(question, [after, most])]

    # --- status and CRL -----------------------------------------------------------------------------------------------

    def status_of(self, serial: str) -> CertificateStatus | None:
        """The status of a stored certificate. Raises `AuthorityUnusable`."""
        with _usable(), self._store.read() as db:
            return status.status_of(db, serial)

    def change_status(
        self, serial: str, decide: Callable[[CertificateStatus], CertificateStatus], now: datetime
    ) -> CertificateStatus | None:
        """Put what `decide` makes of a status in its place; see `IssuedRegister`. Raises `AuthorityUnusable`."""
        with _usable(), self._store.immediate() as db:
            return status.change_status(db, serial, decide, now)

    def issue_list(self, this_update: datetime, next_update: datetime) -> ListIssue:
        """Enter the next CRL. Raises `AuthorityUnusable`."""
        with _usable(), self._store.immediate() as db:
            return status.issue_list(db, this_update, next_update)

    def is_list_due(self, published: int) -> bool:
        """Whether the CRL of that number is not the last, or behind the last change. Raises `AuthorityUnusable`."""
        with _usable(), self._store.read() as db:
            return status.is_list_due(db, published)


@contextmanager
def _usable() -> Iterator[None]:
    try:
        yield
    except ArchiveError as error:
        raise AuthorityUnusable(f"register: {error} ({error.code})") from error


def _refuse_used_key(db: Database, proposed: RegisterEntry) -> None:
    other = db.execute(
        "SELECT order_id FROM issued WHERE spki_sha256 = ? AND profile = ?",
        [proposed.spki_sha256, proposed.profile.value],
    ).fetchone()
    if other is not None:
        raise DuplicateOrder(f"the key of {proposed.order_id} has the order {other[0]}")


def _refuse_used_permit(db: Database, proposed: RegisterEntry, most: int) -> None:
    used, latest = db.execute(
        "SELECT count(*), max(not_before) FROM issued WHERE permit = ?", [proposed.permit]
    ).fetchone()
    if used >= most:
        raise NotPermitted(
            f"permit {proposed.permit} is used up: {used} of {most} certificates; ask the centre for a new one"
        )
    if latest is not None and utc_text(proposed.not_before) < latest:
        raise NotPermitted(
            f"the clock stands before the last certificate under permit {proposed.permit}; put it right first"
        )


def _insert(db: Database, entry: RegisterEntry) -> None:
    db.table("issued").insert(
        {
            "order_id": entry.order_id,
            "spki_sha256": entry.spki_sha256,
            "profile": entry.profile.value,
            "order_bytes": entry.order,
            "serial": entry.serial,
            "not_before": utc_text(entry.not_before),
            "not_after": utc_text(entry.not_after),
            "permit": entry.permit,
        }
    )


def _standing(db: Database, order_id: str) -> RegisterEntry:
    entry = _find(db, order_id)
    if entry is None:
        raise AuthorityUnusable(f"order {order_id} is not reserved")
    return entry


def _find(db: Database, order_id: str) -> RegisterEntry | None:
    row = next(db.query("SELECT * FROM issued WHERE order_id = ?", [order_id]), None)
    return None if row is None else _entry(row)


def _entry(row: dict[str, Any]) -> RegisterEntry:
    return RegisterEntry(
        order_id=row["order_id"],
        spki_sha256=row["spki_sha256"],
        profile=Profile(row["profile"]),
        order=row["order_bytes"],
        serial=row["serial"],
        not_before=moment(row["not_before"]),
        not_after=moment(row["not_after"]),
        certificate=row["certificate"],
        permit=row["permit"],
    )
