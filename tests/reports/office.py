"""An office with cases whose papers, certificates and rows can be counted by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from data.archive import Archive
from data.orders import OrderJournal
from data.records import CertificateRecord, PaperCopy
from kiosk.ca.interface import Profile
from kiosk.cases import Case, Citizen
from kiosk.orders import Act, Order, OrderState
from tests.data.invented import CLERK, citizen, finish_step, new_case

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FILED = {
    "issuance": ("request", "general_terms", "agreement"),
    "renewal": ("request",),
    "unblock": ("unblock_request",),
    "status_change": ("status_request",),
}
FORMS = {
    "issuance": ("obrazac_1", "general_terms", "agreement"),
    "renewal": ("obrazac_1",),
    "unblock": ("obrazac_2",),
    "status_change": ("obrazac_3",),
}


class Hands:
    """A clock that stands where it was set."""

    def __init__(self, at: datetime = MORNING) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def office(folder: Path, clock: Hands, zone: tzinfo | None = UTC, *, is_watched: bool = False) -> Archive:
    """An archive; `is_watched`: that the hands were moved is noticed."""
    archive = Archive.open(folder, clock, office="7130", zone=zone, busy_s=1)
    if not is_watched:
        archive.store.before_change = None
    return archive


def person(number: int, **names: str) -> Citizen:
    """One of many citizens."""
    return citizen(personal_number=f"{101990000000 + number:013}", document_number=f"{number:09}", **names)


def serials(case: Case) -> tuple[str, str]:
    """Serial numbers of the certificates of a case, as an invented authority gives them."""
    tail = case.id.replace("-", "")
    return f"a{tail}", f"b{tail}"


def walk(archive: Archive, case: Case, steps: int = 9) -> Case:
    """Do so many steps, as they should be."""
    for _ in range(steps):
        if case.status.value != "open":
            break
        values: dict[str, object] = {}
        if case.step.key == "completion":
            values = {"filed": FILED[case.procedure_key]}
        elif case.step.evidence.__name__ == "CertificateWritten":
            values = dict(zip(("authentication_serial", "signature_serial"), serials(case), strict=True))
        case = finish_step(archive, case, **values)
    return case


def print_papers(archive: Archive, case: Case, forms: Iterable[str]) -> None:
    """Each of the forms once."""
    for form in forms:
        copy = PaperCopy(
            form=form, case_id=case.id, copies=1, sha256="0" * 64, printed_at=archive.clock(), where="printer"
        )
        archive.add_paper(copy, CLERK)


def issue(archive: Archive, case: Case, profiles: Iterable[Profile] = tuple(Profile)) -> None:
    """The authority's certificates have come; they are not on the card yet."""
    orders = OrderJournal(archive, CLERK)
    for profile, serial in zip(Profile, serials(case), strict=True):
        if profile in profiles:
            order = Order(
                order_id=f"{case.id}/{profile.value}",
                case_id=case.id,
                profile=profile,
                state=OrderState.ISSUED,
                certificate=serial.encode(),
                serial=serial,
            )
            orders.begin(order, Act.ACCEPT)
            orders.finish(order, Act.ACCEPT)


def write_certificates(
    archive: Archive, case: Case, days: int = 5 * 365, profiles: Iterable[Profile] = tuple(Profile)
) -> None:
    """Certificates that end in so many days, issued and read back."""
    issue(archive, case, profiles)
    named = dict(zip((Profile.AUTHENTICATION, Profile.SIGNATURE), serials(case), strict=True))
    now = archive.clock()
    for profile in profiles:
        record = CertificateRecord(
            serial=named[profile],
            profile=profile,
            case_id=case.id,
            personal_number=case.citizen.personal_number,
            document_number=case.citizen.document_number,
            certificate=named[profile].encode(),
            not_before=now,
            not_after=now + timedelta(days=days),
        )
        archive.add_certificate(record, CLERK)


def whole_case(archive: Archive, procedure: str, number: int, *, days: int = 5 * 365, **names: str) -> Case:
    """A case that balances: everything printed, signed, written and filed."""
    case = new_case(archive, procedure, person(number, **names))
    print_papers(archive, case, FORMS[procedure])
    if procedure in ("issuance", "renewal"):
        write_certificates(archive, case, days)
    return walk(archive, case)
