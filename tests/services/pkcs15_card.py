"""A PKCS#15 test card in a virtual reader, initialised by OpenSC's own tools: a counted PIN, a PUK, no keys yet."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hardware.interface import UnblockMethod
from hardware.training.key_service import UNBLOCKING_CODES
from tests.services.card_process import CardProcess, card_in_reader
from tests.services.pcscd import PrivatePcscd
from tests.services.ports import wait_until
from tests.services.requirement import missing

MODULE = Path("/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so")
PIN = b"246802"
PUK = UNBLOCKING_CODES[UnblockMethod.PUK]
OFFICER_PIN = "13579135"
OFFICER_PUK = "57913579"
CARD_LABEL = "TEST PKCS15"
PIN_LABEL = "QES PIN"
LABEL = f"{CARD_LABEL} ({PIN_LABEL})"
"""How OpenSC names the token of that PIN."""


@contextmanager
def pkcs15_card(service: PrivatePcscd, reader: str, *, pin: bytes = PIN) -> Iterator[CardProcess]:
    """Put a freshly initialised card into that reader. Raises `ServiceMissing` where OpenSC is not installed."""
    program = [sys.executable, "-m", "tests.services.pkcs15", str(service.ports[reader])]
    with card_in_reader(program) as card:
        initialise(service, reader, pin=pin)
        yield card


def initialise(service: PrivatePcscd, reader: str, *, pin: bytes = PIN) -> None:
    """Initialise the card that is being put into that reader. Raises `ServiceMissing` where OpenSC is not installed."""
    if not MODULE.exists() or shutil.which("pkcs15-init") is None:
        raise missing("OpenSC")
    wait_until(lambda: _init(service, reader, "--erase-card", "--so-pin", OFFICER_PIN), "a card to initialise")
    for arguments in (
        ["-C", "--label", CARD_LABEL, "--so-pin", OFFICER_PIN, "--so-puk", OFFICER_PUK],
        ["-P", "-a", "1", "-l", PIN_LABEL, "--pin", pin.decode(), "--puk", PUK.decode(), "--so-pin", OFFICER_PIN],
        ["-F", "--so-pin", OFFICER_PIN],
    ):
        if not _init(service, reader, *arguments):
            raise RuntimeError(f"pkcs15-init {arguments[0]} failed")


def _init(service: PrivatePcscd, reader: str, *arguments: str) -> bool:
    done = subprocess.run(
        ["pkcs15-init", "--reader", reader_number(service, reader), *arguments],
        env={**os.environ, **service.environment},
        capture_output=True,
        timeout=60,
    )
    return done.returncode == 0


def reader_number(service: PrivatePcscd, reader: str) -> str:
    """OpenSC counts the readers in the order the service lists them."""
    return str(list(service.ports).index(reader))
