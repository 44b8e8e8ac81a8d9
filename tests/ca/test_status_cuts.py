"""The power goes at every moment of a status change: nothing is lost, and nothing is changed twice in meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from data.archive import Archive
from data.status_journal import ArchivedStatusJournal
from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.interface import (
    AuthFailed,
    CertificationAuthority,
    Issued,
    IssueRequest,
    NotSent,
    Pending,
    ProtocolAlarm,
    Rejected,
    Settlement,
    StatusAction,
    StatusChange,
    Unknown,
    Wire,
)
from kiosk.status_asking import StatusAsking, StatusPending
from kiosk.status_order import SETTLED, StatusOrder, StatusState
from tests.ca.conftest import NOW
from tests.ca.delegate import DelegatingAuthority
from tests.ca.houses import batch_house, order_of
from tests.ca.test_status import Counter
from tests.data.invented import CLERK, new_case
from tests.services.cmp.lines import serving
from tests.services.cmp.office import Office
from tests.services.cmp.pki import Pki
from tests.services.cmp.responder import Habits, Responder

NEXT = {StatusAction.HOLD: StatusAction.RELEASE, StatusAction.RELEASE: StatusAction.HOLD}
STANDING = {StatusAction.HOLD: "suspended", StatusAction.RELEASE: "active"}
CMP_WORDS = {"hold": "suspended", "good": "active", "revoked": "revoked"}


class PowerCut(Exception):
    """The machine stops here."""


@dataclass
class Moments:
    """Counts the moments of a run; at the one that is set, the power goes."""

    cut_at: int = 0
    passed: int = 0
    stored: list[StatusState] = field(default_factory=list)
    left: list[bytes] = field(default_factory=list)
    """Messages that left the machine."""

    def pass_one(self) -> None:
        self.passed += 1
        if self.passed == self.cut_at:
            raise PowerCut


class CutJournal:
    """The archive's own journal; the power may go before and after each row."""

    def __init__(self, inner: ArchivedStatusJournal, moments: Moments) -> None:
        self._inner = inner
        self._moments = moments

    def orders(self, case_id: str) -> tuple[StatusOrder, ...]:
        return self._inner.orders(case_id)

    def store(self, order: StatusOrder, clerk: str) -> None:
        self._moments.pass_one()
        self._inner.store(order, clerk)
        self._moments.stored.append(order.state)
        self._moments.pass_one()


class CutLine(DelegatingAuthority):
    """The power may go before a message leaves, and after the authority has acted on it."""

    def __init__(self, inner: CertificationAuthority, moments: Moments) -> None:
        super().__init__(inner)
        self._moments = moments

    def exchange(self, wire: Wire) -> bytes:
        self._moments.pass_one()
        self._moments.left.append(wire.body)
        answer = self.inner.exchange(wire)
        self._moments.pass_one()
        return answer


@dataclass(frozen=True)
class House:
    authority: CertificationAuthority
    serial: str
    standing: Callable[[], str]


def issued(authority: CertificationAuthority, order: IssueRequest) -> str:
    """The serial number of the certificate, once it has come."""
    wire = authority.prepare(order)
    while True:
        answer = authority.exchange(wire)
        outcome = authority.accept(order, wire, answer)
        if isinstance(outcome, Issued):
            return outcome.serial
        assert isinstance(outcome, Pending)
        wire = authority.prepare_poll(order, wire, answer)


@contextmanager
def local(folder: Path, pki: Pki, ca: AuthorityKey, key: rsa.RSAPrivateKey) -> Iterator[House]:
    counter = Counter(folder, ca, key)
    yield House(counter.authority, counter.serial, lambda: counter.standing().value)


def cmp(habits: Habits) -> Callable[..., Iterator[House]]:
    def house(folder: Path, pki: Pki, ca: AuthorityKey, key: rsa.RSAPrivateKey) -> Iterator[House]:
        responder = Responder(pki, habits)
        with serving(responder) as server, Office(pki, server.url) as office:
            serial = issued(office.authority, order_of(key))
            yield House(office.authority, serial, lambda: CMP_WORDS[responder.status[serial]])

    return house


HOUSES = {
    "local": local,
    "cmp": contextmanager(cmp(Habits())),
    "cmp, says each thing once": contextmanager(cmp(Habits(repeats_answers=False))),
}


@contextmanager
def opened(folder: Path) -> Iterator[Archive]:
    archive = Archive.open(folder, lambda: datetime.now(UTC))
    try:
        yield archive
    finally:
        archive.close()


def settle(authority: CertificationAuthority, archive: Archive, order: StatusOrder, moments: Moments) -> StatusOrder:
    """What the desk does: the intent is stored, then it is asked for; as the journal has it, if it has it."""
    journal = CutJournal(ArchivedStatusJournal(archive), moments)
    stored = {one.serial: one for one in journal.orders(order.case_id)}
    if order.serial not in stored:
        journal.store(order, CLERK)
    asking = StatusAsking(CutLine(authority, moments), journal, lambda: NOW)
    return asking.settle(stored.get(order.serial, order), CLERK)


@pytest.mark.parametrize("name", HOUSES)
def test_a_cut_at_every_moment(
    name: str, tmp_path: Path, pki: Pki, ca: AuthorityKey, chip_key: rsa.RSAPrivateKey
) -> None:
    folder, action, cut_at, seen = tmp_path / "office", StatusAction.HOLD, 0, set[StatusState]()
    with HOUSES[name](tmp_path, pki, ca, chip_key) as house:
        while True:
            cut_at += 1
            moments = Moments(cut_at)
            with opened(folder) as archive:
                case = new_case(archive)
                order = StatusOrder(case_id=case.id, serial=house.serial, action=action)
                try:
                    settled = settle(house.authority, archive, order, moments)
                except PowerCut:
                    settled = None
            again = Moments()
            if settled is None:
                with opened(folder) as archive:
                    settled = settle(house.authority, archive, order, again)
            assert settled.state is StatusState.DONE
            assert house.standing() == STANDING[action]
            with opened(folder) as archive:
                assert ArchivedStatusJournal(archive).orders(case.id) == (settled,)
            is_once = name == "cmp, says each thing once" and bool(moments.left) and bool(again.left)
            assert len({*moments.left, *again.left}) == (2 if is_once else 1), "the same bytes, as long as they do"
            seen.update(moments.stored)
            if moments.passed < cut_at:
                break
            action = NEXT[action]
    assert cut_at == 11, "before and after each of four rows, around the exchange, and once without a cut"
    assert seen == {StatusState.INTENDED, StatusState.SENT, StatusState.ANSWERED, StatusState.DONE}


# --- without a cut: what the line and the authority may do ------------------------------------------------------------


class Line(DelegatingAuthority):
    """Does what it is told, exchange by exchange and answer by answer; then all goes well."""

    def __init__(self, inner: CertificationAuthority, does: Sequence[object]) -> None:
        super().__init__(inner)
        self.does = list(does)
        self.bodies: list[bytes] = []

    def exchange(self, wire: Wire) -> bytes:
        now = self.does[0] if self.does else None
        if isinstance(now, NotSent):
            raise self.does.pop(0)  # type: ignore[misc]  # an exception, just checked
        self.bodies.append(wire.body)
        answer = self.inner.exchange(wire)
        if isinstance(now, Unknown):
            raise self.does.pop(0)  # type: ignore[misc]  # an exception, just checked
        return answer

    def accept_status(self, change: StatusChange, wire: Wire, answer: bytes) -> Settlement:
        now = self.does.pop(0) if self.does else None
        if isinstance(now, Exception):
            raise now
        return now if isinstance(now, Pending | Rejected) else self.inner.accept_status(change, wire, answer)


@dataclass(frozen=True)
class Case:
    does: Sequence[object]
    raised: Sequence[type[Exception]]
    left: int
    """Messages that left in all."""
    different: int
    """How many of them were not the same bytes."""
    state: StatusState = StatusState.DONE


REFUSED = Rejected(code="badCertId", text="")
CASES = {
    "never left": Case([NotSent("")], [NotSent], 1, 1),
    "never left, twice": Case([NotSent(""), NotSent("")], [NotSent, NotSent], 1, 1),
    "answer lost": Case([Unknown("")], [Unknown], 2, 1),
    "answer lost, then no line": Case([Unknown(""), NotSent("")], [Unknown, NotSent], 2, 1),
    "answer not believed": Case([ProtocolAlarm("")], [ProtocolAlarm], 2, 1),
    "not taken for the office": Case([AuthFailed("")], [AuthFailed], 2, 2),
    "not yet": Case([Pending(check_after_s=5)], [StatusPending], 2, 2),
    "refused": Case([REFUSED], [], 1, 1, StatusState.REJECTED),
    "answer lost, and the copy refused for being one": Case([Unknown(""), REFUSED], [Unknown], 3, 2),
    "answer lost, and refused": Case([Unknown(""), REFUSED, REFUSED], [Unknown], 3, 2, StatusState.REJECTED),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_may_be_sent_again(
    case: Case, tmp_path: Path, pki: Pki, ca: AuthorityKey, chip_key: rsa.RSAPrivateKey
) -> None:
    with HOUSES["cmp"](tmp_path, pki, ca, chip_key) as house, opened(tmp_path / "office") as archive:
        line = Line(house.authority, case.does)
        order = StatusOrder(case_id=new_case(archive).id, serial=house.serial, action=StatusAction.HOLD)
        journal = ArchivedStatusJournal(archive)
        for error in case.raised:
            with pytest.raises(error):
                StatusAsking(line, journal, lambda: NOW).settle(order, CLERK)
            [order] = journal.orders(order.case_id)
            assert order.state not in SETTLED
        settled = StatusAsking(line, journal, lambda: NOW).settle(order, CLERK)
        assert (settled.state, len(line.bodies), len(set(line.bodies))) == (case.state, case.left, case.different)
        assert settled.settled_at == NOW.isoformat()
        assert journal.orders(order.case_id) == (settled,)
        assert journal.settled() == ((settled,) if case.state is StatusState.DONE else ())
        assert archive.verify().ok


def test_by_files_it_waits_and_goes_on_as_it_was(tmp_path: Path, pki: Pki, chip_key: rsa.RSAPrivateKey) -> None:
    with batch_house(tmp_path, pki, chip_key) as house, opened(tmp_path / "archive") as archive:
        serial = issued(house.authority, house.order)
        journal = ArchivedStatusJournal(archive)
        asking = StatusAsking(house.authority, journal, lambda: NOW)
        for action in (StatusAction.HOLD, StatusAction.RELEASE, StatusAction.HOLD, StatusAction.REVOKE):
            order = StatusOrder(case_id=new_case(archive).id, serial=serial, action=action)
            with pytest.raises(StatusPending):
                asking.settle(order, CLERK)
            [kept] = journal.orders(order.case_id)
            assert kept.state is StatusState.UNKNOWN, "it may come into effect any day: the case cannot be given up"
            assert asking.settle(kept, CLERK).state is StatusState.DONE
