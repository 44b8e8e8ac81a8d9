"""The ministry CA certificates a desk trusts: a folder with a dated list of them, the list pinned in the settings.

    ministry-cas/trust-list.toml      date = 2026-11-01
                                      [certificates]
                                      "resursi-4.der" = "<SHA-256 of the file, hexadecimal>"
    ministry-cas/resursi-4.der        DER

A newer list replaces the folder and the pin. Whatever does not agree is `TrustListInvalid`: a list that silently shrank
would turn every card into one of an unknown signer.
"""

from __future__ import annotations

import hashlib
import hmac
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from hardware.bad_certificates import BAD_CERTIFICATE, quietly
from hardware.errors import TrustListInvalid

LIST = "trust-list.toml"
LARGEST = 1 << 16
"""Bytes of a list or a certificate; both are a tenth of that. Guards against a wrong file of any size."""
CERTIFICATE_ENDINGS = (".der", ".cer", ".crt")


@dataclass(frozen=True, slots=True)
class TrustList:
    """CA certificates (DER) that may vouch for the data on a chip. `dated` is `None` for the built-in TEST list."""

    certificates: tuple[bytes, ...]
    dated: date | None = None


def load(folder: Path, pin: str) -> TrustList:
    """The list in a folder, if its bytes have the SHA-256 `pin` (hexadecimal) and every file is as it says.

    Raises `TrustListInvalid` naming the file that is missing, unlisted, changed or unreadable.
    """
    content = _content(folder / LIST)
    if not pin.strip():
        raise TrustListInvalid(LIST, "the settings name no SHA-256 for it")
    if not hmac.compare_digest(pin.strip().lower().encode(), sha256(content).encode()):
        raise TrustListInvalid(LIST, "its SHA-256 is not the one in the settings")
    dated, listed = _parse(content)
    for path in _certificate_files(folder):
        if path.name not in listed:
            raise TrustListInvalid(path.name, "not on the list")
    return TrustList(tuple(_certificate(folder / name, digest) for name, digest in listed.items()), dated)


def write(folder: Path, dated: date) -> str:
    """List every certificate in a folder; the SHA-256 of the new list, for the settings.

    Raises `TrustListInvalid` when one of them cannot be read, or there is none.
    """
    digests = {path.name: sha256(_readable(path, _content(path))) for path in _certificate_files(folder)}
    if not digests:
        raise TrustListInvalid(LIST, f"no certificates; they end in {', '.join(CERTIFICATE_ENDINGS)}")
    lines = [f"date = {dated}", "", "[certificates]", *(f'"{name}" = "{digest}"' for name, digest in digests.items())]
    content = ("\n".join(lines) + "\n").encode()
    try:
        (folder / LIST).write_bytes(content)
    except OSError as error:
        raise TrustListInvalid(LIST, error.strerror or "not writable") from error
    return sha256(content)


def sha256(content: bytes) -> str:
    """Lower-case hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _parse(content: bytes) -> tuple[date, dict[str, str]]:
    try:
        values: dict[str, Any] = tomllib.loads(content.decode("utf-8"))
    except ValueError:
        raise TrustListInvalid(LIST, "not TOML") from None
    dated, listed = values.get("date"), values.get("certificates")
    if not isinstance(dated, date) or isinstance(dated, datetime):
        raise TrustListInvalid(LIST, "no date")
    if not isinstance(listed, dict) or not listed:
        raise TrustListInvalid(LIST, "lists no certificates")
    for name, digest in listed.items():
        if not isinstance(digest, str) or Path(name).name != name:
            raise TrustListInvalid(name, "not a file name with a SHA-256")
    return dated, listed


def _certificate(path: Path, digest: str) -> bytes:
    content = _content(path)
    if not hmac.compare_digest(digest.lower().encode(), sha256(content).encode()):
        raise TrustListInvalid(path.name, "its SHA-256 is not the one on the list")
    return _readable(path, content)


def _readable(path: Path, content: bytes) -> bytes:
    """A certificate that the X.509 library takes: one that it does not take would be left out without a word."""
    from cryptography import x509

    try:
        with quietly():
            x509.load_der_x509_certificate(content).public_key()
    except BAD_CERTIFICATE:
        raise TrustListInvalid(path.name, "not a certificate (DER) that can be read") from None
    return content


def _certificate_files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix.lower() in CERTIFICATE_ENDINGS)
    except OSError as error:
        raise TrustListInvalid(folder.name, error.strerror or "not readable") from error


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise TrustListInvalid(path.name, error.strerror or "not readable") from error
    if len(content) > LARGEST:
        raise TrustListInvalid(path.name, "too large")
    return content
