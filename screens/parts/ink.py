"""The sixteen colours of the console, by what they mean. Each pair has a contrast of at least 7 to 1."""

from __future__ import annotations

from enum import Enum

from rich.style import Style


class Ink(Enum):
    """What a piece of text is; the value is foreground and background."""

    PLAIN = ("white", "black")
    STRONG = ("bright_white", "black")
    TITLE = ("bright_white", "blue")
    TRAINING = ("black", "yellow")
    RULE = ("cyan", "black")
    HEADING = ("bright_cyan", "black")
    DONE = ("bright_green", "black")
    NOW = ("bright_yellow", "black")
    WARNING = ("bright_yellow", "black")
    DANGER = ("bright_white", "red")
    SELECTED = ("black", "white")
    ANNOUNCEMENT = ("bright_cyan", "black")
    HINT = ("bright_white", "black")
    KEY = ("bright_white", "black")
    KEY_NAME = ("black", "cyan")
    CITIZEN = ("black", "white")
    CITIZEN_TITLE = ("bright_white", "blue")
    CITIZEN_DOTS = ("blue", "white")
    CITIZEN_WARNING = ("bright_white", "red")
    GREY_15_0 = ("bright_white", "black")
    GREY_7_0 = ("white", "black")
    GREY_8_0 = ("bright_black", "black")
    GREY_15_7 = ("bright_white", "white")
    GREY_8_7 = ("bright_black", "white")
    GREY_0_7 = ("black", "white")

    @property
    def style(self) -> Style:
        """The colours as Rich names them."""
        return _STYLES[self]


_STYLES = {ink: Style(color=ink.value[0], bgcolor=ink.value[1]) for ink in Ink}
