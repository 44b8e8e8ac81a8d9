"""`kiosk citizen`: the citizen's own terminal, where the PIN is asked for and typed."""

from __future__ import annotations

import os
from pathlib import Path

import click

from kiosk.cli.options import config_option, load_config, one_sentence
from kiosk.texts import Language

ALL = "all"


@click.command()
@click.option(
    "--socket",
    "socket_path",
    type=click.Path(path_type=Path),
    help="Where the kiosk listens; without it, devices.citizen_socket of the settings.",
)
@click.option(
    "--language",
    type=click.Choice([ALL, *(language.value for language in Language)]),
    default=ALL,
    show_default=True,
    help="What is shown first; Tab and / go on to the next.",
)
@config_option
def citizen(socket_path: Path | None, language: str, config_path: Path | None) -> None:
    """Serve as the citizen's terminal, on the terminal this is started on, until it is ended by a signal.

    \b
    Example, on the second console:
      kiosk citizen --socket /run/registration-kiosk/citizen.sock

    The kiosk itself is set up with pin_method = "terminal" and the same path as citizen_socket.
    """
    path = socket_path or load_config(config_path).devices.citizen_socket
    if path is None:
        raise click.UsageError("name the socket: --socket, or devices.citizen_socket in the settings")
    if not (os.isatty(0) and os.isatty(1)):
        raise click.UsageError("this is no terminal: start it on the citizen's own")
    from hardware.citizen_program import run
    from kiosk.citizen_words import words

    one_by_one = [(words(one),) for one in Language]
    choices = [tuple(words(one) for one in Language), *one_by_one]
    names = [ALL, *(one.value for one in Language)]
    first = names.index(language)
    with one_sentence():
        run(path.absolute(), [*choices[first:], *choices[:first]])
