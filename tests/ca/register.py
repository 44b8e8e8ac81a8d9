"""A register in memory that can lose power at any of its commits."""

from __future__ import annotations

from dataclasses import replace

from kiosk.ca.interface import AuthorityUnusable, DuplicateOrder
from kiosk.ca.register import RegisterEntry


class PowerCut(Exception):
    """Stands for the end of the process."""


class MemoryRegister:
    """Keeps entries in a dictionary; `cut` names the point at which the next call ends with `PowerCut`."""

    def __init__(self) -> None:
        self.entries: dict[str, RegisterEntry] = {}
        self.cut = ""

    def reserve(self, proposed: RegisterEntry) -> RegisterEntry:
        self._maybe_cut("before reserve")
        key = (proposed.spki_sha256, proposed.profile)
        used = [(entry.spki_sha256, entry.profile) for entry in self.entries.values()]
        if proposed.order_id not in self.entries and key in used:
            raise DuplicateOrder(proposed.order_id)
        entry = self.entries.setdefault(proposed.order_id, proposed)
        self._maybe_cut("after reserve")
        return entry

    def store(self, order_id: str, certificate: bytes) -> RegisterEntry:
        self._maybe_cut("before store")
        entry = self.entries[order_id]
        if entry.certificate not in (None, certificate):
            raise AuthorityUnusable(order_id)
        self.entries[order_id] = replace(entry, certificate=certificate)
        self._maybe_cut("after store")
        return self.entries[order_id]

    def find(self, order_id: str) -> RegisterEntry | None:
        return self.entries.get(order_id)

    def _maybe_cut(self, point: str) -> None:
        if self.cut == point:
            self.cut = ""
            raise PowerCut(point)
