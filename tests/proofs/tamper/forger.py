"""Somebody who has the archive's key, this program and time, and wants the journal to say something else.

He cannot sign with the office's key, nor reach what has left the office.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from data.archive import Archive
from data.keys import key_of
from data.merkle import Frontier, leaf_hash
from data.sqlcipher import connect
from tests.data.invented import CLERK, citizen, finish_step, new_case, open_archive

if TYPE_CHECKING:
    from sqlite_utils import Database

TRIGGERS = (
    "journal_only_next",
    "journal_no_update",
    "journal_no_delete",
    "checkpoints_fixed",
    "checkpoints_no_delete",
    "evidence_no_update",
    "evidence_no_delete",
)
Row = tuple[int, bytes, bytes, bytes]
"""Number, body, leaf, root."""


def lived_in(folder: Path, *, cases: int = 1) -> None:
    """An archive with whole cases and the signature of a session's end."""
    with closing(open_archive(folder)) as archive:
        archive.checkpoint()
        for number in range(cases):
            case = new_case(archive, who=citizen(personal_number=f"01019900000{number:02}"))
            for _ in case.procedure.steps:
                case = finish_step(archive, case)
        archive.note("session_ended", {}, clerk=CLERK)
        archive.checkpoint()


def copied(source: Path, target: Path) -> Path:
    """The whole folder as it stands, in the place of whatever is at `target`."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    return target


@contextmanager
def behind_the_program(folder: Path) -> Iterator[Database]:
    """The database with every guard taken away; what the block does is made durable."""
    path = folder / "archive.db"
    database = connect(path, key_of(path), busy_s=1)
    try:
        database.execute("PRAGMA foreign_keys=OFF")
        for trigger in TRIGGERS:
            database.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        _let_through_what_is_no_json(database)
        yield database
    finally:
        database.conn.close()


def _let_through_what_is_no_json(database: Database) -> None:
    """The columns computed from the bodies would refuse most changed bits before any hash sees them."""
    lenient = "iif(json_valid(CAST(body AS TEXT)), CAST(body AS TEXT), '{}') ->>"
    database.execute("PRAGMA writable_schema=ON")
    database.execute(
        "UPDATE sqlite_schema SET sql = replace(sql, 'CAST(body AS TEXT) ->>', ?) WHERE name = 'journal'", [lenient]
    )
    database.execute("PRAGMA writable_schema=RESET")


def rows_of(db: Database) -> list[Row]:
    """All journal rows, oldest first."""
    return [tuple(row) for row in db.execute("SELECT seq, body, leaf, root FROM journal ORDER BY seq").fetchall()]


def write_rows(db: Database, rows: Sequence[Row]) -> None:
    """Put these rows in the place of the journal; hashes and head stay as they are."""
    db.conn.execute("BEGIN")
    db.conn.execute("DELETE FROM journal")
    db.conn.executemany("INSERT INTO journal (seq, body, leaf, root) VALUES (?, ?, ?, ?)", rows)
    db.conn.execute("COMMIT")


def write_consistently(db: Database, bodies: Sequence[bytes]) -> None:
    """A journal of these bodies with every hash, and the head, as they would be had nobody touched it."""
    tree = Frontier()
    rows: list[Row] = []
    for body in bodies:
        leaf = leaf_hash(body)
        tree = tree.append(leaf)
        rows.append((tree.size, body, leaf, tree.root()))
    write_rows(db, rows)
    db.execute("UPDATE journal_head SET size = ?, peaks = ?, root = ?", [tree.size, tree.as_bytes(), tree.root()])
    db.execute("DELETE FROM checkpoints WHERE size > ?", [tree.size])
    db.execute("DELETE FROM evidence WHERE seq > ?", [tree.size])


def found(folder: Path, code: str | None = None) -> str:
    """What a verification after a restart says; empty when it finds nothing."""
    with closing(open_archive(folder)) as archive:
        return says(archive, code)


def says(archive: Archive, code: str | None = None) -> str:
    """What a verification says; empty when it finds nothing."""
    return "; ".join(f"{finding.where}: {finding.what}" for finding in archive.verify(code).findings)
