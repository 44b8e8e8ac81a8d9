"""A SoftHSM token of our own, in a folder of its own.

It never locks its PIN and never says how many tries are left, unlike any card.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.services.requirement import missing

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
VARIABLE = "SOFTHSM2_CONF"
PIN = b"246802"
OFFICER_PIN = b"13579135"


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
