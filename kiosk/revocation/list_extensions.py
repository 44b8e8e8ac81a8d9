"""The extensions of a CRL (RFC 5280, 5.2): its number, and what would make it something else than it seems."""

from __future__ import annotations

from kiosk.revocation.der_source import elements
from kiosk.revocation.errors import ListTorn, ListUnsupported

CRL_NUMBER = bytes.fromhex("551d14")
DISTRIBUTION_POINT = bytes.fromhex("551d1c")
HARMLESS_PARTS = frozenset({0xA0, 0x81})
"""Of an issuing distribution point: its name, and that only users' certificates are listed, which is all we ask for."""
MOST_NUMBER_BYTES = 20


def list_number(content: bytes) -> int:
    """CRLNumber out of the content of `crlExtensions`; 0 when there is none.

    Raises `ListUnsupported` for a list that is a delta, indirect, or only of some reasons, and for any critical
    extension that is not known; `ListTorn` for what cannot be read.
    """
    number = 0
    for _, listed in elements(content):
        for _, extension in elements(listed):
            parts = list(elements(extension))
            if len(parts) < 2:
                raise ListTorn("an extension that is none")
            identifier, value = parts[0][1], parts[-1][1]
            if identifier == CRL_NUMBER:
                number = _number(value)
            elif identifier == DISTRIBUTION_POINT:
                _check_scope(value)
            elif (0x01, b"\xff") in parts:
                raise ListUnsupported(f"the critical extension {identifier.hex()}")
    return number


def _number(value: bytes) -> int:
    content = next(elements(value), (0, b""))[1]
    if not 0 < len(content) <= MOST_NUMBER_BYTES:
        raise ListTorn("a CRL number that is none")
    return int.from_bytes(content, "big")


def _check_scope(value: bytes) -> None:
    for _, point in elements(value):
        for tag, _ in elements(point):
            if tag not in HARMLESS_PARTS:
                raise ListUnsupported("the list holds only a part of what is revoked, or other authorities' entries")
