"""The TEST authority that signs the data on training cards. Its keys are public: its signature proves nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

FILE = Path(__file__).with_name("test_resursi.pem")
BLOCK = re.compile(rb"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey


@lru_cache(maxsize=1)
def training_signers() -> tuple[Signer, Signer]:
    """The TEST authority and its document signer."""
    blocks = [match.group() for match in BLOCK.finditer(FILE.read_bytes())]
    return _signer(*blocks[:2]), _signer(*blocks[2:])


def _signer(certificate: bytes, key: bytes) -> Signer:
    loaded = load_pem_private_key(key, password=None)
    if not isinstance(loaded, rsa.RSAPrivateKey):
        raise ValueError(f"{FILE.name} holds a key that is not RSA")
    return Signer(x509.load_pem_x509_certificate(certificate), loaded)


def trusted_test_signers() -> tuple[bytes, ...]:
    """The TEST authority's certificate (DER), for the list of trusted signers of a training desk."""
    return (training_signers()[0].certificate.public_bytes(Encoding.DER),)


def sign_digests(digests: bytes) -> bytes:
    """CMS SignedData (DER) over these digests, with them and the signer's certificate inside; deterministic."""
    signer = training_signers()[1]
    builder = PKCS7SignatureBuilder().set_data(digests).add_signer(signer.certificate, signer.key, hashes.SHA256())
    return builder.sign(Encoding.DER, [PKCS7Options.Binary, PKCS7Options.NoAttributes])
