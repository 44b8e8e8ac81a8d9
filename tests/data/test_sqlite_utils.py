"""What the archive uses of sqlite-utils, and what an update may break, over an encrypted connection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from data.errors import RecordConflict
from data.sqlcipher import connect, driver, named_errors

if TYPE_CHECKING:
    from sqlite_utils import Database

KEY = bytes(range(32))
PEOPLE = [{"id": 1, "name": "Ђорђе", "age": 40}, {"id": 2, "name": "Ana", "age": 30}]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    opened = connect(tmp_path / "x.db", KEY, busy_s=1)
    yield opened
    opened.conn.close()
    again = connect(tmp_path / "x.db", KEY, busy_s=1)
    assert again.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    again.conn.close()
    assert not (tmp_path / "x.db").read_bytes().startswith(b"SQLite format 3")


def test_rows_are_inserted_changed_found_and_removed(db: Database) -> None:
    people = db.table("people", pk="id")
    people.insert_all(PEOPLE)
    people.update(1, {"age": 41})
    people.upsert({"id": 2, "name": "Ana", "age": 31}, pk="id")
    people.upsert({"id": 3, "name": "Vuk", "age": 3}, pk="id")
    assert [row["age"] for row in people.rows_where(order_by="id")] == [41, 31, 3]
    people.delete(3)
    assert (people.count, people.get(1)["name"], people.pks) == (2, "Ђорђе", ["id"])
    people.insert({"id": 1, "name": "x", "age": 1}, ignore=True)
    assert people.get(1)["age"] == 41


def test_a_statement_that_returns_rows_and_changes(db: Database) -> None:
    db.table("people", pk="id").insert_all(PEOPLE)
    assert list(db.query("UPDATE people SET age = age + 1 RETURNING id, age")) == [
        {"id": 1, "age": 41},
        {"id": 2, "age": 31},
    ]
    with pytest.raises(ValueError, match="rows"):
        list(db.query("DELETE FROM people"))
    assert db.table("people").count == 2


def test_columns_are_added_when_asked(db: Database) -> None:
    people = db.table("people", pk="id")
    people.insert_all(PEOPLE)
    people.insert({"id": 9, "name": "x", "age": 1, "place": "Ужице"}, alter=True)
    assert people.get(9)["place"] == "Ужице" and people.get(1)["place"] is None


def test_a_table_is_transformed_with_its_guards(db: Database) -> None:
    db.executescript("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER CHECK (n > 0), s TEXT UNIQUE) STRICT")
    db.table("t").insert({"id": 1, "n": 1, "s": "a"})
    db.table("t").transform(rename={"s": "text"})
    for wrong in ({"id": 2, "n": 0, "text": "b"}, {"id": 2, "n": 1, "text": "a"}):
        with pytest.raises(RecordConflict), named_errors("x.db"):
            db.table("t").insert(wrong)
    assert list(db.table("t").rows) == [{"id": 1, "n": 1, "text": "a"}]


def test_full_text_search_and_its_triggers(db: Database) -> None:
    people = db.table("people", pk="id")
    people.insert_all(PEOPLE)
    people.enable_fts(["name"], create_triggers=True)
    people.insert({"id": 5, "name": "Ana Marija", "age": 9})
    assert [row["id"] for row in people.search("ana", order_by="id")] == [2, 5]


def test_migrations_are_applied_once_and_rolled_back_whole(db: Database) -> None:
    from sqlite_utils import Migrations

    migrations = Migrations("x")

    @migrations()
    def one(db: Database) -> None:
        db.executescript("CREATE TABLE a (n)")

    @migrations()
    def two(db: Database) -> None:
        db.execute("CREATE TABLE b (n)")
        raise RuntimeError("cut")

    with pytest.raises(RuntimeError):
        migrations.apply(db)
    assert "a" in db.table_names() and "b" not in db.table_names()
    assert [done.name for done in migrations.applied(db)] == ["one"]


def test_the_errors_are_the_drivers_own(db: Database) -> None:
    with pytest.raises(driver().OperationalError):
        db.execute("SELECT * FROM absent")
    with db.atomic(), pytest.raises(driver().OperationalError), db.atomic():
        db.execute("nonsense")


def test_a_backup_is_copied_to_another_key(db: Database, tmp_path: Path) -> None:
    db.table("people", pk="id").insert_all(PEOPLE)
    copy = connect(tmp_path / "copy.db", bytes(32), busy_s=1)
    db.conn.backup(copy.conn)
    assert list(copy.table("people").rows) == list(db.table("people").rows)
    copy.conn.close()
