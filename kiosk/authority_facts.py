"""Who signs here, how it is reached, and how old what this machine knows of it is: for the settings screen to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kiosk.config import BadConfig, Config
from kiosk.revocation.errors import IndexDamaged
from kiosk.revocation.index import RevocationIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFacts:
    """The revocation list that is kept on this machine; UTC."""

    issued_at: datetime
    next_by: datetime | None
    """When the next one should be there; `None` where the list does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityFacts:
    """What the settings screen shows of the authority."""

    address: str
    """URL or folder; empty for the authority of this machine."""
    office_until: datetime | None
    """Last moment of the registration office's own certificate, UTC; `None` where none is needed or readable."""
    list: ListFacts | None
    """`None` where there is no list, or one that cannot be used."""


def authority_facts(config: Config) -> AuthorityFacts:
    """Read them from settings and files; milliseconds, and more for a long revocation list."""
    address, certificate = "", None
    if config.authority == "cmp":
        address, certificate = config.cmp.url, config.cmp.certificate
    elif config.authority == "batch":
        address, certificate = str(config.batch.folder or ""), config.batch.certificate
    return AuthorityFacts(
        address=address,
        office_until=None if certificate is None else _until(certificate),
        list=_list(config.revocation_index),
    )


def _until(certificate: Path) -> datetime | None:
    from kiosk.cmp_office import pem_certificates

    try:
        return pem_certificates("certificate", certificate)[0].not_valid_after_utc
    except (BadConfig, IndexError):
        return None


def _list(index: Path) -> ListFacts | None:
    try:
        opened = RevocationIndex(index)
    except (FileNotFoundError, IndexDamaged):
        return None
    info = opened.info
    opened.close()
    return ListFacts(
        issued_at=datetime.fromtimestamp(info.this_update, UTC),
        next_by=datetime.fromtimestamp(info.next_update, UTC) if info.next_update else None,
    )
