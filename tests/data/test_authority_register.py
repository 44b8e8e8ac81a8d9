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
from data.sqlcipher import connect
from kiosk.ca.interface import AuthorityUnusable, DuplicateOrder, Profile
from kiosk.ca.register import IssuedRegister, RegisterEntry

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
    ["DELETE FROM issued", "UPDATE issued SET serial = '01'", "UPDATE issued SET certificate = NULL"],
)
def test_rows_cannot_be_changed(tmp_path: Path, register: AuthorityRegister, change: str) -> None:
    register.reserve(entry())
    register.store(entry().order_id, b"DER")
    raw = connect(tmp_path / "authority.db", key_of(tmp_path / "authority.db"), busy_s=1)
    with pytest.raises(Exception, match=r"kept once|does not change|append-only"):
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
