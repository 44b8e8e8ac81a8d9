"""Every precondition holds or says why not, and what can be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from kiosk.procedures.preconditions import Check, Facts, OfficeState, Remedy, Standing, preconditions, refusals

TODAY = date(2026, 11, 24)
GOOD = Facts(
    today=TODAY,
    card_expiry=TODAY,
    card_carries_certificates=True,
    data_altered=False,
    chain_known=True,
    pin_blocked=False,
    contract_number="7130-2021-000114",
    certificate_end=TODAY - timedelta(days=1),
)


def refused(procedure_key: str, facts: Facts) -> dict[str, Remedy]:
    return {check.key: check.remedy for check in refusals(preconditions(procedure_key, facts))}


@pytest.mark.parametrize("procedure_key", ["issuance", "renewal", "unblock"])
def test_all_hold_for_a_good_card(procedure_key: str) -> None:
    assert refused(procedure_key, GOOD) == {}


@pytest.mark.parametrize("procedure_key", ["issuance", "renewal", "unblock"])
def test_the_card_must_be_valid_genuine_and_able_to_carry_certificates(procedure_key: str) -> None:
    assert refused(procedure_key, replace(GOOD, card_expiry=TODAY - timedelta(days=1))) == {"card_valid": Remedy.NONE}
    assert refused(procedure_key, replace(GOOD, card_carries_certificates=False)) == {
        "chip_carries_certificates": Remedy.NONE
    }
    assert refused(procedure_key, replace(GOOD, data_altered=True)) == {"data_authentic": Remedy.NONE}
    assert refused(procedure_key, replace(GOOD, data_signed=False)) == {"data_authentic": Remedy.NONE}


@pytest.mark.parametrize(
    ("standing", "reason", "holds"),
    [
        (Standing(revoked_on=TODAY), "опозван", False),
        (Standing(revoked_on=TODAY, is_held=True), "суспендован", False),
        (Standing(list_date=TODAY, is_current=True), "Није на листи", True),
        (Standing(list_date=TODAY), "застарела", False),
        (Standing(is_damaged=True), "увезите", False),
    ],
)
def test_what_the_revocation_list_says_is_a_warning_only(standing: Standing, reason: str, holds: bool) -> None:
    facts = replace(GOOD, standing=standing)
    assert refused("renewal", facts) == {}
    [check] = [check for check in preconditions("renewal", facts) if check.key == "not_revoked"]
    assert reason in check.reason
    assert check.holds is holds
    assert "not_revoked" not in [check.key for check in preconditions("issuance", facts)]


@pytest.mark.parametrize(
    ("office", "key"),
    [
        (OfficeState(must_compare=True), "head_compared"),
        (OfficeState(is_contradicted=True), "centre_agrees"),
        (OfficeState(is_cut_off=True, days=14), "centre_heard"),
    ],
)
@pytest.mark.parametrize("procedure_key", ["issuance", "renewal", "unblock"])
def test_an_office_that_the_centre_cannot_vouch_for_begins_no_case(
    procedure_key: str, office: OfficeState, key: str
) -> None:
    assert refused(procedure_key, replace(GOOD, office=office)) == {key: Remedy.NONE}


def test_some_days_without_the_centre_are_a_warning_only() -> None:
    facts = replace(GOOD, office=OfficeState(is_overdue=True, days=4))
    assert refused("issuance", facts) == {}
    assert [c.key for c in preconditions("issuance", facts) if not c.holds] == ["centre_heard"]


def test_an_unknown_signer_is_a_warning_only() -> None:
    facts = replace(GOOD, chain_known=False)
    assert refused("issuance", facts) == {}
    assert [c.key for c in preconditions("issuance", facts) if not c.holds] == ["chain_known"]


@pytest.mark.parametrize("procedure_key", ["issuance", "renewal"])
@pytest.mark.parametrize("facts", [replace(GOOD, pin_blocked=True), replace(GOOD, citizen_knows_pin=False)])
def test_without_the_pin_the_unblock_comes_first(procedure_key: str, facts: Facts) -> None:
    assert refused(procedure_key, facts) == {"pin_known": Remedy.UNBLOCK_FIRST}
    assert refused("unblock", facts) == {}


def test_renewal_needs_a_contract() -> None:
    facts = replace(GOOD, contract_number=None)
    assert refused("renewal", facts) == {"contract_valid": Remedy.ENTER_CONTRACT}
    assert refused("issuance", facts) == {}


def check(key: str, checks: tuple[Check, ...]) -> Check:
    return next(c for c in checks if c.key == key)


def test_renewal_is_refused_until_the_day_after_the_certificate_ended() -> None:
    last_day = replace(GOOD, certificate_end=TODAY)
    assert refused("renewal", last_day) == {"certificate_expired": Remedy.WAIT_UNTIL}
    found = check("certificate_expired", preconditions("renewal", last_day))
    assert dict(found.values) == {"date": "25.11.2026."}


@pytest.mark.parametrize(("days_before", "days_left", "allowed"), [(30, 29, True), (30, 30, False), (0, 0, False)])
def test_an_office_may_set_how_early_renewal_is_allowed(days_before: int, days_left: int, allowed: bool) -> None:
    facts = replace(GOOD, certificate_end=TODAY + timedelta(days=days_left), renewal_days_before_end=days_before)
    assert (refused("renewal", facts) == {}) is allowed


def test_a_contract_without_a_certificate_on_the_card_is_told() -> None:
    found = check("certificate_expired", preconditions("renewal", replace(GOOD, certificate_end=None)))
    assert found.holds
    assert found.is_warning


def test_no_second_key_while_a_case_of_the_card_is_open() -> None:
    begun = replace(GOOD, begun_case="2026-000007")
    assert refused("issuance", begun) == refused("renewal", begun) == {"none_begun": Remedy.NONE}
    assert refused("unblock", begun) == {}
