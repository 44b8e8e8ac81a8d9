"""The citizen's terminal when something goes wrong: each fault is named, no try is spent, the next entry works."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hardware import citizen_terminal
from hardware.citizen_faults import CitizenTerminalFault
from hardware.citizen_terminal import CitizenTerminal
from hardware.errors import HostLost, PinEntryFault
from hardware.interface import PinMethod
from hardware.remote import RemoteDevices
from hardware.settings import DeviceSettings
from hardware.training.citizens import CITIZENS
from tests.hardware.citizen_rig import LIMIT_S, POLICY, READY, Asking, CitizensTty, Clerk
from tests.services.requirement import missing, skip_or_fail

ASKED = "ENTER YOUR PIN"
JOVANA = CITIZENS["jovana"]
NOBODY = 65534
BECOME_NOBODY = f"import os, socket, sys, time; os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY}); "


@pytest.fixture
def as_root() -> None:
    """Only root may become somebody else."""
    if os.geteuid() != 0:
        skip_or_fail(missing("root, who may become another user"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "citizen.sock"


@pytest.fixture
def entry(path: Path) -> Iterator[CitizenTerminal]:
    with closing(CitizenTerminal(path)) as entry:
        yield entry


def works(entry: CitizenTerminal, tty: CitizensTty) -> None:
    """An entry as any other."""
    asking = Asking(entry)
    tty.enter("7024", ASKED)
    assert asking.digits() == b"7024"
    tty.wait_for("Checking")


def faulty(asking: Asking, *reasons: CitizenTerminalFault) -> None:
    """The entry ended with one of these."""
    with pytest.raises(PinEntryFault) as fault:
        asking.digits()
    assert str(fault.value) in [reason.value for reason in reasons]


# --- the program and its terminal -------------------------------------------------------------------------------------


def test_the_program_is_killed_in_mid_entry(entry: CitizenTerminal, path: Path) -> None:
    with CitizensTty(path) as tty:
        asking = Asking(entry)
        tty.wait_for(ASKED)
        tty.press("70")
        tty.process.kill()
        faulty(asking, CitizenTerminalFault.GONE)
    with CitizensTty(path) as tty:
        works(entry, tty)


def test_the_terminal_is_hung_up_in_mid_entry(entry: CitizenTerminal, path: Path) -> None:
    with CitizensTty(path) as tty:
        asking = Asking(entry)
        tty.wait_for(ASKED)
        tty.hang_up()
        faulty(asking, CitizenTerminalFault.HUNG_UP, CitizenTerminalFault.GONE)
        assert tty.process.wait(LIMIT_S) in (0, 1)


def test_the_terminal_is_hung_up_while_nobody_is_asked(entry: CitizenTerminal, path: Path) -> None:
    with CitizensTty(path) as tty:
        tty.wait_for(READY)
        tty.hang_up()
        assert tty.process.wait(LIMIT_S) in (0, 1)
        assert "Traceback" not in tty.log()


def test_a_terminal_that_stands_still_is_noticed(
    entry: CitizenTerminal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(citizen_terminal, "SILENT_S", 1.5)
    with CitizensTty(path) as tty:
        asking = Asking(entry)
        tty.wait_for(ASKED)
        tty.process.send_signal(signal.SIGSTOP)
        faulty(asking, CitizenTerminalFault.SILENT)
        tty.process.send_signal(signal.SIGCONT)
        tty.wait_for(READY)
        works(entry, tty)


def test_no_terminal_is_there(entry: CitizenTerminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(citizen_terminal, "CONNECT_S", 0.1)
    faulty(Asking(entry), CitizenTerminalFault.NOT_CONNECTED)


def test_a_terminal_that_comes_late_is_waited_for(entry: CitizenTerminal, path: Path) -> None:
    asking = Asking(entry)
    with CitizensTty(path) as tty:
        tty.enter("7024", ASKED)
        assert asking.digits() == b"7024"


def test_a_second_terminal_is_refused_and_the_first_goes_on(entry: CitizenTerminal, path: Path) -> None:
    with CitizensTty(path) as first:
        asking = Asking(entry)
        first.wait_for(ASKED)
        first.press("70")
        with CitizensTty(path) as second:
            second.wait_for("Another PIN screen is already in use.")
        first.press("24", "enter")
        assert asking.digits() == b"7024"


# --- the device host --------------------------------------------------------------------------------------------------


def test_the_host_is_killed_in_mid_entry_and_comes_back(path: Path) -> None:
    settings = DeviceSettings(pin_method=PinMethod.TERMINAL, citizen_socket=path, training_citizen=JOVANA.key)
    with closing(RemoteDevices(settings)) as devices, CitizensTty(path) as tty:
        tty.wait_for("THIS SCREEN IS NOT IN SERVICE")
        chip = devices.open_chip()
        tty.wait_for(READY)
        asking = UnlockKilled(devices.host().pid, tty)
        with pytest.raises(HostLost):
            chip.unlock(asking, POLICY)
        tty.wait_for("THIS SCREEN IS NOT IN SERVICE")
        assert tty.dots() == 0
        chip = devices.open_chip()
        assert chip.pin_status().tries_left == 3
        tty.wait_for(READY)
        chip.unlock(Typing(tty), POLICY)
        tty.wait_for("The PIN is accepted")


class UnlockKilled(Clerk):
    """Kills the host as soon as two digits are typed."""

    def __init__(self, host: int, tty: CitizensTty) -> None:
        super().__init__()
        self._host, self._tty = host, tty

    def pin_requested(self, request: object) -> None:
        self._tty.press("70")
        self._tty.until(lambda: self._tty.dots() == 2, "two dots")
        os.kill(self._host, signal.SIGKILL)


class Typing(Clerk):
    """Types as soon as the citizen is asked."""

    def __init__(self, tty: CitizensTty) -> None:
        super().__init__()
        self._tty = tty

    def pin_requested(self, request: object) -> None:
        self._tty.press(JOVANA.pin.decode(), "enter")


# --- who may come to the socket ---------------------------------------------------------------------------------------


def test_the_socket_is_for_its_own_user(entry: CitizenTerminal, path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.with_name("citizen.sock.lock").stat().st_mode & 0o777 == 0o600


def test_the_socket_goes_with_its_host(path: Path) -> None:
    CitizenTerminal(path).close()
    assert not path.exists()


def refused(path: Path, reason: CitizenTerminalFault) -> None:
    with closing(CitizenTerminal(path)) as entry:
        faulty(Asking(entry), reason)


def test_what_is_wrong_with_the_place_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(citizen_terminal, "CONNECT_S", 0.05)
    refused(path.parent / "nowhere" / "c", CitizenTerminalFault.NO_FOLDER)
    refused(path.parent / ("x" * 120), CitizenTerminalFault.BAD_PATH)
    path.write_text("")
    refused(path, CitizenTerminalFault.NOT_A_SOCKET)
    path.unlink()
    path.parent.chmod(0o777)
    refused(path, CitizenTerminalFault.FOLDER_IS_OPEN)
    path.parent.chmod(0o700)


@pytest.mark.parametrize("kind", [socket.SOCK_SEQPACKET, socket.SOCK_STREAM])
def test_the_file_of_a_host_that_has_ended_is_replaced(path: Path, kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_UNIX, kind) as old:
        old.bind(str(path))
    with closing(CitizenTerminal(path)) as entry, CitizensTty(path) as tty:
        works(entry, tty)


def test_the_socket_of_a_living_host_is_left_alone_until_it_ends(
    entry: CitizenTerminal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(CitizenTerminal(path)) as other, CitizensTty(path) as tty:
        with monkeypatch.context() as patch:
            patch.setattr(citizen_terminal, "CONNECT_S", 0.05)
            faulty(Asking(other), CitizenTerminalFault.IN_USE)
        works(entry, tty)
        entry.close()
        works(other, tty)


def test_a_strange_program_at_the_socket_is_left_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(citizen_terminal, "CONNECT_S", 0.05)
    with socket.socket(socket.AF_UNIX) as strange:
        strange.bind(str(path))
        strange.listen()
        refused(path, CitizenTerminalFault.IN_USE)
        assert path.exists()


@pytest.mark.usefixtures("as_root")
def test_another_user_is_refused_although_the_file_let_them_in(
    entry: CitizenTerminal, path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    let_everybody_in(path)
    code = "s=socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.connect(sys.argv[1]); print(s.recv(100))"
    knock = [sys.executable, "-c", BECOME_NOBODY + code, str(path)]
    came = subprocess.run(knock, capture_output=True, text=True, timeout=LIMIT_S)
    assert came.stdout == "b''\n", came.stderr
    assert f"user {NOBODY} was refused" in capfd.readouterr().err
    with CitizensTty(path) as tty:
        works(entry, tty)


@pytest.mark.usefixtures("as_root")
def test_the_terminal_does_not_speak_to_another_users_host(path: Path) -> None:
    code = (
        "s=socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.bind(sys.argv[1]); os.chmod(sys.argv[1], 0o666); "
        + BECOME_NOBODY.removeprefix("import os, socket, sys, time; ")
        + "s.listen(); print('up', flush=True); peer, _ = s.accept(); print(peer.recv(100), flush=True)"
    )
    start = [sys.executable, "-c", "import os, socket, sys, time; " + code, str(path)]
    with subprocess.Popen(start, stdout=subprocess.PIPE, text=True) as posing, CitizensTty(path) as tty:
        assert posing.stdout is not None
        assert posing.stdout.readline() == "up\n"
        assert posing.stdout.readline() == "b''\n", "it was told nothing, not even a greeting"
        tty.wait_for("THIS SCREEN IS NOT IN SERVICE")
        assert f"served by user {NOBODY}" in tty.end()[1]


def let_everybody_in(path: Path) -> None:
    path.chmod(0o666)
    for folder in path.parents:
        if folder.stat().st_uid == os.geteuid() and not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o011)


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("arguments", "said"), [([], "name the socket"), (["--socket", "c"], "this is no terminal")])
def test_what_the_program_cannot_do_is_one_sentence(arguments: list[str], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", "citizen", *arguments], capture_output=True, text=True, timeout=LIMIT_S
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_program_starts_fast_and_without_the_screens() -> None:
    code = "import sys, kiosk.cli.citizen, hardware.citizen_program, kiosk.citizen_words; print(*sys.modules)"
    begun = time.monotonic()
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=LIMIT_S
    ).stdout.split()
    assert time.monotonic() - begun < 2
    assert "hardware.citizen_program" in loaded
    assert not {"textual", "smartcard", "pkcs11", "fpdf", "sqlite_utils", "screens"} & set(loaded)
