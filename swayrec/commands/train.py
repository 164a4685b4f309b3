"""`swayrec train`: the training pipeline on this machine."""

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from swayrec.commands import options

if TYPE_CHECKING:
    from swayrec.operations.current import Current
    from swayrec.operations.workspace import Workspace


@click.command()
@options.scenario
@options.workspace
@options.until
@options.as_json
def train(scenario: Path, root: Path, until: str, as_json: bool) -> None:
    """Train on a scenario: ingest, fit, evaluate, register, publish features.

    A step whose inputs have not changed is not run again, so a stopped training goes on where it stopped.
    """
    from swayrec.commands.table import show_json
    from swayrec.operations.gate import Decision
    from swayrec.operations.workspace import Workspace
    from swayrec.tables.dataset import QUARANTINE, Dataset
    from swayrec.tables.ingest_summary import bad_rows

    workspace = Workspace(root)
    current = trained(workspace, scenario, until)
    report = workspace.reports / current.name / "report.html"
    decision, dataset = Decision.read(current.decision), Dataset(current.dataset)
    ingested, first = dataset.report(), dataset.first_bad()
    made = {
        "version": current.newest,
        "promoted": decision.promote,
        "reasons": list(decision.reasons),
        "report": str(report),
        "served": {"version": current.version, "model": str(current.model)},
        "dataset": str(current.dataset),
        "bad_rows": {name: source["quarantined"] for name, source in ingested["sources"].items()},
        "first_bad_rows": first,
    }
    if as_json:
        show_json(made)
    else:
        lines = [
            f"Version {current.newest} is registered; {'; '.join(decision.reasons)}.",
            f"Report: {report}",
            f"Served: version {current.version}, {current.model}",
        ]
        if bad := bad_rows(ingested, first):
            lines += [*bad, f"They were left out, and are kept in {current.dataset / QUARANTINE}"]
        click.echo("\n".join(lines))


def trained(workspace: "Workspace", scenario: Path, until: str = "") -> "Current":
    """Runs the pipeline and shows how it goes on; a step that fails ends the command with one sentence."""
    from swayrec.commands.watching import Progress

    workspace.make()
    signal.signal(signal.SIGTERM, _interrupt)
    with Progress() as progress:
        from pipelines import local

        try:
            return local.run(workspace, scenario, until, progress)
        except local.StepError as error:
            raise click.ClickException(str(error)) from error
        except KeyboardInterrupt as stopped:
            click.echo("Stopped; the same command goes on where this one stopped.", err=True)
            sys.exit(128 + (stopped.args[0] if stopped.args else signal.SIGINT))


def _interrupt(number: int, frame: FrameType | None) -> None:
    """A polite kill unwinds as Ctrl-C does: for any other exception kfp.local waits until the step has ended."""
    raise KeyboardInterrupt(number)
