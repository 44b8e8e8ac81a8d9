"""The authority behind a folder: what may happen to a stick between office and centre, and the power at every act."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from data.authority_register import AuthorityRegister
from data.batch_store import BatchStore
from data.framing import framed, unframed
from data.order_files import ANSWERS_NAME, ORDERS, ORDERS_NAME, answers_name, named
from kiosk.ca.batch.centre import Centre
from kiosk.ca.batch.entry import Approval, Kept
from kiosk.ca.batch.files import BadBatch, Manifest
from kiosk.ca.interface import CertificationAuthority, NotSent, Wire, WireKind
from kiosk.ca.local import LocalAuthority
from kiosk.ca.messages import decode_answer, decode_order, encode_answer, encode_order
from kiosk.orders import OrderState
from tests.ca.delegate import DelegatingAuthority
from tests.proofs.authority.cuts import DAYS, Cut, Fuse, Moment
from tests.proofs.authority.house import Books
from tests.proofs.register import registered
from tests.services.batch import BatchOffice, centre_of, terms_of
from tests.services.cmp.pki import Identity, Pki, redated

STICK, CENTRE, ON_THE_ROAD = "stick", "centre", "on-the-road"
ANEW_FROM_RUN = 2
"""From which run on the clerk has what was not answered put into a new batch."""


class FusedStore(BatchStore):
    """The fuse sees every commit of the outbox, before it and after."""

    fuse = Fuse(None)

    def put(self, kind: WireKind, about: str, message: bytes, approval: Approval) -> Kept:
        self.fuse.event()
        kept = super().put(kind, about, message, approval)
        self.fuse.event()
        return kept

    def make_batch(self, office: str, seal: Callable[[Manifest], bytes], name: Callable[[str, int, str], str]) -> int:
        self.fuse.event()
        made = super().make_batch(office, seal, name)
        self.fuse.event()
        return made

    def take(self, identifier: str, answer: bytes, *, brings: bool, at: datetime) -> bool:
        self.fuse.event()
        taken = super().take(identifier, answer, brings=brings, at=at)
        self.fuse.event()
        return taken

    def received(self, number: int, at: datetime) -> bool:
        self.fuse.event()
        done = super().received(number, at)
        self.fuse.event()
        return done


class OtherOrder:
    """A centre's authority that mixes up whose certificate it is."""

    def __init__(self, inner: LocalAuthority) -> None:
        self._inner = inner

    def exchange(self, wire: Wire) -> bytes:
        _, content = decode_answer(self._inner.exchange(wire))
        order = decode_order(wire.body)
        other = replace(order, request=replace(order.request, order_id="2031-000020/signature"))
        return encode_answer(decode_order(encode_order(other)).request.order_id, content)


@dataclass
class Carried(DelegatingAuthority):
    """After every exchange somebody carries the stick to the centre and back; one such round goes wrong."""

    good: BatchOffice
    bad: BatchOffice
    centre: Centre
    confused: Centre
    place: Path
    moment: Moment
    fuse: Fuse
    is_anew: bool
    left: int = field(init=False)

    def __post_init__(self) -> None:
        super().__init__(self.good.authority)
        self.left = self.moment.exchange
        self._prepared()

    def _prepared(self) -> None:
        if self.left == 1:
            self.inner = self.bad.authority

    def exchange(self, wire: Wire) -> bytes:
        cut = self.moment.cut if self.left == 1 else Cut.NONE
        office = self.bad if self.left == 1 else self.good
        self.left -= 1
        try:
            if cut is Cut.BEFORE_SEND:
                raise NotSent("the outbox could not be written")
            answer = super().exchange(wire)
            self._round(office, cut)
            return answer
        finally:
            self.inner = self.good.authority
            self._prepared()

    def _round(self, office: BatchOffice, cut: Cut) -> None:
        stick = self.place / STICK
        office.export(stick, again=self.is_anew)
        self.fuse.event()
        if cut is Cut.AFTER_SEND:
            self._lose(stick, ORDERS)
        if cut is Cut.ARRIVES_LATE:
            for path in stick.glob(f"*{ORDERS}"):
                path.rename(self.place / ON_THE_ROAD / path.name)
        self._centre(stick, cut)
        self.fuse.event()
        if cut is Cut.ANSWER_LOST:
            self._lose(stick, ".answers")
        copies = {path: path.read_bytes() for path in stick.glob("*.answers")}
        office.take(stick)
        self.fuse.event()
        if cut is Cut.ANSWER_TWICE:
            for path, content in copies.items():
                path.write_bytes(content)
            office.take(stick)

    def _lose(self, folder: Path, suffix: str) -> None:
        for path in folder.glob(f"*{suffix}"):
            path.unlink()

    def _centre(self, stick: Path, cut: Cut) -> None:
        """Answers what lies there; and what was on the road, after what came later."""
        for folder in (stick, self.place / ON_THE_ROAD):
            if folder.name == ON_THE_ROAD and cut is Cut.ARRIVES_LATE:
                continue
            for name, _ in named(folder, ORDERS_NAME):
                for _ in range(2 if cut is Cut.SENT_TWICE else 1):
                    self._answer(folder / name, stick, cut)

    def _answer(self, batch: Path, stick: Path, cut: Cut) -> None:
        if named(stick, ANSWERS_NAME) and cut is not Cut.SENT_TWICE:
            return
        centre = self.confused if cut is Cut.OTHER_TRANSACTION else self.centre
        try:
            answered = centre.answer(unframed(batch.read_bytes()))
        except BadBatch:
            return  # the office has not the certificate that the centre knows, or not now
        (stick / answers_name(batch.name, answered.file)).write_bytes(framed(answered.file))


def _clock(days: int, seconds: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=days, seconds=seconds)


@dataclass
class BatchHouse:
    """A TEST centre and a stick; only the office loses its power."""

    pki: Pki
    name: str = "batch"
    cuts: tuple[Cut, ...] = tuple(Cut)
    final: OrderState = OrderState.ISSUED
    expired: Identity = field(init=False)

    def __post_init__(self) -> None:
        self.expired = redated(self.pki.office, self.pki.infrastructure, datetime.now(UTC), (-30, -1))

    def _office(self, store: BatchStore, cut: Cut, later_s: int) -> BatchOffice:
        terms, identity = terms_of(self.pki), self.pki.office
        if cut is Cut.EXPIRED:
            terms = replace(terms, certificate=self.expired.certificate)
        if cut is Cut.EXPIRED_UNNOTICED:
            identity = self.expired
        return BatchOffice(self.pki, store, terms, identity, partial(_clock, DAYS.get(cut, 0), later_s))

    @contextmanager
    def authority(
        self, place: Path, trial: str, moment: Moment, fuse: Fuse, run: int, later_s: int = 0
    ) -> Iterator[CertificationAuthority]:
        for folder in (STICK, ON_THE_ROAD):
            (place / folder).mkdir(exist_ok=True)
        store, register = FusedStore.open(place), AuthorityRegister.open(place / CENTRE)
        assert isinstance(store, FusedStore)
        store.fuse = fuse
        local = LocalAuthority(register, self.pki.ca, lambda: datetime.now(UTC))
        cut = moment.cut if run == 0 else Cut.NONE
        good, bad = self._office(store, Cut.NONE, later_s), self._office(store, cut, later_s)
        try:
            yield Carried(
                good=good,
                bad=bad,
                centre=centre_of(self.pki, local),
                confused=centre_of(self.pki, OtherOrder(local)),
                place=place,
                moment=replace(moment, cut=cut),
                fuse=fuse,
                is_anew=run >= ANEW_FROM_RUN,
            )
        finally:
            store.close()
            register.close()

    def books(self, place: Path, trial: str, moment: Moment) -> Books:
        issued = tuple(certificate for certificate in registered(place / CENTRE).values() if certificate)
        return Books(issued, len(issued), True)
