"""`kiosk bench authority` issues, revokes and looks up for real, beside openssl in the same run."""

from __future__ import annotations

from kiosk.benches.authority import measure


def test_each_number_has_its_peer_from_the_same_run() -> None:
    lines = list(measure(1))
    assert [(line.bench, line.against.split(";")[0]) for line in lines] == [
        ("authority.issue", "openssl x509 -req, which records nothing"),
        ("authority.issue", "openssl ca"),
        ("authority.issue", "unlinted"),
        ("authority.issue.unlinted", "openssl x509 -req, which records nothing"),
        ("authority.issue.unlinted", "openssl ca"),
        ("authority.issue.unlinted", "the bare signature"),
        ("authority.crl.import", "openssl crl -verify, no index"),
        ("authority.crl.lookup", "a dict held in memory"),
        ("authority.crl.lookup", "what is allowed: a millisecond"),
    ]
    assert all(line.value > 0 and line.limit > 0 for line in lines)
    assert lines[-1].ratio < 1
