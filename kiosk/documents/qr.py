"""The code on each page, by which a signed sheet finds back to its case; it holds no personal data."""

from __future__ import annotations

import re
from collections.abc import Iterator

ALPHANUMERIC = re.compile(r"[0-9A-Z $%*+\-./:]*")
"""What a QR code packs tightly; any other letter would make the modules too small for an office scanner."""


def payload(*, code: str, copy: int, page: int, case_number: str) -> str:
    """Form code, copy (0: copies alike), page and case: `K1:U:0:2:2026-000019`; `BLANK` without a case."""
    return f"K1:{code}:{copy}:{page}:{case_number.upper() or 'BLANK'}"


def bars(text: str) -> tuple[int, list[tuple[int, int, int]]]:
    """Modules along a side, and the dark runs as (column, row, length). Level Q survives a stamp across the code.

    Raises `ValueError` when the text is not alphanumeric in the sense of QR.
    """
    if not ALPHANUMERIC.fullmatch(text):
        raise ValueError("not an alphanumeric QR payload")
    # Loaded with the first page drawn, like the writer of the pages.
    import segno

    rows = [bytes(row) for row in segno.make(text, error="q", micro=False, boost_error=False).matrix]
    return len(rows), [(start, y, length) for y, row in enumerate(rows) for start, length in _runs(row)]


def _runs(row: bytes) -> Iterator[tuple[int, int]]:
    for dark in re.finditer(rb"\x01+", row):
        yield dark.start(), dark.end() - dark.start()
