"""The command line: `swayrec COMMAND`. Lazy: a command imports what it needs when it runs."""

import importlib
import signal
import sys
import threading
from typing import Any

import click

from swayrec import __version__
from swayrec.tables.errors import InputError, of_the_machine

COMMANDS = (
    "check",
    "train",
    "recommend",
    "influence",
    "effect",
    "serve",
    "refresh",
    "monitor",
    "dashboard",
    "models",
    "experiment",
    "tune",
    "bench",
    "events",
    "demo",
)
"""Each is the click command of the same name in the module of the same name in `swayrec.commands`."""


class Commands(click.Group):
    """A group whose commands are modules; bad input ends in one sentence and exit 1, never in a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Imports one command's module; these import nothing slow at their top."""
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"swayrec.commands.{name}"), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Runs a command; an :class:`InputError` is what a person is meant to read."""
        # A script's shell starts what it puts into the background with SIGINT ignored; who sends one all the
        # same wants an end, and one that leaves no process.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return super().invoke(ctx)
        except InputError as error:
            raise click.ClickException(str(error)) from None
        except OSError as error:
            said = of_the_machine(error)
            if said is None:
                raise
            raise click.ClickException(said) from None
        except KeyboardInterrupt as stopped:
            click.echo("Stopped.", err=True)
            sys.exit(128 + (stopped.args[0] if stopped.args else signal.SIGINT))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(version)s")
def main() -> None:
    """Find out how much each thing a user does sways what the user does next, and recommend from that."""


if __name__ == "__main__":
    main()
