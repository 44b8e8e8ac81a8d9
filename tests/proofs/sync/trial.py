"""One run: things happen by chance, then office and centre meet undisturbed, and everything must be there, once."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from itertools import count
from pathlib import Path
from random import Random
from types import TracebackType

import pytest

from data import exchange, outbox
from data.bundle_header import named_rows
from data.exchange_errors import ExchangeError
from data.registry import setup, verifying
from tests.proofs.sync import acts
from tests.proofs.sync.acts import Act
from tests.proofs.sync.world import FlakyDatabase, Template, World
from tests.services.postgres import private_postgres

MOST_ROWS = 4
"""Rows of a bundle in these runs: many small bundles meet more moments than a few large ones."""
ACTS = (8, 25)
MOST_MEETINGS = 3
"""So many undisturbed exchanges are enough, whatever happened before: one to ask, one to answer, one to confirm."""

CARRYING: Mapping[Act, int] = {
    acts.work: 5,
    acts.export: 6,
    acts.keep: 1,
    acts.carry: 6,
    acts.spoil: 2,
    acts.take_in: 5,
    acts.bring_receipt: 4,
    acts.clear_stick: 1,
}
KINDS: Mapping[str, Mapping[Act, int]] = {
    "carried": CARRYING,
    "restored": {**CARRYING, acts.keep_copy: 2, acts.burn: 1},
    "forged": {**CARRYING, acts.forge: 3},
    "forgetful": {**CARRYING, acts.forget: 1, acts.keep_copy: 1, acts.burn: 1},
}
"""Kinds of runs, each with how often what happens in it."""


class Place:
    """A PostgreSQL and a folder in memory, for many runs."""

    def __enter__(self) -> Place:
        memory = Path("/dev/shm")
        self._server = private_postgres()
        server = self._server.__enter__()
        self._folder = Path(tempfile.mkdtemp(prefix="sync-", dir=memory if memory.is_dir() else None))
        self._template = Template(self._folder)
        self.database = FlakyDatabase(server.dsn())
        setup.init(self.database)
        self._numbers = count(1)
        self._patch = pytest.MonkeyPatch()
        self._patch.setattr(outbox, "MOST_ROWS", MOST_ROWS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._patch.undo()
        self.database.close()
        shutil.rmtree(self._folder)
        self._server.__exit__(kind, error, traceback)

    def trial(self, kind: str, seed: int) -> list[str]:
        """Do one run; returns what is wrong afterwards: sentences that begin with LOST, DOUBLED, BLOCKED or FALSE."""
        random = Random(f"{kind}/{seed}")  # noqa: S311  # runs must come again, not be secret
        number = f"{next(self._numbers)}"
        folder = self._folder / number
        folder.mkdir()
        world = World(folder, self.database, number, self._template)
        try:
            _live(world, KINDS[kind], random)
            return world.untrue or _settle(world) or _judge(world)
        finally:
            world.close()
            shutil.rmtree(folder)


def _live(world: World, weights: Mapping[Act, int], random: Random) -> None:
    chosen = random.choices(list(weights), list(weights.values()), k=random.randint(*ACTS))
    world.write(random.randint(1, 9))
    for act in chosen:
        act(world, random)


def _settle(world: World) -> list[str]:
    """Office and centre meet undisturbed, as often as must be enough."""
    if world.has_forgotten:
        # What the guide says after a restore of the registry, for this office.
        world.worker.ask_again(world.number)
    for _ in range(MOST_MEETINGS):
        exchange.export(world.outbox, world.stick, world.card)
        for path in acts.files_in(world.stick.folder):
            acts.arrive(world, path.name, path.read_bytes())
        try:
            world.worker.run()
        except ExchangeError as error:
            return [f"BLOCKED: the centre's pass ends with {type(error).__name__}: {error}"]
        receipt = world.spool.folder / "out" / f"{world.number}.receipt"
        if receipt.exists():
            (world.stick.folder / receipt.name).write_bytes(receipt.read_bytes())
        acts.collect(world)
        if world.outbox.state(0, 0).waiting == 0:
            return []
    return [f"BLOCKED: {world.outbox.state(0, 0).waiting} rows wait after {MOST_MEETINGS} undisturbed exchanges"]


def _judge(world: World) -> list[str]:
    starts, rows = world.journal()
    stored = world.database.run(
        lambda cursor: cursor.execute(
            "SELECT epoch, seq, body FROM journal_row WHERE office = %s", [world.number]
        ).fetchall()
    )
    here = {(epoch, seq): bytes(body) for epoch, seq, body in stored}
    faults = [f"DOUBLED: {len(stored) - len(here)} rows"] if len(stored) != len(here) else []
    owed = {(max(s.epoch for s in starts if s.first <= seq), seq): body for seq, body in rows}
    faults += [f"LOST: row {key}" for key, body in owed.items() if here.get(key) != body]
    confirmed = {(epoch, seq) for epoch, seq in world.written if seq <= world.receipts.get(epoch, 0)}
    faults += [f"LOST: row {key}, whose receipt the office has" for key in sorted(confirmed - here.keys())]
    faults += [f"DOUBLED: row {key} is not the office's" for key in here if world.written.get(key) != here[key]]
    return world.untrue + faults + _proof(world) + _quarantine(world)


def _proof(world: World) -> list[str]:
    verdicts = [v for v in verifying.verify(world.database, world.card.keys, office=world.number) if v.fault]
    return [f"FALSE: epoch {verdict.epoch}: {verdict.fault}" for verdict in verdicts]


def _quarantine(world: World) -> list[str]:
    """Only what was damaged or made up may have been refused, and what was made up may not have been taken."""
    refused = {_digest(path) for path in (world.spool.folder / "quarantine").iterdir() if path.suffix != ".reason"}
    taken = {_digest(path) for path in (world.spool.folder / "done").iterdir()}
    faults = [f"BLOCKED: a good file was refused ({digest[:8]})" for digest in refused - world.spoiled]
    faults += [f"FALSE: a bad file was taken ({digest[:8]})" for digest in taken & world.spoiled]
    left = [path.name for path in world.spool.arrived() if not _waits_for_lost_rows(world, path.name)]
    return faults + [f"BLOCKED: {name} still waits" for name in left]


def _waits_for_lost_rows(world: World, name: str) -> bool:
    """True for a bundle of rows that burned with the office before those in front of them had left it.

    It may wait: a stick with the missing rows may still be found in a drawer.
    """
    rows = named_rows(name)
    starts, _ = world.journal()
    return rows is not None and any(start.epoch > rows[1] and start.first <= rows[3] for start in starts)


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
