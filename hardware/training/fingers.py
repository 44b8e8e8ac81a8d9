"""The citizen's fingers in drills and tests: an invented citizen's keys, written where only the device layer reads."""

from __future__ import annotations

import os

from hardware.errors import PinEntryFault
from hardware.interface import PinRequest
from hardware.pin_entry import quiet_terminal
from hardware.training.citizens import TrainingCitizen

ENTER = b"\r"
CANCEL = b"\x1b"
ENDS = b"\r\n\x1b"
WRONG = b"000001"
"""Nobody's PIN."""
WEAK = b"123456"


def type_pin(fd: int, citizen: TrainingCitizen, request: PinRequest = PinRequest.CURRENT) -> None:
    """Type one entry as this citizen would answer that request, and Enter."""
    digits = citizen.pin if request is PinRequest.CURRENT else citizen.new_pin
    os.write(fd, digits + ENTER)


class TrainingFingers:
    """Types for one citizen into a file descriptor.

    After `enter_new_pin` the citizen goes on with the old PIN until `remember_new_pin`: the card may have refused.
    """

    def __init__(self, fd: int, citizen: TrainingCitizen, operator_fd: int = 0) -> None:
        """`operator_fd`: where an HSM's operator types; nobody but the operator knows that PIN, in a drill neither."""
        self._fd = fd
        self._operator_fd = operator_fd
        self._citizen = citizen
        self._request = PinRequest.CURRENT

    def enter_pin(self) -> None:
        """The citizen's PIN, and Enter."""
        type_pin(self._fd, self._citizen, self._request)

    def enter_wrong_pin(self) -> None:
        """A PIN that is nobody's, and Enter."""
        os.write(self._fd, WRONG + ENTER)

    def enter_new_pin(self) -> None:
        """The new PIN twice, each with Enter."""
        type_pin(self._fd, self._citizen, PinRequest.NEW)
        type_pin(self._fd, self._citizen, PinRequest.NEW_AGAIN)

    def enter_different_new_pins(self) -> None:
        """A new PIN, then another one."""
        type_pin(self._fd, self._citizen, PinRequest.NEW)
        self.enter_wrong_pin()

    def enter_weak_new_pin(self) -> None:
        """A new PIN that the rules refuse."""
        os.write(self._fd, WEAK + ENTER)

    def remember_new_pin(self) -> None:
        """From now on `enter_pin` types the new PIN."""
        self._request = PinRequest.NEW

    def cancel(self) -> None:
        """The cancel key."""
        os.write(self._fd, CANCEL)

    def enter_operator_pin(self) -> None:
        """What the HSM's operator types, up to Enter, passed on digit by digit. Blocks. Raises `PinEntryFault`."""
        one = bytearray(1)
        with quiet_terminal(self._operator_fd):
            while one[0] not in ENDS:
                if os.readv(self._operator_fd, [one]) == 0:
                    raise PinEntryFault("nobody typed the HSM operator's PIN")
                os.write(self._fd, one)
