"""Issued, and not on its card: what lies there at the end of a day, what to do with each, and doing it.

The rules: as long as the card is there with its key, the same certificate is written again; it is suspended when the
citizen leaves, and reactivated by itself once it was written and proved; it is revoked when it never will be. A new
request is never made while one is open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from data.archive import Archive
from data.records import CaseSummary
from kiosk.ca.interface import AuthorityError, CertificationAuthority, Unknown
from kiosk.cases import Abandoned, Case, advance
from kiosk.enrolment.errors import EnrolmentError, StillPending, WaitsForBundle
from kiosk.enrolment.status import StatusOffice
from kiosk.orders import MAY_BE_ISSUED, EnrolmentJournal, Order, OrderState
from kiosk.status_reasons import UNDELIVERED

WITHOUT_CARD = (OrderState.ISSUED, OrderState.CONFIRMED, OrderState.WRITTEN)
"""Issued, and not yet proved on the chip."""


class ToDo(Enum):
    """What is to be done with a certificate that is not on its card."""

    WRITE = "write"
    """Take the case up: the same certificate is written again. Or suspend it until the citizen comes back."""
    WAIT = "wait"
    """Suspended; it is reactivated by itself once the card came back and it was written and proved."""
    FINISH = "finish"
    """Written and proved; only the case is to be finished."""
    REVOKE = "revoke"
    """The other order of its case was refused, or it was taken back: it must not stay alive."""
    CLOSE = "close"
    """Revoked; only the case is to be closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """One certificate that is not on its card."""

    case: CaseSummary
    order: Order
    to_do: ToDo


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """What came of suspending all; it stops at the first fault, since the next would meet the same."""

    suspended: int
    pending: int = 0
    """Asked for, and not answered yet: by a bundle that has still to go and come, for one."""
    fault: Exception | None = None


class UndeliveredDesk:
    """What the end-of-day list asks for. `clerk` is asked anew for each call."""

    def __init__(
        self,
        archive: Archive,
        journal: EnrolmentJournal,
        authority: CertificationAuthority,
        clerk: Callable[[], str],
    ) -> None:
        self._archive = archive
        self._journal = journal
        self._status = StatusOffice(authority, journal)
        self._clerk = clerk

    def found(self) -> tuple[Undelivered, ...]:
        """Every certificate of an open case that was issued and is not delivered. Raises `ArchiveError`."""
        return tuple(
            Undelivered(case=case, order=order, to_do=to_do)
            for case in self._archive.open_cases()
            for order, to_do in _to_do(self._journal.orders(case.case_id))
        )

    def suspend_all(self) -> Suspension:
        """Suspend what waits for its card and is not suspended yet. Blocks. Raises `ArchiveError`."""
        suspended = pending = 0
        for one in self.found():
            if one.to_do is not ToDo.WRITE:
                continue
            try:
                self._status.hold(one.order)
                suspended += 1
            except StillPending:
                pending += 1
            except (AuthorityError, EnrolmentError) as fault:
                return Suspension(suspended=suspended, pending=pending, fault=fault)
        return Suspension(suspended=suspended, pending=pending)

    def revoke(self, case_id: str, cause: str) -> Case:
        """Revoke every certificate that this case has brought, and close it. Blocks; may be called again after a fault.

        `cause` is a key of `kiosk.status_reasons.UNDELIVERED`. Raises `Unknown` while the other certificate of the case
        may have been issued without our knowing, what the authority raises, `EnrolmentError`, `ArchiveError`.
        """
        said, reason = UNDELIVERED[cause]
        orders = self._journal.orders(case_id)
        if any(order.state in MAY_BE_ISSUED for order in orders):
            raise Unknown(f"{case_id}: whether its other certificate was issued is not known")
        waiting: WaitsForBundle | None = None
        for order in orders:
            if order.serial and order.state is not OrderState.REVOKED:
                try:
                    self._status.revoke(order, reason)
                except WaitsForBundle as error:
                    # The bundle leaves once, and takes both.
                    waiting = error
        if waiting is not None:
            raise waiting
        return self._close(case_id, said)

    def _close(self, case_id: str, cause: str) -> Case:
        case, outcome = self._archive.case(case_id), Abandoned(cause)
        after = advance(case, outcome)
        self._archive.record(case, outcome, after, clerk=self._clerk())
        return after


def _to_do(orders: tuple[Order, ...]) -> list[tuple[Order, ToDo]]:
    is_refused = any(order.state in (OrderState.REJECTED, OrderState.WITHDRAWN) for order in orders)
    found = ((order, _of_one(order, is_refused)) for order in orders if order.serial)
    return [(order, to_do) for order, to_do in found if to_do is not None]


def _of_one(order: Order, is_refused: bool) -> ToDo | None:
    if order.state is OrderState.REVOKED:
        return ToDo.CLOSE
    if is_refused:
        return ToDo.REVOKE
    if order.state in WITHOUT_CARD:
        return ToDo.WAIT if order.is_held else ToDo.WRITE
    return ToDo.FINISH if order.state is OrderState.READ_BACK else None
