"""A card's challenge that waits for its answer; meanwhile the card is held, so that no other command comes between."""

from __future__ import annotations

from contextlib import ExitStack, suppress

from hardware.errors import CardError, HostLost, HsmLocked, PinEntryCancelled, PinEntryExpired, PinEntryFault
from hardware.interface import Chip, PinObserver, PinPolicy
from kiosk.key_services import CodeExchangeNeeded, KeyService

BEFORE_THE_CITIZEN = (HsmLocked, CodeExchangeNeeded)
NOTHING_SENT = (*BEFORE_THE_CITIZEN, PinEntryCancelled, PinEntryExpired, PinEntryFault)
"""After these the card has heard nothing since its challenge, which is still good."""


class OpenChallenge:
    """Fetched when it is made; `close` lets go of the card. It ends with the card's power."""

    def __init__(self, case_id: str, chip: Chip, *, is_citizen_first: bool) -> None:
        """`is_citizen_first`: the new PIN is taken before the answer goes to the card; on a pin pad it is after."""
        self.case_id = case_id
        self.chip = chip
        self._nothing_sent = NOTHING_SENT if is_citizen_first else BEFORE_THE_CITIZEN
        self.response: bytes | None = None
        self.is_spent = False
        """Whether the challenge can be answered no more, or nobody knows."""
        self._held = ExitStack()
        self._held.enter_context(chip.transaction())
        try:
            self.challenge = chip.unblock_challenge()
        except BaseException:
            self.close()
            raise

    def set_new_pin(self, key_service: KeyService, observer: PinObserver, policy: PinPolicy) -> None:
        """Have it answered, once; let the citizen enter the new PIN, and set it. Raises `HardwareError`.

        A citizen who cancelled may try again on the same answer.
        """
        try:
            if self.response is None:
                self.response = key_service.answer(self.challenge)
            self.chip.unblock(self.response, observer, policy)
        except self._nothing_sent:
            raise
        except BaseException:
            self.is_spent = True
            raise
        self.is_spent = True

    def close(self) -> None:
        """Let go of the card; one that is gone has let go by itself."""
        with suppress(CardError, HostLost):
            self._held.close()
