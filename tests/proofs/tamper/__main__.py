"""python -m tests.proofs.tamper [bit|file-bit|swap|rewrite|tail|rollback|export …] [--sample N] [--seed S]

Changes an archive in every way somebody with its key could, at every place, and asks the verification. One line for
each way, `tamper/tail: 12 of 12`; exit 1 when something was not found. `tamper/mutants` takes a defence away and counts
that the tampering then goes unseen: what shows that the trials try something.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.proofs.tamper.mutants import MUTANTS, unseen
from tests.proofs.tamper.trials import WAYS


def main(arguments: Sequence[str]) -> int:
    """Try the ways; 0 when everything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.tamper", description=__doc__)
    parser.add_argument("ways", nargs="*", default=[], choices=[*WAYS, []])
    parser.add_argument("--sample", type=int, help="places of each way; all of them if not given")
    parser.add_argument("--seed", type=int, default=19)
    wanted = parser.parse_args(arguments)
    held = [_try(name, wanted.sample, wanted.seed) for name in wanted.ways or WAYS]
    if not wanted.ways:
        caught = [unseen(mutant, wanted.seed) for mutant in MUTANTS]
        print(f"tamper/mutants: {sum(caught)} of {len(caught)}", flush=True)
        held.append(all(caught))
    return 0 if all(held) else 1


def _try(name: str, sample: int | None, seed: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        trials = list(WAYS[name](Path(folder) / "archive", sample, random.Random(seed)))  # noqa: S311  # places, not keys
    print(f"tamper/{name}: {sum(trial.held for trial in trials)} of {len(trials)}", flush=True)
    for trial in trials:
        if not trial.held:
            print(f"  {trial.name}: {trial.said or 'nothing found'}", file=sys.stderr, flush=True)
    return all(trial.held for trial in trials)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
