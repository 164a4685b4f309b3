"""`swayrec events`: moves what was posted and what was shown into files and out of them."""

import contextlib
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from swayrec.commands import options

if TYPE_CHECKING:
    from serving.destinations import Post
    from serving.event_log import Record
    from serving.moving import Kind

_kind = click.option(
    "--kind",
    type=click.Choice(["events", "items", "exposures"]),
    default="events",
    show_default=True,
    help="What people did, what can be recommended, or what was shown.",
)


@click.group()
def events() -> None:
    """Move posted events and items, and what was shown, into files and out of them."""


@events.command("export")
@_kind
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    required=True,
    help="Where to: a .csv, .parquet or .jsonl file.",
)
@click.option(
    "--since", type=options.Time(), metavar="TIME", default="", help="Only what was at or after TIME."
)
@click.option("--until", type=options.Time(), metavar="TIME", default="", help="Only what was before TIME.")
@options.workspace
def export(kind: "Kind", output: Path, since: str, until: str, root: Path) -> None:
    """Write what was posted, or what was shown, to a file; an intake may go on meanwhile."""
    from serving import moving
    from swayrec.operations.current import Current
    from swayrec.operations.workspace import Workspace

    workspace = Workspace(root)
    scenario = Current.read(workspace).name
    bounds = (datetime.fromisoformat(given) if given else None for given in (since, until))
    rows = moving.export(workspace, scenario, kind, output, *bounds)
    click.echo(f"{output}: {rows:,} {'rows of ' if kind == 'exposures' else ''}{kind}", err=True)


@events.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@_kind
@click.option(
    "--intake",
    "url",
    metavar="URL",
    help="Post them to the intake that runs there; default: into the log, while none runs.",
)
@options.workspace
def import_(file: Path, kind: "Kind", url: str | None, root: Path) -> None:
    """Post the rows of FILE (.csv, .parquet or .jsonl), in the fields that the intake takes.

    A row that is wrong goes into a file beside the log, with the reason. A token for --intake is taken from
    the environment: SWAYREC_TOKEN.
    """
    from serving import destinations, moving
    from swayrec.operations.current import Current
    from swayrec.operations.workspace import Workspace
    from swayrec.tables import scenario as scenarios
    from swayrec.tables.errors import InputError

    workspace = Workspace(root)
    scenario = scenarios.load(Current.read(workspace).scenario)
    with contextlib.ExitStack() as held:
        post: Post = _nothing_to_post
        if url and kind == "exposures":
            raise InputError("an intake takes no exposures; import them without --intake")
        if url:
            post = held.enter_context(destinations.intake_at(url, os.environ.get("SWAYREC_TOKEN")))
        elif kind != "exposures":
            post = held.enter_context(destinations.log_of(workspace, scenario.name))
        done = moving.import_(workspace, scenario.name, kind, file, scenario.behavior_names, post)
    click.echo(f"{done.kept:,} {kind} of {file} are kept", err=True)
    if done.quarantine:
        click.echo(
            f"{done.refused:,} rows are wrong; each stands with its reason in {done.quarantine}", err=True
        )
        sys.exit(0 if done.kept else 1)


def _nothing_to_post(records: "Sequence[Record]") -> None:
    """Exposures are not posted."""
