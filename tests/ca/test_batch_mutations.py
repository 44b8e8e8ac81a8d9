"""Changed bytes of real batches and answers: the same content, or a named error; never anything else."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from kiosk.ca.batch import cms
from tests.services.batch import credentials_of, utc_now
from tests.services.cmp.pki import Pki

CONTENT = b'{"format":1,"orders":[]}' * 20
KEY = bytes(range(32))
SEED = 5652


def readers(pki: Pki) -> dict[bytes, Callable[[bytes], bytes]]:
    """Real messages, each with what reads it."""
    signed = cms.signed(CONTENT, credentials_of(pki.office))
    responder = pki.responder
    return {
        signed: lambda message: cms.content_of(message, [pki.office.certificate], utc_now()),
        cms.enveloped(signed, responder.certificate): lambda message: cms.content_of(
            cms.unwrapped(message, responder.certificate, responder.key), [pki.office.certificate], utc_now()
        ),
        cms.encrypted(signed, KEY): lambda message: cms.content_of(
            cms.decrypted(message, KEY), [pki.office.certificate], utc_now()
        ),
    }


def mutated(message: bytes, chance: random.Random) -> bytes:
    changed = bytearray(message)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        at = chance.randrange(len(changed) or 1)
        match chance.randrange(3):
            case 0:
                changed[at : at + 1] = chance.randbytes(1)
            case 1:
                del changed[at : at + chance.randrange(1, 30)]
            case _:
                changed[at:at] = chance.choice((chance.randbytes(chance.randrange(1, 9)), bytes(changed[at : at + 40])))
    return bytes(changed)


def run(pki: Pki, count: int) -> int:
    """How many mutations were refused; any other outcome than the very content fails."""
    chance = random.Random(SEED)  # noqa: S311  # repeatable, not secret
    refused = 0
    for message, read in readers(pki).items():
        for _ in range(count):
            try:
                assert read(mutated(message, chance)) == CONTENT
            except cms.BadCms:
                refused += 1
    return refused


def test_mutated_messages(pki: Pki) -> None:
    assert run(pki, 300) > 600


@pytest.mark.soak
def test_a_hundred_thousand_mutated_messages(pki: Pki) -> None:
    assert run(pki, 34_000) > 68_000
