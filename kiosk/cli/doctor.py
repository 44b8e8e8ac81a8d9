"""`kiosk doctor`: what stands at this desk, whether it works, and what to do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from hardware.errors import HardwareError
from hardware.interface import SlotState
from hardware.settings import TRAINING
from kiosk.cli.options import config_option, load_config, without_pin
from kiosk.config import Config

DISK_FLOOR_MIB = 200
OLDEST_CLOCK = datetime(2026, 1, 1, tzinfo=UTC)

REMEDIES = {
    SlotState.NO_SERVICE: "start pcscd (Debian package pcscd)",
    SlotState.NO_READER: "plug the card reader in; its driver is in the Debian package libccid",
    SlotState.NO_DRIVER: "install its driver; for most readers it is in the Debian package libccid",
    SlotState.READER_UNAVAILABLE: "unplug the reader and plug it in again",
    SlotState.MUTE: "turn the card round; clean its contacts",
}


TRAINING_ONLY = "for training only: on any other card it is refused"
WITHOUT_ANY = "an office where the citizen has nothing of their own to type a PIN on may only train"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One device or condition."""

    part: str
    found: str
    works: bool
    remedy: str = ""


@click.command()
@config_option
@click.option("--json", "as_json", is_flag=True)
def doctor(config_path: Path | None, as_json: bool) -> None:
    """Check reader, module, printer, disk, clock and fonts. Example: kiosk doctor --json

    Exit code 1 when something does not work.
    """
    findings = list(_examine(load_config(config_path)))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            mark = "ok " if finding.works else "NOT"
            click.echo(
                f"{mark} {finding.part:10} {finding.found}" + (f" -> {finding.remedy}" if finding.remedy else "")
            )
    if not all(finding.works for finding in findings):
        raise SystemExit(1)


def _examine(config: Config) -> Iterator[Finding]:
    yield _reader(config)
    yield _trust_list(config)
    yield _module(config)
    yield _pin_method(config)
    yield _pin_devices(config)
    yield _speech(config)
    yield _key_service(config)
    yield _practice(config)
    yield _revocation_list(config)
    yield _printer(config)
    yield _disk(config)
    yield _clock()
    yield _console_font()


def _reader(config: Config) -> Finding:
    from hardware.local import LocalDevices

    devices = LocalDevices(without_pin(config.devices))
    try:
        state = devices.slot_state()
        name = devices.reader_name()
    finally:
        devices.close()
    kind = f"{name} (built-in training card, not a real one)" if config.devices.reader == TRAINING else name
    works = state in (SlotState.CARD, SlotState.EMPTY)
    return Finding(part="reader", found=f"{kind}: {state.value}", works=works, remedy=REMEDIES.get(state, ""))


def _trust_list(config: Config) -> Finding:
    from hardware.document_reader import trust_list

    try:
        trusted = trust_list(config.devices)
    except HardwareError as error:
        return Finding(part="trust list", found=str(error), works=False, remedy="see kiosk card trust --help")
    dated = f"of {trusted.dated}" if trusted.dated else "built in, TEST signers only"
    return Finding(part="trust list", found=f"{len(trusted.certificates)} certificates, {dated}", works=True)


def _module(config: Config) -> Finding:
    settings = config.devices
    if settings.key_store != "pkcs11":
        return Finding(part="key store", found=settings.key_store, works=True)
    path = settings.pkcs11_module
    if path is None or not path.is_file():
        return Finding(part="key store", found=f"no module {path}", works=False, remedy="set devices.pkcs11_module")
    return Finding(part="key store", found=str(path), works=True)


def _pin_method(config: Config) -> Finding:
    from hardware.pin_devices import device_in_use

    device = device_in_use(config.devices)
    if device is None:
        return Finding(part="PIN", found=f"the clerk's keyboard; {TRAINING_ONLY}", works=True)
    found = f"{device.method.value} {device.name}".strip()
    return Finding(
        part="PIN",
        found=f"{found}: {device.fault}" if device.fault else found,
        works=not device.fault,
        remedy="plug it in, or set devices.pin_method" if device.fault else "",
    )


def _pin_devices(config: Config) -> Finding:
    from hardware.pin_devices import found_devices

    found = [f"{device.method.value} {device.name} {device.fault}".strip() for device in found_devices()]
    if config.devices.citizen_socket is not None:
        found.append(f"terminal {config.devices.citizen_socket}")
    if config.devices.serial_pinpad:
        found.append(f"serial pad {config.devices.serial_pinpad}")
    said = "; ".join(found) or f"none; {WITHOUT_ANY}"
    return Finding(part="PIN device", found=said, works=True)


def _key_service(config: Config) -> Finding:
    """Who can answer when a PIN is to be unblocked. An HSM is not logged in to: only the operator may."""
    settings = config.key_service
    if settings.kind != "hsm":
        said = {"training": "training: for invented citizens' cards only", "centre": "the centre, by a code exchange"}
        found = said.get(settings.kind, settings.kind)
        return Finding(
            part="unblock", found=found, works=settings.kind in said, remedy="" if settings.kind in said else "set kind"
        )
    works = settings.module is not None and settings.module.is_file()
    remedy = "" if works else "set key_service.module"
    return Finding(part="unblock", found=f"hsm {settings.module} {settings.token_label}", works=works, remedy=remedy)


def _speech(config: Config) -> Finding:
    from kiosk.speech import NoSpeech, Speaker

    command = config.cues.speech
    try:
        Speaker(command)
    except NoSpeech as error:
        return Finding(part="speech", found=str(error), works=False, remedy="install it, or empty cues.speech")
    return Finding(part="speech", found=command or "off", works=True)


def _practice(config: Config) -> Finding:
    """What the linters will hold against the certificates that are asked for."""
    from kiosk.ca.interface import Profile
    from kiosk.ca.lint import etsi_type
    from kiosk.ca.practice import consequences

    said = []
    for profile in Profile:
        against = [f"{one.severity} {one.code} ({one.switch})" for one in consequences(config.practice, profile)]
        said.append(f"{profile.value}: {'; '.join(against) or 'clean'} as {etsi_type(profile, config.practice)}")
    return Finding(part="practice", found=", ".join(said), works=True)


def _revocation_list(config: Config) -> Finding:
    from kiosk.revocation.errors import IndexDamaged
    from kiosk.revocation.status import RevocationData

    known = RevocationData(config.revocation_index, lambda: datetime.now(UTC))
    try:
        said = known.describe()
    except IndexDamaged as error:
        return Finding(part="revoked", found=str(error), works=False, remedy="kiosk authority import-crl FILE")
    finally:
        known.close()
    is_late = "TOO OLD" in said
    return Finding(part="revoked", found=said, works=not is_late, remedy="fetch a new one" if is_late else "")


def _printer(config: Config) -> Finding:
    from hardware.printer import Printer

    queue = config.printing.queue
    if not queue:
        return Finding(part="printer", found=f"none set; forms are saved in {config.folder / 'printed'}", works=True)
    try:
        state = Printer(queue, config.printing.socket).printer_state()
    except HardwareError as error:
        return Finding(part="printer", found=str(error), works=False, remedy="start CUPS; check printing.queue")
    return Finding(part="printer", found=f"{queue}: {state}", works=True)


def _disk(config: Config) -> Finding:
    folder = next(p for p in (config.folder, *config.folder.parents) if p.exists())
    free = shutil.disk_usage(folder).free // 2**20
    works = free >= DISK_FLOOR_MIB
    return Finding(part="disk", found=f"{free} MiB free", works=works, remedy="" if works else "free the disk")


def _clock() -> Finding:
    now = datetime.now(UTC)
    works = now >= OLDEST_CLOCK
    return Finding(
        part="clock", found=f"{now:%Y-%m-%d %H:%M} UTC", works=works, remedy="" if works else "set the clock"
    )


def _console_font() -> Finding:
    import screens

    font = Path(screens.__path__[0]) / "fonts" / "SrbKiosk16.psf"
    return Finding(part="font", found=f"{font.name} shipped; load it with setfont", works=font.is_file())
