"""The archive: durable commits beside SQLite and the disk, finding among a million, verifying beside SHA-256."""

from __future__ import annotations

import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from data import journal, search
from data.archive import Archive
from data.fold import fold
from data.keys import key_of
from data.merkle import Frontier, leaf_hash
from data.sqlcipher import connect
from kiosk.benches.archive_cases import fill
from kiosk.benches.measurement import Measurement

CASES = 1_000_000
QUERIES = 2_000
ROWS = 100_000
BODY = 400
COMMITS = 150
FRAMES = 6
"""What a commit of one journal row writes: pages of 4096 bytes, each with 24 bytes before it in the log."""
NOBODY = "0000"


def measure(runs: int = 10) -> Iterator[Measurement]:
    """Everything, in `runs` rounds that take turns; a million cases are written first."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _commits(Path(folder), runs)
        yield from _verifying(Path(folder), runs)
        yield from _finding(Path(folder))


def _open(folder: Path) -> Archive:
    return Archive.open(folder, lambda: datetime.now(UTC), checkpoint_rows=10**9)


# --- durable commits --------------------------------------------------------------------------------------------------


def _commits(folder: Path, runs: int) -> Iterator[Measurement]:
    with closing(_open(folder / "commits")) as archive:
        raw = connect(folder / "raw.db", key_of(folder / "raw.db"), busy_s=1).conn
        raw.execute("CREATE TABLE journal (seq INTEGER PRIMARY KEY, body BLOB, leaf BLOB, root BLOB) STRICT")
        raw.execute("CREATE TABLE head (only INTEGER PRIMARY KEY, size INTEGER, peaks BLOB, root BLOB) STRICT")
        disk = os.open(folder / "disk", os.O_RDWR | os.O_CREAT, 0o600)
        os.pwrite(disk, bytes(FRAMES * 4120 * 64), 0)
        ways: dict[str, Callable[[int], None]] = {
            "ours": lambda n: archive.note("refused", {"n": n, "text": "x" * 200}, clerk=NOBODY),
            "raw": lambda n: _raw_commit(raw, n),
            "disk": lambda n: _disk_commit(disk, n),
        }
        rates: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(runs):
            for name, way in ways.items():
                rates[name].append(_rate(way))
        raw.close()
        os.close(disk)
    ours, bare, limit = (statistics.median(rates[name]) for name in ways)
    settings = "raw SQLCipher, the same settings and columns, nothing hashed or sealed"
    yield _line("archive.commits", ours, "1/s", settings, bare, runs)
    yield _line("archive.commits", ours, "1/s", "the disk: six log frames written and synced", limit, runs)


def _raw_commit(raw: Any, number: int) -> None:
    body = b"x" * BODY
    raw.execute("BEGIN IMMEDIATE")
    raw.execute("INSERT INTO journal (body, leaf, root) VALUES (?, ?, ?)", [body, bytes(32), bytes(32)])
    raw.execute("INSERT OR REPLACE INTO head VALUES (1, ?, ?, ?)", [number, bytes(256), bytes(32)])
    raw.execute("COMMIT")


def _disk_commit(disk: int, number: int) -> None:
    for frame in range(FRAMES):
        os.pwrite(disk, bytes(4120), ((number * FRAMES + frame) % (FRAMES * 64)) * 4120)
    os.fsync(disk)


def _rate(way: Callable[[int], None]) -> float:
    begun = time.perf_counter()
    for number in range(COMMITS):
        way(number)
    return COMMITS / (time.perf_counter() - begun)


# --- verifying --------------------------------------------------------------------------------------------------------


def _verifying(folder: Path, runs: int) -> Iterator[Measurement]:
    with closing(_open(folder / "rows")) as archive:
        bodies = list(_long_journal(archive))
        ours, limit, same = [], [], []
        for _ in range(max(1, runs // 3)):
            begun = time.perf_counter()
            assert journal.verify(archive.store).ok, "the rows are those just written"  # noqa: S101  # no bench of lies
            ours.append(ROWS / (time.perf_counter() - begun))
            limit.append(_hashing_rate(bodies, lambda size: 1))
            # A tree node for each row, and as many more as its root has peaks to join.
            same.append(_hashing_rate(bodies, lambda size: size.bit_count()))
    for against, rates in (
        ("SHA-256 alone: each row and one tree node, in memory", limit),
        ("SHA-256 alone: as many hashes as the root of each row takes", same),
    ):
        yield _line("archive.verify", statistics.median(ours), "row/s", against, statistics.median(rates), len(rates))


def _long_journal(archive: Archive) -> Iterator[bytes]:
    tree, rows = Frontier(), []
    for number in range(ROWS):
        body = json.dumps({"at": "2026", "body": {"n": number, "text": "x" * (BODY - 60)}, "kind": "refused"}).encode()
        leaf = leaf_hash(body)
        tree = tree.append(leaf)
        rows.append((tree.size, body, leaf, tree.root()))
        yield body
    with archive.store.immediate() as db:
        db.conn.executemany("INSERT INTO journal (seq, body, leaf, root) VALUES (?, ?, ?, ?)", rows)
        db.execute("INSERT INTO journal_head VALUES (1, ?, ?, ?)", [tree.size, tree.as_bytes(), tree.root()])


def _hashing_rate(bodies: list[bytes], nodes: Callable[[int], int]) -> float:
    node = bytes(64)
    begun = time.perf_counter()
    for size, body in enumerate(bodies, 1):
        sha256(b"\x00" + body).digest()
        for _ in range(nodes(size)):
            sha256(b"\x01" + node).digest()
    return len(bodies) / (time.perf_counter() - begun)


# --- finding ----------------------------------------------------------------------------------------------------------


def _finding(folder: Path) -> Iterator[Measurement]:
    chance = random.Random(19)  # noqa: S311  # invented people
    with closing(_open(folder / "cases")) as archive:
        known = fill(archive.store, CASES, chance)
        typed = [_typed(*chance.choice(known), chance) for _ in range(QUERIES)]
        ours = [_ms(partial(archive.search, text)) for text in typed]
        bare = [_ms(partial(_raw_search, archive, text)) for text in typed]
    raw = "the full-text index alone: numbers of the first page, no cases read"
    yield _line("archive.search.p50", _percentile(ours, 50), "ms", raw, _percentile(bare, 50), QUERIES)
    yield _line("archive.search.p99", _percentile(ours, 99), "ms", raw, _percentile(bare, 99), QUERIES)
    yield _line("archive.search.p99", _percentile(ours, 99), "ms", "what a clerk does not notice", 20.0, QUERIES)


def _typed(surname: str, given: str, number: str, chance: random.Random) -> str:
    """What a clerk has typed so far: a name in either script, from two letters on; both names; or a number."""
    match chance.randrange(6):
        case 0:
            return number[: chance.randint(4, 13)]
        case 1:
            return f"{surname} {given[:2]}"
        case 2:
            return fold(surname)[: chance.randint(2, 8)]
        case 3:
            return surname.capitalize()
        case 4:
            return f"{given} {surname[:3]}"
    return surname[: chance.randint(2, 6)]


def _raw_search(archive: Archive, text: str) -> int:
    with archive.store.read() as db:
        query = "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT 50"
        return len(db.execute(query, [search.match_expression(text)]).fetchall())


def _ms(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


def _line(bench: str, value: float, unit: str, against: str, limit: float, runs: int) -> Measurement:
    return Measurement(bench=bench, value=value, unit=unit, against=against, limit=limit, runs=runs)
