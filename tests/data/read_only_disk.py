"""A disk that came back read-only after a fault, as Linux remounts it: what is there is named, and nothing is lost.

Wants a mount namespace of its own. Prints one JSON object.
"""

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from data.errors import ArchiveError
from tests.data.invented import finish_step, new_case, open_archive


def main(folder: Path) -> None:
    """Write, remount read-only, try to open, remount, and go on."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)], check=True)
    with closing(open_archive(folder)) as archive:
        archive.room_bytes = 0
        case = finish_step(archive, new_case(archive))
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    try:
        open_archive(folder).close()
        error = ""
    except ArchiveError as caught:
        error = type(caught).__name__
    subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
    with closing(open_archive(folder)) as archive:
        after = finish_step(archive, case)
        print(json.dumps({"error": error, "held": archive.case(case.id) == after, "verified": archive.verify().ok}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
