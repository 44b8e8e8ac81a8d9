"""Whose certificates may change their status: people of the archive, with what it knows of their certificates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from data.archive import Archive
from hardware.interface import Authenticity
from kiosk.ca.interface import StatusAction
from kiosk.cases import Citizen
from kiosk.standing import Standings
from kiosk.status_order import StatusJournal, StatusState
from kiosk.x509 import Validity


class Proof(Enum):
    """What the citizen proved their identity with."""

    CHIP = "chip"
    """The card in the reader; its data were verified."""
    ID_CARD = "id_card"
    PASSPORT = "passport"


class Known(Enum):
    """What is known here of a certificate's status: what this archive changed last, else the list on this machine."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"


AFTER = {
    StatusAction.HOLD: Known.SUSPENDED,
    StatusAction.RELEASE: Known.ACTIVE,
    StatusAction.REVOKE: Known.REVOKED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A certificate of the citizen."""

    serial: str
    """Lower-case hex."""
    profile: str
    """`authentication` or `signature`; empty where the archive does not know it, and only the chip has it."""
    not_after: datetime
    known: Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody whose certificates may change their status."""

    citizen: Citizen
    certificates: tuple[Held, ...]
    """Latest end first."""
    proof: Proof | None = None
    """Set where the chip proved who it is."""


class People:
    """Finds them. `clock` gives the time in UTC."""

    def __init__(
        self, archive: Archive, journal: StatusJournal, standings: Standings, clock: Callable[[], datetime]
    ) -> None:
        self._archive = archive
        self._standings = standings
        self._journal = journal
        self._clock = clock
        self._on_chip: dict[str, tuple[Validity, ...]] = {}

    def find(self, text: str) -> tuple[Person, ...]:
        """People of the archive with certificates, found as cases are; each once, as their latest case names them."""
        found: dict[str, str] = {}
        for case in self._archive.search(text):
            found.setdefault(case.personal_number, case.case_id)
        people = (self.person(self._archive.case(case_id).citizen) for case_id in found.values())
        return tuple(person for person in people if person.certificates)

    def on_card(self, citizen: Citizen, certificates: Iterable[Validity], authenticity: Authenticity) -> Person | None:
        """The holder of a card that was read; `None` when what is on it cannot be believed.

        Certificates that only the chip has are remembered until the program ends.
        """
        if authenticity in (Authenticity.ALTERED, Authenticity.UNSIGNED):
            return None
        self._on_chip[citizen.personal_number] = tuple(certificates)
        proof = Proof.CHIP if authenticity is Authenticity.AUTHENTIC else None
        return replace(self.person(citizen), proof=proof)

    def person(self, citizen: Citizen) -> Person:
        """A citizen with the certificates that the archive, or the chip read today, has of them."""
        number = citizen.personal_number
        changed = self._changed(number)
        known = [(one.serial, one.profile.value, one.not_after) for one in self._archive.certificates_of(number)]
        serials = {serial for serial, _, _ in known}
        known += [(one.serial, "", one.not_after) for one in self._on_chip.get(number, ()) if one.serial not in serials]
        return Person(
            citizen=citizen,
            certificates=tuple(
                Held(
                    serial=serial,
                    profile=profile,
                    not_after=end,
                    known=self._known(changed.get(serial) or self._listed(serial), end),
                )
                for serial, profile, end in sorted(known, key=lambda one: (-one[2].date().toordinal(), one[1]))
            ),
        )

    def _changed(self, number: str) -> dict[str, Known]:
        """What the cases of that person have last made of each certificate."""
        done = [
            order
            for case in self._archive.search(number)
            if case.procedure_key == "status_change" and case.personal_number == number
            for order in self._journal.orders(case.case_id)
            if order.state is StatusState.DONE
        ]
        done.sort(key=lambda order: datetime.fromisoformat(order.settled_at))
        return {order.serial: AFTER[order.action] for order in done}

    def _listed(self, serial: str) -> Known | None:
        """What the revocation list on this machine says, of a certificate that was not changed here."""
        standing = self._standings.of(serial)
        if standing is None or standing.revoked_on is None:
            return None
        return Known.SUSPENDED if standing.is_held else Known.REVOKED

    def _known(self, changed: Known | None, not_after: datetime) -> Known:
        if changed is Known.REVOKED:
            return changed
        return Known.EXPIRED if not_after < self._clock() else changed or Known.ACTIVE
