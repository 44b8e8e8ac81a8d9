"""Key slots: the archive's random key, wrapped once for each who may open it; the file holds no bare key.

Slots of the one key of a file stand together; during a rotation there are two such generations, the new one first. A
slot is a JSON object whose `kind` says who opens it. Slots for a recovery key, a card, or a pass phrase can be made
anew without their owner, from the public half that stands in the slot: that is what makes a rotation one command.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from data.canonical import canonical
from data.errors import KeyFileUnusable, KeySlotRefused
from data.keys import KEY_BYTES, named_disk_errors, replace_file, require_private

VERSION = 1
BARE = "bare"
"""Kind, and name, of the slot that holds the key as it is."""
Slot = dict[str, Any]


class Opener(Protocol):
    """Somebody, or something, that opens slots of one kind."""

    def open(self, slot: Slot) -> bytes | None:
        """The key in a slot; `None` when the slot is not for this opener. Raises `KeySlotRefused`, card errors."""


@dataclass(frozen=True, slots=True)
class Generation:
    """One key and the slots that hold it."""

    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Keyslots:
    """A slot file: one generation, or two while a rotation is under way."""

    generations: tuple[Generation, ...]

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots of the newest generation."""
        return self.generations[0].slots

    def keys(self, openers: Sequence[Opener]) -> dict[int, bytes]:
        """What the openers find: keys by generation, the newest first. Raises `KeySlotRefused` when that is nothing."""
        found = {index: _opened(generation, openers) for index, generation in enumerate(self.generations)}
        keys = {index: key for index, key in found.items() if key is not None}
        if not keys:
            raise KeySlotRefused("no slot opens")
        return keys

    def with_slot(self, slot: Slot) -> Keyslots:
        """With one more slot for the newest key."""
        return replace(self, generations=(Generation((*self.slots, slot)), *self.generations[1:]))

    def without(self, slot_id: str) -> Keyslots:
        """Without that slot. Raises `KeySlotRefused` when there is none of that name, or it is the last."""
        left = tuple(slot for slot in self.slots if slot["id"] != slot_id)
        if len(left) == len(self.slots) or not left:
            raise KeySlotRefused(f"{slot_id}: no such slot, or the last one")
        return replace(self, generations=(Generation(left), *self.generations[1:]))

    def as_bytes(self) -> bytes:
        """The file's content."""
        generations = [list(generation.slots) for generation in self.generations]
        return canonical({"version": VERSION, "generations": generations})


def _opened(generation: Generation, openers: Sequence[Opener]) -> bytes | None:
    for opener in openers:
        for slot in generation.slots:
            key = opener.open(slot)
            if key is not None:
                return key
    return None


def new_id() -> str:
    """A slot's name: says nothing of who opens it."""
    return secrets.token_hex(4)


def path_of(database: Path) -> Path:
    """`archive.db` has `archive.slots` beside it."""
    return database.with_suffix(".slots")


def load(path: Path) -> Keyslots:
    """Read a slot file. Raises `KeyFileUnusable`, `DiskFault`."""
    with named_disk_errors(path):
        require_private(path)
        content = path.read_bytes()
    try:
        record = json.loads(content)
        if record["version"] != VERSION:
            raise KeyFileUnusable(f"{path.name} has version {record['version']}")
        return Keyslots(tuple(Generation(tuple(slots)) for slots in record["generations"]))
    except (ValueError, KeyError, TypeError) as error:
        raise KeyFileUnusable(f"{path.name} is malformed") from error


def save(path: Path, slots: Keyslots) -> None:
    """Write a slot file in the place of the older one, durably. Raises `DiskFull`, `DiskFault`."""
    with named_disk_errors(path):
        replace_file(path, slots.as_bytes())


# --- a bare key, for training -----------------------------------------------------------------------------------------


def bare_slot(key: bytes) -> Slot:
    """The key as it is: it protects a disk without this file, and nothing else. There is one at most."""
    return {"id": BARE, "kind": BARE, "key": encoded(key)}


class Bare:
    """Opens bare slots."""

    def open(self, slot: Slot) -> bytes | None:
        """The key that stands in the slot."""
        return decoded(slot["key"]) if slot["kind"] == BARE else None


def encoded(value: bytes) -> str:
    """Bytes as they stand in a slot."""
    return base64.b64encode(value).decode()


def decoded(text: str) -> bytes:
    """The bytes that `encoded` wrote."""
    return base64.b64decode(text, validate=True)


def require_key(value: bytes) -> bytes:
    """What a slot held, when it is a key. Raises `KeySlotRefused`."""
    if len(value) != KEY_BYTES:
        raise KeySlotRefused("a slot holds no key")
    return value
