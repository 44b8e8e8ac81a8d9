"""RSA as the training card's chip does it: real keys, from the contents of key files."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import rsa

from hardware.cardedge import key_file

BITS = 2048
BLOCK = BITS // 8


def generate(place_public: int, place_private: int, public_use: int, private_use: int) -> tuple[bytes, bytes]:
    """A new key pair as contents of the public and the private key file."""
    numbers = _new_key().private_numbers()
    return (
        key_file.encode_public(numbers.public_numbers, public_use, place_private),
        key_file.encode_private(numbers, private_use, place_public),
    )


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=BITS)


def pad_signature(digest_info: bytes) -> bytes | None:
    """PKCS#1 v1.5, type 1 (RFC 8017 §9.2); `None` when the digest is too long."""
    filling = BLOCK - 3 - len(digest_info)
    return b"\x00\x01" + b"\xff" * filling + b"\x00" + digest_info if filling >= 8 else None


def private_operation(private_file: bytes, block: bytes) -> bytes | None:
    """RSADP with the Chinese remainder theorem (RFC 8017 §5.1.2); `None` for a block not below the modulus."""
    p, q, inverse, exponent_p, exponent_q = key_file.parse_private(private_file, "key")
    number = int.from_bytes(block, "big")
    if number >= p * q:
        return None
    first, second = pow(number, exponent_p, p), pow(number, exponent_q, q)
    result = second + q * (inverse * (first - second) % p)
    return result.to_bytes((p * q).bit_length() + 7 >> 3, "big")
