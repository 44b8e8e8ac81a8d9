"""Whose rows are whose: a random name for each person, and the key that opens the person's journal rows.

The names say nothing and are never given again; they stand in the open part of a row. What concerns no citizen we know
(a refusal before a case is opened) is sealed under a key of its calendar year.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from data.sealed import new_key

if TYPE_CHECKING:
    from sqlite_utils import Database

NAME_BYTES = 8


def name_of(db: Database, personal_number: str) -> str | None:
    """The person's name in the journal."""
    row = db.execute("SELECT subject FROM persons WHERE personal_number = ?", [personal_number]).fetchone()
    return None if row is None else str(row[0])


def name_of_case(db: Database, case_id: str) -> str | None:
    """The name of the person a case is for."""
    row = db.execute(
        "SELECT subject FROM persons JOIN cases USING (personal_number) WHERE cases.id = ?", [case_id]
    ).fetchone()
    return None if row is None else str(row[0])


def introduce(db: Database, personal_number: str) -> str:
    """Give a person a name and a key, once."""
    known = name_of(db, personal_number)
    if known is not None:
        return known
    subject = secrets.token_hex(NAME_BYTES)
    _keep_key(db, subject)
    know(db, subject, personal_number)
    return subject


def know(db: Database, subject: str, personal_number: str) -> None:
    """Enter that a name is this person's; again does nothing."""
    db.execute("INSERT INTO persons VALUES (?, ?) ON CONFLICT DO NOTHING", [subject, personal_number])


def name_of_year(db: Database, year: int) -> str:
    """The name that stands for whoever is met in a year without a case."""
    subject = f"y{year}"
    if key_of(db, subject) is None:
        _keep_key(db, subject)
    return subject


def _keep_key(db: Database, subject: str) -> None:
    db.execute("INSERT INTO subject_keys VALUES (?, ?)", [subject, new_key()])


def key_of(db: Database, subject: str) -> bytes | None:
    """The key of that name; `None` when it was destroyed."""
    row = db.execute("SELECT key FROM subject_keys WHERE subject = ?", [subject]).fetchone()
    return None if row is None else bytes(row[0])


def keys_of(db: Database, subjects: set[str]) -> dict[str, bytes]:
    """The keys of those names that still have one."""
    found = {subject: key_of(db, subject) for subject in sorted(subjects)}
    return {subject: key for subject, key in found.items() if key is not None}
