"""What reports, their columns and their sums are called."""

from __future__ import annotations

from kiosk.journal_kinds import KINDS
from kiosk.procedures import PROCEDURES
from kiosk.texts import N_, Texts

TITLES: dict[str, str] = {
    "day": N_("Дневник рада"),
    "balance": N_("Салдо на крају дана"),
    "expiring": N_("Сертификати који истичу"),
    "failures": N_("Сметње и одбијања"),
}
GROUPS: dict[str, str] = {
    "procedures": N_("Завршени предмети"),
    "kinds": N_("Редови дневника"),
    "counts": N_("Избројано"),
    "exchange": N_("Размена са центром"),
    "silence": N_("Вести из центра"),
    "within": N_("Истиче у року од"),
    "standings": N_("Стање сертификата"),
    "steps": N_("По кораку"),
    "readers": N_("По читачу"),
    "codes": N_("По коду"),
}
COLUMNS: dict[str, str] = {
    "seq": N_("ред"),
    "at": N_("време"),
    "clerk": N_("службеник"),
    "case_id": N_("предмет"),
    "kind": N_("догађај"),
    "pair": N_("шта са чим"),
    "left": N_("лево"),
    "right": N_("десно"),
    "balanced": N_("слаже се"),
    "cases": N_("предмети који се не слажу"),
    "days": N_("дана"),
    "not_after": N_("истиче"),
    "profile": N_("намена"),
    "serial": N_("серијски број"),
    "standing": N_("стање"),
    "document_number": N_("карта"),
    "name": N_("корисник"),
    "step": N_("корак"),
    "reader": N_("читач"),
    "code": N_("код"),
}
PAIRS: dict[str, str] = {
    "printed_signed": N_("одштампано = потписано"),
    "signed_filed": N_("потписано = одложено"),
    "issued_written": N_("издати сертификати = прочитани из чипа"),
    "named_written": N_("наведени сертификати = прочитани из чипа"),
    "completed_served": N_("завршени предмети = предмети са оба сертификата"),
    "tables_journal": N_("редови у архиви = редови у дневнику"),
    "journal_centre": N_("редови дневника = редови које је центар потврдио"),
}
VALUES: dict[str, str] = {
    "abandoned": N_("прекинуто"),
    "printed": N_("папира одштампано"),
    "signed": N_("папира потписано"),
    "filed": N_("папира одложено"),
    "issued": N_("сертификата издато"),
    "certificates": N_("сертификата прочитано из чипа"),
    "completed": N_("предмета са сертификатима завршено"),
    "rows": N_("редова дневника"),
    "at_centre": N_("редова код центра"),
    "printed_again": N_("папира штампано више пута"),
    "days": N_("дана без вести"),
    "waiting": N_("редова у свему чека центар"),
    "current": N_("важи"),
    "suspended": N_("суспендован"),
    "revoked": N_("опозван"),
    "renewed": N_("обновљен"),
    "authentication": N_("за пријаву"),
    "signature": N_("за потпис"),
    "yes": N_("да"),
    "no": N_("НЕ"),
}
UNKNOWN = N_("није познато")
OUTSIDE = N_("ван предмета")


def said(value: str, texts: Texts) -> str:
    """A value of ours in words; what is not ours as it is."""
    for words in (VALUES, PAIRS, KINDS):
        if value in words:
            return texts.look_up(words[value])
    return texts.look_up(PROCEDURES[value].title) if value in PROCEDURES else value


def step_said(step: str, texts: Texts) -> str:
    """`issuance/6` in words."""
    procedure, _, number = step.partition("/")
    if procedure not in PROCEDURES:
        return texts.look_up(OUTSIDE)
    title = texts.look_up(PROCEDURES[procedure].title)
    return f"{title}, {number} {texts.look_up(PROCEDURES[procedure].step(int(number)).title)}" if number else title


def key_said(group: str, key: str, texts: Texts) -> str:
    """What a sum is of."""
    match group:
        case "within":
            return texts("{days} дана", days=key)
        case "steps":
            return step_said(key, texts)
        case "readers":
            return key or texts.look_up(UNKNOWN)
    return said(key, texts)
