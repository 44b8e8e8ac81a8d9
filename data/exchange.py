"""One exchange with the centre over a carrier: what is due goes out, what came back is kept."""

from __future__ import annotations

from dataclasses import dataclass

from data import receipts
from data.carriers import Carrier
from data.centre_card import CentreCard
from data.outbox import Outbox
from data.receipt_book import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What went out."""

    bundles: int
    """Files that were written or sent."""
    there: int
    """Files that were already on the way."""
    rows: int
    """Rows in all of them."""


def export(
    outbox: Outbox, carrier: Carrier, card: CentreCard, *, again: bool = False, from_row: int | None = None
) -> Exported:
    """Carry every bundle that is due; what is already on the way stays, unless `again`. Raises `ArchiveError`.

    `from_row` sends from that row on, whatever receipts say: a centre that lost everything asks for it.

    May be broken off and called again at any moment.
    """
    written = there = rows = 0
    for pending in outbox.pending(from_row):
        rows += len(pending.rows)
        if not again and carrier.has(pending.name):
            there += 1
            continue
        carrier.put(pending.name, outbox.seal(pending, card.recipients))
        written += 1
    return Exported(bundles=written, there=there, rows=rows)


def collect(outbox: Outbox, carrier: Carrier, card: CentreCard) -> Verdict | None:
    """Take the receipt that a carrier brings; `None` when it brings none. Raises `ArchiveError`."""
    file = carrier.receipt(outbox.office)
    if file is None:
        return None
    receipt = receipts.read(file, card.keys)
    verdict = outbox.take(receipt)
    if verdict is Verdict.AGREES:
        carrier.tidy(outbox.office, receipt.head.epoch, receipt.head.size)
    return verdict
