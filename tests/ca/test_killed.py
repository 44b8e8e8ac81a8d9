"""SIGKILL around each commit of the register on disk: one certificate, one row, whatever was under way."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from data.authority_register import AuthorityRegister
from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.interface import Done, Issued, StatusAction, StatusChange, Wire
from kiosk.ca.local import LocalAuthority
from kiosk.ca.status_service import StatusService
from tests.ca.citizens import order_for
from tests.ca.conftest import NOW

PROGRAM = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from data.authority_register import AuthorityRegister
from kiosk.ca.interface import Wire, WireKind
from kiosk.ca.local import LocalAuthority
from kiosk.ca.root import load_or_create
from kiosk.ca.status_service import StatusService

folder, name, when = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
now = datetime.fromisoformat(sys.argv[4])
register = AuthorityRegister.open(folder)
ca = load_or_create(folder / "ca", now)
status = StatusService(register, ca, lambda: now, folder / "citizens.crl")
authority = LocalAuthority(register, ca, lambda: now, status=status)
owner = os if hasattr(os, name) else register
call = getattr(owner, name)

def killed(*arguments, **named):
    if when == "after":
        call(*arguments, **named)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(owner, name, killed)
authority.exchange(Wire(body=sys.stdin.buffer.read(), kind=WireKind(sys.argv[5])))
"""


class Killed:
    """An authority in a folder, reached by programs that are killed and by this one."""

    def __init__(self, folder: Path, ca: AuthorityKey) -> None:
        self.folder = folder
        self.register = AuthorityRegister.open(folder)
        self.service = StatusService(self.register, ca, lambda: NOW, folder / "citizens.crl")
        self.authority = LocalAuthority(self.register, ca, lambda: NOW + timedelta(minutes=5), status=self.service)

    def killed_at(self, wire: Wire, name: str, when: str) -> None:
        command = [sys.executable, "-c", PROGRAM, str(self.folder), name, when, NOW.isoformat(), wire.kind.value]
        done = subprocess.run(command, input=wire.body, capture_output=True, timeout=60)
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.fixture
def killed(tmp_path: Path, ca_folder: Path, ca: AuthorityKey) -> Killed:
    (tmp_path / "ca").symlink_to(ca_folder)
    return Killed(tmp_path, ca)


@pytest.mark.parametrize(("name", "when"), [("reserve", "after"), ("store", "before"), ("store", "after")])
def test_a_killed_issue_is_taken_up_again(name: str, when: str, killed: Killed, chip_key: rsa.RSAPrivateKey) -> None:
    request = order_for(chip_key)
    wire = killed.authority.prepare(request)
    killed.killed_at(wire, name, when)
    before = killed.register.find(request.order_id)
    assert before is not None and (before.certificate is not None) is (when == "after" and name == "store")
    answers = [killed.authority.exchange(wire) for _ in range(2)]
    assert answers[0] == answers[1]
    outcome = killed.authority.accept(request, wire, answers[0])
    assert isinstance(outcome, Issued)
    [(_, entry, _)] = killed.register.listed()
    assert entry.certificate == outcome.certificate
    assert (entry.serial, entry.not_before) == (before.serial, before.not_before)
    assert before.certificate in (None, outcome.certificate)


@pytest.mark.parametrize(
    ("name", "when"),
    [("change_status", "after"), ("issue_list", "after"), ("replace", "before")],
)
def test_a_killed_revocation_is_taken_up_again(
    name: str, when: str, killed: Killed, chip_key: rsa.RSAPrivateKey
) -> None:
    request = order_for(chip_key)
    wire = killed.authority.prepare(request)
    outcome = killed.authority.accept(request, wire, killed.authority.exchange(wire))
    assert isinstance(outcome, Issued)
    change = StatusChange(serial=outcome.serial, action=StatusAction.REVOKE)
    asked = killed.authority.prepare_status(change)
    killed.killed_at(asked, name, when)
    assert killed.service.is_due()
    assert killed.authority.accept_status(change, asked, killed.authority.exchange(asked)) == Done()
    assert not killed.service.is_due()
