"""Which devices stand at this desk, as the device layer is told on start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hardware.interface import PinMethod

TRAINING = "training"
"""Reader name of the built-in training card, which needs no PC/SC service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSettings:
    """The devices of one desk; every field has a value that works for training."""

    reader: str = TRAINING
    """`training`, a PC/SC reader name or the beginning of one; empty: the first reader found."""
    key_store: str = "cardedge"
    """`cardedge` (own APDUs) or `pkcs11` (the vendor's module; the default for real cards)."""
    provisioning: str = ""
    """`cardedge` allows commands that were only observed, not published, on a card that is not a training card."""
    pkcs11_module: Path | None = None
    """Absolute path of the module."""
    token_label: str = ""
    """Names the token to use; accepted only beside a training card, since a label proves nothing about a document."""
    pin_method: PinMethod = PinMethod.TRAINING
    pin_fd: int | None = None
    """File descriptor of the station's terminal: a citizen's keys in training, and the HSM operator's PIN, are read
    from it byte by byte."""
    one_screen: bool = True
    """The citizen looks at the station's screen, which then shows citizen mode; false: only the clerk sees it."""
    keypad: str = ""
    """The citizen's USB keypad: its name under `/dev/input/by-id` or `by-path`, or `VVVV:PPPP` as lsusb says it."""
    serial_pinpad: str = ""
    """The citizen's serial PIN pad instead: its name under `/dev/serial/by-id` or `by-path`."""
    serial_baud: int = 9600
    serial_feedback: str = ""
    """What a serial pad is sent for each digit it took: `star`, `beep`, or nothing at all."""
    hsm_module: Path | None = None
    """PKCS#11 module of the office's HSM; this and the next two are set by `[key_service]`."""
    hsm_token_label: str = ""
    hsm_key_label: str = ""
    """Label of a card's admin key in the HSM; `{serial}` stands for the card's token serial."""
    citizen_socket: Path | None = None
    """Where `kiosk citizen` comes to, the citizen's own terminal; its folder must be closed to others."""
    training_citizen: str = "jovana"
    """Key of the invented citizen whose card is in the training reader; empty: no card."""
    training_state: Path | None = None
    """Where the training card keeps its state between runs; `None`: it is forgotten."""
    training_fault: str = ""
    """Fault the training card is asked to show, for drills and tests; see `hardware/training/faults.py`."""
    trusted_signers: Path | None = None
    """Folder with the ministry's CA certificates (DER) and their list; `None`: the built-in TEST list only."""
    trusted_signers_sha256: str = ""
    """SHA-256 of that list (`trust-list.toml`), hexadecimal, as `kiosk card trust` prints it."""
    apdu_log: Path | None = None
    """Where commands to the card are written down for support: header, lengths, status and time, never data."""
    response_limit_s: float = 20.0
    """How long a card may take to answer one command before `CardHangs`."""
