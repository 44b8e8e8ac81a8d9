"""The Unix socket between device host and citizen's terminal: made for one user, and each end looks who the other is.

A sequenced-packet socket (unix(7)): one packet is one frame, and a frame comes whole or not at all.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import socket
import stat
import struct
from contextlib import suppress
from pathlib import Path

from hardware.citizen_faults import CitizenTerminalFault

CREDENTIALS = struct.Struct("iII")
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
SEND_LIMIT_S = 2.0
"""How long a peer may leave a frame unread before it counts as stuck; a frame takes microseconds."""
REASONS = {
    errno.ENOENT: CitizenTerminalFault.NO_FOLDER,
    errno.ENOTDIR: CitizenTerminalFault.NO_FOLDER,
    errno.EACCES: CitizenTerminalFault.NO_PERMISSION,
    errno.EPERM: CitizenTerminalFault.NO_PERMISSION,
    errno.EROFS: CitizenTerminalFault.NO_PERMISSION,
    errno.EADDRINUSE: CitizenTerminalFault.IN_USE,
    errno.EWOULDBLOCK: CitizenTerminalFault.IN_USE,
}


class Listener:
    """Listens on `path` with mode 0600 until it is closed; the file of a host that has ended is replaced.

    Raises `PinEntryFault` with the text of a `CitizenTerminalFault`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held = -1
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)
        try:
            self._listen()
        except OSError as error:
            self.close()
            # «path too long» comes without a number.
            raise REASONS.get(error.errno or 0, CitizenTerminalFault.BAD_PATH).error() from None
        except BaseException:  # the lock and the socket's file are not left behind
            self.close()
            raise

    def fileno(self) -> int:
        """The descriptor that turns readable when somebody knocks."""
        return self._socket.fileno()

    def accept(self) -> socket.socket:
        """Who has knocked; look at `is_ours` before anything else. Raises `OSError`."""
        peer, _ = self._socket.accept()
        peer.settimeout(SEND_LIMIT_S)
        return peer

    def close(self) -> None:
        """Stop listening; the file goes, if it was ours."""
        if self._held >= 0:
            with suppress(FileNotFoundError):  # an administrator may have tidied up
                os.unlink(self._path)
            os.close(self._held)
            self._held = -1
        self._socket.close()

    def _listen(self) -> None:
        require_own_folder(self._path.parent)
        held = _only_holder(self._path)
        try:
            _remove_stale(self._path)
            # Before the name exists: with a later chmod there would be a moment in which anybody could connect.
            os.fchmod(self._socket.fileno(), 0o600)
            self._socket.bind(str(self._path))
        except BaseException:
            os.close(held)
            raise
        self._held = held
        self._socket.listen(4)


def connect(path: Path) -> socket.socket:
    """Connect to the device host. Raises `OSError` while there is none, `PinEntryFault` for an open folder."""
    require_own_folder(path.parent)
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)
    try:
        peer.settimeout(SEND_LIMIT_S)
        peer.connect(str(path))
        if not is_ours(peer):
            raise PermissionError(errno.EPERM, f"the socket is served by user {user_of(peer)}")
    except BaseException:
        peer.close()
        raise
    return peer


def is_readable(peer: socket.socket) -> bool:
    """Whether the peer has said something, or has closed."""
    poll = select.poll()
    poll.register(peer, select.POLLIN)
    return bool(poll.poll(0))


def user_of(peer: socket.socket) -> int:
    """The user id of the process at the other end, as the kernel knows it (SO_PEERCRED, unix(7))."""
    _, user, _ = CREDENTIALS.unpack(peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size))
    return int(user)


def is_ours(peer: socket.socket) -> bool:
    """Whether the other end runs as our own user, or as root."""
    return user_of(peer) in (0, os.geteuid())


def require_own_folder(folder: Path) -> None:
    """Raise `PinEntryFault` unless only its owner may write to the folder, and that is us or root."""
    try:
        found = folder.stat()
    except OSError as error:
        raise REASONS.get(error.errno or 0, CitizenTerminalFault.BAD_PATH).error() from None
    if found.st_mode & OTHERS_WRITE or found.st_uid not in (0, os.geteuid()):
        raise CitizenTerminalFault.FOLDER_IS_OPEN.error()


def _only_holder(path: Path) -> int:
    """A descriptor whose lock lasts as long as this process: it tells a living host from the file of a dead one."""
    held = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(held)
        raise
    return held


def _remove_stale(path: Path) -> None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise CitizenTerminalFault.NOT_A_SOCKET.error()
    if _is_served(path):
        raise CitizenTerminalFault.IN_USE.error()
    path.unlink()


def _is_served(path: Path) -> bool:
    """Whether somebody listens there who does not know of our lock."""
    for kind in (socket.SOCK_SEQPACKET, socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_UNIX, kind | socket.SOCK_CLOEXEC) as probe:
            try:
                probe.connect(str(path))
            except OSError as error:
                if error.errno in (errno.ECONNREFUSED, errno.EPROTOTYPE, errno.ENOENT):
                    continue
                raise
            return True
    return False
