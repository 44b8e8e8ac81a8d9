"""Messages between the screen process and the device host: typed values as JSON in length-prefixed frames.

No pickle: a peer can only ever name the types listed here. No type of `hardware.pin` is among them.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import socket
import struct
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path, PurePath
from typing import Any

from hardware import errors, interface
from hardware.settings import DeviceSettings

MAX_FRAME = 16 * 1024 * 1024
LENGTH = struct.Struct(">I")
DEVICES = 0
"""Target of calls to the devices themselves; chips have handles from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Do `method` on `target`; the answer carries the same number."""

    number: int
    target: int
    method: str
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The call went well."""

    number: int
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The call raised `error`, a name in `hardware.errors`, with these fields."""

    number: int
    error: str
    fields: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something happened while call `number` was under way, or since a watch was begun with it."""

    number: int
    event: str
    argument: Any = None


Message = Call | Result | Failure | Note


class BadMessage(Exception):
    """A frame that does not follow this format. Holds no content."""


DATACLASSES: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        *(kind for kind in vars(interface).values() if isinstance(kind, type) and dataclasses.is_dataclass(kind)),
        *(DeviceSettings, Call, Result, Failure, Note),
    )
}
ENUMS: dict[str, type[Enum]] = {
    kind.__name__: kind
    for kind in vars(interface).values()
    if isinstance(kind, type) and issubclass(kind, Enum) and kind is not Enum
}
ERRORS: dict[str, type[errors.HardwareError]] = {
    kind.__name__: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.HardwareError)
}


def encode(value: Any) -> Any:
    """A value as JSON values; everything that JSON lacks becomes an object with one tagged member."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode("ascii")}
    if isinstance(value, tuple):
        return {"tuple": [encode(item) for item in value]}
    if isinstance(value, frozenset):
        return {"set": sorted((encode(item) for item in value), key=json.dumps)}
    if isinstance(value, Enum):
        return {"enum": [_known(ENUMS, value), value.value]}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, PurePath):
        return {"path": str(value)}
    fields = {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(_registered(value))}
    return {"data": [type(value).__name__, fields]}


def _registered(value: Any) -> type[Any]:
    return DATACLASSES[_known(DATACLASSES, value)]


def _known(registry: dict[str, Any], value: object) -> str:
    """The name of a value's type. The message names the type only: a `Pin` that came here by mistake stays unsaid."""
    name = type(value).__name__
    if registry.get(name) is not type(value):
        raise BadMessage(f"{name} does not travel")
    return name


def decode(value: Any) -> Any:
    """The reverse of `encode`. Raises `BadMessage`."""
    if not isinstance(value, dict):
        return value
    try:
        [(tag, content)] = value.items()
        return _DECODERS[tag](content)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise BadMessage(f"malformed value ({type(error).__name__})") from None


def _decode_data(content: Any) -> Any:
    name, fields = content
    return DATACLASSES[name](**{field: decode(value) for field, value in fields.items()})


def _decode_enum(content: Any) -> Enum:
    name, value = content
    return ENUMS[name](value)


_DECODERS = {
    "bytes": lambda content: base64.b64decode(content, validate=True),
    "tuple": lambda content: tuple(decode(item) for item in content),
    "set": lambda content: frozenset(decode(item) for item in content),
    "enum": _decode_enum,
    "date": date.fromisoformat,
    "path": Path,
    "data": _decode_data,
}


def failure(number: int, error: errors.HardwareError) -> Failure:
    """An error as a message: its class and what its constructor takes, which no error class makes a secret."""
    return Failure(number=number, error=type(error).__name__, fields=_fields(error))


def _fields(error: errors.HardwareError) -> tuple[Any, ...]:
    own = tuple(vars(error).values())
    return own or tuple(argument for argument in error.args if isinstance(argument, str | int))


def raised(message: Failure) -> errors.HardwareError:
    """The error a `Failure` speaks of, as the same type."""
    if message.error not in ERRORS:
        raise BadMessage("unknown error type")
    return ERRORS[message.error](*message.fields)


def send(peer: socket.socket, message: Message | DeviceSettings) -> None:
    """Write one frame. Raises `OSError` when the peer is gone. Callers must not interleave."""
    body = json.dumps(encode(message), ensure_ascii=False, separators=(",", ":")).encode()
    peer.sendall(LENGTH.pack(len(body)) + body)


def receive(peer: socket.socket) -> Any:
    """Read one frame; `None` when the peer has closed. Raises `BadMessage`."""
    head = _read(peer, LENGTH.size)
    if head is None:
        return None
    (length,) = LENGTH.unpack(head)
    if length > MAX_FRAME:
        raise BadMessage("frame too long")
    body = _read(peer, length)
    if body is None:
        return None
    try:
        return decode(json.loads(body))
    except ValueError:
        raise BadMessage("not JSON") from None


def _read(peer: socket.socket, length: int) -> bytes | None:
    received = bytearray()
    while len(received) < length:
        try:
            piece = peer.recv(length - len(received))
        except OSError:
            piece = b""
        if not piece:
            return None
        received += piece
    return bytes(received)
