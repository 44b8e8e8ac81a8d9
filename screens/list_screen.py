"""A screen that is a list: rows of which a window is seen, one of them marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from textual.geometry import Offset

from screens.frame import FrameScreen

T = TypeVar("T")
R = TypeVar("R")


class RowList(Generic[T]):
    """Rows and the marked one; `height` of them are seen at once, the marked one always."""

    def __init__(self, height: int) -> None:
        self.height = height
        self.rows: Sequence[T] = ()
        self.at = 0

    def show(self, rows: Sequence[T]) -> None:
        """Other rows; the mark stays where it was, as far as there are rows."""
        self.rows = rows
        self.move(0)

    def move(self, by: int) -> None:
        """Move the mark, as far as there are rows."""
        self.at = max(0, min(self.at + by, len(self.rows) - 1))

    @property
    def marked(self) -> T | None:
        """The marked row; `None` when there is none."""
        return self.rows[self.at] if self.rows else None

    @property
    def first(self) -> int:
        """Index of the uppermost row seen."""
        return max(0, min(self.at - self.height + 1, len(self.rows) - self.height))

    def seen(self) -> list[tuple[bool, T]]:
        """The rows in the window, each with whether it is the marked one."""
        window = self.rows[self.first : self.first + self.height]
        return [(number == self.at, row) for number, row in enumerate(window, start=self.first)]


class ListScreen(FrameScreen[R], Generic[R, T]):
    """Arrows and paging move the mark; the terminal's cursor follows it."""

    ROWS: int
    """Rows seen at once."""
    LIST_AT: Offset
    """Cell of the uppermost row."""

    def __init__(self) -> None:
        super().__init__()
        self.list: RowList[T] = RowList(self.ROWS)

    def caret(self) -> Offset:
        """At the marked row."""
        return Offset(self.LIST_AT.x, self.LIST_AT.y + self.list.at - self.list.first)

    def press_up(self) -> None:
        """The row above."""
        self.list.move(-1)

    def press_down(self) -> None:
        """The row below."""
        self.list.move(1)

    def press_pageup(self) -> None:
        """A page up."""
        self.list.move(-self.ROWS)

    def press_pagedown(self) -> None:
        """A page down."""
        self.list.move(self.ROWS)
