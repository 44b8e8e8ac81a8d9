"""Erasing a citizen when the law's term has run out: the key of the person's rows is destroyed, the tables forget.

The journal keeps its rows, which nobody can open any more, and every proof of it holds. What is left in backups goes
with their generations; the centre destroys its copy of the key when the row `person_erased` arrives.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from data import persons, retention
from data.errors import MustBeKept

if TYPE_CHECKING:
    from sqlite_utils import Database

    from data.retention import Retention
    from data.store import Store

OF_CASE = ("restrictions", "orders", "papers", "certificates", "contracts", "contract_numbers", "evidence")


def erase(db: Database, personal_number: str, today: date, terms: Retention) -> tuple[str, list[str]]:
    """Forget a citizen in the tables and destroy the key; the person's name in the journal, and the cases.

    Raises `MustBeKept`, also for a citizen of whom there is nothing.
    """
    until = retention.person_until(db, terms, personal_number)
    subject = persons.name_of(db, personal_number)
    if until is None or subject is None or until >= today:
        raise MustBeKept(until)
    cases = [case.case_id for case in retention.cases_of(db, terms, personal_number)]
    db.execute("INSERT INTO erasing VALUES (?)", [subject])
    for case_id in cases:
        _forget_case(db, case_id)
    db.execute("DELETE FROM contracts WHERE personal_number = ?", [personal_number])
    db.execute("DELETE FROM persons WHERE subject = ?", [subject])
    db.execute("DELETE FROM subject_keys WHERE subject = ?", [subject])
    db.execute("DELETE FROM erasing")
    return subject, cases


def _forget_case(db: Database, case_id: str) -> None:
    db.execute("DELETE FROM search WHERE rowid = (SELECT n FROM cases WHERE id = ?)", [case_id])
    for table in OF_CASE:
        db.execute(f"DELETE FROM {table} WHERE case_id = ?", [case_id])  # noqa: S608  # names are ours
    db.execute("DELETE FROM outgoing_messages WHERE about LIKE ? || '/%'", [case_id])
    db.execute("UPDATE cases SET parent_id = NULL WHERE parent_id = ?", [case_id])
    db.execute("DELETE FROM cases WHERE id = ?", [case_id])


def wipe_log(store: Store) -> None:
    """Take what was erased out of the write-ahead log as well."""
    with store.alone() as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
