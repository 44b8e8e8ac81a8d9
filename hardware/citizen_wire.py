"""What device host and citizen's terminal say to each other: frames of one fixed length over a sequenced-packet socket.

```
0        1      2                6            24
version  kind   entry (uint32)   fields, padded with 00
```
All numbers are big endian. The one frame that carries digits is made and read in `hardware/citizen_pin_frame.py`.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum

from hardware.citizen_faults import CitizenTerminalFault
from hardware.errors import (
    PinBlocked,
    PinEntryCancelled,
    PinEntryExpired,
    PinEntryFault,
    PinError,
    UnblockRefused,
    WrongPin,
)
from hardware.interface import PinRequest, PinState
from hardware.pin import CAPACITY

VERSION = 1
LENGTH = 24
HEAD = struct.Struct(">BBI")
FIELDS = HEAD.size
ASK = struct.Struct(">BBBHHBBB")
BYTE = struct.Struct(">B")
OUTCOME = struct.Struct(">BB")
UNKNOWN = 255
"""Stands for tries left that nobody counts aloud, and for no refusal."""


class Kind(IntEnum):
    """What a frame is; the host says the first row, the terminal the second."""

    WELCOME, TURNED_AWAY, ASK, SHOW, CANCEL = range(1, 6)
    HELLO, STATE, PIN, CANCELLED, EXPIRED, HUNG_UP = range(17, 23)


REQUESTS = tuple(PinRequest)
STATES = tuple(PinState)
ENDINGS: tuple[type[PinError], ...] = (
    *(PinError, WrongPin, PinBlocked, PinEntryCancelled, PinEntryExpired, PinEntryFault, UnblockRefused),
)
NAMES = ",".join(
    (*(name.value for name in REQUESTS), *(name.value for name in STATES), *(kind.__name__ for kind in ENDINGS))
)
DIALECT = zlib.crc32(NAMES.encode())
"""The entry number of HELLO and WELCOME: differs where one end was updated and names its states otherwise."""
REPORTED = frozenset({PinState.WAITING, PinState.UNDER_WAY, PinState.TOO_SHORT})
"""States that a terminal may report of an entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Let the citizen enter a PIN; the answers carry the same entry number."""

    entry: int
    request: PinRequest
    fewest: int
    most: int
    timeout_s: int
    warn_s: int
    """The citizen is warned when so many seconds are left."""
    tries_left: int | None
    refused: PinState | None
    is_training: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """How it went: a state, or the kind of error that ended it."""

    outcome: PinState | PinError


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The entry has come to this state; sent at most once a second, and never for a key."""

    entry: int
    state: PinState


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A frame that says no more than its kind."""

    kind: Kind
    entry: int = 0


Said = Ask | Show | Reported | Plain
BARE = frozenset({Kind.WELCOME, Kind.TURNED_AWAY, Kind.CANCEL, Kind.HELLO, Kind.CANCELLED, Kind.EXPIRED, Kind.HUNG_UP})


def frame(said: Said) -> bytearray:
    """The bytes of anything but a PIN."""
    match said:
        case Ask():
            return blank(Kind.ASK, said.entry, _ask_fields(said))
        case Show():
            return blank(Kind.SHOW, 0, _outcome_fields(said.outcome))
        case Reported():
            return blank(Kind.STATE, said.entry, BYTE.pack(STATES.index(said.state)))
        case Plain():
            return blank(said.kind, said.entry, b"")


def read(received: bytearray) -> Said:
    """What a frame says that carries no digits. Raises `PinEntryFault` with the text of a `CitizenTerminalFault`."""
    kind, entry = kind_of(received)
    try:
        if kind is Kind.ASK:
            return _read_ask(entry, received)
        if kind is Kind.SHOW:
            return Show(outcome=_read_outcome(received))
        if kind is Kind.STATE:
            return Reported(entry=entry, state=_reported(received[FIELDS]))
        if kind in BARE:
            return Plain(kind=kind, entry=entry)
    except (ValueError, IndexError):
        pass  # said below, as of every other frame that does not follow the format
    raise CitizenTerminalFault.MALFORMED.error()


def kind_of(received: bytearray) -> tuple[Kind, int]:
    """Kind and entry number of a frame. Raises `PinEntryFault` for another version, and for what is no frame."""
    if len(received) != LENGTH:
        raise CitizenTerminalFault.MALFORMED.error()
    version, kind, entry = HEAD.unpack_from(received)
    if version != VERSION:
        raise CitizenTerminalFault.OTHER_VERSION.error()
    try:
        return Kind(kind), entry
    except ValueError:
        raise CitizenTerminalFault.MALFORMED.error() from None


def blank(kind: Kind, entry: int, fields: bytes = b"") -> bytearray:
    """A frame with that head."""
    made = bytearray(LENGTH)
    HEAD.pack_into(made, 0, VERSION, kind, entry)
    made[FIELDS : FIELDS + len(fields)] = fields
    return made


def _ask_fields(ask: Ask) -> bytes:
    return ASK.pack(
        REQUESTS.index(ask.request),
        ask.fewest,
        ask.most,
        ask.timeout_s,
        ask.warn_s,
        UNKNOWN if ask.tries_left is None else min(ask.tries_left, UNKNOWN - 1),
        UNKNOWN if ask.refused is None else STATES.index(ask.refused),
        ask.is_training,
    )


def _read_ask(entry: int, received: bytearray) -> Ask:
    request, fewest, most, timeout_s, warn_s, tries, refused, training = ASK.unpack_from(received, FIELDS)
    if not (0 < fewest <= most <= CAPACITY and timeout_s > 0 and training in (0, 1)):
        raise ValueError
    return Ask(
        entry=entry,
        request=REQUESTS[request],
        fewest=fewest,
        most=most,
        timeout_s=timeout_s,
        warn_s=warn_s,
        tries_left=None if tries == UNKNOWN else tries,
        refused=None if refused == UNKNOWN else STATES[refused],
        is_training=bool(training),
    )


def _outcome_fields(outcome: PinState | PinError) -> bytes:
    if isinstance(outcome, PinState):
        return OUTCOME.pack(STATES.index(outcome), UNKNOWN)
    kind = next(kind for kind in type(outcome).__mro__ if kind in ENDINGS)
    tries = getattr(outcome, "tries_left", None)
    return OUTCOME.pack(len(STATES) + ENDINGS.index(kind), UNKNOWN if tries is None else min(tries, UNKNOWN - 1))


def _read_outcome(received: bytearray) -> PinState | PinError:
    code: int
    code, tries = OUTCOME.unpack_from(received, FIELDS)
    if code < len(STATES):
        return STATES[code]
    kind = ENDINGS[code - len(STATES)]
    if issubclass(kind, WrongPin | UnblockRefused):
        return kind(None if tries == UNKNOWN else tries)
    return kind()


def _reported(code: int) -> PinState:
    state = STATES[code]
    if state not in REPORTED:
        raise ValueError
    return state
