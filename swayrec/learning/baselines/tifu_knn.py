"""TIFU-kNN: what this user takes again and again, mixed with what alike users do."""

import itertools
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from scipy import sparse

from swayrec.learning.baselines.baseline import Baseline, Moments
from swayrec.learning.catalogue import Catalogue
from swayrec.tables.log import Log, joined
from swayrec.tables.scenario import Scenario

SIZES = (3, 7)
WITHIN = (0.9, 1.0)
BETWEEN = (0.7, 0.9, 0.95)
NEIGHBORS = (100, 300)
OWN = (0.5, 0.8)


@dataclass
class TIFUKNN(Baseline):
    """Temporal item frequency with nearest users (Hu and others, SIGIR 2020).

    A user's baskets (instants) fall into groups of ``size``, counted from the newest. Within a group a
    basket weighs ``within`` to the power of how many newer ones the group holds, divided by ``size``; a group
    weighs ``between`` to the power of how many newer groups there are, divided by their number. The user's
    vector is the sum of the baskets so weighed. Score = ``own`` x that vector + (1 - ``own``) x the mean of
    the vectors of the ``neighbors`` users who are nearest to it by Euclidean distance, of all other users as
    they stand at the end of the log.

    The oldest group of a user, which may hold fewer baskets, is divided by ``size`` too: the paper's formula.
    """

    size: int = SIZES[0]
    within: float = WITHIN[0]
    between: float = BETWEEN[0]
    neighbors: int = NEIGHBORS[0]
    own: float = OWN[0]
    title: ClassVar[str] = "TIFU-kNN"

    @classmethod
    def grid(cls, log: Log, scenario: Scenario) -> tuple[Self, ...]:
        """Every size of groups, both decays, number of neighbors and share of one's own."""
        return tuple(cls(*setting) for setting in itertools.product(SIZES, WITHIN, BETWEEN, NEIGHBORS, OWN))

    @classmethod
    def unfit_because(cls, log: Log, scenario: Scenario, items: Catalogue | None = None) -> str | None:
        """It lists what was taken before, and must know which basket came first."""
        if not scenario.repeats:
            return "people do not take the same thing again, which is what it lists"
        return None if log.has_order else "the log has no order, so no basket is older than another"

    def fit(self, log: Log, scenario: Scenario, items: Catalogue | None = None) -> Self:
        """Numbers every user's baskets; vectors are made when they are asked for."""
        self._log = log
        first, basket = log.instants()
        start = np.searchsorted(log.user[first], np.arange(len(log.users)))
        self._basket = basket - start[log.user]
        # An item lies in a basket or it does not: one event stands for all.
        self._stands = np.zeros(len(log), bool)
        self._stands[np.unique(basket * len(log.items) + log.item, return_index=True)[1]] = True
        self._everyone: dict[tuple[int, float, float], sparse.csr_matrix] = {}
        return self

    def vectors(self, users: np.ndarray, before: np.ndarray) -> sparse.csr_matrix:
        """float32[len(users), I]: the vectors of ``users`` int[U] before their orders ``before`` int64[U]."""
        log = self._log
        start, stop = log.spans(users, before)
        row, event = joined(start, stop)
        row, event = row[self._stands[event]], event[self._stands[event]]
        newest = np.zeros(len(users), np.int64)
        newest[stop > start] = self._basket[stop[stop > start] - 1]
        age = newest[row] - self._basket[event]
        groups = newest // self.size + 1
        weight = self.within ** (age % self.size) * self.between ** (age // self.size)
        weight /= self.size * groups[row]
        shape = (len(users), len(log.items))
        return sparse.csr_matrix((weight.astype(np.float32), (row, log.item[event])), shape)

    def scores(self, moments: Moments, rows: slice) -> np.ndarray:
        """The mix of the user's vector and the neighbors' mean."""
        users = moments.users[rows]
        asked = self.vectors(users, moments.before[rows])
        others = self._others()
        length = np.asarray(others.multiply(others).sum(1), np.float32).ravel()
        # The asked one's own length is the same for all and moves nobody.
        distance = length - 2 * (asked @ others.T).toarray()
        alive = np.diff(others.indptr) > 0
        distance[:, ~alive] = np.inf
        distance[np.arange(len(users)), users] = np.inf
        width = min(self.neighbors, int(alive.sum()) - 1)
        mixed = self.own * asked
        if width > 0:
            near = np.argpartition(distance, width - 1, axis=1)[:, :width]
            ends = np.arange(0, near.size + 1, width)
            share = np.full(near.size, (1 - self.own) / width, np.float32)
            mean = sparse.csr_matrix((share, near.ravel(), ends), distance.shape)
            mixed = mixed + mean @ others
        return np.asarray(mixed.toarray(), np.float32)

    def _others(self) -> sparse.csr_matrix:
        key = (self.size, self.within, self.between)
        if key not in self._everyone:
            everyone = np.arange(len(self._log.users))
            self._everyone[key] = self.vectors(everyone, np.full(len(everyone), np.iinfo(np.int64).max))
        return self._everyone[key]

    @property
    def catalogue(self) -> int:
        """I, the number of items."""
        return len(self._log.items)
