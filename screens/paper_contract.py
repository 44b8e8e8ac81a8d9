"""A contract the archive does not know: its number and date from the paper, and who saw it."""

from __future__ import annotations

from datetime import date, datetime

from textual.widgets import Input

from kiosk.desk import PaperContract
from kiosk.texts import N_
from screens.frame import FrameScreen
from screens.parts.field import field
from screens.parts.ink import Ink
from screens.parts.lines import Lines

COLUMN = 22
ROWS = {"number": 5, "date": 7, "note": 9}
LABELS = {
    "number": N_("Број Уговора"),
    "date": N_("Датум (дд.мм.гггг)"),
    "note": N_("Ко је видео папир"),
}


class PaperContractScreen(FrameScreen[PaperContract | None]):
    """Dismisses with the contract, or with nothing."""

    KEYS = (1, 11)

    def __init__(self) -> None:
        super().__init__()
        self.fields = {name: field(COLUMN, row, 40, name=name) for name, row in ROWS.items()}

    def on_mount(self) -> None:
        """The fields, in order."""
        super().on_mount()
        self.mount(*self.fields.values())
        self.fields["number"].focus()

    def title_text(self) -> str:
        """What is entered."""
        return self.t("Уговор са папира")

    def body(self, lines: Lines) -> None:
        """Labels; the fields lie over them."""
        lines.blank()
        lines.text(self.t("Препишите са примерка Уговора који је корисник донео."), Ink.STRONG)
        for name, row in ROWS.items():
            while len(lines.lines) < row - 2:
                lines.blank()
            lines.text(self.t(LABELS[name]))

    def status(self) -> str:
        """What will be kept."""
        return self.t("Бележи се број, датум, ваша белешка и ваш службени број.")

    def hint(self) -> str:
        """Enter goes from field to field."""
        return self.t("Enter = следеће поље, на крају потврда · Tab = поље · Esc = одустани")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """On to the next empty field; when all are filled, done."""
        event.stop()
        empty = [box for box in self.fields.values() if not box.value.strip()]
        if empty:
            empty[0].focus()
            return
        concluded = parse_date(self.fields["date"].value)
        if concluded is None or concluded > self.desk.now().date():
            self.fields["date"].focus()
            self.announce(N_("Датум није исправан: упишите га као 23.11.2021."))
            return
        number, note = (self.fields[name].value.strip() for name in ("number", "note"))
        self.dismiss(PaperContract(number=number, concluded_on=concluded, note=note))

    def press_escape(self) -> None:
        """Nothing is kept."""
        self.dismiss(None)


def parse_date(text: str) -> date | None:
    """A date as written in Serbian, with or without the last dot; `None` for anything else."""
    try:
        return datetime.strptime(text.strip().rstrip("."), "%d.%m.%Y").date()  # a calendar date
    except ValueError:
        return None
