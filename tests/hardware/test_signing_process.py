"""An authority's token in its process: the PIN goes in there and nowhere else, and what ends with it."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from hardware.errors import (
    HostLost,
    ModuleFault,
    NoSuchKey,
    PinEntryCancelled,
    PinEntryFault,
    TokenMismatch,
    WrongPin,
)
from hardware.signing_process import SigningProcess
from tests.services import softhsm
from tests.services.requirement import ServiceMissing, skip_or_fail


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> softhsm.SoftToken:
    try:
        made = softhsm.soft_token(tmp_path / "softhsm", "TEST authority")
    except ServiceMissing as error:
        skip_or_fail(error)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    return made


@contextmanager
def typed(content: bytes) -> Iterator[int]:
    """A descriptor at which that is read."""
    reading, writing = os.pipe()
    os.write(writing, content)
    os.close(writing)
    try:
        yield reading
    finally:
        os.close(reading)


@contextmanager
def opened(token: softhsm.SoftToken, pin: bytes = softhsm.PIN + b"\n") -> Iterator[SigningProcess]:
    with typed(pin) as descriptor, SigningProcess(token.module, token.label, descriptor) as process:
        yield process


def test_a_key_made_in_the_token_signs(token: softhsm.SoftToken) -> None:
    with opened(token) as process:
        pair = process.make_key("kiosk-issuing", 4096)
        assert [(found.key_id, found.label) for found in process.key_pairs()] == [(pair.key_id, "kiosk-issuing")]
        signature = process.sign_digest(pair.key_id, sha256(b"TEST").digest())
    key = load_der_public_key(pair.public_key)
    assert isinstance(key, rsa.RSAPublicKey) and key.key_size == 4096
    key.verify(signature, b"TEST", padding.PKCS1v15(), hashes.SHA256())
    with opened(token) as again:
        assert again.sign_digest(pair.key_id, sha256(b"TEST").digest()) == signature
        with pytest.raises(NoSuchKey):
            again.sign_digest(b"other", sha256(b"TEST").digest())


def test_this_process_never_loads_the_module(token: softhsm.SoftToken) -> None:
    before = module_is_loaded()
    with opened(token) as process:
        assert process.token().label == token.label
        assert module_is_loaded() is before


def module_is_loaded() -> bool:
    return softhsm.MODULE.name in Path("/proc/self/maps").read_text()


@pytest.mark.parametrize(
    ("pin", "error"),
    [
        (b"999999\n", WrongPin),
        (b"", PinEntryCancelled),
        (b"\n", PinEntryCancelled),
        (b"246\x1b802\n", PinEntryCancelled),
        (b"12345678901234567\n", PinEntryFault),
    ],
)
def test_an_entry_that_is_not_the_pin(pin: bytes, error: type[Exception], token: softhsm.SoftToken) -> None:
    with pytest.raises(error), opened(token, pin):
        pass


def test_backspace_clears_and_the_end_of_a_file_is_enter(token: softhsm.SoftToken) -> None:
    with opened(token, b"13\x7f" + softhsm.PIN) as process:
        assert process.token().label == token.label


def test_another_token_and_no_module(token: softhsm.SoftToken, tmp_path: Path) -> None:
    with typed(softhsm.PIN) as descriptor, pytest.raises(TokenMismatch):
        SigningProcess(token.module, "another", descriptor)
    with typed(softhsm.PIN) as descriptor, pytest.raises(ModuleFault):
        SigningProcess(tmp_path / "none.so", token.label, descriptor)


def test_a_process_that_dies_is_lost_for_good(token: softhsm.SoftToken) -> None:
    with opened(token) as process:
        os.kill(process.pid, signal.SIGKILL)
        for _ in range(2):
            with pytest.raises(HostLost):
                process.key_pairs()


def test_a_call_that_was_interrupted_ends_the_process(token: softhsm.SoftToken) -> None:
    """Its answer must never be taken for that of the next call."""

    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    with opened(token) as process:
        os.kill(process.pid, signal.SIGSTOP)
        before = signal.signal(signal.SIGALRM, interrupt)
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        try:
            with pytest.raises(KeyboardInterrupt):
                process.key_pairs()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        with pytest.raises(HostLost):
            process.key_pairs()


def test_a_terminal_is_asked_without_echo(token: softhsm.SoftToken) -> None:
    """On a real terminal: the prompt, then nothing of what is typed; and the echo is back afterwards."""
    ours, theirs = pty.openpty()
    shown = bytearray()

    def type_it() -> None:
        while b"clears): " not in shown:
            shown.extend(os.read(ours, 1000))
        os.write(ours, softhsm.PIN + b"\r")

    custodian = threading.Thread(target=type_it)
    custodian.start()
    with SigningProcess(token.module, token.label, theirs) as process:
        custodian.join(10)
        assert process.key_pairs() == ()
    os.write(ours, b"seen")
    end = time.monotonic() + 5
    while not shown.endswith(b"seen") and time.monotonic() < end:
        shown.extend(os.read(ours, 1000))
    os.close(ours)
    os.close(theirs)
    assert softhsm.PIN not in shown
    assert bytes(shown) == f"PIN of the token «{token.label}» (Backspace clears): \r\nseen".encode()


def test_without_a_terminal_it_says_so(token: softhsm.SoftToken) -> None:
    program = (
        "import sys; from pathlib import Path; from hardware.errors import PinEntryFault;"
        "from hardware.signing_process import SigningProcess\n"
        "try: SigningProcess(Path(sys.argv[1]), sys.argv[2])\n"
        "except PinEntryFault as fault: print(fault)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(token.module), token.label],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert done.stdout == "no terminal to ask for the token's PIN at\n"
