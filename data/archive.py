"""The archive: every case, what each step recorded, and the journal of it all, in one encrypted file.

Every method that changes something is durable when it returns; one that raises has changed nothing. Methods may be
called from any thread. All raise `ArchiveError`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data import (
    case_table,
    certificates,
    contracts,
    epochs,
    erasure,
    export,
    journal,
    numbers,
    papers,
    projection,
    rebuild,
    recording,
    restored,
    restrictions,
    retention,
    search,
    sessions,
    verification,
)
from data.checkpoints import Checkpoint
from data.errors import DiskNearlyFull, HeadBehind, RecordConflict
from data.heads import Heads
from data.journal import Entry, VerifyResult
from data.keys import named_disk_errors
from data.keyslots import Opener
from data.migrations import archive_migrations
from data.office_key import FileKey, OfficeKey
from data.rebuild import TableResult
from data.records import CaseRecord, CaseSummary, CertificateRecord, Contract, JournalRow, PaperCopy, StoredRow
from data.retention import RetainedCase, Retention
from data.sessions import SYSTEM, ClockWatch
from data.store import BUSY_S, Store
from kiosk.cases import Case, Citizen, Outcome
from kiosk.procedures.evidence import Evidence
from kiosk.procedures.preconditions import Check

if TYPE_CHECKING:
    from sqlite_utils import Database

FILE_NAME = "archive.db"
ROOM_BYTES = 64_000_000
"""A new case is refused below that; a day's cases, a checkpoint and a rotation of the log need a tenth of it."""
CHECKPOINT_ROWS = 500
"""A busy day's rows; more than that is never without a signature."""


class Archive:
    """The local archive of one desk."""

    def __init__(self, store: Store, clock: Callable[[], datetime], zone: tzinfo | None, heads: Heads) -> None:
        self.store = store
        self.clock = clock
        self._zone = zone
        self.heads = heads
        self.room_bytes = ROOM_BYTES
        store.before_change = ClockWatch(clock).look
        store.after_change = heads.sign_if_due

    @classmethod
    def open(
        cls,
        folder: Path,
        clock: Callable[[], datetime],
        *,
        office: str = "0000",
        office_key: OfficeKey | None = None,
        checkpoint_rows: int = CHECKPOINT_ROWS,
        zone: tzinfo | None = None,
        busy_s: float = BUSY_S,
        openers: Sequence[Opener] = (),
    ) -> Archive:
        """Open the archive in `folder`, making folder, key and file on first use.

        `clock` tells the time with its zone; `zone` is the office's (`None`: the machine's), and years and days are
        counted in it. `office` is its number; `office_key` signs the journal's heads (`None`: a key in the folder)
        at the end of each session and after every `checkpoint_rows` rows.
        Another program's lock is waited for up to `busy_s` seconds. `openers` open its key slots, where it has any.
        """
        with named_disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        store = Store.open(folder / FILE_NAME, archive_migrations(), busy_s=busy_s, openers=openers)
        heads = Heads(store, office, office_key or FileKey(folder), clock, every_rows=checkpoint_rows)
        archive = cls(store, clock, zone, heads)
        try:
            archive._refresh_search()
        except BaseException:  # however it failed, nobody else will close the file
            store.close()
            raise
        return archive

    def _refresh_search(self) -> None:
        with self.store.read() as db:
            is_current = search.is_current(db)
        if not is_current:
            with self.store.immediate() as db:
                search.index_all(db)

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self.store.close()

    def _local_now(self) -> datetime:
        return self.clock().astimezone(self._zone)

    def _entry(self, clerk: str, kind: str, body: dict[str, Any], case_id: str | None = None) -> Entry:
        return Entry(at=self.clock(), clerk=clerk, kind=kind, body=body, case_id=case_id)

    # --- sessions -----------------------------------------------------------------------------------------------------

    def begin_session(self, clerk: str) -> None:
        """Archive that a clerk begins, and before it what the last session left: no decent end, a clock set back.

        Signs the head: what a crash left unsigned is vouched for before anything is added. Also raises what the office
        key raises.
        """
        at = self.clock()
        with self.store.immediate() as db:
            sessions.begin(db, at, clerk)
        self.checkpoint()

    def end_session(self, clerk: str) -> None:
        """Archive that a clerk ends, and sign the head. Also raises what the office key raises."""
        at = self.clock()
        with self.store.immediate() as db:
            sessions.end(db, at, clerk)
        self.checkpoint()

    # --- after a restore ----------------------------------------------------------------------------------------------

    def begin_epoch(self, clerk: str) -> None:
        """This archive was restored: what it writes from now on is of a new epoch."""
        entry = Entry(at=self._local_now(), clerk=clerk, kind="", body={})
        with self.store.immediate() as db:
            restored.begin_epoch(db, entry)
        self.checkpoint()

    def may_issue(self) -> bool:
        """False after a restore, until the head was compared with the centre's."""
        with self.store.read() as db:
            return epochs.is_compared(db)

    def compare_head(self, note: str, centre: bytes, *, clerk: str, loss_accepted_by: str | None = None) -> None:
        """Compare with the head that the centre countersigned last; then the archive may issue.

        `centre` is the centre's key (SPKI, DER). Raises `BadCheckpoint`, `HeadForked`, and `HeadBehind` when the centre
        holds rows that this archive has lost, unless a second clerk accepts that: they stay readable at the centre.
        """
        at = self.clock()
        with self.store.immediate() as db:
            try:
                restored.compare(db, note, self.heads.office, centre)
            except HeadBehind as error:
                if loss_accepted_by in (None, clerk):
                    raise
                body = {"missing": error.missing, "second_clerk": loss_accepted_by}
                projection.write(db, Entry(at=at, clerk=clerk, kind="loss_accepted", body=body))
            projection.write(db, Entry(at=at, clerk=clerk, kind="head_compared", body={"note": note}))
        self.checkpoint()

    # --- cases --------------------------------------------------------------------------------------------------------

    def new_case_number(self) -> str:
        """A number for a new case, `2026-000019`; never given twice."""
        with self.store.immediate() as db:
            return self._give(db, "case", "")

    def _give(self, db: Database, series: str, prefix: str) -> str:
        number = numbers.next_number(db, series, self._local_now().year)
        projection.write(db, self._entry(SYSTEM, "number_given", {"series": series, "number": number}))
        return f"{prefix}{number}"

    def open_case(self, case: Case, *, clerk: str, checks: Sequence[Check], facts: dict[str, Any]) -> None:
        """Archive a new case with the preconditions that were checked and JSON-ready `facts` about the desk.

        Raises `DiskNearlyFull` while there is room left to finish what was begun.
        """
        self._require_room()
        with self.store.immediate() as db:
            recording.open_case(db, case, self._entry(clerk, "case_opened", {}, case.id), checks, facts)

    def _require_room(self) -> None:
        with named_disk_errors(self.store.path):
            free = shutil.disk_usage(self.store.path.parent).free
        if free < self.room_bytes:
            raise DiskNearlyFull(f"{free // 1_000_000} MB left")

    def record(self, before: Case, outcome: Outcome[Evidence], after: Case, *, clerk: str) -> None:
        """Archive how the current step of `before` ended and where the case stands `after` it.

        A step recorded again gets the next attempt number. `AgreementConcluded` archives the contract as well. Raises
        `RecordConflict` when the archived case has ended, `EvidenceIncomplete` when it would end with a hole.
        """
        local = self._local_now()
        with self.store.immediate() as db:
            recording.record(db, before, outcome, after, recording.Moment(clerk=clerk, local=local))

    def resumed(self, case: Case, clerk: str) -> None:
        """Archive that an interrupted case was taken up, as it stands now."""
        local = self._local_now()
        with self.store.immediate() as db:
            recording.resume(db, case, recording.Moment(clerk=clerk, local=local))

    def case(self, case_id: str) -> Case:
        """A case as it stands. Raises `UnknownCase`."""
        with self.store.read() as db:
            return case_table.load_case(db, case_id)

    def open_cases(self) -> list[CaseSummary]:
        """Cases that are open or suspended, latest change first."""
        with self.store.read() as db:
            return case_table.open_summaries(db)

    def search(self, text: str, limit: int = 50) -> list[CaseSummary]:
        """Find cases by name in any script or spelling, personal number, document, contract, case or certificate.

        Every word must be the beginning of one of these; an empty text gives the latest cases.
        """
        with self.store.read() as db:
            return search.find(db, text, limit)

    def record_of(self, case_id: str) -> CaseRecord:
        """A case shown whole. Raises `UnknownCase`."""
        with self.store.read() as db:
            return CaseRecord(
                case=case_table.load_case(db, case_id),
                summary=case_table.summary_of(db, case_id),
                evidence=tuple(journal.rows_of_case(db, case_id, recording.OUTCOMES)),
                certificates=tuple(certificates.certificates_of_case(db, case_id)),
                papers=tuple(papers.papers_of_case(db, case_id)),
                contracts=tuple(contracts.contracts_of_case(db, case_id)),
            )

    def counts_today(self, today: date, zone: tzinfo | None = None) -> dict[str, int]:
        """Cases completed on a day by procedure (`issuance` and so on), `abandoned` on it, and `open` now."""
        with self.store.read() as db:
            return case_table.counts(db, today, zone or self._zone)

    # --- keeping, restricting, correcting, erasing --------------------------------------------------------------------

    def kept_until(self, personal_number: str, terms: Retention) -> date | None:
        """The last day on which what is here of a citizen must be kept; `None` when there is nothing."""
        with self.store.read() as db:
            return retention.person_until(db, terms, personal_number)

    def erasable(self, terms: Retention) -> list[RetainedCase]:
        """A case of each citizen of whom nothing must be kept any longer: those are to be erased."""
        with self.store.read() as db:
            return retention.erasable(db, terms, self._local_now().date())

    def erase_person(self, personal_number: str, terms: Retention, *, clerk: str, second_clerk: str) -> str:
        """Destroy the key of a citizen's rows and forget the citizen; the name that stays in the journal.

        Raises `MustBeKept`, `RecordConflict` when the second clerk is the first.
        """
        if second_clerk == clerk:
            raise RecordConflict("one clerk is not two")
        local = self._local_now()
        with self.store.immediate() as db:
            subject, cases = erasure.erase(db, personal_number, local.date(), terms)
            body = {"subject": subject, "cases": cases, "second_clerk": second_clerk}
            projection.write(db, Entry(at=local, clerk=clerk, kind="person_erased", body=body))
        erasure.wipe_log(self.store)
        return subject

    def restrict(self, case_id: str, reason: str, *, clerk: str) -> None:
        """Keep a case and use it no more: no search finds it. Raises `UnknownCase`."""
        self._about_case(case_id, "case_restricted", {"reason": reason}, clerk)

    def lift_restriction(self, case_id: str, reason: str, *, clerk: str) -> None:
        """A restricted case may be found again. Raises `UnknownCase`."""
        self._about_case(case_id, "restriction_lifted", {"reason": reason}, clerk)

    def restriction_of(self, case_id: str) -> str | None:
        """Why a case is restricted; `None` when it is not."""
        with self.store.read() as db:
            return restrictions.reason_of(db, case_id)

    def correct(self, case_id: str, citizen: Citizen, reason: str, *, clerk: str) -> None:
        """Put right what a case says of its citizen; what was said before stays in the journal. Raises `UnknownCase`.

        The personal number is not corrected: it says whose rows these are (`RecordConflict`).
        """
        if self.case(case_id).citizen.personal_number != citizen.personal_number:
            raise RecordConflict("the personal number says whose case it is")
        body = {"reason": reason, "citizen": case_table.citizen_record(citizen)}
        self._about_case(case_id, "case_corrected", body, clerk)

    def _about_case(self, case_id: str, kind: str, body: dict[str, Any], clerk: str) -> None:
        entry = self._entry(clerk, kind, body, case_id)
        with self.store.immediate() as db:
            case_table.summary_of(db, case_id)
            projection.write(db, entry)

    # --- contracts, certificates, papers ------------------------------------------------------------------------------

    def reserve_contract_number(self, case_id: str, office: str) -> str:
        """The number of the contract of a case, `7130-2026-000481`; the same each time it is asked for.

        Raises `UnknownCase`.
        """
        with self.store.read() as db:
            case_table.summary_of(db, case_id)
            reserved = numbers.contract_number_of(db, case_id)
        return reserved or self._reserve(case_id, office)

    def _reserve(self, case_id: str, office: str) -> str:
        with self.store.immediate() as db:
            # Asked again under the write lock: another thread may have been faster.
            number = numbers.contract_number_of(db, case_id)
            if number is None:
                number = self._give(db, f"contract/{office}", f"{office}-")
                projection.write(db, self._entry(SYSTEM, "contract_number_reserved", {"number": number}, case_id))
            return number

    def add_contract(self, contract: Contract, clerk: str) -> None:
        """Archive a contract; once is enough. Raises `RecordConflict` when the number is another citizen's."""
        entry = self._entry(clerk, "contract_added", contracts.contract_record(contract), contract.case_id)
        with self.store.immediate() as db:
            if contracts.is_new(db, contract):
                projection.write(db, replace(entry, person=contract.personal_number))

    def contract(self, number: str) -> Contract | None:
        """The contract with that number."""
        with self.store.read() as db:
            return contracts.contract_by_number(db, number)

    def contracts_of(self, personal_number: str) -> list[Contract]:
        """A citizen's contracts, newest first."""
        with self.store.read() as db:
            return contracts.contracts_of_person(db, personal_number)

    def add_certificate(self, record: CertificateRecord, clerk: str) -> None:
        """Archive a certificate that was read back; once is enough.

        Raises `RecordConflict` when another certificate has the serial.
        """
        columns = certificates.certificate_columns(record)
        body = columns | {"certificate": record.certificate.hex()}
        with self.store.immediate() as db:
            if certificates.is_new(db, record):
                projection.write(db, self._entry(clerk, "certificate_archived", body, record.case_id))

    def certificates_of(self, personal_number: str) -> list[CertificateRecord]:
        """A citizen's certificates, latest end first."""
        with self.store.read() as db:
            return certificates.certificates_of_person(db, personal_number)

    def add_paper(self, paper: PaperCopy, clerk: str) -> None:
        """Archive that a form was printed or saved."""
        entry = self._entry(clerk, "paper_printed", papers.paper_columns(paper), paper.case_id)
        with self.store.immediate() as db:
            projection.write(db, entry)

    # --- the journal --------------------------------------------------------------------------------------------------

    def note(self, kind: str, body: dict[str, Any], *, clerk: str, case_id: str | None = None) -> None:
        """Put into the journal what changes no case: a refusal, a fault, a log-in. `body` is JSON-ready."""
        entry = self._entry(clerk, kind, body, case_id)
        with self.store.immediate() as db:
            journal.append(db, entry)

    def journal_rows(self, limit: int, before_seq: int | None = None) -> list[JournalRow]:
        """Journal rows, newest first; `before_seq` continues an earlier list."""
        with self.store.read() as db:
            return journal.newest_rows(db, limit, before_seq)

    def stored_rows(self, after: int, limit: int) -> list[StoredRow]:
        """Journal rows as they are kept, oldest first, from the one after row `after` on."""
        with self.store.read() as db:
            return journal.stored_rows(db, after, limit)

    def checkpoint(self) -> Checkpoint:
        """Sign the journal's head and keep it; the same one while nothing was added. Also raises what the key raises.

        Made at the end of each session and for each bundle.
        """
        return self.heads.checkpoint()

    def head_code(self) -> str:
        """The journal's head as it is printed: `481-7QKM-2X9D-HT4V-0A3P`."""
        return self.heads.head().code

    def export(self, folder: Path) -> int:
        """Write journal, signed heads and their verifier into a new folder for an inspector; the number of rows."""
        self.checkpoint()
        return export.write(self.store, folder)

    def rebuild(self) -> tuple[TableResult, ...]:
        """Make every table anew from the journal, beside, and compare; takes as long as writing all rows again."""
        return rebuild.compare(self.store)

    def verify(self, code: str | None = None) -> VerifyResult:
        """Recompute every leaf and root of the journal, then hold everything else against it.

        That is: the file's own seals, each checkpoint, the file beside the archive, the evidence, and a printed head
        `code` if there is one. Takes seconds per half million rows. Also raises `BadCode`.
        """
        return verification.verify(self.store, self.heads.file, code)
