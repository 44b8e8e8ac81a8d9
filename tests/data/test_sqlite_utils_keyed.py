"""What we use of `sqlite_utils` does over an encrypted file on disk exactly what it does over a plain one.

Its package ships no tests of its own; this list is run for each bump of it or of SQLCipher. Both connections are of the
same library, so a difference is the encryption's, or the alias's under which `sqlite_utils` finds that library.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from importlib.metadata import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from data.sqlcipher import PRAGMAS, connect, driver

if TYPE_CHECKING:
    from sqlite_utils import Database

KEY = bytes(range(32))
MARKER = "ЂОРЂЕВИЋ-MARKER"
"""In every file; on the disk it must be seen in the plain one only."""
Feature = Callable[["Database"], Any]
FEATURES: dict[str, Feature] = {}


def feature(function: Feature) -> Feature:
    """One line of the list: what it returns is compared, and so is what it leaves in the file."""
    FEATURES[function.__name__] = function
    return function


def people(db: Database) -> Any:
    """A strict table as ours are, with three rows."""
    db.executescript(
        "CREATE TABLE people (n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, age INTEGER, photo BLOB) STRICT;"
    )
    rows = [{"n": n, "name": f"{MARKER} {n}", "age": 30 + n, "photo": bytes([n])} for n in (1, 2, 3)]
    db.table("people").insert_all(rows)
    return db.table("people")


def refused(db: Database, act: Callable[[], Any]) -> tuple[str, ...]:
    """How it was refused: the error and its kin, and whether a transaction was left open."""
    try:
        act()
    except Exception as error:
        return (*(kin.__name__ for kin in type(error).__mro__), str(error), str(db.conn.in_transaction))
    return ("not refused",)


# --- writing and reading ----------------------------------------------------------------------------------------------


@feature
def insert_gives_the_key_of_the_row(db: Database) -> Any:
    table = people(db)
    return table.insert({"name": "Čika Ђура", "age": None, "photo": b"\x00\xff"}).last_pk, list(table.rows)


@feature
def values_of_every_type_come_back(db: Database) -> Any:
    table = db.table("things")
    values = {"id": 1, "whole": 2**62, "real": 0.1, "text": "ш\u0107\U0001f600\n'\"", "blob": bytes(256), "none": None}
    table.insert(values, pk="id")
    return next(db.query("SELECT *, typeof(whole), typeof(real), typeof(blob), typeof(none) FROM things"))


@feature
def insert_of_an_unknown_column_is_refused(db: Database) -> Any:
    table = people(db)
    return refused(db, lambda: table.insert({"name": "x", "town": "y"})), table.count


@feature
def insert_may_add_the_column(db: Database) -> Any:
    table = people(db)
    table.insert({"name": "x", "town": "Ужице"}, alter=True)
    return table.columns_dict, list(table.rows)


@feature
def many_rows_go_in_within_one_transaction(db: Database) -> Any:
    people(db)
    with db.atomic():
        db.table("people").insert_all({"n": n, "name": str(n)} for n in range(10, 1010))
    return db.table("people").count, db.execute("SELECT sum(n) FROM people").fetchone()


@feature
def upsert_changes_a_row_or_adds_one(db: Database) -> Any:
    table = people(db)
    table.upsert({"n": 1, "name": "changed"}, pk="n")
    table.upsert({"n": 9, "name": "new"}, pk="n")
    return list(table.rows)


@feature
def upsert_without_a_needed_column_is_refused(db: Database) -> Any:
    table = people(db)
    return refused(db, lambda: table.upsert({"n": 1, "age": 5}, pk="n")), list(table.rows)


@feature
def insert_may_replace_or_ignore(db: Database) -> Any:
    table = people(db)
    table.insert({"n": 1, "name": "other"}, pk="n", replace=True)
    table.insert({"n": 2, "name": "nobody"}, pk="n", ignore=True)
    return list(table.rows)


@feature
def update_of_some_columns_leaves_the_others(db: Database) -> Any:
    table = people(db)
    table.update(2, {"age": None})
    return table.get(2)


@feature
def update_and_get_of_no_row_are_refused(db: Database) -> Any:
    table = people(db)
    return refused(db, lambda: table.update(99, {"age": 1})), refused(db, lambda: table.get(99))


@feature
def rows_are_deleted(db: Database) -> Any:
    table = people(db)
    table.delete(1)
    table.delete_where("age > ?", [32])
    return [row["n"] for row in table.rows]


@feature
def query_takes_named_and_numbered_values(db: Database) -> Any:
    people(db)
    named = list(db.query("SELECT name FROM people WHERE age > :age ORDER BY n", {"age": 31}))
    return named, list(db.query("SELECT n FROM people WHERE n IN (?, ?)", [1, 3]))


@feature
def query_returns_what_an_insert_gives_back(db: Database) -> Any:
    people(db)
    return list(db.query("INSERT INTO people (name) VALUES ('ж') RETURNING n, name")), db.conn.in_transaction


@feature
def query_refuses_a_statement_without_rows(db: Database) -> Any:
    people(db)
    return refused(db, lambda: list(db.query("DELETE FROM people"))), db.table("people").count


@feature
def rows_where_and_count_where(db: Database) -> Any:
    table = people(db)
    return list(table.rows_where("age >= ?", [32], order_by="n desc", limit=1)), table.count_where("age < ?", [33])


# --- transactions -----------------------------------------------------------------------------------------------------


@feature
def execute_commits_by_itself_outside_a_transaction(db: Database) -> Any:
    people(db)
    db.execute("UPDATE people SET age = 1")
    return db.conn.in_transaction


@feature
def what_raises_inside_atomic_is_gone_whole(db: Database) -> Any:
    table = people(db)

    def half() -> None:
        with db.atomic():
            table.insert({"name": "x"})
            table.update(1, {"age": 0})
            table.insert({"name": "x"})

    return refused(db, half), list(table.rows)


@feature
def atomic_inside_atomic_is_a_savepoint(db: Database) -> Any:
    table = people(db)
    with db.atomic():
        table.insert({"name": "outer"})
        inner = refused(db, lambda: _fail_inside(db))
    return inner, [row["name"] for row in table.rows]


def _fail_inside(db: Database) -> None:
    with db.atomic():
        db.table("people").insert({"name": "inner"})
        raise ValueError("on purpose")


@feature
def writing_methods_join_a_transaction_of_ours(db: Database) -> Any:
    table = people(db)
    seen: list[Any] = []
    for end in ("ROLLBACK", "COMMIT"):
        db.conn.execute("BEGIN IMMEDIATE")
        table.insert({"name": f"in {end}"})
        table.update(1, {"age": 77})
        db.execute("DELETE FROM people WHERE n = 2")
        list(db.query("SELECT 1"))
        seen.append(db.conn.in_transaction)
        db.conn.execute(end)
        seen.append([tuple(row.values()) for row in table.rows])
    return seen


@feature
def a_constraint_that_fails_leaves_our_transaction_open(db: Database) -> Any:
    table = people(db)
    db.conn.execute("BEGIN IMMEDIATE")
    table.insert({"name": "kept"})
    said = refused(db, lambda: table.insert({"name": "kept"}))
    db.conn.execute("COMMIT")
    return said, table.count


# --- the schema -------------------------------------------------------------------------------------------------------


@feature
def tables_columns_keys_and_schema_are_told(db: Database) -> Any:
    people(db)
    db.executescript(
        "CREATE TABLE cards (id TEXT, part INTEGER, person INTEGER REFERENCES people (n), PRIMARY KEY (id, part));"
        "CREATE INDEX cards_person ON cards (person);"
    )
    cards = db.table("cards")
    return (
        *(db.table_names(), cards.pks, cards.columns_dict, cards.schema, db.table("people").strict),
        *([index.columns for index in cards.indexes], cards.foreign_keys, db.table("none").exists()),
    )


@feature
def a_foreign_key_is_enforced(db: Database) -> Any:
    people(db)
    db.executescript("CREATE TABLE cards (id TEXT PRIMARY KEY, person INTEGER REFERENCES people (n));")
    return refused(db, lambda: db.table("cards").insert({"id": "a", "person": 99}))


@feature
def triggers_refuse_and_say_why(db: Database) -> Any:
    table = people(db)
    db.executescript(
        "CREATE TRIGGER keep BEFORE DELETE ON people BEGIN SELECT RAISE(ABORT, 'people stay'); END;"
        "CREATE TRIGGER still BEFORE UPDATE OF name ON people BEGIN SELECT RAISE(ABORT, 'names stay'); END;"
    )
    return (
        refused(db, lambda: table.delete(1)),
        refused(db, lambda: table.update(1, {"name": "x"})),
        table.triggers_dict,
    )


@feature
def columns_are_read_out_of_json(db: Database) -> Any:
    db.executescript(
        "CREATE TABLE rows (seq INTEGER PRIMARY KEY, body BLOB NOT NULL, "
        "kind TEXT GENERATED ALWAYS AS (CAST(body AS TEXT) ->> '$.kind') VIRTUAL) STRICT;"
        "CREATE INDEX rows_kind ON rows (kind);"
    )
    db.table("rows").insert_all([{"seq": n, "body": b'{"kind":"k%d"}' % (n % 2)} for n in range(6)])
    plan = db.execute("EXPLAIN QUERY PLAN SELECT seq FROM rows WHERE kind = 'k1'").fetchall()
    return list(db.query("SELECT seq, kind FROM rows WHERE kind = 'k1'")), [step[-1] for step in plan]


@feature
def a_table_is_transformed(db: Database) -> Any:
    table = people(db)
    table.transform(rename={"age": "years"}, not_null={"years"}, drop={"photo"})
    return table.schema, list(table.rows)


@feature
def a_column_and_an_index_are_added(db: Database) -> Any:
    table = people(db)
    table.add_column("town", str)
    table.create_index(["town", "age"], unique=True)
    return table.schema, [(index.name, index.unique, index.columns) for index in table.indexes]


@feature
def full_text_search_as_ours(db: Database) -> Any:
    db.executescript(
        "CREATE VIRTUAL TABLE search USING fts5(skey, tokenize = 'unicode61', prefix = '2 3');"
        "INSERT INTO search(search, rank) VALUES ('secure-delete', 1);"
    )
    for number, key in enumerate(("djordjevic jovana", "petrovic marko", "dugacka djurdja"), start=1):
        db.execute("INSERT INTO search (rowid, skey) VALUES (?, ?)", [number, key])
    db.execute("DELETE FROM search WHERE rowid = 2")
    found = db.execute("SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC", ['"dj"*']).fetchall()
    return found, db.execute("SELECT rowid FROM search WHERE search MATCH 'petrovic'").fetchall()


@feature
def full_text_search_as_theirs(db: Database) -> Any:
    table = people(db)
    table.enable_fts(["name"], create_triggers=True)
    table.insert({"name": "Ђура Ђурић"})
    return [row["n"] for row in table.search("Ђурић")], table.detect_fts()


@feature
def a_function_of_ours_is_called(db: Database) -> Any:
    db.register_function(lambda text: text[::-1], name="turned", deterministic=True)
    return db.execute("SELECT turned('абв')").fetchone()


# --- migrations -------------------------------------------------------------------------------------------------------


@feature
def migrations_are_applied_once_and_in_order(db: Database) -> Any:
    from sqlite_utils import Migrations

    steps = Migrations("ours")

    @steps()
    def m0001_first(db: Database) -> None:
        db.executescript("CREATE TABLE first (a INTEGER); CREATE TABLE other (b TEXT);")

    @steps()
    def m0002_second(db: Database) -> None:
        db.executescript("ALTER TABLE first ADD COLUMN c TEXT NOT NULL DEFAULT '';")

    steps.apply(db, stop_before="m0002_second")
    pending = [step.name for step in steps.pending(db)]
    steps.apply(db)
    steps.apply(db)
    return pending, [step.name for step in steps.applied(db)], db.table("first").columns_dict


@feature
def a_migration_that_fails_leaves_nothing(db: Database) -> Any:
    from sqlite_utils import Migrations

    steps = Migrations("ours")

    @steps()
    def m0001_first(db: Database) -> None:
        db.table("first").create({"a": int})
        db.table("first").insert({"a": 1})
        raise ValueError("on purpose")

    return refused(db, lambda: steps.apply(db)), db.table("first").exists(), [s.name for s in steps.pending(db)]


@feature
def migrations_join_a_transaction_of_ours(db: Database) -> Any:
    from sqlite_utils import Migrations

    steps = Migrations("ours")

    @steps()
    def m0001_first(db: Database) -> None:
        db.executescript("CREATE TABLE first (a INTEGER);")

    db.conn.execute("BEGIN IMMEDIATE")
    steps.apply(db)
    inside = db.conn.in_transaction
    if inside:
        db.conn.execute("ROLLBACK")
    return inside, db.table("first").exists()


# --- both ways --------------------------------------------------------------------------------------------------------


def plain(path: Path) -> Database:
    """The same library, set up alike, without a key."""
    # Before sqlite_utils is imported: it must find the library under the alias.
    library = driver()
    from sqlite_utils import Database

    connection = library.connect(str(path), isolation_level=None)
    connection.execute("PRAGMA journal_mode=wal").fetchone()
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return Database(connection, execute_plugins=False)


def keyed(path: Path) -> Database:
    return connect(path, KEY, busy_s=1)


def outcome(way: Callable[[Path], Database], path: Path, act: Feature) -> tuple[str, list[Any], list[str]]:
    """What a feature returned, and what is in the file when it is opened again; times of applying left out."""
    with closing(way(path).conn) as connection:
        from sqlite_utils import Database

        returned = repr(act(Database(connection, execute_plugins=False)))
    with closing(way(path).conn) as connection:
        schema = connection.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name").fetchall()
        tables = [name for kind, name, sql in schema if kind == "table" and "_sqlite_migrations" not in name]
        held = [connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in tables]  # noqa: S608  # ours
        sound = [row[0] for row in connection.execute("PRAGMA integrity_check").fetchall()]
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return returned, [schema, held], sound


@pytest.mark.parametrize("name", FEATURES)
def test_a_feature_is_the_same_over_a_key(tmp_path: Path, name: str) -> None:
    expected = outcome(plain, tmp_path / "plain.db", FEATURES[name])
    assert outcome(keyed, tmp_path / "keyed.db", FEATURES[name]) == expected
    assert expected[2] == ["ok"]
    open_bytes, sealed_bytes = ((tmp_path / file).read_bytes() for file in ("plain.db", "keyed.db"))
    assert open_bytes.startswith(b"SQLite format 3\0")
    assert not sealed_bytes.startswith(b"SQLite")
    assert len(sealed_bytes) > 0 or len(open_bytes) == 0
    if MARKER.encode() in open_bytes:
        assert MARKER.encode() not in sealed_bytes


def test_the_errors_are_the_librarys_own_and_sqlite_utils_catches_them(tmp_path: Path) -> None:
    import sqlite_utils.utils

    library = driver()
    assert vars(sqlite_utils.utils)["sqlite3"] is library
    assert not issubclass(library.Error, sqlite3.Error)
    with closing(keyed(tmp_path / "keyed.db").conn):
        pass


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    from data.errors import WrongKey

    with closing(keyed(tmp_path / "keyed.db").conn) as connection:
        connection.execute("CREATE TABLE t (a)")
    with pytest.raises(WrongKey):
        connect(tmp_path / "keyed.db", KEY[::-1], busy_s=1)
    with pytest.raises(driver().DatabaseError):
        plain(tmp_path / "keyed.db")


def test_the_list_stands_in_for_tests_that_the_package_does_not_ship() -> None:
    shipped = [file for file in files("sqlite-utils") or () if "test" in file.parts[-1] and file.suffix == ".py"]
    assert shipped == [], "run its own suite over keyed connections instead"
    assert len(FEATURES) == 32


WITHOUT_ALIAS = """
import sys, sqlite_utils, sqlcipher3
from tests.data.test_sqlite_utils_keyed import FEATURES
for name, act in FEATURES.items():
    connection = sqlcipher3.connect(f"{sys.argv[1]}/{name}.db", isolation_level=None)
    connection.execute("PRAGMA key=\\"x'00'\\"")
    connection.execute("PRAGMA foreign_keys=ON")
    try:
        act(sqlite_utils.Database(connection, execute_plugins=False))
    except Exception:
        print(name)
"""


def test_without_the_alias_the_list_finds_what_breaks(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_ALIAS, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) == {"insert_may_add_the_column", "query_returns_what_an_insert_gives_back"}
