"""A bundle: consecutive journal rows of one office, signed by the office, encrypted to the centre.

    file    = frame(age(MAGIC, header length, header, signature length, signature, zlib(rows, keys)))
    header  = canonical JSON; the signature covers it, and it holds the digest of the compressed rows
    row     = length (4 bytes, big-endian) and the stored bytes of the journal, never encoded anew

The header holds the office's checkpoint of its journal after the last row. Nothing in the file's name or outside the
encryption tells of a person.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from data import age
from data.bundle_header import Header, file_name, key_name
from data.exchange_errors import BadSignature, MalformedFile
from data.framing import MOST_BYTES, framed, unframed
from data.sealed import KEY_BYTES
from data.signed_note import verifies

if TYPE_CHECKING:
    from data.office_key import OfficeKey

MAGIC = b"KIOSK-BUNDLE-1\n"
MOST_UNPACKED = 4 * MOST_BYTES
SUBJECT = re.compile(rb"[0-9a-z]{1,32}\Z")
"""Names of personal keys, as the journal gives them."""
LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """An opened bundle. Nothing in it is believed before `verify`."""

    header: Header
    header_bytes: bytes
    signature: bytes
    packed: bytes = field(repr=False)

    def verify(self, public_key: bytes) -> None:
        """Return when the office's key (SPKI, DER) signed exactly this. Raises `BadSignature`, `MalformedFile`."""
        is_signed = verifies(public_key, MAGIC + self.header_bytes, self.signature)
        if not is_signed or not self.header.checkpoint.is_signed_by(public_key):
            raise BadSignature(f"{file_name(self.header)}: not signed by key {key_name(public_key)}")
        if sha256(self.packed).digest() != self.header.payload:
            raise MalformedFile("rows: not those that were signed")

    def content(self) -> tuple[list[bytes], dict[str, bytes]]:
        """The rows' stored bytes in order, and the personal keys that came with them. Raises `MalformedFile`."""
        chunks = _chunks(_unpacked(self.packed))
        rows = [next(chunks, b"") for _ in range(self.header.count)]
        rest = list(chunks)
        if not all(rows) or len(rest) % 2:
            raise MalformedFile("rows: not as many as the header says")
        return rows, dict(_personal_key(*pair) for pair in zip(rest[::2], rest[1::2], strict=True))


def _personal_key(name: bytes, key: bytes) -> tuple[str, bytes]:
    if not SUBJECT.match(name) or len(key) != KEY_BYTES:
        raise MalformedFile("rows: a personal key that cannot be")
    return name.decode("ascii"), key


def seal(
    header: Header,
    rows: Sequence[bytes],
    key: OfficeKey,
    recipients: Sequence[str],
    personal_keys: dict[str, bytes] | None = None,
) -> bytes:
    """The file of a bundle. `header.key` and `header.payload` are filled in here."""
    personal = [part for name, value in (personal_keys or {}).items() for part in (name.encode("ascii"), value)]
    packed = zlib.compress(b"".join(LENGTH.pack(len(chunk)) + chunk for chunk in (*rows, *personal)), 6)
    signed = replace(header, key=key_name(key.spki()), payload=sha256(packed).digest()).as_bytes()
    signature = key.sign(MAGIC + signed)
    parts = (MAGIC, LENGTH.pack(len(signed)), signed, LENGTH.pack(len(signature)), signature, packed)
    return framed(age.encrypt(b"".join(parts), recipients))


def opened(file: bytes, identities: Sequence[str]) -> Bundle:
    """The bundle in a file. Raises `TornFile`, `UnreadableFile`, `MalformedFile`."""
    plain = age.decrypt(unframed(file), identities)
    if not plain.startswith(MAGIC):
        raise MalformedFile("not a bundle of this version")
    header, rest = _cut(plain[len(MAGIC) :])
    signature, packed = _cut(rest)
    return Bundle(header=Header.from_bytes(header), header_bytes=header, signature=signature, packed=packed)


def _cut(content: bytes) -> tuple[bytes, bytes]:
    if len(content) < LENGTH.size:
        raise MalformedFile("ends too early")
    end = LENGTH.size + LENGTH.unpack_from(content)[0]
    if len(content) < end:
        raise MalformedFile("ends too early")
    return content[LENGTH.size : end], content[end:]


def _unpacked(packed: bytes) -> bytes:
    engine = zlib.decompressobj()
    try:
        plain = engine.decompress(packed, MOST_UNPACKED)
    except zlib.error as error:
        raise MalformedFile(f"rows: {error}") from error
    if not engine.eof or engine.unused_data:
        raise MalformedFile("rows: cut off, longer than allowed, or followed by something")
    return plain


def _chunks(plain: bytes) -> Iterator[bytes]:
    offset = 0
    while offset < len(plain):
        end = offset + LENGTH.size
        if end > len(plain) or (end + LENGTH.unpack_from(plain, offset)[0]) > len(plain):
            raise MalformedFile("rows: end too early")
        offset, begin = end + LENGTH.unpack_from(plain, offset)[0], end
        yield plain[begin:offset]
