from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hardware.cardedge import CardEdgeKeyStore
from hardware.errors import WrongPin
from hardware.interface import KeyPurpose
from hardware.training.card import TrainingCard
from hardware.training.citizens import CITIZENS
from hardware.training.state import BadState
from tests.hardware.cards import TODAY, pin_of, unlocked_store
from tests.hardware.test_cardedge import certificate_for, require_signs

JOVANA, MILAN = CITIZENS["jovana"], CITIZENS["milan"]


def test_keys_and_certificates_survive(tmp_path: Path) -> None:
    path = tmp_path / "milan.json"
    store = unlocked_store(TrainingCard(MILAN, path, TODAY))
    pair = store.generate_key_pair(KeyPurpose.AUTHENTICATION)
    store.write_certificate(pair.key_id, certificate_for(pair))
    again = unlocked_store(TrainingCard(MILAN, path))
    assert again.key_pairs() == store.key_pairs()
    assert again.read_certificate(pair.key_id) == certificate_for(pair)
    require_signs(again, pair)


def test_the_data_keep_the_day_the_card_was_made(tmp_path: Path) -> None:
    path = tmp_path / "jovana.json"
    first = TrainingCard(JOVANA, path, TODAY)
    assert TrainingCard(JOVANA, path).data_files == first.data_files


def test_spent_tries_and_a_new_pin_survive_a_power_cut(tmp_path: Path) -> None:
    path = tmp_path / "jovana.json"
    store = CardEdgeKeyStore(lambda command: card.transmit(bytes(command)))
    card = TrainingCard(JOVANA, path, TODAY)
    with pin_of(b"999990") as wrong, pytest.raises(WrongPin):
        store.verify_pin(wrong)
    card = TrainingCard(JOVANA, path)
    assert store.pin_status().tries_left == 2
    with pin_of(JOVANA.pin) as old, pin_of(JOVANA.new_pin) as new:
        store.change_pin(old, new)
        card = TrainingCard(JOVANA, path)
        store.verify_pin(new)


def test_reading_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "milan.json"
    card = TrainingCard(MILAN, path, TODAY)
    store = unlocked_store(card)
    before = path.stat().st_ino
    store.certificates()
    assert path.stat().st_ino == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "jovana.json"
    TrainingCard(JOVANA, path, TODAY)
    assert path.stat().st_mode & 0o077 == 0


def test_a_draft_that_was_cut_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "jovana.json"
    TrainingCard(JOVANA, path, TODAY)
    (tmp_path / ".jovana.json.new").write_text("{")
    unlocked_store(TrainingCard(JOVANA, path)).generate_key_pair(KeyPurpose.SIGNATURE)
    assert len(unlocked_store(TrainingCard(JOVANA, path)).key_pairs()) == 1


def test_another_citizens_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    TrainingCard(JOVANA, path, TODAY)
    with pytest.raises(BadState, match="jovana"):
        TrainingCard(MILAN, path)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"format": "training-card-2"}'])
def test_a_file_that_is_no_state_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "card.json"
    path.write_text(content)
    with pytest.raises(BadState):
        TrainingCard(JOVANA, path)


def test_a_field_of_the_wrong_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    TrainingCard(JOVANA, path, TODAY)
    good = json.loads(path.read_text())
    for field in ("pin", "made_on", "files", "pin_tries", "admin_key"):
        path.write_text(json.dumps({**good, field: None}))
        with pytest.raises(BadState):
            TrainingCard(JOVANA, path)


def test_a_full_disk_is_an_os_error_and_the_old_state_stays(tmp_path: Path) -> None:
    path = tmp_path / "jovana.json"
    card = TrainingCard(JOVANA, path, TODAY)
    before = path.read_bytes()
    os.mkdir(tmp_path / ".jovana.json.new")
    with pytest.raises(OSError, match="directory"):
        unlocked_store(card).generate_key_pair(KeyPurpose.SIGNATURE)
    assert path.read_bytes() == before
