"""`swayrec check`: is a scenario right, are its data, and what would training do?"""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from swayrec.commands import options
from swayrec.commands.posted_too import DATASET, POSTED, dataset_of

PREFIX = "check-"


@click.command()
@options.scenario
@options.workspace
@options.until
@options.as_json
def check(scenario: Path, root: Path, until: str, as_json: bool) -> None:
    """Validate a scenario and its data, and say what training on it will do.

    Nothing is kept but the rows that were refused, where there are too many bad ones; until the next check.
    """
    from datetime import datetime

    from swayrec.commands.table import show_json
    from swayrec.operations.plan import plan
    from swayrec.operations.workspace import Workspace
    from swayrec.tables import scenario as scenarios
    from swayrec.tables.ingest_summary import summary

    asked = scenarios.load(scenario)
    Workspace(root).make()
    with _room(root) as folder:
        end = datetime.fromisoformat(until) if until else None
        dataset = dataset_of(asked, str(scenario), Workspace(root), folder, end)
        report, first = dataset.report(), dataset.first_bad()
        coming = plan(asked, str(scenario), dataset)
    if as_json:
        show_json({"scenario": asked.name, "ingest": report, "first_bad_rows": first, "training": coming})
    else:
        click.echo(
            "\n".join([f"{scenario} is right: {asked.title}", *summary(report, first), *_sentences(coming)])
        )


@contextlib.contextmanager
def _room(root: Path) -> Iterator[Path]:
    """A folder to ingest into; it stays only where rows were refused, for they are told of by their file."""
    for refused in root.glob(f"{PREFIX}*/{DATASET}.rejected"):
        # A check that is at work elsewhere has more in its folder.
        if len(list(refused.parent.iterdir())) == 1:
            shutil.rmtree(refused.parent)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
    try:
        yield folder
    finally:
        for made in (DATASET, POSTED):
            shutil.rmtree(folder / made, ignore_errors=True)
        if not any(folder.iterdir()):
            folder.rmdir()


def _sentences(coming: dict[str, Any]) -> list[str]:
    listed = [
        f"  {name}: {part['candidates']:,.1f} candidates a case; left out: "
        + ", ".join(f"{count:,} ({reason})" for reason, count in part["left_out"].items())
        for name, part in coming["parts"].items()
        if "candidates" in part
    ]
    asked = "cases" if listed else "users"
    parts = ", ".join(
        f"{name} asks {part['cases']:,} {asked} with {part['known_events']:,} events known"
        for name, part in coming["parts"].items()
    )
    models = [
        f"text: {coming['encoder']}" if coming["encoder"] else "no text",
        f"intent: {coming['intent']}",
        f"network: {coming['recommender']}",
    ]
    return [
        "Training will",
        f"  recommend {coming['items']:,} items ({coming['share_of_events']:.1%} of all events) "
        f"for {', '.join(coming['targets'])}",
        f"  split by {coming['protocol']}: {parts}",
        *listed,
        f"  choose on validation among {len(coming['forms'])} forms ({', '.join(coming['forms'])}) "
        f"and {len(coming['ridges'])} ridges",
        f"  use {'; '.join(models)}",
    ]
