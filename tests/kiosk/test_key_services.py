"""Which key service the settings name, and what each refuses before a card is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware.errors import NoKeyService
from hardware.interface import UnblockChallenge, UnblockMethod
from hardware.local import LocalDevices
from hardware.settings import DeviceSettings
from hardware.training.key_service import TrainingKeyService
from kiosk.code_exchange import Misread, Question, question_code, read_answer
from kiosk.config import BadConfig, KeyServiceSettings, load
from kiosk.key_services import CentreKeyService, CodeExchangeNeeded, HsmKeyService, key_service_for, with_hsm
from kiosk.procedures.evidence import PinChanged, ReceiptConfirmed, UnblockRequested, from_record
from kiosk.training_centre import training_answer

MODULE = Path("/usr/lib/hsm.so")
HSM = KeyServiceSettings(kind="hsm", module=MODULE, token_label="KEYS")


def challenge(number: str = "990000077", method: UnblockMethod = UnblockMethod.CHALLENGE_RESPONSE) -> UnblockChallenge:
    return UnblockChallenge(
        method=method, token_serial=f"ID{number}", challenge=bytes(range(8)), document_number=number
    )


def test_each_kind_is_what_its_name_says() -> None:
    devices = LocalDevices(DeviceSettings())
    assert isinstance(key_service_for(KeyServiceSettings(), devices), TrainingKeyService)
    assert isinstance(key_service_for(HSM, devices), HsmKeyService)
    assert isinstance(key_service_for(KeyServiceSettings(kind="centre"), devices), CentreKeyService)
    assert with_hsm(DeviceSettings(), HSM).hsm_module == MODULE
    assert with_hsm(DeviceSettings(), KeyServiceSettings()) == DeviceSettings()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (KeyServiceSettings(kind="HSM"), "key_service.kind: one of training, hsm, centre"),
        (KeyServiceSettings(kind="hsm"), "module and token_label"),
        (KeyServiceSettings(kind="hsm", module=MODULE), "module and token_label"),
        (KeyServiceSettings(kind="hsm", module=MODULE, token_label="K", key_label="admin"), "{serial}"),
    ],
)
def test_what_is_wrong_is_named(settings: KeyServiceSettings, named: str) -> None:
    with pytest.raises(BadConfig) as caught:
        key_service_for(settings, LocalDevices(DeviceSettings()))
    assert named in str(caught.value)


def test_the_settings_file(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text('[key_service]\nkind = "hsm"\nmodule = "/usr/lib/hsm.so"\ntoken_label = "KEYS"\n')
    assert load(path).key_service == HSM


def test_the_centre_is_asked_about_the_card_that_is_there() -> None:
    with pytest.raises(CodeExchangeNeeded) as caught:
        CentreKeyService().answer(challenge())
    asked = Question(card_number="990000077", challenge=bytes(range(8)))
    assert caught.value.question == question_code(asked)
    answer = training_answer(caught.value.question)
    assert read_answer(caught.value.question, answer) == TrainingKeyService().answer(challenge())


def test_the_centre_cannot_be_asked_for_a_code_or_about_a_card_without_a_number() -> None:
    for asked in (challenge(method=UnblockMethod.PUK), challenge(number="AB")):
        with pytest.raises(NoKeyService) as caught:
            CentreKeyService().answer(asked)
        assert not isinstance(caught.value, CodeExchangeNeeded)


def test_the_drill_answers_for_invented_cards_only() -> None:
    with pytest.raises(NoKeyService, match=r"key_service\.kind"):
        training_answer(question_code(Question(card_number="001234567", challenge=bytes(8))))
    with pytest.raises(Misread):
        training_answer("1234")


def test_a_case_of_an_earlier_version_can_be_gone_on_with() -> None:
    """What it recorded has no word of a second clerk, of `keep`, or of who answered."""
    receipt = from_record("ReceiptConfirmed", {"clerk_signed": True, "tries_left_before": 0})
    assert receipt == ReceiptConfirmed(clerk_signed=True, tries_left_before=0, second_clerk=None)
    asked = from_record("UnblockRequested", {"pin_choice": "change", "is_signed": True, "identity_compared": True})
    assert isinstance(asked, UnblockRequested)
    assert not asked.keep_was_circled
    changed = {"pin_method": "training", "document_number": "1", "token_serial": "ID1", "tries_left": 3}
    done = from_record("PinChanged", changed)
    assert isinstance(done, PinChanged)
    assert done.key_service == ""
    with pytest.raises(TypeError):
        from_record("PinChanged", {"pin_method": "training"})
