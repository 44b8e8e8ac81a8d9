"""The tables as a projection of the journal: what each kind of row does to them, and nothing else changes them.

The archive writes a row and applies it in the same transaction; a rebuild applies the same rows again, beside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from data import (
    case_table,
    certificates,
    contracts,
    epochs,
    evidence_table,
    journal,
    numbers,
    orders,
    papers,
    persons,
    restrictions,
    search,
)
from data.errors import ArchiveDamaged
from data.journal import Entry
from data.values import utc_text

if TYPE_CHECKING:
    from sqlite_utils import Database

    from data.records import JournalRow


def write(db: Database, entry: Entry) -> int:
    """Append a row and apply it, inside the caller's transaction; returns the row's number."""
    seq = journal.append(db, entry)
    if entry.kind in APPLY:
        (row,) = journal.read_rows(db, db.execute("SELECT seq, body FROM journal WHERE seq = ?", [seq]).fetchall())
        apply(db, row)
    return seq


def apply(db: Database, row: JournalRow) -> None:
    """Do to the tables what the row tells; a row of an erased person tells nothing. Raises `ArchiveDamaged`."""
    if row.kind not in APPLY or row.is_erased:
        return
    try:
        APPLY[row.kind](db, row)
    except KeyError as error:
        # Rows of the first edition do not tell where a case stood after them.
        raise ArchiveDamaged(f"journal row {row.seq} does not tell {error}") from error


def _case_opened(db: Database, row: JournalRow) -> None:
    case_id = _case_id(row)
    if row.subject is not None:
        persons.know(db, row.subject, row.body["citizen"]["personal_number"])
    case_table.insert_case(db, row.seq, case_id, row.body, utc_text(row.at))
    search.index_case(db, case_id)


def _case_moved(db: Database, row: JournalRow) -> None:
    case_table.move(db, _case_id(row), row.body["after"], utc_text(row.at))


def _step_completed(db: Database, row: JournalRow) -> None:
    case_id = _case_id(row)
    _case_moved(db, row)
    evidence_table.insert_evidence(db, case_id, row.body, row.seq)
    if "contract" in row.body:
        contracts.insert_contract(db, row.body["contract"])
        search.index_case(db, case_id)


def _case_corrected(db: Database, row: JournalRow) -> None:
    case_table.correct_citizen(db, _case_id(row), row.body["citizen"])
    search.index_case(db, _case_id(row))


def _contract_added(db: Database, row: JournalRow) -> None:
    if row.subject is not None:
        persons.know(db, row.subject, row.body["personal_number"])
    contracts.insert_contract(db, row.body)
    if row.case_id is not None:
        search.index_case(db, row.case_id)


def _contract_number_reserved(db: Database, row: JournalRow) -> None:
    numbers.reserve_contract_number(db, _case_id(row), row.body["number"])
    search.index_case(db, _case_id(row))


def _certificate_archived(db: Database, row: JournalRow) -> None:
    certificates.insert_certificate(db, row.body)
    search.index_case(db, _case_id(row))


def _case_id(row: JournalRow) -> str:
    assert row.case_id is not None, "rows of this kind name their case"  # noqa: S101  # narrows the type
    return row.case_id


APPLY: dict[str, Callable[[Any, Any], None]] = {
    "case_opened": _case_opened,
    "case_resumed": _case_moved,
    "case_suspended": _case_moved,
    "case_abandoned": _case_moved,
    "step_completed": _step_completed,
    "case_corrected": _case_corrected,
    "case_restricted": lambda db, row: restrictions.restrict(db, row.case_id, row.body["reason"], utc_text(row.at)),
    "restriction_lifted": lambda db, row: restrictions.lift(db, row.case_id),
    "contract_added": _contract_added,
    "contract_number_reserved": _contract_number_reserved,
    "certificate_archived": _certificate_archived,
    "paper_printed": lambda db, row: papers.insert_paper(db, row.seq, row.body),
    "order_begun": lambda db, row: orders.apply(db, row.body),
    "order_finished": lambda db, row: orders.apply(db, row.body),
    "number_given": lambda db, row: numbers.give(db, row.body["series"], row.body["number"]),
    "office_key": lambda db, row: epochs.add_key(db, bytes.fromhex(row.body["spki"]), row.seq),
    "epoch_begun": lambda db, row: epochs.begin(db, row.body["epoch"], row.seq),
    "head_compared": lambda db, row: epochs.mark_compared(db),
}
"""What a row of each kind does; rows of other kinds change no table."""
