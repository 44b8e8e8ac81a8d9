"""Образац 3 at the desk: whose certificates, what may become of them, and the change itself, within its time limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar

from data.archive import Archive
from data.status_journal import ArchivedStatusJournal
from hardware.interface import Authenticity
from kiosk.ca.interface import CertificationAuthority, StatusAction
from kiosk.cases import Case
from kiosk.config import BadConfig, Config
from kiosk.procedures import PROCEDURES
from kiosk.procedures.evidence import Evidence, StatusChangeAccepted, StatusChanged, StatusChangeRequested
from kiosk.standing import Standings
from kiosk.status_asking import StatusAsking, StatusPending
from kiosk.status_order import MAY_HAVE_LEFT, StatusOrder, StatusState
from kiosk.status_people import Held, Known, People, Person, Proof
from kiosk.status_reasons import reason_code

E = TypeVar("E", bound=Evidence)


def actions_of(config: Config) -> tuple[StatusAction, StatusAction, StatusAction]:
    """What the numbers 1, 2 and 3 on Образац 3 mean. Raises `BadConfig`."""
    words = config.rules.obrazac_3.split()
    if sorted(words) != sorted(action.value for action in StatusAction):
        raise BadConfig("rules.obrazac_3: `revoke`, `hold` and `release`, in the order of the numbers on the form")
    first, second, third = map(StatusAction, words)
    return first, second, third


class StatusDesk:
    """What the screens of a status change ask for. `config` and `clerk` are asked anew for each call."""

    def __init__(
        self,
        archive: Archive,
        authority: CertificationAuthority,
        config: Callable[[], Config],
        clock: Callable[[], datetime],
        standings: Standings,
    ) -> None:
        self._archive = archive
        self._config = config
        self._clock = clock
        self._journal = ArchivedStatusJournal(archive)
        self._asking = StatusAsking(authority, self._journal, clock)
        self.people = People(archive, self._journal, standings, clock)
        self.actions = actions_of(config())

    @property
    def _clerk(self) -> str:
        return self._config().office.clerk

    def open_case(self, person: Person, proof: Proof) -> Case:
        """Open a case; no card is needed. Raises `DiskNearlyFull`, `ArchiveError`."""
        case = Case(
            id=self._archive.new_case_number(),
            procedure_key="status_change",
            edition=PROCEDURES["status_change"].edition,
            citizen=person.citizen,
        )
        is_chip = proof is Proof.CHIP
        facts = {
            "office": self._config().office.number,
            "document_type": Proof.ID_CARD.value if is_chip else proof.value,
            "authenticity": Authenticity.AUTHENTIC.value if is_chip else "seen_by_clerk",
            "on_chip": [one.serial for one in person.certificates if not one.profile],
        }
        self._archive.open_case(case, clerk=self._clerk, checks=(), facts=facts)
        return case

    def refuse(self, person: Person) -> None:
        """The citizen could not show who they are; recorded, nothing is opened."""
        body = {
            "procedure": "status_change",
            "document_number": person.citizen.document_number,
            "reasons": ["identity"],
        }
        self._archive.note("refused", body, clerk=self._clerk)

    # --- which of them, and why ---------------------------------------------------------------------------------------

    def action(self, case: Case) -> StatusAction:
        """What the citizen asks for: step 1 must be done."""
        return StatusAction(_only(case, StatusChangeRequested).action)

    def choice(self, case: Case) -> tuple[Held, ...]:
        """The citizen's certificates that can still get that status; of the chip's own, those that were read today."""
        can = {
            StatusAction.REVOKE: (Known.ACTIVE, Known.SUSPENDED, Known.EXPIRED),
            StatusAction.HOLD: (Known.ACTIVE,),
            StatusAction.RELEASE: (Known.ACTIVE, Known.SUSPENDED),
        }[self.action(case)]
        return tuple(one for one in self.people.person(case.citizen).certificates if one.known in can)

    def accepted(self, case: Case, serials: Iterable[str], reason: str) -> StatusChangeAccepted:
        """The receipt as evidence: the time limit runs from the first time it was confirmed."""
        earlier = [e.received_at for e in case.evidence.values() if isinstance(e, StatusChangeAccepted)]
        received = datetime.fromisoformat(earlier[0]) if earlier else self._clock()
        return StatusChangeAccepted(
            clerk_signed=True,
            serials=tuple(serials),
            revocation_reason=reason,
            received_at=received.isoformat(),
            due_by=(received + timedelta(hours=self._config().rules.status_change_hours)).isoformat(),
        )

    # --- the change ---------------------------------------------------------------------------------------------------

    def due_by(self, case: Case) -> datetime:
        """Until when it must be in effect; UTC."""
        return datetime.fromisoformat(_only(case, StatusChangeAccepted).due_by)

    def received_at(self, case: Case) -> datetime:
        """When the request was received; UTC."""
        return datetime.fromisoformat(_only(case, StatusChangeAccepted).received_at)

    def orders(self, case: Case) -> tuple[StatusOrder, ...]:
        """The changes of this case as they stand, each certificate's; not yet begun ones included."""
        accepted, action = _only(case, StatusChangeAccepted), self.action(case)
        reason = reason_code(accepted.revocation_reason)
        stored = {order.change: order for order in self._journal.orders(case.id)}
        ordered = (
            StatusOrder(case_id=case.id, serial=serial, action=action, reason=reason) for serial in accepted.serials
        )
        # A wish that was corrected before anything left is another one.
        return tuple(stored.get(order.change, order) for order in ordered)

    def change(self, case: Case) -> StatusChanged:
        """Have the authority change the status of each certificate. Blocks. May be called again after any interruption.

        Raises `AuthorityError`, `ArchiveError`; what was reached is in the journal.
        """
        pending: StatusPending | None = None
        for order in self.orders(case):
            if order.state is StatusState.INTENDED and not order.wire_body:
                self._journal.store(order, self._clerk)
            try:
                self._asking.settle(order, self._clerk)
            except StatusPending as error:
                pending = error
        if pending is not None:
            raise pending
        return self._evidence(case)

    def _evidence(self, case: Case) -> StatusChanged:
        orders = self.orders(case)
        at = max(datetime.fromisoformat(order.settled_at) for order in orders)
        return StatusChanged(
            action=self.action(case).value,
            changed=tuple(order.serial for order in orders if order.state is StatusState.DONE),
            refused=tuple(
                f"{order.serial}: {order.refusal_code} {order.refusal_text}".strip()
                for order in orders
                if order.state is StatusState.REJECTED
            ),
            in_effect_at=at.isoformat(),
            in_time=at <= self.due_by(case),
        )

    def can_cancel(self, case: Case) -> bool:
        """False once the authority may have changed a status for this case: then it can only be finished."""
        return not any(order.state in MAY_HAVE_LEFT for order in self._journal.orders(case.id))


def _only(case: Case, kind: type[E]) -> E:
    return next(evidence for evidence in case.evidence.values() if isinstance(evidence, kind))
