"""Runs in the machine: a desk that watches its reader and reads the card, and says on the console what it is told.

Lines: `STATE <slot state>`, `READ <document number>`, `LOST <error>`, `REFUSED <error> <what>`.
"""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import time
from pathlib import Path

from hardware.errors import HardwareError, NoDriver
from hardware.interface import SlotState
from hardware.local import LocalDevices
from hardware.pcsc import PcscSlot
from hardware.settings import DeviceSettings

DRIVERS = Path("/usr/lib/pcsc/drivers")
SELECT = bytes.fromhex("00A404000BF381000002534552494401")
LIMIT_S = 20.0


def say(line: str) -> None:
    """On the serial console, at once."""
    with open("/dev/ttyS0", "w") as console:
        console.write(f"{line}\n")


class Told:
    """What the watch tells, said and kept."""

    def __init__(self) -> None:
        self.states: queue.SimpleQueue[SlotState] = queue.SimpleQueue()

    def slot_changed(self, state: SlotState) -> None:
        say(f"STATE {state.name}")
        self.states.put(state)

    def until(self, *wanted: SlotState) -> None:
        while self.states.get(timeout=90) not in wanted:
            pass


def service() -> subprocess.Popen[bytes]:
    os.makedirs("/run/pcscd", exist_ok=True)
    return subprocess.Popen(["/usr/sbin/pcscd", "--foreground"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def read_until_lost(devices: LocalDevices) -> None:
    """Read the card, then send it commands over one connection until that is lost."""
    chip = devices.open_chip()
    say(f"READ {chip.unverified().document.document_number}")
    chip.close()
    connection = PcscSlot("", LIMIT_S).connect()
    try:
        while True:
            connection.transmit(SELECT)
    except HardwareError as error:
        say(f"LOST {type(error).__name__}")
    connection.close()


def main() -> None:
    """Reader, card, unplugged under way, plugged in again, card again, and at last no driver."""
    pcscd = service()
    devices, told = LocalDevices(DeviceSettings(reader="")), Told()
    with devices.watch(told):
        for _ in range(2):
            told.until(SlotState.CARD)
            read_until_lost(devices)
            told.until(SlotState.NO_READER)
        pcscd.terminate()
        pcscd.wait()
        told.until(SlotState.NO_SERVICE)
        shutil.rmtree(DRIVERS)
        service()
        told.until(SlotState.NO_DRIVER)
        time.sleep(1)
        try:
            devices.open_chip()
        except NoDriver as error:
            say(f"REFUSED {type(error).__name__} {error.device}")
    say("DONE")


if __name__ == "__main__":
    main()
