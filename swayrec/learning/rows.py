"""Training rows: the candidates of every choice with their raw columns, batch by batch, and their sums."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from swayrec.learning.catalogue import Catalogue
from swayrec.learning.choices import Level, levels
from swayrec.learning.contenders import contenders, gone, with_anywhere
from swayrec.learning.everyone import Everyone
from swayrec.learning.influence import NormalEquations
from swayrec.learning.layout import Layout
from swayrec.learning.past import Past, to_past
from swayrec.learning.picking import plain_weights, rough_weights
from swayrec.learning.row_sums import RowSums
from swayrec.learning.scoring import Scoring
from swayrec.learning.tables import item_tables
from swayrec.learning.weighing import Weighing
from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario

GROUPS = 512
"""Groups of users whose sums are kept apart for intervals; a user is always in one group."""

CELLS = 8_000_000
"""Numbers in a batch, about: bounds memory."""


@dataclass(frozen=True)
class Batch:
    """Rows of some choices: candidates int32[B, M] (-1 = none), features float32[B, M, d], y float32[B, M].

    ``user`` int64[B], ``weight`` float64[B]; ``past`` the histories behind them.
    """

    user: np.ndarray
    past: Past
    candidates: np.ndarray
    features: tf.Tensor
    y: np.ndarray
    weight: np.ndarray


def batches(
    level: Level,
    scoring: Scoring,
    scenario: Scenario,
    *,
    choose: np.ndarray | None = None,
    everyone: Everyone | None = None,
    also: Weighing | None = None,
) -> Iterator[Batch]:
    """The rows of a level's choices (or of ``choose`` of them), short histories first to pad little.

    ``everyone``: the events that are counted as of each choice's own instant; None = as the tables have them.
    ``also``: other weights than the scoring's, by which half of the best candidates are picked.

    Candidates: those that the choices bring; else the best of the catalogue by the weights that ``scoring`` holds, then
    the best that the user never took, then some from anywhere; where people do not repeat, nothing they had. What was
    taken from outside the candidates gives no row: forced in among much better ones it would teach that a good score is
    a bad sign (measured on groceries: NDCG .290 with, .313 without).
    """
    settings = scenario.influence.choices
    index = np.arange(len(level)) if choose is None else choose
    sizes = np.diff(level.known.offsets())[level.users[index]]
    index = index[np.argsort(sizes, kind="stable")]
    sizes = np.sort(sizes)
    per_row = settings.candidates + settings.never_taken + settings.anywhere
    if level.listed is not None:
        per_row = level.listed.width
    decays = sum(len(kernel.decays) for kernel in scoring.layout.kernels)
    cells = per_row * 200 if level.listed is None else max(per_row * 200, scoring.size)
    start = 0
    while start < len(index):
        stop = start + 1
        while stop < len(index) and (stop + 1 - start) * (sizes[stop] * decays + cells) < CELLS:
            stop += 1
        part = index[start:stop]
        start = stop
        histories = level.histories(part, scenario.model.history)
        before = to_past(histories, level.times[part])
        amounts = scoring.amounts(before)
        if level.listed is not None:
            candidates = level.listed.of(part)
        else:
            off = gone(before, scenario)
            candidates = contenders(
                before, amounts, scoring, settings.candidates, settings.never_taken, off, also
            )
            candidates = with_anywhere(candidates, before, off, settings.anywhere, scoring.size)
        y = level.labels(part, candidates)
        own = moment = None
        if level.apart:
            own = tf.zeros([*candidates.shape, scoring.types])
        elif scoring.layout.leave_own_out:
            own = scoring.own(before, tf.constant(candidates)) + _labels_by_type(level, part, candidates, y)
        if everyone is not None:
            moment = everyone.at(level.times[part], candidates, histories.item, scoring.layout.windows)
        features = scoring.features(before, tf.constant(candidates), own, amounts=amounts, moment=moment)
        yield Batch(level.users[part], before, candidates, features, y, level.weight[part])


def _labels_by_type(level: Level, part: np.ndarray, candidates: np.ndarray, y: np.ndarray) -> np.ndarray:
    """float32[B, M, T]: the held-out events themselves, which everyone's counts still hold."""
    log = level.tables_log
    held = np.zeros((*candidates.shape, len(log.behaviors)), np.float32)
    offsets = log.offsets()
    for row, choice in enumerate(part):
        events = slice(offsets[level.users[choice]], offsets[level.users[choice] + 1])
        taken = np.flatnonzero(y[row])
        place = {int(candidates[row, column]): column for column in taken}
        for item, behavior in zip(log.item[events], log.behavior[events], strict=True):
            if log.behaviors[behavior] in level.targets and int(item) in place:
                held[row, place[int(item)], behavior] += 1
    return held


@dataclass(frozen=True)
class Sums:
    """What a pass over the rows leaves: sums by group of users, and the totals of uncentered columns.

    ``groups`` NormalEquations[G, ...] of features and labels centered within the choice; ``total``
    float64[d], the weighted sum of uncentered columns; ``choices`` and ``rows``, how many there were.
    """

    groups: NormalEquations
    total: np.ndarray
    choices: int
    rows: int

    @classmethod
    def none(cls, layout: Layout, groups: int) -> "Sums":
        """Before anything is added."""
        return cls(NormalEquations.zeros(layout.size, groups), np.zeros(layout.size), 0, 0)

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.groups + other.groups,
            self.total + other.total,
            self.choices + other.choices,
            self.rows + other.rows,
        )

    def with_level(
        self,
        level: Level,
        scoring: Scoring,
        scenario: Scenario,
        first: int = 0,
        choose: np.ndarray | None = None,
        everyone: Everyone | None = None,
    ) -> "Sums":
        """These sums with the choices of a level (or of ``choose`` of them), ``everyone`` as in :func:`batches`.

        ``first`` is the number of the level's first user in the whole log, where it is one of a part.
        """
        total, rows, groups = self.total, self.rows, RowSums(scoring.layout.size, len(self.groups.n))
        for batch in batches(level, scoring, scenario, choose=choose, everyone=everyone):
            total = total + _add(batch, (batch.user + first) % len(self.groups.n), groups)
            rows += int((batch.candidates >= 0).sum())
        choices = self.choices + (len(level) if choose is None else len(choose))
        return Sums(self.groups + groups.sums(), total, choices, rows)


def everyone_of(log: Log, scenario: Scenario, catalogue: Catalogue) -> Everyone | None:
    """The events that choices and cases count at their own instants, where the scenario has them do so."""
    return Everyone(log, catalogue.written) if scenario.each_instant and log.has_clock else None


def groups_of(users: int) -> int:
    """How many groups the users of a log are put into."""
    return min(GROUPS, max(users, 1))


def sums(
    log: Log,
    now: float,
    scenario: Scenario,
    layout: Layout,
    catalogue: Catalogue,
    progress: Callable[[str], None] = lambda line: None,
    choose: Callable[[Level], np.ndarray] | None = None,
) -> Sums:
    """The sums over all levels of a log that every form and ridge is solved from, of the last of the scenario's passes.

    ``choose`` gives the choices of a level that count, int64; None = all of them.

    Raises:
        ValueError: the log has no choice to learn from.
    """
    everyone = everyone_of(log, scenario, catalogue)

    def once(picked_by: np.ndarray | None, number: int) -> Sums:
        found, told = Sums.none(layout, groups_of(len(log.users))), f"pass {number}, " if number > 1 else ""
        for place, level in enumerate(levels(log, now, scenario), 1):
            chosen = None if choose is None else choose(level)
            if chosen is not None and not len(chosen):
                continue
            tables = item_tables(level.tables_log, level.now, layout, scenario.influence, catalogue)
            scoring = Scoring(tables, layout)
            scoring.set_weights(plain_weights(scoring, level, scenario) if picked_by is None else picked_by)
            found = found.with_level(level, scoring, scenario, choose=chosen, everyone=everyone)
            progress(f"{told}level {place}: {len(level) if chosen is None else len(chosen):,} choices")
        return found

    return in_passes(once, layout, scenario)


def in_passes(once: Callable[[np.ndarray | None, int], Sums], layout: Layout, scenario: Scenario) -> Sums:
    """The sums of the last of the scenario's passes.

    Args:
        once: one pass over all levels, told of the weights float[d] that pick the candidates (None = each level's
            plain ones) and of its number, from 1.
        layout: the columns.
        scenario: says how many passes there are.

    Raises:
        ValueError: the log has no choice to learn from.
    """
    found = once(None, 1)
    # Every pass is over the same choices.
    if not found.choices:
        raise ValueError("there is no choice to learn from: nobody has both a past and a later target event")
    for number in range(2, scenario.influence.choices.passes + 1):
        found = once(rough_weights(found.groups, layout, scenario), number)
    return found


def _add(batch: Batch, group: np.ndarray, groups: RowSums) -> np.ndarray:
    """Adds a batch, features and labels centered within each choice; the sum of its uncentered columns."""
    real = batch.candidates >= 0
    count = np.maximum(real.sum(1), 1)
    f = batch.features.numpy() * real[:, :, None]
    y = batch.y * real
    mean = f.sum(1, dtype=np.float64) / count[:, None]
    total: np.ndarray = batch.weight @ (mean * count[:, None])
    f = np.where(real[:, :, None], f - mean[:, None, :].astype(np.float32), 0)
    y = np.where(real, y - (y.sum(1) / count)[:, None], 0)
    groups.add(group, f, y, batch.weight, real.sum(1))
    return total
