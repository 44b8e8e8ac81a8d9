"""A report on paper: its words handed to the drawing of papers."""

from __future__ import annotations

from datetime import date, tzinfo

from kiosk.config import Office
from kiosk.documents.facts import FormFacts, Script
from kiosk.documents.report_sheet import ReportFacts, render_report
from kiosk.reports.report import Report
from kiosk.reports.worded import worded
from kiosk.texts import Language, Texts


def paper(report: Report, office: Office, today: date, head_code: str, script: Script, zone: tzinfo | None) -> bytes:
    """The report as PDF/A-2U, in a script; the same arguments give the same bytes. Raises `DocumentError`."""
    texts = Texts(Language.LATIN if script is Script.LATIN else Language.CYRILLIC)
    words = worded(report, texts, zone)
    sheet = ReportFacts(
        title=words.title,
        period=words.period,
        remarks=words.remarks,
        bars=words.bars,
        head=words.head,
        rows=words.rows,
        sha256=report.sha256,
    )
    facts = FormFacts(
        citizen=None,
        case_number="",
        office_number=office.number,
        office_name=office.name,
        place=office.place,
        clerk=office.clerk,
        printed_on=today,
        head_code=head_code,
    )
    return render_report(sheet, facts, script)
