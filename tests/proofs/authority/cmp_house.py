"""CMP responders, one for each trial, in a process of their own; and an office whose own side is cut."""

from __future__ import annotations

import json
import os
import signal
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiosk.ca.cmp.authority import CmpAuthority, Terms
from kiosk.ca.cmp.credentials import Credentials
from kiosk.ca.cmp.transport import HttpTransport, Limits
from kiosk.ca.interface import CertificationAuthority, Wire
from kiosk.orders import OrderState
from tests.ca.delegate import DelegatingAuthority
from tests.proofs.authority.cuts import DAYS, LINES, Cut, Fuse, Moment
from tests.proofs.authority.house import Books
from tests.services.cmp.lines import Conversation, Line, Server
from tests.services.cmp.office import terms_of
from tests.services.cmp.pki import Identity, Pki, redated
from tests.services.cmp.responder import Habits, Responder
from tests.services.ports import free_ports


class TrialServer(Server):
    """A responder for each path; the path says how it behaves and what happens on the line."""

    def __init__(self, pki: Pki, houses: dict[str, Habits]) -> None:
        super().__init__(Responder(pki))
        self._pki = pki
        self._habits = houses
        self._conversations: dict[str, Conversation] = {}

    def conversation(self, path: str) -> Conversation:
        if path not in self._conversations:
            _, house, _, exchange, line, *_ = path.split("/")
            lines = [Line.GOOD] * (int(exchange) - 1) + [Line[line]]
            responder = Responder(self._pki, replace(self._habits[house]))
            self._conversations[path] = Conversation(responder, lines)
        return self._conversations[path]


@contextmanager
def serving_process(pki: Pki, houses: dict[str, Habits]) -> Iterator[int]:
    """The server in a process of its own; gives its port. This process stays without threads, as forking wants."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        server = TrialServer(pki, houses)
        os.write(writing, str(server.server_address[1]).encode())
        os.close(writing)
        server.serve_forever()
    os.close(writing)
    with os.fdopen(reading, "rb") as said:
        port = int(said.read())
    try:
        yield port
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


class Unnoticing(Credentials):
    """An office that does not look at its own certificate."""

    def check(self, now: datetime) -> None: ...


class CutCmp(DelegatingAuthority):
    """From the cut exchange on, the office is another: without a line, expired, or with a clock that is wrong."""

    def __init__(self, good: CertificationAuthority, bad: CertificationAuthority, moment: Moment) -> None:
        super().__init__(good)
        self._bad = bad
        self._left = moment.exchange
        self._prepared()

    def _prepared(self) -> None:
        if self._left == 1:
            self.inner = self._bad

    def exchange(self, wire: Wire) -> bytes:
        try:
            return super().exchange(wire)
        finally:
            self._left -= 1
            self._prepared()


ON_THE_OFFICE = (Cut.BEFORE_SEND, Cut.EXPIRED, Cut.EXPIRED_UNNOTICED, Cut.CLOCK_BEHIND, Cut.CLOCK_AHEAD)


@dataclass
class CmpHouse:
    """A CMP responder with certain habits, over HTTP."""

    name: str
    pki: Pki
    habits: Habits
    change: Callable[[Terms], Terms] = lambda terms: terms
    cuts: tuple[Cut, ...] = (Cut.NONE, *LINES, *ON_THE_OFFICE)
    final: OrderState = OrderState.CONFIRMED
    port: int = 0
    expired: Identity = field(init=False)

    def __post_init__(self) -> None:
        self.expired = redated(self.pki.office, self.pki.infrastructure, datetime.now(UTC), (-30, -1))

    def _path(self, trial: str, moment: Moment) -> str:
        line = LINES.get(moment.cut, Line.GOOD)
        return f"/{self.name}/{trial}/{moment.exchange}/{line.name}/"

    def _office(self, url: str, cut: Cut, later_s: int = 0) -> CmpAuthority:
        [dead] = free_ports(1) if cut is Cut.BEFORE_SEND else [0]
        transport = HttpTransport(f"http://127.0.0.1:{dead}/" if dead else url, Limits(answer_s=5))
        is_expired = cut in (Cut.EXPIRED, Cut.EXPIRED_UNNOTICED)
        identity = self.expired if is_expired else self.pki.office
        kind = Unnoticing if cut is Cut.EXPIRED_UNNOTICED else Credentials
        credentials = kind(private_key=identity.key, certificate=identity.certificate)
        offset = timedelta(days=DAYS.get(cut, 0), seconds=later_s)
        return CmpAuthority(self.change(terms_of(self.pki)), credentials, transport, lambda: datetime.now(UTC) + offset)

    @contextmanager
    def authority(
        self, place: Path, trial: str, moment: Moment, fuse: Fuse, run: int, later_s: int = 0
    ) -> Iterator[CertificationAuthority]:
        url = f"http://127.0.0.1:{self.port}{self._path(trial, moment)}"
        good = self._office(url, Cut.NONE, later_s)
        if run == 0 and moment.cut in ON_THE_OFFICE:
            yield CutCmp(good, self._office(url, moment.cut), moment)
        else:
            yield good

    def books(self, place: Path, trial: str, moment: Moment) -> Books:
        url = f"http://127.0.0.1:{self.port}{self._path(trial, moment)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            said = json.load(answer)
        issued = tuple(bytes.fromhex(certificate) for certificate in said["certificates"])
        live = list(said["status"].values()).count("good")
        return Books(issued, live, all(said["confirmed"]))
