"""Printing through the local CUPS service: IPP over its Unix socket."""

from __future__ import annotations

import http.client
import socket
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import NewType

from hardware.errors import NoPrinterService, NoQueue, PrinterAnswerMalformed, PrinterRefused
from hardware.ipp import (
    NOT_FOUND,
    Attribute,
    AttributeGroup,
    Group,
    MalformedMessage,
    Operation,
    Response,
    Tag,
    parse,
    request,
)

JobId = NewType("JobId", int)

# Many printers take US Letter unless they are told otherwise.
PAPER = Attribute(Tag.KEYWORD, "media", ("iso_a4_210x297mm",))
SIDES = Attribute(Tag.KEYWORD, "sides", ("two-sided-long-edge",))
COLLATED = Attribute(Tag.KEYWORD, "multiple-document-handling", ("separate-documents-collated-copies",))
USER = "kiosk"
LONGEST_ANSWER = 4 * 2**20


class JobState(IntEnum):
    """Where a job stands, RFC 8011 5.3.7. `COMPLETED` means the data were sent, not that paper came out."""

    PENDING = 3
    HELD = 4
    PROCESSING = 5
    STOPPED = 6
    CANCELED = 7
    ABORTED = 8
    COMPLETED = 9

    @property
    def is_lost(self) -> bool:
        """True where nothing will be printed any more and nothing was."""
        return self in (JobState.CANCELED, JobState.ABORTED)


class PrinterPhase(IntEnum):
    """What the queue is doing, RFC 8011 5.4.11."""

    IDLE = 3
    PROCESSING = 4
    STOPPED = 5


@dataclass(frozen=True, slots=True)
class PrinterState:
    """A queue as CUPS sees it."""

    phase: PrinterPhase
    reasons: tuple[str, ...]
    """Such as `media-empty-warning`; match the stem, the suffix differs between printers. Empty: nothing is wrong."""
    accepts_jobs: bool

    def __str__(self) -> str:
        accepts = () if self.accepts_jobs else ("accepts no jobs",)
        return ", ".join((self.phase.name.lower(), *self.reasons, *accepts))


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class Printer:
    """One CUPS queue on the local socket. Every method raises `PrinterError`; job names must hold no personal data."""

    def __init__(self, queue: str, socket: Path, timeout_s: float = 10) -> None:
        self._queue = queue
        self._socket = socket
        self._timeout_s = timeout_s

    def submit_once(self, data: bytes, job_name: str, copies: int) -> JobId:
        """Print, unless a job of that name is waiting, printing or done; then that job is the one.

        The caller keeps the intent before it calls; after a power cut it calls again with the same name.
        """
        found = self.find(job_name)
        return self.print_pdf(data, job_name, copies) if found is None else found

    def print_pdf(self, data: bytes, job_name: str, copies: int) -> JobId:
        """Hand a PDF over to the queue in one request; on A4, two-sided, copies collated."""
        job = [Attribute(Tag.INTEGER, "copies", (copies,)), PAPER, SIDES, COLLATED]
        response = self._ask(
            Operation.PRINT_JOB,
            [Attribute(Tag.NAME, "job-name", (job_name,)), Attribute(Tag.MIME_TYPE, "document-format", (PDF,))],
            job,
            data,
        )
        return JobId(_integer(_first(response, Group.JOB), "job-id"))

    def find(self, job_name: str) -> JobId | None:
        """The newest job of that name that was not canceled or aborted.

        By name, because CUPS gives a job's id to another job after an unclean stop.
        """
        groups = [g for which in ("completed", "not-completed") for g in self._jobs(which)]
        ids = [
            _integer(group, "job-id")
            for group in groups
            if group.texts("job-name") == (job_name,) and not _job_state(group).is_lost
        ]
        return JobId(max(ids)) if ids else None

    def _jobs(self, which: str) -> tuple[AttributeGroup, ...]:
        wanted = Attribute(Tag.KEYWORD, "requested-attributes", ("job-id", "job-name", "job-state"))
        return self._ask(Operation.GET_JOBS, [Attribute(Tag.KEYWORD, "which-jobs", (which,)), wanted]).of(Group.JOB)

    def job_state(self, job: JobId) -> JobState:
        """Where the job stands. Raises `PrinterRefused` when CUPS has forgotten it."""
        wanted = Attribute(Tag.KEYWORD, "requested-attributes", ("job-state",))
        response = self._ask(Operation.GET_JOB_ATTRIBUTES, [Attribute(Tag.INTEGER, "job-id", (job,)), wanted])
        return _job_state(_first(response, Group.JOB))

    def cancel(self, job: JobId) -> None:
        """Take the job back; what is on paper already stays."""
        self._ask(Operation.CANCEL_JOB, [Attribute(Tag.INTEGER, "job-id", (job,))])

    def printer_state(self) -> PrinterState:
        """What the queue is doing, and what is wrong with the printer."""
        names = ("printer-state", "printer-state-reasons", "printer-is-accepting-jobs")
        response = self._ask(Operation.GET_PRINTER_ATTRIBUTES, [Attribute(Tag.KEYWORD, "requested-attributes", names)])
        group = _first(response, Group.PRINTER)
        try:
            phase = PrinterPhase(_integer(group, "printer-state"))
        except ValueError:
            raise PrinterAnswerMalformed("printer-state") from None
        reasons = tuple(reason for reason in group.texts("printer-state-reasons") if reason != "none")
        return PrinterState(phase, reasons, group.attributes.get("printer-is-accepting-jobs") == [True])

    def _ask(
        self,
        operation: Operation,
        attributes: list[Attribute],
        job: list[Attribute] | None = None,
        document: bytes = b"",
    ) -> Response:
        target = [
            Attribute(Tag.URI, "printer-uri", (f"ipp://localhost/printers/{self._queue}",)),
            Attribute(Tag.NAME, "requesting-user-name", (USER,)),
        ]
        # RFC 8011 4.1.5: printer-uri and job-id first, then who asks, then the rest.
        job_id = [a for a in attributes if a.name == "job-id"]
        rest = [a for a in attributes if a.name != "job-id"]
        body = request(operation, [target[0], *job_id, target[1], *rest], job or [], document)
        response = _parsed(self._exchange(body))
        if response.status == NOT_FOUND and not job_id:
            raise NoQueue(self._queue)
        if response.status >= 0x100:
            raise PrinterRefused(_reason(response))
        return response

    def _exchange(self, body: bytes) -> bytes:
        connection = _UnixConnection(self._socket, self._timeout_s)
        try:
            connection.request("POST", f"/printers/{self._queue}", body, {"Content-Type": "application/ipp"})
            answer = connection.getresponse()
            content = answer.read(LONGEST_ANSWER)
        except OSError as error:
            raise NoPrinterService(error.strerror or type(error).__name__) from error
        except http.client.HTTPException as error:
            raise PrinterAnswerMalformed(type(error).__name__) from error
        finally:
            connection.close()
        if answer.status != http.client.OK:
            raise PrinterRefused(f"HTTP {answer.status} {answer.reason}")
        return content


PDF = "application/pdf"


def _parsed(content: bytes) -> Response:
    try:
        return parse(content)
    except MalformedMessage as error:
        raise PrinterAnswerMalformed(str(error)) from error


def _first(response: Response, delimiter: Group) -> AttributeGroup:
    groups = response.of(delimiter)
    if not groups:
        raise PrinterAnswerMalformed(f"no {delimiter.name.lower()} attributes")
    return groups[0]


def _integer(group: AttributeGroup, name: str) -> int:
    try:
        return group.integer(name)
    except MalformedMessage as error:
        raise PrinterAnswerMalformed(name) from error


def _job_state(group: AttributeGroup) -> JobState:
    try:
        return JobState(_integer(group, "job-state"))
    except ValueError:
        raise PrinterAnswerMalformed("job-state") from None


def _reason(response: Response) -> str:
    said = [text for group in response.of(Group.OPERATION) for text in group.texts("status-message")]
    return f"0x{response.status:04x} {said[0] if said else ''}".strip()
