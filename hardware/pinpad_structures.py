"""The PIN_VERIFY and PIN_MODIFY structures: how a pin pad reader is told to put a PIN into a command.

PC/SC part 10 (supplement, revision 2.02.09), §2.5; the meaning of each byte is that of CCID revision 1.1, §6.1.11.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from hardware.interface import PinPolicy
from hardware.pinpad_features import PadFault, PadProperties

VERIFY = struct.Struct("<BBBBBHBBHB3sI")
MODIFY = struct.Struct("<BBBBBBBHBBBHBBB3sI")
ASCII_LEFT_IN_BYTES = 0x82
"""Units are bytes, the PIN begins at the first byte of the data, flush left, one ASCII digit a byte."""
PIN_BLOCK = 8
"""Bytes the PIN takes in the command; the high half byte, bits for a length, stays 0. Unused bytes stay as sent: 00."""
NO_LENGTH = 0x00
CONFIRMATION_KEY = 0x02
CONFIRM_NEW, ASK_OLD = 0x01, 0x02
SERBIAN_CYRILLIC = 0x0C1A
"""USB language identifier; a reader without that language shows its own."""
LONGEST_TIMEOUT_S = 255
MARGIN_S = 10.0
"""How much longer than the pad's own time limit its driver may take before it is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PadOrder:
    """One thing the reader is asked to do with its keys."""

    structure: bytes
    entries: int
    """How many times the citizen types during it."""
    limit_s: float
    """After this the reader's driver has failed: the pad's own time limits have passed."""


def verification(command: bytes, policy: PinPolicy, properties: PadProperties) -> PadOrder:
    """Let the PIN be typed into the data of `command`, which has zeros there. Raises `NoPinPad`."""
    first, second = _timeouts(policy)
    shortest, longest = _lengths(policy, properties)
    head = VERIFY.pack(
        *(first, second, ASCII_LEFT_IN_BYTES, PIN_BLOCK, NO_LENGTH, shortest << 8 | longest, _condition(properties)),
        *(1 if properties.has_display else 0, SERBIAN_CYRILLIC, 0, bytes(3), len(command)),
    )
    return PadOrder(structure=head + command, entries=1, limit_s=_limit(1, policy, properties))


def modification(command: bytes, policy: PinPolicy, properties: PadProperties, *, asks_old: bool) -> PadOrder:
    """Let the new PIN be typed twice into `command`, after the old one if it `asks_old`. Raises `NoPinPad`."""
    first, second = _timeouts(policy)
    shortest, longest = _lengths(policy, properties)
    entries = 3 if asks_old else 2
    head = MODIFY.pack(
        *(first, second, ASCII_LEFT_IN_BYTES, PIN_BLOCK, NO_LENGTH, 0, PIN_BLOCK if asks_old else 0),
        *(shortest << 8 | longest, CONFIRM_NEW | (ASK_OLD if asks_old else 0), _condition(properties)),
        *(entries if properties.has_display else 0, SERBIAN_CYRILLIC, 0, 1, 2, bytes(3), len(command)),
    )
    return PadOrder(structure=head + command, entries=entries, limit_s=_limit(entries, policy, properties))


def _timeouts(policy: PinPolicy) -> tuple[int, int]:
    """Before and after the first key; 0 would be the reader's own default."""
    seconds = max(1, min(policy.timeout_s, LONGEST_TIMEOUT_S))
    return seconds, seconds


def _limit(entries: int, policy: PinPolicy, properties: PadProperties) -> float:
    return entries * (sum(_timeouts(policy)) if properties.has_second_timeout else _timeouts(policy)[0]) + MARGIN_S


def _lengths(policy: PinPolicy, properties: PadProperties) -> tuple[int, int]:
    """What both the card and the reader allow."""
    shortest = max(policy.min_length, properties.min_length)
    longest = min(policy.max_length, properties.max_length or policy.max_length)
    if shortest > longest:
        raise PadFault.LENGTHS.error()
    return shortest, longest


def _condition(properties: PadProperties) -> int:
    """Only the confirmation key tells that a PIN of four to eight digits is complete."""
    if properties.conditions and not properties.conditions & CONFIRMATION_KEY:
        raise PadFault.NO_CONFIRM_KEY.error()
    return CONFIRMATION_KEY
