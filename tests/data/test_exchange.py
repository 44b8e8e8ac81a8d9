"""The office's side: what is due, what is carried and how, what a receipt moves, and how long the centre was silent."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from data import age, bundles, checkpoints, exchange, outbox, receipts
from data.carriers import PART, FolderCarrier
from data.centre_card import CentreCard, read_card
from data.checkpoints import Head
from data.errors import ArchiveDamaged, ArchiveError
from data.exchange_errors import BadSignature, CarrierFault, MalformedFile, TornFile
from data.framing import framed
from data.office_key import FileKey
from data.outbox import Level
from data.receipt_book import Verdict
from tests.data.registry.places import Office

CENTRE = age.new_identity()


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr(outbox, "MOST_ROWS", 10)
    made = Office(tmp_path / "office", "7130")
    yield made
    made.close()


@pytest.fixture
def centre(tmp_path: Path) -> FileKey:
    (tmp_path / "centre").mkdir()
    return FileKey(tmp_path / "centre")


@pytest.fixture
def card(centre: FileKey) -> CentreCard:
    return CentreCard(recipients=(CENTRE[1],), keys=(centre.spki(),))


@pytest.fixture
def stick(tmp_path: Path) -> FolderCarrier:
    (tmp_path / "stick").mkdir()
    return FolderCarrier(tmp_path / "stick")


def names(stick: FolderCarrier) -> list[str]:
    return sorted(path.name for path in stick.folder.iterdir())


def receipt(office: Office, centre: FileKey, size: int, *, root: bytes = b"", epoch: int = 1) -> bytes:
    """A receipt of the centre for that head; by default the true one."""
    true = office.stored_rows()[size - 1].root if size <= len(office.stored_rows()) else bytes(32)
    head = Head(office="7130", epoch=epoch, size=size, root=root or true)
    return receipts.give(checkpoints.sign(head, office.key), office.clock(), centre).as_file()


def test_only_a_receipt_moves_the_mark(office: Office, centre: FileKey, card: CentreCard, stick: FolderCarrier) -> None:
    office.write(25)
    for _ in range(3):
        assert exchange.export(office.outbox, stick, card).rows == 25
    assert names(stick) == [f"7130-1-{a:09}-{b:09}.bundle" for a, b in ((1, 10), (11, 20), (21, 25))]
    (stick.folder / "7130.receipt").write_bytes(receipt(office, centre, 20))
    assert exchange.collect(office.outbox, stick, card) is Verdict.AGREES
    assert names(stick) == ["7130-1-000000021-000000025.bundle", "7130.receipt"]
    state = office.outbox.state(3, 14)
    assert (state.rows, state.acknowledged, state.waiting) == (25, 20, 5)
    assert [p.name for p in office.outbox.pending()] == ["7130-1-000000021-000000025.bundle"]
    assert next(office.outbox.pending()).acknowledged == 20
    assert next(office.outbox.pending(from_row=1)).name == "7130-1-000000001-000000010.bundle"


def test_receipts_may_come_late_twice_and_in_any_order(
    office: Office, centre: FileKey, card: CentreCard, stick: FolderCarrier
) -> None:
    office.write(25)
    files = [receipt(office, centre, size) for size in (5, 12, 20)]
    for order in ((1, 0), (1, 2), (0, 1, 2, 2)):
        for place in order:
            (stick.folder / "7130.receipt").write_bytes(files[place])
            exchange.collect(office.outbox, stick, card)
    assert office.acknowledged() == 20
    # A centre that has gone back says so with a newer receipt, and gets its rows again.
    (stick.folder / "7130.receipt").write_bytes(receipt(office, centre, 12))
    assert exchange.collect(office.outbox, stick, card) is Verdict.AGREES
    assert office.acknowledged() == 12


def test_a_row_longer_than_a_bundle_goes_alone(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.write(4)
    monkeypatch.setattr(outbox, "MOST_PLAIN_BYTES", 10)
    assert [(p.rows[0].seq, p.last) for p in office.outbox.pending()] == [(1, 1), (2, 2), (3, 3), (4, 4)]


def test_no_bundle_spans_two_epochs(office: Office) -> None:
    office.write(3)
    office.begin_epoch(2)
    office.write(3)
    office.begin_epoch(5)
    made = [(p.name, [(e.epoch, e.first) for e in p.epochs]) for p in office.outbox.pending()]
    assert made == [
        ("7130-1-000000001-000000003.bundle", [(1, 1)]),
        ("7130-2-000000004-000000007.bundle", [(1, 1), (2, 4)]),
        ("7130-5-000000008-000000008.bundle", [(1, 1), (2, 4), (5, 8)]),
    ]


def test_the_office_does_not_sign_a_row_that_was_altered(
    office: Office, card: CentreCard, stick: FolderCarrier
) -> None:
    office.write(3)
    with office.store.immediate() as db:
        db.executescript("DROP TRIGGER journal_no_update; UPDATE journal SET body = x'7b7d' WHERE seq = 2")
    with pytest.raises(ArchiveDamaged, match="row 2"):
        exchange.export(office.outbox, stick, card)
    assert names(stick) == []


# --- receipts that contradict the journal -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "epoch", "root", "verdict"),
    [
        (10, 1, bytes(32), Verdict.FORKED),
        (26, 1, b"", Verdict.BEHIND),
        (10, 2, b"", Verdict.BEHIND),
        (25, 1, b"", Verdict.AGREES),
    ],
)
def test_the_centre_knows_better(
    office: Office,
    centre: FileKey,
    card: CentreCard,
    stick: FolderCarrier,
    size: int,
    epoch: int,
    root: bytes,
    verdict: Verdict,
) -> None:
    office.write(25)
    (stick.folder / "7130.receipt").write_bytes(receipt(office, centre, size, root=root, epoch=epoch))
    assert exchange.collect(office.outbox, stick, card) is verdict
    state = office.outbox.state(3, 14)
    assert state.verdict is verdict
    assert state.acknowledged == (25 if verdict is Verdict.AGREES else 0)


def test_receipts_of_others_are_refused(
    office: Office, centre: FileKey, card: CentreCard, stick: FolderCarrier, tmp_path: Path
) -> None:
    office.write(3)
    place = stick.folder / "7130.receipt"
    true = receipt(office, centre, 3)
    foreign = receipt(office, office.key, 3)
    for file, error in ((true[:-1], TornFile), (framed(b"x"), MalformedFile), (foreign, BadSignature)):
        place.write_bytes(file)
        with pytest.raises(error):
            exchange.collect(office.outbox, stick, card)
    other = Office(tmp_path / "other", "7131")
    other.write(3)
    head = Head(office="7131", epoch=1, size=3, root=other.stored_rows()[2].root)
    place.write_bytes(receipts.give(checkpoints.sign(head, other.key), office.clock(), centre).as_file())
    with pytest.raises(MalformedFile, match="7131"):
        exchange.collect(office.outbox, stick, card)
    other.close()
    assert office.acknowledged() == 0
    place.write_bytes(true)
    assert exchange.collect(office.outbox, stick, card) is Verdict.AGREES


def test_receipts_stay_as_they_came(office: Office, centre: FileKey, card: CentreCard, stick: FolderCarrier) -> None:
    office.write(3)
    (stick.folder / "7130.receipt").write_bytes(receipt(office, centre, 3))
    exchange.collect(office.outbox, stick, card)
    for change in ("UPDATE receipts SET size = 9", "DELETE FROM receipts"):
        with pytest.raises(ArchiveError), office.store.immediate() as db:
            db.execute(change)


# --- days since the last exchange -------------------------------------------------------------------------------------


def test_the_days_of_silence_have_two_limits(
    office: Office, centre: FileKey, card: CentreCard, stick: FolderCarrier
) -> None:
    assert (office.outbox.state(3, 14).days, office.outbox.state(3, 14).level) == (0, Level.FRESH)
    office.write(3)
    begun = office.clock.now
    for days, level in ((2, Level.FRESH), (3, Level.SOFT), (13, Level.SOFT), (14, Level.HARD), (400, Level.HARD)):
        office.clock.now = begun + timedelta(days=days)
        assert (office.outbox.state(3, 14).days, office.outbox.state(3, 14).level) == (days, level)
        assert office.outbox.state(0, 0).level is Level.FRESH
    (stick.folder / "7130.receipt").write_bytes(receipt(office, centre, 3))
    exchange.collect(office.outbox, stick, card)
    assert (office.outbox.state(3, 14).days, office.outbox.state(3, 14).level) == (0, Level.FRESH)
    # The same receipt again is no news.
    office.clock.now += timedelta(days=5)
    exchange.collect(office.outbox, stick, card)
    assert office.outbox.state(3, 14).days == 5
    office.clock.now -= timedelta(days=50)
    assert office.outbox.state(3, 14).days == 0


# --- the stick --------------------------------------------------------------------------------------------------------


def test_a_torn_copy_on_the_stick_is_made_anew(office: Office, card: CentreCard, stick: FolderCarrier) -> None:
    office.write(3)
    exchange.export(office.outbox, stick, card)
    (path,) = stick.folder.iterdir()
    whole = path.read_bytes()
    for torn in (whole[:-1], b"", whole[:100] + b"\0" + whole[101:]):
        path.write_bytes(torn)
        assert not stick.has(path.name)
        assert exchange.export(office.outbox, stick, card).bundles == 1
        bundles.opened(path.read_bytes(), [CENTRE[0]]).verify(office.key.spki())


def test_a_stick_that_is_full_keeps_no_half_file(stick: FolderCarrier) -> None:
    stick.put("a", framed(b"x"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(CarrierFault):
            stick.put("b", framed(bytes(5000)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert names(stick) == ["a"]


def test_a_stick_that_is_not_there(office: Office, card: CentreCard, tmp_path: Path) -> None:
    office.write(1)
    gone = FolderCarrier(tmp_path / "gone")
    with pytest.raises(CarrierFault):
        exchange.export(office.outbox, gone, card)
    assert exchange.collect(office.outbox, gone, card) is None


def test_tidying_leaves_what_is_not_ours(office: Office, stick: FolderCarrier) -> None:
    kept = ["7131-1-000000001-000000003.bundle", "7130-1-000000004-000000009.bundle", "photo.jpg", "7130.receipt"]
    for name in (*kept, "7130-1-000000001-000000003.bundle", f".7130-1-000000001-000000003.bundle.ab{PART}"):
        (stick.folder / name).write_bytes(b"")
    stick.tidy("7130", 1, 8)
    assert names(stick) == sorted(kept)


def test_the_centres_card_is_read_or_refused(card: CentreCard, tmp_path: Path) -> None:
    path = tmp_path / "centre.json"
    path.write_text(card.as_file())
    assert read_card(path) == card
    for text in ("", "{}", '{"recipients": [], "keys": []}', '{"recipients": ["age1"], "keys": ["xyz"]}', "[]"):
        path.write_text(text)
        with pytest.raises(MalformedFile):
            read_card(path)
    with pytest.raises(MalformedFile):
        read_card(tmp_path / "nowhere")


def test_the_station_loads_nothing_of_the_centre() -> None:
    wanted = "import sys; import kiosk.wiring, screens.app, data.outbox, kiosk.cli.bundle; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", wanted], capture_output=True, text=True, check=True).stdout.split()
    assert "data.outbox" in loaded
    assert not {"psycopg", "uvicorn", "pyrage", "data.registry"} & set(loaded)
