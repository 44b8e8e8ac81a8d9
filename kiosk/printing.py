"""Forms onto paper: rendered, printed once under a name, or saved where no printer is set."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from data.records import PaperCopy
from hardware.printer import Printer
from kiosk.cases import Case
from kiosk.config import Config
from kiosk.documents import FORMS, DocumentError, FormFacts, Script, render
from kiosk.documents.facts import StatusFacts
from kiosk.procedures.evidence import StatusChangeAccepted, StatusChanged, StatusChangeRequested


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What came of printing; `path` is set where the form was saved instead."""

    copy: PaperCopy
    path: Path | None
    """The file, where no printer is set."""


class FormNotSaved(DocumentError):
    """The disk refused the file of a form; the message is the system's own word on it."""

    code = "К-0804"


class PrintRoom:
    """Renders a form and gets it onto paper, or into `folder` where no CUPS queue is set."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.folder = config.folder / "printed"

    def print_form(
        self,
        form: str,
        *,
        case: Case | None,
        copies: int,
        number: int,
        email: str | None,
        contract_number: str | None,
        now: datetime,
        head_code: str = "",
    ) -> Printed:
        """Print `copies` of a form. `number` counts the printings of this form in this case, from 1.

        `head_code` is printed in the foot of each page.

        The job's name follows from case, form and number, so a printing that was cut is found again and not doubled.
        Raises `PrinterError`, `MissingGlyph`, `TooLong`, `FormNotSaved`.
        """
        pdf = self.render(form, case=case, email=email, contract_number=contract_number, now=now, head_code=head_code)
        name = f"{case.id if case else 'blank'}-{form}-{number}"
        where, path = self.send(pdf, name, copies)
        record = PaperCopy(
            form=form,
            case_id=case.id if case else None,
            copies=copies,
            sha256=hashlib.sha256(pdf).hexdigest(),
            printed_at=now,
            where=where,
        )
        return Printed(copy=record, path=path)

    def render(
        self,
        form: str,
        *,
        case: Case | None,
        email: str | None,
        contract_number: str | None,
        now: datetime,
        head_code: str = "",
    ) -> bytes:
        """The form as PDF bytes; the same facts give the same bytes."""
        office = self._config.office
        facts = FormFacts(
            citizen=case.citizen if case else None,
            case_number=case.id if case else "",
            office_number=office.number,
            office_name=office.name,
            place=office.place,
            clerk=office.clerk,
            printed_on=now.date(),
            option=_circled(case) if case else None,
            status_options=tuple(self._config.rules.obrazac_3.split()),
            status=_status(case, now) if case else None,
            email=email,
            contract_number=contract_number,
            edition=FORMS[form].edition,
            head_code=head_code,
        )
        return render(form, facts, Script(self._config.printing.script))

    def send(self, pdf: bytes, name: str, copies: int) -> tuple[str, Path | None]:
        """Print a PDF once under a name, or save it: the printer, or the file's name and path.

        Raises `PrinterError`, `FormNotSaved`.
        """
        printing = self._config.printing
        if printing.queue:
            Printer(printing.queue, printing.socket).submit_once(pdf, name, copies)
            return printing.queue, None
        path = self.folder / f"{name}.pdf"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.write_bytes(pdf)
        except OSError as error:
            raise FormNotSaved(error.strerror or type(error).__name__) from error
        return path.name, path


def _circled(case: Case) -> int | None:
    """The number that the procedure, or the citizen, circles; `None` as long as the citizen may choose."""
    requested = [e.circled_option for e in case.evidence.values() if isinstance(e, StatusChangeRequested)]
    return requested[-1] if requested else case.procedure.form_option or None


def _status(case: Case, now: datetime) -> StatusFacts | None:
    accepted = next((e for e in case.evidence.values() if isinstance(e, StatusChangeAccepted)), None)
    changed = next((e for e in case.evidence.values() if isinstance(e, StatusChanged)), None)
    if accepted is None or changed is None:
        return None
    received, in_effect = (
        f"{datetime.fromisoformat(at).astimezone(now.tzinfo):%d.%m.%Y. %H:%M}"
        for at in (accepted.received_at, changed.in_effect_at)
    )
    return StatusFacts(action=changed.action, serials=changed.changed, received=received, in_effect=in_effect)
