"""Objects of a PKCS#11 token that belong to nothing, by CKA_ID. All functions belong to the PKCS#11 thread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hardware.interface import Leftover, LeftoverKind
from hardware.pkcs11_objects import destroy, find

if TYPE_CHECKING:
    from pkcs11 import ObjectClass, Session


def found(session: Session) -> Iterator[tuple[Leftover, tuple[ObjectClass, ...]]]:
    """Each leftover with the classes of its objects. Private keys without the PIN are taken to be there."""
    from pkcs11 import ObjectClass as Kind

    public, private, certificates = (
        _ids(session, kind) for kind in (Kind.PUBLIC_KEY, Kind.PRIVATE_KEY, Kind.CERTIFICATE)
    )
    keys = public & private if private else public
    for key_id in sorted(keys - certificates):
        yield _leftover(LeftoverKind.KEY_PAIR, key_id), (Kind.PRIVATE_KEY, Kind.PUBLIC_KEY)
    for key_id in sorted((public | private) - keys):
        yield _leftover(LeftoverKind.PART, key_id), (Kind.PRIVATE_KEY, Kind.PUBLIC_KEY)
    for key_id in sorted(certificates - public - private):
        yield _leftover(LeftoverKind.CERTIFICATE, key_id), (Kind.CERTIFICATE,)


def remove(session: Session, chosen: tuple[Leftover, ...]) -> None:
    """Remove those of `chosen` that still are leftovers."""
    for leftover, kinds in tuple(found(session)):
        if leftover in chosen:
            destroy(session, bytes.fromhex(leftover.name), *kinds)


def _ids(session: Session, kind: ObjectClass) -> set[bytes]:
    from pkcs11 import Attribute

    return {one[Attribute.ID] for one in find(session, kind) if one[Attribute.ID]}


def _leftover(kind: LeftoverKind, key_id: bytes) -> Leftover:
    return Leftover(kind=kind, name=key_id.hex(), size=0, key_id=key_id if kind is LeftoverKind.KEY_PAIR else b"")
