"""The sums that influence is solved from, made part by part of the users: on this machine or on many."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from swayrec.learning.catalogue import Catalogue
from swayrec.learning.choices import Level, every_level
from swayrec.learning.item_sums import ItemSums
from swayrec.learning.layout import Layout
from swayrec.learning.picking import plain_weights
from swayrec.learning.rows import Sums, batches, groups_of, in_passes
from swayrec.learning.scoring import Scoring
from swayrec.learning.tables import ItemTables, item_tables
from swayrec.tables.errors import InputError
from swayrec.tables.log import Log
from swayrec.tables.log_parts import PartOfUsers
from swayrec.tables.scenario import Scenario

Over = Callable[[Callable[[PartOfUsers], Any], Sequence[PartOfUsers]], Iterable[Any]]
"""How a task is done for every part: ``map`` here, :class:`swayrec.learning.spark_parts.SparkParts` on Spark."""


@dataclass(frozen=True)
class Whole:
    """What every part must know of all of the log: the catalogue, the instant after it, and what is asked."""

    items: tuple[str, ...]
    now: float
    users: int
    scenario: Scenario
    layout: Layout

    def log(self, part: PartOfUsers) -> Log:
        """A part's events over the whole catalogue."""
        return part.log(self.items, self.scenario.behavior_names, self.scenario.model.period)

    def level(self, part: PartOfUsers, number: int) -> Level | None:
        """A part's choices of one level; None where the log has no such level."""
        made = every_level(self.log(part), self.now, self.scenario)
        return next((level for place, level in enumerate(made) if place == number), None)


@dataclass(frozen=True)
class OfItems:
    """A task: the sums of a part that similarities are made of."""

    whole: Whole

    def __call__(self, part: PartOfUsers) -> ItemSums:
        """The part's own."""
        return ItemSums.of(self.whole.log(part))


@dataclass(frozen=True)
class OfLevel:
    """A task: the sums of a part's choices of one level, whose item tables are made from all of the log.

    ``weights`` float64[d] pick the candidates, also those of :class:`RowsOfLevel`.
    """

    whole: Whole
    number: int
    tables: ItemTables
    weights: np.ndarray

    def __call__(self, part: PartOfUsers) -> Sums:
        """The part's own."""
        found = Sums.none(self.whole.layout, groups_of(self.whole.users))
        level = self.whole.level(part, self.number)
        if level is None or not len(level):
            return found
        scoring = Scoring(self.tables, self.whole.layout, self.weights)
        return found.with_level(level, scoring, self.whole.scenario, part.first)


@dataclass(frozen=True)
class RowsOfLevel:
    """A task: the rows themselves, as (user's number, candidate, label, columns float32[rows, d]) a real row."""

    whole: Whole
    number: int
    tables: ItemTables
    weights: np.ndarray

    def __call__(self, part: PartOfUsers) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The part's own, by user and candidate."""
        level = self.whole.level(part, self.number)
        found: list[tuple[np.ndarray, ...]] = []
        size = self.whole.layout.size
        if level is not None and len(level):
            scoring = Scoring(self.tables, self.whole.layout, self.weights)
            for batch in batches(level, scoring, self.whole.scenario):
                row, column = np.nonzero(batch.candidates >= 0)
                found.append(
                    (
                        batch.user[row] + part.first,
                        batch.candidates[row, column],
                        batch.y[row, column],
                        batch.features.numpy()[row, column],
                    )
                )
        empty = (np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))
        parts = list(zip(*[(*empty, np.zeros((0, size), np.float32)), *found], strict=True))
        user, candidate, y, columns = (np.concatenate(each) for each in parts)
        order = np.lexsort((candidate, user))
        return user[order], candidate[order], y[order], columns[order]


def item_sums(whole: Whole, parts: Sequence[PartOfUsers], over: Over = map) -> ItemSums:
    """The sums of all parts; at least one part is needed."""
    return reduce(add, over(OfItems(whole), parts))


def sums_by_parts(
    whole: Whole, log: Log, parts: Sequence[PartOfUsers], catalogue: Catalogue, over: Over = map
) -> Sums:
    """As :func:`swayrec.learning.rows.sums`, the rows of each part computed by itself.

    Args:
        whole: of the log.
        log: all of it, for the item tables of each level: numbers alone, 30 bytes an event.
        parts: of its users.
        catalogue: what else is known of its items.
        over: what does a task for every part.

    Raises:
        InputError: everyone's events are counted at each instant.
        ValueError: the log has no choice to learn from.
    """
    if whole.scenario.each_instant:
        raise InputError(
            f"scenario {whole.scenario.name}: everyone's events are counted at each instant, which a part of the "
            "users does not hold; train on one machine"
        )
    influence = whole.scenario.influence

    def once(picked_by: np.ndarray | None, number: int) -> Sums:
        found = Sums.none(whole.layout, groups_of(whole.users))
        for place, level in enumerate(every_level(log, whole.now, whole.scenario)):
            if not len(level):
                continue
            tables = item_tables(level.tables_log, level.now, whole.layout, influence, catalogue)
            weights = picked_by
            if weights is None:
                weights = plain_weights(Scoring(tables, whole.layout), level, whole.scenario)
            found = reduce(add, over(OfLevel(whole, place, tables, weights), parts), found)
        return found

    return in_passes(once, whole.layout, whole.scenario)
