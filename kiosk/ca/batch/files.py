"""What stands in a batch of orders and in the answers to it, and how both are sealed; canonical JSON inside CMS."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from kiosk.ca.batch import cms
from kiosk.ca.batch.cms import BadCms
from kiosk.ca.batch.entry import Approval, Entry
from kiosk.ca.cmp.credentials import Credentials
from kiosk.ca.interface import WireKind
from kiosk.ca.messages import Malformed, decode_fields, encode_fields, text_of


class BadBatch(Exception):
    """A batch, or a file of answers, cannot be used as a whole; the message says why. Nothing of it was taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A batch: all that one office sends at once."""

    office: str
    number: int
    """Counted by the office, from 1."""
    entries: tuple[Entry, ...]
    reply_key: bytes = field(repr=False)
    """AES-256 key, made for this batch: the answers to it are encrypted under it. So an office whose own key is in a
    token, which only signs, can read them."""


def encode_manifest(manifest: Manifest) -> bytes:
    """The manifest as it is signed."""
    return encode_fields(
        {
            "office": manifest.office,
            "batch": manifest.number,
            "reply_key": manifest.reply_key.hex(),
            "orders": [_encode_entry(entry) for entry in manifest.entries],
        }
    )


def decode_manifest(content: bytes) -> Manifest:
    """The manifest in `content`, each entry held against its own digest. Raises `BadBatch`."""
    try:
        fields = decode_fields(content)
        manifest = Manifest(
            office=text_of(fields["office"]),
            number=_count(fields["batch"], 1),
            entries=tuple(_decode_entry(one) for one in fields["orders"]),
            reply_key=bytes.fromhex(text_of(fields["reply_key"])),
        )
    except (Malformed, KeyError, TypeError, ValueError) as error:
        raise BadBatch("the manifest is not one") from error
    if len(manifest.reply_key) != cms.KEY_BYTES:
        raise BadBatch("the manifest's key is not one")
    return manifest


def seal_batch(manifest: Manifest, credentials: Credentials, centre: x509.Certificate) -> bytes:
    """A batch as it is carried: signed by the office, encrypted to the centre."""
    return cms.enveloped(cms.signed(encode_manifest(manifest), credentials), centre)


def claimed_office(signed: bytes) -> str:
    """Which office an opened, not yet verified batch says it is of. Raises `BadBatch`."""
    try:
        return decode_manifest(cms.unverified_content(signed)).office
    except BadCms as error:
        raise BadBatch(str(error)) from error


def open_envelope(batch: bytes, certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> bytes:
    """The signed data in a batch. Raises `BadBatch`."""
    try:
        return cms.unwrapped(batch, certificate, key)
    except BadCms as error:
        raise BadBatch(str(error)) from error


def verified_manifest(signed: bytes, signers: Sequence[x509.Certificate], now: datetime) -> Manifest:
    """The manifest in signed data of one of `signers`. Raises `BadBatch`."""
    try:
        return decode_manifest(cms.content_of(signed, signers, now))
    except BadCms as error:
        raise BadBatch(str(error)) from error


def _encode_entry(entry: Entry) -> dict[str, Any]:
    return {
        "kind": entry.kind.value,
        "about": entry.about,
        "number": entry.number,
        "message": entry.message.decode("ascii"),
        "approved": {"clerk": entry.approval.clerk, "at": entry.approval.at},
        "sha256": entry.id,
    }


def _decode_entry(fields: dict[str, Any]) -> Entry:
    approved = fields["approved"]
    entry = Entry(
        kind=WireKind(fields["kind"]),
        about=text_of(fields["about"]),
        message=text_of(fields["message"]).encode("ascii"),
        number=_count(fields["number"], 0),
        approval=Approval(clerk=text_of(approved["clerk"]), at=text_of(approved["at"])),
    )
    if entry.id != fields["sha256"] or entry.kind not in (WireKind.ISSUE, WireKind.STATUS):
        raise ValueError
    return entry


def _count(value: object, least: int) -> int:
    if type(value) is not int or value < least:
        raise ValueError
    return value


# --- answers ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What comes back for a batch. Each answer is signed by itself, so that one that is bad spoils no other."""

    receipt: bytes
    """SignedData of the centre: it has the batch. Empty when it came with an earlier file."""
    answers: tuple[bytes, ...]
    """SignedData of the centre."""


def encode_answers(answers: Answers) -> bytes:
    """The file's content before it is encrypted."""
    listed = [b64encode(answer).decode("ascii") for answer in answers.answers]
    return encode_fields({"receipt": b64encode(answers.receipt).decode("ascii"), "answers": listed})


def decode_answers(content: bytes) -> Answers:
    """The answers in `content`. An entry that is no base64 comes as empty bytes. Raises `BadBatch`."""
    try:
        fields = decode_fields(content)
        listed = fields["answers"]
        receipt = b64decode(text_of(fields["receipt"]), validate=True)
        if not isinstance(listed, list):
            raise TypeError
    except (Malformed, KeyError, TypeError, ValueError) as error:
        raise BadBatch("not a file of answers") from error
    return Answers(receipt=receipt, answers=tuple(map(_binary_or_nothing, listed)))


def _binary_or_nothing(text: object) -> bytes:
    try:
        return b64decode(text_of(text), validate=True)
    except (TypeError, ValueError):
        return b""


def seal_answers(answers: Answers, reply_key: bytes) -> bytes:
    """A file of answers as it is carried."""
    return cms.encrypted(encode_answers(answers), reply_key)


def open_answers(file: bytes, reply_key: bytes) -> Answers:
    """The answers in a file. Raises `BadBatch`."""
    try:
        return decode_answers(cms.decrypted(file, reply_key))
    except BadCms as error:
        raise BadBatch(str(error)) from error


def batch_digest(batch: bytes) -> str:
    """What a receipt names the batch by: SHA-256 of its bytes, lower-case hex."""
    return hashlib.sha256(batch).hexdigest()


def sign_receipt(office: str, batch: bytes, credentials: Credentials) -> bytes:
    """The centre has this batch whole."""
    return cms.signed(encode_fields({"office": office, "received": batch_digest(batch)}), credentials)


def is_receipt_for(
    receipt: bytes, office: str, batch_sha256: str, signers: Sequence[x509.Certificate], now: datetime
) -> bool:
    """Whether one of `signers` says that it has the batch with that digest."""
    try:
        fields = decode_fields(cms.content_of(receipt, signers, now))
    except (BadCms, Malformed):
        return False
    return fields.get("office") == office and fields.get("received") == batch_sha256
