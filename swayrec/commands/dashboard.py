"""`swayrec dashboard`: what monitoring found, in a browser."""

import sys
from pathlib import Path

import click

from swayrec.commands import options


@click.command()
@options.workspace
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to answer at; the default is this machine alone.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8085,
    show_default=True,
    help="The port to answer at; 0 = any.",
)
def dashboard(root: Path, host: str, port: int) -> None:
    """Show in a browser what `swayrec monitor` found, until Ctrl-C: Evidently's UI with a project a scenario.

    A viewer: nothing can be changed in it, and nothing is asked of any other machine. Windows that are monitored
    meanwhile appear by themselves.
    """
    from swayrec.commands.dashboard_server import listening, serve
    from swayrec.operations.workspace import Workspace
    from swayrec.tables.errors import InputError

    workspace = Workspace(root.resolve())
    folder = workspace.evidently
    if not any(folder.glob("*/metadata.json")):
        raise InputError(f"{root}: nothing has been monitored here yet; run `swayrec monitor` first")
    with listening(host, port) as socket:
        address, number = socket.getsockname()[:2]
        click.echo(
            f"The dashboard is at http://{f'[{address}]' if ':' in address else address}:{number} (Ctrl-C stops)."
        )
        serve(workspace, socket)
    click.echo("Stopped.", err=True)
    sys.exit(0)
