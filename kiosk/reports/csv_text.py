"""A report for a spreadsheet: RFC 4180, UTF-8 with a mark that tells spreadsheets so, and no cell is a formula."""

from __future__ import annotations

import csv
import io

from kiosk.reports.report import Cell, Report

FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
"""What a spreadsheet may take as the beginning of a formula, wide forms included; white space before it is skipped."""
MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"


def as_csv(report: Report) -> bytes:
    """Head and rows; sums are left to the spreadsheet."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(report.columns)
    writer.writerows([[harmless(cell) for cell in row] for row in report.rows])
    return (MARK + text.getvalue()).encode("utf-8")


def harmless(cell: Cell) -> Cell:
    """The cell, with an apostrophe before it where a spreadsheet would run it as a formula."""
    if isinstance(cell, int):
        return cell
    is_formula = cell.startswith(FORMULA) or cell.lstrip().startswith(FORMULA)
    return f"'{cell}" if is_formula else cell
