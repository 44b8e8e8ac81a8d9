"""Answers out of a folder: each verified by itself and kept once; a bad one is named and set aside, the rest go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from data.batch_store import BatchStore, SentBatch
from data.carriers import carrier_faults
from data.exchange_errors import TornFile
from data.framing import framed
from data.order_files import ANSWERS_NAME, ORDERS, content, named, set_aside
from kiosk.ca.batch.entry import Entry
from kiosk.ca.batch.files import Answers, BadBatch, open_answers, seal_answers
from kiosk.ca.interface import AuthorityError


class AnswerReader(Protocol):
    """See `kiosk.ca.batch.reader.Reader`."""

    def is_receipt(self, receipt: bytes, batch_sha256: str) -> bool: ...

    def entry_of(self, answer: bytes) -> str: ...

    def brings(self, entry: Entry, answer: bytes) -> bool: ...


@dataclass(slots=True, kw_only=True)
class Taken:
    """What came in."""

    answers: int = 0
    """New ones."""
    known: int = 0
    """To what is answered already, and bringing no more."""
    receipts: int = 0
    """Batches that the centre says for the first time it has."""
    bad: list[str] = field(default_factory=list)
    """What could not be used, each by name and reason."""


class Import:
    """One round over a folder. `clock` gives the time in UTC."""

    def __init__(self, store: BatchStore, folder: Path, reader: AnswerReader, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._folder = folder
        self._reader = reader
        self._clock = clock
        self.taken = Taken()

    def run(self, office: str) -> Taken:
        """Take every file of answers for this office, in any order; other offices' are left. Raises `ArchiveError`.

        May be broken off and called again at any moment: a file goes only after all of it is kept.
        """
        for name, match in named(self._folder, ANSWERS_NAME):
            if match[2] == office:
                self._file(name, f"{match[1]}{ORDERS}")
        return self.taken

    def _file(self, name: str, orders: str) -> None:
        try:
            found = content(self._folder, name)
        except TornFile as torn:
            # Left where it is: it may still be on its way into the folder.
            self.taken.bad.append(f"{name}: torn, copy it again ({torn.code})")
            return
        batch = self._store.batch(orders)
        try:
            if batch is None:
                raise BadBatch("answers a batch that this office does not know")
            answers = open_answers(found, batch.reply_key)
        except BadBatch as error:
            self.taken.bad.append(f"{name}: {error}; set aside as {set_aside(self._folder, name)}")
            return
        self._answers(name, batch, answers)
        with carrier_faults(self._folder):
            (self._folder / name).unlink(missing_ok=True)
            if not any(due.number == batch.number for due in self._store.due()):
                (self._folder / orders).unlink(missing_ok=True)

    def _answers(self, name: str, batch: SentBatch, answers: Answers) -> None:
        bad = False
        for part, answer in enumerate(answers.answers, start=1):
            try:
                self._one(answer)
            except AuthorityError as error:
                bad = True
                # Encrypted as it came: an answer tells whose it is.
                found = framed(seal_answers(Answers(receipt=b"", answers=(answer,)), batch.reply_key))
                aside = set_aside(self._folder, name, part, found)
                self.taken.bad.append(f"{name}, answer {part}: {error} ({error.code}); set aside as {aside}")
        # With a bad answer the batch is not settled: it goes out again, and the centre answers once more.
        if answers.receipt and not bad:
            self._receipt(name, batch, answers.receipt)

    def _one(self, answer: bytes) -> None:
        entry = self._store.entry(identifier := self._reader.entry_of(answer))
        if entry is None:
            raise UnknownEntry(f"no order {identifier[:16]} of this office")
        brings = self._reader.brings(entry, answer)
        if self._store.take(identifier, answer, brings=brings, at=self._clock()):
            self.taken.answers += 1
        else:
            self.taken.known += 1

    def _receipt(self, name: str, batch: SentBatch, receipt: bytes) -> None:
        if not self._reader.is_receipt(receipt, batch.sha256):
            self.taken.bad.append(f"{name}: the receipt is not for this batch, or not of the centre")
        elif self._store.received(batch.number, self._clock()):
            self.taken.receipts += 1


class UnknownEntry(AuthorityError):
    """An answer, well signed, to something that this office has not asked."""

    code = "К-0510"


def arrived(orders: dict[str, bool]) -> Iterator[tuple[str, bool]]:
    """Case by case: whether every order of it that was put has its answer."""
    cases: dict[str, bool] = {}
    for order_id, is_answered in orders.items():
        case_id = order_id.rpartition("/")[0]
        cases[case_id] = cases.get(case_id, True) and is_answered
    yield from cases.items()
