"""The real parts as fixtures. One private PC/SC service per test session and worker, with three readers."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.services.pcscd import PrivatePcscd, private_pcscd
from tests.services.requirement import ServiceMissing, skip_or_fail

READER_A, READER_B, READER_C = "TEST Reader A", "TEST Reader B", "TEST Reader C"


@pytest.fixture(scope="session")
def _session_pcscd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivatePcscd | ServiceMissing]:
    try:
        with private_pcscd(tmp_path_factory.mktemp("pcscd"), readers=[READER_A, READER_B, READER_C]) as service:
            yield service
    except ServiceMissing as error:
        yield error


@pytest.fixture
def pcscd(_session_pcscd: PrivatePcscd | ServiceMissing, monkeypatch: pytest.MonkeyPatch) -> PrivatePcscd:
    """This worker's PC/SC service; the process and what it starts find it for the length of the test."""
    if isinstance(_session_pcscd, ServiceMissing):
        skip_or_fail(_session_pcscd)
    assert isinstance(_session_pcscd, PrivatePcscd)
    for name, value in _session_pcscd.environment.items():
        monkeypatch.setenv(name, value)
    return _session_pcscd


@pytest.fixture
def own_pcscd(tmp_path: os.PathLike[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[PrivatePcscd]:
    """A PC/SC service for one test only, which may kill it."""
    from pathlib import Path

    try:
        with private_pcscd(Path(tmp_path) / "pcscd", readers=[READER_A, READER_B]) as service:
            for name, value in service.environment.items():
                monkeypatch.setenv(name, value)
            yield service
    except ServiceMissing as error:
        skip_or_fail(error)
