"""Settings of one desk, read from kiosk.toml; every field has a value that works for training."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from hardware.interface import PinMethod
from hardware.settings import DeviceSettings
from kiosk.ca.practice import Practice, what_is_wrong

T = TypeVar("T")


class BadConfig(Exception):
    """The settings file cannot be used; the message names the field and says what it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Регистрационо тело: where this desk stands."""

    number: str = "7130"
    name: str = "Ужице"
    place: str = "Ужице"
    clerk: str = "0042"
    """Service number of the clerk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Facts about the law and the ministry's practice that we could not confirm; an office sets its own."""

    renewal_days_before_end: int = 0
    """How many days before its end a certificate may be renewed; 0 as published."""
    contract_years: int = 0
    """Years a contract stays valid; 0: until terminated."""
    certificate_years: int = 5
    kept_years_after_certificate: int = 7
    """How long a case is kept after the end of its certificates (ETSI EN 319 411-1); the longer of the two counts."""
    kept_years_after_case: int = 10
    """How long it is kept after its own end (national rule for trust services)."""
    pin_timeout_s: int = 60
    status_change_hours: int = 24
    """How long after the receipt of Образац 3 a change of status may take to be in effect."""
    obrazac_3: str = "revoke hold release"
    """What the numbers 1, 2 and 3 on Образац 3 mean, in that order; the ministry's page tells only the first."""
    unblock_needs_second_clerk: bool = False
    """Whether a second clerk consents, by service number, before a PIN is unblocked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyServiceSettings:
    """Who answers a card's unblock challenge; the kiosk itself never holds an admin key."""

    kind: str = "training"
    """`training` (invented citizens' cards only), `hsm` (the office's own) or `centre` (codes read over the phone)."""
    module: Path | None = None
    """PKCS#11 module of the HSM."""
    token_label: str = ""
    key_label: str = "{serial}"
    """Label of a card's key in the HSM; `{serial}` stands for the card's token serial, «ID» and its number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cues:
    """What a citizen who cannot see the screen is given. Never a digit, nor how many there are."""

    sounds: bool = True
    """Rings of the terminal's bell: asked 1, accepted 2, refused 3, time running out 4."""
    speech: str = ""
    """Command that speaks a prompt, such as `espeak-ng -v {voice} {text}`; empty: nothing is spoken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printing:
    """How forms get onto paper."""

    queue: str = ""
    """CUPS queue on the local socket; empty: forms are saved as files and the screen says so."""
    socket: Path = Path("/run/cups/cups.sock")
    script: str = "cyrillic"
    """`cyrillic` or `latin`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalAuthoritySettings:
    """Issuing on this machine without asking anybody else; its TEST authority with software keys may always."""

    permit_key_sha256: str = ""
    """SHA-256 of the centre's public key that signs permits, as `kiosk authority permit` prints it there. Empty: an
    authority with its keys in a token issues nothing."""
    permit: Path | None = None
    """The centre's permit; `None`: `permit.json` in `folder`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CmpSettings:
    """An authority that is asked by CMP over HTTP(S); used when `authority` is `cmp`. Files are PEM.

    There is no field for a PIN: the key of a token is opened with one that is asked for when the kiosk starts.
    """

    url: str = ""
    """Where it listens, such as `https://ca.example.com/pkix/citizens`."""
    chain: Path | None = None
    """Its own certificates, issuing CA first, root last: what every citizen's certificate is held against."""
    anchors: Path | None = None
    """Under whom those stand that may sign its messages; `None`: the certificates in `chain`."""
    responder: Path | None = None
    """Certificate of who signs its messages; `None`: whoever stands under `anchors` and may answer for a CA."""
    certificate: Path | None = None
    """The registration office's own, followed by those between it and the authority's anchor."""
    private_key: Path | None = None
    """Its key, readable by its owner only; or else:"""
    pkcs11_module: Path | None = None
    """Module of the token that holds its key."""
    token_label: str = ""
    confirmation: str = "explicit"
    """`explicit`; `implicit` only where a confirmation cannot be sent in time."""
    lookup: bool = True
    """The authority answers a poll for a transaction whose answer was lost."""
    is_test: bool = False
    """Nobody should trust its certificates; every screen says so."""
    tls_anchors: Path | None = None
    """Whom its https server must stand under; `None`: the machine's own trust."""
    connect_s: float = 10.0
    answer_s: float = 30.0
    answer_kilobytes: int = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSettings:
    """An authority that is asked by files in a folder or on a stick; used when `authority` is `batch`. Files are PEM.

    The key is asked for only by `kiosk bundle export`, which signs what goes out.
    """

    folder: Path | None = None
    """Where `kiosk bundle export` and `import` look when no place is given."""
    format: str = "cms"
    """`cms`: signed and encrypted batches, which never age; `cmp`: one CMP message a file, not encrypted and good for
    a few minutes."""
    chain: Path | None = None
    """The authority's certificates, issuing CA first, root last: what every citizen's certificate is held against."""
    centre: Path | None = None
    """Who answers: batches are encrypted to the first, answers signed by any of these certificates are believed."""
    certificate: Path | None = None
    """The registration office's own."""
    private_key: Path | None = None
    """Its key, readable by its owner only; or else:"""
    pkcs11_module: Path | None = None
    """Module of the token that holds its key."""
    token_label: str = ""
    is_test: bool = False
    """Nobody should trust its certificates; every screen says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationSettings:
    """Whose revocation list is kept on this machine."""

    issuer: Path | None = None
    """CA certificate (PEM or DER) that signs it; `None`: the TEST authority of this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """How the journal gets to the centre, and how long the office may be without news from it."""

    centre: Path | None = None
    """The centre's card, `centre.json`: its public keys."""
    soft_days: int = 3
    """So many days after the last receipt the screen says so; 0: never."""
    hard_days: int = 14
    """So many days after it no new case is begun; 0: never."""
    authorities: Path | None = None
    """PEM of those who vouch for the centre's HTTPS drop; without it the machine's own trust."""
    certificate: Path | None = None
    private_key: Path | None = None
    """PEM with which the office shows itself to the drop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeKeyPlace:
    """Where the office's signing key is; without a module it is a file in the folder, which is for training."""

    module: Path | None = None
    """PKCS#11 module."""
    token: str = ""
    """The token's label."""
    key: str = ""
    """Label of the key pair on P-256; the token's PIN is asked for at the terminal, before the screens take it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything a desk is told. Paths are absolute or relative to the settings file."""

    office: Office = field(default_factory=Office)
    office_key: OfficeKeyPlace = field(default_factory=OfficeKeyPlace)
    rules: Rules = field(default_factory=Rules)
    key_service: KeyServiceSettings = field(default_factory=KeyServiceSettings)
    cues: Cues = field(default_factory=Cues)
    practice: Practice = field(default_factory=Practice)
    printing: Printing = field(default_factory=Printing)
    devices: DeviceSettings = field(default_factory=DeviceSettings)
    local_authority: LocalAuthoritySettings = field(default_factory=LocalAuthoritySettings)
    cmp: CmpSettings = field(default_factory=CmpSettings)
    batch: BatchSettings = field(default_factory=BatchSettings)
    revocation: RevocationSettings = field(default_factory=RevocationSettings)
    exchange: Exchange = field(default_factory=Exchange)
    folder: Path = Path("/var/lib/registration-kiosk")
    """Archive, authority register, printed files."""
    authority: str = "local"
    """`local`: the built-in TEST authority; `cmp`: the one of `[cmp]`; `batch`: of `[batch]`."""
    language: str = "sr-Cyrl"
    """`sr-Cyrl`, `sr-Latn` or `en`."""

    @property
    def revocation_index(self) -> Path:
        """Where the index of the revocation list is kept."""
        return self.folder / "revocation" / "citizens.index"


def load(path: Path | None) -> Config:
    """Read the settings; `None` gives the defaults. Raises `BadConfig` naming the first field that is wrong."""
    if path is None:
        return Config()
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadConfig(f"{path.name}: {error}") from error
    config = _section(Config, values, "", path.parent)
    if wrong := what_is_wrong(config.practice):
        raise BadConfig(f"practice.{wrong}")
    return config


def _section(kind: type[T], values: dict[str, Any], prefix: str, base: Path) -> T:
    hints = get_type_hints(kind)
    known = {f.name for f in fields(kind)}  # type: ignore[arg-type]  # T is always one of the dataclasses above
    for name in values:
        if name not in known:
            raise BadConfig(f"{prefix}{name}: unknown setting; known are {', '.join(sorted(known))}")
    return kind(**{name: _value(hints[name], value, prefix + name, base) for name, value in values.items()})


def _value(kind: Any, value: Any, name: str, base: Path) -> Any:
    if is_dataclass(kind):
        if not isinstance(value, dict):
            raise BadConfig(f"{name}: expects a table")
        return _section(kind, value, f"{name}.", base)  # type: ignore[arg-type]  # a dataclass type, just checked
    if kind in (Path, Path | None):
        return base / str(value)
    if kind is PinMethod:
        try:
            return PinMethod(value)
        except ValueError:
            raise BadConfig(f"{name}: one of {', '.join(m.value for m in PinMethod)}") from None
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    expected = {int: int, str: str, float: float, bool: bool}.get(kind)
    if expected is None or type(value) is not expected:
        raise BadConfig(f"{name}: expects {getattr(kind, '__name__', kind)}")
    return value
