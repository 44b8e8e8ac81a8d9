"""Who can open an archive: a recovery key of the ministry (age), a pass phrase (Argon2id), a card (RSA or ECDH)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from data import age
from data.errors import KeySlotRefused
from data.exchange_errors import ExchangeError
from data.keys import named_disk_errors
from data.keyslots import Slot, bare_slot, decoded, encoded, new_id, require_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.padding import OAEP

NONCE_BYTES = 12
CONTEXT = b"registration-kiosk/archive-keyslot/1"
MEMORY_KIB, PASSES, LANES = 262_144, 3, 2
"""Argon2id: a third of a second on a kiosk, a quarter gibibyte for each guess."""


# --- age --------------------------------------------------------------------------------------------------------------


def age_slot(key: bytes, recipient: str) -> Slot:
    """A slot for the owner of the age key `recipient`, `age1…`. Raises `KeySlotRefused`."""
    return {"id": new_id(), "kind": "age", "recipient": recipient, "wrapped": encoded(_to_age(key, recipient))}


def _to_age(key: bytes, recipient: str) -> bytes:
    try:
        return age.encrypt(key, [recipient])
    except ExchangeError as error:
        raise KeySlotRefused(str(error)) from error


def _from_age(wrapped: str, identity: str) -> bytes:
    try:
        return require_key(age.decrypt(decoded(wrapped), [identity]))
    except ExchangeError as error:
        raise KeySlotRefused("the recovery key is another one") from error


@dataclass(frozen=True, slots=True, repr=False)
class AgeIdentity:
    """The secret half of a recovery key, `AGE-SECRET-KEY-1…`."""

    identity: str

    @classmethod
    def from_file(cls, path: Path) -> AgeIdentity:
        """The key in a file as `age-keygen` writes it. Raises `KeySlotRefused`, `DiskFault`."""
        with named_disk_errors(path):
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        keys = [line.strip() for line in lines if line.startswith("AGE-SECRET-KEY-")]
        if not keys:
            raise KeySlotRefused(f"{path.name} holds no age secret key")
        return cls(keys[0])

    def open(self, slot: Slot) -> bytes | None:
        """The key in the age slots that were made for it."""
        if slot["kind"] != "age":
            return None
        try:
            return _from_age(slot["wrapped"], self.identity)
        except KeySlotRefused:
            # Another recovery key's slot; the next one may be ours.
            return None


# --- a pass phrase ----------------------------------------------------------------------------------------------------


def passphrase_slot(key: bytes, passphrase: str) -> Slot:
    """A slot for who knows the pass phrase: it opens an age key of the slot's own, and that one the archive's key."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    identity, recipient = age.new_identity()
    slot = {
        "id": new_id(),
        "kind": "passphrase",
        "recipient": recipient,
        "salt": encoded(secrets.token_bytes(16)),
        "argon2id": [MEMORY_KIB, PASSES, LANES],
    }
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = nonce + AESGCM(_stretched(slot, passphrase)).encrypt(nonce, identity.encode(), CONTEXT)
    return slot | {"identity": encoded(sealed), "wrapped": encoded(_to_age(key, recipient))}


def _stretched(slot: Slot, passphrase: str) -> bytes:
    from argon2.low_level import Type, hash_secret_raw

    memory, passes, lanes = slot["argon2id"]
    return hash_secret_raw(
        passphrase.encode(),
        decoded(slot["salt"]),
        time_cost=passes,
        memory_cost=memory,
        parallelism=lanes,
        hash_len=32,
        type=Type.ID,
    )


@dataclass(frozen=True, slots=True, repr=False)
class Passphrase:
    """What somebody typed."""

    text: str

    def open(self, slot: Slot) -> bytes | None:
        """The key in the slot of this pass phrase."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if slot["kind"] != "passphrase":
            return None
        sealed = decoded(slot["identity"])
        try:
            opened = AESGCM(_stretched(slot, self.text)).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], CONTEXT)
        except InvalidTag:
            # Another pass phrase's slot; the next one may be ours.
            return None
        return _from_age(slot["wrapped"], opened.decode())


# --- a card -----------------------------------------------------------------------------------------------------------


class CardKey(Protocol):
    """A private key on a card, as `hardware.office_token` has it."""

    def spki(self) -> bytes:
        """The public key: SubjectPublicKeyInfo, DER."""

    def decrypt_oaep(self, wrapped: bytes) -> bytes:
        """RSAES-OAEP with SHA-1 and MGF1; the label is empty."""

    def agree(self, point: bytes) -> bytes:
        """ECDH on P-256 with an uncompressed point: the 32 bytes of the shared x."""


def card_slot(key: bytes, spki: bytes) -> Slot:
    """A slot for the card with that public key: RSA, or P-256. Raises `KeySlotRefused` on another kind of key."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    public = load_der_public_key(spki)
    slot: Slot = {"id": new_id(), "spki": encoded(spki)}
    if isinstance(public, rsa.RSAPublicKey):
        return slot | {"kind": "rsa-oaep", "wrapped": encoded(public.encrypt(key, _oaep()))}
    if isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256R1):
        ours = ec.generate_private_key(ec.SECP256R1())
        shared = ours.exchange(ec.ECDH(), public)
        return slot | {"kind": "ecdh-p256", "point": encoded(_point(ours)), "wrapped": encoded(_wrapped(shared, key))}
    raise KeySlotRefused("the card has neither an RSA nor a P-256 key")


def _oaep() -> OAEP:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    # SHA-1 is what cards and SoftHSM can do in OAEP; nothing here rests on its collisions.
    sha1 = hashes.SHA1()  # noqa: S303
    return padding.OAEP(padding.MGF1(sha1), sha1, None)


def _point(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _wrapping_key(shared: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(hashes.SHA256(), 32, None, CONTEXT).derive(shared)


def _wrapped(shared: bytes, key: bytes) -> bytes:
    from cryptography.hazmat.primitives.keywrap import aes_key_wrap

    return aes_key_wrap(_wrapping_key(shared), key)


@dataclass(frozen=True, slots=True)
class Card:
    """A clerk's card in a reader, its PIN entered."""

    key: CardKey

    def open(self, slot: Slot) -> bytes | None:
        """The key in the slot that was made for this card. Raises `KeySlotRefused`, and what the card raises."""
        from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

        if slot["kind"] not in ("rsa-oaep", "ecdh-p256") or decoded(slot["spki"]) != self.key.spki():
            return None
        wrapped = decoded(slot["wrapped"])
        if slot["kind"] == "rsa-oaep":
            return require_key(self.key.decrypt_oaep(wrapped))
        try:
            return require_key(aes_key_unwrap(_wrapping_key(self.key.agree(decoded(slot["point"]))), wrapped))
        except InvalidUnwrap as error:
            raise KeySlotRefused("the slot was not made for this card") from error


def rewrapped(slot: Slot, key: bytes) -> Slot:
    """The same slot holding another key; its owner need not be there."""
    match slot["kind"]:
        case "bare":
            return bare_slot(key)
        case "age" | "passphrase":
            return slot | {"wrapped": encoded(_to_age(key, slot["recipient"]))}
        case "rsa-oaep" | "ecdh-p256":
            return card_slot(key, decoded(slot["spki"])) | {"id": slot["id"]}
    raise KeySlotRefused(f"a slot of an unknown kind: {slot['kind']}")
