"""The office in a trial: one order over the real journal, asked for until it is confirmed, cut anywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from data.archive import Archive
from data.orders import OrderJournal
from kiosk.ca.interface import AuthorityError, CertificationAuthority, IssueRequest, Wire
from kiosk.enrolment.asking import Asking
from kiosk.enrolment.confirming import Confirming
from kiosk.enrolment.errors import EnrolmentError
from kiosk.enrolment.patience import Patience, utc_now
from kiosk.orders import Act, Order, OrderState
from tests.ca.delegate import DelegatingAuthority
from tests.data.invented import CLERK, new_case
from tests.proofs.authority.cuts import Fuse

CASE = "2031-000019"


def prepare(place: Path, request: IssueRequest) -> None:
    """An archive with one order whose request the chip has signed."""
    archive = Archive.open(place, utc_now)
    new_case(archive, id=CASE)
    order = Order(
        order_id=f"{CASE}/{request.profile.value}",
        case_id=CASE,
        profile=request.profile,
        state=OrderState.REQUESTED,
        token_serial="TEST",
        csr=request.csr,
        email=request.email,
    )
    OrderJournal(archive, CLERK).finish(order, Act.REQUEST)
    archive.close()


class FusedJournal(OrderJournal):
    """The fuse sees every durable act before it is stored and after."""

    fuse = Fuse(None)

    def begin(self, order: Order, act: Act) -> None:
        self.fuse.event()
        super().begin(order, act)
        self.fuse.event()

    def finish(self, order: Order, act: Act) -> None:
        self.fuse.event()
        super().finish(order, act)
        self.fuse.event()


class FusedAuthority(DelegatingAuthority):
    """The fuse sees every message before it leaves and after its answer has come."""

    def __init__(self, inner: CertificationAuthority, fuse: Fuse) -> None:
        super().__init__(inner)
        self.exchanges = 0
        self._fuse = fuse

    def exchange(self, wire: Wire) -> bytes:
        self._fuse.event()
        self.exchanges += 1
        try:
            return super().exchange(wire)
        finally:
            self._fuse.event()


def run(place: Path, request: IssueRequest, authority: CertificationAuthority, fuse: Fuse) -> dict[str, Any]:
    """As far as it goes: what stands in the journal then, and what stopped it."""
    fused = FusedAuthority(authority, fuse)

    def act(journal: OrderJournal, order: Order) -> Order:
        asking = _asking(fused, journal, request)
        return Confirming(fused, journal, request.subject).confirm(asking.certify(order))

    return _with_order(place, request, fuse, act) | {"events": fuse.count, "exchanges": fused.exchanges}


def declare_not_issued(place: Path, request: IssueRequest, authority: CertificationAuthority) -> dict[str, Any]:
    """A person has it from the authority that nothing was issued."""

    def act(journal: OrderJournal, order: Order) -> Order:
        return _asking(authority, journal, request).not_issued(order)

    return _with_order(place, request, Fuse(None), act)


def _asking(authority: CertificationAuthority, journal: OrderJournal, request: IssueRequest) -> Asking:
    return Asking(authority, journal, request.subject, Patience(wait=lambda seconds: None))


def _with_order(
    place: Path,
    request: IssueRequest,
    fuse: Fuse,
    act: Callable[[OrderJournal, Order], Order],
) -> dict[str, Any]:
    archive = Archive.open(place, utc_now)
    try:
        journal = FusedJournal(archive, CLERK)
        journal.fuse = fuse
        [order] = journal.orders(CASE)
        stopped = ""
        try:
            act(journal, order)
        except (AuthorityError, EnrolmentError) as error:
            stopped = f"{type(error).__name__}: {error}"
        [order] = journal.orders(CASE)
        return {
            "state": order.state.value,
            "stopped": stopped,
            "certificate": order.certificate.hex(),
            "is_request_same": order.csr == request.csr,
            "is_archive_whole": archive.verify().ok,
            "attempt": order.attempt,
        }
    finally:
        archive.close()
