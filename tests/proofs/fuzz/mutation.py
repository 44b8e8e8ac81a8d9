"""Spoils real inputs: bits, bytes, blocks, lengths, and the nodes of DER with the lengths above them put right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

TELLING_BYTES = (0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF, 0x30, 0x31)
LONGEST = 0x9000
"""Bytes; more than any file of these cards may have."""
CONSTRUCTED = 0x20
DEEPEST = 12
MOST_CHANGES = 4


def mutated(random: Random, seeds: Sequence[bytes]) -> bytes:
    """One of the seeds with one change or a few."""
    content = random.choice(seeds)
    for _ in range(random.randint(1, MOST_CHANGES)):
        content = random.choice(CHANGES)(random, content, seeds)
    return content[:LONGEST]


def mutated_der(random: Random, seeds: Sequence[bytes]) -> bytes:
    """One of the seeds with nodes of its DER changed, taken out, doubled or moved; not all that comes out is DER."""
    nodes = parsed(random.choice(seeds))
    for _ in range(random.randint(1, MOST_CHANGES)):
        _change_node(random, nodes)
    return encoded(nodes)[:LONGEST]


# --- bytes ------------------------------------------------------------------------------------------------------------


def _flip(random: Random, content: bytes, seeds: Sequence[bytes]) -> bytes:
    return _at(random, content, lambda byte: byte ^ 1 << random.randrange(8))


def _set(random: Random, content: bytes, seeds: Sequence[bytes]) -> bytes:
    return _at(random, content, lambda byte: random.choice(TELLING_BYTES))


def _count(random: Random, content: bytes, seeds: Sequence[bytes]) -> bytes:
    return _at(random, content, lambda byte: byte + random.choice((-1, 1)) & 0xFF)


def _at(random: Random, content: bytes, change: Callable[[int], int]) -> bytes:
    if not content:
        return bytes((change(0),))
    # Headers are at the beginning: half of all changes go there.
    end = min(len(content), 16) if random.random() < 0.5 else len(content)
    position = random.randrange(end)
    return content[:position] + bytes((change(content[position]),)) + content[position + 1 :]


def _cut(random: Random, content: bytes, seeds: Sequence[bytes]) -> bytes:
    return content[: random.randint(0, len(content))]


def _grow(random: Random, content: bytes, seeds: Sequence[bytes]) -> bytes:
    return content + random.randbytes(random.choice((1, 2, 4, 30, 300)))


def _leave_out(random: Random, content: bytes, seeds: Sequence[bytes]) -> bytes:
    begin, end = _block(random, content)
    return content[:begin] + content[end:]


def _repeat(random: Random, content: bytes, seeds: Sequence[bytes]) -> bytes:
    begin, end = _block(random, content)
    return content[:end] + content[begin:end] * random.choice((1, 1, 2, 50)) + content[end:]


def _splice(random: Random, content: bytes, seeds: Sequence[bytes]) -> bytes:
    other = random.choice(seeds)
    return content[: random.randint(0, len(content))] + other[random.randint(0, len(other)) :]


def _length(random: Random, content: bytes, seeds: Sequence[bytes]) -> bytes:
    """Two bytes that may be a length, as a card has them: little-endian or big-endian."""
    position = random.randrange(max(1, min(len(content), 64)))
    value = random.choice((0, 1, len(content), len(content) + 1, 0x7FFF, 0x8000, 0xFFFF, random.randrange(0x10000)))
    order = "little" if random.random() < 0.7 else "big"
    return content[:position] + (value & 0xFFFF).to_bytes(2, order) + content[position + 2 :]  # type: ignore[arg-type]


def _block(random: Random, content: bytes) -> tuple[int, int]:
    begin = random.randint(0, len(content))
    return begin, min(len(content), begin + random.choice((1, 2, 4, 12, 86, 255)))


CHANGES = (_flip, _set, _count, _cut, _grow, _leave_out, _repeat, _splice, _length)


# --- DER --------------------------------------------------------------------------------------------------------------


class Node:
    """One value: children where it is built of such, else bytes."""

    def __init__(self, tag: int, value: bytes, children: list[Node] | None) -> None:
        self.tag = tag
        self.value = value
        self.children = children


def parsed(content: bytes, depth: int = 0) -> list[Node]:
    """The values in these bytes; what cannot be taken apart is left whole."""
    nodes: list[Node] = []
    offset = 0
    while offset + 2 <= len(content):
        tag, first = content[offset], content[offset + 1]
        size = first & 0x7F if first & 0x80 else 0
        start = offset + 2 + size
        length = int.from_bytes(content[offset + 2 : start], "big") if size else first
        if start + length > len(content) or size > 3:
            break
        value = content[start : start + length]
        inner = parsed(value, depth + 1) if tag & CONSTRUCTED and depth < DEEPEST else None
        nodes.append(Node(tag, value, inner))
        offset = start + length
    return nodes


def encoded(nodes: Sequence[Node]) -> bytes:
    """The bytes of these values, every length right."""
    return b"".join(_encoded(node) for node in nodes)


def _encoded(node: Node) -> bytes:
    value = node.value if node.children is None else encoded(node.children)
    if len(value) < 0x80:
        return bytes((node.tag, len(value))) + value
    size = (len(value).bit_length() + 7) // 8
    return bytes((node.tag, 0x80 | size)) + len(value).to_bytes(size, "big") + value


def _everywhere(nodes: list[Node]) -> list[tuple[list[Node], int]]:
    found: list[tuple[list[Node], int]] = []
    for index, node in enumerate(nodes):
        found.append((nodes, index))
        if node.children:
            found += _everywhere(node.children)
    return found


def _change_node(random: Random, nodes: list[Node]) -> None:
    places = _everywhere(nodes)
    if not places:
        return
    siblings, index = random.choice(places)
    node = siblings[index]
    kind = random.randrange(6)
    if kind == 0:
        del siblings[index]
    elif kind == 1:
        siblings.insert(index, Node(node.tag, node.value, None if node.children is None else list(node.children)))
    elif kind == 2:
        others, other = random.choice(places)
        siblings[index] = others[other] if other < len(others) and not _holds(others[other], node) else node
    elif kind == 3:
        siblings[index] = Node(random.choice((*TELLING_BYTES, node.tag ^ 1, 0xA0, 0x04, 0x06)), node.value, None)
    elif kind == 4:
        siblings[index] = Node(node.tag, random.choice((b"", b"\x00", node.value + b"\x00", b"\xff" * 9)), None)
    else:
        value = node.value if node.children is None else encoded(node.children)
        siblings[index] = Node(node.tag, _at(random, value, lambda byte: random.randrange(256)), None)


def _holds(node: Node, inner: Node) -> bool:
    """Whether one is inside the other: moving it there would make a tree without end."""
    return node is inner or any(_holds(child, inner) for child in node.children or ())
