"""What a disk may hold after a power cut, given the changes before it.

Of what was not synced any part may be there: nothing, all, the first writes, some of them, one of them torn at its
512-byte sectors. Names follow the same rule: a name made, changed or taken away is certain once its folder was synced;
a new file's own name is certain with the file's own sync, as on every journalling file system. What lies under
`world/` is outside the machine (the card, what the clerk saw): it is there whole.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from tests.power_cut.recording import Change

T = TypeVar("T")
MODES = ("none", "all", "prefix", "subset", "torn")
SECTOR = 512
WORLD = "world/"
Image = dict[str, bytes]


@dataclass(eq=False)
class File:
    """A file: what is certain of its content, and what was written since."""

    certain: bytearray = field(default_factory=bytearray)
    pending: list[Change] = field(default_factory=list)


@dataclass(frozen=True)
class Naming:
    """A change of names that is not certain yet: some disappear, and one may appear."""

    gone: tuple[str, ...]
    name: str | None
    file: File | None


class Disk:
    """A disk as it takes changes. `at` gives what it may hold if the power goes now."""

    def __init__(self) -> None:
        self._names: dict[str, File] = {}
        self._certain_names: dict[str, File] = {}
        self._namings: list[Naming] = []
        self._world: dict[str, bytearray] = {}

    def take(self, change: Change) -> None:
        """One more change."""
        if change.path.startswith(WORLD):
            self._take_outside(change)
            return
        match change.kind:
            case "C":
                self._names[change.path] = File()
                self._name((), change.path, self._names[change.path])
            case "W" | "T":
                self._names[change.path].pending.append(change)
            case "S":
                self._sync(change.path)
            case "U":
                self._names.pop(change.path)
                self._name((change.path,), None, None)
            case "R":
                file = self._names.pop(change.path)
                self._names[change.data.decode()] = file
                self._name((change.path,), change.data.decode(), file)
            case "L":
                self._names[change.data.decode()] = self._names[change.path]
                self._name((), change.data.decode(), self._names[change.path])

    def _take_outside(self, change: Change) -> None:
        if change.kind in "WT":
            _apply(self._world.setdefault(change.path, bytearray()), change)
        elif change.kind == "R":
            self._world[change.data.decode()] = self._world.pop(change.path)
        elif change.kind == "U":
            self._world.pop(change.path, None)

    def _name(self, gone: tuple[str, ...], name: str | None, file: File | None) -> None:
        self._namings.append(Naming(gone, name, file))

    def _sync(self, path: str) -> None:
        file = self._names.get(path)
        if file is None:
            # A folder.
            for naming in self._namings:
                _rename(self._certain_names, naming)
            self._namings.clear()
            return
        for change in file.pending:
            _apply(file.certain, change)
        file.pending.clear()
        for naming in [one for one in self._namings if one.file is file and not one.gone]:
            _rename(self._certain_names, naming)
            self._namings.remove(naming)

    def at(self, mode: str, chance: random.Random) -> Image:
        """One of the things the disk may hold."""
        names = dict(self._certain_names)
        for naming in _part(self._namings, mode, chance):
            _rename(names, naming)
        files = {name: _content(file, mode, chance) for name, file in names.items()}
        return files | {name: bytes(content) for name, content in self._world.items()}


def _rename(names: dict[str, File], naming: Naming) -> None:
    for name in naming.gone:
        names.pop(name, None)
    if naming.name is not None and naming.file is not None:
        names[naming.name] = naming.file


def _part(pending: list[T], mode: str, chance: random.Random) -> list[T]:
    match mode:
        case "none":
            return []
        case "all":
            return list(pending)
        case "prefix":
            return pending[: chance.randint(0, len(pending))]
    return [one for one in pending if chance.random() < 0.6]


def _content(file: File, mode: str, chance: random.Random) -> bytes:
    content = bytearray(file.certain)
    written = _part(file.pending, mode, chance)
    if mode == "torn" and written:
        torn = chance.randrange(len(written))
        written = [*written[:torn], *_sectors(written[torn], chance), *written[torn + 1 :]]
    for change in written:
        _apply(content, change)
    return bytes(content)


def _sectors(change: Change, chance: random.Random) -> Iterator[Change]:
    if change.kind != "W":
        yield change
        return
    for start in range(0, len(change.data), SECTOR):
        if chance.random() < 0.5:
            yield Change("W", change.path, change.number + start, change.data[start : start + SECTOR])


def _apply(content: bytearray, change: Change) -> None:
    if change.kind == "T":
        del content[change.number :]
        content.extend(bytes(change.number - len(content)))
        return
    if len(content) < change.number:
        content.extend(bytes(change.number - len(content)))
    content[change.number : change.number + len(change.data)] = change.data


def states(changes: list[Change], every: int, chance: random.Random) -> Iterator[tuple[int, str, Image]]:
    """Cut after each `every`-th change, in every mode: number of the change, mode, and what the disk holds."""
    disk = Disk()
    for number, change in enumerate(changes, 1):
        disk.take(change)
        if number % every == 0 or number == len(changes):
            for mode in MODES:
                yield number, mode, disk.at(mode, chance)
