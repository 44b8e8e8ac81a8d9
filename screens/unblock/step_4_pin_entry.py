"""unblock/4: the card's challenge is answered, then the citizen alone types the new PIN, twice."""

from __future__ import annotations

from threading import Thread

from hardware.errors import HsmLocked
from kiosk.key_services import CodeExchangeNeeded
from kiosk.procedures.evidence import PinChanged
from screens.code_exchange import CodeExchangeScreen
from screens.pin_entry import PinEntryScreen
from screens.step_screen import GoBack, Result
from screens.unblock.operator_pin import OperatorPinScreen


class NewPinEntryScreen(PinEntryScreen[PinChanged]):
    """Where the key service needs the clerk first, that has a screen of its own; the citizen is asked after it."""

    def run(self) -> PinChanged:
        """The desk does it all."""
        return self.desk.unblock(self.case, self)

    def end(self, result: Result) -> None:
        """Whatever comes next may speak to the card: the challenge is over, also where a driver does not answer."""
        Thread(target=self.desk.forget_challenge, name="kiosk-forget-challenge", daemon=True).start()
        super().end(result)

    def _failed(self, fault: Exception) -> None:
        if isinstance(fault, HsmLocked):
            self._take_back()
            self.app.push_screen(OperatorPinScreen(), self._operator_came)
        elif isinstance(fault, CodeExchangeNeeded):
            self._take_back()
            self.app.push_screen(CodeExchangeScreen(self.case, fault.question), self._centre_answered)
        else:
            super()._failed(fault)

    def _operator_came(self, fault: Exception | None) -> None:
        if fault is None:
            self.ask()
        else:
            super()._failed(fault)

    def _centre_answered(self, response: bytes | None) -> None:
        if response is None:
            self.end(GoBack())
        else:
            self.desk.answer_challenge(self.case, response)
            self.ask()


SCREEN = NewPinEntryScreen
