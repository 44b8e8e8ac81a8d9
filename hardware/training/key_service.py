"""The key service of training: knows the admin key of every training card, as a ministry's HSM would of real ones."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from hardware.errors import Unsupported
from hardware.interface import UnblockChallenge, UnblockMethod

ADMIN_KEY_LENGTH = 24


def training_admin_key(token_serial: str) -> bytes:
    """Admin key of a training card: TEST diversification of our own; how real keys are diversified is not published."""
    return hashlib.sha256(f"TEST TRAINING admin key {token_serial}".encode()).digest()[:ADMIN_KEY_LENGTH]


def answer_challenge(admin_key: bytes, challenge: bytes) -> bytes:
    """Three-key 3DES in ECB mode over the challenge: the card's own protocol, which leaves no choice of cipher."""
    encryptor = Cipher(TripleDES(admin_key), modes.ECB()).encryptor()  # noqa: S305
    return encryptor.update(challenge) + encryptor.finalize()


class TrainingKeyService:
    """Answers challenges of training cards only: a real card has another admin key and refuses the answer."""

    def answer(self, challenge: UnblockChallenge) -> bytes:
        """The response to a CardEdge challenge. Raises `Unsupported` for any other kind of token."""
        if challenge.method is not UnblockMethod.CHALLENGE_RESPONSE or len(challenge.challenge) != 8:
            raise Unsupported(f"training key service: {challenge.method.value}")
        return answer_challenge(training_admin_key(challenge.token_serial), challenge.challenge)
