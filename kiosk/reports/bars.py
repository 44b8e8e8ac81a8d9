"""A bar of the console font's own blocks, an eighth of a cell fine."""

from __future__ import annotations

EIGHTHS = " ▏▎▍▌▋▊▉"
FULL = "█"


def bar(count: int, most: int, width: int) -> str:
    """`count` as a bar of which `most` fills `width` cells; what is not nothing is seen."""
    if count <= 0 or most <= 0:
        return ""
    eighths = max(1, round(count * width * 8 / most))
    full, part = divmod(eighths, 8)
    return FULL * full + (EIGHTHS[part] if part else "")
