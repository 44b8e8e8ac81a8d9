"""The desk: all that a screen may ask for. Built once in `kiosk.wiring`.

Calls that touch card, authority or printer block and belong in a worker thread; the rest answer at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from data.archive import Archive
from data.errors import ArchiveError
from data.journal import VerifyResult
from data.orders import OrderJournal
from data.records import CaseRecord, CaseSummary, CertificateRecord, Contract, JournalRow
from hardware.errors import CardError, CardSwapped, HardwareError, HostLost, PinBlocked, UnblockRefused
from hardware.interface import (
    Authenticity,
    Chip,
    Devices,
    Feature,
    Identity,
    Leftover,
    PinMethod,
    PinObserver,
    PinPolicy,
    PinStatus,
    SlotObserver,
    SlotState,
    TokenInfo,
    TrainingCardInfo,
    UnverifiedIdentity,
)
from kiosk.authority_facts import AuthorityFacts, authority_facts
from kiosk.ca.interface import AuthorityError, CertificationAuthority, Profile, SubjectData
from kiosk.cases import Abandoned, Case, CaseStatus, Citizen, Outcome, Suspended, advance, resume, step_back
from kiosk.config import Config
from kiosk.documents import DocumentError, Paper, paper_set
from kiosk.enrolment.asking import Asking
from kiosk.enrolment.enrolment import Enrolled, Enrolment
from kiosk.enrolment.errors import EnrolmentError
from kiosk.enrolment.interface import EnrolmentObserver
from kiosk.enrolment.patience import Patience
from kiosk.key_services import KeyService
from kiosk.office_state import OfficeStates
from kiosk.open_challenge import OpenChallenge
from kiosk.orders import Order
from kiosk.printing import Printed, PrintRoom
from kiosk.procedures import PROCEDURES
from kiosk.procedures.evidence import CertificateWritten, Evidence, PinChanged, ProcessStarted
from kiosk.procedures.preconditions import Check, Facts, Remedy, preconditions, refusals
from kiosk.reader_memory import remember_reader
from kiosk.refused_cases import RefusedCases
from kiosk.reports.desk import ReportDesk
from kiosk.speech import Speaker
from kiosk.standing import Standings
from kiosk.status_changes import StatusDesk
from kiosk.status_people import Person
from kiosk.undelivered import UndeliveredDesk
from kiosk.waiting_cases import Outbox, WaitingCases
from kiosk.x509 import Validity, validity_of

UNBLOCK_FIRST = "unblock_first"
"""Reason of a case that waits for its unblock."""

FAULTS: tuple[type[Exception], ...] = (HardwareError, AuthorityError, EnrolmentError, ArchiveError, DocumentError)
"""What a screen turns into cause, what is safe now, and the next key."""


class ProcedureObserver(PinObserver, EnrolmentObserver, Protocol):
    """What the citizen's step tells its screen: the PIN entry, then the named acts."""


class PreconditionsNotMet(Exception):
    """The procedure cannot be started; `checks` says why."""

    def __init__(self, checks: tuple[Check, ...]) -> None:
        super().__init__(", ".join(check.key for check in refusals(checks)))
        self.checks = checks


@dataclass(frozen=True, slots=True, kw_only=True)
class CardReading:
    """What was read from the inserted card."""

    identity: Identity
    token: TokenInfo
    pin: PinStatus
    certificates: tuple[Validity, ...]
    """The certificates on the chip that could be decoded, newest end first."""

    @property
    def citizen(self) -> Citizen:
        """The holder as the case and the forms name them."""
        document, holder = self.identity.document, self.identity.holder
        return Citizen(
            personal_number=holder.personal_number,
            surname=holder.surname,
            given_name=holder.given_name,
            parent_given_name=holder.parent_given_name,
            date_of_birth=holder.date_of_birth,
            place_of_birth=holder.place_of_birth,
            residence=self.identity.residence.line(),
            document_number=document.document_number,
            issuing_authority=document.issuing_authority,
            card_expiry=document.expiry_date,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperContract:
    """A contract the archive does not know, entered from the paper."""

    number: str
    concluded_on: date
    note: str
    """Who saw the paper, and where."""


class Desk:
    """One registration desk: archive, devices, authority and printer behind the words of the procedure."""

    def __init__(
        self,
        *,
        config: Config,
        archive: Archive,
        devices: Devices,
        authority: CertificationAuthority,
        enrolment: Enrolment,
        orders: OrderJournal,
        key_service: KeyService,
        print_room: PrintRoom,
        speaker: Speaker,
        clock: Callable[[], datetime],
        outbox: Outbox | None = None,
    ) -> None:
        self.config = config
        self._archive = archive
        self._devices = devices
        self._authority = authority
        self._enrolment = enrolment
        self._key_service = key_service
        self._print_room = print_room
        self.speaker = speaker
        self._clock = clock
        self.office_states = OfficeStates(archive, lambda: self.config, clock)
        self._standings = Standings(config.revocation_index, clock)
        self._chip: Chip | None = None
        self._open_challenge: OpenChallenge | None = None
        self._agreed: dict[str, tuple[Leftover, ...]] = {}
        self._orders = orders
        self.status_changes = StatusDesk(archive, authority, lambda: self.config, clock, self._standings)
        self.undelivered = UndeliveredDesk(archive, orders, authority, lambda: self.clerk)
        self.waiting_cases = WaitingCases(orders, outbox, self._certify)
        self.reports = ReportDesk(archive, lambda: self.config, clock)
        self.refused_cases = RefusedCases(enrolment, orders, authority)

    # --- the desk itself ----------------------------------------------------------------------------------------------

    @property
    def clerk(self) -> str:
        """Service number of the clerk at this desk."""
        return self.config.office.clerk

    @property
    def is_training(self) -> bool:
        """True when card, PIN entry or authority are for training; every screen says so."""
        return self._authority.is_test

    def now(self) -> datetime:
        """Local time, with its zone."""
        return self._clock().astimezone()

    def reader_name(self) -> str:
        """The reader, as its service names it."""
        return self._devices.reader_name()

    def readers(self) -> tuple[str, ...]:
        """Names of the readers that are plugged in. Blocks. Raises `NoService`."""
        return self._devices.readers()

    def choose_reader(self, name: str) -> None:
        """Work with that reader, today and after a restart; recorded. Blocks. Raises `DiskFault`."""
        self.release_card()
        self._archive.note("reader_chosen", {"reader": name}, clerk=self.clerk)
        remember_reader(self.config.folder, name)
        self._devices.choose_reader(name)

    def close(self) -> None:
        """Let go of card, devices and archive."""
        self.speaker.hush()
        self.release_card()
        self._devices.close()
        try:
            self._archive.end_session(self.clerk)
        finally:
            self._archive.close()

    # --- the card -----------------------------------------------------------------------------------------------------

    def slot_state(self) -> SlotState:
        """What stands at the reader."""
        return self._devices.slot_state()

    def watch(self, observer: SlotObserver) -> AbstractContextManager[None]:
        """Tell `observer` of every insertion and removal while the block runs."""
        return self._devices.watch(observer)

    def read_card(self, early: Callable[[UnverifiedIdentity], None] | None = None) -> CardReading:
        """Read the inserted card afresh. Blocks. Raises `HardwareError`.

        `early` is told the words on the chip as soon as they are read, long before the rest and before any proof.
        """
        self.release_card()
        self._chip = self._devices.open_chip()
        try:
            return self._read(self._chip, early)
        except HardwareError:
            # A card that could not be read is not kept open: another program may want to look at it.
            self.release_card()
            raise

    def _read(self, chip: Chip, early: Callable[[UnverifiedIdentity], None] | None) -> CardReading:
        with chip.transaction():
            if early is not None:
                early(chip.unverified())
            identity = chip.identity()
            token = chip.token()
            pin = chip.pin_status()
            stored = chip.certificates()
        known = [v for v in (validity_of(s.certificate) for s in stored) if v is not None]
        return CardReading(
            identity=identity,
            token=token,
            pin=pin,
            certificates=tuple(sorted(known, key=lambda v: v.not_after, reverse=True)),
        )

    def read_person(self) -> Person | None:
        """Whose card this is and which certificates they have; `None` when what is on it cannot be believed. Blocks.

        Raises `HardwareError`.
        """
        reading = self.read_card()
        return self.status_changes.people.on_card(reading.citizen, reading.certificates, reading.identity.authenticity)

    def portrait(self) -> bytes:
        """The portrait of the card read last: JPEG bytes. Blocks."""
        return self._open_chip().portrait()

    def pin_status(self, case: Case) -> PinStatus:
        """How many tries the case's card has left. Blocks; raises `CardSwapped` on another card."""
        return self._chip_of(case).pin_status()

    def token(self, case: Case) -> TokenInfo:
        """What the key store of the case's card is and can do. Blocks; raises `CardSwapped` on another card."""
        return self._chip_of(case).token()

    def pin_method(self) -> PinMethod:
        """Where the citizen's PIN will come from."""
        return self._devices.pin_method()

    def release_card(self) -> None:
        """Let go of the card; the next call opens it anew."""
        self.forget_challenge()
        if self._chip is not None:
            chip, self._chip = self._chip, None
            chip.close()

    def apdu_count(self) -> int:
        """Commands sent to the card since it was opened; 0 when none is open."""
        return self._chip.apdu_count() if self._chip is not None else 0

    def _open_chip(self) -> Chip:
        if self._chip is None:
            self._chip = self._devices.open_chip()
        return self._chip

    def _chip_of(self, case: Case) -> Chip:
        """The chip of the card that is in the reader now, proved to be the case's. Raises `CardSwapped`."""
        try:
            chip = self._open_chip()
            # The identity was read once; only a command to the card tells whether that card is still there.
            chip.pin_status()
        except (CardError, HostLost):
            self.release_card()
            chip = self._open_chip()
        if chip.identity().document.document_number != case.citizen.document_number:
            self.release_card()
            raise CardSwapped
        return chip

    # --- the training reader ------------------------------------------------------------------------------------------

    def training_cards(self) -> tuple[TrainingCardInfo, ...]:
        """The invented citizens whose cards can be put into the training reader; none at a real one."""
        return self._devices.training_cards()

    def insert_training_card(self, citizen: str) -> None:
        """Put that card in. Raises `Unsupported` at a real reader."""
        self.release_card()
        self._devices.insert(citizen)

    def eject_training_card(self) -> None:
        """Take the card out. Raises `Unsupported` at a real reader."""
        self.release_card()
        self._devices.eject()

    # --- opening a case -----------------------------------------------------------------------------------------------

    def check(
        self,
        procedure_key: str,
        reading: CardReading,
        *,
        citizen_knows_pin: bool = True,
        paper_contract: PaperContract | None = None,
    ) -> tuple[Check, ...]:
        """The preconditions of a procedure for this card, each with its reason."""
        identity = reading.identity
        return preconditions(
            procedure_key,
            Facts(
                today=self.now().date(),
                card_expiry=identity.document.expiry_date,
                card_carries_certificates=self._carries_certificates(procedure_key, reading.token),
                data_altered=identity.authenticity is Authenticity.ALTERED,
                data_signed=identity.authenticity is not Authenticity.UNSIGNED,
                chain_known=identity.authenticity is Authenticity.AUTHENTIC,
                pin_blocked=reading.pin.is_blocked,
                begun_case=self._begun_case(identity.document.document_number),
                citizen_knows_pin=citizen_knows_pin,
                contract_number=self._contract_for(reading, paper_contract),
                certificate_end=self._certificate_end(reading),
                renewal_days_before_end=self.config.rules.renewal_days_before_end,
                office=self.office_states.state(),
                standing=self._standings.of(reading.certificates[0].serial) if reading.certificates else None,
            ),
        )

    def _begun_case(self, document_number: str) -> str | None:
        """A case of that card which has keys on the chip and can still be finished: the authority did not refuse it."""
        for waiting in self._archive.open_cases():
            if waiting.document_number != document_number:
                continue
            if self._enrolment.has_begun(waiting.case_id) and not self._enrolment.is_rejected(waiting.case_id):
                return waiting.case_id
        return None

    def _carries_certificates(self, procedure_key: str, token: TokenInfo) -> bool:
        needed = {Feature.UNBLOCK} if procedure_key == "unblock" else {Feature.GENERATE, Feature.WRITE_CERTIFICATE}
        return needed <= token.features

    def _contract_for(self, reading: CardReading, paper: PaperContract | None) -> str | None:
        if paper is not None:
            return paper.number
        years = self.config.rules.contract_years
        today = self.now().date()
        for contract in self._archive.contracts_of(reading.identity.holder.personal_number):
            if not years or (today - contract.concluded_on).days < years * 365:
                return contract.number
        return None

    def _certificate_end(self, reading: CardReading) -> date | None:
        if reading.certificates:
            return reading.certificates[0].not_after.astimezone().date()
        archived = self._archive.certificates_of(reading.identity.holder.personal_number)
        return max((c.not_after.astimezone().date() for c in archived), default=None)

    def open_case(
        self,
        procedure_key: str,
        reading: CardReading,
        *,
        citizen_knows_pin: bool = True,
        paper_contract: PaperContract | None = None,
    ) -> Case:
        """Open a case and return the one to walk now.

        Where only the PIN stands in the way, the case is set aside at once and its unblock is returned (its `parent_id`
        leads back). Raises `PreconditionsNotMet`; the refusal is recorded.
        """
        checks = self.check(procedure_key, reading, citizen_knows_pin=citizen_knows_pin, paper_contract=paper_contract)
        refused = refusals(checks)
        if any(check.remedy is not Remedy.UNBLOCK_FIRST for check in refused):
            self._note_refusal(procedure_key, reading, refused)
            raise PreconditionsNotMet(checks)
        case = Case(
            id=self._archive.new_case_number(),
            procedure_key=procedure_key,
            edition=PROCEDURES[procedure_key].edition,
            citizen=reading.citizen,
            contract_number=self._contract_for(reading, paper_contract) if procedure_key == "renewal" else None,
        )
        if paper_contract is not None:
            self._archive.add_contract(self._from_paper(paper_contract, reading), clerk=self.clerk)
        self._archive.open_case(case, clerk=self.clerk, checks=checks, facts=self._facts_of(reading))
        return self.unblock_first(case) if refused else case

    def _facts_of(self, reading: CardReading) -> dict[str, Any]:
        """What was read, and what its signatures proved: evidence of the case."""
        identity, dated = reading.identity, reading.identity.trust_list_date
        return {
            "office": self.config.office.number,
            "reader": self.reader_name(),
            "document_type": identity.document.document_type.value,
            "authenticity": identity.authenticity.value,
            "trust_list_date": dated.isoformat() if dated else None,
            "tries_left": reading.pin.tries_left,
        }

    def _from_paper(self, paper: PaperContract, reading: CardReading) -> Contract:
        return Contract(
            number=paper.number,
            personal_number=reading.identity.holder.personal_number,
            concluded_on=paper.concluded_on,
            case_id=None,
            seen_by=self.clerk,
            note=paper.note,
        )

    def _note_refusal(self, procedure_key: str, reading: CardReading, refused: tuple[Check, ...]) -> None:
        body = {
            "procedure": procedure_key,
            "document_number": reading.identity.document.document_number,
            "reasons": [check.key for check in refused],
        }
        self._archive.note("refused", body, clerk=self.clerk)

    def unblock_first(self, case: Case) -> Case:
        """Set `case` aside and open its unblock; finishing that one leads straight back."""
        if case.status is CaseStatus.OPEN:
            self.finish_step(case, Suspended(UNBLOCK_FIRST))
        unblock = Case(
            id=self._archive.new_case_number(),
            procedure_key="unblock",
            edition=PROCEDURES["unblock"].edition,
            citizen=case.citizen,
            parent_id=case.id,
        )
        self._archive.open_case(unblock, clerk=self.clerk, checks=(), facts={"reader": self.reader_name()})
        return unblock

    # --- walking a case -----------------------------------------------------------------------------------------------

    def finish_step(self, case: Case, outcome: Outcome[Evidence]) -> Case:
        """Record how the current step ended and return the case as it stands now. Durable when it returns."""
        after = advance(case, outcome)
        self._archive.record(case, outcome, after, clerk=self.clerk)
        return after

    def go_back(self, case: Case) -> Case:
        """The case one step earlier, for a correction; nothing recorded is lost."""
        return step_back(case)

    def resume_case(self, case_id: str) -> Case:
        """Take up a case where it can honestly go on."""
        case = resume(self._archive.case(case_id))
        self._archive.resumed(case, clerk=self.clerk)
        return case

    def next_case(self, case: Case) -> Case | None:
        """The case to go on with when `case` has ended: the one its unblock was opened from, if it waits for that."""
        if case.parent_id is None or case.status is not CaseStatus.COMPLETED:
            return None
        parent = self._archive.case(case.parent_id)
        return self.resume_case(parent.id) if parent.status is CaseStatus.SUSPENDED else None

    def can_cancel(self, case: Case) -> bool:
        """False once a key of this case may be on the chip, or the authority may have changed a status for it.

        Then it can only be set aside and finished later.
        """
        return not self._enrolment.has_begun(case.id) and self.status_changes.can_cancel(case)

    def cancel(self, case: Case, cause: str) -> Case:
        """End the case with a recorded cause."""
        return self.finish_step(case, Abandoned(cause))

    def record_fault(self, case: Case | None, fault: Exception) -> None:
        """Put a fault into the journal; type, code and step only."""
        body = {"fault": type(fault).__name__, "code": getattr(fault, "code", "")}
        body |= {"step": case.reference} if case else {}
        self._archive.note("fault", body, clerk=self.clerk, case_id=case.id if case else None)

    def contract_number(self, case: Case) -> str:
        """The number of the contract concluded in this case; the same each time it is asked for."""
        return self._archive.reserve_contract_number(case.id, self.config.office.number)

    # --- the citizen's step -------------------------------------------------------------------------------------------

    def policy(self) -> PinPolicy:
        """How long a PIN is and how long the citizen may take."""
        return PinPolicy(timeout_s=self.config.rules.pin_timeout_s)

    def shares_screen(self, method: PinMethod) -> bool:
        """Whether the citizen looks at this station's screen during an entry of that kind."""
        return method is PinMethod.TRAINING or (method is not PinMethod.TERMINAL and self.config.devices.one_screen)

    def cancel_pin_entry(self) -> None:
        """The clerk cancels the entry under way."""
        self._devices.cancel_pin_entry()

    def enrol(self, case: Case, observer: ProcedureObserver) -> CertificateWritten:
        """Let the citizen enter the PIN, then make, have signed, write and prove both certificates. Blocks.

        Raises any of `FAULTS`. Whatever was reached is in the journal; the case may be set aside and taken up again.
        """
        chip = self._chip_of(case)
        token = chip.token()
        if chip.pin_status().is_blocked:
            raise PinBlocked
        self._enrolment.require_room(case.id, token)
        chip.unlock(observer, self.policy())
        try:
            self._remove_agreed(case, chip)
            with self.waiting_cases.at_work:
                enrolled = self._enrolment.run(case.id, chip, self._subject(case), self._email(case), observer)
        finally:
            self._lock(chip)
        self._archive_certificates(case, enrolled)
        return CertificateWritten(
            pin_method=self.pin_method().value,
            document_number=case.citizen.document_number,
            token_serial=token.serial,
            authentication_serial=enrolled.orders[0].serial,
            signature_serial=enrolled.orders[1].serial,
            read_back=True,
        )

    def take_back(self, case: Case, observer: PinObserver) -> None:
        """Let the citizen enter the PIN, then remove from the chip what a refused case has made there. Blocks.

        What was issued all the same is revoked. Raises any of `FAULTS`; may be called again.
        """
        self.refused_cases.require_settled(case.id)
        chip = self._chip_of(case)
        token = chip.token()
        chip.unlock(observer, self.policy())
        try:
            self.refused_cases.take_back(case.id, chip)
        finally:
            self._lock(chip)
        self._archive.note("keys_taken_back", {"token": token.serial}, clerk=self.clerk, case_id=case.id)

    def not_issued(self, case: Case, who: str) -> bool:
        """Take somebody's word, at the authority, that nothing was issued for this case; recorded.

        True when the case goes on with the same request in a new message; False while the one that left may arrive.
        """
        self._archive.note("said_not_issued", {"by": who}, clerk=self.clerk, case_id=case.id)
        return self._enrolment.not_issued(case.id)

    def _certify(self, order: Order) -> Order:
        """Ask after one order without its card: enough to learn that it was issued."""
        subject = self._subject(self._archive.case(order.case_id))
        return Asking(self._authority, self._orders, subject, Patience()).certify(order)

    def leftovers(self, case: Case) -> tuple[Leftover, ...]:
        """What lies on the case's chip and belongs to nothing, nor to a case that waits. Blocks; may take seconds."""
        waiting = {key for one in self._archive.open_cases() for key in self._enrolment.keys_of(one.case_id)}
        found = self._chip_of(case).leftovers()
        # A pair whose order is under way may not stand in the journal yet; resuming that order tidies up by itself.
        begun = self._enrolment.has_begun(case.id)
        return tuple(one for one in found if not begun and (not one.key_id or one.key_id not in waiting))

    def agree_to_remove(self, case: Case, chosen: tuple[Leftover, ...], second_clerk: str) -> None:
        """A second clerk consents: `chosen` is removed in the PIN session of this case's enrolment. Recorded.

        Raises `ValueError` when the second clerk is the first; a consent is forgotten with the program.
        """
        if second_clerk == self.clerk:
            raise ValueError("one clerk is not two")
        body = {"second_clerk": second_clerk, "chosen": [_named(one) for one in chosen]}
        self._archive.note("leftovers_consented", body, clerk=self.clerk, case_id=case.id)
        self._agreed[case.id] = chosen

    def agreed_to_remove(self, case: Case) -> tuple[Leftover, ...]:
        """What a second clerk has consented to, and what was not removed yet."""
        return self._agreed.get(case.id, ())

    def _remove_agreed(self, case: Case, chip: Chip) -> None:
        if chosen := self._agreed.get(case.id):
            chip.remove_leftovers(chosen)
            body = {"removed": [_named(one) for one in chosen]}
            self._archive.note("leftovers_removed", body, clerk=self.clerk, case_id=case.id)
            del self._agreed[case.id]

    def _lock(self, chip: Chip) -> None:
        try:
            chip.lock()
        except CardError:
            # The card is gone, and with it the PIN session that was to be ended.
            self.release_card()

    def _subject(self, case: Case) -> SubjectData:
        citizen = case.citizen
        return SubjectData(
            given_name=citizen.given_name,
            surname=citizen.surname,
            personal_number=citizen.personal_number,
            document_number=citizen.document_number,
        )

    def _email(self, case: Case) -> str | None:
        started = [e for e in case.evidence.values() if isinstance(e, ProcessStarted)]
        return started[-1].email_in_certificate if started else None

    def _archive_certificates(self, case: Case, enrolled: Enrolled) -> None:
        for profile, der, order in (
            (Profile.AUTHENTICATION, enrolled.authentication, enrolled.orders[0]),
            (Profile.SIGNATURE, enrolled.signature, enrolled.orders[1]),
        ):
            validity = validity_of(der)
            assert validity is not None, "a proved certificate decodes"  # noqa: S101  # narrows the type; proved above
            self._archive.add_certificate(
                CertificateRecord(
                    serial=order.serial,
                    profile=profile,
                    case_id=case.id,
                    personal_number=case.citizen.personal_number,
                    document_number=case.citizen.document_number,
                    certificate=der,
                    not_before=validity.not_before,
                    not_after=validity.not_after,
                ),
                clerk=self.clerk,
            )

    def unblock(self, case: Case, observer: PinObserver) -> PinChanged:
        """Let the citizen set a new PIN on a blocked or forgotten one. Blocks. Raises `HardwareError`.

        Among them `HsmLocked` and `CodeExchangeNeeded`: then the clerk comes first (`open_key_session`,
        `answer_challenge`), the challenge stays open, and this is called again.
        """
        opened = self._challenge_of(case)
        try:
            opened.set_new_pin(self._key_service, observer, self.policy())
        except UnblockRefused as refused:
            body = {"tries_left": refused.tries_left, "key_service": self._key_service.kind}
            self._archive.note("unblock_refused", body, clerk=self.clerk, case_id=case.id)
            raise
        finally:
            if opened.is_spent:
                self.forget_challenge()
        self._lock(opened.chip)
        return PinChanged(
            pin_method=self.pin_method().value,
            document_number=case.citizen.document_number,
            token_serial=opened.challenge.token_serial,
            tries_left=opened.chip.pin_status().tries_left,
            key_service=self._key_service.kind,
        )

    def _challenge_of(self, case: Case) -> OpenChallenge:
        """The one that is open for this case, or a fresh one; its intent is recorded."""
        if self._open_challenge is None or self._open_challenge.case_id != case.id:
            self.forget_challenge()
            is_citizen_first = self.pin_method() is not PinMethod.PINPAD
            opened = OpenChallenge(case.id, self._chip_of(case), is_citizen_first=is_citizen_first)
            self._open_challenge = opened
            intent = {"method": opened.challenge.method.value, "token": opened.challenge.token_serial}
            self._archive.note("unblock_begun", intent, clerk=self.clerk, case_id=case.id)
        return self._open_challenge

    def answer_challenge(self, case: Case, response: bytes) -> None:
        """Take the centre's answer to the challenge of this case; one whose challenge is gone is dropped."""
        if self._open_challenge is not None and self._open_challenge.case_id == case.id:
            self._open_challenge.response = response

    def forget_challenge(self) -> None:
        """Let go of the card; the next unblock begins with a fresh challenge."""
        opened, self._open_challenge = self._open_challenge, None
        if opened is not None:
            opened.close()

    def open_key_session(self, observer: PinObserver) -> None:
        """Let the clerk type the HSM operator's PIN, once in a sitting. Blocks. Raises as `Devices`."""
        self._devices.open_key_session(observer)

    def end_sitting(self) -> None:
        """The clerk leaves the desk: the HSM is locked again. Blocks while an HSM answers. Raises `HardwareError`."""
        self.forget_challenge()
        self._devices.close_key_session()

    @property
    def authority_name(self) -> str:
        """Who signs here."""
        return self._authority.name

    def authority_facts(self) -> AuthorityFacts:
        """How the authority is reached and how old its revocation list is. Blocks while a long list is read."""
        return authority_facts(self.config)

    def authority_chain(self) -> tuple[bytes, ...]:
        """Certificates of who signs here: issuing CA first, root last; DER."""
        return tuple(self._authority.chain())

    # --- paper --------------------------------------------------------------------------------------------------------

    def papers(self, case: Case) -> Sequence[Paper]:
        """The papers that belong to the case's current step, with their copies."""
        return paper_set(case.procedure_key, case.step.key)

    def print_paper(self, case: Case, paper: Paper) -> Printed:
        """Print (or save, where no printer is set) one paper of a case and record it. Blocks."""
        email = next((e.email_wish for e in case.evidence.values() if hasattr(e, "email_wish")), None)
        number = self.contract_number(case) if paper.form == "agreement" else case.contract_number
        earlier = [copy for copy in self._archive.record_of(case.id).papers if copy.form == paper.form]
        printed = self._print_room.print_form(
            paper.form,
            case=case,
            copies=paper.copies,
            number=len(earlier) + 1,
            email=email,
            contract_number=number,
            now=self.now(),
            head_code=self._archive.head_code(),
        )
        self._archive.add_paper(printed.copy, clerk=self.clerk)
        return printed

    def print_blank(self, form: str, copies: int = 1) -> Printed:
        """Print a blank form for a citizen to fill in. Blocks."""
        now = self.now()
        printed = self._print_room.print_form(
            form, case=None, copies=copies, number=int(now.timestamp()), email=None, contract_number=None, now=now
        )
        self._archive.add_paper(printed.copy, clerk=self.clerk)
        return printed

    # --- the archive --------------------------------------------------------------------------------------------------

    def open_cases(self) -> list[CaseSummary]:
        """Cases that are open or set aside, latest change first."""
        return self._archive.open_cases()

    def case(self, case_id: str) -> Case:
        """A case as the archive has it."""
        return self._archive.case(case_id)

    def search(self, text: str) -> list[CaseSummary]:
        """Find cases by name in either script, personal number, document, contract, case or certificate number."""
        return self._archive.search(text)

    def show(self, case_id: str) -> CaseRecord:
        """A case shown whole; that it was looked at is recorded first."""
        self._archive.note("case_viewed", {}, clerk=self.clerk, case_id=case_id)
        return self._archive.record_of(case_id)

    def counts_today(self) -> dict[str, int]:
        """Today's cases by procedure and status: `issuance`, `renewal`, `unblock`, `abandoned`, `open`."""
        return self._archive.counts_today(self.now().date())

    def journal_rows(self, limit: int = 200) -> list[JournalRow]:
        """The newest journal rows, newest first."""
        return self._archive.journal_rows(limit)

    def verify_archive(self) -> VerifyResult:
        """Recompute the whole journal. Blocks about a second per half million rows."""
        return self._archive.verify()

    # --- settings that a screen may change ----------------------------------------------------------------------------

    def change_clerk(self, clerk: str) -> None:
        """Another clerk takes the desk over; recorded."""
        self._archive.note("clerk_changed", {"from": self.clerk, "to": clerk}, clerk=clerk)
        self.config = replace(self.config, office=replace(self.config.office, clerk=clerk))
        self._orders.clerk = clerk

    def folder(self) -> Path:
        """Where forms are saved when no printer is set."""
        return self._print_room.folder


def _named(leftover: Leftover) -> str:
    return f"{leftover.kind.value} {leftover.name}"
