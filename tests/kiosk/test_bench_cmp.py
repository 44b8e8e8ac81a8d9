"""The CMP part of `kiosk bench authority` asks, verifies and confirms for real, beside HTTP in the same run."""

from __future__ import annotations

from kiosk.benches.cmp import measure


def test_each_number_has_its_limit_from_the_same_run() -> None:
    lines = list(measure(2))
    assert [(line.bench, line.against.split(";")[0]) for line in lines] == [
        ("authority.cmp.trips", "the same number of bytes both ways over the same connection, nothing in them"),
        ("authority.cmp.trips", "the signature on our message and the check of theirs"),
        ("authority.cmp.orders", "two round trips"),
    ]
    assert all(line.unit == "1/s" and line.runs == 2 and line.value > 0 for line in lines)
    assert all(line.ratio < 1.5 for line in lines)
