"""The archive opened for one command: who opens its key slots, and errors as one sentence."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from pathlib import Path

import click

from data.archive import FILE_NAME, Archive
from data.custody import Custody
from data.keyslots import Opener, path_of
from data.keyslots import load as load_slots
from data.office_key import OfficeKey
from data.slot_kinds import AgeIdentity, Card, Passphrase
from hardware.office_token import OfficeToken
from kiosk.cli.options import load_config, one_sentence
from kiosk.config import Config


@contextmanager
def opened_archive(config_path: Path | None) -> Iterator[Archive]:
    with opened(config_path) as (_, archive, _):
        yield archive


@contextmanager
def opened_custody(config_path: Path | None) -> Iterator[Custody]:
    with opened(config_path) as (config, archive, openers):
        yield Custody(archive, config.office.clerk, *openers)


@contextmanager
def opened(config_path: Path | None) -> Iterator[tuple[Config, Archive, tuple[Opener, ...]]]:
    from kiosk.wiring import utc_now

    config = load_config(config_path)
    if not config.folder.is_dir():
        raise click.ClickException(f"no archive in {config.folder}")
    with one_sentence(), ExitStack() as until_closed:
        openers = tuple(openers_of(config.folder, until_closed))
        key = office_key_of(config, until_closed)
        archive = Archive.open(config.folder, utc_now, office=config.office.number, office_key=key, openers=openers)
        until_closed.callback(archive.close)
        yield config, archive, openers


def openers_of(folder: Path, until_closed: ExitStack) -> Iterator[Opener]:
    """Who opens the archive for this command: what the environment names, or the pass phrase that is asked for."""
    if identity := os.environ.get("KIOSK_RECOVERY_KEY_FILE"):
        yield AgeIdentity.from_file(Path(identity))
    if card := os.environ.get("KIOSK_CARD"):
        module, token, key = card.split(":")
        yield Card(until_closed.enter_context(closing(OfficeToken(Path(module), token, key, pin_fd=0))))
    path = path_of(folder / FILE_NAME)
    kinds = {slot["kind"] for slot in load_slots(path).slots} if path.exists() else set()
    if "passphrase" in kinds and "bare" not in kinds and not (identity or card):
        yield Passphrase(click.prompt("Pass phrase", hide_input=True, err=True))


def office_key_of(config: Config, until_closed: ExitStack) -> OfficeKey | None:
    """The office's key on its token; `None` when it is a file."""
    place = config.office_key
    if place.module is None:
        return None
    module, token, key = place.module, place.token, place.key
    return AskedForKey(lambda: until_closed.enter_context(closing(OfficeToken(module, token, key, pin_fd=0))))


class AskedForKey:
    """A key on a token whose PIN is asked for when something is to be signed: most commands sign nothing."""

    def __init__(self, opened: Callable[[], OfficeKey]) -> None:
        self._key = cache(opened)

    def spki(self) -> bytes:
        """The public key: SubjectPublicKeyInfo, DER. Raises what the token raises."""
        return self._key().spki()

    def sign(self, data: bytes) -> bytes:
        """ECDSA with SHA-256 over `data`, DER. Raises what the token raises."""
        return self._key().sign(data)
