"""Both procedures when nothing goes wrong: what is on the chip, in the certificates and at the authority afterwards."""

from __future__ import annotations

import pytest
from cryptography import x509

from hardware.interface import Chip, KeyPurpose
from kiosk.enrolment.interface import Stage
from kiosk.orders import OrderState
from tests.enrolment.conftest import CounterMaker
from tests.enrolment.counter import CASE, SECOND_CASE, is_live, live_certificates
from tests.proofs.station import Silent

EMAIL = "izmisljena@primer.rs"


def addresses(certificate: bytes) -> list[str]:
    extensions = x509.load_der_x509_certificate(certificate).extensions
    try:
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return names.get_values_for_type(x509.RFC822Name)


def usage(certificate: bytes) -> tuple[bool, bool]:
    """For authentication, for signature."""
    use = x509.load_der_x509_certificate(certificate).extensions.get_extension_for_class(x509.KeyUsage).value
    return use.digital_signature, use.content_commitment


def test_issuance_puts_two_pairs_with_their_certificates_on_an_empty_chip(counter_for: CounterMaker) -> None:
    counter = counter_for("jovana")
    assert not counter.enrolment.has_begun(CASE)
    enrolled = counter.run()
    counter.require_one_certificate_each(enrolled)
    assert (usage(enrolled.authentication), usage(enrolled.signature)) == ((True, False), (False, True))
    assert [order.serial for order in enrolled.orders] == [
        f"{x509.load_der_x509_certificate(c).serial_number:x}" for c in (enrolled.authentication, enrolled.signature)
    ]
    assert counter.enrolment.has_begun(CASE)


def test_a_run_after_the_end_does_nothing_more(counter_for: CounterMaker) -> None:
    counter = counter_for("jovana")
    enrolled = counter.run()
    sent, files = len(counter.authority.sent), counter.card.memory.files.keys()
    assert counter.run() == enrolled
    assert (len(counter.authority.sent), counter.card.memory.files.keys()) == (sent, files)


@pytest.mark.parametrize(("asked", "expected"), [(None, []), (EMAIL, [EMAIL])], ids=["not asked for", "asked for"])
def test_the_address_is_in_both_certificates_only_if_asked_for(
    counter_for: CounterMaker, asked: str | None, expected: list[str]
) -> None:
    enrolled = counter_for("jovana").run(email=asked)
    assert addresses(enrolled.authentication) == addresses(enrolled.signature) == expected


def test_stages_are_told_in_their_order(counter_for: CounterMaker) -> None:
    told: list[tuple[str, Stage]] = []

    class Listener(Silent):
        def stage_begun(self, stage: Stage) -> None:
            told.append(("begun", stage))

        def stage_finished(self, stage: Stage) -> None:
            told.append(("finished", stage))

    counter_for("jovana").run(observer=Listener())
    assert told == [(what, stage) for stage in Stage for what in ("begun", "finished")]


def test_renewal_keeps_the_old_pairs_usable_until_the_new_ones_are_proved(counter_for: CounterMaker) -> None:
    counter = counter_for("milan")
    chip = counter.unlocked_chip()
    old = {pair.key_id: chip.read_certificate(pair.key_id) for pair in chip.key_pairs()}
    old_live = live_certificates(chip)
    assert set(old_live) == set(KeyPurpose)
    seen: list[Stage] = []

    class OldPairUser(Silent):
        def stage_begun(self, stage: Stage) -> None:
            for key_id, certificate in old.items():
                assert certificate is not None and chip.read_certificate(key_id) == certificate
                assert is_live(chip, key_id, certificate)
            seen.append(stage)

    enrolled = counter.enrolment.run(CASE, chip, counter.subject(), None, OldPairUser())
    assert seen == list(Stage)
    counter.require_one_certificate_each(enrolled)
    assert gone(chip, list(old))
    assert not set(live_certificates(chip).values()) & set(old_live.values())


def gone(chip: Chip, key_ids: list[bytes]) -> bool:
    left = {pair.key_id for pair in chip.key_pairs()} | {stored.key_id for stored in chip.certificates()}
    return not left & set(key_ids)


def test_a_second_renewal_takes_the_first_places_again(counter_for: CounterMaker) -> None:
    counter = counter_for("milan")
    before = set(counter.card.memory.files)
    chip = counter.unlocked_chip()
    for case in (CASE, SECOND_CASE):
        enrolled = counter.enrolment.run(case, chip, counter.subject(), None, Silent())
        assert [order.state for order in enrolled.orders] == [OrderState.CLOSED] * 2
    assert set(counter.card.memory.files) == before
