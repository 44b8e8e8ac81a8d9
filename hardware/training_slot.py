"""The training reader: holds one training card in process; for drills and tests a card can be put in and taken out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from hardware.errors import CardRemoved, NoCard
from hardware.interface import SlotObserver, SlotState, TrainingCardInfo
from hardware.settings import TRAINING, DeviceSettings

if TYPE_CHECKING:
    from hardware.training.card import TrainingCard, VirtualCard


class TrainingSlot:
    """A `CardSlot` without a reader. Cards keep their state in a file per citizen, in the folder the settings name."""

    def __init__(self, settings: DeviceSettings) -> None:
        self._settings = settings
        self._lock = threading.RLock()
        self._observers: list[SlotObserver] = []
        self._card: VirtualCard | None = None
        if settings.training_citizen:
            self._card = self._make(settings.training_citizen)

    def name(self) -> str:
        return TRAINING

    def state(self) -> SlotState:
        return SlotState.EMPTY if self._card is None else SlotState.CARD

    def cards(self) -> tuple[TrainingCardInfo, ...]:
        """The cards that can be put in."""
        from hardware.training.citizens import CITIZENS

        return tuple(
            TrainingCardInfo(
                key=citizen.key,
                full_name=f"{citizen.surname} {citizen.given_name}",
                document_number=citizen.document_number,
                personal_number=citizen.personal_number,
            )
            for citizen in CITIZENS.values()
        )

    def insert(self, citizen: str) -> None:
        """Put in the card of that invented citizen; a card that is in the reader is taken out first."""
        if self._card is not None:
            self.eject()
        card = self._make(citizen)
        with self._lock:
            self._card = card
        self._tell()

    def eject(self) -> None:
        """Take the card out; whoever talks to it gets `CardRemoved`."""
        with self._lock:
            self._card = None
        self._tell()

    def connect(self) -> TrainingConnection:
        """Power the card. Raises `NoCard`."""
        with self._lock:
            if self._card is None:
                raise NoCard
            self._card.power_on()
            return TrainingConnection(self, self._card)

    def holds(self, card: VirtualCard) -> bool:
        """Whether that very card is still in the reader."""
        return self._card is card

    @contextmanager
    def watch(self, observer: SlotObserver) -> Iterator[None]:
        """Tell `observer` of each insertion and removal, from the thread that inserts or removes."""
        self._observers.append(observer)
        observer.slot_changed(self.state())
        try:
            yield
        finally:
            self._observers.remove(observer)

    def _tell(self) -> None:
        for observer in tuple(self._observers):
            observer.slot_changed(self.state())

    def _make(self, citizen: str) -> VirtualCard:
        from hardware.training.card import TrainingCard
        from hardware.training.citizens import CITIZENS

        folder = self._settings.training_state
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        card = TrainingCard(CITIZENS[citizen], folder / f"{citizen}.json" if folder else None)
        return self._faulty(card) if self._settings.training_fault else card

    def _faulty(self, card: TrainingCard) -> VirtualCard:
        from hardware.training.faults import FaultyCard

        return FaultyCard(card, self._settings.training_fault)


class TrainingConnection:
    """A `CardConnection` to the training card; lasts until the card leaves."""

    def __init__(self, slot: TrainingSlot, card: VirtualCard) -> None:
        self._slot = slot
        self._card = card

    @property
    def atr(self) -> bytes:
        """Answer to reset."""
        return self._card.atr

    def transmit(self, command: bytes | bytearray) -> bytes:
        """Let the card answer. Raises `CardRemoved`."""
        if not self._slot.holds(self._card):
            raise CardRemoved
        return self._card.transmit(bytes(command))

    def transaction(self) -> AbstractContextManager[None]:
        """Nobody else can reach this card."""
        return nullcontext()

    def close(self) -> None:
        """Nothing to let go of: the card keeps its PIN session, as behind a real reader."""
