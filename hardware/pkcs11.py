"""A key store behind any PKCS#11 module."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from hardware import pkcs11_leftovers as leftovers
from hardware import pkcs11_objects as objects
from hardware import pkcs11_pad as pad
from hardware.errors import (
    CardRemoved,
    HardwareError,
    ModuleFault,
    NoCard,
    NotUnlocked,
    PinBlocked,
    PinEntryCancelled,
    UnblockRefused,
    Unsupported,
    WrongPin,
)
from hardware.interface import (
    Feature,
    KeyPair,
    KeyPurpose,
    Leftover,
    PinState,
    PinStatus,
    StoredCertificate,
    TokenInfo,
    UnblockChallenge,
    UnblockMethod,
)
from hardware.pin import Pin, ProtectedPath
from hardware.pkcs11_module import Pkcs11Module

if TYPE_CHECKING:
    from pkcs11 import Session, Token

T = TypeVar("T")


class Code:
    """An unblocking code as the binding wants it: something to call `encode` on, without a `str`."""

    def __init__(self, value: bytes) -> None:
        self._value = value

    def encode(self, encoding: str = "utf-8") -> bytes:
        """The code as it is."""
        del encoding
        return self._value


class BadLength(Exception):
    """The reader did not take a PIN of that length; the card has not seen it."""


class Pkcs11KeyStore:
    """`KeyStore` over a module: the token with that label or, with no label, that serial.

    PKCS#11 has no count of tries left, only «final try» and «locked»; SoftHSM tells neither and never locks. Every call
    runs in the one PKCS#11 thread. Raises `ModuleFault`, `NoCard`, `TokenMismatch` when it is opened.
    """

    def __init__(self, module: Path, *, label: str = "", serial: str = "") -> None:
        self._module = Pkcs11Module(module)
        self._label = label
        self._serial = serial
        self._session: Session | None = None
        self._is_unlocked = False
        try:
            self._module.run(self._token)
        except BaseException:
            self._module.close()
            raise

    # --- the token ----------------------------------------------------------------------------------------------------

    def token(self) -> TokenInfo:
        """What the token says of itself; features come from its flags and mechanisms."""
        return self._run(self._describe)

    def pin_status(self) -> PinStatus:
        """What the flags tell: blocked, final try, or nothing."""
        return self._run(self._pin_status)

    def close(self) -> None:
        """End the session and let go of the module."""
        self._module.run(self._end_session)
        self._module.close()

    # --- the PIN ------------------------------------------------------------------------------------------------------

    def verify_pin(self, pin: Pin | ProtectedPath) -> None:
        """Log in. Raises `WrongPin`, `PinBlocked`, and `PinEntryCancelled` for a right one too late."""
        if isinstance(pin, Pin):
            self._run(partial(self._log_in, pin))
            return
        pin.by_module(lambda: self._run(self._log_in_on_pad))
        if pin.is_cancelled:
            self.lock()
            raise PinEntryCancelled

    def lock(self) -> None:
        """Log out."""
        self._run(self._end_session)

    def change_pin(self, old: Pin | ProtectedPath, new: Pin | ProtectedPath) -> None:
        """Set the new PIN under the old one; nobody is logged in afterwards.

        On a pin pad OpenSC asks for the old one twice: with nobody logged in it takes it for the unblocking code.
        """
        if isinstance(old, ProtectedPath) and isinstance(new, ProtectedPath):
            if self._module.is_opensc:
                self.verify_pin(old)
            try:
                new.by_module(lambda: self._run(self._change_pin_on_pad))
            finally:
                self.lock()
        elif isinstance(old, ProtectedPath) or isinstance(new, ProtectedPath):
            raise Unsupported("protected path for one PIN of two")
        else:
            self._run(partial(self._change_pin, old, new))

    def unblock_challenge(self) -> UnblockChallenge:
        """No challenge: the answer is the card's PUK, or the security officer's PIN."""
        method = UnblockMethod.PUK if self._module.is_opensc else UnblockMethod.SECURITY_OFFICER
        return UnblockChallenge(method=method, token_serial=self.token().serial)

    def unblock(self, response: bytes, new: Pin | ProtectedPath) -> None:
        """Set a new PIN with that code. Raises `UnblockRefused`.

        No module takes the code from us and the new PIN from the reader: on a pin pad this is `Unsupported`.
        """
        if not isinstance(new, Pin):
            raise Unsupported("unblocking on a pin pad through PKCS#11")
        try:
            self._run(partial(self._unblock, Code(response), new))
        except WrongPin:
            raise UnblockRefused(None) from None
        except PinBlocked:
            raise UnblockRefused(0) from None

    # --- keys and certificates ----------------------------------------------------------------------------------------

    def key_pairs(self) -> tuple[KeyPair, ...]:
        """The RSA key pairs."""
        return self._run(lambda: objects.key_pairs(self._public()))

    def certificates(self) -> tuple[StoredCertificate, ...]:
        """The certificates."""
        return self._run(lambda: objects.certificates(self._public()))

    def generate_key_pair(self, purpose: KeyPurpose) -> KeyPair:
        """Make an RSA-2048 key pair on the token."""
        return self._run(lambda: objects.generate(self._private(), purpose))

    def sign(self, key_id: bytes, data: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256 over `data`."""
        return self._run(
            lambda: objects.sign(self._private(), key_id, data, hashes_itself=self._can("SHA256_RSA_PKCS"))
        )

    def write_certificate(self, key_id: bytes, certificate: bytes) -> None:
        """Store a certificate; the old one goes when the new one stands."""
        self._run(lambda: objects.write_certificate(self._private(), key_id, certificate))

    def read_certificate(self, key_id: bytes) -> bytes | None:
        """The certificate of a key pair."""
        return next((stored.certificate for stored in self.certificates() if stored.key_id == key_id), None)

    def delete_certificate(self, key_id: bytes) -> None:
        """Remove a certificate."""
        from pkcs11 import ObjectClass

        self._run(lambda: objects.destroy(self._private(), key_id, ObjectClass.CERTIFICATE))

    def delete_key_pair(self, key_id: bytes) -> None:
        """Remove both halves of a key pair, the private one first."""
        from pkcs11 import ObjectClass

        self._run(lambda: objects.destroy(self._private(), key_id, ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY))

    def leftovers(self) -> tuple[Leftover, ...]:
        """Objects that belong to nothing; private keys are only seen after the PIN."""
        return self._run(lambda: tuple(one for one, _ in leftovers.found(self._public())))

    def remove_leftovers(self, chosen: tuple[Leftover, ...]) -> None:
        """Remove those of `chosen` that still are leftovers."""
        self._run(lambda: leftovers.remove(self._private(), chosen))

    # --- in the PKCS#11 thread ----------------------------------------------------------------------------------------

    def _run(self, call: Callable[[], T]) -> T:
        try:
            return self._module.run(call)
        except (CardRemoved, NoCard, ModuleFault) as error:
            self._module.run(self._forget_session)
            if isinstance(error, NoCard) or (isinstance(error, ModuleFault) and self._is_gone()):
                raise CardRemoved from None
            raise

    def _is_gone(self) -> bool:
        """Modules name a card that left in many ways; what counts is whether it is still there."""
        try:
            self._module.run(self._token)
        except HardwareError:
            return True
        return False

    def _token(self) -> Token:
        """The token afresh: flags are a snapshot of the moment it was asked for."""
        return self._module.token(self._label, self._serial)

    def _can(self, mechanism: str) -> bool:
        from pkcs11 import Mechanism

        return Mechanism[mechanism] in self._token().slot.get_mechanisms()

    def _describe(self) -> TokenInfo:
        token = self._token()
        asks_often = self._module.is_opensc and pad.has_pad(token)
        return TokenInfo(
            label=token.label,
            serial=_text(token.serial),
            model=_text(token.model),
            features=self._features(token),
            pin_entries=pad.OPENSC_ENTRIES if asks_often else 1,
            renewal_pin_entries=pad.OPENSC_RENEWAL_ENTRIES if asks_often else 1,
        )

    def _features(self, token: Token) -> frozenset[Feature]:
        from pkcs11 import TokenFlag

        features = set()
        if not token.flags & TokenFlag.WRITE_PROTECTED:
            features |= {Feature.WRITE_CERTIFICATE, Feature.DELETE, Feature.CHANGE_PIN, Feature.UNBLOCK}
            if self._can("RSA_PKCS_KEY_PAIR_GEN"):
                features.add(Feature.GENERATE)
        if pad.has_pad(token):
            features.add(Feature.PROTECTED_PATH)
        return frozenset(features)

    def _pin_status(self) -> PinStatus:
        from pkcs11 import TokenFlag

        flags = self._token().flags
        if flags & TokenFlag.USER_PIN_LOCKED:
            return PinStatus(tries_left=0, is_blocked=True)
        is_final = bool(flags & TokenFlag.USER_PIN_FINAL_TRY)
        return PinStatus(tries_left=1 if is_final else None, is_final_try=is_final)

    def _log_in(self, pin: Pin) -> None:
        self._end_session()
        self._session = self._open(self._token(), user_pin=pin)
        self._is_unlocked = True

    def _log_in_on_pad(self) -> PinState | None:
        import pkcs11

        self._end_session()
        token = self._token()
        pad.require_pad(token)
        try:
            self._session = self._open(token, user_pin=pkcs11.PROTECTED_AUTH)
        except BadLength:
            return PinState.TOO_SHORT
        self._is_unlocked = True
        return None

    def _open(self, token: Token, **secret: Any) -> Session:
        """Open a session that can write. A refused login leaves its session open behind our back: start anew."""
        import pkcs11

        try:
            return token.open(rw=not token.flags & pkcs11.TokenFlag.WRITE_PROTECTED, **secret)
        except (pkcs11.PinIncorrect, pkcs11.PinLenRange, pkcs11.PinInvalid) as error:
            self._module.restart()
            if isinstance(error, pkcs11.PinLenRange) and secret.get("user_pin") is pkcs11.PROTECTED_AUTH:
                raise BadLength from None
            raise self._wrong_pin(is_user="user_pin" in secret) from None
        except pkcs11.PKCS11Error:
            self._module.restart()
            raise

    def _wrong_pin(self, *, is_user: bool) -> WrongPin | PinBlocked:
        status = self._pin_status() if is_user else PinStatus(tries_left=None)
        return PinBlocked() if status.is_blocked else WrongPin(status.tries_left)

    def _change_pin(self, old: Pin, new: Pin) -> None:
        self._log_in(old)
        try:
            self._set_pin(self._private(), old, new)
        finally:
            self._end_session()

    def _change_pin_on_pad(self) -> PinState | None:
        pad.require_pad(self._token())
        try:
            return pad.set_pin(self._module.path, self._public())
        except WrongPin:
            raise self._wrong_pin(is_user=True) from None

    def _unblock(self, code: Code, new: Pin) -> None:
        self._end_session()
        if self._module.is_opensc:
            session = self._open(self._token())
            try:
                self._set_pin(session, code, new)
            finally:
                self._close(session)
            return
        session = self._open(self._token(), so_pin=code)
        try:
            officer: Any = session
            officer.init_pin(new)
        finally:
            self._close(session)

    def _set_pin(self, session: Session, old: Pin | Code, new: Pin) -> None:
        holder: Any = session  # typed for `str`, which a PIN must never be; the binding only calls `encode`
        holder.set_pin(old, new)

    def _public(self) -> Session:
        if self._session is None:
            self._session = self._open(self._token())
        return self._session

    def _private(self) -> Session:
        if self._session is None or not self._is_unlocked:
            raise NotUnlocked
        return self._session

    def _end_session(self) -> None:
        session, self._session, self._is_unlocked = self._session, None, False
        if session is not None:
            self._close(session)

    def _forget_session(self) -> None:
        self._session, self._is_unlocked = None, False

    def _close(self, session: Session) -> None:
        """Close it. After the card has left, closing fails halfway and the session would stay: start anew."""
        import pkcs11

        try:
            session.close()
        except pkcs11.PKCS11Error:
            self._module.restart()


def _text(value: bytes | str) -> str:
    return value.decode("utf-8", "replace").strip("\0 ") if isinstance(value, bytes) else value.strip("\0 ")
