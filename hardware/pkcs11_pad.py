"""PKCS#11 with the PIN typed on the reader (CKF_PROTECTED_AUTHENTICATION_PATH): the module asks, we pass no PIN.

All functions belong to the PKCS#11 thread. What the reader itself did not take is told by a `PinState`: ask again.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hardware.errors import (
    CardRemoved,
    HardwareError,
    ModuleFault,
    PinBlocked,
    PinEntryCancelled,
    WrongPin,
)
from hardware.interface import PinState
from hardware.pinpad_features import PadFault

if TYPE_CHECKING:
    from pkcs11 import Session, Token

OPENSC_ENTRIES = 21
"""How often OpenSC 0.23 asks for the PIN in one issuance: once to log in, six times for each pair, four times for each
certificate. It keeps no PIN, and proves the right to each file anew. Measured on the PKCS#15 test card; another card's
files may need more."""
OPENSC_RENEWAL_ENTRIES = 33
"""Six more for each old pair and its certificate that are removed, measured likewise."""
OK, PIN_INVALID, PIN_LEN_RANGE = 0x00, 0xA1, 0xA2
ASK_AGAIN = {PIN_INVALID: PinState.DIFFERENT, PIN_LEN_RANGE: PinState.TOO_SHORT}
SET_PIN_ERRORS: dict[int, Callable[[], HardwareError]] = {
    0x32: CardRemoved,
    0x50: PinEntryCancelled,
    0xA0: lambda: WrongPin(None),
    0xA4: PinBlocked,
    0xE0: CardRemoved,
}
"""By CKR value: device removed, function cancelled (also when nobody typed), incorrect, locked, token not present."""


def has_pad(token: Token) -> bool:
    """Whether the module lets the citizen type on the reader."""
    from pkcs11 import TokenFlag

    return bool(token.flags & TokenFlag.PROTECTED_AUTHENTICATION_PATH)


def require_pad(token: Token) -> None:
    """Raise `NoPinPad` unless it does: C_Login without a PIN counts as a wrong one on other tokens."""
    if not has_pad(token):
        raise PadFault.NOT_BY_MODULE.error()


def set_pin(module: Path, session: Session) -> PinState | None:
    """C_SetPIN without PINs: the reader asks for the old one, then twice for the new one.

    The binding cannot; it and `ctypes` share the module that is loaded and initialised.
    """
    library = ctypes.CDLL(str(module))
    opened: Any = session
    handle = ctypes.c_ulong(opened.handle)
    outcome = library.C_SetPIN(handle, None, ctypes.c_ulong(0), None, ctypes.c_ulong(0))
    if outcome == OK or outcome in ASK_AGAIN:
        return ASK_AGAIN.get(outcome)
    raise SET_PIN_ERRORS[outcome]() if outcome in SET_PIN_ERRORS else ModuleFault(f"C_SetPIN {outcome:08X}")
