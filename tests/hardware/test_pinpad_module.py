"""Pin pad readers through a PKCS#11 module: Debian's OpenSC on the PKCS#15 test card."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from hardware.errors import NotUnlocked, PinBlocked, PinEntryCancelled, WrongPin
from hardware.interface import Feature, KeyPurpose, PinPolicy, PinPrompt, PinRequest, PinState
from hardware.pinpad import PinPads
from hardware.pinpad_path import PadPath
from hardware.pkcs11 import Pkcs11KeyStore
from tests.hardware.pinpad_rig import Screen
from tests.services import pkcs15_card
from tests.services.fixtures import READER_C
from tests.services.pcscd import PrivatePcscd
from tests.services.pinpad.reader import DIRECT, Fingers, pin_pad
from tests.services.requirement import ServiceMissing, skip_or_fail

PIN, NEW, WRONG = pkcs15_card.PIN, b"864209", b"000001"


@pytest.fixture(scope="module")
def fingers(_session_pcscd: PrivatePcscd | ServiceMissing) -> Iterator[Fingers]:
    if isinstance(_session_pcscd, ServiceMissing):
        skip_or_fail(_session_pcscd)
    try:
        with pin_pad(_session_pcscd, READER_C, b"", "pkcs15") as made:
            pkcs15_card.initialise(_session_pcscd, READER_C)
            _session_pcscd.give_keys(READER_C, DIRECT)
            yield made
    except ServiceMissing as error:
        skip_or_fail(error)


@pytest.fixture
def store(fingers: Fingers) -> Iterator[Pkcs11KeyStore]:
    opened = Pkcs11KeyStore(pkcs15_card.MODULE, label=pkcs15_card.LABEL)
    yield opened
    opened.close()


def path(act: Callable[[], None] | None = None, pads: PinPads | None = None) -> tuple[PadPath, Screen]:
    screen = Screen(act)
    return PadPath(pads or PinPads(), None, PinPrompt(request=PinRequest.CURRENT), PinPolicy(), screen), screen


def test_what_the_token_says(store: Pkcs11KeyStore) -> None:
    token = store.token()
    assert Feature.PROTECTED_PATH in token.features
    assert token.pin_entries > 1


def test_right_wrong_short_and_cancelled(store: Pkcs11KeyStore, fingers: Fingers) -> None:
    asked, (right, screen) = fingers.asked, path(lambda: fingers.type(b"1", PIN))
    store.verify_pin(right)
    assert screen.events == [PinRequest.CURRENT, PinState.WAITING, PinRequest.CURRENT, PinState.TOO_SHORT]
    assert fingers.asked == asked + 2
    store.lock()
    with pytest.raises(PinEntryCancelled):
        store.verify_pin(path(lambda: fingers.press("C"))[0])
    with pytest.raises(WrongPin):
        store.verify_pin(path(lambda: fingers.type(WRONG))[0])
    store.verify_pin(path(lambda: fingers.type(PIN))[0])


def test_a_right_pin_after_the_clerk_cancelled_opens_nothing(store: Pkcs11KeyStore, fingers: Fingers) -> None:
    pads = PinPads()

    def cancel() -> None:
        fingers.wait_until_asked()
        pads.cancel()
        fingers.type(PIN)

    late, screen = path(cancel, pads)
    with pytest.raises(PinEntryCancelled):
        store.verify_pin(late)
    assert screen.events[-1] is PinState.CANCEL_ON_PAD


def test_change(store: Pkcs11KeyStore, fingers: Fingers) -> None:
    """The login, then old, new and new again in one go."""
    new, screen = path(lambda: fingers.type(PIN, NEW, WRONG, PIN, NEW, NEW))
    store.change_pin(path(lambda: fingers.type(PIN))[0], new)
    assert PinState.DIFFERENT in screen.events
    with pytest.raises(NotUnlocked):
        store.generate_key_pair(KeyPurpose.SIGNATURE)
    with pytest.raises(WrongPin):
        store.change_pin(path(lambda: fingers.type(PIN))[0], path()[0])
    with pytest.raises(WrongPin):
        store.change_pin(path(lambda: fingers.type(NEW))[0], path(lambda: fingers.type(PIN, PIN, PIN))[0])
    store.change_pin(path(lambda: fingers.type(NEW))[0], path(lambda: fingers.type(NEW, PIN, PIN))[0])


def test_blocked(store: Pkcs11KeyStore, fingers: Fingers) -> None:
    for _ in range(2):
        with pytest.raises(WrongPin):
            store.verify_pin(path(lambda: fingers.type(WRONG))[0])
    with pytest.raises(PinBlocked):
        store.verify_pin(path(lambda: fingers.type(WRONG))[0])
    assert store.pin_status().is_blocked
