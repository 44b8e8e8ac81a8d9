"""No cut issues twice or loses a certificate: a sample of the proof for every run, the whole of it for `make soak`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINE = re.compile(r"(authority/\S+): (\d+) of (\d+)")
NAMES = ("local", "cmp", "cmp-repeats", "cmp-once", "cmp-later", "cmp-implicit", "batch")


def prove(capsys: pytest.CaptureFixture[str], *options: str, hours: float = 0.1) -> dict[str, tuple[int, int]]:
    """Run the proof, show its lines, and tell them: how many trials held, of how many."""
    finished = subprocess.run(
        [sys.executable, "-m", "tests.proofs.authority", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=hours * 3600,
        check=False,
    )
    with capsys.disabled():
        print(f"\n{finished.stdout}", end="")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return {name: (int(held), int(tried)) for name, held, tried in LINE.findall(finished.stdout)}


def test_a_sample_of_all_cuts(capsys: pytest.CaptureFixture[str]) -> None:
    lines = prove(capsys, "--sample", "5")
    assert lines == {f"authority/{name}": (5, 5) for name in NAMES}


def test_known_faults_are_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert prove(capsys, "--mutants") == {"authority/mutants": (3, 3)}


@pytest.mark.soak
@pytest.mark.parametrize("name", NAMES)
def test_every_cut(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = prove(capsys, name, hours=1)
    assert set(lines) == {f"authority/{name}"}
    assert all(held == tried >= 100 for held, tried in lines.values()), lines
