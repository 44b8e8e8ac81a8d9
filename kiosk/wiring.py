"""The one place that names concrete devices, authority and archive, and introduces them to each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from data.archive import Archive
from data.authority_register import AuthorityRegister
from data.batch_store import BatchStore
from data.keyslots import Opener
from data.office_key import OfficeKey
from data.orders import OrderJournal
from hardware.interface import Devices
from hardware.settings import TRAINING
from kiosk import training_archive
from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.interface import CertificationAuthority
from kiosk.ca.root import load_or_create
from kiosk.ca.token_folder import token_place
from kiosk.config import BadConfig, Config
from kiosk.desk import Desk
from kiosk.enrolment.enrolment import Enrolment
from kiosk.key_services import key_service_for, with_hsm
from kiosk.local_authority import FOLDER, build_authority, open_key
from kiosk.printing import PrintRoom
from kiosk.reader_memory import remembered_reader
from kiosk.speech import NoSpeech, Speaker


def utc_now() -> datetime:
    """The clock of the station: UTC."""
    return datetime.now(UTC)


def build_desk(
    config: Config,
    *,
    devices: Devices | None = None,
    clock: Callable[[], datetime] = utc_now,
    openers: Sequence[Opener] = (),
    office_key: OfficeKey | None = None,
) -> Desk:
    """A desk on this configuration; `devices` overrides the device host (tests, rehearsals in process).

    `openers` open the archive's key slots, where it has any; `office_key` signs its heads (`None`: a file's).

    Raises `BadConfig`, `ArchiveError`, `AuthorityUnusable`.
    """
    if config.authority not in ("local", "cmp", "batch"):
        raise BadConfig("authority: one of local, cmp, batch")
    config.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    devices = devices or _device_host(config)
    key_service = key_service_for(config.key_service, devices)
    archive = Archive.open(config.folder, clock, office=config.office.number, office_key=office_key, openers=openers)
    archive.begin_session(config.office.clerk)
    if config.devices.reader == TRAINING:
        training_archive.seed(archive, clock().date())
    outbox = BatchStore(archive.store) if config.authority == "batch" else None
    authority = _authority(config, clock, outbox)
    orders = OrderJournal(archive, config.office.clerk)
    return Desk(
        config=config,
        archive=archive,
        devices=devices,
        authority=authority,
        enrolment=Enrolment(authority, orders),
        orders=orders,
        key_service=key_service,
        print_room=PrintRoom(config),
        speaker=_speaker(config),
        clock=clock,
        outbox=outbox,
    )


def _authority(config: Config, clock: Callable[[], datetime], outbox: BatchStore | None) -> CertificationAuthority:
    if config.authority == "cmp":
        return _cmp_authority(config, clock)
    if outbox is not None:
        return _batch_authority(config, outbox, clock)
    register = AuthorityRegister.open(config.folder)
    return build_authority(config, register, _authority_key(config, clock()), clock)


def _cmp_authority(config: Config, clock: Callable[[], datetime]) -> CertificationAuthority:
    from kiosk.cmp_office import build_cmp_authority

    authority = build_cmp_authority(config, clock)
    if config.devices.reader == TRAINING and not authority.is_test:
        raise BadConfig("cmp.is_test: the training card is for an authority that issues TEST certificates only")
    return authority


def _batch_authority(config: Config, outbox: BatchStore, clock: Callable[[], datetime]) -> CertificationAuthority:
    from kiosk.batch_office import build_batch_authority

    if config.devices.reader == TRAINING and not config.batch.is_test:
        raise BadConfig("batch.is_test: the training card is for an authority that issues TEST certificates only")
    return build_batch_authority(config, outbox, clock)


def _authority_key(config: Config, now: datetime) -> AuthorityKey:
    """A token's PIN is asked for at the terminal, before the screens take it."""
    folder = config.folder / FOLDER
    return load_or_create(folder, now) if token_place(folder) is None else open_key(folder, now)


def _speaker(config: Config) -> Speaker:
    try:
        return Speaker(config.cues.speech)
    except NoSpeech as error:
        raise BadConfig(f"cues.speech: {error}") from error


def _device_host(config: Config) -> Devices:
    from hardware.remote import RemoteDevices

    settings = config.devices
    reader = settings.reader or remembered_reader(config.folder)
    return RemoteDevices(with_hsm(replace(settings, reader=reader), config.key_service))
