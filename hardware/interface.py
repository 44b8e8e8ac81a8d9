"""The one face every device shows the rest of the kiosk; the same in process and through the device host.

Nothing here is a secret: a PIN never crosses this interface (see `hardware/pin.py`). All values can travel as messages.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Protocol

# --- the document -----------------------------------------------------------------------------------------------------


class DocumentType(Enum):
    """What tag 1547 of the data applet says the document is."""

    IDENTITY_CARD = "ID"
    FOREIGNER_CARD = "IF"
    RESIDENCE_PERMIT = "RP"


class Authenticity(Enum):
    """What the signatures over the chip's data (SOD_FX, SOD_VX) prove."""

    AUTHENTIC = "authentic"
    """Digests match and the signer's chain ends in a trusted ministry CA."""
    CHAIN_UNKNOWN = "chain_unknown"
    """Digests match; the signer's chain is not in the trusted list."""
    ALTERED = "altered"
    """A digest or a signature does not match: the case must stop."""
    UNSIGNED = "unsigned"
    """The card carries no signature over the data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardDocument:
    """The document itself (file 0F02). Dates are calendar dates without a zone."""

    document_number: str
    """Nine digits, as printed on the card."""
    document_type: DocumentType
    serial_number: str
    issuing_date: date
    expiry_date: date
    issuing_authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardHolder:
    """Who the card belongs to (file 0F03), spelled exactly as on the chip."""

    personal_number: str
    """JMBG, or a foreigner's number; thirteen digits. A wrong check digit is a warning, never a refusal."""
    surname: str
    given_name: str
    parent_given_name: str = ""
    sex: str = ""
    place_of_birth: str = ""
    community_of_birth: str = ""
    state_of_birth: str = ""
    date_of_birth: date | None = None
    nationality: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Residence:
    """Where the holder lives (file 0F04), spelled as on the chip."""

    state: str = ""
    community: str = ""
    place: str = ""
    street: str = ""
    house_number: str = ""
    house_letter: str = ""
    entrance: str = ""
    floor: str = ""
    apartment: str = ""

    def line(self) -> str:
        """The address on one line, as an envelope would have it."""
        house = f"{self.house_number}{self.house_letter}".strip()
        street = f"{self.street} {house}".strip() + (f"/{self.apartment}" if self.apartment else "")
        return ", ".join(part for part in (street, self.place, self.community) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnverifiedIdentity:
    """What the data applet says, before any signature was looked at: to be shown while the rest is read, no more."""

    document: CardDocument
    holder: CardHolder
    residence: Residence


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Everything read from the data applet but the portrait."""

    document: CardDocument
    holder: CardHolder
    residence: Residence
    authenticity: Authenticity
    trust_list_date: date | None = None
    """Date of the list of ministry certificates it was judged by; `None`: the built-in TEST list."""
    apdu_count: int = 0
    """How many commands the reading took."""


# --- keys and certificates --------------------------------------------------------------------------------------------


class KeyPurpose(Enum):
    """A citizen gets two key pairs, one of each, in one PIN session."""

    AUTHENTICATION = "authentication"
    SIGNATURE = "signature"


class Feature(Enum):
    """What a key store can do; probed, never assumed."""

    GENERATE = "generate"
    WRITE_CERTIFICATE = "write_certificate"
    DELETE = "delete"
    CHANGE_PIN = "change_pin"
    UNBLOCK = "unblock"
    PROTECTED_PATH = "protected_path"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenInfo:
    """What the key store says about itself."""

    label: str
    serial: str
    """On a citizen's card «ID» + document number; checked against the document before anything is written."""
    model: str
    features: frozenset[Feature]
    free_memory: int | None = None
    """Bytes; `None` when the token does not say."""
    pin_entries: int = 1
    """How many times the citizen types the PIN while two pairs are made and their certificates written."""
    renewal_pin_entries: int = 1
    """The same at a renewal, which also removes the two old pairs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """A key pair on the chip. `key_id` is CKA_ID as read back from the token, never computed by us."""

    key_id: bytes
    purpose: KeyPurpose | None
    """`None` for a key whose use the token does not tell."""
    public_key: bytes
    """SubjectPublicKeyInfo, DER."""
    label: str = ""
    container: int | None = None
    """Number of the container on the chip; `None` where the token does not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCertificate:
    """A certificate on the chip, bound to its key pair by `key_id`."""

    key_id: bytes
    certificate: bytes
    """DER; may be undecodable if another program tore its write."""
    label: str = ""


class LeftoverKind(Enum):
    """What something is that lies on a chip and belongs to nothing."""

    KEY_PAIR = "key_pair"
    """A whole key pair without a certificate."""
    PART = "part"
    """A part of a key pair whose other parts are gone."""
    CERTIFICATE = "certificate"
    """A certificate without its key, or one that nothing lists."""
    NAME = "name"
    """A name in the chip's books that leads nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """Something that another program, or a cut, left on a chip; `name` is the token's own name for it."""

    kind: LeftoverKind
    name: str
    size: int
    """Bytes of the chip's memory; 0 where the token does not tell."""
    key_id: bytes = b""
    """Of a whole pair: what tells whether a case that was set aside waits for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinStatus:
    """How many tries the citizen has. `tries_left` is `None` when the token only says «low» or «final»."""

    tries_left: int | None
    is_final_try: bool = False
    is_blocked: bool = False


class UnblockMethod(Enum):
    """How a token lets its PIN be set anew."""

    CHALLENGE_RESPONSE = "challenge_response"
    """Answer an 8-byte challenge under the card's admin key (CardEdge)."""
    PUK = "puk"
    """Present an unblocking code (PKCS#15)."""
    SECURITY_OFFICER = "security_officer"
    """Present the token's security-officer PIN (PKCS#11)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnblockChallenge:
    """What a key service must answer before the citizen may set a new PIN. `challenge` is empty for a code."""

    method: UnblockMethod
    token_serial: str
    challenge: bytes = b""
    document_number: str = ""
    """Of the card that the token was opened beside."""


# --- the road of the PIN ----------------------------------------------------------------------------------------------


class PinMethod(Enum):
    """Where a PIN comes from. Only TRAINING may use the clerk's keyboard, and says so."""

    PINPAD = "pinpad"
    KEYPAD = "keypad"
    TERMINAL = "terminal"
    TRAINING = "training"


class PinRequest(Enum):
    """Which PIN the citizen is asked for."""

    CURRENT = "current"
    NEW = "new"
    NEW_AGAIN = "new_again"


class PinState(Enum):
    """What the screens may know about an entry under way; never digits, never their timing."""

    WAITING = "waiting"
    UNDER_WAY = "under_way"
    CHECKING = "checking"
    ACCEPTED = "accepted"
    TOO_SHORT = "too_short"
    DIFFERENT = "different"
    """The two entries of the new PIN are not equal."""
    ALL_EQUAL = "all_equal"
    """The new PIN is refused (this and the next five, see `hardware/weak_pins.py`): one digit repeated."""
    RUN = "run"
    BIRTH_DATE = "birth_date"
    PERSONAL_NUMBER = "personal_number"
    DOCUMENT_NUMBER = "document_number"
    OLD_PIN = "old_pin"
    CANCEL_ON_PAD = "cancel_on_pad"
    """The clerk cancelled, but this pin pad hears nothing: the entry ends by the pad's own cancel key, or its time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinPrompt:
    """What the citizen is asked for, and what is worth knowing before the first digit."""

    request: PinRequest
    tries_left: int | None = None
    """For the current PIN; `None` when the token does not count aloud, and for a new PIN."""
    refused: PinState | None = None
    """Why the entry before this one did not do, so that it is asked for again."""

    @property
    def first_state(self) -> PinState:
        """What an observer is told when the citizen is asked."""
        return self.refused or PinState.WAITING


WARN_S = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PinPolicy:
    """Lengths in digits, time in seconds; the card's rule is 4 to 8 ASCII digits."""

    min_length: int = 4
    max_length: int = 8
    timeout_s: int = 60

    @property
    def warn_s(self) -> int:
        """How many seconds before the end the citizen is warned; any key gives all the time back (WCAG 2.2.1)."""
        return min(WARN_S, self.timeout_s // 2)


class PinObserver(Protocol):
    """Learns how an entry goes. Called from a thread of the device layer."""

    def pin_requested(self, request: PinRequest) -> None:
        """The citizen is now asked for this PIN; dots start from zero."""

    def pin_state(self, state: PinState) -> None:
        """The entry has come to this state."""

    def dots(self, count: int) -> None:
        """How many dots citizen mode shows. Only sent where one screen serves both, as in training."""


# --- devices ----------------------------------------------------------------------------------------------------------


class SlotState(Enum):
    """What stands at the reader, each with its own words on the screen."""

    NO_SERVICE = "no_service"
    NO_DRIVER = "no_driver"
    """A reader is plugged into USB, but the service cannot use it."""
    NO_READER = "no_reader"
    READER_UNAVAILABLE = "reader_unavailable"
    EMPTY = "empty"
    CARD = "card"
    MUTE = "mute"
    """A card that does not answer to power."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingCardInfo:
    """An invented citizen's card that can be put into the training reader."""

    key: str
    full_name: str
    document_number: str
    personal_number: str


class SlotObserver(Protocol):
    """Is told when a card comes or goes. Called from a thread of the device layer."""

    def slot_changed(self, state: SlotState) -> None: ...


class Chip(Protocol):
    """The chip of one inserted card: identity data joined with a key store.

    Every method may raise `CardRemoved`, `CardSwapped`, `CardHangs`, `CardFault` or `MalformedCardData`
    (`hardware/errors.py`). A chip object is bound to the card that was in the reader when it was opened.
    """

    def unverified(self) -> UnverifiedIdentity:
        """Read document, holder and residence only; `identity` goes on from there and reads nothing twice."""

    def identity(self) -> Identity:
        """Read document, holder and residence, and verify their signatures. Raises `TrustListInvalid`."""

    def portrait(self) -> bytes:
        """Read the portrait: JPEG bytes."""

    def token(self) -> TokenInfo:
        """Say what the key store is and can do. Raises `TokenMismatch` when it belongs to another document."""

    def pin_status(self) -> PinStatus:
        """Read how many tries are left; costs none."""

    def key_pairs(self) -> tuple[KeyPair, ...]:
        """List the key pairs on the chip."""

    def certificates(self) -> tuple[StoredCertificate, ...]:
        """List the certificates on the chip."""

    def unlock(self, observer: PinObserver, policy: PinPolicy) -> None:
        """Let the citizen enter the PIN and present it to the card, once.

        Raises `WrongPin(tries_left)`, `PinBlocked`, `PinEntryCancelled`, `PinEntryExpired`. Never presents a PIN twice.
        """

    def lock(self) -> None:
        """End the PIN session on the chip."""

    def change_pin(self, observer: PinObserver, policy: PinPolicy) -> None:
        """Let the citizen enter the old PIN, then the new one twice. Raises as `unlock`."""

    def unblock_challenge(self) -> UnblockChallenge:
        """Fetch what a key service must answer to set a new PIN. Hold the card from now until `unblock` has ended.

        A challenge is good for the next command only (ISO 7816-4): nothing else may go to the card in between.
        """

    def unblock(self, response: bytes, observer: PinObserver, policy: PinPolicy) -> None:
        """Let the citizen enter a new PIN twice, then answer the challenge and set it.

        Raises `UnblockRefused(tries_left)` when the card refuses the response, and as `unlock`.
        """

    def generate_key_pair(self, purpose: KeyPurpose) -> KeyPair:
        """Make an RSA-2048 key pair on the chip, beside those that are there. Raises `CardFull`, `NotUnlocked`."""

    def sign(self, key_id: bytes, data: bytes) -> bytes:
        """Sign `data` (any length) with RSASSA-PKCS1-v1_5 and SHA-256. Raises `NotUnlocked`, `NoSuchKey`."""

    def write_certificate(self, key_id: bytes, certificate: bytes) -> None:
        """Store a certificate (DER) for that key pair; writing the same bytes again changes nothing."""

    def read_certificate(self, key_id: bytes) -> bytes | None:
        """Read back the certificate (DER) of that key pair; `None` if there is none."""

    def delete_certificate(self, key_id: bytes) -> None:
        """Remove a certificate; no error if there is none."""

    def delete_key_pair(self, key_id: bytes) -> None:
        """Remove a key pair; no error if there is none. Raises `Unsupported` where the token cannot."""

    def leftovers(self) -> tuple[Leftover, ...]:
        """List what belongs to nothing on the chip; slow. A case that is set aside may own one of the pairs."""

    def remove_leftovers(self, chosen: tuple[Leftover, ...]) -> None:
        """Remove those of `chosen` that still are leftovers. Raises `NotUnlocked`, `Unsupported`."""

    def apdu_count(self) -> int:
        """How many commands went to this card since it was opened."""

    def transaction(self) -> AbstractContextManager[None]:
        """Hold the card exclusively over a sequence."""

    def close(self) -> None:
        """Let go of the card without resetting it (SCARD_LEAVE_CARD)."""


class Devices(Protocol):
    """What is plugged in at this desk. `hardware.local` has it in process, `hardware.remote` through the host."""

    def reader_name(self) -> str: ...

    def readers(self) -> tuple[str, ...]:
        """Names of the readers that are plugged in. Raises `NoService`."""

    def choose_reader(self, name: str) -> None:
        """Work with that reader from now on; a chip that was opened is lost."""

    def pin_method(self) -> PinMethod: ...

    def slot_state(self) -> SlotState: ...

    def open_chip(self) -> Chip:
        """Open the inserted card. Raises `NoCard`, `NoReader`, `NoService`, `WrongCard`."""

    def watch(self, observer: SlotObserver) -> AbstractContextManager[None]:
        """Tell `observer` of every insertion and removal while the block runs."""

    def cancel_pin_entry(self) -> None:
        """The clerk cancels; the entry under way raises `PinEntryCancelled`."""

    def open_key_session(self, observer: PinObserver) -> None:
        """Let the clerk type the HSM operator's PIN at the station's terminal and keep the session until it is closed.

        Raises `HsmPinWrong`, `HsmPinBlocked`, `HsmFault`, `HsmHangs`, and as a PIN entry does.
        """

    def answer_challenge(self, challenge: UnblockChallenge) -> bytes:
        """Let the office's HSM answer a card's challenge. Raises `HsmLocked`, `NoAdminKey`, `HsmFault`, `HsmHangs`."""

    def close_key_session(self) -> None:
        """Log out of the HSM; nothing happens when nobody is logged in."""

    def training_cards(self) -> tuple[TrainingCardInfo, ...]:
        """The cards that `insert` takes; none at a real reader."""

    def insert(self, citizen: str) -> None:
        """Put that invented citizen's card into the training reader. Raises `Unsupported` at a real one."""

    def eject(self) -> None:
        """Take the training card out. Raises `Unsupported` at a real reader."""

    def close(self) -> None: ...


Transmit = Callable[[bytes | bytearray], bytes]
"""Send one command APDU, get the response APDU (data and two status bytes). A `bytearray` is wiped by its sender."""
