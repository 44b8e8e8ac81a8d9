"""The log of commands shows headers, lengths and status words, and never what was sent or answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware.errors import Unsupported
from hardware.local import LocalDevices
from hardware.settings import DeviceSettings
from hardware.training.citizens import CITIZENS
from tests.hardware.observers import Citizen, keypad
from tests.hardware.test_pin_entry import POLICY


def test_commands_are_written_down_without_their_data(tmp_path: Path) -> None:
    log = tmp_path / "apdu.log"
    jovana = CITIZENS["jovana"]
    with keypad() as (reading, writing):
        devices = LocalDevices(DeviceSettings(pin_fd=reading, apdu_log=log))
        chip = devices.open_chip()
        surname = chip.identity().holder.surname
        chip.unlock(Citizen(writing, [jovana.pin]), POLICY)
        sent = chip.apdu_count()
        devices.close()
    written = log.read_text()
    assert len(written.splitlines()) == sent
    assert "00 20 00 80    8 bytes  ->  9000    0 bytes" in written
    for secret in (jovana.pin, surname.encode()):
        assert secret.decode() not in written
        assert secret.hex(" ").upper() not in written
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_log_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match="apdu_log"):
        LocalDevices(DeviceSettings(apdu_log=tmp_path / "nowhere" / "log"))
