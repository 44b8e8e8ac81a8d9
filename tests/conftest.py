"""Fixtures every room may use."""

from __future__ import annotations

from tests.services.fixtures import _session_pcscd, own_pcscd, pcscd

__all__ = ["_session_pcscd", "own_pcscd", "pcscd"]
