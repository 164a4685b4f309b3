"""New tables for the model that is served, from all that is known now: no search, no evaluation, no new version."""

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from serving import posted_export
from swayrec.learning.exports import newest
from swayrec.learning.signature import Metadata
from swayrec.operations import embedding, experiment, fingerprint
from swayrec.operations.asked import asked, fits
from swayrec.operations.current import Current
from swayrec.operations.lock import locked
from swayrec.operations.workspace import Workspace
from swayrec.tables import objects
from swayrec.tables.dataset import Dataset
from swayrec.tables.ingest import ingest
from swayrec.tables.posted import Posted
from swayrec.tables.scenario import Scenario

_KEPT = 2
"""Datasets of refreshes that stay: the newest, and the one that somebody may be reading."""


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did.

    ``version`` is the registry's that serves, ``export`` the number of its newest export, ``changed`` whether any was
    made: of it, or of the other side of an experiment.
    """

    version: int
    export: int
    changed: bool
    dataset: Path
    seconds: float


def refresh(
    workspace: Workspace,
    until: str = "",
    say: Callable[[str, str], None] = lambda part, line: None,
    heavy: Callable[[], None] = lambda: None,
) -> Refreshed:
    """Ingests anew, publishes features anew, and exports the served model's weights over new tables.

    A predictor that runs takes the new export up by itself. Where nothing has changed since the newest one was
    made, all stays as it is.

    Args:
        workspace: with a finished training.
        until: ISO 8601 time; events at or after it are ignored. Empty = all events.
        say: told the part of the work and how it goes on.
        heavy: called before TensorFlow and Feast are imported, which takes seconds: once there is work to do.

    Raises:
        InputError: nothing is trained, the scenario or its data are gone or wrong, its behaviors changed since
            the training, what was learned cannot be read, or a training is at work in the workspace.
    """
    start = time.perf_counter()
    workspace = Workspace(workspace.root.resolve())
    Current.read(workspace)
    with locked(workspace):
        current = Current.read(workspace)
        scenario = asked(current)
        models = _models(workspace, current)
        for model in models:
            fits(scenario, current.scenario, Metadata.read(newest(model)))
        posted = posted_export.export(workspace, scenario.name)
        raw = fingerprint.raw(scenario, current.scenario, posted)
        made_of = fingerprint.made_of(fingerprint.code(), raw, until)
        stale = [model for model in models if Metadata.read(newest(model)).data != made_of]
        if stale:
            heavy()
            _renew(workspace, scenario, current, stale, until, posted, made_of, say)
        export, dataset = int(newest(current.model).name), Current.read(workspace).dataset
    return Refreshed(current.version, export, bool(stale), dataset, time.perf_counter() - start)


def _models(workspace: Workspace, current: Current) -> list[Path]:
    """The folders of what answers: the champion, and the other side of an experiment, which is to know as much."""
    running = experiment.read(workspace)
    return [current.model] if running is None else [current.model, Path(running.model)]


def _renew(
    workspace: Workspace,
    scenario: Scenario,
    current: Current,
    stale: Sequence[Path],
    until: str,
    posted: Posted | None,
    made_of: str | None,
    say: Callable[[str, str], None],
) -> None:
    """New exports of the stale models, features and current.json, of one new dataset."""
    from swayrec.learning.learned import Learned
    from swayrec.operations import retabling

    folder = workspace.refreshed / scenario.name / str(int(time.time()))
    dataset = Dataset(current.dataset)
    if dataset.made_of != made_of:
        dataset = ingest(
            scenario,
            str(current.scenario),
            folder / "dataset",
            until=datetime.fromisoformat(until) if until else None,
            now=datetime.now(UTC),
            posted=None if posted is None else posted.folder,
            made_of=made_of,
        )
    say("ingest", f"{dataset.report()['events']:,} events")
    for model in dict.fromkeys([current.model, *stale]):
        # Texts are read as the model learned to, whatever the scenario says by now.
        read = scenario.model_copy(update={"text": Learned.text_of(newest(model))})
        vectors = folder / f"vectors-{newest(model).name}"
        embedding.embed(
            read,
            str(current.scenario),
            dataset,
            workspace.text_cache,
            vectors,
            lambda line: say("embed", line),
        )
        if model in stale:
            retabling.retabled(read, dataset, vectors, model, lambda line: say("tables", line))
            retabling.prune(model)
            home = objects.origin(model, workspace.registry_fetched)
            if home is not None:
                # A predictor that starts from now on takes it from there.
                objects.match(model, home)
        if model == current.model:
            _publish(workspace, read, dataset, vectors, lambda line: say("publish", line))
    # Another champion may have been named meanwhile: that one serves on, with these data.
    replace(Current.read(workspace), dataset=dataset.folder).write(workspace)
    _prune(folder.parent, dataset.folder)


def _publish(
    workspace: Workspace, scenario: Scenario, dataset: Dataset, vectors: Path, say: Callable[[str], None]
) -> None:
    from feature_repo.publication import Publication
    from feature_repo.publish import publish
    from swayrec.learning.vectors import Vectors

    if Publication.of(workspace.features / scenario.name, dataset) is None:
        texts = Vectors.load(vectors) if scenario.text else None
        publish(dataset, scenario, workspace.features, texts, say=say)


def _prune(folder: Path, current: Path) -> None:
    """Removes all datasets of refreshes but the newest, and what killed ones left behind."""
    numbered = sorted(
        (each for each in folder.iterdir() if each.name.isdecimal()), key=lambda each: int(each.name)
    )
    for each in folder.iterdir():
        if each not in numbered[-_KEPT:] and each not in current.parents:
            shutil.rmtree(each)
