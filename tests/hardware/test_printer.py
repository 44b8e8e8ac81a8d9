"""Printing, against a real cupsd."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.errors import NoPrinterService, NoQueue, PrinterAnswerMalformed, PrinterError, PrinterRefused
from hardware.ipp import Attribute, Group, Operation, Tag, request
from hardware.printer import JobId, JobState, Printer, PrinterPhase
from tests.hardware.cups_service import QUEUE, Service, cups_service, lay_out, require_cupsd, running

PDF = b"%PDF-1.7\n% invented\n%%EOF\n"
NUMBERS = count(1)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    require_cupsd()
    with cups_service(tmp_path_factory.mktemp("cups")) as running:
        yield running


@pytest.fixture
def printer(service: Service) -> Printer:
    return Printer(QUEUE, service.path)


@pytest.fixture
def name() -> str:
    return f"2026-{next(NUMBERS):06}-agreement-1"


@pytest.fixture
def held_queue(service: Service) -> Iterator[None]:
    service.admin("cupsdisable", QUEUE)
    yield
    service.admin("cupsenable", QUEUE)


def await_state(printer: Printer, job: JobId, wanted: JobState) -> None:
    """CUPS finishes a job a moment after the device has its bytes."""
    waiting = threading.Event()
    for _ in range(200):
        if printer.job_state(job) is wanted:
            return
        waiting.wait(0.05)
    pytest.fail(f"job is {printer.job_state(job).name}, not {wanted.name}")


def test_pdf_arrives_byte_for_byte(printer: Printer, service: Service, name: str) -> None:
    job = printer.print_pdf(PDF, name, copies=2)
    sheet = service.next_sheet()
    assert (sheet.job_id, sheet.title, sheet.copies, sheet.data) == (job, name, 2, PDF)
    assert "media=iso_a4_210x297mm" in sheet.options
    await_state(printer, job, JobState.COMPLETED)


def test_job_is_found_by_name_when_done(printer: Printer, service: Service, name: str) -> None:
    job = printer.print_pdf(PDF, name, copies=1)
    service.next_sheet()
    await_state(printer, job, JobState.COMPLETED)
    assert printer.find(name) == job


def test_unknown_name_is_not_found(printer: Printer) -> None:
    assert printer.find("2026-999999-agreement-1") is None


@pytest.mark.usefixtures("held_queue")
def test_second_submit_adopts_the_waiting_job(printer: Printer, service: Service, name: str) -> None:
    first = printer.submit_once(PDF, name, copies=1)
    assert printer.submit_once(PDF, name, copies=1) == first
    assert printer.job_state(first) is JobState.PENDING
    service.admin("cupsenable", QUEUE)
    assert service.next_sheet().title == name
    await_state(printer, first, JobState.COMPLETED)


@pytest.mark.usefixtures("held_queue")
def test_canceled_job_is_printed_anew(printer: Printer, service: Service, name: str) -> None:
    first = printer.submit_once(PDF, name, copies=1)
    printer.cancel(first)
    await_state(printer, first, JobState.CANCELED)
    assert printer.find(name) is None
    second = printer.submit_once(PDF, name, copies=1)
    assert second != first
    service.admin("cupsenable", QUEUE)
    assert service.next_sheet().job_id == second


@pytest.mark.usefixtures("held_queue")
def test_stopped_queue_says_so(printer: Printer) -> None:
    state = printer.printer_state()
    assert state.phase is PrinterPhase.STOPPED
    assert state.reasons == ("paused",)
    assert str(state) == "stopped, paused"


def test_idle_queue(printer: Printer) -> None:
    state = printer.printer_state()
    assert state.accepts_jobs
    assert not state.reasons


def test_rejecting_queue_refuses(printer: Printer, service: Service, name: str) -> None:
    service.admin("cupsreject", QUEUE)
    try:
        assert not printer.printer_state().accepts_jobs
        with pytest.raises(PrinterRefused):
            printer.print_pdf(PDF, name, copies=1)
    finally:
        service.admin("cupsaccept", QUEUE)


def test_job_is_adopted_after_the_service_was_killed(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    require_cupsd()
    root = tmp_path_factory.mktemp("cups")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        service, printer = Service(root / "cups.sock", listener), Printer(QUEUE, root / "cups.sock")
        lay_out(root, listener.getsockname()[1])
        with running(root) as daemon:
            service.admin("lpadmin", "-p", QUEUE, "-E", "-v", "paper:/tray", "-m", "raw")
            service.admin("cupsdisable", QUEUE)
            job = printer.submit_once(PDF, name, copies=1)
            daemon.kill()
        (root / "cups.sock").unlink()
        with pytest.raises(NoPrinterService):
            printer.submit_once(PDF, name, copies=1)
        with running(root):
            assert printer.submit_once(PDF, name, copies=1) == job


def test_no_such_queue(service: Service) -> None:
    with pytest.raises(NoQueue) as raised:
        Printer("elsewhere", service.path).printer_state()
    assert raised.value.queue == "elsewhere"


def test_no_such_job(printer: Printer) -> None:
    with pytest.raises(PrinterRefused):
        printer.job_state(JobId(999_999))


def test_no_service(tmp_path: Path) -> None:
    with pytest.raises(NoPrinterService):
        Printer(QUEUE, tmp_path / "nothing.sock").printer_state()


@contextmanager
def answering(path: Path, answer: bytes) -> Iterator[Path]:
    """A socket that gives the same answer to whoever asks first."""

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            asked = b""
            while not asked.endswith(bytes([Group.END])):
                asked += connection.recv(65536)
            connection.sendall(answer)

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield path
        thread.join()


def http(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


GOOD_STATE = bytes([2, 0, 0, 0, 0, 0, 0, 1, Group.PRINTER]) + Attribute(Tag.ENUM, "printer-state", (3,)).encode()


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH\r\n",
        http(b""),
        http(b"<html>busy</html>"),
        http(GOOD_STATE),
        http(GOOD_STATE[:-2] + b"\x03"),
        http(bytes([2, 0, 0, 0, 0, 0, 0, 1, Group.END])),
        http(bytes([2, 0, 0, 0, 0, 0, 0, 1, Group.PRINTER, Group.END])),
        http(GOOD_STATE[:9] + Attribute(Tag.ENUM, "printer-state", (77,)).encode() + b"\x03"),
        http(GOOD_STATE[:9] + Attribute(Tag.KEYWORD, "printer-state", ("idle",)).encode() + b"\x03"),
    ],
    ids=["not http", "empty", "html", "no end", "cut value", "no groups", "no state", "state 77", "state as text"],
)
def test_garbage_is_named(tmp_path: Path, answer: bytes) -> None:
    with answering(tmp_path / "s", answer) as path, pytest.raises(PrinterAnswerMalformed):
        Printer(QUEUE, path).printer_state()


def test_whole_answer_is_read(tmp_path: Path) -> None:
    with answering(tmp_path / "s", http(GOOD_STATE + b"\x03")) as path:
        assert Printer(QUEUE, path).printer_state().phase is PrinterPhase.IDLE


def test_forbidden_is_named(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
    with answering(tmp_path / "s", answer) as path, pytest.raises(PrinterRefused, match="403"):
        Printer(QUEUE, path).printer_state()


def test_silent_service_is_no_service(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        with pytest.raises(NoPrinterService):
            Printer(QUEUE, tmp_path / "s", timeout_s=0.1).printer_state()


@given(st.binary(max_size=200))
def test_no_answer_escapes_as_another_error(body: bytes) -> None:
    from hardware.printer import _parsed

    for message in (body, GOOD_STATE[:9] + body, GOOD_STATE + body):
        try:
            _parsed(message)
        except PrinterError as error:
            assert isinstance(error, PrinterAnswerMalformed)


def test_request_as_rfc_8010_writes_it() -> None:
    message = request(Operation.GET_JOBS, [Attribute(Tag.KEYWORD, "a", ("x", "yz"))], [], b"document")
    assert message[:8] == bytes.fromhex("0200000a00000001")
    assert message.endswith(bytes.fromhex("44 0001 61 0001 78 44 0000 0002 797a 03") + b"document")
