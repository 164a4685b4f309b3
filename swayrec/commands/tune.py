"""`swayrec tune`: hyper-parameter search over the space that a scenario declares."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from swayrec.commands import options

if TYPE_CHECKING:
    from swayrec.operations.tuning.judged import Judged
    from swayrec.operations.tuning.study import Found
    from swayrec.operations.workspace import Workspace


@click.command()
@click.argument("scenario", metavar="SCENARIO")
@options.workspace
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    show_default=True,
    help="No trial begins after them.",
)
@click.option("--trials", type=click.IntRange(min=1), help="At most so many (default: as time allows).")
@click.option("--seed", type=int, default=0, show_default=True, help="Of what is drawn.")
@click.option(
    "--at",
    "asked",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Judge this setting alone, and print validation_ndcg=N; one for each field.",
)
@click.option("--dataset", metavar="PLACE", help="What a step ingest left: a folder, or s3://BUCKET/KEY.")
@click.option("--vectors", metavar="PLACE", help="What a step embed left, likewise.")
@click.option(
    "--katib",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the same search as an Experiment of Katib, and search nothing here.",
)
@click.option("--image", default="swayrec:latest", show_default=True, help="Of the Experiment's trials.")
@options.as_json
def tune(
    scenario: str,
    root: Path,
    minutes: float,
    trials: int | None,
    seed: int,
    asked: tuple[str, ...],
    dataset: str | None,
    vectors: str | None,
    katib: Path | None,
    image: str,
    as_json: bool,
) -> None:
    """Search for better settings of a scenario on its validation part; the test part is never looked at.

    Without --dataset and --vectors the data are read as a training reads them, once. A search that was stopped goes on
    where it stopped.
    """
    from swayrec.operations.workspace import Workspace
    from swayrec.tables import scenario as scenarios

    if (dataset is None) != (vectors is None):
        raise click.UsageError("--dataset and --vectors belong together")
    loaded = scenarios.load(scenario)
    if katib is not None:
        _write_katib(katib, loaded, scenario, dataset, vectors, image, seed, trials or 60)
        return
    setting = dict(_pair(each) for each in asked)
    workspace = Workspace(root.resolve()).make()
    judged = _judged(workspace, loaded, scenario, dataset, vectors)
    if setting:
        click.echo(f"validation_ndcg={judged.whole(setting, _say).validation:.6f}")
        return
    from swayrec.operations.tuning.study import search

    storage = workspace.tuning / f"{loaded.name}.db"
    _show(search(judged, storage, minutes=minutes, trials=trials, seed=seed, say=_say), as_json)


def _say(line: str) -> None:
    click.echo(line, err=True)


def _pair(text: str) -> tuple[str, Any]:
    field, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is no FIELD=VALUE", param_hint="--at")
    try:
        return field, json.loads(value)
    except json.JSONDecodeError:
        return field, value


def _judged(
    workspace: "Workspace", scenario: Any, name: str, dataset: str | None, vectors: str | None
) -> "Judged":
    from swayrec.operations.reading_in import VECTORS, read_in
    from swayrec.operations.tuning.judged import Judged
    from swayrec.tables import objects
    from swayrec.tables.dataset import Dataset

    if dataset is not None and vectors is not None:
        return Judged(scenario, name, Dataset(objects.at_hand(dataset)), objects.at_hand(vectors))
    folder = workspace.tuning / scenario.name
    made = read_in(scenario, name, folder, workspace.text_cache, _say)
    return Judged(scenario, name, made, folder / VECTORS)


def _show(found: "Found", as_json: bool) -> None:
    from dataclasses import asdict

    from swayrec.commands.table import show, show_json

    if as_json:
        show_json(asdict(found))
        return
    rows = [(field, json.dumps(found.own[field]), json.dumps(value)) for field, value in found.best.items()]
    show(("field", "the scenario's own", "best found"), rows, as_json=False)
    click.echo(
        f"NDCG@10 on validation: {found.validation:.4f}, with the scenario's own setting {found.own_validation:.4f}; "
        f"{found.tried} settings judged, {found.pruned} given up early, {found.failed} could not be learned."
    )
    if found.best != found.own:
        click.echo(
            "Write the values into the scenario, and train; the best of many on validation flatters itself."
        )


def _write_katib(
    path: Path,
    scenario: Any,
    name: str,
    dataset: str | None,
    vectors: str | None,
    image: str,
    seed: int,
    trials: int,
) -> None:
    import yaml

    from swayrec.operations.tuning.katib import experiment

    if dataset is None or vectors is None:
        raise click.UsageError("--katib needs --dataset and --vectors: where every trial reads them")
    inputs = {"dataset": dataset, "vectors": vectors}
    made = experiment(scenario, name, inputs, image=image, seed=seed, trials=trials)
    path.write_text(yaml.safe_dump(made, sort_keys=False), encoding="utf-8")
    click.echo(f"{path}: kubectl apply -f it; {trials} trials over {len(scenario.search)} fields")
