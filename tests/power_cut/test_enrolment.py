"""SIGKILL before and after every act of the journal: the case goes on, and there is one certificate for one request."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def runs(tmp_path: Path, procedure: str) -> list[dict[str, Any]]:
    finished = subprocess.run(
        [sys.executable, "-m", "tests.power_cut.runner", str(tmp_path), procedure, "1"],
        capture_output=True,
        text=True,
        timeout=540,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return [json.loads(line) for line in finished.stdout.splitlines()]


@pytest.mark.parametrize("procedure", ["issuance", "renewal"])
def test_killed_at_every_act_the_case_goes_on(
    procedure: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes = runs(tmp_path, procedure)
    assert len(outcomes) > 40, outcomes
    assert all(outcome["killed"] for outcome in outcomes[1:])
    good = [outcome for outcome in outcomes if is_whole(outcome["after"])]
    with capsys.disabled():
        print(f"\nkill/{procedure}: {len(good)} of {len(outcomes)}")
    assert [o for o in outcomes if o not in good] == []


def is_whole(after: dict[str, Any]) -> bool:
    """One live pair of certificates that match their keys, archived, and none issued besides."""
    return "error" not in after and (
        after["on_chip"] == after["expected"] == after["archived"]
        and after["key_pairs"] == 2
        and after["issued"] == 2
        and after["journal_ok"]
        and after["tries_left"] == 3
    )
