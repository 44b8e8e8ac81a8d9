"""A PC/SC service of our own: pcscd with virtual readers, in a mount namespace, with its own socket.

with private_pcscd(tmp_path, readers=["Test Reader"]) as service:
    ... service.ports["Test Reader"] is where a card process connects; programs find it by service.environment
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.services.ports import free_ports, wait_until
from tests.services.requirement import missing

SOURCE = Path(__file__).with_name("ifd") / "loopback_reader.c"
VPCD = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
"""Debian's virtual reader. It has two slots, on two ports in a row, and listens on every interface."""
SOCKET_VARIABLE = "PCSCLITE_CSOCK_NAME"
SOCKET = "pcscd.comm"
START = 'mkdir -p /run/pcscd && mount --bind "$1" /run/pcscd && exec pcscd --foreground --config "$2"'


class PrivatePcscd:
    """A running service. It can be killed and started again, as a service manager would."""

    def __init__(self, folder: Path, ports: Mapping[str, int], socket_folder: Path) -> None:
        self.ports = dict(ports)
        """Reader name to the port its card connects to."""
        self._socket_folder = socket_folder
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to find this service instead of the machine's."""
        return {SOCKET_VARIABLE: str(self._socket_folder / SOCKET)}

    @property
    def pid(self) -> int:
        """Of the running service."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it takes clients."""
        with open(self._folder / "pcscd.log", "ab") as log:
            self._process = subprocess.Popen(
                ["unshare", "-m", "sh", "-c", START, "sh", str(self._socket_folder), str(self._folder / "readers")],
                stdout=log,
                stderr=log,
            )
        wait_until(self._takes_clients, f"pcscd: {self.log()}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it; SIGKILL leaves its socket behind, as a crash does."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(10)
            self._process = None

    def unplug(self, reader: str) -> None:
        """Pull the reader's cable; its driver notices within a moment. For our own driver only."""
        self._plug(reader).unlink()

    def plug_in(self, reader: str) -> None:
        """Put the cable back, or give the reader its power again."""
        self._plug(reader).write_bytes(b"")

    def cut_power(self, reader: str) -> None:
        """Leave the reader plugged in, and dead."""
        self._plug(reader).write_text("no power")

    def give_keys(self, reader: str, features: bytes) -> None:
        """From now on that reader is a pin pad whose driver tells of these features, by their tags; none: no more."""
        pad = self._beside(reader, ".pad")
        if features:
            pad.write_bytes(features)
        else:
            pad.unlink(missing_ok=True)

    def record(self, reader: str) -> None:
        """Begin to record all that passes between computer and reader."""
        self._beside(reader, ".record").write_bytes(b"")

    def stop_recording(self, reader: str) -> None:
        """The record is thrown away."""
        self._beside(reader, ".record").unlink(missing_ok=True)

    def recorded(self, reader: str) -> list[tuple[str, bytes]]:
        """What passed since: `T` and `t` to and from the card, `C` and `c` to and from the driver itself."""
        return list(_messages(self._beside(reader, ".record").read_bytes()))

    def _beside(self, reader: str, suffix: str) -> Path:
        plug = self._plug(reader)
        return plug.with_name(plug.name + suffix)

    def _plug(self, reader: str) -> Path:
        return plug_of(self._folder / "readers", self.ports[reader])

    def log(self) -> str:
        """What it has said so far."""
        path = self._folder / "pcscd.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _takes_clients(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise missing(f"a working private pcscd: {self.log().strip() or self._process.returncode}")
        return all(_is_listening(port) for port in self.ports.values()) and self._socket_answers()

    def _socket_answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(self.environment[SOCKET_VARIABLE]) == 0


def _messages(record: bytes) -> Iterator[tuple[str, bytes]]:
    while record:
        end = 5 + int.from_bytes(record[1:5], "big")
        yield chr(record[0]), record[5:end]
        record = record[end:]


def _is_listening(port: int) -> bool:
    """Read from the kernel's table: connecting would be inserting a card."""
    wanted = f":{port:04X} "
    return any(wanted in line and " 0A " in line for line in Path("/proc/net/tcp").read_text().splitlines())


@contextmanager
def private_pcscd(
    folder: Path, *, readers: Sequence[str], driver: Path | None = None, socket_folder: Path | None = None
) -> Iterator[PrivatePcscd]:
    """Run a service with these readers; `driver` is `VPCD` for Debian's virtual reader, else our own is compiled.

    A process finds one service in its life: libpcsclite reads its variable once. `socket_folder` is for a process
    that has it set already.
    Raises `ServiceMissing` where pcscd, gcc or mount namespaces are not to be had.
    """
    _require("pcscd", "unshare", "mount")
    folder.mkdir(parents=True, exist_ok=True)
    library = driver or compiled_reader(folder)
    ports = _configure(folder / "readers", readers, library)
    with short_folder(socket_folder) as sockets:
        service = PrivatePcscd(folder, ports, sockets)
        try:
            service.start()
            yield service
        finally:
            service.stop()


@contextmanager
def short_folder(given: Path | None) -> Iterator[Path]:
    """A folder whose path leaves room for a socket's name, of which the kernel takes 107 bytes."""
    if given is not None:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="pcscd-") as made:
        yield Path(made)


def compiled_reader(folder: Path) -> Path:
    """Our own reader driver, compiled into `folder`."""
    _require("gcc")
    library = folder / "libloopbackreader.so"
    command = ["gcc", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-O2", "-fPIC", "-shared"]
    subprocess.run(
        [*command, "-o", str(library), str(SOURCE), "-I/usr/include/PCSC", "-lpthread"], check=True, timeout=60
    )
    return library


def _configure(folder: Path, readers: Sequence[str], library: Path) -> dict[str, int]:
    """Write reader.conf; returns the port of each reader under the name PC/SC will give it."""
    folder.mkdir(exist_ok=True)
    ports = free_ports(len(readers))
    for port in ports:
        plug_of(folder, port).write_bytes(b"")

    def device(port: int) -> Path:
        """Debian's driver takes any other file for the name of a host."""
        return Path("/dev/null") if library == VPCD else plug_of(folder, port)

    (folder / "readers.conf").write_text(
        "\n".join(
            f'FRIENDLYNAME "{name}"\nDEVICENAME {device(port)}:{port}\nLIBPATH {library}\nCHANNELID {port}\n'
            for name, port in zip(readers, ports, strict=True)
        )
    )
    return dict(zip(readers, ports, strict=True))


def plug_of(folder: Path, port: int) -> Path:
    """The file that stands for the cable of the reader at that port; not a name that pcscd takes for a setting."""
    return folder / f".plug-{port}"


def _require(*programs: str) -> None:
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    for program in programs:
        if shutil.which(program, path=path) is None:
            raise missing(program)
