"""All the authorities in the proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kiosk.ca.cmp.authority import Terms
from tests.proofs.authority.batch_house import BatchHouse
from tests.proofs.authority.cmp_house import CmpHouse
from tests.proofs.authority.local_house import LocalHouse
from tests.services.cmp.pki import Pki
from tests.services.cmp.responder import Habits


def houses(pki: Pki) -> Sequence[LocalHouse | CmpHouse | BatchHouse]:
    """The built-in authority, one behind a folder, and CMP authorities with the habits that matter to who asks.

    `local` and `cmp` would refuse a second certificate for the same key; of the others, only the transaction keeps the
    office from two.
    """

    def implicit(terms: Terms) -> Terms:
        return replace(terms, implicit_confirm=True)

    def no_lookup(terms: Terms) -> Terms:
        return replace(terms, lookup=False)

    mute = Habits(knows_keys=False, finds_transactions=False)
    return (
        LocalHouse(pki),
        CmpHouse("cmp", pki, Habits()),
        CmpHouse("cmp-repeats", pki, mute, no_lookup),
        CmpHouse("cmp-once", pki, Habits(knows_keys=False, repeats_answers=False)),
        CmpHouse("cmp-later", pki, Habits(knows_keys=False, waits=1)),
        CmpHouse("cmp-implicit", pki, Habits(knows_keys=False), implicit),
        BatchHouse(pki),
    )
