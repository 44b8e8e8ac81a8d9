from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.cardedge import certificate_file, container_map, directory, key_file, metadata
from hardware.cardedge.container_map import Container
from hardware.cardedge.directory import Directory, Entry
from hardware.cardedge.layout import Pair, Place
from hardware.errors import MalformedCardData
from hardware.training.key_files import pin_info

PARSERS: list[Callable[[bytes], object]] = [
    lambda content: directory.parse(content, "7100"),
    container_map.parse,
    lambda content: metadata.parse(content, "8004"),
    metadata.parse_index,
    lambda content: key_file.parse_public(content, "6004"),
    lambda content: key_file.parse_private(content, "6005"),
    lambda content: certificate_file.parse(content, "7102"),
]


@pytest.mark.parametrize("parse", PARSERS, ids=["directory", "map", "metadata", "index", "public", "private", "cert"])
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_malformed(parse: Callable[[bytes], object], content: bytes) -> None:
    try:
        parse(content)
    except MalformedCardData:
        return


names = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=8)
entries = st.lists(st.builds(Entry, names, st.integers(0x7102, 0x71FF)), max_size=12, unique_by=lambda one: one.name)


@given(entries)
def test_a_directory_survives_its_bytes(listed: list[Entry]) -> None:
    wanted = Directory(first_file=0x7101, entries=(Entry("cmapfile", 0x7101), *listed))
    padded = wanted.encode().ljust(directory.room_for(wanted), b"\x00")
    assert directory.parse(padded, "7100").entries == wanted.entries
    assert directory.parse(padded, "7100").encode() == wanted.encode()
    assert len(padded) % 12 == 10


def test_a_directory_as_a_personalised_card_has_it() -> None:
    wanted = Directory(
        first_file=0x7101,
        entries=(Entry("cmapfile", 0x7101), Entry("kxc00", 0x7102), Entry("ksc01", 0x7103)),
    )
    assert wanted.encode()[:10].hex().upper() == "FC000471FFFF03000300"
    assert wanted.drop("kxc00").next_file() == 0x7102
    assert wanted.put(Entry("kxc00", 0x7112)).find("kxc00") == Entry("kxc00", 0x7112)


@given(st.lists(st.sampled_from([Place(n, pair) for n in range(6) for pair in Pair]), max_size=8))
def test_the_map_follows_its_keys(made: list[Place]) -> None:
    containers: tuple[Container, ...] = ()
    for place in made:
        containers = container_map.with_key(containers, place, "p11_name")
    assert container_map.parse(container_map.encode(containers)) is not None
    for place in made:
        containers = container_map.without_key(containers, place)
    assert not any(one.is_valid for one in containers)


def test_only_one_container_is_the_default() -> None:
    containers: tuple[Container, ...] = ()
    for place in (Place(1, Pair.SIGNATURE), Place(0, Pair.EXCHANGE), Place(2, Pair.EXCHANGE)):
        containers = container_map.with_key(containers, place, "p11_name")
    assert [one.flags for one in container_map.parse(container_map.encode(containers))] == [3, 1, 1]
    containers = container_map.without_key(containers, Place(0, Pair.EXCHANGE))
    assert [one.flags for one in container_map.parse(container_map.encode(containers))] == [0, 1, 3]


@given(st.lists(st.integers(0x8000, 0x8FFE), max_size=40))
def test_an_index_survives_its_bytes(files: list[int]) -> None:
    encoded = metadata.encode_index(files)
    assert metadata.parse_index(encoded) == tuple(files)
    assert len(encoded) % 32 == 2


def test_identifiers_as_the_vendors_module_sets_them() -> None:
    assert metadata.pattern_key_id(Place(0, Pair.EXCHANGE)).hex() == "eab959497576e30ffdcd81b2af0bd66ead29b1a3"
    assert metadata.pattern_key_id(Place(1, Pair.EXCHANGE)).hex().startswith("df0f09")
    assert metadata.pattern_key_id(Place(2, Pair.EXCHANGE)).hex().startswith("4826c1")
    assert metadata.pattern_key_id(Place(1, Pair.SIGNATURE)).hex().startswith("c2d546")


def test_key_metadata_as_the_vendors_module_writes_it() -> None:
    place = Place(0, Pair.EXCHANGE)
    key = metadata.Metadata(
        kind=metadata.PUBLIC_KEY, file_id=place.public, key_id=metadata.pattern_key_id(place), is_generated=True
    )
    assert key.encode().hex().upper() == "0260040014EAB959497576E30FFDCD81B2AF0BD66EAD29B1A30001"
    assert metadata.parse(key.encode(), "8004") == key


def test_places() -> None:
    place = Place(1, Pair.SIGNATURE)
    assert [f"{one:04X}" for one in (place.public, place.private, place.pin_link)] == ["6018", "6019", "601F"]
    assert [f"{one:04X}" for one in (place.public_metadata, place.private_metadata)] == ["8018", "8019"]
    assert (f"{place.certificate_metadata:04X}", place.certificate_name) == ("801B", "ksc01")


def test_a_certificate_file_as_it_is_and_a_bomb() -> None:
    assert certificate_file.parse(b"\x03\x00\x30\x01\x00", "7102") == b"\x30\x01\x00"
    assert certificate_file.parse(certificate_file.encode(b"\x30" * 900) + bytes(40), "7102") == b"\x30" * 900
    with pytest.raises(MalformedCardData):
        certificate_file.parse(certificate_file.encode(bytes(0xFFFF)), "7102")


def test_pin_information_is_as_long_as_on_a_card() -> None:
    assert len(pin_info()) == 100
