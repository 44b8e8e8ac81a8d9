"""status_change/3: the authority makes the change, within the time limit that runs since the receipt."""

from __future__ import annotations

from datetime import timedelta

from kiosk.cases import Case, Suspended
from kiosk.desk import FAULTS
from kiosk.procedures.evidence import StatusChanged
from kiosk.status_order import StatusOrder, StatusState
from kiosk.status_people import Held
from kiosk.texts import N_
from screens.fault import Choice, FaultScreen
from screens.parts.ink import Ink
from screens.parts.lines import Lines, shortened
from screens.parts.status_words import ACTIONS, STATES, certificate_name
from screens.step_screen import SET_ASIDE, StepScreen

LABEL = 18
MARKS = {StatusState.DONE: ("√", Ink.DONE), StatusState.REJECTED: ("!", Ink.DANGER)}


class EffectScreen(StepScreen[StatusChanged]):
    """Enter sends; after any interruption the same is sent again."""

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self.orders: tuple[StatusOrder, ...] = ()
        self.names: dict[str, Held] = {}

    def on_mount(self) -> None:
        """How far it has come; the time goes on."""
        self._look()
        super().on_mount()

    def _look(self) -> None:
        try:
            self.orders = self.desk.status_changes.orders(self.case)
            known = self.desk.status_changes.people.person(self.case.citizen).certificates
            self.names = {one.serial: one for one in known}
        except FAULTS as fault:
            self.on_fault(fault)

    @property
    def left(self) -> timedelta:
        """Until the end of the time limit; negative after it."""
        return self.desk.status_changes.due_by(self.case) - self.desk.now()

    @property
    def is_refused(self) -> bool:
        """Whether the authority has refused all of it."""
        return bool(self.orders) and all(order.state is StatusState.REJECTED for order in self.orders)

    # --- what it says -------------------------------------------------------------------------------------------------

    def body(self, lines: Lines) -> None:
        """The time limit, then each certificate."""
        changes = self.desk.status_changes
        received, due = (at.astimezone() for at in (changes.received_at(self.case), changes.due_by(self.case)))
        lines.heading(self.t(ACTIONS[changes.action(self.case)]))
        lines.blank()
        lines.field(self.t("Захтев примљен"), f"{received:%d.%m.%Y. %H:%M}", label_width=LABEL)
        lines.field(self.t("Мора да важи до"), f"{due:%d.%m.%Y. %H:%M}", label_width=LABEL)
        is_over = self.left < timedelta()
        said = self.t("РОК ЈЕ ПРОШАО") if is_over else _hours(self.left)
        lines.field(self.t("Преостало време"), said, Ink.DANGER if is_over else Ink.STRONG, label_width=LABEL)
        lines.blank()
        for order in self.orders:
            self._order(lines, order)
        if self.is_refused:
            lines.text(self.t("Ништа није промењено. F12 прекида предмет са разлогом."), Ink.WARNING)

    def _order(self, lines: Lines, order: StatusOrder) -> None:
        mark, ink = MARKS.get(order.state, ("►" if self.is_busy else " ", Ink.NOW))
        name = self.names.get(order.serial)
        said = self.t(STATES[order.state])
        of = f"{certificate_name(name, self.station.texts)}: " if name else ""
        lines.add((f" {mark} ", ink), (of + said, Ink.STRONG))
        lines.text(shortened(order.serial, lines.width - 3), indent=3)
        if order.state is StatusState.REJECTED:
            lines.text(f"{order.refusal_code} {order.refusal_text}".strip(), Ink.WARNING, indent=3)
        lines.blank()

    def status(self) -> str:
        """What goes on."""
        if self.is_busy:
            return self.t("Шаљем сертификационом телу…")
        return self.t("Што је послато, поново се шаље исто; прекид ништа не удвостручује.")

    def hint(self) -> str:
        """What Enter does."""
        if self.is_busy:
            return ""
        if self.is_refused:
            return self.t("F12 = прекини предмет · F3 = одложи")
        return self.t("Enter = спроведи промену статуса · F3 = одложи · Esc = корак назад")

    # --- keys ---------------------------------------------------------------------------------------------------------

    def press_enter(self) -> None:
        """Have it done."""
        if not self.is_busy and not self.is_refused:
            self.in_background(lambda: self.desk.status_changes.change(self.case), self._changed, self._failed)

    def _changed(self, evidence: StatusChanged) -> None:
        self._look()
        if evidence.changed:
            self.complete(evidence)

    def _failed(self, fault: Exception) -> None:
        self._look()
        screen = FaultScreen(fault, self.case, can_abandon=self.desk.can_cancel(self.case))
        self.app.push_screen(screen, self._go_on)

    def _go_on(self, choice: Choice | None) -> None:
        if choice is Choice.GO_ON:
            self.press_enter()
        elif choice is Choice.ABANDON:
            self.press_f12()
        else:
            self.end(Suspended(SET_ASIDE))

    def press_escape(self) -> None:
        """Back only as long as nothing has left."""
        if self.is_busy:
            return
        if self.desk.can_cancel(self.case):
            super().press_escape()
        else:
            self.announce(N_("Захтев је можда већ стигао сертификационом телу: назад се не може. F3 одлаже."))

    def press_f12(self) -> None:
        """Abandon, as long as nothing has left."""
        if self.desk.can_cancel(self.case):
            super().press_f12()
        elif not self.is_busy:
            self.announce(N_("Захтев је можда већ стигао сертификационом телу: предмет се довршава, не прекида."))


def _hours(left: timedelta) -> str:
    minutes = int(left.total_seconds()) // 60
    return f"{minutes // 60} h {minutes % 60:02} min"


SCREEN = EffectScreen
