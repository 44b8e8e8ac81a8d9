"""Plain-text pictures of screens, kept in `goldens/`; UPDATE_GOLDENS=1 renews them, and the difference is then read."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from textual.screen import Screen

from hardware.training.card import TrainingCard
from hardware.training.citizens import CITIZENS
from kiosk.texts import Language, Texts
from screens.app import KioskApp
from screens.frame import BODY_HEIGHT, HEIGHT, KEY_NAMES, WIDTH, FrameScreen
from screens.list_screen import ListScreen
from screens.opening import PORTRAIT_ROWS, OpeningScreen
from screens.parts.ink import Ink
from screens.parts.lines import Line, Lines, width_of
from screens.parts.portrait import QUARTERS, columns_for
from screens.parts.step_rail import WIDTH as RAIL
from screens.parts.words import PROCEDURE_TITLES
from screens.portrait import PortraitScreen
from screens.scroll_screen import ScrollScreen
from screens.step_screen import StepScreen
from tests.console.photograph import ConsoleFont
from tests.screens.station import Station, station

GOLDENS = Path(__file__).with_name("goldens")
AT = datetime(2026, 3, 2, 9, 42, tzinfo=UTC)
NOT_LISTENED_FOR = {*PROCEDURE_TITLES.values(), *KEY_NAMES.values()}
"""The list has room for five letters of a procedure; a screen may name a key anew."""
MASKS = (
    (re.compile(r"\b[0-9A-Fa-f]{24,}\b"), "0" * 32),
    (re.compile(r"\b[0-9A-F]{16}\b"), "0" * 16),
    (re.compile(r"\b\d,\d(?= s\b)"), "0,0"),
    (re.compile(r"\b\d\d(?= s\b)"), "60"),
    (re.compile(r"(?<=: )\d\d(?=\)\.)"), "50"),
)
"""Serial numbers, digests and the lengths of signatures are random; seconds are measured."""


@cache
def font() -> ConsoleFont:
    return ConsoleFont.shipped()


class Heard(Texts):
    """Remembers what was said while a screen was laid out."""

    def __init__(self, language: Language) -> None:
        super().__init__(language)
        self.said: list[str] = []

    def __call__(self, message: str, **values: object) -> str:
        text = super().__call__(message, **values)
        if message not in NOT_LISTENED_FOR:
            self.said.append(text)
        return text


class Album:
    """The pictures of one test: a folder in `goldens/` that holds these and no others."""

    def __init__(self, name: str) -> None:
        self._folder = GOLDENS / name
        self._taken: dict[str, str] = {}

    async def take(self, at: Station, name: str, language: Language = Language.CYRILLIC) -> str:
        """Picture the uppermost screen, and look that it is sound in every language. Returns the text as shown."""
        screen = at.app.screen
        await at.walk_until(lambda: shown(screen), "the first frame")
        text = shown(screen)
        assert_sound(text)
        if isinstance(screen, FrameScreen):
            for any_language in Language:
                assert_nothing_cut(at.app, screen, any_language)
            assert at.app.texts.language is language
        assert name not in self._taken
        self._taken[name] = masked(without_portrait(screen, text))
        return text

    def settle(self) -> None:
        """Compare with the kept pictures, or keep these instead."""
        if os.environ.get("UPDATE_GOLDENS") == "1":
            self._keep()
        differences = [line for name, text in self._taken.items() for line in self._difference(name, text)]
        gone = {path.stem for path in self._folder.glob("*.txt")} - set(self._taken)
        assert not differences, "\n".join([*differences, "", "If that is right: make goldens"])
        assert not gone, f"kept but not taken any more: {', '.join(sorted(gone))}"

    def _keep(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in self._folder.glob("*.txt"):
            path.unlink()
        for name, text in self._taken.items():
            (self._folder / f"{name}.txt").write_text(text, encoding="utf-8")

    def _difference(self, name: str, text: str) -> list[str]:
        path = self._folder / f"{name}.txt"
        kept = path.read_text(encoding="utf-8") if path.exists() else ""
        label = f"{self._folder.name}/{name}"
        return list(difflib.unified_diff(kept.splitlines(), text.splitlines(), label, "now", lineterm="", n=1))


@asynccontextmanager
async def pictured(
    name: str, folder: Path, citizen: str = "jovana", others: tuple[str, ...] = (), **settings: Any
) -> AsyncIterator[tuple[Station, Album]]:
    """A station whose clock stands still, with cards made on that day, and the album of its pictures."""
    cards = folder / "cards"
    cards.mkdir(mode=0o700, exist_ok=True)
    for key in {citizen, *others} - {""}:
        TrainingCard(CITIZENS[key], cards / f"{key}.json", today=date(AT.year, AT.month, AT.day))
    album = Album(name)
    async with station(folder, citizen, clock=lambda: AT, **settings) as at:
        yield at, album
    album.settle()


def shown(screen: Screen[Any]) -> str:
    """What the terminal would show, 25 lines of 80 cells."""
    strips = screen._compositor.render_strips()
    return "".join("".join(segment.text for segment in strip).rstrip() + "\n" for strip in strips)


def masked(text: str) -> str:
    """The text with the same filler wherever it differs from run to run."""
    for pattern, filler in MASKS:
        text = pattern.sub(filler, text)
    return text


def without_portrait(screen: Screen[Any], text: str) -> str:
    """The portrait's cells evened out: how a picture is decoded is not ours to keep."""
    if isinstance(screen, OpeningScreen) and screen.picture:
        return _evened(text, 3, 2, PORTRAIT_ROWS)
    if isinstance(screen, PortraitScreen):
        return _evened(text, 2, (WIDTH - columns_for(BODY_HEIGHT)) // 2, BODY_HEIGHT)
    return text


def _evened(text: str, top: int, left: int, rows: int) -> str:
    lines = text.splitlines()
    right = left + columns_for(rows)
    lit = sum(cell in QUARTERS and cell != " " for line in lines[top : top + rows] for cell in line[left:right])
    assert lit > rows, "no portrait where it should be"
    for number in range(top, top + rows):
        line = lines[number].ljust(right)
        lines[number] = line[:left] + "▒" * (right - left) + line[right:]
    return "\n".join(lines) + "\n"


def assert_sound(text: str) -> None:
    """25 lines of at most 80 cells, every one in the console's font."""
    lines = text.splitlines()
    assert len(lines) == HEIGHT
    assert max(map(len, lines)) <= WIDTH
    missing = set(text) - set(font().index) - {"\n"}
    assert not missing, f"not in the console's font: {missing}"


def assert_nothing_cut(app: KioskApp, screen: FrameScreen[Any], language: Language) -> None:
    """In that language, too, every text is on the screen to its last word."""
    heard = Heard(language)
    before, app.texts = app.texts, heard
    try:
        lines = screen.layout_lines()
        said = tuple(heard.said)
        overlong = [] if isinstance(screen, ScrollScreen) else too_much(screen)
    finally:
        app.texts = before
    page = "\n".join("".join(text for text, _ in line) for line in lines).casefold()
    assert all(width_of(line) <= WIDTH for line in lines), language
    cut = [text for text in said if text.split() and text.split()[-1].casefold() not in page]
    assert isinstance(screen, ScrollScreen) or not cut, f"cut in {language.value}: {cut}"
    marked = [text for line in lines for text, ink in line if ink is Ink.SELECTED and isinstance(screen, ListScreen)]
    assert all("►" in text for text in marked), "told by colour alone"
    assert not overlong, f"too many lines in {language.value}: {overlong}"


def too_much(screen: FrameScreen[Any]) -> list[Line]:
    """Lines of the body for which there is no room."""
    is_step = isinstance(screen, StepScreen)
    lines = Lines(WIDTH - RAIL - 4 if is_step else WIDTH - 4)
    lines.blank(1 if is_step else 0)
    screen.body(lines)
    return lines.lines[BODY_HEIGHT:]
