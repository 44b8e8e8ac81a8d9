"""Run the proof: `python -m tests.proofs.authority [local|cmp|cmp-repeats|cmp-once|cmp-later|cmp-implicit|batch …]`.

One line for each authority, `authority/cmp: 412 of 412`; what fell short is told on stderr, and the exit code is 1.
`--sample COUNT` takes so many seeded trials of each instead; `--mutants` puts known faults into the office, and each
must be found.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa

from kiosk.ca.interface import Profile
from kiosk.ca.lint import findings
from tests.ca.houses import order_of
from tests.proofs.authority import mutants, office
from tests.proofs.authority.cmp_house import CmpHouse, serving_process
from tests.proofs.authority.cuts import Cut, Moment
from tests.proofs.authority.houses import houses
from tests.proofs.authority.trial import Bench
from tests.services.cmp.pki import make_pki

IN_MEMORY = Path("/dev/shm")  # where the machine has it, a kill is a kill all the same
SHOWN = 20
SEED = 4210
NAMES = ("local", "cmp", "cmp-repeats", "cmp-once", "cmp-later", "cmp-implicit", "batch")
LAST_EVENT = 24


def main() -> int:
    """Exit code 1 when any trial of any line fell short."""
    options = _options()
    in_memory = IN_MEMORY if IN_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=in_memory) as folder, _benches(Path(folder)) as benches:
        if options.mutants:
            found, all_of_them = mutants.all_found(benches), len(mutants.MUTANTS)
            print(f"authority/mutants: {found} of {all_of_them}", flush=True)
            return 0 if found == all_of_them else 1
        lines = [_line(benches[name], options.sample) for name in options.names or NAMES]
    return 0 if all(lines) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="authority", description="The proof that no cut issues twice or loses.")
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="AUTHORITY")
    parser.add_argument("--sample", type=int, default=0, metavar="COUNT", help="so many seeded trials of each")
    parser.add_argument("--mutants", action="store_true", help="known faults instead: each must be found")
    return parser.parse_args()


@contextmanager
def _benches(folder: Path) -> Iterator[dict[str, Bench]]:
    pki = make_pki(folder / "pki")
    made = houses(pki)
    order = order_of(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    request = replace(order, order_id=f"{office.CASE}/{order.profile.value}")
    office.prepare(folder / "template", request)
    for profile in Profile:
        findings(pki.ca.chain()[0], profile)
    # What is there now is shared by all the processes to come; counting its references would copy it into each.
    gc.freeze()
    with serving_process(pki, {h.name: h.habits for h in made if isinstance(h, CmpHouse)}) as port:
        benches = {}
        for house in made:
            if isinstance(house, CmpHouse):
                house.port = port
            (folder / house.name).mkdir()
            benches[house.name] = Bench(house, request, folder / "template", folder / house.name)
        yield benches


def _moments(bench: Bench, sample: int) -> Iterable[Moment]:
    if not sample:
        return bench.every_moment()
    chance = random.Random(f"{SEED} {bench.house.name}")  # noqa: S311  # repeatable, not secret
    return [_some_moment(bench, chance) for _ in range(sample)]


def _some_moment(bench: Bench, chance: random.Random) -> Moment:
    cut = chance.choice(bench.house.cuts)
    return Moment(cut, 1 if cut is Cut.NONE else chance.choice((1, 1, 2)), chance.randint(1, LAST_EVENT))


def _line(bench: Bench, sample: int) -> bool:
    outcomes = [(moment, bench.trial(moment)) for moment in _moments(bench, sample)]
    failed = [(moment, faults) for moment, faults in outcomes if faults]
    name = f"authority/{bench.house.name}"
    print(f"{name}: {len(outcomes) - len(failed)} of {len(outcomes)}", flush=True)
    if bench.settled_by_a_person:
        print(f"  ({bench.settled_by_a_person} times a person had to say that nothing was issued)", flush=True)
    for moment, faults in failed[:SHOWN]:
        print(f"{name}: {moment}: {'; '.join(faults)}", file=sys.stderr, flush=True)
    return not failed


if __name__ == "__main__":
    sys.exit(main())
