"""A certificate that is not on its card: on hold until the card comes back, or revoked when it never will.

What is wanted is stored before the authority is asked, and asking twice is the same as asking once; so after a cut the
same call is simply made again.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.ca.interface import (
    CertificationAuthority,
    Done,
    Pending,
    Rejected,
    RevocationReason,
    StatusAction,
    StatusChange,
)
from kiosk.enrolment.errors import OrderRejected, StillPending, WaitsForBundle
from kiosk.orders import Act, EnrolmentJournal, Order, OrderState

ACT = {StatusAction.HOLD: Act.HOLD, StatusAction.RELEASE: Act.RELEASE, StatusAction.REVOKE: Act.REVOKE}


class StatusOffice:
    """Changes the status of certificates that orders brought.

    Every call raises `OrderRejected` when the authority refuses, `StillPending`, and what the authority raises; the
    order then is as it was. By files a hold counts from when it waits for its bundle (`WaitsForBundle`).
    """

    def __init__(self, authority: CertificationAuthority, journal: EnrolmentJournal) -> None:
        self._authority = authority
        self._journal = journal

    def hold(self, order: Order) -> Order:
        """The citizen left without the certificate and may come back."""
        return self._change(order, StatusAction.HOLD, replace(order, is_held=True))

    def release(self, order: Order) -> Order:
        """It is on the card and proved. One that was not on hold stays as it is."""
        if not order.is_held:
            return order
        return self._change(order, StatusAction.RELEASE, replace(order, is_held=False))

    def revoke(self, order: Order, reason: RevocationReason) -> Order:
        """Its key is gone, its card replaced, its data wrong, or its time is over; never for a compromised key."""
        return self._change(order, StatusAction.REVOKE, replace(order, state=OrderState.REVOKED, is_held=False), reason)

    def _change(
        self,
        order: Order,
        action: StatusAction,
        changed: Order,
        reason: RevocationReason = RevocationReason.UNSPECIFIED,
    ) -> Order:
        change = StatusChange(serial=order.serial, action=action, reason=reason)
        wire = self._authority.prepare_status(change)
        self._journal.begin(order, ACT[action])
        match self._authority.accept_status(change, wire, self._authority.exchange(wire)):
            case Done():
                self._journal.finish(changed, ACT[action])
                return changed
            case Pending(check_after_s=seconds):
                if not self._authority.capabilities.batch:
                    raise StillPending(seconds)
                if action is StatusAction.HOLD:
                    # On hold as soon as the bundle arrives: whoever delivers it before must release it all the same.
                    self._journal.finish(changed, ACT[action])
                raise WaitsForBundle
            case Rejected(code=code, text=text):
                raise OrderRejected(code, text)
