"""What a walk needs of a console: the real one, or an emulated one where the machine has none."""

from __future__ import annotations

from typing import Protocol


class Console(Protocol):
    """A screen of 80 by 25 cells with a keyboard, and one program on it."""

    def press(self, *keys: str) -> None: ...

    def screen(self) -> list[str]: ...

    def cells(self) -> bytes: ...

    def wait_for(self, text: str, seconds: float = 30.0) -> list[str]: ...
