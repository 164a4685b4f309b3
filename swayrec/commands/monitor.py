"""`swayrec monitor`: may the model stay? A verdict on each window of time."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from swayrec.commands import options
from swayrec.commands.acting import Acted, acted

if TYPE_CHECKING:
    from swayrec.operations.monitoring.report_words import Language


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
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the verdicts as Markdown.")
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a page on the newest verdict and the series so far; it loads nothing.",
)
@click.option(
    "--language",
    type=click.Choice(("en", "zh")),
    default="en",
    show_default=True,
    help="The language of the Markdown; a page has both.",
)
def monitor(
    root: Path,
    since: str,
    until: str,
    retrain: bool,
    as_json: bool,
    as_markdown: bool,
    page: Path | None,
    language: "Language",
) -> None:
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
    from swayrec.operations.workspace import Workspace

    tether.hold()
    workspace = Workspace(root)
    Current.read(workspace)
    with Progress() as progress:
        from serving import posted_export
        from swayrec.operations.monitoring.monitor import monitor as monitored

        export = partial(posted_export.export, workspace)
        done = monitored(workspace, since, until, export, progress.said, heavy=load_tensorflow)
        then = acted(workspace, done.folder, progress, until) if retrain else Acted([], None, [])
    if page is not None:
        from swayrec.commands.monitor_page import write

        write(done, page)
    untold = [*done.untold, *then.untold]
    if as_json:
        told = [each.to_json() for each in (*done.told, *untold)]
        verdicts = list(done.verdicts)
        show_json({"folder": str(done.folder), "notes": told, "verdicts": verdicts, **then.to_json()})
    else:
        for sentence in (*(() if done.verdicts else done.told), *untold):
            click.echo(sentence.en)
        for verdict in done.verdicts:
            _show(verdict, language if as_markdown else None)
        if done.verdicts:
            click.echo(f"Kept in {done.folder}", err=True)
    then.show(workspace, err=as_json or as_markdown)


def _show(verdict: dict[str, Any], language: "Language | None") -> None:
    from swayrec.commands.table import text_table
    from swayrec.operations.monitoring.report_markdown import markdown
    from swayrec.operations.monitoring.report_words import evidence, times

    if language is not None:
        click.echo(markdown(verdict, language))
        return

    since, until = times(verdict)
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
            f"{evidence(row):.1%}",
            "alarm" if row["alarm"] else "",
        )
        for row in verdict["checks"]
        if row["judged"]
    ]
    if rows:
        click.echo(text_table(("check", "part", "change", "95 %", "matters", "evidence", ""), rows))
