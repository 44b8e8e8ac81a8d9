"""Who answers a card's unblock challenge at this desk: training, the office's HSM, or the centre over the telephone."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from hardware.errors import NoKeyService
from hardware.interface import Devices, UnblockChallenge, UnblockMethod
from hardware.settings import DeviceSettings
from kiosk.code_exchange import Question, question_code
from kiosk.config import BadConfig, KeyServiceSettings

KINDS = ("training", "hsm", "centre")


class KeyService(Protocol):
    """Answers a card's unblock challenge; the kiosk never holds an admin key."""

    @property
    def kind(self) -> str:
        """One of `KINDS`; recorded with the unblock."""

    def answer(self, challenge: UnblockChallenge) -> bytes:
        """The response. Raises `KeyServiceError`; `HsmLocked` and `CodeExchangeNeeded` where the clerk comes first."""


class CodeExchangeNeeded(NoKeyService):
    """The clerk asks the centre this question and types the answer; the challenge stays open meanwhile."""

    def __init__(self, question: str) -> None:
        super().__init__("the centre answers by a code exchange")
        self.question = question
        """Code of the question, see `kiosk.code_exchange`."""


class HsmKeyService:
    """The office's HSM, in the device host. Raises as `Devices.answer_challenge`."""

    kind = "hsm"

    def __init__(self, devices: Devices) -> None:
        self._devices = devices

    def answer(self, challenge: UnblockChallenge) -> bytes:
        """3DES of the challenge under the card's key in the HSM."""
        return self._devices.answer_challenge(challenge)


class CentreKeyService:
    """The centre, for an office without an HSM: nothing is answered here, the clerk has to ask."""

    kind = "centre"

    def answer(self, challenge: UnblockChallenge) -> bytes:
        """Raises `CodeExchangeNeeded`, or `NoKeyService` for a token that wants a code instead of an answer."""
        if challenge.method is not UnblockMethod.CHALLENGE_RESPONSE:
            raise NoKeyService(f"the centre answers a challenge, and this token wants a code: {challenge.method.value}")
        question = Question(card_number=challenge.document_number, challenge=challenge.challenge)
        try:
            code = question_code(question)
        except ValueError as error:
            raise NoKeyService(str(error)) from None
        raise CodeExchangeNeeded(code)


def key_service_for(settings: KeyServiceSettings, devices: Devices) -> KeyService:
    """The key service the settings name. Raises `BadConfig`."""
    match settings.kind:
        case "training":
            from hardware.training.key_service import TrainingKeyService

            return TrainingKeyService()
        case "hsm":
            _require_hsm(settings)
            return HsmKeyService(devices)
        case "centre":
            return CentreKeyService()
    raise BadConfig(f"key_service.kind: one of {', '.join(KINDS)}")


def with_hsm(devices: DeviceSettings, settings: KeyServiceSettings) -> DeviceSettings:
    """The device settings, told where the HSM is: only the device host loads its module."""
    if settings.kind != "hsm":
        return devices
    return replace(
        devices,
        hsm_module=settings.module,
        hsm_token_label=settings.token_label,
        hsm_key_label=settings.key_label,
    )


def _require_hsm(settings: KeyServiceSettings) -> None:
    if settings.module is None or not settings.token_label:
        raise BadConfig("key_service: kind `hsm` needs module and token_label")
    if "{serial}" not in settings.key_label:
        raise BadConfig("key_service.key_label: needs {serial}, or every card would get the same key")
