"""Signatures over the chip's data (SOD_FX, SOD_VX): a CMS whose content is a row of SHA-256 digests."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from hardware.bad_certificates import BAD_CERTIFICATE, quietly
from hardware.errors import MalformedCardData
from hardware.interface import Authenticity

HEADER = 4
DIGEST = 32
SEQUENCE, SET_OF = 0x30, 0x31
SIGNER_FAMILY = "resursi"
"""The ministry CAs that issue document signers have this in their common name; those for people do not."""
OTHER_FAMILIES = ("gradjani", "građani", "sluzbenici", "službenici")
LONGEST_CHAIN = 4
HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303  # signers of the first years
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
NOT_CMS = (*BAD_CERTIFICATE, LookupError, AttributeError, OverflowError, MalformedCardData)
"""What the lazy ASN.1 parser raises on bytes that are no such structure; a missing field is an attribute it lacks."""
ORDER = (Authenticity.ALTERED, Authenticity.UNSIGNED, Authenticity.CHAIN_UNKNOWN, Authenticity.AUTHENTIC)


def worst(*findings: Authenticity) -> Authenticity:
    """The finding that says least for the card."""
    return min(findings, key=ORDER.index)


def verify(container: bytes | None, signed: Sequence[bytes], trusted: Sequence[bytes]) -> Authenticity:
    """What a signature file proves about the files it covers; all are whole containers, header and content.

    Each file's digest may stand in any slot. `trusted` are CA certificates (DER). Validity times are not checked, as in
    the published reading library. Whatever is wrong with the signature makes the data `ALTERED`.
    """
    if container is None or len(container) <= HEADER:
        return Authenticity.UNSIGNED
    with quietly():
        return _finding(container, signed, trusted)


def _finding(container: bytes, signed: Sequence[bytes], trusted: Sequence[bytes]) -> Authenticity:
    try:
        signature = _Signature(_cms_in(container))
    except NOT_CMS:
        return Authenticity.ALTERED
    if not _covers(signature.content, signed) or not signature.holds():
        return Authenticity.ALTERED
    known = chain_is_trusted(signature.signer, signature.certificates, _loaded(trusted))
    return Authenticity.AUTHENTIC if known else Authenticity.CHAIN_UNKNOWN


def _cms_in(container: bytes) -> bytes:
    """The CMS, with or without an inner header before it."""
    content = container[HEADER:]
    return content if content[0] == SEQUENCE else content[HEADER:]


def _covers(digests: bytes, signed: Sequence[bytes]) -> bool:
    slots = {digests[offset : offset + DIGEST] for offset in range(0, len(digests), DIGEST)}
    return len(digests) % DIGEST == 0 and all(hashlib.sha256(one).digest() in slots for one in signed)


class _Signature:
    """One CMS SignedData with one signer (RFC 5652 §5)."""

    def __init__(self, der: bytes) -> None:
        info = cms.ContentInfo.load(der)
        if info["content_type"].native != "signed_data":
            raise MalformedCardData("SOD")
        data = info["content"]
        self.content = bytes(data["encap_content_info"]["content"])
        self.certificates = _loaded([one.chosen.dump() for one in data["certificates"]])
        self._signer_info = data["signer_infos"][0]
        self.signer = self._find_signer()
        self._signature = bytes(self._signer_info["signature"])
        self._hash = HASHES[self._signer_info["digest_algorithm"]["algorithm"].native]
        self._padding = _rsa_padding(self._signer_info["signature_algorithm"])
        self._covered = self._covered_bytes()

    def _find_signer(self) -> x509.Certificate:
        identifier = self._signer_info["sid"].chosen
        for certificate in self.certificates:
            if self._signer_info["sid"].name == "issuer_and_serial_number":
                issuer = identifier["issuer"].dump()
                if certificate.issuer.public_bytes() == issuer and (
                    certificate.serial_number == identifier["serial_number"].native
                ):
                    return certificate
            elif _key_identifier(certificate) == bytes(identifier):
                return certificate
        raise MalformedCardData("SOD")

    def _covered_bytes(self) -> bytes:
        """What the signature is over: the signed attributes, re-tagged as a SET, or the content itself."""
        attributes = self._signer_info["signed_attrs"]
        if not len(attributes):
            return self.content
        digest = hashes.Hash(self._hash)
        digest.update(self.content)
        claimed = [bytes(one["values"][0]) for one in attributes if one["type"].native == "message_digest"]
        if claimed != [digest.finalize()]:
            raise MalformedCardData("SOD")
        return bytes((SET_OF,)) + bytes(attributes.dump())[1:]

    def holds(self) -> bool:
        """Whether the signer's key made the signature."""
        try:
            key = self.signer.public_key()
            if isinstance(key, rsa.RSAPublicKey):
                key.verify(self._signature, self._covered, self._padding, self._hash)
            elif isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(self._signature, self._covered, ec.ECDSA(self._hash))
            else:
                return False
        except BAD_CERTIFICATE:
            return False
        return True


def _rsa_padding(algorithm: cms.SignedDigestAlgorithm) -> padding.AsymmetricPadding:
    """How an RSA signature is padded (RFC 4056); for other signatures it does not matter."""
    if algorithm["algorithm"].native != "rsassa_pss":
        return padding.PKCS1v15()
    parameters = algorithm["parameters"]
    mask_hash = HASHES[parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native]
    return padding.PSS(padding.MGF1(mask_hash), parameters["salt_length"].native)


def chain_is_trusted(
    signer: x509.Certificate, embedded: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate]
) -> bool:
    """Whether the signer was issued by a «Resursi» CA whose chain ends in a trusted CA."""
    if not _is_document_signer(signer):
        return False
    current = signer
    for _ in range(LONGEST_CHAIN):
        if any(_issued(current, one) for one in trusted):
            return True
        above = next((one for one in embedded if one != current and _is_ca(one) and _issued(current, one)), None)
        if above is None:
            return False
        current = above
    return False


def _is_document_signer(signer: x509.Certificate) -> bool:
    names = signer.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    issuer = str(names[0].value).casefold() if names else ""
    return SIGNER_FAMILY in issuer and not any(family in issuer for family in OTHER_FAMILIES)


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except BAD_CERTIFICATE:
        return False
    return True


def _is_ca(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except BAD_CERTIFICATE:
        return False


def _key_identifier(certificate: x509.Certificate) -> bytes | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except BAD_CERTIFICATE:
        return None


def _loaded(certificates: Sequence[bytes]) -> tuple[x509.Certificate, ...]:
    """Those that can be read: some old ministry certificates have encodings that no current library takes."""
    readable = []
    for der in certificates:
        try:
            readable.append(x509.load_der_x509_certificate(der))
        except BAD_CERTIFICATE:
            continue
    return tuple(readable)
