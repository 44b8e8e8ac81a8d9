"""What a citizen could type a PIN on at this desk: for the doctor, who tells a technician."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hardware.citizen_socket import require_own_folder
from hardware.errors import NoService, PinEntryFault
from hardware.interface import PinMethod
from hardware.keypad_device import Keypad
from hardware.keypad_faults import KeypadFault
from hardware.keypad_find import input_nodes
from hardware.pinpad_find import pin_pads
from hardware.settings import DeviceSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class PinDevice:
    """One way to take a PIN; `fault` says why it cannot be used, and is empty where it can."""

    method: PinMethod
    name: str
    fault: str = ""


def found_devices() -> tuple[PinDevice, ...]:
    """Pin pad readers and devices with digit keys that are plugged in, whether the settings name them or not."""
    return (*_pads(), *_keypads())


def device_in_use(settings: DeviceSettings) -> PinDevice | None:
    """What the settings say the PIN is typed on, tried out; `None` for the clerk's keyboard, which is for training."""
    match settings.pin_method:
        case PinMethod.TRAINING:
            return None
        case PinMethod.PINPAD:
            pads = tuple(_pads())
            chosen = next((pad for pad in pads if pad.name.startswith(settings.reader)), None)
            return chosen or PinDevice(method=PinMethod.PINPAD, name=settings.reader, fault="no pin pad reader")
        case PinMethod.TERMINAL:
            return _terminal(settings.citizen_socket)
        case PinMethod.KEYPAD:
            return _serial(settings.serial_pinpad) if settings.serial_pinpad else _keypad(settings.keypad)


def _pads() -> Iterator[PinDevice]:
    try:
        found = pin_pads()
    except NoService:
        return  # without the service there is no reader; the doctor says that by itself
    for pad in found:
        unable = "" if pad.changes_pins else " (takes no new PIN: nothing is unblocked on it)"
        yield PinDevice(method=PinMethod.PINPAD, name=pad.reader + unable)


def _keypads() -> Iterator[PinDevice]:
    """By device, not by node: a keypad may have several."""
    for socket, node in {node.socket: node for node in reversed(input_nodes())}.items():
        yield PinDevice(method=PinMethod.KEYPAD, name=f"{node.name} ({node.kind}, {socket})")


def _keypad(wanted: str) -> PinDevice:
    keypad = Keypad(wanted)
    try:
        keypad.hold()
    except PinEntryFault as fault:
        # Held by another program is what it should be while the station runs.
        is_held = str(fault) == KeypadFault.HELD_BY_ANOTHER.value
        return PinDevice(method=PinMethod.KEYPAD, name=wanted, fault="" if is_held else str(fault))
    finally:
        keypad.release()
    return PinDevice(method=PinMethod.KEYPAD, name=wanted)


def _serial(path: str) -> PinDevice:
    usable = os.access(path, os.R_OK | os.W_OK)
    return PinDevice(method=PinMethod.KEYPAD, name=path, fault="" if usable else "not there, or no permission")


def _terminal(path: Path | None) -> PinDevice:
    name = str(path or "")
    try:
        if path is not None:
            require_own_folder(path.parent)
    except PinEntryFault as fault:
        return PinDevice(method=PinMethod.TERMINAL, name=name, fault=str(fault))
    return PinDevice(method=PinMethod.TERMINAL, name=name, fault="" if path else "devices.citizen_socket is not set")
