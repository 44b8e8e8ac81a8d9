"""A loaded PKCS#11 module, its one thread, and the tokens in its slots."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from hardware.errors import CardHangs, ModuleFault, NoCard, TokenMismatch
from hardware.lane import Lane
from hardware.pkcs11_errors import module_errors

if TYPE_CHECKING:
    from pkcs11 import Token
    from pkcs11._pkcs11 import lib as Library

T = TypeVar("T")
CALL_LIMIT_S = 240.0
"""A key pair takes a slow card half a minute; a pin pad waits that long for an entry, and may ask several times."""
OPENSC_CONFIGURATION = Path(__file__).with_name("opensc.conf")


@cache
def pkcs11_lane(path: Path) -> Lane:
    """The one thread that may call this module: the binding loads it without locking, yet lets other threads run.

    Each module has its own, so that one that hangs does not hold up another.
    """
    return Lane(f"PKCS#11 {path.name}")


class Pkcs11Module:
    """A module in use. All methods but `run` belong to its thread; what they return must not leave it."""

    _users: dict[Path, int] = {}  # shared on purpose: a process has one module of a path
    _users_lock = threading.Lock()

    def __init__(self, path: Path) -> None:
        """Load it. Raises `ModuleFault`."""
        self._path = path
        with self._users_lock:
            self._users[path] = self._users.get(path, 0) + 1
        try:
            self._library = self.run(self._load)
        except BaseException:
            self._leave()
            raise

    @property
    def path(self) -> Path:
        """Where it was loaded from."""
        return self._path

    @property
    def is_opensc(self) -> bool:
        """OpenSC: unblocks with the PUK of the card instead of a security officer's PIN."""
        return "OpenSC" in self._library.manufacturer_id

    def run(self, call: Callable[[], T], limit_s: float = CALL_LIMIT_S) -> T:
        """Run a call in the module's thread, with our errors. Raises `CardHangs` when the module does not come back."""
        try:
            return pkcs11_lane(self._path).run(lambda: _with_our_errors(call), limit_s)
        except TimeoutError:
            raise CardHangs(limit_s) from None

    def token(self, label: str, serial: str) -> Token:
        """The token with that label or, with no label, that serial. Raises `NoCard`, `TokenMismatch`.

        Tokens that came while the module was loaded may only be seen after it starts anew.
        """
        for attempt in (self._tokens, self._tokens_anew):
            tokens = list(attempt())
            for token in tokens:
                if (token.label == label) if label else (_text(token.serial) == serial):
                    return token
        raise TokenMismatch if tokens else NoCard

    def restart(self) -> None:
        """Start the module anew: the only way to be rid of a session that a refused login left open."""
        self._library.reinitialize()

    def close(self) -> None:
        """Finalise it when nobody else uses it, so that it lets go of the reader."""
        if self._leave() == 0:
            self.run(self._library.finalize)

    def _load(self) -> Library:
        import pkcs11

        if "opensc" in self._path.name:
            os.environ.setdefault("OPENSC_CONF", str(OPENSC_CONFIGURATION))
        try:
            return pkcs11.lib(str(self._path))
        except RuntimeError as error:
            # Also what the binding raises when the file is missing or is no module; its words hold only the path.
            raise ModuleFault(f"not loaded: {error}") from None

    def _leave(self) -> int:
        with self._users_lock:
            self._users[self._path] -= 1
            return self._users[self._path]

    def _tokens(self) -> Iterator[Token]:
        """The readable tokens; a slot with a blank or foreign card must not hide the others."""
        import pkcs11

        for slot in self._library.get_slots(token_present=True):
            try:
                yield slot.get_token()
            except pkcs11.PKCS11Error:
                continue

    def _tokens_anew(self) -> Iterator[Token]:
        self.restart()
        return self._tokens()


def _with_our_errors(call: Callable[[], T]) -> T:
    with module_errors():
        return call()


def _text(value: bytes | str) -> str:
    return value.decode("utf-8", "replace").strip("\0 ") if isinstance(value, bytes) else value.strip("\0 ")
