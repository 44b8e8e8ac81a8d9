"""Status words of ISO 7816-4, as an exception that ends a command."""

from __future__ import annotations

from typing import NoReturn

OK = 0x9000
BLOCKED = 0x6983
NOT_ALLOWED = 0x6982
CONDITIONS = 0x6985
NO_EF = 0x6986
WRONG_DATA = 0x6A80
FILE_NOT_FOUND = 0x6A82
NO_SPACE = 0x6A84
DATA_NOT_FOUND = 0x6A88
EXISTS = 0x6A89
OUT_OF_FILE = 0x6B00
UNKNOWN_INSTRUCTION = 0x6D00
TRIES = 0x63C0


class Refused(Exception):
    """The command ends with this status word."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{status:04X}")
        self.status = status


def refuse(status: int) -> NoReturn:
    """End the command."""
    raise Refused(status)
