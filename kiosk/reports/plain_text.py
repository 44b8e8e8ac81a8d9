"""A report as lines of text: for the terminal, and what the screen draws its lines from."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from kiosk.reports.bars import bar
from kiosk.reports.worded import Worded

BAR_WIDTH = 24
LABEL_WIDTH = 38
COUNT_WIDTH = 7
GAP = 2
LEAST_LAST = 16


def as_text(worded: Worded, sha256: str, width: int = 100) -> str:
    """Title, days, remarks, bars, table, hash."""
    lines = [f"{worded.title} · {worded.period}", *worded.remarks]
    for heading, counts in worded.bars:
        lines += ["", heading, *bar_lines(counts)]
    table = (line for _, line in table_lines(worded.head, worded.rows, width))
    lines += ["", *table, "", f"SHA-256 {sha256}"]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def bar_lines(counts: Sequence[tuple[str, int]]) -> Iterator[str]:
    """What is counted, how many, and the bar; a long label goes on below itself."""
    most = max((count for _, count in counts), default=0)
    for label, count in counts:
        first, *rest = textwrap.wrap(label, LABEL_WIDTH) or [""]
        yield f"  {first:{LABEL_WIDTH}} {count:{COUNT_WIDTH}}  {bar(count, most, BAR_WIDTH)}"
        yield from (f"    {line}" for line in rest)


def table_lines(head: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Iterator[tuple[int, str]]:
    """Lines of head and rows, each with the number of its row (-1: the head); the last column is wrapped."""
    widths = [max(len(row[n]) for row in (head, *rows)) for n in range(len(head) - 1)]
    room = max(LEAST_LAST, width - sum(widths) - GAP * len(widths))
    indent = width - room
    for number, row in enumerate((head, *rows), start=-1):
        before = "".join(cell.ljust(size + GAP) for cell, size in zip(row, widths, strict=False))
        first, *rest = textwrap.wrap(row[-1], room, break_on_hyphens=False) or [""]
        yield number, before + first
        yield from ((number, " " * indent + line) for line in rest)
