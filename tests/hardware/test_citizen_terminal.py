"""The citizen's own terminal, with the real program on it: asked there, typed there, and only states come out."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hardware.citizen_terminal import CitizenTerminal
from hardware.errors import (
    PinBlocked,
    PinEntryCancelled,
    PinEntryExpired,
    PinEntryFault,
    PinError,
    Unsupported,
    WrongPin,
)
from hardware.interface import PinMethod, PinPolicy, PinPrompt, PinRequest, PinState
from hardware.pin_entry import pin_entry_for
from hardware.settings import DeviceSettings
from tests.hardware.citizen_rig import CURRENT, READY, Asking, CitizensTty

ASKED = "ENTER YOUR PIN"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[CitizenTerminal, CitizensTty]]:
    """One terminal serves many citizens."""
    path = tmp_path_factory.mktemp("citizen") / "citizen.sock"
    entry = CitizenTerminal(path)
    with CitizensTty(path) as tty:
        tty.wait_for(READY)
        yield entry, tty
    entry.close()


@pytest.fixture
def entry(desk: tuple[CitizenTerminal, CitizensTty]) -> CitizenTerminal:
    return desk[0]


@pytest.fixture
def tty(desk: tuple[CitizenTerminal, CitizensTty]) -> CitizensTty:
    """Between two citizens, with no question on it."""
    entry, tty = desk
    entry.show(PinState.CHECKING)
    tty.wait_for("Checking")
    tty.forget()
    return tty


def test_a_pin_is_asked_for_and_typed(entry: CitizenTerminal, tty: CitizensTty) -> None:
    asking = Asking(entry)
    tty.wait_for(ASKED)
    assert tty.dots() == 0
    for said in (
        *("УНЕСИТЕ СВОЈ ПИН", "UNESITE SVOJ PIN", "ПИН личне карте, из коверте", "PIN lične karte, iz koverte"),
        *("from the envelope", "Преостало покушаја: 3", "Tries left: 3", "Још 30 s", "deblokira se na ovom šalteru"),
        *("Заклоните тастатуру руком", "тачка је на тастеру 5", "Esc, - отказује, увек", "Backspace, + clears all"),
    ):
        assert tty.shows(said), said
    for count, digit in enumerate("70241936", 1):
        tty.press(digit)
        tty.until(lambda count=count: tty.dots() == count, f"{count} dots")  # type: ignore[misc]  # bound at once
    tty.press("enter")
    assert asking.digits() == b"70241936"
    tty.wait_for("Checking")
    assert tty.rings() == 1, "at the question; the clerk hears nothing that a digit makes"
    assert set(asking.clerk.events) <= {PinRequest.CURRENT, PinState.WAITING, PinState.UNDER_WAY}
    assert asking.clerk.events[:2] == [PinRequest.CURRENT, PinState.WAITING]
    assert b"7024" not in tty.written
    assert not any(digits in tty.written for digits in (b"702", b"241", b"936"))


def test_too_few_digits_are_told_and_the_entry_begins_again(entry: CitizenTerminal, tty: CitizensTty) -> None:
    asking = Asking(entry)
    tty.enter("702", ASKED)
    tty.wait_for("Too few digits (min. 4)")
    assert tty.dots() == 0
    tty.enter("7024", ASKED)
    assert asking.digits() == b"7024"
    assert PinState.TOO_SHORT in asking.clerk.events


@pytest.mark.parametrize("key", ["backspace", "+", "*", "."])
def test_correction_clears_all(entry: CitizenTerminal, tty: CitizensTty, key: str) -> None:
    asking = Asking(entry)
    tty.wait_for(ASKED)
    tty.press("99")
    tty.until(lambda: tty.dots() == 2, "two dots")
    tty.press(key)
    tty.wait_for("Cleared")
    assert tty.dots() == 0
    tty.enter("7024", ASKED)
    assert asking.digits() == b"7024"


def test_keys_that_mean_nothing_are_swallowed_whole(entry: CitizenTerminal, tty: CitizensTty) -> None:
    asking = Asking(entry)
    tty.wait_for(ASKED)
    tty.press("7", "f1", "f5", "up", "02", "\x1b[1;5D", "\x1bOs", "x", "\x13", "\x03", "\x1a", "\x1c", "4", "5678", "9")
    tty.until(lambda: tty.dots() == 8, "eight dots: nine digits were typed, eight are taken")
    tty.press("enter")
    assert asking.digits() == b"70245678"
    assert tty.process.poll() is None


@pytest.mark.parametrize("key", ["escape", "-"])
def test_the_citizen_cancels(entry: CitizenTerminal, tty: CitizensTty, key: str) -> None:
    asking = Asking(entry)
    tty.wait_for(ASKED)
    tty.press("70")
    tty.press(key)
    with pytest.raises(PinEntryCancelled) as cancelled:
        asking.digits()
    entry.show(cancelled.value)
    tty.wait_for("ENTRY CANCELLED")
    assert tty.shows("No try was spent.")


def test_the_clerk_cancels_and_the_next_entry_is_untouched(entry: CitizenTerminal, tty: CitizensTty) -> None:
    asking = Asking(entry)
    tty.wait_for(ASKED)
    tty.press("7024")
    tty.until(lambda: tty.dots() == 4, "four dots")
    entry.cancel()
    with pytest.raises(PinEntryCancelled):
        asking.digits()
    tty.wait_for("ENTRY CANCELLED")
    assert tty.dots() == 0
    entry.cancel()
    again = Asking(entry)
    tty.enter("1357", ASKED)
    assert again.digits() == b"1357"


def test_nobody_types_until_time_is_up_and_is_warned_before(entry: CitizenTerminal, tty: CitizensTty) -> None:
    asking = Asking(entry, policy=PinPolicy(timeout_s=2))
    tty.wait_for("Any key gives you more.")
    tty.until(lambda: tty.rings() == 1 + 4, "a bell at the question, and the warning")
    tty.press("7")
    tty.until(lambda: not tty.shows("Any key gives you more."), "more time")
    with pytest.raises(PinEntryExpired) as expired:
        asking.digits()
    entry.show(expired.value)
    tty.wait_for("TIME IS UP")
    assert PinState.UNDER_WAY in asking.clerk.events


def test_a_new_pin_that_was_refused_is_asked_for_again_with_the_reason(
    entry: CitizenTerminal, tty: CitizensTty
) -> None:
    asking = Asking(entry, PinPrompt(request=PinRequest.NEW, refused=PinState.BIRTH_DATE))
    tty.wait_for("ENTER A NEW PIN")
    tty.wait_for("То је датум рођења  ·  To je datum rođenja")
    assert tty.shows("4 to 8 digits")
    assert not tty.shows("Tries left")
    tty.until(lambda: tty.rings() == 3, "bells for the refusal")
    tty.enter("7024", "ENTER A NEW PIN")
    assert asking.digits() == b"7024"
    assert asking.clerk.events[:2] == [PinRequest.NEW, PinState.BIRTH_DATE]
    again = Asking(entry, PinPrompt(request=PinRequest.NEW_AGAIN))
    tty.enter("7024", "REPEAT THE NEW PIN")
    assert again.digits() == b"7024"


def test_the_citizen_is_told_how_it_went(entry: CitizenTerminal, tty: CitizensTty) -> None:
    outcomes: list[tuple[PinState | PinError, tuple[str, ...], int]] = [
        (PinState.CHECKING, ("Checking", "Leave the card in the reader."), 0),
        (PinState.ACCEPTED, ("ПИН је прихваћен", "The clerk will tell you"), 2),
        (WrongPin(2), ("ПИН НИЈЕ ИСПРАВАН", "Tries left: 2", "it is unblocked at this counter"), 3),
        (WrongPin(1), ("THE PIN IS WRONG", "This is the last try."), 3),
        (PinBlocked(), ("THE PIN IS BLOCKED", "бирате нови ПИН"), 3),
        (PinEntryFault("TEST"), ("THE ENTRY FAILED", "Ниједан покушај није потрошен."), 3),
    ]
    heard = 0
    for outcome, said, rings in outcomes:
        entry.show(outcome)
        heard += rings
        tty.until(lambda said=said: all(tty.shows(text) for text in said), str(said))  # type: ignore[misc]  # bound at once
    tty.until(lambda: tty.rings() == heard, f"{heard} rings")


def test_the_last_try_is_announced(entry: CitizenTerminal, tty: CitizensTty) -> None:
    asking = Asking(entry, PinPrompt(request=PinRequest.CURRENT, tries_left=1))
    tty.wait_for("Ово је последњи покушај.")
    assert tty.shows("After the last wrong try the PIN is blocked")
    entry.cancel()
    with pytest.raises(PinEntryCancelled):
        asking.digits()


def test_what_is_typed_between_entries_is_neither_shown_nor_kept(entry: CitizenTerminal, tty: CitizensTty) -> None:
    assert not tty.echoes()
    tty.press("8597", "enter", "f5", "85", "\t", "/", "/", "/")
    tty.until(lambda: tty.written.count(b"Checking") == 2, "all languages, Latin between, and all again")
    asking = Asking(entry)
    tty.enter("7024", ASKED)
    assert asking.digits() == b"7024"
    assert b"85" not in tty.written


def test_the_language_key_goes_round_and_may_be_pressed_in_mid_entry(entry: CitizenTerminal, tty: CitizensTty) -> None:
    asking = Asking(entry)
    tty.wait_for(ASKED)
    tty.press("7")
    for key, shown, hidden in (
        ("\t", "УНЕСИТЕ СВОЈ ПИН", "UNESITE SVOJ PIN"),
        ("/", "UNESITE SVOJ PIN", "УНЕСИТЕ СВОЈ ПИН"),
        ("\t", ASKED, "UNESITE SVOJ PIN"),
        ("\t", "УНЕСИТЕ СВОЈ ПИН  ·  UNESITE SVOJ PIN  ·  ENTER YOUR PIN", "?"),
    ):
        tty.press(key)
        tty.until(lambda shown=shown, hidden=hidden: tty.shows(shown) and not tty.shows(hidden), shown)  # type: ignore[misc]
    tty.press("024", "enter")
    assert asking.digits() == b"7024"


@pytest.mark.parametrize(
    ("columns", "rows", "language", "dots"),
    [(80, 25, "all", "▄██▄  ▄██▄"), (40, 12, "sr-Latn", "* *"), (40, 12, "all", "* *"), (20, 4, "en", "* *")],
)
def test_any_screen_shows_what_matters_most(tmp_path: Path, columns: int, rows: int, language: str, dots: str) -> None:
    path = tmp_path / "citizen.sock"
    entry = CitizenTerminal(path)
    with closing(entry), CitizensTty(path, "--language", language, columns=columns, rows=rows) as tty:
        asking = Asking(entry)
        tty.until(lambda: tty.shows("30 s"), "the seconds")
        tty.press("70")
        tty.wait_for(dots)
        assert tty.shows("UNESITE SVOJ PIN") or tty.shows(ASKED)
        tty.press("24", "enter")
        assert asking.digits() == b"7024"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_at_its_end_the_terminal_is_as_it_was_and_empty(tmp_path: Path, number: signal.Signals) -> None:
    with CitizensTty(tmp_path / "citizen.sock") as tty:
        before = tty.modes()
        tty.wait_for("THIS SCREEN IS NOT IN SERVICE")
        assert not tty.echoes()
        assert tty.end(number)[0] == 0
        assert tty.modes() == before
        assert tty.echoes()
        tty.until(lambda: not any(tty.screen()), "empty screen")
        assert tty.written.endswith(b"\x1b[?25h")


def test_a_desk_without_a_socket_is_refused_at_once() -> None:
    with pytest.raises(Unsupported):
        pin_entry_for(DeviceSettings(pin_method=PinMethod.TERMINAL))


def test_a_desk_with_one_takes_the_pin_there(tmp_path: Path) -> None:
    entry = pin_entry_for(DeviceSettings(pin_method=PinMethod.TERMINAL, citizen_socket=tmp_path / "c"))
    assert entry.method is PinMethod.TERMINAL
    entry.close()


def test_training_says_so(tmp_path: Path) -> None:
    path = tmp_path / "citizen.sock"
    entry = pin_entry_for(DeviceSettings(pin_method=PinMethod.TERMINAL, citizen_socket=path))
    assert isinstance(entry, CitizenTerminal)
    with closing(entry), CitizensTty(path) as tty:
        asking = Asking(entry, CURRENT)
        tty.wait_for("ОБУКА: измишљен ПИН")
        tty.press("-")
        with pytest.raises(PinEntryCancelled):
            asking.digits()
