"""Run the proof: `python -m tests.proofs.tear [issuance|renewal|unblock|unblock-centre|unblock-hsm|change-pin …]`.

One line for each procedure and way, `tear/issuance/remove: 1078 of 1078`; what fell short is told on stderr, and the
exit code is 1. `--random COUNT --seed S --cuts 2` lets several cuts come in a row at seeded moments instead.
`--mutants` puts known faults into the kiosk; here it is 1 unless every one of them is found.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from tests.proofs.station import share_authority, spare_the_linters
from tests.proofs.tear import cardedge, mutants, pkcs11
from tests.proofs.tear.cuts import Cut, Way, every_cut, random_cuts
from tests.proofs.tear.prepared_keys import use_prepared_keys
from tests.proofs.tear.subject import Subject
from tests.proofs.tear.tokens import CardToken, SoftToken

STORES = ("cardedge", "pkcs11", "opensc")
"""The second is SoftHSM; the third a PKCS#15 card behind pcscd: issuance and renewal only."""
OF_OPENSC = ("issuance", "renewal")
IN_MEMORY = Path("/dev/shm")  # where the machine has it, a kill is a kill all the same
SHOWN = 20
"""Faults told for each line."""


def main() -> int:
    """Exit code 1 when any trial of any line fell short."""
    options = _options()
    use_prepared_keys()
    with ExitStack() as until:
        folder = until.enter_context(tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None))
        share_authority(Path(folder) / "authority")
        spare_the_linters()

        @cache
        def prepared(procedure: str) -> Subject:
            return _prepared(_subject(options.store, procedure, Path(folder) / procedure, until))

        if options.mutants:
            return _mutants(prepared("renewal"), prepared("unblock"))
        lines = [
            _line(subject, f"tear/{name}", rows)
            for subject in map(prepared, options.procedures or _procedures(options.store))
            for name, rows in _lines(subject, options)
        ]
    return 0 if all(lines) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tear", description="The proof that no cut hurts a card.")
    parser.add_argument("procedures", nargs="*", choices=[*cardedge.SUBJECTS, []], metavar="PROCEDURE")
    parser.add_argument("--way", type=Way, choices=list(Way), help="remove, kill or both; default: all three")
    parser.add_argument("--stride", type=int, default=1, help="of all cuts, every so many-th")
    parser.add_argument("--sample", type=int, metavar="COUNT", help="so many cuts of each line instead, evenly spread")
    parser.add_argument("--random", type=int, default=0, metavar="COUNT", help="so many trials at seeded moments")
    parser.add_argument("--seed", type=int, default=19)
    parser.add_argument("--cuts", type=int, default=2, help="cuts in a row, with --random")
    parser.add_argument("--store", choices=STORES, default="cardedge")
    parser.add_argument("--mutants", action="store_true", help="known faults instead: each must be found")
    return parser.parse_args()


def _procedures(store: str) -> tuple[str, ...]:
    return {"cardedge": tuple(cardedge.SUBJECTS), "pkcs11": tuple(pkcs11.SUBJECTS), "opensc": OF_OPENSC}[store]


def _subject(store: str, procedure: str, folder: Path, until: ExitStack) -> Subject:
    if store == "cardedge":
        return cardedge.SUBJECTS[procedure](folder)
    return pkcs11.SUBJECTS[procedure](folder, SoftToken() if store == "pkcs11" else CardToken(until))


def _prepared(subject: Subject) -> Subject:
    subject.folder.mkdir()
    subject.prepare()
    # What is there now is shared by all the processes to come; counting its references would copy it into each.
    gc.freeze()
    return subject


def _lines(subject: Subject, options: argparse.Namespace) -> Iterator[tuple[str, Iterator[Sequence[Cut]]]]:
    store = "" if options.store == "cardedge" else f"{options.store}/"
    ways = [way for way in subject.ways if options.way in (None, way)]
    if options.random:
        rows = random_cuts(ways, subject.commands, options.random, options.cuts, options.seed)
        yield f"{store}{subject.name}/random:{options.seed}", rows
        return
    # An odd stride meets cuts before a command and after one in turn.
    stride = (2 * subject.commands // options.sample - 1) | 1 if options.sample else options.stride
    for way in ways:
        yield f"{store}{subject.name}/{way.value}", every_cut(way, subject.commands, stride)


def _line(subject: Subject, name: str, rows: Iterable[Sequence[Cut]]) -> bool:
    outcomes = [(cuts, subject.trial(cuts)) for cuts in rows]
    failed = [(cuts, faults) for cuts, faults in outcomes if faults]
    print(f"{name}: {len(outcomes) - len(failed)} of {len(outcomes)}", flush=True)
    for cuts, faults in failed[:SHOWN]:
        print(f"{name}: {' then '.join(map(str, cuts))}: {'; '.join(faults)}", file=sys.stderr, flush=True)
    return not failed


def _mutants(*subjects: Subject) -> int:
    found = mutants.all_found({subject.name: subject for subject in subjects})
    print(f"tear/mutants: {found} of {len(mutants.MUTANTS)}")
    return 0 if found == len(mutants.MUTANTS) else 1


if __name__ == "__main__":
    sys.exit(main())
