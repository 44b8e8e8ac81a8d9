"""Settings: good defaults, and a named field whenever one is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware.interface import PinMethod
from kiosk.config import BadConfig, Config, load


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "kiosk.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_every_field_has_a_value() -> None:
    assert load(None) == Config()


def test_values_are_typed_and_paths_start_at_the_file(tmp_path: Path) -> None:
    config = load(
        written(
            tmp_path,
            """
            folder = "archive"
            language = "en"
            [office]
            number = "7130"
            clerk = "0007"
            [rules]
            renewal_days_before_end = 30
            [devices]
            reader = "Gemalto"
            pin_method = "pinpad"
            response_limit_s = 5
            pkcs11_module = "/usr/lib/module.so"
            """,
        )
    )
    assert config.folder == tmp_path / "archive"
    assert (config.office.clerk, config.rules.renewal_days_before_end) == ("0007", 30)
    assert config.devices.pin_method is PinMethod.PINPAD
    assert config.devices.response_limit_s == 5.0
    assert config.devices.pkcs11_module == Path("/usr/lib/module.so")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("langage = 'en'", "langage"),
        ("[office]\nnumber = 7130", "office.number"),
        ("[rules]\npin_timeout_s = true", "rules.pin_timeout_s"),
        ("[devices]\npin_method = 'voice'", "devices.pin_method"),
        ("office = 'Ужице'", "office"),
        ("= =", "kiosk.toml"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(BadConfig, match=named.replace(".", r"\.")):
        load(written(tmp_path, text))


def test_a_missing_file_and_foreign_bytes_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="absent"):
        load(tmp_path / "absent.toml")
    path = tmp_path / "bytes.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadConfig, match="bytes"):
        load(path)
