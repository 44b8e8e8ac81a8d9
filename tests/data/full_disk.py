"""A disk that really fills up: writes cases until there is no room, makes room, and looks at what is there.

`tmpfs` wants a mount namespace of its own, so that its small disk is gone when it ends; there the disk says ENOSPC.
`limit` needs nothing: the kernel refuses to let files grow (EFBIG), which SQLite reports as a failed write. Prints one
JSON object.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from data.archive import Archive
from data.errors import ArchiveError
from kiosk.cases import Case
from tests.data.invented import finish_step, new_case, open_archive


def fill(archive: Archive) -> tuple[list[Case], str]:
    """The cases as acknowledged, and the name of the error that ended it."""
    cases: list[Case] = []
    try:
        while True:
            case = new_case(archive)
            cases.append(case)
            for _ in case.procedure.steps:
                case = finish_step(archive, case)
                cases[-1] = case
    except ArchiveError as error:
        return cases, type(error).__name__


def make_full(folder: Path, way: str) -> Callable[[], object]:
    """Make a small disk of the folder; the function returned makes room on it."""
    if way == "limit":
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, hard))
        return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], check=True)
    reserve = folder / "reserve"
    reserve.write_bytes(bytes(1_000_000))
    return reserve.unlink


def main() -> None:
    """Fill the disk, try once more, read, make room, write on, and open again."""
    folder = Path(sys.argv[1])
    make_room = make_full(folder, sys.argv[2])
    archive = open_archive(folder / "archive")
    archive.room_bytes = 0
    cases, first = fill(archive)
    more, second = fill(archive)
    read_while_full = all(archive.case(case.id) == case for case in cases)
    make_room()
    more.append(finish_step(archive, new_case(archive)))
    archive.close()
    again = open_archive(folder / "archive")
    result = {
        "errors": [first, second],
        "cases": len(cases),
        "read_while_full": read_while_full,
        "held": all(again.case(case.id) == case for case in [*cases, *more]),
        "verified": again.verify().ok,
    }
    again.close()
    print(json.dumps(result))


if __name__ == "__main__":
    main()
