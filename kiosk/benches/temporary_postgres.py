"""A PostgreSQL for a minute: a cluster with the server's own defaults, in a folder of its own, on a Unix socket."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

USER = "postgres"
"""Debian's package makes it; the server refuses to run as root."""
PATIENCE_S = 30.0


@contextmanager
def temporary_postgres() -> Iterator[str]:
    """A connection string of a running server, gone afterwards. Raises `ClickException` where none is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2]))
    if not found:
        raise click.ClickException("this machine lacks PostgreSQL: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="kiosk-bench-"))
    try:
        yield from _run(found[-1], folder, _given_away(folder))
    finally:
        shutil.rmtree(folder)


def _given_away(folder: Path) -> list[str]:
    if os.geteuid():
        return []
    user = pwd.getpwnam(USER)
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]


def _run(programs: Path, folder: Path, as_user: list[str]) -> Iterator[str]:
    data = str(folder / "data")
    make = [*as_user, str(programs / "initdb"), "-D", data, "-U", USER, "--auth=trust", "--data-checksums"]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL, cwd=folder)  # noqa: S603  # a fixed program
    serve = [*as_user, str(programs / "postgres"), "-D", data, "-k", str(folder), "-c", "listen_addresses="]
    with open(folder / "log", "wb") as log:
        server = subprocess.Popen(serve, stdout=log, stderr=log, cwd=folder)  # noqa: S603  # a fixed program
    try:
        _wait([*as_user, str(programs / "pg_isready"), "-q", "-h", str(folder)], folder)
        yield f"host={folder} user={USER} dbname=postgres"
    finally:
        server.terminate()
        server.wait()


def _wait(is_ready: list[str], folder: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while subprocess.run(is_ready, cwd=folder, check=False).returncode:  # noqa: S603  # a fixed program
        if time.monotonic() > end:
            raise click.ClickException("the temporary PostgreSQL does not start")
        time.sleep(0.05)
