"""The last line: which function keys do something here."""

from __future__ import annotations

from collections.abc import Mapping

from screens.parts.ink import Ink
from screens.parts.lines import Line, Piece


def key_bar(names: Mapping[int, str]) -> Line:
    """`{1: "Помоћ"}` as the number and its name."""
    pieces: list[Piece] = []
    for number, name in sorted(names.items()):
        pieces += [(f"{number}", Ink.KEY), (f"{name} ", Ink.KEY_NAME), (" ", Ink.PLAIN)]
    return tuple(pieces)
