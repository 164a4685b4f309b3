"""New tables for the model that is served, from all that is known now: no search, no evaluation, no new version."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from serving import posted_export
from swayrec.learning.exports import newest
from swayrec.learning.signature import Metadata
from swayrec.operations import embedding, fingerprint
from swayrec.operations.current import Current
from swayrec.operations.lock import locked
from swayrec.operations.workspace import Workspace
from swayrec.tables import scenario as scenarios
from swayrec.tables.dataset import Dataset
from swayrec.tables.errors import InputError
from swayrec.tables.ingest import ingest
from swayrec.tables.scenario import Scenario

_KEPT = 2
"""Datasets of refreshes that stay: the newest, and the one that somebody may be reading."""


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did; ``export`` is the number of the newest export, ``changed`` whether this one made it."""

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
        asked = _scenario(current.scenario)
        former = newest(current.model)
        shape = Metadata.read(former)
        _fits(asked, current.scenario, shape)
        posted = posted_export.export(workspace, asked.name)
        raw = fingerprint.raw(asked, current.scenario, posted)
        made_of = fingerprint.made_of(fingerprint.code(), raw, until)
        if shape.data == made_of:
            seconds = time.perf_counter() - start
            return Refreshed(current.version, int(former.name), False, current.dataset, seconds)
        heavy()
        from swayrec.learning.learned import Learned
        from swayrec.operations import retabling

        text = Learned.text_of(former)
        asked = asked.model_copy(update={"text": text})
        folder = workspace.refreshed / asked.name / str(int(time.time()))
        dataset = Dataset(current.dataset)
        if dataset.made_of != made_of:
            end = datetime.fromisoformat(until) if until else None
            dataset = ingest(
                asked,
                str(current.scenario),
                folder / "dataset",
                until=end,
                now=datetime.now(UTC),
                posted=None if posted is None else posted.folder,
                made_of=made_of,
            )
        say("ingest", f"{dataset.report()['events']:,} events")
        vectors = folder / "vectors"
        embedding.embed(
            asked,
            str(current.scenario),
            dataset,
            workspace.text_cache,
            vectors,
            lambda line: say("embed", line),
        )
        made = retabling.retabled(asked, dataset, vectors, current.model, lambda line: say("tables", line))
        _publish(workspace, asked, dataset, vectors, lambda line: say("publish", line))
        retabling.prune(current.model)
        # Another champion may have been named meanwhile: that one serves on, with these data.
        replace(Current.read(workspace), dataset=dataset.folder).write(workspace)
        _prune(folder.parent, dataset.folder)
    return Refreshed(current.version, int(made.name), True, dataset.folder, time.perf_counter() - start)


def _scenario(path: Path) -> Scenario:
    if not path.exists():
        raise InputError(
            f"{path}: the scenario file that the newest training was made with is gone; put it back, or train "
            "with another: `swayrec train SCENARIO`"
        )
    return scenarios.load(path)


def _fits(scenario: Scenario, path: Path, shape: Metadata) -> None:
    """Refuses a scenario that is not the one that a model's weights speak of."""
    for what, now, then in (
        ("behaviors", scenario.behavior_names, shape.behaviors),
        ("targets", scenario.targets, shape.targets),
    ):
        if now != then:
            raise InputError(
                f"{path}: the {what} are {', '.join(now)}, but the model that is served was trained on "
                f"{', '.join(then)}; run `swayrec train {path}` for one that knows them"
            )


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
