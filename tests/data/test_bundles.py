"""What is carried between office and centre: whole or seen to be torn, signed, and silent about persons."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import age, bundles, checkpoints, receipts
from data.bundle_header import EpochStart, Header, file_name, key_name, named_rows
from data.checkpoints import Checkpoint, Head
from data.exchange_errors import BadSignature, ExchangeError, MalformedFile, TornFile, UnreadableFile
from data.framing import framed, unframed
from data.merkle import Frontier, leaf_hash
from data.office_key import FileKey

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
CENTRE = age.new_identity()
ROWS = [b'{"n":1}', b'{"n":2}', b'{"n":3}']


def root_of(rows: list[bytes]) -> bytes:
    tree = Frontier()
    for row in rows:
        tree = tree.append(leaf_hash(row))
    return tree.root()


def header_of(key: FileKey, rows: list[bytes] = ROWS, **changes: object) -> Header:
    head = Head(office="7130", epoch=1, size=len(rows), root=root_of(rows))
    note = checkpoints.sign(head, key).note
    made = Header(
        office="7130", epochs=(EpochStart(1, 1),), first=1, count=len(rows), note=note, key="", payload=bytes(32)
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # a test's own changes


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> FileKey:
    return FileKey(tmp_path_factory.mktemp("key"))


@pytest.fixture(scope="module")
def file(key: FileKey) -> bytes:
    return bundles.seal(header_of(key), ROWS, key, [CENTRE[1]], {"a1b2": bytes(32)})


def test_a_bundle_arrives_as_it_was_sealed(file: bytes, key: FileKey) -> None:
    opened = bundles.opened(file, [age.new_identity()[0], CENTRE[0]])
    opened.verify(key.spki())
    assert opened.content() == (ROWS, {"a1b2": bytes(32)})
    assert (opened.header.first, opened.header.last, opened.header.epoch) == (1, 3, 1)
    assert opened.header.key == key_name(key.spki())
    assert opened.header.checkpoint.head.root == root_of(ROWS)


@settings(max_examples=25)
@given(rows=st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=20))
def test_any_rows_arrive(key: FileKey, rows: list[bytes]) -> None:
    opened = bundles.opened(bundles.seal(header_of(key, rows), rows, key, [CENTRE[1]]), [CENTRE[0]])
    opened.verify(key.spki())
    assert opened.content() == (rows, {})


def test_a_torn_copy_is_seen_without_a_key_at_every_length(file: bytes) -> None:
    assert framed(unframed(file)) == file
    for length in range(len(file)):
        with pytest.raises(TornFile):
            unframed(file[:length])
    with pytest.raises(TornFile):
        unframed(file + b"\0")


def test_a_changed_bit_is_seen_at_every_byte(file: bytes) -> None:
    for place in range(len(file)):
        with pytest.raises(TornFile):
            unframed(file[:place] + bytes([file[place] ^ 1]) + file[place + 1 :])


def test_nobody_else_reads_it(file: bytes) -> None:
    with pytest.raises(UnreadableFile):
        bundles.opened(file, [age.new_identity()[0]])
    assert b"7130" not in file
    with pytest.raises(UnreadableFile):
        bundles.opened(framed(b"age-encryption.org/v1\n"), [CENTRE[0]])


def test_another_key_did_not_sign_it(file: bytes, tmp_path: Path, key: FileKey) -> None:
    opened = bundles.opened(file, [CENTRE[0]])
    with pytest.raises(BadSignature):
        opened.verify(FileKey(tmp_path).spki())
    # Signed by the right key, but over a checkpoint that somebody else has signed.
    foreign = header_of(FileKey(tmp_path))
    with pytest.raises(BadSignature):
        bundles.opened(bundles.seal(foreign, ROWS, key, [CENTRE[1]]), [CENTRE[0]]).verify(key.spki())


def test_rows_put_in_the_place_of_the_signed_ones_are_seen(file: bytes, key: FileKey) -> None:
    opened = bundles.opened(file, [CENTRE[0]])
    other = replace(opened, packed=zlib.compress(b"".join(struct.pack(">I", 7) + b'{"n":9}' for _ in ROWS)))
    with pytest.raises(MalformedFile):
        other.verify(key.spki())


@pytest.mark.parametrize(
    "changes",
    [
        {"office": "../etc"},
        {"office": "7131"},
        {"first": 2},
        {"count": 2},
        {"count": 0},
        {"count": 1001},
        {"epochs": ()},
        {"epochs": (EpochStart(1, 2),)},
        {"epochs": (EpochStart(2, 1),)},
        {"epochs": (EpochStart(1, 1), EpochStart(1, 2))},
        {"epochs": (EpochStart(1, 1), EpochStart(2, 3))},
        {"note": "x"},
        {"office": "\0"},
        {"first": 1 << 70, "count": 1},
        {"epochs": (EpochStart(1 << 40, 1),)},
        {"epochs": (EpochStart(0, 1),)},
        {"note": 7},
    ],
)
def test_a_header_that_cannot_be_is_refused(key: FileKey, changes: dict[str, object]) -> None:
    file = bundles.seal(header_of(key, ROWS, **changes), ROWS, key, [CENTRE[1]])
    with pytest.raises(MalformedFile):
        bundles.opened(file, [CENTRE[0]])


@pytest.mark.parametrize(
    "content", [b"", b"KIOSK-BUNDLE-2\n", bundles.MAGIC, bundles.MAGIC + b"\xff" * 9, bundles.MAGIC + bytes(8)]
)
def test_what_is_no_bundle_is_refused(content: bytes) -> None:
    with pytest.raises(MalformedFile):
        bundles.opened(framed(age.encrypt(content, [CENTRE[1]])), [CENTRE[0]])


def test_rows_that_unpack_to_more_than_allowed_are_refused(key: FileKey) -> None:
    packed = zlib.compress(bytes(bundles.MOST_UNPACKED + 1), 1)
    header = header_of(key, payload=sha256(packed).digest())
    bundle = bundles.Bundle(header=header, header_bytes=b"", signature=b"", packed=packed)
    with pytest.raises(MalformedFile):
        bundle.content()


@given(st.binary(max_size=200))
def test_rows_are_read_or_refused(packed: bytes) -> None:
    header = Header(office="1", epochs=(EpochStart(1, 1),), first=1, count=2, note="", key="", payload=b"")
    for one in (packed, zlib.compress(packed)):
        try:
            rows, _ = bundles.Bundle(header=header, header_bytes=b"", signature=b"", packed=one).content()
        except ExchangeError:
            continue
        assert len(rows) == 2
        assert all(rows)


def test_file_names_tell_office_and_rows_and_nothing_else(key: FileKey) -> None:
    assert file_name(header_of(key)) == "7130-1-000000001-000000003.bundle"
    assert named_rows("7130-1-000000001-000000003.bundle") == ("7130", 1, 1, 3)
    assert named_rows("7130-1-000000001-000000003.0123456789ab.bundle") == ("7130", 1, 1, 3)
    for name in ("7130.receipt", ".7130-1-000000001-000000003.bundle", "7130-1-1-3.bundle", "a/7130-1-1-3.bundle"):
        assert named_rows(name) is None


# --- receipts ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> FileKey:
    return FileKey(tmp_path_factory.mktemp("centre"))


@pytest.fixture(scope="module")
def checkpoint(key: FileKey) -> Checkpoint:
    return header_of(key).checkpoint


def test_a_receipt_comes_back_with_both_signatures(checkpoint: Checkpoint, key: FileKey, centre: FileKey) -> None:
    given_ = receipts.give(checkpoint, AT, centre)
    read = receipts.read(given_.as_file(), [key.spki(), centre.spki()])
    assert read == given_
    assert (read.at, read.head, read.file_name) == (AT, checkpoint.head, "7130.receipt")
    assert read.checkpoint.is_signed_by(key.spki())
    assert read.checkpoint.is_signed_by(centre.spki())


def test_a_receipt_of_nobody_we_know_is_refused(checkpoint: Checkpoint, key: FileKey, centre: FileKey) -> None:
    file = receipts.give(checkpoint, AT, centre).as_file()
    for keys in ([], [key.spki()]):
        with pytest.raises(BadSignature):
            receipts.read(file, keys)


def test_a_changed_receipt_is_refused_at_every_letter(checkpoint: Checkpoint, centre: FileKey) -> None:
    text = receipts.give(checkpoint, AT, centre).text
    for place, letter in enumerate(text):
        changed = text[:place] + ("A" if letter != "A" else "B") + text[place + 1 :]
        with pytest.raises((BadSignature, MalformedFile)):
            receipts.read(framed(changed.encode()), [centre.spki()])
    with pytest.raises(TornFile):
        receipts.read(text.encode(), [centre.spki()])


# --- whatever somebody encrypts to the centre -------------------------------------------------------------------------


@given(
    st.recursive(
        st.none() | st.integers() | st.text() | st.booleans(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_as_a_header_is_refused_by_name(value: object) -> None:
    with pytest.raises(MalformedFile):
        Header.from_bytes(json.dumps(value).encode())


@pytest.mark.parametrize(
    "content",
    [b"[" * 100_000, b'{"note":"\\ud800","office":"1"}', b"\xff", b"{}", b"1e999999", b"9" * 5000, b"null"],
)
def test_an_odd_header_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(MalformedFile):
        Header.from_bytes(content)


@pytest.mark.parametrize("field", ["office", "epochs", "first", "count", "note", "key", "payload", "acknowledged"])
@pytest.mark.parametrize("value", [None, "\ud800", "\0", -1, 1 << 80, [], {}, [[1]], "x", 1.5, True])
def test_a_header_with_one_odd_value_is_refused_by_name(key: FileKey, field: str, value: object) -> None:
    record = json.loads(replace(header_of(key), key="0" * 16).as_bytes())
    with pytest.raises(MalformedFile):
        Header.from_bytes(json.dumps(record | {field: value}, sort_keys=True, separators=(",", ":")).encode())


def test_personal_keys_that_cannot_be_are_refused(key: FileKey) -> None:
    for keys in ({"a\0": bytes(32)}, {"a": bytes(31)}, {"": bytes(32)}, {"ABC": bytes(32)}):
        opened = bundles.opened(bundles.seal(header_of(key), ROWS, key, [CENTRE[1]], keys), [CENTRE[0]])
        with pytest.raises(MalformedFile):
            opened.content()
