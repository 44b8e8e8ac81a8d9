"""status_change/2: the clerk confirms the receipt, chooses the certificates and, for a revocation, the reason."""

from __future__ import annotations

from kiosk.ca.interface import StatusAction
from kiosk.cases import Case
from kiosk.desk import FAULTS
from kiosk.procedures.evidence import StatusChangeAccepted
from kiosk.status_people import Held, Known
from kiosk.texts import N_
from screens.bodies.checklist import ChecklistScreen
from screens.parts.ink import Ink
from screens.parts.lines import Lines, shortened
from screens.parts.status_words import ACTIONS, KNOWN, certificate_name
from screens.status_change.reason import ReasonScreen

MOST = 5
SIGNED = N_("Службеник је потписом потврдио пријем Захтева")


class StatusReceiptScreen(ChecklistScreen[StatusChangeAccepted]):
    """Certificates that are in use are ticked beforehand."""

    KEEPS_TICKS = False

    def __init__(self, case: Case) -> None:
        self.certificates: tuple[Held, ...] = ()
        super().__init__(case)

    def on_mount(self) -> None:
        """The citizen's certificates that can get that status."""
        try:
            self.certificates = self.desk.status_changes.choice(self.case)[:MOST]
        except FAULTS as fault:
            self.on_fault(fault)
        self.ticked = {n for n, one in enumerate(self.certificates) if one.known is not Known.EXPIRED}
        super().on_mount()

    @property
    def chosen(self) -> tuple[str, ...]:
        """Serial numbers of the ticked ones."""
        return tuple(one.serial for number, one in enumerate(self.certificates) if number in self.ticked)

    def items(self) -> tuple[str, ...]:
        """The certificates, then the signature."""
        return (*(one.serial for one in self.certificates), SIGNED)

    def body(self, lines: Lines) -> None:
        """Which of them, and the signature."""
        action = self.desk.status_changes.action(self.case)
        lines.text(self.t("Потврдите пријем Захтева својим потписом на папиру."), Ink.STRONG)
        lines.blank()
        lines.heading(self.t("{action}: за које сертификате?", action=self.t(ACTIONS[action])))
        self._rows = []
        for number, one in enumerate(self.certificates):
            self._rows.append(len(lines.lines))
            name, known = certificate_name(one, self.station.texts), self.t(KNOWN[one.known])
            said = f"{name}, {known}, " + self.t("до {date}", date=f"{one.not_after.astimezone():%d.%m.%Y.}")
            lines.check(str(number + 1), number in self.ticked, said, is_here=number == self.here)
            lines.text(shortened(one.serial, lines.width - 9), indent=9)
        if not self.certificates:
            lines.text(self.t("Нема сертификата коме се тај статус може дати."), Ink.WARNING)
        lines.blank()
        last = len(self.certificates)
        self._rows.append(len(lines.lines))
        lines.check(str(last + 1), last in self.ticked, self.t(SIGNED), is_here=self.here == last)

    def remaining(self) -> list[int]:
        """At least one certificate, and the signature."""
        last = len(self.certificates)
        return [*([] if self.chosen else [1]), *([] if last in self.ticked else [last + 1])]

    @property
    def asks_for_reason(self) -> bool:
        """Only a revocation has one."""
        return self.desk.status_changes.action(self.case) is StatusAction.REVOKE

    def press_enter(self) -> None:
        """To the reason, where something is revoked."""
        if not self.certificates:
            self.announce(N_("Нема шта да се мења: F12 прекида предмет са разлогом."))
        elif self.remaining() or not self.asks_for_reason:
            super().press_enter()
        else:
            self.app.push_screen(ReasonScreen(self.case), self._said)

    def _said(self, reason: str | None) -> None:
        if reason is not None:
            self.complete(self.evidence(reason))

    def evidence(self, reason: str = "") -> StatusChangeAccepted:
        """Received now; the time limit runs."""
        return self.desk.status_changes.accepted(self.case, self.chosen, reason)


SCREEN = StatusReceiptScreen
