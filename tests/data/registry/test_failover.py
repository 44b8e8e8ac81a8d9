"""The primary is killed under load and the standby takes its place: what was acknowledged is there, once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from data import outbox
from data.bundle_header import named_rows
from data.exchange_errors import RegistryUnavailable
from data.registry import setup
from tests.data.registry.places import Centre, Office
from tests.services.ports import wait_until
from tests.services.postgres import PORT, PrivatePostgres, private_postgres
from tests.services.requirement import ServiceMissing, skip_or_fail

BUNDLES, ROWS = 40, 20
KILLED_AFTER = 10
"""Bundles that were acknowledged when the primary is killed."""


class Pair:
    """A primary and a standby that follows it."""

    def __init__(self, primary: PrivatePostgres, standby: PrivatePostgres) -> None:
        self.primary, self.standby = primary, standby

    @property
    def dsn(self) -> str:
        """Finds whichever of the two takes writes."""
        hosts = f"host={self.primary.folder},{self.standby.folder} port={PORT},{PORT}"
        return f"{hosts} user=postgres dbname=postgres target_session_attrs=read-write connect_timeout=2"

    def make_synchronous(self) -> None:
        """From now on a commit is acknowledged only when the standby has it on its disk."""
        self.primary.sql("ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (*)'", "SELECT pg_reload_conf()")
        query = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'quorum'"
        wait_until(lambda: self.primary.sql(query).strip() == "1", "a synchronous standby")

    def fail_over(self) -> None:
        """Kill the primary with everything it has in hand; then the standby becomes the primary."""
        self.primary.kill()
        self.standby.run("pg_ctl", "-D", str(self.standby.data), "-w", "promote")


@pytest.fixture
def pair() -> Iterator[Pair]:
    try:
        with private_postgres() as primary:
            standby = primary.standby(primary.folder.parent / "standby")
            try:
                yield Pair(primary, standby)
            finally:
                standby.abandon()
    except ServiceMissing as error:
        skip_or_fail(error)


def load(pair: Pair, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Centre, Office]:
    """A centre with all the bundles of an office in its spool."""
    monkeypatch.setattr(outbox, "MOST_ROWS", ROWS)
    centre = Centre(folder / "centre", pair.dsn)
    setup.init(centre.database)
    office = Office(folder / "office", "7130")
    centre.enter(office)
    office.write(BUNDLES * ROWS)
    centre.send(office)
    return centre, office


def take_in_until_done(centre: Centre, outages: list[str]) -> None:
    """What a worker's service does: pass after pass, whatever happens to the database."""
    while centre.spool.arrived():
        try:
            centre.worker.run()
        except RegistryUnavailable as error:
            outages.append(str(error))
            time.sleep(0.05)


def acknowledged(centre: Centre) -> set[int]:
    """Numbers of the rows whose bundles were put away as taken in."""
    names = [named_rows(path.name) for path in (centre.spool.folder / "done").iterdir()]
    return {seq for rows in names if rows for seq in range(rows[2], rows[3] + 1)}


def test_no_acknowledged_row_is_lost_and_none_is_doubled(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.make_synchronous()
    centre, office = load(pair, tmp_path, monkeypatch)
    outages: list[str] = []
    worker = threading.Thread(target=take_in_until_done, args=(centre, outages))
    worker.start()
    wait_until(lambda: len(acknowledged(centre)) >= KILLED_AFTER * ROWS, "a worker under load")
    pair.fail_over()
    before = acknowledged(centre)
    here = {int(line) for line in pair.standby.sql("SELECT seq FROM journal_row").split()}
    worker.join(60)
    assert not worker.is_alive()
    assert outages, "the worker has noticed nothing"
    assert KILLED_AFTER * ROWS <= len(before) < BUNDLES * ROWS
    assert before <= here
    assert [(seq, body) for _, seq, body in centre.rows()] == [(row.seq, row.body) for row in office.stored_rows()]
    (verdict,) = centre.verify()
    assert (verdict.rows, verdict.fault) == (BUNDLES * ROWS, "")
    centre.exchange(office)
    assert office.acknowledged() == BUNDLES * ROWS
    office.close()
    centre.close()


@pytest.mark.soak
def test_without_a_synchronous_standby_the_loss_is_found(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre, office = load(pair, tmp_path, monkeypatch)
    query = "SELECT count(*) FROM pg_stat_replication WHERE replay_lsn = pg_current_wal_lsn()"
    wait_until(lambda: pair.primary.sql(query).strip() == "1", "a standby that has everything")
    pair.standby.pause_following()
    take_in_until_done(centre, [])
    pair.fail_over()
    here = {int(line) for line in pair.standby.sql("SELECT seq FROM journal_row").split()}
    assert acknowledged(centre) - here
    # The office still has the rows, and the centre asks for them.
    centre.database.close()
    for _ in range(3):
        office.write(1)
        centre.exchange(office)
    assert [seq for _, seq, _ in centre.rows()] == [row.seq for row in office.stored_rows()]
    office.close()
    centre.close()
