"""What must hold before a procedure, as checks with reasons. Pure: facts in, checks out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum


class Remedy(Enum):
    """What the clerk can do when a check does not hold."""

    NONE = "none"
    """Refused with the reason; nothing is started."""
    UNBLOCK_FIRST = "unblock_first"
    """Unblock with PIN change first, then straight back into the same case."""
    ISSUE_INSTEAD = "issue_instead"
    """Issuance is the right procedure."""
    ENTER_CONTRACT = "enter_contract"
    """The contract's number may be entered from the paper, with a note who saw it; or issuance."""
    WAIT_UNTIL = "wait_until"
    """Renewal becomes possible on the date in the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the revocation list on this machine says of the citizen's certificate."""

    revoked_on: date | None = None
    is_held: bool = False
    """Suspended: it may become valid again."""
    list_date: date | None = None
    """Of the list that does not name it."""
    is_current: bool = False
    """Whether that list may still be relied on."""
    is_damaged: bool = False
    """The list cannot be read: it has to be imported again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeState:
    """How the office stands to the centre, which is the witness of its archive."""

    must_compare: bool = False
    """The archive was restored from a backup: no case before its head was compared with the centre's."""
    is_contradicted: bool = False
    """The centre has other rows than this journal."""
    is_cut_off: bool = False
    """So long without news from the centre that no case may be begun."""
    is_overdue: bool = False
    days: int = 0
    """Since the last news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the kiosk knows before it opens a case. Dates are calendar dates at the office."""

    today: date
    card_expiry: date
    card_carries_certificates: bool
    data_altered: bool
    data_signed: bool = True
    """False where the chip carries no signature over its data: every card that can hold certificates has one."""
    chain_known: bool
    pin_blocked: bool
    begun_case: str | None = None
    """A case of this card that has keys on the chip and waits to be finished: no second key while one is open."""
    citizen_knows_pin: bool = True
    contract_number: str | None = None
    """A valid contract found in the archive, or entered from the paper."""
    certificate_end: date | None = None
    """Last day of the certificate issued on the day of the contract; `None` when none is known."""
    renewal_days_before_end: int = 0
    """How many days before its end renewal is allowed; 0 as published."""
    office: OfficeState = OfficeState()
    standing: Standing | None = None
    """Of the newest certificate on the chip; `None` where nobody can say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One precondition and whether it holds."""

    key: str
    holds: bool
    reason: str
    """A catalogue message in Serbian Cyrillic; `{date}` and `{number}` stand for `values`."""
    remedy: Remedy = Remedy.NONE
    is_warning: bool = False
    """True where the case may go on although the check does not hold."""
    values: tuple[tuple[str, str], ...] = ()


def _card_checks(facts: Facts) -> Iterator[Check]:
    valid = facts.card_expiry >= facts.today
    expiry = (("date", f"{facts.card_expiry:%d.%m.%Y.}"),)
    yield Check(
        key="card_valid",
        holds=valid,
        reason="Лична карта важи до {date}" if valid else "Лична карта је истекла {date}",
        values=expiry,
    )
    yield Check(
        key="chip_carries_certificates",
        holds=facts.card_carries_certificates,
        reason="Чип може да носи сертификате"
        if facts.card_carries_certificates
        else "Чип ове карте не може да носи сертификате",
    )
    yield Check(
        key="data_authentic",
        holds=facts.data_signed and not facts.data_altered,
        reason="Подаци у чипу нису потписани"
        if not facts.data_signed
        else "Подаци у чипу су измењени"
        if facts.data_altered
        else "Потпис података у чипу је исправан",
    )
    if facts.data_signed and not facts.data_altered:
        yield Check(
            key="chain_known",
            holds=facts.chain_known,
            reason="Потписник података је познат" if facts.chain_known else "Потписник података у чипу није на листи",
            is_warning=True,
        )


def _pin_check(facts: Facts) -> Check:
    if facts.pin_blocked:
        return Check(key="pin_known", holds=False, reason="ПИН је блокиран", remedy=Remedy.UNBLOCK_FIRST)
    if not facts.citizen_knows_pin:
        return Check(key="pin_known", holds=False, reason="Корисник не зна ПИН", remedy=Remedy.UNBLOCK_FIRST)
    return Check(key="pin_known", holds=True, reason="ПИН није блокиран")


def _begun_check(case_id: str) -> Check:
    return Check(
        key="none_begun", holds=False, reason="Прво довршите предмет {number} са листе", values=(("number", case_id),)
    )


def _contract_checks(facts: Facts) -> Iterator[Check]:
    if facts.contract_number is None:
        yield Check(
            key="contract_valid",
            holds=False,
            reason="Нема важећег Уговора у архиви",
            remedy=Remedy.ENTER_CONTRACT,
        )
        return
    yield Check(
        key="contract_valid", holds=True, reason="Важећи Уговор {number}", values=(("number", facts.contract_number),)
    )
    if facts.certificate_end is None:
        yield Check(
            key="certificate_expired",
            holds=True,
            reason="Сертификат са дана склапања Уговора није на картици",
            is_warning=True,
        )
        return
    possible_from = facts.certificate_end + timedelta(days=1 - facts.renewal_days_before_end)
    if facts.today >= possible_from:
        yield Check(
            key="certificate_expired",
            holds=True,
            reason="Сертификат је истекао {date}",
            values=(("date", f"{facts.certificate_end:%d.%m.%Y.}"),),
        )
    else:
        yield Check(
            key="certificate_expired",
            holds=False,
            reason="Обнављање је могуће од {date}",
            remedy=Remedy.WAIT_UNTIL,
            values=(("date", f"{possible_from:%d.%m.%Y.}"),),
        )


def _standing_check(standing: Standing) -> Check:
    """A warning only: what a revocation means for a renewal the published text does not say."""
    day = standing.revoked_on or standing.list_date
    return Check(
        key="not_revoked",
        holds=standing.revoked_on is None and standing.is_current,
        reason="Листа опозваних се не може прочитати; увезите је поново"
        if day is None
        else "Сертификат је суспендован {date}"
        if standing.is_held
        else "Сертификат је опозван {date}"
        if standing.revoked_on is not None
        else "Није на листи опозваних од {date}"
        if standing.is_current
        else "Листа опозваних од {date} је застарела",
        is_warning=True,
        values=(("date", f"{day:%d.%m.%Y.}"),) if day is not None else (),
    )


def _office_checks(office: OfficeState) -> Iterator[Check]:
    """Only what does not hold: in good order the centre is no matter of the citizen at the counter."""
    days = (("number", str(office.days)),)
    if office.is_contradicted:
        yield Check(
            key="centre_agrees", holds=False, reason="Центар има друге редове него овај дневник: зовите подршку"
        )
    if office.must_compare:
        yield Check(key="head_compared", holds=False, reason="Архива је враћена из копије: прво поређење са центром")
    if office.is_cut_off:
        yield Check(
            key="centre_heard", holds=False, reason="Без вести из центра {number} дана: прво размена", values=days
        )
    elif office.is_overdue:
        yield Check(
            key="centre_heard", holds=False, reason="Без вести из центра {number} дана", values=days, is_warning=True
        )


def preconditions(procedure_key: str, facts: Facts) -> tuple[Check, ...]:
    """All checks of a procedure, in the order the clerk reads them."""
    checks = [*_office_checks(facts.office), *_card_checks(facts)]
    if procedure_key == "renewal":
        checks.extend(_contract_checks(facts))
        if facts.standing is not None:
            checks.append(_standing_check(facts.standing))
    if procedure_key != "unblock":
        if facts.begun_case is not None:
            checks.append(_begun_check(facts.begun_case))
        checks.append(_pin_check(facts))
    return tuple(checks)


def refusals(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    """The checks that stop the procedure from being started as it is."""
    return tuple(c for c in checks if not c.holds and not c.is_warning)
