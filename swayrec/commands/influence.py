"""`swayrec influence`: how much each behavior sways, and what swayed one user."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from swayrec.commands import options

if TYPE_CHECKING:
    from swayrec.operations.current import Current

LEAST = 0.0005
"""A smaller influence would show as 0.000."""


@click.command()
@options.workspace
@click.option(
    "--user", metavar="U", help="Each event's influence on a recommendation for this user, and the intent."
)
@click.option(
    "--item", metavar="I", help="With --user: the item to explain; the user's best recommendation by default."
)
@click.option(
    "-n",
    "rows",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help="With --user: events in the table.",
)
@options.as_json
def influence(root: Path, user: str | None, item: str | None, rows: int, as_json: bool) -> None:
    """Show how much each behavior sways the next choice, or what swayed one user."""
    from swayrec.operations.current import Current
    from swayrec.operations.workspace import Workspace

    if item is not None and user is None:
        raise click.UsageError("--item needs --user")
    current = Current.read(Workspace(root))
    if user is None:
        show_behaviors(current, as_json)
    else:
        _show_user(current, user, item, rows, as_json)


def show_behaviors(current: "Current", as_json: bool) -> None:
    """Prints the weight of each behavior with its interval, the served model's."""
    from swayrec.commands.table import show
    from swayrec.tables.intact import intact

    with intact(current.learned):
        told = json.loads(current.learned.read_text(encoding="utf-8"))["behaviors"]
    names = ("name", "weight", "low", "high", "relative", "target")
    columns = ("behavior", "weight", "low 95 %", "high 95 %", "relative", "target") if not as_json else names
    rows = [
        [row[name] if name != "target" or as_json else "yes" if row[name] else "" for name in names]
        for row in told
    ]
    show(columns, rows, as_json)


def _show_user(current: "Current", user: str, item: str | None, rows: int, as_json: bool) -> None:
    from swayrec.commands.silence import load_tensorflow
    from swayrec.commands.table import show_json, text_table
    from swayrec.operations.explanation import explained

    load_tensorflow()
    told = explained(current, user, item)
    if as_json:
        show_json(told)
        return
    sways = [event for event in told["events"] if abs(event["influence"]) >= LEAST]
    events = sorted(sways, key=lambda event: -abs(event["influence"]))[:rows]
    click.echo(f"{told['title']} ({told['item_id']}) scores {told['score']:.4f} for user {user}; intent now:")
    click.echo("  " + ", ".join(f"{name} {value:.2f}" for name, value in told["intent"].items()))
    cells = [
        (
            event["title"],
            event["behavior"],
            event["count"],
            (event["time"] or "")[:10],
            event["influence"],
            event["intent"],
        )
        for event in events
    ]
    if cells:
        click.echo(text_table(("event", "behavior", "times", "newest", "influence", "intent then"), cells))
    click.echo(
        "Beside the events: " + ", ".join(f"{name} {value:+.3f}" for name, value in told["rest"].items())
    )
    click.echo(
        f"{len(sways)} of this user's {len(told['events'])} rows of history sway this item; --json shows all."
        + (
            f" These are the {len(events)} that sway most; -n shows more." if len(events) < len(sways) else ""
        ),
        err=True,
    )
