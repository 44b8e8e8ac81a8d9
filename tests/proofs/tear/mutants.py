"""Kiosks with a known fault that shows only under a cut: the proof must find each of them, or it proves nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hardware.cardedge.applet import CardEdgeApplet
from hardware.cardedge.layout import Place
from hardware.cardedge.pairs import KeyPairs
from hardware.pin import Pin
from kiosk.enrolment.run import Run
from kiosk.orders import Order
from tests.proofs.tear.cuts import Way, every_cut
from tests.proofs.tear.forked import in_fork
from tests.proofs.tear.subject import Subject


@dataclass(frozen=True)
class Mutant:
    """A fault, and where to begin looking for it: the index of a cut, from the end when negative."""

    name: str
    procedure: str
    put_in: Callable[[], None]
    first: int
    stride: int

    def cut_that_finds_it(self, subject: Subject) -> str | None:
        """The first cut under which the proof falls short; `None` when it finds nothing. Works without a cut."""

        def search() -> str | None:
            self.put_in()
            if faults := subject.trial(()):
                return f"not even a cut is needed: {faults}"
            rows = every_cut(Way.BOTH, subject.commands, self.stride, self.first)
            return next((str(cut) for (cut,) in rows if subject.trial((cut,))), None)

        found: str | None = in_fork(search)
        return found


def _patch(owner: type, name: str, made: Callable[[Any], Any]) -> None:
    setattr(owner, name, made(getattr(owner, name)))


def old_pair_first() -> None:
    """Removes the old pair before the new one is written."""

    def mutant(write: Any) -> Any:
        def _write(self: Run, order: Order) -> Any:
            for key_id in order.replaces:
                self._remove(bytes.fromhex(key_id))
            return write(self, order)

        return _write

    _patch(Run, "_write", mutant)


def no_intent() -> None:
    """Makes a key without having noted that it will."""

    def mutant(intend: Any) -> Any:
        def _intend_key(self: Run, order: Order) -> Any:
            journal, self._journal = self._journal, _Deaf()
            try:
                return intend(self, order)
            finally:
                self._journal = journal

        return _intend_key

    _patch(Run, "_intend_key", mutant)


class _Deaf:
    """A journal that keeps nothing."""

    def orders(self, case_id: str) -> tuple[Order, ...]:
        return ()

    def begin(self, order: Order, act: object) -> None: ...

    def finish(self, order: Order, act: object) -> None: ...


def name_first() -> None:
    """Removes the name of a key before the key: what a cut leaves is never found again."""

    def mutant(remove_files: Any) -> Any:
        def public_first(self: KeyPairs, place: Place) -> None:
            self._applet.delete(place.public)
            self._books.drop_metadata(place.public_metadata, place.private_metadata)
            remove_files(self, place)

        return public_first

    _patch(KeyPairs, "remove_files", mutant)


def half_described() -> None:
    """Leaves a pair whose generation was cut without what other programs need to find it."""
    _patch(KeyPairs, "complete", lambda complete: lambda self, place, key_id: None)


def pin_in_two_steps() -> None:
    """Sets a PIN that nobody chose before the one that the citizen chose."""

    def mutant(set_pin: Any) -> Any:
        def twice(self: CardEdgeApplet, new: Pin) -> Any:
            between = Pin()
            for digit in b"9999":
                between.append(digit)
            set_pin(self, between)
            return set_pin(self, new)

        return twice

    _patch(CardEdgeApplet, "set_pin", mutant)


MUTANTS = (
    Mutant("old-pair-first", "renewal", old_pair_first, first=650, stride=97),
    Mutant("no-intent", "renewal", no_intent, first=250, stride=23),
    Mutant("half-described", "renewal", half_described, first=250, stride=7),
    Mutant("name-first", "renewal", name_first, first=-40, stride=1),
    Mutant("pin-in-two-steps", "unblock", pin_in_two_steps, first=-40, stride=1),
)


def all_found(subjects: Mapping[str, Subject]) -> int:
    """How many of `MUTANTS` were found in the prepared subjects; where, is printed."""
    found = 0
    for mutant in MUTANTS:
        cut = mutant.cut_that_finds_it(subjects[mutant.procedure])
        print(f"tear/mutants/{mutant.name}: {cut or 'NOT FOUND'}", flush=True)
        found += cut is not None and "@" in cut
    return found
