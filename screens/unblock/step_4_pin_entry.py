"""unblock/4: the citizen alone types the new PIN, twice."""

from __future__ import annotations

from kiosk.procedures.evidence import PinChanged
from screens.pin_entry import PinEntryScreen


class NewPinEntryScreen(PinEntryScreen[PinChanged]):
    """Citizen mode, then the card takes the new PIN."""

    def run(self) -> PinChanged:
        """The desk does it all."""
        return self.desk.unblock(self.case, self)


SCREEN = NewPinEntryScreen
