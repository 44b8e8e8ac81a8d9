"""The devices of this desk, in this process."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace

from hardware.apdu_log import LoggedTransmit, open_log
from hardware.card_slot import CardConnection, CardSlot
from hardware.document_reader import DocumentReader, refuse_by_atr
from hardware.errors import Unsupported
from hardware.hsm_operator import HsmOperator
from hardware.id_card import IdCard, MeteredTransmit
from hardware.interface import PinMethod, PinObserver, SlotObserver, SlotState, TrainingCardInfo, UnblockChallenge
from hardware.key_stores import ConfiguredKeyStores
from hardware.pin_entry import pin_entry_for
from hardware.pinpad import PinPads
from hardware.settings import TRAINING, DeviceSettings
from hardware.training_slot import TrainingSlot


class LocalDevices:
    """`Devices` without a device host: for the host itself, the command line, and tests."""

    def __init__(self, settings: DeviceSettings) -> None:
        self._settings = settings
        self._slot = slot_for(settings)
        self._log = open_log(settings.apdu_log) if settings.apdu_log is not None else None
        self._pin_entry = pin_entry_for(settings)
        self._hsm = HsmOperator(settings)

    def reader_name(self) -> str:
        """The reader in use; empty when there is none."""
        return self._slot.name()

    def readers(self) -> tuple[str, ...]:
        """The readers that are plugged in. Raises `NoService`."""
        if self._settings.reader == TRAINING:
            return (TRAINING,)
        from hardware.pcsc import plugged_readers

        return tuple(name for name, _ in plugged_readers())

    def choose_reader(self, name: str) -> None:
        """Work with that reader from now on; a watch that was begun stays with the old one."""
        self._settings = replace(self._settings, reader=name)
        self._slot = slot_for(self._settings)

    def pin_method(self) -> PinMethod:
        """Where the PIN comes from."""
        return self._pin_entry.method

    def slot_state(self) -> SlotState:
        """What stands at the reader now."""
        return self._slot.state()

    def open_chip(self) -> IdCard:
        """Open the inserted card; nothing is read yet. Raises `NoCard`, `NoReader`, `NoService`, `WrongCard`."""
        connection = self._slot.connect()
        try:
            return self._chip(connection)
        except BaseException:
            connection.close()
            raise

    def watch(self, observer: SlotObserver) -> AbstractContextManager[None]:
        """Tell `observer` of every change at the reader while the block runs."""
        return self._slot.watch(observer)

    def cancel_pin_entry(self) -> None:
        """End the entry under way, a citizen's or the HSM operator's."""
        self._pin_entry.cancel()
        self._hsm.cancel()

    def open_key_session(self, observer: PinObserver) -> None:
        """Let the clerk log in to the HSM; see `Devices`."""
        self._hsm.log_in(observer)

    def answer_challenge(self, challenge: UnblockChallenge) -> bytes:
        """Let the HSM answer; see `Devices`."""
        return self._hsm.answer(challenge)

    def close_key_session(self) -> None:
        """Log out of the HSM."""
        self._hsm.log_out()

    def training_cards(self) -> tuple[TrainingCardInfo, ...]:
        """The invented citizens' cards; none at a real reader."""
        return self._slot.cards() if isinstance(self._slot, TrainingSlot) else ()

    def insert(self, citizen: str) -> None:
        """Put a training card into the training reader. Raises `Unsupported` at a real one."""
        self._training_slot().insert(citizen)

    def eject(self) -> None:
        """Take the training card out. Raises `Unsupported` at a real reader."""
        self._training_slot().eject()

    def close(self) -> None:
        """End an entry under way, give the citizen's keypad back, and log out of the HSM."""
        self._pin_entry.close()
        self._hsm.cancel()
        self._hsm.log_out()
        if self._log is not None:
            self._log.close()

    def _training_slot(self) -> TrainingSlot:
        if not isinstance(self._slot, TrainingSlot):
            raise Unsupported("inserting a training card into a real reader")
        return self._slot

    def _chip(self, connection: CardConnection) -> IdCard:
        refuse_by_atr(connection.atr)
        transmit = LoggedTransmit(connection.transmit, self._log) if self._log is not None else connection.transmit
        meter = MeteredTransmit(transmit)
        reader = DocumentReader(meter, self._settings)
        entry = self._pin_entry
        pin_entry = entry.of(connection) if isinstance(entry, PinPads) else entry
        return IdCard(connection, meter, reader, ConfiguredKeyStores(self._settings, meter), pin_entry)


def slot_for(settings: DeviceSettings) -> CardSlot:
    """The reader the settings name."""
    if settings.reader == TRAINING:
        return TrainingSlot(settings)
    from hardware.pcsc import PcscSlot

    return PcscSlot(settings.reader, settings.response_limit_s)
