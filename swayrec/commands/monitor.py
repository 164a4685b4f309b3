"""`swayrec monitor`: may the model stay? A verdict on each window of time."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from swayrec.commands import options

if TYPE_CHECKING:
    from swayrec.commands.watching import Progress
    from swayrec.operations.monitoring.retraining import Busy, Retraining
    from swayrec.operations.monitoring.sentence import Sentence
    from swayrec.operations.workspace import Workspace


@click.command()
@options.workspace
@click.option(
    "--since",
    type=options.Time(),
    metavar="TIME",
    default="",
    help="Look at every window from TIME on, oldest first (default: the newest one only).",
)
@click.option(
    "--until",
    type=options.Time(),
    metavar="TIME",
    default="",
    help="Look at no window that ends after TIME (default: now, or the end of an archived log).",
)
@click.option(
    "--retrain",
    is_flag=True,
    help="Do what the verdict asks for, once: train on the newest data (the gate decides what serves), end the "
    "experiment, roll back.",
)
@options.as_json
def monitor(root: Path, since: str, until: str, retrain: bool, as_json: bool) -> None:
    """Look at what came in, what was shown and what people did next, and say whether the model may stay.

    Reads the newest training's files, what was posted and what was shown, one window of time after the other
    (`[monitoring]` of the scenario), compares it with what was usual at the training, and keeps a verdict on each:
    pass, warn or retrain. Whatever the verdict, the command exits 0; it exits 1 where a retraining failed.
    """
    from swayrec.commands.silence import load_tensorflow
    from swayrec.commands.table import show_json
    from swayrec.commands.watching import Progress
    from swayrec.operations import tether
    from swayrec.operations.current import Current
    from swayrec.operations.monitoring.acting import act
    from swayrec.operations.monitoring.retraining import Busy, Retraining
    from swayrec.operations.workspace import Workspace

    tether.hold()
    workspace = Workspace(root)
    Current.read(workspace)
    with Progress() as progress:
        from serving import posted_export
        from swayrec.operations.monitoring.monitor import monitor as monitored

        export = partial(posted_export.export, workspace)
        done = monitored(workspace, since, until, export, progress.said, heavy=load_tensorflow)
        done_now = act(workspace) if retrain else []
        record, untold = _retrained(workspace, done.folder, progress, until) if retrain else (None, [])
    if as_json:
        told = [each.to_json() for each in (*done.told, *untold)]
        retraining = record.to_json() if isinstance(record, Retraining) else None
        show_json(
            {
                "folder": str(done.folder),
                "notes": told,
                "verdicts": list(done.verdicts),
                "retraining": retraining,
                "acts": [asdict(each) for each in done_now],
            }
        )
    else:
        for sentence in (*done.told, *untold):
            click.echo(sentence.en)
        for verdict in done.verdicts:
            _show(verdict)
        if done.verdicts:
            click.echo(f"Kept in {done.folder}", err=True)
    for each in done_now:
        click.echo(f"{each.action.replace('_', ' ')}: {each.told}", err=as_json)
    if isinstance(record, Busy):
        click.echo("Another process is retraining just now; this one leaves it to it.", err=True)
    elif record is not None:
        if record.status == "failed":
            served = Current.read(workspace).version
            raise click.ClickException(
                f"the retraining failed, version {served} serves on: {'; '.join(record.told)}"
            )
        click.echo(f"Retrained, version {record.version}: {'; '.join(record.told)}.", err=as_json)


def _retrained(
    workspace: "Workspace", folder: Path, progress: "Progress", until: str
) -> tuple["Retraining | Busy | None", "list[Sentence]"]:
    """How the retraining went, if one was due, and what a webhook did not take of it."""
    from pipelines.retraining import retrain
    from swayrec.operations.monitoring import telling
    from swayrec.operations.monitoring.retraining import Retraining

    record = retrain(workspace, progress, until)
    return record, telling.retraining(folder, record) if isinstance(record, Retraining) else []


def _show(verdict: dict[str, Any]) -> None:
    from swayrec.commands.table import text_table

    since, until = (verdict["window"][name][:16].replace("T", " ") for name in ("since", "until"))
    champion = verdict["champion"]["version"]
    click.echo(f"\n{since} to {until} UTC, version {champion}: {verdict['title']['en']}")
    for sentence in (*verdict["reasons"], *verdict["notes"]):
        click.echo(f"- {sentence['en']}")
    rows = [
        (
            row["title"]["en"],
            row["part"],
            row["change"],
            f"[{row['interval'][0]:.3f}, {row['interval'][1]:.3f}]",
            row["tolerance"],
            f"{min(row['evidence'] / row['bar'], 1):.1%}",
            "alarm" if row["alarm"] else "",
        )
        for row in verdict["checks"]
        if row["judged"]
    ]
    if rows:
        click.echo(text_table(("check", "part", "change", "95 %", "matters", "evidence", ""), rows))
