"""A real cupsd of the tests' own, with a raw queue whose paper is a TCP listener."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

CUPSD = "/usr/sbin/cupsd"
QUEUE = "kiosk"
PATIENCE_S = 20.0

# What CUPS runs to bring a job to the device: it gets job id, user, title, copies, options and the file.
BACKEND = """#!{python}
import json, socket, sys
if len(sys.argv) > 1:
    data = open(sys.argv[6], "rb").read() if len(sys.argv) > 6 else sys.stdin.buffer.read()
    with socket.create_connection(("127.0.0.1", {port})) as paper:
        paper.sendall(json.dumps(sys.argv[1:6]).encode() + b"\\n" + data)
"""
FILES_CONF = """ServerRoot {root}
ServerBin {root}/bin
DataDir {root}/share
StateDir {root}/state
CacheDir {root}/cache
RequestRoot {root}/spool
TempDir {root}/spool/tmp
AccessLog {root}/access_log
ErrorLog {root}/error_log
PageLog {root}/page_log
"""
CUPSD_CONF = """Listen {root}/cups.sock
LogLevel debug
Browsing Off
WebInterface No
DirtyCleanInterval 0
PreserveJobFiles No
<Location />
  Order allow,deny
  Allow all
</Location>
<Policy default>
  JobPrivateAccess default
  JobPrivateValues default
  <Limit All>
    Order allow,deny
    Allow all
  </Limit>
</Policy>
"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What arrived at the device: the backend's arguments and the bytes."""

    job_id: int
    title: str
    copies: int
    options: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Service:
    """The running service."""

    path: Path
    """Of its Unix socket."""
    listener: socket.socket

    def next_sheet(self) -> Sheet:
        """Wait for the next job at the device. Raises `TimeoutError`."""
        connection, _ = self.listener.accept()
        with connection, connection.makefile("rb") as stream:
            job, _user, title, copies, options = json.loads(stream.readline())
            return Sheet(int(job), title, int(copies), options, stream.read())

    def admin(self, *command: str) -> None:
        """Run a CUPS command on this service."""
        program, *arguments = command
        environment = {**os.environ, "CUPS_SERVER": str(self.path)}
        subprocess.run([program, *arguments], env=environment, check=True, capture_output=True, timeout=PATIENCE_S)


def require_cupsd() -> None:
    """Skip the test where cupsd is missing; fail it in CI, where nothing may be skipped."""
    if not Path(CUPSD).exists():
        end = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        end("cupsd is missing: apt-get install cups-daemon cups-client")


@contextmanager
def cups_service(root: Path) -> Iterator[Service]:
    """cupsd with everything it writes in `root`; stopped at the end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE_S)
        lay_out(root, listener.getsockname()[1])
        service = Service(root / "cups.sock", listener)
        with running(root):
            service.admin("lpadmin", "-p", QUEUE, "-E", "-v", "paper:/tray", "-m", "raw")
            yield service


@contextmanager
def running(root: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The daemon itself, on a folder that is laid out."""
    command = [CUPSD, "-f", "-c", str(root / "cupsd.conf"), "-s", str(root / "cups-files.conf")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as daemon:
        try:
            _await_socket(root / "cups.sock", daemon)
            yield daemon
        finally:
            daemon.terminate()


def lay_out(root: Path, port: int) -> None:
    """Settings, and a backend that brings every job to that port."""
    for folder in ("bin/backend", "share/mime", "state", "cache", "spool/tmp"):
        (root / folder).mkdir(parents=True)
    shutil.copytree("/usr/lib/cups/daemon", root / "bin/daemon")
    shutil.copytree("/usr/lib/cups/notifier", root / "bin/notifier")
    backend = root / "bin/backend/paper"
    backend.write_text(BACKEND.format(python=sys.executable, port=port), encoding="utf-8")
    # CUPS runs a backend as itself only if nobody else may read it; the user `lp` could not enter this folder.
    backend.chmod(0o700)
    (root / "share/mime/mime.types").write_text("application/pdf pdf string(0,%PDF)\n", encoding="utf-8")
    (root / "share/mime/mime.convs").write_text("", encoding="utf-8")
    (root / "cups-files.conf").write_text(FILES_CONF.format(root=root), encoding="utf-8")
    (root / "cupsd.conf").write_text(CUPSD_CONF.format(root=root), encoding="utf-8")


def _await_socket(path: Path, daemon: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(path)) == 0:
                return
        if daemon.poll() is not None:
            break
        time.sleep(0.02)
    raise RuntimeError(f"cupsd does not listen; see {path.parent / 'error_log'}")
