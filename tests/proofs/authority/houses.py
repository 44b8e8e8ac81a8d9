"""The authorities in the proof: how an office of a trial reaches each, and what stands in its books afterwards."""

from __future__ import annotations

import json
import os
import signal
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from data.authority_register import AuthorityRegister
from kiosk.ca.cmp.authority import CmpAuthority, Terms
from kiosk.ca.cmp.credentials import Credentials
from kiosk.ca.cmp.transport import HttpTransport, Limits
from kiosk.ca.interface import CertificationAuthority, IssueRequest, NotSent, Unknown, Wire
from kiosk.ca.local import LocalAuthority
from kiosk.ca.messages import decode_answer, encode_answer
from kiosk.ca.register import RegisterEntry
from kiosk.orders import OrderState
from tests.ca.delegate import DelegatingAuthority
from tests.proofs.authority.cuts import DAYS, LINES, Cut, Fuse, Moment
from tests.proofs.register import registered
from tests.services.cmp.lines import Conversation, Line, Server
from tests.services.cmp.office import terms_of
from tests.services.cmp.pki import Identity, Pki, redated
from tests.services.cmp.responder import Habits, Responder
from tests.services.ports import free_ports


@dataclass(frozen=True)
class Books:
    """What an authority says it has issued in one trial."""

    issued: tuple[bytes, ...]
    """Every certificate ever, DER."""
    live: int
    is_confirmed: bool


class House(Protocol):
    """An authority, made anew for each trial."""

    name: str
    cuts: tuple[Cut, ...]
    final: OrderState
    """Where an order ends."""

    def authority(
        self, place: Path, trial: str, moment: Moment, fuse: Fuse, run: int, later_s: int = 0
    ) -> AbstractContextManager[CertificationAuthority]:
        """As the office sees it in its `run`-th run (from 0); only in the first the cuts on its own side happen.

        `later_s`: so many seconds later than it is.
        """

    def books(self, place: Path, trial: str, moment: Moment) -> Books:
        """What has come of it."""


# --- CMP --------------------------------------------------------------------------------------------------------------


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


# --- the built-in authority -------------------------------------------------------------------------------------------


class FusedRegister(AuthorityRegister):
    """The fuse sees the authority's own two commits as well."""

    fuse = Fuse(None)

    def reserve(self, proposed: RegisterEntry, most: int | None = None) -> RegisterEntry:
        self.fuse.event()
        entry = super().reserve(proposed, most)
        self.fuse.event()
        return entry

    def store(self, order_id: str, certificate: bytes) -> RegisterEntry:
        self.fuse.event()
        entry = super().store(order_id, certificate)
        self.fuse.event()
        return entry


class CutLocal(DelegatingAuthority):
    """One exchange with the built-in authority goes wrong, as if there were a line to it."""

    def __init__(self, inner: CertificationAuthority, moment: Moment) -> None:
        super().__init__(inner)
        self._moment = moment
        self._count = 0
        self._late: list[Wire] = []
        self._last = b""

    def exchange(self, wire: Wire) -> bytes:
        self._count += 1
        if self._count == self._moment.exchange:
            return self._cut(wire)
        answer = super().exchange(wire)
        for late in self._late:
            super().exchange(late)
        self._late.clear()
        is_second = self._moment.cut is Cut.ANSWER_TWICE and self._count == self._moment.exchange + 1
        return self._last if is_second else answer

    def _cut(self, wire: Wire) -> bytes:
        cut = self._moment.cut
        if cut is Cut.BEFORE_SEND:
            raise NotSent(cut.value)
        if cut is Cut.ARRIVES_LATE:
            self._late.append(wire)
        if cut in (Cut.ARRIVES_LATE, Cut.AFTER_SEND):
            raise Unknown(cut.value)
        self._last = super().exchange(wire)
        if cut is Cut.ANSWER_LOST:
            raise Unknown(cut.value)
        if cut is Cut.SENT_TWICE:
            return super().exchange(wire)
        if cut is Cut.OTHER_TRANSACTION:
            return encode_answer("2031-000020/signature", decode_answer(self._last)[1])
        return self._last


@dataclass
class LocalHouse:
    """The authority on this machine: its register is cut with the office."""

    pki: Pki
    name: str = "local"
    cuts: tuple[Cut, ...] = (
        Cut.NONE,
        Cut.BEFORE_SEND,
        Cut.AFTER_SEND,
        Cut.SENT_TWICE,
        Cut.ARRIVES_LATE,
        Cut.ANSWER_LOST,
        Cut.ANSWER_TWICE,
        Cut.OTHER_TRANSACTION,
        Cut.CLOCK_BEHIND,
        Cut.CLOCK_AHEAD,
    )
    final: OrderState = OrderState.ISSUED

    @contextmanager
    def authority(
        self, place: Path, trial: str, moment: Moment, fuse: Fuse, run: int, later_s: int = 0
    ) -> Iterator[CertificationAuthority]:
        days = DAYS.get(moment.cut, 0) if run == 0 else 0
        if moment.cut is Cut.CLOCK_AHEAD and run > 1:
            # Its clock is the office's: what it dated tomorrow is good tomorrow.
            days = 1
        register = FusedRegister.open(place)
        assert isinstance(register, FusedRegister)
        register.fuse = fuse
        try:
            local = LocalAuthority(register, self.pki.ca, lambda: datetime.now(UTC) + timedelta(days=days, seconds=run))
            yield CutLocal(local, moment) if run == 0 else local
        finally:
            register.close()

    def books(self, place: Path, trial: str, moment: Moment) -> Books:
        issued = tuple(certificate for certificate in registered(place).values() if certificate)
        return Books(issued, len(issued), True)


# --- all of them ------------------------------------------------------------------------------------------------------


def houses(pki: Pki) -> Sequence[LocalHouse | CmpHouse]:
    """The built-in authority, and CMP authorities with the habits that make a difference to who asks.

    Only the first of them would refuse a second certificate for the same key; of the others, only the transaction
    keeps the office from two.
    """

    def implicit(terms: Terms) -> Terms:
        return replace(terms, implicit_confirm=True)

    def no_lookup(terms: Terms) -> Terms:
        return replace(terms, lookup=False)

    mute = Habits(knows_keys=False, finds_transactions=False)
    return (
        LocalHouse(pki),
        CmpHouse("cmp", pki, Habits()),
        CmpHouse("cmp-repeats", pki, mute, no_lookup),
        CmpHouse("cmp-once", pki, Habits(knows_keys=False, repeats_answers=False)),
        CmpHouse("cmp-later", pki, Habits(knows_keys=False, waits=1)),
        CmpHouse("cmp-implicit", pki, Habits(knows_keys=False), implicit),
    )


def order_for(order: IssueRequest, case_order_id: str) -> IssueRequest:
    """The order under the id that the archive gives it."""
    return replace(order, order_id=case_order_id)
