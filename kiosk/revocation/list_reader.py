"""A whole CRL (RFC 5280, 5.1) in one pass: its head, its entries, its extensions, and whether it is signed.

The ministry's list has 30 MB: no part of it but the packed entries is ever in memory, and the signature is checked
over the bytes as they pass. Nothing of the list counts before `ListReader.finish` has returned.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from kiosk.ca.der import SEQUENCE, sequence
from kiosk.revocation.der_source import DerSource, elements
from kiosk.revocation.entries import GENERALIZED_TIME, UTC_TIME, records, seconds
from kiosk.revocation.errors import ListForged, ListTorn, ListUnsupported
from kiosk.revocation.list_extensions import list_number

if TYPE_CHECKING:
    from hashlib import _Hash

RSA_PKCS1 = bytes.fromhex("2a864886f70d0101")
ALGORITHMS: dict[bytes, tuple[str, hashes.HashAlgorithm]] = {
    RSA_PKCS1 + b"\x0b": ("sha256", hashes.SHA256()),
    RSA_PKCS1 + b"\x0c": ("sha384", hashes.SHA384()),
    RSA_PKCS1 + b"\x0d": ("sha512", hashes.SHA512()),
}
"""sha256-, sha384- and sha512WithRSAEncryption, by the content of their identifiers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListInfo:
    """What a list says of itself. Times are seconds since 1970."""

    number: int
    """CRLNumber; 0 when the list has none."""
    this_update: int
    next_update: int
    """0 when the list does not say."""


class ListReader:
    """Reads one list. `entries` must be exhausted before `finish`. Everything raises `ListRefused` in its kinds."""

    def __init__(self, source: DerSource, issuer: x509.Certificate) -> None:
        """Read the head and check that the list says it is `issuer`'s."""
        self._source = source
        self._key = _signing_key(issuer)
        if source.header() != (SEQUENCE, source.left):
            raise ListTorn("the file is not one whole CRL in DER")
        source.begin_hash()
        tag, length = source.header()
        if tag != SEQUENCE or length > source.left:
            raise ListTorn("the list is cut short")
        self._end = source.left - length
        self._read_head(issuer)

    def entries(self) -> Iterator[bytes]:
        """The packed entries, in the list's own order."""
        if self._entries_length:
            yield from records(self._source, self._entries_length)

    def finish(self) -> ListInfo:
        """Read the rest and verify the signature over all that went before."""
        number = 0
        if self._source.left > self._end:
            number = list_number(self._source.element(0xA0)[1])
        if self._source.left != self._end:
            raise ListTorn("something after the extensions")
        self._source.end_hash()
        self._check_signature()
        return ListInfo(number=number, this_update=self._this_update, next_update=self._next_update)

    def _read_head(self, issuer: x509.Certificate) -> None:
        tag, content = self._source.element(0x02, SEQUENCE)
        if tag == 0x02:
            if content != b"\x01":
                raise ListUnsupported("a CRL of another version than 2")
            content = self._source.element(SEQUENCE)[1]
        self._algorithm = content
        self._hash = self._hasher()
        self._source.hash_with(self._hash)
        if sequence(self._source.element(SEQUENCE)[1]) != issuer.subject.public_bytes():
            raise ListForged("the list is another authority's")
        self._this_update = seconds(*self._source.element(UTC_TIME, GENERALIZED_TIME))
        self._read_until_entries()

    def _read_until_entries(self) -> None:
        """NextUpdate and the entries may both be missing, so the next header decides."""
        self._next_update = self._entries_length = 0
        for _ in range(2):
            if self._source.left == self._end or self._source.peek() == 0xA0:
                return
            tag, length = self._source.header()
            if tag == SEQUENCE:
                self._entries_length = length
                return
            self._next_update = seconds(tag, self._source.take(length))

    def _hasher(self) -> _Hash:
        return hashlib.new(self._named_algorithm()[0])

    def _named_algorithm(self) -> tuple[str, hashes.HashAlgorithm]:
        identifier = next(elements(self._algorithm), (0, b""))[1]
        if identifier not in ALGORITHMS:
            raise ListUnsupported(f"a signature of the kind {identifier.hex()}")
        return ALGORITHMS[identifier]

    def _check_signature(self) -> None:
        if self._source.element(SEQUENCE)[1] != self._algorithm:
            raise ListForged("two different signature algorithms")
        signature = self._source.element(0x03)[1]
        if self._source.left or signature[:1] != b"\0":
            raise ListTorn("something after the signature, or a part of a byte in it")
        try:
            self._key.verify(
                signature[1:], self._hash.digest(), padding.PKCS1v15(), Prehashed(self._named_algorithm()[1])
            )
        except InvalidSignature:
            raise ListForged("the signature is not the authority's") from None


def _signing_key(issuer: x509.Certificate) -> rsa.RSAPublicKey:
    try:
        usage = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        raise ListUnsupported("the authority's certificate does not say that it signs lists") from None
    key = issuer.public_key()
    if not (usage.crl_sign and isinstance(key, rsa.RSAPublicKey)):
        raise ListUnsupported("the authority's key does not sign lists, or is not RSA")
    return key
