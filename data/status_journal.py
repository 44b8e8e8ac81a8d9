"""The journal of status changes: how far each has come, over any cut.

It has no table: a change is a handful of rows of its case, and the last one of each certificate is how it stands.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from data import journal
from data.errors import ArchiveDamaged
from data.records import JournalRow
from kiosk.ca.interface import RevocationReason, StatusAction
from kiosk.status_order import StatusOrder, StatusState

if TYPE_CHECKING:
    from data.archive import Archive

KIND = "status_order"
DONE = "status_done"
"""A row of its own kind for what is over, so that it can be asked after without reading the others."""
BYTES = ("wire_body", "wire_state", "answer")


class ArchivedStatusJournal:
    """Keeps the changes of all cases in the archive; implements `kiosk.status_order.StatusJournal`."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def orders(self, case_id: str) -> tuple[StatusOrder, ...]:
        """The changes of a case, as they stand. Raises `ArchiveError`."""
        with self._archive.store.read() as db:
            rows = journal.rows_of_case(db, case_id, frozenset({KIND, DONE}))
        return tuple({order.serial: order for order in map(_order, rows)}.values())

    def settled(self) -> tuple[StatusOrder, ...]:
        """Every change that was done here, oldest first; those of erased persons left out. Raises `ArchiveError`."""
        with self._archive.store.read() as db:
            rows = journal.read_rows(db, journal.bytes_of_kind(db, DONE))
        return tuple(_order(row) for row in rows if not row.is_erased)

    def store(self, order: StatusOrder, clerk: str) -> None:
        """Store a change as it stands. Durable when it returns. Raises `ArchiveError`."""
        kind = DONE if order.state is StatusState.DONE else KIND
        self._archive.note(kind, _body(order), clerk=clerk, case_id=order.case_id)


def _body(order: StatusOrder) -> dict[str, Any]:
    values = {field.name: getattr(order, field.name) for field in fields(order) if field.name != "case_id"}
    return (
        values
        | {name: values[name].hex() for name in BYTES}
        | {"action": order.action.value, "reason": order.reason.value, "state": order.state.value}
    )


def _order(row: JournalRow) -> StatusOrder:
    try:
        body = row.body | {name: bytes.fromhex(row.body[name]) for name in BYTES}
        return StatusOrder(
            case_id=row.case_id or "",
            **body
            | {
                "action": StatusAction(body["action"]),
                "reason": RevocationReason(body["reason"]),
                "state": StatusState(body["state"]),
            },
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ArchiveDamaged(f"journal row {row.seq}: {type(error).__name__}") from error
