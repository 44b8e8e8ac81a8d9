"""Whole dialogues: a card whose files are spoilt, or whose answers are, read and written from beginning to end."""

from __future__ import annotations

import copy
from collections.abc import Callable
from random import Random

from hardware.apdu import OK
from hardware.cardedge import CardEdgeKeyStore
from hardware.cardedge.layout import CONTAINER_MAP
from hardware.errors import HardwareError
from hardware.id_data import IdDataSession
from hardware.interface import Authenticity
from hardware.training.card import TrainingCard
from hardware.training.key_service import TrainingKeyService
from tests.hardware.cards import TEST_LIST, card_of, pin_of, unlocked_store
from tests.hardware.certificates import contract_certificate
from tests.hardware.t0_card import T0Card
from tests.hardware.virtual_desk import carries_pin
from tests.proofs.fuzz.files import require
from tests.proofs.fuzz.mutation import mutated
from tests.proofs.fuzz.trial import Target, Unsound

MOST_COMMANDS = 2000
"""In one act; the longest on a good card takes 300."""
RATES = (0.0, 0.01, 0.05, 0.3, 1.0)
"""Share of answers that are spoilt."""
STATUSES = tuple(
    bytes.fromhex(sw) for sw in ("9000", "6100", "6110", "61FF", "6C00", "6C04", "6282", "63C0", "63C2", "6700", "6982",
                                 "6983", "6985", "6A80", "6A82", "6A84", "6B00", "6D00", "6F00", "0000", "FFFF")
)  # fmt: skip
TEMPLATES = {key: card_of(key) for key in ("jovana", "milan")}
PAIR = unlocked_store(TEMPLATES["milan"]).key_pairs()[0]
CERTIFICATE = contract_certificate(PAIR.public_key, "TEST FUZZ")


class HostileCard:
    """A training card some of whose answers are spoilt on the way."""

    def __init__(self, card: TrainingCard, random: Random, rate: float) -> None:
        self._card = T0Card(card) if random.random() < 0.3 else card
        self._random = random
        self._rate = rate
        self.commands = 0
        self.pins = 0

    def __call__(self, command: bytes | bytearray) -> bytes:
        self.commands += 1
        self.pins += carries_pin(bytes(command))
        if self.commands > MOST_COMMANDS:
            raise Unsound(f"more than {MOST_COMMANDS} commands in one act")
        answer = self._card.transmit(bytes(command))
        return self._spoilt(answer) if self._random.random() < self._rate else answer

    def _spoilt(self, answer: bytes) -> bytes:
        random = self._random
        kind = random.randrange(6)
        if kind == 0:
            return random.choice(STATUSES)
        if kind == 1:
            return random.randbytes(random.choice((0, 1, 2, 6, 40, 257))) + random.choice((b"", *STATUSES))
        if kind == 2:
            return answer[:-2] + random.choice(STATUSES)
        if kind == 3:
            return answer[-2:]
        if kind == 4:
            return bytes(random.choice((0x100, 0x10000))) + OK.to_bytes(2, "big")
        return mutated(random, (answer,))


Act = Callable[[HostileCard, TrainingCard], None]


def read_card(transmit: HostileCard, card: TrainingCard) -> None:
    """The data applet; a signed identity must be the citizen's own, whatever was done to the answers."""
    session = IdDataSession(transmit)
    session.read_unverified()
    identity = session.read_identity(TEST_LIST)
    session.read_portrait()
    if identity.authenticity in (Authenticity.AUTHENTIC, Authenticity.CHAIN_UNKNOWN):
        require(identity.document.document_number == card.citizen.document_number, "another document, signed")
        require(identity.holder.personal_number == card.citizen.personal_number, "another holder, signed")


def list_keys(transmit: HostileCard, card: TrainingCard) -> None:
    store = CardEdgeKeyStore(transmit)
    store.token()
    status = store.pin_status()
    require(status.tries_left is not None and 0 <= status.tries_left <= 15, "tries")
    for pair in store.key_pairs():
        store.read_certificate(pair.key_id)
    store.certificates()


def present_pin(transmit: HostileCard, card: TrainingCard) -> None:
    store = CardEdgeKeyStore(transmit)
    try:
        with pin_of(card.citizen.pin) as pin:
            store.verify_pin(pin)
    finally:
        require(transmit.pins <= 1, "a PIN presented twice")


def change_pin(transmit: HostileCard, card: TrainingCard) -> None:
    store = CardEdgeKeyStore(transmit)
    try:
        with pin_of(card.citizen.pin) as old, pin_of(card.citizen.new_pin) as new:
            store.change_pin(old, new)
    finally:
        require(transmit.pins <= 1, "a PIN presented twice")


def unblock(transmit: HostileCard, card: TrainingCard) -> None:
    store = CardEdgeKeyStore(transmit)
    answer = TrainingKeyService().answer(store.unblock_challenge())
    with pin_of(card.citizen.new_pin) as new:
        store.unblock(answer, new)


def write(transmit: HostileCard, card: TrainingCard) -> None:
    """On a card that tells the truth, what was written is there."""
    unlocked_store(card)
    CardEdgeKeyStore(transmit).write_certificate(PAIR.key_id, CERTIFICATE)


def sign(transmit: HostileCard, card: TrainingCard) -> None:
    unlocked_store(card)
    CardEdgeKeyStore(transmit).sign(PAIR.key_id, b"nonce")


def remove(transmit: HostileCard, card: TrainingCard) -> None:
    unlocked_store(card)
    store = CardEdgeKeyStore(transmit)
    store.delete_certificate(PAIR.key_id)
    store.delete_key_pair(PAIR.key_id)


ON_ANY_CARD: tuple[Act, ...] = (read_card, read_card, read_card, list_keys, present_pin, change_pin, unblock)
ON_A_CARD_WITH_KEYS: tuple[Act, ...] = (*ON_ANY_CARD, list_keys, write, write, sign, remove)


def fuzz_dialogue(random: Random) -> None:
    """One act with one card; its files are spoilt, or its answers, or both."""
    key = random.choice(tuple(TEMPLATES))
    card = copy.deepcopy(TEMPLATES[key])
    act = random.choice(ON_ANY_CARD if key == "jovana" else ON_A_CARD_WITH_KEYS)
    for _ in range(random.choice((0, 1, 1, 3))):
        _spoil_file(random, card, in_data=act is read_card)
    act(HostileCard(card, random, random.choice(RATES)), card)


def _spoil_file(random: Random, card: TrainingCard, *, in_data: bool) -> None:
    if in_data:
        file_id = random.choice(list(card.data_files))
        card.data_files[file_id] = mutated(random, [*list(card.data_files.values())[:3], card.data_files[file_id]])
        return
    file_id = random.choice(list(card.key_files))
    content = bytes(card.key_files[file_id].content)
    if file_id == CONTAINER_MAP and random.random() < 0.3:
        content = content[:2] + content[2:88] * random.choice((17, 380))
    card.key_files[file_id].content[:] = mutated(random, (content,))


def is_truthful_write_kept(random: Random) -> None:
    """A certificate written to a card with spoilt files that tells the truth is there, or the writing was refused."""
    card = copy.deepcopy(TEMPLATES["milan"])
    _spoil_file(random, card, in_data=False)
    unlocked_store(card)
    store = CardEdgeKeyStore(HostileCard(card, random, 0.0))
    store.write_certificate(PAIR.key_id, CERTIFICATE)
    try:
        kept = CardEdgeKeyStore(HostileCard(card, random, 0.0)).read_certificate(PAIR.key_id)
    except HardwareError as error:
        raise Unsound(f"written, but {type(error).__name__} when read") from error
    require(kept == CERTIFICATE, "written, but not there")


TARGETS = (
    Target(name="dialogue", run=fuzz_dialogue, share=60_000, limit_s=2.0),
    Target(name="kept", run=is_truthful_write_kept, share=10_000, limit_s=2.0),
)
