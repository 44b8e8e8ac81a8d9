"""Issuance, renewal, unblock and change of the PIN on a CardEdge chip."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from datetime import UTC
from pathlib import Path

from cryptography import x509

from data.archive import Archive
from data.orders import OrderJournal
from hardware.interface import KeyPurpose
from hardware.settings import DeviceSettings
from hardware.training.key_service import TrainingKeyService, training_admin_key
from hardware.training.secrets_store import MAX_TRIES, padded
from kiosk.enrolment.interface import Stage
from kiosk.key_services import CentreKeyService, HsmKeyService
from kiosk.procedures import PROCEDURES
from kiosk.wiring import utc_now
from tests.proofs.register import registered
from tests.proofs.station import CITIZEN_OF, begin_case, open_desk
from tests.proofs.tear import kiosk
from tests.proofs.tear.box import Box
from tests.proofs.tear.chip import disorder, live_certificates, unlocked_copy
from tests.proofs.tear.cuts import Cut
from tests.proofs.tear.line import Line, LineSlot
from tests.proofs.tear.subject import Subject
from tests.services import softhsm

Certificates = list[tuple[KeyPurpose | None, bytes]]


def serial(certificate: bytes) -> str:
    """As the authority's register has it."""
    return f"{x509.load_der_x509_certificate(certificate).serial_number:x}"


class Enrolment(Subject):
    """Issuance or renewal."""

    def __init__(self, folder: Path, procedure: str) -> None:
        Subject.__init__(self, folder, procedure, CITIZEN_OF[procedure])
        self.old: Certificates = []

    def begin(self) -> None:
        with open_desk(self.template, self.citizen, DeviceSettings(), slot_of(self)) as (desk, _):
            begin_case(desk, self.name)
        self.old = self.live(Box(self.card, (), lambda: None), self.template)

    def kiosk(self, box: Box, cut: Cut | None) -> kiosk.Kiosk:
        return kiosk.enrolment_of(self.name)

    def live(self, box: Box, place: Path) -> Certificates:
        """The live pairs of the chip."""
        return live_certificates(unlocked_copy(box.card, self.citizen.pin))

    def pin_faults(self, box: Box) -> list[str]:
        """The citizen's PIN is the PIN, with all its tries."""
        guard = box.card._state.guard
        is_kept = (guard.pin, guard.pin_tries) == (padded(self.citizen.pin), MAX_TRIES)
        return [] if is_kept else [f"PIN changed, or {guard.pin_tries} tries left"]

    def after_cut(self, box: Box, place: Path) -> list[str]:
        faults = self.pin_faults(box)
        if faults:
            return faults
        live = self.live(box, place)
        if Stage.READ_BACK.value not in box.stages and not all(one in live for one in self.old):
            faults.append("an old pair is lost before the new ones are proved")
        if Stage.READ_BACK.value in box.stages and {purpose for purpose, _ in live} != set(KeyPurpose):
            faults.append("a proved pair is lost")
        return faults

    def at_end(self, box: Box, place: Path) -> list[str]:
        faults = self.pin_faults(box) + self.chip_faults(box, place)
        live = self.live(box, place)
        if sorted(str(purpose) for purpose, _ in live) != sorted(map(str, KeyPurpose)):
            faults.append(f"live pairs: {[purpose.value if purpose else '?' for purpose, _ in live]}")
        return faults + self.book_faults(place, sorted(serial(certificate) for _, certificate in live))

    def chip_faults(self, box: Box, place: Path) -> list[str]:
        """What lies about on the chip, and whether the PIN session was ended."""
        faults = disorder(box.card)
        if box.generated != len(KeyPurpose):
            faults.append(f"{box.generated} key pairs made")
        if box.card._state.guard.roles:
            faults.append("the PIN session is still open")
        return faults

    def book_faults(self, place: Path, live: list[str]) -> list[str]:
        """Register and archive tell of exactly what is on the chip."""
        faults = []
        if (issued := sorted(registered(place))) != live:
            faults.append(f"{len(issued)} certificates issued, {len(live)} on the chip, or others")
        with closing(Archive.open(place, utc_now, zone=UTC)) as archive:
            if sorted(one.serial for one in archive.certificates_of(self.citizen.personal_number)) != live:
                faults.append("the archive has other certificates")
            if OrderJournal(archive, "").open_orders():
                faults.append("an order is still open")
            if [one.at for one in archive.open_cases()] != [PROCEDURES[self.name].steps[-1].number]:
                faults.append("the case is not at its last step")
            if not archive.verify().ok:
                faults.append("the journal does not verify")
        return faults


def slot_of(subject: Subject) -> LineSlot:
    """The subject's card in a reader of this process."""

    class Direct(Line):
        def __init__(self) -> None: ...

        def exchange(self, command: bytes) -> bytes:
            return subject.card.transmit(command)

    return LineSlot(Direct())


class Unblock(Subject):
    """A blocked PIN, and the citizen sets a new one; training answers."""

    def __init__(self, folder: Path, name: str = "unblock") -> None:
        super().__init__(folder, name, CITIZEN_OF["unblock"])

    def begin(self) -> None:
        with open_desk(self.template, self.citizen, DeviceSettings(), slot_of(self)) as (desk, _):
            begin_case(desk, "unblock")

    def kiosk(self, box: Box, cut: Cut | None) -> kiosk.Kiosk:
        return kiosk.unblock_with(lambda desk: TrainingKeyService())

    def after_cut(self, box: Box, place: Path) -> list[str]:
        guard = box.card._state.guard
        blocked, renewed = (padded(self.citizen.pin), 0), (padded(self.citizen.new_pin), MAX_TRIES)
        faults = [] if (guard.pin, guard.pin_tries) in (blocked, renewed) else ["neither blocked nor set anew"]
        return faults if guard.admin_tries == MAX_TRIES else [*faults, "a try of the administrator was spent"]

    def at_end(self, box: Box, place: Path) -> list[str]:
        guard = box.card._state.guard
        faults = self.after_cut(box, place)
        if (guard.pin, guard.pin_tries) != (padded(self.citizen.new_pin), MAX_TRIES):
            faults.append("the new PIN is not in force with all its tries")
        if guard.roles:
            faults.append("somebody is still authenticated")
        with closing(Archive.open(place, utc_now, zone=UTC)) as archive:
            if not archive.verify().ok:
                faults.append("the journal does not verify")
        return faults


class UnblockByCentre(Unblock):
    """The same; the centre answers over a code exchange, between the challenge and the citizen."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "unblock-centre")

    def kiosk(self, box: Box, cut: Cut | None) -> kiosk.Kiosk:
        return kiosk.unblock_with(lambda desk: CentreKeyService())


class UnblockByHsm(Unblock):
    """The same; an HSM answers (SoftHSM), whose operator logs in between the challenge and the citizen."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "unblock-hsm")

    def begin(self) -> None:
        token = softhsm.soft_token(self.folder / "hsm", "TEST HSM")
        softhsm.add_secret_key(token, self.citizen.serial, training_admin_key(self.citizen.serial))
        os.environ.update(token.environment)
        super().begin()

    def settings(self, place: Path) -> DeviceSettings:
        return DeviceSettings(hsm_module=softhsm.MODULE, hsm_token_label="TEST HSM", hsm_key_label="{serial}")

    def kiosk(self, box: Box, cut: Cut | None) -> kiosk.Kiosk:
        return kiosk.unblock_with(lambda desk: HsmKeyService(desk._devices), softhsm.PIN)


class PinChange(Subject):
    """The citizen changes the PIN, knowing the old one."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "change-pin", CITIZEN_OF["issuance"])

    def kiosk(self, box: Box, cut: Cut | None) -> kiosk.Kiosk:
        change = kiosk.PinChange(self.citizen)
        change.knows_new = box.has_refused_pin
        return change

    def after_cut(self, box: Box, place: Path) -> list[str]:
        guard = box.card._state.guard
        old, new = padded(self.citizen.pin), padded(self.citizen.new_pin)
        # A citizen who does not know whether the change was done finds out with one try of the old PIN.
        least = MAX_TRIES - box.has_refused_pin
        if guard.pin_tries < least or guard.pin not in (old, new):
            return [f"{guard.pin_tries} tries left, or a PIN nobody chose"]
        return []

    def at_end(self, box: Box, place: Path) -> list[str]:
        guard = box.card._state.guard
        faults = [] if guard.pin_tries == MAX_TRIES else [f"{guard.pin_tries} tries left"]
        if guard.pin != padded(self.citizen.new_pin):
            faults.append("the new PIN is not in force")
        return faults + (["the PIN session is still open"] if guard.roles else [])


SUBJECTS: dict[str, Callable[[Path], Subject]] = {
    "issuance": lambda folder: Enrolment(folder, "issuance"),
    "renewal": lambda folder: Enrolment(folder, "renewal"),
    "unblock": Unblock,
    "unblock-centre": UnblockByCentre,
    "unblock-hsm": UnblockByHsm,
    "change-pin": PinChange,
}
