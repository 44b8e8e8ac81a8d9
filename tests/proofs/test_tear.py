"""No cut hurts a card: a sample of the proof for every run of the tests, the whole of it for `make soak`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.proving import prove
from tests.services import pkcs15_card, softhsm
from tests.services.requirement import missing, skip_or_fail

PROCEDURES = ("issuance", "renewal", "unblock", "change-pin")
KEY_SERVICES = ("unblock-centre", "unblock-hsm")
WAYS = ("remove", "kill", "both")


def require_whole(lines: dict[str, tuple[int, int]], names: set[str], at_least: int) -> None:
    assert set(lines) == names
    assert all(held == tried >= at_least for held, tried in lines.values()), lines


@pytest.mark.parametrize("procedure", ["issuance", "renewal"])
def test_every_cut_by_taking_the_card_out(procedure: str, capsys: pytest.CaptureFixture[str]) -> None:
    require_whole(
        prove(capsys, "tear", procedure, "--way", "remove", hours=0.2), {f"tear/{procedure}/remove"}, at_least=900
    )


def test_a_sample_of_all_cuts(capsys: pytest.CaptureFixture[str]) -> None:
    lines = prove(capsys, "tear", *PROCEDURES, "--sample", "7")
    require_whole(lines, {f"tear/{procedure}/{way}" for procedure in PROCEDURES for way in WAYS}, at_least=7)


def test_a_sample_of_two_cuts_in_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    require_whole(prove(capsys, "tear", "renewal", "--random", "8"), {"tear/renewal/random:19"}, at_least=8)


def require_module(module: Path, name: str) -> None:
    if not module.exists():
        skip_or_fail(missing(name))


def test_a_sample_of_kills_in_a_pkcs11_module(capsys: pytest.CaptureFixture[str]) -> None:
    require_module(softhsm.MODULE, "SoftHSM")
    lines = prove(capsys, "tear", "--store", "pkcs11", "--sample", "5")
    require_whole(lines, {f"tear/pkcs11/{procedure}/kill" for procedure in PROCEDURES}, at_least=5)


def test_a_sample_of_kills_in_opensc_before_a_pkcs15_card(capsys: pytest.CaptureFixture[str]) -> None:
    require_module(pkcs15_card.MODULE, "OpenSC")
    lines = prove(capsys, "tear", "renewal", "--store", "opensc", "--sample", "4")
    require_whole(lines, {"tear/opensc/renewal/kill"}, at_least=4)


def test_a_sample_of_cuts_while_a_key_service_answers(capsys: pytest.CaptureFixture[str]) -> None:
    require_module(softhsm.MODULE, "SoftHSM")
    lines = prove(capsys, "tear", *KEY_SERVICES, "--sample", "4")
    require_whole(lines, {f"tear/{procedure}/{way}" for procedure in KEY_SERVICES for way in WAYS}, at_least=4)


def test_known_faults_are_found(capsys: pytest.CaptureFixture[str]) -> None:
    lines = prove(capsys, "tear", "--mutants")
    assert lines == {"tear/mutants": (5, 5)}


@pytest.mark.soak
@pytest.mark.parametrize("procedure", [*PROCEDURES, *KEY_SERVICES])
def test_every_cut(procedure: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = prove(capsys, "tear", procedure, hours=2)
    require_whole(lines, {f"tear/{procedure}/{way}" for way in WAYS}, at_least=100)


@pytest.mark.soak
@pytest.mark.parametrize("procedure", PROCEDURES)
def test_every_call_into_a_pkcs11_module(procedure: str, capsys: pytest.CaptureFixture[str]) -> None:
    require_module(softhsm.MODULE, "SoftHSM")
    lines = prove(capsys, "tear", procedure, "--store", "pkcs11", hours=2)
    require_whole(lines, {f"tear/pkcs11/{procedure}/kill"}, at_least=60)


@pytest.mark.soak
@pytest.mark.parametrize("procedure", ["issuance", "renewal"])
def test_every_call_into_opensc(procedure: str, capsys: pytest.CaptureFixture[str]) -> None:
    require_module(pkcs15_card.MODULE, "OpenSC")
    lines = prove(capsys, "tear", procedure, "--store", "opensc", hours=2)
    require_whole(lines, {f"tear/opensc/{procedure}/kill"}, at_least=100)


@pytest.mark.soak
@pytest.mark.parametrize("procedure", PROCEDURES)
def test_ten_thousand_times_two_cuts(procedure: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = prove(capsys, "tear", procedure, "--random", "2500", hours=3)
    require_whole(lines, {f"tear/{procedure}/random:19"}, at_least=2500)
