"""One citizen's chip: identity data joined with a key store, and the PIN's road between citizen and card."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import Protocol

from hardware.card_slot import CardConnection
from hardware.errors import CardSwapped, NoPinDevice, PinBlocked, PinError, TokenMismatch, Unsupported
from hardware.interface import (
    Chip,
    Feature,
    Identity,
    KeyPair,
    KeyPurpose,
    Leftover,
    PinMethod,
    PinObserver,
    PinPolicy,
    PinPrompt,
    PinRequest,
    PinState,
    PinStatus,
    StoredCertificate,
    TokenInfo,
    UnblockChallenge,
    UnverifiedIdentity,
)
from hardware.key_store import KeyStore
from hardware.new_pin import Weakness, collect_new_pin, held
from hardware.pin import Pin, ProtectedPath
from hardware.pin_entry import PinEntry
from hardware.pinpad import ChipPinPad
from hardware.weak_pins import GuessableNumbers, weakness

OBSERVED_ONLY = frozenset({Feature.GENERATE, Feature.WRITE_CERTIFICATE, Feature.DELETE, Feature.UNBLOCK})
"""What CardEdge does by commands nobody has published: refused on a real card unless the settings allow it."""


class IdentityReader(Protocol):
    """Reads the data applet; every call goes to the card."""

    def unverified(self) -> UnverifiedIdentity: ...

    def identity(self) -> Identity: ...

    def portrait(self) -> bytes: ...


class KeyStoreOpener(Protocol):
    """Opens the key store that belongs to an identity, and knows what this desk allows with it."""

    def open(self, identity: Identity) -> KeyStore: ...

    def accepts_label(self, identity: Identity, label: str) -> bool:
        """Whether a token of that label may stand beside this card although its serial is another."""

    def is_training(self, identity: Identity) -> bool:
        """Whether it is a card for training, whose PIN may be typed on the clerk's keyboard."""

    def forbidden(self, identity: Identity) -> frozenset[Feature]:
        """Features that must not be used on this card."""

    def shares_reader(self) -> bool:
        """Whether another library talks to the same card, so that holding it exclusively would lock that one out."""


def same_card(chip: Chip, document_number: str) -> None:
    """Raise `CardSwapped` unless the chip belongs to that document."""
    if chip.identity().document.document_number != document_number:
        raise CardSwapped


class MeteredTransmit:
    """Counts the commands that go to a card."""

    def __init__(self, transmit: Callable[[bytes | bytearray], bytes]) -> None:
        self._transmit = transmit
        self.count = 0

    def __call__(self, command: bytes | bytearray) -> bytes:
        self.count += 1
        return self._transmit(command)


class IdCard:
    """`Chip` over one connection: the document is read once, the key store is opened when first needed."""

    def __init__(
        self,
        connection: CardConnection,
        meter: MeteredTransmit,
        reader: IdentityReader,
        opener: KeyStoreOpener,
        pin_entry: PinEntry,
    ) -> None:
        self._connection = connection
        self._meter = meter
        self._reader = reader
        self._opener = opener
        self._pin_entry = pin_entry
        self._identity: Identity | None = None
        self._store: KeyStore | None = None

    # --- the document -------------------------------------------------------------------------------------------------

    def unverified(self) -> UnverifiedIdentity:
        """Document, holder and residence, before any signature was looked at."""
        with self._connection.transaction():
            return self._reader.unverified()

    def identity(self) -> Identity:
        """Document, holder and residence; read once, since the connection ends with the card."""
        if self._identity is None:
            with self._connection.transaction():
                self._identity = self._reader.identity()
        return self._identity

    def portrait(self) -> bytes:
        """The portrait, JPEG."""
        with self._connection.transaction():
            return self._reader.portrait()

    # --- the key store ------------------------------------------------------------------------------------------------

    def token(self) -> TokenInfo:
        """What the key store is, without what this desk must not do. Raises `TokenMismatch`."""
        info = self._keys().token()
        if isinstance(self._pin_entry, ChipPinPad):
            info = self._pin_entry.describe(info, by_module=self._opener.shares_reader())
        else:
            info = replace(info, pin_entries=1, renewal_pin_entries=1)
        return replace(info, features=info.features - self._opener.forbidden(self.identity()))

    def pin_status(self) -> PinStatus:
        """Tries left; costs none."""
        return self._keys().pin_status()

    def key_pairs(self) -> tuple[KeyPair, ...]:
        """The key pairs on the chip."""
        return self._keys().key_pairs()

    def certificates(self) -> tuple[StoredCertificate, ...]:
        """The certificates on the chip."""
        return self._keys().certificates()

    def generate_key_pair(self, purpose: KeyPurpose) -> KeyPair:
        """Make a key pair beside those that are there."""
        return self._allowed(Feature.GENERATE).generate_key_pair(purpose)

    def sign(self, key_id: bytes, data: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256 over `data`."""
        return self._keys().sign(key_id, data)

    def write_certificate(self, key_id: bytes, certificate: bytes) -> None:
        """Store a certificate for that key pair."""
        self._allowed(Feature.WRITE_CERTIFICATE).write_certificate(key_id, certificate)

    def read_certificate(self, key_id: bytes) -> bytes | None:
        """Read the certificate of that key pair back from the chip."""
        return self._keys().read_certificate(key_id)

    def delete_certificate(self, key_id: bytes) -> None:
        """Remove a certificate; no error if there is none."""
        self._allowed(Feature.DELETE).delete_certificate(key_id)

    def delete_key_pair(self, key_id: bytes) -> None:
        """Remove a key pair; no error if there is none."""
        self._allowed(Feature.DELETE).delete_key_pair(key_id)

    def leftovers(self) -> tuple[Leftover, ...]:
        """What lies on the chip and belongs to nothing."""
        return self._keys().leftovers()

    def remove_leftovers(self, chosen: tuple[Leftover, ...]) -> None:
        """Remove those of `chosen` that still are leftovers."""
        self._allowed(Feature.DELETE).remove_leftovers(chosen)

    # --- the PIN ------------------------------------------------------------------------------------------------------

    def unlock(self, observer: PinObserver, policy: PinPolicy) -> None:
        """Collect the PIN and present it once. A blocked PIN is told before the citizen types anything."""
        keys, prompt = self._unblocked_keys()
        with (
            self._shown(observer) as tell,
            held(self._pin_entry.collect(prompt, policy, observer)) as pin,
            self._checking(pin, tell),
        ):
            keys.verify_pin(pin)

    def lock(self) -> None:
        """End the PIN session on the chip."""
        self._keys().lock()

    def change_pin(self, observer: PinObserver, policy: PinPolicy) -> None:
        """Collect the old PIN, then the new one twice, and change it."""
        keys, prompt = self._unblocked_keys()
        with (
            self._shown(observer) as tell,
            held(self._pin_entry.collect(prompt, policy, observer)) as old,
            held(collect_new_pin(self._pin_entry, policy, observer, self._weakness(old))) as new,
            self._checking(old, tell),
        ):
            keys.change_pin(old, new)

    def unblock_challenge(self) -> UnblockChallenge:
        """What the key service must answer."""
        keys, document = self._allowed(Feature.UNBLOCK), self.identity().document
        return replace(keys.unblock_challenge(), document_number=document.document_number)

    def unblock(self, response: bytes, observer: PinObserver, policy: PinPolicy) -> None:
        """Collect a new PIN twice, answer the challenge, set the PIN."""
        self._require_own_device()
        keys = self._allowed(Feature.UNBLOCK)
        rules = self._weakness()
        with (
            self._shown(observer) as tell,
            held(collect_new_pin(self._pin_entry, policy, observer, rules)) as new,
            self._checking(new, tell),
        ):
            keys.unblock(response, new)

    def _weakness(self, old: Pin | ProtectedPath | None = None) -> Weakness:
        known = GuessableNumbers.of(self.identity())
        return lambda new: weakness(new, known, old)

    @contextmanager
    def _checking(self, pin: Pin | ProtectedPath, tell: Callable[[PinState], None]) -> Iterator[None]:
        """The card's turn; on a pin pad the citizen's, while no other program may select another applet."""
        if isinstance(pin, Pin):
            tell(PinState.CHECKING)
        with self.transaction():
            yield

    @contextmanager
    def _shown(self, observer: PinObserver) -> Iterator[Callable[[PinState], None]]:
        """Tell screens and the citizen's own display how it goes, and at the end how it went."""

        def tell(state: PinState) -> None:
            observer.pin_state(state)
            self._pin_entry.show(state)

        try:
            yield tell
        except PinError as error:
            self._pin_entry.show(error)
            raise
        tell(PinState.ACCEPTED)

    # --- the connection -----------------------------------------------------------------------------------------------

    def apdu_count(self) -> int:
        """Commands this chip object sent; a PKCS#11 module does not tell its own."""
        return self._meter.count

    def transaction(self) -> AbstractContextManager[None]:
        """Hold the card exclusively, unless a PKCS#11 module needs it too: it takes its own transactions."""
        return nullcontext() if self._opener.shares_reader() else self._connection.transaction()

    def close(self) -> None:
        """Let go of key store and card."""
        try:
            if self._store is not None:
                self._store.close()
        finally:
            self._connection.close()

    def _keys(self) -> KeyStore:
        """The key store, proven to belong to the document that was read."""
        if self._store is None:
            store = self._opener.open(self.identity())
            try:
                self._require_own_token(store.token())
            except BaseException:
                store.close()
                raise
            self._store = store
        return self._store

    def _require_own_token(self, info: TokenInfo) -> None:
        identity = self.identity()
        if info.serial != f"ID{identity.document.document_number}" and not self._opener.accepts_label(
            identity, info.label
        ):
            raise TokenMismatch

    def _allowed(self, feature: Feature) -> KeyStore:
        keys = self._keys()
        if feature in self._opener.forbidden(self.identity()):
            raise Unsupported(f"{feature.value} on a card that is not a training card")
        return keys

    def _require_own_device(self) -> None:
        """Only in training may a PIN be typed on the clerk's keyboard."""
        if self._pin_entry.method is PinMethod.TRAINING and not self._opener.is_training(self.identity()):
            raise NoPinDevice

    def _unblocked_keys(self) -> tuple[KeyStore, PinPrompt]:
        self._require_own_device()
        keys = self._keys()
        status = keys.pin_status()
        if status.is_blocked:
            raise PinBlocked
        return keys, PinPrompt(request=PinRequest.CURRENT, tries_left=status.tries_left)
