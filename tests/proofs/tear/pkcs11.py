"""The same procedures with the keys in a token behind PKCS#11: killed before and after every C_ call.

What a module does to its card within one call is its own; so there is one way only. The identity is read from the
training card.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from hardware.errors import PinError
from hardware.interface import KeyPurpose, UnblockChallenge
from hardware.pkcs11 import Pkcs11KeyStore
from hardware.settings import DeviceSettings
from kiosk.config import Rules
from tests.proofs.station import CITIZEN_OF, Silent, begin_case, open_desk
from tests.proofs.tear import cardedge, kiosk
from tests.proofs.tear.box import Box
from tests.proofs.tear.cardedge import Certificates, slot_of
from tests.proofs.tear.chip import live_certificates, typed
from tests.proofs.tear.cuts import Cut, Way
from tests.proofs.tear.forked import in_fork
from tests.proofs.tear.fuse import Fuse
from tests.proofs.tear.line import Frame, Line
from tests.proofs.tear.subject import Subject
from tests.proofs.tear.tokens import Token

RENEW_AT_ONCE = Rules(renewal_days_before_end=4000)
"""A token has no expired certificates to begin with: it is renewed as soon as it is issued."""


class CodeService:
    """The key service of a token that is unblocked by a code."""

    kind = "test"

    def __init__(self, code: bytes) -> None:
        self._code = code

    def answer(self, challenge: UnblockChallenge) -> bytes:
        return self._code


class OnToken(Subject):
    """What is common to all: the token as it was for every trial, and a kiosk with a fuse in the module."""

    ways = (Way.KILL,)
    cuts_commands = False
    token: Token

    def settings(self, place: Path) -> DeviceSettings:
        return DeviceSettings(key_store="pkcs11", pkcs11_module=self.token.module, token_label=self.token.label)

    def begin(self) -> None:
        self.token.make(self.template, self.citizen.pin)
        in_fork(self._begin)
        self.token.keep()

    def _begin(self) -> None:
        self.token.use(self.template)
        self.begin_on_token()

    def begin_on_token(self) -> None:
        """Walk the procedure to the citizen's step."""
        settings = self.settings(self.template)
        with open_desk(self.template, self.citizen, settings, slot_of(self), RENEW_AT_ONCE) as (desk, _):
            begin_case(desk, self.name)

    def trial(self, cuts: Sequence[Cut]) -> list[str]:
        self.token.set_back()
        return super().trial(cuts)

    def commands_in(self, box: Box) -> int:
        return box.calls

    def fused(self, run: kiosk.Kiosk, cut: Cut | None) -> kiosk.Kiosk:
        """The kiosk, with a fuse in the module it will load."""

        def fused(place: Path, line: Line, settings: DeviceSettings) -> None:
            self.token.use(place)
            fuse = Fuse(cut)
            fuse.install(self.token.module)
            run(place, line, settings)
            line.tell(Frame.CALLS, str(fuse.calls).encode())

        return fused

    def look(self, place: Path, what: Callable[[Pkcs11KeyStore], Any]) -> Any:
        """Ask the token in a process of its own; this one never loads the module."""

        def ask() -> Any:
            self.token.use(place)
            with closing(Pkcs11KeyStore(self.token.module, label=self.token.label)) as store:
                return what(store)

        return in_fork(ask)

    def pins_in_force(self, place: Path) -> list[str]:
        """`old`, `new`: those that the token accepts."""

        def ask(store: Pkcs11KeyStore) -> list[str]:
            pins = {"old": self.citizen.pin, "new": self.citizen.new_pin}
            return [name for name, digits in pins.items() if _accepts(store, digits)]

        return list(self.look(place, ask))


def _accepts(store: Pkcs11KeyStore, digits: bytes) -> bool:
    try:
        with typed(digits) as pin:
            store.verify_pin(pin)
    except PinError:
        return False
    return True


class Enrolment(OnToken, cardedge.Enrolment):
    """Issuance or renewal."""

    def __init__(self, folder: Path, procedure: str, token: Token) -> None:
        cardedge.Enrolment.__init__(self, folder, procedure)
        self.token = token

    def begin(self) -> None:
        super().begin()
        self.old = self.live(Box(self.card, (), lambda: None), self.template)

    def begin_on_token(self) -> None:
        if self.name == "renewal":
            self._issue()
        super().begin_on_token()

    def _issue(self) -> None:
        """Pairs and certificates that are there to be renewed, from another station."""
        place = self.folder / "issued-before"
        with open_desk(place, self.citizen, self.settings(place), slot_of(self)) as (desk, fingers):
            case = begin_case(desk, "issuance")
            fingers.enter_pin()
            desk.enrol(case, Silent())

    def kiosk(self, box: Box, cut: Cut | None) -> kiosk.Kiosk:
        return self.fused(super().kiosk(box, cut), cut)

    def live(self, box: Box, place: Path) -> Certificates:
        def ask(store: Pkcs11KeyStore) -> list[tuple[str, str]]:
            with typed(self.citizen.pin) as pin:
                store.verify_pin(pin)
            return [(purpose.value if purpose else "", found.hex()) for purpose, found in live_certificates(store)]

        return [(KeyPurpose(purpose), bytes.fromhex(found)) for purpose, found in self.look(place, ask)]

    def pin_faults(self, box: Box) -> list[str]:
        """That the PIN is kept is proved by `live`, which logs in with it."""
        return []

    def chip_faults(self, box: Box, place: Path) -> list[str]:
        def ask(store: Pkcs11KeyStore) -> list[str]:
            with typed(self.citizen.pin) as pin:
                store.verify_pin(pin)
            return store._module.run(lambda: _disorder(store))

        return list(self.look(place, ask))


def _disorder(store: Pkcs11KeyStore) -> list[str]:
    """Objects of the token that are not one of two whole sets of public key, private key and certificate."""
    from pkcs11 import Attribute, ObjectClass

    from hardware.pkcs11_objects import find

    kinds = (ObjectClass.PUBLIC_KEY, ObjectClass.PRIVATE_KEY, ObjectClass.CERTIFICATE, ObjectClass.DATA)
    session = store._private()
    parts = Counter(
        found[Attribute.ID].hex() if kind is not ObjectClass.DATA else "data"
        for kind in kinds
        for found in find(session, kind)
    )
    return [] if sorted(parts.values()) == [3, 3] else [f"objects {dict(parts)}"]


class Unblock(OnToken):
    """The security officer sets a new PIN; SoftHSM never blocks one, so the old one is merely forgotten."""

    def __init__(self, folder: Path, token: Token) -> None:
        super().__init__(folder, "unblock", CITIZEN_OF["unblock"])
        self.token = token

    def kiosk(self, box: Box, cut: Cut | None) -> kiosk.Kiosk:
        return self.fused(kiosk.unblock_with(lambda desk: CodeService(self.token.unblocking_code)), cut)

    def after_cut(self, box: Box, place: Path) -> list[str]:
        return [] if self.pins_in_force(place) in (["old"], ["new"]) else ["neither the old PIN nor the new one"]

    def at_end(self, box: Box, place: Path) -> list[str]:
        return [] if self.pins_in_force(place) == ["new"] else ["the new PIN is not in force"]


class PinChange(OnToken):
    """The citizen changes the PIN, knowing the old one."""

    def __init__(self, folder: Path, token: Token) -> None:
        super().__init__(folder, "change-pin", CITIZEN_OF["issuance"])
        self.token = token

    def begin_on_token(self) -> None:
        """Nothing but the token is needed."""

    def kiosk(self, box: Box, cut: Cut | None) -> kiosk.Kiosk:
        change = kiosk.PinChange(self.citizen)
        change.knows_new = box.has_refused_pin
        return self.fused(change, cut)

    after_cut = Unblock.after_cut
    at_end = Unblock.at_end


SUBJECTS: dict[str, Callable[[Path, Token], Subject]] = {
    "issuance": lambda folder, token: Enrolment(folder, "issuance", token),
    "renewal": lambda folder, token: Enrolment(folder, "renewal", token),
    "unblock": Unblock,
    "change-pin": PinChange,
}
