"""An answer's bytes as values; the one door to pyasn1. Nothing here is believed yet: that is `protection.py`.

pyasn1's exceptions carry whole schemas, hundreds of kilobytes of text, and bytes of the message: they end here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyasn1.codec.der import decoder, encoder
from pyasn1.error import PyAsn1Error
from pyasn1.type import univ
from pyasn1_alt_modules import rfc9810

from kiosk.ca import der
from kiosk.ca.cmp.elements import Truncated, elements
from kiosk.ca.interface import ProtocolAlarm

LONGEST_TEXT = 200
MOST_CERTIFICATES = 16

PROTECTION, EXTRA_CERTS = 0xA0, 0xA1
"""Tags of what may follow header and body (RFC 9810, 5.1)."""

NOT_DECODABLE = (PyAsn1Error, ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)
"""What pyasn1 lets through for bytes that are no message; found with mutations of real ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """PKIStatusInfo (RFC 9810, 5.2.3)."""

    status: int
    failures: frozenset[str] = frozenset()
    """Names of the PKIFailureInfo bits."""
    text: str = ""
    """The authority's own words, made safe to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A PKIMessage; fields that the body does not have are empty."""

    body: str
    """Name of the body in RFC 9810, 5.1.2: `cp`, `pollRep`, `pkiconf`, `rp`, `error` …"""
    sender: bytes
    """Name, DER; empty if the sender is no directory name."""
    transaction: bytes
    sender_nonce: bytes
    recipient_nonce: bytes
    general_info: frozenset[str]
    """Types of generalInfo, dotted."""
    protected: bytes
    """What the protection is over, byte for byte as received."""
    protection: bytes
    """The signature; empty for an unprotected message."""
    algorithm: str
    """Dotted; empty for an unprotected message."""
    certificates: tuple[bytes, ...]
    """extraCerts, DER."""
    status: Status | None = None
    request_id: int | None = None
    certificate: bytes = b""
    check_after_s: int = 0


@dataclass(slots=True)
class _Content:
    """What a body says."""

    status: Status | None = None
    request_id: int | None = None
    certificate: bytes = b""
    check_after_s: int = 0


def read_message(answer: bytes) -> Message:
    """The message in `answer`, of any signer. Raises `ProtocolAlarm` beginning with `message`."""
    try:
        return _read(answer)
    except NOT_DECODABLE as error:
        raise ProtocolAlarm(f"message: not readable ({type(error).__name__})") from None
    except Truncated:
        raise ProtocolAlarm("message: not readable (length)") from None


def _read(answer: bytes) -> Message:
    whole_header, whole_body, optional = _parts(answer)
    header = _decoded(whole_header, rfc9810.PKIHeader())
    choice = _decoded(whole_body, rfc9810.PKIBody())
    body = choice.getName()
    content = _READERS.get(body, _nothing)(choice[body])
    return Message(
        body=body,
        sender=_directory_name(header["sender"]),
        transaction=_octets(header["transactionID"]),
        sender_nonce=_octets(header["senderNonce"]),
        recipient_nonce=_octets(header["recipNonce"]),
        general_info=frozenset(str(info["infoType"]) for info in _listed(header["generalInfo"])),
        protected=der.sequence(whole_header, whole_body),
        protection=_signature(optional.get(PROTECTION, b"")),
        algorithm=str(header["protectionAlg"]["algorithm"]) if header["protectionAlg"].isValue else "",
        certificates=_certificates(optional.get(EXTRA_CERTS, b"")),
        status=content.status,
        request_id=content.request_id,
        certificate=content.certificate,
        check_after_s=content.check_after_s,
    )


def _parts(answer: bytes) -> tuple[bytes, bytes, dict[int, bytes]]:
    """Header, body, and what may follow them by its tag, unread."""
    [message] = elements(answer)
    header, body, *optional = elements(message.content)
    tags = [part.whole[0] for part in optional]
    if message.whole[0] != der.SEQUENCE or tags not in ([], [PROTECTION], [EXTRA_CERTS], [PROTECTION, EXTRA_CERTS]):
        raise ValueError
    return header.whole, body.whole, {part.whole[0]: part.content for part in optional}


def _decoded(whole: bytes, schema: Any) -> Any:
    parsed, rest = decoder.decode(whole, asn1Spec=schema)
    if rest:
        raise ValueError
    return parsed


def _signature(bit_string: bytes) -> bytes:
    return bytes(_decoded(bit_string, univ.BitString()).asOctets()) if bit_string else b""


def _certificates(sequence: bytes) -> tuple[bytes, ...]:
    """As they came: the X.509 library reads them, if anybody needs them."""
    if not sequence:
        return ()
    [listed] = elements(sequence)
    return tuple(one.whole for one in elements(listed.content))[:MOST_CERTIFICATES]


def _octets(value: Any) -> bytes:
    return bytes(value) if value.isValue else b""


def _listed(value: Any) -> list[Any]:
    return list(value) if value.isValue else []


def _directory_name(general_name: Any) -> bytes:
    if general_name.getName() != "directoryName":
        return b""
    return bytes(encoder.encode(general_name["directoryName"][0]))


# --- bodies -----------------------------------------------------------------------------------------------------------


def _nothing(body: Any) -> _Content:
    return _Content()


def _cp(body: Any) -> _Content:
    [response] = body["response"]
    certificate = b""
    if response["certifiedKeyPair"].isValue:
        holder = response["certifiedKeyPair"]["certOrEncCert"]
        if holder.getName() != "certificate":
            raise ProtocolAlarm("message: an encrypted certificate, which nobody asked for")
        # Encoded with its explicit tag, [0], around it.
        certificate = next(iter(elements(bytes(encoder.encode(holder["certificate"]))))).content
    return _Content(_status(response["status"]), int(response["certReqId"]), certificate)


def _poll_rep(body: Any) -> _Content:
    [one] = body
    return _Content(request_id=int(one["certReqId"]), check_after_s=int(one["checkAfter"]))


def _rp(body: Any) -> _Content:
    [status] = body["status"]
    return _Content(_status(status))


def _error(body: Any) -> _Content:
    return _Content(_status(body["pKIStatusInfo"]))


_READERS = {"cp": _cp, "pollRep": _poll_rep, "rp": _rp, "error": _error}


def _status(info: Any) -> Status:
    texts = " ".join(str(text) for text in _listed(info["statusString"]))
    return Status(
        status=int(info["status"]),
        failures=frozenset(_failures(info["failInfo"])) if info["failInfo"].isValue else frozenset(),
        text=safe_text(texts),
    )


def _failures(bits: Any) -> Iterator[str]:
    for name, position in rfc9810.PKIFailureInfo.namedValues.items():
        if position < len(bits) and bits[position]:
            yield name


def safe_text(text: str) -> str:
    """Foreign words for a screen: one line, no control characters, not endless."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:LONGEST_TEXT].strip()
