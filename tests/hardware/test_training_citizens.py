from __future__ import annotations

import io
import os

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from PIL import Image

from hardware.errors import NoKeyService
from hardware.interface import DocumentType, PinRequest, UnblockChallenge, UnblockMethod
from hardware.jmbg import has_valid_check_digit
from hardware.training.citizens import CITIZENS, TrainingCitizen
from hardware.training.fingers import TrainingFingers, type_pin
from hardware.training.key_files import expired_certificates
from hardware.training.key_service import TrainingKeyService, answer_challenge
from hardware.training.portrait import draw_portrait
from hardware.training.test_authority import training_signers, trusted_test_signers
from tests.hardware.cards import TODAY, pin_of

EVERYBODY = pytest.mark.parametrize("citizen", CITIZENS.values(), ids=CITIZENS.keys())


@EVERYBODY
def test_numbers_are_well_formed_and_invented(citizen: TrainingCitizen) -> None:
    assert has_valid_check_digit(citizen.personal_number)
    assert citizen.personal_number.startswith(f"{citizen.born:%d%m}")
    assert citizen.personal_number[7:9] in ("70", "05")
    assert len(citizen.document_number) == 9
    assert (citizen.expiry(TODAY) < TODAY) is (citizen.key == "istekla")


@EVERYBODY
def test_pins_are_good_ones_and_not_the_birthday(citizen: TrainingCitizen) -> None:
    birthday = f"{citizen.born:%d%m%Y %d%m%y %Y%m%d %y%m%d %d%m %m%d %Y}".encode().split()
    for digits in (citizen.pin, citizen.new_pin):
        with pin_of(digits) as pin:
            assert 4 <= len(pin) <= 8
            assert not pin.is_all_equal() and not pin.is_run()
        assert digits.isdigit()
        assert not any(part in digits for part in birthday)
    assert citizen.pin.decode() not in repr(citizen)


def test_everybody_is_somebody_else() -> None:
    everybody = CITIZENS.values()
    assert len(everybody) >= 8
    digits = [one.pin for one in everybody] + [one.new_pin for one in everybody]
    for values in (digits, [one.document_number for one in everybody], [one.personal_number for one in everybody]):
        assert len(set(values)) == len(values)
    assert {one.document_type for one in everybody} == set(DocumentType)
    long = CITIZENS["dugacka"]
    assert len(f"{long.given_name} {long.surname}") > 32


@EVERYBODY
def test_portraits_are_small_baseline_jpegs(citizen: TrainingCitizen) -> None:
    picture = draw_portrait(citizen.key)
    assert len(picture) <= 7700
    assert b"\xff\xc0" in picture
    with Image.open(io.BytesIO(picture)) as image:
        image.load()
        assert image.size == (240, 320)
    draw_portrait.cache_clear()
    assert draw_portrait(citizen.key) == picture


def test_the_authority_says_test() -> None:
    authority, signer = training_signers()
    for one in (authority, signer):
        assert "TEST" in one.certificate.subject.rfc4514_string()
    signer.certificate.verify_directly_issued_by(authority.certificate)
    assert trusted_test_signers() == (authority.certificate.public_bytes(Encoding.DER),)


def test_certificates_of_the_renewing_citizen_have_ended() -> None:
    citizen = CITIZENS["milan"]
    uses = []
    for key, certificate in expired_certificates(citizen, TODAY):
        assert certificate.not_valid_after_utc.date() < TODAY
        assert certificate.public_key() == key.public_key()
        assert "TEST" in certificate.issuer.rfc4514_string()
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        uses.append((usage.digital_signature, usage.content_commitment))
    assert uses == [(True, False), (False, True)]


def asked_by(serial: str, method: UnblockMethod = UnblockMethod.CHALLENGE_RESPONSE) -> UnblockChallenge:
    return UnblockChallenge(method=method, token_serial=serial, challenge=bytes(8), document_number=serial[2:])


def test_the_key_service_answers_for_invented_citizens_only() -> None:
    """An answer to anybody else's card would be wrong, and spend a try of its admin key."""
    service = TrainingKeyService()
    assert len(service.answer(asked_by("ID990000077"))) == 8
    assert service.answer(asked_by("ID990000077", UnblockMethod.PUK))
    for method in UnblockMethod:
        with pytest.raises(NoKeyService, match=r"key_service\.kind"):
            service.answer(asked_by("ID001234567", method))


def test_the_cipher_is_three_key_3des() -> None:
    """With three equal keys 3DES is DES: plaintext 4E6F772069732074 under 0123456789ABCDEF (NIST SP 500-20 style)."""
    key = bytes.fromhex("0123456789ABCDEF") * 3
    assert answer_challenge(key, b"Now is t").hex() == "3fa40e8a984d4815"


def test_fingers_type_what_the_citizen_knows() -> None:
    citizen = CITIZENS["jovana"]
    reading, writing = os.pipe()
    try:
        fingers = TrainingFingers(writing, citizen)
        fingers.enter_pin()
        fingers.enter_new_pin()
        fingers.remember_new_pin()
        fingers.enter_pin()
        fingers.enter_wrong_pin()
        fingers.enter_different_new_pins()
        fingers.enter_weak_new_pin()
        fingers.cancel()
        type_pin(writing, citizen, PinRequest.NEW_AGAIN)
        typed = os.read(reading, 4096)
    finally:
        os.close(reading)
        os.close(writing)
    old, new = citizen.pin, citizen.new_pin
    assert typed == b"\r".join((old, new, new, new, b"000001", new, b"000001", b"123456", b"\x1b" + new, b""))
