"""`swayrec train`: the training pipeline on this machine."""

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from swayrec.commands import options

if TYPE_CHECKING:
    from swayrec.operations.current import Current
    from swayrec.operations.workspace import Workspace


@click.command()
@options.scenario
@options.workspace
@click.option(
    "--until",
    type=options.Time(),
    metavar="TIME",
    default="",
    help="Ignore every event at or after TIME (ISO 8601; UTC where it names no zone).",
)
@options.as_json
def train(scenario: Path, root: Path, until: str, as_json: bool) -> None:
    """Train on a scenario: ingest, fit, evaluate, register, publish features.

    A step whose inputs have not changed is not run again, so a stopped training goes on where it stopped.
    """
    from swayrec.commands.table import show
    from swayrec.operations.workspace import Workspace

    current = trained(Workspace(root), scenario, until)
    rows = [
        ("version", str(current.version)),
        ("decision", current.reasons()),
        ("report", str(current.evaluation / "report.html")),
        ("model", str(current.model)),
        ("dataset", str(current.dataset)),
    ]
    if as_json:
        from swayrec.commands.table import show_json

        show_json(dict(rows))
    else:
        show(("made", "what"), rows, as_json=False)


def trained(workspace: "Workspace", scenario: Path, until: str = "") -> "Current":
    """Runs the pipeline and shows how it goes on; a step that fails ends the command with one sentence."""
    from swayrec.commands.watching import Progress

    workspace.make()
    # A polite kill must unwind as Ctrl-C does, so that the step at work ends too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with Progress() as progress:
        from pipelines import local

        try:
            return local.run(workspace, scenario, until, progress)
        except local.StepError as error:
            raise click.ClickException(str(error)) from error
        except KeyboardInterrupt:
            click.echo("Stopped; the same command goes on where this one stopped.", err=True)
            sys.exit(130)
