"""The built-in authority, whose register is cut together with the office."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from data.authority_register import AuthorityRegister
from kiosk.ca.interface import CertificationAuthority, NotSent, Unknown, Wire
from kiosk.ca.local import LocalAuthority
from kiosk.ca.messages import decode_answer, encode_answer
from kiosk.ca.register import RegisterEntry
from kiosk.orders import OrderState
from tests.ca.delegate import DelegatingAuthority
from tests.proofs.authority.cuts import DAYS, Cut, Fuse, Moment
from tests.proofs.authority.house import Books
from tests.proofs.register import registered
from tests.services.cmp.pki import Pki


class FusedRegister(AuthorityRegister):
    """The fuse sees the authority's own two commits as well."""

    fuse = Fuse(None)

    def reserve(self, proposed: RegisterEntry, most: int | None = None) -> RegisterEntry:
        self.fuse.event()
        entry = super().reserve(proposed, most)
        self.fuse.event()
        return entry

    def store(self, order_id: str, certificate: bytes) -> RegisterEntry:
        self.fuse.event()
        entry = super().store(order_id, certificate)
        self.fuse.event()
        return entry


class CutLocal(DelegatingAuthority):
    """One exchange with the built-in authority goes wrong, as if there were a line to it."""

    def __init__(self, inner: CertificationAuthority, moment: Moment) -> None:
        super().__init__(inner)
        self._moment = moment
        self._count = 0
        self._late: list[Wire] = []
        self._last = b""

    def exchange(self, wire: Wire) -> bytes:
        self._count += 1
        if self._count == self._moment.exchange:
            return self._cut(wire)
        answer = super().exchange(wire)
        for late in self._late:
            super().exchange(late)
        self._late.clear()
        is_second = self._moment.cut is Cut.ANSWER_TWICE and self._count == self._moment.exchange + 1
        return self._last if is_second else answer

    def _cut(self, wire: Wire) -> bytes:
        cut = self._moment.cut
        if cut is Cut.BEFORE_SEND:
            raise NotSent(cut.value)
        if cut is Cut.ARRIVES_LATE:
            self._late.append(wire)
        if cut in (Cut.ARRIVES_LATE, Cut.AFTER_SEND):
            raise Unknown(cut.value)
        self._last = super().exchange(wire)
        if cut is Cut.ANSWER_LOST:
            raise Unknown(cut.value)
        if cut is Cut.SENT_TWICE:
            return super().exchange(wire)
        if cut is Cut.OTHER_TRANSACTION:
            return encode_answer("2031-000020/signature", decode_answer(self._last)[1])
        return self._last


@dataclass
class LocalHouse:
    """The authority on this machine: its register is cut with the office."""

    pki: Pki
    name: str = "local"
    cuts: tuple[Cut, ...] = (
        Cut.NONE,
        Cut.BEFORE_SEND,
        Cut.AFTER_SEND,
        Cut.SENT_TWICE,
        Cut.ARRIVES_LATE,
        Cut.ANSWER_LOST,
        Cut.ANSWER_TWICE,
        Cut.OTHER_TRANSACTION,
        Cut.CLOCK_BEHIND,
        Cut.CLOCK_AHEAD,
    )
    final: OrderState = OrderState.ISSUED

    @contextmanager
    def authority(
        self, place: Path, trial: str, moment: Moment, fuse: Fuse, run: int, later_s: int = 0
    ) -> Iterator[CertificationAuthority]:
        days = DAYS.get(moment.cut, 0) if run == 0 else 0
        if moment.cut is Cut.CLOCK_AHEAD and run > 1:
            # Its clock is the office's: what it dated tomorrow is good tomorrow.
            days = 1
        register = FusedRegister.open(place)
        assert isinstance(register, FusedRegister)
        register.fuse = fuse
        try:
            local = LocalAuthority(register, self.pki.ca, lambda: datetime.now(UTC) + timedelta(days=days, seconds=run))
            yield CutLocal(local, moment) if run == 0 else local
        finally:
            register.close()

    def books(self, place: Path, trial: str, moment: Moment) -> Books:
        issued = tuple(certificate for certificate in registered(place).values() if certificate)
        return Books(issued, len(issued), True)
