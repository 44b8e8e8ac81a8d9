"""The centre in a drill: answers the question of an invented citizen's card, and of no other."""

from __future__ import annotations

from hardware.interface import UnblockChallenge, UnblockMethod
from kiosk.code_exchange import answer_code, read_question


def training_answer(question: str) -> str:
    """The answer code to a question code. Raises `Misread`, and `NoKeyService` for anybody else's card."""
    from hardware.training.key_service import TrainingKeyService

    asked = read_question(question)
    challenge = UnblockChallenge(
        method=UnblockMethod.CHALLENGE_RESPONSE,
        token_serial=f"ID{asked.card_number}",
        challenge=asked.challenge,
        document_number=asked.card_number,
    )
    return answer_code(question, TrainingKeyService().answer(challenge))
