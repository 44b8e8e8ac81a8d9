"""Log-ins, crashes and moved clocks are rows, and heads are signed as a session goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from data.archive import Archive
from data.errors import KeyFileUnusable
from data.sessions import ClockWatch
from tests.data.invented import CLERK, Clock, open_archive


def kinds(archive: Archive) -> list[str]:
    return [row.kind for row in reversed(archive.journal_rows(50))]


def test_a_session_begins_and_ends_with_a_signed_head(archive: Archive) -> None:
    archive.begin_session(CLERK)
    assert archive.heads.latest() == archive.checkpoint()
    archive.end_session(CLERK)
    archive.end_session(CLERK)
    assert kinds(archive) == ["session_begun", "office_key", "session_ended"]
    latest = archive.heads.latest()
    assert latest is not None and latest.head.size == 3


def test_a_session_that_did_not_end_is_told_at_the_next_start(tmp_path: Path) -> None:
    first = open_archive(tmp_path)
    first.begin_session(CLERK)
    first.note("refused", {}, clerk=CLERK)
    first.close()
    again = open_archive(tmp_path)
    # This clock begins anew as well, so it stands before the rows that are there.
    again.begin_session("0043")
    assert kinds(again)[3:] == ["clock_changed", "unclean_start", "session_begun"]
    (begun, unclean, moved) = again.journal_rows(3)
    assert (begun.clerk, unclean.clerk) == ("0043", "-")
    assert (unclean.body["session"], unclean.body["last_row"]) == (1, 3)
    assert moved.body["from"] > moved.body["to"]
    again.end_session("0043")
    again.close()


def test_a_clock_that_is_moved_while_the_program_runs_is_a_row(archive: Archive) -> None:
    now, count = datetime(2026, 3, 2, tzinfo=UTC), 0.0
    watch = ClockWatch(lambda: now, lambda: count)
    moves = ((10, 10, False), (-3600, 5, True), (86400, 86400, False), (7200, 1, True), (1, 59, False))
    for by, seconds, is_row in moves:
        now, count = now + timedelta(seconds=by), count + seconds
        before = len(archive.journal_rows(50))
        with archive.store.immediate() as db:
            watch.look(db)
        rows = archive.journal_rows(50)
        assert len(rows) - before == is_row, by
        if is_row:
            assert (rows[0].kind, rows[0].body["by_s"]) == ("clock_changed", by - seconds)


def test_every_so_many_rows_the_head_is_signed(tmp_path: Path) -> None:
    archive = Archive.open(tmp_path, Clock(), zone=UTC, checkpoint_rows=10)
    for n in range(45):
        archive.note("refused", {"n": n}, clerk=CLERK)
    with archive.store.read() as db:
        sizes = [row[0] for row in db.execute("SELECT size FROM checkpoints ORDER BY size").fetchall()]
    # The first signature adds the row that introduces its key.
    assert sizes == [11, 20, 30, 40]
    assert archive.heads.fault is None
    archive.close()


def test_a_key_that_fails_costs_no_row_and_is_told(tmp_path: Path) -> None:
    (tmp_path / "office.key").write_text("no key")
    (tmp_path / "office.key").chmod(0o600)
    archive = Archive.open(tmp_path, Clock(), zone=UTC, checkpoint_rows=3)
    for n in range(4):
        archive.note("refused", {"n": n}, clerk=CLERK)
    assert type(archive.heads.fault) is KeyFileUnusable
    (tmp_path / "office.key").unlink()
    archive.checkpoint()
    assert archive.heads.latest() == archive.checkpoint()
    assert archive.verify().ok
    archive.close()
