"""The enrolment of a case: two key pairs and their certificates, over any interruption; or its withdrawal."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.interface import Chip, TokenInfo
from kiosk.ca.interface import CertificationAuthority, Profile, SubjectData
from kiosk.enrolment.asking import Asking
from kiosk.enrolment.interface import EnrolmentObserver
from kiosk.enrolment.patience import Patience
from kiosk.enrolment.room import require_room
from kiosk.enrolment.run import Run
from kiosk.enrolment.withdrawal import withdraw
from kiosk.orders import EnrolmentJournal, Order, OrderState

NOBODY = SubjectData(given_name="", surname="", personal_number="", document_number="")
"""Where nothing is asked in anybody's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """Both certificates, on the chip and proved; DER."""

    authentication: bytes
    signature: bytes
    orders: tuple[Order, ...]


class Enrolment:
    """Drives the two orders of a case. Call `run` again after any interruption: it goes on where the journal stands."""

    def __init__(
        self, authority: CertificationAuthority, journal: EnrolmentJournal, patience: Patience | None = None
    ) -> None:
        self._authority = authority
        self._journal = journal
        self._patience = patience or Patience()

    def run(
        self, case_id: str, chip: Chip, subject: SubjectData, email: str | None, observer: EnrolmentObserver
    ) -> Enrolled:
        """Bring both orders to CLOSED on an unlocked chip.

        Raises `CardSwapped` on another card than the one the orders began with, `CardFull` before anything is made when
        the chip says that it has no room for both pairs and certificates, card errors as they come,
        `AuthorityError`, `StillPending`, `OrderRejected`, `ProofFailed`; after each, `run` may be called again.
        """
        run = Run(self._authority, self._journal, chip, subject, self._orders(case_id, email), self._patience)
        run.check_orders()
        require_room(run.token, run.orders)
        with chip.transaction():
            for stage, act in run.stages():
                observer.stage_begun(stage)
                run.each(act)
                observer.stage_finished(stage)
        authentication, signature = run.orders
        return Enrolled(
            authentication=authentication.certificate,
            signature=signature.certificate,
            orders=(authentication, signature),
        )

    def require_room(self, case_id: str, token: TokenInfo) -> None:
        """Raise `CardFull` when the chip says that what the case still needs does not fit; asked before the PIN is."""
        require_room(token, self._orders(case_id, None))

    def has_begun(self, case_id: str) -> bool:
        """True when a key of this case is, or may be, on the chip."""
        return any(
            order.token_serial and order.state is not OrderState.WITHDRAWN for order in self._journal.orders(case_id)
        )

    def is_rejected(self, case_id: str) -> bool:
        """True when the authority has refused an order of this case and its keys are still on the chip: withdraw it."""
        refused = (OrderState.REJECTED, OrderState.WITHDRAWN)
        return self.has_begun(case_id) and any(order.state in refused for order in self._journal.orders(case_id))

    def not_issued(self, case_id: str) -> bool:
        """A person has it from the authority that it never issued what is UNKNOWN: it may be asked for once more.

        True when `run` goes on with a new transaction for the same request; False while the message that left could
        still arrive and be accepted, and for a case of which nothing is UNKNOWN.
        """
        asking = Asking(self._authority, self._journal, NOBODY, self._patience)
        standing = self._journal.orders(case_id)
        return [asking.not_issued(order) for order in standing] != list(standing)

    def withdraw(self, case_id: str, chip: Chip) -> tuple[str, ...]:
        """Remove from an unlocked chip what a case has made whose order was refused; the old pairs stay.

        Returns the serial numbers of certificates that were issued all the same and must be revoked. May be called
        again after any interruption; does nothing to a case of which no order was refused. Raises `CardSwapped`, and
        card errors as they come.
        """
        with chip.transaction():
            return withdraw(chip, self._journal, self._journal.orders(case_id))

    def keys_of(self, case_id: str) -> frozenset[bytes]:
        """Key ids on the chip that this case made and goes on with."""
        return frozenset(order.key_id for order in self._journal.orders(case_id) if order.key_id)

    def _orders(self, case_id: str, email: str | None) -> list[Order]:
        stored = {order.profile: order for order in self._journal.orders(case_id)}
        return [
            stored.get(profile)
            or Order(order_id=f"{case_id}/{profile.value}", case_id=case_id, profile=profile, email=email)
            for profile in (Profile.AUTHENTICATION, Profile.SIGNATURE)
        ]
