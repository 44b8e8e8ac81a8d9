"""No cut hurts a card: a sample of the proof for every run of the tests, the whole of it for `make soak`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import pkcs15_card, softhsm
from tests.services.requirement import missing, skip_or_fail

ROOT = Path(__file__).parents[2]
LINE = re.compile(r"(tear/\S+): (\d+) of (\d+)")
PROCEDURES = ("issuance", "renewal", "unblock", "change-pin")
KEY_SERVICES = ("unblock-centre", "unblock-hsm")
WAYS = ("remove", "kill", "both")


def prove(capsys: pytest.CaptureFixture[str], *options: str, hours: float = 0.1) -> dict[str, tuple[int, int]]:
    """Run the proof, show its lines, and tell them: how many trials held, of how many."""
    finished = subprocess.run(
        [sys.executable, "-m", "tests.proofs.tear", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=hours * 3600,
        check=False,
    )
    with capsys.disabled():
        print(f"\n{finished.stdout}", end="")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return {name: (int(held), int(tried)) for name, held, tried in LINE.findall(finished.stdout)}


def require_whole(lines: dict[str, tuple[int, int]], names: set[str], at_least: int) -> None:
    assert set(lines) == names
    assert all(held == tried >= at_least for held, tried in lines.values()), lines


@pytest.mark.parametrize("procedure", ["issuance", "renewal"])
def test_every_cut_by_taking_the_card_out(procedure: str, capsys: pytest.CaptureFixture[str]) -> None:
    require_whole(prove(capsys, procedure, "--way", "remove", hours=0.2), {f"tear/{procedure}/remove"}, at_least=900)


def test_a_sample_of_all_cuts(capsys: pytest.CaptureFixture[str]) -> None:
    lines = prove(capsys, *PROCEDURES, "--sample", "7")
    require_whole(lines, {f"tear/{procedure}/{way}" for procedure in PROCEDURES for way in WAYS}, at_least=7)


def test_a_sample_of_two_cuts_in_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    require_whole(prove(capsys, "renewal", "--random", "8"), {"tear/renewal/random:19"}, at_least=8)


def require_module(module: Path, name: str) -> None:
    if not module.exists():
        skip_or_fail(missing(name))


def test_a_sample_of_kills_in_a_pkcs11_module(capsys: pytest.CaptureFixture[str]) -> None:
    require_module(softhsm.MODULE, "SoftHSM")
    lines = prove(capsys, "--store", "pkcs11", "--sample", "5")
    require_whole(lines, {f"tear/pkcs11/{procedure}/kill" for procedure in PROCEDURES}, at_least=5)


def test_a_sample_of_kills_in_opensc_before_a_pkcs15_card(capsys: pytest.CaptureFixture[str]) -> None:
    require_module(pkcs15_card.MODULE, "OpenSC")
    lines = prove(capsys, "renewal", "--store", "opensc", "--sample", "4")
    require_whole(lines, {"tear/opensc/renewal/kill"}, at_least=4)


def test_a_sample_of_cuts_while_a_key_service_answers(capsys: pytest.CaptureFixture[str]) -> None:
    require_module(softhsm.MODULE, "SoftHSM")
    lines = prove(capsys, *KEY_SERVICES, "--sample", "4")
    require_whole(lines, {f"tear/{procedure}/{way}" for procedure in KEY_SERVICES for way in WAYS}, at_least=4)


def test_known_faults_are_found(capsys: pytest.CaptureFixture[str]) -> None:
    lines = prove(capsys, "--mutants")
    assert lines == {"tear/mutants": (5, 5)}


@pytest.mark.soak
@pytest.mark.parametrize("procedure", [*PROCEDURES, *KEY_SERVICES])
def test_every_cut(procedure: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = prove(capsys, procedure, hours=2)
    require_whole(lines, {f"tear/{procedure}/{way}" for way in WAYS}, at_least=100)


@pytest.mark.soak
@pytest.mark.parametrize("procedure", PROCEDURES)
def test_every_call_into_a_pkcs11_module(procedure: str, capsys: pytest.CaptureFixture[str]) -> None:
    require_module(softhsm.MODULE, "SoftHSM")
    lines = prove(capsys, procedure, "--store", "pkcs11", hours=2)
    require_whole(lines, {f"tear/pkcs11/{procedure}/kill"}, at_least=60)


@pytest.mark.soak
@pytest.mark.parametrize("procedure", ["issuance", "renewal"])
def test_every_call_into_opensc(procedure: str, capsys: pytest.CaptureFixture[str]) -> None:
    require_module(pkcs15_card.MODULE, "OpenSC")
    lines = prove(capsys, procedure, "--store", "opensc", hours=2)
    require_whole(lines, {f"tear/opensc/{procedure}/kill"}, at_least=100)


@pytest.mark.soak
@pytest.mark.parametrize("procedure", PROCEDURES)
def test_ten_thousand_times_two_cuts(procedure: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = prove(capsys, procedure, "--random", "2500", hours=3)
    require_whole(lines, {f"tear/{procedure}/random:19"}, at_least=2500)
