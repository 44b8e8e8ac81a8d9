"""Key files 60xx: RSA public keys, and private keys as an import would write them."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hardware.errors import MalformedCardData

RSA_2048_PUBLIC, RSA_2048_CRT = 0x05, 0x04
SMALLEST_BITS = 1024


def encode_public(key: rsa.RSAPublicNumbers, usage: int, private_file: int) -> bytes:
    """The public key's file: type, usage, partner, modulus, exponent; 268 bytes for 2048 bits."""
    head = bytes((0x00, RSA_2048_PUBLIC, usage)) + private_file.to_bytes(2, "big")
    return head + _number(key.n) + _number(key.e, 3)


def parse_public(content: bytes, where: str) -> bytes:
    """SubjectPublicKeyInfo (DER) of a public key's file. Raises `MalformedCardData`."""
    modulus, rest = _take(content[5:], where)
    exponent, _ = _take(rest, where)
    try:
        key = rsa.RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError:
        raise MalformedCardData(where) from None
    if key.key_size < SMALLEST_BITS:
        raise MalformedCardData(where)
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def encode_private(key: rsa.RSAPrivateNumbers, usage: int, public_file: int) -> bytes:
    """The private key's file: P, Q, Q⁻¹ mod P, dP, dQ; 655 bytes for 2048 bits."""
    head = bytes((0x00, RSA_2048_CRT, usage)) + public_file.to_bytes(2, "big")
    size = (max(key.p, key.q).bit_length() + 7) // 8
    return head + b"".join(_number(value, size) for value in (key.p, key.q, key.iqmp, key.dmp1, key.dmq1))


def parse_private(content: bytes, where: str) -> tuple[int, int, int, int, int]:
    """P, Q, Q⁻¹ mod P, dP, dQ. Raises `MalformedCardData`."""
    rest, numbers = content[5:], []
    for _ in range(5):
        number, rest = _take(rest, where)
        numbers.append(number)
    p, q, iqmp, dmp1, dmq1 = numbers
    if not all(numbers):
        raise MalformedCardData(where)
    return p, q, iqmp, dmp1, dmq1


def _number(value: int, size: int = 0) -> bytes:
    size = size or (value.bit_length() + 7) // 8
    return size.to_bytes(2, "big") + value.to_bytes(size, "big")


def _take(content: bytes, where: str) -> tuple[int, bytes]:
    length = int.from_bytes(content[:2], "big")
    if len(content) < 2 + length or not length:
        raise MalformedCardData(where)
    return int.from_bytes(content[2 : 2 + length], "big"), content[2 + length :]
