"""A counter for each test; the TEST authority's keys are made once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.root import load_or_create
from tests.enrolment.authorities import Line
from tests.enrolment.counter import Counter

CounterMaker = Callable[..., Counter]


@pytest.fixture(scope="session")
def ca(tmp_path_factory: pytest.TempPathFactory) -> AuthorityKey:
    return load_or_create(tmp_path_factory.mktemp("authority") / "test-authority", datetime.now(UTC))


@pytest.fixture
def counter_for(tmp_path: Path, ca: AuthorityKey) -> Iterator[CounterMaker]:
    """Makes a counter for a citizen and a list of how the exchanges with the authority go."""
    made: list[Counter] = []

    def make(citizen: str = "jovana", lines: Sequence[Line] = ()) -> Counter:
        made.append(Counter(tmp_path / str(len(made)), ca, citizen, lines))
        return made[-1]

    yield make
    for counter in made:
        counter.close()
