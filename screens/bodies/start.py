"""The clerk starts the process: the e-mail goes in only if the request asks for it."""

from __future__ import annotations

from textual.widgets import Input

from kiosk.cases import Case
from kiosk.procedures.evidence import ProcessStarted, RequestReceived
from screens.frame import BODY_TOP
from screens.parts.email import LONGEST, spelled, what_is_wrong
from screens.parts.field import field, place
from screens.parts.ink import Ink
from screens.parts.lines import Lines
from screens.parts.step_rail import WIDTH as RAIL
from screens.step_screen import StepScreen

FIELD_COLUMN = RAIL + 5


class StartBody(StepScreen[ProcessStarted]):
    """Shows what the request asks for; what is typed is echoed letter by letter."""

    QUESTION: str

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        wishes = [e.email_wish for e in case.evidence.values() if isinstance(e, RequestReceived)]
        self.wish = wishes[-1] if wishes else None
        self.box: Input | None = None
        if self.wish is not None:
            self.box = field(FIELD_COLUMN, BODY_TOP, 46, value=self.wish, max_length=LONGEST)

    def on_mount(self) -> None:
        """The field only where the request asks for it."""
        super().on_mount()
        if self.box is not None:
            self.mount(self.box)
            self.box.focus()

    def body(self, lines: Lines) -> None:
        """The answer of the request, and the address."""
        lines.text(self.t(self.QUESTION), Ink.STRONG)
        lines.blank()
        if self.box is None:
            lines.text(self.t("На Захтеву НИЈЕ тражен упис е-поште: сертификат је без ње."))
            lines.blank()
            lines.text(self.t("Ако је ипак тражен, Esc враћа на Захтев."))
            return
        lines.text(self.t("На Захтеву је ТРАЖЕН упис е-поште у сертификат:"))
        lines.blank()
        place(self.box, FIELD_COLUMN, BODY_TOP + len(lines.lines))
        lines.blank(2)
        lines.text(self.t("Прочитајте кориснику слово по слово:"))
        lines.text(spelled(self.box.value.strip(), self.station.texts), Ink.STRONG, indent=2)

    def status(self) -> str:
        """What is wrong with the address, as long as it is."""
        if self.box is None:
            return self.t("Без е-поште у сертификату.")
        wrong = what_is_wrong(self.box.value.strip())
        return self.t(wrong) if wrong else self.t("Адреса је исправног облика.")

    def hint(self) -> str:
        """What Enter does."""
        return self.t("Enter = започни, даље на ПИН · Esc = корак назад")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in the field is Enter of the step."""
        event.stop()
        self.press_enter()

    def press_enter(self) -> None:
        """Start, with a sound address or none."""
        address = self.box.value.strip() if self.box is not None else None
        if address is not None and (wrong := what_is_wrong(address)):
            self.announce(wrong)
        else:
            self.complete(ProcessStarted(email_in_certificate=address))
