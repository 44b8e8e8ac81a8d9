"""`kiosk rehearse` as a technician runs it: in process, behind pcscd, behind Debian's virtual reader, over PKCS#11."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hardware.training.citizens import CITIZENS
from hardware.training.key_service import training_admin_key
from tests.services import pkcs15_card, softhsm
from tests.services.card_process import training_card
from tests.services.cmp.lines import serving
from tests.services.cmp.pki import make_pki
from tests.services.cmp.responder import Habits, Responder
from tests.services.fixtures import READER_A, READER_B
from tests.services.pcscd import VPCD, PrivatePcscd, private_pcscd
from tests.services.requirement import ServiceMissing, skip_or_fail

JOVANA = CITIZENS["jovana"]
STEPS = {"issuance": 7, "renewal": 5, "unblock": 5, "status_change": 4}


def kiosk(*arguments: str, typed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kiosk", *arguments],
        input=typed,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, **environment},
    )


def rehearsed(*arguments: str, **environment: str) -> list[dict[str, Any]]:
    done = kiosk("rehearse", *arguments, "--json", **environment)
    assert done.returncode == 0, done.stderr + done.stdout
    found = json.loads(done.stdout)
    return list(found.get("rehearsals", [found]))


def check(found: dict[str, Any], holder: str, folder: Path) -> None:
    """Every step is told, both certificates are on the chip, and OpenSSL believes them."""
    procedure = found["procedure"]
    assert found["passed"]
    assert [step["reference"] for step in found["steps"]] == [f"{procedure}/{n + 1}" for n in range(STEPS[procedure])]
    assert all(step["evidence"] for step in found["steps"])
    if procedure in ("unblock", "status_change"):
        assert found["certificates"] == []
        return
    assert found["read_back"]
    assert [certificate["profile"] for certificate in found["certificates"]] == ["authentication", "signature"]
    for certificate in found["certificates"]:
        openssl_verifies(certificate["pem"], found["chain"], folder)
        assert certificate["subject"].startswith(holder)


def openssl_verifies(pem: str, chain: list[str], folder: Path) -> None:
    issuing, root = chain
    for name, text in (("leaf", pem), ("issuing", issuing), ("root", root)):
        (folder / f"{name}.pem").write_text(text)
    done = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-CAfile", "root.pem", "-untrusted", "issuing.pem", "leaf.pem"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr


def test_in_process(tmp_path: Path) -> None:
    found = rehearsed("all")
    assert [one["procedure"] for one in found] == list(STEPS)
    for one, citizen in zip(found, ("jovana", "milan", "blokiran", "jovana"), strict=True):
        check(one, f"{CITIZENS[citizen].surname} {CITIZENS[citizen].given_name}", tmp_path)
        assert one["apdu_count"] > 10
        assert one["dossier"]["papers"]


def test_over_cmp(tmp_path: Path) -> None:
    """Both orders go to a responder over HTTP, which lets the kiosk wait and wants its confirmation."""
    pki = make_pki(tmp_path)
    pki.write(tmp_path)
    responder = Responder(pki, Habits(waits=1))
    settings = tmp_path / "kiosk.toml"
    with serving(responder) as server:
        settings.write_text(CMP_SETTINGS.format(url=server.url))
        [found] = rehearsed("issuance", "--config", str(settings))
    check(found, f"{JOVANA.surname} {JOVANA.given_name}", tmp_path)
    assert responder.books()["confirmed"] == [True] * 2
    assert len(responder.live()) == 2
    assert responder.received == ["p10cr", "pollReq", "pollReq", "certConf"] * 2


CMP_SETTINGS = """
authority = "cmp"
[cmp]
url = "{url}"
chain = "chain.pem"
anchors = "infrastructure.pem"
certificate = "office.pem"
private_key = "office.key"
is_test = true
"""


def test_over_a_batch_folder(tmp_path: Path) -> None:
    """The case is set aside with a slip, a bundle goes to the TEST centre and back, the case is taken up and closed."""
    settings = tmp_path / "kiosk.toml"
    settings.write_text('folder = "centre"\n')
    made = kiosk("authority", "office", "7130", str(tmp_path), "--config", str(settings))
    assert made.returncode == 0, made.stderr
    stick = tmp_path / "stick"
    stick.mkdir()
    settings.write_text(f'folder = "centre"\n{made.stdout}folder = "stick"\n')
    (found,) = rehearsed("issuance", "--config", str(settings))
    check(found, f"{JOVANA.surname} {JOVANA.given_name}", tmp_path)
    assert "waiting_slip" in [paper["form"] for paper in found["dossier"]["papers"]]
    assert list(stick.iterdir()) == []


def test_behind_pcscd(pcscd: PrivatePcscd, tmp_path: Path) -> None:
    with training_card("jovana", pcscd.ports[READER_A], state=tmp_path / "card.json"):
        for _ in range(2):  # a rehearsal leaves the card as it was: it can be rehearsed again
            for one in rehearsed("all", "--reader", READER_A):
                check(one, f"{JOVANA.surname} {JOVANA.given_name}", tmp_path)
                assert one["reader"].startswith(READER_A)


def test_served_by_kiosk_card_serve_to_debians_virtual_reader(tmp_path: Path) -> None:
    if not VPCD.exists():
        skip_or_fail(ServiceMissing("vpcd"))
    with private_pcscd(tmp_path / "pcscd", readers=["TEST Virtual"], driver=VPCD) as service:
        port = next(iter(service.ports.values()))
        serving = subprocess.Popen([sys.executable, "-m", "kiosk", "card", "serve", "--port", str(port)])
        try:
            found = rehearsed("issuance", "--reader", "TEST Virtual", **service.environment)
        finally:
            serving.kill()
            serving.wait(10)
    check(found[0], f"{JOVANA.surname} {JOVANA.given_name}", tmp_path)


def test_softhsm_holds_the_keys(tmp_path: Path) -> None:
    try:
        token = softhsm.soft_token(tmp_path / "softhsm", pin=JOVANA.pin)
    except ServiceMissing as error:
        skip_or_fail(error)
    found = rehearsed("all", "--token", token.label, "--module", str(token.module), **token.environment)
    assert [one["procedure"] for one in found] == list(STEPS)
    for one in found:
        check(one, f"{JOVANA.surname} {JOVANA.given_name}", tmp_path)


def test_opensc_on_a_pkcs15_card_holds_the_keys(pcscd: PrivatePcscd, tmp_path: Path) -> None:
    try:
        with pkcs15_card.pkcs15_card(pcscd, READER_B, pin=JOVANA.pin):
            found = rehearsed("all", "--token", pkcs15_card.LABEL, "--module", str(pkcs15_card.MODULE))
    except ServiceMissing as error:
        skip_or_fail(error)
    assert [one["procedure"] for one in found] == list(STEPS)
    for one in found:
        check(one, f"{JOVANA.surname} {JOVANA.given_name}", tmp_path)


def test_the_offices_hsm_answers_and_its_operator_types_the_pin(tmp_path: Path) -> None:
    blocked = CITIZENS["blokiran"]
    try:
        token = softhsm.soft_token(tmp_path / "softhsm", "TEST HSM")
    except ServiceMissing as error:
        skip_or_fail(error)
    softhsm.add_secret_key(token, blocked.serial, training_admin_key(blocked.serial))
    settings = tmp_path / "kiosk.toml"
    settings.write_text(
        f'[key_service]\nkind = "hsm"\nmodule = "{token.module}"\ntoken_label = "TEST HSM"\n'
        "[rules]\nunblock_needs_second_clerk = true\n"
    )
    arguments = ("rehearse", "unblock", "--json", "--config", str(settings))
    done = kiosk(*arguments, typed=f"{softhsm.PIN.decode()}\n", **token.environment)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    check(found, f"{blocked.surname} {blocked.given_name}", tmp_path)
    assert found["steps"][1]["evidence"]["second_clerk"] == "TEST2"
    assert found["steps"][3]["evidence"]["key_service"] == "hsm"
    refused = kiosk(*arguments, typed="999999\n", **token.environment)
    assert (refused.returncode, "К-0413" in refused.stderr) == (1, True), refused.stderr


def test_the_centre_answers_by_a_code_exchange(tmp_path: Path) -> None:
    settings = tmp_path / "kiosk.toml"
    settings.write_text('[key_service]\nkind = "centre"\n')
    (found,) = rehearsed("unblock", "--config", str(settings))
    check(found, "", tmp_path)
    assert found["steps"][3]["evidence"]["key_service"] == "centre"


def test_a_change_of_status_issues_first_and_revokes_it(tmp_path: Path) -> None:
    (found,) = rehearsed("status_change")
    check(found, "", tmp_path)
    effect = found["steps"][2]["evidence"]
    assert (effect["action"], len(effect["changed"]), effect["in_time"]) == ("revoke", 2, True)
    assert [paper["form"] for paper in found["dossier"]["papers"]] == [
        "obrazac_3",
        "status_confirmation",
        "dossier_sheet",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["issuance", "--token", "X"], "--token needs --module"),
        (["closing"], "Invalid value"),
        (["issuance", "--reader", "no such reader"], "К-01"),
    ],
)
def test_what_cannot_be_rehearsed_is_one_sentence(arguments: list[str], said: str, pcscd: PrivatePcscd) -> None:
    done = kiosk("rehearse", *arguments)
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_card_that_fails_fails_the_rehearsal(tmp_path: Path) -> None:
    settings = tmp_path / "kiosk.toml"
    settings.write_text('[devices]\ntraining_fault = "remove@700"\n')
    done = kiosk("rehearse", "issuance", "--config", str(settings))
    assert done.returncode == 1
    assert "К-0214" in done.stderr
    assert "Traceback" not in done.stderr
