"""The machine from outside: starts it, does to its keypad what the program inside asks for, and reads the verdicts."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.proofs.keypad.bench import PAD
from tests.proofs.usb.machine_image import build
from tests.services.ports import wait_until
from tests.services.requirement import missing

QEMU = "qemu-system-x86_64"
PACKAGES = ("python3", "udev", "busybox-static", "linux-image-amd64")
MODULES = ("usb-common", "usbcore", "xhci-hcd", "xhci-pci", "hid", "usbhid", "hid-generic", "evdev", "uinput")
LIMIT_S = 300.0


def verdicts(folder: Path) -> list[str]:
    """Build the machine in `folder`, run it, and return what its program said. Raises `ServiceMissing`."""
    if shutil.which(QEMU) is None:
        raise missing("QEMU")
    kernel, root = build(folder, packages=PACKAGES, modules=MODULES, program="tests.proofs.keypad.inside")
    with _running(folder, kernel, root) as process, socket.socket(socket.AF_UNIX) as monitor:
        _connect(monitor, folder / "monitor")
        return _serve(process, folder / "console", monitor)


def _serve(process: subprocess.Popen[bytes], console: Path, monitor: socket.socket) -> list[str]:
    """Carry out what is ordered, until the machine ends."""
    done = 0
    end = time.monotonic() + LIMIT_S
    while True:
        is_over = process.poll() is not None or time.monotonic() > end
        lines = console.read_text(errors="replace").split("\n")[:-1] if console.exists() else []
        for line in lines[done:]:
            if line.startswith("MONITOR "):
                monitor.sendall(line.strip().removeprefix("MONITOR ").encode() + b"\n")
        done = len(lines)
        if is_over:
            return [line.strip() for line in lines]
        time.sleep(0.02)


@contextmanager
def _running(folder: Path, kernel: Path, root: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [QEMU, "-accel", "tcg", "-m", "1024", "-smp", "1", "-display", "none", "-no-reboot", "-nodefaults",
         "-serial", f"file:{folder / 'console'}", "-monitor", f"unix:{folder / 'monitor'},server,nowait",
         "-kernel", str(kernel), "-initrd", str(root), "-append", "console=ttyS0 quiet panic=-1",
         "-device", "qemu-xhci", "-device", PAD],
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait(30)


def _connect(monitor: socket.socket, path: Path) -> None:
    wait_until(path.exists, "QEMU's monitor")
    monitor.connect(str(path))
