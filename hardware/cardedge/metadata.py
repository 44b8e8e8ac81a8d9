"""What PKCS#11 programs keep beside keys and certificates: files 80xx and their index 8FFF."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from hardware.cardedge.layout import Place
from hardware.errors import MalformedCardData

CERTIFICATE, PUBLIC_KEY, PRIVATE_KEY = 0x01, 0x02, 0x03
ONE_BYTE = 0xFF
STEP = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """One object's file. Lengths take one byte: a longer label is cut between characters, a longer subject left out."""

    kind: int
    file_id: int
    key_id: bytes
    label: str = ""
    subject: bytes = b""
    """Name, DER; certificates only."""
    is_generated: bool = False

    def encode(self) -> bytes:
        """The file's bytes."""
        label = self.label.encode("utf-8")[:ONE_BYTE].decode("utf-8", errors="ignore").encode("utf-8")
        subject = self.subject if len(self.subject) <= ONE_BYTE else b""
        parts = (label, self.key_id, subject)
        head = bytes((self.kind,)) + self.file_id.to_bytes(2, "big")
        return head + b"".join(bytes((len(part),)) + part for part in parts) + bytes((self.is_generated,))


def parse(content: bytes, where: str) -> Metadata:
    """Read one object's file. Raises `MalformedCardData`."""
    if len(content) < 3:
        raise MalformedCardData(where)
    offset, parts = 3, []
    for _ in range(3):
        end = offset + 1 + (content[offset] if offset < len(content) else ONE_BYTE)
        if end > len(content):
            raise MalformedCardData(where)
        parts.append(content[offset + 1 : end])
        offset = end
    label, key_id, subject = parts
    return Metadata(
        kind=content[0],
        file_id=int.from_bytes(content[1:3], "big"),
        key_id=key_id,
        label=label.decode("utf-8", errors="replace"),
        subject=subject,
        is_generated=content[offset : offset + 1] == b"\x01",
    )


def parse_index(content: bytes) -> tuple[int, ...]:
    """File identifiers listed in 8FFF; the padding is ignored. Raises `MalformedCardData`."""
    count = int.from_bytes(content[:2], "little")
    if len(content) < 2 or len(content) < 2 + 2 * count:
        raise MalformedCardData("8FFF")
    return tuple(int.from_bytes(content[2 + 2 * n : 4 + 2 * n], "little") for n in range(count))


def encode_index(files: Sequence[int], at_least: int = 0) -> bytes:
    """The index, padded with zeros to 2 + 32·k bytes."""
    body = b"".join(file_id.to_bytes(2, "little") for file_id in files)
    steps = max(1, -(-len(body) // STEP), -(-(at_least - 2) // STEP))
    return len(files).to_bytes(2, "little") + body.ljust(steps * STEP, b"\x00")


def pattern_key_id(place: Place) -> bytes:
    """CKA_ID that the vendor's module gives a new key: SHA-1 of `KEY_ID_`, container and pair."""
    return hashlib.sha1(f"KEY_ID_{place.container:02d}{place.pair:04d}".encode(), usedforsecurity=False).digest()


def derived_key_id(public_key: bytes) -> bytes:
    """CKA_ID of a key that carries none: SHA-1 of its SubjectPublicKeyInfo (DER)."""
    return hashlib.sha1(public_key, usedforsecurity=False).digest()
