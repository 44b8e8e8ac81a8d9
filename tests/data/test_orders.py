"""An order is durable at each act, and what the journal tells of it is sealed."""

from __future__ import annotations

from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.archive import Archive
from data.errors import RecordConflict
from data.orders import OrderJournal
from kiosk.ca.interface import Profile
from kiosk.orders import Act, EnrolmentJournal, Order, OrderState
from tests.data.invented import CLERK, new_case, open_archive


def order(case_id: str, profile: Profile = Profile.SIGNATURE) -> Order:
    return Order(order_id=f"{case_id}/{profile.value}", case_id=case_id, profile=profile, token_serial="000000001")


def test_each_act_is_there_after_a_restart(tmp_path: Path, archive: Archive) -> None:
    journal: EnrolmentJournal = OrderJournal(archive, CLERK)
    ready = order(new_case(archive).id)
    states = (
        (Act.GENERATE, replace(ready, keys_before=("01", "02")), OrderState.KEY_MADE, {"public_key": b"spki"}),
        (Act.REQUEST, None, OrderState.REQUESTED, {"csr": b"csr", "email": "proba@example.rs"}),
        (Act.SEND, None, OrderState.SENT, {"wire_body": b"w", "wire_state": b"s", "answer": b"a"}),
        (Act.ACCEPT, None, OrderState.ISSUED, {"certificate": b"der", "serial": "1f"}),
        (Act.WRITE, None, OrderState.WRITTEN, {"key_id": b"\x05", "replaces": ("01",)}),
    )
    standing = ready
    for act, begun, state, made in states:
        standing = begun or standing
        journal.begin(standing, act)
        assert journal.orders(ready.case_id) == (standing,)
        standing = replace(standing, state=state, **made)
        journal.finish(standing, act)
    archive.close()
    again = open_archive(tmp_path)
    assert OrderJournal(again, CLERK).orders(ready.case_id) == (standing,)
    told = [(row.kind, row.body["act"]) for row in reversed(again.journal_rows(10))]
    assert told == [(kind, act.value) for act, *_ in states for kind in ("order_begun", "order_finished")]
    again.close()


def test_the_journal_tells_what_changed_and_its_bytes_tell_nothing(archive: Archive) -> None:
    csr, state = b"CSR-BYTES-CSR-BYTES", b"TRANSPORT-SECRET"
    begun = replace(order(new_case(archive).id), csr=csr, key_id=b"\x07")
    journal = OrderJournal(archive, CLERK)
    journal.begin(begun, Act.REQUEST)
    journal.finish(replace(begun, wire_state=state), Act.REQUEST)
    (row, before) = archive.journal_rows(2)
    assert row.body["sha256"] == {"csr": sha256(csr).hexdigest()}
    assert row.body["set"] == {"wire_state": {"hex": state.hex()}, "act_finished": 1}
    assert before.body["set"]["csr"] == {"hex": csr.hex()}
    for stored in archive.stored_rows(0, 100):
        assert not any(told in stored.body for told in (csr, csr.hex().encode(), state, state.hex().encode()))


def test_orders_come_authentication_first_and_open_ones_of_all_cases(archive: Archive) -> None:
    journal = OrderJournal(archive, CLERK)
    one, two = new_case(archive).id, new_case(archive).id
    for made in (order(two, Profile.AUTHENTICATION), order(one), order(one, Profile.AUTHENTICATION)):
        journal.begin(made, Act.GENERATE)
    assert [o.profile for o in journal.orders(one)] == [Profile.AUTHENTICATION, Profile.SIGNATURE]
    journal.finish(replace(order(one), state=OrderState.CLOSED), Act.TIDY)
    journal.finish(replace(order(two, Profile.AUTHENTICATION), state=OrderState.REJECTED), Act.ACCEPT)
    assert [o.order_id for o in journal.open_orders()] == [f"{one}/authentication"]
    assert journal.orders("2026-999999") == ()


def test_an_order_belongs_to_one_case_that_exists(archive: Archive) -> None:
    journal = OrderJournal(archive, CLERK)
    made = order(new_case(archive).id)
    journal.begin(made, Act.GENERATE)
    other = new_case(archive).id
    for wrong in (replace(made, case_id=other), replace(made, profile=Profile.AUTHENTICATION), order("2026-999999")):
        with pytest.raises(RecordConflict):
            journal.begin(wrong, Act.GENERATE)
    assert journal.open_orders() == [made]
    assert archive.verify().ok


COUNTED = {name: st.integers(0, 2**31) for name in ("attempt", "unanswered")}
ANY_ORDER: st.SearchStrategy[Order] = st.builds(Order, **{field.name: ... for field in fields(Order)} | COUNTED)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(any_order=ANY_ORDER)
def test_any_order_comes_back_as_it_was_stored(archive: Archive, any_order: Order) -> None:
    case_id = new_case(archive).id
    made = replace(any_order, case_id=case_id, order_id=f"{case_id}/{any_order.profile.value}")
    journal = OrderJournal(archive, CLERK)
    journal.begin(made, Act.GENERATE)
    assert journal.orders(case_id) == (made,)
