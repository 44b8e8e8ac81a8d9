"""A stick at the centre: its bundles into the spool, receipts onto it. Never by hand: a copy under way looks torn."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from data.bundle_header import SUFFIX, named_rows
from data.carriers import carrier_faults, write_whole
from data.exchange_errors import TornFile
from data.framing import MOST_BYTES, unframed
from data.receipts import SUFFIX as RECEIPT_SUFFIX
from data.registry.spool import Spool


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What was on a stick."""

    bundles: int
    """Whole files that are in the spool now."""
    torn: tuple[str, ...]
    """Names of files that are not whole; the office writes them again."""


def own_name(name: str, file: bytes) -> str:
    """A bundle's name in the spool: with twelve digits of its digest, so that no file takes another one's place."""
    return f"{name.partition('.')[0]}.{sha256(file).hexdigest()[:12]}{SUFFIX}"


def receive(stick: Path, spool: Spool) -> Received:
    """Copy the bundles of a stick into the spool; the stick stays as it is. Raises `CarrierFault`."""
    torn = []
    count = 0
    with carrier_faults(stick):
        for path in sorted(path for path in stick.iterdir() if named_rows(path.name)):
            try:
                file = _whole(path)
            except TornFile:
                torn.append(path.name)
                continue
            write_whole(spool.folder / "in", own_name(path.name, file), file)
            count += 1
    return Received(bundles=count, torn=tuple(torn))


def _whole(path: Path) -> bytes:
    if path.stat().st_size > MOST_BYTES:
        raise TornFile(path.name)
    file = path.read_bytes()
    unframed(file)
    return file


def answer(stick: Path, spool: Spool) -> list[str]:
    """Put onto a stick the newest receipt of each office whose bundles are on it; returns those offices.

    Raises `CarrierFault`.
    """
    with carrier_faults(stick):
        offices = sorted({rows[0] for rows in (named_rows(path.name) for path in stick.iterdir()) if rows})
        answered = [office for office in offices if (spool.folder / "out" / f"{office}{RECEIPT_SUFFIX}").exists()]
        for office in answered:
            name = f"{office}{RECEIPT_SUFFIX}"
            write_whole(stick, name, (spool.folder / "out" / name).read_bytes())
    return answered
