"""Kiosks with a known fault: the proof must fall short on each of them, or it proves nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hardware.cardedge.applet import EVERYBODY, CardEdgeApplet
from hardware.cardedge.layout import Place
from hardware.cardedge.pairs import KeyPairs
from kiosk.enrolment.enrolment import _Run
from kiosk.orders import Order


def _patch(owner: type, name: str, made: Callable[[Any], Any]) -> None:
    setattr(owner, name, made(getattr(owner, name)))


def old_pair_first() -> None:
    """Removes the old pair before the new one is written."""

    def mutant(write: Any) -> Any:
        def _write(self: _Run, order: Order) -> Order:
            for key_id in order.replaces:
                self._remove(bytes.fromhex(key_id))
            written: Order = write(self, order)
            return written

        return _write

    _patch(_Run, "_write", mutant)


def no_intent() -> None:
    """Makes a key without having noted that it will."""

    def mutant(intend: Any) -> Any:
        def _intend_key(self: _Run, order: Order) -> Order:
            journal, self._journal = self._journal, _Deaf()
            try:
                intended: Order = intend(self, order)
            finally:
                self._journal = journal
            return intended

        return _intend_key

    _patch(_Run, "_intend_key", mutant)


class _Deaf:
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


def still_administrator() -> None:
    """Does not log the administrator out after an unblock."""

    def mutant(log_out: Any) -> Any:
        def user_only(self: CardEdgeApplet, roles: int) -> None:
            if roles != EVERYBODY:
                log_out(self, roles)

        return user_only

    _patch(CardEdgeApplet, "log_out", mutant)


MUTANTS: dict[str, Callable[[], None]] = {
    "": lambda: None,
    "old-pair-first": old_pair_first,
    "no-intent": no_intent,
    "name-first": name_first,
    "half-described": half_described,
    "still-administrator": still_administrator,
}
