"""A token that holds an authority's keys: makes RSA keys that never leave it, and signs with them."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING, Any

from hardware import pkcs11_objects as objects
from hardware.errors import ModuleFault, NoSuchKey
from hardware.interface import KeyPair
from hardware.pkcs11 import Pkcs11KeyStore

if TYPE_CHECKING:
    from pkcs11 import Session


class SigningToken(Pkcs11KeyStore):
    """A `KeyStore` whose keys are not a citizen's: labelled by their use, of any RSA size, signing digests."""

    def make_key(self, label: str, bits: int) -> KeyPair:
        """Make an RSA key pair of so many bits. Raises `ModuleFault` when the token lets its private half out."""
        return self._run(lambda: _make(self._private(), label, bits))

    def sign_digest(self, key_id: bytes, digest: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 over a SHA-256 digest of 32 bytes. Raises `NoSuchKey`."""
        return self._run(partial(self._sign_digest, key_id, digest))

    def _sign_digest(self, key_id: bytes, digest: bytes) -> bytes:
        from pkcs11 import Mechanism, ObjectClass

        keys = objects.find(self._private(), ObjectClass.PRIVATE_KEY, key_id)
        if not keys:
            raise NoSuchKey
        key: Any = keys[0]
        return bytes(key.sign(objects.SHA256_DIGEST_INFO + digest, mechanism=Mechanism.RSA_PKCS))


def _make(session: Session, label: str, bits: int) -> KeyPair:
    from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag

    public, private = session.generate_keypair(
        KeyType.RSA,
        bits,
        id=secrets.token_bytes(objects.ID_LENGTH),
        label=label,
        store=True,
        capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
        mechanism=Mechanism.RSA_PKCS_KEY_PAIR_GEN,
        public_template={Attribute.PRIVATE: False},
        private_template={Attribute.PRIVATE: True, Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
    )
    if private[Attribute.EXTRACTABLE] or not private[Attribute.SENSITIVE]:
        raise ModuleFault("the token made a private key that can leave it")
    return objects.key_pair(public)
