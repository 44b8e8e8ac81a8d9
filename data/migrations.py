"""The tables of the archive and of the authority's register, as they came to be; applied when a database is opened."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from data import authority_schema, batch_schema, outbox_schema, schema
from data.sqlcipher import driver

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations


@cache
def archive_migrations() -> Migrations:
    """The changes that make an empty database the archive. Applied ones are never edited; a change is a new entry."""
    driver()
    from sqlite_utils import Migrations

    migrations = Migrations("archive")

    @migrations()
    def m0001_journal(db: Database) -> None:
        db.executescript(schema.JOURNAL)

    @migrations()
    def m0002_cases(db: Database) -> None:
        db.executescript(schema.CASES)

    @migrations()
    def m0003_enrolment(db: Database) -> None:
        db.executescript(schema.ENROLMENT)

    @migrations()
    def m0004_search(db: Database) -> None:
        db.executescript(schema.SEARCH)

    @migrations()
    def m0005_heads(db: Database) -> None:
        db.executescript(schema.HEADS)

    @migrations()
    def m0006_persons(db: Database) -> None:
        db.executescript(schema.PERSONS)

    @migrations()
    def m0007_receipts(db: Database) -> None:
        db.executescript(outbox_schema.RECEIPTS)

    @migrations()
    def m0008_transactions(db: Database) -> None:
        db.executescript(schema.TRANSACTIONS)

    @migrations()
    def m0009_reports(db: Database) -> None:
        db.executescript(schema.REPORTS)

    @migrations()
    def m0010_outgoing(db: Database) -> None:
        db.executescript(batch_schema.BATCHES)

    return migrations


@cache
def register_migrations() -> Migrations:
    """The changes that make an empty database the authority's register."""
    driver()
    from sqlite_utils import Migrations

    migrations = Migrations("authority-register")

    @migrations()
    def m0001_register(db: Database) -> None:
        db.executescript(schema.REGISTER)

    @migrations()
    def m0002_status(db: Database) -> None:
        db.executescript(authority_schema.STATUS)

    return migrations
