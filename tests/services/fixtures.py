"""The real parts as fixtures. Each test process has a PC/SC service of its own, started on first use."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.pcscd import SOCKET, SOCKET_VARIABLE, PrivatePcscd, private_pcscd
from tests.services.requirement import ServiceMissing, skip_or_fail

READER_A, READER_B, READER_C = "TEST Reader A", "TEST Reader B", "TEST Reader C"


def claim_socket() -> None:
    """Point this process at a socket of its own before anything asks for PC/SC: libpcsclite looks only once.

    Until a test asks for `pcscd` nobody answers there, so no test ever talks to the machine's own service.
    """
    os.environ[SOCKET_VARIABLE] = str(Path(tempfile.mkdtemp(prefix="pcscd-")) / SOCKET)


def release_socket() -> None:
    """Remove what `claim_socket` made."""
    folder = Path(os.environ.pop(SOCKET_VARIABLE)).parent
    for left in folder.iterdir():
        left.unlink()
    folder.rmdir()


@pytest.fixture(scope="session")
def _session_pcscd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivatePcscd | ServiceMissing]:
    readers = [READER_A, READER_B, READER_C]
    sockets = Path(os.environ[SOCKET_VARIABLE]).parent
    try:
        with private_pcscd(tmp_path_factory.mktemp("pcscd"), readers=readers, socket_folder=sockets) as service:
            yield service
    except ServiceMissing as error:
        yield error


@pytest.fixture
def pcscd(_session_pcscd: PrivatePcscd | ServiceMissing) -> PrivatePcscd:
    """This process's PC/SC service; the process and what it starts find it."""
    if isinstance(_session_pcscd, ServiceMissing):
        skip_or_fail(_session_pcscd)
    return _session_pcscd


@pytest.fixture
def own_pcscd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PrivatePcscd]:
    """A PC/SC service for one test only, which may kill it. Found only by processes that the test starts."""
    try:
        with private_pcscd(tmp_path / "pcscd", readers=[READER_A, READER_B]) as service:
            monkeypatch.setenv(SOCKET_VARIABLE, service.environment[SOCKET_VARIABLE])
            yield service
    except ServiceMissing as error:
        skip_or_fail(error)
