"""What a citizen hears: a command of the office's is given whole sentences, and never a digit or their count."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from hardware.training.citizens import CITIZENS
from kiosk.config import Cues, Rules
from kiosk.speech import NoSpeech, Speaker
from kiosk.texts import Language
from tests.screens.station import Station, station
from tests.services.ports import wait_until

PIN = CITIZENS["jovana"].pin.decode()
DIGITS_OF_THE_PROMPTS = {"4", "5", "8", "2", "1", "1234"}
"""The shortest and the longest PIN, the key with the dot, tries left: said whatever is typed."""


def command(folder: Path) -> str:
    """A command that writes down what it is told to say."""
    script = folder / "speak"
    script.write_text(f'#!/bin/sh\nwords=$(cat)\necho "$1|$words" >> "{folder}/spoken"\n')
    script.chmod(0o700)
    return f"{script} {{voice}}"


def spoken(folder: Path) -> list[str]:
    path = folder / "spoken"
    return path.read_text().splitlines() if path.exists() else []


async def heard(at: Station, folder: Path, words: str) -> None:
    await at.walk_until(lambda: any(words in line for line in spoken(folder)), f"«{words}» to be said")


async def test_the_prompts_of_an_issuance_are_spoken(tmp_path: Path) -> None:
    cues = Cues(speech=command(tmp_path))
    async with station(tmp_path, cues=cues, rules=Rules(pin_timeout_s=6)) as at:
        await at.open("issuance")
        await at.do_steps(1, 5)
        await at.citizen(6)
        await heard(at, tmp_path, "УНЕСИТЕ СВОЈ ПИН")
        await heard(at, tmp_path, "тастеру 5")
        await heard(at, tmp_path, "Преостало покушаја: 3")
        os.write(at.fingers._fd, b"13\r")
        await heard(at, tmp_path, "Премало цифара")
        await heard(at, tmp_path, "Време истиче")
        at.fingers.enter_wrong_pin()
        await heard(at, tmp_path, "ПИН НИЈЕ ИСПРАВАН")
        await at.press("enter")
        await at.citizen(6)
        at.fingers.enter_pin()
        await heard(at, tmp_path, "ПИН је прихваћен")
        await at.step(7)
    said = "\n".join(spoken(tmp_path))
    assert set(re.findall(r"\d+", said)) <= DIGITS_OF_THE_PROMPTS | {"3"}
    assert PIN not in said
    assert all(line.startswith("sr|") for line in spoken(tmp_path) if line)


async def test_nothing_is_spoken_unless_the_office_wants_it(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        await at.open("issuance")
        await at.do_steps(1, 5)
        await at.citizen(6)
        at.fingers.cancel()
        await at.fault("К-0303")
    assert not spoken(tmp_path)


def test_words_go_in_place_of_the_text_and_what_comes_next_cuts_them_off(tmp_path: Path) -> None:
    script = tmp_path / "slow"
    script.write_text(f'#!/bin/sh\necho "$2:$1" >> "{tmp_path}/spoken"\nexec sleep 60\n')
    script.chmod(0o700)
    speaker = Speaker(f"{script} {{text}} {{voice}}")
    speaker.say("Enter your PIN", Language.ENGLISH)
    wait_until(lambda: spoken(tmp_path) == ["en:Enter your PIN"], "the first words")
    first = speaker._speaking
    speaker.say("УНЕСИТЕ ПИН", Language.LATIN)
    wait_until(lambda: len(spoken(tmp_path)) == 2, "the next words")
    assert first is not None
    assert first.poll() is not None
    speaker.hush()
    assert spoken(tmp_path)[1] == "sr:УНЕСИТЕ ПИН"


@pytest.mark.parametrize("wrong", ["no-such-program {text}", 'espeak "'])
def test_a_command_that_cannot_speak_is_named(wrong: str) -> None:
    with pytest.raises(NoSpeech):
        Speaker(wrong)
