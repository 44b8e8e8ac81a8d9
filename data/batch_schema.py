"""The tables of orders that wait for a folder or a stick, and of the batches they went in; in SQL, as in `schema`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from data.sqlcipher import driver

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

# A message never changes. Its answer is replaced only by one that brings more: a certificate after a refusal.
BATCHES = """
CREATE TABLE batches (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    file BLOB NOT NULL,
    reply_key BLOB NOT NULL CHECK (length(reply_key) = 32),
    sha256 TEXT NOT NULL,
    settled_at TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE entries (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    number INTEGER NOT NULL,
    message BLOB NOT NULL,
    clerk TEXT NOT NULL,
    at TEXT NOT NULL,
    batch INTEGER REFERENCES batches (number),
    answer BLOB NOT NULL DEFAULT x'',
    brings INTEGER NOT NULL DEFAULT 0,
    answered_at TEXT NOT NULL DEFAULT '',
    sent_body BLOB NOT NULL DEFAULT x'',
    sent_state BLOB NOT NULL DEFAULT x'',
    sent_kind TEXT NOT NULL DEFAULT '',
    sent_name TEXT NOT NULL DEFAULT '',
    told BLOB NOT NULL DEFAULT x''
) STRICT;
CREATE INDEX entries_sent ON entries (sent_name) WHERE sent_name <> '';
CREATE INDEX entries_about ON entries (kind, about, number);
CREATE INDEX entries_waiting ON entries (batch) WHERE batch IS NULL;
CREATE TRIGGER entries_fixed BEFORE UPDATE OF id, kind, about, number, message, clerk, at ON entries
BEGIN SELECT RAISE(ABORT, 'a message does not change'); END;
CREATE TRIGGER entries_answer_stays BEFORE UPDATE OF answer ON entries
WHEN old.answer <> x'' AND NOT (new.brings > old.brings)
BEGIN SELECT RAISE(ABORT, 'an answer stays'); END;
"""


@cache
def batch_migrations() -> Migrations:
    """The changes that make an empty database the outbox. Applied ones are never edited; a change is a new entry."""
    driver()
    from sqlite_utils import Migrations

    migrations = Migrations("batch-outbox")

    @migrations()
    def m0001_batches(db: Database) -> None:
        db.executescript(BATCHES)

    return migrations
