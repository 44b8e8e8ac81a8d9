"""The machine while it runs: what it says on its console, and its USB socket."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services.ports import free_ports, wait_until
from tests.services.requirement import missing

QEMU = "qemu-system-x86_64"
BOOT_S = 120.0
READER = "usb-ccid,id=reader"
CARD = "ccid-card-passthru,id=card{0},chardev=link{0},bus=reader.0"
MOST_PLUGGED = 3
"""How often the reader can be plugged in: each time it needs a link of its own to the card."""


class Machine:
    """A running machine."""

    def __init__(self, console: Path, monitor: Path, card_ports: list[int], process: subprocess.Popen[bytes]) -> None:
        self._card_ports = card_ports
        self._plugged = 1
        self._console = console
        self._monitor = monitor
        self._process = process

    @property
    def card_port(self) -> int:
        """Where the card for the reader that is plugged in connects to."""
        return self._card_ports[self._plugged - 1]

    def lines(self) -> list[str]:
        """What the program inside has said so far."""
        text = self._console.read_text(errors="replace") if self._console.exists() else ""
        return [line.strip() for line in text.splitlines() if line.strip()]

    def wait_for(self, line: str, times: int = 1) -> None:
        """Return when that line has been said so often. Raises `TimeoutError` with all that was said instead."""
        try:
            wait_until(lambda: self._has_said(line, times), line, BOOT_S)
        except TimeoutError:
            raise TimeoutError(f"{line} x {times}, but: {self.lines()[-20:]}") from None

    def _has_said(self, line: str, times: int) -> bool:
        lines = self.lines()
        if self._process.poll() is not None and lines.count(line) < times:
            raise RuntimeError(f"the machine ended ({self._process.returncode}) without {line}: {lines[-20:]}")
        return lines.count(line) >= times

    def unplug(self) -> None:
        """Pull the reader out of its USB socket, with the card in it."""
        self._order("device_del reader")

    def plug_in(self) -> None:
        """Put the reader back, empty."""
        self._order(f"device_add {READER}", f"device_add {CARD.format(self._plugged)}")
        self._plugged += 1

    def _order(self, *orders: str) -> None:
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.connect(str(self._monitor))
            for order in orders:
                monitor.sendall(f"{order}\n".encode())
                time.sleep(0.3)


@contextmanager
def running(folder: Path, kernel: Path, root: Path) -> Iterator[Machine]:
    """Start the machine, with an empty reader on USB. Raises `ServiceMissing` where there is no QEMU."""
    if shutil.which(QEMU) is None:
        raise missing("QEMU")
    ports = free_ports(MOST_PLUGGED)
    links = [
        part
        for number, port in enumerate(ports)
        for part in ("-chardev", f"socket,id=link{number},server=on,host=127.0.0.1,port={port},wait=off")
    ]
    console, monitor = folder / "console", folder / "monitor"
    process = subprocess.Popen(
        [QEMU, "-accel", "tcg", "-m", "1024", "-smp", "1", "-display", "none", "-no-reboot", "-nodefaults",
         "-serial", f"file:{console}", "-monitor", f"unix:{monitor},server,nowait",
         "-kernel", str(kernel), "-initrd", str(root), "-append", "console=ttyS0 quiet panic=-1",
         *links, "-device", "qemu-xhci", "-device", READER, "-device", CARD.format(0)],
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield Machine(console, monitor, ports, process)
    finally:
        process.kill()
        process.wait(30)
