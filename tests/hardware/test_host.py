"""The device host as a process: how it ends, how it comes back, and what never crosses to the screens."""

from __future__ import annotations

import os
import resource
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware import messages
from hardware.errors import HostLost, PinEntryCancelled
from hardware.interface import KeyPurpose, PinPolicy, SlotState
from hardware.messages import BadMessage, Call, Failure, Note, decode, encode, raised, receive, send
from hardware.pin import Pin
from hardware.remote import RemoteDevices
from hardware.settings import DeviceSettings
from hardware.training.citizens import CITIZENS
from tests.hardware.observers import Citizen, Slots, keypad
from tests.services.ports import wait_until

POLICY = PinPolicy(timeout_s=20)
PIN = b"71603928"
"""A sequence of digits that stands nowhere else."""


@pytest.fixture
def pads() -> Iterator[tuple[int, int]]:
    with keypad() as pair:
        yield pair


@pytest.fixture
def devices(pads: tuple[int, int]) -> Iterator[RemoteDevices]:
    made = RemoteDevices(DeviceSettings(pin_fd=pads[0]))
    yield made
    made.close()


def kill_host(devices: RemoteDevices) -> int:
    pid = devices.host().pid
    os.kill(pid, signal.SIGKILL)
    return pid


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in ("Z", "X")
    except FileNotFoundError:
        return False


def test_a_killed_host_is_said_and_replaced(devices: RemoteDevices, pads: tuple[int, int]) -> None:
    chip = devices.open_chip()
    citizen = Citizen(pads[1])
    killed: list[int] = []
    citizen.at_request = lambda: killed.append(kill_host(devices))
    with pytest.raises(HostLost):
        chip.unlock(citizen, POLICY)
    with pytest.raises(HostLost):
        chip.identity()
    assert devices.slot_state() is SlotState.CARD
    assert devices.host().pid != killed[0]
    fresh = devices.open_chip()
    fresh.unlock(Citizen(pads[1], [CITIZENS["jovana"].pin]), POLICY)
    fresh.close()


def test_a_watch_outlives_a_host(devices: RemoteDevices) -> None:
    slots = Slots()
    with devices.watch(slots):
        slots.until(SlotState.CARD)
        kill_host(devices)
        wait_until(lambda: devices._host is None or devices._host.is_lost, "the loss to be seen")
        devices.slot_state()
        slots.until(SlotState.CARD)
        devices.eject()
        slots.until(SlotState.EMPTY)


def test_the_host_ends_with_its_client(devices: RemoteDevices, pads: tuple[int, int]) -> None:
    """Also while a citizen is typing."""
    chip = devices.open_chip()
    pid = devices.host().pid
    asked = threading.Event()
    citizen = Citizen(pads[1], at_request=asked.set)
    ends: list[BaseException] = []

    def unlock() -> None:
        try:
            chip.unlock(citizen, POLICY)
        except (HostLost, PinEntryCancelled) as error:
            ends.append(error)

    waiting = threading.Thread(target=unlock)
    waiting.start()
    asked.wait(10)
    devices.close()
    waiting.join(10)
    assert len(ends) == 1
    assert not is_running(pid)
    with pytest.raises(HostLost):
        devices.slot_state()


def test_other_threads_are_answered_while_a_citizen_types(devices: RemoteDevices, pads: tuple[int, int]) -> None:
    chip = devices.open_chip()
    seen: list[SlotState] = []

    def ask_then_cancel() -> None:
        asker = threading.Thread(target=lambda: seen.append(devices.slot_state()))
        asker.start()
        asker.join(10)
        devices.cancel_pin_entry()

    with pytest.raises(PinEntryCancelled):
        chip.unlock(Citizen(pads[1], at_request=ask_then_cancel), POLICY)
    assert seen == [SlotState.CARD]


def test_the_host_leaves_nothing_behind(devices: RemoteDevices) -> None:
    """No core, no debugger of another user, no standard streams, no interrupt from the clerk's terminal."""
    pid = devices.host().pid
    assert resource.prlimit(pid, resource.RLIMIT_CORE) == (0, 0)
    status = Path(f"/proc/{pid}/status").read_text()
    ignored = int(next(line.split()[1] for line in status.splitlines() if line.startswith("SigIgn")), 16)
    assert ignored & 1 << (signal.SIGINT - 1)
    assert {os.readlink(f"/proc/{pid}/fd/{fd}") for fd in range(3)} == {os.devnull}
    assert os.getsid(pid) == pid


def test_no_digit_crosses_to_the_screens(
    devices: RemoteDevices, pads: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every byte of both directions is recorded; the control shows that the recording sees what does cross."""
    recorded = bytearray()
    read, write = messages._read, socket.socket.sendall

    def reading(peer: socket.socket, length: int) -> bytes | None:
        received = read(peer, length)
        recorded.extend(received or b"")
        return received

    def writing(peer: socket.socket, data: bytes, flags: int = 0) -> None:
        recorded.extend(data)
        write(peer, data, flags)

    monkeypatch.setattr(messages, "_read", reading)
    monkeypatch.setattr(socket.socket, "sendall", writing)
    chip = devices.open_chip()
    chip.change_pin(Citizen(pads[1], [CITIZENS["jovana"].pin, PIN, PIN]), POLICY)
    chip.unlock(Citizen(pads[1], [PIN]), POLICY)
    pair = chip.generate_key_pair(KeyPurpose.SIGNATURE)
    assert PIN not in recorded
    assert CITIZENS["jovana"].pin not in recorded
    assert b"change_pin" in recorded
    assert encode(pair.key_id)["bytes"].encode() in recorded


# --- messages ---------------------------------------------------------------------------------------------------------


def test_values_come_back_as_they_were() -> None:
    values = [
        *(None, True, 3, 2.5, "Ђ", b"\x00\xff", (1, (b"a",)), frozenset({KeyPurpose.SIGNATURE})),
        *(DeviceSettings(training_state=Path("/x")), Call(number=1, target=2, method="m", arguments=(b"x",))),
        Note(number=1, event="e", argument=SlotState.MUTE),
    ]
    assert [decode(encode(value)) for value in values] == values


def test_every_error_travels_as_itself() -> None:
    from hardware import errors

    made = [
        *(errors.WrongPin(2), errors.WrongPin(None), errors.CardFault(0xB0, 0x6982), errors.CardHangs(1.5)),
        *(errors.Unsupported("x"), errors.UnblockRefused(3), errors.MalformedCardData("0F02"), errors.CardRemoved()),
        *(errors.WrongCard("apollo"), errors.ModuleFault("GeneralError"), errors.HardwareError("KeyError")),
    ]
    for error in made:
        again = raised(messages.failure(1, error))
        assert type(again) is type(error)
        assert vars(again) == vars(error)
        assert str(again) == str(error)


def test_a_pin_does_not_travel() -> None:
    with Pin() as pin, pytest.raises(BadMessage, match="Pin does not travel"):
        encode((pin,))


@pytest.mark.parametrize(
    "value",
    [
        {"data": ["Popen", {}]},
        {"data": ["Call", {"number": 1}]},
        {"enum": ["SlotState", "flying"]},
        {"bytes": "?"},
        {"date": "2026-13-01"},
        {"other": 1},
        {"bytes": "", "set": []},
    ],
)
def test_malformed_values_are_refused(value: object) -> None:
    with pytest.raises(BadMessage):
        decode(value)


def test_malformed_frames_are_refused() -> None:
    for frame in (b"\xff\xff\xff\xff", b"\x00\x00\x00\x02{]"):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.sendall(frame)
            with pytest.raises(BadMessage):
                receive(ours)


def test_a_cut_frame_is_an_end() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        theirs.sendall(b"\x00\x00\x00\x09{")
        theirs.close()
        assert receive(ours) is None


def test_an_unknown_error_is_refused() -> None:
    with pytest.raises(BadMessage):
        raised(Failure(number=1, error="SystemExit"))


def test_a_frame_is_one_message() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send(theirs, Note(number=1, event="dots", argument=1))
        send(theirs, Note(number=2, event="dots", argument=2))
        assert [receive(ours).number, receive(ours).number] == [1, 2]
