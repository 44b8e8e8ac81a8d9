"""Verifications with one defence taken away, and the tampering that each of them lets through."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from data import journal, verification
from data.journal import VerifyResult
from tests.proofs.tamper.trials import WAYS


def _nothing(*arguments: object) -> list[object]:
    return []


def _trusting(store: object) -> VerifyResult:
    """A journal believed as it stands: its length is asked, nothing is computed."""
    with store.read() as db:  # type: ignore[attr-defined]  # a Store
        size, root = db.execute("SELECT size, root FROM journal_head").fetchone()
    return VerifyResult(rows=size, root=root, ok=True)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A defence that is missing, and the way of tampering that needs it."""

    name: str
    way: str
    where: object
    attribute: str
    instead: Callable[..., object]


MUTANTS = (
    Mutant("rows are not recomputed", "bit", journal, "verify", _trusting),
    Mutant("seals of the file are not asked", "file-bit", verification, "_pages", _nothing),
    Mutant("checkpoints are not compared", "rewrite", verification, "_agrees", _nothing),
    Mutant("the file beside the archive is not read", "tail", verification, "_head_file", _nothing),
    Mutant("no printed code is asked for", "rollback", verification, "_printed", _nothing),
)


def unseen(mutant: Mutant, seed: int) -> bool:
    """True when some tampering goes unseen without that defence."""
    chance = random.Random(seed)  # noqa: S311  # places, not keys
    with tempfile.TemporaryDirectory() as folder, patch.object(mutant.where, mutant.attribute, mutant.instead):
        return not all(trial.held for trial in WAYS[mutant.way](Path(folder) / "archive", 12, chance))
