"""The office's HSM: holds the cards' admin keys behind a PKCS#11 module and answers challenges with them.

The key of a card is found by its label alone, which the settings make from the card's token serial. How the ministry
diversifies admin keys is not published, so no key is ever derived here; one that is not in the HSM is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from hardware.errors import (
    CardError,
    CardHangs,
    CardRemoved,
    HsmFault,
    HsmHangs,
    HsmLocked,
    HsmPinBlocked,
    HsmPinWrong,
    ModuleFault,
    NoAdminKey,
    NoCard,
    NoKeyService,
    NotUnlocked,
    PinBlocked,
    TokenMismatch,
    WrongPin,
)
from hardware.interface import UnblockChallenge, UnblockMethod
from hardware.pin import Pin
from hardware.pkcs11_module import Pkcs11Module

if TYPE_CHECKING:
    from pkcs11 import SecretKey, Session

T = TypeVar("T")
CALL_LIMIT_S = 30.0
RESPONSE_LENGTH = 8


class Hsm:
    """One token of one module, and the operator's session in it. Not for several threads at once."""

    def __init__(self, module: Path | None, token_label: str, key_label: str) -> None:
        self._path = module
        self._token_label = token_label
        self._key_label = key_label
        self._module: Pkcs11Module | None = None
        self._session: Session | None = None

    def log_in(self, pin: Pin) -> None:
        """Open the session. Raises `HsmPinWrong`, `HsmPinBlocked`, `HsmFault`, `HsmHangs`."""
        self.log_out()
        with _hsm_errors():
            self._module = Pkcs11Module(self._configured())
            self._session = self._run(partial(self._open, pin))

    def answer(self, challenge: UnblockChallenge) -> bytes:
        """3DES-ECB of the challenge under the card's key. Raises `HsmLocked`, `NoAdminKey`, `HsmFault`, `HsmHangs`."""
        if challenge.method is not UnblockMethod.CHALLENGE_RESPONSE:
            raise NoKeyService(f"an HSM answers a challenge, and this token wants a code: {challenge.method.value}")
        session = self._session
        if session is None:
            raise HsmLocked
        try:
            with _hsm_errors():
                return self._run(partial(self._encrypt, session, challenge))
        except (HsmLocked, HsmFault, HsmHangs):
            # Whatever happened to it, the operator's PIN opens the next session.
            self._session = None
            raise

    def log_out(self) -> None:
        """Close the session and let go of the module; nothing happens when nobody is logged in."""
        module, self._module = self._module, None
        session, self._session = self._session, None
        if module is None:
            return
        with _hsm_errors():
            try:
                if session is not None:
                    module.run(partial(_close, module, session), CALL_LIMIT_S)
            finally:
                module.close()

    def _configured(self) -> Path:
        if self._path is None or not self._token_label or not self._key_label:
            raise NoKeyService("key_service: set module, token_label and key_label")
        return self._path

    def _run(self, call: Callable[[], T]) -> T:
        assert self._module is not None  # noqa: S101  # narrows the type; a session comes from it
        return self._module.run(call, CALL_LIMIT_S)

    # --- in the module's thread ---------------------------------------------------------------------------------------

    def _open(self, pin: Pin) -> Session:
        import pkcs11

        assert self._module is not None  # noqa: S101  # narrows the type
        secret: Any = pin  # typed for `str`, which a PIN must never be; the binding only calls `encode`
        try:
            return self._module.token(self._token_label, "").open(user_pin=secret)
        except pkcs11.PKCS11Error:
            # A refused login leaves its session open behind our back.
            self._module.restart()
            raise

    def _encrypt(self, session: Session, challenge: UnblockChallenge) -> bytes:
        from pkcs11 import Mechanism

        key: Any = self._key(session, self._key_label.replace("{serial}", challenge.token_serial))
        response = bytes(key.encrypt(challenge.challenge, mechanism=Mechanism.DES3_ECB))
        if len(response) != RESPONSE_LENGTH:
            raise HsmFault(f"answered {len(response)} bytes")
        return response

    def _key(self, session: Session, label: str) -> SecretKey:
        import pkcs11

        try:
            found: Any = session.get_key(
                object_class=pkcs11.ObjectClass.SECRET_KEY, key_type=pkcs11.KeyType.DES3, label=label
            )
        except (pkcs11.NoSuchKey, pkcs11.MultipleObjectsReturned):
            raise NoAdminKey(label) from None
        key: SecretKey = found
        return key


def _close(module: Pkcs11Module, session: Session) -> None:
    import pkcs11

    try:
        session.close()
    except pkcs11.PKCS11Error:
        module.restart()


@contextmanager
def _hsm_errors() -> Iterator[None]:
    """What a module tells of a card, told of an HSM."""
    try:
        yield
    except CardHangs as error:
        raise HsmHangs(error.seconds) from None
    except WrongPin:
        raise HsmPinWrong from None
    except PinBlocked:
        raise HsmPinBlocked from None
    except (CardRemoved, NotUnlocked):
        raise HsmLocked from None
    except (NoCard, TokenMismatch):
        raise HsmFault("no token with the label in key_service.token_label") from None
    except ModuleFault as error:
        raise HsmFault(error.reason) from None
    except CardError as error:
        raise HsmFault(type(error).__name__) from None
