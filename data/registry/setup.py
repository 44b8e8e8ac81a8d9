"""Making the central tables and the roles, and entering offices. Needs the owner of the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)

from data.bundle_header import OFFICE, key_name
from data.exchange_errors import MalformedFile
from data.registry import schema
from data.registry.database import Database

if TYPE_CHECKING:
    from psycopg import Cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeKeyRecord:
    """A key that speaks, or spoke, for an office."""

    office: str
    name: str
    key: str
    spki: bytes
    """SPKI, DER."""
    ended_at: datetime | None


def init(database: Database) -> None:
    """Make tables and roles; again does nothing. Raises `RegistryUnavailable`."""
    database.run(_init)


def _init(cursor: Cursor[Any]) -> None:
    for table in schema.TABLES:
        cursor.execute(table.encode())
    for role in (schema.INGEST, schema.SEARCH):
        known = cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        if known is None:
            cursor.execute(f"CREATE ROLE {role} NOLOGIN".encode())
    for grant in schema.GRANTS:
        cursor.execute(grant.encode())


def add_office(database: Database, office: str, name: str, spki: bytes, at: datetime) -> str:
    """Enter an office with its key, or one more key of an office; returns the key's name.

    Raises `MalformedFile` when the number is none, `RegistryUnavailable`.
    """
    if not OFFICE.match(office):
        raise MalformedFile(f"office {office!r}: up to 16 digits and Latin letters")
    key = key_name(spki)

    def work(cursor: Cursor[Any]) -> None:
        cursor.execute("INSERT INTO office VALUES (%s, %s, %s) ON CONFLICT (office) DO NOTHING", [office, name, at])
        cursor.execute(
            "INSERT INTO office_key VALUES (%s, %s, %b, %s) ON CONFLICT (office, key) DO NOTHING",
            [office, key, spki, at],
        )

    database.run(work)
    return key


def read_key(path: Path) -> bytes:
    """A public key from a file, PEM or DER, as SPKI in DER. Raises `MalformedFile`."""
    content = path.read_bytes()
    load = load_pem_public_key if content.startswith(b"-----BEGIN") else load_der_public_key
    try:
        return load(content).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise MalformedFile(f"{path.name}: no public key") from error


def end_key(database: Database, office: str, key: str, at: datetime) -> None:
    """What this key signs is not accepted from now on. Raises `RegistryUnavailable`."""
    database.run(
        lambda cursor: cursor.execute(
            "INSERT INTO office_key_end VALUES (%s, %s, %s) ON CONFLICT (office, key) DO NOTHING", [office, key, at]
        )
    )


def office_keys(database: Database) -> list[OfficeKeyRecord]:
    """Every key of every office. Raises `RegistryUnavailable`."""
    return database.run(_office_keys)


def _office_keys(cursor: Cursor[Any]) -> list[OfficeKeyRecord]:
    rows = cursor.execute(
        "SELECT office_key.office, name, office_key.key, spki, ended_at FROM office_key "
        "JOIN office ON office.office = office_key.office "
        "LEFT JOIN office_key_end ON office_key_end.office = office_key.office AND office_key_end.key = office_key.key "
        "ORDER BY office_key.office, office_key.added_at"
    ).fetchall()
    return [
        OfficeKeyRecord(office=office, name=name, key=key, spki=bytes(spki), ended_at=ended_at)
        for office, name, key, spki, ended_at in rows
    ]
