"""The key service of training: knows the admin key of every training card, as a ministry's HSM would of real ones."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from hardware.errors import NoKeyService
from hardware.interface import UnblockChallenge, UnblockMethod

ADMIN_KEY_LENGTH = 24
CHALLENGE_LENGTH = 8


def training_admin_key(token_serial: str) -> bytes:
    """Admin key of a training card: TEST diversification of our own; how real keys are diversified is not published."""
    return hashlib.sha256(f"TEST TRAINING admin key {token_serial}".encode()).digest()[:ADMIN_KEY_LENGTH]


def answer_challenge(admin_key: bytes, challenge: bytes) -> bytes:
    """Three-key 3DES in ECB mode over the challenge: the card's own protocol, which leaves no choice of cipher."""
    encryptor = Cipher(TripleDES(admin_key), modes.ECB()).encryptor()  # noqa: S305
    return encryptor.update(challenge) + encryptor.finalize()


UNBLOCKING_CODES = {UnblockMethod.PUK: b"97531975", UnblockMethod.SECURITY_OFFICER: b"13579135"}
"""TEST codes of the tokens that stand beside a training card; docs/desk.md says how such a token is made."""
NOT_INVENTED = "training knows invented citizens' cards only; set key_service.kind to hsm or centre"


class TrainingKeyService:
    """Answers for the cards of invented citizens only: an answer to a real card would spend a try of its admin key."""

    kind = "training"

    def answer(self, challenge: UnblockChallenge) -> bytes:
        """The response to a challenge, or the TEST code of a token. Raises `NoKeyService` for anybody else's card."""
        if challenge.method is not UnblockMethod.CHALLENGE_RESPONSE:
            return _code_for(challenge)
        if not is_invented(challenge.token_serial) or len(challenge.challenge) != CHALLENGE_LENGTH:
            raise NoKeyService(NOT_INVENTED)
        return answer_challenge(training_admin_key(challenge.token_serial), challenge.challenge)


def is_invented(token_serial: str) -> bool:
    """Whether a card of an invented citizen has this serial."""
    from hardware.training.citizens import CITIZENS

    return any(citizen.serial == token_serial for citizen in CITIZENS.values())


def _code_for(challenge: UnblockChallenge) -> bytes:
    """Any token may stand beside a training card (`devices.token_label`), whatever its serial is."""
    if not is_invented(f"ID{challenge.document_number}"):
        raise NoKeyService(NOT_INVENTED)
    return UNBLOCKING_CODES[challenge.method]
