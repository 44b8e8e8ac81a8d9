"""Each pair of the balance names the cases in which it does not balance, and no others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from data import balance, reports
from data.archive import Archive
from kiosk.ca.interface import Profile
from kiosk.reports.pairs import PAIRS, Pair, pairs, printed_again
from tests.data.invented import new_case
from tests.reports.office import (
    FORMS,
    MORNING,
    Hands,
    issue,
    office,
    person,
    print_papers,
    walk,
    whole_case,
    write_certificates,
)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    opened = office(tmp_path, Hands())
    for number, procedure in enumerate(("issuance", "renewal", "unblock", "status_change"), start=1):
        whole_case(opened, procedure, number)
    yield opened
    opened.close()


def found(archive: Archive) -> dict[str, Pair]:
    days = reports.span(MORNING.date(), MORNING.date(), archive.clock().tzinfo)
    with archive.store.read() as db:
        tallies, exchanged = balance.tallies(db, days), balance.exchanged(db, days)
    return {pair.key: pair for pair in pairs(tallies, exchanged)}


def unbalanced(archive: Archive) -> dict[str, tuple[int, int, tuple[str, ...]]]:
    """Every pair that does not balance but that with the centre, which nobody has sent anything here."""
    pairs_found = found(archive)
    del pairs_found["journal_centre"]
    return {key: (p.left, p.right, p.cases) for key, p in pairs_found.items() if not p.is_balanced}


def test_what_was_done_as_it_should_be_balances(archive: Archive) -> None:
    assert unbalanced(archive) == {}
    sides = {key: (pair.left, pair.right) for key, pair in found(archive).items()}
    assert sides == {
        "printed_signed": (6, 6),
        "signed_filed": (6, 6),
        "issued_written": (4, 4),
        "named_written": (4, 4),
        "completed_served": (2, 2),
        "tables_journal": (7 + 5 + 5 + 4 + 6 + 4, 7 + 5 + 5 + 4 + 6 + 4),
        "journal_centre": (sides["journal_centre"][0], 0),
    }
    assert found(archive)["journal_centre"].cases == tuple(f"2026-00000{n}" for n in range(1, 5))


def signed_and_not_printed(archive: Archive) -> None:
    case = new_case(archive, who=person(9))
    print_papers(archive, case, FORMS["issuance"][:2])
    write_certificates(archive, case)
    walk(archive, case)


def printed_for_another_case(archive: Archive) -> None:
    """The sums are equal, and both cases are named all the same."""
    one, other = new_case(archive, "unblock", person(8)), new_case(archive, "unblock", person(9))
    print_papers(archive, one, ("obrazac_1", "obrazac_2"))
    walk(archive, one)
    walk(archive, other)


def one_certificate_only(archive: Archive) -> None:
    case = new_case(archive, who=person(9))
    print_papers(archive, case, FORMS["issuance"])
    write_certificates(archive, case, profiles=[Profile.SIGNATURE])
    walk(archive, case)


def issued_and_not_delivered(archive: Archive) -> None:
    issue(archive, new_case(archive, who=person(9)))


def certificates_without_an_end(archive: Archive) -> None:
    case = new_case(archive, who=person(9))
    write_certificates(archive, case)
    walk(archive, case, 3)


def a_paper_that_the_journal_does_not_know(archive: Archive) -> None:
    with archive.store.immediate() as db:
        db.execute("INSERT INTO papers VALUES (900, 'dossier_sheet', '2026-000003', 1, 'x', 'x', 'x')")


def an_evidence_row_gone(archive: Archive) -> None:
    with archive.store.immediate() as db:
        db.execute("INSERT INTO erasing VALUES ('x')")
        db.execute("DELETE FROM evidence WHERE case_id = '2026-000001' AND kind = 'DossierFiled'")
        db.execute("DELETE FROM erasing")


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (signed_and_not_printed, {"printed_signed": (8, 9, ("2026-000005",))}),
        (printed_for_another_case, {"printed_signed": (8, 8, ("2026-000005", "2026-000006"))}),
        (
            one_certificate_only,
            {"named_written": (6, 5, ("2026-000005",)), "completed_served": (3, 2, ("2026-000005",))},
        ),
        (issued_and_not_delivered, {"issued_written": (6, 4, ("2026-000005",))}),
        (
            certificates_without_an_end,
            {
                "printed_signed": (6, 9, ("2026-000005",)),
                "signed_filed": (9, 6, ("2026-000005",)),
                "named_written": (4, 6, ("2026-000005",)),
                "completed_served": (2, 3, ("2026-000005",)),
            },
        ),
        (a_paper_that_the_journal_does_not_know, {"tables_journal": (32, 31, ("2026-000003",))}),
        (
            an_evidence_row_gone,
            {"signed_filed": (6, 3, ("2026-000001",)), "tables_journal": (30, 31, ("2026-000001",))},
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_does_not_balance_is_named(
    archive: Archive, spoil: Callable[[Archive], None], expected: dict[str, tuple[int, int, tuple[str, ...]]]
) -> None:
    spoil(archive)
    assert unbalanced(archive) == expected


def test_each_pair_was_seen_out_of_balance() -> None:
    parametrized = test_what_does_not_balance_is_named.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {key for _, expected in parametrized for key in expected} == set(PAIRS)


def test_a_paper_printed_twice_balances_and_is_counted(archive: Archive) -> None:
    case = new_case(archive, "unblock", person(9))
    print_papers(archive, case, ("obrazac_2", "obrazac_2", "dossier_sheet"))
    walk(archive, case)
    assert unbalanced(archive) == {}
    days = reports.span(MORNING.date(), MORNING.date(), archive.clock().tzinfo)
    with archive.store.read() as db:
        assert printed_again(balance.tallies(db, days)) == 1


def test_a_case_that_ends_after_midnight_is_named_only_until_it_ends(tmp_path: Path) -> None:
    hands = Hands(MORNING.replace(hour=23, minute=58))
    archive = office(tmp_path, hands)
    case = new_case(archive, who=person(1))
    print_papers(archive, case, FORMS["issuance"])
    write_certificates(archive, case)
    case = walk(archive, case, 6)
    assert set(unbalanced(archive)) == {"signed_filed", "completed_served"}
    hands.at += timedelta(minutes=5)
    walk(archive, case)
    hands.at = MORNING
    assert unbalanced(archive) == {}
    archive.close()
