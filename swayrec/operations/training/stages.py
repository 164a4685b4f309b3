"""A log to fit on and what its items are; and the one that is served: all events, over what may be recommended."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from swayrec.learning.catalogue import Catalogue
from swayrec.learning.vectors import Vectors
from swayrec.tables.dataset import Dataset
from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario


@dataclass(frozen=True)
class Stage:
    """A log to fit on, the instant after it in epoch seconds (NaN without a clock), and what its items are."""

    name: str
    log: Log
    now: float
    catalogue: Catalogue


class Items:
    """What a dataset and the vectors of its texts (None = there are none) say of items."""

    def __init__(self, dataset: Dataset, vectors: Vectors | None) -> None:
        items = dataset.items()
        ids = items["item_id"].to_pylist()
        self._category = dict(zip(ids, items["category"].to_pylist(), strict=True))
        created = pc.cast(items["created_at"], pa.int64()).to_pylist()
        self._created = {
            item: micros / 1e6 for item, micros in zip(ids, created, strict=True) if micros is not None
        }
        self._vectors = vectors

    @classmethod
    def read(cls, scenario: Scenario, dataset: Dataset, vectors: Path | None) -> "Items":
        """From the folder that `embed` wrote; None, or a scenario without texts = no vectors."""
        stored = Vectors.load(vectors) if scenario.text is not None and vectors is not None else None
        return cls(dataset, stored)

    def of(self, log: Log) -> Catalogue:
        """The catalogue of a log's items."""
        vectors = None if self._vectors is None else self._vectors.of(log.items)
        written = np.array([self._created.get(item, np.nan) for item in log.items], np.float64)
        return Catalogue([self._category.get(item) for item in log.items], vectors, written)


def served_log(scenario: Scenario, dataset: Dataset, known: Log | None = None) -> Log:
    """All events, over the items that have enough of them and those that somebody posted.

    Who posts an item wants it to be recommended, before anything has happened to it. ``known`` is the dataset's
    own log, where it is at hand.
    """
    posted = dataset.posted_items()
    log = known if known is not None and not len(posted) else dataset.log(scenario, posted.to_pylist())
    count = np.bincount(log.item[log.is_behavior(scenario.targets)], minlength=len(log.items))
    wanted = pc.is_in(pa.array(log.items, pa.string()), value_set=posted.combine_chunks())
    return log.only_items((count >= scenario.minimum.item_events) | wanted.to_numpy(zero_copy_only=False))
