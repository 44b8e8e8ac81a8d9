"""python -m tests.proofs.power_cut [VARIANT|rotation|injected …] [--every N] [--finish N] [--seed S]

Issuances at a real desk are recorded down to their system calls. The power is cut after every N-th of them, with every
kind of what a disk may then hold; the archive is opened there, verified, and held to what the clerk had seen and what
the chip and the authority had been told; every `--finish`-th state is gone on with to the certificate. One line for
each way to run: of the sound ones every state must hold, `power-cut/wal-full: 7650 of 7650`; each weaker one is a
mutant that must be caught. Exit 1 when one of them is not as it must be.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.power_cut.disk import states
from tests.power_cut.judge import finish, judge
from tests.power_cut.recording import record
from tests.power_cut.weakened import VARIANTS, Variant, settings_of
from tests.proofs.power_cut import injected, rotation
from tests.proofs.station import share_authority

OTHERS = ("rotation", "injected")
MUTANTS_EVERY = 20


def main(arguments: Sequence[str]) -> int:
    """Run the named variants, or all; 0 when the sound ones hold and the mutants are caught."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.power_cut", description=__doc__)
    parser.add_argument("names", nargs="*", default=[], choices=[*VARIANTS, *OTHERS, []])
    parser.add_argument("--every", type=int, default=1, help="changes from one cut to the next")
    parser.add_argument("--finish", type=int, default=40, help="states from one that is gone on with to the next")
    parser.add_argument("--count", type=int, default=1, help="citizens served")
    parser.add_argument("--seed", type=int, default=19)
    wanted = parser.parse_args(arguments)
    names = wanted.names or [*VARIANTS, *OTHERS]
    with tempfile.TemporaryDirectory() as folder:
        authority = Path(folder) / "authority"
        share_authority(authority)
        passed = [
            _cut(VARIANTS[name], Path(folder), authority, wanted)
            if name in VARIANTS
            else {"rotation": rotation.run, "injected": injected.run}[name](Path(folder), wanted.every, wanted.seed)
            for name in names
        ]
    return 0 if all(passed) else 1


def _cut(variant: Variant, folder: Path, authority: Path, wanted: argparse.Namespace) -> bool:
    place = folder / variant.name
    place.mkdir()
    changes = record(
        place, place / "recorded", "tests.power_cut.subject", str(authority), variant.name, str(wanted.count)
    )
    chance = random.Random(wanted.seed)  # noqa: S311  # cuts, not keys
    wrong: Counter[str] = Counter()
    tried = finished = 0
    # Whether a mutant is caught is known after some hundred states.
    every = wanted.every if variant.is_sound else max(wanted.every, MUTANTS_EVERY)
    with settings_of(variant):
        for number, mode, image in states(changes, every, chance):
            tried += 1
            fault = judge(image)
            if not fault and variant.is_sound and tried % wanted.finish == 0:
                finished += 1
                fault = finish(image)
            if fault:
                wrong[fault.partition(":")[0]] += 1
                if variant.is_sound:
                    print(f"  after change {number}, {mode}: {fault}", file=sys.stderr, flush=True)
    return _report(variant, len(changes), tried, finished, wrong)


def _report(variant: Variant, changes: int, tried: int, finished: int, wrong: Counter[str]) -> bool:
    held = tried - wrong.total()
    if variant.is_sound:
        print(f"power-cut/{variant.name}: {held} of {tried}  ({changes} changes; {finished} gone on with)", flush=True)
        return held == tried
    told = ", ".join(f"{count} {fault}" for fault, count in wrong.most_common(3))
    print(f"power-cut/mutant/{variant.name}: {int(bool(wrong))} of 1  (caught by {told}; of {tried})", flush=True)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
