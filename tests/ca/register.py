"""A register in memory that can lose power at any of its commits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from kiosk.ca.interface import AuthorityUnusable, DuplicateOrder
from kiosk.ca.permit_errors import NotPermitted
from kiosk.ca.register import ListIssue, RegisterEntry
from kiosk.ca.status import CertificateStatus, Standing


class PowerCut(Exception):
    """Stands for the end of the process."""


class MemoryRegister:
    """Keeps entries in a dictionary; `cut` names the point at which the next call ends with `PowerCut`."""

    def __init__(self) -> None:
        self.entries: dict[str, RegisterEntry] = {}
        self.statuses: dict[str, CertificateStatus] = {}
        self.lists = 0
        self.is_behind = False
        self.cut = ""

    def reserve(self, proposed: RegisterEntry, most: int | None = None) -> RegisterEntry:
        self._maybe_cut("before reserve")
        if proposed.order_id not in self.entries:
            self._check(proposed, most)
        entry = self.entries.setdefault(proposed.order_id, proposed)
        self._maybe_cut("after reserve")
        return entry

    def _check(self, proposed: RegisterEntry, most: int | None) -> None:
        key = (proposed.spki_sha256, proposed.profile)
        if key in [(entry.spki_sha256, entry.profile) for entry in self.entries.values()]:
            raise DuplicateOrder(proposed.order_id)
        under = [entry.not_before for entry in self.entries.values() if entry.permit == proposed.permit]
        if most is not None and (len(under) >= most or max(under, default=proposed.not_before) > proposed.not_before):
            raise NotPermitted(proposed.permit)

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

    def listed(self, after: int = 0, most: int = 1000) -> Sequence[tuple[int, RegisterEntry, CertificateStatus]]:
        rows = list(enumerate(self.entries.values(), start=1))[after : after + most]
        return [(n, entry, self._status(entry.serial)) for n, entry in rows]

    def status_of(self, serial: str) -> CertificateStatus | None:
        stored = any(entry.serial == serial and entry.certificate for entry in self.entries.values())
        return self._status(serial) if stored else None

    def change_status(
        self, serial: str, decide: Callable[[CertificateStatus], CertificateStatus], now: datetime
    ) -> CertificateStatus | None:
        self._maybe_cut("before status")
        current = self.status_of(serial)
        if current is None:
            return None
        decided = decide(current)
        self.is_behind = self.is_behind or decided != current
        self.statuses[serial] = decided
        self._maybe_cut("after status")
        return decided

    def issue_list(self, this_update: datetime, next_update: datetime) -> ListIssue:
        self._maybe_cut("before list")
        self.lists += 1
        self.is_behind = False
        found = [self._status(entry.serial) for entry in self.entries.values()]
        issue = ListIssue(
            number=self.lists,
            this_update=this_update,
            next_update=next_update,
            entries=tuple(status for status in found if status.standing is not Standing.ACTIVE),
        )
        self._maybe_cut("after list")
        return issue

    def is_list_due(self, published: int) -> bool:
        return self.is_behind or published != self.lists

    def _status(self, serial: str) -> CertificateStatus:
        return self.statuses.get(serial, CertificateStatus(serial=serial))

    def _maybe_cut(self, point: str) -> None:
        if self.cut == point:
            self.cut = ""
            raise PowerCut(point)
