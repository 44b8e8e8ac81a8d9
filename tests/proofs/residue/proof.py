"""One method's proof: a whole issuance at a real station, the PIN looked for after every way an entry can end."""

from __future__ import annotations

import os
import re
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.console.emulated_terminal import EmulatedTerminal
from tests.console.walk import tick, walk_to_step_5
from tests.proofs.residue import memory, patterns
from tests.proofs.residue.methods import Bench, Fingers, Method, Written
from tests.services.pcscd import PrivatePcscd

TIMEOUT_S = 4
SETTLED_S = 1.0
"""Until the last digit has come to whoever holds the entry: no device tells the clerk's screen how many there are."""
ASKED = "Чекам унос"
SEPARATOR = b"\xee" * 8


@dataclass(slots=True)
class Verdict:
    """What was looked at, and what was found where nothing should be."""

    looked: int = 0
    found: list[str] = field(default_factory=list)
    not_seen: list[str] = field(default_factory=list)
    """Copies put there on purpose that the scan did not see."""
    planted: int = 0


class Marker:
    """Eight digits that occur nowhere by chance."""

    def __init__(self) -> None:
        self.digits = "".join(secrets.choice("0123456789") for _ in range(8))
        self.by_chance: set[tuple[int, str]] = set()
        """Processes where a part of it stood before it was typed."""

    def patterns(self, pid: int) -> dict[str, bytes]:
        """What it may look like in that process."""
        known = patterns.written(self.digits)
        return known | patterns.pointed(pid, self.digits) if patterns.is_our_interpreter(pid) else known


class Scan:
    """Looks for markers in processes, in files, and in what terminals were sent."""

    def __init__(self, station: EmulatedTerminal, fingers: Fingers, folder: Path, service: PrivatePcscd) -> None:
        self._station = station
        self._fingers = fingers
        self._folder = folder
        self._service = service
        self.verdict = Verdict()

    def processes(self) -> list[int]:
        """The station while it runs, everything it has started, the citizen's own program, and the PC/SC service."""
        station = self._station.process
        family = _family(station.pid) if station.poll() is None else []
        return [*family, *self._fingers.processes, self._service.pid]

    def before(self, markers: Iterable[Marker]) -> None:
        """See where six digits of one stand already: decimal numbers are many."""
        for pid in self.processes():
            known = {(one, part): patterns.written(one.digits)[part] for one in markers for part in patterns.PARTS}
            for (marker, part), _ in memory.occurrences(pid, known):
                marker.by_chance.add((pid, part))

    def after(self, ending: str, marker: Marker) -> None:
        """Look everywhere."""
        for pid in self.processes():
            places = memory.occurrences(pid, marker.patterns(pid))
            found = [f"{what} in {where}" for what, where in places if (pid, what) not in marker.by_chance]
            self._note(f"{ending}: {_name(pid)}", found)
        self._files(ending, marker)

    def guards(self) -> None:
        """Whoever holds a PIN can write no core, is locked into memory, and has nothing in swap."""
        for pid in (_family(self._station.process.pid)[1], *self._fingers.processes):
            cores = re.search(r"core file size +(\d+) +(\d+)", Path(f"/proc/{pid}/limits").read_text())
            status = Path(f"/proc/{pid}/status").read_text()
            locked, swapped = (re.search(rf"{name}:\s+(\d+)", status) for name in ("VmLck", "VmSwap"))
            open_ways = {
                "may write a core": cores is None or cores.groups() != ("0", "0"),
                "is not locked": locked is None or locked[1] == "0",
                "is in swap": swapped is None or swapped[1] != "0",
            }
            self._note(f"guards: {_name(pid)}", [way for way, is_open in open_ways.items() if is_open])

    def cores(self) -> None:
        """A process that was aborted has left no core behind where it worked."""
        self._note("aborted: cores", [path.name for path in Path.cwd().glob("core*") if path.is_file()])

    def plant(self, marker: Marker) -> None:
        """Put every look of the marker into each process: the scan must see them all."""
        for pid in self.processes():
            known = marker.patterns(pid)
            with memory.planted(pid, SEPARATOR.join(known.values())):
                seen = {name for name, _ in memory.occurrences(pid, known)}
            self.verdict.planted += len(known)
            self.verdict.not_seen += [f"{_name(pid)}: {what}" for what in known if what not in seen]

    def _files(self, ending: str, marker: Marker) -> None:
        by_chance = {"values", *patterns.PARTS}  # small bytes in a row, or six digits: any picture or paper has them
        known = {name: look for name, look in patterns.written(marker.digits).items() if name not in by_chance}
        sent = {f"sent to terminal {number}": bytes(one.written) for number, one in enumerate(self._terminals())}
        kept = {str(path.name): path.read_bytes() for path in self._folder.rglob("*") if path.is_file()}
        for name, content in {**sent, **kept}.items():
            self._note(f"{ending}: {name}", [what for what, look in known.items() if look in content])

    def _terminals(self) -> tuple[Written, ...]:
        return (self._station, *self._fingers.terminals)

    def _note(self, where: str, found: list[str]) -> None:
        self.verdict.looked += 1
        self.verdict.found += [f"{where}: {one}" for one in sorted(set(found))]


def prove(method: Method, service: PrivatePcscd, reader: str, folder: Path, environment: dict[str, str]) -> Verdict:
    """Walk an issuance: cancelled, expired, aborted, wrong, right. Raises `TimeoutError` with the last screen."""
    right = Marker()
    bench = Bench(folder=folder, service=service, reader=reader, pin=right.digits)
    with method(bench) as fingers, _station(fingers, reader, folder, environment) as terminal:
        bench.terminal = terminal
        scan = Scan(terminal, fingers, folder, service)
        walk_to_step_5(terminal, lambda name: None)
        markers = {ending: Marker() for ending in ENDINGS}
        scan.before((*markers.values(), right))
        scan.guards()
        terminal.press("enter")
        for ending, act in ENDINGS.items():
            terminal.wait_for(ASKED)
            fingers.digits(markers[ending].digits)
            act(fingers, scan, terminal)
            scan.after(ending, markers[ending])
            _again(terminal)
        terminal.wait_for(ASKED)
        fingers.digits(right.digits)
        fingers.enter()
        terminal.wait_for("СЕРТИФИКАТ ЈЕ УПИСАН У ЧИП", 60)
        scan.after("right", right)
        scan.plant(Marker())
        tick(terminal, "123456")
        terminal.press("enter")
        terminal.wait_for("издато 1")
        terminal.press("f10")
        terminal.wait_for("РАДНО МЕСТО ЈЕ ЗАКЉУЧАНО")
        terminal.press("f10")
        terminal.process.wait(10)
        scan.after("closed", right)
        return scan.verdict


# --- how an entry ends ------------------------------------------------------------------------------------------------


def _cancelled(fingers: Fingers, scan: Scan, terminal: EmulatedTerminal) -> None:
    fingers.cancel()
    terminal.wait_for("К-0303")


def _expired(fingers: Fingers, scan: Scan, terminal: EmulatedTerminal) -> None:
    terminal.wait_for("К-0304", TIMEOUT_S * 3)


def _aborted(fingers: Fingers, scan: Scan, terminal: EmulatedTerminal) -> None:
    """The device host ends as a vendor's module would end it, with all digits in it: no core may be written."""
    time.sleep(SETTLED_S)
    host = _family(terminal.process.pid)[1]
    os.kill(host, signal.SIGABRT)
    terminal.wait_for("К-0400")
    scan.cores()


def _wrong(fingers: Fingers, scan: Scan, terminal: EmulatedTerminal) -> None:
    fingers.enter()
    terminal.wait_for("Enter = нови унос")


ENDINGS: dict[str, Callable[[Fingers, Scan, EmulatedTerminal], None]] = {
    "cancelled": _cancelled,
    "expired": _expired,
    "aborted": _aborted,
    "wrong": _wrong,
}


def _again(terminal: EmulatedTerminal) -> None:
    """The clerk lets the citizen try again, from a fault or from a wrong PIN."""
    is_fault = any("Изаберите цифром" in line for line in terminal.screen())
    terminal.press("1" if is_fault else "enter")


# --- the station ------------------------------------------------------------------------------------------------------


@contextmanager
def _station(fingers: Fingers, reader: str, folder: Path, environment: dict[str, str]) -> Iterator[EmulatedTerminal]:
    settings = folder / "kiosk.toml"
    devices = f'[devices]\nreader = "{reader}"\napdu_log = "apdu.log"'
    rules = f"[rules]\npin_timeout_s = {TIMEOUT_S}"
    settings.write_text(f'folder = "archive"\n{rules}\n{devices}\n{fingers.settings}\n')
    command = [sys.executable, "-m", "tests.proofs.residue.station", "run", "--config", str(settings)]
    with EmulatedTerminal(command, environment) as terminal:
        yield terminal


def _family(pid: int) -> list[int]:
    """A process, those it has started, and those they have."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            own, _, rest = path.read_text().partition(" (")
        except OSError:  # ended meanwhile
            continue
        parents.setdefault(int(rest.rpartition(") ")[2].split()[1]), []).append(int(own))
    return [pid, *(one for child in parents.get(pid, ()) for one in _offspring(child, parents))]


def _offspring(pid: int, parents: dict[int, list[int]]) -> list[int]:
    return [pid, *(one for child in parents.get(pid, ()) for one in _offspring(child, parents))]


def _name(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return " ".join(Path(word.decode()).name for word in words[:4] if word) or str(pid)
