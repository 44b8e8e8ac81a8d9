"""Why the citizen's own terminal cannot be used: each reason is the text of a `PinEntryFault`. No try was spent."""

from __future__ import annotations

from enum import Enum

from hardware.errors import PinEntryFault


class CitizenTerminalFault(Enum):
    """A reason, in words for a technician."""

    NOT_CONNECTED = "the citizen's terminal is not connected: kiosk citizen does not run"
    GONE = "the citizen's terminal went away"
    HUNG_UP = "the citizen's terminal was unplugged or hung up"
    SILENT = "the citizen's terminal does not answer"
    MALFORMED = "the citizen's terminal sent what this kiosk does not understand"
    OUT_OF_ORDER = "the citizen's terminal answered what it was not asked"
    OTHER_VERSION = "the citizen's terminal runs another version of the program"
    NO_FOLDER = "there is no folder for the socket of the citizen's terminal"
    FOLDER_IS_OPEN = "others may write to the folder of the socket of the citizen's terminal"
    NOT_A_SOCKET = "something else lies where the socket of the citizen's terminal belongs"
    IN_USE = "another kiosk holds the socket of the citizen's terminal"
    NO_PERMISSION = "no permission to make the socket of the citizen's terminal"
    BAD_PATH = "the path of the socket of the citizen's terminal cannot be used"

    def error(self) -> PinEntryFault:
        """The exception for it."""
        return PinEntryFault(self.value)
