"""The card is pulled out after every single command of every write; what the citizen had is never lost."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from hardware.cardedge import CardEdgeKeyStore
from hardware.cardedge.layout import METADATA_INDEX, MSCP
from hardware.errors import CardRemoved
from hardware.interface import KeyPurpose, LeftoverKind
from hardware.training import rsa_engine
from hardware.training.card import TrainingCard
from hardware.training.faults import FaultyCard
from tests.hardware.cards import card_of, transmit_to, unlocked_store
from tests.hardware.test_cardedge import certificate_for, require_signs
from tests.proofs.tear.chip import disorder

Act = Callable[[CardEdgeKeyStore], object]
LONGEST = 400


@pytest.fixture
def prepared_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real RSA keys made once: a new one for each of some hundred cuts would take minutes."""
    keys = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)]
    turn = iter(range(1_000_000))
    monkeypatch.setattr(rsa_engine, "_new_key", lambda: keys[next(turn) % 2])


def cut_everywhere(template: TrainingCard, act: Act, then: Callable[[CardEdgeKeyStore, int], None]) -> int:
    """Do `act` with a cut after command 1, 2, 3, …; after each, `then` looks at the card that was put back.

    What `then` finishes must leave nothing behind that belongs to nothing.
    """
    for number in range(1, LONGEST):
        card = copy.deepcopy(template)
        faulty = FaultyCard(card, f"cut@{number}")
        try:
            act(CardEdgeKeyStore(transmit_to(faulty)))
        except CardRemoved:
            card.power_on()
            then(unlocked_store(card), number)
            assert disorder(card) == [], number
            continue
        return number
    raise AssertionError("the act never ends")


def test_generating(prepared_keys: None) -> None:
    template = card_of("milan")
    old = unlocked_store(template).key_pairs()

    def then(store: CardEdgeKeyStore, number: int) -> None:
        pairs = store.key_pairs()
        assert pairs[:2] == old
        assert len(pairs) <= 3
        for left_behind in pairs[2:]:
            require_signs(store, left_behind)
            store.delete_key_pair(left_behind.key_id)
        assert store.key_pairs() == old
        new = store.generate_key_pair(KeyPurpose.SIGNATURE)
        require_signs(store, new)
        store.write_certificate(new.key_id, certificate_for(new))
        assert len(store.certificates()) == 3

    assert cut_everywhere(template, lambda store: store.generate_key_pair(KeyPurpose.SIGNATURE), then) > 40


def test_writing_over_an_old_certificate() -> None:
    template = card_of("milan")
    store = unlocked_store(template)
    auth, sign = store.key_pairs()
    old, other = store.read_certificate(auth.key_id), store.read_certificate(sign.key_id)
    new = certificate_for(auth)

    def then(store: CardEdgeKeyStore, number: int) -> None:
        assert store.read_certificate(auth.key_id) in (old, new)
        assert store.read_certificate(sign.key_id) == other
        store.write_certificate(auth.key_id, new)
        assert {one.key_id: one.certificate for one in store.certificates()} == {auth.key_id: new, sign.key_id: other}

    assert cut_everywhere(template, lambda store: store.write_certificate(auth.key_id, new), then) > 40


def test_writing_into_a_directory_and_an_index_that_must_grow(prepared_keys: None) -> None:
    template = card_of("milan")
    store = unlocked_store(template)
    new = store.generate_key_pair(KeyPurpose.AUTHENTICATION)
    files = template._state.system.files
    files[MSCP].content = files[MSCP].content[: 10 + 3 * 12]
    files[METADATA_INDEX].content = files[METADATA_INDEX].content[: 2 + 8 * 2]
    present = store.certificates()
    wanted = certificate_for(new)

    def then(store: CardEdgeKeyStore, number: int) -> None:
        assert set(present) <= set(store.certificates())
        store.write_certificate(new.key_id, wanted)
        assert store.read_certificate(new.key_id) == wanted
        assert len(store.certificates()) == 3

    cut_everywhere(template, lambda store: store.write_certificate(new.key_id, wanted), then)


def test_deleting_a_pair() -> None:
    template = card_of("milan")
    store = unlocked_store(template)
    auth, sign = store.key_pairs()
    other = store.read_certificate(sign.key_id)

    def then(store: CardEdgeKeyStore, number: int) -> None:
        store.delete_certificate(auth.key_id)
        store.delete_key_pair(auth.key_id)
        assert store.key_pairs() == (sign,)
        assert [one.certificate for one in store.certificates()] == [other]
        require_signs(store, sign)

    assert cut_everywhere(template, lambda store: store.delete_key_pair(auth.key_id), then) > 30


def test_deleting_a_certificate_and_writing_it_again() -> None:
    template = card_of("milan")
    store = unlocked_store(template)
    auth, sign = store.key_pairs()
    new, other = certificate_for(auth), store.read_certificate(sign.key_id)

    def then(store: CardEdgeKeyStore, number: int) -> None:
        assert store.key_pairs() == (auth, sign)
        store.delete_certificate(auth.key_id)
        assert store.read_certificate(auth.key_id) is None
        assert store.read_certificate(sign.key_id) == other
        assert [(one.kind, one.key_id) for one in store.leftovers()] == [(LeftoverKind.KEY_PAIR, auth.key_id)]
        store.write_certificate(auth.key_id, new)

    assert cut_everywhere(template, lambda store: store.delete_certificate(auth.key_id), then) > 15


def test_deleting_a_pair_that_has_no_metadata() -> None:
    """Another program's pair: nothing but the key itself says which one it is."""
    template = card_of("milan")
    files = template._state.system.files
    for file_id in (0x8004, 0x8005, 0x8007):
        del files[file_id]
    store = unlocked_store(template)
    auth, sign = store.key_pairs()

    def then(store: CardEdgeKeyStore, number: int) -> None:
        store.delete_key_pair(auth.key_id)
        assert store.key_pairs() == (sign,)
        assert len(store.certificates()) == 1
        store.remove_leftovers(store.leftovers())

    assert cut_everywhere(template, lambda store: store.delete_key_pair(auth.key_id), then) > 15
