"""The table of certificates that were read back from a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data.errors import RecordConflict
from data.records import CertificateRecord
from data.values import moment, utc_text
from kiosk.ca.interface import Profile

if TYPE_CHECKING:
    from sqlite_utils import Database


def certificate_columns(record: CertificateRecord) -> dict[str, Any]:
    """A certificate's columns; the certificate itself is DER."""
    return {
        "serial": record.serial,
        "profile": record.profile.value,
        "case_id": record.case_id,
        "personal_number": record.personal_number,
        "document_number": record.document_number,
        "certificate": record.certificate,
        "not_before": utc_text(record.not_before),
        "not_after": utc_text(record.not_after),
    }


def is_new(db: Database, record: CertificateRecord) -> bool:
    """False when it is there already. Raises `RecordConflict` when another one has its serial."""
    known = db.execute("SELECT certificate FROM certificates WHERE serial = ?", [record.serial]).fetchone()
    if known is not None and known[0] != record.certificate:
        raise RecordConflict(f"another certificate has the serial {record.serial}")
    return known is None


def insert_certificate(db: Database, record: dict[str, Any]) -> None:
    """Add a certificate (`certificate_columns`, the certificate itself in hex)."""
    db.table("certificates").insert(record | {"certificate": bytes.fromhex(record["certificate"])})


def certificates_of_person(db: Database, personal_number: str) -> list[CertificateRecord]:
    """A citizen's certificates, latest end first."""
    return _certificates(db, "personal_number = ?", personal_number)


def certificates_of_case(db: Database, case_id: str) -> list[CertificateRecord]:
    """The certificates written in a case."""
    return _certificates(db, "case_id = ?", case_id)


def _certificates(db: Database, condition: str, value: str) -> list[CertificateRecord]:
    order = " ORDER BY not_after DESC, profile, serial"
    rows = db.query(
        f"SELECT * FROM certificates WHERE {condition}{order}",  # noqa: S608  # conditions are the two above
        [value],
    )
    return [
        CertificateRecord(
            **row
            | {
                "profile": Profile(row["profile"]),
                "not_before": moment(row["not_before"]),
                "not_after": moment(row["not_after"]),
            }
        )
        for row in rows
    ]
