"""One PostgreSQL for each test process, empty tables and a centre for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.registry import setup
from data.registry.database import Database
from tests.data.registry.places import Centre, Office
from tests.services.postgres import PrivatePostgres, private_postgres
from tests.services.requirement import ServiceMissing, skip_or_fail

TABLES = "office, office_key, office_key_end, epoch_start, journal_row, head, alarm, subject_key, erasure, found_case"
OTHER_ENGINE = "KIOSK_TEST_REGISTRY_DSN"
"""Names an empty database of an engine that speaks like PostgreSQL; everything in it is deleted."""
EMPTY = f"TRUNCATE {TABLES}, case_word"


@pytest.fixture(scope="session")
def _session_postgres() -> Iterator[PrivatePostgres | ServiceMissing]:
    try:
        with private_postgres() as server:
            yield server
    except ServiceMissing as error:
        yield error


@pytest.fixture
def postgres(_session_postgres: PrivatePostgres | ServiceMissing) -> PrivatePostgres:
    """This process's server."""
    if isinstance(_session_postgres, ServiceMissing):
        skip_or_fail(_session_postgres)
    return _session_postgres


@pytest.fixture
def dsn(request: pytest.FixtureRequest) -> str:
    """A database with the central tables, all of them empty: the private server's, or another engine's."""
    wanted = os.environ.get(OTHER_ENGINE) or request.getfixturevalue("postgres").dsn()
    database = Database(wanted)
    setup.init(database)
    database.run(lambda cursor: cursor.execute(EMPTY.encode()))
    database.close()
    return str(wanted)


@pytest.fixture
def centre(dsn: str, tmp_path: Path) -> Iterator[Centre]:
    """The centre, with one office entered."""
    made = Centre(tmp_path / "centre", dsn)
    yield made
    made.close()


@pytest.fixture
def office(centre: Centre, tmp_path: Path) -> Iterator[Office]:
    """An office that the centre knows."""
    made = Office(tmp_path / "office", "7130")
    centre.enter(made)
    yield made
    made.close()
