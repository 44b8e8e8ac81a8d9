"""Which of the plugged-in readers is used; and what is plugged into USB without a driver."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from hardware.errors import NoDriver, NoReader

CONTACTLESS = re.compile(r"contactless|picc|nfc|(?<![a-z])cl(?![a-z])", re.IGNORECASE)
"""In the names that drivers give to the contactless half of a reader, such as `OMNIKEY 5422CL`."""
USB_DEVICES = Path("/sys/bus/usb/devices")
SMART_CARD_CLASS = "0b"
"""`bInterfaceClass` of a reader that follows the CCID standard; one that does not is not recognised here."""


class ReaderChoice:
    """Chooses by the wanted name, or else its beginning; stays with its choice while that reader is plugged in.

    Of several that fit, the first by name is taken, whatever order they were plugged in; contactless ones come last.
    """

    def __init__(self, wanted: str) -> None:
        self.wanted = wanted
        self._chosen = ""

    def among(self, names: Sequence[str]) -> str:
        """The reader to use. Raises `NoDriver` when more readers are on USB than the service has, else `NoReader`."""
        fitting = sorted((name for name in names if name.startswith(self.wanted)), key=_last_if_contactless)
        if not fitting:
            raise _absent(names)
        if self.wanted in fitting:
            self._chosen = self.wanted
        elif self._chosen not in fitting:
            self._chosen = fitting[0]
        return self._chosen


def _last_if_contactless(name: str) -> tuple[bool, str]:
    return bool(CONTACTLESS.search(name)), name


def _absent(names: Sequence[str]) -> NoReader:
    plugged = usb_readers()
    return NoDriver(plugged[0]) if len(plugged) > len(names) else NoReader()


def usb_readers(devices: Path | None = None) -> list[str]:
    """The names of the smart card readers on USB, as they tell them, with a driver or without (Linux, sysfs)."""
    devices = devices or USB_DEVICES
    interfaces = sorted(devices.glob("*:*/bInterfaceClass"))
    found = {path.parent.name.split(":")[0] for path in interfaces if _line(path) == SMART_CARD_CLASS}
    return [_line(devices / device / "product") or f"USB device {device}" for device in sorted(found)]


def _line(path: Path) -> str:
    """The content of a sysfs file; empty when the device has just been pulled out, or tells nothing."""
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
