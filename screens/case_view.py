"""A case shown whole: whose it is, every step as it was recorded, certificates and papers."""

from __future__ import annotations

from data.records import CaseRecord, JournalRow
from kiosk.cases import CaseStatus
from kiosk.desk import FAULTS
from kiosk.documents import FORMS
from kiosk.procedures import PROCEDURES
from kiosk.status_people import Held, Person
from screens.parts.evidence_words import evidence_fields
from screens.parts.ink import Ink
from screens.parts.lines import Lines
from screens.parts.status_words import KNOWN
from screens.parts.words import CASE_STATUS, PROCEDURE_TITLES, PROFILES, case_reason
from screens.scroll_screen import ScrollScreen

LABEL = 30


class CaseView(ScrollScreen[str | None]):
    """Dismisses with the number of the case when the clerk wants to go on with it."""

    KEYS = (1, 10, 11)

    def __init__(self, record: CaseRecord) -> None:
        super().__init__()
        self.record = record
        self.person: Person | None = None

    def on_mount(self) -> None:
        """What has become of the certificates since."""
        try:
            self.person = self.desk.status_changes.people.person(self.record.case.citizen)
        except FAULTS as fault:
            self.on_fault(fault)
        super().on_mount()

    @property
    def can_go_on(self) -> bool:
        """Whether the case has not ended."""
        return self.record.case.status in (CaseStatus.OPEN, CaseStatus.SUSPENDED)

    def held(self, serial: str) -> tuple[Held, ...]:
        """How that certificate stands; nothing where it could not be asked."""
        return tuple(one for one in self.person.certificates if one.serial == serial) if self.person else ()

    @property
    def can_change_status(self) -> bool:
        """Whether the case has ended and its citizen has certificates: one case at a time."""
        return not self.can_go_on and self.person is not None and bool(self.person.certificates)

    def title_text(self) -> str:
        """Case, procedure, how it stands."""
        case = self.record.case
        status = self.t(CASE_STATUS[case.status.value])
        return self.t("Предмет {case}", case=case.id) + f" · {self.t(PROCEDURE_TITLES[case.procedure_key])} · {status}"

    def write(self, lines: Lines) -> None:
        """Citizen, steps, certificates, papers."""
        self._citizen(lines)
        for row in self.record.evidence:
            self._step(lines, row)
        self._certificates(lines)
        self._papers(lines)

    def _citizen(self, lines: Lines) -> None:
        case, citizen = self.record.case, self.record.case.citizen
        lines.field(self.t("Корисник"), citizen.full_name)
        lines.field(self.t("ЈМБГ"), citizen.personal_number)
        lines.field(self.t("Карта"), f"{citizen.document_number}  {citizen.issuing_authority}")
        for contract in self.record.contracts:
            lines.field(self.t("Уговор бр."), f"{contract.number}  {contract.concluded_on:%d.%m.%Y.}")
        if case.reason:
            lines.field(self.t("Разлог"), case_reason(case.reason, self.station.texts), Ink.WARNING)
        lines.blank()

    def _step(self, lines: Lines, row: JournalRow) -> None:
        number = row.body["step"]
        step = PROCEDURES[self.record.case.procedure_key].step(number)
        when = f"{row.at.astimezone():%d.%m.%Y. %H:%M:%S}  " + self.t("Сл. {clerk}", clerk=row.clerk)
        lines.heading(f"{number} {self.t(step.title)}  ·  {when}")
        if row.kind == "step_completed":
            for label, value in evidence_fields(row.body["facts"], self.station.texts):
                lines.field(f"  {label}", value, Ink.PLAIN, label_width=LABEL)
        else:
            reason = case_reason(row.body["reason"], self.station.texts)
            ended = self.t("одложено") if row.kind == "case_suspended" else self.t("прекинуто")
            lines.field(f"  {ended}", reason, Ink.WARNING, label_width=LABEL)
        lines.blank()

    def _certificates(self, lines: Lines) -> None:
        for certificate in self.record.certificates:
            lines.heading(self.t("Сертификат") + f" · {self.t(PROFILES[certificate.profile.value])}")
            lines.field(f"  {self.t('серијски број')}", certificate.serial, Ink.PLAIN, label_width=LABEL)
            ends = f"{certificate.not_after.astimezone():%d.%m.%Y. %H:%M}"
            lines.field(f"  {self.t('важи до')}", ends, Ink.PLAIN, label_width=LABEL)
            for held in self.held(certificate.serial):
                lines.field(f"  {self.t('стање')}", self.t(KNOWN[held.known]), Ink.PLAIN, label_width=LABEL)
            lines.blank()

    def _papers(self, lines: Lines) -> None:
        if self.record.papers:
            lines.heading(self.t("Одштампани папири"))
        for paper in self.record.papers:
            name = self.t(FORMS[paper.form].name)
            said = self.t("{copies} прим. · {where}", copies=paper.copies, where=paper.where)
            lines.field(f"  {name}", said, Ink.PLAIN, label_width=LABEL)

    def status(self) -> str:
        """Why it may be read."""
        return self.t("Увид у предмет је забележен у дневнику.")

    def hint(self) -> str:
        """The ways on and back."""
        going_on = self.t("Enter = настави предмет") + " · " if self.can_go_on else ""
        changing = self.t("8 = промена статуса") + " · " if self.can_change_status else ""
        return going_on + changing + self.t("↑↓ PgUp PgDn текст · Esc = назад")

    def press_digit(self, digit: int) -> None:
        """8, as on the list: a change of status for this citizen."""
        if digit == 8 and self.person is not None and self.can_change_status:
            from screens.status_change.asking import ask_who

            ask_who(self, self.person, self.paint)

    def press_enter(self) -> None:
        """Go on with a case that has not ended."""
        if self.can_go_on:
            self.dismiss(self.record.case.id)

    def press_escape(self) -> None:
        """Back to the list."""
        self.dismiss(None)
