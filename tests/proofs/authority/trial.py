"""One trial: an order, a cut, a kill; the office comes back until the order is done; the books are compared."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from kiosk.ca.interface import IssueRequest
from kiosk.orders import OrderState
from tests.proofs.authority import office
from tests.proofs.authority.cuts import Cut, Fuse, Moment
from tests.proofs.authority.house import House
from tests.proofs.tear.forked import ForkFailed, in_fork

RUNS = 5
"""How often the clerk comes back to a case before it counts as stuck."""
PATIENT_RUNS = 3
"""How often before a person asks the authority."""
LATER_S = 600
"""So long later, when no message that is still under way would be accepted any more."""


@dataclass
class Bench:
    """Where trials of one house happen; `template` holds an archive with the order."""

    house: House
    request: IssueRequest
    template: Path
    folder: Path

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self.settled_by_a_person = 0
        self.events = 0
        self.exchanges = 0

    def every_moment(self) -> Iterator[Moment]:
        """Each cut of each exchange, alone and with the power going at each event."""
        whole = self._probe(Moment())
        for cut in self.house.cuts:
            for exchange in range(1, 2 if cut is Cut.NONE else whole["exchanges"] + 1):
                moment = Moment(cut, exchange)
                events = self._probe(moment)["events"]
                yield moment
                for kill_at in range(1, events + 1):
                    yield Moment(cut, exchange, kill_at)

    def trial(self, moment: Moment) -> list[str]:
        """What is wrong afterwards; nothing, if all is well."""
        trial = str(next(self._numbers))
        place = self._place(trial)
        self._run(place, trial, moment, 0)
        stood: dict[str, Any] = {}
        for run in range(1, RUNS):
            stood = self._run(place, trial, moment, run) or {"stopped": "killed again"}
            if stood.get("state") == self.house.final.value:
                break
            if run == PATIENT_RUNS and stood.get("state") == OrderState.UNKNOWN.value:
                self._ask_a_person(place, trial, moment, run)
        faults = list(self._faults(place, trial, moment, stood))
        shutil.rmtree(place)
        return faults

    def _faults(self, place: Path, trial: str, moment: Moment, stood: dict[str, Any]) -> Iterator[str]:
        books = self.house.books(place, trial, moment)
        if stood.get("state") != self.house.final.value:
            yield f"stuck: {stood.get('state')} ({stood.get('stopped')})"
        if len(books.issued) != 1 or books.live != 1:
            yield f"{len(books.issued)} issued, {books.live} live"
        if [certificate.hex() for certificate in books.issued] != [stood.get("certificate")]:
            yield "the office has another certificate than the authority has issued, or none"
        if not books.is_confirmed:
            yield "not confirmed"
        if not (stood.get("is_request_same") and stood.get("is_archive_whole")):
            yield "the request or the archive has changed"

    def _probe(self, moment: Moment) -> dict[str, Any]:
        """How many events and exchanges a first run has, without a kill."""
        trial = f"probe-{next(self._numbers)}"
        place = self._place(trial)
        stood = self._run(place, trial, moment, 0)
        shutil.rmtree(place)
        if stood is None:
            raise ForkFailed("a probe was killed")
        return stood

    def _place(self, trial: str) -> Path:
        return Path(shutil.copytree(self.template, self.folder / trial))

    def _run(self, place: Path, trial: str, moment: Moment, run: int) -> dict[str, Any] | None:
        """One run of the office in a process of its own; `None` when it was killed."""
        try:
            stood: dict[str, Any] = in_fork(partial(self._in_child, place, trial, moment, run))
        except ForkFailed as failed:
            if str(failed) != "no word":
                raise
            return None
        return stood

    def _in_child(self, place: Path, trial: str, moment: Moment, run: int) -> dict[str, Any]:
        fuse = Fuse(moment.kill_at if run == 0 else None)
        with self.house.authority(place, trial, moment, fuse, run) as authority:
            return office.run(place, self.request, authority, fuse)

    def _ask_a_person(self, place: Path, trial: str, moment: Moment, run: int) -> None:
        def declare() -> dict[str, Any]:
            with self.house.authority(place, trial, moment, Fuse(None), run, LATER_S) as authority:
                return office.declare_not_issued(place, self.request, authority)

        if self.house.books(place, trial, moment).issued:
            return
        in_fork(declare)
        self.settled_by_a_person += 1
