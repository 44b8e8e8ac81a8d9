"""How the process must stand before Textual is imported: keys, colours, no core, and who may write to the terminal."""

from __future__ import annotations

import os
import resource
import sys

SETTINGS = {
    # The kitty parser keeps typed keys in a cache, in order, and misreads Shift+F keys of the Linux console.
    "TEXTUAL_DISABLE_KITTY_KEY": "1",
    "ESCDELAY": "25",
    "TEXTUAL_ANIMATIONS": "none",
    "TEXTUAL_FPS": "120",
}
LEAKS = ("TEXTUAL", "TEXTUAL_LOG", "TEXTUAL_DEBUG", "TEXTUAL_DRIVER", "TEXTUAL_PRESS", "TEXTUAL_THEME", "NO_COLOR")
"""Variables that would write keys into files, or change how a screen looks or is driven."""
STALE_SIZE = ("LINES", "COLUMNS")
"""What some program before us took the terminal's size for; the terminal itself is asked instead."""


def prepare() -> None:
    """Set what Textual reads at import, and give the screens a descriptor of their own.

    Textual paints on `sys.__stderr__`. C libraries write to descriptor 2 whenever they like; where both are the
    terminal, their noise would stand on the screen, so descriptor 2 is turned away from it.
    """
    # A core file would hold names, numbers and the archive's key.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ.update(SETTINGS)
    for name in [n for n in os.environ if n in (*LEAKS, *STALE_SIZE) or n.startswith("TEXTUAL_SCREENSHOT")]:
        del os.environ[name]
    if "textual" in sys.modules or not os.isatty(1):
        return
    sys.__stderr__ = os.fdopen(os.dup(1), "w", encoding="utf-8")  # type: ignore[misc]  # Textual paints there
    if os.isatty(2):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
