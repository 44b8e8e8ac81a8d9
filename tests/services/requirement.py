"""What a test needs of the machine: missing, it is skipped aloud; under `CI=true` it fails."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


class ServiceMissing(Exception):
    """The machine lacks a real part; the message says which."""


def missing(what: str) -> ServiceMissing:
    """The exception for a part that is not there."""
    return ServiceMissing(what)


def skip_or_fail(error: ServiceMissing) -> NoReturn:
    """Skip the test, or fail it where a skipped test would be a lie."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"this machine lacks {error}", pytrace=False)
    pytest.skip(f"this machine lacks {error}")
