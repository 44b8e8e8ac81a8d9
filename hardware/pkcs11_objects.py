"""Keys and certificates among the objects of a PKCS#11 session; everything is found by CKA_ID.

All functions belong to the PKCS#11 thread and return plain values.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from hardware.errors import NoSuchKey
from hardware.interface import KeyPair, KeyPurpose, StoredCertificate

if TYPE_CHECKING:
    from pkcs11 import Attribute, Object, ObjectClass, Session

LABELS = {KeyPurpose.AUTHENTICATION: "Authentication", KeyPurpose.SIGNATURE: "Signature"}
"""PKCS#11 has no attribute for the use of a certificate's key, so the label says it, as on most cards."""
PURPOSES = {label: purpose for purpose, label in LABELS.items()}
WAITING = b"new:"
"""Before the CKA_ID of a certificate that waits for its place; what a cut leaves there, the next write removes."""
KEY_BITS = 2048
ID_LENGTH = 16
SHA256_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""DER prefix of a SHA-256 DigestInfo (RFC 8017 §9.2, note 1)."""


def find(session: Session, kind: ObjectClass, key_id: bytes | None = None) -> list[Object]:
    """All token objects of a class, or those with that CKA_ID. Drained at once: a search left open blocks the next."""
    from pkcs11 import Attribute

    wanted: dict[Attribute, Any] = {Attribute.CLASS: kind, Attribute.TOKEN: True}
    if key_id is not None:
        wanted[Attribute.ID] = key_id
    return list(session.get_objects(wanted))


def key_pairs(session: Session) -> tuple[KeyPair, ...]:
    """The RSA key pairs, by their public keys, which are readable without the PIN."""
    from pkcs11 import Attribute, KeyType, ObjectClass

    return tuple(
        key_pair(public)
        for public in find(session, ObjectClass.PUBLIC_KEY)
        if public[Attribute.KEY_TYPE] == KeyType.RSA and public[Attribute.ID]
    )


def generate(session: Session, purpose: KeyPurpose) -> KeyPair:
    """Make a key pair that never leaves the token."""
    from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag

    public, _ = session.generate_keypair(
        KeyType.RSA,
        KEY_BITS,
        id=secrets.token_bytes(ID_LENGTH),
        label=LABELS[purpose],
        store=True,
        capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
        mechanism=Mechanism.RSA_PKCS_KEY_PAIR_GEN,
        public_template={Attribute.PRIVATE: False},
        private_template={Attribute.PRIVATE: True, Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
    )
    return key_pair(public)


def sign(session: Session, key_id: bytes, data: bytes, *, hashes_itself: bool) -> bytes:
    """RSASSA-PKCS1-v1_5 with SHA-256; a token that does not hash is given the DigestInfo. Raises `NoSuchKey`."""
    from pkcs11 import Mechanism, ObjectClass

    keys = find(session, ObjectClass.PRIVATE_KEY, key_id)
    if not keys:
        raise NoSuchKey
    key: Any = keys[0]
    if hashes_itself:
        return bytes(key.sign(data, mechanism=Mechanism.SHA256_RSA_PKCS))
    return bytes(key.sign(SHA256_DIGEST_INFO + hashlib.sha256(data).digest(), mechanism=Mechanism.RSA_PKCS))


def certificates(session: Session) -> tuple[StoredCertificate, ...]:
    """The certificates that are bound to a key."""
    from pkcs11 import Attribute, ObjectClass

    return tuple(
        StoredCertificate(key_id=found[Attribute.ID], certificate=found[Attribute.VALUE], label=found[Attribute.LABEL])
        for found in find(session, ObjectClass.CERTIFICATE)
        if found[Attribute.ID]
    )


def write_certificate(session: Session, key_id: bytes, certificate: bytes) -> None:
    """Store a certificate beside the old one, then remove the old one. Raises `NoSuchKey`.

    OpenSC refuses two certificates of one CKA_ID: the new one waits under an ID of its own until the old one is gone.
    """
    from pkcs11 import Attribute, ObjectClass

    keys = find(session, ObjectClass.PUBLIC_KEY, key_id)
    if not keys:
        raise NoSuchKey
    old = find(session, ObjectClass.CERTIFICATE, key_id)
    waiting_id = WAITING + key_id
    if len(old) == 1 and old[0][Attribute.VALUE] == certificate:
        destroy(session, waiting_id, ObjectClass.CERTIFICATE)
        return
    destroy(session, waiting_id, ObjectClass.CERTIFICATE)
    label = keys[0][Attribute.LABEL]
    new = session.create_object(_template(waiting_id if old else key_id, label, certificate))
    for found in old:
        found.destroy()
    if old:
        new[Attribute.ID] = key_id


def destroy(session: Session, key_id: bytes, *kinds: ObjectClass) -> None:
    """Remove the objects of these classes with that CKA_ID; none is no error."""
    for kind in kinds:
        for found in find(session, kind, key_id):
            found.destroy()


def _template(key_id: bytes, label: str, certificate: bytes) -> dict[Attribute, Any]:
    from pkcs11 import Attribute
    from pkcs11.util.x509 import decode_x509_certificate

    return {
        **decode_x509_certificate(certificate),
        Attribute.TOKEN: True,
        Attribute.PRIVATE: False,
        Attribute.ID: key_id,
        Attribute.LABEL: label,
    }


def key_pair(public: Any) -> KeyPair:
    """A pair by its public half."""
    from pkcs11 import Attribute

    label = public[Attribute.LABEL]
    return KeyPair(
        key_id=public[Attribute.ID],
        purpose=PURPOSES.get(label),
        public_key=_public_key(public[Attribute.MODULUS], public[Attribute.PUBLIC_EXPONENT]),
        label=label,
    )


def _public_key(modulus: bytes, exponent: bytes) -> bytes:
    """SubjectPublicKeyInfo, DER."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    numbers = RSAPublicNumbers(int.from_bytes(exponent, "big"), int.from_bytes(modulus, "big"))
    return numbers.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
