"""A SoftHSM token of our own, in a folder of its own.

It never locks its PIN and never says how many tries are left, unlike any card.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from hardware.interface import UnblockMethod
from hardware.training.key_service import UNBLOCKING_CODES
from tests.services.requirement import missing

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
VARIABLE = "SOFTHSM2_CONF"
PIN = b"246802"
OFFICER_PIN = UNBLOCKING_CODES[UnblockMethod.SECURITY_OFFICER]


@dataclass(frozen=True)
class SoftToken:
    """An initialised token. The environment must hold `environment` before the module is loaded."""

    label: str
    environment: dict[str, str]
    module: Path = MODULE


def soft_token(folder: Path, label: str = "TEST eID", *, pin: bytes = PIN) -> SoftToken:
    """Make a token in `folder`. Raises `ServiceMissing` where SoftHSM is not installed."""
    if not MODULE.exists():
        raise missing("SoftHSM")
    (folder / "tokens").mkdir(parents=True)
    configuration = folder / "softhsm2.conf"
    configuration.write_text(
        f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    environment = {VARIABLE: str(configuration)}
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", OFFICER_PIN, "--pin", pin],
        env={"PATH": "/usr/bin:/bin", **environment},
        check=True,
        capture_output=True,
        timeout=30,
    )
    return SoftToken(label=label, environment=environment)


def add_secret_key(token: SoftToken, label: str, value: bytes, *, pin: bytes = PIN) -> None:
    """Put a DES3 key into the token, as the office's HSM would hold it; in a process of its own."""
    program = """
import sys, pkcs11
from pkcs11 import Attribute, KeyType, ObjectClass
module, name, label = sys.argv[1:4]
pin, value = sys.stdin.read().split()
with pkcs11.lib(module).get_token(token_label=name).open(rw=True, user_pin=pin) as session:
    session.create_object({
        Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.KEY_TYPE: KeyType.DES3, Attribute.TOKEN: True,
        Attribute.LABEL: label, Attribute.VALUE: bytes.fromhex(value), Attribute.SENSITIVE: True,
        Attribute.EXTRACTABLE: False, Attribute.ENCRYPT: True, Attribute.PRIVATE: True,
    })
"""
    subprocess.run(
        [sys.executable, "-c", program, str(token.module), token.label, label],
        input=f"{pin.decode()} {value.hex()}".encode(),
        env={**os.environ, **token.environment},
        check=True,
        capture_output=True,
        timeout=30,
    )
