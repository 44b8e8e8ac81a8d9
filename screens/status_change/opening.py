"""Before a change of status: whose certificates. By the card in the reader, or found in the archive without one."""

from __future__ import annotations

from textual.geometry import Offset
from textual.widgets import Input

from hardware.interface import SlotState
from kiosk.desk import FAULTS
from kiosk.procedures import PROCEDURES
from kiosk.status_people import Person
from kiosk.texts import N_
from screens.fault import FaultScreen
from screens.frame import BODY_TOP, CARD_IS_HELD
from screens.list_screen import ListScreen
from screens.parts.field import field, place
from screens.parts.ink import Ink
from screens.parts.lines import Line, Lines, shortened
from screens.parts.words import PROCEDURE_TITLES
from screens.status_change.asking import ask_who
from screens.step_screen import said_by

FIELD_COLUMN = 13
LONGEST = 60
LEAST = 2
"""Letters that must be typed before anybody is listed: the archive is not for leafing through."""


class StatusOpeningScreen(ListScreen[None, Person]):
    """A card that is in the reader is read at once; a lost one is no hindrance."""

    KEYS = (1, 2, 10, 11)
    ROWS = 9
    LIST_AT = Offset(2, 10)

    def __init__(self) -> None:
        super().__init__()
        self.box = field(FIELD_COLUMN, BODY_TOP, 50, max_length=LONGEST)

    def on_mount(self) -> None:
        """The card first, if there is one."""
        super().on_mount()
        self.mount(self.box)
        self.box.focus()
        if self.station.slot is SlotState.CARD:
            self.press_f2()

    # --- the card -----------------------------------------------------------------------------------------------------

    def press_f2(self) -> None:
        """Read the card afresh."""
        if not self.is_busy:
            self.in_background(self.desk.read_person, self._card_read, self._unreadable, slow=CARD_IS_HELD)

    def slot_changed(self, state: SlotState) -> None:
        """A card that comes is read."""
        if state is SlotState.CARD and self.app.screen is self:
            self.press_f2()
        super().slot_changed(state)

    def _card_read(self, person: Person | None) -> None:
        if person is None:
            self.announce(N_("Подаци у чипу нису исправно потписани: карта се не користи, тражите у архиви."))
        else:
            self._ask(person)

    def _unreadable(self, fault: Exception) -> None:
        self.app.push_screen(FaultScreen(fault, None, can_abandon=False))

    # --- the archive --------------------------------------------------------------------------------------------------

    def find(self) -> None:
        """Ask the archive for whom is in the field."""
        text = self.box.value.strip()
        try:
            self.list.show(self.desk.status_changes.people.find(text) if len(text) >= LEAST else ())
        except FAULTS as fault:
            self.on_fault(fault)

    def on_input_changed(self) -> None:
        """As one types."""
        self.list.at = 0
        self.find()
        self.paint()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter takes the marked person."""
        event.stop()
        if self.list.marked is not None and not self.is_busy:
            self._ask(self.list.marked)

    def _ask(self, person: Person) -> None:
        ask_who(self, person, lambda: self.dismiss(None))

    # --- what it says -------------------------------------------------------------------------------------------------

    def title_text(self) -> str:
        """The procedure."""
        return self.t("Нови предмет") + f" · {self.t(PROCEDURE_TITLES['status_change'])}"

    def help_topics(self) -> list[tuple[str, str]]:
        """What must hold before."""
        return [(self.t("Предуслов"), self.t(PROCEDURES["status_change"].precondition))]

    def help_source(self) -> str:
        """The words are ours."""
        return said_by(PROCEDURES["status_change"], self.station.texts)

    def body(self, lines: Lines) -> None:
        """The card, the field, and who was found."""
        lines.blank()
        lines.text(self.t("Ако корисник има карту, убаците је у читач. Карта није потребна: и изгубљена се опозива."))
        lines.blank()
        place(self.box, FIELD_COLUMN, BODY_TOP + len(lines.lines))
        lines.text(self.t("Тражи"), Ink.STRONG)
        lines.text(self.t("име у било ком писму, ЈМБГ, број карте, предмета, Уговора или сертификата"))
        lines.blank()
        lines.rule()
        lines.heading(self.t("Читам карту…") if self.is_busy else self.t("Корисници са сертификатима у архиви"))
        for is_here, person in self.list.seen():
            lines.add(*self._row(person, is_here, lines.width))

    def _row(self, person: Person, is_here: bool, width: int) -> Line:
        citizen = person.citizen
        right = f" …{citizen.personal_number[-4:]} {citizen.document_number} " + self.t(
            "сертификата: {count}", count=len(person.certificates)
        )
        room = width - len(right)
        text = shortened(f"{'►' if is_here else ' '}{citizen.full_name}", room).ljust(room) + right
        return ((text, Ink.SELECTED if is_here else Ink.PLAIN),)

    def status(self) -> str:
        """Where it is looked for."""
        return self.t("Тражи се у архиви овог радног места; чип показује и сертификате издате другде.")

    def hint(self) -> str:
        """Choose, read, or back."""
        return self.t("Enter = означени корисник · F2 = читај карту · ↑↓ ред · Esc = назад")

    def press_escape(self) -> None:
        """Back; nothing was begun."""
        self.dismiss(None)
