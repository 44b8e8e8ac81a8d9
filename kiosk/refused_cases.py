"""A case of which the authority refused an order: its words, and taking back what was made on the chip."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.interface import Chip
from kiosk.ca.interface import CertificationAuthority, RevocationReason, Unknown
from kiosk.enrolment.enrolment import Enrolment
from kiosk.enrolment.status import StatusOffice
from kiosk.orders import MAY_BE_ISSUED, EnrolmentJournal, OrderState

REFUSED = (OrderState.REJECTED, OrderState.WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The authority's own word on it."""

    code: str
    text: str
    keys_on_chip: bool
    """Whether keys of this case still have to be removed."""


class RefusedCases:
    """Looks after them."""

    def __init__(self, enrolment: Enrolment, journal: EnrolmentJournal, authority: CertificationAuthority) -> None:
        self._enrolment = enrolment
        self._journal = journal
        self._status = StatusOffice(authority, journal)

    def refusal(self, case_id: str) -> Refusal | None:
        """Why the case cannot go on; `None` when none of its orders was refused. Raises `ArchiveError`."""
        refused = [order for order in self._journal.orders(case_id) if order.state in REFUSED]
        if not refused:
            return None
        said = next((order for order in refused if order.refusal_code), refused[0])
        return Refusal(code=said.refusal_code, text=said.refusal_text, keys_on_chip=self._enrolment.has_begun(case_id))

    def require_settled(self, case_id: str) -> None:
        """Raise `Unknown` while another order of the case may still bring a certificate: nobody would revoke it."""
        if any(order.state in MAY_BE_ISSUED for order in self._journal.orders(case_id)):
            raise Unknown(f"{case_id}: whether its other certificate was issued is not known")

    def take_back(self, case_id: str, chip: Chip) -> None:
        """Remove the case's keys from an unlocked chip and revoke what was issued all the same. May be called again.

        Raises `CardSwapped`, card errors as they come, `AuthorityError`, `EnrolmentError`.
        """
        self._enrolment.withdraw(case_id, chip)
        self.revoke_rest(case_id)

    def revoke_rest(self, case_id: str) -> None:
        """Revoke what was issued for a case whose keys are off the chip. Raises `AuthorityError`, `EnrolmentError`."""
        for order in self._journal.orders(case_id):
            if order.state is OrderState.WITHDRAWN and order.serial:
                self._status.revoke(order, RevocationReason.CESSATION_OF_OPERATION)
