"""A double frame around lines."""

from __future__ import annotations

from screens.parts.ink import Ink
from screens.parts.lines import Line, Lines, padded


def boxed(inside: Lines, width: int, ink: Ink = Ink.RULE) -> list[Line]:
    """The lines in a frame `width` cells wide; `inside` is four cells narrower."""
    side = width - 2
    middle: list[Line] = [(("║ ", ink), *padded(line, width - 4), (" ║", ink)) for line in inside.lines]
    return [((f"╔{'═' * side}╗", ink),), *middle, ((f"╚{'═' * side}╝", ink),)]
