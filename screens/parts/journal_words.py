"""A journal row in one sentence."""

from __future__ import annotations

from data.records import JournalRow
from kiosk.documents import FORMS
from kiosk.journal_kinds import KINDS
from kiosk.procedures import PROCEDURES
from kiosk.status_order import StatusState
from kiosk.texts import N_, Texts
from screens.parts.status_words import STATES
from screens.parts.words import PROCEDURE_TITLES, PROFILES, case_reason

BOOKKEEPING = frozenset({"number_given", "contract_number_reserved"})
"""Rows that the journal needs to be whole, and that tell a clerk nothing: the act they belong to has its own."""

ACTS: dict[str, str] = {
    "generate": N_("пар кључева у чипу"),
    "request": N_("захтев потписан у чипу"),
    "send": N_("захтев сертификационом телу"),
    "accept": N_("одговор проверен"),
    "write": N_("упис у чип"),
    "read_back": N_("читање из чипа и провера"),
    "tidy": N_("стари кључеви уклоњени"),
    "confirm": N_("потврда сертификационом телу"),
    "settle": N_("исход сазнат од сертификационог тела"),
    "withdraw": N_("узето назад из чипа"),
    "hold": N_("суспензија сертификата"),
    "release": N_("поновна активација сертификата"),
    "revoke": N_("опозив сертификата"),
}


def said_of(row: JournalRow, texts: Texts) -> str:
    """What happened, with the detail that a clerk asks for first."""
    kind = texts(KINDS[row.kind]) if row.kind in KINDS else row.kind
    detail = "" if row.is_erased else _detail(row, texts)
    return f"{kind}: {detail}" if detail else kind


def _detail(row: JournalRow, texts: Texts) -> str:
    body = row.body
    match row.kind:
        case "case_opened":
            return texts(PROCEDURE_TITLES[body["procedure"]])
        case "case_suspended" | "case_abandoned":
            return case_reason(body["reason"], texts)
        case "step_completed":
            procedure = PROCEDURES[body["reference"].partition("/")[0]]
            return f"{body['step']} {texts(procedure.step(body['step']).title)}"
        case "order_begun" | "order_finished":
            return f"{texts(ACTS[body['act']])} ({texts(PROFILES[body['profile']])})"
        case "status_order" | "status_done":
            said = texts(ACTS[body["action"]])
            return f"{said}, {texts(STATES[StatusState(body['state'])])} (…{body['serial'][-8:]})"
        case "fault":
            return f"{body['code']} {body['fault']}"
        case "refused":
            return f"{texts(PROCEDURE_TITLES[body['procedure']])} ({', '.join(body['reasons'])})"
        case "paper_printed":
            return f"{texts(FORMS[body['form']].name)} x{body['copies']}"
        case "certificate_archived":
            return str(body.get("serial", ""))
        case "leftovers_consented":
            return f"{texts('Сл. {clerk}', clerk=body['second_clerk'])} ({len(body['chosen'])})"
        case "leftovers_removed":
            return str(len(body["removed"]))
        case "reader_chosen":
            return str(body["reader"])
        case "clerk_changed":
            return f"{body['from']} → {body['to']}"
    return ""
