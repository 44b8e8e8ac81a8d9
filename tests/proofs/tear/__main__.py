"""Run the proof: `python -m tests.proofs.tear [issuance|renewal|unblock|change-pin …]`.

One line for each procedure and way, `tear/issuance/remove: 1188 of 1188`; what fell short is told on stderr, and the
exit code is 1. `--random COUNT --seed S --cuts 2` lets several cuts come in a row at seeded moments instead.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tests.proofs.station import share_authority
from tests.proofs.tear import cardedge, mutants, softhsm
from tests.proofs.tear.cuts import Cut, Way, every_cut, random_cuts
from tests.proofs.tear.prepared_keys import use_prepared_keys
from tests.proofs.tear.subject import Subject

SUBJECTS = {"cardedge": cardedge.SUBJECTS, "pkcs11": softhsm.SUBJECTS}
IN_MEMORY = Path("/dev/shm")  # where the machine has it, a kill is a kill all the same
SHOWN = 20
"""Faults told for each line."""


def main() -> int:
    """Exit code 1 when any trial of any line fell short."""
    options = _options()
    use_prepared_keys()
    whole = True
    with tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as folder:
        share_authority(Path(folder) / "authority")
        for procedure in options.procedures or SUBJECTS[options.store]:
            subject = SUBJECTS[options.store][procedure](Path(folder) / procedure)
            subject.folder.mkdir()
            subject.prepare()
            mutants.MUTANTS[options.mutant]()
            gc.freeze()
            for name, rows in _lines(subject, options):
                whole = _line(subject, f"tear/{name}", rows) and whole
    return 0 if whole else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tear", description="The proof that no cut hurts a card.")
    parser.add_argument("procedures", nargs="*", choices=[*SUBJECTS["cardedge"], []], metavar="PROCEDURE")
    parser.add_argument("--way", type=Way, choices=list(Way), help="remove, kill or both; default: all three")
    parser.add_argument("--stride", type=int, default=1, help="of all cuts, every so many-th")
    parser.add_argument("--first", type=int, default=0, help="index of the first cut")
    parser.add_argument("--random", type=int, default=0, metavar="COUNT", help="so many trials at seeded moments")
    parser.add_argument("--seed", type=int, default=19)
    parser.add_argument("--cuts", type=int, default=2, help="cuts in a row, with --random")
    parser.add_argument("--store", choices=list(SUBJECTS), default="cardedge")
    parser.add_argument("--mutant", choices=list(mutants.MUTANTS), default="", help="a kiosk with a known fault")
    return parser.parse_args()


def _lines(subject: Subject, options: argparse.Namespace) -> Iterator[tuple[str, Iterator[Sequence[Cut]]]]:
    store = "" if options.store == "cardedge" else f"{options.store}/"
    ways = [way for way in subject.ways if options.way in (None, way)]
    if options.random:
        rows = random_cuts(ways, subject.commands, options.random, options.cuts, options.seed)
        yield f"{store}{subject.name}/random:{options.seed}", rows
        return
    for way in ways:
        yield f"{store}{subject.name}/{way.value}", every_cut(way, subject.commands, options.stride, options.first)


def _line(subject: Subject, name: str, rows: Iterable[Sequence[Cut]]) -> bool:
    outcomes = [(cuts, subject.trial(cuts)) for cuts in rows]
    failed = [(cuts, faults) for cuts, faults in outcomes if faults]
    print(f"{name}: {len(outcomes) - len(failed)} of {len(outcomes)}", flush=True)
    for cuts, faults in failed[:SHOWN]:
        print(f"{name}: {' then '.join(map(str, cuts))}: {'; '.join(faults)}", file=sys.stderr, flush=True)
    return not failed


if __name__ == "__main__":
    sys.exit(main())
