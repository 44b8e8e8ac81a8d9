"""Each way in which a CMP answer can be wrong has its name, and each refusal its consequence."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from pyasn1.type import tag, univ

from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.cmp.authority import CmpAuthority, Terms
from kiosk.ca.cmp.credentials import Credentials
from kiosk.ca.cmp.protection import Trust
from kiosk.ca.interface import (
    AuthFailed,
    AuthorityError,
    ClockSkew,
    Duplicate,
    Issued,
    IssueRequest,
    NotSupported,
    Outcome,
    Pending,
    Profile,
    ProtocolAlarm,
    Rejected,
    RevocationReason,
    StatusAction,
    StatusChange,
    Unknown,
)
from tests.ca.citizens import LATIN
from tests.ca.houses import order_of
from tests.services.cmp import messages
from tests.services.cmp.office import terms_of
from tests.services.cmp.orders import certify, reason_of
from tests.services.cmp.pki import CMC_CA, RESPONDER_NAME, Identity, Pki, issue, redated
from tests.services.cmp.responder import Habits, Responder


class Direct:
    """A line without a network: straight into the responder."""

    def __init__(self, responder: Responder) -> None:
        self._responder = responder

    def post(self, message: bytes) -> bytes:
        return self._responder.answer(message)


@dataclass
class Conversation:
    """An office, a responder and an order; `clock` is the office's."""

    pki: Pki
    order: IssueRequest
    responder: Responder
    terms: Terms
    identity: Identity
    offset: timedelta = timedelta()

    @property
    def authority(self) -> CmpAuthority:
        credentials = Credentials(private_key=self.identity.key, certificate=self.identity.certificate)
        return CmpAuthority(self.terms, credentials, Direct(self.responder), self.now)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def outcome(self) -> Outcome:
        wire = self.authority.prepare(self.order)
        return self.authority.accept(self.order, wire, self.authority.exchange(wire))

    def alarm(self) -> str:
        """What the alarm begins with."""
        with pytest.raises(ProtocolAlarm) as caught:
            self.outcome()
        return str(caught.value).split(":")[0]


@pytest.fixture
def talk(pki: Pki, chip_key: rsa.RSAPrivateKey) -> Conversation:
    return Conversation(pki, order_of(chip_key), Responder(pki), terms_of(pki), pki.office)


# --- who speaks -------------------------------------------------------------------------------------------------------


def other_infrastructure(pki: Pki) -> Identity:
    return issue(
        RESPONDER_NAME, Identity(pki.office.key, pki.infrastructure.certificate), datetime.now(UTC), use=CMC_CA
    )


def citizen(pki: Pki) -> Identity:
    """Certified by the very authority, with a key usage that may sign."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    order = order_of(key, Profile.AUTHENTICATION)
    return Identity(key, x509.load_der_x509_certificate(certify(pki, order, key.public_key(), datetime.now(UTC))))


SPEAKERS: dict[str, Callable[[Pki], Identity]] = {
    "a stranger with the same names": other_infrastructure,
    "somebody else below the anchor": lambda pki: pki.office,
    "expired": lambda pki: redated(pki.responder, pki.infrastructure, datetime.now(UTC), (-30, -1)),
    "another key": lambda pki: Identity(pki.office.key, pki.responder.certificate),
}


@pytest.mark.parametrize("speaker", SPEAKERS)
def test_signed_by(speaker: str, talk: Conversation) -> None:
    identity = SPEAKERS[speaker](talk.pki)
    talk.responder.sign = lambda answer: messages.signed(answer, identity, talk.pki.infrastructure.certificate)
    assert talk.alarm() == "protection"


def test_a_citizen_does_not_speak_for_the_authority(talk: Conversation) -> None:
    identity = citizen(talk.pki)
    talk.terms = replace(
        talk.terms, trust=Trust(anchors=(*talk.pki.ca.certificates, talk.pki.infrastructure.certificate))
    )
    talk.responder.sign = lambda answer: messages.signed(answer, identity, *talk.pki.ca.certificates)
    assert talk.alarm() == "protection"


def test_the_responder_may_be_known_by_its_name(talk: Conversation) -> None:
    """Then its certificate need not say that it answers for a CA; and nobody else may."""
    now = datetime.now(UTC)
    plain, other = (issue(name, talk.pki.infrastructure, now) for name in (RESPONDER_NAME, "TEST Other"))
    named = Trust((talk.pki.infrastructure.certificate,), plain.certificate.subject.public_bytes())
    talk.terms = replace(talk.terms, trust=named)
    for identity, is_believed in ((other, False), (plain, True)):
        talk.responder = Responder(talk.pki)
        signer = identity
        talk.responder.sign = lambda answer, signer=signer: messages.signed(answer, signer)  # type: ignore[misc]
        if is_believed:
            assert isinstance(talk.outcome(), Issued)
        else:
            assert talk.alarm() == "protection"


def test_the_authority_itself_may_sign(talk: Conversation) -> None:
    ca = Identity(talk.pki.ca.private_key, talk.pki.ca.issuing)
    talk.terms = replace(talk.terms, trust=Trust((talk.pki.ca.issuing,)))
    talk.responder.sign = lambda answer: messages.signed(answer, ca)
    assert isinstance(talk.outcome(), Issued)


def test_an_unprotected_answer(talk: Conversation) -> None:
    talk.responder.sign = lambda answer: messages.unsigned(answer, talk.pki.responder)
    assert talk.alarm() == "protection"


def test_an_unprotected_refusal_is_named_and_not_believed(talk: Conversation) -> None:
    talk.offset = timedelta(days=1)
    talk.responder.sign = lambda answer: messages.unsigned(answer, talk.pki.responder)
    with pytest.raises(ProtocolAlarm, match=r"protection: none \(error badTime\)"):
        talk.outcome()


# --- to what ----------------------------------------------------------------------------------------------------------


def with_header(field: str, number: int, value: bytes) -> Callable[[Any, Any], Any]:
    def change(request: Any, answer: Any) -> Any:
        context = tag.Tag(tag.tagClassContext, tag.tagFormatSimple, number)
        answer["header"][field] = univ.OctetString(value).subtype(explicitTag=context)
        return answer

    return change


@pytest.mark.parametrize(
    ("field", "number", "reason"), [("transactionID", 4, "transaction"), ("recipNonce", 6, "nonce")]
)
@pytest.mark.parametrize("value", [b"", b"\0" * 16, secrets.token_bytes(16)], ids=["empty", "zero", "random"])
def test_to_another_question(field: str, number: int, reason: str, value: bytes, talk: Conversation) -> None:
    talk.responder.change = with_header(field, number, value)
    assert talk.alarm() == reason


def test_the_answer_to_an_earlier_message_of_the_same_transaction(talk: Conversation) -> None:
    earlier = talk.authority.prepare(talk.order)
    answer = talk.authority.exchange(earlier)
    with pytest.raises(ProtocolAlarm, match="nonce"):
        talk.authority.accept(talk.order, talk.authority.prepare(talk.order), answer)


BODIES: dict[str, messages.Fill] = {
    "pkiconf": messages.pkiconf(),
    "rp": messages.rp(0),
    "ip": messages.cp(0, -1),
}


@pytest.mark.parametrize("body", BODIES)
def test_another_body(body: str, talk: Conversation) -> None:
    def answered(request: Any, answer: Any) -> Any:
        nonce = secrets.token_bytes(16)
        return messages.answer_to(request, body, BODIES[body], nonce, datetime.now(UTC))

    talk.responder.change = answered
    assert talk.alarm() == "body"


@pytest.mark.parametrize(
    "change", [lambda a: b"", lambda a: a + b"\0", lambda a: a[1:], lambda a: b"\x30\x80" + a, lambda a: b"<html>"]
)
def test_bytes_that_are_no_message(change: Callable[[bytes], bytes], talk: Conversation) -> None:
    sign = talk.responder.sign
    talk.responder.sign = lambda answer: change(sign(answer))
    assert talk.alarm() == "message"


# --- what the certificate says ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("subject", {"subject": LATIN}),
        ("email", {"email": None}),
        ("email", {"email": "b@example.com"}),
        ("subject", {"profile": Profile.AUTHENTICATION}),
    ],
)
def test_a_certificate_for_another_order(reason: str, changes: dict[str, Any], talk: Conversation) -> None:
    talk.responder.certify = lambda order, key: certify(talk.pki, replace(order, **changes), key, datetime.now(UTC))
    assert talk.alarm() == reason


def test_a_certificate_for_another_key(talk: Conversation, other_key: rsa.RSAPrivateKey) -> None:
    talk.responder.certify = lambda order, key: certify(talk.pki, order, other_key.public_key(), datetime.now(UTC))
    assert talk.alarm() == "key"


def test_a_certificate_of_another_authority(talk: Conversation, other_ca: AuthorityKey) -> None:
    talk.responder.certify = lambda order, key: certify(replace(talk.pki, ca=other_ca), order, key, datetime.now(UTC))
    assert talk.alarm() == "chain"


@pytest.mark.parametrize(("days", "years"), [(0, 6), (0, 4), (2, 5), (-5 * 366, 5)])
def test_a_certificate_with_another_validity(days: int, years: int, talk: Conversation) -> None:
    begin = datetime.now(UTC) + timedelta(days=days)
    talk.responder.certify = lambda order, key: certify(talk.pki, order, key, begin, years)
    assert talk.alarm() == "validity"


def test_no_certificate_at_all(talk: Conversation) -> None:
    talk.responder.certify = lambda order, key: talk.pki.ca.issuing.public_bytes(Encoding.DER)
    assert talk.alarm() in ("chain", "validity", "key")


def test_a_certificate_that_is_not_what_was_ordered_is_given_back(talk: Conversation) -> None:
    talk.responder.certify = lambda order, key: certify(talk.pki, replace(order, subject=LATIN), key, datetime.now(UTC))
    authority = talk.authority
    wire = authority.prepare(talk.order)
    answer = authority.exchange(wire)
    assert len(talk.responder.live()) == 1
    message = authority.prepare_confirm(talk.order, wire, answer, accepted=False)
    assert message is not None
    authority.accept_confirm(message, authority.exchange(message))
    assert talk.responder.live() == []


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_is_wrong_by_a_day(days: int, talk: Conversation) -> None:
    talk.offset = timedelta(days=days)
    with pytest.raises(ClockSkew):
        talk.outcome()
    assert talk.responder.status == {}


def test_an_office_whose_certificate_has_expired_asks_nothing(talk: Conversation) -> None:
    talk.identity = redated(talk.pki.office, talk.pki.infrastructure, datetime.now(UTC), (-30, -1))
    with pytest.raises(AuthFailed, match="expired"):
        talk.outcome()
    assert talk.responder.received == []


def test_an_authority_that_finds_it_expired(talk: Conversation) -> None:
    """The office's clock is behind, the authority's is not: the message is refused."""
    now = datetime.now(UTC)
    ends = now + timedelta(seconds=30)
    talk.identity = redated(talk.pki.office, talk.pki.infrastructure, ends, (-30, 0))
    talk.responder.clock = lambda: now + timedelta(seconds=60)
    with pytest.raises(AuthFailed, match="signerNotTrusted"):
        talk.outcome()
    assert talk.responder.status == {}


def test_an_office_nobody_knows(talk: Conversation, other_key: rsa.RSAPrivateKey) -> None:
    now = datetime.now(UTC)
    talk.identity = issue("TEST Registration Office", Identity(other_key, talk.pki.infrastructure.certificate), now)
    with pytest.raises(AuthFailed, match="badMessageCheck"):
        talk.outcome()


def test_a_key_that_is_not_the_certificates(talk: Conversation, other_key: rsa.RSAPrivateKey) -> None:
    talk.identity = Identity(other_key, talk.pki.office.certificate)
    with pytest.raises(AuthFailed, match="not the one"):
        talk.outcome()


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        ("badPOP", Rejected),
        ("badCertTemplate", Rejected),
        ("unacceptedPolicy", Rejected),
        ("transactionIdInUse", Duplicate),
        ("duplicateCertReq", Duplicate),
    ],
)
def test_a_refusal(failure: str, expected: type, talk: Conversation) -> None:
    talk.responder.habits = Habits(refuses=failure)
    outcome = talk.outcome()
    assert isinstance(outcome, Rejected | Duplicate) and type(outcome) is expected
    assert outcome.code == failure


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        ("badTime", ClockSkew),
        ("notAuthorized", AuthFailed),
        ("signerNotTrusted", AuthFailed),
        ("systemFailure", Unknown),
        ("systemUnavail", Unknown),
    ],
)
def test_a_refusal_that_is_an_error(failure: str, expected: type[AuthorityError], talk: Conversation) -> None:
    talk.responder.habits = Habits(refuses=failure)
    with pytest.raises(expected, match=failure):
        talk.outcome()


def test_the_authoritys_words_are_made_safe_to_show(talk: Conversation) -> None:
    def answered(request: Any, answer: Any) -> Any:
        fill = messages.cp(2, -1, failure="badPOP", text="\x1b[2Jне\n" + "х" * 500)
        return messages.answer_to(request, "cp", fill, secrets.token_bytes(16), datetime.now(UTC))

    talk.responder.change = answered
    outcome = talk.outcome()
    assert isinstance(outcome, Rejected)
    assert outcome.text.isprintable()
    assert outcome.text.startswith("[2Jне")
    assert len(outcome.text) <= 200


# --- choices ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("granted", [True, False])
def test_implicit_confirmation_is_used_only_when_granted(granted: bool, talk: Conversation) -> None:
    talk.terms = replace(talk.terms, implicit_confirm=True)
    talk.responder.habits = Habits(grants_implicit_confirm=granted)
    authority = talk.authority
    wire = authority.prepare(talk.order)
    answer = authority.exchange(wire)
    assert isinstance(authority.accept(talk.order, wire, answer), Issued)
    message = authority.prepare_confirm(talk.order, wire, answer, accepted=True)
    assert (message is None) is granted


def test_nothing_is_granted_that_was_not_asked_for(talk: Conversation) -> None:
    authority = talk.authority
    wire = authority.prepare(talk.order)
    answer = authority.exchange(wire)
    assert authority.prepare_confirm(talk.order, wire, answer, accepted=True) is not None


def test_a_poll_whose_answer_was_lost_is_asked_again(talk: Conversation) -> None:
    talk.responder.habits = Habits(waits=2, check_after_s=7)
    authority = talk.authority
    wire = authority.prepare(talk.order)
    answer = authority.exchange(wire)
    assert authority.accept(talk.order, wire, answer) == Pending(check_after_s=0)
    poll = authority.prepare_poll(talk.order, wire, answer)
    again = authority.exchange(poll)
    assert authority.accept(talk.order, poll, again) == Pending(check_after_s=7)
    lost = authority.prepare_poll(talk.order, poll, again)
    assert authority.exchange(lost)
    outcome = authority.accept(talk.order, lost, authority.exchange(lost))
    assert isinstance(outcome, Pending | Issued)


def test_an_authority_without_lookup_says_so(talk: Conversation) -> None:
    talk.terms = replace(talk.terms, lookup=False)
    assert not talk.authority.capabilities.lookup
    with pytest.raises(NotSupported):
        talk.authority.prepare_lookup(talk.order, talk.authority.prepare(talk.order))


def test_a_lookup_that_finds_nothing_proves_nothing(talk: Conversation) -> None:
    talk.responder.habits = Habits(finds_transactions=False)
    authority = talk.authority
    wire = authority.prepare(talk.order)
    authority.exchange(wire)
    question = authority.prepare_lookup(talk.order, wire)
    with pytest.raises(Unknown, match="badRequest"):
        authority.accept(talk.order, question, authority.exchange(question))


def test_a_transaction_is_the_same_for_the_same_attempt_only(talk: Conversation) -> None:
    first, again = (talk.authority.prepare(talk.order) for _ in range(2))
    other = talk.authority.prepare(replace(talk.order, attempt=2))
    identifiers = [messages.octets(messages.decode(w.body)["header"]["transactionID"]) for w in (first, again, other)]
    assert identifiers[0] == identifiers[1] != identifiers[2]
    assert first.body != again.body


def test_a_message_goes_stale(talk: Conversation) -> None:
    wire = talk.authority.prepare(talk.order)
    assert talk.authority.is_fresh(wire)
    talk.offset = timedelta(minutes=4, seconds=1)
    assert not talk.authority.is_fresh(wire)
    talk.offset = timedelta(minutes=-5)
    assert not talk.authority.is_fresh(wire)


def test_damaged_state_is_an_alarm(talk: Conversation) -> None:
    wire = talk.authority.prepare(talk.order)
    answer = talk.authority.exchange(wire)
    for state in (b"", b"{}", b"[]", wire.state[:-1], wire.state.replace(b"T", b"??")):
        with pytest.raises(ProtocolAlarm, match="state"):
            talk.authority.accept(talk.order, replace(wire, state=state), answer)


def test_every_reason_of_a_revocation_arrives(talk: Conversation) -> None:
    outcome = talk.outcome()
    assert isinstance(outcome, Issued)
    for reason in RevocationReason:
        change = StatusChange(serial=outcome.serial, action=StatusAction.REVOKE, reason=reason)
        [details] = messages.decode(talk.authority.prepare_status(change).body)["body"]["rr"]
        assert reason_of(details) == reason.value
