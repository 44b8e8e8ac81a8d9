"""Who may open the archive: adding and taking away key slots, each as a row of the journal."""

from __future__ import annotations

import os
from pathlib import Path

from data import keyslots, rotation
from data.archive import Archive
from data.keys import key_of, named_disk_errors, sync_folder
from data.keyslots import Bare, Generation, Keyslots, Opener, Slot, bare_slot
from data.slot_kinds import age_slot, card_slot, passphrase_slot


class Custody:
    """The key slots of an open archive. `openers` are those it was opened with. Raises `ArchiveError`."""

    def __init__(self, archive: Archive, clerk: str, *openers: Opener) -> None:
        self._archive = archive
        self._clerk = clerk
        self._openers = (Bare(), *openers)
        self._path = keyslots.path_of(archive.store.path)

    def slots(self) -> tuple[Slot, ...]:
        """The slots; a key file without slots is one bare slot."""
        return self._load().slots

    def add_recovery(self, recipient: str) -> str:
        """Let the owner of an age key open the archive: the ministry, after a fire. The slot's name."""
        return self._add(age_slot(self._key(), recipient))

    def add_passphrase(self, passphrase: str) -> str:
        """Let who knows the pass phrase open it. The slot's name."""
        return self._add(passphrase_slot(self._key(), passphrase))

    def add_card(self, spki: bytes) -> str:
        """Let the card with that public key open it. The slot's name."""
        return self._add(card_slot(self._key(), spki))

    def remove(self, slot_id: str) -> None:
        """Take a slot away, and rotate: who had it knows the key. Raises `KeySlotRefused` for the last slot."""
        keyslots.save(self._path, self._load().without(slot_id))
        self._archive.note("keys_changed", {"removed": slot_id}, clerk=self._clerk)
        self.rotate()

    def rotate(self) -> None:
        """Give the archive a new key; every slot opens it as before."""
        self._adopt_key_file()
        rotation.rotate(self._archive.store)
        self._archive.note("keys_changed", {"rotated": True}, clerk=self._clerk)

    def _add(self, slot: Slot) -> str:
        self._adopt_key_file()
        keyslots.save(self._path, self._load().with_slot(slot))
        body = {"added": slot["id"], "kind": slot["kind"]}
        self._archive.note("keys_changed", body, clerk=self._clerk)
        return str(slot["id"])

    def _key(self) -> bytes:
        return next(iter(self._load().keys(self._openers).values()))

    def _load(self) -> Keyslots:
        if self._path.exists():
            return keyslots.load(self._path)
        return Keyslots((Generation((bare_slot(key_of(self._archive.store.path)),)),))

    def _adopt_key_file(self) -> None:
        """From the first change on the slots are where the key is; after a cut both may stand, and the slots count."""
        if not self._path.exists():
            keyslots.save(self._path, self._load())
        key_file = self._archive.store.path.with_suffix(".key")
        with named_disk_errors(key_file):
            if key_file.exists():
                _overwrite(key_file)
                key_file.unlink()
                sync_folder(key_file.parent)


def _overwrite(path: Path) -> None:
    """On a disk that writes in place nothing of it is left; on flash the rotation is what makes it worthless."""
    with path.open("r+b") as file:
        file.write(os.urandom(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
