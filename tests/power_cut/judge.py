"""What stands on a disk after a cut: does the archive hold what was acknowledged, and can the case be finished?"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from data.archive import Archive
from data.errors import ArchiveError
from data.orders import OrderJournal
from hardware.training.citizens import CITIZENS
from kiosk.cases import CaseStatus, Completed
from kiosk.orders import OrderState
from kiosk.wiring import utc_now
from tests.power_cut.disk import Image
from tests.power_cut.runner import examine
from tests.power_cut.subject import CITIZENS_SERVED, settings
from tests.power_cut.test_enrolment import is_whole
from tests.proofs.register import registered
from tests.proofs.station import Silent, come_back, open_desk

MEMORY = Path("/dev/shm")  # images live for milliseconds and hold invented citizens
STATES = [state.value for state in OrderState]


@contextmanager
def on_disk(image: Image) -> Iterator[Path]:
    """The image as a folder."""
    root = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
    try:
        (root / "world" / "cards").mkdir(parents=True)
        (root / "station").mkdir()
        for name, content in image.items():
            path = root / name
            path.write_bytes(content)
            path.chmod(0o600)
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


def lines_of(image: Image) -> list[list[str]]:
    """What had happened outside the machine."""
    return [line.split() for line in image.get("world/told", b"").decode().splitlines()]


def judge(image: Image) -> str:
    """What is wrong after a start on this disk; empty when nothing is."""
    with on_disk(image) as root:
        try:
            with closing(Archive.open(root / "station", utc_now, office="7130")) as archive:
                result = archive.verify()
                if not result.ok:
                    return f"not as written: {result.findings[0].where}: {result.findings[0].what}"
                return _lost(archive, lines_of(image))
        except ArchiveError as error:
            return f"{type(error).__name__}: {error}"


def _lost(archive: Archive, told: list[list[str]]) -> str:
    begun = Counter(row.body["act"] for row in archive.journal_rows(10_000) if row.kind == "order_begun")
    effects = Counter(line[1] for line in told if line[0] == "EFFECT")
    early = [act for act, count in effects.items() if count > begun[act]]
    if early:
        return f"effect without an intent: {early[0]}"
    for kind, name, *state in told:
        if kind == "ACK" and not _case_is_kept(archive, name, int(state[0]), state[1]):
            return f"acknowledged and lost: case {name} at {' '.join(state)}"
        if kind == "DONE" and not _order_is_kept(archive, name, state[0]):
            return f"acknowledged and lost: order {name} {state[0]}"
    return ""


def _case_is_kept(archive: Archive, case_id: str, at: int, status: str) -> bool:
    case = archive.case(case_id)
    return (case.at, case.status is CaseStatus.COMPLETED) >= (at, status == "completed")


def _order_is_kept(archive: Archive, order_id: str, state: str) -> bool:
    orders = {order.order_id: order for order in OrderJournal(archive, "").orders(order_id.partition("/")[0])}
    return order_id in orders and STATES.index(orders[order_id].state.value) >= STATES.index(state)


def finish(image: Image) -> str:
    """What is wrong when the first citizen's case is gone on with after the start, on the card as it was left."""
    if any(line[0] == "ACK" and line[-1] == "completed" for line in lines_of(image)):
        return ""
    with (
        on_disk(image) as root,
        open_desk(root / "station", CITIZENS[CITIZENS_SERVED[0]], settings(root)) as (desk, fingers),
    ):
        case = come_back(desk, "issuance")
        if case.step.key != "pin_entry":
            return ""
        fingers.enter_pin()
        evidence = desk.enrol(case, Silent())
        case = desk.finish_step(case, Completed(evidence))
        found = examine(desk, case, evidence.signature_serial, evidence.authentication_serial)
        found["issued"] = sorted(registered(root / "station"))
        return "" if is_whole(found) else str(found)
