"""The authority of this machine, put together from the settings: its key, its register, its permit, its lists.

The key is software (TEST, made on first use) or in a token (made by `kiosk authority init`); a token's module runs in
a process of its own, which also asks for its PIN.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509

from data.authority_register import AuthorityRegister
from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.ceremony import TokenKeyPair
from kiosk.ca.interface import AuthorityUnusable
from kiosk.ca.local import LocalAuthority
from kiosk.ca.permit import Fence, Permit
from kiosk.ca.root import load_or_create
from kiosk.ca.status_service import StatusService
from kiosk.ca.token_folder import load_chain, load_token_authority, token_place
from kiosk.config import Config

if TYPE_CHECKING:
    from hardware.signing_process import SigningProcess

FOLDER = "test-authority"
REVOCATION_LIST = "citizens.crl"
PERMIT = "permit.json"


class Token:
    """A token in its process, with the errors of an authority."""

    def __init__(self, process: SigningProcess) -> None:
        self._process = process

    def labels(self) -> Sequence[str]:
        """The labels of its key pairs."""
        with _token_errors():
            return [pair.label for pair in self._process.key_pairs()]

    def make_key(self, label: str, bits: int) -> TokenKeyPair:
        """Make a key pair."""
        with _token_errors():
            made = self._process.make_key(label, bits)
        return TokenKeyPair(made.key_id, made.public_key)

    def sign_digest(self, key_id: bytes, digest: bytes) -> bytes:
        """Sign."""
        with _token_errors():
            return self._process.sign_digest(key_id, digest)

    def close(self) -> None:
        """Log out and end the process."""
        self._process.close()


@contextmanager
def _token_errors() -> Iterator[None]:
    from hardware.errors import HardwareError

    try:
        yield
    except HardwareError as error:
        raise AuthorityUnusable(f"token: {str(error) or type(error).__name__} ({error.code})") from error


def open_token(module: Path, label: str, pin_fd: int | None) -> Token:
    """Ask for the PIN, at the terminal or at that descriptor, and log in. Raises `HardwareError`."""
    from hardware.signing_process import SigningProcess

    return Token(SigningProcess(module, label, pin_fd))


def open_key(folder: Path, now: datetime, pin_fd: int | None = None) -> AuthorityKey:
    """The key of the authority in `folder`; of one with software keys, which is made if there is none.

    Raises `AuthorityUnusable`, and `HardwareError` when the token does not open.
    """
    place = token_place(folder)
    if place is None:
        return load_or_create(folder, now)
    return _checked(load_token_authority(folder, place, open_token(place.module, place.label, pin_fd)), now)


def _checked(key: AuthorityKey, now: datetime) -> AuthorityKey:
    key.check(now)
    return key


@contextmanager
def opened_key(folder: Path, now: datetime, pin_fd: int | None) -> Iterator[AuthorityKey]:
    """The key of an authority that has been made; a token is left when the block ends.

    Raises `AuthorityUnusable`, and `HardwareError` when the token does not open.
    """
    if not folder.is_dir():
        raise AuthorityUnusable("no authority on this machine yet; make one with: kiosk authority init")
    place = token_place(folder)
    if place is None:
        yield load_or_create(folder, now)
        return
    token = open_token(place.module, place.label, pin_fd)
    try:
        yield _checked(load_token_authority(folder, place, token), now)
    finally:
        token.close()


def certificates(folder: Path) -> tuple[x509.Certificate, x509.Certificate]:
    """Issuing CA and root of the authority in `folder`; its key is not needed. Raises `AuthorityUnusable`."""
    if not folder.is_dir():
        raise AuthorityUnusable("no authority on this machine yet; make one with: kiosk authority init")
    return load_chain(folder)


def build_authority(
    config: Config, register: AuthorityRegister, key: AuthorityKey, clock: Callable[[], datetime]
) -> LocalAuthority:
    """The authority behind its contract, with the practice of the settings."""
    key = replace(key, practice=config.practice)
    return LocalAuthority(
        register, key, clock, permitted=fence(config, key.issuing), status=status_service(config, register, key, clock)
    )


def status_service(
    config: Config, register: AuthorityRegister, key: AuthorityKey, clock: Callable[[], datetime]
) -> StatusService:
    """The side of it that suspends, reactivates, revokes and publishes."""
    return StatusService(register, key, clock, config.folder / REVOCATION_LIST)


def fence(config: Config, issuing: x509.Certificate) -> Callable[[datetime], Permit] | None:
    """The permit that is asked for before each new order; `None` for a TEST authority with software keys without one.

    An authority in a token is always fenced; until the settings name the centre's key, it is off.
    """
    settings = config.local_authority
    if token_place(config.folder / FOLDER) is None and not settings.permit_key_sha256:
        return None
    return Fence(
        file=settings.permit or config.folder / PERMIT,
        key_sha256=settings.permit_key_sha256,
        authority=issuing,
    )
