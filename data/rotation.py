"""A new key for an archive, in two phases, so that at every moment some slot holds the key the file has.

First the slots of the new key are written beside those of the old one; then SQLCipher writes every page anew in one
transaction; then the old slots go. Whoever opens the file after a cut tries both keys and finishes what was begun.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from data import keyslots
from data.keys import KEY_BYTES
from data.keyslots import Generation, Keyslots
from data.slot_kinds import rewrapped
from data.sqlcipher import rekey

if TYPE_CHECKING:
    from data.store import Store


def rotate(store: Store) -> None:
    """Give the archive a new key; every slot opens it as before. Raises `ArchiveError`.

    Two connections must not be open: another program would go on with the old key.
    """
    path = keyslots.path_of(store.path)
    slots = keyslots.load(path)
    key = secrets.token_bytes(KEY_BYTES)
    renewed = Generation(tuple(rewrapped(slot, key) for slot in slots.slots))
    keyslots.save(path, Keyslots((renewed, slots.generations[0])))
    with store.alone() as db:
        rekey(db.conn, store.path, key)
    keyslots.save(path, Keyslots((renewed,)))


def finish(path: Path, slots: Keyslots, opened_by: int) -> None:
    """After a cut: keep the generation whose key, the `opened_by`-th, opened the file, and forget the other."""
    if len(slots.generations) > 1:
        keyslots.save(path, Keyslots((slots.generations[opened_by],)))
