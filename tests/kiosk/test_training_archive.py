"""The training archive knows the citizen who comes to renew, and the screen process knows no training PIN."""

from __future__ import annotations

import subprocess
import sys

from hardware.training.citizens import CITIZENS
from kiosk import training_archive


def test_the_contract_belongs_to_the_citizen_with_the_expired_certificate() -> None:
    assert CITIZENS[training_archive.RENEWING_CITIZEN].personal_number == training_archive.PERSONAL_NUMBER


def test_the_screen_process_loads_neither_pins_nor_drivers(tmp_path: object) -> None:
    program = f"""
import sys
from dataclasses import replace
from pathlib import Path
from kiosk.config import Config
from kiosk.wiring import build_desk
import screens.app, screens.fault_words, screens.pin_entry
desk = build_desk(replace(Config(), folder=Path({str(tmp_path)!r})))
desk.training_cards()
desk.read_card()
desk.close()
print(sorted(name for name in sys.modules if name in {{
    "hardware.pin", "hardware.training.citizens", "smartcard", "pkcs11", "fpdf", "pkilint", "hardware.cardedge"}}))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
