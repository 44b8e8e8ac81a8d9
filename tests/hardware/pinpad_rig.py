"""A desk whose reader is a pin pad, and a screen that only watches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from hardware.id_card import IdCard
from hardware.interface import PinMethod, PinRequest, PinState, SlotState
from hardware.local import LocalDevices
from hardware.pcsc import PcscSlot
from hardware.settings import DeviceSettings
from tests.services.fixtures import READER_C
from tests.services.pcscd import PrivatePcscd
from tests.services.pinpad.reader import Fingers, pin_pad
from tests.services.ports import wait_until


@dataclass
class Screen:
    """Remembers what a screen would be told; `at_request` runs in a thread of its own when the citizen is asked."""

    at_request: Callable[[], None] | None = None
    events: list[object] = field(default_factory=list)

    def pin_requested(self, request: PinRequest) -> None:
        self.events.append(request)
        if self.at_request is not None:
            act, self.at_request = self.at_request, None
            threading.Thread(target=act).start()

    def pin_state(self, state: PinState) -> None:
        self.events.append(state)

    def dots(self, count: int) -> None:
        raise AssertionError("a pin pad shows no dots of ours")


@dataclass
class Desk:
    """A desk with a pin pad, and the citizen's fingers on it."""

    devices: LocalDevices
    fingers: Fingers
    service: PrivatePcscd

    def chip(self) -> IdCard:
        return self.devices.open_chip()


@contextmanager
def desk(service: PrivatePcscd, features: bytes, citizen: str = "jovana") -> Iterator[Desk]:
    slot = PcscSlot(READER_C, 5)
    wait_until(lambda: slot.state() is SlotState.EMPTY, "the last card to leave")
    with pin_pad(service, READER_C, features, "training", citizen, "") as fingers:
        wait_until(lambda: slot.state() is SlotState.CARD, "the card")
        devices = LocalDevices(DeviceSettings(reader=READER_C, pin_method=PinMethod.PINPAD))
        yield Desk(devices, fingers, service)
        devices.close()
