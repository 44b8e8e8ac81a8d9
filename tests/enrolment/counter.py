"""A counter without screens: one invented citizen's training card, an authority, and the journal, all real."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from data.archive import Archive
from data.authority_register import AuthorityRegister
from data.orders import OrderJournal
from hardware.interface import Chip, KeyPurpose, PinPolicy
from hardware.local import LocalDevices
from hardware.settings import DeviceSettings
from hardware.training.card import TrainingCard
from hardware.training.citizens import CITIZENS
from hardware.training.files import FileSystem
from hardware.training.fingers import TrainingFingers
from hardware.training_slot import TrainingSlot
from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.interface import SubjectData
from kiosk.ca.local import LocalAuthority
from kiosk.enrolment.enrolment import Enrolled, Enrolment
from kiosk.enrolment.interface import EnrolmentObserver, Stage
from kiosk.enrolment.patience import Patience
from kiosk.orders import OrderState
from tests.data.invented import CLERK, new_case
from tests.enrolment.authorities import FarAuthority, Line
from tests.proofs.register import registered
from tests.proofs.station import Silent

CASE, SECOND_CASE = "2031-000019", "2031-000020"
OTHER_CARD = "marko"


class WatchedCard:
    """The training card; tells `before` of each command before it is carried out."""

    def __init__(self, card: TrainingCard) -> None:
        self._card = card
        self.citizen = card.citizen
        self.before: Callable[[bytes], object] = lambda command: None

    @property
    def atr(self) -> bytes:
        return self._card.atr

    def power_on(self) -> None:
        self._card.power_on()

    reset = power_on

    def transmit(self, command: bytes) -> bytes:
        self.before(command)
        return self._card.transmit(command)

    @property
    def memory(self) -> FileSystem:
        """The files of the PKI applet."""
        return self._card._state.system


class Counter:
    """Everything that an enrolment needs; `run` may be called again and again, as the clerk would."""

    def __init__(self, folder: Path, ca: AuthorityKey, citizen: str, lines: Sequence[Line] = ()) -> None:
        self.folder = folder
        self._reading, self._writing = os.pipe()
        self.citizen = CITIZENS[citizen]
        self.devices = LocalDevices(DeviceSettings(training_citizen=citizen, pin_fd=self._reading))
        self.card = self._watched()
        self._register = AuthorityRegister.open(folder)
        self.authority = FarAuthority(LocalAuthority(self._register, ca, _now), lines)
        self.archive = Archive.open(folder, _now)
        for case in (CASE, SECOND_CASE):
            new_case(self.archive, id=case)
        self.journal = OrderJournal(self.archive, CLERK)
        self.waited_s = 0.0
        self._ahead = timedelta()
        self.enrolment = Enrolment(self.authority, self.journal, Patience(clock=self.clock, wait=self.let_pass))

    def clock(self) -> datetime:
        return _now() + self._ahead

    def let_pass(self, seconds: float) -> None:
        """Time goes by at the counter."""
        self._ahead += timedelta(seconds=seconds)
        self.waited_s += seconds

    @property
    def _slot(self) -> TrainingSlot:
        assert isinstance(self.devices._slot, TrainingSlot)
        return self.devices._slot

    def _watched(self) -> WatchedCard:
        assert isinstance(self._slot._card, TrainingCard)
        card = WatchedCard(self._slot._card)
        self._slot._card = card
        return card

    def insert(self, citizen: str) -> None:
        """Put another card into the reader."""
        self.devices.insert(citizen)
        self.card = self._watched()
        self.citizen = self.card.citizen

    def put_back(self, card: WatchedCard) -> None:
        """Put that very card into the reader."""
        self.devices.eject()
        self._slot._card = self.card = card
        self.citizen = card.citizen

    def close(self) -> None:
        self.devices.close()
        self.archive.close()
        self._register.close()
        os.close(self._reading)
        os.close(self._writing)

    def unlocked_chip(self) -> Chip:
        chip = self.devices.open_chip()
        TrainingFingers(self._writing, self.citizen).enter_pin()
        chip.unlock(Silent(), PinPolicy())
        return chip

    def subject(self) -> SubjectData:
        return SubjectData(
            given_name=self.citizen.given_name,
            surname=self.citizen.surname,
            personal_number=self.citizen.personal_number,
            document_number=self.citizen.document_number,
        )

    def run(self, *, email: str | None = None, observer: EnrolmentObserver | None = None) -> Enrolled:
        """The citizen enters the PIN and the enrolment goes on where it stands."""
        return self.enrolment.run(CASE, self.unlocked_chip(), self.subject(), email, observer or Silent())

    def states(self) -> list[OrderState]:
        """How far both orders are, authentication first."""
        return [order.state for order in self.journal.orders(CASE)]

    def require_one_certificate_each(self, enrolled: Enrolled) -> None:
        """Two pairs with their certificates on the chip, just those two issued, both orders closed."""
        chip = self.unlocked_chip()
        live = live_certificates(chip)
        assert live == {
            KeyPurpose.AUTHENTICATION: enrolled.authentication,
            KeyPurpose.SIGNATURE: enrolled.signature,
        }
        assert len(chip.key_pairs()) == len(chip.certificates()) == 2
        assert sorted(str(c) for c in registered(self.folder).values()) == sorted(str(c) for c in live.values())
        assert self.states() == [OrderState.CLOSED] * 2
        assert self.archive.verify().ok


def live_certificates(chip: Chip) -> dict[KeyPurpose | None, bytes]:
    """Certificates by purpose, of each pair whose key signs what the certificate verifies."""
    return {
        pair.purpose: certificate
        for pair in chip.key_pairs()
        if (certificate := chip.read_certificate(pair.key_id)) is not None and is_live(chip, pair.key_id, certificate)
    }


def is_live(chip: Chip, key_id: bytes, certificate: bytes) -> bool:
    """Whether the key signs what the certificate verifies. Raises what the chip raises."""
    public = x509.load_der_x509_certificate(certificate).public_key()
    pair = next(pair for pair in chip.key_pairs() if pair.key_id == key_id)
    assert isinstance(public, rsa.RSAPublicKey)
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    public.verify(chip.sign(key_id, b"nonce"), b"nonce", padding.PKCS1v15(), hashes.SHA256())
    return der == pair.public_key


class AtStage(Silent):
    """Does something when a stage begins, or when it has finished."""

    def __init__(self, stage: Stage, act: Callable[[], object], *, when_finished: bool = False) -> None:
        self._stage = stage
        self._act = act
        self._when_finished = when_finished

    def stage_begun(self, stage: Stage) -> None:
        if stage is self._stage and not self._when_finished:
            self._act()

    def stage_finished(self, stage: Stage) -> None:
        if stage is self._stage and self._when_finished:
            self._act()


class Disk:
    """The disk under the journal: once it is full no file can grow; `make_room` ends that."""

    def __init__(self) -> None:
        self._before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, self._before[1]))

    def make_room(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)


@contextmanager
def small_disk() -> Iterator[Disk]:
    disk = Disk()
    try:
        yield disk
    finally:
        disk.make_room()


def _now() -> datetime:
    return datetime.now(UTC)
