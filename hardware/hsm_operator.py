"""The HSM's operator: a clerk who types the HSM's PIN at the station's terminal, once in a sitting."""

from __future__ import annotations

from hardware.hsm import Hsm
from hardware.interface import PinObserver, PinPolicy, PinPrompt, PinRequest, PinState, UnblockChallenge
from hardware.pin import CAPACITY
from hardware.pin_entry import TrainingPinEntry
from hardware.settings import DeviceSettings

OPERATOR_POLICY = PinPolicy(min_length=4, max_length=CAPACITY)
"""Digits only: what the clerk types goes the road of a PIN, key by key, and never becomes text."""


class HsmOperator:
    """Logs in with a PIN read from the terminal itself, which the screens let rest meanwhile; it is wiped at once.

    The session stays open until `log_out`, or until the process ends.
    """

    def __init__(self, settings: DeviceSettings) -> None:
        self._hsm = Hsm(settings.hsm_module, settings.hsm_token_label, settings.hsm_key_label)
        # The same keys from the same terminal as a citizen's in training; here the clerk is asked.
        self._entry = TrainingPinEntry(settings.pin_fd)

    def log_in(self, observer: PinObserver) -> None:
        """Ask for the PIN and log in with it, once. Raises as `Hsm.log_in`, and as a PIN entry does."""
        prompt = PinPrompt(request=PinRequest.CURRENT)
        with self._entry.collect(prompt, OPERATOR_POLICY, observer) as pin:
            observer.pin_state(PinState.CHECKING)
            self._hsm.log_in(pin)
        observer.pin_state(PinState.ACCEPTED)

    def answer(self, challenge: UnblockChallenge) -> bytes:
        """See `Hsm.answer`."""
        return self._hsm.answer(challenge)

    def log_out(self) -> None:
        """See `Hsm.log_out`."""
        self._hsm.log_out()

    def cancel(self) -> None:
        """End an entry under way."""
        self._entry.cancel()
