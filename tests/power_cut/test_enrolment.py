"""SIGKILL before and after every act of the journal: the case goes on, and there is one certificate for one request."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SAMPLE = 3
"""Events from one kill to the next; each act has four, so that a sample meets all of them in turn."""


def runs(tmp_path: Path, procedure: str, stride: int) -> list[dict[str, Any]]:
    finished = subprocess.run(
        [sys.executable, "-m", "tests.power_cut.runner", str(tmp_path), procedure, str(stride)],
        capture_output=True,
        text=True,
        timeout=540,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return [json.loads(line) for line in finished.stdout.splitlines()]


@pytest.mark.parametrize("stride", [SAMPLE, pytest.param(1, marks=pytest.mark.soak)], ids=["sample", "whole"])
@pytest.mark.parametrize("procedure", ["issuance", "renewal"])
def test_killed_at_every_act_the_case_goes_on(
    procedure: str, stride: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes = runs(tmp_path, procedure, stride)
    assert len(outcomes) > 40 / stride, outcomes
    assert all(outcome["killed"] for outcome in outcomes[1:])
    good = [outcome for outcome in outcomes if is_whole(outcome["after"])]
    with capsys.disabled():
        print(f"\nkill/{procedure}: {len(good)} of {len(outcomes)}")
    assert [o for o in outcomes if o not in good] == []


def is_whole(after: dict[str, Any]) -> bool:
    """One live pair of certificates that match their keys, archived, and none issued besides."""
    return "error" not in after and (
        after["on_chip"] == after["expected"] == after["archived"] == after["issued"]
        and after["key_pairs"] == len(after["issued"]) == 2
        and after["journal_ok"]
        and after["tries_left"] == 3
    )
