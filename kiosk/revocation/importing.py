"""Taking a CRL in: read once, verified, indexed beside the old index, then put in its place in one step."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from kiosk.ca.files import replacing
from kiosk.revocation.der_source import DerSource
from kiosk.revocation.errors import IndexDamaged, ListOlder, ListRefused
from kiosk.revocation.index import RevocationIndex, write_index
from kiosk.revocation.list_reader import ListInfo, ListReader

SKEW = timedelta(minutes=5)
"""How far the authority's clock may be ahead of ours."""


def import_list(crl: Path, issuer: x509.Certificate, index: Path, now: datetime) -> ListInfo:
    """Verify a DER file as `issuer`'s CRL and make it the index at `index`; the same list again changes nothing.

    Raises `ListRefused` in its kinds, and `OSError` for a file that cannot be read; the old index stays in either case.
    """
    with open(crl, "rb") as file:
        reader = ListReader(DerSource(file, os.fstat(file.fileno()).st_size), issuer)
        packed = sorted(reader.entries())
        info = reader.finish()
    if info.this_update > int((now + SKEW).timestamp()):
        raise ListRefused(f"the list is from the future ({_utc(info.this_update)}): look at this machine's clock")
    if not _is_known(info, index):
        with replacing(index) as draft:
            write_index(draft, info, packed)
    return info


def _is_known(info: ListInfo, index: Path) -> bool:
    """Whether this very list is in use. Raises `ListOlder` when a newer one is."""
    try:
        used = RevocationIndex(index)
    except (FileNotFoundError, IndexDamaged):
        # What is damaged must not keep a good list out.
        return False
    used.close()
    if (info.number, info.this_update) < (used.info.number, used.info.this_update):
        raise ListOlder(f"the list in use is newer: no. {used.info.number} of {_utc(used.info.this_update)}")
    return info == used.info


def _utc(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
