"""Who may open the archive, and that nobody else can."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from data import age, keyslots, slot_kinds
from data.archive import Archive
from data.custody import Custody
from data.errors import ArchiveDamaged, KeyFileUnusable, KeySlotRefused, WrongKey
from data.keys import key_of
from data.keyslots import Generation, Keyslots, Opener
from data.slot_kinds import AgeIdentity, Card, Passphrase, rewrapped
from data.sqlcipher import connect
from hardware.errors import ModuleFault, NoSuchKey, TokenMismatch, WrongPin
from hardware.office_token import OfficeToken
from tests.data.invented import CLERK, Clock, new_case, open_archive
from tests.services.softhsm import PIN, SoftToken

QUICK = (1024, 1, 1)


@pytest.fixture(autouse=True)
def quick_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in zip(("MEMORY_KIB", "PASSES", "LANES"), QUICK, strict=True):
        monkeypatch.setattr(slot_kinds, name, value)


def reopened(folder: Path, *openers: Opener) -> Archive:
    return Archive.open(folder, Clock(), openers=openers)


def test_a_recovery_key_and_a_pass_phrase_open_and_nothing_else_does(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    case = new_case(archive)
    custody = Custody(archive, CLERK)
    (bare,) = custody.slots()
    identity, recipient = age.new_identity()
    custody.add_recovery(recipient)
    custody.add_passphrase("добар дан")
    custody.remove(bare["id"])
    assert not (tmp_path / "archive.key").exists()
    archive.close()
    for opener in (AgeIdentity(identity), Passphrase("добар дан")):
        with closing(reopened(tmp_path, opener)) as again:
            assert again.case(case.id) == case
    for wrong in (AgeIdentity(age.new_identity()[0]), Passphrase("лош дан")):
        with pytest.raises(KeySlotRefused):
            reopened(tmp_path, wrong)
    with pytest.raises(KeySlotRefused):
        reopened(tmp_path)


def test_who_is_taken_away_knows_no_key_any_more(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    custody = Custody(archive, CLERK)
    leaver = custody.add_passphrase("одлазим")
    known = keyslots.load(tmp_path / "archive.slots").keys([Passphrase("одлазим")])[0]
    custody.remove(leaver)
    assert [row.body for row in archive.journal_rows(2)] == [{"rotated": True}, {"removed": leaver}]
    archive.close()
    with pytest.raises(WrongKey):
        connect(tmp_path / "archive.db", known, busy_s=1)
    with closing(open_archive(tmp_path)) as again:
        assert again.verify().ok


def test_the_last_slot_stays_and_an_unknown_one_is_refused(archive: Archive) -> None:
    custody = Custody(archive, CLERK)
    (bare,) = custody.slots()
    custody.rotate()
    for name in (bare["id"], "00000000"):
        with pytest.raises(KeySlotRefused):
            custody.remove(name)


@pytest.mark.parametrize("is_rekeyed", [False, True])
def test_a_cut_rotation_is_finished_at_the_next_start(tmp_path: Path, is_rekeyed: bool) -> None:
    archive = open_archive(tmp_path)
    Custody(archive, CLERK).add_passphrase("тајна")
    archive.close()
    path = tmp_path / "archive.slots"
    before = keyslots.load(path)
    old, new = before.keys([Passphrase("тајна")])[0], os.urandom(32)
    both = Generation(tuple(rewrapped(slot, new) for slot in before.slots)), before.generations[0]
    keyslots.save(path, Keyslots(both))
    if is_rekeyed:
        raw = connect(tmp_path / "archive.db", old, busy_s=1)
        raw.conn.execute(f"PRAGMA rekey=\"x'{new.hex()}'\"").fetchall()
        raw.conn.close()
    with closing(reopened(tmp_path, Passphrase("тајна"))) as again:
        assert again.verify().ok
    assert keyslots.load(path).generations == (both[0 if is_rekeyed else 1],)


def test_a_damaged_archive_is_not_rotated_and_its_slots_stay(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    for _ in range(30):
        new_case(archive)
    Custody(archive, CLERK).add_passphrase("тајна")
    archive.close()
    content = bytearray((tmp_path / "archive.db").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "archive.db").write_bytes(content)
    with closing(open_archive(tmp_path)) as again, pytest.raises(ArchiveDamaged):
        Custody(again, CLERK).rotate()
    open_archive(tmp_path).close()


def test_slot_files_that_cannot_be_right_are_named(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    Custody(archive, CLERK).rotate()
    archive.close()
    path = tmp_path / "archive.slots"
    right = path.read_bytes()
    for content, mode in (
        (b"", 0o600),
        (b"{}", 0o600),
        (right.replace(b'"version":1', b'"version":2'), 0o600),
        (right, 0o644),
    ):
        path.write_bytes(content)
        path.chmod(mode)
        with pytest.raises(KeyFileUnusable):
            open_archive(tmp_path)


def test_nothing_personal_stands_in_names_or_slots(tmp_path: Path) -> None:
    with closing(open_archive(tmp_path)) as archive:
        new_case(archive)
        Custody(archive, CLERK).add_passphrase("тајна")
        archive.checkpoint()
        names = {path.name for path in tmp_path.iterdir()}
        assert names == {
            *("archive.db", "archive.db-wal", "archive.db-shm"),
            "archive.slots",
            "archive.head",
            "office.key",
        }
        slots = keyslots.load(tmp_path / "archive.slots").slots
        told = {name for slot in slots for name in slot}
        assert told == {*("id", "kind", "key"), *("recipient", "salt", "argon2id", "identity", "wrapped")}


# --- cards ------------------------------------------------------------------------------------------------------------


@contextmanager
def key_on(token: SoftToken, label: str, pin: bytes = PIN) -> Iterator[OfficeToken]:
    reading, writing = os.pipe()
    os.write(writing, pin)
    os.close(writing)
    try:
        with closing(OfficeToken(token.module, token.label, label, pin_fd=reading)) as key:
            yield key
    finally:
        os.close(reading)


@pytest.mark.parametrize("label", ["rsa", "ec"])
def test_a_clerks_card_opens_its_slot_and_no_other(tmp_path: Path, token: SoftToken, label: str) -> None:
    with key_on(token, label) as key:
        archive = open_archive(tmp_path)
        custody = Custody(archive, CLERK)
        custody.add_card(key.spki())
        custody.remove(custody.slots()[0]["id"])
        archive.close()
        with closing(reopened(tmp_path, Card(key))) as again:
            assert again.verify().ok
    with key_on(token, "office") as other, pytest.raises(KeySlotRefused):
        reopened(tmp_path, Card(other))


def test_the_office_key_on_a_token_signs_checkpoints(tmp_path: Path, token: SoftToken) -> None:
    with key_on(token, "office") as key:
        archive = Archive.open(tmp_path, Clock(), office_key=key)
        assert archive.checkpoint().is_signed_by(key.spki())
        assert archive.verify().ok
        archive.close()
    assert not (tmp_path / "office.key").exists()


def test_what_a_token_refuses_is_named(token: SoftToken) -> None:
    with pytest.raises(WrongPin), key_on(token, "ec", b"000000"):
        pass
    with pytest.raises(TokenMismatch), key_on(replace(token, label="other"), "ec"):
        pass
    with key_on(token, "absent") as key, pytest.raises(NoSuchKey):
        key.spki()
    with pytest.raises(ModuleFault), key_on(replace(token, module=Path(__file__)), "ec"):
        pass


def test_a_module_that_dies_takes_only_its_own_process(token: SoftToken) -> None:
    with key_on(token, "ec") as key:
        key._process.kill()
        with pytest.raises(ModuleFault):
            key.spki()


def test_a_key_file_is_one_bare_slot(archive: Archive, tmp_path: Path) -> None:
    (slot,) = Custody(archive, CLERK).slots()
    assert (slot["kind"], keyslots.decoded(slot["key"])) == ("bare", key_of(tmp_path / "archive.db"))
