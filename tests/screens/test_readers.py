"""Several readers: the clerk chooses, the desk works with the chosen one at once and after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from hardware.settings import DeviceSettings
from kiosk.config import Config
from kiosk.desk import Desk
from kiosk.reader_memory import FILE_NAME, remembered_reader
from kiosk.wiring import build_desk
from screens.app import KioskApp
from screens.rehearsal import Walk
from tests.services.card_process import training_card
from tests.services.fixtures import READER_A, READER_B
from tests.services.pcscd import PrivatePcscd


class NoFingers:
    """Nobody types a PIN here."""

    def enter_pin(self) -> None: ...

    def enter_new_pin(self) -> None: ...

    def remember_new_pin(self) -> None: ...


@contextmanager
def desk(folder: Path) -> Iterator[Desk]:
    """A desk on whatever reader there is, with the device host of a real one."""
    opened = build_desk(replace(Config(), folder=folder, devices=DeviceSettings(reader="", training_citizen="")))
    try:
        yield opened
    finally:
        opened.close()


async def test_the_chosen_reader_is_used_and_remembered(pcscd: PrivatePcscd, tmp_path: Path) -> None:
    with (
        training_card("jovana", pcscd.ports[READER_A]),
        training_card("marko", pcscd.ports[READER_B]),
        desk(tmp_path) as at,
    ):
        app = KioskApp(at)
        async with app.run_test(size=(80, 25)) as pilot:
            walk = Walk(app, pilot, NoFingers())
            first = at.reader_name()
            assert first.startswith(READER_A)
            await walk.press("6")
            await walk.until(lambda: "3" in [*_digits(app)], "the choice of readers")
            await walk.press("3")
            await walk.until(lambda: at.reader_name().startswith(READER_B), "the other reader")
            assert at.read_card().identity.document.document_number == "990000022"
            assert at.journal_rows(1)[0].body["reader"].startswith(READER_B)
    with desk(tmp_path) as again:
        assert again.reader_name().startswith(READER_B)


def _digits(app: KioskApp) -> list[str]:
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).split()[0] for strip in strips if strip.text.strip()]


def test_a_spoilt_memory_means_any_reader(tmp_path: Path) -> None:
    assert remembered_reader(tmp_path) == ""
    (tmp_path / FILE_NAME).write_bytes(b"\xff\xfe\x00")
    assert remembered_reader(tmp_path) == ""
