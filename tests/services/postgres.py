"""A PostgreSQL of our own: a cluster in a folder of its own, on a Unix socket, by an unprivileged user.

with private_postgres() as server:
    ... server.dsn("postgres") connects to it; no port is opened
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.services.ports import wait_until
from tests.services.requirement import missing

USER = "postgres"
"""Debian's package makes it; the server refuses to run as root."""
PORT = 5432
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "30",
    "shared_buffers": "64MB",
    # In the cluster's own folder: a killed server would leave its shared memory to the machine.
    "dynamic_shared_memory_type": "mmap",
}
STOP_S = 20.0


def programs() -> Path:
    """The folder of the newest server's programs. Raises `ServiceMissing`."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise missing("PostgreSQL (Debian's package postgresql)")
    return found[-1].parent


def _as_server_user(folder: Path) -> list[str]:
    """The command that gives up root, after `folder` was given to the server's user."""
    if os.geteuid():
        return []
    user = pwd.getpwnam(USER)
    os.chown(folder, user.pw_uid, user.pw_gid)
    # The signal comes when the tests' own process dies, however it dies: no server is left behind.
    identity = (f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")
    return ["setpriv", "--pdeathsig=QUIT", *identity, "--"]


class PrivatePostgres:
    """A running server. It can be killed as a power cut would, and copied as a standby."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._user = _as_server_user(folder)
        self._process: subprocess.Popen[bytes] | None = None

    def dsn(self, database: str = "postgres", user: str = USER) -> str:
        """How libpq connects to it."""
        return f"host={self.folder} port={PORT} user={user} dbname={database}"

    @property
    def pid(self) -> int:
        """Of the server's first process."""
        assert self._process is not None
        return self._process.pid

    def run(self, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's programs as the server's user; returns what it prints."""
        command = [*self._user, str(programs() / program), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=self.folder, check=False)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")
        return done.stdout

    def make(self) -> None:
        """Make an empty cluster."""
        locale = ("--encoding=UTF8", "--locale=C.UTF-8")
        self.run("initdb", "-D", str(self.data), "-U", USER, "--auth=trust", "--no-sync", "--data-checksums", *locale)

    def start(self, *settings: str) -> None:
        """Start it and wait until it takes clients."""
        with open(self.folder / "log", "ab") as log:
            command = [*self._user, str(programs() / "postgres"), "-D", str(self.data), "-k", str(self.folder)]
            options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
            self._process = subprocess.Popen([*command, *options, *settings], stdout=log, stderr=log, cwd=self.folder)
        wait_until(self.takes_clients, f"PostgreSQL in {self.folder}: {(self.folder / 'log').read_text()}")

    def takes_clients(self) -> bool:
        """True when it does; raises when it has ended."""
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended: {(self.folder / 'log').read_text()}")
        command = [*self._user, str(programs() / "pg_isready"), "-q", "-h", str(self.folder), "-p", str(PORT)]
        return subprocess.run(command, cwd=self.folder, check=False).returncode == 0

    def sql(self, *statements: str) -> str:
        """Run statements one by one, each in a transaction of its own; returns what they print."""
        commands = [part for statement in statements for part in ("-c", statement)]
        return self.run("psql", "-X", "-q", "-A", "-t", self.dsn(), *commands)

    def kill(self) -> None:
        """Kill every process of this server at once, as a power cut does."""
        children = _children(self.pid)
        for pid in (self.pid, *children):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        assert self._process is not None
        self._process.wait()

    def abandon(self) -> None:
        """Stop it without tidying up: its folder goes as well. Again does nothing."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGQUIT)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def pause_following(self) -> None:
        """Let a standby receive nothing more until it is promoted."""
        self.sql("ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()")
        query = "SELECT count(*) FROM pg_stat_wal_receiver"
        wait_until(lambda: self.sql(query).strip() == "0", "a standby that follows nobody")

    def standby(self, folder: Path) -> PrivatePostgres:
        """A started copy that follows this server. Its folder is made here."""
        folder.mkdir()
        copy = PrivatePostgres(folder)
        copy.run(
            "pg_basebackup", "-d", self.dsn(), "-D", str(copy.data), "-R", "-X", "stream", "--checkpoint=fast", "-N"
        )
        copy.start("-c", "hot_standby=on")
        return copy


def _children(pid: int) -> Sequence[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def private_postgres() -> Iterator[PrivatePostgres]:
    """A started server in a folder of its own, gone afterwards. Raises `ServiceMissing`."""
    programs()
    # Not under pytest's own folders: those are closed to the server's user.
    top = Path(tempfile.mkdtemp(prefix="pg-"))
    top.chmod(0o755)
    (top / "primary").mkdir()
    server = PrivatePostgres(top / "primary")
    try:
        server.make()
        server.start()
        yield server
    finally:
        server.abandon()
        shutil.rmtree(top)
