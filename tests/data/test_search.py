"""A clerk finds a case by whatever is at hand."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import search
from data.archive import Archive
from data.fold import fold
from tests.data.invented import CLERK, citizen, finish_step, new_case
from tests.data.test_papers_and_contracts import certificate

SPELLINGS = (
    "Ђорђевић",
    "Đorđević",
    "Djordjevic",
    "Dordevic",
    "ЂОРЂЕВИЋ",
    "DJORDJEVIĆ",
    "Ðorđević",
    "Djordjevic\u0301",
)


@pytest.mark.parametrize("typed", SPELLINGS)
@pytest.mark.parametrize("stored", ["ЂОРЂЕВИЋ", "ĐORĐEVIĆ", "DJORDJEVIC"])
def test_a_name_is_found_in_any_spelling(archive: Archive, stored: str, typed: str) -> None:
    case = new_case(archive, who=citizen(stored, "НЕПОСТОЈАН"))
    new_case(archive, who=citizen("ПЕТРОВИЋ", "НЕПОСТОЈАН"))
    assert [s.case_id for s in archive.search(typed)] == [case.id]


@pytest.mark.parametrize(
    "typed", ["Ђо", "đorđ", "djordj", "dordj", "љуб", "Ljub", "ǈub", "Ђорђ Љуб", "ljubiša djor", "Џак", "dzak", "Džak"]
)
def test_beginnings_are_enough_in_any_order(archive: Archive, typed: str) -> None:
    case = new_case(archive, who=citizen("ЂОРЂЕВИЋ-ЏАКОВИЋ", "ЉУБИША"))
    new_case(archive, who=citizen("ПЕТРОВИЋ", "НАДА"))
    assert [s.case_id for s in archive.search(typed)] == [case.id]


def test_every_number_of_a_case_finds_it(archive: Archive) -> None:
    case = new_case(archive, who=citizen(personal_number="0202980000025", document_number="000000002"))
    other = new_case(archive)
    number = archive.reserve_contract_number(case.id, "7130")
    archive.add_certificate(certificate(case, "1f2e3d4c5b6a"), clerk=CLERK)
    texts = ("0202980000025", "02029800", "000000002", number, case.id, "1f2e3d4c5b6a", "1F:2E:3D:4C:5B:6A", "1f2e")
    for text in texts:
        assert [s.case_id for s in archive.search(text)] == [case.id], text
    assert [s.case_id for s in archive.search(other.id)] == [other.id]


def test_a_renewal_is_found_by_the_contract_it_rests_on(archive: Archive) -> None:
    renewal = new_case(archive, "renewal", contract_number="0001-2019-000123")
    assert [s.case_id for s in archive.search("0001-2019-000123")] == [renewal.id]


def test_the_spelling_that_was_typed_comes_first(archive: Archive) -> None:
    latin = new_case(archive, who=citizen("ĐORĐEVIĆ"))
    cyrillic = new_case(archive, who=citizen("ЂОРЂЕВИЋ"))
    assert [s.case_id for s in archive.search("đorđević")] == [latin.id, cyrillic.id]
    assert [s.case_id for s in archive.search("ђорђевић")] == [cyrillic.id, latin.id]


def test_an_empty_text_gives_the_latest_cases(archive: Archive) -> None:
    cases = [new_case(archive) for _ in range(4)]
    finish_step(archive, cases[0])
    assert [s.case_id for s in archive.search(" ", limit=3)] == [cases[0].id, cases[3].id, cases[2].id]


@pytest.mark.parametrize("typed", ["нема таквог", '"', "*", "AND", "skey:x", "-", "(", "'; DROP TABLE cases"])
def test_nothing_typed_is_taken_for_a_query(archive: Archive, typed: str) -> None:
    new_case(archive)
    assert archive.search(typed) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=st.characters()))
def test_no_text_can_break_the_search(archive: Archive, typed: str) -> None:
    archive.search(typed)


CYRILLIC = "абвгдђежзијклљмнњопрстћуфхцчџш"
LATIN = re.split(" ", "a b v g d đ e ž z i j k l lj m n nj o p r s t ć u f h c č dž š")
BARE = re.split(" ", "a b v g d dj e z z i j k l lj m n nj o p r s t c u f h c c dz s")


@given(st.lists(st.integers(0, len(CYRILLIC) - 1)), st.booleans())
def test_any_word_folds_alike_in_both_scripts_and_without_marks(letters: list[int], in_capitals: bool) -> None:
    spellings = ["".join(alphabet[i] for i in letters) for alphabet in (CYRILLIC, LATIN, BARE)]
    assert len({fold(s.upper() if in_capitals else s) for s in spellings}) == 1


def test_keys_folded_by_another_version_are_made_anew(archive: Archive) -> None:
    case = new_case(archive)
    with archive.store.immediate() as db:
        db.execute("UPDATE search SET skey = 'stale'")
        assert search.is_current(db)
        db.execute("UPDATE search_version SET fold_version = 0")
        assert not search.is_current(db)
        search.index_all(db)
    assert [s.case_id for s in archive.search("probnic")] == [case.id]
