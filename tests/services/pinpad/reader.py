"""Puts a pin pad with a card in it behind pcscd, and types on it."""

from __future__ import annotations

import json
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hardware.training.citizens import TrainingCitizen
from tests.services.card_process import CardProcess, card_in_reader
from tests.services.pcscd import PrivatePcscd
from tests.services.ports import wait_until

DIRECT = bytes((0x06, 0x07, 0x0A))
"""Verify and modify, and the properties: what libccid tells for most readers."""
VERIFY_ONLY = bytes((0x06, 0x0A))
STEPWISE = bytes((0x01, 0x02, 0x03, 0x04, 0x05, 0x0B, 0x12))
"""Start, key pressed, finish, abort, properties as TLVs."""


class Fingers:
    """The citizen at the pad. Serves the rehearsal's walk too."""

    def __init__(self, path: Path, card: CardProcess, citizen: TrainingCitizen | None = None) -> None:
        self._path = path
        self.card = card
        self._citizen = citizen
        self._knows_new = False

    def ask(self, **request: Any) -> dict[str, Any]:
        """Press keys or look; what the pad has seen so far."""
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(str(self._path))
            with peer.makefile("rw") as lines:
                print(json.dumps(request), file=lines, flush=True)
                answer: dict[str, Any] = json.loads(lines.readline())
        return answer

    def is_there(self) -> bool:
        """Whether the pad listens to fingers yet."""
        with socket.socket(socket.AF_UNIX) as peer:
            return peer.connect_ex(str(self._path)) == 0

    def type(self, *entries: bytes) -> None:
        """Each of these, and the confirmation key."""
        self.ask(keys="".join(entry.decode() + "E" for entry in entries))

    def press(self, keys: str) -> None:
        """Single keys: digits, `E`, `C`, `<`."""
        self.ask(keys=keys)

    @property
    def asked(self) -> int:
        """How many times the citizen was asked for a PIN, by the pad's own count."""
        return int(self.ask()["asked"])

    @property
    def orders(self) -> list[tuple[int, bytes]]:
        """Feature tags and structures as the pad got them."""
        return [(tag, bytes.fromhex(raw)) for tag, raw in self.ask()["orders"]]

    def wait_until_asked(self) -> None:
        """Until the pad waits for a PIN."""
        wait_until(lambda: bool(self.ask()["asking"]), "the pad to ask")

    # --- the rehearsal's citizen --------------------------------------------------------------------------------------

    def enter_pin(self) -> None:
        assert self._citizen is not None
        self.type(self._citizen.new_pin if self._knows_new else self._citizen.pin)

    def enter_new_pin(self) -> None:
        assert self._citizen is not None
        self.type(self._citizen.new_pin, self._citizen.new_pin)

    def remember_new_pin(self) -> None:
        self._knows_new = True


@contextmanager
def pin_pad(
    service: PrivatePcscd, reader: str, features: bytes, *card: str, citizen: TrainingCitizen | None = None
) -> Iterator[Fingers]:
    """That reader becomes a pin pad with this card in it (see `__main__`), and is a plain empty reader afterwards.

    All that passes between it and the computer is recorded meanwhile, and before the card is used.
    """
    with tempfile.TemporaryDirectory(prefix="pad-") as folder:
        path = Path(folder) / "keys"
        program = [sys.executable, "-m", "tests.services.pinpad", str(service.ports[reader]), str(path), *card]
        service.give_keys(reader, features)
        service.record(reader)
        try:
            with card_in_reader(program) as process:
                fingers = Fingers(path, process, citizen)
                wait_until(fingers.is_there, "the pad")
                yield fingers
        finally:
            service.give_keys(reader, b"")
            service.stop_recording(reader)
