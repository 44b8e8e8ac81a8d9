"""What a token with the citizen's keys can do, whoever drives it: own commands or a PKCS#11 module."""

from __future__ import annotations

from typing import Protocol

from hardware.interface import KeyPair, KeyPurpose, Leftover, PinStatus, StoredCertificate, TokenInfo, UnblockChallenge
from hardware.pin import Pin, ProtectedPath


class KeyStore(Protocol):
    """Keys and certificates of one token. Every method may raise a `CardError` (`hardware/errors.py`).

    A `Pin` stays the caller's, who clears it; `ProtectedPath` stands for a PIN taken by the reader itself.
    """

    def token(self) -> TokenInfo:
        """Say what the token is and can do."""

    def pin_status(self) -> PinStatus:
        """Read how many tries are left; costs none."""

    def verify_pin(self, pin: Pin | ProtectedPath) -> None:
        """Present the PIN once. Raises `WrongPin`, `PinBlocked`."""

    def lock(self) -> None:
        """End the PIN session."""

    def change_pin(self, old: Pin | ProtectedPath, new: Pin | ProtectedPath) -> None:
        """Set a new PIN under the old one. Raises `WrongPin`, `PinBlocked`."""

    def unblock_challenge(self) -> UnblockChallenge:
        """Fetch what a key service must answer."""

    def unblock(self, response: bytes, new: Pin | ProtectedPath) -> None:
        """Answer the challenge, set a new PIN and give back all tries. Raises `UnblockRefused`."""

    def key_pairs(self) -> tuple[KeyPair, ...]:
        """List the key pairs, also one that an interrupted generation left behind."""

    def certificates(self) -> tuple[StoredCertificate, ...]:
        """List the certificates."""

    def generate_key_pair(self, purpose: KeyPurpose) -> KeyPair:
        """Make an RSA-2048 key pair beside those that are there. Raises `CardFull`, `NotUnlocked`."""

    def sign(self, key_id: bytes, data: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256 over `data` (any length). Raises `NotUnlocked`, `NoSuchKey`."""

    def write_certificate(self, key_id: bytes, certificate: bytes) -> None:
        """Store a certificate (DER) for a key pair; the same bytes again change nothing. Raises `NoSuchKey`."""

    def read_certificate(self, key_id: bytes) -> bytes | None:
        """Read back the certificate (DER) of a key pair; `None` if there is none."""

    def delete_certificate(self, key_id: bytes) -> None:
        """Remove a certificate; no error if there is none."""

    def delete_key_pair(self, key_id: bytes) -> None:
        """Remove a key pair; no error if there is none. Raises `Unsupported` where the token cannot."""

    def leftovers(self) -> tuple[Leftover, ...]:
        """List what lies on the token and belongs to nothing; may take hundreds of commands."""

    def remove_leftovers(self, chosen: tuple[Leftover, ...]) -> None:
        """Remove those of `chosen` that still are leftovers. Raises `NotUnlocked`."""

    def close(self) -> None:
        """Let go of the token; ends nothing on the card itself."""
