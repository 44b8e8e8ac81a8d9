"""CMS (RFC 5652) as batches use it: signed by one key, enveloped to one certificate, encrypted under a shared key.

CMS and not age: what a certification authority's operator has at hand is `openssl cms`, and X.509 on both sides.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from kiosk.ca import der
from kiosk.ca.cmp.credentials import Credentials

KEY_BYTES = 32
BLOCK = 16
DATA, ENCRYPTED_DATA, AES256_CBC = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.6", "2.16.840.1.101.3.4.1.42"
HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
NOT_CMS = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, UnsupportedAlgorithm)
"""What the parsers raise for bytes that are not, or not wholly, such a message."""


class BadCms(Exception):
    """The bytes are not a message of the wanted kind, not for this key, or not of a trusted signer."""


def signed(content: bytes, credentials: Credentials) -> bytes:
    """SignedData over `content`, DER. An RSA key always gives the same bytes for the same content: it names no time."""
    options = [pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.NoAttributes]
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
    return builder.add_signer(credentials.certificate, credentials.private_key, hashes.SHA256()).sign(
        Encoding.DER, options
    )


def content_of(message: bytes, signers: Sequence[x509.Certificate], now: datetime) -> bytes:
    """The content of SignedData, if one of `signers` has signed it and is valid `now`. Raises `BadCms`.

    Certificates in the message are not looked at: the signers are known beforehand.
    """
    try:
        content, signature, covered, algorithm = _signature(message)
    except NOT_CMS as error:
        raise BadCms("not signed data") from error
    for signer in signers:
        if _has_signed(signer, signature, covered, algorithm):
            if not signer.not_valid_before_utc <= now <= signer.not_valid_after_utc:
                raise BadCms("the signer's certificate is not valid now")
            return content
    raise BadCms("signature: not of a known signer over this content")


def unverified_content(message: bytes) -> bytes:
    """What SignedData says, before anybody has looked at the signature: only to find out whose it claims to be.

    Raises `BadCms`.
    """
    try:
        return _signature(message)[0]
    except NOT_CMS as error:
        raise BadCms("not signed data") from error


def _signature(message: bytes) -> tuple[bytes, bytes, bytes, hashes.HashAlgorithm]:
    """Content, signature, the bytes it is over, and their hash."""
    info = cms.ContentInfo.load(message, strict=True)
    data = info["content"]
    inside = data["encap_content_info"]
    if info["content_type"].native != "signed_data" or inside["content_type"].native != "data":
        raise ValueError
    [signer] = data["signer_infos"]
    algorithm = HASHES[signer["digest_algorithm"]["algorithm"].native]
    content = inside["content"].native
    if not isinstance(content, bytes):
        raise TypeError
    attributes = signer["signed_attrs"]
    covered = _attributes(attributes, content, algorithm) if attributes.native else content
    return content, signer["signature"].native, covered, algorithm


def _attributes(attributes: Any, content: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
    """Signed attributes as they are signed (RFC 5652, 5.4), once they are found to speak of this content."""
    said = {attribute["type"].native: attribute["values"].native for attribute in attributes}
    digest = hashes.Hash(algorithm)
    digest.update(content)
    if said["message_digest"] != [digest.finalize()] or said["content_type"] != ["data"]:
        raise ValueError
    covered: bytes = attributes.untag().dump()
    return covered


def _has_signed(signer: x509.Certificate, signature: bytes, covered: bytes, algorithm: hashes.HashAlgorithm) -> bool:
    key = signer.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, covered, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, covered, ec.ECDSA(algorithm))
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


# --- for one reader ---------------------------------------------------------------------------------------------------


def enveloped(content: bytes, recipient: x509.Certificate) -> bytes:
    """EnvelopedData for the holder of an RSA certificate, AES-256, DER."""
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(content).add_recipient(recipient)
    builder = builder.set_content_encryption_algorithm(algorithms.AES256)
    return builder.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])


def unwrapped(message: bytes, certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> bytes:
    """The content of EnvelopedData. Raises `BadCms`."""
    try:
        return pkcs7.pkcs7_decrypt_der(message, certificate, key, [])
    except NOT_CMS as error:
        raise BadCms("not encrypted to this key") from error


def encrypted(content: bytes, key: bytes) -> bytes:
    """EncryptedData under a shared AES-256 key, DER: what `openssl cms -EncryptedData_encrypt` makes."""
    vector = os.urandom(BLOCK)
    padder = PKCS7(8 * BLOCK).padder()
    engine = Cipher(algorithms.AES256(key), modes.CBC(vector)).encryptor()
    hidden = engine.update(padder.update(content) + padder.finalize()) + engine.finalize()
    algorithm = der.sequence(der.oid(AES256_CBC), der.octet_string(vector))
    inside = der.sequence(der.oid(DATA), algorithm, der.implicit(0, der.octet_string(hidden)))
    return der.sequence(der.oid(ENCRYPTED_DATA), der.explicit(0, der.sequence(der.integer(0), inside)))


def decrypted(message: bytes, key: bytes) -> bytes:
    """The content of EncryptedData. Raises `BadCms`; that it is what was encrypted, only a signature in it tells."""
    try:
        info = cms.ContentInfo.load(message, strict=True)
        inside = info["content"]["encrypted_content_info"]
        algorithm = inside["content_encryption_algorithm"]
        if info["content_type"].native != "encrypted_data" or algorithm["algorithm"].dotted != AES256_CBC:
            raise ValueError
        engine = Cipher(algorithms.AES256(key), modes.CBC(algorithm["parameters"].native)).decryptor()
        padded = engine.update(inside["encrypted_content"].native) + engine.finalize()
        unpadder = PKCS7(8 * BLOCK).unpadder()
        return unpadder.update(padded) + unpadder.finalize()
    except NOT_CMS as error:
        raise BadCms("not encrypted under this key") from error
