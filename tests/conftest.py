"""Fixtures every room may use."""

from __future__ import annotations

from tests.services.fixtures import _session_pcscd, claim_socket, own_pcscd, pcscd, release_socket

__all__ = ["_session_pcscd", "own_pcscd", "pcscd"]


def pytest_configure() -> None:
    claim_socket()


def pytest_unconfigure() -> None:
    release_socket()
