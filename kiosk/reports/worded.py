"""A report as people read it: in one language, in local time, short enough for a screen and for A4."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from kiosk.reports.report import Cell, Report
from kiosk.reports.words import COLUMNS, GROUPS, TITLES, key_said, said, step_said
from kiosk.texts import Texts

LAYOUT: dict[str, tuple[tuple[str, ...], ...]] = {
    "day": (("at",), ("clerk",), ("case_id",), ("kind",)),
    "balance": (("left",), ("right",), ("balanced",), ("pair", "cases")),
    "expiring": (("days",), ("not_after",), ("case_id",), ("profile",), ("standing",), ("name",)),
    "failures": (("at",), ("case_id",), ("code", "kind", "step", "reader")),
}
"""Which columns are seen, and which of them share one; CSV and JSON have all. The last one may be of any length."""
BETWEEN = " · "


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """Words only; nothing is left to be translated."""

    title: str
    period: str
    remarks: tuple[str, ...]
    bars: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
    """Groups of sums: a heading, then what is counted and how many."""
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def worded(report: Report, texts: Texts, zone: tzinfo | None) -> Worded:
    """The report in a language; times are shown in `zone` (`None`: the machine's)."""
    say = _speaker(report, texts, zone)
    layout = LAYOUT[report.key]

    def together(row: tuple[Cell, ...]) -> tuple[str, ...]:
        said_of = dict(zip(report.columns, row, strict=True))
        return tuple(BETWEEN.join(filter(None, (say(name, said_of[name]) for name in names))) for names in layout)

    return Worded(
        title=texts.look_up(TITLES[report.key]),
        period=period_said(report.first, report.last),
        remarks=tuple(_moved(move, texts, zone) for move in report.clock_moves),
        bars=tuple(
            (texts.look_up(GROUPS[group]), tuple((key_said(group, key, texts), n) for key, n in counts.items()))
            for group, counts in report.sums.items()
        ),
        head=tuple(BETWEEN.join(texts.look_up(COLUMNS[name]) for name in names) for names in layout),
        rows=tuple(map(together, report.rows)),
    )


def period_said(first: date, last: date) -> str:
    """The days: `02.03.2026.`, or the first and the last of them."""
    return f"{first:%d.%m.%Y.}" if first == last else f"{first:%d.%m.%Y.} - {last:%d.%m.%Y.}"


def _speaker(report: Report, texts: Texts, zone: tzinfo | None) -> Callable[[str, Cell], str]:
    def say(column: str, cell: Cell) -> str:
        match column, cell:
            case _, int():
                return str(cell)
            case "at", str():
                local = datetime.fromisoformat(cell).astimezone(zone)
                return f"{local:%H:%M:%S}" if report.first == report.last else f"{local:%d.%m.%Y. %H:%M}"
            case "not_after", str():
                return f"{datetime.fromisoformat(cell).astimezone(zone):%d.%m.%Y.}"
            case "step", str():
                return step_said(cell, texts)
            case "case_id", str():
                return cell or "-"
            case (("name" | "reader" | "cases" | "clerk"), str()):
                return cell
        return said(str(cell), texts)

    return say


def _moved(move: tuple[str, str], texts: Texts, zone: tzinfo | None) -> str:
    before, after = (f"{datetime.fromisoformat(at).astimezone(zone):%d.%m.%Y. %H:%M}" for at in move)
    return texts("Сат је померен са {before} на {after}; дани се броје по сату.", before=before, after=after)
