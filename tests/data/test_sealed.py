"""A row's body opens with its person's key only, and the row still proves itself when the key is gone."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.archive import Archive
from data.canonical import canonical
from data.merkle import leaf_hash
from data.sealed import new_key, opened, row_bytes, sealed_bytes
from tests.data.invented import CLERK, citizen, finish_step, new_case

OPEN = {"at": "2026", "case_id": None, "clerk": "0042", "kind": "x"}
JSON = st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), lambda v: st.lists(v))


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_a_body_comes_back_with_its_key_and_only_with_it(body: dict[str, object]) -> None:
    key = new_key()
    row = sealed_bytes(OPEN, body, "a1", key)
    assert opened(row, lambda subject: key) == OPEN | {"subject": "a1", "body": body}
    assert opened(row, lambda subject: None)["body"] is None
    assert sealed_bytes(OPEN, body, "a1", key) != row
    with pytest.raises(ValueError, match="does not open"):
        opened(row, lambda subject: new_key())
    assert opened(row_bytes(OPEN, body), lambda subject: None)["body"] == body


@pytest.mark.parametrize("member", ["at", "clerk", "kind", "case_id", "subject"])
def test_the_open_part_cannot_be_exchanged(member: str) -> None:
    key = new_key()
    row = json.loads(sealed_bytes(OPEN, {"a": 1}, "a1", key))
    with pytest.raises(ValueError, match="does not open"):
        opened(canonical(row | {member: "y"}), lambda subject: key)


def test_the_rows_of_one_person_share_a_key_and_others_have_their_own(archive: Archive) -> None:
    first = finish_step(archive, new_case(archive))
    again = new_case(archive)
    other = new_case(archive, who=citizen(personal_number="0202980000025"))
    archive.note("refused", {"document_number": "000000001"}, clerk=CLERK)
    rows = archive.journal_rows(100)
    names = {row.case_id: row.subject for row in rows if row.kind != "number_given"}
    assert names[first.id] == names[again.id] != names[other.id]
    assert names[None] == "y2026"
    assert [row.subject for row in rows if row.kind == "number_given"] == [None] * 3
    for stored in archive.stored_rows(0, 100):
        assert leaf_hash(stored.body) == stored.leaf
        assert "ПРОБНИЋ".encode() not in stored.body and b"0101990000018" not in stored.body
