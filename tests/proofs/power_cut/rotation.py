"""The archive's key is exchanged, and the power is cut: it opens with its slots, and no row is lost."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from data.archive import Archive
from data.custody import Custody
from data.errors import ArchiveError
from kiosk.wiring import utc_now
from tests.data.invented import CLERK, new_case
from tests.power_cut.disk import Image, states
from tests.power_cut.judge import lines_of, on_disk
from tests.power_cut.recording import record

ROWS = 60


def run(folder: Path, every: int, seed: int) -> bool:
    """Record a rotation and cut it after every `every`-th change."""
    place = folder / "rotation"
    place.mkdir()
    changes = record(place, place / "recorded", "tests.proofs.power_cut.rotation")
    chance = random.Random(seed)  # noqa: S311  # cuts, not keys
    begun = False
    tried = held = 0
    for number, mode, image in states(changes, every, chance):
        begun = begun or bool(lines_of(image))
        if not begun:
            continue
        tried += 1
        fault = "; ".join(_faults(image))
        held += not fault
        if fault:
            print(f"  rotation, after change {number}, {mode}: {fault}", file=sys.stderr, flush=True)
    print(f"power-cut/rotation: {held} of {tried}  ({len(changes)} changes)", flush=True)
    return held == tried > 0


def _faults(image: Image) -> Iterator[str]:
    with on_disk(image) as root:
        try:
            with closing(Archive.open(root / "station", utc_now)) as archive:
                result = archive.verify()
        except ArchiveError as error:
            yield f"{type(error).__name__}: {error}"
            return
        if not result.ok:
            yield str(result.findings[0])
        if result.rows < int(lines_of(image)[-1][1]):
            yield f"{result.rows} rows"


def main(root: Path) -> None:
    """What is recorded: an archive with rows is rotated twice."""
    (root / "world").mkdir()
    with (
        (root / "world" / "told").open("ab", buffering=0) as told,
        closing(Archive.open(root / "station", utc_now)) as archive,
    ):
        for _ in range(ROWS):
            new_case(archive)
        for _ in range(2):
            told.write(f"ROWS {archive.heads.head().size}\n".encode())
            Custody(archive, CLERK).rotate()
        told.write(f"ROWS {archive.heads.head().size}\n".encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
