"""A field to type into, laid over the page."""

from __future__ import annotations

from textual.widgets import Input


def field(column: int, row: int, width: int, *, value: str = "", max_length: int = 80, name: str = "") -> Input:
    """A one-line field at that cell of the screen, counted from 0."""
    box = Input(value=value, max_length=max_length, compact=True, select_on_focus=False, name=name)
    box.cursor_blink = False
    box.styles.width = width
    place(box, column, row)
    return box


def place(box: Input, column: int, row: int) -> None:
    """Move a field; texts above it are of another length in another language."""
    box.styles.offset = (column, row)
