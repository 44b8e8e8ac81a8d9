"""IPP messages as bytes (RFC 8010): just what a client needs to print a PDF and ask after it. No I/O."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

Value = int | bool | str | bytes


class Operation(IntEnum):
    """RFC 8011 operation ids."""

    PRINT_JOB = 0x02
    CANCEL_JOB = 0x08
    GET_JOB_ATTRIBUTES = 0x09
    GET_JOBS = 0x0A
    GET_PRINTER_ATTRIBUTES = 0x0B


class Group(IntEnum):
    """Delimiters of attribute groups, RFC 8010 3.5.1."""

    OPERATION = 0x01
    JOB = 0x02
    END = 0x03
    PRINTER = 0x04


class Tag(IntEnum):
    """Value tags, RFC 8010 3.5.2."""

    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    TEXT_WITH_LANGUAGE = 0x35
    NAME_WITH_LANGUAGE = 0x36
    TEXT = 0x41
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    CHARSET = 0x47
    LANGUAGE = 0x48
    MIME_TYPE = 0x49


NOT_FOUND = 0x0406
"""Status client-error-not-found."""


class MalformedMessage(Exception):
    """Bytes that are not an IPP response; the message says where they stop making sense."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute and its values, all of the same tag."""

    tag: Tag
    name: str
    values: tuple[Value, ...]

    def encode(self) -> bytes:
        """RFC 8010 3.1.4: further values repeat the tag with an empty name."""
        names = (self.name.encode(), *(b"" for _ in self.values[1:]))
        return b"".join(
            struct.pack(">BH", self.tag, len(name)) + name + _sized(_encode_value(value))
            for name, value in zip(names, self.values, strict=True)
        )


def _encode_value(value: Value) -> bytes:
    match value:
        case bool():
            return bytes([value])
        case int():
            return struct.pack(">i", value)
        case str():
            return value.encode()
        case bytes():
            return value


def _sized(value: bytes) -> bytes:
    return struct.pack(">H", len(value)) + value


def request(
    operation: Operation, operation_attributes: list[Attribute], job_attributes: list[Attribute], document: bytes
) -> bytes:
    """A whole IPP/2.0 request, the document after its attributes."""
    head = struct.pack(">BBHI", 2, 0, operation, 1)
    charset = [
        Attribute(Tag.CHARSET, "attributes-charset", ("utf-8",)),
        Attribute(Tag.LANGUAGE, "attributes-natural-language", ("en",)),
    ]
    groups = bytes([Group.OPERATION]) + b"".join(a.encode() for a in charset + operation_attributes)
    if job_attributes:
        groups += bytes([Group.JOB]) + b"".join(a.encode() for a in job_attributes)
    return head + groups + bytes([Group.END]) + document


@dataclass(slots=True)
class AttributeGroup:
    """One group of a response: attribute names with their values."""

    delimiter: int
    attributes: dict[str, list[Value]] = field(default_factory=dict)

    def integer(self, name: str) -> int:
        """The first value. Raises `MalformedMessage` when it is missing or not an integer."""
        value = self.attributes.get(name, [None])[0]
        if not isinstance(value, int):
            raise MalformedMessage(name)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """The values that are text; empty when the attribute is missing."""
        return tuple(value for value in self.attributes.get(name, []) if isinstance(value, str))


@dataclass(frozen=True, slots=True)
class Response:
    """An IPP response: its status (below 0x100 is success) and its groups."""

    status: int
    groups: tuple[AttributeGroup, ...]

    def of(self, delimiter: Group) -> tuple[AttributeGroup, ...]:
        """All groups of one kind."""
        return tuple(group for group in self.groups if group.delimiter == delimiter)


def parse(message: bytes) -> Response:
    """Read a response. Raises `MalformedMessage`."""
    if len(message) < 9 or message[0] not in (1, 2):
        raise MalformedMessage("header")
    groups: list[AttributeGroup] = []
    name = ""
    for tag, own_name, value in _items(message):
        if own_name is None:
            groups.append(AttributeGroup(tag))
            name = ""
            continue
        name = own_name or name
        if not groups or not name:
            raise MalformedMessage("value without an attribute")
        groups[-1].attributes.setdefault(name, []).append(_decode_value(tag, value))
    return Response(struct.unpack_from(">H", message, 2)[0], tuple(groups))


def _items(message: bytes) -> Iterator[tuple[int, str | None, bytes]]:
    """Delimiters as (tag, None, b""), values as (tag, name or "", value)."""
    at = 8
    while at < len(message):
        tag = message[at]
        at += 1
        if tag == Group.END:
            return
        if tag < 0x10:
            yield tag, None, b""
            continue
        name, at = _take(message, at)
        value, at = _take(message, at)
        yield tag, name.decode("utf-8", "replace"), value
    raise MalformedMessage("no end")


def _take(message: bytes, at: int) -> tuple[bytes, int]:
    end = at + 2 + int.from_bytes(message[at : at + 2], "big")
    if at + 2 > len(message) or end > len(message):
        raise MalformedMessage("cut short")
    return message[at + 2 : end], end


def _decode_value(tag: int, value: bytes) -> Value:
    match tag:
        case Tag.INTEGER | Tag.ENUM:
            if len(value) != 4:
                raise MalformedMessage("integer")
            return int.from_bytes(value, "big", signed=True)
        case Tag.BOOLEAN:
            return value == b"\x01"
        case Tag.TEXT_WITH_LANGUAGE | Tag.NAME_WITH_LANGUAGE:
            _, at = _take(value, 0)
            return _take(value, at)[0].decode("utf-8", "replace")
        case _ if tag >= Tag.TEXT:
            return value.decode("utf-8", "replace")
    return value
