"""How far each office is, which of them are silent, and what needs a human."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from data.bundle_header import Header
from data.registry.database import Database
from data.registry.history import newest_head

if TYPE_CHECKING:
    from psycopg import Cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeStatus:
    """One office as the centre sees it."""

    office: str
    name: str
    epoch: int
    rows: int
    """Rows of its journal that are here."""
    known_to_office: int
    """Rows of which the office has said that it holds the receipt."""
    days: int | None
    """Whole days since its last bundle; `None` when none ever came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The registry at a glance."""

    offices: tuple[OfficeStatus, ...]
    alarms: tuple[tuple[str, str, str, datetime], ...]
    """Office, kind, what was told, when; newest first."""

    def as_record(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {
            "offices": [asdict(office) for office in self.offices],
            "alarms": [
                {"office": office, "kind": kind, "detail": detail, "at": at.isoformat()}
                for office, kind, detail, at in self.alarms
            ],
        }

    def lines(self) -> list[str]:
        """The report for people: offices, then alarms."""
        offices = [
            f"{one.office:8}  epoch {one.epoch}  {one.rows:9} rows  "
            f"{'never heard of' if one.days is None else f'{one.days} days ago':14}  {one.name}"
            for one in self.offices
        ]
        return [*offices, *(f"ALARM {at:%Y-%m-%d %H:%M}  {kind}: {detail}" for _, kind, detail, at in self.alarms)]


def report(database: Database, now: datetime) -> Report:
    """Look at every office. Raises `RegistryUnavailable`."""
    return database.run(lambda cursor: _report(cursor, now))


def _report(cursor: Cursor[Any], now: datetime) -> Report:
    offices = cursor.execute("SELECT office, name FROM office ORDER BY office").fetchall()
    alarms = cursor.execute("SELECT office, kind, detail, at FROM alarm ORDER BY at DESC").fetchall()
    return Report(offices=tuple(_office(cursor, office, name, now) for office, name in offices), alarms=tuple(alarms))


def _office(cursor: Cursor[Any], office: str, name: str, now: datetime) -> OfficeStatus:
    head = newest_head(cursor, office)
    return OfficeStatus(
        office=office,
        name=name,
        epoch=head.epoch if head else 0,
        rows=head.size if head else 0,
        known_to_office=Header.from_bytes(head.header).acknowledged if head else 0,
        days=max(0, (now - head.at).days) if head else None,
    )
