"""Device hosts that a proof runs in place of the kiosk's own: one with a keypad over a socket, and careless ones.

`python -m tests.proofs.residue.hosts FD` is started by the station; the environment says which it is.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from hardware import host, keypad
from hardware.pin import Pin

CARELESS = "RESIDUE_CARELESS"
"""Names the file that a careless host notes the digits in; it keeps a copy of them as `str`, too."""
KEPT: list[str] = []


class SocketKeypad:
    """A `Keypad` whose events come over the Unix socket that the settings name; nothing is grabbed."""

    def __init__(self, wanted: str) -> None:
        self._wanted = wanted
        self._node: socket.socket | None = None

    @property
    def descriptors(self) -> tuple[int, ...]:
        return () if self._node is None else (self._node.fileno(),)

    def hold(self) -> None:
        if self._node is None:
            self._node = socket.socket(socket.AF_UNIX)
            self._node.connect(self._wanted)
            self._node.setblocking(False)

    def has_changed(self) -> bool:
        return False

    def forget_keys(self) -> None: ...

    def release(self) -> None:
        if self._node is not None:
            self._node.close()
            self._node = None


def be_careless(notes: Path) -> None:
    """Make both mistakes at the end of every entry."""
    clear = Pin.clear

    def careless(pin: Pin) -> None:
        KEPT.append("".join(map(chr, pin.encode())))
        notes.write_text(KEPT[-1])
        clear(pin)

    setattr(Pin, "clear", careless)  # noqa: B010  # the mistake, made on a class that is not ours to change


if __name__ == "__main__":
    setattr(keypad, "Keypad", SocketKeypad)  # noqa: B010  # the rig, in a module that does not offer it
    if notes := os.environ.get(CARELESS):
        be_careless(Path(notes))
    host.main(int(sys.argv[1]))
