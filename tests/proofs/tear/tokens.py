"""The tokens behind PKCS#11 under proof, and how each is as it was for every trial."""

from __future__ import annotations

import os
import signal
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from tests.services import pkcs15_card, softhsm
from tests.services.pcscd import private_pcscd

READER = "PROOF Reader"
SIGNAL_S = 0.1
"""How long the card's process may take to hear a signal: it looks up from its link so often."""


class Token(Protocol):
    """One token. A station's folder is copied for each trial; a token that lives elsewhere is set back instead."""

    module: Path
    label: str
    unblocking_code: bytes

    def make(self, station: Path, pin: bytes) -> None:
        """Initialise it, for the station in that folder."""

    def keep(self) -> None:
        """The template is finished: this is what `set_back` goes back to."""

    def set_back(self) -> None:
        """Another trial begins."""

    def use(self, station: Path) -> None:
        """Let the module, once it is loaded in this process, find the token of that station."""


class SoftToken:
    """A token of SoftHSM: a folder in the station's folder."""

    module = softhsm.MODULE
    label = "TEST eID"
    unblocking_code = softhsm.OFFICER_PIN

    def make(self, station: Path, pin: bytes) -> None:
        self._made_for = station
        softhsm.soft_token(station / "softhsm", self.label, pin=pin)

    def keep(self) -> None: ...

    def set_back(self) -> None: ...

    def use(self, station: Path) -> None:
        configuration = station / "softhsm" / "softhsm2.conf"
        text = configuration.read_text(encoding="utf-8")
        configuration.write_text(text.replace(str(self._made_for), str(station)), encoding="utf-8")
        os.environ[softhsm.VARIABLE] = str(configuration)


class CardToken:
    """A PKCS#15 card in a virtual reader, behind pcscd and OpenSC; lives in a process of its own, for all trials."""

    module = pkcs15_card.MODULE
    label = pkcs15_card.LABEL
    unblocking_code = pkcs15_card.PUK

    def __init__(self, until: ExitStack) -> None:
        self._until = until

    def make(self, station: Path, pin: bytes) -> None:
        service = self._until.enter_context(private_pcscd(station.parent / "pcscd", readers=[READER]))
        os.environ.update(service.environment)
        self._card = self._until.enter_context(pkcs15_card.pkcs15_card(service, READER, pin=pin))

    def keep(self) -> None:
        self._send(signal.SIGUSR1)

    def set_back(self) -> None:
        self._send(signal.SIGUSR2)

    def _send(self, number: signal.Signals) -> None:
        os.kill(self._card.pid, number)
        time.sleep(SIGNAL_S)

    def use(self, station: Path) -> None: ...
