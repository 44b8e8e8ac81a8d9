"""The day book: what was done at this desk, newest first, and whether the journal is whole."""

from __future__ import annotations

from data.head_code import head_code
from data.journal import VerifyResult
from data.records import JournalRow
from kiosk.desk import FAULTS
from kiosk.texts import N_
from screens.parts.ink import Ink
from screens.parts.journal_words import BOOKKEEPING, said_of
from screens.parts.lines import Lines
from screens.scroll_screen import ScrollScreen


class DayBookScreen(ScrollScreen[None]):
    """Only ever added to; no digit, count of digits or timing of keys stands in it."""

    KEYS = (1, 10, 11)

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[JournalRow] = []

    def on_mount(self) -> None:
        """The newest rows."""
        try:
            self.rows = [row for row in self.desk.journal_rows() if row.kind not in BOOKKEEPING]
        except FAULTS as fault:
            self.on_fault(fault)
        super().on_mount()

    def title_text(self) -> str:
        """The day book."""
        return self.t("Дневник рада")

    def write(self, lines: Lines) -> None:
        """A row an act."""
        day = ""
        for row in self.rows:
            local = row.at.astimezone()
            if (that_day := f"{local:%d.%m.%Y.}") != day:
                day = that_day
                lines.heading(day)
            case = (row.case_id or "-").ljust(11)
            said = said_of(row, self.station.texts)
            lines.field(f"{local:%H:%M:%S} {row.clerk:>4} {case} ", said, Ink.PLAIN, label_width=26)

    def status(self) -> str:
        """What it is."""
        return self.t("Дневник се само дописује. Нема ПИН-а, броја цифара ни времена тастера.")

    def hint(self) -> str:
        """Check, read, leave."""
        return self.t("1 = провери дневник · 2 = издато, није предато · 3 = извештаји · Esc = назад")

    def press_digit(self, digit: int) -> None:
        """Check the whole journal; what was issued and not delivered; reports."""
        if digit == 1 and not self.is_busy:
            self.announce(N_("Проверавам…"))
            self.in_background(self.desk.verify_archive, self._verified)
        elif digit == 2 and not self.is_busy:
            from screens.undelivered import UndeliveredScreen

            self.app.push_screen(UndeliveredScreen())
        elif digit == 3 and not self.is_busy:
            from screens.reports import ReportsScreen

            self.app.push_screen(ReportsScreen())

    def _verified(self, result: VerifyResult) -> None:
        if result.ok:
            root = head_code(result.rows, result.root)
            self.announce(N_("Цео: {rows} редова, отисак {root}"), rows=result.rows, root=root)
        elif result.broken_at is None:
            self.announce(N_("АРХИВА НИЈЕ КАКВА ЈЕ ПОТПИСАНА: редови недостају или су замењени. Позовите подршку."))
        else:
            self.announce(N_("ДНЕВНИК НИЈЕ ЦЕО: први погрешан ред је {row}. Позовите подршку."), row=result.broken_at)

    def press_escape(self) -> None:
        """Back."""
        self.dismiss(None)
