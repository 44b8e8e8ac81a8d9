"""A key store over the PKI applet: two key pairs and their certificates, and the PIN that guards them."""

from __future__ import annotations

from hardware.apdu import OK
from hardware.cardedge.applet import BLOCKED, EVERYBODY, PIN_LENGTH, USER, CardEdgeApplet, tries_in
from hardware.cardedge.books import Books
from hardware.cardedge.certificates import Certificates
from hardware.cardedge.layout import TOKEN_INFO, Place
from hardware.cardedge.leftovers import Leftovers
from hardware.cardedge.pairs import Found, KeyPairs
from hardware.errors import (
    CardFault,
    CardFull,
    MalformedCardData,
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
    PinStatus,
    StoredCertificate,
    TokenInfo,
    Transmit,
    UnblockChallenge,
    UnblockMethod,
)
from hardware.pin import Pin, ProtectedPath

FEATURES = frozenset({Feature.GENERATE, Feature.WRITE_CERTIFICATE, Feature.DELETE, Feature.CHANGE_PIN, Feature.UNBLOCK})
TRIES = 3
ROOM_FOR_A_PAIR = 1200
"""Bytes that a key pair and its metadata take."""


class CardEdgeKeyStore:
    """`KeyStore` by own commands over `transmit`; every method selects the applet first, since others may have left it.

    Authentication keys are exchange pairs in even containers, signature keys signature pairs in odd ones: 0 and 1 on
    an empty card, whatever is made first; the next free two beside them at a renewal. Files are written so that a cut
    at any command leaves the old certificate in force, and what it left behind is found or written over later.
    """

    def __init__(self, transmit: Transmit) -> None:
        self._applet = CardEdgeApplet(transmit)
        books = Books(self._applet)
        self._pairs = KeyPairs(self._applet, books)
        self._certificates = Certificates(self._applet, books)
        self._leftovers = Leftovers(self._applet, books, self._pairs, self._certificates)
        self._places: dict[bytes, Place] = {}

    def close(self) -> None:
        """Nothing to let go of: the connection belongs to the caller."""

    # --- the token ----------------------------------------------------------------------------------------------------

    def token(self) -> TokenInfo:
        """Label and serial (file 70F3), free memory as the applet tells it."""
        capabilities = self._applet.select()
        content = self._applet.read(TOKEN_INFO)
        if content is None or len(content) < 48:
            raise MalformedCardData(f"{TOKEN_INFO:04X}")
        try:
            label, serial = content[:32].decode("utf-8").rstrip(), content[32:48].rstrip(b"\x00 ").decode("ascii")
        except UnicodeDecodeError:
            raise MalformedCardData(f"{TOKEN_INFO:04X}") from None
        free = capabilities.free_memory if capabilities else None
        return TokenInfo(label=label, serial=serial, model="CardEdge", features=FEATURES, free_memory=free)

    # --- the PIN ------------------------------------------------------------------------------------------------------

    def pin_status(self) -> PinStatus:
        """Tries left, by a VERIFY without data; after a right PIN the card gives all of them back."""
        self._applet.select()
        status = self._applet.pin_status()
        tries = TRIES if status == OK else tries_in(status)
        if tries is None:
            raise CardFault(0x20, status)
        return PinStatus(tries_left=tries, is_final_try=tries == 1, is_blocked=tries == 0)

    def verify_pin(self, pin: Pin | ProtectedPath) -> None:
        """Present the PIN once. Raises `WrongPin`, `PinBlocked`, and `PinEntryCancelled` for a right one too late."""
        _require_length(pin)
        self._applet.select()
        _require_right_pin(self._applet.verify(pin), 0x20)
        if isinstance(pin, ProtectedPath) and pin.is_cancelled:
            self._applet.log_out(USER)
            raise PinEntryCancelled

    def lock(self) -> None:
        """End the PIN session."""
        self._applet.select()
        self._applet.log_out(USER)

    def change_pin(self, old: Pin | ProtectedPath, new: Pin | ProtectedPath) -> None:
        """Set a new PIN under the old one. Raises `WrongPin`, `PinBlocked`."""
        _require_length(old)
        _require_length(new)
        self._applet.select()
        _require_right_pin(self._applet.change_pin(old, new), 0x24)

    def unblock_challenge(self) -> UnblockChallenge:
        """A fresh challenge of the card; it holds until it is answered or the card loses power."""
        serial = self.token().serial
        return UnblockChallenge(
            method=UnblockMethod.CHALLENGE_RESPONSE, token_serial=serial, challenge=self._applet.challenge()
        )

    def unblock(self, response: bytes, new: Pin | ProtectedPath) -> None:
        """Answer the challenge as administrator, set the PIN, and stop being administrator, also when that fails.

        On a pin pad the citizen is asked in between: a reader's new PIN exists only while its command goes to the card.
        The applet is not selected first, as elsewhere: a challenge is good for the very next command only.
        """
        _require_length(new)
        status = self._applet.external_authenticate(response)
        if status != OK:
            raise UnblockRefused(tries_in(status))
        try:
            _require_right_pin(self._applet.set_pin(new), 0x24)
        finally:
            self._applet.select()
            self._applet.log_out(EVERYBODY)

    # --- keys ---------------------------------------------------------------------------------------------------------

    def key_pairs(self) -> tuple[KeyPair, ...]:
        """Every pair whose public key reads well; one without metadata is known by SHA-1 of its public key."""
        self._applet.select()
        found = tuple(self._pairs.all())
        self._places = {one.key_id: one.place for one in found}
        return tuple(_key_pair(one) for one in found)

    def generate_key_pair(self, purpose: KeyPurpose) -> KeyPair:
        """Make a pair in the lowest free container of its kind. Raises `CardFull`, `NotUnlocked`."""
        capabilities = self._applet.select()
        if capabilities is not None and capabilities.free_memory < ROOM_FOR_A_PAIR:
            raise CardFull
        found = self._pairs.generate(purpose)
        self._places[found.key_id] = found.place
        return _key_pair(found)

    def sign(self, key_id: bytes, data: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256. Raises `NotUnlocked`, `NoSuchKey`."""
        self._applet.select()
        place = self._places.get(key_id) or self._pairs.place_of(key_id)
        signature = self._applet.sign(place, data)
        self._places[key_id] = place
        return signature

    def delete_key_pair(self, key_id: bytes) -> None:
        """Remove a pair, and a certificate that still belongs to it; no error if there is none."""
        self._applet.select()
        self._places.pop(key_id, None)
        place = self._pairs.place_or_leftovers(key_id)
        if place is not None:
            self._certificates.remove(place)
            self._pairs.remove(place)

    # --- certificates -------------------------------------------------------------------------------------------------

    def certificates(self) -> tuple[StoredCertificate, ...]:
        """Every certificate the directory lists; one that a cut tore has no bytes."""
        self._applet.select()
        return self._certificates.all({found.place: found.key_id for found in self._pairs.all()})

    def write_certificate(self, key_id: bytes, certificate: bytes) -> None:
        """Store a certificate (DER); an older one stays in force until the new one is complete. Raises `NoSuchKey`.

        Whatever a cut generation left undone is done first: other programs find a certificate only with its key.
        """
        self._applet.select()
        place = self._pairs.place_of(key_id)
        self._pairs.complete(place, key_id)
        self._certificates.write(place, key_id, certificate)

    def read_certificate(self, key_id: bytes) -> bytes | None:
        """The certificate of a pair; `None` if there is none. Raises `MalformedCardData` for a torn one."""
        self._applet.select()
        place = self._pairs.place_or_leftovers(key_id)
        return None if place is None else self._certificates.read(place)

    def delete_certificate(self, key_id: bytes) -> None:
        """Remove a certificate; no error if there is none."""
        self._applet.select()
        place = self._pairs.place_or_leftovers(key_id)
        if place is not None:
            self._certificates.remove(place)

    # --- what belongs to nothing --------------------------------------------------------------------------------------

    def leftovers(self) -> tuple[Leftover, ...]:
        """What belongs to nothing, by the names of files, containers and entries; some five hundred commands."""
        self._applet.select()
        return self._leftovers.all()

    def remove_leftovers(self, chosen: tuple[Leftover, ...]) -> None:
        """Remove those of `chosen` that still are leftovers. Raises `NotUnlocked`."""
        self._applet.select()
        self._places.clear()
        self._leftovers.remove(chosen)


def _key_pair(found: Found) -> KeyPair:
    return KeyPair(
        key_id=found.key_id,
        purpose=found.place.purpose,
        public_key=found.public_key,
        label=found.label,
        container=found.place.container,
    )


def _require_length(pin: Pin | ProtectedPath) -> None:
    """Raise `Unsupported` for a PIN that the applet cannot take, before any try is spent; a reader looks by itself."""
    if isinstance(pin, Pin) and not 0 < len(pin) <= PIN_LENGTH:
        raise Unsupported("PIN length")


def _require_right_pin(status: int, instruction: int) -> None:
    tries = tries_in(status)
    if status == BLOCKED or tries == 0:
        raise PinBlocked
    if tries is not None:
        raise WrongPin(tries)
    if status != OK:
        raise CardFault(instruction, status)
