"""Beyond accuracy: how much of the catalogue is shown, how evenly, how novel, how varied and how popular lists are."""

from collections.abc import Callable

import numpy as np
from scipy import stats

from swayrec.evaluation.bootstrap import Bootstrap, Estimate
from swayrec.evaluation.metrics import CategoryDiversity, LongTail, Novelty, Popularity, discount, gini
from swayrec.operations.monitoring.judged_lists import JudgedLists
from swayrec.operations.monitoring.outcomes import K

BLOCKS = 32
"""Blocks of users, of which each is left out once: coverage and Gini are no means, and resampling would shrink them."""

DRAWS = 400


def variety(lists: JudgedLists) -> dict[str, Estimate]:
    """The numbers of the lists of a window, with 95 % intervals over groups of users; without those that have no value.

    ``coverage`` and ``gini`` of exposure are of all lists together; the mean of a list are ``novelty`` (bits),
    ``diversity`` (pairs of different categories), ``long_tail`` (share of items outside of the popular ones) and
    ``popularity`` (1 = as popular as what people had before).
    """
    known = lists.known
    found = together(lists)
    values: dict[str, np.ndarray] = {}
    if lists.category.names:
        values["diversity"] = CategoryDiversity(lists.category.member, K)(lists.ranked)
    if known.any():
        values["novelty"] = Novelty(known, lists.among, K)(lists.ranked)
        values["long_tail"] = LongTail(known, K)(lists.ranked)
        values["popularity"] = Popularity(known, K)(lists.ranked) * known.sum() / (known**2).sum()
    for name, value in values.items():
        told = ~np.isnan(value)
        if told.any():
            found[name] = of_ratio(np.where(told, value, 0.0), told.astype(np.float64), lists.g)
    return found


def of_ratio(above: np.ndarray, below: np.ndarray, groups: np.ndarray) -> Estimate:
    """The sum of ``above`` float64[n] over that of ``below``, whole ``groups`` int64[n] of users resampled."""
    bootstrap = Bootstrap(DRAWS)
    samples = bootstrap.samples(np.column_stack([above, below]), groups)
    # Clipped: a resample may miss all of the few groups that have any.
    ratio = samples[:, 0] / np.maximum(samples[:, 1], 1e-300)
    return bootstrap.estimate(float(above.sum() / below.sum()), ratio)


def together(lists: JudgedLists) -> dict[str, Estimate]:
    """Coverage of the catalogue and the Gini coefficient of exposure, by the jackknife that leaves out blocks of users
    (Shao and Wu, Annals of Statistics 17, 1989).
    """
    row, place = np.nonzero(lists.ranked >= 0)
    if not len(row):
        return {}
    item, worth = lists.ranked[row, place], discount(place + 1)
    items, column = np.unique(item, return_inverse=True)
    by_block = np.zeros((BLOCKS, len(items)))
    np.add.at(by_block, (lists.g[row] % BLOCKS, column), worth)
    unseen = np.zeros(lists.items - len(items))
    measures: dict[str, Callable[[np.ndarray], float]] = {
        "coverage": lambda exposure: float((exposure > 0).sum() / lists.items),
        "gini": lambda exposure: gini(np.concatenate([unseen, exposure])),
    }
    counts = np.zeros((BLOCKS, len(items)), np.int64)
    np.add.at(counts, (lists.g[row] % BLOCKS, column), 1)
    blocks = np.flatnonzero(counts.any(1))
    whole, times = by_block.sum(0), counts.sum(0)
    found = {}
    for name, measure in measures.items():
        value = measure(whole)
        # What no list shows any more is 0, not what is left of a difference.
        without = [measure(np.where(times > counts[block], whole - by_block[block], 0.0)) for block in blocks]
        found[name] = _jackknifed(value, np.array(without))
    return found


def _jackknifed(value: float, without: np.ndarray) -> Estimate:
    """A number between 0 and 1 with the interval that its values ``without`` a block each give."""
    count = len(without)
    if count < 2 or np.isnan(without).any():
        return Estimate(value, 0.0, 1.0)
    error = float(np.sqrt((count - 1) / count * ((without - without.mean()) ** 2).sum()))
    reach = float(stats.t.ppf(0.975, count - 1)) * error
    return Estimate(value, max(value - reach, 0.0), min(value + reach, 1.0))
