"""A desk whose reader, in this process, holds any virtual card; and a card that remembers what it was sent.

Run as a program it puts a recorded training card into a virtual reader:
python -m tests.hardware.virtual_desk CITIZEN PORT RECORD [t0]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hardware.card_slot import CardSlot
from hardware.local import LocalDevices
from hardware.settings import DeviceSettings
from hardware.training.card import TrainingCard, VirtualCard
from hardware.training.citizens import CITIZENS
from hardware.training.server import serve
from hardware.training_slot import TrainingConnection, TrainingSlot
from tests.hardware.t0_card import T0Card

CARRIES_A_PIN = (0x20, 0x24)
"""VERIFY and CHANGE REFERENCE DATA."""


class Reader(TrainingSlot):
    """A reader in process that holds any virtual card."""

    def __init__(self, card: VirtualCard) -> None:
        super().__init__(DeviceSettings(training_citizen=""))
        self._card = card

    def put_in(self, card: VirtualCard) -> None:
        """Take out what is in the reader and put that card in."""
        self._card = card

    def connect(self) -> TrainingConnection:
        assert self._card is not None
        self._card.power_on()
        return TrainingConnection(self, self._card)


@contextmanager
def desk_with(reader: Reader, settings: DeviceSettings | None = None) -> Iterator[LocalDevices]:
    """A desk with that reader."""
    with pytest.MonkeyPatch.context() as patch:
        slot: CardSlot = reader
        patch.setattr("hardware.local.slot_for", lambda settings: slot)
        yield LocalDevices(settings or DeviceSettings())


class RecordedCard:
    """Another card, with what was sent to it; `answer_pin` may answer a command that carries a PIN instead of it."""

    def __init__(self, card: VirtualCard, answer_pin: Callable[[bytes], bytes] | None = None) -> None:
        self._card = card
        self._answer_pin = answer_pin
        self.commands: list[bytes] = []

    @property
    def atr(self) -> bytes:
        return self._card.atr

    @property
    def pins_presented(self) -> int:
        return sum(carries_pin(command) for command in self.commands)

    def power_on(self) -> None:
        self._card.power_on()

    def reset(self) -> None:
        self._card.reset()

    def transmit(self, command: bytes) -> bytes:
        self.commands.append(bytes(command))
        if self._answer_pin is not None and carries_pin(command):
            return self._answer_pin(command)
        return self._card.transmit(command)


def carries_pin(command: bytes) -> bool:
    """Whether the command presents a PIN; VERIFY without data only asks for the tries left."""
    return command[1] in CARRIES_A_PIN and len(command) > 5


class FiledCard(RecordedCard):
    """Writes each command's first five bytes into a file, one line each, before it answers: never a PIN."""

    def __init__(self, card: VirtualCard, record: Path) -> None:
        super().__init__(card)
        self._record = record

    def transmit(self, command: bytes) -> bytes:
        with self._record.open("a") as record:
            record.write(f"{command[:5].hex()}\n")
        return super().transmit(command)


if __name__ == "__main__":
    citizen, port, record, *protocol = sys.argv[1:]
    made: VirtualCard = TrainingCard(CITIZENS[citizen])
    serve(FiledCard(T0Card(made) if protocol else made, Path(record)), "127.0.0.1", int(port))
