"""Signed notes: a few lines of text and signatures under them, as transparency logs publish their heads.

Format: C2SP signed-note. A text that ends in a line feed, an empty line, then for each signature the line
`— NAME BASE64`, where the bytes are the first four of the SHA-256 of the signer's public key (SPKI, DER) and then an
ECDSA signature (P-256, SHA-256, DER) over the text.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from hashlib import sha256

MARK = "— "
KEY_ID_BYTES = 4


class BadNote(ValueError):
    """The text is not a signed note."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature line."""

    name: str
    key_id: bytes
    """First 4 bytes of the SHA-256 of the signer's SPKI."""
    value: bytes
    """ECDSA, DER."""

    def line(self) -> str:
        """The line as it stands in the note, line feed included."""
        return f"{MARK}{self.name} {base64.b64encode(self.key_id + self.value).decode()}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedNote:
    """A text and who signed it. Nothing is verified yet."""

    text: str
    """Ends in a line feed; its UTF-8 bytes are what is signed."""
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(signature.line() for signature in self.signatures)}"

    def is_signed_by(self, spki: bytes) -> bool:
        """True when the key (SPKI, DER; P-256) has a signature here that verifies."""
        candidates = [signature for signature in self.signatures if signature.key_id == key_id(spki)]
        return any(verifies(spki, self.text.encode(), signature.value) for signature in candidates)


def key_id(spki: bytes) -> bytes:
    """The short name of a public key in a note; 4 bytes, a hint and no proof."""
    return sha256(spki).digest()[:KEY_ID_BYTES]


def verifies(spki: bytes, data: bytes, signature: bytes) -> bool:
    """True when `signature` (DER) is the P-256 key's over `data`; False as well for a key of another kind."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        public_key = load_der_public_key(spki)
        if not isinstance(public_key, ec.EllipticCurvePublicKey) or not isinstance(public_key.curve, ec.SECP256R1):
            return False
        public_key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def parse(note: str) -> SignedNote:
    """Take a note apart. Raises `BadNote`."""
    text, separator, lines = note.rpartition("\n\n")
    if not separator or not text:
        raise BadNote("no signatures")
    signatures = tuple(_signature(line) for line in lines.splitlines())
    if not signatures:
        raise BadNote("no signatures")
    return SignedNote(text=f"{text}\n", signatures=signatures)


def _signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(MARK).rpartition(" ")
    if not line.startswith(MARK) or not name:
        raise BadNote("a signature line is malformed")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise BadNote("a signature line is malformed") from error
    return Signature(name=name, key_id=raw[:KEY_ID_BYTES], value=raw[KEY_ID_BYTES:])
