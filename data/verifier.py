#!/usr/bin/env python3
"""Checks an exported journal of a registration office. One file; needs Python 3.8 or later and nothing else.

    python3 verify.py FOLDER [--head 481-7QKM-2X9D-HT4V-0A3P] [--key SHA256-OF-THE-OFFICE-KEY]

FOLDER holds `journal.rows` (for each row its length in 4 bytes, big-endian, and its bytes), `checkpoints.txt` (signed
notes, one after another) and `office-keys.txt` (public keys in hex). Checked are: that every row is in its place under
every signed head (Merkle tree of RFC 6962), that the heads are signed (ECDSA on P-256), and that no row is missing
before the last of them. `--head` is a code printed on a paper of the office; `--key` is what the ministry knows of its
key.

What stands in the rows is sealed and is not read here: this program can be given to anybody.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import sys
from collections.abc import Iterator

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
SPKI_HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Untrue(Exception):
    """Something in the folder is not as it was written."""


# --- the tree of RFC 6962 ---------------------------------------------------------------------------------------------


def sha256(data: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(data).digest()


def grow(peaks: list[bytes], size: int, body: bytes) -> None:
    """Add a row to the perfect subtrees `peaks` of a tree of `size` rows."""
    peaks.append(sha256(b"\x00" + body))
    while size & 1:
        right = peaks.pop()
        peaks[-1] = sha256(b"\x01" + peaks[-1] + right)
        size >>= 1


def root_of(peaks: list[bytes]) -> bytes:
    """Root of the tree."""
    if not peaks:
        return sha256(b"")
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = sha256(b"\x01" + peak + root)
    return root


# --- ECDSA on P-256 (FIPS 186-5, 6.4.2) -------------------------------------------------------------------------------


def add(one: tuple[int, int] | None, other: tuple[int, int] | None) -> tuple[int, int] | None:
    """Sum of two points; `None` is the point at infinity."""
    if one is None or other is None:
        return one or other
    if one[0] == other[0]:
        if (one[1] + other[1]) % P == 0:
            return None
        slope = (3 * one[0] * one[0] - 3) * pow(2 * one[1], -1, P) % P
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, P) % P
    x = (slope * slope - one[0] - other[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def times(number: int, point: tuple[int, int] | None) -> tuple[int, int] | None:
    """A multiple of a point."""
    result: tuple[int, int] | None = None
    while number:
        if number & 1:
            result = add(result, point)
        point = add(point, point)
        number >>= 1
    return result


def point_of(spki: bytes) -> tuple[int, int]:
    """The point of a P-256 public key (SubjectPublicKeyInfo, uncompressed)."""
    if len(spki) != len(SPKI_HEAD) + 64 or not spki.startswith(SPKI_HEAD):
        raise Untrue("an office key is not on P-256")
    x, y = int.from_bytes(spki[-64:-32], "big"), int.from_bytes(spki[-32:], "big")
    b = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
    if x >= P or y >= P or (y * y - x * x * x + 3 * x - b) % P:
        raise Untrue("an office key is not a point of P-256")
    return x, y


def two_integers(der: bytes) -> list[int] | None:
    """The two numbers of an ECDSA signature; strict DER."""
    numbers: list[int] = []
    rest = der[2:]
    if len(der) < 8 or der[0] != 0x30 or der[1] != len(der) - 2:
        return None
    for _ in range(2):
        if len(rest) < 3 or rest[0] != 2 or not 0 < rest[1] <= len(rest) - 2:
            return None
        value, rest = rest[2 : 2 + rest[1]], rest[2 + rest[1] :]
        if value[0] & 0x80 or (len(value) > 1 and value[0] == 0 and not value[1] & 0x80):
            return None
        numbers.append(int.from_bytes(value, "big"))
    return None if rest else numbers


def verifies(spki: bytes, data: bytes, signature: bytes) -> bool:
    """True when the signature is this key's over the data, with SHA-256."""
    point, numbers = point_of(spki), two_integers(signature)
    if numbers is None or not all(0 < number < N for number in numbers):
        return False
    r, s = numbers
    inverse = pow(s, -1, N)
    digest = int.from_bytes(sha256(data), "big")
    found = add(times(digest * inverse % N, G), times(r * inverse % N, point))
    return found is not None and found[0] % N == r


# --- the folder -------------------------------------------------------------------------------------------------------


def rows_of(path: str) -> Iterator[bytes]:
    """The bytes of each row."""
    with open(path, "rb") as file:
        while True:
            head = file.read(4)
            if not head:
                return
            body = file.read(int.from_bytes(head, "big"))
            if len(head) != 4 or len(body) != int.from_bytes(head, "big"):
                raise Untrue("journal.rows ends in the middle of a row")
            yield body


def strict_base64(text: str) -> bytes:
    """The bytes of a text that is written in the one way there is. Raises `ValueError`."""
    value = base64.b64decode(text, validate=True)
    if base64.b64encode(value).decode() != text:
        raise ValueError(text)
    return value


def checkpoints_of(text: str) -> Iterator[tuple[str, int, bytes, list[tuple[bytes, bytes]]]]:
    """Each checkpoint as (text that is signed, rows, root, [(key id, signature)])."""
    if not text.endswith("\n"):
        raise Untrue("checkpoints.txt ends in the middle of a line")
    parts = text.split("\n\n")
    for index in range(len(parts) - 1):
        lines = parts[index].split("\n")
        start = next((i for i, line in enumerate(lines) if not line.startswith("\u2014 ")), len(lines))
        signed = "\n".join(lines[start:]) + "\n"
        below = [line for line in parts[index + 1].split("\n") if line.startswith("\u2014 ")]
        try:
            _, size, root = signed.split("\n")[:3]
            office = signed.split("\n")[0].rpartition("/")[0]
            own = [line[2:].split(" ") for line in below if line[2:].startswith(f"{office} ")]
            raw = [strict_base64(encoded) for _, encoded in own]
            yield signed, int(size), strict_base64(root), [(one[:4], one[4:]) for one in raw]
        except (ValueError, IndexError):
            raise Untrue("checkpoints.txt is malformed") from None


def is_signed(checkpoint: tuple[str, int, bytes, list[tuple[bytes, bytes]]], keys: list[bytes]) -> bool:
    """True when one of the office's keys has signed it."""
    signed, _, _, signatures = checkpoint
    known = {sha256(key)[:4]: key for key in keys}
    return any(name in known and verifies(known[name], signed.encode(), value) for name, value in signatures)


def code_of(size: int, root: bytes) -> str:
    """The short code of a head, as it is printed."""
    number = int.from_bytes(root[:10], "big")
    letters = "".join(ALPHABET[number >> shift & 31] for shift in range(75, -1, -5))
    return "-".join([str(size), *(letters[i : i + 4] for i in range(0, 16, 4))])


def check(folder: str, code: str | None = None, fingerprint: str | None = None) -> tuple[int, int, str]:
    """Check a folder; (rows, signed heads, code of the last row). Raises `Untrue`."""
    with open(os.path.join(folder, "office-keys.txt"), encoding="ascii") as file:
        told = file.read()
    keys = [bytes.fromhex(line) for line in told.split()]
    if told != "".join(f"{key.hex()}\n" for key in keys):
        raise Untrue("office-keys.txt is not as it was written")
    with open(os.path.join(folder, "checkpoints.txt"), encoding="utf-8") as file:
        heads = list(checkpoints_of(file.read()))
    if not heads:
        raise Untrue("no signed head")
    if fingerprint is not None:
        keys = [key for key in keys if sha256(key).hex() == fingerprint.lower().replace(":", "")]
        if not keys:
            raise Untrue("the office key is not the one of --key")
    peaks: list[bytes] = []
    size, roots = 0, {0: sha256(b"")}
    wanted = {head[1] for head in heads} | ({int(code.split("-")[0])} if code else set())
    for body in rows_of(os.path.join(folder, "journal.rows")):
        grow(peaks, size, body)
        size += 1
        if size in wanted:
            roots[size] = root_of(peaks)
    for head in heads:
        if head[1] > size:
            raise Untrue(f"{head[1] - size} rows are missing at the end")
        if roots[head[1]] != head[2]:
            raise Untrue(f"the rows up to row {head[1]} are not those that were signed")
        if not is_signed(head, keys):
            raise Untrue(f"the head of row {head[1]} is not signed by the office")
    if code is not None:
        at = int(code.split("-")[0])
        if at not in roots or code_of(at, roots[at]) != code.upper():
            raise Untrue("the rows are not those the printed code was made for")
    last = max(head[1] for head in heads)
    if size > last:
        raise Untrue(f"{size - last} rows after the last signed head")
    return size, len(heads), code_of(size, root_of(peaks))


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--head", help="a printed code")
    parser.add_argument("--key", help="SHA-256 of the office's public key (DER), in hex")
    wanted = parser.parse_args()
    try:
        size, heads, code = check(wanted.folder, wanted.head, wanted.key)
    except (Untrue, OSError, ValueError) as error:
        print(f"NOT TRUE: {error}")
        return 1
    print(f"{size} of {size} rows, {heads} of {heads} signed heads, code {code}")
    if wanted.key is None:
        print("Compare the office key with the ministry's: --key")
    return 0


if __name__ == "__main__":
    sys.exit(main())
