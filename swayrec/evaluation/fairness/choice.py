"""Exposure of choice: how much of what there is a group of users gets to see."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from swayrec.evaluation.bootstrap import Bootstrap
from swayrec.evaluation.fairness.against_the_rest import MINIMUM, against_the_rest
from swayrec.evaluation.fairness.contrasts import Contrasts
from swayrec.evaluation.fairness.groups import Groups
from swayrec.evaluation.fairness.shown import Shown
from swayrec.tables.log import distinct


@dataclass(frozen=True)
class Choice:
    """The share of ``of`` items (or categories) that ``among`` users of a group are shown together.

    ``coverage`` holds it for every group against the rest. ``shown`` counts the different ones that all users of a
    group are shown, which grows with the group and compares nothing.
    """

    of: int
    among: int
    coverage: Contrasts
    shown: Mapping[str, int]


def choice_gaps(
    shown: Shown,
    of: int,
    groups: Groups,
    *,
    minimum: int = MINIMUM,
    bootstrap: Bootstrap | None = None,
) -> Choice:
    """Each group's coverage minus that of all other users, both at the same number of users.

    A larger group is shown more different items just by being larger, so either side is brought to half the
    minimum of users by rarefaction: the mean number of different items over all draws of that many users without
    replacement, sum over items of 1 - C(n - n_i, m) / C(n, m), where n_i of n users were shown item i (Hurlbert,
    Ecology 52, 1971; Colwell, Mao and Chang, Ecology 85, 2004). One value a user comes from leaving each user out
    (jackknife pseudo-values): resampling users shows fewer different items and would be off.

    Args:
        shown: what was shown to whom; ``item`` may number categories as well.
        of: how many items (categories) there are.
        groups: of all users.
        minimum: users of a group and of its rest.
        bootstrap: the resamples; by default 2,000 with seed 0.
    """
    among = max(minimum // 2, 1)
    pairs = distinct(shown.user * of + shown.item)
    user, item = pairs // of, pairs % of
    start = np.searchsorted(user, np.arange(len(groups.member) + 1))

    def values(some: np.ndarray) -> np.ndarray:
        sizes = start[some + 1] - start[some]
        owner = np.repeat(np.arange(len(some)), sizes)
        mine = item[np.repeat(start[some] - (np.cumsum(sizes) - sizes), sizes) + np.arange(len(owner))]
        return _jackknife(owner, mine, len(some), of, among) / of

    coverage = against_the_rest(distinct(user), groups, values, minimum, bootstrap or Bootstrap())
    met = distinct(groups.member[user] * of + item)
    counts = np.bincount(met[met >= 0] // of, minlength=len(groups.names))
    return Choice(of, among, coverage, dict(zip(groups.names, counts.tolist(), strict=True)))


def _jackknife(owner: np.ndarray, item: np.ndarray, users: int, of: int, among: int) -> np.ndarray:
    """float64[users]: pseudo-values of the number of different items that ``among`` of these users are shown."""
    seen = np.bincount(item, minlength=of)
    whole = float(_met(users, seen, among).sum())
    without = _met(users - 1, seen, among)
    loss = without - _met(users - 1, np.maximum(seen - 1, 0), among)
    lost = np.bincount(owner, loss[item], users)
    # users * whole - (users - 1) * (what is left), written so that no digits cancel: the mean is `whole`.
    return whole + (users - 1) * (lost - lost.mean())


def _met(users: int, seen: np.ndarray, among: int) -> np.ndarray:
    """float64[items]: the probability that ``among`` of ``users`` hold at least one of the ``seen`` int[items]."""
    missed = np.ones(len(seen))
    for draw in range(among):
        missed *= np.maximum(users - seen - draw, 0) / (users - draw)
    return 1 - missed
