"""One certificate for one order, whoever asks, however often, and over any cut."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from data.authority_register import AuthorityRegister
from data.errors import WrongKey
from data.keys import key_of
from data.migrations import register_migrations
from data.sqlcipher import connect
from kiosk.ca.interface import AuthorityUnusable, DuplicateOrder, Profile
from kiosk.ca.register import IssuedRegister, ListIssue, RegisterEntry
from kiosk.ca.status import CertificateStatus, Standing

ROOT = Path(__file__).parents[2]


def entry(number: int = 1, serial: str | None = None, profile: Profile = Profile.SIGNATURE) -> RegisterEntry:
    return RegisterEntry(
        order_id=f"2026-{number:06}/{profile.value}",
        spki_sha256=sha256(b"TEST key %d" % number).digest(),
        profile=profile,
        order=b"TEST order %d" % number,
        serial=serial or f"7f{number:030x}",
        not_before=datetime(2026, 3, 2, 8, tzinfo=UTC),
        not_after=datetime(2031, 3, 2, 8, tzinfo=UTC),
    )


NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def suspended(status: CertificateStatus) -> CertificateStatus:
    return replace(status, standing=Standing.SUSPENDED, since=NOW, reason=6)


def revoked(status: CertificateStatus) -> CertificateStatus:
    return replace(status, standing=Standing.REVOKED, since=NOW, reason=4)


def open_register(folder: Path) -> AuthorityRegister:
    return AuthorityRegister.open(folder, busy_s=10)


@pytest.fixture
def register(tmp_path: Path) -> Iterator[AuthorityRegister]:
    opened = open_register(tmp_path)
    yield opened
    opened.close()


def test_the_first_reservation_stands(register: IssuedRegister) -> None:
    first = entry()
    assert register.find(first.order_id) is None
    assert register.reserve(first) == first
    assert register.reserve(replace(first, serial="01", order=b"other", not_after=first.not_before)) == first
    assert register.find(first.order_id) == first


def test_a_certificate_is_kept_once(register: IssuedRegister) -> None:
    reserved = register.reserve(entry())
    kept = replace(reserved, certificate=b"DER")
    assert register.store(reserved.order_id, b"DER") == kept
    assert register.store(reserved.order_id, b"DER") == kept
    with pytest.raises(AuthorityUnusable):
        register.store(reserved.order_id, b"other")
    assert register.reserve(entry()) == kept


def test_a_key_has_one_order_for_each_profile(register: IssuedRegister) -> None:
    register.reserve(entry())
    with pytest.raises(DuplicateOrder):
        register.reserve(replace(entry(), order_id="2026-000002/signature", serial="02"))
    other = replace(entry(), order_id="2026-000001/authentication", profile=Profile.AUTHENTICATION, serial="03")
    assert register.reserve(other) == other


def test_a_serial_is_given_once(register: IssuedRegister) -> None:
    register.reserve(entry(1, serial="7f"))
    with pytest.raises(AuthorityUnusable):
        register.reserve(entry(2, serial="7f"))
    assert register.find(entry(2).order_id) is None


def test_what_was_not_reserved_is_not_stored(register: IssuedRegister) -> None:
    with pytest.raises(AuthorityUnusable, match="not reserved"):
        register.store("2026-000009/signature", b"DER")


def test_only_a_stored_certificate_has_a_status(register: IssuedRegister) -> None:
    register.reserve(entry())
    assert register.status_of(entry().serial) is None
    assert register.change_status(entry().serial, revoked, NOW) is None
    register.store(entry().order_id, b"DER")
    assert register.status_of(entry().serial) == CertificateStatus(serial=entry().serial)


def test_the_list_holds_what_is_not_active_and_is_due_after_each_change(register: IssuedRegister) -> None:
    for number in (1, 2, 3):
        register.reserve(entry(number))
        register.store(entry(number).order_id, b"DER")
    assert register.is_list_due(0)
    assert register.issue_list(NOW, NOW) == ListIssue(number=1, this_update=NOW, next_update=NOW, entries=())
    assert not register.is_list_due(1)
    third = register.change_status(entry(3).serial, revoked, NOW)
    first = register.change_status(entry(1).serial, suspended, NOW)
    assert register.is_list_due(1)
    assert register.issue_list(NOW, NOW).entries == (first, third)
    assert register.is_list_due(1) and not register.is_list_due(2)
    assert register.change_status(entry(1).serial, suspended, NOW) == first
    assert not register.is_list_due(2), "what was so already is no change"
    register.change_status(entry(1).serial, lambda status: CertificateStatus(serial=status.serial), NOW)
    assert register.issue_list(NOW, NOW) == ListIssue(
        number=3, this_update=NOW, next_update=NOW, entries=(third,) if third else ()
    )
    assert [status.standing.value for _, _, status in register.listed()] == ["active", "active", "revoked"]


def test_a_refused_change_leaves_nothing(register: IssuedRegister) -> None:
    register.reserve(entry())
    register.store(entry().order_id, b"DER")

    def refuse(status: CertificateStatus) -> CertificateStatus:
        raise LookupError(status.serial)

    with pytest.raises(LookupError):
        register.change_status(entry().serial, refuse, NOW)
    assert register.status_of(entry().serial) == CertificateStatus(serial=entry().serial)


def test_the_register_is_read_a_page_at_a_time(register: IssuedRegister) -> None:
    for number in range(7):
        register.reserve(entry(number))
    pages: list[int] = []
    orders: list[str] = []
    last = 0
    while page := register.listed(last, 3):
        last = page[-1][0]
        pages.append(len(page))
        orders += [found.order_id for _, found, _ in page]
    assert pages == [3, 3, 1]
    assert orders == [entry(number).order_id for number in range(7)]


def test_a_register_from_before_there_was_a_status(tmp_path: Path) -> None:
    """Its rows stay, and count as active and without a permit."""
    path = tmp_path / "authority.db"
    old = connect(path, key_of(path), busy_s=1)
    migrations = register_migrations()
    old.conn.execute("BEGIN")
    migrations.apply(old, stop_before="m0002_status")
    old.conn.execute("COMMIT")
    old.execute(
        "INSERT INTO issued (order_id, spki_sha256, profile, order_bytes, serial, not_before, not_after, certificate)"
        " VALUES (?, ?, 'signature', ?, ?, ?, ?, ?)",
        [entry().order_id, entry().spki_sha256, entry().order, entry().serial, entry().not_before.isoformat(),
         entry().not_after.isoformat(), b"DER"],
    )  # fmt: skip
    old.conn.close()
    opened = open_register(tmp_path)
    assert opened.find(entry().order_id) == replace(entry(), certificate=b"DER")
    assert opened.status_of(entry().serial) == CertificateStatus(serial=entry().serial)
    opened.close()


def test_the_register_outlives_the_program(tmp_path: Path, register: AuthorityRegister) -> None:
    register.reserve(entry())
    register.store(entry().order_id, b"DER")
    register.close()
    again = open_register(tmp_path)
    assert again.find(entry().order_id) == replace(entry(), certificate=b"DER")
    again.close()
    assert {path.name for path in tmp_path.iterdir()} == {"authority.db", "authority.key"}
    assert b"2026-000001" not in (tmp_path / "authority.db").read_bytes()


def test_a_closed_register_is_unusable_to_its_authority(register: AuthorityRegister) -> None:
    register.close()
    with pytest.raises(AuthorityUnusable, match="closed"):
        register.find("2026-000001/signature")


def test_the_archives_key_does_not_open_the_register(tmp_path: Path, register: AuthorityRegister) -> None:
    register.close()
    with pytest.raises(WrongKey):
        connect(tmp_path / "authority.db", bytes(32), busy_s=1)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM issued",
        "UPDATE issued SET serial = '01'",
        "UPDATE issued SET certificate = NULL",
        "UPDATE issued SET permit = 'x'",
        "DELETE FROM status_changes",
        "UPDATE status_changes SET standing = 'active', since = NULL",
        "INSERT INTO status_changes (serial, standing, reason, at) SELECT serial, 'active', 0, '' FROM issued",
        "DELETE FROM revocation_lists",
        "UPDATE revocation_lists SET number = 9",
        "INSERT INTO revocation_lists VALUES (1, '', '', 0)",
    ],
)
def test_rows_cannot_be_changed(tmp_path: Path, register: AuthorityRegister, change: str) -> None:
    register.reserve(entry())
    register.store(entry().order_id, b"DER")
    register.change_status(entry().serial, revoked, NOW)
    register.issue_list(NOW, NOW)
    raw = connect(tmp_path / "authority.db", key_of(tmp_path / "authority.db"), busy_s=1)
    with pytest.raises(Exception, match=r"kept once|does not change|append-only|stays revoked|one after the other"):
        raw.execute(change)
    raw.conn.close()
    assert register.find(entry().order_id) == replace(entry(), certificate=b"DER")


def test_two_programs_agree_on_every_serial(tmp_path: Path, register: AuthorityRegister) -> None:
    programs = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.data.reserver", str(tmp_path), prefix, "40"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for prefix in ("aa", "bb")
    ]
    for program in programs:
        assert program.stdout is not None and program.stdout.readline() == "open\n"
    serials = []
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("go\n")
        program.stdin.flush()
    for program in programs:
        out, _ = program.communicate(timeout=30)
        assert program.returncode == 0
        serials.append(out.split())
    assert serials[0] == serials[1]
    assert len(set(serials[0])) == 40
    for number in range(40):
        found = register.find(entry(number).order_id)
        assert found is not None and found.serial == serials[0][number]
