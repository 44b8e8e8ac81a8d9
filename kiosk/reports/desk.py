"""Who looks at reports: each look is a row of the journal, written before anything is shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path

from data.archive import Archive
from kiosk.config import Config
from kiosk.reports.report import WITHIN_DAYS, Report


class ReportDesk:
    """What screens and commands ask for. `config` is asked anew for each call; `zone` `None` is the machine's."""

    def __init__(
        self,
        archive: Archive,
        config: Callable[[], Config],
        clock: Callable[[], datetime],
        zone: tzinfo | None = None,
    ) -> None:
        self._archive = archive
        self._config = config
        self._clock = clock
        self._zone = zone

    def today(self) -> date:
        """The day at the office."""
        return self._clock().astimezone(self._zone).date()

    def usual_days(self, key: str) -> tuple[date, date]:
        """The days of a report when nobody says others: today; for what ends, from today on."""
        today = self.today()
        return today, today + timedelta(days=max(WITHIN_DAYS) if key == "expiring" else 0)

    def look(self, key: str, first: date, last: date) -> Report:
        """The report about these days; that it was looked at is recorded, with its hash. Raises `ArchiveError`.

        Takes seconds where the days are a year's.
        """
        # Asked for at the end of a day: the station starts without them.
        from data import reports
        from kiosk.reports.contents import Beside, report_of

        config = self._config()
        days = reports.span(first, last, self._zone)
        beside = Beside(zone=self._zone, exchange=self._exchange(config) if key == "balance" else None)
        with self._archive.store.read() as db:
            report = report_of(db, key, config.office.number, days, beside)
        body = {"report": key, "from": first.isoformat(), "to": last.isoformat(), "sha256": report.sha256}
        self._archive.note("report_viewed", body, clerk=config.office.clerk)
        return report

    def _exchange(self, config: Config) -> dict[str, int] | None:
        from data.outbox import exchange_state

        if config.exchange.centre is None:
            return None
        limits = config.exchange
        state = exchange_state(self._archive.store, self._clock(), limits.soft_days, limits.hard_days)
        return {"days": state.days, "waiting": state.waiting}

    def pdf(self, report: Report) -> bytes:
        """The report on paper, in the script of the forms, with its hash. Raises `DocumentError`, `ArchiveError`."""
        from kiosk.documents.facts import Script
        from kiosk.reports.paper import paper

        config = self._config()
        head = self._archive.head_code()
        return paper(report, config.office, self.today(), head, Script(config.printing.script), self._zone)

    def print(self, report: Report) -> tuple[str, Path | None]:
        """Print the report, or save it where no printer is set: the printer, or the file's name and path. Blocks.

        Raises `PrinterError`, `DocumentError`, `ArchiveError`.
        """
        from kiosk.printing import PrintRoom

        # The time in the name: a second copy that is asked for is a job of its own.
        return PrintRoom(self._config()).send(self.pdf(report), f"{report.file_name}-{self._clock():%H%M%S}", 1)
