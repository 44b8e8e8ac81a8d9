"""What is cut: one procedure on one kind of chip, prepared once and copied for every trial."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from hardware.settings import DeviceSettings
from hardware.training.card import TrainingCard
from hardware.training.citizens import TrainingCitizen
from tests.proofs.tear.box import Box, KioskFailed
from tests.proofs.tear.cuts import Cut, Way
from tests.proofs.tear.forked import ForkFailed
from tests.proofs.tear.kiosk import Kiosk
from tests.proofs.tear.line import Line
from tests.proofs.tear.prepared_keys import rewind


class Subject:
    """One procedure under proof. `prepare` first; then `trial` for each row of cuts."""

    ways: ClassVar[tuple[Way, ...]] = tuple(Way)
    cuts_commands: ClassVar[bool] = True
    """Whether the card's commands are cut, and not something else that the kiosk calls."""

    def __init__(self, folder: Path, name: str, citizen: TrainingCitizen) -> None:
        self.name = name
        self.folder = folder
        self.citizen = citizen
        self.template = folder / "template"
        self.card = TrainingCard(citizen)
        self.commands = 0
        """How many an uncut run takes."""

    def settings(self, place: Path) -> DeviceSettings:
        """The devices of the kiosk, beside the card at the line."""
        return DeviceSettings()

    def prepare(self) -> None:
        """Bring a station to the moment before the citizen's step, and count the commands of a run without a cut."""
        self.template.mkdir()
        self.begin()
        boxes: list[Box] = []
        faults = self._trial((), boxes.append)
        if faults:
            raise KioskFailed(f"{self.name} does not even work without a cut: {', '.join(faults)}")
        self.commands = self.commands_in(boxes[0])

    def commands_in(self, box: Box) -> int:
        """How many commands could be cut in that run."""
        return box.commands

    def begin(self) -> None:
        """Walk the procedure to the citizen's step, in the template's folder."""

    def kiosk(self, box: Box, cut: Cut | None) -> Kiosk:
        """The kiosk as it is started now."""
        raise NotImplementedError

    def after_cut(self, box: Box, place: Path) -> list[str]:
        """What is wrong with the card that the citizen would take home now."""
        raise NotImplementedError

    def at_end(self, box: Box, place: Path) -> list[str]:
        """What is wrong when everything is done."""
        raise NotImplementedError

    def trial(self, cuts: Sequence[Cut]) -> list[str]:
        """Let these cuts come, start the kiosk again after each, and tell what is wrong; an empty list is the proof."""
        return self._trial(cuts, lambda box: None)

    def _trial(self, cuts: Sequence[Cut], keep: Callable[[Box], None]) -> list[str]:
        place = self.folder / "trial"
        shutil.copytree(self.template, place)
        rewind()
        faults: list[str] = []
        box = Box(
            copy.deepcopy(self.card),
            cuts,
            lambda: faults.extend(self.after_cut(box, place)),
            cuts_commands=self.cuts_commands,
        )
        keep(box)
        try:
            self._run_to_the_end(box, place)
            faults += self.at_end(box, place)
        except (KioskFailed, ForkFailed) as failure:
            faults.append(str(failure))
        finally:
            shutil.rmtree(place)
        if len(cuts) == 1 and box.cuts_left:
            faults.append("the cut never came")
        return faults

    def _run_to_the_end(self, box: Box, place: Path) -> None:
        for _ in range(box.cuts_left + 1):
            kiosk = self.kiosk(box, box.next_cut)
            if box.run(partial(_started, kiosk, place, self.settings(place))):
                return
        raise KioskFailed("the kiosk was killed more often than there were cuts")


def _started(kiosk: Kiosk, place: Path, settings: DeviceSettings, line: Line) -> None:
    kiosk(place, line, settings)
