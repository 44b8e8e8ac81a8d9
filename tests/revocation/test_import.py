"""A CRL becomes an index that answers at once; nothing that is torn, forged, older or not understood replaces it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.benches.openssl_authority import invented_serial, long_list
from kiosk.revocation.errors import IndexDamaged, ListForged, ListOlder, ListRefused, ListTorn, ListUnsupported
from kiosk.revocation.importing import import_list
from kiosk.revocation.status import Good, RevocationData, Revoked, Unknown
from tests.revocation.conftest import Issuer

ISSUED = datetime(2026, 11, 25, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def made(
    issuer: Issuer,
    *entries: x509.RevokedCertificate,
    number: int | None = 1,
    at: datetime = ISSUED,
    algorithm: hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | None = None,
    extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
) -> bytes:
    """A CRL with whatever is asked for, signed by the issuer; DER."""
    builder = (
        x509.CertificateRevocationListBuilder(
            issuer_name=issuer.certificate.subject, revoked_certificates=list(entries)
        )
        .last_update(at)
        .next_update(at + DAY)
    )
    if number is not None:
        builder = builder.add_extension(x509.CRLNumber(number), False)
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    return builder.sign(issuer.key, algorithm or hashes.SHA256()).public_bytes(Encoding.DER)


def revoked(
    serial: int, at: datetime = ISSUED, *extensions: tuple[x509.ExtensionType, bool]
) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at)
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    return builder.build()


class Desk:
    """A folder with an index, as a station has it."""

    def __init__(self, folder: Path, issuer: Issuer) -> None:
        self.now = ISSUED + timedelta(hours=1)
        self.index = folder / "revocation" / "citizens.index"
        self.data = RevocationData(self.index, lambda: self.now)
        self._issuer = issuer
        self._list = folder / "list.crl"

    def take(self, crl: bytes) -> None:
        self._list.write_bytes(crl)
        import_list(self._list, self._issuer.certificate, self.index, self.now)


@pytest.fixture
def desk(tmp_path: Path, issuer: Issuer) -> Iterator[Desk]:
    opened = Desk(tmp_path, issuer)
    yield opened
    opened.data.close()


# --- what is looked up ------------------------------------------------------------------------------------------------


def test_each_entry_of_an_openssl_list_is_found(desk: Desk, issuer: Issuer) -> None:
    entries = list(long_list(1000))
    crl = issuer.openssl.revocation_list(entries)
    desk.now = datetime.now(UTC)
    desk.take(crl.read_bytes())
    for serial, moment, reason in entries:
        assert desk.data.status_of(serial) == Revoked(date=moment, reason=reason)
        assert isinstance(desk.data.status_of(serial ^ 1), Good)


def test_small_and_large_serial_numbers(desk: Desk, issuer: Issuer) -> None:
    serials = (1, 127, 128, 255, 256, (1 << 127) - 1, (1 << 159) - 1)
    desk.take(made(issuer, *(revoked(serial) for serial in serials)))
    for serial in serials:
        assert desk.data.status_of(serial) == Revoked(date=ISSUED, reason="unspecified")
    for serial in (0, 2, 129, 1 << 159, 1 << 200, -1):
        assert desk.data.status_of(serial) == Good(as_of=ISSUED)


def test_every_reason_and_both_kinds_of_time(desk: Desk, issuer: Issuer) -> None:
    dates = {1: datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC), 2: datetime(2055, 2, 28, tzinfo=UTC)}
    flags = [flag for flag in x509.ReasonFlags if flag is not x509.ReasonFlags.remove_from_crl]
    entries = [
        revoked(number, dates.get(number, ISSUED), (x509.CRLReason(flag), False))
        for number, flag in enumerate(flags, start=1)
    ]
    desk.take(made(issuer, *entries))
    for number, flag in enumerate(flags, start=1):
        assert desk.data.status_of(number) == Revoked(date=dates.get(number, ISSUED), reason=flag.value)


def test_an_entry_may_say_more(desk: Desk, issuer: Issuer) -> None:
    invalidity = (x509.InvalidityDate(ISSUED - DAY), False)
    reason = (x509.CRLReason(x509.ReasonFlags.superseded), False)
    desk.take(made(issuer, revoked(5, ISSUED, invalidity, reason), revoked(6, ISSUED, invalidity)))
    assert desk.data.status_of(5) == Revoked(date=ISSUED, reason="superseded")
    assert desk.data.status_of(6) == Revoked(date=ISSUED, reason="unspecified")


def test_an_empty_list_makes_all_good(desk: Desk, issuer: Issuer) -> None:
    desk.take(made(issuer))
    assert desk.data.status_of(1) == Good(as_of=ISSUED)
    assert "no. 1 of 2026-11-25 08:00 UTC, 0 entries, 1.0 h old" in desk.data.describe()


def test_an_old_list_still_knows_who_is_revoked_but_not_who_is_good(desk: Desk, issuer: Issuer) -> None:
    assert desk.data.status_of(1) == Unknown(age=None)
    assert desk.data.describe() == "no revocation list on this machine"
    desk.take(made(issuer, revoked(7)))
    desk.now = ISSUED + 3 * DAY
    assert desk.data.status_of(7) == Revoked(date=ISSUED, reason="unspecified")
    assert desk.data.status_of(8) == Unknown(age=3 * DAY)
    assert "TOO OLD" in desk.data.describe()


@pytest.mark.parametrize("algorithm", [hashes.SHA256(), hashes.SHA384(), hashes.SHA512()])
def test_the_hashes_that_are_still_trusted(
    algorithm: hashes.SHA256 | hashes.SHA384 | hashes.SHA512, desk: Desk, issuer: Issuer
) -> None:
    desk.take(made(issuer, revoked(7), algorithm=algorithm))
    assert isinstance(desk.data.status_of(7), Revoked)


def test_a_newer_list_takes_over_where_it_is_in_use(desk: Desk, issuer: Issuer) -> None:
    """Released: the entry is gone from the next list."""
    desk.take(made(issuer, revoked(7)))
    assert isinstance(desk.data.status_of(7), Revoked)
    desk.take(made(issuer, revoked(9), number=2, at=ISSUED + timedelta(minutes=30)))
    assert isinstance(desk.data.status_of(7), Good)
    assert isinstance(desk.data.status_of(9), Revoked)


# --- what is refused --------------------------------------------------------------------------------------------------


def check_refused(desk: Desk, kind: type[ListRefused], crl: bytes) -> None:
    """Refused by that name, the index as it was, and nothing left beside it."""
    before = desk.index.read_bytes()
    with pytest.raises(kind):
        desk.take(crl)
    assert desk.index.read_bytes() == before
    assert os.listdir(desk.index.parent) == [desk.index.name]


def test_torn_at_any_byte(desk: Desk, issuer: Issuer) -> None:
    desk.take(made(issuer, revoked(7)))
    crl = made(issuer, revoked(8), number=2)
    for length in range(len(crl)):
        check_refused(desk, ListTorn, crl[:length])
    check_refused(desk, ListTorn, crl + b"\0")


def test_any_bit_changed(desk: Desk, issuer: Issuer) -> None:
    """Named errors only; most of them say forged, since nothing but the signature can tell."""
    desk.take(made(issuer, revoked(7)))
    crl = made(issuer, revoked(8), revoked(9), number=2)
    chosen = random.Random(7)  # noqa: S311  # a fixed choice of bits
    for _ in range(400):
        changed = bytearray(crl)
        changed[chosen.randrange(len(crl))] ^= 1 << chosen.randrange(8)
        check_refused(desk, ListRefused, bytes(changed))


@pytest.mark.soak
def test_every_bit_changed(desk: Desk, issuer: Issuer) -> None:
    """Each bit alone, and 20,000 times a few bytes at once: named errors only, and never another index."""
    desk.take(made(issuer, revoked(7)))
    crl = made(issuer, revoked(8), revoked(9, ISSUED, (x509.CRLReason(x509.ReasonFlags.superseded), False)), number=2)
    for bit in range(8 * len(crl)):
        changed = bytearray(crl)
        changed[bit // 8] ^= 1 << bit % 8
        check_refused(desk, ListRefused, bytes(changed))
    chosen = random.Random(8)  # noqa: S311  # a fixed choice of bytes
    for _ in range(20_000):
        changed = bytearray(crl)
        for _ in range(chosen.randrange(1, 9)):
            changed[chosen.randrange(len(crl))] = chosen.randrange(256)
        if bytes(changed) != crl:
            check_refused(desk, ListRefused, bytes(changed))


def test_another_authoritys_list(desk: Desk, issuer: Issuer, other: Issuer) -> None:
    desk.take(made(issuer, revoked(7)))
    check_refused(desk, ListForged, made(other, revoked(8), number=2))


def test_an_older_list(desk: Desk, issuer: Issuer) -> None:
    desk.take(made(issuer, revoked(7), number=5))
    check_refused(desk, ListOlder, made(issuer, revoked(8), number=4, at=ISSUED + timedelta(minutes=1)))
    check_refused(desk, ListOlder, made(issuer, revoked(8), number=5, at=ISSUED - DAY))


def test_a_list_from_the_future(desk: Desk, issuer: Issuer) -> None:
    desk.take(made(issuer, revoked(7)))
    check_refused(desk, ListRefused, made(issuer, revoked(8), number=2, at=ISSUED + DAY))


POINT = {
    "full_name": None,
    "relative_name": None,
    "only_contains_user_certs": False,
    "only_contains_ca_certs": False,
    "only_some_reasons": None,
    "indirect_crl": False,
    "only_contains_attribute_certs": False,
}


def scope(**changed: object) -> x509.IssuingDistributionPoint:
    arguments: dict[str, object] = {**POINT, **changed}
    return x509.IssuingDistributionPoint(**arguments)  # type: ignore[arg-type]  # each is of its own type


@pytest.mark.parametrize(
    "value",
    [
        x509.DeltaCRLIndicator(1),
        scope(indirect_crl=True),
        scope(only_some_reasons=frozenset({x509.ReasonFlags.key_compromise})),
        scope(only_contains_ca_certs=True),
        x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.32473.9"), b"\x05\x00"),
    ],
)
def test_a_list_that_is_not_the_whole_truth(value: x509.ExtensionType, desk: Desk, issuer: Issuer) -> None:
    desk.take(made(issuer, revoked(7)))
    check_refused(desk, ListUnsupported, made(issuer, revoked(8), number=2, extensions=[(value, True)]))


def test_a_scope_that_covers_citizens(desk: Desk, issuer: Issuer) -> None:
    place = [x509.UniformResourceIdentifier("http://test-authority.example.com/citizens.crl")]
    point = scope(full_name=place, only_contains_user_certs=True)
    desk.take(made(issuer, revoked(7), extensions=[(point, True)]))
    assert isinstance(desk.data.status_of(7), Revoked)


@pytest.mark.parametrize(
    "extension",
    [
        (x509.CertificateIssuer([x509.DNSName("other.example.com")]), True),
        (x509.CRLReason(x509.ReasonFlags.remove_from_crl), False),
    ],
)
def test_an_entry_that_speaks_of_something_else(
    extension: tuple[x509.ExtensionType, bool], desk: Desk, issuer: Issuer
) -> None:
    desk.take(made(issuer, revoked(7)))
    check_refused(desk, ListUnsupported, made(issuer, revoked(8, ISSUED, extension), number=2))


# --- the index on disk ------------------------------------------------------------------------------------------------


def test_the_same_list_again_changes_nothing(desk: Desk, issuer: Issuer) -> None:
    desk.take(made(issuer, revoked(7)))
    before = _written(desk.index)
    desk.take(made(issuer, revoked(7)))
    assert _written(desk.index) == before


def _written(path: Path) -> tuple[int, int, int]:
    """Which file it is, and when it was written; that it was read is no change."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def test_a_damaged_index_is_never_asked_and_mended_by_the_next_import(desk: Desk, issuer: Issuer) -> None:
    crl = made(issuer, revoked(7), revoked(8))
    desk.take(crl)
    whole = desk.index.read_bytes()
    for at in range(len(whole)):
        desk.index.write_bytes(whole[:at] + bytes((whole[at] ^ 1,)) + whole[at + 1 :])
        with pytest.raises(IndexDamaged):
            RevocationData(desk.index, lambda: desk.now).status_of(7)
    desk.index.write_bytes(whole[:-1])
    with pytest.raises(IndexDamaged):
        RevocationData(desk.index, lambda: desk.now).status_of(7)
    desk.take(crl)
    assert desk.index.read_bytes() == whole


def test_a_kill_at_any_moment_leaves_the_old_index_or_the_new(desk: Desk, issuer: Issuer, tmp_path: Path) -> None:
    """SIGKILL before the rename keeps the old one; what is left beside it is never taken for an index."""
    desk.take(made(issuer, revoked(7)))
    crl, certificate = tmp_path / "next.crl", tmp_path / "issuer.pem"
    crl.write_bytes(made(issuer, revoked(8), number=2))
    certificate.write_bytes(issuer.certificate.public_bytes(Encoding.PEM))
    program = (
        "import os, signal, sys; from datetime import datetime, UTC; from pathlib import Path;"
        "from cryptography import x509; from kiosk.revocation.importing import import_list;"
        "kill = lambda *_: os.kill(os.getpid(), signal.SIGKILL);"
        "setattr(os, sys.argv[4], kill);"
        "issuer = x509.load_pem_x509_certificate(Path(sys.argv[2]).read_bytes());"
        "import_list(Path(sys.argv[1]), issuer, Path(sys.argv[3]), datetime(2026, 11, 25, 9, tzinfo=UTC))"
    )
    for call in ("fsync", "replace"):
        arguments = [sys.executable, "-c", program, str(crl), str(certificate), str(desk.index), call]
        assert subprocess.run(arguments).returncode == -9
        assert isinstance(desk.data.status_of(7), Revoked)
    desk.take(crl.read_bytes())
    assert isinstance(desk.data.status_of(8), Revoked)


@pytest.mark.soak
def test_a_list_as_long_as_the_ministrys(desk: Desk, issuer: Issuer, tmp_path: Path) -> None:
    """700,000 entries, 34 MB: read in seconds without being held whole, each looked up in under a millisecond."""
    crl, certificate = issuer.openssl.revocation_list(long_list(700_000)), tmp_path / "issuer.pem"
    certificate.write_bytes(issuer.certificate.public_bytes(Encoding.PEM))
    program = (
        "import re, sys; from datetime import datetime, UTC; from pathlib import Path;"
        "from cryptography import x509; from kiosk.revocation.importing import import_list;"
        "issuer = x509.load_pem_x509_certificate(Path(sys.argv[2]).read_bytes());"
        "import_list(Path(sys.argv[1]), issuer, Path(sys.argv[3]), datetime.now(UTC));"
        "print(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])"
    )
    begun = time.perf_counter()
    arguments = [sys.executable, "-c", program, str(crl), str(certificate), str(desk.index)]
    memory = int(subprocess.run(arguments, check=True, capture_output=True).stdout) / 1024
    took = time.perf_counter() - begun
    desk.now = datetime.now(UTC)
    desk.data.status_of(1)
    begun = time.perf_counter()
    for number in range(1, 700_000, 700):
        assert isinstance(desk.data.status_of(invented_serial(number)), Revoked)
    each = (time.perf_counter() - begun) / 1000
    print(f"{crl.stat().st_size / 1e6:.1f} MB in {took:.1f} s with {memory:.0f} MB, {each * 1e6:.1f} us a look-up")
    assert each < 0.001
    assert memory < 200
