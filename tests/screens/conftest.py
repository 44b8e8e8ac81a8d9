"""Offices that take long to make, made once; a test changes a copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.enrolment.interface import Stage
from tests.screens.issued import issue


@pytest.fixture(scope="session")
def issued_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office that has issued to Jovana; her card holds both certificates."""
    folder = tmp_path_factory.mktemp("issued") / "office"
    issue(folder)
    return folder


@pytest.fixture(scope="session")
def undelivered_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office where Jovana's card left between the authority's answer and the write."""
    folder = tmp_path_factory.mktemp("undelivered") / "office"
    issue(folder, cut_before=Stage.WRITE)
    return folder
