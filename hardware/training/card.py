"""The training card: a complete virtual identity card that speaks the real card's protocol. It is not a real card."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Protocol

from hardware.apdu import OK, Command, Response
from hardware.training import state
from hardware.training.citizens import TrainingCitizen
from hardware.training.data_applet import AIDS, DataApplet
from hardware.training.data_files import data_files
from hardware.training.files import CardFile
from hardware.training.key_files import key_files
from hardware.training.key_service import training_admin_key
from hardware.training.pki_applet import AID as PKI_AID
from hardware.training.pki_applet import PkiApplet
from hardware.training.secrets_store import Guard, padded

ATR = bytes.fromhex("3BFF9400008131804380318065B0850201F3120FFF82900079")
"""Of the identity cards since 2014; offers T=1 only."""
APOLLO_ATR = bytes.fromhex("3BB918008131FE9E8073FF614083000000DF")
WRONG_LENGTH, NOT_FOUND, UNKNOWN_INS, WRONG_P1P2 = 0x6700, 0x6A82, 0x6D00, 0x6A86
EXTERNAL_AUTHENTICATE = 0x82


class VirtualCard(Protocol):
    """What a reader, real or virtual, needs of a card."""

    @property
    def atr(self) -> bytes: ...

    def transmit(self, command: bytes) -> bytes: ...

    def power_on(self) -> None: ...

    def reset(self) -> None: ...


class TrainingCard:
    """One invented citizen's card. With a `state_file` it keeps what was written; without, it forgets.

    `today` is the day the card is made: its dates count from it, so that they never run out. A card that has a state
    keeps the day it was made on. Raises `state.BadState` when the file is not this citizen's.
    """

    def __init__(self, citizen: TrainingCitizen, state_file: Path | None = None, today: date | None = None) -> None:
        self.citizen = citizen
        self._state_file = state_file
        self._state = (state.load(state_file, citizen.key) if state_file else None) or _new_state(
            citizen, today or date.today()
        )
        self._data = DataApplet(data_files(citizen, self._state.made_on))
        self._pki = PkiApplet(self._state.system, self._state.guard)
        self._current: DataApplet | PkiApplet | None = None
        if state_file is not None:
            state.save(state_file, self._state)

    @property
    def atr(self) -> bytes:
        """Answer to reset."""
        return APOLLO_ATR if self.citizen.is_apollo else ATR

    @property
    def data_files(self) -> dict[int, bytes]:
        """Files of the data applet by identifier; a fault changes them."""
        return self._data.files

    @property
    def key_files(self) -> dict[int, CardFile]:
        """Files of the key applet by identifier; a fault changes them."""
        return self._state.system.files

    def power_on(self) -> None:
        """The reader gives power: nothing is selected and nothing is proven."""
        self._current = None
        self._data.reset()
        self._pki.reset()

    reset = power_on

    def transmit(self, command: bytes) -> bytes:
        """Answer one command. What it changed is on disk before the answer leaves."""
        try:
            answer = self._answer(Command.decode(command))
        except ValueError:
            answer = Response(b"", WRONG_LENGTH)
        if self._pki.changed and self._state_file is not None:
            state.save(self._state_file, self._state)
        self._pki.changed = False
        return answer.encode()

    def _answer(self, command: Command) -> Response:
        if command.ins != EXTERNAL_AUTHENTICATE:
            self._state.guard.forget_challenge()
        if (command.cla, command.ins, command.p1) == (0x00, 0xA4, 0x04):
            return self._select_applet(command)
        if self._current is None:
            return Response(b"", NOT_FOUND if command.ins == 0xA4 else UNKNOWN_INS)
        return self._current.answer(command)

    def _select_applet(self, command: Command) -> Response:
        """An unknown applet leaves the current one selected."""
        if command.p2 not in (0x00, 0x0C):
            return Response(b"", WRONG_P1P2)
        if self.citizen.is_apollo:
            return Response(b"", NOT_FOUND)
        if command.data == PKI_AID:
            self._pki.leave()
            self._current = self._pki
            return Response(b"" if command.p2 else self._pki.capabilities(), OK)
        if command.data == AIDS[self.citizen.document_type]:
            self._data.reset()
            self._current = self._data
            return Response(b"", OK)
        return Response(b"", NOT_FOUND)


def _new_state(citizen: TrainingCitizen, today: date) -> state.CardState:
    guard = Guard(pin=padded(citizen.pin), admin_key=training_admin_key(citizen.serial), pin_tries=citizen.pin_tries)
    return state.CardState(citizen=citizen.key, made_on=today, system=key_files(citizen, today), guard=guard)
