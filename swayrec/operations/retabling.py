"""New tables under the weights of the model that is served: another export of the same version."""

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from swayrec.learning.export import export
from swayrec.learning.exports import newest
from swayrec.learning.learned import Learned
from swayrec.learning.signature import Metadata
from swayrec.learning.tables import item_tables
from swayrec.operations.training.stages import Items, served_log
from swayrec.tables.dataset import Dataset
from swayrec.tables.scenario import Scenario

KEPT = 3
"""Newest exports that stay, beside the one that the training left."""


def retabled(
    scenario: Scenario, dataset: Dataset, vectors: Path, model: Path, say: Callable[[str], None]
) -> Path:
    """Exports the newest model of a folder anew: what it learned, unchanged, over the tables of a dataset.

    Args:
        scenario: gives neighbors, penalties and weeks of the tables, and which items may be recommended.
        dataset: what the tables are made of.
        vectors: of its items' texts, by the language model of the exported one.
        model: the model folder.
        say: told of progress.

    Returns:
        The new version folder.

    Raises:
        InputError: there is no model, or what it learned cannot be read.
    """
    former = newest(model)
    shape = Metadata.read(former)
    start = time.perf_counter()
    log = served_log(scenario, dataset)
    catalogue = Items.read(scenario, dataset, vectors).of(log)
    learned = Learned.load(former, catalogue)
    tables = item_tables(log, log.end, learned.layout, scenario.influence, catalogue, alike=True)
    say(f"tables of {len(log.items):,} items in {time.perf_counter() - start:.1f} s")
    metadata = replace(
        shape,
        version=max(int(time.time()), shape.version + 1),
        until=None if np.isnan(log.end) else log.end,
        posted=dataset.posted_upto,
        data=dataset.made_of,
    )
    start = time.perf_counter()
    made = export(learned.served(tables, metadata), model, learned)
    say(f"exported in {time.perf_counter() - start:.1f} s")
    return made


def prune(model: Path, keep: int = KEPT) -> None:
    """Removes a model folder's exports but the training's own and the newest, and what killed ones left behind."""
    numbers = sorted(int(folder.name) for folder in model.iterdir() if folder.name.isdecimal())
    for number in numbers[1:-keep]:
        shutil.rmtree(model / str(number))
    for half in model.glob(".*.half"):
        shutil.rmtree(half)
