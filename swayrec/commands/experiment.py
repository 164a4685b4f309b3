"""`swayrec experiment`: two versions side by side, each user always on the same side."""

from dataclasses import asdict
from pathlib import Path

import click

from swayrec.commands import options


@click.group()
def experiment() -> None:
    """Serve another version to a share of the users, beside the champion."""


@experiment.command()
@click.argument("version", metavar="VERSION")
@click.option(
    "--share",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.1,
    show_default=True,
    help="Share of the users who get it.",
)
@click.option("--name", metavar="NAME", help="The experiment's name (default: from the version).")
@options.workspace
def start(version: str, share: float, name: str | None, root: Path) -> None:
    """Begin: VERSION is a number, or SCENARIO/NUMBER. Given again, it changes the share."""
    from swayrec.operations import experiment as experiments
    from swayrec.operations.registry import Registry
    from swayrec.operations.workspace import Workspace

    workspace = Workspace(root)
    made = experiments.start(workspace, Registry(workspace).show(version), share, name)
    click.echo(
        f"Experiment {made.name}: version {made.version} for {made.share:g} of the users; "
        "a running `swayrec serve` takes it up by itself."
    )


@experiment.command()
@options.workspace
def end(root: Path) -> None:
    """End it: everyone gets the champion again."""
    from swayrec.operations import experiment as experiments
    from swayrec.operations.workspace import Workspace

    done = experiments.end(Workspace(root))
    click.echo(f"Experiment {done.name} has ended; version {done.version} is served to nobody now.")


@experiment.command()
@options.workspace
@options.as_json
def show(root: Path, as_json: bool) -> None:
    """Show the experiment that runs, and what each side has shown."""
    from swayrec.commands.table import show as table
    from swayrec.commands.table import show_json
    from swayrec.operations import experiment as experiments
    from swayrec.operations.exposures import by_variant
    from swayrec.operations.workspace import Workspace
    from swayrec.tables.errors import InputError

    workspace = Workspace(root)
    running = experiments.read(workspace)
    if running is None:
        raise InputError(f"{root}: no experiment runs; `swayrec experiment start VERSION` begins one")
    sides = by_variant(workspace.exposures / running.scenario, running.name)
    if as_json:
        show_json({**asdict(running), "sides": sides})
        return
    click.echo(
        f"{running.name}: version {running.version} for {running.share:g} of the users since {running.started_at}"
    )
    rows = [(side, told["answers"], told["users"]) for side, told in sides.items()]
    table(("side", "answers", "users"), rows, as_json=False)
