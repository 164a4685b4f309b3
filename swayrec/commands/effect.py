"""`swayrec effect`: what a behavior that is done to users brings about, beside what it only goes together with."""

import tempfile
from pathlib import Path
from typing import Any

import click

from swayrec.commands import options

ROWS = {
    "naive": "naive: treated less untreated",
    "doubly_robust": "doubly robust, all units",
    "doubly_robust_treated": "doubly robust, the treated",
}
"""The estimates of a result, and what a person is told of each."""


@click.command()
@options.scenario
@options.workspace
@click.option(
    "--of",
    "treatment",
    required=True,
    metavar="BEHAVIOR",
    help="What is done to users: a mailing, a coupon, an exposure.",
)
@click.option(
    "--on",
    "targets",
    multiple=True,
    metavar="TARGET",
    help="What it may bring about; may be given again. All target behaviors by default.",
)
@click.option(
    "--days",
    type=click.FloatRange(min=0, min_open=True),
    default=14,
    show_default=True,
    help="Within how many days.",
)
@click.option(
    "--most",
    type=click.IntRange(100),
    default=100_000,
    show_default=True,
    help="Treated units that are looked at; of more, a sample.",
)
@options.as_json
def effect(
    scenario: Path,
    root: Path,
    treatment: str,
    targets: tuple[str, ...],
    days: float,
    most: int,
    as_json: bool,
) -> None:
    """Estimate what a behavior that is done to users brings about (needs the extra bench).

    A unit is a user, an item and an instant. Those who were treated are compared with active users who were not, for
    the same item and instant: as they are, and doubly robust, with what the past says of who is treated taken out.
    """
    from swayrec.commands.posted_too import dataset_of
    from swayrec.commands.table import show_json
    from swayrec.evaluation.effect import LIBRARY
    from swayrec.learning.extra import missing
    from swayrec.operations.effects import estimated
    from swayrec.operations.workspace import Workspace
    from swayrec.tables import scenario as scenarios
    from swayrec.tables.errors import InputError

    asked = scenarios.load(scenario)
    on = targets or asked.targets
    for option, names in (("--of", (treatment,)), ("--on", on)):
        for name in names:
            if name not in asked.behavior_names:
                raise click.BadParameter(
                    f"{name!r} is none of {', '.join(asked.behavior_names)}", param_hint=option
                )
    if treatment in on:
        raise click.BadParameter(f"{treatment!r} cannot bring about itself; name another", param_hint="--on")
    if reason := missing(LIBRARY):
        raise InputError(reason)
    Workspace(root).make()
    with tempfile.TemporaryDirectory(prefix="effect-", dir=root) as room:
        dataset = dataset_of(asked, str(scenario), Workspace(root), Path(room))
        told = estimated(asked, dataset, treatment, on, days, most)
    if as_json:
        show_json(told)
    else:
        _show(told)


def _show(told: dict[str, Any]) -> None:
    from swayrec.commands.table import text_table

    click.echo(
        f"{told['treatment']} on {', '.join(told['targets'])} within {told['days']:g} days: {told['units']:,} units of "
        f"{told['users']:,} users, {told['treated']:,} treated; {told['share_treated']:.3%} of these and "
        f"{told['share_untreated']:.3%} of the others took the item. In percentage points:"
    )
    columns = ("estimate", "of", "points", "low 95 %", "high 95 %")
    rows = [
        (title, when, *(100 * told[part][name][value] for value in ("mean", "low", "high")))
        for part, when in (("effect", "the days after"), ("placebo", "the days before"))
        for name, title in ROWS.items()
    ]
    click.echo(text_table(columns, rows))
    found = told["effect"]
    click.echo(
        f"Overlap: {found['outside_overlap']:.1%} of the units were all but sure to be treated or not to be; weighted, "
        f"the treated count as much as {found['effective_treated']:,.0f} units, the others as "
        f"{found['effective_untreated']:,.0f}."
    )
    click.echo(
        "The placebo holds 0: nothing speaks against the assumptions."
        if told["placebo_holds"]
        else "The placebo does not hold 0: read the estimates as correlations."
    )
    click.echo("They are effects if this holds:")
    for sentence in told["assumptions"]:
        click.echo(f"- {sentence}")
