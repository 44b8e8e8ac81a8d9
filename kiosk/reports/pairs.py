"""The balance: what must be equal two by two, and the cases in which it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from data.balance import Exchanged, Tally

SIGNED: dict[str, tuple[str, str]] = {
    "RequestReceived": ("obrazac_1", "is_signed"),
    "UnblockRequested": ("obrazac_2", "is_signed"),
    "StatusChangeRequested": ("obrazac_3", "is_signed"),
    "GeneralTermsReceived": ("general_terms", "signed_copies"),
    "AgreementConcluded": ("agreement", "signed_copies"),
}
"""Which evidence says that a form was signed, and by which of its facts."""
FILED = {
    "request": "obrazac_1",
    "unblock_request": "obrazac_2",
    "status_request": "obrazac_3",
    "general_terms": "general_terms",
    "agreement": "agreement",
}
"""What the last step says was filed, as forms."""
WITH_CERTIFICATES = frozenset({"issuance", "renewal"})
CERTIFICATES = 2
"""For authentication, and for signature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two counts that must be equal."""

    key: str
    left: int
    right: int
    cases: tuple[str, ...]
    """Cases in which they differ; also where the sums happen to be equal."""

    @property
    def is_balanced(self) -> bool:
        """True when they are equal in each case."""
        return self.left == self.right and not self.cases


def printed(tally: Tally) -> frozenset[str]:
    """Forms that are signed, and were printed here; a form printed twice is one."""
    return frozenset(tally.printed) & frozenset(FILED.values())


def signed(tally: Tally) -> frozenset[str]:
    """Forms that the evidence calls signed."""
    said = tally.evidence
    return frozenset(form for kind, (form, fact) in SIGNED.items() if said.get(kind, {}).get(fact))


def filed(tally: Tally) -> frozenset[str]:
    """Forms that the evidence calls filed."""
    said: Iterable[str] = tally.evidence.get("DossierFiled", {}).get("filed", ())
    return frozenset(FILED[item] for item in said if item in FILED)


def named(tally: Tally) -> frozenset[str]:
    """Serial numbers of the certificates that the evidence calls written."""
    said = tally.evidence.get("CertificateWritten", {})
    return frozenset(said[name] for name in ("authentication_serial", "signature_serial") if name in said)


def written(tally: Tally) -> frozenset[str]:
    """Serial numbers of the certificates that were read back."""
    return frozenset(tally.serials)


def issued(tally: Tally) -> frozenset[str]:
    """Serial numbers of the certificates that the authority has issued."""
    return frozenset(tally.issued)


def due(tally: Tally) -> frozenset[str]:
    """The case itself where it was completed and gives certificates."""
    is_due = tally.is_completed and tally.procedure in WITH_CERTIFICATES
    return frozenset({tally.case_id} if is_due else ())


def served(tally: Tally) -> frozenset[str]:
    """The case itself where there are as many certificates as a case gives."""
    return frozenset({tally.case_id} if len(tally.serials) == CERTIFICATES else ())


def in_tables(tally: Tally) -> frozenset[tuple[str, int]]:
    """Each row that the tables have of a case, as kind and number."""
    return _rows(tally.in_tables)


def in_journal(tally: Tally) -> frozenset[tuple[str, int]]:
    """Each row that the journal has of what the tables hold."""
    return _rows(tally.in_journal)


def _rows(counts: dict[str, int]) -> frozenset[tuple[str, int]]:
    return frozenset((kind, number) for kind, count in counts.items() for number in range(count))


Side = Callable[[Tally], frozenset[Any]]
PAIRS: dict[str, tuple[Side, Side]] = {
    "printed_signed": (printed, signed),
    "signed_filed": (signed, filed),
    "issued_written": (issued, written),
    "named_written": (named, written),
    "completed_served": (due, served),
    "tables_journal": (in_tables, in_journal),
}


def pairs(tallies: list[Tally], exchanged: Exchanged | None) -> tuple[Pair, ...]:
    """Every pair of the balance, in the order in which papers become rows; `None`: there is no centre to send them."""
    found = [_pair(key, tallies, left, right) for key, (left, right) in PAIRS.items()]
    if exchanged is None:
        return tuple(found)
    sent = Pair(key="journal_centre", left=exchanged.rows, right=exchanged.at_centre, cases=exchanged.waiting)
    return (*found, sent)


def _pair(key: str, tallies: list[Tally], left: Side, right: Side) -> Pair:
    return Pair(
        key=key,
        left=sum(len(left(tally)) for tally in tallies),
        right=sum(len(right(tally)) for tally in tallies),
        cases=tuple(tally.case_id for tally in tallies if left(tally) != right(tally)),
    )


def printed_again(tallies: list[Tally]) -> int:
    """How many forms were printed more than once for their case."""
    return sum(count > 1 for tally in tallies for count in tally.printed.values())
