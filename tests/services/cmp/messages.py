"""A server's side of CMP messages, with pyasn1: reading requests, building and signing answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding
from pyasn1.codec.der import decoder, encoder
from pyasn1.type import tag, univ, useful
from pyasn1_alt_modules import rfc2986, rfc5280, rfc9810

from tests.services.cmp.pki import Identity

IMPLICIT_CONFIRM = "1.3.6.1.5.5.7.4.13"
CERTIFICATE_PROFILE = "1.3.6.1.5.5.7.4.21"
SHA256_WITH_RSA = "1.2.840.113549.1.1.11"


def decode(message: bytes) -> Any:
    """A PKIMessage. Raises what pyasn1 raises; `ValueError` for bytes after its end."""
    parsed, rest = decoder.decode(message, asn1Spec=rfc9810.PKIMessage())
    if rest:
        raise ValueError("bytes after the end")
    return parsed


def protected_part(message: Any) -> bytes:
    part = rfc9810.ProtectedPart()
    part["header"], part["body"] = message["header"], message["body"]
    return bytes(encoder.encode(part))


def octets(value: Any) -> bytes | None:
    return value.asOctets() if value.isValue else None


def request_of(message: Any) -> bytes:
    """The PKCS#10 request of a p10cr, DER."""
    plain = rfc2986.CertificationRequest()
    for name in plain.componentType:
        plain[name] = message["body"]["p10cr"][name]
    return bytes(encoder.encode(plain))


def general_info(message: Any) -> dict[str, bytes]:
    """generalInfo by type; values DER."""
    listed = message["header"]["generalInfo"]
    return {str(one["infoType"]): bytes(one["infoValue"]) for one in listed} if listed.isValue else {}


def profile_of(message: Any) -> str | None:
    """The name of the certificate profile that is asked for."""
    value = general_info(message).get(CERTIFICATE_PROFILE)
    return str(decoder.decode(value)[0][0]) if value else None


def _context(number: int, form: int = tag.tagFormatSimple) -> Any:
    return tag.Tag(tag.tagClassContext, form, number)


def _empty(body: Any, name: str) -> Any:
    """An empty body of that name, with its tag."""
    return body.componentType.getTypeByPosition(body.componentType.getPositionByName(name)).clone()


def _name(certificate: Any) -> Any:
    general = rfc5280.GeneralName()
    name, _ = decoder.decode(certificate.subject.public_bytes(), asn1Spec=rfc5280.Name())
    general["directoryName"].setComponentByPosition(0, name.getComponent())
    return general


Fill = Callable[[Any], Any]
"""Makes the content of the body it is given."""


def answer_to(request: Any, body: str, fill: Fill, nonce: bytes, at: datetime, info: tuple[str, ...] = ()) -> Any:
    """An unsigned answer: header from the request's, body by `fill`."""
    message = rfc9810.PKIMessage()
    header, asked = message["header"], request["header"]
    header["pvno"] = 2
    header["recipient"] = asked["sender"]
    header["messageTime"] = useful.GeneralizedTime(f"{at:%Y%m%d%H%M%SZ}").subtype(explicitTag=_context(0))
    header["transactionID"] = univ.OctetString(asked["transactionID"].asOctets()).subtype(explicitTag=_context(4))
    header["senderNonce"] = univ.OctetString(nonce).subtype(explicitTag=_context(5))
    header["recipNonce"] = univ.OctetString(octets(asked["senderNonce"]) or b"").subtype(explicitTag=_context(6))
    for kind in info:
        one = rfc9810.InfoTypeAndValue()
        one["infoType"] = univ.ObjectIdentifier(kind)
        one["infoValue"] = univ.Any(b"\x05\x00")
        header["generalInfo"].append(one)
    message["body"][body] = fill(_empty(message["body"], body))
    return message


def moved(message: Any, transaction: bytes) -> Any:
    """The message in another transaction, without its protection."""
    other = rfc9810.PKIMessage()
    other["header"], other["body"] = message["header"], message["body"]
    other["header"]["transactionID"] = univ.OctetString(transaction).subtype(explicitTag=_context(4))
    return other


def signed(message: Any, signer: Identity, *others: Any) -> bytes:
    """The message with its sender, signed; `others` are certificates sent along."""
    header = message["header"]
    header["sender"] = _name(signer.certificate)
    algorithm = rfc5280.AlgorithmIdentifier().subtype(explicitTag=_context(1, tag.tagFormatConstructed))
    algorithm["algorithm"] = univ.ObjectIdentifier(SHA256_WITH_RSA)
    algorithm["parameters"] = univ.Any(b"\x05\x00")
    header["protectionAlg"] = algorithm
    signature = signer.key.sign(protected_part(message), padding.PKCS1v15(), hashes.SHA256())
    bits = rfc9810.PKIProtection(univ.BitString.fromOctetString(signature))
    message["protection"] = bits.subtype(explicitTag=_context(0))
    for certificate in (signer.certificate, *others):
        encoded = certificate.public_bytes(Encoding.DER)
        message["extraCerts"].append(decoder.decode(encoded, asn1Spec=rfc9810.CMPCertificate())[0])
    return bytes(encoder.encode(message))


def unsigned(message: Any, sender: Identity) -> bytes:
    """The message with its sender and no protection."""
    message["header"]["sender"] = _name(sender.certificate)
    return bytes(encoder.encode(message))


# --- bodies -----------------------------------------------------------------------------------------------------------


def _say(info: Any, status: int, failure: str | None, text: str | None) -> None:
    info["status"] = status
    if text is not None:
        info["statusString"].append(text)
    if failure is not None:
        position = dict(rfc9810.PKIFailureInfo.namedValues.items())[failure]
        info["failInfo"] = rfc9810.PKIFailureInfo("0" * position + "1")


def cp(
    status: int, request_id: int, certificate: bytes = b"", failure: str | None = None, text: str | None = None
) -> Fill:
    def fill(body: Any) -> Any:
        response = body["response"][0]
        response["certReqId"] = request_id
        _say(response["status"], status, failure, text)
        if certificate:
            holder = response["certifiedKeyPair"]["certOrEncCert"]
            tagged = holder.componentType.getTypeByPosition(0)
            wrapped = b"\xa0\x82" + len(certificate).to_bytes(2, "big") + certificate
            holder["certificate"] = decoder.decode(wrapped, asn1Spec=tagged)[0]
        return body

    return fill


def poll_rep(request_id: int, check_after_s: int) -> Fill:
    def fill(body: Any) -> Any:
        body[0]["certReqId"] = request_id
        body[0]["checkAfter"] = check_after_s
        return body

    return fill


def pkiconf() -> Fill:
    return lambda body: body.clone(b"")


def rp(status: int, failure: str | None = None) -> Fill:
    def fill(body: Any) -> Any:
        _say(body["status"][0], status, failure, None)
        return body

    return fill


def error(failure: str, text: str = "", status: int = 2) -> Fill:
    def fill(body: Any) -> Any:
        _say(body["pKIStatusInfo"], status, failure, text or None)
        return body

    return fill
