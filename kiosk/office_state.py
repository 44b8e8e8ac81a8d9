"""How this office stands to the centre: whether it may begin a case, and what the clerk should know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from data.archive import Archive
from data.outbox import ExchangeState, Level, exchange_state
from data.receipt_book import Verdict
from kiosk.config import Config
from kiosk.procedures.preconditions import OfficeState


class OfficeStates:
    """Asks the archive; `clock` gives the time in UTC. Raises `ArchiveError`."""

    def __init__(self, archive: Archive, config: Callable[[], Config], clock: Callable[[], datetime]) -> None:
        self._archive = archive
        self._config = config
        self._clock = clock

    def exchange(self) -> ExchangeState | None:
        """Days since the last receipt, and rows that wait; `None` where the settings name no centre."""
        settings = self._config().exchange
        if settings.centre is None:
            return None
        return exchange_state(self._archive.store, self._clock(), settings.soft_days, settings.hard_days)

    def is_head_unsigned(self) -> bool:
        """Whether the office's key failed when the journal's head was to be signed."""
        return self._archive.heads.fault is not None

    def state(self) -> OfficeState:
        """What stands in the way of a new case."""
        exchange = self.exchange()
        return OfficeState(
            must_compare=not self._archive.may_issue(),
            is_contradicted=exchange is not None and exchange.verdict in (Verdict.FORKED, Verdict.BEHIND),
            is_cut_off=exchange is not None and exchange.level is Level.HARD,
            is_overdue=exchange is not None and exchange.level is Level.SOFT,
            days=exchange.days if exchange is not None else 0,
        )
