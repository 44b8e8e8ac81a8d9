"""What each PKCS#11 return value means to us."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hardware.errors import (
    CardFull,
    CardRemoved,
    HardwareError,
    ModuleFault,
    NoSuchKey,
    NotUnlocked,
    PinBlocked,
    PinEntryCancelled,
    WrongPin,
)

MEANINGS: dict[str, Callable[[], HardwareError]] = {
    "PinIncorrect": lambda: WrongPin(None),
    "PinLenRange": lambda: WrongPin(None),
    "PinInvalid": lambda: WrongPin(None),
    "PinLocked": PinBlocked,
    "UserNotLoggedIn": NotUnlocked,
    "FunctionCancelled": PinEntryCancelled,
    "NoSuchKey": NoSuchKey,
    "DeviceMemory": CardFull,
    "DeviceRemoved": CardRemoved,
    "TokenNotPresent": CardRemoved,
    "NoSuchToken": CardRemoved,
    "SessionHandleInvalid": CardRemoved,
    "SessionClosed": CardRemoved,
}
"""By the name python-pkcs11 gives the return value. A pin pad does not tell cancelled from expired."""


@contextmanager
def module_errors() -> Iterator[None]:
    """Turn what the module raises in the block into our errors; what has no better name becomes `ModuleFault`.

    None of the module's own words are kept: they may quote what was sent.
    """
    import pkcs11

    try:
        yield
    except pkcs11.PKCS11Error as error:
        name = type(error).__name__
        raise MEANINGS[name]() if name in MEANINGS else ModuleFault(name) from None
