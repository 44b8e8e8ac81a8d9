"""Start to first painted screen, key to repaint, memory: the kiosk beside a bare Textual program in the same run."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator
from tempfile import TemporaryDirectory

from kiosk.benches.measurement import Measurement
from kiosk.benches.terminal import Terminal

BARE = """
from textual.app import App, ComposeResult
from textual.widgets import Static
class Bare(App):
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [("down", "mark", ""), ("up", "mark", "")]
    count = 0
    def compose(self) -> ComposeResult:
        yield Static("READY", id="mark")
    def action_mark(self):
        self.count += 1
        self.query_one("#mark", Static).update(f"READY {self.count}")
Bare(ansi_color=True).run(mouse=False)
"""

KIOSK = (sys.executable, "-m", "kiosk", "demo")
PEER = (sys.executable, "-c", BARE)
HOME = ("ИЗДАВАЊЕ", "ОБНАВЉАЊЕ")
# F11 changes the script: the whole screen is painted anew, the dearest repaint there is.
F11 = b"\x1b[23~"
DOWN = b"\x1b[B"


def measure(runs: int = 10) -> Iterator[Measurement]:
    """Round-robin, so that load on the machine falls on both alike; medians."""
    start, start_bare, keys, keys_bare, memory, memory_bare = ([] for _ in range(6))
    with TemporaryDirectory(prefix="kiosk-bench-") as folder:
        command = (*KIOSK, "--keep", folder)
        with Terminal(command) as first:
            # Makes archive and TEST authority, which a desk does once in its life.
            first.until(*HOME)
        for _ in range(runs):
            with Terminal(PEER) as bare:
                start_bare.append(bare.until("READY"))
                keys_bare.append(statistics.median(bare.press(DOWN) for _ in range(5)))
                memory_bare.append(bare.memory_mib())
            with Terminal(command) as station:
                start.append(station.until(*HOME))
                keys.append(statistics.median(station.press(F11) for _ in range(5)))
                memory.append(station.memory_mib())
    yield _line("ui.start", start, "ms", "bare textual: first frame", start_bare)
    yield _line("ui.key_to_repaint", keys, "ms", "bare textual: one line repainted", keys_bare)
    yield _line("ui.memory", memory, "MiB", "bare textual (the kiosk counts its device host)", memory_bare)


def _line(bench: str, values: list[float], unit: str, against: str, limits: list[float]) -> Measurement:
    return Measurement(
        bench=bench,
        value=statistics.median(values),
        unit=unit,
        against=against,
        limit=statistics.median(limits),
        runs=len(values),
    )
