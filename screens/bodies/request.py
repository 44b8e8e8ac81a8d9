"""Образац 1 is handed over: step 1 of issuance and of renewal."""

from __future__ import annotations

from textual.widgets import Input

from kiosk.cases import Case
from kiosk.procedures.evidence import RequestReceived
from kiosk.texts import N_
from screens.bodies.checklist import ChecklistScreen
from screens.frame import BODY_TOP
from screens.parts.email import LONGEST, what_is_wrong
from screens.parts.field import field, place
from screens.parts.ink import Ink
from screens.parts.lines import Lines
from screens.parts.step_rail import WIDTH as RAIL

IDENTITY = 2
"""Index of the item about the person."""
FIELD_COLUMN = RAIL + 9


class RequestBody(ChecklistScreen[RequestReceived]):
    """What the form says is taken down as it is written there, the e-mail wish included."""

    OPTION_ITEM: str

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        earlier = case.evidence.get(case.at)
        wish = earlier.email_wish if isinstance(earlier, RequestReceived) else None
        self.wish = wish or ""
        self.box: Input | None = None

    def on_mount(self) -> None:
        """The person was compared just now, if the card is still the one that was compared."""
        if self.station.compared == self.case.citizen.document_number:
            self.ticked.add(IDENTITY)
        super().on_mount()
        if self.wish:
            self._ask_for_address()

    def items(self) -> tuple[str, ...]:
        """The circled number differs between the procedures."""
        return (
            self.OPTION_ITEM,
            N_("Захтев је својеручно потписан"),
            N_("Лице је упоређено са картом и са фотографијом из чипа"),
        )

    def body(self, lines: Lines) -> None:
        """The items, then the wish."""
        lines.text(self.t("Корисник предаје Захтев, Образац 1. Проверите на папиру:"), Ink.STRONG)
        lines.blank()
        self.write_items(lines)
        lines.blank()
        lines.text(self.t("Тражи ли се на Захтеву упис е-поште у сертификат?"), Ink.STRONG)
        asked = self.box is not None
        lines.add((f" 4 {'( )' if asked else '(●)'} ", Ink.STRONG), (self.t("НЕ - без е-поште"), Ink.PLAIN))
        lines.add((f" 5 {'(●)' if asked else '( )'} ", Ink.STRONG), (self.t("ДА - препиши са Захтева:"), Ink.PLAIN))
        if self.box is not None:
            place(self.box, FIELD_COLUMN, BODY_TOP + len(lines.lines))

    def hint(self) -> str:
        """Where the keys go."""
        if self.box is not None and self.box.has_focus:
            return self.t("Enter = адреса је преписана · Esc = ипак без е-поште")
        return super().hint()

    def press_digit(self, digit: int) -> None:
        """1 to 3 tick, 4 and 5 answer about the e-mail."""
        if digit == 4:
            self._no_address()
        elif digit == 5:
            self._ask_for_address()
        else:
            super().press_digit(digit)

    def _ask_for_address(self) -> None:
        if self.box is None:
            self.box = field(FIELD_COLUMN, BODY_TOP, 40, value=self.wish, max_length=LONGEST)
            self.mount(self.box)
        if not self.wish:
            self.box.focus()

    def _no_address(self) -> None:
        self.wish = ""
        if self.box is not None:
            self.box.remove()
            self.box = None
            self.set_focus(None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The address is kept only when it may stand in a certificate."""
        event.stop()
        address = event.value.strip()
        if wrong := what_is_wrong(address):
            self.announce(wrong)
        else:
            self.wish = address
            self.set_focus(None)
            self.paint()

    def press_escape(self) -> None:
        """Out of the field first."""
        if self.box is not None and self.box.has_focus:
            self._no_address()
        else:
            super().press_escape()

    def press_enter(self) -> None:
        """A wish that was begun must be written out."""
        if self.box is not None and not self.wish:
            self.box.focus()
        else:
            super().press_enter()

    def evidence(self) -> RequestReceived:
        """What the paper says."""
        return RequestReceived(
            circled_option=self.case.procedure.form_option,
            is_signed=True,
            identity_compared=True,
            email_wish=self.wish or None,
        )
