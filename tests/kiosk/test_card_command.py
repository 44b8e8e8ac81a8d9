"""`kiosk card show` and `kiosk card trust`, as a technician runs them."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hardware.cardedge import CardEdgeKeyStore
from hardware.training.citizens import CITIZENS
from hardware.training.test_authority import trusted_test_signers
from hardware.trust_list import LIST
from kiosk.x509 import validity_of
from tests.hardware.cards import transmit_to
from tests.services.card_process import training_card
from tests.services.fixtures import READER_A, READER_B, READER_C
from tests.services.pcscd import PrivatePcscd


def kiosk(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "kiosk", *arguments], capture_output=True, text=True, timeout=60)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "kiosk.toml"


def desk_of(config: Path, citizen: str, more: str = "") -> Path:
    config.write_text(f'[devices]\ntraining_citizen = "{citizen}"\n{more}')
    return config


def shown(config: Path, *more: str) -> dict[str, Any]:
    done = kiosk("card", "show", "--json", "--config", str(config), *more)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_containers_keys_certificates_and_memory_are_listed(config: Path, tmp_path: Path) -> None:
    from hardware.training.card import TrainingCard

    card = TrainingCard(CITIZENS["milan"], tmp_path / "milan.json")
    store = CardEdgeKeyStore(transmit_to(card))
    on_chip = {one.key_id.hex(): validity_of(one.certificate) for one in store.certificates()}
    told = shown(desk_of(config, "milan", f'training_state = "{tmp_path}"'))
    assert [(key["container"], key["purpose"], key["algorithm"]) for key in told["keys"]] == [
        (0, "authentication", "RSA 2048"),
        (1, "signature", "RSA 2048"),
    ]
    assert {key["key_id"] for key in told["keys"]} == set(on_chip)
    for key in told["keys"]:
        expected = on_chip[key["key_id"]]
        assert expected is not None
        certificate = key["certificate"]
        assert certificate["subject"] == expected.subject
        assert certificate["not_after"][:10] == expected.not_after.date().isoformat()
    assert told["token"]["free_memory"] == store.token().free_memory
    assert told["token"]["serial"] == "ID990000088"
    assert told["tries_left"] == CITIZENS["milan"].pin_tries
    assert told["authenticity"] == "authentic"
    assert told["trust_list"] == "built-in TEST list"


def test_the_words_come_first_and_everything_is_counted(config: Path) -> None:
    told = shown(desk_of(config, "milan"))
    words, identity = told["reading"]["words"], told["reading"]["identity"]
    assert words["apdu_count"] == 7
    assert 7 < identity["apdu_count"] < told["apdu_count"]
    assert 0 < words["milliseconds"] <= identity["milliseconds"] <= told["milliseconds"]


def test_lines_for_people(config: Path) -> None:
    done = kiosk("card", "show", "--config", str(desk_of(config, "milan")))
    assert done.returncode == 0
    facts = dict(line.split(":", 1) for line in done.stdout.splitlines())
    assert facts["surname"].strip() == CITIZENS["milan"].surname
    assert facts["container 0"].strip().startswith("authentication, RSA 2048, key ")
    assert facts["container 1"].strip().startswith("signature, RSA 2048, key ")
    assert facts["token free memory"].strip().isdecimal()
    assert facts["everything read"].split()[1] == "APDU,"
    empty = kiosk("card", "show", "--config", str(desk_of(config, "jovana")))
    assert "keys:                none" in empty.stdout.splitlines()


def test_the_portrait_is_saved_or_the_fault_is_said(config: Path, tmp_path: Path) -> None:
    desk_of(config, "jovana")
    shown(config, "--portrait", str(tmp_path / "portrait.jpg"))
    assert (tmp_path / "portrait.jpg").read_bytes().startswith(b"\xff\xd8\xff")
    done = kiosk("card", "show", "--config", str(config), "--portrait", str(tmp_path / "absent" / "portrait.jpg"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "No such file or directory" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_card_is_one_sentence(config: Path) -> None:
    done = kiosk("card", "show", "--config", str(desk_of(config, "apolo")))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "Error: not a card for certificates: an identity card of 2008, which carries no certificates (К-0105)"
    ]


def test_a_key_part_that_cannot_be_read_does_not_hide_the_identity(config: Path) -> None:
    first_of_keys = shown(desk_of(config, "jovana"))["reading"]["identity"]["apdu_count"] + 1
    desk_of(config, "jovana", f'training_fault = "sw6A82@{first_of_keys}"')
    done = kiosk("card", "show", "--json", "--config", str(config))
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert told["surname"] == CITIZENS["jovana"].surname
    assert told["token"]["code"] == "К-0105"
    assert "keys" not in told
    lines = kiosk("card", "show", "--config", str(config))
    assert "an identity card without a place for certificates" in lines.stderr
    assert CITIZENS["jovana"].surname in lines.stdout


def test_a_trust_list_from_the_folder_to_the_card(config: Path, tmp_path: Path) -> None:
    folder = tmp_path / "ministry"
    folder.mkdir()
    (folder / "resursi.der").write_bytes(trusted_test_signers()[0])
    listed = kiosk("card", "trust", str(folder), "--date", "2026-11-01")
    assert listed.returncode == 0, listed.stderr
    config.write_text(listed.stdout)
    told = shown(config)
    assert (told["authenticity"], told["trust_list"]) == ("authentic", "2026-11-01")
    (folder / LIST).write_text((folder / LIST).read_text().replace("2026", "2027"))
    done = kiosk("card", "show", "--config", str(config))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: trusted certificates, trust-list.toml: its SHA-256 is not the one in the settings (К-0107)\n"
    )


def test_a_trust_list_has_the_date_of_today_unless_told(tmp_path: Path) -> None:
    (tmp_path / "resursi.der").write_bytes(trusted_test_signers()[0])
    before = date.today()
    assert kiosk("card", "trust", str(tmp_path)).returncode == 0
    assert (tmp_path / LIST).read_text().splitlines()[0] in (f"date = {before}", f"date = {date.today()}")
    (tmp_path / "broken.cer").write_bytes(b"\x30\x00")
    done = kiosk("card", "trust", str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert "broken.cer: not a certificate (DER) that can be read (К-0107)" in done.stderr


def test_readers_are_listed_and_the_one_in_use_is_marked(pcscd: PrivatePcscd, config: Path) -> None:
    config.write_text(f'[devices]\nreader = "{READER_B}"\n')
    done = kiosk("card", "readers", "--config", str(config))
    assert done.returncode == 0, done.stderr
    assert [line[:15] for line in done.stdout.splitlines()] == [
        f"  {READER_A}",
        f"* {READER_B}",
        f"  {READER_C}",
    ]
    training = kiosk("card", "readers", "--config", str(desk_of(config, "jovana")))
    assert training.stdout.splitlines()[-1] == "in use: training"


def test_the_card_in_a_real_reader(pcscd: PrivatePcscd, config: Path) -> None:
    from hardware.interface import SlotState
    from hardware.pcsc import PcscSlot
    from tests.services.ports import wait_until

    slot = PcscSlot(READER_A, 5)
    with training_card("milan", pcscd.ports[READER_A]):
        wait_until(lambda: slot.state() is SlotState.CARD, "a card in the reader")
        told = shown(desk_of(config, ""), "--reader", READER_A)
    assert told["reader"].startswith(READER_A)
    assert [key["container"] for key in told["keys"]] == [0, 1]
