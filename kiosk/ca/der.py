"""The few DER encodings that certificates need beside what the X.509 builder offers (ITU-T X.690, definite lengths).

Written out because the builder's own ASN.1 interface is documented as unstable, and a byte that changes with a
library's version would change certificates. Golden bytes in the tests hold every encoding.
"""

from __future__ import annotations

SEQUENCE = 0x30
SET = 0x31


def tlv(tag: int, *contents: bytes) -> bytes:
    """One element: tag, shortest length, contents one after the other."""
    body = b"".join(contents)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def sequence(*elements: bytes) -> bytes:
    """SEQUENCE of encoded elements."""
    return tlv(SEQUENCE, *elements)


def set_of_one(element: bytes) -> bytes:
    """SET OF with a single element, so no sorting is needed."""
    return tlv(SET, element)


def integer(value: int) -> bytes:
    """INTEGER, not negative."""
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER from its dotted form."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return tlv(0x06, *(_base128(arc) for arc in (first * 40 + second, *rest)))


def _base128(value: int) -> bytes:
    septets = [value & 0x7F]
    while value := value >> 7:
        septets.append(0x80 | value & 0x7F)
    return bytes(reversed(septets))


def utf8_string(text: str) -> bytes:
    """UTF8String."""
    return tlv(0x0C, text.encode("utf-8"))


def printable_string(text: str) -> bytes:
    """PrintableString; the caller keeps to its alphabet (X.680, 41.4). Raises `UnicodeEncodeError` outside ASCII."""
    return tlv(0x13, text.encode("ascii"))


def ia5_string(text: str) -> bytes:
    """IA5String. Raises `UnicodeEncodeError` outside ASCII."""
    return tlv(0x16, text.encode("ascii"))


def signed_integer(value: int) -> bytes:
    """INTEGER of any sign, in the fewest bytes of two's complement."""
    bits = (value if value >= 0 else ~value).bit_length() + 1
    return tlv(0x02, value.to_bytes((bits + 7) // 8, "big", signed=True))


def octet_string(value: bytes) -> bytes:
    """OCTET STRING."""
    return tlv(0x04, value)


def bit_string(value: bytes) -> bytes:
    """BIT STRING of whole bytes."""
    return tlv(0x03, b"\0", value)


def generalized_time(text: str) -> bytes:
    """GeneralizedTime; the caller writes `YYYYMMDDHHMMSSZ`."""
    return tlv(0x18, text.encode("ascii"))


def explicit(number: int, element: bytes) -> bytes:
    """An element under an explicit context tag below 31."""
    return tlv(0xA0 | number, element)


def implicit(number: int, element: bytes) -> bytes:
    """A primitive element whose tag is replaced by a context tag below 31."""
    return bytes((0x80 | number,)) + element[1:]
