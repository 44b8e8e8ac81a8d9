"""A CA key that stays in its token, as the X.509 library takes it: an RSA private key that can only sign."""

from __future__ import annotations

import hashlib
from typing import Any, NoReturn, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo, Prehashed

from kiosk.ca.interface import AuthorityUnusable


class DigestSigner(Protocol):
    """What is asked of a token."""

    def sign_digest(self, key_id: bytes, digest: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 over a SHA-256 digest by the key of that CKA_ID. Raises `AuthorityUnusable`."""


class TokenKey(rsa.RSAPrivateKey):
    """The key `key_id` of a token, whose public half is `public_key`. Signs with PKCS #1 v1.5 and SHA-256 only."""

    def __init__(self, signer: DigestSigner, key_id: bytes, public_key: rsa.RSAPublicKey) -> None:
        self._signer = signer
        self._key_id = key_id
        self._public_key = public_key

    @property
    def key_size(self) -> int:
        """In bits."""
        return self._public_key.key_size

    def public_key(self) -> rsa.RSAPublicKey:
        """The public half."""
        return self._public_key

    def sign(
        self,
        data: Any,
        padding: padding.AsymmetricPadding,
        algorithm: Prehashed | hashes.HashAlgorithm | NoDigestInfo,
    ) -> bytes:
        """The token's signature over `data`, verified: a token that errs must not spoil a certificate.

        Raises `AuthorityUnusable`.
        """
        if not (isinstance(padding, PKCS1v15) and isinstance(algorithm, hashes.SHA256)):
            raise AuthorityUnusable("the authority's key signs with PKCS #1 v1.5 and SHA-256 only")
        digest = hashlib.sha256(data).digest()
        signature = self._signer.sign_digest(self._key_id, digest)
        try:
            self._public_key.verify(signature, digest, padding, Prehashed(algorithm))
        except InvalidSignature:
            raise AuthorityUnusable("the token's signature does not fit the authority's certificate") from None
        return signature

    def _stays(self, *arguments: object, **named: object) -> NoReturn:
        raise AuthorityUnusable("the authority's key stays in its token")

    decrypt = private_numbers = private_bytes = _stays

    def __copy__(self) -> TokenKey:
        return self

    def __deepcopy__(self, memo: dict[Any, Any]) -> TokenKey:
        return self


PKCS1v15 = padding.PKCS1v15
