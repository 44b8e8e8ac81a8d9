"""The n-th system call on the archive's files fails, or the process dies in it: errors are named, nothing is lost.

strace injects what a broken disk would: EIO where a sync or a write should have been, ENOSPC, and SIGKILL.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from data.errors import ArchiveError, DiskFault, DiskFull, DiskUntrusted
from tests.data.invented import CLERK, finish_step, new_case, open_archive

ROOT = Path(__file__).parents[3]
NAMED = {kind.__name__ for kind in (DiskFault, DiskFull, DiskUntrusted)}
WAYS = (
    ("pwrite64", "signal=SIGKILL", 40),
    ("pwrite64", "error=ENOSPC", 40),
    ("pwrite64", "error=EIO", 40),
    ("fsync", "signal=SIGKILL", 14),
    ("fsync", "error=EIO", 14),
)
"""System call, what happens instead, and up to which one of them."""


def run(folder: Path, every: int, seed: int) -> bool:
    """Inject each fault at each call, or at some of them when cuts are sampled too."""
    del seed
    if shutil.which("strace") is None:
        print("power-cut/injected: 0 of 0  (strace is not installed)", flush=True)
        return True
    stride = 1 if every == 1 else 9
    trials = [(call, fault, when) for call, fault, last in WAYS for when in range(1, last + 1, stride)]
    faults: dict[str, list[str]] = {}
    for number, (call, fault, when) in enumerate(trials):
        place = folder / f"injected-{number}"
        faults[f"{call} {fault} {when}"] = [*_faults(place, call, fault, when)]
    wrong = {trial: found for trial, found in faults.items() if found}
    for trial, found in wrong.items():
        print(f"  {trial}: {'; '.join(found)}", file=sys.stderr, flush=True)
    print(f"power-cut/injected: {len(trials) - len(wrong)} of {len(trials)}", flush=True)
    return not wrong


def _faults(folder: Path, call: str, fault: str, when: int) -> Iterator[str]:
    with closing(open_archive(folder)) as archive:
        new_case(archive)
    files = [f"--trace-path={folder / name}" for name in ("archive.db", "archive.db-wal")]
    inject = [f"--trace={call}", f"--inject={call}:{fault}:when={when}"]
    command = ["strace", "-f", "-o", "/dev/null", *files, *inject, sys.executable, "-m", __name__, str(folder)]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    told = [json.loads(line) for line in finished.stdout.splitlines() if line.endswith("}")]
    errors = {line["error"] for line in told if "error" in line}
    if not errors and finished.returncode == 0:
        yield "the fault was not met"
    if not errors <= NAMED:
        yield f"unnamed: {errors - NAMED}"
    if "Traceback" in finished.stderr:
        yield finished.stderr.splitlines()[-1]
    with closing(open_archive(folder)) as archive:
        if not archive.verify().ok:
            yield "not as written"
        kept = {row.seq for row in archive.journal_rows(10_000)}
    lost = [line["row"] for line in told if "row" in line and line["row"] not in kept]
    if lost:
        yield f"acknowledged and lost: row {lost[0]}"


def main(folder: Path) -> None:
    """What the faults are injected into: steps of cases, each told once it is durable; then the error, and the end."""
    try:
        with closing(open_archive(folder)) as archive:
            for _ in range(2):
                case = new_case(archive)
                for _ in case.procedure.steps:
                    case = finish_step(archive, case)
                    print(json.dumps({"row": archive.heads.head().size}), flush=True)
            archive.end_session(CLERK)
    except ArchiveError as error:
        print(json.dumps({"error": type(error).__name__}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
