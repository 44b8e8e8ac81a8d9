"""`kiosk …`: one module of `kiosk.cli` per command group, imported only when it is asked for."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "run": "station",
    "demo": "station",
    "citizen": "citizen",
    "rehearse": "rehearse",
    "card": "card",
    "forms": "forms",
    "archive": "archive",
    "report": "report",
    "bundle": "bundle",
    "registry": "registry",
    "authority": "authority",
    "doctor": "doctor",
    "bench": "bench",
}


class LazyGroup(click.Group):
    """Finds a command's module by name, so that `kiosk --help` and the station start fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"kiosk.cli.{COMMANDS[cmd_name]}"), cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101  # narrows getattr's type; a wrong table is our bug
        return command


@click.group(cls=LazyGroup, invoke_without_command=True)
@click.version_option(package_name="registration-kiosk")
@click.pass_context
def kiosk(ctx: click.Context) -> None:
    """The registration-office kiosk: qualified certificates onto Serbian chip ID cards.

    Without a command the station opens, as `kiosk run` does. Example: kiosk demo
    """
    if ctx.invoked_subcommand is None:
        from kiosk.cli.station import run

        ctx.invoke(run)


def main() -> None:
    """Entry point of the installed command."""
    kiosk(prog_name="kiosk")


if __name__ == "__main__":
    main()
