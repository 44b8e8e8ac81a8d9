"""python -m tests.proofs.sync [carried|restored|forged|forgetful|all …] --count N --seed S --workers W | --mutants

One line for each kind of runs between an office and the centre, `sync/carried: 2500 of 2500`. In each run files are
lost, repeated, reordered and damaged, connections break and machines stop; then both meet undisturbed, and nothing may
be lost, doubled, blocked or false. A run that falls short is named, to come again. Exit code 1 when any does.

`--mutants` puts known faults into office or centre; here it is 1 unless every one of them is found.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from types import FrameType

from tests.proofs.sync.mutants import MUTANTS
from tests.proofs.sync.trial import KINDS, Place
from tests.services.requirement import ServiceMissing

SHOWN = 5


def main(arguments: Sequence[str]) -> int:
    """Run the kinds, or the mutants; 0 when all of it is as it must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.sync", description=__doc__)
    parser.add_argument("kinds", nargs="*", default="all", choices=(*KINDS, "all"))
    parser.add_argument("--count", type=int, default=400, help="runs, of all the kinds together")
    parser.add_argument("--seed", type=int, default=0, help="number of the first run of each kind")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--mutants", action="store_true")
    wanted = parser.parse_args(arguments)
    try:
        return _mutants() if wanted.mutants else _runs(wanted)
    except ServiceMissing as error:
        print(f"sync: this machine lacks {error}", file=sys.stderr)
        return 1


def _runs(wanted: argparse.Namespace) -> int:
    kinds = list(KINDS) if "all" in wanted.kinds else wanted.kinds
    total = passed = 0
    with _runner(wanted.workers) as failures_of:
        for place, kind in enumerate(kinds):
            count = wanted.count // len(kinds) + (place < wanted.count % len(kinds))
            failures = failures_of(kind, range(wanted.seed, wanted.seed + count))
            print(f"sync/{kind}: {count - len(failures)} of {count}", flush=True)
            for failure in failures[:SHOWN]:
                print(f"  {failure}", file=sys.stderr, flush=True)
            total, passed = total + count, passed + count - len(failures)
    print(f"sync: {passed} of {total}")
    return 0 if passed == total else 1


@contextmanager
def _runner(workers: int) -> Iterator[Callable[[str, range], list[str]]]:
    """What does the runs of a kind, here or in several processes, and returns a line for each that falls short."""
    if workers == 1:
        with Place() as place:
            yield partial(_failures, place)
        return
    with ProcessPoolExecutor(workers) as pool:

        def failures(kind: str, seeds: range) -> list[str]:
            shares = [seeds[worker::workers] for worker in range(workers)]
            return [line for lines in pool.map(_failures_elsewhere, [kind] * workers, shares) for line in lines]

        yield failures


def _failures(place: Place, kind: str, seeds: range) -> list[str]:
    found = ((seed, place.trial(kind, seed)) for seed in seeds)
    return [f"{kind} --seed {seed} --count 1: {'; '.join(faults[:3])}" for seed, faults in found if faults]


def _failures_elsewhere(kind: str, seeds: range) -> list[str]:
    with Place() as place:
        return _failures(place, kind, seeds)


def _mutants() -> int:
    found = 0
    with Place() as place:
        for mutant in MUTANTS:
            how = mutant.found_by(place)
            found += how is not None
            print(f"sync/mutant/{mutant.name}: {how or 'NOT FOUND'}", flush=True)
    print(f"sync/mutants: {found} of {len(MUTANTS)}")
    return 0 if found == len(MUTANTS) else 1


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    # Told to end, a run takes its servers and folders away with it; the processes that it forks inherit this.
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, _end)
    sys.exit(main(sys.argv[1:]))
