"""Reports: the day book counted, the balance of a day, what ends soon, what went wrong; on screen and on paper."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from kiosk.reports.plain_text import bar_lines, table_lines
from kiosk.reports.report import REPORTS, Report
from kiosk.reports.worded import Worded, period_said, worded
from kiosk.reports.words import TITLES
from kiosk.texts import N_, Texts
from screens.frame import KEY_NAMES
from screens.parts.ink import Ink
from screens.parts.lines import Lines
from screens.scroll_screen import WIDTH, ScrollScreen

LENGTHS: dict[int, str] = {1: N_("дан"), 7: N_("7 дана"), 30: N_("30 дана"), 365: N_("365 дана")}
MOST_ROWS = 1000
"""Rows a screen shows; more of them are read in a file."""
LENGTH_KEY = 5


class ReportsScreen(ScrollScreen[None]):
    """Nothing is counted, and no look recorded, before Enter."""

    KEYS = (1, 7, 10, 11)

    def __init__(self) -> None:
        super().__init__()
        self.key = REPORTS[0]
        self.length = 1
        self.back = 0
        """How many lengths before today the days end."""
        self.report: Report | None = None
        self._words: tuple[Report, Texts, Worded] | None = None

    @property
    def days(self) -> tuple[date, date]:
        """First and last day that were chosen."""
        first, last = self.desk.reports.usual_days(self.key)
        if self.key == "expiring":
            return first, last
        last -= timedelta(days=self.length * self.back)
        return last - timedelta(days=self.length - 1), last

    # --- what it says -------------------------------------------------------------------------------------------------

    def title_text(self) -> str:
        """Reports."""
        return self.t("Извештаји")

    def write(self, lines: Lines) -> None:
        """What can be chosen, what is; then the report."""
        for digit, key in enumerate(REPORTS, start=1):
            is_here = key == self.key
            mark = "►" if is_here else " "
            lines.add((f"{mark} {digit}  ", Ink.STRONG), (self.t(TITLES[key]), Ink.STRONG if is_here else Ink.PLAIN))
        lines.blank()
        length = "" if self.key == "expiring" else f"  ({self.t(LENGTHS[self.length])})"
        lines.field(self.t("Дани"), period_said(*self.days) + length)
        if self.report is not None:
            self._write_report(lines, self.report, self._worded(self.report))

    def _worded(self, report: Report) -> Worded:
        """The report in the language of the moment, worded once."""
        texts = self.station.texts
        if self._words is None or self._words[0] is not report or self._words[1] is not texts:
            self._words = report, texts, worded(report, texts, None)
        return self._words[2]

    def _write_report(self, lines: Lines, report: Report, words: Worded) -> None:
        for remark in words.remarks:
            lines.text(remark, Ink.WARNING)
        parts = [self._write_bars, self._write_table]
        # Whether it balances is what is asked first; everywhere else the bars say more than the rows.
        for write in reversed(parts) if report.key == "balance" else parts:
            write(lines, report, words)
        lines.blank()
        lines.text(f"SHA-256 {report.sha256}")

    def _write_bars(self, lines: Lines, report: Report, words: Worded) -> None:
        for heading, counts in words.bars:
            lines.blank()
            lines.heading(heading)
            lines.extend(((line, Ink.PLAIN),) for line in bar_lines(counts))

    def _write_table(self, lines: Lines, report: Report, words: Worded) -> None:
        lines.blank()
        shown = words.rows[:MOST_ROWS]
        for number, line in table_lines(words.head, shown, WIDTH):
            lines.add((line, self._ink(report, number)))
        if more := len(words.rows) - len(shown):
            lines.text(self.t("… и још {count} редова: kiosk report --format csv", count=more), Ink.WARNING)

    def _ink(self, report: Report, number: int) -> Ink:
        if number < 0:
            return Ink.HEADING
        return Ink.WARNING if report.key == "balance" and "no" in report.rows[number] else Ink.PLAIN

    def status(self) -> str:
        """That looking is recorded."""
        return self.t("Сваки увид у извештај уписује се у дневник.")

    def hint(self) -> str:
        """Choose, show, leave."""
        return self.t("1-4 извештај · ←→ дани · 5 = раздобље · Enter = прикажи · ↑↓ · Esc = назад")

    def key_names(self) -> Mapping[int, str]:
        """F7 only where there is something to print."""
        names = dict(super().key_names())
        if self.report is None:
            del names[7]
        return {number: self.t(KEY_NAMES[number]) for number in names}

    # --- keys ---------------------------------------------------------------------------------------------------------

    def press_digit(self, digit: int) -> None:
        """Another report, or days of another length."""
        if self.is_busy:
            return
        if 1 <= digit <= len(REPORTS):
            self.key = REPORTS[digit - 1]
        elif digit == LENGTH_KEY:
            lengths = list(LENGTHS)
            self.length = lengths[(lengths.index(self.length) + 1) % len(lengths)]
            self.back = 0
        else:
            return
        self._forget()

    def press_left(self) -> None:
        """The days before."""
        self._go(1)

    def press_right(self) -> None:
        """The days after, as far as today."""
        self._go(-1)

    def _go(self, back: int) -> None:
        if not self.is_busy and self.back + back >= 0:
            self.back += back
            self._forget()

    def _forget(self) -> None:
        self.report = None
        self.top = 0

    def press_enter(self) -> None:
        """Count, record the look, show."""
        if not self.is_busy:
            look = partial(self.desk.reports.look, self.key, *self.days)
            self.in_background(look, self._looked, slow=N_("Бројим редове дневника…"))

    def _looked(self, report: Report) -> None:
        self.report = report
        self.top = 0

    def press_f7(self) -> None:
        """Onto paper."""
        if self.report is not None and not self.is_busy:
            self.announce(N_("Штампам…"))
            self.in_background(partial(self.desk.reports.print, self.report), self._printed)

    def _printed(self, sent: tuple[str, Path | None]) -> None:
        where, path = sent
        if path is None:
            self.announce(N_("Послато на {printer}. Примерака у руци: {copies}?"), printer=where, copies=1)
        else:
            saved = N_("Без штампача: сачувано као {file} (примерака: {copies})")
            self.announce(saved, file=where, copies=1)

    def press_escape(self) -> None:
        """Back."""
        self.dismiss(None)
