"""The entries of a CRL (RFC 5280, 5.3), one after the other out of the stream; none is kept."""

from __future__ import annotations

import calendar
import struct
from collections.abc import Iterator
from functools import lru_cache

from kiosk.revocation.der_source import DerSource, bounds, elements
from kiosk.revocation.errors import ListTorn, ListUnsupported

RECORD = struct.Struct(">20sIB")
"""Serial number, seconds since 1970, reason code: what the index keeps of an entry, and sorts as bytes."""
SERIAL_BYTES = 20
BLOCK = 1 << 18
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
PLAIN_REASON = bytes.fromhex("300c300a0603551d1504030a01")
"""The extensions of nearly every entry, up to the reason itself."""
REASON_CODE = bytes.fromhex("551d15")
INVALIDITY_DATE = bytes.fromhex("551d18")
REMOVE_FROM_CRL = 8


def records(source: DerSource, length: int) -> Iterator[bytes]:
    """Each entry of the next `length` bytes as a packed `RECORD`. Raises `ListTorn`, `ListUnsupported`."""
    rest = b""
    while length:
        taken = min(BLOCK, length)
        block = rest + source.take(taken)
        length -= taken
        used = 0
        while (entry := _next_bounds(block, used)) is not None:
            begin, used = entry
            try:
                yield _record(block, begin, used)
            except IndexError:
                raise ListTorn("an entry that is none") from None
        rest = block[used:]
    if rest:
        raise ListTorn("the last entry is cut short")


def _next_bounds(block: bytes, at: int) -> tuple[int, int] | None:
    """Where the content of the entry at `at` begins and ends; `None` when the block does not hold it whole."""
    try:
        tag, begin, end = bounds(block, at)
    except IndexError:
        return None
    if tag != 0x30:
        raise ListTorn("an entry that is none")
    return (begin, end) if end <= len(block) else None


def _record(block: bytes, begin: int, end: int) -> bytes:
    after_serial = begin + 2 + block[begin + 1]
    after_time = after_serial + 2 + block[after_serial + 1]
    if block[begin] != 0x02 or after_time > end:
        raise ListTorn("an entry that is none")
    extensions = block[after_time:end]
    reason = extensions[-1] if extensions[:-1] == PLAIN_REASON else _reason(extensions)
    if reason == REMOVE_FROM_CRL:
        raise ListUnsupported("an entry that takes another one back, as in a delta CRL")
    return RECORD.pack(
        serial_key(block[begin + 2 : after_serial]),
        seconds(block[after_serial], block[after_serial + 2 : after_time]),
        reason,
    )


def serial_key(serial: bytes) -> bytes:
    """A serial number as the index knows it: 20 bytes, whatever zeros the authority put before it."""
    key = serial.lstrip(b"\0")
    if len(key) > SERIAL_BYTES:
        raise ListTorn("a serial number of more than 20 bytes")
    return key.rjust(SERIAL_BYTES, b"\0")


def seconds(tag: int, text: bytes) -> int:
    """A Time (RFC 5280, 4.1.2.5) as seconds since 1970. Raises `ListTorn`."""
    if tag == UTC_TIME and len(text) == 13:
        text = (b"19" if text[:2] >= b"50" else b"20") + text
    elif tag != GENERALIZED_TIME or len(text) != 15:
        raise ListTorn("a time that is none")
    try:
        of_day = int(text[8:10]) * 3600 + int(text[10:12]) * 60 + int(text[12:14])
        total = _midnight(text[:8]) + of_day
    except ValueError:
        raise ListTorn("a time that is none") from None
    if text[14:] != b"Z" or not 0 <= total < 1 << 32:
        raise ListTorn("a time outside what the index can hold")
    return total


@lru_cache(maxsize=4096)
def _midnight(day: bytes) -> int:
    year, month, date = int(day[:4]), int(day[4:6]), int(day[6:8])
    if not (1 <= month <= 12 and 1 <= date <= 31):
        raise ValueError
    return calendar.timegm((year, month, date, 0, 0, 0))


def _reason(extensions: bytes) -> int:
    """The reason code; 0 when none is given. A critical extension we do not know makes the list unusable."""
    code = 0
    for _, listed in elements(extensions):
        for _, extension in elements(listed):
            parts = list(elements(extension))
            identifier, value = parts[0][1], parts[-1][1]
            if identifier == REASON_CODE:
                code = value[-1]
            elif identifier != INVALIDITY_DATE and any(part == (0x01, b"\xff") for part in parts):
                raise ListUnsupported(f"an entry with the critical extension {identifier.hex()}")
    return code
