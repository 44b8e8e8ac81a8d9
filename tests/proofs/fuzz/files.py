"""The formats of single files: each reader with real files of the training cards, spoilt, and with invented ones."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable, Sequence
from random import Random

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from hardware import id_fields, sod, tlv
from hardware.apdu import Response
from hardware.cardedge import certificate_file, container_map, directory, key_file, metadata
from hardware.cardedge.container_map import Container
from hardware.cardedge.directory import Entry
from hardware.cardedge.layout import CONTAINER_MAP, METADATA_INDEX, MSCP, ROOT, Pair, Place
from hardware.interface import Authenticity, DocumentType
from hardware.training.citizens import CITIZENS
from hardware.training.data_files import container
from hardware.training.test_authority import training_signers
from kiosk.x509 import validity_of
from tests.hardware.cards import TEST_LIST, card_of
from tests.proofs.fuzz.mutation import mutated, mutated_der
from tests.proofs.fuzz.trial import Target, Unsound

READABLE = tuple(key for key, citizen in CITIZENS.items() if not citizen.is_apollo)
CARDS = tuple(card_of(key) for key in READABLE)
TEXTS = (0x0F02, 0x0F03, 0x0F04)
JOVANA = card_of("jovana").data_files
COVERED = [JOVANA[file_id] for file_id in (0x0F02, 0x0F03, 0x0F06)]
DIGESTS = [hashlib.sha256(one).digest() for one in COVERED]


def on_chip(kind: Callable[[int], bool]) -> tuple[bytes, ...]:
    """Files of the key applet of every training card, by their identifiers."""
    return tuple(bytes(file.content) for card in CARDS for file_id, file in card.key_files.items() if kind(file_id))


def require(holds: bool, what: str) -> None:
    """Raise `Unsound` unless it holds."""
    if not holds:
        raise Unsound(what)


# --- the data applet --------------------------------------------------------------------------------------------------

TEXT_SEEDS = tuple(card.data_files[file_id][4:] for card in CARDS for file_id in TEXTS)


def fuzz_tlv(random: Random) -> None:
    """Fields, and what is made of them as document, holder and residence."""
    content = mutated(random, TEXT_SEEDS) if random.random() < 0.7 else _invented_fields(random)
    fields = tlv.parse(content, "0F02")
    require(sum(4 + len(value) for value in fields.values()) <= len(content), "fields longer than the file")
    require(tlv.parse(tlv.encode(fields.items()), "0F02") == fields, "fields that do not survive their bytes")
    readable = id_fields.Fields(content, "0F02")
    kind = random.randrange(3)
    if kind == 0:
        document = id_fields.document(readable, DocumentType.IDENTITY_CARD)
        require(len(document.document_number) == 9 and document.document_number.isdecimal(), "document number")
    elif kind == 1:
        require(len(id_fields.holder(readable).personal_number) == 13, "personal number")
    else:
        id_fields.residence(readable).line()


def _invented_fields(random: Random) -> bytes:
    tags = (*range(1544, 1586), 1681, 1682, 1683, 1689, 0, 0xFFFF)
    values = (b"", b"01012030", b"99999999", b"123456789", b"0101990710006", "Ђ".encode(), b"\xff", b"ID", b"IF")
    return tlv.encode((random.choice(tags), random.choice(values)) for _ in range(random.randrange(40)))


SOD_SEEDS = tuple(card.data_files[file_id] for card in CARDS for file_id in (0x0F1C, 0x0F1D))


def _signed(pad: padding.PSS | None) -> bytes:
    """The signature over the same digests with signed attributes, padded the old way or the newer."""
    signer = training_signers()[1]
    builder = PKCS7SignatureBuilder().set_data(b"".join(DIGESTS))
    builder = builder.add_signer(signer.certificate, signer.key, SHA256(), rsa_padding=pad)
    return builder.sign(Encoding.DER, [PKCS7Options.Binary])


CMS_SEEDS = (*(one[8:] for one in SOD_SEEDS), _signed(None), _signed(padding.PSS(padding.MGF1(SHA256()), 32)))


def fuzz_sod(random: Random) -> None:
    """Signatures over one card's files: authentic only where its digests are inside."""
    if random.random() < 0.5:
        content = mutated(random, SOD_SEEDS)
    elif random.random() < 0.3:
        content = container(0x0F1C, container(1, mutated(random, CMS_SEEDS)))
    else:
        content = container(0x0F1C, container(1, mutated_der(random, CMS_SEEDS)))
    found = sod.verify(content, COVERED, TEST_LIST.certificates)
    if found in (Authenticity.AUTHENTIC, Authenticity.CHAIN_UNKNOWN):
        require(all(digest in content for digest in DIGESTS), f"{found.value} without the digests")


# --- the key applet ---------------------------------------------------------------------------------------------------

MAP_SEEDS = (*on_chip(lambda file_id: file_id == CONTAINER_MAP), b"\x00\x00")


def fuzz_cmapfile(random: Random) -> None:
    """The container map, and the maps that are written after it."""
    if random.random() < 0.7:
        content = mutated(random, MAP_SEEDS)
    else:
        records = b"".join(random.randbytes(86) for _ in range(random.randrange(5)))
        content = len(records).to_bytes(2, "little") * (random.random() < 0.8) + records
    containers = container_map.parse(content)
    require(len(containers) * 86 <= len(content), "more records than bytes")
    place = Place(random.randrange(16), random.choice(tuple(Pair)))
    for changed in (containers, container_map.with_key(containers, place, "p11"), _without(containers, place)):
        written = container_map.encode(changed)
        require(len(container_map.parse(written)) == len(changed), "records lost when written")


def _without(containers: Sequence[Container], place: Place) -> tuple[Container, ...]:
    return container_map.without_key(containers, place)


DIRECTORY_SEEDS = on_chip(lambda file_id: file_id in (ROOT, MSCP, 0x7200))


def fuzz_directory(random: Random) -> None:
    """A directory, and the directories that are written after it."""
    content = mutated(random, DIRECTORY_SEEDS) if random.random() < 0.7 else _invented_directory(random)
    parsed = directory.parse(content, "7100")
    require(10 + 12 * len(parsed.entries) <= len(content), "more entries than bytes")
    for changed in (parsed, parsed.put(Entry("kxc00", 0x7102)), parsed.drop("kxc00")):
        written = changed.encode()
        require(directory.parse(written, "7100").entries == changed.entries, "entries lost when written")
        require(directory.room_for(changed) >= len(written), "no room for itself")


def _invented_directory(random: Random) -> bytes:
    names = (b"cmapfile", b"kxc00", b"ksc01", b"", b"\xff" * 8, b"a\x00b")
    count = random.choice((0, 1, 3, 16, 300))
    entries = b"".join(
        struct.pack("<8sHBB", random.choice(names), random.choice((0x7101, 0x7102, 0, 0xFFFF)), random.randrange(3), 0)
        for _ in range(count)
    )
    head = struct.pack("<BBHHHH", *random.randbytes(2), random.randrange(0x10000), 0xFFFF, count, 3)
    return head + entries


CERTIFICATE_SEEDS = on_chip(lambda file_id: 0x7102 <= file_id < 0x7110)
DER_SEEDS = tuple({certificate_file.parse(one, "") for one in CERTIFICATE_SEEDS} | set(TEST_LIST.certificates))


def fuzz_certificate(random: Random) -> None:
    """A certificate's file, and what the desk reads from the certificate inside."""
    kind = random.random()
    if kind < 0.4:
        content = mutated(random, CERTIFICATE_SEEDS)
    elif kind < 0.8:
        content = certificate_file.encode(mutated_der(random, DER_SEEDS)[:0x7FFF])
    else:
        content = _invented_stream(random)
    certificate = certificate_file.parse(content, "kxc00")
    require(len(certificate) <= certificate_file.LONGEST, "longer than any certificate")
    require(certificate_file.parse(certificate_file.encode(certificate), "kxc00") == certificate, "changed by writing")
    validity_of(certificate)


def _invented_stream(random: Random) -> bytes:
    """A compressed stream, some of which would unpack to far more than memory."""
    size = random.choice((0, 10, 1000, 0x8000, 1 << 22))
    stream = zlib.compress(bytes(size), 9)[: random.choice((None, None, 20))]
    body = b"\x01\x00" + random.choice((0, size & 0xFFFF, 0xFFFF)).to_bytes(2, "little") + stream
    return len(body).to_bytes(2, "little") + body


RECORD_SEEDS = on_chip(lambda file_id: file_id >= 0x8000 or 0x6000 <= file_id < 0x7000)


def fuzz_metadata(random: Random) -> None:
    """What other programs keep beside keys and certificates, their index, and public keys."""
    content = mutated(random, RECORD_SEEDS) if random.random() < 0.8 else random.randbytes(random.randrange(80))
    kind = random.randrange(3)
    if kind == 0:
        known = metadata.parse(content, "8004")
        require(len(known.key_id) + len(known.subject) <= len(content), "longer than the file")
        metadata.parse(known.encode(), "8004")
    elif kind == 1:
        files = metadata.parse_index(content)
        require(metadata.parse_index(metadata.encode_index(files)) == files, f"{METADATA_INDEX:04X} changed by writing")
    else:
        require(key_file.parse_public(content, "6004")[:1] == b"\x30", "no public key")
    Response.decode(content)


TARGETS = (
    Target(name="tlv", run=fuzz_tlv, share=230_000, limit_s=0.05),
    Target(name="cmapfile", run=fuzz_cmapfile, share=180_000, limit_s=0.05),
    Target(name="directory", run=fuzz_directory, share=150_000, limit_s=0.1),
    Target(name="metadata", run=fuzz_metadata, share=100_000, limit_s=0.1),
    Target(name="certificate", run=fuzz_certificate, share=150_000, limit_s=0.1),
    Target(name="sod", run=fuzz_sod, share=120_000, limit_s=0.25),
)
