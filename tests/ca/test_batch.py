"""Orders and answers as files: in any order, twice, torn, of foreigners, one bad among many."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.authority_register import AuthorityRegister
from data.batch_store import BatchStore
from data.framing import framed, unframed
from data.order_files import ANSWERS, ORDERS
from kiosk.ca.batch import files
from kiosk.ca.batch.answer import sign_answer
from kiosk.ca.batch.centre import Answered, Centre
from kiosk.ca.batch.entry import Entry
from kiosk.ca.batch.files import Answers, BadBatch
from kiosk.ca.interface import (
    Done,
    Duplicate,
    Issued,
    IssueRequest,
    Pending,
    RevocationReason,
    Settlement,
    StatusAction,
    StatusChange,
    WireKind,
)
from kiosk.ca.local import LocalAuthority
from kiosk.ca.messages import encode_answer
from kiosk.ca.status import Standing
from kiosk.ca.status_messages import decode_status
from kiosk.ca.status_service import StatusService
from tests.ca.houses import order_of
from tests.services.batch import BatchOffice, answer_all, centre_of, credentials_of, terms_of, utc_now
from tests.services.cmp.pki import Identity, Pki, issue

MANY = 4


@pytest.fixture(scope="module")
def keys() -> list[rsa.RSAPrivateKey]:
    return [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(MANY)]


@pytest.fixture(scope="module")
def foreigner(pki: Pki) -> Identity:
    """Certified by the same CA as office and centre, and neither."""
    return issue("TEST Somebody", pki.infrastructure, utc_now())


@dataclass
class Round:
    """An office, a centre, and a stick between them."""

    pki: Pki
    office: BatchOffice
    register: AuthorityRegister
    centre: Centre
    stick: Path

    def order(self, key: rsa.RSAPrivateKey, number: int = 1) -> IssueRequest:
        """Put an order into the outbox."""
        order = replace(order_of(key), order_id=f"2026-{number:06}/signature")
        wire = self.office.authority.prepare(order)
        assert self.look(order) == Pending(check_after_s=86400), wire
        return order

    def look(self, order: IssueRequest) -> object:
        """What the outbox says of an order."""
        wire = self.office.authority.prepare(order)
        return self.office.authority.accept(order, wire, self.office.authority.exchange(wire))

    def change(self, serial: str, action: StatusAction) -> Settlement:
        wanted = StatusChange(serial=serial, action=action, reason=RevocationReason.UNSPECIFIED)
        wire = self.office.authority.prepare_status(wanted)
        return self.office.authority.accept_status(wanted, wire, self.office.authority.exchange(wire))

    def carry(self) -> list[Answered]:
        """Out and answered; the answers lie on the stick."""
        self.office.export(self.stick)
        return answer_all(self.centre, self.stick)

    def named(self, suffix: str) -> list[Path]:
        return sorted(path for path in self.stick.iterdir() if path.name.endswith(suffix))


@contextmanager
def round_in(folder: Path, pki: Pki) -> Iterator[Round]:
    register, store = AuthorityRegister.open(folder / "centre"), BatchStore.open(folder / "office")
    (folder / "stick").mkdir()
    try:
        status = StatusService(register, pki.ca, utc_now, folder / "citizens.crl")
        centre = centre_of(pki, LocalAuthority(register, pki.ca, utc_now, status=status))
        yield Round(pki, BatchOffice(pki, store), register, centre, folder / "stick")
    finally:
        store.close()
        register.close()


@pytest.fixture
def carried(tmp_path: Path, pki: Pki) -> Iterator[Round]:
    with round_in(tmp_path, pki) as made:
        yield made


# --- what goes out ----------------------------------------------------------------------------------------------------


def test_a_request_exported_twice_is_the_same_bytes(carried: Round, keys: list[rsa.RSAPrivateKey]) -> None:
    carried.order(keys[0])
    first = carried.office.export(carried.stick)
    [file] = carried.stick.iterdir()
    content = file.read_bytes()
    again = carried.office.export(carried.stick)
    file.unlink()
    other = carried.office.export(carried.stick)
    assert ((first.orders, first.files), (again.files, again.there), (other.orders, other.files)) == (
        (1, 1),
        (0, 1),
        (0, 1),
    )
    assert file.read_bytes() == content


def test_a_torn_batch_on_the_stick_is_written_anew(carried: Round, keys: list[rsa.RSAPrivateKey]) -> None:
    carried.order(keys[0])
    carried.office.export(carried.stick)
    [file] = carried.stick.iterdir()
    content = file.read_bytes()
    file.write_bytes(content[:-1])
    assert carried.office.export(carried.stick).files == 1
    assert file.read_bytes() == content


def test_the_stick_tells_of_no_person(carried: Round, keys: list[rsa.RSAPrivateKey]) -> None:
    order = carried.order(keys[0])
    carried.carry()
    assert len(carried.named(ORDERS) + carried.named(ANSWERS)) == 2
    for path in carried.stick.iterdir():
        said = path.name.encode() + path.read_bytes()
        for secret in (order.subject.personal_number, order.subject.surname, order.order_id):
            assert secret.encode() not in said
        assert path.name.startswith("7130-000001-")


# --- what comes in ----------------------------------------------------------------------------------------------------


def test_what_was_taken_is_cleared_from_the_stick_and_sent_no_more(
    carried: Round, keys: list[rsa.RSAPrivateKey]
) -> None:
    order = carried.order(keys[0])
    carried.carry()
    taken = carried.office.take(carried.stick)
    assert (taken.answers, taken.receipts, taken.bad) == (1, 1, [])
    assert list(carried.stick.iterdir()) == []
    assert carried.office.export(carried.stick).files == 0
    assert isinstance(carried.look(order), Issued)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrivals=st.lists(st.integers(0, MANY - 1), min_size=1, max_size=2 * MANY))
def test_answers_come_in_any_order_and_more_than_once(
    tmp_path_factory: pytest.TempPathFactory, pki: Pki, keys: list[rsa.RSAPrivateKey], arrivals: list[int]
) -> None:
    """Each batch holds one order; its answers arrive when they like."""
    with round_in(tmp_path_factory.mktemp("round"), pki) as carried:
        orders = []
        for number, key in enumerate(keys, start=1):
            orders.append(carried.order(key, number))
            carried.office.export(carried.stick)
        answer_all(carried.centre, carried.stick)
        kept = {number: path.read_bytes() for number, path in enumerate(carried.named(ANSWERS))}
        names = {number: path.name for number, path in enumerate(carried.named(ANSWERS))}
        for path in carried.named(ANSWERS):
            path.unlink()
        found: dict[int, object] = {}
        for number in arrivals:
            (carried.stick / names[number]).write_bytes(kept[number])
            taken = carried.office.take(carried.stick)
            assert (taken.answers, taken.known, taken.bad) == (number not in found, number in found, [])
            outcome = carried.look(orders[number])
            assert found.setdefault(number, outcome) == outcome
            assert isinstance(outcome, Issued)
        assert all(isinstance(carried.look(orders[n]), Pending) for n in set(range(MANY)) - set(arrivals))


def test_an_answer_without_a_certificate_never_takes_the_place_of_one(
    carried: Round, keys: list[rsa.RSAPrivateKey]
) -> None:
    """In whatever order the two come: what brings more stays."""
    order = carried.order(keys[0])
    carried.carry()
    [good] = carried.named(ANSWERS)
    refusal = _answers(carried, lambda entry: encode_answer(order.order_id, Duplicate(code="duplicateCertReq")))
    content = good.read_bytes()
    good.write_bytes(refusal)
    assert carried.office.take(carried.stick).answers == 1
    assert carried.look(order) == Duplicate(code="duplicateCertReq")
    good.write_bytes(content)
    assert carried.office.take(carried.stick).answers == 1
    issued = carried.look(order)
    assert isinstance(issued, Issued)
    good.write_bytes(refusal)
    taken = carried.office.take(carried.stick)
    assert (taken.answers, taken.known) == (0, 1)
    assert carried.look(order) == issued


def _answers(
    carried: Round, content: Callable[[Entry], bytes], signer: Identity | None = None, office: str = "7130"
) -> bytes:
    """A file of answers, made by hand, to the only batch."""
    batch = carried.office.store.batch(_only_batch(carried))
    assert batch is not None
    credentials = credentials_of(signer or carried.pki.responder)
    entries = _entries(carried)
    answers = tuple(sign_answer(office, entry, content(entry), credentials) for entry in entries)
    return framed(files.seal_answers(Answers(receipt=b"", answers=answers), batch.reply_key))


def _only_batch(carried: Round) -> str:
    with carried.office.store._store.read() as db:
        return str(db.execute("SELECT name FROM outgoing_batches").fetchone()[0])


def _entries(carried: Round) -> list[Entry]:
    with carried.office.store._store.read() as db:
        rows = db.execute("SELECT id FROM outgoing_messages ORDER BY n").fetchall()
    found = [carried.office.store.entry(row[0]) for row in rows]
    return [entry for entry in found if entry is not None]


BAD: dict[str, Callable[[Round, bytes, Identity], bytes]] = {
    "a byte of it changed": lambda carried, answer, other: answer[:-9] + bytes((answer[-9] ^ 1,)) + answer[-8:],
    "torn": lambda carried, answer, other: answer[:-100],
    "empty": lambda carried, answer, other: b"",
    "not of the centre": lambda carried, answer, other: sign_answer(
        "7130", _entries(carried)[1], _content(carried, answer), credentials_of(other)
    ),
    "for another office": lambda carried, answer, other: sign_answer(
        "7131", _entries(carried)[1], _content(carried, answer), credentials_of(carried.pki.responder)
    ),
    "to another order": lambda carried, answer, other: sign_answer(
        "7130", _entries(carried)[1], _content(carried, _signed(carried)[2]), credentials_of(carried.pki.responder)
    ),
    "to nobody's order": lambda carried, answer, other: sign_answer(
        "7130",
        replace(_entries(carried)[1], message=b"{}"),
        _content(carried, answer),
        credentials_of(carried.pki.responder),
    ),
    "no answer at all": lambda carried, answer, other: sign_answer(
        "7130", _entries(carried)[1], b"{}", credentials_of(carried.pki.responder)
    ),
}


def _signed(carried: Round) -> tuple[bytes, ...]:
    [path] = carried.named(ANSWERS)
    batch = carried.office.store.batch(_only_batch(carried))
    assert batch is not None
    return files.open_answers(unframed(path.read_bytes()), batch.reply_key).answers


def _content(carried: Round, answer: bytes) -> bytes:
    from kiosk.ca.batch.answer import verified_answer

    return verified_answer(answer, [carried.pki.responder.certificate], utc_now()).content


@pytest.mark.parametrize("kind", BAD)
def test_one_bad_among_many_is_named_and_set_aside(
    carried: Round, keys: list[rsa.RSAPrivateKey], foreigner: Identity, kind: str
) -> None:
    orders = [carried.order(key, number) for number, key in enumerate(keys, start=1)]
    carried.carry()
    [path] = carried.named(ANSWERS)
    answers = list(_signed(carried))
    answers[1] = BAD[kind](carried, answers[1], foreigner)
    batch = carried.office.store.batch(_only_batch(carried))
    assert batch is not None
    path.write_bytes(framed(files.seal_answers(Answers(receipt=b"", answers=tuple(answers)), batch.reply_key)))
    taken = carried.office.take(carried.stick)
    assert taken.answers == MANY - 1
    [bad] = taken.bad
    assert bad.startswith(f"{path.name}, answer 2: ")
    aside = carried.stick / f"{path.name}.2.bad"
    # Nobody who finds the stick learns whose answer it was.
    assert files.open_answers(unframed(aside.read_bytes()), batch.reply_key).answers == (answers[1],)
    assert all(order.subject.personal_number.encode() not in aside.read_bytes() for order in orders)
    assert str(aside.name) in bad
    assert [isinstance(carried.look(order), Issued) for order in orders] == [True, False, True, True]


def test_a_torn_file_of_answers_waits_for_a_whole_one(carried: Round, keys: list[rsa.RSAPrivateKey]) -> None:
    order = carried.order(keys[0])
    carried.carry()
    [path] = carried.named(ANSWERS)
    whole = path.read_bytes()
    for cut in (0, 40, 90, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        taken = carried.office.take(carried.stick)
        assert (taken.answers, len(taken.bad)) == (0, 1)
        assert "torn" in taken.bad[0]
    path.write_bytes(whole)
    assert carried.office.take(carried.stick).answers == 1
    assert isinstance(carried.look(order), Issued)


def test_answers_to_nothing_of_ours_are_set_aside_and_other_offices_are_left(
    carried: Round, keys: list[rsa.RSAPrivateKey]
) -> None:
    carried.order(keys[0])
    carried.carry()
    [path] = carried.named(ANSWERS)
    strange, other = path.name.replace("000001", "000009"), path.name.replace("7130", "7131")
    shutil.copy(path, carried.stick / strange)
    shutil.copy(path, carried.stick / other)
    taken = carried.office.take(carried.stick)
    assert taken.answers == 1
    assert taken.bad == [f"{strange}: answers a batch that this office does not know; set aside as {strange}.bad"]
    assert sorted(p.name for p in carried.stick.iterdir()) == sorted([other, f"{strange}.bad"])


# --- the centre -------------------------------------------------------------------------------------------------------


def test_the_centre_answers_only_the_office_it_knows(
    carried: Round, keys: list[rsa.RSAPrivateKey], foreigner: Identity
) -> None:
    carried.order(keys[0])
    for office in (
        BatchOffice(carried.pki, carried.office.store, identity=foreigner),
        BatchOffice(carried.pki, carried.office.store, terms=terms_of(carried.pki, "7131")),
    ):
        with carried.office.store._store.immediate() as db:
            db.execute("UPDATE outgoing_messages SET batch = NULL")
        office.export(carried.stick)
        for path in carried.named(ORDERS):
            with pytest.raises(BadBatch, match="signature: not of a known signer"):
                carried.centre.answer(unframed(path.read_bytes()))
            path.unlink()


def test_a_changed_batch_is_answered_as_it_was_or_not_at_all(carried: Round, keys: list[rsa.RSAPrivateKey]) -> None:
    carried.order(keys[0])
    carried.office.export(carried.stick)
    [path] = carried.named(ORDERS)
    batch = unframed(path.read_bytes())
    refused = 0
    for at in range(0, len(batch), len(batch) // 40):
        try:
            answered = carried.centre.answer(batch[:at] + bytes((batch[at] ^ 1,)) + batch[at + 1 :])
            assert answered.answered == ("2026-000001/signature",)
        except BadBatch:
            refused += 1
    assert refused > 30


def test_two_offices_may_count_their_cases_alike(carried: Round, keys: list[rsa.RSAPrivateKey], tmp_path: Path) -> None:
    """And one that lost its outbox sends the same order again: the same certificate comes."""
    order = carried.order(keys[0])
    carried.carry()
    carried.office.take(carried.stick)
    first = carried.look(order)
    store = BatchStore.open(tmp_path / "restored")
    again = replace_office(carried, BatchOffice(carried.pki, store))
    assert again.look(order) == Pending(check_after_s=86400)
    again.carry()
    again.office.take(again.stick)
    assert again.look(order) == first
    other = again.order(keys[1])
    again.carry()
    again.office.take(again.stick)
    assert isinstance(again.look(other), Issued)
    store.close()


def replace_office(carried: Round, office: BatchOffice) -> Round:
    return Round(carried.pki, office, carried.register, carried.centre, carried.stick)


def test_changes_of_status_count_in_the_offices_own_order(carried: Round, keys: list[rsa.RSAPrivateKey]) -> None:
    """The hold leaves first and arrives after the release that followed it: the certificate stays active."""
    order = carried.order(keys[0])
    carried.carry()
    carried.office.take(carried.stick)
    issued = carried.look(order)
    assert isinstance(issued, Issued)
    for action in (StatusAction.HOLD, StatusAction.RELEASE):
        assert isinstance(carried.change(issued.serial, action), Pending)
        carried.office.export(carried.stick)
    early, late = carried.named(ORDERS)
    for path in (late, early):
        carried.centre.answer(unframed(path.read_bytes()))
    status = carried.register.status_of(issued.serial)
    assert status is not None and status.standing is Standing.ACTIVE
    answer_all(carried.centre, carried.stick)
    carried.office.take(carried.stick)
    assert carried.change(issued.serial, StatusAction.RELEASE) == Done()


def test_the_same_change_after_another_is_a_new_one(carried: Round) -> None:
    serial, before = "7f03a1", int(utc_now().timestamp())
    for action in (StatusAction.HOLD, StatusAction.HOLD, StatusAction.RELEASE, StatusAction.HOLD):
        assert isinstance(carried.change(serial, action), Pending)
    found = _entries(carried)
    assert [decode_status(entry.message).action.value for entry in found] == ["hold", "release", "hold"]
    # Above whatever a restored archive has forgotten.
    assert before <= found[0].number < found[1].number < found[2].number
    assert {entry.kind for entry in found} == {WireKind.STATUS}


def test_what_was_answered_long_ago_is_forgotten_and_comes_again(carried: Round, keys: list[rsa.RSAPrivateKey]) -> None:
    order = carried.order(keys[0])
    carried.carry()
    carried.office.take(carried.stick)
    first = carried.look(order)
    carried.office.store.forget(utc_now())
    assert carried.office.store.totals().answered == 0
    assert carried.look(order) == Pending(check_after_s=86400)
    carried.carry()
    carried.office.take(carried.stick)
    assert carried.look(order) == first
