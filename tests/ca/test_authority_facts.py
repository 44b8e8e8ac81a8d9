"""What the settings screen tells of the authority: address, the office's certificate, the age of the list."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from data.archive import Archive
from data.status_journal import ArchivedStatusJournal
from hardware.interface import Authenticity
from kiosk.authority_facts import ListFacts, authority_facts
from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.interface import RevocationReason, StatusAction
from kiosk.config import BadConfig, BatchSettings, CmpSettings, Config, Rules
from kiosk.revocation.importing import import_list
from kiosk.standing import Standings
from kiosk.status_changes import actions_of
from kiosk.status_people import Known, People, Proof
from kiosk.status_reasons import REASONS, UNDELIVERED
from kiosk.x509 import validity_of
from tests.ca.conftest import NOW
from tests.ca.test_status import Counter
from tests.data.invented import citizen

URL = "https://ca.example.com/pkix/citizens"


def test_of_this_machine_there_is_nothing_to_reach_and_no_list(tmp_path: Path) -> None:
    facts = authority_facts(replace(Config(), folder=tmp_path))
    assert (facts.address, facts.office_until, facts.list) == ("", None, None)


@pytest.mark.parametrize("kind", ["cmp", "batch"])
def test_address_and_the_offices_certificate(tmp_path: Path, ca: AuthorityKey, kind: str) -> None:
    pem = tmp_path / "office.pem"
    pem.write_text(ca.chain_pem())
    config = replace(
        Config(),
        folder=tmp_path,
        authority=kind,
        cmp=CmpSettings(url=URL, certificate=pem),
        batch=BatchSettings(folder=tmp_path / "stick", certificate=pem),
    )
    facts = authority_facts(config)
    assert facts.address == (URL if kind == "cmp" else str(tmp_path / "stick"))
    assert facts.office_until == ca.issuing.not_valid_after_utc
    pem.write_text("no certificate")
    assert authority_facts(config).office_until is None


def test_the_age_of_the_list_and_what_it_says_of_a_certificate(
    tmp_path: Path, ca: AuthorityKey, chip_key: rsa.RSAPrivateKey
) -> None:
    counter = Counter(tmp_path, ca, chip_key)
    counter.ask(StatusAction.HOLD)
    config = replace(Config(), folder=tmp_path)
    index = config.revocation_index
    index.parent.mkdir()
    import_list(counter.published, ca.issuing, index, NOW)
    crl = x509.load_der_x509_crl(counter.published.read_bytes())
    assert authority_facts(config).list == ListFacts(issued_at=NOW, next_by=crl.next_update_utc)
    assert known_on_chip(tmp_path, counter) == (Known.SUSPENDED,)
    index.write_bytes(b"torn")
    assert authority_facts(config).list is None


def known_on_chip(folder: Path, counter: Counter) -> tuple[Known, ...]:
    """What is known of the certificate of a card of which this archive knows nothing."""
    [(_, entry, _)] = counter.register.listed()
    assert entry.certificate is not None
    on_chip = validity_of(entry.certificate)
    assert on_chip is not None
    archive = Archive.open(folder / "archive", lambda: NOW)
    try:
        index = replace(Config(), folder=folder).revocation_index
        people = People(archive, ArchivedStatusJournal(archive), Standings(index, lambda: NOW), lambda: NOW)
        assert people.on_card(citizen(), [on_chip], Authenticity.ALTERED) is None
        person = people.on_card(citizen(), [on_chip], Authenticity.AUTHENTIC)
        assert person is not None and person.proof is Proof.CHIP
        assert [one.serial for one in person.certificates] == [counter.serial]
        return tuple(one.known for one in people.person(citizen()).certificates)
    finally:
        archive.close()


def test_the_numbers_of_obrazac_3_are_a_setting() -> None:
    first, *rest = actions_of(Config())
    assert (first, *rest) == (StatusAction.REVOKE, StatusAction.HOLD, StatusAction.RELEASE)
    other = replace(Config(), rules=Rules(obrazac_3="revoke release hold"))
    assert actions_of(other)[1] is StatusAction.RELEASE
    for words in ("revoke hold", "revoke hold hold", "revoke hold freeze", ""):
        with pytest.raises(BadConfig, match="obrazac_3"):
            actions_of(replace(Config(), rules=Rules(obrazac_3=words)))


def test_what_was_never_on_a_card_is_never_revoked_as_compromised() -> None:
    assert {code for _, code in UNDELIVERED.values()} == {
        RevocationReason.SUPERSEDED,
        RevocationReason.CESSATION_OF_OPERATION,
    }
    assert REASONS["lost"][1] is RevocationReason.KEY_COMPROMISE
    assert timedelta(hours=Rules().status_change_hours) == timedelta(days=1)
