"""python -m tests.proofs.residue [METHOD …]: after every entry the PIN is found nowhere, and a planted copy is.

One line for each method, `residue/keypad: 37 of 37`; what was found is told on stderr. Exit code 1 when any copy was
found, or a planted one was not; 2 where a real part is missing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.proofs.residue.hosts import CARELESS
from tests.proofs.residue.methods import METHODS
from tests.proofs.residue.proof import Verdict, prove
from tests.services.pcscd import private_pcscd
from tests.services.requirement import ServiceMissing

READER = "TEST Reader"


def main(arguments: Sequence[str]) -> int:
    """Prove each method."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.residue", description=__doc__)
    parser.add_argument("methods", nargs="*", help=", ".join(METHODS))
    try:
        return max(report(name, proved(name)) for name in parser.parse_args(arguments).methods or METHODS)
    except ServiceMissing as error:
        print(f"residue: not run, this machine lacks {error}", file=sys.stderr)
        return 2


def proved(name: str, *, is_careless: bool = False) -> Verdict:
    """Prove one method, with a PC/SC service of its own; a careless host makes mistakes that must be found."""
    with (
        tempfile.TemporaryDirectory(prefix="residue-") as folder,
        private_pcscd(Path(folder) / "pcscd", readers=[READER]) as service,
    ):
        careless = {CARELESS: str(Path(folder) / "notes")} if is_careless else {}
        return prove(METHODS[name], service, READER, Path(folder), {**service.environment, **careless})


def report(name: str, verdict: Verdict) -> int:
    """Print the line; 0 when nothing was found and every planted copy was."""
    clean = verdict.looked - len({line.rpartition(": ")[0] for line in verdict.found})
    seen = verdict.planted - len(verdict.not_seen)
    print(
        f"residue/{name}: {clean + seen} of {verdict.looked + verdict.planted}"
        f"  (clean {clean} of {verdict.looked}, planted copies seen {seen} of {verdict.planted})",
        flush=True,
    )
    for line in (*verdict.found, *(f"not seen: {line}" for line in verdict.not_seen)):
        print(f"  {line}", file=sys.stderr, flush=True)
    return 1 if verdict.found or verdict.not_seen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
