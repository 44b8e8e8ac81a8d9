"""`kiosk doctor` names what a PIN may be typed on, tries what the settings name, and says what may be done without."""

from __future__ import annotations

import json
import os
import pty
from pathlib import Path

from click.testing import CliRunner

from kiosk.cli.doctor import doctor
from tests.hardware.pinpad_rig import desk
from tests.services.fixtures import READER_C
from tests.services.pcscd import PrivatePcscd
from tests.services.pinpad.reader import DIRECT, VERIFY_ONLY


def findings(folder: Path, devices: str = "", cues: str = "") -> dict[str, dict[str, object]]:
    """What it finds with these settings, by part."""
    settings = folder / "kiosk.toml"
    settings.write_text(f'folder = "archive"\n[devices]\n{devices}\n[cues]\n{cues}\n')
    said = CliRunner().invoke(doctor, ["--config", str(settings), "--json"]).stdout
    return {finding["part"]: finding for finding in json.loads(said)}


def test_an_office_without_any_device_may_only_train(tmp_path: Path) -> None:
    found = findings(tmp_path)
    assert "training only" in str(found["PIN"]["found"])
    assert "may only train" in str(found["PIN device"]["found"])


def test_pin_pads_are_named_and_the_one_in_use_is_tried(tmp_path: Path, pcscd: PrivatePcscd) -> None:
    wanted = f'reader = "{READER_C}"\npin_method = "pinpad"'
    assert not findings(tmp_path, wanted)["PIN"]["works"]
    with desk(pcscd, DIRECT):
        found = findings(tmp_path, wanted)
        assert found["PIN"]["works"]
        assert READER_C in str(found["PIN device"]["found"])
        assert "takes no new PIN" not in str(found["PIN device"]["found"])
    with desk(pcscd, VERIFY_ONLY):
        assert "takes no new PIN" in str(findings(tmp_path, wanted)["PIN device"]["found"])


def test_a_keypad_a_serial_pad_and_a_terminal_are_tried(tmp_path: Path) -> None:
    pad, line = pty.openpty()
    try:
        serial = f'pin_method = "keypad"\nserial_pinpad = "{os.ttyname(line)}"'
        assert findings(tmp_path, serial)["PIN"]["works"]
    finally:
        os.close(pad)
        os.close(line)
    assert "not there" in str(findings(tmp_path, serial)["PIN"]["found"])
    keypad = findings(tmp_path, 'pin_method = "keypad"\nkeypad = "dead:beef"')["PIN"]
    assert "not plugged in" in str(keypad["found"])
    terminal = f'pin_method = "terminal"\ncitizen_socket = "{tmp_path / "open" / "citizen"}"'
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    assert "others may write" in str(findings(tmp_path, terminal)["PIN"]["found"])
    (tmp_path / "open").chmod(0o700)
    assert findings(tmp_path, terminal)["PIN"]["works"]


def test_who_answers_when_a_pin_is_unblocked_is_named(tmp_path: Path) -> None:
    assert "invented citizens" in str(findings(tmp_path)["unblock"]["found"])
    centre = findings(tmp_path, cues='[key_service]\nkind = "centre"')["unblock"]
    assert "code exchange" in str(centre["found"])
    hsm = findings(tmp_path, cues='[key_service]\nkind = "hsm"\nmodule = "no-such-module.so"')["unblock"]
    assert hsm["works"] is False


def test_a_command_that_should_speak_and_is_not_installed_is_named(tmp_path: Path) -> None:
    assert findings(tmp_path, cues='speech = "no-such-program {text}"')["speech"]["works"] is False
    assert findings(tmp_path)["speech"]["found"] == "off"
