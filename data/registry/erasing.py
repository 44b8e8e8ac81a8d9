"""Carrying out at the centre what an office has erased. Needs the owner: it is the only thing that deletes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data.registry.database import Database

if TYPE_CHECKING:
    from psycopg import Cursor

WORDS = (
    "DELETE FROM case_word WHERE EXISTS (SELECT 1 FROM found_case JOIN erasure ON erasure.office = found_case.office "
    "AND erasure.subject = found_case.subject WHERE found_case.office = case_word.office "
    "AND found_case.epoch = case_word.epoch AND found_case.case_id = case_word.case_id)"
)
OF_SUBJECT = (
    "DELETE FROM {table} WHERE EXISTS (SELECT 1 FROM erasure WHERE erasure.office = {table}.office "
    "AND erasure.subject = {table}.subject)"
)


def erase(database: Database) -> int:
    """Destroy the keys of erased persons and what the search knows of them; returns how many keys.

    Their rows stay, sealed for ever, and every proof still holds. Raises `RegistryUnavailable`.
    """
    return database.run(_erase)


def _erase(cursor: Cursor[Any]) -> int:
    cursor.execute(WORDS)
    cursor.execute(OF_SUBJECT.format(table="found_case").encode())
    return cursor.execute(OF_SUBJECT.format(table="subject_key").encode()).rowcount
